"""The arrows of the house: who may import whom. Read from the source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "kit"
FILES = sorted(KIT.rglob("*.py"))

ROOMS = {
    "cli": {"cli", "patterns", "providers", "trace", "events", "errors", "__init__"},
    "library": {"library", "patterns", "providers", "events", "errors"},
    "patterns": {"patterns", "events", "errors"},
    "providers": {"providers", "events", "errors", "__init__"},
    "trace": {"trace", "events", "errors", "__init__"},
    "events": {"errors"},
    "errors": set(),
    "dataclass": set(),
}
EVERYWHERE = {"dataclass"}  # how values are defined
PURE = {  # a room within a room that reaches no other
    "kit.providers.dialects": {"kit.providers.dialects", "kit.events", "kit.errors"},
}
ONLY = {  # who alone may import a third party
    # the SDK of MCP speaks HTTP through a client that it is given
    "httpx2": {"providers/transport/client.py", "patterns/tools/mcp/web.py"},
    "mcp": {"patterns/tools/mcp/"},
    "mcp_types": {"patterns/tools/mcp/"},
    "h11": {"providers/transport/connection.py", "providers/transport/direct.py"},
    "keyring": {"providers/credentials/keys.py"},
    "xllamacpp": {"providers/llama.py"},
    "typer": {"cli"},
    "rich": {"cli"},
    "tomlkit": {"providers"},
    "sqlite3": {"trace/index.py"},
    "jsonschema": {"patterns", "cli"},
}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in FILES}


def imports(path: Path, *, late: bool = True) -> Iterator[str]:
    """The modules that a file names in its imports; without ``late`` only those at its top."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if late else iter(tree.body)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else str(node.module)


def room(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_room_imports_only_what_lies_below_it(path: Path) -> None:
    mine = room(name_of(path))
    if mine in ("__init__", "__main__"):
        return
    reached = {room(each) for each in imports(path) if each.split(".")[0] == "kit"}
    assert reached <= ROOMS[mine] | EVERYWHERE, f"{name_of(path)} reaches {reached - ROOMS[mine]}"


@pytest.mark.parametrize("inner", PURE)
def test_a_pure_room_reaches_no_other(inner: str) -> None:
    mine = [path for module, path in MODULES.items() if module.startswith(f"{inner}.")]
    reached = {each for path in mine for each in imports(path) if each.startswith("kit")}
    foreign = {each for each in reached if not each.startswith((*PURE[inner], "kit.dataclass"))}
    assert mine
    assert foreign == set()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_third_party_is_imported_only_where_it_belongs(path: Path) -> None:
    here = path.relative_to(KIT).as_posix()
    for each in imports(path):
        allowed = ONLY.get(each.split(".")[0])
        assert allowed is None or any(here.startswith(place) for place in allowed), each


def test_imports_at_the_top_of_files_form_no_cycle() -> None:
    graph = {
        module: {each for each in imports(path, late=False) if each in MODULES and each != module}
        for module, path in MODULES.items()
    }
    done: set[str] = set()

    def visit(module: str, trail: tuple[str, ...]) -> None:
        assert module not in trail, " -> ".join((*trail, module))
        if module not in done:
            for each in graph[module]:
                visit(each, (*trail, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def test_only_run_starts_tasks() -> None:
    starters = ("create_task", "ensure_future", "TaskGroup")
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if any(f".{each}(" in text for each in starters):
            assert path.relative_to(KIT).as_posix() == "patterns/run.py"


def test_nothing_unpickles_or_evaluates() -> None:
    """F18: no pickle, eval, exec or yaml.load anywhere."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec"), path
        roots = {each.split(".")[0] for each in imports(path)}
        assert not {"pickle", "marshal", "shelve", "yaml"} & roots, path


def test_every_file_opens_with_what_it_is_for() -> None:
    for path in FILES:
        if path.read_text(encoding="utf-8").strip():
            assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), path


def test_no_frozen_slotted_generic_dataclass() -> None:
    """Such a class breaks on Python 3.11 (cpython issue 116669)."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and any(
                isinstance(d, ast.Call) and "slots=True" in ast.unparse(d)
                for d in node.decorator_list
            ):
                assert "Generic" not in " ".join(map(ast.unparse, node.bases)), path
