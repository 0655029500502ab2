"""``ask`` started again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kit.cli.again.rebuilding import Rebuilt
from kit.events import Json, Request
from kit.patterns.ask import ask
from kit.patterns.structure import Shape
from kit.trace.records import valued


def settings(requests: Sequence[Request], shape: Shape | None, repairs: int) -> dict[str, Json]:
    """The first of ``requests`` is asked, the others are its fallbacks."""
    return {
        "requests": list(requests),
        "schema": shape.schema if shape else None,
        "repairs": repairs,
    }


def rebuilt(settings: Mapping[str, Json]) -> Rebuilt:
    requests = tuple(valued(Request, each) for each in settings["requests"])
    schema, repairs = settings["schema"], settings["repairs"]
    shape = None if schema is None else Shape(schema)
    return Rebuilt(
        lambda: ask(requests[0], requests[1:], shape=shape, repairs=repairs),
        requests,
        shown=lambda desk: desk.show(text=shape is None, reasoning=False),
    )
