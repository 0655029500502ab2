"""The judge of drafts: several samples at once, their mean, one repair for what cannot be read.

A judge that cannot be asked, or cannot be read, gives no score; it never costs a draft.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kit.errors import BudgetError, KitError, RejectedError, StoppedError
from kit.events import Judged, Message, Noted, Request, Text
from kit.patterns.ask import flaw
from kit.patterns.judging import hopeless
from kit.patterns.refining import asking
from kit.patterns.refining.drafts import Draft
from kit.patterns.refining.judgement import Judgement, nothing_to_change, read
from kit.patterns.refining.rubric import form
from kit.patterns.refining.terms import Terms
from kit.patterns.steps import Call, Steps, together


class Panel:
    """Who judges: the first of ``requests`` that can be asked at all. ``halt`` is the limit or the
    signal after which nothing more is asked."""

    def __init__(self, terms: Terms, requests: Sequence[Request], question: str) -> None:
        self.rubric, self.samples, self.question = terms.rubric, terms.judges, question
        self.requests = list(requests) if terms.rubric else []
        self.halt: KitError | None = None
        self.plain = False  # its server takes neither a temperature nor a schema

    @property
    def ready(self) -> bool:
        return bool(self.requests) and self.halt is None

    def judged(self, draft: Draft) -> Steps[None]:
        """Give the draft its rank and its critique; nothing changes where nobody can be read."""
        if not self.ready:
            return
        said = yield from self._samples(draft)
        found = [each for each in said if each.score is not None]
        if not found:
            if said:
                yield Noted(text=f"draft {draft.number} has no score: {said[0].fault}")
            return
        draft.rank = sum(each.score or 0.0 for each in found) / len(found)
        words = dict.fromkeys(each.critique for each in found if each.critique)
        telling = [each for each in words if not nothing_to_change(each)]
        draft.critique = "\n\n".join(telling or words)

    def _samples(self, draft: Draft) -> Steps[list[Judgement]]:
        """As many judgements as are asked for; of the next judge, when this one cannot be asked."""
        words = asking.judgement(self.question, self.rubric, draft.text)
        calls = yield from together(Call(self.request(words)) for _ in range(self.samples))
        if lost := self._lost(calls):
            yield Noted(text=lost)
            return (yield from self._samples(draft)) if self.ready else []
        heard = [self._heard(call) for call in calls]
        wrong = [at for at, call in enumerate(calls) if heard[at].fault and self._mendable(call)]
        for at in wrong:
            yield self._event(calls[at], draft, heard[at])
        if wrong:
            again = yield from together(self._again(calls[at], heard[at]) for at in wrong)
            for at, call in zip(wrong, again, strict=True):
                calls[at], heard[at] = call, self._heard(call)
        for call, said in zip(calls, heard, strict=True):
            yield self._event(call, draft, said)
        return heard

    def request(self, words: str, *, shaped: bool = True) -> Request:
        """A judge's system message stays; the rest is what it judges. One judge alone answers as
        it would most likely (temperature 0); several would only repeat each other at that."""
        request = self.requests[0]
        kept = [each for each in request.messages if each.role == "system"]
        request = replace(request, messages=(*kept, Message("user", (Text(words),))))
        if self.plain:
            return request
        cold = self.samples == 1 and request.temperature is None
        return replace(
            request,
            temperature=0.0 if cold else request.temperature,
            schema=form(self.rubric) if shaped else None,
        )

    def heed(self, error: KitError | None) -> None:
        if isinstance(error, (BudgetError, StoppedError)):
            self.halt = self.halt or error

    def _mendable(self, call: Call) -> bool:
        """Whether one more call may heal it: words that cannot be read, a request refused."""
        return self.ready and (call.error is None or _refused(call.error))

    def _again(self, call: Call, said: Judgement) -> Call:
        if call.error:
            self.plain = True
            temperature = self.requests[0].temperature
            return Call(replace(call.request, temperature=temperature, schema=None))
        words = f"That is no judgement: {said.fault}. {asking.form(self.rubric)}"
        reply = Message("assistant", (Text(call.text.strip() or "…"),))
        asked = Message("user", (Text(words),))
        return Call(replace(call.request, messages=(*call.request.messages, reply, asked)))

    def _heard(self, call: Call) -> Judgement:
        self.heed(call.error)
        if fault := call.error or flaw(call.reply):
            return Judgement(fault=fault.message)
        return read(call.text, self.rubric)

    def _lost(self, calls: Sequence[Call]) -> str:
        """A sentence when this judge cannot be asked at all: it is asked no more."""
        errors = [call.error for call in calls]
        for each in errors:
            self.heed(each)
        first = errors[0]
        if self.halt or first is None or not all(each and hopeless(each) for each in errors):
            return ""
        self.requests.pop(0)
        self.plain = False
        then = f"{self.requests[0].profile} judges instead" if self.requests else "nobody judges"
        return f"the judge cannot be asked: {first.message}; {then}"

    @staticmethod
    def _event(call: Call, draft: Draft, said: Judgement) -> Judged:
        return Judged(call.id, draft.number, said.score, said.critique, said.fault)


def _refused(error: KitError) -> bool:
    """Whether it is this form of the request that the server does not take."""
    return isinstance(error, RejectedError) and error.http_status in (400, 422)
