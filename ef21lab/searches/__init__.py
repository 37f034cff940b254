"""Searches: which setting comes to ε for the least, found by successive halving instead of a whole grid."""
