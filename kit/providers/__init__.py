"""From a profile to a provider: ``open_provider``, and what a provider is."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from kit.errors import ConfigError
from kit.events import Event, Request

if TYPE_CHECKING:
    from kit.providers.profiles import Profile
    from kit.providers.secret import Secret
    from kit.providers.wire import Quirks


class Provider(Protocol):
    """Anything with this one method answers prompts; ``aclose()`` is called when it has one.

    ``CallSent`` comes before a request leaves, then deltas, then one ``Replied``; what goes wrong
    is raised as a KitError.
    """

    def stream(self, request: Request) -> AsyncGenerator[Event, None]: ...


DIALECTS: Mapping[str, str] = {
    "openai-chat": "kit.providers.openai_chat:OpenAIChat",
    "openai-responses": "kit.providers.openai_responses:OpenAIResponses",
    "anthropic": "kit.providers.anthropic:Anthropic",
}
"""Wire formats behind HTTP: the class of each, imported when a profile uses it."""


def open_provider(
    profile: Profile,
    secret: Secret | None = None,
    *,
    source: str = "",
    retries: int | None = None,
    learn: Callable[[str, Quirks], None] | None = None,
) -> Provider:
    """The provider of a resolved profile. ``source``: where the secret was found (some hosts want a
    token of one variable sent otherwise than a key of another); ``retries`` overrides the
    profile's; ``learn`` is told what a server refused. ConfigError for an unknown ``api``."""
    if profile.api in DIALECTS:
        from kit.providers.endpoint import Endpoint  # brings the HTTP layer

        dialect = named(DIALECTS[profile.api])()
        return Endpoint(profile, dialect, secret, source=source, retries=retries, learn=learn)
    if profile.api == "fake":
        from kit.providers.fake import FakeProvider

        return FakeProvider(profile.replies, model=profile.model or "fake")
    if profile.api == "local":
        return _made(named("kit.providers.local:LocalProvider"), profile)
    if ":" in profile.api:
        return _made(named(profile.api), profile)
    raise ConfigError(
        f"profile {profile.name!r}: no api is called {profile.api!r}",
        hint=f"one of {', '.join((*DIALECTS, 'fake', 'local'))}, or module:Class",
    )


def named(reference: str) -> Any:
    """What ``module:Class`` or ``path/to/file.py:Class`` names. ConfigError when nothing does."""
    where, _, name = reference.rpartition(":")
    try:
        module = (
            _from_file(Path(where)) if where.endswith(".py") else importlib.import_module(where)
        )
        return getattr(module, name)
    except (ImportError, OSError, SyntaxError) as error:
        raise ConfigError(
            f"api {reference!r} cannot be imported: {error}",
            hint="write it as module:Class or path/to/file.py:Class",
        ) from error
    except AttributeError as error:
        raise ConfigError(f"api {reference!r}: {where} has no {name}") from error


def _from_file(path: Path) -> Any:
    """A module by its path alone: the folder it lies in is not searched for others."""
    path = path.expanduser().resolve()
    spec = importlib.util.spec_from_file_location(f"kit_custom_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _made(kind: Any, profile: Profile) -> Provider:
    """A custom class is given the profile when its constructor takes something, else nothing."""
    try:
        takes = bool(inspect.signature(kind).parameters)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"api {profile.api!r} is not a class") from error
    provider = kind(profile) if takes else kind()
    if not callable(getattr(provider, "stream", None)):
        raise ConfigError(
            f"api {profile.api!r} has no method stream",
            hint="a provider is: async def stream(self, request) -> events",
        )
    return provider  # type: ignore[no-any-return]  # the protocol was just checked
