"""Completion: what TAB offers, typed into the shells that are here."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from command import Kit
from shells import SETUP, Shell

ROOT = Path(__file__).resolve().parents[2]
SHELLS = ["bash", "zsh", "fish"]

TOML = """
default_profile = "fast"
[profiles.fast]
api = "fake"
replies = ["x"]
[profiles.slow-one]
provider = "ollama"
model = "m"
"""

HOSTILE = ["a$(touch pwned);a", "b  b", "c`touch pwned`|c", "d*?[d]", "e'e\"e", "f\\f\\",
           "g&touch pwned>g", "h#h~!h", "i{i,j}(k)", "l é%^=@l", "p:p/p:1", "x\\$(touch pwned)",
           "y'$(touch pwned)'"]  # fmt: skip
"""What a server may call its models, told apart by the first letter."""


@pytest.fixture
def named(kit: Kit) -> Kit:
    kit.configure(TOML)
    return kit


Opened = Callable[..., Shell]


@pytest.fixture
def opened(named: Kit) -> Iterator[Opened]:
    shells: list[Shell] = []

    def one(name: str, **more: Sequence[str]) -> Shell:
        shells.append(Shell(named, name, **more))  # type: ignore[arg-type]  # a field by its name
        return shells[-1]

    yield one
    for each in shells:
        each.close()


def listed(kit: Kit, **models: list[str]) -> None:
    """As if ``kit models`` had listed these."""
    cache = kit.home / "cache" / "kit"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / "models.json").write_text(json.dumps(models))


def offered(kit: Kit, *words: str) -> list[str]:
    ran = kit("complete", *words)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.split("\n")[:-1]


# --- the scripts ---------------------------------------------------------------------------------
def test_what_is_written_is_what_the_app_says() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import completions
    finally:
        sys.path.pop(0)
    for path, text in completions.files():
        assert path.read_text(encoding="utf-8") == text, f"run `make completions` for {path.name}"


def test_the_bash_script_is_written_for_bash_3_2() -> None:
    """As macOS ships it: none of what came later, but compopt, whose absence is no error."""
    script = (ROOT / "completions" / "kit.bash").read_text()
    newer = (
        r"declare -A|local -[An]|mapfile|readarray|\$\{[^}]*(\^|,,|@[A-Z])\}|\|&|&>>|;;?&|coproc"
    )
    assert re.findall(newer, script) == []
    assert re.findall(r"\[-1\]|printf -v \w+\[|\$EPOCH|BASHPID|\{\w+\}<", script) == []
    assert script.count("compopt +o") == 2
    assert "esac 2>/dev/null" in script.partition("compopt +o default")[2]


# --- what kit is asked ---------------------------------------------------------------------------
def test_names_are_offered_with_what_they_are(named: Kit) -> None:
    listed(named, fast=["gpt-a", "gpt-b"], other=["else"])
    assert offered(named, "profiles", "") == ["fast\tfake", "slow-one\tollama m"]
    assert offered(named, "profiles", "slow") == ["slow-one\tollama m"]
    assert offered(named, "profiles", "fast/") == ["fast/gpt-a", "fast/gpt-b"]
    assert offered(named, "models", "gpt-", "ask") == ["gpt-a", "gpt-b"]
    assert offered(named, "models", "", "ask", "-p", "other") == ["else"]
    assert offered(named, "models", "", "ask", "--profile=other/else") == ["else"]
    assert offered(named, "settings", "fast.te") == ["fast.temperature"]
    assert offered(named, "settings", "f") == ["fast."]
    assert offered(named, "nonsense", "") == offered(named) == []


def test_another_configuration_is_read(named: Kit, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text('[profiles.mine]\napi = "fake"\n')
    assert offered(named, "profiles", "", "ask", "--config", str(other)) == ["mine\tfake"]
    assert offered(named, "profiles", "", "ask", f"--config={other}") == ["mine\tfake"]


def test_runs_are_offered_with_what_was_asked(named: Kit) -> None:
    named("ask", "-p", "fast", "How \x1b[31mmany\nmoons?")
    named("consensus", "-n", "1", "-p", "fast", "And now?")
    first, second = (path.stem for path in named.runs())
    assert offered(named, "runs", "") == [
        f"{second}\tconsensus And now?",
        f"{first}\task How [31mmany moons?",
    ]
    assert offered(named, "runs", second) == [f"{second}\tconsensus And now?"]


def test_a_broken_configuration_offers_nothing_of_it(kit: Kit) -> None:
    for broken in ("[profiles\n", "profiles = 3\n", "[profiles]\nx = 1\n"):
        kit.configure(broken)
        assert offered(kit, "profiles", "") == offered(kit, "models", "") == []
    kit.config.unlink()
    assert offered(kit, "profiles", "") == []


def test_what_cannot_be_seen_is_not_offered(named: Kit) -> None:
    listed(named, fast=["ok", "x\x1b]0;y\x07", "a\nb", "\u202eabc", "z" * 5000, 3])  # type: ignore[list-item]  # hostile
    assert offered(named, "models", "") == ["ok"]
    (named.home / "cache" / "kit" / "models.json").write_text('{"fast": {"a": 1}}')
    assert offered(named, "models", "") == []


# --- in the shell --------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SHELLS)
def test_commands_flags_and_choices_start_no_python(opened: Opened, name: str) -> None:
    shell = opened(name)
    assert shell("kit consen\t") == ["consensus"]
    assert shell("kit trace sea\t") == ["trace", "search"]
    assert shell("kit trace show --form\t") in (
        ["trace", "show", w] for w in ("--format", "--format=")
    )
    assert shell("kit trace show --format tim\t") == ["trace", "show", "--format", "timeline"]
    assert shell("kit consensus cali\t--no-m\t") == ["consensus", "calibrate", "--no-marker"]
    assert shell("kit ask --color=alw\t") == ["ask", "--color=always"]
    assert shell("kit consensus --stop deci\t") == ["consensus", "--stop", "decided"]
    assert shell("kit consensus --answer numb\t") == ["consensus", "--answer", "number"]
    assert shell("kit profile add --provider openr\t") == [
        "profile",
        "add",
        "--provider",
        "openrouter",
    ]
    assert shell("kit profile set x temper\t0.2") == ["profile", "set", "x", "temperature=0.2"]
    assert shell("kit help exit\t") == ["help", "exit-codes"]
    assert shell("kit help trace repl\t") == ["help", "trace", "replay"]
    assert shell("kit ask -m trace --no-tr\t") == ["ask", "-m", "trace", "--no-trace"]
    assert shell("kit ask -- --no-tr\t") == ["ask", "--", "--no-tr"]
    assert shell("kit ask consen\t") == ["ask", "consen"]
    assert shell.asked == []


@pytest.mark.parametrize("name", SHELLS)
def test_names_and_files_are_completed(named: Kit, opened: Opened, name: str) -> None:
    listed(named, **{"slow-one": ["llama3:8b", "org/qwen@2"]})
    named("ask", "-p", "fast", "hi")
    run = named.runs()[0].stem
    shell = opened(name)
    for file in ("a file.txt", "plain.txt"):
        (shell.folder / file).touch()
    (shell.folder / "sub dir").mkdir()
    assert shell("kit ask -p slo\t") == ["ask", "-p", "slow-one"]
    assert shell("kit consensus -p fast:3 -p slo\t") == [
        "consensus",
        "-p",
        "fast:3",
        "-p",
        "slow-one",
    ]
    assert shell("kit ask --profile=slo\t") == ["ask", "--profile=slow-one"]
    assert shell("kit ask -p slow-one/lla\t") == ["ask", "-p", "slow-one/llama3:8b"]
    assert shell("kit ask -p slow-one/llama3:\t") == ["ask", "-p", "slow-one/llama3:8b"]
    assert shell("kit ask -p 'slow-one' -m or\t") == ["ask", "-p", "slow-one", "-m", "org/qwen@2"]
    assert shell("kit ask -p slow-one -m llama3:\t") == ["ask", "-p", "slow-one", "-m", "llama3:8b"]
    assert shell("kit profile show slo\t") == ["profile", "show", "slow-one"]
    assert shell("kit config explain fast.temper\t") == ["config", "explain", "fast.temperature"]
    assert shell(f"kit trace show {run[:6]}\t") == ["trace", "show", run]
    assert shell(f"kit trace {run[:6]}\t") == ["trace", run]
    assert shell("kit ask -c la\t") == ["ask", "-c", "last"]
    assert shell("kit ask -f a\t -o pl\t") == ["ask", "-f", "a file.txt", "-o", "plain.txt"]
    assert shell("kit ask --schema=pla\t") == ["ask", "--schema=plain.txt"]
    assert shell("kit ask @a\t") == ["ask", "@a file.txt"]
    assert shell("kit ask --system @su\tx") == ["ask", "--system", "@sub dir/x"]


@pytest.mark.parametrize("name", SHELLS)
def test_F17_completion_injection(named: Kit, opened: Opened, name: str) -> None:
    """Names from a hostile server, or from a file that somebody sent: one word, nothing is run."""
    profiles = [f"0{each}" for each in HOSTILE[:4]]
    named.configure("".join(f"[profiles.{json.dumps(n)}]\napi = 'fake'\n" for n in profiles))
    listed(named, **{"": HOSTILE})
    shell = opened(name)
    for model in HOSTILE:
        assert shell(f"kit ask -m {model[0]}\t") == ["ask", "-m", model]
    for profile in profiles:
        assert shell(f"kit ask -p {profile[:2]}\t") == ["ask", "-p", profile]
    assert shell('kit ask -m "b\t') == ["ask", "-m", "b  b"]
    assert shell("kit ask -m 'd\t") == ["ask", "-m", "d*?[d]"]
    assert len(shell.asked) == len(HOSTILE) + 4 + 2
    assert list(named.home.rglob("pwned")) == []


@pytest.mark.parametrize("line", ["set -u", "COMP_WORDBREAKS=' '", "unset COMP_WORDBREAKS",
                                  "shopt -s failglob nocaseglob", "IFS=kst"])  # fmt: skip
def test_bash_completes_whatever_is_set(named: Kit, opened: Opened, line: str) -> None:
    listed(named, fast=["llama3:8b"])
    shell = opened("bash", setup=[*SETUP["bash"], line])
    assert shell("kit ask --color=alw\t") == ["ask", "--color=always"]
    assert shell("kit ask -m llama3:\t") == ["ask", "-m", "llama3:8b"]
    assert shell("kit ask --profile=slo\t") == ["ask", "--profile=slow-one"]
    assert shell("kit trace stat\t") == ["trace", "stats"]


def test_bash_completes_before_the_cursor(opened: Opened) -> None:
    shell = opened("bash")
    back = "\x1b[D" * len(" --json")
    assert shell(f"kit trace sea --json{back}\t") == ["trace", "search", "--json"]
    assert shell("true; LANG=C kit consen\t") == ["consensus"]


# --- its installation ----------------------------------------------------------------------------
STARTING = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


@pytest.mark.parametrize("name", SHELLS)
def test_installed_it_works_in_a_new_shell(named: Kit, opened: Opened, name: str) -> None:
    """Having done what the message says, if it says that something is to be done."""
    ran = named("completion", "--install", SHELL=f"/usr/bin/{name}")
    assert (ran.code, ran.out) == (0, "")
    first, *lines = ran.err.splitlines()
    place = Path(first.removeprefix("kit: wrote ").partition(";")[0])
    assert place.is_relative_to(named.home)
    assert place.read_text() == named("completion", name).out
    start = named.home / STARTING[name]
    start.parent.mkdir(parents=True, exist_ok=True)
    package = Path("/usr/share/bash-completion/bash_completion")
    if lines:
        assert f"~/{STARTING[name]}" in first
    elif name == "bash":
        lines = [f". {package}"]
    start.write_text("\n".join(lines) + "\n")
    shell = opened(name, flags=["-i"], setup=[])
    assert shell("kit consen\t") == ["consensus"]
    assert shell("kit ask -p slo\t") == ["ask", "-p", "slow-one"]
    if name == "zsh":
        again = named("completion", "zsh", "--install")
        assert "a new shell will know it" in again.err


def test_which_shell_it_is_must_be_known(kit: Kit) -> None:
    ran = kit("completion", "--install", SHELL="/bin/tcsh")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "kit: there is no completion for /bin/tcsh;"
        " name one: kit completion --install bash|zsh|fish|powershell\n"
    )
    ran = kit("completion", "--install", SHELL="")
    assert (ran.code, ran.err.partition(";")[0]) == (2, "kit: $SHELL does not say which shell")
    ran = kit("completion", "powershell", "--install")
    assert (ran.code, ran.out) == (2, "")
    assert "$PROFILE: kit completion powershell | Out-String | Invoke-Expression" in ran.err
    ran = kit("completion")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("kit: missing argument 'SHELL'. Choose from: bash, zsh, fish")


def test_a_home_that_cannot_be_written_is_one_sentence(kit: Kit) -> None:
    (kit.home / "file").touch()
    ran = kit("completion", "bash", "--install", XDG_DATA_HOME=str(kit.home / "file"))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "cannot be made: Not a directory" in ran.err
