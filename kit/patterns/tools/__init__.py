"""Tools that a model may use: what they are, what they may touch, how they are named."""
