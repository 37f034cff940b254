"""What is measured in a round, one file for each number."""
