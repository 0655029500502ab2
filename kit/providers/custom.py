"""Classes that users bring: found by an importable name, or by the path of their file."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.errors import ConfigError, KitError

if TYPE_CHECKING:
    from kit.providers import Provider
    from kit.providers.config.profiles import Profile
    from kit.providers.credentials.secret import Secret

FORMS = "write it as module:Class or path/to/file.py:Class"


def is_file(reference: str) -> bool:
    """``path/to/file.py:Class``, and not ``module:Class``."""
    return reference.rpartition(":")[0].endswith(".py")


def anchored(reference: str, folder: Path) -> str:
    """The reference with a relative path read from ``folder``; a name stays as it is."""
    if not is_file(reference):
        return reference
    where, _, name = reference.rpartition(":")
    return f"{folder.absolute() / Path(where).expanduser()}:{name}"


def named(reference: str) -> Any:
    """What ``module:Class`` or ``path/to/file.py:Class`` names. ConfigError when nothing does, or
    when the module fails while it is imported."""
    where, _, name = reference.rpartition(":")
    try:
        module = _from_file(Path(where)) if is_file(reference) else importlib.import_module(where)
    except (ImportError, OSError, SyntaxError) as error:
        raise ConfigError(f"api {reference!r} cannot be imported: {error}", hint=FORMS) from error
    except Exception as error:  # somebody else's code, and its text may hold what it read
        raise _broken(reference, "is imported", error) from error
    try:
        return getattr(module, name)
    except AttributeError as error:
        raise ConfigError(f"api {reference!r}: {where} has no {name}") from error


def made(reference: str, profile: Profile, secret: Secret | None) -> Provider:
    """An instance. Its constructor gets what it asks for: the Profile as ``profile`` (or as its
    one required parameter), the key's text as ``key`` ("" without one)."""
    kind = named(reference)
    try:
        parameters = inspect.signature(kind).parameters
    except (TypeError, ValueError) as error:
        raise ConfigError(f"api {reference!r} is not a class") from error
    given: dict[str, object] = {}
    if "key" in parameters:
        given["key"] = secret.reveal() if secret else ""
    rest = [each for name, each in parameters.items() if name != "key"]
    wanted = [each for each in rest if each.name == "profile" or _is_required(each)]
    given |= {each.name: profile for each in wanted[:1]}
    try:
        provider = kind(**given)
    except KitError:
        raise
    except Exception as error:  # somebody else's code, and its text may hold the key
        raise _broken(reference, "is made", error) from error
    if not callable(getattr(provider, "stream", None)):
        raise ConfigError(
            f"api {reference!r} has no method stream",
            hint="a provider is: async def stream(self, request) -> events",
        )
    return provider  # type: ignore[no-any-return]  # the protocol was just checked


def _is_required(parameter: inspect.Parameter) -> bool:
    kinds = (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    return parameter.default is parameter.empty and parameter.kind in kinds


def _broken(reference: str, when: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"api {reference!r} raises {type(error).__name__} when it {when}",
        hint="KIT_DEBUG=1 shows where",
    )


def _from_file(path: Path) -> Any:
    """A module by its path alone: the folder it lies in is not searched for others. It is loaded
    once, and known to ``sys.modules`` because dataclasses look their module up there."""
    # kit.patterns.tools.functions.loading does the same for tools: these two rooms share nothing
    # but kit's vocabulary, and a dozen lines are not worth a third thing to share.
    from hashlib import sha256  # with OpenSSL: 2 ms, for who has such a file

    path = path.expanduser().resolve()
    name = f"kit_custom_{path.stem}_{sha256(str(path).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
