"""Partitions of rows over nodes, one file each."""
