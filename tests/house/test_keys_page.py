"""docs/keys.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

from command import Kit

PAGE = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")


def test_every_profile_on_the_page_can_be_used_as_it_stands(kit: Kit) -> None:
    [toml] = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    kit.configure(toml)
    checked = kit("config", "check")
    assert (checked.code, "nothing is wrong (profiles: 4)" in checked.err) == (0, True)


def test_s13_core_dumps_and_swap_are_documented() -> None:
    assert "core dump" in PAGE
    assert "swap" in PAGE
