"""What a run adds up to: the object of ``--json``, counted from the events as they pass."""

from __future__ import annotations

import time
from dataclasses import asdict

from kit.errors import KitError, UsageError
from kit.events import CallSent, CallStarted, Event, Json, Replied, RunStarted, Usage
from kit.patterns.spent import summed
from kit.patterns.steps import Outcome

FIELDS = (
    "run", "pattern", "status", "exit", "answer", "profiles", "models", "usage", "elapsed_s",
    "error", "detail",
)  # fmt: skip


class Ledger:
    """A tap that counts calls, tokens and money, and who was asked."""

    def __init__(self, run: str, pattern: str) -> None:
        self.run, self.pattern = run, pattern
        self.calls = 0
        self.profiles: dict[str, None] = {}  # in the order in which they were asked
        self.models: dict[str, None] = {}
        self.usages: list[Usage] = []
        self.resumed_from = ""
        self.recorded: list[Usage] = []  # paid for by the run that this one goes on from
        self.began = time.monotonic()

    def __call__(self, event: Event) -> None:
        match event:
            case CallStarted(request=request) if request.profile:
                self.profiles[request.profile] = None
            case CallSent(model=model):
                self.calls += 1
                self.models.setdefault(model)
            case Replied(model=model, usage=usage):
                if model:
                    self.models.setdefault(model)
                (self.recorded if event.recorded else self.usages).append(usage or Usage())
            case RunStarted(resumed_from=run):
                self.resumed_from = run
            case _:
                pass

    @property
    def elapsed_s(self) -> float:
        return time.monotonic() - self.began

    def usage(self) -> dict[str, Json]:
        """What this run has paid for."""
        return asdict(summed(self.calls, self.usages))

    def detail(self, outcome: Outcome) -> dict[str, Json]:
        """The pattern's part; for a resumed run with what it had for nothing."""
        if not self.resumed_from:
            return dict(outcome.detail)
        recorded = asdict(summed(len(self.recorded), self.recorded))
        resumed = {"resumed_from": self.resumed_from, "recorded": recorded}
        return {**outcome.detail, **resumed}

    def object(self, outcome: Outcome) -> dict[str, Json]:
        """The object of contract §5, complete."""
        error = outcome.error
        return {
            "run": self.run,
            "pattern": self.pattern,
            "status": error.status if error else "ok",
            "exit": error.code if error else 0,
            "answer": outcome.answer,
            "profiles": list(self.profiles),
            "models": [model for model in self.models if model],
            "usage": self.usage(),
            "elapsed_s": round(self.elapsed_s, 3),
            "error": described(error) if error else None,
            "detail": self.detail(outcome),
        }


def described(error: KitError) -> dict[str, Json]:
    return {
        "type": type(error).__name__,
        "message": error.message,
        "hint": error.hint or None,
        "http_status": error.http_status,
        "request_id": error.request_id or None,
    }


def checked_path(path: str) -> str:
    """A ``--field`` path whose first step exists: told before anything is paid for."""
    first = path.replace("[", ".").split(".")[0]
    if first not in FIELDS:
        raise UsageError(
            f"there is no field {first!r}", hint=f"--field takes one of {', '.join(FIELDS)}"
        )
    return path


def picked(whole: Json, path: str) -> str:
    """One field as text: strings as they are, everything else as JSON."""
    import json

    value = whole
    for step in path.replace("[", ".").replace("]", "").split("."):
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise UsageError(f"this result has no field {path!r}") from None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
