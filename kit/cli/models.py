"""``kit models``: what a provider offers."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from kit.cli.app import typer_app
from kit.cli.setup.configured import AsJson, Where
from kit.errors import AuthError, RejectedError, UsageError

if TYPE_CHECKING:
    from kit.cli.members import Members
    from kit.providers import Provider
    from kit.providers.config.profiles import Profile
    from kit.providers.listing import Listed

app = typer_app()

HELP = (
    "\b\nExamples:\n  kit models\n  kit models -p openrouter | grep llama\n"
    "  kit models -p groq --json\n\n"
    "Ask a provider which models it has. One id a line; on a terminal, or with -v, also what it\n"
    "tells of each: how many tokens it reads, whose it is, the day on which it ends. TAB after -m\n"
    "offers what was listed last."
)


@app.command(help=HELP)
def models(
    profile: Annotated[
        str | None, Option("-p", "--profile", metavar="NAME", help="profile or preset")
    ] = None,
    base_url: Annotated[
        str | None, Option("--base-url", metavar="URL", help="one-off endpoint")
    ] = None,
    api: Annotated[str | None, Option("--api", metavar="NAME", help="its dialect")] = None,
    insecure_http: Annotated[
        bool, Option("--insecure-http", help="allow plain http to other machines")
    ] = False,
    timeout: Annotated[
        float | None, Option("--timeout", min=0.001, metavar="S", help="wait for the next byte")
    ] = None,
    verbose: Annotated[bool, Option("-v", "--verbose", help="what is known of each")] = False,
    quiet: Annotated[bool, Option("-q", "--quiet", help="no notes on stderr")] = False,
    as_json: AsJson = False,
    config: Where = None,
) -> int:
    from kit.cli.members import Members, chosen, configured  # all of it not for the help
    from kit.cli.options import Limits, Model
    from kit.cli.screen.render import err
    from kit.providers.config import cache
    from kit.providers.config.choosing import ONE_OFF

    say = _silent if quiet else err
    wish = Model(base_url=base_url, api=api, insecure_http=insecure_http)
    choice = chosen(configured(config), [profile or ""], wish, Limits(timeout=timeout))
    for note in choice.notes:
        say(f"kit: {note}")
    ((name, who),) = choice.profiles.items()
    found = _listed(name, who, Members(choice.profiles, None, say))
    if who.name != ONE_OFF:
        path = cache.place(os.environ, "models.json")
        cache.put(path, who.name, [each.id for each in found])
    if not found:
        say(f"kit: {who.name} lists no models")
    _show(found, as_json=as_json, wide=verbose or sys.stdout.isatty())
    return 0


def _silent(text: str) -> None:
    """Where notes go under --quiet."""


def _show(found: Sequence[Listed], *, as_json: bool, wide: bool) -> None:
    from kit.cli.screen.rows import print_json, print_rows
    from kit.cli.screen.sanitise import visible

    if as_json:
        print_json([_object(each) for each in found])
    elif wide:
        print_rows(_columns([_row(each) for each in found]))
    else:
        sys.stdout.write("".join(f"{visible(each.id)}\n" for each in found))


def _object(each: Listed) -> dict[str, Any]:
    return {
        "id": each.id,
        "context": each.context,
        "owner": each.owner,
        "shutdown_date": each.shutdown_date,
    }


def _row(each: Listed) -> list[str]:
    return [
        each.id,
        "" if each.context is None else f"{each.context} tokens",
        each.owner or "",
        f"until {each.shutdown_date}" if each.shutdown_date else "",
    ]


def _columns(rows: list[list[str]]) -> list[list[str]]:
    """Without the columns in which nothing stands."""
    kept = [at for at, column in enumerate(zip(*rows, strict=True)) if any(column)]
    return [[row[at] for at in kept] for row in rows]


# --- who is asked ---------------------------------------------------------------------------------
def _listed(name: str, who: Profile, members: Members) -> list[Listed]:
    """Sorted by id. UsageError when the provider cannot tell."""
    from kit.providers.listing import Listed, listed

    if who.api in ("fake", "local"):
        return [Listed(who.model or who.api)]
    provider = _provider(name, who, members)
    if not callable(getattr(provider, "models", None)):
        raise UsageError(
            f"the provider of {who.name!r} cannot list its models",
            hint="it would need a method: async def models(self) -> a list of tables with an id",
        )
    try:
        return listed(_asked(provider, members))
    except RejectedError as error:
        if error.http_status not in (404, 405, 501):
            raise
        raise _none(who, error) from error


def _provider(name: str, who: Profile, members: Members) -> Provider:
    """Some hosts show their list to everybody: that needs no key."""
    from kit.providers.config.presets import PRESETS

    try:
        return members.provider(name)
    except AuthError:
        preset = PRESETS.get(who.provider)
        if who.key or who.key_command or not (preset and preset.open_list):
            raise
    members.profiles = {name: replace(who, key="none")}
    return members.provider(name)


def _asked(provider: Any, members: Members) -> list[Any]:
    import asyncio  # 70 ms

    async def asked() -> list[Any]:
        try:
            return list(await provider.models())
        finally:
            await members.aclose()

    return asyncio.run(asked())


def _none(who: Profile, error: RejectedError) -> RejectedError:
    from kit.providers.config.presets import PRESETS

    preset = PRESETS.get(who.provider)
    where = f"see {preset.docs}" if preset and preset.docs else "check base_url"
    return RejectedError(
        f"{who.name} does not list its models ({error.http_status})",
        hint=f"{where}; name one with -m MODEL",
        http_status=error.http_status,
    )
