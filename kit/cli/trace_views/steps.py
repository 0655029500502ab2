"""One run told call by call: what was said to whom, what came back, what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import indent

from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import dim, one_line, seconds, status
from kit.events import Attachment, Message, Part, Reasoning, Text, ToolCall, ToolResult
from kit.trace.calls import Called
from kit.trace.runs import Run


def steps(run: Run, made: Sequence[Called], terminal: Terminal) -> Iterator[str]:
    """What an earlier call has already shown (a prompt asked nine times) is not shown again."""
    yield f"run {run.id}  {one_line(run.pattern)}  {status(run.status, terminal)}"
    shown: set[str] = set()
    for call in made:
        yield ""
        yield _title(call, terminal)
        fresh = [each for each in call.request.messages if repr(each) not in shown]
        shown.update(map(repr, call.conversation))
        if len(fresh) < len(call.request.messages):
            yield dim("  (earlier messages as above)", terminal)
        for message in (*fresh, *_reply(call)):
            yield from _message(message, terminal)
        yield from (f"  {each}" for each in _outcome(call))
    if run.error:
        yield ""
        yield f"error: {one_line(run.error)}"


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
        # Indented line by line, so that no text can pass itself off as a part of this view.
        yield indent(clean(text).rstrip("\n"), "    ")


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
    if call.failure:
        yield one_line(getattr(call.failure, "message", "") or getattr(call.failure, "reason", ""))
    if call.reply and call.reply.finish != "stop":
        yield f"finish: {one_line(call.reply.finish)}"
    if ballot := call.ballot:
        yield one_line(f"vote: {ballot.vote if ballot.vote is not None else 'none'}")
        if ballot.reason:
            yield one_line(f"reason: {ballot.reason}")
