"""``--in-place``: a file that becomes its revision, in one step, with its old self beside it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from kit.cli.output import write_file
from kit.cli.prompt import decoded
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.steps import Outcome

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class InPlace:
    """``old`` is what the file holds. Its mode, line ends and byte order mark stay as they are."""

    path: Path
    old: bytes

    @classmethod
    def opened(cls, name: str) -> InPlace:
        """UsageError when it cannot be read, or could not be written."""
        path = Path(os.path.expanduser(name))
        if not path.is_file():
            raise UsageError(f"--in-place {name}: there is no such file")
        try:
            old = path.read_bytes()
        except OSError as error:
            raise UsageError(f"cannot read {name}: {error.strerror}") from error
        real = Path(os.path.realpath(path))
        if not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)):
            raise UsageError(f"--in-place {name} cannot be written: permission denied")
        return cls(path, old)

    @property
    def text(self) -> str:
        return decoded(self.old, str(self.path)).rstrip("\n")

    @property
    def backup(self) -> Path:
        return self.path.with_name(f"{self.path.name}~")

    def keep(self, outcome: Outcome, say: Callable[[str], None]) -> bool:
        """Write the answer when it is all that was asked for; whether it needs no printing then.
        UsageError when the file cannot be written, or is not any more what it was."""
        if outcome.error:
            say(f"kit: {self.path} is left as it was")
            return False
        if outcome.answer.rstrip("\n") == self.text:
            say(f"kit: {self.path} stays as it is")
            return True
        try:
            self._write(outcome.answer)
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written: {error.strerror}") from error
        say(f"kit: {self.path} is revised; what it was is in {self.backup}")
        return True

    def _write(self, text: str) -> None:
        if self.path.read_bytes() != self.old:
            raise UsageError(f"{self.path} was changed meanwhile: it is left as it is")
        self._back_up()
        text = text.rstrip("\n") + "\n"
        if b"\r\n" in self.old:
            text = text.replace("\n", "\r\n")
        write_file(str(self.path), "\ufeff" * self.old.startswith(BOM) + text)

    def _back_up(self) -> None:
        """Whole or not at all, with the mode and the times of the file."""
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=".kit-")
        os.close(handle)
        try:
            shutil.copy2(self.path, temporary)
            os.replace(temporary, self.backup)
        except BaseException:
            os.unlink(temporary)
            raise
