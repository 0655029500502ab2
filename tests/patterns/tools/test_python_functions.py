"""Python functions as tools: what their signatures say, how they are called, what is kept in."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tooled import fault, ports, use, within

from kit.errors import UsageError
from kit.patterns.tools.ability import Ability
from kit.patterns.tools.functions.docs import parted
from kit.patterns.tools.python import Python

WEATHER = '''
from __future__ import annotations
import asyncio, dataclasses, datetime, decimal, enum, pathlib, uuid
from typing import Annotated, Any, Iterable, Literal, Mapping, Optional, TypedDict, Union

class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"

@dataclasses.dataclass
class Place:
    city: str
    at: tuple[float, float] = (0.0, 0.0)
    tags: list[str] = dataclasses.field(default_factory=list)

class Span(TypedDict, total=False):
    first: int
    last: int

def everything(
    place: Place,
    unit: Literal["c", "f", 1, None] = "c",
    days: Annotated[int, "how many"] = 1,
    tags: Optional[list[str]] = None,
    colour: Union[Colour, None] = None,
    span: Span | None = None,
    table: Mapping[str, int] | None = None,
    path: pathlib.Path = pathlib.Path("x"),
    when: datetime.date | None = None,
    amount: decimal.Decimal = decimal.Decimal(1),
    names: set[str] = frozenset(),
    any_of: Any = None,
    rest: Iterable[int] = (),
    bare=3,
) -> dict:
    """Say the weather.

    It is always fine.

    Args:
        unit (str): degrees in
            this unit
        tags: what else: anything

    Returns:
        nothing: much
    """
    return {"types": [type(each).__name__ for each in (
        place, unit, days, tags, colour, span, table, path, when, amount, names, rest)],
        "place": place, "colour": colour, "when": when}

async def waits(n: float = 0.0) -> str:
    """Wait."""
    await asyncio.sleep(n)
    return f"waited {n}"

def _hidden(): ...
imported = asyncio.sleep
'''


def file(tmp_path: Path, text: str, name: str = "mine.py") -> Path:
    place = tmp_path / name
    place.write_text(text)
    return place


def source(tmp_path: Path, text: str, wanted: str = "", **more: object) -> Python:
    """A file of its own each time: modules are kept by their path."""
    number = len(list(tmp_path.glob("*.py")))
    return Python(file(tmp_path, text, f"mine{number}.py"), wanted, ports(**more))


def faces(source: Python) -> dict[str, Ability]:
    async def work(abilities: list[Ability]) -> dict[str, Ability]:
        return {each.face.name: each for each in abilities}

    return within(source, work)


# --- the face -------------------------------------------------------------------------------------
def test_the_functions_that_a_file_defines_are_tools(tmp_path: Path) -> None:
    assert list(faces(source(tmp_path, WEATHER))) == ["everything", "waits"]
    assert list(faces(source(tmp_path, WEATHER, "waits"))) == ["waits"]
    assert list(faces(source(tmp_path, WEATHER, "_hidden"))) == ["_hidden"]
    chosen = WEATHER + '\n__all__ = ["waits", "Colour2"]\n'
    assert list(faces(source(tmp_path, chosen))) == ["waits"]


def test_signature_and_docstring_become_the_face(tmp_path: Path) -> None:
    face = faces(source(tmp_path, WEATHER))["everything"].face
    assert face.description == "Say the weather.\n\nIt is always fine."
    parameters: Mapping[str, Any] = json.loads(json.dumps(face.parameters))
    jsonschema.Draft202012Validator.check_schema(parameters)
    assert (parameters["required"], parameters["additionalProperties"]) == (["place"], False)
    shown = parameters["properties"]
    assert shown["place"] == {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "at": {
                "type": "array",
                "prefixItems": [{"type": "number"}, {"type": "number"}],
                "minItems": 2,
                "maxItems": 2,
            },
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert shown["unit"] == {
        "description": "degrees in this unit", "enum": ["c", "f", 1, None], "default": "c",
    }  # fmt: skip
    assert shown["days"] == {"type": "integer", "description": "how many", "default": 1}
    assert shown["tags"] == {
        "description": "what else: anything",
        "anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}],
    }
    assert shown["colour"] == {"anyOf": [{"enum": ["red", "blue"]}, {"type": "null"}]}
    assert shown["span"]["anyOf"][0]["properties"] == {
        "first": {"type": "integer"}, "last": {"type": "integer"},
    }  # fmt: skip
    assert shown["table"]["anyOf"][0]["additionalProperties"] == {"type": "integer"}
    assert shown["names"] == {"type": "array", "items": {"type": "string"}, "uniqueItems": True}
    assert (shown["any_of"], shown["bare"]) == ({}, {"default": 3})


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("One.", ("One.", {})),
        (None, ("", {})),
        ("One.\n\n:param a: first\n  goes on\n:param int b: second\n:returns: x",
         ("One.", {"a": "first goes on", "b": "second"})),
        ("One.\n\nArguments:\n    a: first\n\n    b (int): second\n        more\nRaises:\n    c",
         ("One.", {"a": "first", "b": "second more"})),
        ("One.\n\nArgs:\n    *a: x\nReturns:\n    y", ("One.", {"a": "x"})),
    ],
)  # fmt: skip
def test_what_a_docstring_says(docstring: str | None, said: tuple[str, dict[str, str]]) -> None:
    assert parted(docstring) == said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def f(*a): ...", "takes any number of values"),
        ("def f(**a): ...", "takes any parameters"),
        ("def f(a, /): ...", "takes a parameter by its place only"),
        ("import io\ndef f(a: io.BytesIO): ...", "the parameter 'a' of f: JSON has no word for"),
        ("def f(a: dict[int, str]): ...", "the keys of a JSON object are strings"),
        ("def f(a: 'Missing'): ...", "the types of the function f cannot be read"),
        ("import dataclasses\n@dataclasses.dataclass\nclass A:\n    b: 'list[A]'\n"
         "def f(a: A): ...", "goes too deep"),
        ("def é(): ...", "has a name that no tool can have"),
        ("x = 1", "defines no function that could be a tool"),
        ("raise KeyError('SECRET')", "raises KeyError when it is imported"),
        ("def f(:", "cannot be imported"),
        ("import no_such_module_here", "cannot be imported: No module named"),
        ("def f(): ...\nf.kit_access = 'anything'", "kit_access of f"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_tool_says_why_before_the_run(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(UsageError) as caught:
        faces(source(tmp_path, text))
    assert says in caught.value.message
    assert "SECRET" not in caught.value.message


def test_a_file_or_a_function_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be imported"):
        faces(Python(tmp_path / "none.py", "", ports()))
    with pytest.raises(UsageError, match="has no function 'wait'") as caught:
        faces(source(tmp_path, WEATHER, "wait"))
    assert caught.value.hint == "did you mean 'waits'?"


# --- the call -------------------------------------------------------------------------------------
def test_arguments_arrive_as_the_types_say(tmp_path: Path) -> None:
    said = use(
        source(tmp_path, WEATHER, "everything"),
        place={"city": "x", "at": [1, 2]},
        unit=1,
        days=2.0,
        tags=["a"],
        colour="red",
        span={"first": 1},
        table={"a": 1},
        path="p",
        when="2026-01-02",
        amount="1.5",
        names=["a", "b"],
        rest=[1],
    )
    assert json.loads(said) == {
        "types": ["Place", "int", "int", "list", "Colour", "dict", "dict", "PosixPath", "date",
                  "Decimal", "set", "list"],
        "place": {"city": "x", "at": [1.0, 2.0], "tags": []},
        "colour": "red",
        "when": "2026-01-02",
    }  # fmt: skip


def test_an_argument_that_the_schema_cannot_judge_is_refused_all_the_same(tmp_path: Path) -> None:
    said = fault(source(tmp_path, WEATHER, "everything"), place={"city": "x"}, when="tomorrow")
    assert said == "the argument 'when' cannot be used"


def test_coroutines_are_awaited(tmp_path: Path) -> None:
    assert use(source(tmp_path, WEATHER, "waits"), n=0) == "waited 0.0"


def test_a_function_that_blocks_does_not_block_the_run(tmp_path: Path) -> None:
    """Two that wait for each other come to their end."""
    text = (
        "import threading\nboth = threading.Barrier(2, timeout=20)\n"
        "def meet() -> str:\n    both.wait()\n    return 'met'\n"
    )

    async def work(abilities: list[Ability]) -> list[str]:
        return list(await asyncio.gather(abilities[0].run({}), abilities[0].run({})))

    assert within(source(tmp_path, text), work) == ["met", "met"]


def test_a_function_that_never_ends_keeps_nobody(tmp_path: Path) -> None:
    text = "import time\ndef f():\n    time.sleep(3600)\n"

    async def work(abilities: list[Ability]) -> None:
        await asyncio.wait_for(abilities[0].run({}), 0.1)

    with pytest.raises(TimeoutError):
        within(source(tmp_path, text), work)
    assert all(each.daemon for each in threading.enumerate() if each.name == "kit-tool")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return None", "null"),
        ("return 'plain'", "plain"),
        ("return 'a\\0b'", "a\ufffdb"),
        ("return b'caf\\xc3\\xa9'", "café"),
        ("return {'é': [1, None, True]}", '{"é": [1, null, true]}'),
        ("return {1, 1}", "[1]"),
        ("return object", "\"<class 'object'>\""),
    ],
)
def test_results_as_text(tmp_path: Path, body: str, said: str) -> None:
    assert use(source(tmp_path, f"def f():\n    {body}\n")) == said


def test_a_result_of_many_megabytes_is_cut(tmp_path: Path) -> None:
    said = use(source(tmp_path, "def f():\n    return 'x' * 3_000_000\n"))
    assert said.endswith("x\n[cut: 3000000 characters]")
    assert len(said) < 1_100_000


@pytest.mark.parametrize("head", ["def", "async def"])
@pytest.mark.parametrize(
    ("body", "model", "user"),
    [
        (
            "raise ValueError('SECRET')",
            "f raised ValueError",
            "f raised ValueError: SECRET (line 3)",
        ),
        ("raise SystemExit(3)", "f raised SystemExit", "f raised SystemExit: 3 (line 3)"),
        ("next(iter(()))", None, None),
    ],
)
def test_an_error_is_its_type_for_the_model_and_its_words_for_the_user(
    tmp_path: Path, head: str, body: str, model: str | None, user: str | None
) -> None:
    said: list[str] = []
    told = fault(source(tmp_path, f"{head} f():\n    x = 1\n    {body}\n", say=said.append))
    assert told.startswith("f raised ")
    assert "SECRET" not in told
    assert model in (None, told)
    assert user is None or said == [user]


def test_a_function_may_say_its_own_sentence(tmp_path: Path) -> None:
    text = (
        "from kit.patterns.tools.ability import ToolFault\n"
        "def f():\n    raise ToolFault('there is no such city')\n"
    )
    assert fault(source(tmp_path, text)) == "there is no such city"


def test_a_function_counts_as_exec_unless_it_says_otherwise(tmp_path: Path) -> None:
    text = "def a(): ...\ndef b(): ...\ndef c(): ...\n"
    text += "b.kit_access = 'readonly'\nc.kit_access = 'network'\n"
    found = faces(source(tmp_path, text))
    assert [each.access for each in found.values()] == ["exec", "readonly", "network"]
    assert found["a"].shown({"x": "é"}).startswith('a({"x": "é"}) of ')


# --- what is kept in ------------------------------------------------------------------------------
PRINTS = """
import sys
print("while it is imported")
def f():
    print("in a thread")
    sys.stdout.write("written\\n")
    return "done"
async def g():
    print("in a coroutine")
    return "done"
"""


def test_what_a_function_prints_goes_to_stderr_and_what_others_print_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.stdout

    async def work(abilities: list[Ability]) -> None:
        first = asyncio.gather(*(each.run({}) for each in abilities))
        print("the answer")
        assert await first == ["done", "done"]
        print("goes on")

    within(source(tmp_path, PRINTS), work)
    told = capsys.readouterr()
    assert told.out == "the answer\ngoes on\n"
    assert sorted(told.err.splitlines()) == [
        "in a coroutine", "in a thread", "while it is imported", "written",
    ]  # fmt: skip
    assert sys.stdout is before


def test_a_file_is_imported_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = file(tmp_path, PRINTS, "once.py")
    for _ in range(2):
        within(Python(place, "f", ports()), lambda abilities: abilities[0].run({}))
    assert capsys.readouterr().err.count("while it is imported") == 1


def test_neither_its_folder_nor_the_current_one_is_searched_for_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file(tmp_path, "x = 1\n", "sibling_of_mine.py")
    with pytest.raises(UsageError, match="No module named 'sibling_of_mine'"):
        faces(source(tmp_path, "import sibling_of_mine\ndef f(): ...\n"))
