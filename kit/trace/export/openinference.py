"""The same spans in the words of OpenInference, which Arize Phoenix reads.

https://github.com/Arize-ai/openinference/blob/main/spec/semantic_conventions.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from kit.events import Attachment, Json, Message, Text, ToolCall, ToolResult
from kit.trace.calls import Called
from kit.trace.export.genai import AGENTS, own, paid
from kit.trace.export.spans import Subject, Whole
from kit.trace.story import Tooled, Trial

PROVIDERS = {"gemini": "google", "mistral": "mistralai"}
"""Presets that OpenInference knows by another name."""


def attributes(subject: Subject, *, content: bool) -> dict[str, Json]:
    """What is known of it; None is unknown and to be left out. Texts only with ``content``."""
    match subject:
        case Whole(run):
            kind = "AGENT" if run.pattern in AGENTS else "CHAIN"
            told: dict[str, Json] = {"agent.name": run.pattern if kind == "AGENT" else None}
            said = _values(run.prompt, run.answer)
        case Called():
            kind, told, said = "LLM", _of_call(subject), _said(subject)
        case Tooled():
            kind, told = "TOOL", {"tool.name": subject.name, "tool.id": subject.id or None}
            said = _values(json.dumps(dict(subject.arguments)), subject.output)
            said["input.mime_type"] = "application/json"
        case Trial(checked=checked):
            kind, told, said = "EVALUATOR", {}, _values(checked.command, checked.output)
    return {"openinference.span.kind": kind, **told, **own(subject), **(said if content else {})}


def _of_call(call: Called) -> dict[str, Json]:
    request, usage, reply = call.request, paid(call), call.reply
    parameters = {
        "temperature": request.temperature, "top_p": request.top_p, "seed": request.seed,
        "max_tokens": request.max_tokens, "stop": list(request.stop) or None,
        "reasoning_effort": request.reasoning_effort,
    }  # fmt: skip
    given = {name: value for name, value in parameters.items() if value is not None}
    counts = (usage.input_tokens, usage.output_tokens)
    return {
        "llm.model_name": call.model or None,
        "llm.request.model_name": call.asked or None,
        "llm.response.model_name": reply.model or None if reply else None,
        "llm.provider": PROVIDERS.get(request.profile, request.profile) or None,
        "llm.invocation_parameters": json.dumps(given) if given else None,
        "llm.finish_reason": reply.finish if reply else None,
        "llm.token_count.prompt": usage.input_tokens,
        "llm.token_count.completion": usage.output_tokens,
        "llm.token_count.total": None if None in counts else sum(each or 0 for each in counts),
        "llm.token_count.prompt_details.cache_read": usage.cached_tokens,
        "llm.token_count.prompt_details.cache_write": usage.cache_write_tokens,
        "llm.token_count.completion_details.reasoning": usage.reasoning_tokens,
        "llm.cost.total": usage.cost_usd,
    }


def _said(call: Called) -> dict[str, Json]:
    asked = [each.text for each in call.request.messages if each.role == "user"]
    told = _values(asked[-1] if asked else "", call.words)
    for number, message in enumerate(call.request.messages):
        told.update(_message(f"llm.input_messages.{number}.message.", message))
    if call.reply:
        told.update(_message("llm.output_messages.0.message.", call.reply.message))
    elif call.words:
        partial = Message("assistant", (Text(call.words),))
        told.update(_message("llm.output_messages.0.message.", partial))
    for number, tool in enumerate(call.request.tools):
        schema = {"name": tool.name, "description": tool.description,
                  "parameters": dict(tool.parameters)}  # fmt: skip
        told[f"llm.tools.{number}.tool.json_schema"] = json.dumps(schema)
    return told


def _message(above: str, message: Message) -> Iterator[tuple[str, Json]]:
    yield f"{above}role", message.role
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    if text := message.text or "\n".join(part.output for part in results):
        yield f"{above}content", text
    if results:
        yield f"{above}tool_call_id", results[0].id
    for number, use in enumerate(p for p in message.parts if isinstance(p, ToolCall)):
        below = f"{above}tool_calls.{number}.tool_call."
        yield f"{below}id", use.id
        yield f"{below}function.name", use.name
        yield f"{below}function.arguments", use.arguments
    for number, part in enumerate(p for p in message.parts if isinstance(p, Attachment)):
        if part.media_type.startswith("image/"):
            below = f"{above}contents.{number}.message_content."
            yield f"{below}type", "image"
            yield (
                f"{below}image.image.url",
                part.url or f"data:{part.media_type};base64,{part.data}",
            )


def _values(asked: str, said: str) -> dict[str, Json]:
    return {"input.value": asked or None, "output.value": said or None}
