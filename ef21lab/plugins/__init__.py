"""Members that other packages add: which there are, which were left out and why, and what each family promises of its members."""
