"""Markdown on a terminal while it streams: printed once, block by block."""
