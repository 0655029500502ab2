"""``react`` started again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from kit.cli.again.rebuilding import Closing, Rebuilt
from kit.errors import UsageError
from kit.events import Json, Request
from kit.patterns.react import react
from kit.patterns.reacting import terms as agreed
from kit.patterns.reacting.sampling import sampled
from kit.patterns.reacting.terms import Terms
from kit.patterns.steps import Outcome, Steps
from kit.trace.records import valued

if TYPE_CHECKING:
    from kit.cli.desk import Desk
    from kit.cli.tooling.looping import Looping
    from kit.cli.tooling.workshop import Workshop
    from kit.patterns.run import Checker


def settings(request: Request, terms: Terms, loop: Looping) -> dict[str, Json]:
    """``loop`` says which tools were named and who may use them; they work where kit was called."""
    return {
        "request": request,
        "samples": loop.samples,
        "loop": {
            "tools": list(loop.tools),
            "sets": list(loop.sets),
            "allow": list(loop.allow),
            "tool_timeout": loop.tool_timeout,
            "check_timeout": loop.check_timeout,
            "folder": _here(),
        },
        **agreed.settings(terms),
    }


def rebuilt(settings: Mapping[str, Json]) -> Rebuilt:
    request, terms, samples = (
        valued(Request, settings["request"]),
        agreed.of(settings),
        settings["samples"],
    )

    def steps() -> Steps[Outcome]:
        return sampled(request, terms, samples) if samples > 1 else react(request, terms)

    return Rebuilt(
        steps,
        (request,),
        shown=lambda desk: _shown(desk, _loop(settings)),
        check=lambda desk: _checker(desk, _loop(settings)),
        tools=lambda desk: _tools(desk, settings),
    )


def _loop(settings: Mapping[str, Json]) -> Looping:
    from kit.cli.tooling.looping import Looping  # the tools, for who resumes

    named = settings["loop"]
    return Looping(
        agreed.of(settings),
        tools=named["tools"],
        sets=named["sets"],
        allow=named["allow"],
        tool_timeout=named["tool_timeout"],
        check_timeout=named["check_timeout"],
        schema=None,
        samples=settings["samples"],
        think=False,
    )


def _tools(desk: Desk, settings: Mapping[str, Json]) -> Workshop:
    """UsageError elsewhere than where the run was: its tools would look at other files."""
    folder = settings["loop"]["folder"]
    if _here() != folder:
        raise UsageError(f"the tools of this run work in {folder}", hint="resume it from there")
    return _loop(settings).workshop(desk, desk.output)


def _here() -> str:
    """Where kit was called; nothing for a folder that has been removed."""
    try:
        return os.getcwd()
    except FileNotFoundError:
        return ""


def _shown(desk: Desk, loop: Looping) -> Closing | None:
    loop.watch(desk, desk.output)
    return None


def _checker(desk: Desk, loop: Looping) -> Checker | None:
    return loop.checker(desk)
