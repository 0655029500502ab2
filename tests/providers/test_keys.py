"""Where a key comes from, and that it never goes where it should not."""

import copy
import json
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kit.errors import AuthError, UsageError
from kit.providers.config.presets import preset_of
from kit.providers.config.profiles import Profile, resolved
from kit.providers.credentials import keys, sources
from kit.providers.credentials.keys import Found, Secret, find

KEY = "sk-test-0123456789abcdef"
RINGS = Path(__file__).parent / "rings"
GROQ = Profile("g", provider="groq", model="m")
NEAR = Profile("near", api="openai-chat", base_url="http://127.0.0.1:8080/v1")
FAR = Profile("far", api="openai-chat", base_url="https://host.example/v1")


def found(profile: Profile, environ: Mapping[str, str] = {}) -> tuple[str | None, str]:  # only read
    profile = resolved(profile)
    got = find(profile, preset_of(profile), environ)
    return got.secret.reveal() if got.secret else None, got.source


def refused(profile: Profile, environ: Mapping[str, str] = {}) -> AuthError:  # only read
    with pytest.raises(AuthError) as caught:
        found(profile, environ)
    assert KEY not in f"{caught.value.message} {caught.value.hint} {caught.value.__cause__!r}"
    assert caught.value.exit == 3
    return caught.value


def with_key(profile: Profile, key: str) -> Profile:
    return replace(profile, key=key)


