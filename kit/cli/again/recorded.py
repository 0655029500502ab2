"""A recorded run, read so that its pattern can be started again."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kit.cli.again import keeping
from kit.cli.again.rebuilding import Rebuilt, rebuilt
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json
from kit.patterns.recorded import Past
from kit.trace.folders import runs_folder
from kit.trace.runs import events, read
from kit.trace.shelf import find


@dataclass(frozen=True)
class Recorded:
    """``status`` as ``kit trace list`` says it."""

    run: str
    path: Path
    status: str
    past: Past

    @classmethod
    def named(cls, name: str) -> Recorded:
        """The run of this name. UsageError for what is none, and while it goes on."""
        path = find(runs_folder(os.environ), name)
        status = read(path).status
        if status == "running":
            raise UsageError(f"run {path.stem} is still running", hint="wait for its end")
        return cls(path.stem, path, status, Past.of(events(path)))

    @property
    def pattern(self) -> str:
        return self.past.started.pattern

    @property
    def settings(self) -> Mapping[str, Json]:
        """What its pattern was started with. UsageError where the record does not say."""
        return keeping.told(self.past.started.settings, self.run)

    @property
    def whole(self) -> bool:
        """Whether nothing in the settings was masked."""
        return keeping.whole(self.past.started.settings)

    def rebuilt(self) -> Rebuilt:
        return rebuilt(self.pattern, self.settings)
