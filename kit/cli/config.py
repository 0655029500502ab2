"""``kit config``: where the configuration is, whether it is right, why a setting has its value."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from kit.cli.app import helps, typer_app
from kit.cli.output import line
from kit.cli.screen.render import err
from kit.cli.screen.rows import print_json, print_rows
from kit.cli.screen.sanitise import visible
from kit.cli.setup.configured import AsJson, Where, file_of
from kit.events import Json

if TYPE_CHECKING:
    from kit.providers.config.checking import Finding
    from kit.providers.config.explaining import Explained

app = typer_app(
    no_args_is_help=True,
    help="\b\nExamples:\n  kit config path\n  kit config check\n  kit config explain fast.model\n"
    '  $EDITOR "$(kit config path)"\n\n'
    "The configuration: one TOML file, edited by hand or with kit profile.",
)


@app.command(
    help=helps("Print where the configuration is, or would be.", '$EDITOR "$(kit config path)"')
)
def path(config: Where = None) -> int:
    line(str(file_of(config)))
    return 0


@app.command(
    help="\b\nExamples:\n  kit config check\n  kit config check --config ./team.toml --json\n\n"
    "Print every error and warning with its file, line and column. Exit 2 when there are errors."
)
def check(config: Where = None, as_json: AsJson = False) -> int:
    from kit.providers.config.checking import findings  # not for `kit config path`
    from kit.providers.config.profiles import load

    file = file_of(config)
    found = findings(file, os.environ)
    if as_json:
        print_json([{"kind": each.kind, "text": each.text, "hint": each.hint} for each in found])
    else:
        for each in found:
            line(visible(_sentence(each)))
    if not found:
        there = f"profiles: {len(load(file).profiles)}" if file.exists() else "there is no file yet"
        err(f"kit: {file}: nothing is wrong ({there})")
    return 2 if any(each.kind == "error" for each in found) else 0


def _sentence(finding: Finding) -> str:
    where, space, rest = finding.text.partition(": ")
    text = f"{where}: {finding.kind}: {rest}" if space else f"{finding.kind}: {finding.text}"
    return f"{text}; {finding.hint}" if finding.hint else text


@app.command(
    "explain",
    help="\b\nExamples:\n  kit config explain fast.temperature\n"
    "  kit config explain fast.headers.X-Team\n  kit config explain default_profile\n\n"
    "Say what a setting is, where that comes from, and what it overrides.",
)
def explain_(
    setting: Annotated[str, Argument(metavar="NAME.KEY", help="or default_profile")],
    config: Where = None,
    as_json: AsJson = False,
) -> int:
    from kit.providers.config.explaining import explain
    from kit.providers.config.profiles import load

    told = explain(load(file_of(config)), setting, os.environ)
    values = [_veiled(told.key, layer.value) for layer in told.layers]
    if as_json:
        print_json(_object(told, values))
    else:
        print_rows(_rows(told, values))
    return 0


def _veiled(key: str, value: Json) -> Json:
    """A header may hold a key."""
    from kit.providers.config.carrying import veiled

    name, _, entry = key.partition(".")
    if not entry:
        return veiled({name: value})[name]
    return veiled({name: {entry: value}})[name][entry]


def _rows(told: Explained, values: list[Json]) -> list[list[str]]:
    name = f"{told.profile}.{told.key}" if told.profile else told.key
    if not told.layers:
        rows = [[name, "is not set"]]
    else:
        rows = [[name, _shown(values[0])], ["from", told.layers[0].source]]
    over = zip(told.layers[1:], values[1:], strict=True)
    rows += [["overrides", f"{_shown(value)}, from {layer.source}"] for layer, value in over]
    if told.flag:
        rows.append(["overridden by", f"{told.flag}, for one run"])
    return rows


def _object(told: Explained, values: list[Json]) -> dict[str, Json]:
    first = told.layers[0] if told.layers else None
    place = first.place if first else None
    over = zip(told.layers[1:], values[1:], strict=True)
    return {
        "profile": told.profile,
        "key": told.key,
        "value": values[0] if values else None,
        "from": first.source if first else None,
        "line": place.line if place else None,
        "column": place.column if place else None,
        "overrides": [{"value": value, "from": layer.source} for layer, value in over],
        "flag": told.flag or None,
    }


def _shown(value: Json) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, default=dict, ensure_ascii=False)
