"""What every page is made of: forms, the address, language, theme."""
