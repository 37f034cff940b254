"""The server's half of the live view: routes, event streams and what travels on them."""