@pytest.fixture
def no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    """The keyring of this process is the one that has nothing to give."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")


# --- the value ----------------------------------------------------------------------------------
def test_s02_a_secret_does_not_show_itself(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(KEY)
    logging.getLogger("t").warning("%s %r", secret, secret)
    shown = f"{secret} {secret!r} {secret:>40} {[secret]} {Found(secret, 'x')} {caplog.text}"
    assert KEY not in shown
    assert "0123" not in json.dumps({"key": secret}, default=str)
    assert secret.reveal() == KEY


@pytest.mark.parametrize("store", [pickle.dumps, copy.deepcopy, json.dumps, vars])
def test_s02_a_secret_cannot_be_stored(store: Any) -> None:
    with pytest.raises(TypeError) as caught:
        store(Secret(KEY))
    assert KEY not in str(caught.value)


def test_a_secret_equals_its_like_and_tells_only_its_end() -> None:
    assert Secret(KEY) == Secret(KEY) != Secret("other")
    assert Secret(KEY) != KEY
    assert len({Secret(KEY), Secret(KEY)}) == 1
    assert (Secret(KEY).tail, Secret("short-key").tail) == ("cdef", "")


# --- the order ----------------------------------------------------------------------------------
def test_the_profile_s_variable_comes_first_then_what_it_names_then_the_usual_one() -> None:
    named = with_key(GROQ, "env:MINE")
    environ = {"KIT_KEY_G": "first", "MINE": "second", "GROQ_API_KEY": "third"}
    assert found(named, environ) == ("first", "KIT_KEY_G")
    assert found(named, environ | {"KIT_KEY_G": " "}) == ("second", "MINE")
    assert found(GROQ, {"GROQ_API_KEY": "third"}) == ("third", "GROQ_API_KEY")


def test_the_usual_variables_are_tried_in_order() -> None:
    gemini = Profile("x", provider="gemini", model="m")
    assert found(gemini, {"GOOGLE_API_KEY": "b"}) == ("b", "GOOGLE_API_KEY")
    assert found(gemini, {"GOOGLE_API_KEY": "b", "GEMINI_API_KEY": "a"}) == ("a", "GEMINI_API_KEY")


@pytest.mark.parametrize(
    "profile",
    [
        NEAR,
        with_key(FAR, "none"),
        with_key(GROQ, "none"),
        Profile("f", provider="fake"),
        Profile("l", provider="local"),
        Profile("o", provider="ollama", model="m"),
        Profile("o", provider="ollama", model="m", base_url="http://box:11434/v1"),
        Profile("c", api="module:Class"),
    ],
)
def test_who_needs_no_key_gets_none_and_the_keyring_is_not_asked(profile: Profile) -> None:
    environ = {"GROQ_API_KEY": KEY, "OPENAI_API_KEY": KEY}
    before = "keyring" in sys.modules
    assert found(profile, environ) == (None, "none")
    assert ("keyring" in sys.modules) is before


def test_a_key_for_a_host_on_this_machine_is_used_when_it_is_there() -> None:
    assert found(NEAR, {"KIT_KEY_NEAR": "k"}) == ("k", "KIT_KEY_NEAR")
    vllm = Profile("v", provider="vllm", base_url="http://127.0.0.1:9000/v1")
    assert found(vllm, {"VLLM_API_KEY": "k"}) == ("k", "VLLM_API_KEY")


def test_a_named_variable_that_is_not_set_is_an_error_and_nothing_stands_in() -> None:
    error = refused(with_key(GROQ, "env:MINE"), {"GROQ_API_KEY": KEY})
    assert error.message == "profile 'g' takes its key from MINE, which is not set"


# --- S12: bound to the origin -------------------------------------------------------------------
@pytest.mark.parametrize(
    "base_url",
    ["https://evil.example/v1", "http://api.groq.com/openai/v1", "https://api.groq.com:1"],
)
def test_s12_the_usual_variable_goes_only_to_its_own_origin(
    base_url: str, no_keyring: None
) -> None:
    moved = Profile("g", provider="groq", base_url=base_url, model="m")
    error = refused(moved, {"GROQ_API_KEY": KEY})
    assert "GROQ_API_KEY stays here:" in error.hint
    assert "set KIT_KEY_G" in error.hint
    assert found(moved, {"GROQ_API_KEY": KEY, "KIT_KEY_G": "own"}) == ("own", "KIT_KEY_G")


def test_s12_the_usual_variable_does_not_go_to_this_machine_either() -> None:
    proxy = Profile("g", provider="openai", base_url="http://127.0.0.1:1/v1", model="m")
    assert found(proxy, {"OPENAI_API_KEY": KEY}) == (None, "none")


# --- S10: what fits into a header ---------------------------------------------------------------
@pytest.mark.parametrize("value", [f" {KEY}\n", f"\t{KEY}\r\n"])
def test_s10_blanks_around_a_key_are_trimmed(value: str) -> None:
    assert found(GROQ, {"GROQ_API_KEY": value}) == (KEY, "GROQ_API_KEY")


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (f"{KEY}\nX-Evil: 1", "a line break"),
        (f"a\r\n{KEY}", "a line break"),
        (f"\ufeff{KEY}", "a byte order mark"),
        (f"{KEY}\u00e9", "a character that is not printable ASCII"),
        (f"{KEY}\x00", "a character that is not printable ASCII"),
        (f"\u201c{KEY}\u201d", "a character that is not printable ASCII"),
        (f"a{chr(0xDC80)}{KEY}", "a character that is not printable ASCII"),
    ],
)
def test_s10_a_key_that_fits_in_no_header_is_refused_unseen(value: str, fault: str) -> None:
    assert refused(GROQ, {"GROQ_API_KEY": value}).message == (
        f"the key from GROQ_API_KEY holds {fault}"
    )


# --- files --------------------------------------------------------------------------------------
def keyfile(folder: Path, data: bytes = KEY.encode() + b"\n", mode: int = 0o600) -> Path:
    path = folder / "key"
    path.write_bytes(data)
    path.chmod(mode)
    return path


def test_a_key_in_a_private_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keyfile(tmp_path)
    assert found(with_key(FAR, f"file:{path}")) == (KEY, f"file:{path}")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert found(with_key(FAR, "file:~/key")) == (KEY, "file:~/key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_s06_a_key_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = keyfile(tmp_path, mode=mode)
    error = refused(with_key(FAR, f"file:{path}"))
    assert (error.message, error.hint) == (
        f"the key file {path} can be read by other users",
        f"chmod 600 {path}",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"x" * 65536, "is too large to hold a key"),
        (b"\xff" + KEY.encode(), "is not text"),
        (b"\xef\xbb\xbf" + KEY.encode(), "holds a byte order mark"),
        (KEY.encode() + b"\nsecond", "holds a line break"),
    ],
)
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, data: bytes, said: str) -> None:
    assert said in refused(with_key(FAR, f"file:{keyfile(tmp_path, data)}")).message


def test_a_pipe_or_a_missing_file_is_no_key_file_and_nobody_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    assert "not a regular file" in refused(with_key(FAR, f"file:{tmp_path / 'pipe'}")).message
    assert "cannot be read: Is a directory" in refused(with_key(FAR, f"file:{tmp_path}")).message
    assert "cannot be read: No such file" in refused(with_key(FAR, "file:/none/here")).message


# --- S11: commands ------------------------------------------------------------------------------
def command(*lines: str) -> Profile:
    code = "; ".join(("import sys, os", *lines))
    return Profile(
        "c", api="openai-chat", base_url=FAR.base_url, key_command=(sys.executable, "-c", code)
    )


def test_s11_a_command_s_stdout_is_the_key_and_its_stderr_is_shown(
    capfd: pytest.CaptureFixture[str],
) -> None:
    talks = command("print('unlock me', file=sys.stderr)", f"print('{KEY}')")
    assert found(talks) == (KEY, "key_command")
    assert capfd.readouterr().err == "unlock me\n"


def test_s11_a_command_is_run_once_a_process_and_without_a_shell(tmp_path: Path) -> None:
    log = tmp_path / "log"
    once = command(f"open({str(log)!r}, 'a').write('x')", "print(sys.argv[1])")
    once = Profile(
        "c",
        api="openai-chat",
        base_url=FAR.base_url,
        key_command=(*once.key_command, "$HOME;`id`"),
    )
    assert found(once)[0] == "$HOME;`id`"
    assert found(once)[0] == "$HOME;`id`"
    assert log.read_text() == "x"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("sys.exit(3)",), "failed (exit 3)"),
        ((f"print('{KEY}')", "sys.exit(1)"), "failed (exit 1)"),
        (("pass",), "printed nothing"),
        ((f"print('{KEY}')", "print('two')"), "holds a line break"),
        (("os.write(1, b'\\xff')",), "is not text"),
        (("sys.stdout.write('x' * 10**7)",), "failed"),
    ],
)
def test_s11_a_command_that_gives_no_key_is_refused(lines: tuple[str, ...], said: str) -> None:
    assert said in refused(command(*lines)).message


def test_s11_a_command_that_is_not_there_is_refused() -> None:
    gone = Profile("c", api="openai-chat", base_url=FAR.base_url, key_command=("/none/op", "read"))
    assert refused(gone).message == (
        "key_command /none/op cannot be run: No such file or directory"
    )


def test_s11_a_command_that_never_ends_is_ended() -> None:
    with pytest.raises(AuthError, match=r"did not end within 0\.2 s"):
        sources.from_command(command("import time", "time.sleep(60)").key_command, {}, 0.2)


# --- the keyring: each in a process of its own ---------------------------------------------------
SCRIPT = """
import json, os, sys
from kit.errors import KitError
from kit.providers.credentials import keys
from kit.providers.config.presets import preset_of
from kit.providers.config.profiles import Profile, resolved
def say(**what): print(json.dumps(what))
profile = resolved(Profile(**json.loads(sys.argv[1])))
try:
    if sys.argv[2:3] == ["store"]: keys.store(profile.name, sys.argv[3])
    elif sys.argv[2:3] == ["delete"]: say(deleted=keys.delete(profile.name))
    else:
        got = keys.find(profile, preset_of(profile), os.environ)
        say(key=got.secret and got.secret.reveal(), source=got.source, note=got.note)
