"""A vote from flags to its closing line."""
