"""Where a command's flags become a run: what is asked of whom, who watches, what is printed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import TYPE_CHECKING

from kit.cli import output as printing
from kit.cli.members import Members, chosen, configured, request_for
from kit.cli.options import Limits, Model, Output, Prompt
from kit.cli.prompt import message
from kit.cli.result import Ledger
from kit.cli.screen.notes import noted
from kit.cli.screen.render import Answer, err, putter
from kit.cli.screen.terminal import Terminal
from kit.cli.taping import Taping
from kit.dataclass import dataclass
from kit.errors import AuthError, UsageError
from kit.events import Event, Json, Message, Request, TextDelta
from kit.patterns.run import Checker, Tap
from kit.patterns.steps import Outcome, Steps
from kit.providers.config.profiles import Config
from kit.trace.ulid import ulid

if TYPE_CHECKING:
    from kit.cli.session import Workshop
    from kit.patterns.recall import Recall


@dataclass
class Desk:
    """One command on its way from flags to exit code."""

    pattern: str
    message: Message
    model: Model
    limits: Limits
    output: Output
    members: Members
    terminal: Terminal
    config: Config
    tape: Taping | None = None
    taps: list[Tap] = field(default_factory=list)
    ticks: list[Callable[[], None]] = field(default_factory=list)
    answer: Answer | None = None

    @classmethod
    def opened(
        cls,
        pattern: str,
        prompt: Prompt,
        model: Model,
        limits: Limits,
        output: Output,
        *,
        names: Sequence[str] | None = None,
        profiles: Sequence[str] = (),
    ) -> Desk:
        """Read the prompt, choose who answers (``names``, else -p; then ``profiles``), refuse
        what cannot work before anything is sent."""
        printing.checked(output)
        say = _silent if output.quiet else err
        asked = message(prompt, say=say, ask=not output.no_input, verbose=output.verbose)
        first = list(names if names is not None else model.profile or [""])
        tape = Taping.wanted(model, os.environ)
        config = tape.config() if tape and tape.playing else configured(output.config)
        try:
            choice = chosen(config, [*first, *profiles], model, limits)
        except AuthError as error:  # nobody is set up: --json is promised all the same
            printing.deliver("", Ledger(ulid(), pattern).object(Outcome(error=error)), output)
            raise
        for note in choice.notes:
            say(f"kit: {note}")
        terminal = Terminal.detect(
            os.environ, sys.stdout, sys.stderr, plain=output.plain, color=output.color
        )
        members = Members(choice.profiles, limits.retries, say)
        if tape:
            tape.taped(members)
            tape.keep(config, choice.profiles, default=not first[0])
        desk = cls(pattern, asked, model, limits, output, members, terminal, config, tape)
        if not output.quiet:
            desk.hear()
        return desk

    def hear(self) -> None:
        """Notes and retries go to stderr as they come."""
        self.taps.append(self._tell)

    def join(self, names: Sequence[str]) -> None:
        """Profiles that help the members; what -m, --base-url and --api say is not for them."""
        wanted = [name for name in names if name not in self.members.profiles]
        if wanted:
            plain = Model(insecure_http=self.model.insecure_http)
            choice = chosen(self.config, wanted, plain, self.limits)
            if self.tape:
                self.tape.keep(self.config, choice.profiles, default=False)
            self.members.profiles = {**self.members.profiles, **choice.profiles}

    def requests(self, stop: list[str] | None = None) -> list[Request]:
        """The request for each chosen profile, in the order in which they were named."""
        return [request_for(name, self.message, self.model, stop) for name in self.members.profiles]

    def conversation(self, run: str) -> tuple[Message, ...]:
        """The messages of an earlier run, to go on from."""
        from kit.trace.runs import find, messages, runs_folder

        return messages(find(runs_folder(os.environ), run))

    def show(self, *, text: bool, reasoning: bool) -> None:
        """The answer goes to stdout while it arrives, reasoning to stderr."""
        self.answer = printing.streamed(self.output, self.terminal) if text else None
        if self.answer:
            self.taps.append(self._write)
            self.ticks.append(self.answer.tick)
        if reasoning:
            from kit.cli.screen.thinking import Thoughts

            thoughts = Thoughts(putter(sys.stderr), dim=self.terminal.err_colour)
            self.taps.insert(0, thoughts)  # it ends its line before another tap writes

    def watch(self, view: Tap, tick: Callable[[], None]) -> None:
        """A live view takes over stderr: notes are its own to place."""
        self.taps = [tap for tap in self.taps if tap != self._tell]
        self.taps.append(view)
        self.ticks.append(tick)

    def perform(
        self,
        steps: Callable[[], Steps[Outcome]],
        *,
        shown: Sequence[Request],
        settings: Mapping[str, Json] | Callable[[], Mapping[str, Json]] | None = None,
        at_once: int = 64,
        close: Callable[[Mapping[str, Json]], None] | None = None,
        likely_calls: Callable[[], float] | None = None,
        rounds: int = 1,
        times: Sequence[int] | None = None,
        judged: Sequence[tuple[Request, int]] = (),
        check: Checker | None = None,
        keep: Callable[[Outcome], bool] | None = None,
        tools: Workshop | None = None,
        recall: Recall | None = None,
    ) -> int:
        """Take the pattern to its end and print what is due; ``close`` ends a live view first.
        With --dry-run nothing is sent: the requests in ``shown`` are printed instead, with what
        they would cost; ``likely_calls`` of them (else the first), each for so many ``rounds``, or
        as many ``times`` at most, and what a judge may be asked of them, with how often
        (``judged``). ``keep`` takes the answer: True when it is not to be printed."""
        if self.output.dry_run:
            calls = likely_calls() if likely_calls else None
            return self._dry(shown, calls, rounds, times, judged)
        if self.limits.max_cost is not None:
            from kit.cli.vote.forecast import refuse_unpriced

            refuse_unpriced([*shown, *(request for request, _ in judged)], self.members)
        from kit.cli.session import Session

        session = Session(
            self.pattern, steps, self.members, self.limits, self.output,
            settings=lambda: self._settings(settings),
            taps=tuple(self.taps), ticks=tuple(self.ticks), at_once=at_once, check=check,
            tools=tools, recall=recall,
        )  # fmt: skip
        outcome, result = session.perform()
        if close:
            close(result)
        outcome, kept = _kept(keep, outcome)
        if self.answer is None and not kept:
            self.answer = printing.streamed(self.output, self.terminal)
            if self.answer:
                self.answer.write(outcome.answer)
        code = printing.finish(outcome, result, self.output, self.answer)
        if self.output.verbose and not self.output.quiet and not close:
            from kit.cli.screen.closing import stats  # -v only

            err(stats(result))
        return code

    def _settings(
        self, given: Mapping[str, Json] | Callable[[], Mapping[str, Json]] | None
    ) -> dict[str, Json]:
        """What the run was started with, and where its profiles led."""
        own = given() if callable(given) else given or {}
        return {**own, "profiles": self.members.places()}

    def _dry(
        self,
        requests: Sequence[Request],
        calls: float | None,
        rounds: int,
        times: Sequence[int] | None,
        judged: Sequence[tuple[Request, int]],
    ) -> int:
        from kit.cli.vote.forecast import dry_run

        whole = dry_run(
            requests, self.members, calls=calls, rounds=rounds, times=times, judged=judged
        )
        printing.line(printing.as_json(whole, indent=2))
        return 0

    def _write(self, event: Event) -> None:
        if isinstance(event, TextDelta) and self.answer:
            self.answer.write(event.text)

    def _tell(self, event: Event) -> None:
        if line := noted(event):
            err(line)


def _kept(keep: Callable[[Outcome], bool] | None, outcome: Outcome) -> tuple[Outcome, bool]:
    """The outcome, with what went wrong when ``keep`` could not take the answer, and whether it
    has."""
    try:
        return outcome, bool(keep and keep(outcome))
    except UsageError as error:
        return replace(outcome, error=error), False


def _silent(text: str) -> None:
    """Where notes go under --quiet."""
