"""Bytes over HTTP: connections, time-outs, retries, limits."""
