"""The pieces of the page of finished runs."""
