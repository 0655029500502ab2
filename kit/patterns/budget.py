"""What a run may spend: reserved before a request leaves, settled when its reply is known.

Reservation happens between two awaits of one event loop, so parallel calls cannot overshoot.
"""

from __future__ import annotations

from kit.errors import BudgetError, UsageError
from kit.events import CallRetried, CallSent, Replied

SLACK = 1e-9  # amounts are floats: three times 0.1 is within a limit of 0.3


class Budget:
    """Limits that the user set (None: no limit) and what is spent of them.

    A request that may use an unknown number of tokens reserves none of them; one that may cost an
    unknown amount is refused where there is a limit to that.
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
        """Raise BudgetError when this request could break a limit; else hold its worst case.
        UsageError when there is a limit to the cost and no known price."""
        self._held.pop(sent.call, None)  # of an attempt that failed without using anything
        if self.max_usd is not None and sent.reserve_usd is None:
            raise unpriced(sent.model)
        tokens, usd = sent.reserve_tokens or 0, sent.reserve_usd or 0.0
        _check("--max-calls", self.calls, 1, self.max_calls)
        if self.max_tokens is not None:  # sums only where they are needed: calls may be many
            held = sum(held for held, _ in self._held.values())
            _check("--max-tokens-total", self.tokens + held, tokens, self.max_tokens)
        if self.max_usd is not None:
            held_usd = sum(held for _, held in self._held.values())
            _check("--max-cost", self.usd + held_usd, usd, self.max_usd)
        self.calls += 1
        self._held[sent.call] = tokens, usd

    def retry(self, retried: CallRetried) -> None:
        """An attempt failed: what it held is free again, or counts as spent where it may be."""
        self.release(retried.call, used=not retried.unbilled)

    def settle(self, reply: Replied) -> None:
        """Replace what was held by what the reply says that it used."""
        held_tokens, held_usd = self._held.pop(reply.call, (0, 0.0))
        usage = reply.usage
        if usage is None or usage.input_tokens is None or usage.output_tokens is None:
            self.tokens += held_tokens
        else:
            self.tokens += usage.input_tokens + usage.output_tokens
        self.usd += held_usd if usage is None or usage.cost_usd is None else usage.cost_usd

    def release(self, call: str, *, used: bool = True) -> None:
        """A call ended without a reply: what it held counts as spent when it may have been
        ``used`` (a call that was cut or cancelled is paid for as well)."""
        tokens, usd = self._held.pop(call, (0, 0.0))
        if used:
            self.tokens += tokens
            self.usd += usd


def unpriced(model: str) -> UsageError:
    return UsageError(
        f"--max-cost cannot be kept: what {model or 'this model'} costs is not known",
        hint="add its price to the profile: price = { input = 0.15, output = 0.60 },"
        " in USD per million tokens",
    )


def _check(flag: str, spent: float, most: float, limit: float | None) -> None:
    """``spent`` and held so far; ``most`` is what the next request can use."""
    if limit is None or spent + most <= limit + SLACK:
        return
    hint = f"raise {flag} to go on"
    if flag != "--max-calls":
        hint += f" (this request may use up to {most:g}, {max(limit - spent, 0):g} is left);"
        hint += " a lower --max-tokens needs less"
    raise BudgetError(f"the limit {flag} {limit:g} is reached", hint=hint)
