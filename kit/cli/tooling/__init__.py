"""Tools on the command line: opened, approved by who sits there, shown while they work."""
