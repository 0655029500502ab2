"""A model that uses tools until it knows the answer.

Each round: the model speaks; its calls are validated, approved and made (those that only look all
at once, the others one after the other); each is answered, in its order, whatever came of it. The
loop ends with a reply without calls. A last answer is asked for when the rounds or the calls are
used up, or when the model goes in circles and a note has not helped.
"""

from __future__ import annotations

import json
from itertools import groupby

from kit.errors import BudgetError, KitError, UnmetError, UnusableError
from kit.events import Checked, Noted, Replied, Request, ToolUsed
from kit.patterns.ask import flaw
from kit.patterns.reacting import calls, context, stuck, textual, turns
from kit.patterns.reacting.calls import Wanted
from kit.patterns.reacting.observation import short
from kit.patterns.reacting.talk import Talk, begun, refused
from kit.patterns.reacting.terms import Terms
from kit.patterns.steps import Call, Check, Outcome, Steps, ToolUse, Use, made
from kit.patterns.structure import Shape

CRITIQUE = 4000
"""Characters of a check's output that the model is shown."""


def react(request: Request, terms: Terms) -> Steps[Outcome]:
    """Hold the loop. The answer of an outcome with an error is what there was instead of one."""
    talk = begun(request, terms)
    while True:
        call = yield from _asked(talk)
        reply = call.reply
        if reply is None or call.error:
            return talk.outcome(_words(talk, call), _ended(call.error), call.error)
        message = textual.heard(reply.message) if terms.textual else reply.message
        wanted = calls.wanted(message, reply.finish, talk.tools)
        if not wanted or talk.forced:
            outcome = yield from _answered(talk, call, reply)
            if outcome:
                return outcome
            continue
        talk.said = message.text or talk.said
        talk.add(calls.told(message, wanted))
        yield from _worked(talk, call.id, wanted)


def _asked(talk: Talk) -> Steps[Call]:
    """One round's call; once more when the server refuses the order of the turns, or their length,
    and that can be mended."""
    call = yield from made(Call(talk.next()))
    if turns.disliked(call.error) and not talk.ordered:
        talk.ordered = True
        again = talk.asked(context.fitting(talk.request.messages, talk.terms.window))
        if again.messages != call.request.messages:
            call = yield from made(Call(again))
    if context.overflows(call.error):
        shorter = context.emptied(talk.request.messages)
        if shorter != talk.request.messages:
            yield Noted(call.id, "too long for this model: old observations are left out")
            call = yield from made(Call(talk.asked(shorter)))
    return call


# --- tools ----------------------------------------------------------------------------------------
def _worked(talk: Talk, call: str, wanted: list[Wanted]) -> Steps[None]:
    """Answer every call of a reply; then say so if the model is stuck."""
    for want in wanted:
        if want.repairs:
            yield Noted(call, f"{want.name}: arguments mended: {'; '.join(want.repairs)}")
    allowed = _within(talk, wanted)
    known: dict[str, ToolUsed] = {}
    for kind, group in groupby(allowed, key=lambda want: _kind(talk, want)):
        known |= {used.id: used for used in (yield from _made(talk, call, kind, list(group)))}
    talk.observe(tuple(known[want.id] for want in wanted))
    if talk.used >= talk.terms.max_tool_calls:
        talk.forced = "calls"
    elif reason := stuck.stuck(talk.history):
        yield from _warned(talk, reason)


def _within(talk: Talk, wanted: list[Wanted]) -> list[Wanted]:
    """The calls, those beyond the limit refused."""
    most, found = talk.terms.max_tool_calls, []
    for want in wanted:
        if not want.fault:
            talk.used += 1
        over = not want.fault and talk.used > most
        fault = f"the limit of {most} tool calls is used up" if over else want.fault
        found.append(Wanted(want.id, want.name, want.arguments, fault))
    return found


def _kind(talk: Talk, want: Wanted) -> str:
    """Neighbours of one kind are answered together."""
    if want.fault:
        return "refused"
    return "readonly" if talk.tools[want.name].access == "readonly" else f"one:{want.id}"


