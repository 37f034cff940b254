"""Values as words: what a number looks like wherever the lab reads one."""

from __future__ import annotations

NUMBER = r"[+-]?(?:[0-9]++(?:\.[0-9]*+)?+|\.[0-9]++)(?:[eE][+-]?[0-9]++)?+"  # in files, tables, addresses and commands; never backtracks
