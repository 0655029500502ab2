"""Keys in a real Secret Service, through the command: kept, found, sent, shown, removed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from command import Kit
from loopback import Server, chat_stream
from secret_service import Session

pytestmark = pytest.mark.secret_service

KEY = "sk-ring-9dTq3mVx8Kp1Zs6W"
Profiled = Callable[..., Kit]


@pytest.fixture
def kit(kit: Kit, ring: Session) -> Kit:
    kit.environ |= ring.environ
    return kit


def sent(server: Server) -> list[str]:
    return [each.headers.get("authorization", "") for each in server.requests]


def test_a_key_that_was_piped_in_is_found_and_sent(
    profiled: Profiled, name: str, server: Server
) -> None:
    kit = profiled(name)
    kept = kit("key", "set", name, stdin=f"  {KEY}\n")
    assert (kept.code, kept.out, kept.err) == (
        0,
        "",
        f"kit: the key of {name} is in the system's keyring\n",
    )
    server.script(chat_stream("hello"))
    asked = kit("ask", "hi")
    assert (asked.code, asked.out, asked.err) == (0, "hello\n", "")
    assert sent(server) == [f"Bearer {KEY}"]
    assert KEY.encode() not in kit.written()


def test_a_key_that_was_typed_is_kept_and_not_shown(
    profiled: Profiled, name: str, server: Server
) -> None:
    pexpect = pytest.importorskip("pexpect")
    kit = profiled(name)
    program, *words = kit.argv("key", "set", name)
    typing = pexpect.spawn(program, words, env=kit.env(), encoding="utf-8", timeout=60)
    typing.expect_exact(f"key of {name} (not shown): ")
    typing.waitnoecho()
    typing.sendline(KEY)
    typing.expect(pexpect.EOF)
    typing.close()
    assert typing.exitstatus == 0
    assert KEY not in typing.before
    assert f"the key of {name} is in the system's keyring" in typing.before
    server.script(chat_stream("hello"))
    assert kit("ask", "hi").code == 0
    assert sent(server) == [f"Bearer {KEY}"]


def test_it_lies_where_other_tools_find_it(profiled: Profiled, name: str, ring: Session) -> None:
    tool = shutil.which("secret-tool")
    if tool is None:
        pytest.skip("not installed: secret-tool (.ci/run installs libsecret-tools)")
    profiled(name)("key", "set", name, stdin=KEY)
    found = subprocess.run(
        [tool, "lookup", "service", "kit", "username", name],
        env=ring.environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (found.returncode, found.stdout) == (0, KEY)


def test_which_and_list_say_where_and_four_characters_and_remove_removes(
    profiled: Profiled, name: str
) -> None:
    other = f"{name}.other"
    kit = profiled(name, other)
    kit("key", "set", name, stdin=KEY)
    assert kit("key", "which", name).out.split() == ["keyring", "…Zs6W"]
    problem = f"no key was found for profile {other!r}"
    assert kit("key", "list", "--json").object == [
        {"name": name, "source": "keyring", "tail": "…Zs6W", "problem": ""},
        {"name": other, "source": "", "tail": "", "problem": problem},
    ]
    assert kit("key", "remove", name).code == 0
    gone = kit("key", "which", name)
    assert (gone.code, gone.out) == (3, "")
    again = kit("key", "remove", name)
    assert (again.code, again.err) == (
        2,
        f"kit: the keyring holds no key for {name!r}; see `kit key list`\n",
    )


def test_the_key_of_another_profile_is_not_taken(
    profiled: Profiled, name: str, server: Server
) -> None:
    kit = profiled(name, f"{name}-2", name[:-1])
    kit("key", "set", name, stdin=KEY)
    for other in (f"{name}-2", name[:-1]):
        ran = kit("ask", "-p", other, "hi")
        assert (ran.code, ran.out) == (3, "")
        assert f"no key was found for profile '{other}'" in ran.err
        assert f"kit key set {other}" in ran.err
    assert server.requests == []


def test_a_second_key_takes_the_place_of_the_first(profiled: Profiled, name: str) -> None:
    kit = profiled(name)
    for key in (f"{KEY}-1111", f"{KEY}-2222"):
        kit("key", "set", name, stdin=key)
    assert kit("key", "which", name).out.split() == ["keyring", "…2222"]


def test_a_variable_of_the_profile_comes_before_the_keyring(profiled: Profiled, name: str) -> None:
    kit = profiled(name)
    kit("key", "set", name, stdin=KEY)
    variable = f"KIT_KEY_{name.upper()}"
    assert kit("key", "which", name, **{variable: "sk-from-the-variable"}).out.split() == [
        variable,
        "…able",
    ]


def test_a_key_of_five_kilobytes_comes_back_whole(
    profiled: Profiled, name: str, server: Server
) -> None:
    kit, key = profiled(name), "eyJ" + "0123456789abcdef" * 320
    assert kit("key", "set", name, stdin=key + "\n").code == 0
    server.script(chat_stream("hello"))
    assert kit("ask", "hi").code == 0
    assert sent(server) == [f"Bearer {key}"]


@pytest.mark.parametrize("form", ["9{}", "{}.b-c_D", "{}" + "x" * 31, "LOUD{}"])
def test_odd_names_keep_their_keys_apart(profiled: Profiled, name: str, form: str) -> None:
    odd = form.format(name)
    kit = profiled(odd, odd.swapcase())
    assert kit("key", "set", odd, stdin=f"{KEY}-{odd[:4]}").code == 0
    assert kit("key", "which", odd).out.split() == ["keyring", f"…{odd[:4]}"]
    assert kit("key", "which", odd.swapcase()).code == 3


@pytest.mark.parametrize("odd", ["../x", "a b", "a\nb", "-rf", "é", "x" * 65, "*"])
def test_a_name_that_is_none_is_refused_before_the_keyring_is_asked(kit: Kit, odd: str) -> None:
    ran = kit("key", "set", "--", odd, stdin=KEY)
    assert (ran.code, ran.out) == (2, "")
    assert KEY not in ran.err


def test_s10_what_fits_in_no_header_is_not_kept(profiled: Profiled, name: str) -> None:
    kit = profiled(name)
    for bad in (f"\ufeff{KEY}", f"{KEY}é", f"{KEY}\x00", "", " \n"):
        ran = kit("key", "set", name, stdin=bad)
        assert (ran.code, ran.out) == (3, "")
        assert KEY not in ran.err
    assert kit("key", "which", name).code == 3


def test_s01_a_key_on_the_command_line_is_refused_and_not_kept(
    profiled: Profiled, name: str
) -> None:
    kit = profiled(name)
    ran = kit("key", "set", name, KEY)
    assert (ran.code, ran.out) == (2, "")
    assert "a key on the command line can be read by every user" in ran.err
    assert KEY not in ran.err
    assert kit("key", "which", name).code == 3


def test_an_interrupt_at_the_prompt_keeps_nothing(profiled: Profiled, name: str) -> None:
    pexpect = pytest.importorskip("pexpect")
    kit = profiled(name)
    program, *words = kit.argv("key", "set", name)
    typing = pexpect.spawn(program, words, env=kit.env(), encoding="utf-8", timeout=60)
    typing.expect_exact("(not shown): ")
    typing.waitnoecho()
    typing.sendintr()
    typing.expect(pexpect.EOF)
    typing.close()
    assert (typing.exitstatus, typing.signalstatus) in {(130, None), (None, 2)}
    assert "Traceback" not in typing.before
    assert kit("key", "which", name).code == 3


def test_the_environment_s_key_costs_no_look_at_the_keyring(
    profiled: Profiled, name: str, server: Server
) -> None:
    kit = profiled(name)
    server.script(chat_stream("hello"))
    code = "import sys; from kit.cli.app import main; main(['ask', 'hi']); print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=kit.env() | {f"KIT_KEY_{name.upper()}": KEY},
        capture_output=True,
        text=True,
        timeout=60,
    )
    answer, modules = ran.stdout.splitlines()
    assert answer == "hello"
    assert not {"keyring", "secretstorage", "jeepney"} & set(modules.split())
