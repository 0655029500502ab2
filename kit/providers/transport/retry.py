"""When a failed call is worth another try, with how long a wait before it. Pure.

| what failed                                             | another try                           |
|---------------------------------------------------------|---------------------------------------|
| the server sent x-should-retry                          | as it says                            |
| connection, 408, 409, 429, 5xx, 529 (UnavailableError)  | yes                                   |
| a reply that broke off (IncompleteError)                | yes: nobody asks once some was shown  |
| our own time-out, a certificate, an unknown host        | no (``should_retry`` is False)        |
| 400, 401, 403, 404, 413, 422, quota, refusal, no answer | no                                    |
"""

from __future__ import annotations

import math
from collections.abc import Callable

from kit.errors import IncompleteError, KitError, UnavailableError

RETRIES = 3
LONGEST = 120.0  # seconds: who asks for more is not waited for
FIRST, CEILING = 0.5, 8.0  # the own back-off, in seconds
SPREAD = 0.4  # of a wait: less than half, so that each wait is longer than the one before


def wait_before(error: KitError, repeat: int, chance: Callable[[], float]) -> float | None:
    """Seconds to wait before the ``repeat``-th repeat (from 1); None when there shall be none.

    ``chance`` gives numbers in [0, 1). What the server asked for is kept, and at most a tenth
    added; the own back-off is shortened by up to SPREAD: parallel calls do not come back in the
    same instant.
    """
    if not worth_another(error):
        return None
    asked = asked_wait(error)
    if asked is None:
        return min(FIRST * 2.0 ** (repeat - 1), CEILING) * (1 - SPREAD * chance())
    return None if asked > LONGEST else asked * (1 + 0.1 * chance())


def worth_another(error: KitError) -> bool:
    if error.should_retry is not None:
        return error.should_retry
    return isinstance(error, UnavailableError | IncompleteError)


def asked_wait(error: KitError) -> float | None:
    """What the server asked for, when it is a time that can be waited: positive and finite."""
    asked = getattr(error, "retry_after", None)
    return asked if asked is not None and math.isfinite(asked) and asked > 0 else None


def explained(error: KitError) -> KitError:
    """The same error; its message says how long the server wants, when that was too long."""
    asked = asked_wait(error)
    if asked is not None and asked > LONGEST:
        wait = f"the server asks to wait {spell(asked)}"
        error.message = f"{error.message}: {wait}"
        error.hint = error.hint or "try again later, or use another profile"
    return error


def spell(seconds: float) -> str:
    """``86400`` as ``24 h``, ``150`` as ``2 min 30 s``."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if n]
    return " ".join(parts) or "0 s"
