"""Runs as jobs: the record of them, the engine that computes them, and the lab that owns both."""
