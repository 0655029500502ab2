"""What streaming Markdown costs on a terminal: CPU a token, and bytes written per byte of text.

    python benchmarks/markdown.py

Three clocks: a burst (all tokens at once, the real clock), 200 and 20 tokens a second (a clock that
is moved by hand, so that every frame is drawn that a reader would see; nothing sleeps).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from kit.cli.markdown.markdown import Markdown

SAMPLE = """## Why a generator works here

A pattern is a **plain generator** that yields the calls it wants and returns the *answer*. It
imports no event loop, see [the docs](https://example.org/patterns/steps_and_waits) for more, and
`run()` makes those calls: concurrency, retry, budget and cancellation live there _once_.

1. It yields `Ask` values, one for **each** sample.
2. The runner answers with replies; nothing else is known to it.
   - a nested point with a little more text, long enough to need a second row on the screen
   - another

```python
def consensus(request, *, plan, stop):
    ballots = Ballots(plan)
    while wanted := stop.need(ballots):
        yield from ballots.cast((yield Ask(request, slots=wanted)))
    return ballots.winner()
```

| pattern | calls | cost |
|---------|------:|-----:|
| ask | 1 | $0.01 |
| consensus | 9 | **$0.09** |

> Replay is free: feed the recorded replies to the same generator.

"""


def tokens(count: int) -> Iterator[str]:
    """Pieces of four characters, as models send them on average."""
    text = SAMPLE * (count * 4 // len(SAMPLE) + 1)
    return (text[at : at + 4] for at in range(0, count * 4, 4))


def moved_by_hand(step: float) -> Callable[[], float]:
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    return clock


def measured(count: int, columns: int, clock: Callable[[], float]) -> tuple[float, float]:
    """CPU microseconds a token, and bytes written per byte of text."""
    pieces = list(tokens(count))
    written = 0

    def put(text: str) -> None:
        nonlocal written
        written += len(text.encode())

    began = time.process_time()
    answer = Markdown(put, columns=lambda: columns, clock=clock)
    for piece in pieces:
        answer.write(piece)
    answer.close()
    spent = time.process_time() - began
    return spent / count * 1e6, written / len("".join(pieces).encode())


def main() -> None:
    clocks = {"burst": None, "200 tokens/s": 1 / 200, "20 tokens/s": 1 / 20}
    print(f"{'':14}{'columns':>8}{'tokens':>8}{'µs a token':>12}{'bytes ratio':>13}")
    for name, step in clocks.items():
        for columns in (80, 200):
            for count in (1_000, 5_000, 20_000):
                clock = moved_by_hand(step) if step else time.monotonic
                cpu, ratio = measured(count, columns, clock)
                print(f"{name:14}{columns:>8}{count:>8}{cpu:>12.1f}{ratio:>13.2f}")


if __name__ == "__main__":
    main()
