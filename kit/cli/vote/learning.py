"""A calibration on its way from labelled lines to exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from kit.cli.desk import Desk
from kit.cli.members import request_for
from kit.cli.options import Limits, Model, Output, Prompt
from kit.cli.prompt import text_of
from kit.cli.screen.render import err
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json, Message, Request, Text
from kit.patterns import answers
from kit.patterns.ballots import Reading
from kit.patterns.calibrating import Item, calibrate, item
from kit.patterns.plan import Member
from kit.patterns.requests import told

FEW = 50
"""Below so many questions an accuracy is hardly known to ten points."""


def labelled(path: str, reading: Reading) -> list[Item]:
    """The items of a file; UsageError with its line for what is none."""
    items = []
    for number, line in enumerate(text_of(path).splitlines(), 1):
        if line.strip():
            try:
                items.append(_labelled(line, reading))
            except ValueError as error:
                raise UsageError(
                    f"{path}:{number}: {error}",
                    hint='each line is {"prompt": "…", "answer": "…"}',
                ) from error
    if not items:
        raise UsageError(f"{path} holds no labelled question")
    return items


def _labelled(line: str, reading: Reading) -> Item:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise ValueError("this is no JSON") from error
    if not isinstance(given, dict) or given.get("answer") in (None, ""):
        raise ValueError('there is no "answer"')
    if not isinstance(given.get("prompt"), str) or not given["prompt"].strip():
        raise ValueError('there is no "prompt"')
    return item(given["prompt"], given["answer"], reading)


@dataclass(frozen=True)
class Learning:
    """One calibration as the flags describe it."""

    items: Sequence[Item]
    members: Sequence[Member]
    reading: Reading
    marker: bool
    at_once: int

    def held(self, model: Model, limits: Limits, output: Output) -> int:
        """Ask, compare and print; the exit code."""
        names = [member.profile for member in self.members]
        stand_in = Prompt(words=["calibrate"], stdin=False)  # each item takes its place
        desk = Desk.opened("calibrate", stand_in, model, limits, output, names=names)
        known = zip(self.members, desk.members.profiles, strict=True)
        panel = [replace(member, profile=name) for member, name in known]
        line = answers.instruction(self.reading.kind or "auto", self.reading.choices)

        def request(profile: str, prompt: str) -> Request:
            message = Message("user", (Text(prompt),))
            asked = request_for(profile, message, model, None)
            return told(asked, line if self.marker else "")

        return desk.perform(
            lambda: calibrate(self.items, panel, request, self.reading, self.at_once),
            shown=[request(*each) for each in self._asked(panel)],
            settings={"plan": [member.profile for member in panel], "items": len(self.items)},
            at_once=self.at_once,
            close=_watched(desk, output),
            likely_calls=lambda: float(len(self._asked(panel))),
        )

    def _asked(self, panel: Sequence[Member]) -> list[tuple[str, str]]:
        return [
            (member.profile, item.prompt)
            for item in self.items
            for member in panel
            for _ in range(member.count or 1)
        ]


def _watched(desk: Desk, output: Output) -> Callable[[Mapping[str, Json]], None] | None:
    """Tell at the end what was learnt; show the calls where there is somebody to see them."""
    if output.quiet or output.dry_run:
        return None
    if not desk.terminal.err_tty:
        return lambda result: _tell(result["detail"])
    from kit.cli.screen.live import Live

    live = Live(sys.stderr, desk.terminal)
    desk.watch(live, live.tick)

    def close(result: Mapping[str, Json]) -> None:
        live.close()
        _tell(result["detail"])

    return close


def _tell(detail: Mapping[str, Json]) -> None:
    """One line a member."""
    members: Mapping[str, Json] = detail.get("members", {})
    for name, each in members.items():
        err(f"{name}: {each['right']} of {each['valid']} right, its vote weighs {each['weight']:g}")
    if members and min(each["valid"] for each in members.values()) < FEW:
        err(f"kit: fewer than {FEW} answers of a member say little about it")
