"""Sweeps: every combination of some settings, computed together, as a table, bands and the best of each."""
