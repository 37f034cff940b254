"""The experiment page: contenders that race on one problem, and what is taken home."""
