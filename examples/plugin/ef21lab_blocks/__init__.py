"""Members for ef21lab: see the entry points in pyproject.toml."""
