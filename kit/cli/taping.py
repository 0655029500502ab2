"""``--record DIR`` and ``--replay DIR``: who answers a script that is tested with no network.

Beside the calls the folder holds the profiles that were used, without keys, and which of them was
the choice when none was named: so the replay needs no configuration either.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kit.cli.members import Members
from kit.cli.options import Model
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json, Request
from kit.providers.config.profiles import Config, Profile, read
from kit.trace.tape import Player, Recorder, key

_KEPT = ("provider", "api", "base_url", "model", "max_tokens", "price", "weight", "api_version")


@dataclass(frozen=True)
class Taping:
    folder: Path
    playing: bool
    state: Path | None = None

    @classmethod
    def wanted(cls, model: Model, environ: Mapping[str, str]) -> Taping | None:
        """What the flags say, else KIT_REPLAY and KIT_RECORD; None without either."""
        record = model.record or (None if model.replay else environ.get("KIT_RECORD"))
        play = model.replay or (None if model.record else environ.get("KIT_REPLAY"))
        if record and play:
            raise UsageError("--record and --replay exclude each other")
        state = environ.get("KIT_REPLAY_STATE")
        if play:
            return cls(_folder(play), True, Path(state) if state else None)
        return cls(_folder(record), False) if record else None

    def config(self) -> Config:
        """The recorded profiles, in place of the user's configuration."""
        if not self.folder.is_dir():
            raise UsageError(
                f"there is no recording in {self.folder}", hint="--record DIR makes one"
            )
        files = sorted(self.folder.glob("*.toml"), key=lambda file: file.name != "default.toml")
        return read(b"".join(file.read_bytes() for file in files), self.folder)

    def taped(self, members: Members) -> None:
        """Let these members answer from the folder, or write to it what they answer."""
        try:
            members.tape = (
                Player(self.folder, self.state)
                if self.playing
                else Recorder(self.folder, members.redacted)
            )
        except OSError as error:
            raise UsageError(f"--record {self.folder}: {error.strerror or error}") from error

    def keep(self, config: Config, profiles: Mapping[str, Profile], *, default: bool) -> None:
        """Write down who was chosen; ``default``: the first of them without being named. What is
        there already stays."""
        if self.playing:
            return
        for name, profile in profiles.items():
            own = name.partition("/")[0]
            given = config.profiles.get(own) or Profile(own)
            found = replace(profile, model=given.model, max_tokens=given.max_tokens)
            self._write(f"profile.{own}", _table(own, found))
        if default:
            first = next(iter(profiles)).partition("/")[0]
            self._write("default", f'default_profile = "{first}"\n')

    def _write(self, name: str, text: str) -> None:
        try:
            with (self.folder / f"{name}.toml").open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            pass
        except OSError as error:
            raise UsageError(f"--record {self.folder}: {error.strerror or error}") from error


def dice(members: Members, requests: list[Request]) -> int:
    """32 bits by chance; where a script is recorded or replayed, the same for the same requests."""
    if members.tape is None:
        import random  # for who needs chance

        return random.SystemRandom().randrange(2**32)
    return int(key(requests[0])[:8], 16)


def _folder(given: str) -> Path:
    return Path(os.path.expanduser(given))


def _table(name: str, profile: Profile) -> str:
    from kit.providers.config.carrying import keyless, written  # tomli-w, for who records

    empty = Profile()
    values: dict[str, Json] = {
        each: getattr(profile, each)
        for each in _KEPT
        if getattr(profile, each) != getattr(empty, each)
    }
    kept, _ = keyless(values)
    return written({name: {**kept, "key": "none"}})
