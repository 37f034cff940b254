"""Channels: what passes between the nodes and the master, and what it costs."""
