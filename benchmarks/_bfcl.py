"""The Berkeley Function-Calling Leaderboard's data: fetched from its own distribution, and read.

Only the wheel's files are used: questions, functions, possible answers, and the back ends of the
multi-turn sets, which are plain Python classes. Nothing of it is a part of kit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kit.events import Json, Tool

WHEELS = ("bfcl-eval", "mpmath")  # the second is what one of the back ends computes with
SINGLE = (
    "simple_python",
    "multiple",
    "parallel",
    "parallel_multiple",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
)
"""The sets whose arguments are Python values."""
_TYPES: Mapping[str, str | None] = {
    "dict": "object", "float": "number", "tuple": "array", "any": None,
}  # fmt: skip


def folder() -> Path | None:
    """Where the wheels are unpacked; None when they cannot be had."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "kit-benchmarks" / "bfcl"
    if not (place / "bfcl_eval").is_dir():
        place.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(place)]
        got = subprocess.run([*command, *WHEELS], check=False, capture_output=True)
        if got.returncode:
            return None
        for wheel in place.glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(place)
    return place


def rows(place: Path, name: str) -> Iterator[dict[str, Any]]:
    """One JSON object a line."""
    path = place / "bfcl_eval" / "data" / name
    yield from (json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip())


def tool(function: Mapping[str, Json]) -> Tool:
    """With a JSON Schema instead of the dialect that the data is written in."""
    schema = _schema(function["parameters"])
    return Tool(function["name"], function.get("description", ""), schema)


def single(place: Path) -> Iterator[tuple[str, Tool, dict[str, Json]]]:
    """Every ground-truth call of the sets with one turn: its set, its tool, its arguments."""
    for name in SINGLE:
        asked = {row["id"]: row for row in rows(place, f"BFCL_v4_{name}.json")}
        for row in rows(place, f"possible_answer/BFCL_v4_{name}.json"):
            tools = {each["name"]: tool(each) for each in asked[row["id"]]["function"]}
            for call in row["ground_truth"]:
                (called, answers) = next(iter(call.items()))
                yield name, tools[called], _chosen(answers, tools[called])


def _schema(said: Json) -> Any:
    if isinstance(said, list):
        return [_schema(each) for each in said]
    if not isinstance(said, dict):
        return said
    found: dict[str, Json] = {}
    for name, value in said.items():
        if name == "type" and isinstance(value, str):
            kind = _TYPES.get(value, value)
            found |= {"type": kind} if kind else {}
        elif name == "properties":
            found[name] = {each: _schema(inner) for each, inner in value.items()}
        elif name not in ("default", "description", "format", "optional"):
            found[name] = _schema(value)
    return found


def _chosen(answers: Mapping[str, list[Json]], tool: Tool) -> dict[str, Json]:
    """For each argument the first of its possible values that the schema takes, else the first;
    "" among them says that it may be left out."""
    from jsonschema import Draft202012Validator

    required, schemas = tool.parameters.get("required", ()), tool.parameters.get("properties", {})
    found = {}
    for name, values in answers.items():
        if "" in values and name not in required:
            continue
        plain = [_plain(value) for value in values or ("",)]
        check = Draft202012Validator(schemas.get(name, {}))
        found[name] = next((each for each in plain if check.is_valid(each)), plain[0])
    return found


def _plain(value: Json) -> Json:
    """Within an object each field lists its possible values too."""
    if isinstance(value, list):
        return [_plain(each) if isinstance(each, dict) else each for each in value]
    if not isinstance(value, dict):
        return value
    given = {
        name: each for name, each in value.items() if not (isinstance(each, list) and "" in each)
    }
    return {n: _plain(each[0]) if isinstance(each, list) else each for n, each in given.items()}
