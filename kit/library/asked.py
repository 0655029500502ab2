"""What a Python program passes: providers, a prompt, settings, made into members and requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

from kit.errors import UsageError
from kit.events import Request
from kit.library.held import Settings
from kit.patterns.requests import Prompt, messages
from kit.patterns.structure import Shape
from kit.providers import Provider
from kit.providers.config.settings import SETTINGS, Unfit, fitted, meant


def members_of(providers: object) -> dict[str, Provider]:
    """The providers by the names that requests carry; UsageError for what is none."""
    members: dict[str, Provider] = {}
    for each in providers if isinstance(providers, Sequence) else ():
        if isinstance(each, type) or not callable(getattr(each, "stream", None)):
            raise UsageError(
                f"{each!r} is no provider: it has no method stream",
                hint="a provider is: async def stream(self, request) -> events",
            )
        given = getattr(each, "name", "")
        known = given if given and isinstance(given, str) else type(each).__name__
        names = (f"{known}#{number}" if number > 1 else known for number in count(1))
        members[next(name for name in names if name not in members)] = each
    if not members:
        raise UsageError("nobody is asked", hint="give a provider, or a list of them")
    return members


def panel(
    voters: object, *helpers: Provider | None
) -> tuple[dict[str, Provider], dict[str, Provider], list[str]]:
    """All providers by name, those that vote, and the name of each helper ("" for none)."""
    first = list(members_of([voters] if hasattr(voters, "stream") else voters).values())
    everybody = members_of([*first, *(each for each in helpers if each is not None)])
    names = iter(everybody)
    members = {next(names): each for each in first}
    return everybody, members, [next(names) if each is not None else "" for each in helpers]


def request(profile: str, prompt: Prompt, settings: Settings, stop: str | Sequence[str]) -> Request:
    """What one of them is asked. TypeError and UsageError as Python and ``kit`` would say it."""
    for name in settings.keys() - Settings.__annotations__.keys():
        raise TypeError(f"unexpected argument {name!r}{meant(name, Settings.__annotations__)}")
    asked = {name: value for name, value in settings.items() if value is not None}
    for name in asked.keys() & SETTINGS.keys():
        try:
            fitted(name, asked[name])
        except Unfit as error:
            raise UsageError(f"{name} must be {error}") from error
    fields = {name: asked[name] for name in Request.__slots__ if name in asked}
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    said = messages(prompt, settings.get("system"))
    return Request(said, profile, stop=stops, **fields)  # type: ignore[arg-type]  # as in Asked


def refuse(faults: Mapping[str, bool]) -> None:
    """UsageError for the first of these sentences that is so."""
    for fault in (words for words, there in faults.items() if there):
        raise UsageError(fault)


def shape_of(schema: object) -> Shape | None:
    if schema is None:
        return None
    if not isinstance(schema, Mapping):
        raise UsageError("schema must be a JSON Schema, as a dict")
    return Shape(dict(schema)).checked()
