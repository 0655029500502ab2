"""What other terms would have answered on the recorded replies, and what that would have cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kit.cli import output as printing
from kit.cli.again.rebuilding import changed, rebuilt
from kit.cli.again.recorded import Recorded
from kit.cli.app import report
from kit.cli.screen.render import err
from kit.cli.trace_views.figures import money
from kit.errors import KitError, UnmetError, UsageError
from kit.events import Json
from kit.patterns.imagine import Imagined, imagined


def what_if(recorded: Recorded, wanted: Sequence[str], *, as_json: bool, quiet: bool) -> int:
    """Print the answer and what it would have taken; exit 7 where the record cannot tell."""
    values = _keyed(wanted)
    settings = changed(recorded.pattern, recorded.settings, values)
    found = imagined(rebuilt(recorded.pattern, settings).steps(), recorded.past)
    error = _untold(found) or found.outcome.error
    whole = _object(recorded, found, values, error)
    if as_json:
        printing.line(printing.as_json(whole))
    elif found.outcome.answer:
        printing.line(found.outcome.answer)
    if not quiet and not as_json:
        err(_told(whole, wanted))
    return report(error) if error else 0


def _keyed(wanted: Sequence[str]) -> dict[str, str]:
    """``KEY=VALUE`` by key."""
    found = {}
    for each in wanted:
        key, equals, value = each.partition("=")
        if not (key and equals):
            raise UsageError(f"--with {each!r} is not KEY=VALUE", hint="such as --with risk=0.01")
        found[key.strip().replace("-", "_")] = value.strip()
    return found


def _untold(found: Imagined) -> KitError | None:
    if found.missing:
        one = found.missing == 1
        return UnmetError(
            f"the record cannot tell: at least {found.missing} more"
            f" {'answer' if one else 'answers'} would be needed, which {'was' if one else 'were'}"
            " never recorded",
            hint="what is printed is the answer so far",
        )
    if found.checks:
        return UnmetError(f"the record cannot tell: {found.checks} checks were never run")
    return None


def _object(
    recorded: Recorded, found: Imagined, values: Mapping[str, str], error: KitError | None
) -> dict[str, Json]:
    result = recorded.past.result
    usage: Mapping[str, Json] = result.get("usage") or {}
    return {
        "run": recorded.run,
        "pattern": recorded.pattern,
        "with": dict(values),
        "answer": found.outcome.answer,
        "exit": error.code if error else 0,
        "error": error.message if error else None,
        "calls": len(found.used),
        "missing": found.missing,
        "cost_usd": found.cost_usd,
        "same_answer": found.outcome.answer == result.get("answer"),
        "recorded": {
            "answer": result.get("answer"),
            "calls": len(recorded.past.calls),
            "cost_usd": usage.get("cost_usd"),
        },
        "detail": dict(found.outcome.detail),
    }


def _told(whole: Mapping[str, Json], wanted: Sequence[str]) -> str:
    """``kit: with risk=0.01: the same answer; 5 calls, recorded 3; $0.0021, recorded $0.0012``."""
    before = whole["recorded"]
    same = "the same answer" if whole["same_answer"] else "another answer than the recorded one"
    parts = [same, f"calls: {whole['calls']}, recorded {before['calls']}"]
    if whole["missing"]:
        parts[0] = "no final answer"
        parts[1] = f"calls: {whole['calls']} and at least {whole['missing']} that were never made"
    if whole["cost_usd"] is not None and before["cost_usd"] is not None:
        parts.append(f"{money(whole['cost_usd'])}, recorded {money(before['cost_usd'])}")
    if stopped := whole["detail"].get("stopped"):
        parts.append(f"stopped: {stopped}")
    return f"kit: with {' '.join(wanted)}: {'; '.join(parts)}"
