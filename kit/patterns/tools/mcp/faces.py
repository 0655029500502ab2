"""What a model is shown of a foreign server's tools: valid names, clean words, checked schemas."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from kit.dataclass import dataclass
from kit.events import Json, Tool
from kit.patterns.tools.mcp.schema import Unfit, tamed
from kit.patterns.tools.mcp.text import seen, sentence

LONGEST = 64  # characters: what every provider takes as the name of a tool
DESCRIPTION = 4000  # characters
TOOLS = 256  # of one server


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool as its server offers it, all of it that a model gets to read. Foreign text."""

    name: str
    description: str
    schema: Mapping[str, Json]

    @property
    def print(self) -> str:
        """Changes when anything in it changes."""
        whole = json.dumps([self.name, self.description, self.schema], sort_keys=True)
        return hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()


def faces(server: str, offers: Sequence[Offer], say: Callable[[str], None]) -> dict[str, Tool]:
    """Under each tool's own name its face; those that cannot be used are left out, with a word."""
    own = {offer.name: offer for offer in offers}
    found: dict[str, Tool] = {}
    for each, name in named(server, list(own)).items():
        try:
            found[each] = Tool(
                name, seen(own[each].description, DESCRIPTION), tamed(own[each].schema)
            )
        except Unfit as unfit:
            say(f"{server} offers {sentence(each, 60)!r}, which is left out: {unfit}")
    return found


def named(server: str, own: Sequence[str]) -> dict[str, str]:
    """``server__tool`` for its own names, valid for every provider. Those that are too long, or the
    same as another once letters are replaced, end in a piece of a hash of the own name: so they do
    not depend on the order in which the server offers them, and no tool takes another's name."""
    plain = {each: f"{server}__{re.sub('[^A-Za-z0-9_-]', '_', each)}" for each in own}
    often = Counter(plain.values())
    fits = {each: often[name] == 1 and len(name) <= LONGEST for each, name in plain.items()}
    names = {each: name if fits[each] else _hashed(name, each) for each, name in plain.items()}
    often = Counter(names.values())
    return {each: name for each, name in names.items() if often[name] == 1}


def _hashed(name: str, own: str) -> str:
    mark = hashlib.sha256(own.encode(errors="surrogatepass")).hexdigest()[:8]
    return f"{name[: LONGEST - 9]}_{mark}"
