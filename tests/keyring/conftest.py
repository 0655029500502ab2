"""The command beside a real Secret Service."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest
import secret_service
from command import Kit
from loopback import Server
from secret_service import Session

Starts = Callable[[str], Session]


@pytest.fixture(scope="session")
def can_start() -> None:
    if why := secret_service.missing():
        pytest.skip(f"no real Secret Service: {why}")


@pytest.fixture(scope="session")
def ring(can_start: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """gnome-keyring, unlocked: one for all tests, so each uses a name of its own."""
    with secret_service.session("open", tmp_path_factory.mktemp("ring") / "home") as started:
        yield started


@pytest.fixture
def starts(can_start: None, tmp_path: Path) -> Iterator[Starts]:
    """Starts a session of some kind for this test alone."""
    with ExitStack() as stack:
        yield lambda kind: stack.enter_context(secret_service.session(kind, tmp_path / kind))


@pytest.fixture
def name() -> str:
    """A profile that no other test has."""
    return f"p{uuid4().hex}"


@pytest.fixture
def profiled(kit: Kit, server: Server) -> Callable[..., Kit]:
    """Writes profiles for the loopback server that name the keyring as the place of their key."""

    def write(*names: str, **more: str) -> Kit:
        settings = {"api": "openai-chat", "base_url": server.base, "model": "m", "key": "keyring"}
        lines = "\n".join(
            f"{key} = {json.dumps(value)}" for key, value in (settings | more).items()
        )
        kit.configure("\n".join(f'[profiles."{each}"]\n{lines}\n' for each in names))
        return kit

    return write
