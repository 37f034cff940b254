"""Objectives and the problems they make, one file each."""
