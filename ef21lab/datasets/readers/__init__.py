"""Readers: files of every kind become tables, and where a file is malformed it is said in which line and column."""
