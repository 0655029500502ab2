"""Where a key comes from; the only file that imports keyring."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from kit.dataclass import dataclass
from kit.errors import AuthError, KitError, UsageError
from kit.providers.config.presets import Preset, auth_for, owns
from kit.providers.config.profiles import Profile, key_variable
from kit.providers.config.settings import is_profile_name
from kit.providers.credentials.origins import is_local, origin
from kit.providers.credentials.patience import bounded
from kit.providers.credentials.secret import Secret
from kit.providers.credentials.sources import cleaned, from_command, from_file, from_variable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

__all__ = ["Found", "Patience", "Secret", "backend", "delete", "find", "needs_key", "store"]

SERVICE = "kit"
KEYRING = 3.0  # seconds
T = TypeVar("T")

_silent = threading.Event()  # it did not answer once: nobody waits for it a second time


@dataclass(frozen=True, slots=True)
class Found:
    """``source``: the name of a variable, ``file:PATH``, key_command, keyring, or none. ``note``:
    one sentence when the profile's own source failed and another one stood in."""

    secret: Secret | None
    source: str
    note: str = ""


@dataclass(slots=True)
class Patience:
    """Seconds that the keyring may still take: for one look-up, or for several that share it."""

    left: float = KEYRING


def find(
    profile: Profile,
    preset: Preset | None,
    environ: Mapping[str, str],
    patience: Patience | None = None,
) -> Found:
    """The key of a resolved profile, in the contract's order: ``KIT_KEY_<PROFILE>``, what the
    profile's ``key`` or ``key_command`` names, the host's usual variable (only when the address
    is the host's own), the keyring. A secret of None: none is needed.

    AuthError when one is needed and there is none, or when a source that the profile names does
    not work; only where it names the keyring may the usual variable stand in.
    """
    if auth_for(preset, profile) == "none":
        return Found(None, "none")
    variable = key_variable(profile.name)
    if secret := from_variable(variable, environ):
        return Found(secret, variable)
    patience = patience or Patience()
    if profile.key == "keyring":
        kept, trouble = _kept(profile.name, patience)
        found = kept or _usual(profile, preset, environ, trouble)
    else:
        found, trouble = _named(profile, environ) or _usual(profile, preset, environ), None
        if found is None and not needs_key(profile, preset):
            found = Found(None, "none")
        if found is None:
            found, trouble = _kept(profile.name, patience)
    if found is None:
        raise _missing(profile, preset, environ, trouble) from trouble
    return found


def needs_key(profile: Profile, preset: Preset | None) -> bool:
    """A far host wants a key unless its preset says otherwise; one on this machine need not."""
    if ":" in profile.api or is_local(profile.base_url):
        return False
    return preset is None or preset.needs_key


def store(name: str, text: str) -> None:
    """Keep a profile's key in the OS keyring. AuthError when it cannot, or it is no key."""
    _check_name(name)
    secret = cleaned(text, "the input")
    if secret is None:
        raise AuthError("the key is empty", hint=f"kit key set {name}")
    _ask(name, lambda ring: ring.set_password(SERVICE, name, secret.reveal()))


def delete(name: str) -> bool:
    """Remove a profile's key from the OS keyring; False when it had none."""
    _check_name(name)

    def remove(ring: KeyringBackend) -> bool:
        if ring.get_password(SERVICE, name) is None:
            return False
        ring.delete_password(SERVICE, name)
        return True

    return _ask(name, remove)


def backend(patience: Patience) -> str:
    """The name of the keyring that is in use, once it has answered. AuthError as in ``find``."""

    def name(ring: KeyringBackend) -> str:
        ring.get_password(SERVICE, "doctor")
        return f"{type(ring).__module__}.{type(ring).__name__}".removeprefix("keyring.backends.")

    return _ask("NAME", name, patience)


# --- the order ----------------------------------------------------------------------------------
def _named(profile: Profile, environ: Mapping[str, str]) -> Found | None:
    """What the profile names itself; the keyring is looked at elsewhere."""
    kind, _, place = profile.key.partition(":")
    if kind == "none":
        return Found(None, "none")
    if kind == "file":
        return Found(from_file(place), profile.key)
    if kind == "env":
        secret = from_variable(place, environ)
        if secret is None:
            raise AuthError(
                f"profile {profile.name!r} takes its key from {place}, which is not set",
                hint=f"set {place}, or: kit profile set {profile.name} key=keyring",
            )
        return Found(secret, place)
    if profile.key_command and not kind:
        return Found(from_command(profile.key_command, environ), "key_command")
    return None


def _usual(
    profile: Profile,
    preset: Preset | None,
    environ: Mapping[str, str],
    trouble: AuthError | None = None,
) -> Found | None:
    if preset is None or not owns(preset, profile.base_url):
        return None
    for name in preset.key_env:
        if secret := from_variable(name, environ):
            why = trouble.message if trouble else "the keyring has no key for this profile"
            return Found(secret, name, f"{why}: {name} is used" if profile.key == "keyring" else "")
    return None


def _kept(name: str, patience: Patience) -> tuple[Found | None, AuthError | None]:
    """What the keyring has, and why it has nothing."""
    try:
        text = _ask(name, lambda ring: ring.get_password(SERVICE, name), patience)
    except AuthError as error:
        return None, error
    secret = cleaned(text or "", "the keyring")
    return (Found(secret, "keyring") if secret else None), None


