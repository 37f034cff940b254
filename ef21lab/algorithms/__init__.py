"""Distributed methods, one file each."""
