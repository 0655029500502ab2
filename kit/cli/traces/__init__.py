"""The commands of ``kit trace`` that do more than look at one run."""
