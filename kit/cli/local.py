"""``kit local``: the embedded model's weights, and its server for other programs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Annotated

import typer

from kit.cli.app import helps, typer_app
from kit.errors import StoppedError, UnavailableError
from kit.providers import weights
from kit.providers.local import PARALLEL, Llama, model_file

app: typer.Typer = typer_app(
    no_args_is_help=True,
    help="""\b
Examples:
  kit local install
  kit ask -p local "Say hello"
  kit local serve --port 8080

A language model of 98 MB that runs on this machine, without network or key. It is there to try
kit and to test with: it is often wrong. Needs the extra: pip install 'kit-llm[local]'.
""",
)


@app.command(
    help=helps("Fetch the weights (93 MB), once, and print where they are.", "kit local install")
)
def install() -> None:
    path = weights.install(_progress() if sys.stderr.isatty() else _silent)
    typer.echo(str(path))


@app.command(help=helps("Print where the weights are, or would be.", 'ls -l "$(kit local path)"'))
def path() -> None:
    where = weights.weights_path(os.environ)
    typer.echo(str(where))
    if not weights.installed(where):
        typer.echo("kit: not there yet; kit local install", err=True)


@app.command(help=helps("Delete the weights.", "kit local remove"))
def remove() -> None:
    weights.weights_path(os.environ).unlink(missing_ok=True)


@app.command(
    help=helps(
        "Serve the model to other programs of this machine as OpenAI does, until Ctrl-C.\n"
        "Prints the base URL when it is ready. Asks for no key.",
        "kit local serve",
        "kit local serve --port 8081 --model ./other.gguf",
    ),
    short_help="Serve the model to other programs of this machine.",
)
def serve(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="N", help="0: any free one")
    ] = 8080,
    model: Annotated[str, typer.Option("--model", metavar="PATH", help="another GGUF file")] = "",
    parallel: Annotated[
        int, typer.Option("--parallel", min=1, max=64, metavar="N", help="answers at once")
    ] = PARALLEL,
    until_eof: Annotated[bool, typer.Option("--until-eof", help="end when stdin does")] = False,
) -> None:
    llama = None
    try:
        _stop_at_signals()
        llama = Llama(model_file(model), port=port, parallel=parallel)
        typer.echo(f"{llama.wait_loaded()}/v1")
        sys.stdout.flush()
        _wait(llama, until_eof)
    except StoppedError as stopped:
        raise typer.Exit(stopped.code) from None
    finally:
        if llama is not None:
            llama.close()


def _wait(llama: Llama, until_eof: bool) -> None:
    """Until the end of stdin if that was asked for; else a signal ends it."""
    ended = threading.Event()

    def watch() -> None:
        sys.stdin.buffer.read()
        ended.set()
        llama.stop()

    if until_eof:
        threading.Thread(target=watch, daemon=True).start()
    code = llama.wait()
    if not ended.is_set():
        raise UnavailableError(f"llama.cpp ended by itself (code {code})", hint="start it again")


def _stop_at_signals() -> None:
    def stop(number: int, _frame: object) -> None:
        raise StoppedError("stopped", signal=number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), stop)


def _silent(_done: int, _total: int) -> None:
    """Nothing to see where nobody looks."""


def _progress() -> Callable[[int, int], None]:
    """One line of stderr, redrawn: megabytes, of how many."""

    def show(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\rkit: weights {done / 1e6:5.1f} of {total / 1e6:.1f} MB{end}")
        sys.stderr.flush()

    return show
