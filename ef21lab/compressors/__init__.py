"""Compression operators, one file each."""
