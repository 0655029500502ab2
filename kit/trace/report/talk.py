"""What was said: the steps of a run with tools, and every call with its messages, folded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from kit.events import Attachment, Message, Part, Reasoning, Text, ToolCall, ToolResult
from kit.trace.amounts import seconds
from kit.trace.calls import Called
from kit.trace.report.chart import of_call
from kit.trace.report.markup import Content, Html, el
from kit.trace.report.pieces import Section, code, cut, folded, own, pill, said, section
from kit.trace.story import Story, Tooled


# --- the steps of a run with tools --------------------------------------------------------------
def tools(told: Story) -> Section | None:
    """None for a run that used no tool."""
    if not told.tools:
        return None
    return section("tools", "Tool steps", el("ol", list(_steps(told)), class_="steps"))


def _steps(told: Story) -> Iterator[Html]:
    """In the order of things: what the model said, the tools that it wanted, what they gave."""
    uses = {name: list(each) for name, each in groupby(told.tools, lambda use: use.call)}
    for call in told.calls:
        yield el("li", _spoken(call))
        yield from (_use(use) for use in uses.get(call.id, ()))


def _spoken(call: Called) -> Content:
    link = el("a", f"#{call.id}", href=f"#call-{call.id}")
    words = said(call.words) if call.words.strip() else None
    thought = folded("Thinking", said(call.reasoning)) if call.reasoning.strip() else None
    return [el("p", "The model ", link, class_="role"), thought, words]


def _use(use: Tooled) -> Html:
    facts = [seconds(use.seconds), f"let by: {use.approved}" if use.approved else ""]
    title = el("p", el("strong", own(use.name)), " ", pill(use.status), " ",
               el("span", " · ".join(filter(None, facts)), class_="soft"))  # fmt: skip
    return el(
        "li",
        title,
        code(dict(use.arguments)) if use.arguments else None,
        el("p", own(use.error), class_="trouble") if use.error else None,
        folded("What it gave", code(use.output), open_=len(use.output) < 400)
        if use.output.strip()
        else None,
        class_="tool",
    )


# --- every call ---------------------------------------------------------------------------------
def talk(told: Story) -> Section | None:
    if not told.calls:
        return None
    shown: set[str] = set()
    parts = [_call(call, told, shown, open_=len(told.calls) == 1) for call in told.calls]
    return section("calls", "Calls", el("div", parts, class_="calls"))


def _call(call: Called, told: Story, shown: set[str], *, open_: bool) -> Html:
    """What an earlier call has shown (a prompt asked nine times) is not shown again."""
    fresh = [each for each in call.request.messages if repr(each) not in shown]
    shown.update(map(repr, call.conversation))
    word, tone, why = of_call(call, told)
    facts = " · ".join(filter(None, [call.request.profile, call.model, seconds(call.seconds)]))
    title = [el("strong", f"#{call.id}"), " ", el("span", own(cut(word, 40)), class_=tone or None),
             el("span", own(facts), class_="soft")]  # fmt: skip
    earlier = len(fresh) < len(call.request.messages)
    return folded(
        title,
        el("p", "The messages before are those of earlier calls.", class_="soft")
        if earlier
        else None,
        [_message(each) for each in (*fresh, *_reply(call))],
        [el("p", own(each), class_="soft") for each in _remarks(call, why)],
        open_=open_,
        id=f"call-{call.id}",
    )


def _remarks(call: Called, why: str) -> Iterator[str]:
    yield from call.remarks
    if call.recorded:
        yield f"From the record of run {call.recorded}: nothing was sent and nothing paid."
    if call.ballot and call.ballot.vote is not None:
        yield f"Vote: {call.ballot.vote}"
    elif why:
        yield why
    if call.reply and call.reply.finish not in {"stop", "tool_calls"}:
        yield f"Finish: {call.reply.finish}"


def _reply(call: Called) -> Sequence[Message]:
    """The reply, or what there was of it."""
    if call.reply and call.reply.message.parts:
        return [call.reply.message]
    parts: list[Part] = [Reasoning(call.reasoning)] if call.reasoning else []
    parts += [Text(call.words)] if call.words else []
    return [Message("assistant", tuple(parts))] if parts else []


def _message(message: Message) -> Content:
    return [_part(message.role, part) for part in message.parts]


def _part(role: str, part: Part) -> Content:
    name, body = _shown(part)
    return [el("p", own(f"{role}{name}"), class_="role"), body]


def _shown(part: Part) -> tuple[str, Html]:
    match part:
        case Text(text):
            return "", said(text)
        case Reasoning(text):
            return ", thinking", said(text, more="soft")
        case Attachment(media_type, _, url, name):
            return ", attachment", said(" ".join(filter(None, [name, media_type, cut(url, 300)])))
        case ToolCall(_, name, arguments):
            return f", wants the tool {name}", code(arguments)
        case ToolResult(_, output, failed):
            return ", tool failed" if failed else ", tool result", code(output)
