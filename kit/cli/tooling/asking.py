"""The question whether a tool may run: put to who sits at the terminal, about exactly what it does.

Nothing that was typed before the question counts as its answer.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kit.cli.screen.render import putter
from kit.cli.screen.sanitise import visible
from kit.patterns.tools.ability import ToolFault
from kit.patterns.tools.approval import Answer
from kit.patterns.tools.toolbox import Ask, Question

LONGEST = 20_000
"""Characters that a person can be asked to read."""
TRIES = 3
WORDS: dict[str, Answer] = {
    "y": "once", "yes": "once",
    "t": "tool", "tool": "tool",
    "n": "no", "no": "no", "": "no",
    "s": "stop", "stop": "stop",
}  # fmt: skip
CHOICES = "  [y]es once, yes for this [t]ool, [n]o, [s]top? "


def asker(*, no_input: bool, yes: bool, err_tty: bool) -> Ask | None:
    """Who answers: ``--yes``, the terminal, or nobody."""
    if yes:
        return _always
    return _asked if err_tty and not no_input and _there_is_a_keyboard() else None


async def _always(question: Question) -> Answer:
    if question.doubt:
        raise ToolFault(f"refused: {question.doubt}, and --yes does not answer that")
    return "once"


async def _asked(question: Question) -> Answer:
    """ToolFault for what is too long to be read."""
    if len(question.shown) > LONGEST:
        raise ToolFault(f"refused: {len(question.shown)} characters are too long to be approved")
    put = putter(sys.stderr)
    put(told(question).encode())
    with _keyboard() as place:
        for _ in range(TRIES):
            _forget_typed(place)  # before the last words: after them even Ctrl-C would be lost
            put(CHOICES.encode())
            typed = await _line(place)
            if typed is None:  # the end of the file: nobody is there any more
                put(b"\n")
                return "no"
            if answer := WORDS.get(typed.strip().lower()):
                return answer
    return "no"


def told(question: Question) -> str:
    """What is asked, each line of it marked so that none can pass itself off as kit's own."""
    use, access = question.use, question.ability.access
    head = f"kit: {visible(use.name)} wants to run ({access}):\n"
    body = "".join(f"  | {visible(line)}\n" for line in question.shown.split("\n"))
    again = "  (what others wrote has been read: look twice)\n" if use.tainted else ""
    doubt = f"  ({visible(question.doubt)})\n" if question.doubt else ""
    return head + body + again + doubt


def _there_is_a_keyboard() -> bool:
    try:
        with _keyboard():
            return True
    except OSError:
        return False


@contextmanager
def _keyboard() -> Iterator[int]:
    """stdin where it is a terminal, else the terminal that this process belongs to."""
    if sys.stdin is not None and sys.stdin.isatty():
        yield sys.stdin.fileno()
        return
    place = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    try:
        yield place
    finally:
        os.close(place)


async def _line(place: int) -> str | None:
    """The next line that is typed; None at its end. No thread: one would outlive a cancelled run
    and swallow what is typed after it."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    with _watched(loop, place, ready.set):
        await ready.wait()
    data = os.read(place, 1024)
    return data.decode(errors="replace") if data else None


@contextmanager
def _watched(
    loop: asyncio.AbstractEventLoop, place: int, act: Callable[[], None]
) -> Iterator[None]:
    try:
        loop.add_reader(place, act)
    except (NotImplementedError, OSError) as error:
        raise ToolFault("refused: this terminal cannot be asked") from error
    try:
        yield
    finally:
        loop.remove_reader(place)


def _forget_typed(place: int) -> None:
    with suppress(ImportError, OSError):
        import termios  # POSIX only

        with suppress(termios.error):
            termios.tcflush(place, termios.TCIFLUSH)
