"""Which URLs ``http:HOST`` allows, and which addresses: pure, no name is looked up here.

HOST is a name, a name with everything below it (``*.example.org``), an address, each with a port if
it is another than the usual one. https is spoken, unless HOST begins with ``http://`` or is this
machine itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TypeAlias
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.tools import plain
from kit.patterns.tools.ability import ToolFault

Address: TypeAlias = IPv4Address | IPv6Address
PORTS = {"https": 443, "http": 80}
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Rule:
    """``host`` in lower case, without brackets; ``below``: what stands below it is allowed too, and
    it itself is not. ``port`` None: the usual ones."""

    host: str
    port: int | None = None
    below: bool = False
    insecure: bool = False

    @property
    def shown(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = f":{self.port}" if self.port else ""
        return f"{'http://' if self.insecure else ''}{'*.' if self.below else ''}{host}{port}"

    def allows(self, target: Target) -> bool:
        named = target.host.endswith(f".{self.host}") if self.below else target.host == self.host
        port = self.port or PORTS[target.scheme]
        return named and target.port == port and (target.scheme == "https" or self._plain)

    def reaches(self, address: Address) -> bool:
        """Whether a connection may go there: to all the world, or to what the user named itself."""
        if (literal := _literal(self.host)) and not self.below:
            return address == literal
        if _is_here(self.host) and not self.below:
            return address.is_loopback
        return _is_public(address)

    @property
    def _plain(self) -> bool:
        literal = _literal(self.host)
        return self.insecure or _is_here(self.host) or bool(literal and literal.is_loopback)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, and put together again from what was understood of it."""

    scheme: str
    host: str
    port: int
    path: str
    query: str

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return urlunsplit((self.scheme, host + port, self.path or "/", self.query, ""))


def rule(text: str) -> Rule:
    """The rule that ``http:TEXT`` gives; UsageError for what is no host."""
    scheme, mark, rest = text.rpartition("://")
    below = rest.startswith("*.")
    parts = _split(f"//{rest.removeprefix('*.')}")
    if parts is None or not parts.hostname or _extra(parts) or scheme not in ("", "http", "https"):
        raise UsageError(
            f"-t http:{text} names no host",
            hint="like http:example.org, http:*.example.org or http:localhost:8080",
        )
    if mark and scheme == "https":
        mark = ""
    return Rule(_host(parts.hostname), parts.port, below, bool(mark))


def target(text: str, base: str = "") -> Target:
    """The URL, relative to ``base`` where it is; ToolFault for what is not http(s)."""
    parts = _split(urljoin(base, text) if base else text)
    if parts is None or any(each in text for each in "\\ \t\r\n") or not text.isprintable():
        raise ToolFault(f"{plain.name(text)} is no URL")
    if parts.scheme not in PORTS or not parts.hostname:
        raise ToolFault(f"{plain.name(text)} is no http or https URL")
    if "@" in parts.netloc:
        raise ToolFault("a URL with a user name or a password is not fetched")
    port = parts.port or PORTS[parts.scheme]
    return Target(parts.scheme, _host(parts.hostname), port, parts.path, parts.query)


def ruled(rules: Iterable[Rule], wanted: Target) -> Rule:
    """The rule that allows it; ToolFault when none does."""
    every = list(rules)
    for each in every:
        if each.allows(wanted):
            return each
    hosts = ", ".join(each.shown for each in every)
    raise ToolFault(f"{plain.name(wanted.url)} is not allowed: only {hosts}, over https")


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # reading it is what finds a bad port
    except ValueError:
        return None
    return parts


def _extra(parts: SplitResult) -> bool:
    return bool(parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc)


def _host(name: str) -> str:
    """As it is compared: in lower case and ASCII, without the dot at its end."""
    bare = name.rstrip(".").lower()
    if bare.isascii():
        return bare
    try:
        return bare.encode("idna").decode()
    except UnicodeError as error:
        raise ToolFault(f"{plain.name(name)} is no name of a host") from error


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_here(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")


def _is_public(address: Address) -> bool:
    """Neither of this machine, nor of its network, nor one in which such an address is wrapped."""
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        wrapped = address.ipv4_mapped or address.sixtofour
        if wrapped:
            return _is_public(wrapped)
        if address.teredo or address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved)
