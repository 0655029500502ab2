"""Python functions as tools: what a signature and a docstring say to a model, and the call."""
