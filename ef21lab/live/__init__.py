"""Live delivery: HTTP routes and the browser chart that listens to them."""
