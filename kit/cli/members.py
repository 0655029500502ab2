"""Who answers: the profiles that were chosen, and their providers, opened when first asked."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from kit.cli.options import Limits, Model
from kit.cli.signals import waiting
from kit.cli.veil import veiled
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Event, Json, Message, Request, Text
from kit.providers import Provider, open_provider
from kit.providers.config.choosing import choose
from kit.providers.config.learned import memory
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Config, Profile, config_path, load
from kit.providers.credentials.header import in_use
from kit.providers.credentials.keys import Secret, find
from kit.providers.credentials.redact import RedactedStream, Redactor
from kit.trace.tape import Player, Recorder


@dataclass(frozen=True, slots=True)
class Chosen:
    """Profiles by the name that requests carry, and what should be said about the choice."""

    profiles: Mapping[str, Profile]
    notes: tuple[str, ...]


def configured(path: str | None) -> Config:
    """The configuration: ``--config``, which must be there, else where it lies."""
    named = Path(os.path.expanduser(path)) if path else None
    if named and not os.path.lexists(named):
        raise UsageError(f"--config {path} cannot be found")
    return load(named or config_path(os.environ))


def _local_installed() -> bool:
    from kit.providers.local import installed  # with what starts it: only where nothing is set up

    return installed()


def chosen(config: Config, names: list[str], model: Model, limits: Limits) -> Chosen:
    """The profiles that these flags mean, with the flags' own values laid over them."""
    profiles: dict[str, Profile] = {}
    notes: list[str] = list(config.warnings)
    for name in names or [""]:
        choice = choose(
            config,
            wanted=name or None,
            environ=os.environ,
            model=model.model,
            base_url=model.base_url,
            api=model.api,
            local_installed=_local_installed,
        )
        if choice.note:
            notes.append(choice.note)
        # NAME/MODEL is its own member: one profile may vote with two models
        profiles[name or choice.profile.name] = laid_over(choice.profile, model, limits)
    return Chosen(profiles, tuple(notes))


def laid_over(profile: Profile, model: Model, limits: Limits) -> Profile:
    return replace(
        profile,
        timeout=profile.timeout if limits.timeout is None else limits.timeout,
        insecure_http=profile.insecure_http or model.insecure_http,
    )


class Members:
    """The providers of one run, by profile name."""

    def __init__(
        self, profiles: Mapping[str, Profile], retries: int | None, say: Callable[[str], None]
    ) -> None:
        self.profiles, self.say = profiles, say
        self.retries = retries
        self.secrets: list[Secret] = []  # in use
        self._redactor, self._values = Redactor(), Redactor()  # made anew when a key is added
        self._open: dict[str, Provider] = {}
        self.tape: Recorder | Player | None = None

    def stream(self, request: Request) -> AsyncIterator[Event]:
        """What ``run`` is given: the events of one call, from the provider it names, without the
        keys that its server may have said back."""
        if self.tape is None:
            return self._asked(request)
        named = replace(request, model=request.model or self.profiles[request.profile].model)
        if isinstance(self.tape, Player):
            return self.tape.stream(named)
        return self.tape.heard(named, self._asked(request))

    def _asked(self, request: Request) -> AsyncIterator[Event]:
        events = self.provider(request.profile).stream(request)
        return veiled(events, self._values) if self.secrets else events

    def provider(self, name: str) -> Provider:
        if name not in self._open:
            profile = self.profiles[name]
            with waiting():
                found = find(profile, PRESETS.get(profile.provider), os.environ)
            if found.note:
                self.tell(found.note)
            self._know(in_use(found.secret, profile.headers))
            self._open[name] = open_provider(
                profile,
                found.secret,
                source=found.source,
                retries=self.retries,
                memory=memory(os.environ),
            )
        return self._open[name]

    def tell(self, line: str) -> None:
        """Say a line of a room that does not know whose it is: the trace, a tool."""
        self.say(f"kit: {line}")

    def places(self) -> dict[str, Json]:
        """Where each profile leads: enough to find it again, and nothing that may hold a key."""
        return {name: _place(profile) for name, profile in self.profiles.items()}

    def redacted(self, text: str) -> str:
        """The text without any key that this run has used."""
        return self._redactor.clean(text)

    def veil(self) -> RedactedStream:
        """The same for one text that arrives in pieces."""
        return self._redactor.stream()

    def _know(self, secrets: list[Secret]) -> None:
        if fresh := [secret for secret in secrets if secret not in self.secrets]:
            self.secrets += fresh
            known = [secret.reveal() for secret in self.secrets]
            self._redactor, self._values = Redactor(known), Redactor(known, shapes=False)

    async def aclose(self) -> None:
        for provider in self._open.values():
            close = getattr(provider, "aclose", None)
            if close:
                await close()


def _place(profile: Profile) -> dict[str, Json]:
    harmless = not {*"@?#"} & {*profile.base_url}
    return {
        "api": profile.api,
        "base_url": profile.base_url if harmless else "",
        "model": profile.model,
        "insecure_http": profile.insecure_http,
    }


def request_for(profile: str, message: Message, model: Model, stop: list[str] | None) -> Request:
    """The request that the flags describe; what they leave out the profile fills in."""
    messages: tuple[Message, ...] = (message,)
    if model.system is not None:
        messages = (Message("system", (Text(text_or_file(model.system)),)), message)
    return Request(
        messages,
        profile=profile,
        temperature=model.temperature,
        max_tokens=model.max_tokens,
        top_p=model.top_p,
        seed=model.seed,
        stop=tuple(stop or ()),
        reasoning_effort=model.reasoning_effort,
        options=dict(_option(each) for each in model.option or []),
    )


def text_or_file(text: str) -> str:
    """The text, or that of the file in ``@FILE``."""
    from kit.cli.prompt import text_of

    return text_of(text[1:]) if text.startswith("@") else text


def _option(text: str) -> tuple[str, Json]:
    """KEY=JSON; a value that is no JSON is taken as a string."""
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise UsageError(f"--option {text!r} is not KEY=JSON", hint="for example --option top_k=40")
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
