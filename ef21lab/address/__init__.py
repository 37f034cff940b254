"""Addresses are data: runs and a view ⇄ the words that a page's address holds, and what words under earlier defaults mean."""
