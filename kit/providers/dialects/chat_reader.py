"""What a chat completion says, streamed or whole, on every host that serves them. Pure.

The rules are those that all recorded replies agree with: a chunk may lack anything, and says
nothing by what it lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import KitError, UnusableError
from kit.events import (
    Event,
    Finish,
    Json,
    Message,
    Part,
    Reasoning,
    ReasoningDelta,
    Replied,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from kit.providers.dialects.fields import count, table, tables, text
from kit.providers.dialects.replies import cut, settled
from kit.providers.dialects.told import told
from kit.providers.dialects.trouble import in_stream

_FINISHES: Mapping[str, Finish] = {
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "filter",
}  # all others are a stop; settled() knows tool calls by themselves


@dataclass(slots=True)
class _Call:
    """A tool call while it grows: the first id and the first name win, arguments are joined."""

    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def add(self, id_: str, function: Mapping[str, Json]) -> None:
        self.id = self.id or id_
        self.name = self.name or text(function, "name")
        arguments = function.get("arguments")
        if isinstance(arguments, Mapping):
            arguments = json.dumps(arguments, ensure_ascii=False)
        if isinstance(arguments, str):
            self.arguments.append(arguments)


class ChatReader:
    """Whole after a finish reason, or ``[DONE]``, and no error. Only the first choice is read."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._thought: list[str] = []
        self._refusal: list[str] = []
        self._details: list[dict[str, Json]] = []  # OpenRouter's reasoning_details
        self._calls: dict[Json, _Call] = {}
        self._content_field = False  # reasoning came as reasoning_content
        self._usage: Mapping[str, Json] = {}
        self._finish = ""
        self._id = ""
        self._model = ""
        self._ended = False
        self._fields = ("delta", "message")

    def feed(self, event: str, data: Mapping[str, Json]) -> Iterable[Event]:
        if event == "error" or data.get("error") or data.get("object") == "error":
            raise in_stream(data)
        self._note(data)
        found: list[Event] = []
        for choice in data.get("choices") or ():
            if isinstance(choice, dict) and not choice.get("index"):
                found += self._choice(choice)
        return found

    def done(self) -> None:
        self._ended = True

    def whole(self, body: Mapping[str, Json]) -> Iterable[Event]:
        if not tables(body, "choices"):
            raise _no_completion(body)
        self._fields = ("message", "delta")  # Perplexity sends both, one of them empty
        found = self.feed("", body)
        self._ended = True
        return found

    def close(self) -> Replied:
        if not (self._ended or self._finish):
            raise cut()
        message = Message("assistant", tuple(self._parts()))
        refusal = "".join(self._refusal)
        finish: Finish = "refusal" if refusal else _FINISHES.get(self._finish, "stop")
        return Replied(
            message=message,
            finish=settled(finish, message),
            usage=_usage(self._usage),
            model=self._model,
            id=self._id,
            refusal=refusal,
        )

    def _note(self, data: Mapping[str, Json]) -> None:
        """What stands beside the choices: in every chunk, in one, or in none."""
        if not self._id:
            self._id = text(data, "id")
        if not self._model:
            self._model = text(data, "model")
        usage = data.get("usage")
        if usage and isinstance(usage, dict):
            self._usage = usage
        elif "x_groq" in data and (usage := table(table(data, "x_groq"), "usage")):
            self._usage = self._usage or usage

    def _choice(self, choice: Mapping[str, Json]) -> list[Event]:
        finish = choice.get("finish_reason")
        if finish and isinstance(finish, str):
            self._finish = finish
        if finish == "error" or choice.get("error"):
            raise in_stream(choice.get("error") or "the reply ended in an error")
        for name in self._fields:
            if isinstance(delta := choice.get(name), dict):
                return self._delta(delta)
        return self._delta({"content": choice.get("text")})

    def _delta(self, delta: Mapping[str, Json]) -> list[Event]:
        found: list[Event] = []
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self._content_field = self._content_field or bool(delta.get("reasoning_content"))
            found += self._think(thought)
        if content := delta.get("content"):
            found += self._say(content)
        if refusal := delta.get("refusal"):
            self._refusal.append(str(refusal))
        if details := delta.get("reasoning_details"):
            self._detail(details)
        if calls := delta.get("tool_calls"):
            self._call(calls)
        if function := delta.get("function_call"):
            self._legacy(function)
        return found

    def _say(self, content: Json) -> list[Event]:
        """Mistral sends a list: pieces of text, and thinking pieces that hold pieces of text."""
        if isinstance(content, str):
            self._text.append(content)
            return [TextDelta(text=content)]
        found: list[Event] = []
        for piece in tables({"content": content}, "content"):
            if piece.get("type") == "thinking":
                inner = tables(piece, "thinking")
                found += self._think("".join(text(one, "text") for one in inner))
            elif said := text(piece, "text"):
                found += self._say(said)
        return found

    def _think(self, thought: Json) -> list[Event]:
        if not thought or not isinstance(thought, str):
            return []
        self._thought.append(thought)
        return [ReasoningDelta(text=thought)]

    def _detail(self, details: Json) -> None:
        """Pieces of one text are joined; encrypted blocks come whole, and stay as they are."""
        for detail in tables({"details": details}, "details"):
            last = self._details[-1] if self._details else {}
            same = all(last.get(name) == detail.get(name) for name in ("type", "index"))
            grown = [name for name in ("text", "summary") if text(detail, name)]
            if last and same and detail.get("type") != "reasoning.encrypted":
                joined = {name: text(last, name) + text(detail, name) for name in grown}
                last |= {n: value for n, value in detail.items() if value is not None} | joined
            else:
                self._details.append(dict(detail))

    def _call(self, calls: Json) -> None:
        """By index, else by id; a piece with neither goes on with the last unless it has a name."""
        for piece in tables({"calls": calls}, "calls"):
            function, index = table(piece, "function"), piece.get("index")
            key = index if isinstance(index, int) else text(piece, "id")
            if key == "":
                new = not self._calls or text(function, "name")
                key = f"#{len(self._calls)}" if new else next(reversed(self._calls))
            self._calls.setdefault(key, _Call()).add(text(piece, "id"), function)

    def _legacy(self, function: Json) -> None:
        """The one call of a reply, as it was before there were several."""
        if isinstance(function, dict) and (text(function, "name") or "function" in self._calls):
            self._calls.setdefault("function", _Call()).add("", function)

    def _parts(self) -> Iterator[Part]:
        if self._thought or self._details:
            yield Reasoning("".join(self._thought), raw=self._raw())
        if self._text:
            yield Text("".join(self._text))
        ids: set[str] = set()
        for number, call in enumerate(self._calls.values(), 1):
            id_ = call.id if call.id and call.id not in ids else f"call_{number}"
            ids.add(id_)
            yield ToolCall(id_, call.name, "".join(call.arguments))

    def _raw(self) -> dict[str, Json] | None:
        """OpenRouter wants its details again; DeepSeek the thought that led to a tool call."""
        if self._details:
            return {"reasoning_details": self._details}
        if self._content_field and self._calls:
            return {"reasoning_content": "".join(self._thought)}
        return None


def _usage(raw: Mapping[str, Json]) -> Usage | None:
    """xAI leaves reasoning out of the completion; its total shows that."""
    if not raw:
        return None
    inputs, outputs = table(raw, "prompt_tokens_details"), table(raw, "completion_tokens_details")
    asked, said = count(raw, "prompt_tokens"), count(raw, "completion_tokens")
    thought = count(outputs, "reasoning_tokens")
    if asked is not None and said is not None and thought:
        said += thought if count(raw, "total_tokens") == asked + said + thought else 0
    cached = (count(inputs, "cached_tokens"), count(raw, "prompt_cache_hit_tokens"))
    written = (count(inputs, "cache_write_tokens"), count(raw, "cache_creation_input_tokens"))
    return Usage(
        input_tokens=asked,
        output_tokens=said,
        reasoning_tokens=thought,
        cached_tokens=next((number for number in cached if number is not None), None),
        cache_write_tokens=next((number for number in written if number is not None), None),
        cost_usd=told(raw),
    )


def _no_completion(body: Mapping[str, Json]) -> KitError:
    if any(name in body for name in ("error", "message", "detail", "errors")):
        return in_stream(body)
    return UnusableError(
        "the provider's reply is not a chat completion", hint="check base_url and the profile's api"
    )
