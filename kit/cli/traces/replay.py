"""``kit trace replay``: a pattern held against what its run recorded, with no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kit import __version__
from kit.cli import output as printing
from kit.cli.again.recorded import Recorded
from kit.cli.screen.render import err
from kit.errors import IncompleteError, KitError, UnmetError
from kit.events import Json, Replied
from kit.patterns.replay import replayed


def replay(run: str, wanted: Sequence[str], *, as_json: bool, quiet: bool) -> int:
    recorded = Recorded.named(run)
    if wanted:
        from kit.cli.traces.what_if import what_if

        return what_if(recorded, wanted, as_json=as_json, quiet=quiet)
    try:
        outcome = replayed(recorded.rebuilt().steps(), recorded.past)
    except (UnmetError, IncompleteError) as error:
        raise _versioned(error, recorded) from error
    if as_json:
        printing.line(printing.as_json(_object(recorded, outcome.answer)))
    elif outcome.answer:
        printing.line(outcome.answer)
    if not (quiet or as_json):
        err(f"kit: {_verdict(recorded)}")
    return 0


def _verdict(recorded: Recorded) -> str:
    replies = sum(isinstance(made.end, Replied) for made in recorded.past.calls.values())
    ended = "" if recorded.status == "ok" else f"; it ended as {recorded.status}"
    return f"the replay is the recorded run, replies: {replies}, nothing sent{ended}"


def _object(recorded: Recorded, answer: str) -> dict[str, Json]:
    result: Mapping[str, Json] = recorded.past.result
    return {
        "run": recorded.run,
        "pattern": recorded.pattern,
        "same": True,
        "kit": recorded.past.started.kit,
        "status": result.get("status"),
        "answer": answer,
        "usage": result.get("usage"),
        "detail": result.get("detail"),
    }


def _versioned(error: KitError, recorded: Recorded) -> KitError:
    """With the other reason that a replay may differ: another kit recorded it."""
    then = recorded.past.started.kit
    if then == __version__ or not isinstance(error, UnmetError):
        return error
    return UnmetError(f"{error.message} (the run is of kit {then}, this is {__version__})")
