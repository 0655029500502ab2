"""``kit trace resume``: a run that did not come to its end goes on, and pays for nothing twice."""

from __future__ import annotations

import sys

from kit.cli import output as printing
from kit.cli.again.recorded import Recorded
from kit.cli.again.reopening import reopened
from kit.cli.options import Limits, Output
from kit.cli.screen.render import err, putter
from kit.cli.screen.sanitise import visible
from kit.errors import UsageError
from kit.events import ToolStarted
from kit.patterns.recall import Recall


def resume(run: str, limits: Limits, output: Output) -> int:
    recorded = Recorded.named(run)
    if recorded.status == "ok":
        return _finished(recorded, output)
    settings, rebuilt = recorded.settings, recorded.rebuilt()
    if not recorded.whole:
        raise UsageError(
            f"run {recorded.run} cannot go on: its record masks what looks like a key in its"
            " prompt, and something else must not be asked instead",
            hint="start it again",
        )
    for begun in recorded.past.unsettled():
        _allowed(begun, output)
    places = settings.get("profiles") or {}
    desk = reopened(recorded.pattern, rebuilt.requests, places, limits, output)
    return desk.perform(
        rebuilt.steps,
        shown=rebuilt.requests,
        settings=settings,
        at_once=rebuilt.at_once,
        close=rebuilt.shown(desk),
        check=rebuilt.check(desk),
        tools=rebuilt.tools(desk),
        keep=rebuilt.keep(desk),
        recall=Recall(recorded.past, recorded.run),
    )


def _finished(recorded: Recorded, output: Output) -> int:
    if not output.quiet:
        err(f"kit: run {recorded.run} had come to its end; this is its answer")
    result = recorded.past.result
    answer = str(result.get("answer", ""))
    if not (output.json or output.field or printing.to_file(output)):
        printing.line(answer)
    printing.deliver(answer, result, output)
    return 0


def _allowed(begun: ToolStarted, output: Output) -> None:
    """A tool that may have done its work already: only who started it knows."""
    shown = visible(f"{begun.name} {printing.as_json(dict(begun.arguments))}")
    told = f"the tool {shown} had begun, and what came of it is not recorded"
    if output.yes:
        err(f"kit: {told}; it may run once more, as --yes says")
        return
    if output.no_input or not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(told, hint="look whether it has done its work; --yes lets it run again")
    putter(sys.stderr)(f"kit: {told}. May it run once more? [y/N] ".encode())
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("the run stays as it is: the tool may have done its work already")
