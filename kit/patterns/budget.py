"""What a run may spend: reserved before a request leaves, settled when its reply is known.

Reservation happens between two awaits of one event loop, so parallel calls cannot overshoot.
"""

from __future__ import annotations

from kit.errors import BudgetError
from kit.events import CallSent, Replied


class Budget:
    """Limits that the user set (None: no limit) and what is spent of them.

    A request whose worst case is unknown reserves nothing of that kind but is counted as a call.
    """

    def __init__(
        self,
        *,
        max_calls: int | None = None,
        max_tokens: int | None = None,
        max_usd: float | None = None,
    ) -> None:
        self.max_calls, self.max_tokens, self.max_usd = max_calls, max_tokens, max_usd
        self.calls, self.tokens, self.usd = 0, 0, 0.0
        self._held: dict[str, tuple[int, float]] = {}

    def reserve(self, sent: CallSent) -> None:
        """Raise BudgetError when this request could break a limit; else hold its worst case."""
        self._held.pop(sent.call, None)  # a retry replaces what its last attempt held
        tokens, usd = sent.reserve_tokens or 0, sent.reserve_usd or 0.0
        held_tokens = sum(held for held, _ in self._held.values())
        held_usd = sum(held for _, held in self._held.values())
        _check("--max-calls", self.calls + 1, self.max_calls)
        _check("--max-tokens-total", self.tokens + held_tokens + tokens, self.max_tokens)
        _check("--max-cost", self.usd + held_usd + usd, self.max_usd)
        self.calls += 1
        self._held[sent.call] = tokens, usd

    def settle(self, reply: Replied) -> None:
        """Replace what was held by what the reply says that it used."""
        held_tokens, held_usd = self._held.pop(reply.call, (0, 0.0))
        usage = reply.usage
        if usage is None or usage.input_tokens is None or usage.output_tokens is None:
            self.tokens += held_tokens
        else:
            self.tokens += usage.input_tokens + usage.output_tokens
        self.usd += held_usd if usage is None or usage.cost_usd is None else usage.cost_usd

    def release(self, call: str) -> None:
        """A call ended without a reply: what it held may have been used, so it counts as spent."""
        tokens, usd = self._held.pop(call, (0, 0.0))
        self.tokens += tokens
        self.usd += usd


def _check(flag: str, would_be: float, limit: float | None) -> None:
    if limit is not None and would_be > limit:
        raise BudgetError(f"the limit {flag} {limit:g} is reached", hint=f"raise {flag} to go on")
