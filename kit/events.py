"""THE vocabulary: what is asked, what is said, and what happened. Frozen values, no behaviour.

A ``Request`` goes out, ``Event`` values come back. The terminal renders them, the trace records
them, tests compare them. Nothing here has a field that could hold a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, ClassVar, Literal, TypeAlias

from kit.dataclass import dataclass

SCHEMA = 1
"""Version of the records below as they stand in a trace. Additions do not change it."""

Json: TypeAlias = Any  # what json.loads returns: the one place where a type cannot say more
Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
Finish: TypeAlias = Literal["stop", "length", "tool_calls", "filter", "refusal"]


# --- what a message is made of ------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Text:
    type: ClassVar[str] = "text"
    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought. ``raw`` is the provider's own block, given back unchanged when set
    (Anthropic's signed thinking, OpenAI's encrypted reasoning items)."""

    type: ClassVar[str] = "reasoning"
    text: str
    raw: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image or a PDF: ``data`` in base64, or a ``url`` that the provider fetches."""

    type: ClassVar[str] = "attachment"
    media_type: str
    data: str = ""
    url: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """``arguments`` is the text that the model wrote: JSON when it behaved."""

    type: ClassVar[str] = "tool_call"
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    type: ClassVar[str] = "tool_result"
    id: str
    output: str
    failed: bool = False


Part: TypeAlias = Text | Reasoning | Attachment | ToolCall | ToolResult


@dataclass(frozen=True, slots=True)
class Message:
    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All that was said in words, reasoning left out."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))


@dataclass(frozen=True, slots=True)
class Tool:
    """``parameters`` is a JSON Schema of type object."""

    name: str
    description: str
    parameters: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one model. None means: not asked for, the provider's default may stand in
    (and may be left out when the server refuses it); a value was asked for and is never dropped."""

    messages: tuple[Message, ...]
    profile: str = ""  # which provider answers; empty where there is only one
    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    reasoning_effort: str | None = None
    schema: Mapping[str, Json] | None = None  # the answer shall be JSON that satisfies it
    tools: tuple[Tool, ...] = ()
    tool_choice: Literal["auto", "none", "required"] = "auto"
    options: Mapping[str, Json] = field(default_factory=dict)  # raw fields of the body


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as all providers mean them after translation: input includes cached, output includes
    reasoning. None is unknown and never becomes 0. ``cost_usd`` is None without a known price."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None
    cost_usd: float | None = None


# --- what happens in one call: a provider's stream ----------------------------------------------
@dataclass(frozen=True, slots=True)
class CallSent:
    """Yielded just BEFORE a request leaves: whoever reads it may close the stream and so prevent
    it. The reserves are the worst that this request can use (tokens, USD); None is unknown."""

    kind: ClassVar[str] = "call.sent"
    call: str = ""
    attempt: int = 1
    model: str = ""
    reserve_tokens: int | None = None
    reserve_usd: float | None = None


@dataclass(frozen=True, slots=True)
class CallRetried:
    """An attempt failed and another will follow after ``wait_s`` seconds. ``unbilled``: the failed
    one surely cost nothing."""

    kind: ClassVar[str] = "call.retried"
    call: str = ""
    reason: str = ""
    wait_s: float = 0.0
    unbilled: bool = False


