"""Finished runs as one page of HTML that needs no server and no network, and such a page read back."""
