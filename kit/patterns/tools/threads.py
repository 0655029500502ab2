"""Work that blocks, in a thread that never keeps the process from ending."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """What ``work`` returns or raises. Cancelled, the wait ends at once and the work goes on to
    its end unheard; asyncio's own threads would be waited for when the loop closes."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(value: T | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is None:
            done.set_result(value)  # type: ignore[arg-type]  # without an error there is a value
        else:
            done.set_exception(error)

    def runs() -> None:
        value: T | None = None
        error: BaseException | None = None
        try:
            value = context.run(work)
        except StopIteration as stop:  # a future does not take one
            error = RuntimeError(f"raised StopIteration: {stop}")
        except BaseException as raised:  # handed to whoever waits
            error = raised
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, value, error)

    threading.Thread(target=runs, name="kit-tool", daemon=True).start()
    return await done