def _missing(
    profile: Profile, preset: Preset | None, environ: Mapping[str, str], trouble: AuthError | None
) -> AuthError:
    own = preset is not None and owns(preset, profile.base_url)
    usual = preset.key_env if preset else ()
    names = usual if own and usual else (key_variable(profile.name),)
    ways = [f"set {' or '.join(names)}"]
    if trouble is None:
        ways.append(f"or store it with: kit key set {profile.name}")
    elif trouble.hint:
        own_alone = names == (key_variable(profile.name),)  # which the hint names as well
        ways = [trouble.hint] if own_alone else [*ways, f"or {trouble.hint}"]
    if preset is None:
        ways.append(f"or, if it takes no key: kit profile set {profile.name} key=none")
    held = next((name for name in usual if environ.get(name)), "")
    if preset and held and not own:
        ways.append(f"{held} stays here: {_place(profile.base_url)} is not {preset.name}'s own")
    message = f"no key was found for profile {profile.name!r}"
    why = f": {trouble.message}" if trouble else ""
    return AuthError(message + why, hint="; ".join(ways))


def _place(base_url: str) -> str:
    try:
        return origin(base_url)[1]
    except ValueError:
        return "this address"


def _check_name(name: str) -> None:
    """A NUL in it would cut the connection to the Secret Service."""
    if not is_profile_name(name):
        raise UsageError(f"{name!r} cannot be the name of a profile")


# --- the keyring --------------------------------------------------------------------------------
def _ask(name: str, action: Callable[[KeyringBackend], T], patience: Patience | None = None) -> T:
    """Do something with the keyring; AuthError says which of its many troubles it has."""
    variable = key_variable(name)
    patience = patience or Patience()
    if _silent.is_set() or patience.left <= 0:
        raise _no_answer(variable)
    began = time.monotonic()
    try:
        return bounded(lambda: action(_ring(variable)), patience.left)
    except KitError:  # also StoppedError: a signal while it was waited for
        raise
    except TimeoutError as error:
        _silent.set()
        raise _no_answer(variable) from error
    except Exception as error:  # a backend raises whatever its system does
        raise _explained(error, variable) from error
    finally:
        patience.left -= time.monotonic() - began


def _ring(variable: str) -> KeyringBackend:
    """The system's keyring. AuthError when there is none, or only one that keeps clear text and
    that the user did not ask for by name."""
    ring = _backend()
    from keyring.backends import fail, null

    if isinstance(ring, null.Keyring):
        raise AuthError("the keyring is switched off", hint=f"set {variable}")
    if isinstance(ring, fail.Keyring):
        raise _no_keyring(variable, list(_clear_text()))
    if ring.priority < 1 and not os.environ.get("PYTHON_KEYRING_BACKEND"):
        raise _no_keyring(variable, [type(ring).__module__])
    return ring


@cache
def _backend() -> KeyringBackend:
    """The one that keyring takes when it may choose only among those it recommends."""
    import keyring.core  # 0.1 s, and as much again for the search of backends

    if not os.environ.get("PYTHON_KEYRING_BACKEND"):
        keyring.core.init_backend(limit=keyring.core.recommended)
    return keyring.core.get_keyring()


def _clear_text() -> Iterator[str]:
    """Backends that would work, and would keep keys in the clear."""
    from keyring import backend
    from keyring.backends import chainer

    for ring in backend.get_all_keyring():
        if 0 < ring.priority < 1 and not isinstance(ring, chainer.ChainerBackend):
            yield type(ring).__module__


def _no_keyring(variable: str, clear: list[str]) -> AuthError:
    ways = f'set {variable}, or give the profile key = "file:PATH" or a key_command'
    if clear:
        return AuthError(
            f"the only keyring here ({clear[0]}) keeps keys in clear text, and is not used",
            hint=f"{ways}; or name it in PYTHON_KEYRING_BACKEND",
        )
    return AuthError("this system has no keyring", hint=ways)


def _no_answer(variable: str) -> AuthError:
    return AuthError(
        f"the keyring did not answer within {KEYRING:g} s",
        hint=f"set {variable}, or restart the keyring service",
    )


def _explained(error: Exception, variable: str) -> AuthError:
    """Never with the backend's own words: they may hold what was to be stored."""
    from keyring import errors

    if isinstance(error, errors.NoKeyringError):
        return _no_keyring(variable, [])
    if isinstance(error, errors.KeyringLocked):
        return AuthError("the keyring is locked", hint=f"unlock it, or set {variable}")
    if isinstance(error, errors.InitError):
        return AuthError(
            "the keyring could not be opened (nobody could be asked for its password)",
            hint=f"unlock it in a desktop session, or set {variable}",
        )
    if isinstance(error, ImportError | AttributeError) and os.environ.get("PYTHON_KEYRING_BACKEND"):
        return AuthError(
            "PYTHON_KEYRING_BACKEND names a keyring that cannot be loaded",
            hint=f"correct or unset it, or set {variable}",
        )
    kind = type(error).__name__
    return AuthError(f"the keyring does not work ({kind})", hint=f"set {variable}, or: kit doctor")
