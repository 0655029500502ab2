"""A real Secret Service for tests: gnome-keyring on a D-Bus session of its own, or one that is ill.

Run as a program (inside ``dbus-run-session``) this file is what keeps such a session: it prints
the address of the bus once all is ready and stays until its stdin ends. So a session ends with the
tests that asked for it, however they end.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from select import select
from tempfile import gettempdir
from typing import Any

PATIENCE = 60.0  # seconds: a busy machine is ten times slower than an idle one
NAME = "org.freedesktop.secrets"
PASSWORD = b"the collection's own"
NEEDED = ("dbus-run-session", "dbus-daemon", "gnome-keyring-daemon")

CONFIG = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  {services}
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/> <allow eavesdrop="true"/> <allow own="*"/>
  </policy>
</busconfig>
"""
"""No limits to raise (a container forbids it), and only those services that a test wants."""


@dataclass(frozen=True)
class Session:
    address: str

    @property
    def environ(self) -> dict[str, str]:
        """What a program needs to find this session, and no screen to ask anything on."""
        return {"DBUS_SESSION_BUS_ADDRESS": self.address}

    def lock(self) -> None:
        """Lock the collection where keys are kept."""
        import secretstorage

        with closing(_bus(self.address)) as bus:
            secretstorage.get_default_collection(bus).lock()


def missing() -> str:
    """Why no Secret Service can be started here, "" when one can."""
    if sys.platform != "linux":
        return "the Secret Service is Linux's keyring"
    gone = [each for each in NEEDED if not shutil.which(each)]
    return f"not installed: {', '.join(gone)} (.ci/run installs them)" if gone else ""


@contextmanager
def session(kind: str, home: Path) -> Iterator[Session]:
    """``kind``: "open" (gnome-keyring, unlocked), "uninitialised" (gnome-keyring is started by the
    first who asks, and has no password yet), "silent" (somebody owns the name and never answers),
    "bare" (a bus with no Secret Service)."""
    home.mkdir(mode=0o700)
    services = "<standard_session_servicedirs/>" if kind == "uninitialised" else ""
    (home / "bus.conf").write_text(CONFIG.format(folder=gettempdir(), services=services))
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            ["dbus-run-session", f"--config-file={home / 'bus.conf'}", "--",
             sys.executable, __file__, kind],
            env=_environ(home),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        try:
            address = process.stdout.readline().strip()
            assert address, (home / "log").read_text()
            yield Session(address)
        finally:
            process.stdin.close()
            process.wait(PATIENCE)


def _environ(home: Path) -> dict[str, str]:
    here = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home), "LANG": "C.UTF-8"}
    return here | {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)}


# --- inside the session -------------------------------------------------------------------------
def main(kind: str) -> None:
    address = os.environ["DBUS_SESSION_BUS_ADDRESS"]
    with closing(_bus(address)) as bus:
        daemon = _unlocked(bus) if kind == "open" else None
        if kind == "silent":
            _own(bus)
        print(address, flush=True)
        while not select([sys.stdin], [], [], 0.2)[0]:
            if daemon and daemon.poll() is not None:  # seen once: it ended in the middle of a run
                print(f"gnome-keyring ended with {daemon.returncode}", file=sys.stderr, flush=True)
                daemon = _unlocked(bus)
    if daemon:
        daemon.terminate()
        daemon.wait(PATIENCE)


def _bus(address: str) -> Any:
    from jeepney.io.blocking import open_dbus_connection

    return open_dbus_connection(address)


def _unlocked(bus: Any) -> subprocess.Popen[bytes]:
    """gnome-keyring with a password given, once its collection is there."""
    daemon = subprocess.Popen(
        ["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    assert daemon.stdin is not None
    daemon.stdin.write(PASSWORD)
    daemon.stdin.close()
    until = time.monotonic() + PATIENCE
    while not _ready(bus):
        assert time.monotonic() < until, "gnome-keyring did not come up"
        assert daemon.poll() is None, "gnome-keyring ended"
        time.sleep(0.02)
    return daemon


def _ready(bus: Any) -> bool:
    import secretstorage

    if not secretstorage.check_service_availability(bus):
        return False
    try:
        return not secretstorage.get_collection_by_alias(bus, "default").is_locked()
    except secretstorage.SecretStorageException:
        return False


def _own(bus: Any) -> None:
    """Take the name; what is sent to it is never read."""
    from jeepney.bus_messages import message_bus

    bus.send_and_get_reply(message_bus.RequestName(NAME))


if __name__ == "__main__":
    main(sys.argv[1])
