"""Figures as pure functions of what was recorded, and the colours that stay with their compressor."""
