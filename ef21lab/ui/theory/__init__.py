"""The theory page: the lines of the theorems, and how many rounds they ask for."""
