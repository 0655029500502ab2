"""The docs say what the code does."""

import re
from pathlib import Path

import pytest

from kit.cli.app import COMMANDS
from kit.errors import KitError, StoppedError, UsageError
from kit.providers.config.presets import PRESETS
from kit.providers.config.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_every_preset_stands_in_the_docs_with_its_address() -> None:
    page = (ROOT / "docs/providers.md").read_text()
    for preset in PRESETS.values():
        assert f"| `{preset.name}` | {preset.api} |" in page
        assert preset.base_url in page


def test_every_setting_of_a_profile_stands_in_the_docs() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    assert [name for name in SETTINGS if f"`{name}`" not in page] == []


def test_every_exit_code_stands_in_the_docs_with_its_name() -> None:
    page = (ROOT / "docs/exit-codes.md").read_text()
    for kind in KitError.__subclasses__():
        code = "129, 130, 143" if kind is StoppedError else kind.exit
        name = "" if kind is UsageError else f"`{kind.status}` "  # no run, and so no status
        assert f"| {code} | {name}|" in page, kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_the_docs_exist(page: Path) -> None:
    for block in re.findall(r"```(?:sh|console|shell|bash)\n(.*?)```", page.read_text(), re.DOTALL):
        for name in re.findall(r"(?:^|[|$;] *|if )kit ([a-z][a-z-]+)", block, re.MULTILINE):
            assert name in COMMANDS, f"{page.name}: kit {name}"


FOREIGN = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|(?<![\w:/])/(?:root|work)/")
KEPT = {"kit", "tests", "docs", "scripts", "benchmarks", "completions", "man", ".ci"}


def test_nothing_names_a_place_that_is_not_the_users() -> None:
    """No registry host, no path of a developer's machine."""
    texts = [path for room in KEPT for path in (ROOT / room).rglob("*") if path.is_file()]
    texts += [path for path in ROOT.iterdir() if path.is_file()]
    for path in texts:
        if "__pycache__" not in path.parts and path.name != Path(__file__).name:
            found = FOREIGN.search(path.read_text(encoding="utf-8", errors="replace"))
            assert found is None, f"{path}: {found}"
