"""The live views on stderr of what a run does, each with what ends it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kit.cli.again.rebuilding import Closing
    from kit.cli.desk import Desk


def votes(desk: Desk) -> Closing | None:
    """A line for each member; ended by the closing line. None where nobody is to see it."""
    if not _wanted(desk):
        return None
    from kit.cli.screen.live import Live
    from kit.cli.vote.verdict import closing_line

    live = Live(sys.stderr, desk.terminal)
    desk.watch(live, live.tick)
    return lambda result: live.close(closing_line(result))


def rounds(desk: Desk) -> Closing | None:
    """What each draft is worth; ended by a last line. None where nobody is to see it."""
    if not _wanted(desk):
        return None
    from kit.cli.revision.rounds import Rounds

    view = Rounds(sys.stderr, desk.terminal, diffs=desk.output.verbose)
    desk.watch(view, view.tick)
    return view.close


def _wanted(desk: Desk) -> bool:
    """Somebody sits there, or asks with -v."""
    if desk.output.quiet or desk.output.dry_run:
        return False
    return desk.terminal.err_tty or desk.output.verbose
