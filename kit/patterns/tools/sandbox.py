"""What a program may touch while a model runs it: bubblewrap's walls, where there are any.

Inside, everything can be read and nothing changed but the folder that was given; /tmp is empty and
its own, /run (where the keyring and other services listen) is empty, no network unless allowed, no
other process can be seen, and none survives.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from kit.dataclass import dataclass
from kit.patterns.processes import Bounds, ended

_WALLS = (
    "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
    "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
    "--tmpfs", "/tmp", "--tmpfs", "/run",  # noqa: S108  # paths inside, both empty
    "--ro-bind-try", "/run/current-system", "/run/current-system",  # programs, on NixOS
)  # fmt: skip
_NAMES = "/run/systemd/resolve"  # where /etc/resolv.conf may lead
_TRY = Bounds(5.0, 2000, 0)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """``program``: where bwrap is. ``network``: it may be used."""

    program: str
    network: bool = False

    def walled(self, argv: Sequence[str], folder: Path, *, writable: bool) -> list[str]:
        """The words that run ``argv`` in ``folder`` behind the walls."""
        net = ("--share-net", "--ro-bind-try", _NAMES, _NAMES) if self.network else ()
        bind = "--bind" if writable else "--ro-bind"
        place: tuple[str, ...] = (bind, str(folder), str(folder))
        if folder == Path("/") and not writable:  # is bound, and would cover what is empty
            place = ()
        here = (*place, "--chdir", str(folder))
        return [self.program, *_WALLS, *net, *here, "--", *argv]


async def found(environ: Mapping[str, str], *, network: bool) -> tuple[Sandbox | None, str]:
    """The sandbox that works here; None and why not. Tried, since a container may forbid it."""
    program = shutil.which("bwrap", path=environ.get("PATH"))
    if program is None:
        return None, "bwrap is not installed"
    sandbox = Sandbox(program, network)
    tried = await ended(sandbox.walled(["true"], Path("/"), writable=False), environ, _TRY)
    if tried.code != 0:
        return None, "bwrap may not be used here"
    return sandbox, ""
