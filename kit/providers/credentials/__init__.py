"""Keys: where they come from, who may get them, and texts that must never hold them."""
