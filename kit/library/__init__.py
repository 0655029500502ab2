"""The library's face: a pattern held with providers, its outcome as a typed result."""
