"""Rules for the step size, one file each."""
