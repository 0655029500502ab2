"""What the refine pattern is made of: drafts, what judges them, how the best is revised. Pure."""
