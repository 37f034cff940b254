"""The pieces of the page of figures."""
