"""A desk for a run that is taken up again: its profiles found anew, its prompt not read again."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kit.cli import output as printing
from kit.cli.desk import Desk
from kit.cli.members import Members, chosen, configured
from kit.cli.options import Limits, Model, Output
from kit.cli.screen.render import err
from kit.cli.screen.terminal import Terminal
from kit.events import Json, Message, Request
from kit.providers.config.choosing import ONE_OFF
from kit.providers.config.profiles import Config, Profile


def reopened(
    pattern: str,
    requests: Sequence[Request],
    places: Mapping[str, Json],
    limits: Limits,
    output: Output,
) -> Desk:
    """``places`` is what the record says of where its profiles led. UsageError for a profile that
    is there no more."""
    printing.checked(output)
    say: Callable[[str], None] = (lambda _: None) if output.quiet else err
    names = dict.fromkeys([*(request.profile for request in requests), *places])
    config = configured(output.config)
    profiles = {name: _found(config, name, places.get(name) or {}, limits, say) for name in names}
    terminal = Terminal.detect(
        os.environ, sys.stdout, sys.stderr, plain=output.plain, color=output.color
    )
    members = Members(profiles, limits.retries, say)
    desk = Desk(pattern, Message("user", ()), Model(), limits, output, members, terminal, config)
    if not output.quiet:
        desk.hear()
    return desk


def _found(
    config: Config,
    name: str,
    place: Mapping[str, Json],
    limits: Limits,
    say: Callable[[str], None],
) -> Profile:
    """The profile of this name, with the model that it had; one that only flags described is put
    together from what the record says."""
    insecure = bool(place.get("insecure_http"))
    if name == ONE_OFF:
        model = Model(
            base_url=place.get("base_url") or None,
            api=place.get("api") or None,
            model=place.get("model") or None,
            insecure_http=insecure,
        )
        (profile,) = chosen(config, [""], model, limits).profiles.values()
        return profile
    plain = Model(insecure_http=insecure)
    (profile,) = chosen(config, [name], plain, limits).profiles.values()
    there = place.get("base_url")
    if there and there != profile.base_url:
        say(f"kit: {name} leads to {profile.base_url} now; the run asked {there}")
    return replace(profile, model=place.get("model") or profile.model)
