"""Runs that are killed at any moment and taken up again, on a slow server that answers the same
thing to the same question."""

from __future__ import annotations

import hashlib
import json
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command import Kit, until
from loopback import EVENTS, LAST, Seen, Server, Step, chunk, delta, event, head

from kit.trace.runs import records

PIECES, EVERY = 16, 0.02
"""A reply is so many pieces, one every so many seconds."""
VOTES = {"a": "42", "b": "42", "c": "41"}
USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}

COMMANDS: dict[str, tuple[str, ...]] = {
    "ask": ("ask", "-p", "a", "Tell me a story"),
    "consensus": (
        "consensus", "-p", "a", "-p", "b", "-p", "c", "--plan-seed", "5", "--answer", "number",
        "How many?",
    ),
    "refine": ("refine", "-p", "a", "--rounds", "6", "--patience", "6",
               "--check", 'sh:echo ran >> "$RAN"; grep "[0-2] and"', "A line with a 7"),
    "react": ("react", "-p", "a", "-t", "calc", "How much is it?"),
}  # fmt: skip


class SlowModel:
    """A server's ``default``. ``said`` holds what has left, when, in answer to which request."""

    def __init__(self) -> None:
        self.said: list[tuple[float, Seen, str]] = []

    def __call__(self, seen: Seen) -> list[Step]:
        return _Answer(self._steps(seen))

    def _steps(self, seen: Seen) -> Iterator[Step]:
        yield head(200, EVENTS | {"Transfer-Encoding": "chunked"})
        for piece, text in _pieces(seen.json):
            yield EVERY
            yield chunk(piece)
            self.said.append((time.monotonic(), seen, text))
        yield LAST

    def told_before(self, moment: float) -> Mapping[str, list[str]]:
        """By request: the texts of its replies as far as they had left by then, longest last."""
        texts: dict[int, str] = defaultdict(str)
        owner: dict[int, Seen] = {}
        for when, seen, text in self.said:
            if when <= moment:
                texts[id(seen)] += text
                owner[id(seen)] = seen
        found: dict[str, list[str]] = defaultdict(list)
        for name, text in texts.items():
            found[asked_by(owner[name].json)].append(text)
        return {name: sorted(each, key=len) for name, each in found.items()}


class _Answer(list[Step]):
    """Steps that are made while they are sent."""

    def __init__(self, steps: Iterator[Step]) -> None:
        super().__init__()
        self._steps = steps

    def __iter__(self) -> Iterator[Step]:
        return self._steps


def _pieces(asked: Any) -> Iterator[tuple[bytes, str]]:
    """The events of a reply, each with the text in it: they depend on the question alone."""
    done = sum(message["role"] == "tool" for message in asked["messages"])
    calls = bool(asked.get("tools")) and done < 3
    text = "I think and think about what to do next" if calls else _words(asked)
    size = max(1, -(-len(text) // PIECES))
    for at in range(0, len(text), size):
        yield delta(text[at : at + size]), text[at : at + size]
    if calls:
        function = {"name": "calc", "arguments": json.dumps({"expression": f"{done} + 40"})}
        call = {"index": 0, "id": f"call_{done}", "type": "function", "function": function}
        yield event({"id": "c", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}), ""
    yield delta(finish="tool_calls" if calls else "stop"), ""
    yield event({"id": "c", "choices": [], "usage": USAGE}), ""
    yield event(b"[DONE]"), ""


def _words(asked: Any) -> str:
    if "How many?" in asked_by(asked):
        return f"I count once more and come to\nANSWER: {VOTES[asked['model']]}"
    if asked.get("tools"):
        return f"It is {asked['messages'][-1]['content']}"
    digest = hashlib.sha256(asked_by(asked).encode()).hexdigest()
    return f"Once upon a time there were {digest[:1]} and {digest[1:2]}, and that is all"


def asked_by(body: Any) -> str:
    """What makes two requests the same: the model and all that was said."""
    said = [_text(message.get("content")) for message in body["messages"]]
    return "|".join([body["model"], *said])


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return content or ""


@dataclass
class Record:
    """What the file of a run holds: by request, how many replies, and all texts."""

    replies: Counter[str] = field(default_factory=Counter)
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, path: Path) -> Record:
        found, texts, names = cls(), dict[str, str](), dict[str, str]()
        for each in records(path):
            call = each.get("call", "")
            if each["kind"] == "call.started":
                names[call], texts[call] = _name(each["request"]), ""
            elif each["kind"] == "text":
                texts[call] += each["text"]
            elif each["kind"] == "call.replied":
                found.replies[names[call]] += 1
        for call, text in texts.items():
            found.texts[names[call]].append(text)
        return found


def _name(request: Any) -> str:
    messages = [
        {"content": "".join(_said(part) for part in message["parts"])}
        for message in request["messages"]
    ]
    return asked_by({"model": request["profile"], "messages": messages})


def _said(part: Any) -> str:
    return str(part.get("output", part.get("text", "")))


@dataclass
class Bench:
    """A home and a slow server, for runs that are killed."""

    kit: Kit
    server: Server
    model: SlowModel = field(default_factory=SlowModel)

    def __post_init__(self) -> None:
        for name in VOTES:  # each profile is a model of its own
            self.kit.serve(self.server.url, name, retries=0)
        self.server.default = self.model
        self.ran = self.kit.home / "ran.txt"
        self.kit.environ["RAN"] = str(self.ran)

    def undisturbed(self, command: Sequence[str]) -> tuple[str, Counter[str], float]:
        """What is printed, how often what is asked, and the seconds from the first request on."""
        self.clear()
        process = self.kit.start(*command)
        until(lambda: bool(self.server.requests))
        began = time.monotonic()
        out, _ = process.communicate(timeout=60)
        return out.decode(), self.asked(), time.monotonic() - began

    def kill(self, command: Sequence[str], after: float) -> tuple[Path, float]:
        """Kill it so many seconds after its first request; its file, and when that was."""
        self.clear()
        known = set(self.kit.runs())
        process = self.kit.start(*command)
        until(lambda: bool(self.server.requests) or process.poll() is not None)
        time.sleep(after)
        process.send_signal(signal.SIGKILL)
        moment = time.monotonic()
        process.communicate(timeout=30)
        (path,) = set(self.kit.runs()) - known
        return path, moment

    def clear(self) -> None:
        self.server.requests.clear()
        self.model.said.clear()
        self.ran.write_text("")

    def asked(self) -> Counter[str]:
        return Counter(asked_by(seen.json) for seen in self.server.requests)

    def checks(self) -> int:
        return len(self.ran.read_text().splitlines())


ENDED = ("ok", "unmet")
"""A run that was faster than its killer."""


def missing(bench: Bench, path: Path, moment: float, within: float) -> list[tuple[str, str]]:
    """Texts that had left the server so many seconds before the kill and are not in the record."""
    kept = Record.of(path).texts
    lost = []
    for name, texts in bench.model.told_before(moment - within).items():
        have = sorted(kept.get(name, []), key=len)[-len(texts) :]
        have = [""] * (len(texts) - len(have)) + have
        lost += [(t, h) for t, h in zip(texts, have, strict=True) if not h.startswith(t)]
    return lost
