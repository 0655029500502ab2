"""What each command may load: so many modules, and of what is heavy only this.

The figures are what Python 3.11 and 3.13 load today, rounded up. A command that needs more has its
reason, and its row is changed with it; that a module is only needed later, or by some, is none.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest
from loading import HEAVY, dearest, loaded, words
from loopback import Server, chat_stream


@dataclass(frozen=True)
class Most:
    """Modules in all beyond Python's own start, of kit among them, and what is heavy."""

    all: int
    kit: int
    heavy: str = ""


TYPER = "typer difflib"  # Typer loads the other
RUN = f"{TYPER} asyncio ssl logging hashlib tomllib"  # asyncio loads ssl and logging

BUDGET = {
    "--version": Most(4, 2),
    "-V": Most(4, 2),
    "--help": Most(20, 6),
    "help": Most(20, 6),
    "help exit-codes": Most(20, 7),
    "asck": Most(64, 13, "difflib"),
    "--asck": Most(64, 13, "difflib"),
    "complete profiles": Most(96, 26, "tomllib"),
    "complete models": Most(98, 28, "tomllib"),
    "complete runs": Most(58, 11),
    "ask --help": Most(130, 12, TYPER),
    "consensus --help": Most(132, 15, TYPER),
    "refine --help": Most(132, 14, TYPER),
    "react --help": Most(132, 14, TYPER),
    "trace --help": Most(166, 44, TYPER),
    "profile --help": Most(190, 62, TYPER),
    "key --help": Most(180, 56, TYPER),
    "config --help": Most(152, 29, TYPER),
    "models --help": Most(130, 12, TYPER),
    "doctor --help": Most(152, 29, TYPER),
    "local --help": Most(140, 18, TYPER),
    "completion --help": Most(126, 10, TYPER),
    "help config": Most(152, 30, TYPER),
    "completion bash": Most(126, 10, TYPER),
    "trace list": Most(176, 49, f"{TYPER} sqlite3 hashlib"),
    "trace show last": Most(168, 46, TYPER),
    "profile list": Most(196, 62, f"{TYPER} tomllib"),
    "config path": Most(170, 46, TYPER),
    "config check": Most(178, 48, f"{TYPER} tomllib"),
    "key list": Most(186, 56, f"{TYPER} tomllib"),
    "key which f": Most(186, 56, f"{TYPER} tomllib"),
    "local path": Most(140, 18, TYPER),
    "ask hi": Most(264, 85, RUN),
    "consensus hi": Most(298, 110, f"{RUN} random"),
    "refine hi": Most(308, 117, f"{RUN} random"),
    "react hi": Most(329, 137, f"{RUN} random"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one run in it: ``trace`` has something to list."""
    folder = tmp_path_factory.mktemp("home")
    assert loaded(folder, "ask", "hi")
    return folder


def check(most: Most, folder: Path, *args: str, **more: str) -> None:
    modules = loaded(folder, *args, **more)
    ours = sorted(name for name in modules if name.split(".")[0] == "kit")
    too_heavy = (HEAVY & modules) - set(most.heavy.split())
    if too_heavy or len(modules) > most.all or len(ours) > most.kit:
        pytest.fail(
            f"kit {' '.join(args)} loads {len(modules)} modules, {len(ours)} of them kit's own,"
            f" its budget is {most.all} and {most.kit}; heavy, and not to be loaded:"
            f" {', '.join(sorted(too_heavy)) or 'nothing'}.\n"
            f"All with who loads them: python -X importtime -m kit {' '.join(args)}\n"
            f"The dearest:\n{dearest(folder, *args, **more)}\n"
            f"Kit's own: {' '.join(ours)}",
            pytrace=False,
        )


@pytest.mark.parametrize("line", BUDGET)
def test_a_command_loads_no_more_than_its_budget(home: Path, line: str) -> None:
    check(BUDGET[line], home, *words(line))


def test_a_terminal_costs_the_views_and_no_rich(home: Path) -> None:
    modules = loaded(home, "ask", "hi", tty=True)
    assert {name for name in modules if name.startswith("kit.cli.markdown")}
    assert HEAVY & modules <= set(RUN.split())
    assert len(modules) <= 282


@pytest.mark.parametrize("key", ['key = "none"', ""])
def test_ask_over_http_loads_no_http_library_and_no_keyring(
    tmp_path: Path, server: Server, key: str
) -> None:
    server.default = chat_stream("hello")
    rows = f'api = "openai-chat"\nbase_url = "{server.base}"\nmodel = "m"\n{key}\n'
    (tmp_path / "kit.toml").write_text(f"[profiles.m]\n{rows}")
    environ = {} if key else {"KIT_KEY_M": "k" * 20}
    check(Most(300, 111, f"{RUN} h11"), tmp_path, "ask", "hi", **environ)
    assert len(server.requests) == 1
