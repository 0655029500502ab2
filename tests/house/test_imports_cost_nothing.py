"""What a command loads: read from ``sys.modules`` of a real process when it has ended."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"typer", "rich", "httpx2", "asyncio", "keyring", "jsonschema", "tomlkit", "sqlite3",
         "platformdirs", "xllamacpp", "importlib.metadata"}  # fmt: skip

PROBE = """
import atexit, json, os, sys
def tell():
    with open(os.environ["PROBE_OUT"], "w") as file:
        json.dump(sorted(sys.modules), file)
real = os._exit
os._exit = lambda code: (tell(), real(code))
atexit.register(tell)
sys.argv = ["kit", *sys.argv[1:]]
from kit.__main__ import main
main()
"""


def loaded(tmp_path: Path, *args: str, **environ: str) -> set[str]:
    out = tmp_path / "modules.json"
    clean = {k: v for k, v in os.environ.items() if not k.endswith("_API_KEY")}
    home = {name: str(tmp_path) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    home["XDG_CONFIG_HOME"] = str(tmp_path / "none")
    subprocess.run(
        [sys.executable, "-c", PROBE, *args],
        env={**clean, **home, "PROBE_OUT": str(out), **environ},
        stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return set(json.loads(out.read_text()))


def heavy(modules: set[str]) -> set[str]:
    return HEAVY & modules


@pytest.mark.parametrize("args", [("--version",), ("-V",)])
def test_version_loads_nothing_heavy(tmp_path: Path, args: tuple[str, ...]) -> None:
    modules = loaded(tmp_path, *args)
    assert heavy(modules) == set()
    assert "kit.cli" not in modules


@pytest.mark.parametrize("args", [("--help",), ("help",), ("asck",), ("help", "exit-codes")])
def test_help_and_a_mistyped_command_load_nothing_heavy(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    assert heavy(loaded(tmp_path, *args)) == set()


def test_help_of_a_command_loads_typer_alone(tmp_path: Path) -> None:
    assert heavy(loaded(tmp_path, "ask", "--help")) <= {"typer"}


def test_trace_list_loads_no_network_and_no_keyring(tmp_path: Path) -> None:
    assert heavy(loaded(tmp_path, "trace", "list")) <= {"typer"}


def test_ask_on_a_pipe_loads_neither_rich_nor_keyring(tmp_path: Path) -> None:
    config = tmp_path / "kit.toml"
    config.write_text('[profiles.f]\napi = "fake"\nreplies = ["hello"]\n')
    modules = loaded(tmp_path, "ask", "hi", KIT_CONFIG=str(config))
    assert "asyncio" in modules
    assert heavy(modules) <= {"typer", "asyncio"}


def test_ask_with_a_key_from_the_environment_loads_no_keyring(tmp_path: Path) -> None:
    config = tmp_path / "kit.toml"
    config.write_text(
        '[profiles.m]\napi = "openai-chat"\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'
    )
    modules = loaded(
        tmp_path, "ask", "--retries", "0", "hi", KIT_CONFIG=str(config), KIT_KEY_M="k" * 20
    )
    assert heavy(modules) <= {"typer", "asyncio"}  # the HTTP client is for proxies and the like
    assert "h11" in modules


def test_what_only_some_runs_need_is_not_loaded_for_all(tmp_path: Path) -> None:
    config = tmp_path / "kit.toml"
    config.write_text('[profiles.f]\napi = "fake"\nreplies = ["hello"]\n')
    asked = loaded(tmp_path, "ask", "hi", KIT_CONFIG=str(config))
    unneeded = {"kit.trace.runs", "kit.cli.screen.closing", "kit.cli.vote.forecast"}
    assert asked & unneeded == set()


def test_importing_the_package_is_silent_and_free() -> None:
    probe = "import sys, kit; print(sorted(m for m in sys.modules if m.startswith('kit')))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("['kit']\n", "")