except KitError as error:
    say(error=type(error).__name__, message=error.message, hint=error.hint)
"""


def asked(ring: str, *words: str, **more: Any) -> dict[str, Any]:
    """What ``find`` (or store, delete) says when ``ring`` is the keyring."""
    profile = {"name": "far", "api": "openai-chat", "base_url": FAR.base_url}
    profile |= more.pop("profile", {})
    environ = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(RINGS), **more}
    if ring:
        environ["PYTHON_KEYRING_BACKEND"] = ring
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(profile), *words],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ran.stderr == ""
    return json.loads(ran.stdout) if ran.stdout else {}


def test_a_key_is_stored_found_and_deleted(tmp_path: Path) -> None:
    kept = {"RING": str(tmp_path / "ring")}
    assert asked("rings.Works", "store", f" {KEY}\n", **kept) == {}
    assert json.loads((tmp_path / "ring").read_text()) == {"kit/far": KEY}
    assert asked("rings.Works", **kept) == {"key": KEY, "source": "keyring", "note": ""}
    assert asked("rings.Works", "delete", **kept) == {"deleted": True}
    assert asked("rings.Works", "delete", **kept) == {"deleted": False}
    assert asked("rings.Works", **kept) == {
        "error": "AuthError",
        "message": "no key was found for profile 'far'",
        "hint": "set KIT_KEY_FAR; or store it with: kit key set far;"
        " or, if it takes no key: kit profile set far key=none",
    }


def test_a_usual_variable_comes_before_the_keyring_unless_the_profile_names_it(
    tmp_path: Path,
) -> None:
    kept = {"RING": str(tmp_path / "ring"), "GROQ_API_KEY": "usual"}
    groq = {"provider": "groq", "base_url": ""}
    asked("rings.Works", "store", KEY, **kept)
    assert asked("rings.Works", profile=groq, **kept)["source"] == "GROQ_API_KEY"
    assert asked("rings.Works", profile={**groq, "key": "keyring"}, **kept)["source"] == "keyring"


def test_s08_a_keyring_that_hangs_costs_three_seconds_and_a_variable_stands_in() -> None:
    groq = {"provider": "groq", "base_url": "", "key": "keyring"}
    assert asked("rings.Hangs", profile=groq, GROQ_API_KEY=KEY) == {
        "key": KEY,
        "source": "GROQ_API_KEY",
        "note": "the keyring did not answer within 3 s: GROQ_API_KEY is used",
    }


@pytest.mark.parametrize(
    ("ring", "said", "next_step"),
    [
        ("rings.Locked", "the keyring is locked", "unlock it, or set KIT_KEY_FAR"),
        ("rings.Dismissed", "the keyring could not be opened", "unlock it in a desktop session"),
        ("rings.Broken", "the keyring does not work (OSError)", "kit doctor"),
        ("keyring.backends.fail.Keyring", "this system has no keyring", "set KIT_KEY_FAR"),
        ("keyring.backends.null.Keyring", "the keyring is switched off", "set KIT_KEY_FAR"),
        ("no.such.Ring", "PYTHON_KEYRING_BACKEND names a keyring that cannot", "correct or unset"),
    ],
)
def test_s07_s09_each_trouble_of_a_keyring_has_its_own_words(
    ring: str, said: str, next_step: str
) -> None:
    answer = asked(ring)
    assert answer["error"] == "AuthError"
    assert answer["message"].startswith(f"no key was found for profile 'far': {said}")
    assert next_step in answer["hint"]


def test_s07_without_a_bus_the_environment_still_works() -> None:
    away = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    assert asked("", KIT_KEY_FAR=KEY, **away)["source"] == "KIT_KEY_FAR"
    assert "this system has no keyring" in asked("", **away)["message"]


def test_s07_a_keyring_of_clear_text_is_refused_unless_it_is_named(tmp_path: Path) -> None:
    kept = {"RING": str(tmp_path / "ring"), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}
    found_by_itself = tmp_path / "site"
    (found_by_itself / "clear-1.dist-info").mkdir(parents=True)
    (found_by_itself / "clear-1.dist-info" / "METADATA").write_text("Name: clear\nVersion: 1\n")
    (found_by_itself / "clear-1.dist-info" / "entry_points.txt").write_text(
        "[keyring.backends]\nclear = rings\n"
    )
    installed = kept | {"PYTHONPATH": f"{RINGS}{os.pathsep}{found_by_itself}"}
    refusal = asked("", "store", KEY, **installed)
    assert refusal["message"] == (
        "the only keyring here (rings) keeps keys in clear text, and is not used"
    )
    assert not (tmp_path / "ring").exists()
    assert asked("rings.Clear", "store", KEY, **kept) == {}


def test_what_a_backend_says_is_not_repeated() -> None:
    answer = asked("rings.Broken", "store", KEY)
    assert answer["message"] == "the keyring does not work (RuntimeError)"
    assert KEY not in json.dumps(answer)


def test_an_empty_key_or_a_name_that_is_none_is_not_stored() -> None:
    with pytest.raises(AuthError, match="the key is empty"):
        keys.store("far", " \n")
    with pytest.raises(UsageError, match="cannot be the name"):
        keys.store("a\0b", KEY)
    with pytest.raises(UsageError, match="cannot be the name"):
        keys.delete("../x")
