"""The way of ``kit refine`` from its flags to its exit code."""
