"""Wire formats: requests to bodies, bytes to events. Pure: no network, no clock, no disk."""
