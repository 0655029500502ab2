"""The keys that a run uses are in nothing that it writes, shows or is started with.

Every server here is as bad as it can be: it says the key back, in each of its forms.
"""

from __future__ import annotations

import base64
import copy
import json
import logging
import marshal
import os
import pickle
import pprint
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import command
import pytest
from command import Kit, Ran
from loopback import (
    LAST,
    Script,
    Seen,
    Server,
    chat_stream,
    chunk,
    cut,
    delta,
    error,
    event,
    head,
    response,
)

from kit.providers.credentials.keys import Found
from kit.providers.credentials.secret import Secret

KEY = "Zq7/wX+4Lr2=Vb8Nk9Tc3~Hd5"
"""No shape that anybody could know, and not the same in a URL."""
CODED = base64.b64encode(f"user:{KEY}".encode()).decode()
FORMS = (KEY, quote(KEY, safe=""), quote(KEY), json.dumps(KEY)[1:-1])
RINGS = Path(__file__).parent.parent / "providers" / "rings"


def traces_of_the_key(data: bytes) -> set[str]:
    """The forms of the key, and the pieces of its base64, that are in there."""
    text = data.decode("utf-8", "replace")
    pieces = {CODED[at : at + 16] for at in range(8, len(CODED) - 18)}
    urlsafe = {piece.replace("+", "-").replace("/", "_") for piece in pieces}
    return {each for each in (*FORMS, *pieces, *urlsafe) if each in text}


# --- where the key comes from -------------------------------------------------------------------
SOURCES = ("env", "file", "command", "keyring", "usual")


@pytest.fixture
def keyed(request: pytest.FixtureRequest, kit: Kit, server: Server, tmp_path: Path) -> Kit:
    """Profile m for the loopback server; its key from one of the sources, which lie outside of the
    home that is searched."""
    place = tmp_path / "key"
    place.write_text(json.dumps({"kit/m": KEY}) if request.param == "keyring" else KEY)
    place.chmod(0o600)
    kit.environ["PYTHONPATH"] = os.pathsep.join([*sys.path, str(RINGS)])
    sources: Mapping[str, tuple[dict[str, object], dict[str, str]]] = {
        "env": ({}, {"KIT_KEY_M": KEY}),
        "file": ({"key": f"file:{place}"}, {}),
        "command": ({"key_command": ["cat", str(place)]}, {}),
        "keyring": (
            {"key": "keyring"},
            {"PYTHON_KEYRING_BACKEND": "rings.Works", "RING": str(place)},
        ),
        "usual": ({"provider": "vllm"}, {"VLLM_API_KEY": KEY}),
    }  # fmt: skip
    settings, environ = sources[request.param]
    kit.serve(server.base, retries=1, **settings)
    del kit.environ["KIT_KEY_M"]
    kit.environ |= environ
    return kit


# --- what a bad server says ---------------------------------------------------------------------
ECHO = " ".join((*FORMS, CODED, f"Bearer {KEY}", f"https://h/?key={quote(KEY, safe='')}&x=1"))
HEADERS = {"X-Request-Id": f"id-{KEY}", "Set-Cookie": f"sid={CODED}", "X-Key": KEY}


def pieces(size: int) -> list[str]:
    text = f"so {ECHO} and"
    return [text[at : at + size] for at in range(0, len(text), size)]


def dumped(seen: Seen) -> Script:
    """Everything that it was sent."""
    assert KEY in str(seen.headers)
    return error(500, {"error": {"message": f"{seen.headers} {ECHO}"}}, HEADERS)


