"""Low rank: a vector folded into a tensor, the ranks of its modes, and what is sent of it."""
