"""Whom a TLS connection trusts: made once for all connections of the process."""

from __future__ import annotations

import os
import re
import ssl
from functools import cache

from kit.errors import ConfigError


@cache
def trust() -> ssl.SSLContext:
    """What SSL_CERT_FILE or SSL_CERT_DIR names, else what the system trusts: its folder of
    certificates by hash where there is one (read as needed: 0.1 s of CPU less than all at once),
    else the HTTP client library's own."""
    try:
        folder = ssl.get_default_verify_paths().openssl_capath
        named = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR")
        if named or not _hashed(folder):
            from kit.providers.transport import client  # for the few: half a short `kit ask`

            return client.trust()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(capath=folder)
        return context
    except OSError as error:
        raise ConfigError(
            "the certificates that SSL_CERT_FILE or SSL_CERT_DIR names cannot be read",
            hint="name a PEM file, or unset the variable",
        ) from error


@cache
def distrust() -> ssl.SSLContext:
    """For plain http: trusts nobody, loads nothing."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _hashed(folder: str) -> bool:
    if not os.path.isdir(folder):
        return False
    return any(re.fullmatch(r"[0-9a-f]{8}\.\d", name) for name in os.listdir(folder))
