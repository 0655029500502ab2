"""Where a request goes: a base URL as people write it, joined with a dialect's path. Pure."""

from __future__ import annotations

from urllib.parse import SplitResult, quote, urlsplit, urlunsplit

from kit.errors import ConfigError
from kit.providers.transport.proxies import is_loopback

PORTS = {"http": 80, "https": 443}
UNESCAPED = "/%:@!$&'()*+,;=?~"
AZURE_HOSTS = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")


def checked(base_url: str, *, insecure: bool) -> str:
    """``base_url`` itself. ConfigError: no http(s), a password in it, plain http to a far host."""
    parts = _split(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(
            f"base_url {_shown(parts)!r} is not an http or https address",
            hint="write it like https://host/v1",
        )
    if "@" in parts.netloc:
        raise ConfigError(
            "base_url holds a user name or a password",
            hint="remove it; store the key with: kit key set NAME",
        )
    if parts.scheme == "http" and not insecure and not is_loopback(parts.hostname):
        raise ConfigError(
            f"base_url sends prompts to {parts.hostname} over plain http",
            hint="use https, or allow it with --insecure-http",
        )
    return base_url


def host(url: str) -> str:
    """``name`` or ``name:port`` of a URL: what messages call a server."""
    return _split(url).netloc.rpartition("@")[2]


def join(base_url: str, path: str, *, exact: bool = False, api_version: str = "") -> str:
    """The URL of ``path`` (``/chat/completions``, ``/v1/messages``) below ``base_url``.

    A slash or a ``/v1`` at its end is welcome and never doubled, a bare host gets ``/v1`` (unless
    ``exact``), a base that already ends in the path stays, its own query is kept. ``api_version``
    becomes ``?api-version=`` unless the base has one.
    """
    parts = _split(base_url)
    base = parts.path.rstrip("/")
    if not base.endswith(path.removeprefix("/v1")):
        base = _below(base, path, parts.hostname or "", exact=exact)
    query = parts.query
    if api_version and "api-version=" not in query:
        query = "&".join(filter(None, (query, f"api-version={api_version}")))
    return urlunsplit((parts.scheme, parts.netloc, base, query, ""))


def server(url: str) -> tuple[str, int, bool]:
    """Name, port and whether TLS is spoken there."""
    parts = _split(url)
    secure = parts.scheme == "https"
    return parts.hostname or "", parts.port or PORTS[parts.scheme], secure


def parted(url: str) -> tuple[str, str]:
    """What the ``Host`` header says of a URL, and its target: path and query, escaped."""
    parts = _split(url)
    name = parts.hostname or ""
    try:
        name = f"[{name}]" if ":" in name else name.encode("idna").decode()
    except UnicodeError as error:
        raise ConfigError("base_url is not an address", hint="like https://host/v1") from error
    port = f":{parts.port}" if parts.port not in (None, PORTS[parts.scheme]) else ""
    query = f"?{quote(parts.query, safe=UNESCAPED)}" if parts.query else ""
    return name + port, (quote(parts.path, safe=UNESCAPED) or "/") + query


def is_deployment(base_url: str) -> bool:
    """An Azure address of the old kind, which cannot be used without an ``api-version``."""
    return "/deployments/" in _split(base_url).path


def _below(base: str, path: str, name: str, *, exact: bool) -> str:
    if path.startswith("/v1/"):
        return base.removesuffix("/v1") + path
    if not base and name.endswith(AZURE_HOSTS):
        return f"/openai/v1{path}"
    return f"{base}{path}" if base or exact else f"/v1{path}"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        _ = parts.port  # reading it is what finds a bad port
    except ValueError as error:
        raise ConfigError("base_url is not an address", hint="like https://host/v1") from error
    return parts


def _shown(parts: SplitResult) -> str:
    """The address without what may be secret in it."""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")).rpartition("@")[2]
