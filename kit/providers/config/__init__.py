"""Profiles: the configuration file, the hosts that are known by name, which of them answers."""
