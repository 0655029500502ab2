"""Who judges: whom the user names, else another profile than the one that writes."""

from __future__ import annotations

from kit.cli.desk import Desk
from kit.cli.members import configured
from kit.events import Request


def judged_by(desk: Desk, named: str | None) -> tuple[Request, ...]:
    """The judges in the order in which they are asked: the next one only when one cannot be asked
    at all. A choice that the user did not make is said."""
    (writer,) = desk.members.profiles
    if named is not None:
        desk.join([named])
        return (Request((), profile=named),)
    own = Request((), profile=writer)
    other = another(desk, writer)
    if other is None:
        return (own,)
    desk.join([other])
    desk.members.say(f"kit: {other} judges, being another profile (--judge names one)")
    return (Request((), profile=other), own)


def another(desk: Desk, writer: str) -> str | None:
    """The first profile of the configuration that is not the writer's. Models rate what they wrote
    themselves too well; the small embedded one rates nothing well."""
    profiles = configured(desk.output.config).profiles
    drafting = writer.partition("/")[0]
    fit = (
        name
        for name, profile in profiles.items()
        if name != drafting and "local" not in (profile.api, profile.provider)
    )
    return next(fit, None)