def _made(talk: Talk, call: str, kind: str, wanted: list[Wanted]) -> Steps[tuple[ToolUsed, ...]]:
    if kind == "refused":
        answers = tuple(refused(call, want) for want in wanted)
        yield from answers
        return answers
    uses = (ToolUse(w.id, w.name, w.arguments, call, talk.tainted) for w in wanted)
    used: tuple[ToolUsed, ...] = yield Use(tuple(uses))
    return used


def _warned(talk: Talk, reason: str) -> Steps[None]:
    """A note first; who has had one answers now."""
    yield Noted(text=f"the model is stuck: {reason}")
    if talk.warned:
        talk.forced = "stuck"
    else:
        talk.warned = True
        talk.hear(f"You are going in circles: {reason}. Try another way, or answer.")


# --- the answer -----------------------------------------------------------------------------------
def _answered(talk: Talk, call: Call, reply: Replied) -> Steps[Outcome | None]:
    """The end of the loop; None when the model is asked again, because its answer will not do."""
    text = _words(talk, call)
    if fault := flaw(reply):
        return talk.outcome(text, talk.forced and _stopped(talk), fault)
    wrong, answer, parsed = yield from _judged(talk.terms, call.id, text)
    more = {} if talk.terms.schema is None else {"parsed": parsed}
    if wrong and not talk.forced and talk.repairs < talk.terms.repairs:
        talk.repairs += 1
        talk.add(reply.message)
        talk.hear(wrong)
        return None
    error = _unanswered(talk, text, wrong)
    return talk.outcome(answer, _stopped(talk), error, **more)


def _words(talk: Talk, call: Call) -> str:
    return textual.unmarked(call.text) if talk.terms.textual else call.text


def _judged(terms: Terms, call: str, text: str) -> Steps[tuple[str, str, object]]:
    """What is wrong with an answer, in words for the model ("" when nothing is); the answer; and
    its JSON value where one was asked for."""
    if not text.strip():
        return "Your reply was empty. Answer, or use a tool.", text, None
    value: object = None
    if terms.schema is not None:
        value, faults = Shape(terms.schema).read(text)
        if faults:
            wrong = "\n".join(f"- {fault}" for fault in faults)
            return (
                f"That does not satisfy the schema:\n{wrong}\nReply with the corrected JSON only.",
                text,
                None,
            )
        text = json.dumps(value, ensure_ascii=False)
    if terms.check:
        checked: Checked = yield Check(terms.check, text, call)
        if not checked.passed:
            said = short(checked.output, CRITIQUE)
            return f"That answer does not pass `{terms.check}`:\n{said}\nCorrect it.", text, value
    return "", text, value


def _unanswered(talk: Talk, text: str, wrong: str) -> KitError | None:
    """Why the last answer is not one; None when it is."""
    if not text.strip() and not talk.forced:
        return UnusableError("the model gave no answer", hint="ask again")
    reasons = {
        "rounds": (
            f"{talk.terms.max_rounds} rounds are used up",
            "--max-rounds allows more; the answer is what the model had by then",
        ),
        "calls": (
            f"{talk.terms.max_tool_calls} tool calls are used up",
            "--max-tool-calls allows more; the answer is what the model had by then",
        ),
        "stuck": (
            "the model was stuck: it repeated what it had done",
            "kit trace show last --format steps tells how",
        ),
    }
    if talk.forced:
        message, hint = reasons[talk.forced]
        return UnmetError(message, hint=hint)
    if wrong:
        what = "pass the check" if talk.terms.check and "pass" in wrong else "satisfy the schema"
        return UnmetError(f"the answer does not {what}", hint="--repairs allows more tries")
    return None


def _stopped(talk: Talk) -> str:
    return {"": "answer", "calls": "rounds"}.get(talk.forced, talk.forced)


def _ended(error: KitError | None) -> str | None:
    return "budget" if isinstance(error, BudgetError) else None
