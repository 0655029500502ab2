"""kit: one prompt, many models, an answer that a shell script can trust."""

__version__ = "0.1.0"
