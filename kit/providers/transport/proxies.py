"""Which proxy a request goes through, if any: the environment's words, loopback never."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """``localhost``, names below it and loopback addresses, IPv6 with or without brackets."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def proxy_for(url: str, env: Mapping[str, str] | None = None) -> str:
    """The proxy's URL, "" for none. ``env`` has the keys http, https, all, no; the default is what
    the environment and the system settings say at this moment."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host):
        return ""
    env = _settings() if env is None else env
    proxy = env.get(parts.scheme) or env.get("all") or ""
    if not proxy or _excepted(host, parts.port, env.get("no", "")):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _settings() -> Mapping[str, str]:
    from urllib.request import getproxies  # 10 ms: it knows the system settings of two platforms

    return getproxies()


def named(proxy: str) -> str:
    """The proxy for a message: without the user and the password that its URL may hold."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if proxy else ""


def _excepted(host: str, port: int | None, no_proxy: str) -> bool:
    return any(_matches(host, port, word.strip()) for word in no_proxy.split(","))


def _matches(host: str, port: int | None, word: str) -> bool:
    """One word of NO_PROXY as curl reads it: ``*``, a name with all below it, an address, a net."""
    name, colon, wanted_port = word.lower().partition(":")
    if colon and wanted_port.isdigit():  # example.org:8443; an IPv6 address is no such word
        return wanted_port == str(port) and _matches(host, None, name)
    if word in {"*", ""}:
        return word == "*"
    if address := _address(host):
        return _holds(word.strip("[]"), address)
    name = word.lower().removeprefix("*").strip(".")
    return host == name or host.endswith(f".{name}")


def _holds(net: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(net, strict=False)
    except ValueError:
        return False


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
