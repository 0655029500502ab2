"""Providers that users bring, asked from the command line."""

import json
import os

import pytest
from command import KEY

ECHO = """
from __future__ import annotations
from dataclasses import dataclass
from kit.events import CallSent, Message, Replied, Text, TextDelta

@dataclass  # which looks its module up: a file has to be one
class Setting:
    word: str = "echo"

class Echo:
    word = "echo"

    async def stream(self, request):
        text = f"{Setting(self.word).word}: {request.messages[-1].text}"
        yield CallSent(model="echo-1")
        yield TextDelta(text=text)
        yield Replied(message=Message("assistant", (Text(text),)), model="echo-1")

class Profiled(Echo):
    def __init__(self, profile):
        self.word = f"{profile.name}/{profile.model}"

class Keyed(Echo):
    def __init__(self, profile, key):
        self.word = f"{profile.name} has {len(key)}"

class Optional(Echo):
    def __init__(self, word="optional"):
        self.word = word
"""


@pytest.fixture
def echo(kit):
    (kit.home / "mine").mkdir()
    (kit.home / "mine" / "echo.py").write_text(ECHO)
    return kit


def test_a_class_in_a_file_answers(echo):
    ran = echo("ask", "--api", f"{echo.home}/mine/echo.py:Echo", "hi", "--json")
    assert (ran.code, ran.object["answer"], ran.object["models"]) == (0, "echo: hi", ["echo-1"])
    assert ran.object["usage"]["calls"] == 1


def test_it_votes_and_is_traced(echo):
    api = f"{echo.home}/mine/echo.py:Echo"
    ran = echo("consensus", "--api", api, "--no-marker", "--answer", "text", "-n", "5", "hi")
    assert (ran.code, ran.out) == (0, "echo: hi\n")
    assert echo.records()[-1]["result"]["answer"] == "echo: hi"


def test_a_path_typed_is_read_from_here(echo, monkeypatch):
    monkeypatch.chdir(echo.home / "mine")
    assert echo("ask", "--api", "echo.py:Echo", "hi").out == "echo: hi\n"
    assert echo("ask", "--api", "./echo.py:Echo", "hi").out == "echo: hi\n"
    assert echo("ask", "--api", "~/mine/echo.py:Echo", "hi").out == "echo: hi\n"


@pytest.mark.parametrize("path", ["mine/echo.py", "./mine/echo.py", "~/mine/echo.py"])
def test_a_path_in_the_configuration_is_read_from_where_that_lies(
    echo, path, tmp_path, monkeypatch
):
    echo.configure(f'[profiles.mine]\napi = "{path}:Echo"\n')
    monkeypatch.chdir(tmp_path)
    assert echo("ask", "-p", "mine", "hi").out == "echo: hi\n"


def test_a_path_in_an_added_profile_works_from_everywhere(echo, tmp_path, monkeypatch):
    monkeypatch.chdir(echo.home / "mine")
    assert echo("profile", "add", "one", "--api", "echo.py:Echo", "--no-input").code == 0
    assert echo("profile", "add", "two", "api=./echo.py:Echo", "--no-input").code == 0
    assert echo("profile", "add", "three", "--api", "fake", "--no-input").code == 0
    assert echo("profile", "set", "three", "api=echo.py:Echo").code == 0
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two", "three"):
        assert echo("ask", "-p", name, "hi").out == "echo: hi\n"


def test_an_importable_class_answers(echo):
    path = os.pathsep.join([str(echo.home / "mine"), echo.env()["PYTHONPATH"]])
    assert echo("ask", "--api", "echo:Echo", "hi", PYTHONPATH=path).out == "echo: hi\n"
    echo.configure('[profiles.mine]\napi = "echo:Echo"\n')
    assert echo("ask", "hi", PYTHONPATH=path).out == "echo: hi\n"


def test_the_folder_of_a_file_is_not_searched_for_modules(echo):
    (echo.home / "mine" / "beside.py").write_text("raise SystemExit('it was imported')")
    (echo.home / "mine" / "nosy.py").write_text("import beside")
    ran = echo("ask", "--api", f"{echo.home}/mine/nosy.py:Nosy", "hi")
    assert ran.code == 2
    assert "No module named 'beside'" in ran.err


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("Profiled", "mine/m-1: hi"),
        ("Keyed", f"mine has {len(KEY)}: hi"),
        ("Optional", "optional: hi"),
    ],
)
def test_a_constructor_gets_what_it_asks_for(echo, kind, answer):
    echo.configure(f'[profiles.mine]\napi = "mine/echo.py:{kind}"\nmodel = "m-1"\n')
    assert echo("ask", "hi", KIT_KEY_MINE=KEY).out == answer + "\n"
    assert KEY.encode() not in echo.written().replace(echo.config.read_bytes(), b"")


@pytest.mark.parametrize(
    ("code", "reference", "words"),
    [
        ("", "nowhere.py:Echo", "cannot be imported"),
        ("", "mine/echo.py:Nobody", "has no Nobody"),
        ("", "no.such.module:Echo", "cannot be imported"),
        ("class Broken(:", "mine/new.py:Broken", "cannot be imported"),
        ("import os\nos.environ['SURELY_NOT']", "mine/new.py:A", "raises KeyError when it is"),
        ("class A:\n def __init__(self): 1 / 0", "mine/new.py:A", "raises ZeroDivisionError"),
        ("class A:\n def __init__(self, one, two): 0", "mine/new.py:A", "raises TypeError"),
        ("class A: pass", "mine/new.py:A", "no method stream"),
        ("A = 3", "mine/new.py:A", "is not a class"),
    ],
)  # fmt: skip
def test_a_class_that_cannot_be_used_is_a_usage_error(echo, code, reference, words):
    (echo.home / "mine" / "new.py").write_text(code)
    echo.configure(f"[profiles.mine]\napi = {json.dumps(reference)}\n")
    ran = echo("ask", "hi")
    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    "api", ["echo", "mine/echo.py", "mine/echo:Echo", "mine/echo.py:", ":Echo"]
)
def test_what_names_no_class_is_refused(echo, api):
    ran = echo("ask", "--api", api, "--base-url", "http://127.0.0.1:9/v1", "hi")
    assert ran.code == 2
    assert "module:Class" in ran.err


def test_an_error_of_kit_keeps_its_exit_code(echo):
    (echo.home / "mine" / "away.py").write_text(
        "from kit.errors import RateLimitError\n"
        "class Away:\n"
        "    async def stream(self, request):\n"
        "        raise RateLimitError('too many', hint='wait')\n"
        "        yield\n"
    )
    ran = echo("ask", "--api", f"{echo.home}/mine/away.py:Away", "hi")
    assert (ran.code, ran.err.splitlines()[-1]) == (5, "kit: too many; wait")


def test_a_stream_without_a_reply_is_incomplete(echo):
    (echo.home / "mine" / "half.py").write_text(
        "from kit.events import CallSent, TextDelta\n"
        "class Half:\n"
        "    async def stream(self, request):\n"
        "        yield CallSent()\n"
        "        yield TextDelta(text='half')\n"
    )
    api = f"{echo.home}/mine/half.py:Half"
    ran = echo("ask", "--api", api, "hi")
    assert (ran.code, ran.out) == (6, "half\n")
    assert "ended without a reply" in ran.err
    assert echo("consensus", "--api", api, "-n", "3", "hi").code == 7
