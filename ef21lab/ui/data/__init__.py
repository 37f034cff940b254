"""The data page: a dataset, its partition, and how the nodes' functions differ."""
