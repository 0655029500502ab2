"""Edits of the configuration: what changes, and that nothing else does."""

import os
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import ConfigError, UsageError
from kit.providers.config import editing
from kit.providers.config.places import scan
from kit.providers.config.splicing import drop, put

FILE = """# my configuration
default_profile = "a"  # the usual one

[profiles.a] # first
model = "x" # good
# temperature = 1
stop = [
  "END",
] # enough
unknown = { my = "own" }

# about b
[profiles.b]
model = "y"

[profiles.b.headers]
X-One = "1" # one

[other]
z = 1 # keep"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(FILE)
    return file


def test_a_new_profile_makes_the_file_and_its_folders_private(tmp_path: Path) -> None:
    file = tmp_path / "one" / "two" / "config.toml"
    before = os.umask(0)
    try:
        editing.set_profile(file, "a", {"provider": "groq", "price": {"input": 0.1}})
    finally:
        os.umask(before)
    assert file.read_text() == '[profiles.a]\nprovider = "groq"\nprice = { input = 0.1 }\n'
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (file, file.parent, file.parent.parent)]
    assert modes == [0o600, 0o700, 0o700]


def test_an_update_keeps_comments_order_and_unknown_keys(path: Path) -> None:
    editing.update(path, "a", ["model=new", "seed=3", "stop=", "headers.X-Two=2"])
    editing.update(path, "b", ["headers.X-One=", "temperature=0.5"])
    assert (
        path.read_text()
        == """# my configuration
default_profile = "a"  # the usual one

[profiles.a] # first
model = "new" # good
# temperature = 1
# enough
unknown = { my = "own" }
seed = 3

# about b
[profiles.b]
model = "y"
temperature = 0.5

[profiles.b.headers]
# one

[other]
z = 1 # keep

