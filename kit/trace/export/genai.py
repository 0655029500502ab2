"""Spans in the words of OpenTelemetry's conventions for generative AI, at one version.

All of ``gen_ai.*`` is in development, and later versions live in a repository of their own
(semantic-conventions-genai): so the version is fixed here, and every name stands in this file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from kit.events import Attachment, Json, Message, Part, Reasoning, Text, ToolCall, ToolResult, Usage
from kit.trace.calls import Called
from kit.trace.export.spans import Subject, Whole
from kit.trace.story import Tooled, Trial

SCHEMA_URL = "https://opentelemetry.io/schemas/1.41.0"

CLIENT, INTERNAL = 3, 1

PROVIDERS = {
    "azure": "azure.ai.openai",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}
"""Presets that the conventions know by another name. A record tells the profile, not its preset:
one that is called like a preset is taken for it, another stands for itself."""

FINISH = {"tool_calls": "tool_call", "filter": "content_filter"}
AGENTS = ("react",)
"""Patterns in which the model decides what is done next."""


def kind(subject: Subject) -> int:
    return CLIENT if isinstance(subject, Called) else INTERNAL


def name(subject: Subject) -> str:
    """Of a span: the operation and what it is done to."""
    match subject:
        case Whole(run):
            return f"{_operation(run.pattern)} {run.pattern}"
        case Called():
            return f"chat {subject.model}".rstrip()
        case Tooled():
            return f"execute_tool {subject.name}"
        case Trial():
            return "check"


def attributes(subject: Subject, *, content: bool) -> dict[str, Json]:
    """What is known of it; None is unknown and to be left out. Texts only with ``content``."""
    match subject:
        case Whole():
            told = _of_run(subject)
        case Called():
            told = _of_call(subject) | (_said(subject) if content else {})
        case Tooled():
            told = _of_tool(subject) | (_done(subject) if content else {})
        case Trial():
            told = own(subject)
    return told


def own(subject: Subject) -> dict[str, Json]:
    """What no convention has a name for."""
    match subject:
        case Whole(run, story):
            detail = story.result.get("detail")
            told: Mapping[str, Json] = detail if isinstance(detail, Mapping) else {}
            usage = run.usage or {}
            return {
                "kit.run": run.id,
                "kit.pattern": run.pattern,
                "kit.status": run.status,
                "kit.calls": usage.get("calls"),
                "kit.cost_usd": usage.get("cost_usd"),
                "kit.agreement": told.get("agreement"),
                "kit.score": told.get("score"),
                "kit.stopped": told.get("stopped"),
            }
        case Called():
            return {
                "kit.call": subject.id,
                "kit.profile": subject.request.profile,
                "kit.status": subject.status,
                "kit.requests": subject.attempts,
                "kit.queue_s": _between(subject.began, subject.sent),
                "kit.cost_usd": paid(subject).cost_usd,
                "kit.recorded": subject.recorded or None,
            }
        case Tooled():
            return {"kit.call": subject.call, "kit.approved": subject.approved or None}
        case Trial(checked=checked):
            return {"kit.check.passed": checked.passed, "kit.check.code": checked.code}


def paid(call: Called) -> Usage:
    """What a call used; nothing is known of one whose reply another run has paid for."""
    return Usage() if call.recorded else call.usage


def _operation(pattern: str) -> str:
    return "invoke_agent" if pattern in AGENTS else "invoke_workflow"


def _of_run(whole: Whole) -> dict[str, Json]:
    operation = _operation(whole.run.pattern)
    named = "gen_ai.agent.name" if operation == "invoke_agent" else "gen_ai.workflow.name"
    return {"gen_ai.operation.name": operation, named: whole.run.pattern, **own(whole)}


def _of_call(call: Called) -> dict[str, Json]:
    request, usage, reply = call.request, paid(call), call.reply
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDERS.get(request.profile, request.profile) or "unknown",
        "gen_ai.request.model": call.asked or call.model or None,
        "gen_ai.request.temperature": request.temperature,
        "gen_ai.request.top_p": request.top_p,
        "gen_ai.request.max_tokens": request.max_tokens,
        "gen_ai.request.seed": request.seed,
        "gen_ai.request.stop_sequences": list(request.stop) or None,
        "gen_ai.output.type": "json" if request.schema else None,
        "gen_ai.response.id": reply.id or None if reply else None,
        "gen_ai.response.model": reply.model or None if reply else None,
        "gen_ai.response.finish_reasons": [FINISH.get(reply.finish, reply.finish)]
        if reply
        else None,
        "gen_ai.response.time_to_first_chunk": _between(call.sent, call.first),
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens,
        **own(call),
    }


def _of_tool(use: Tooled) -> dict[str, Json]:
    return {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": use.name,
        "gen_ai.tool.call.id": use.id or None,
        "gen_ai.tool.type": "function",
        **own(use),
    }


# --- content ------------------------------------------------------------------------------------
def _said(call: Called) -> dict[str, Json]:
    system = [
        part for each in call.request.messages if each.role == "system" for part in _parts(each)
    ]
    asked = [_message(each) for each in call.request.messages if each.role != "system"]
    reply = call.reply
    answer = _message(reply.message) if reply else {"role": "assistant", "parts": _words(call)}
    finish = FINISH.get(reply.finish, reply.finish) if reply else "error"
    tools = [
        {"type": "function", "name": each.name, "description": each.description,
         "parameters": dict(each.parameters)}
        for each in call.request.tools
    ]  # fmt: skip
    return {
        "gen_ai.system_instructions": _json(system),
        "gen_ai.input.messages": _json(asked),
        "gen_ai.output.messages": _json([{**answer, "finish_reason": finish}]),
        "gen_ai.tool.definitions": _json(tools),
        "kit.vote": call.ballot.vote if call.ballot else None,
    }


def _done(use: Tooled) -> dict[str, Json]:
    return {
        "gen_ai.tool.call.arguments": json.dumps(dict(use.arguments)),
        "gen_ai.tool.call.result": use.output or None,
    }


def _message(message: Message) -> dict[str, Json]:
    return {"role": message.role, "parts": list(_parts(message))}


def _parts(message: Message) -> Iterator[dict[str, Json]]:
    return map(_part, message.parts)


def _part(part: Part) -> dict[str, Json]:
    match part:
        case Text(text):
            return {"type": "text", "content": text}
        case Reasoning(text):
            return {"type": "reasoning", "content": text}
        case ToolCall(id_, name_, arguments):
            return {"type": "tool_call", "id": id_, "name": name_, "arguments": arguments}
        case ToolResult(id_, output):
            return {"type": "tool_call_response", "id": id_, "response": output}
        case Attachment(media_type, data, url):
            place = {"type": "uri", "uri": url} if url else {"type": "blob", "content": data}
            return {**place, "mime_type": media_type, "modality": media_type.partition("/")[0]}


def _words(call: Called) -> list[dict[str, Json]]:
    """What there was of a reply that did not come to its end."""
    return [{"type": "text", "content": call.words}] if call.words else []


def _json(value: list[dict[str, Json]]) -> str | None:
    return json.dumps(value) if value else None


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(max(end - start, 0.0), 3)
