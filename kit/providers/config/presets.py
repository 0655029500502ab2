"""Which known host a profile means, and what that decides: address, header, quirks. Pure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kit.providers.config.hosts import PRESETS
from kit.providers.config.preset import BEARER_SINCE, Auth, Preset
from kit.providers.credentials.origins import is_local, lies_under, same
from kit.providers.dialects.wire import Quirks

if TYPE_CHECKING:
    from kit.providers.config.profiles import Profile

__all__ = [
    "APIS",
    "PRESETS",
    "Auth",
    "Preset",
    "auth_for",
    "base_url_for",
    "owns",
    "preset_of",
    "quirks_for",
    "whole_address",
]

APIS = ("openai-chat", "openai-responses", "anthropic", "fake", "local")
_NO_NETWORK = ("fake", "local")


def owns(preset: Preset, base_url: str) -> bool:
    """The address is the host's own: its usual key may be sent there. All of this machine is one
    place to a host that lives on it."""
    if not preset.base_url and not preset.hosts:
        return False
    if is_local(preset.base_url):
        return is_local(base_url)
    return same(preset.base_url, base_url) or lies_under(base_url, preset.hosts)


def preset_of(profile: Profile) -> Preset | None:
    """The host that the profile names, else the one that owns its address (never a guess about
    this machine's ports)."""
    return PRESETS.get(profile.provider) if profile.provider else _owner(profile.base_url)


@cache  # asked for the price of every single request
def _owner(base_url: str) -> Preset | None:
    far = (row for row in PRESETS.values() if not is_local(row.base_url))
    return next((row for row in far if owns(row, base_url)), None)


def base_url_for(preset: Preset, api: str) -> str:
    return preset.also.get(api, preset.base_url)


def whole_address(preset: Preset | None, base_url: str, api: str) -> tuple[str, bool]:
    """The address, and whether it is complete as it stands. The bare name of a known host means
    the address that it has."""
    if preset is None:
        return base_url, False
    parts = urlsplit(base_url.strip())
    if same(preset.base_url, base_url) and not (parts.path.strip("/") or parts.query):
        base_url = base_url_for(preset, api)
    bare = base_url.rstrip("/")
    return base_url, bare in (preset.base_url.rstrip("/"), *preset.exact)


def auth_for(preset: Preset | None, profile: Profile, variable: str = "") -> Auth:
    """How the key is sent. ``variable``: the environment variable that it came from, if any."""
    api = profile.api or (preset.api if preset else "")
    if api in _NO_NETWORK:
        return "none"
    if preset and variable in preset.bearer_env:
        return "bearer"
    if api == "anthropic":
        return "bearer" if (profile.api_version or "") >= BEARER_SINCE else "x-api-key"
    return preset.auth if preset and preset.auth == "api-key" else "bearer"


def quirks_for(preset: Preset | None, profile: Profile) -> Quirks:
    """The host's departures from the dialect that the profile speaks."""
    api = profile.api or (preset.api if preset else "")
    known = preset.quirks if preset and preset.api == api else Quirks()
    if api == "openai-responses":
        return replace(known, native_schema=preset is not None and preset.quirks.native_schema)
    if api == "anthropic":
        version = profile.api_version or known.version or "2023-06-01"
        refused = {"temperature"} if version >= BEARER_SINCE else set()  # dates compare as text
        return replace(known, version=version, dropped=known.dropped | refused)
    return known