ANSWERS: Mapping[str, Callable[[Seen], Script]] = {
    "whole": lambda _: chat_stream(f"so {ECHO}", headers=HEADERS),
    "pieces": lambda _: chat_stream(*pieces(3), headers=HEADERS),
    "slow": lambda _: chat_stream(*pieces(40), delay=0.3, headers=HEADERS),
    "cut": lambda _: cut(f"so {KEY} ", KEY[:-1]),
    "error": lambda _: [
        head(200, {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked"}),
        chunk(delta("so ")),
        chunk(event({"error": {"message": ECHO, "code": KEY, "type": KEY}})),
        LAST,
    ],
    "401": lambda _: error(401, {"error": {"message": ECHO, "code": KEY}}, HEADERS),
    "401 text": lambda _: error(401, ECHO.encode(), {"Content-Type": "text/plain"}),
    "400": lambda _: error(400, {"detail": [{"msg": ECHO, "loc": [KEY]}]}, HEADERS),
    "429": lambda _: error(429, {"error": {"message": ECHO}}, {"Retry-After": "0", **HEADERS}),
    "500": dumped,
    "redirect": lambda _: error(307, b"", {"Location": f"https://h/?key={KEY}"}),
    "page": lambda _: response(f"<html>{ECHO}".encode(), headers={"Content-Type": "text/html"}),
    "json": lambda _: response({"error": ECHO}),
    "garbage": lambda _: [f"HTTP/1.1 {KEY} {KEY}\r\n{KEY}\r\n\r\n".encode(), LAST],
}


def watched(server: Server, answer: Callable[[Seen], Script], key: str = KEY) -> list[bytes]:
    """The server answers so; gives what the command lines of all processes were meanwhile."""
    lines: list[bytes] = []

    def said(seen: Seen) -> Script:
        lines.extend(_command_lines())
        assert seen.headers["authorization"] == f"Bearer {key}"
        return answer(seen)

    server.default = said
    return lines


def _command_lines() -> Iterator[bytes]:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield process.read_bytes()
        except OSError:  # it has ended
            continue


def unseen(kit: Kit, *shown: Ran) -> None:
    """The key is in none of these outputs, nor in what lies in the home."""
    for ran in shown:
        assert traces_of_the_key(ran.out.encode()) == set()
        assert traces_of_the_key(ran.err.encode()) == set()
    assert traces_of_the_key(kit.written()) == set()


# --- asking -------------------------------------------------------------------------------------
WORST = ("pieces", "401", "500")  # for the sources that are like the first
PAIRS = [("env", answer) for answer in ANSWERS]
PAIRS += [(source, answer) for source in SOURCES[1:] for answer in WORST]


@pytest.mark.parametrize(("keyed", "answer"), PAIRS, indirect=["keyed"])
def test_s02_s03_s04_ask_shows_and_writes_no_key(answer: str, keyed: Kit, server: Server) -> None:
    """As talkative as it gets: -v, --think, and tracebacks for all errors."""
    lines = watched(server, ANSWERS[answer])
    ran = keyed("ask", "-v", "--think", "hi", KIT_DEBUG="1")
    assert server.requests
    assert keyed.runs()
    unseen(keyed, ran)
    assert traces_of_the_key(b"\0".join(lines)) == set()


def test_s01_the_command_line_holds_no_key_while_it_runs(kit: Kit, server: Server) -> None:
    """The other tests look at all command lines; this one shows that they see kit's."""
    kit.serve(server.base)
    lines = watched(server, ANSWERS["whole"], key=command.KEY)
    kit("ask", "a prompt to look for")
    assert any(b"a prompt to look for" in line for line in lines)
    assert command.KEY.encode() not in b"\0".join(lines)


@pytest.mark.parametrize("form", ["--json", "--events", "--field=answer", "--dry-run"])
@pytest.mark.parametrize("keyed", ["env"], indirect=True)
def test_s04_no_machine_readable_form_holds_a_key(form: str, keyed: Kit, server: Server) -> None:
    watched(server, ANSWERS["pieces"])
    ran = keyed("ask", form, "hi")
    assert ran.code == 0
    unseen(keyed, ran)


@pytest.mark.parametrize("keyed", ["env"], indirect=True)
def test_s04_a_vote_and_its_trace_hold_no_key(keyed: Kit, server: Server) -> None:
    asked = iter(range(100))
    answers = [ANSWERS["pieces"], ANSWERS["500"], ANSWERS["cut"], ANSWERS["whole"]]
    watched(server, lambda seen: answers[next(asked) % 4](seen))
    voted = keyed("consensus", "-v", "-n", "5", "--need", "1", "--json", "hi")
    views = ("table", "timeline", "steps", "json", "raw")
    shown = [keyed("trace", "show", "last", "--format", view) for view in views]
    assert [each.code for each in shown] == [0] * 5
    unseen(keyed, voted, *shown)


@pytest.mark.parametrize("answer", ["whole", "pieces", "error", "401", "400", "page", "named"])
@pytest.mark.parametrize("keyed", ["env"], indirect=True)
def test_s02_trying_a_profile_or_its_key_shows_no_key(
    answer: str, keyed: Kit, server: Server
) -> None:
    named = response({"data": [{"id": KEY}, {"id": CODED}], "model": KEY})
    watched(server, {**ANSWERS, "named": lambda _: named}[answer])
    told = [
        keyed(*words, KIT_DEBUG="1")
        for words in (
            ("profile", "test", "m"),
            ("profile", "test", "m", "--json"),
            ("key", "test", "m"),
            ("doctor", "--online"),
        )
    ]
    assert server.requests
    unseen(keyed, *told)


@pytest.mark.parametrize("keyed", ["env"], indirect=True)
def test_a_key_of_which_only_the_beginning_came_is_shown_as_what_it_is(
    keyed: Kit, server: Server
) -> None:
    """The answer is whole: what only looked like the key is not lost at its end."""
    watched(server, lambda _: chat_stream("the code ", KEY[:6], ", and ", KEY[:12]))
    assert keyed("ask", "hi").out == f"the code {KEY[:6]}, and {KEY[:12]}\n"


@pytest.mark.parametrize("keyed", ["env"], indirect=True)
def test_an_answer_about_keys_is_shown_as_it_is(keyed: Kit, server: Server) -> None:
    """Only the keys of this run are masked in an answer; what has their shape is masked in the
    record."""
    text = "Send it as `Authorization: Bearer sk-live-0123456789abcdef`."
    watched(server, lambda _: chat_stream(*text))
    assert keyed("ask", "hi").out == f"{text}\n"
    assert b"0123456789abcdef" not in keyed.written()


# --- keys in a profile's own headers --------------------------------------------------------------
def test_s03_a_key_in_a_header_of_the_profile_is_nowhere_but_in_its_file(
    kit: Kit, server: Server
) -> None:
    kit.serve(server.base, key="none", headers={})
    kit.configure(kit.toml.replace("headers = {}", f'headers = {{Authorization = "Bearer {KEY}"}}'))
    del kit.environ["KIT_KEY_M"]
    watched(server, ANSWERS["pieces"])
    shown = [
        kit("ask", "-v", "hi"),
        kit("ask", "--dry-run", "hi"),
        kit("profile", "show", "m"),
        kit("profile", "show", "m", "--json"),
        kit("profile", "list", "--json"),
        kit("profile", "export"),
        kit("config", "explain", "m.headers"),
        kit("config", "check"),
        kit("doctor"),
    ]
    assert len(server.requests) == 1
    kit.config.unlink()
    unseen(kit, *shown)


# --- everything about keys ------------------------------------------------------------------------
@pytest.mark.parametrize("keyed", SOURCES, indirect=True)
def test_s02_commands_about_keys_show_four_characters(keyed: Kit) -> None:
    told = [
        keyed("key", "list"),
        keyed("key", "list", "--json"),
        keyed("key", "which", "m"),
        keyed("profile", "show", "m"),
        keyed("profile", "export"),
        keyed("config", "explain", "m.key"),
        keyed("doctor", "--json"),
    ]
    unseen(keyed, *told)
    assert [KEY[-5:] in each.out for each in told] == [False] * 7
    assert [KEY[-4:] in each.out for each in told[:6]] == [True] * 3 + [False] * 3


@pytest.mark.parametrize("keyed", ["keyring"], indirect=True)
def test_s02_setting_a_key_says_nothing_of_it(keyed: Kit) -> None:
    ring = {"PYTHON_KEYRING_BACKEND": "rings.Broken"}  # says what it was to keep
    told = [
        keyed("key", "set", "m", stdin=KEY),
        keyed("key", "set", "m", stdin=f"{KEY}\n{KEY}"),
        keyed("key", "set", "m", KEY),
        keyed("key", "set", "m", stdin=KEY, KIT_DEBUG="1", **ring),
    ]
    assert [each.code for each in told] == [0, 3, 2, 3]
    unseen(keyed, *told)


# --- what goes wrong inside -----------------------------------------------------------------------
CRASHES = """
class Crashes:
    def __init__(self, profile, key):
        self.key = key

    async def stream(self, request):
        for each in self.key, self.__dict__:
            raise RuntimeError("a bug")
            yield
"""


def test_s02_a_crash_shows_no_local_variable(kit: Kit) -> None:
    (kit.home / "crashes.py").write_text(CRASHES)
    kit.configure(
        f'[profiles.m]\napi = "{kit.home}/crashes.py:Crashes"\nbase_url = "https://h.example/v1"\n'
    )
    ran = kit("ask", "hi", KIT_DEBUG="1", KIT_KEY_M=KEY)
    assert ran.code == 1
    assert "Traceback" in ran.err
    assert "RuntimeError: a bug" in ran.err
    unseen(kit, ran)


LOGGING = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
from kit.cli.app import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("proxied", [False, True])
def test_s03_the_http_client_s_log_shows_no_key(kit: Kit, server: Server, proxied: bool) -> None:
    """At DEBUG, where it would quote headers in both directions, and URLs."""
    base = "http://models.test/v1" if proxied else server.base
    kit.serve(f"{base}?key={quote(KEY, safe='')}")
    kit.toml = kit.toml.rstrip() + "\ninsecure_http = true\n"
    kit.environ |= {"KIT_KEY_M": KEY, "http_proxy": server.url}
    watched(server, ANSWERS["whole"])
    kit.config.write_text(kit.toml)
    ran = subprocess.run(
        [sys.executable, "-c", LOGGING, "ask", "hi"],
        env=kit.env(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    kit.config.unlink()
    assert ("receive_response_headers" in ran.stderr) is proxied  # the library's work
    assert len(server.requests) == 1
    unseen(kit, Ran(ran.returncode, ran.stdout, ran.stderr))


@pytest.mark.parametrize(
    "show",
    [
        str,
        repr,
        ascii,
        "{}".format,
        "{:>40}".format,
        "%s".__mod__,
        lambda it: f"{it!s}{it!r}{it:}",
        lambda it: str([it]) + str({it: it}) + str(Found(it, "x")),
        lambda it: json.dumps({"key": it}, default=str),
        lambda it: pprint.pformat([it]),
        lambda it: str(it.__reduce_ex__),
        lambda it: str(dir(it)),
        lambda it: logging.Formatter().format(
            logging.LogRecord("x", logging.INFO, "x", 1, "%s %r", (it, it), None)
        ),
        lambda it: "".join(traceback.format_exception(ValueError(it))),
    ],
)  # fmt: skip
def test_s02_no_way_of_showing_a_secret_shows_it(show: Callable[[Secret], str]) -> None:
    assert traces_of_the_key(show(Secret(KEY)).encode()) == set()


@pytest.mark.parametrize(
    "store", [pickle.dumps, marshal.dumps, copy.copy, copy.deepcopy, json.dumps, vars, list, bytes]
)
def test_s02_no_way_of_storing_a_secret_stores_it(store: Callable[[Any], object]) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        store(Secret(KEY))
    assert traces_of_the_key(str(caught.value).encode()) == set()
