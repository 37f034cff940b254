"""The tables of the record of runs, and the way to them from every earlier version.

A run's columns are named inside its blobs (see _blobs), so a record that gains a column needs no step here; a table that changes does.
"""

from __future__ import annotations

VERSION = 3

TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    key TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL, reason_en TEXT, reason_ru TEXT,
    round INTEGER NOT NULL, rounds INTEGER NOT NULL, created REAL NOT NULL, touched REAL NOT NULL, checkpoint BLOB
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS chunks (key TEXT NOT NULL, first_round INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (key, first_round));
CREATE TABLE IF NOT EXISTS snapshots (key TEXT NOT NULL, round INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (key, round));
CREATE TABLE IF NOT EXISTS points (key TEXT PRIMARY KEY, blob BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, blob BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS set_aside (key TEXT NOT NULL, spec TEXT, state TEXT, round INTEGER, why TEXT NOT NULL, at REAL NOT NULL);
"""

# From each version to the next; whatever is new and empty is in TABLES already.
MIGRATIONS: dict[int, str] = {
    1: "",  # set_aside is new: rows that cannot be understood
    2: "",  # points is new: where a run ended; those that ended before have none
}

COLUMNS: dict[str, frozenset[str]] = {
    "runs": frozenset({"key", "spec", "state", "reason_en", "reason_ru", "round", "rounds", "created", "touched", "checkpoint"}),
    "chunks": frozenset({"key", "first_round", "blob"}),
    "snapshots": frozenset({"key", "round", "blob"}),
    "points": frozenset({"key", "blob"}),
    "facts": frozenset({"key", "blob"}),
    "set_aside": frozenset({"key", "spec", "state", "round", "why", "at"}),
}
