"""Functions and arrays of a program as parts of a run: they have no name in JSON, so such a run has no key, no link and no record."""
