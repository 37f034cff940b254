"""Runs: what is asked for, the loop that does it, what is recorded of it, and what theorems say of it."""