@dataclass(frozen=True, slots=True)
class TextDelta:
    kind: ClassVar[str] = "text"
    call: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    kind: ClassVar[str] = "reasoning"
    call: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Replied:
    """The whole reply, once it is known to be whole. ``usage`` is None when nothing was said.
    ``refusal`` is what a model said instead of an answer. ``recorded`` names the run whose record
    gave it again: nothing was sent and nothing paid."""

    kind: ClassVar[str] = "call.replied"
    call: str = ""
    message: Message = Message("assistant", ())
    finish: Finish = "stop"
    usage: Usage | None = None
    model: str = ""
    id: str = ""
    refusal: str = ""
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something a user should know, in one sentence: a repaired parameter, a retired service."""

    kind: ClassVar[str] = "noted"
    call: str = ""
    text: str = ""


# --- what happens in a run: added by run() and by patterns --------------------------------------
@dataclass(frozen=True, slots=True)
class RunStarted:
    """``settings`` holds what the pattern was started with (requests, plan, seed, stop …): plain
    JSON, enough to start it again. ``resumed_from`` names the run that this one goes on from."""

    kind: ClassVar[str] = "run.started"
    call: str = ""
    schema: int = SCHEMA
    kit: str = ""
    run: str = ""
    pattern: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)
    resumed_from: str = ""


@dataclass(frozen=True, slots=True)
class CallStarted:
    kind: ClassVar[str] = "call.started"
    call: str = ""
    request: Request = Request(())


@dataclass(frozen=True, slots=True)
class CallFailed:
    """``text`` is what had arrived before; ``error`` the name of the class in kit.errors, the
    rest what else it held. ``recorded`` as in Replied."""

    kind: ClassVar[str] = "call.failed"
    call: str = ""
    error: str = ""
    message: str = ""
    status: str = ""
    text: str = ""
    hint: str = ""
    http_status: int | None = None
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class CallCancelled:
    """Closed by kit, because its answer was no longer needed or the run was stopped."""

    kind: ClassVar[str] = "call.cancelled"
    call: str = ""
    reason: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class VoteCast:
    """A ballot was counted, in the plan's order. ``vote`` None abstains, for ``reason``."""

    kind: ClassVar[str] = "vote.cast"
    call: str = ""
    slot: int = 0
    vote: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class VoteClosed:
    kind: ClassVar[str] = "vote.closed"
    call: str = ""
    winner: str | None = None
    votes: Mapping[str, float] = field(default_factory=dict)
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """A command has judged a text (of ``call``, where it came from one): exit code 0 passes.
    ``code`` None: it did not come to its end. ``output`` is what it wrote, its middle left out
    when it was long, or why it has no exit code. ``sha256`` is that of the text."""

    kind: ClassVar[str] = "checked"
    call: str = ""
    command: str = ""
    passed: bool = False
    code: int | None = None
    output: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft was written by ``call``, or given ("": by the user). Drafts are numbered from 1;
    round 0 holds those that a refinement begins with, round n the n-th revision. ``revises`` is the
    number of the draft that it was made from, 0 for none."""

    kind: ClassVar[str] = "draft.made"
    call: str = ""
    draft: int = 0
    round: int = 0
    revises: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge made of a draft. ``score`` None: it cannot be read, for ``reason``."""

    kind: ClassVar[str] = "draft.judged"
    call: str = ""
    draft: int = 0
    score: float | None = None
    critique: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a draft (of ``call``) is worth: ``score`` from 0 to 1, None when nothing tells;
    ``passed`` when no check and no schema fails it. ``best``: from now on it is the best."""

    kind: ClassVar[str] = "draft.scored"
    call: str = ""
    draft: int = 0
    round: int = 0
    score: float | None = None
    passed: bool = True
    best: bool = False
    critique: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """A judge has held two drafts against each other. ``first`` and ``second``: their numbers in
    the order in which it saw them, ``winner`` one of them, or 0 when it names none."""

    kind: ClassVar[str] = "draft.compared"
    call: str = ""
    first: int = 0
    second: int = 0
    winner: int = 0


@dataclass(frozen=True, slots=True)
class ToolStarted:
    """A tool begins its work: written before it does, so that a resumed run knows what may have
    happened. ``call`` is the call that asked for it, ``id`` the model's name for this use.
    ``approved``: who let it (readonly, allowed, asked, yes)."""

    kind: ClassVar[str] = "tool.started"
    call: str = ""
    id: str = ""
    name: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict)
    approved: str = ""


@dataclass(frozen=True, slots=True)
class ToolUsed:
    """What came of one use of a tool: ``output`` is the whole observation. ``error`` is "" when it
    worked, else why not in one sentence (refused, invalid, too slow, its own error)."""

    kind: ClassVar[str] = "tool.used"
    call: str = ""
    id: str = ""
    name: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict)
    output: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class RunFinished:
    """``result`` is the object of ``--json``, as in the contract."""

    kind: ClassVar[str] = "run.finished"
    call: str = ""
    result: Mapping[str, Json] = field(default_factory=dict)


Event: TypeAlias = (
    CallSent
    | CallRetried
    | TextDelta
    | ReasoningDelta
    | Replied
    | Noted
    | RunStarted
    | CallStarted
    | CallFailed
    | CallCancelled
    | VoteCast
    | VoteClosed
    | Checked
    | Drafted
    | Judged
    | Scored
    | Compared
    | ToolStarted
    | ToolUsed
    | RunFinished
)