[profiles.a.headers]
X-Two = "2"
"""
    )


def test_a_removed_profile_leaves_the_comment_of_the_next_one(path: Path) -> None:
    editing.remove_profile(path, "a")
    assert (
        path.read_text()
        == "# my configuration\n# the usual one\n\n" + FILE[FILE.index("# about b") :]
    )


def test_a_removed_profile_takes_its_sub_tables_along(path: Path) -> None:
    editing.remove_profile(path, "b")
    assert path.read_text() == FILE.replace(
        FILE[FILE.index("[profiles.b]") : FILE.index("[other]")], ""
    )


def test_the_default_is_set_replaced_and_taken_away(path: Path) -> None:
    editing.set_default(path, "b")
    assert path.read_text() == FILE.replace('"a"', '"b"', 1)
    editing.set_default(path, "")
    assert "default_profile" not in path.read_text()
    editing.set_default(path, "b")
    assert path.read_text().startswith("# my configuration\n# the usual one\n\ndefault_profile =")


@pytest.mark.parametrize(
    ("assignment", "key", "value"),
    [
        ("temperature=0.5", "temperature", 0.5),
        ("max_tokens=12", "max_tokens", 12),
        ("insecure_http=yes", "insecure_http", True),
        ("stop=END", "stop", "END"),
        ('stop=["a", "b"]', "stop", ["a", "b"]),
        ("key_command=op read 'a b'", "key_command", ["op", "read", "a b"]),
        ('extra={"top_k": 4}', "extra", {"top_k": 4}),
        ("extra.top_k=4", "extra", {"top_k": 4}),
        ("extra.mode=fast", "extra", {"mode": "fast"}),
        ("price.input=0.15", "price", {"input": 0.15}),
        ("headers.X-N=4", "headers", {"X-N": "4"}),
        ("system=a=b\nc", "system", "a=b\nc"),
        ("seed=7", "seed", 7),
        ("key=env:NAME", "key", "env:NAME"),
    ],
)
def test_what_is_typed_becomes_a_value_of_its_key_s_type(
    path: Path, assignment: str, key: str, value: Any
) -> None:
    editing.update(path, "a", ["stop=", assignment])
    assert tomllib.loads(path.read_text())["profiles"]["a"][key] == value


@pytest.mark.parametrize(
    ("edit", "error", "said"),
    [
        (lambda p: editing.update(p, "a", ["temprature=1"]), UsageError, "mean 'temperature'"),
        (lambda p: editing.update(p, "a", ["temperature"]), UsageError, "no KEY=VALUE"),
        (lambda p: editing.update(p, "a", ["model.x=1"]), UsageError, "no KEY=VALUE"),
        (lambda p: editing.update(p, "a", ["temperature=hot"]), ConfigError, "must be a number"),
        (lambda p: editing.update(p, "a", ["price.input=-1"]), ConfigError, "must be a table"),
        (lambda p: editing.update(p, "a", ["key_command=op 'read"]), ConfigError, "list of texts"),
        (lambda p: editing.update(p, "aa", ["seed=1"]), UsageError, "no profile 'aa'"),
        (lambda p: editing.remove_profile(p, "c"), UsageError, "no profile 'c'"),
        (lambda p: editing.set_default(p, "grok"), UsageError, "no profile 'grok'"),
        (lambda p: editing.set_profile(p, "../a", {}), UsageError, "cannot be the name"),
        (lambda p: editing.set_profile(p, "a", {"weight": 0}), ConfigError, "above 0"),
    ],
)
def test_a_refused_edit_says_why_and_changes_nothing(
    path: Path, edit: Callable[[Path], None], error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        edit(path)
    assert path.read_text() == FILE


def test_a_key_typed_into_the_profile_is_refused_and_not_repeated(path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        editing.update(path, "a", ["key=sk-abcdefgh12345678"])
    assert "sk-" not in caught.value.message + caught.value.hint
    assert "kit key set a" in caught.value.hint


def test_a_broken_file_is_not_edited(path: Path) -> None:
    path.write_text("[profiles.a\n")
    with pytest.raises(ConfigError, match=":1:"):
        editing.set_profile(path, "b", {"model": "m"})
    assert path.read_text() == "[profiles.a\n"


@pytest.mark.parametrize(
    "text",
    [
        'profiles.a.model="1"\nprofiles.b.model="3" # k\n[other]\nz=1\n',
        '[profiles]\na.model="1"\nb={model="x"}\n',
        '[profiles]\na = { model = "1", seed = 2 } # k\n',
        '[profiles.a]\nmodel="1"\nx=nan\n[o]\n[profiles.b]\n[[l]]\n[profiles.a.extra]\nq=1\n',
        '[profiles.a.extra]\nq = """\n[profiles.a]\n"""\n',
        '"profiles".\'a\'.model="1"',
    ],
)
def test_other_ways_to_write_tables_are_edited_as_well(path: Path, text: str) -> None:
    path.write_text(text)
    editing.update(path, "a", ["model=2", "seed=1", "extra.r=7"])
    wanted = tomllib.loads(text)["profiles"]["a"]
    wanted |= {"model": "2", "seed": 1, "extra": wanted.get("extra", {}) | {"r": 7}}
    got = tomllib.loads(path.read_text())["profiles"]["a"]
    assert repr(sorted(got.items())) == repr(sorted(wanted.items()))  # one NaN is like another
    editing.remove_profile(path, "a")
    assert "a" not in tomllib.loads(path.read_text()).get("profiles", {})


def test_a_layout_that_cannot_be_edited_is_left_alone(path: Path) -> None:
    path.write_text('profiles = { a.model = "1" }\n')
    with pytest.raises(ConfigError, match="cannot be edited without loss"):
        editing.set_profile(path, "a", {"seed": 1})
    assert path.read_text() == 'profiles = { a.model = "1" }\n'


def test_a_profile_joins_others_within_braces(path: Path) -> None:
    path.write_text('profiles = { a = { model = "1" } } # k\n')
    editing.set_profile(path, "b", {"model": "m"})
    assert path.read_text() == ('profiles = { a = { model = "1" }, b = { model = "m" } } # k\n')


def test_crlf_and_the_byte_order_mark_stay(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbf[profiles.a]\r\nmodel = "m" # x\r\n')
    editing.update(path, "a", ["model=n", "seed=1"])
    assert path.read_bytes() == b'\xef\xbb\xbf[profiles.a]\r\nmodel = "n" # x\r\nseed = 1\r\n'


def test_a_link_is_written_through_and_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "config.toml"
    link.parent.mkdir()
    link.symlink_to(path)
    editing.set_profile(link, "c", {"model": "z"})
    assert link.is_symlink()
    assert path.read_text() == FILE + '\n\n[profiles.c]\nmodel = "z"\n'


def test_no_other_file_is_left_but_the_lock(path: Path) -> None:
    editing.set_default(path, "b")
    assert sorted(each.name for each in path.parent.iterdir()) == [
        ".config.toml.lock",
        "config.toml",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(path: Path) -> None:
    path.parent.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot be written"):
        editing.set_default(path, "b")


def test_what_is_no_file_is_not_replaced() -> None:
    with pytest.raises(ConfigError, match="not a regular file"):
        editing.set_profile(Path(os.devnull), "a", {})


def test_200_edits_of_two_processes_lose_none(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    work = (
        "import sys; from pathlib import Path; from kit.providers.config import editing\n"
        "for n in range(100): editing.set_profile(Path(sys.argv[1]), f'{sys.argv[2]}{n}', {})"
    )
    both = [subprocess.Popen([sys.executable, "-c", work, str(file), who]) for who in "ab"]
    assert [each.wait(timeout=120) for each in both] == [0, 0]
    names = {f"{who}{number}" for who in "ab" for number in range(100)}
    assert tomllib.loads(file.read_text())["profiles"].keys() == names


# --- the text itself ----------------------------------------------------------------------------
names = st.sampled_from(["a", "b", "c", "d e", "x.y", 'q"', "é"])
values = st.recursive(
    st.one_of(st.integers(-9, 9), st.booleans(), st.text(max_size=5), st.sampled_from(["]", "#"])),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)


@given(st.lists(st.tuples(names, names, values), max_size=6), names, names, values)
def test_any_key_can_be_put_and_dropped(
    before: list[tuple[str, str, Any]], table: str, key: str, value: Any
) -> None:
    text = "# top\n"
    data: dict[str, dict[str, Any]] = {}
    for one, two, what in before:
        text = put(text, (one, two), what)
        data.setdefault(one, {})[two] = what
    text = put(text, (table, key), value)
    data.setdefault(table, {})[key] = value
    assert tomllib.loads(text) == data
    assert text.startswith("# top\n")
    found = [place for place in scan(text) if place.path == (table, key)]
    assert len(found) == 1
    text = drop(text, (table, key))
    del data[table][key]
    kept = {name: inner for name, inner in tomllib.loads(text).items() if inner}
    assert kept == {name: inner for name, inner in data.items() if inner}
