"""From a profile to a provider: ``open_provider``, and what a provider is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Protocol

from kit.errors import ConfigError
from kit.events import Event, Request
from kit.providers.custom import made, named

if TYPE_CHECKING:
    from kit.providers.config.learned import Memory
    from kit.providers.config.profiles import Profile
    from kit.providers.credentials.secret import Secret


class Provider(Protocol):
    """Anything with this one method answers prompts; ``aclose()`` is called when it has one.

    ``CallSent`` comes before a request leaves, then deltas, then one ``Replied``; what goes wrong
    is raised as a KitError.
    """

    def stream(self, request: Request) -> AsyncIterator[Event]: ...


DIALECTS: Mapping[str, str] = {
    "openai-chat": "kit.providers.dialects.openai_chat:OpenAIChat",
    "openai-responses": "kit.providers.dialects.openai_responses:OpenAIResponses",
    "anthropic": "kit.providers.dialects.anthropic:Anthropic",
}
"""Wire formats behind HTTP: the class of each, imported when a profile uses it."""


def open_provider(
    profile: Profile,
    secret: Secret | None = None,
    *,
    source: str = "",
    retries: int | None = None,
    memory: Memory | None = None,
) -> Provider:
    """The provider of a resolved profile. ``source``: where the secret was found (some hosts want a
    token of one variable sent otherwise than a key of another); ``retries`` overrides the
    profile's; ``memory`` keeps what a server refused. ConfigError for an unknown ``api``."""
    if profile.api in DIALECTS:
        from kit.providers.endpoint import Endpoint  # brings the HTTP layer

        dialect = named(DIALECTS[profile.api])()
        return Endpoint(profile, dialect, secret, source=source, retries=retries, memory=memory)
    if profile.api == "fake":
        from kit.providers.fake import FakeProvider

        return FakeProvider(profile.replies, model=profile.model or "fake")
    if profile.api == "local":
        return made("kit.providers.local:LocalProvider", profile, secret)
    if ":" in profile.api:
        return made(profile.api, profile, secret)
    raise ConfigError(
        f"profile {profile.name!r}: no api is called {profile.api!r}",
        hint=f"one of {', '.join((*DIALECTS, 'fake', 'local'))}, or module:Class",
    )
