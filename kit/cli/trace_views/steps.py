"""One run told call by call: what was said to whom, what came back, what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import indent

from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import dim, one_line, seconds, status
from kit.cli.trace_views.overview import arguments, passed
from kit.events import Attachment, Checked, Message, Part, Reasoning, Text, ToolCall, ToolResult
from kit.trace.calls import Called
from kit.trace.runs import Run
from kit.trace.story import Draft, Story, Tooled


def steps(run: Run, told: Story, terminal: Terminal) -> Iterator[str]:
    """What an earlier call has already shown (a prompt asked nine times) is not shown again."""
    yield f"run {run.id}  {one_line(run.pattern)}  {status(run.status, terminal)}"
    if told.started.resumed_from:
        yield f"goes on from run {one_line(told.started.resumed_from)}"
    shown: set[str] = set()
    for call in told.calls:
        yield ""
        yield _title(call, terminal)
        fresh = [each for each in call.request.messages if repr(each) not in shown]
        shown.update(map(repr, call.conversation))
        if len(fresh) < len(call.request.messages):
            yield dim("  (earlier messages as above)", terminal)
        for message in (*fresh, *_reply(call)):
            yield from _message(message, terminal)
        yield from (f"  {each}" for each in _outcome(call))
        for use in (each for each in told.tools if each.call == call.id):
            yield from _tool(use, terminal)
        yield from _texts_judged(told, call.id, terminal)
    yield from _ending(run, told, terminal)


def _title(call: Called, terminal: Terminal) -> str:
    names = [one_line(each) for each in (call.id, call.request.profile, call.model)]
    words = [*names, status(call.status, terminal), seconds(call.seconds)]
    return "call " + "  ".join(word for word in words if word)


def _reply(call: Called) -> list[Message]:
    """The reply, or what there was of it."""
    if call.reply and call.reply.message.parts:
        return [call.reply.message]
    parts: list[Part] = [Reasoning(call.reasoning)] if call.reasoning else []
    parts += [Text(call.words)] if call.words else []
    return [Message("assistant", tuple(parts))] if parts else []


def _message(message: Message, terminal: Terminal) -> Iterator[str]:
    for part in message.parts:
        name, text = _part(part)
        yield "  " + dim(f"{one_line(message.role)}{name}", terminal)
        yield _quoted(text, "    ")


def _quoted(text: str, by: str) -> str:
    """Indented line by line, so that no text can pass itself off as a part of this view."""
    return indent(clean(text).rstrip("\n"), by)


def _part(part: Part) -> tuple[str, str]:
    """What the part is called beside its role, and what is shown of it."""
    match part:
        case Text(text):
            return "", text
        case Reasoning(text):
            return ", thinking", text
        case Attachment(media_type, _, url, name):
            return ", attachment", name or url or media_type
        case ToolCall(_, name, arguments):
            return ", tool call", f"{name}({arguments})"
        case ToolResult(_, output, failed):
            return ", tool failed" if failed else ", tool result", output


def _outcome(call: Called) -> Iterator[str]:
    yield from map(one_line, call.remarks)
    if call.recorded:
        yield one_line(f"from the record of run {call.recorded}, nothing sent")
    if call.failure:
        yield one_line(getattr(call.failure, "message", "") or getattr(call.failure, "reason", ""))
    if call.reply and call.reply.finish not in {"stop", "tool_calls"}:
        yield f"finish: {one_line(call.reply.finish)}"
    if ballot := call.ballot:
        yield one_line(f"vote: {ballot.vote if ballot.vote is not None else 'none'}")
        if ballot.reason:
            yield one_line(f"reason: {ballot.reason}")


def _tool(use: Tooled, terminal: Terminal) -> Iterator[str]:
    """What it said stands in the messages of the next call, and here only if it failed."""
    words = [
        f"tool {one_line(use.name)}",
        status(use.status, terminal),
        seconds(use.seconds),
        one_line(f"({use.approved})") if use.approved else "",
    ]
    yield "  " + "  ".join(word for word in words if word)
    if use.arguments:
        yield _quoted(arguments(use), "    ")
    if use.error:
        yield f"    error: {one_line(use.error)}"


def _texts_judged(told: Story, call: str, terminal: Terminal) -> Iterator[str]:
    """What was made of the text that this call wrote."""
    for trial in told.checks:
        if trial.checked.call == call:
            yield from _check(trial.checked, terminal)
    for draft in told.drafts.values():
        if draft.made.call == call:
            yield from _draft(draft, draft.made.draft == told.best)


def _check(checked: Checked, terminal: Terminal) -> Iterator[str]:
    yield f"  check  {status(passed(checked), terminal)}  {one_line(checked.command)}"
    if checked.output.strip():
        yield _quoted(checked.output, "    ")


def _draft(draft: Draft, best: bool) -> Iterator[str]:
    made, scored = draft.made, draft.scored
    origin = f", from draft {made.revises}" if made.revises else ""
    worth = f", score {scored.score:.2f}" if scored and scored.score is not None else ""
    gate = ", fails its check" if scored and not scored.passed else ""
    yield f"  draft {made.draft}, round {made.round}{origin}{worth}{gate}{', best' if best else ''}"
    if scored and scored.critique:
        yield _quoted(scored.critique, "    ")


def _ending(run: Run, told: Story, terminal: Terminal) -> Iterator[str]:
    """What belongs to no call."""
    lines: Iterable[str] = [
        *(line for trial in told.checks if not trial.checked.call
          for line in _check(trial.checked, terminal)),
        *(f"note: {one_line(note)}" for note in told.notes),
        *([f"error: {one_line(run.error)}"] if run.error else []),
    ]  # fmt: skip
    if lines:
        yield ""
        yield from lines
