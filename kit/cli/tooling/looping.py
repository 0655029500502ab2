"""A loop with tools on its way from flags to exit code: tools, terms, live view."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kit.cli.again.reacted import settings
from kit.cli.checking import keyless
from kit.cli.desk import Desk
from kit.cli.options import Limits, Model, Output, Prompt, Sequences
from kit.cli.taping import dice
from kit.cli.tooling.asking import asker
from kit.cli.tooling.sources import allowed, sources
from kit.cli.tooling.view import View
from kit.cli.tooling.workshop import Workshop
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json
from kit.patterns import answers
from kit.patterns.react import react
from kit.patterns.reacting import terms as agreed
from kit.patterns.reacting.sampling import sampled
from kit.patterns.reacting.talk import begun
from kit.patterns.reacting.terms import Terms
from kit.patterns.requests import told
from kit.patterns.run import Checker
from kit.patterns.steps import Outcome, Steps
from kit.patterns.tools.ports import Ports
from kit.providers.transport.fetching import fetch


@dataclass(frozen=True)
class Looping:
    """What the flags say; ``terms`` lacks what is known later: the tools, the schema, the fence."""

    terms: Terms
    tools: Sequence[str]
    sets: Sequence[str]
    allow: Sequence[str]
    tool_timeout: float
    check_timeout: float
    schema: str | None
    samples: int
    think: bool

    def held(
        self, prompt: Prompt, model: Model, sequences: Sequences, limits: Limits, output: Output
    ) -> int:
        """Ask, use, answer; the exit code."""
        if len(model.profile or []) > 1:
            raise UsageError("kit react takes one profile")
        desk = Desk.opened("react", prompt, model, limits, output)
        (request,) = desk.requests(stop=sequences.stop)
        if self.samples > 1 and self.schema is None:  # so that the votes can be read
            request = told(request, answers.instruction("auto"))
        workshop = self.workshop(desk, output)
        terms = replace(
            self.terms, schema=self._shape(), fence=f"{dice(desk.members, [request]):08x}"[:6]
        )

        def full() -> Terms:
            return replace(terms, tools=tuple(map(agreed.offered, workshop.abilities)))

        def steps() -> Steps[Outcome]:
            return (
                sampled(request, full(), self.samples)
                if self.samples > 1
                else react(request, full())
            )

        if output.dry_run:  # what is sent shows the tools, so they must be known
            asyncio.run(_looked_at(workshop))
        self.watch(desk, output)
        return desk.perform(
            steps,
            shown=(begun(request, full()).next(),),
            settings=lambda: settings(request, full(), self),
            check=self.checker(desk),
            tools=workshop,
            rounds=self.terms.max_rounds,
        )

    def workshop(self, desk: Desk, output: Output) -> Workshop:
        allow = (*self.allow, *allowed(self.sets))
        ports = Ports(
            fetch,
            lambda: keyless(os.environ, desk.members),
            desk.members.tell,
            self.tool_timeout,
            self.terms.max_observation,
            "network" in allow,
        )
        return Workshop(
            sources(self.tools, self.sets, desk, ports),
            allow,
            asker(no_input=output.no_input, yes=output.yes, err_tty=desk.terminal.err_tty),
            self.tool_timeout,
            desk.members.redacted,
            readonly=self.samples > 1,
        )

    def _shape(self) -> Mapping[str, Json] | None:
        if self.schema is None:
            return None
        from kit.cli.shape import shaped

        return shaped(self.schema).schema

    def checker(self, desk: Desk) -> Checker | None:
        if not self.terms.check:
            return None
        from kit.cli.checking import checking

        return checking(self.terms.check, self.check_timeout, desk.members)

    def watch(self, desk: Desk, output: Output) -> None:
        desk.show(text=False, reasoning=self.think)
        if not output.quiet and not output.dry_run:
            fully = desk.terminal.err_tty or output.verbose
            desk.watch(View(desk.terminal, fully=fully), lambda: None)


async def _looked_at(workshop: Workshop) -> None:
    try:
        await workshop.open()
    finally:
        await workshop.aclose()
