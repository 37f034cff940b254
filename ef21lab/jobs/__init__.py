"""The record of runs, the engine that computes them, and the lab that owns both."""
