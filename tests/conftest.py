"""What every test may ask for: the reference data, a server that says what it is told."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import embedded
import pytest
from command import Kit
from hypothesis import settings
from loopback import Server, serving

pytest.register_assert_rewrite("recipes")  # they assert as tests do

settings.register_profile("kit", deadline=None)  # a busy machine is not a failure
settings.load_profile("kit")

ROOT = Path(__file__).parent.parent

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell starts what it does not wait for
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def reference() -> Path:
    """The recorded data, which is no part of the project; tests skip where it is not."""
    path = Path(os.environ.get("KIT_REFERENCE") or ROOT.parent / "shared" / "reference")
    if not path.is_dir():
        pytest.skip("no reference data: set KIT_REFERENCE")
    return path


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def llama_server() -> Iterator[str]:
    """The base URL of a real llama.cpp server: another program, with a small model, no key."""
    embedded.wanted()
    with embedded.served() as url:
        yield url


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """The command with an empty home."""
    return Kit(tmp_path / "home")
