"""The conversation of a loop: what is asked next, what was used so far, what it comes to. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace

from kit.dataclass import dataclass
from kit.errors import KitError
from kit.events import Json, Message, Request, Text, ToolResult, ToolUsed
from kit.patterns.reacting import context, observation, textual, turns
from kit.patterns.reacting.calls import Wanted
from kit.patterns.reacting.stuck import Round
from kit.patterns.reacting.terms import Offered, Terms
from kit.patterns.requests import told
from kit.patterns.steps import Outcome
from kit.patterns.structure import Shape

LAST = "No more tools can be used. Answer now, with what you have found so far."


@dataclass
class Talk:
    """``forced``: why the next answer is the last one (rounds, calls, stuck), "" while it is not.
    ``tainted``: the model has read what others wrote. ``ordered``: the server takes no user's turn
    after a tool's."""

    request: Request
    terms: Terms
    tools: Mapping[str, Offered]
    rounds: int = 0
    forced: str = ""
    warned: bool = False
    tainted: bool = False
    ordered: bool = False
    repairs: int = 0
    used: int = 0
    history: list[Round] = field(default_factory=list)
    said: str = ""  # the last words of the model that were not its answer

    def next(self) -> Request:
        """The request of the next round; from the last one on, tools are shown and not given."""
        self.rounds += 1
        if self.rounds >= self.terms.max_rounds and not self.forced:
            self.forced = "rounds"
        if self.forced and self.history:
            self.hear(LAST)
        return self.asked(context.fitting(self.request.messages, self.terms.window))

    def asked(self, messages: tuple[Message, ...]) -> Request:
        messages = turns.merged(messages) if self.ordered else messages
        request = replace(
            self.request, messages=messages, tool_choice="none" if self.forced else "auto"
        )
        return textual.spoken(request) if self.terms.textual else request

    def hear(self, words: str) -> None:
        """What kit tells the model."""
        self.add(Message("user", (Text(words),)))

    def add(self, *messages: Message) -> None:
        self.request = replace(self.request, messages=(*self.request.messages, *messages))

    def observe(self, used: Round) -> None:
        """A result for each call of the last reply, in their order."""
        self.history.append(used)
        self.add(Message("tool", tuple(self._result(each) for each in used)))
        self.tainted = self.tainted or any(self._taints(each) for each in used)

    def _result(self, used: ToolUsed) -> ToolResult:
        fence = self.terms.fence if self._taints(used) else ""
        text = observation.observation(used, self.terms.max_observation, fence)
        return ToolResult(used.id, text, failed=bool(used.error))

    def _taints(self, used: ToolUsed) -> bool:
        tool = self.tools.get(used.name)
        return bool(tool and tool.tainting and (used.output or used.error))

    def outcome(
        self, answer: str, stopped: str | None, error: KitError | None = None, **more: Json
    ) -> Outcome:
        detail = {"rounds": self.rounds, "tool_calls": self._calls(), "stopped": stopped, **more}
        return Outcome(answer or (self.said if error else ""), detail, error)

    def _calls(self) -> list[Json]:
        return [
            {
                "name": used.name,
                "arguments": dict(used.arguments),
                "ok": not used.error,
                "error": used.error or None,
            }
            for each in self.history
            for used in each
        ]


def begun(request: Request, terms: Terms) -> Talk:
    """The first request: its tools, and in its system prompt what holds for them."""
    faces = tuple(tool.face for tool in terms.tools)
    lines = [textual.instruction(faces)] if terms.textual and faces else []
    if terms.fence and any(tool.tainting for tool in terms.tools):
        lines.append(observation.rule(terms.fence))
    request = replace(request, tools=faces, messages=_led(request.messages, "\n\n".join(lines)))
    if terms.schema is not None:
        # In words only: many servers cannot hold a reply to a schema and offer tools with it.
        request = told(request, Shape(terms.schema).instruction())
    return Talk(request, terms, {tool.face.name: tool for tool in terms.tools})


def _led(messages: tuple[Message, ...], line: str) -> tuple[Message, ...]:
    """With the line at the end of the system prompt, which may be only that."""
    if not line:
        return messages
    first = messages[0]
    if first.role != "system":
        return (Message("system", (Text(line),)), *messages)
    return (replace(first, parts=(*first.parts, Text(f"\n\n{line}"))), *messages[1:])


def refused(call: str, want: Wanted) -> ToolUsed:
    """The answer to a call that is not made."""
    return ToolUsed(call, want.id, want.name, want.arguments, error=want.fault)
