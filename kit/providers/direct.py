"""Providers made in code: an address, a key, a model; no profile, no configuration file.

Nothing is read from the environment but the proxy's address, when the first request leaves.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Literal, NoReturn, Self, SupportsIndex, TypedDict, Unpack
from urllib.parse import quote

from kit.errors import UsageError
from kit.events import Event, Json, Request
from kit.providers import DIALECTS, open_provider
from kit.providers.complete import MAX_TOKENS, TEMPERATURE
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Profile, resolved
from kit.providers.config.settings import Unfit, fitted, meant
from kit.providers.credentials.sources import cleaned
from kit.providers.transport.address import host

if TYPE_CHECKING:
    from types import TracebackType

    from kit.providers.endpoint import Endpoint

Api = Literal["openai-chat", "openai-responses", "anthropic"]


class More(TypedDict, total=False):
    """What a profile may say, a provider may be given (with the profile's defaults)."""

    name: str  # what results call it: else its host
    system: str
    top_p: float
    seed: int
    stop: str | Sequence[str]
    reasoning_effort: str
    headers: Mapping[str, str]
    extra: Mapping[str, Json]  # raw fields of every body
    max_concurrency: int
    rpm: float  # requests a minute
    retries: int
    price: Mapping[str, float]  # USD per million tokens: input, output, cached
    insecure_http: bool  # plain http to another machine


class Provider:
    """One endpoint, one model, one key. ``async with`` closes it, and so does ``aclose``.

    ``default_temperature`` and ``default_max_tokens`` stand in for what a call does not ask for;
    left at 0.7 and 4096 they are kit's wish, which a server may refuse (then they are left out).
    ``timeout`` bounds, in seconds, the wait for the first byte and between two bytes. One provider
    serves any number of calls at once, and one event loop after another.

    UsageError for a setting that cannot be, ConfigError for an address that cannot be one,
    AuthError for a key that no header can carry.
    """

    __slots__ = ("__weakref__", "_endpoint", "_has_key", "_open")

    def __init__(
        self,
        *,
        base_url: str,
        model: str,
        api_key: str = "",
        default_temperature: float = TEMPERATURE,
        default_max_tokens: int = MAX_TOKENS,
        timeout: float = 120.0,
        api: Api = "openai-chat",
        **more: Unpack[More],
    ) -> None:
        said: dict[str, Json] = {"base_url": base_url, "model": model, "timeout": timeout}
        said |= {"api": api}
        said |= _defaults(default_temperature, default_max_tokens)
        self._start(said, more, api_key)

    def _start(self, said: dict[str, Json], more: More, key: str, source: str = "") -> None:
        secret = cleaned(key, "api_key") if key else None
        profile = resolved(_profile(said, more))
        # an api of DIALECTS is always an Endpoint
        self._endpoint: Endpoint = open_provider(profile, secret, source=source)  # type: ignore[assignment]
        self._has_key, self._open = secret is not None, True

    @property
    def name(self) -> str:
        return self._endpoint.profile.name

    @property
    def model(self) -> str:
        return self._endpoint.profile.model

    @property
    def base_url(self) -> str:
        return self._endpoint.profile.base_url

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """What happens in one call: ``CallSent``, deltas, ``Replied``. Raises KitError."""
        self._check()
        async with aclosing(self._endpoint.stream(request)) as events:
            async for event in events:
                yield event

    async def aclose(self) -> None:
        """Close the idle connections. Afterwards every call is a UsageError."""
        self._open = False
        await self._endpoint.aclose()

    async def __aenter__(self) -> Self:
        self._check()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        key = "***" if self._has_key else ""
        where = self.base_url.partition("?")[0]
        kind = type(self).__name__
        return f"{kind}(base_url={where!r}, model={self.model!r}, api_key={key!r})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self  # so that asdict of a dataclass that holds one works

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a provider holds a key and cannot be stored")

    def _check(self) -> None:
        if not self._open:
            raise UsageError(f"{self!r} is closed", hint="make a new one for further calls")


class AnthropicProvider(Provider):
    """Anthropic's own Messages API. ``bearer_token`` is sent instead of a key, for gateways and
    the API versions that want one."""

    __slots__ = ()

    def __init__(
        self,
        *,
        model: str,
        api_key: str = "",
        bearer_token: str = "",
        base_url: str = PRESETS["anthropic"].base_url,
        api_version: str = "",
        default_temperature: float = TEMPERATURE,
        default_max_tokens: int = MAX_TOKENS,
        timeout: float = 120.0,
        **more: Unpack[More],
    ) -> None:
        said: dict[str, Json] = {"base_url": base_url, "model": model, "timeout": timeout}
        said |= {"provider": "anthropic", "api": "anthropic", "api_version": api_version}
        said |= _defaults(default_temperature, default_max_tokens)
        self._start(said, more, *_key_or_token(api_key, bearer_token, "anthropic"))


class AzureProvider(Provider):
    """A deployment on Azure OpenAI, with a key or a bearer token (Entra ID).

    ``endpoint`` is ``https://RESOURCE.openai.azure.com``; ``api_version="v1"`` means its
    ``/openai/v1``, a date (or nothing: kit's) the deployment's own path. An endpoint that has a
    path under ``/openai/`` is taken as it is.
    """

    __slots__ = ()

    def __init__(
        self,
        *,
        endpoint: str,
        deployment: str,
        api_key: str = "",
        bearer_token: str = "",
        api_version: str = "",
        default_temperature: float = TEMPERATURE,
        default_max_tokens: int = MAX_TOKENS,
        timeout: float = 120.0,
        api: Api = "openai-chat",
        **more: Unpack[More],
    ) -> None:
        base_url, version = _azure(endpoint, deployment, api_version)
        said: dict[str, Json] = {"base_url": base_url, "model": deployment, "timeout": timeout}
        said |= {"provider": "azure", "api": api, "api_version": version}
        said |= _defaults(default_temperature, default_max_tokens)
        self._start(said, more, *_key_or_token(api_key, bearer_token, "azure"))


def _azure(endpoint: str, deployment: str, api_version: str) -> tuple[str, str]:
    """The base URL, and the version that its query shall name."""
    base = endpoint.rstrip("/").removesuffix("/openai")
    version = "" if api_version == "v1" else api_version
    if "/openai/" in base:
        return base, version
    own = "v1" if api_version == "v1" else f"deployments/{quote(deployment, safe='')}"
    return f"{base}/openai/{own}", version


def _key_or_token(key: str, token: str, provider: str) -> tuple[str, str]:
    """What is secret, and the variable that it might have come from."""
    if key and token:
        raise UsageError("api_key and bearer_token were both given", hint="give one of them")
    return (token, PRESETS[provider].bearer_env[0]) if token else (key, "")


def _defaults(temperature: float, max_tokens: int) -> dict[str, Json]:
    """What differs from kit's own was asked for, and is never left out."""
    given = {"temperature": temperature, "max_tokens": max_tokens}
    wish = {"temperature": TEMPERATURE, "max_tokens": MAX_TOKENS}
    return {name: value for name, value in given.items() if value != wish[name]}


def _profile(said: Mapping[str, Json], more: More) -> Profile:
    for name in more:
        if name not in More.__annotations__:
            near = meant(name, More.__annotations__)
            raise TypeError(f"a provider takes no argument {name!r}{near}")
    settings = {**said, **more}
    if settings["api"] not in DIALECTS:
        raise UsageError(f"api must be one of {', '.join(DIALECTS)}, not {settings['api']!r}")
    name = settings.pop("name", "") or host(settings["base_url"])
    return Profile(
        name, **{key: _fit(key, value) for key, value in settings.items() if value != ""}
    )


def _fit(key: str, value: Json) -> Json:
    try:
        return fitted(key, list(value) if isinstance(value, tuple) else value)
    except Unfit as error:
        raise UsageError(f"{key} must be {error}") from error
