"""The command: answers ``--version`` before anything is imported, hands over everything else."""

import sys

from kit import __version__


def main() -> None:
    """Run ``kit`` with the arguments of this process; never returns."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        sys.stdout.write(f"kit {__version__}\n")
        sys.exit(0)
    try:
        from kit.cli.app import main as run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # Ctrl-C while modules are being imported
        code = 130
    leave(code)


def leave(code: int) -> None:
    """End the process at once: everything is flushed, and nothing that is left needs tearing
    down (a keyring that hangs, a hundred idle connections)."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or 141
    os._exit(code)


if __name__ == "__main__":
    main()
