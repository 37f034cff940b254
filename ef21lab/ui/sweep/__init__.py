"""The sweep page: a grid of runs asked for, computed by the lab, and what it shows."""
