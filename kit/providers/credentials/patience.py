"""Waits for something that may never answer, for so long and no longer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def bounded(action: Callable[[], T], seconds: float) -> T:
    """What ``action`` returns or raises. TimeoutError when it takes longer: it then goes on in a
    daemon thread, which does not hold up the end of the process."""
    results: list[T] = []
    errors: list[BaseException] = []

    def work() -> None:
        try:
            results.append(action())
        except BaseException as error:  # a task border: it is raised again below
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]
