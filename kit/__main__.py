"""The command: answers ``--version`` before anything is imported, hands over everything else."""

import gc
import io
import os
import sys

from kit import __version__

LOADING = 100_000
"""New objects until garbage is looked for. Modules make hardly any, and with Python's own 700 a
tenth of a short command's CPU goes into looking; a run sets its own (session.py)."""


def main() -> None:
    """Run ``kit`` with the arguments of this process; never returns."""
    gc.set_threshold(LOADING)
    _hold_closed_streams()
    _know_a_home()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # The locale may lack a letter; Windows would write its own code page, and CR LF.
        encoding = "utf-8" if os.name == "nt" else None
        sys.stdout.reconfigure(encoding=encoding, errors="replace", newline="\n")
    try:
        if sys.argv[1:] in (["--version"], ["-V"]):
            sys.stdout.write(f"kit {__version__}\n")
            code = 0
        else:
            from kit.cli.app import main as run

            code = run(sys.argv[1:])
    except KeyboardInterrupt:  # Ctrl-C while modules are being imported
        code = 130
    except OSError as error:
        code = _unwritten(error)
    leave(code)


def leave(code: int) -> None:
    """End the process at once: everything is flushed, and nothing that is left needs tearing
    down (a keyring that hangs, a hundred idle connections)."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError) as error:
            code = code or _unwritten(error)
    os._exit(code)


def _unwritten(error: OSError | ValueError) -> int:
    """The exit code for what a stream did not take: quiet when its reader went away."""
    if isinstance(error, BrokenPipeError):
        return 141
    try:
        why = getattr(error, "strerror", None) or error
        sys.stderr.write(f"kit: stdout cannot be written: {why}\n")
    except (OSError, ValueError):
        pass
    return 1


def _hold_closed_streams() -> None:
    """A standard stream that the caller closed (``>&-``) is held by the null device the wrong way
    round: no file and no socket takes its number, and writing to it fails as it should."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # takes the lowest number that is free: this one
    for number, name in ((1, "stdout"), (2, "stderr")):
        if getattr(sys, name) is None:
            stream = open(number, "w", encoding="utf-8", closefd=False)  # noqa: SIM115  # stays open
            setattr(sys, name, stream)


def _know_a_home() -> None:
    """An empty HOME is none. Where nobody knows one, as for a user that is only a number, it is /,
    as login(1) has it: not a folder named ~ in the current one."""
    if not os.environ.get("HOME", "unset"):
        del os.environ["HOME"]
    if "HOME" not in os.environ and os.path.expanduser("~") == "~":
        os.environ["HOME"] = os.sep


if __name__ == "__main__":
    main()
