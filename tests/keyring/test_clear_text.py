"""A keyring that keeps clear text (keyrings.alt, as another package may bring it) gets no key."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import secret_service
from command import Kit
from loopback import Server, chat_stream
from secret_service import Session

KEY = "sk-ring-9dTq3mVx8Kp1Zs6W"
Profiled = Callable[..., Kit]
REFUSED = "the only keyring here (keyrings.alt.file) keeps keys in clear text, and is not used"


@pytest.fixture(scope="module")
def alt(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder with the real keyrings.alt, for PYTHONPATH: it must not be in the environment of
    the other tests."""
    folder = tmp_path_factory.mktemp("alt")
    quiet = ("--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15")
    pip = (sys.executable, "-m", "pip", "install", *quiet, "--no-deps", "--target", str(folder))
    got = subprocess.run([*pip, "keyrings.alt>=5,<6"], capture_output=True, text=True, timeout=180)
    if got.returncode:
        pytest.skip(f"keyrings.alt cannot be fetched: {got.stderr.strip()[-200:]}")
    return str(folder)


@pytest.fixture
def with_alt(kit: Kit, alt: str, tmp_path: Path) -> Kit:
    """No bus, so that keyrings.alt is the best there is."""
    kit.environ["PYTHONPATH"] = os.pathsep.join([*sys.path, alt])
    kit.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path / 'nobody'}"
    kit.environ["XDG_DATA_HOME"] = str(kit.home / "data")
    return kit


def test_s07_keyring_itself_would_write_clear_text_there(with_alt: Kit) -> None:
    """What the other tests would not notice if keyrings.alt were not found."""
    code = f"import keyring; keyring.set_password('kit', 'm', {KEY!r})"
    subprocess.run([sys.executable, "-c", code], env=with_alt.env(), check=True, timeout=60)
    [kept] = (with_alt.home / "data" / "python_keyring").iterdir()
    assert "kit" in kept.read_text()


def test_s07_a_key_is_refused_and_nothing_is_written(with_alt: Kit, profiled: Profiled) -> None:
    kit = profiled("m")
    ran = kit("key", "set", "m", stdin=KEY)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"kit: {REFUSED}; set KIT_KEY_M, or give the profile key = ")
    assert ran.err.endswith("; or name it in PYTHON_KEYRING_BACKEND\n")
    assert {path.name for path in kit.home.iterdir()} == {"kit.toml"}


def test_s07_a_key_that_lies_there_in_clear_is_not_taken(
    with_alt: Kit, profiled: Profiled, server: Server
) -> None:
    code = f"import keyring; keyring.set_password('kit', 'm', {KEY!r})"
    subprocess.run([sys.executable, "-c", code], env=with_alt.env(), check=True, timeout=60)
    ran = profiled("m")("ask", "hi")
    assert (ran.code, ran.out, server.requests) == (3, "", [])
    assert REFUSED in ran.err


def test_s07_who_names_it_gets_it(with_alt: Kit, profiled: Profiled, server: Server) -> None:
    kit = profiled("m")
    kit.environ["PYTHON_KEYRING_BACKEND"] = "keyrings.alt.file.PlaintextKeyring"
    assert kit("key", "set", "m", stdin=KEY).code == 0
    server.script(chat_stream("hello"))
    assert kit("ask", "hi").out == "hello\n"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.fixture
def beside(with_alt: Kit, tmp_path: Path) -> Iterator[Session]:
    if why := secret_service.missing():
        pytest.skip(f"no real Secret Service: {why}")
    with secret_service.session("open", tmp_path / "open") as ring:
        with_alt.environ |= ring.environ
        yield ring


@pytest.mark.secret_service
def test_s07_beside_a_real_keyring_it_is_left_out_also_when_that_one_is_locked(
    with_alt: Kit, beside: Session, profiled: Profiled
) -> None:
    kit = profiled("m")
    assert kit("key", "set", "m", stdin=KEY).code == 0
    assert kit("key", "which", "m").out.split() == ["keyring", "…Zs6W"]
    beside.lock()
    ran = kit("key", "set", "m", stdin=KEY)
    assert (ran.code, ran.err.partition(";")[0]) == (3, "kit: the keyring is locked")
    assert {path.name for path in kit.home.iterdir()} == {"kit.toml"}
