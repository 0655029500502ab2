"""Each recipe of the cookbook, run as it stands on the page, in a real shell with the real command.

What is expected of it stands in ``tests/recipes``, by its heading; only models are scripted.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import recipes.of_decisions
import recipes.of_files  # each module enters its expectations into the table
import recipes.of_loops
import recipes.of_places
from loopback import Server
from recipes.page import FAILURE, PAGE, recipes
from recipes.place import Place
from recipes.table import EXPECTED

RECIPES = recipes(PAGE.read_text(encoding="utf-8"))
READERS = {"sh": ("sh", "dash", "bash", "zsh", "ksh", "busybox sh"), "bash": ("bash", "zsh")}


def test_every_recipe_has_an_expectation_and_every_expectation_a_recipe() -> None:
    assert sorted(EXPECTED) == sorted(RECIPES)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_says_what_it_is_for_and_what_comes_of_failure(name: str) -> None:
    recipe = RECIPES[name]
    assert recipe.purpose
    assert recipe.scripts
    assert recipe.failure.startswith(FAILURE)
    assert max(len(line) for block in recipe.blocks for line in block.text.splitlines()) <= 110


@pytest.mark.parametrize(
    "shell", sorted({each for readers in READERS.values() for each in readers})
)
def test_each_block_is_read_by_this_shell(shell: str) -> None:
    program, *words = shell.split()
    if not shutil.which(program):
        pytest.skip(f"there is no {program} here")
    blocks = [block for each in RECIPES.values() for block in each.scripts]
    for block in (each for each in blocks if shell in READERS[each.language]):
        done = subprocess.run(
            [program, *words, "-n"], input=block.text, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), f"{PAGE.name}:{block.line}"


@pytest.mark.parametrize("name", RECIPES)
def test_the_recipe_does_what_the_page_says(name: str, tmp_path: Path, server: Server) -> None:
    EXPECTED[name](Place(RECIPES[name], tmp_path, server))
