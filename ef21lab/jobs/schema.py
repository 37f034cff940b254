"""The tables of the record of runs, and the way to them from every earlier version.

A run's columns are named inside its blobs (see blobs), so a record that gains a column needs no step here; a table that changes does.
"""

from __future__ import annotations

VERSION = 4

# Every order that finished runs are listed in has an index with all that they are filtered by, so that a million of them are never read
# row by row; the index `old` is the order of eviction, `going` is small, and what is searched for words is FTS5's.
TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    key TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL, reason_en TEXT, reason_ru TEXT,
    round INTEGER NOT NULL, rounds INTEGER NOT NULL, created REAL NOT NULL, touched REAL NOT NULL, checkpoint BLOB
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS old ON runs (touched, state);
CREATE INDEX IF NOT EXISTS going ON runs (state) WHERE state IN ('queued', 'running', 'paused');
CREATE TABLE IF NOT EXISTS chunks (key TEXT NOT NULL, first_round INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (key, first_round));
CREATE TABLE IF NOT EXISTS snapshots (key TEXT NOT NULL, round INTEGER NOT NULL, blob BLOB NOT NULL, PRIMARY KEY (key, round));
CREATE TABLE IF NOT EXISTS points (key TEXT PRIMARY KEY, blob BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS facts (key TEXT PRIMARY KEY, blob BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS set_aside (key TEXT NOT NULL, spec TEXT, state TEXT, round INTEGER, why TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS catalogue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, dataset TEXT NOT NULL, method TEXT NOT NULL, compressor TEXT NOT NULL,
    finished REAL NOT NULL, loss REAL NOT NULL, grad_norm_sq REAL NOT NULL, bits_up REAL NOT NULL, rounds INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS by_finished ON catalogue (finished, id, dataset, method, compressor, grad_norm_sq, bits_up);
CREATE INDEX IF NOT EXISTS by_grad_norm_sq ON catalogue (grad_norm_sq, id, dataset, method, compressor, finished, bits_up);
CREATE INDEX IF NOT EXISTS by_bits_up ON catalogue (bits_up, id, dataset, method, compressor, finished, grad_norm_sq);
CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (words, tokenize = "unicode61 tokenchars '_'");
CREATE TRIGGER IF NOT EXISTS uncatalogue AFTER DELETE ON catalogue BEGIN DELETE FROM search WHERE rowid = old.id; END;
CREATE TABLE IF NOT EXISTS uncatalogued (key TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS marks (
    owner TEXT NOT NULL, key TEXT NOT NULL, tags TEXT NOT NULL, note TEXT NOT NULL, words TEXT NOT NULL, pinned INTEGER NOT NULL,
    hidden INTEGER NOT NULL, at REAL NOT NULL, PRIMARY KEY (owner, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held ON marks (key, owner) WHERE pinned OR tags <> '[]';
"""

# From each version to the next; whatever is new and empty is in TABLES already.
MIGRATIONS: dict[int, str] = {
    1: "",  # set_aside is new: rows that cannot be understood
    2: "",  # points is new: where a run ended; those that ended before have none
    3: "INSERT OR IGNORE INTO uncatalogued SELECT key FROM runs WHERE state = 'done';",  # catalogue is new, and filled while there is time
}

COLUMNS: dict[str, frozenset[str]] = {
    "runs": frozenset({"key", "spec", "state", "reason_en", "reason_ru", "round", "rounds", "created", "touched", "checkpoint"}),
    "chunks": frozenset({"key", "first_round", "blob"}),
    "snapshots": frozenset({"key", "round", "blob"}),
    "points": frozenset({"key", "blob"}),
    "facts": frozenset({"key", "blob"}),
    "set_aside": frozenset({"key", "spec", "state", "round", "why", "at"}),
    "catalogue": frozenset({"id", "key", "dataset", "method", "compressor", "finished", "loss", "grad_norm_sq", "bits_up", "rounds"}),
    "uncatalogued": frozenset({"key"}),
    "marks": frozenset({"owner", "key", "tags", "note", "words", "pinned", "hidden", "at"}),
}
