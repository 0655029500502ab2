"""``kit doctor``: what works here, what does not, what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from kit.cli.app import typer_app
from kit.cli.output import line
from kit.cli.screen.rows import print_json
from kit.cli.screen.sanitise import visible
from kit.cli.setup.configured import AsJson, Where, file_of

if TYPE_CHECKING:
    from kit.providers.health import Check

app = typer_app()


@app.command(
    help="\b\nExamples:\n  kit doctor\n  kit doctor --online\n  kit doctor --json\n\n"
    "Look at configuration, keys, folders, network settings and terminal. Sends nothing,\n"
    "but with --online asks each profile for its list of models. Exit 0 when nothing fails."
)
def doctor(
    online: Annotated[bool, Option("--online", help="ask each profile's host as well")] = False,
    config: Where = None,
    as_json: AsJson = False,
) -> int:
    rows: list[Check] = []
    for each in checks(file_of(config), online=online):
        rows.append(each)
        if not as_json:  # as they come: a keyring may take its three seconds
            _show(each)
    failed = [each for each in rows if each.status == "fail"]
    if as_json:
        print_json({"ok": not failed, "checks": [_object(each) for each in rows]})
    return failed[0].exit if failed else 0


def checks(path: Path, *, online: bool) -> Iterator[Check]:
    """All of them, in the order in which one thing needs the other."""
    from kit.cli import surroundings  # all that it looks at, not for its help
    from kit.providers import health
    from kit.providers.credentials.keys import Patience
    from kit.providers.local import installed

    environ = os.environ
    yield surroundings.versions()
    yield from surroundings.bytecode()
    yield surroundings.clock(path)
    yield surroundings.terminal()
    yield from health.configuration(path, environ)
    yield from surroundings.folders(environ)
    yield from health.proxy(environ)
    yield health.certificates(environ)
    config, patience = health.readable(path), Patience()
    yield health.keyring(config, patience)
    for profile in config.profiles.values():
        yield health.profile_key(profile, environ, patience)
    yield health.answering(config, environ, local_installed=installed)
    if online:
        import asyncio  # 70 ms

        for profile in config.profiles.values():
            yield asyncio.run(health.online(profile, environ))


def _show(check: Check) -> None:
    line(visible(f"{check.status:<4}  {check.name}: {check.found}"))
    if check.todo and check.status != "ok":
        line(visible(f"      → {check.todo}") if _unicode() else visible(f"      > {check.todo}"))


def _unicode() -> bool:
    from kit.cli.screen.terminal import Terminal

    return Terminal.detect(os.environ, sys.stdout, sys.stderr).unicode


def _object(check: Check) -> dict[str, str]:
    return {"status": check.status, "name": check.name, "found": check.found, "todo": check.todo}
