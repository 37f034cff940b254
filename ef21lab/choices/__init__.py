"""Choices: words in two languages, a frozen and checked setting, and how the members of a family are found."""
