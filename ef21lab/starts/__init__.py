"""Starting points, one file each."""
