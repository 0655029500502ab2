"""Which server an address belongs to: two URLs with one origin reach the same one. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from kit.providers.transport.proxies import is_loopback

_PORTS = {"http": 80, "https": 443}


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port, in lower case. ValueError for what two readers could read in two ways
    (a backslash, a blank, a user name) and for what is not http or https."""
    if any(char.isspace() or char == "\\" or not char.isprintable() for char in url):
        raise ValueError("one with a blank, a backslash or a control character")
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme not in _PORTS or not host:
        raise ValueError("not an http or https address")
    if "@" in parts.netloc:
        raise ValueError("one with a user name or a password")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    return parts.scheme, host, port


def same(first: str, second: str) -> bool:
    try:
        return origin(first) == origin(second)
    except ValueError:
        return False


def is_local(url: str) -> bool:
    """The address never leaves this machine."""
    try:
        return is_loopback(origin(url)[1])
    except ValueError:
        return False


def lies_under(url: str, hosts: tuple[str, ...]) -> bool:
    """https on its usual port, to one of ``hosts``; a name that opens with a dot means all that
    end with it."""
    try:
        scheme, host, port = origin(url)
    except ValueError:
        return False
    below = any(host.endswith(name) if name.startswith(".") else host == name for name in hosts)
    return below and (scheme, port) == ("https", 443)
