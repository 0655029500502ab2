"""docs/shell.md says what is so: each variable that is read, each exit code, each refused wish."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from kit.cli.result import FIELDS
from kit.cli.topics import EXIT_CODES
from kit.providers.config.presets import PRESETS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "shell.md").read_text(encoding="utf-8")
NAME = re.compile(r"(?!SIG|O_)[A-Z][A-Z0-9]+(_[A-Z0-9]+)*|ConEmuANSI")
HOSTS = {name for host in PRESETS.values() for name in (*host.key_env, host.address_env)}
TOOLS = "kit/patterns/tools"
CHILDREN = {  # name what other programs may see, and not what kit goes by
    f"{TOOLS}/mcp/spec.py", f"{TOOLS}/shell.py", f"{TOOLS}/sandbox.py", "kit/patterns/strays.py",
    "kit/library/tools.py",
}  # fmt: skip
SET = {"TYPER_USE_RICH", "GOMP_SPINCOUNT", "TMPDIR", "TEMP"}  # by kit, for a library or a child
OTHERS = {"POST", "PARALLEL", "NAME"}  # no variables


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def named_in(tree: ast.AST) -> Iterator[str]:
    """Strings that may be names of variables; what the help of a flag shows is none."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Call(func=ast.Name(id="Option" | "Argument") | ast.Attribute(attr="Option")):
                continue
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                continue
            case ast.Constant(value=str(name)) if NAME.fullmatch(name):
                yield name
        yield from named_in(node)


def looks_at_an_environment(tree: ast.AST) -> bool:
    return any(
        "environ" in (getattr(node, "id", ""), getattr(node, "attr", ""), getattr(node, "arg", ""))
        for node in ast.walk(tree)
    )


def test_the_variables_on_the_page_are_those_that_are_read() -> None:
    lines = section("Environment variables").split("\n")
    rows = [line.split("|")[1] for line in lines if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    read: set[str] = set()
    for path in (ROOT / "kit").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "environ" not in text or path.relative_to(ROOT).as_posix() in CHILDREN:
            continue
        if looks_at_an_environment(tree := ast.parse(text)):
            read |= set(named_in(tree))
    assert sorted(told) == sorted(read - HOSTS - SET - OTHERS)


def test_the_exit_codes_are_those_of_the_help() -> None:
    told = re.findall(r"^\| ([\d, ]+) \|", section("Exit codes"), re.MULTILINE)
    known = re.findall(r"^  ([\d, ]*\d)  |; (\d+)  ", EXIT_CODES, re.MULTILINE)
    assert told == [each for pair in known for each in pair if each]


def test_the_keys_of_the_json_object_are_those_that_there_are() -> None:
    assert f"`{' '.join(FIELDS)}`" in section("JSON")


def test_each_point_of_the_list_has_a_test() -> None:
    """Their numbers stand in the names: test_04_25_an_error …"""
    names = [
        name
        for file in (ROOT / "tests" / "cli").glob("test_checklist_*.py")
        for name in re.findall(r"def test((?:_\d\d)+)_", file.read_text(encoding="utf-8"))
    ]
    assert sorted({int(each) for name in names for each in name.split("_")[1:]}) == [*range(1, 53)]
