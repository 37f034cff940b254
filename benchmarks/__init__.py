"""What the project claims about speed, runnable: `python -m benchmarks` for all of it, `python -m benchmarks round` for one part."""
