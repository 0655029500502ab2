"""What ``kit doctor`` finds out about configuration, keys and network."""

from __future__ import annotations

import os
import shutil
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from kit.dataclass import dataclass
from kit.errors import AuthError, ConfigError, KitError, RejectedError
from kit.providers.config.checking import address_trouble, findings
from kit.providers.config.choosing import choose, filled
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Config, Profile, load
from kit.providers.credentials import keys
from kit.providers.credentials.keys import Patience
from kit.providers.transport import proxies

ONLINE = 10.0  # seconds for a list of models
_PROXY = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
_SCHEMES = ("http", "https", "socks5", "socks5h", "socks4")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: what it is, what was found, what to do about it. ``exit`` is
    what ``kit ask`` would end with."""

    status: Literal["ok", "warn", "fail"]
    name: str
    found: str
    todo: str = ""
    exit: int = 2


def configuration(path: Path, environ: Mapping[str, str]) -> Iterator[Check]:
    """The file itself: every error and warning, else how many profiles it has."""
    found = findings(path, environ)
    for each in found:
        status: Literal["warn", "fail"] = "fail" if each.kind == "error" else "warn"
        yield Check(status, "config", each.text, each.hint or "kit config check")
    if found:
        return
    if path.exists():
        yield Check("ok", "config", f"{path}, profiles: {len(load(path).profiles)}")
    else:
        yield Check("ok", "config", f"{path} is not there yet, which is fine")


def readable(path: Path) -> Config:
    """The configuration, or an empty one where it cannot be read."""
    try:
        return load(path)
    except ConfigError:
        return Config(path)


def answering(
    config: Config, environ: Mapping[str, str], *, local_installed: Callable[[], bool]
) -> Check:
    """Who answers when nobody is named."""
    try:
        choice = choose(config, environ=environ, local_installed=local_installed)
    except KitError as error:
        status: Literal["warn", "fail"] = "warn" if isinstance(error, AuthError) else "fail"
        return Check(status, "default", error.message, error.hint, error.code)
    return Check("ok", "default", choice.note or f"{choice.profile.name} answers")


def keyring(config: Config, patience: Patience) -> Check:
    """The system's keyring: it answers in time. Whether one is needed, the profiles say."""
    needed = any(profile.key == "keyring" for profile in config.profiles.values())
    try:
        return Check("ok", "keyring", keys.backend(patience))
    except AuthError as error:
        return Check("fail" if needed else "warn", "keyring", error.message, error.hint, error.code)


def profile_key(profile: Profile, environ: Mapping[str, str], patience: Patience) -> Check:
    """Where a profile's key comes from, and that its address can be one. A command for a key is
    looked for and not run."""
    name = f"profile {profile.name}"
    if (trouble := address_trouble(profile, environ)) and trouble.kind == "error":
        return Check("fail", name, trouble.text, trouble.hint)
    whole = filled(profile, environ)
    place = whole.base_url or whole.api
    if _is_run(whole, environ):
        return _command(name, place, whole.key_command[0], environ)
    try:
        found = keys.find(whole, PRESETS.get(whole.provider), environ, patience)
    except KitError as error:
        return Check("fail", name, f"{place}: {error.message}", error.hint, error.code)
    tail = f" …{found.secret.tail}" if found.secret and found.secret.tail else ""
    key = f"key from {found.source}{tail}" if found.secret else "no key is needed"
    status: Literal["ok", "warn"] = "warn" if found.note else "ok"
    return Check(status, name, found.note or f"{place}, {key}", "kit doctor" if found.note else "")


def _is_run(profile: Profile, environ: Mapping[str, str]) -> bool:
    from kit.providers.config.profiles import key_variable

    return (
        bool(profile.key_command)
        and not profile.key
        and not environ.get(key_variable(profile.name))
    )


def _command(name: str, place: str, command: str, environ: Mapping[str, str]) -> Check:
    if shutil.which(command, path=environ.get("PATH")) is None:
        return Check("fail", name, f"key_command {command} is not there", "install it", 3)
    return Check("ok", name, f"{place}, key from key_command {command} (not run now)")


def proxy(environ: Mapping[str, str]) -> Iterator[Check]:
    """What the variables say, without the password that may stand in them."""
    for name in _PROXY:
        value = environ.get(name.lower()) or environ.get(name) or ""
        if not value:
            continue
        if name == "NO_PROXY":
            yield Check("ok", "proxy", f"NO_PROXY: {value}")
        elif (shown := _proxy(value)) is not None:
            yield Check("ok", "proxy", f"{name}: {shown}")
        else:
            yield Check("fail", "proxy", f"{name} holds no address of a proxy",
                        "write it like http://host:3128, or unset it")  # fmt: skip


def _proxy(value: str) -> str | None:
    """The proxy's address to look at; None when it is none."""
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        valid = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return proxies.named(url) if valid else None


def certificates(environ: Mapping[str, str]) -> Check:
    """Whom TLS trusts: the variables must name what is there and can be read."""
    file, folder = environ.get("SSL_CERT_FILE", ""), environ.get("SSL_CERT_DIR", "")
    if file:
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cafile=file)
        except (OSError, ValueError):
            return Check("fail", "certificates", f"SSL_CERT_FILE: {file} holds no certificates",
                         "name a PEM file, or unset it", 5)  # fmt: skip
        return Check("ok", "certificates", f"SSL_CERT_FILE: {file}")
    if folder and not os.path.isdir(folder):
        return Check("fail", "certificates", f"SSL_CERT_DIR: there is no folder {folder}",
                     "correct or unset it", 5)  # fmt: skip
    return Check("ok", "certificates", f"SSL_CERT_DIR: {folder}" if folder else "the system's own")


async def online(profile: Profile, environ: Mapping[str, str]) -> Check:
    """One list of models: the host is there, TLS works, the key is taken."""
    from kit.providers import open_provider  # brings the HTTP layer

    name = f"online {profile.name}"
    began = time.monotonic()
    try:
        whole = replace(filled(profile, environ), timeout=min(profile.timeout, ONLINE))
        found = keys.find(whole, PRESETS.get(whole.provider), environ)
        provider = open_provider(whole, found.secret, source=found.source, retries=0)
        models = getattr(provider, "models", None)
        if models is None:
            return Check("ok", name, f"{whole.api} needs no network")
        try:
            listed = await models()
        finally:
            await provider.aclose()  # type: ignore[attr-defined]  # who lists models is an Endpoint
    except RejectedError as error:
        if error.http_status in (404, 405, 501):
            return Check("ok", name, "it answers, but lists no models")
        return Check("fail", name, error.message, error.hint, error.code)
    except KitError as error:
        return Check("fail", name, error.message, error.hint, error.code)
    return Check("ok", name, f"{len(listed)} models, {time.monotonic() - began:.1f} s")
