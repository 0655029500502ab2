"""The recipes as they stand on the page: headings, blocks, what is said of failure."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cookbook.md"
SHELLS = ("sh", "bash")
FAILURE = "If it fails: "


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block; ``language`` is its info string, ``line`` where it begins on the page."""

    language: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A section of the third level. ``purpose`` and ``failure`` are its paragraphs before the
    first block and after the last one."""

    name: str
    blocks: tuple[Block, ...]
    purpose: str
    failure: str

    @property
    def scripts(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.language in SHELLS)

    @property
    def printed(self) -> str | None:
        """What stdout must be, where the page shows it."""
        shown = [block.text for block in self.blocks if block.language == "text"]
        return "".join(shown) if shown else None

    @property
    def files(self) -> dict[str, str]:
        """Blocks that are files by themselves: their first line is a comment with the name."""
        rest = (block for block in self.blocks if block.language not in (*SHELLS, "text"))
        return {block.text.split("\n")[0].strip("# "): block.text for block in rest}


def recipes(page: str) -> dict[str, Recipe]:
    """By heading, in their order. Blocks outside of a section of the third level are none."""
    found: dict[str, list[Block | str]] = {}
    name, level = "", ""
    for token in MarkdownIt().parse(page):
        if token.type in ("heading_open", "paragraph_open"):
            level = token.tag
        elif token.type == "inline" and level == "h3":
            name = token.content
            assert name not in found, f"two recipes are called {name!r}"
            found[name] = []
        elif token.type == "inline" and level != "p":
            name = ""
        elif name and token.type == "inline":
            found[name].append(token.content)
        elif name and token.type == "fence":
            found[name].append(Block(token.info, token.content, token.map[0] + 1))
    return {name: _recipe(name, parts) for name, parts in found.items()}


def _recipe(name: str, parts: list[Block | str]) -> Recipe:
    blocks = tuple(part for part in parts if isinstance(part, Block))
    first = next((at for at, part in enumerate(parts) if isinstance(part, Block)), len(parts))
    texts = [part for part in parts[first:] if isinstance(part, str)]
    before = [part for part in parts[:first] if isinstance(part, str)]
    return Recipe(name, blocks, " ".join(before), " ".join(texts))
