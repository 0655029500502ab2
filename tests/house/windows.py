"""Run as ``python windows.py LINES``: kit in a process that has nothing that Windows lacks.

LINES is JSON, a list of [arguments, stdin]; what is printed is a list of [code, stdout, stderr].
The library is loaded first, as itself; then kit finds no POSIX module, no POSIX function, no signal
but those of Windows, an event loop that watches neither signals nor files, and ``sys.platform`` is
win32. Paths stay those of this machine: ``os.name`` cannot be changed under pathlib.
"""

import asyncio
import importlib
import importlib.abc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import types
from collections.abc import Sequence

LOADED = """asyncio.subprocess ctypes email.message httpx2 importlib.metadata jsonschema keyring
    logging multiprocessing pathlib platformdirs random shutil socket sqlite3 ssl subprocess tomlkit
    tomllib typer urllib.request""".split()  # noqa: SIM905  # a list that is read as words
MODULES = {"fcntl", "termios", "tty", "pty", "pwd", "grp", "resource", "syslog", "readline",
           "curses", "posix", "crypt", "spwd", "nis"}  # fmt: skip
FUNCTIONS = """
    chown chroot confstr ctermid fchdir fchown fork forkpty getegid geteuid getgid getgroups
    getloadavg getpgid getpgrp getpriority getresgid getresuid getsid getuid killpg lchown major
    mkfifo mknod nice openpty pathconf pipe2 posix_fallocate posix_spawn posix_spawnp pread preadv
    pwrite pwritev readv register_at_fork sched_getaffinity sched_yield sendfile setgid setpgid
    setpriority setsid setuid statvfs fstatvfs sync sysconf tcgetpgrp tcsetpgrp ttyname uname wait
    wait3 wait4 waitid writev fchmod O_NOFOLLOW O_NONBLOCK O_DIRECTORY O_CLOEXEC O_SYNC WNOHANG
    memfd_create eventfd pidfd_open
""".split()  # noqa: SIM905
SIGNALS = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIG_DFL", "SIG_IGN"}


class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname in MODULES:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


def refused(*_: object, **__: object) -> None:
    raise NotImplementedError


def become_windows() -> None:
    for name in LOADED:
        importlib.import_module(name)
    sys.meta_path.insert(0, Missing())
    for name in MODULES & set(sys.modules):
        del sys.modules[name]
    for name in FUNCTIONS:
        if hasattr(os, name):
            delattr(os, name)
    for name in [*vars(signal)]:
        if name.startswith("SIG") and name not in SIGNALS:
            delattr(signal, name)
    for name in ("setitimer", "alarm", "pause", "pthread_kill", "pthread_sigmask", "siginterrupt"):
        delattr(signal, name)
    loop = asyncio.SelectorEventLoop
    for name in ("add_signal_handler", "remove_signal_handler", "add_reader", "remove_reader",
                 "add_writer", "remove_writer", "create_unix_connection"):  # fmt: skip
        setattr(loop, name, refused)
    transport = asyncio.base_subprocess.BaseSubprocessTransport
    transport.kill = transport.terminate  # type: ignore[method-assign]  # as it is there
    subprocess.Popen.kill = subprocess.Popen.terminate  # type: ignore[method-assign]  # as it is there
    asked = types.SimpleNamespace(NeedCurrentDirectoryForExePath=lambda _: False)
    vars(shutil)["_winapi"] = asked  # of shutil.which, from Python 3.12 on
    vars(shutil)["_use_fd_functions"] = False
    sys.modules["msvcrt"] = console = types.ModuleType("msvcrt")
    vars(console).update(LK_UNLCK=0, LK_LOCK=1, LK_NBLCK=2, locking=lambda *_: None)
    sys.platform = "win32"


def ran(argv: Sequence[str], stdin: str) -> tuple[int, str, str]:
    """One command line, its streams being files: code, stdout, stderr."""
    from kit.cli.app import main

    files = [tempfile.TemporaryFile() for _ in range(3)]  # noqa: SIM115  # closed with the process
    files[0].write(stdin.encode())
    files[0].seek(0)
    for place, file in enumerate(files):
        os.dup2(file.fileno(), place)
    code = main(argv)
    sys.stdout.flush()
    sys.stderr.flush()
    for file in files:
        file.seek(0)
    return code, files[1].read().decode(), files[2].read().decode()


if __name__ == "__main__":
    become_windows()
    kept = os.dup(1)
    said = [ran(argv, stdin) for argv, stdin in json.loads(sys.argv[1])]
    os.write(kept, json.dumps(said).encode())
    os._exit(0)
