"""Published figures and claims, computed again: one file each, with what is expected and what was measured."""
