"""Recipes of the sections Lines and records, Decisions in scripts and CI, Panels."""

from __future__ import annotations

import re

from recipes.of_files import change, repository
from recipes.place import DOWN, Place, needed
from recipes.table import expect

FEEDBACK = """It crashes when I save
Please add a dark theme
"Best" tool I've used; thanks
"""
ACME, BOEHM = (
    '{"vendor": "Acme", "total": 12.5}',
    '```json\n{"vendor": "Böhm & Co", "total": 80}\n```',
)
SCHEMA = """{"type": "object", "required": ["vendor", "total"], "additionalProperties": false,
 "properties": {"vendor": {"type": "string"}, "total": {"type": "number", "minimum": 0}}}
"""


def kind(asked: str) -> str:
    words = {"crashes": "ANSWER: bug.", "theme": "A wish.\nANSWER: Wish", "Best": "ANSWER: praise"}
    return next((word for mark, word in words.items() if mark in asked), DOWN)


@expect("Label each line of a file")
def _(place: Place) -> None:
    place.served("fast", kind)
    place.file("feedback.txt", FEEDBACK.rstrip("\n"))
    place.run()
    assert len(place.server.requests) == 6  # two equal ones of three decide
    place.file("feedback.txt", "nobody can say\n")
    (block,) = place.recipe.scripts
    ran = place.command(place.script(block))
    assert ran.out == "unclear\tnobody can say\n"
    assert "kit: " in ran.err


@expect("The same, eight at a time")
def _(place: Place) -> None:
    needed("xargs")
    place.served("fast", kind)
    place.file("feedback.txt", FEEDBACK)
    assert place.run().err == ""


@expect("Read one field out of a text")
def _(place: Place) -> None:
    place.served("fast", lambda asked: ACME if 'name="may 3.txt"' in asked else "?")
    place.file("mail/may 3.txt", "Acme, 12.50 EUR")
    place.run()
    assert place.read("invoice.json") == SCHEMA
    place.voices["fast"] = '{"vendor": "Acme", "total": "a lot"}'
    place.server.requests.clear()
    assert place.run(7).out == ""
    assert len(place.server.requests) == 3


@expect("Make JSON lines of a folder")
def _(place: Place) -> None:
    needed("jq")
    place.file("invoice.json", SCHEMA)
    for name in ("a", "b", "c d"):
        place.file(f"mail/{name}.txt", f"from {name}")
    says = {"from a": ACME, "from b": BOEHM, "from c d": '{"vendor": "?"}'}
    place.served("fast", lambda asked: next(s for f, s in says.items() if f"\n{f}\n" in asked))
    assert place.run().err.endswith("no invoice: mail/c d.txt\n")
    assert place.read("invoices.jsonl") == f"{ACME}\n{BOEHM[8:-4]}\n"


@expect("A vote as a condition")
def _(place: Place) -> None:
    (place.folder / "spam").mkdir()
    place.file("mail.txt", "Buy now")
    split = '"yes"', '"no"', '"yes"', '"yes"', '"no"', '"yes"', '"no"', '"yes"', '"no"'
    place.fake("fast", *split)
    assert "below 80%" in place.run().err
    assert place.names() == ["mail.txt"]
    place.fake("sure", *['"yes"'] * 9)
    place.run(KIT_PROFILE="sure")
    assert place.names() == ["spam/mail.txt"]


@expect("Every exit code its own way")
def _(place: Place) -> None:
    for name, reply in {
        "whole": '"It crosses devices."',
        "auth": '{error="auth"}',
        "down": '{error="unavailable"}',
        "cut": '{text="It cros", error="incomplete"}',
    }.items():
        place.fake(name, reply)
    assert place.run().out == "It crosses devices.\n"
    assert place.run(KIT_PROFILE="auth").out == "no key, or a wrong one\n"
    assert place.run(KIT_PROFILE="down").out == "not reachable: again later\n"
    assert place.run(KIT_PROFILE="cut").out == "only so far: It cros\n"
    assert place.run(2, KIT_PROFILE="nobody").out == ""


@expect("Stop a build when a vote finds something")
def _(place: Place) -> None:
    repository(place)
    change(place)
    more = 'key = "none"\nmax_tokens = 100\nprice = { input = 0.1, output = 0.1 }'
    place.served("fast", lambda asked: "no" if "+timeout = 4" in asked else "yes", more)
    ran = place.run()
    assert ran.out == ""
    assert "no · 3/3 agree" in ran.err
    place.voices["fast"] = "yes"
    assert place.run(1).err.endswith("a vote says: this change logs secrets\n")
    place.voices["fast"] = DOWN
    assert "no quorum" in place.run(7).err


@expect("Never more than two cents, never longer than a minute")
def _(place: Place) -> None:
    usage = "usage={input_tokens=10, output_tokens=5, cost_usd=0.006}"
    place.fake("fast", *[f'{{text="{79 + at}", {usage}}}' for at in range(20)])
    ran = place.run()
    assert ran.out == "79\n(that far for two cents)\n"
    assert "--max-cost" in ran.err
    place.served("unpriced", "95")
    ran = place.run(1, KIT_PROFILE="unpriced")
    assert "what unpriced costs is not known" in ran.err
    assert place.server.requests == []


@expect("Ask another provider when the first is down")
def _(place: Place) -> None:
    place.fake("groq", '{error="unavailable"}')
    place.fake("openai", '{error="rate_limit"}')
    place.fake("local", '"It crosses devices."')
    ran = place.run()
    assert ran.out == "It crosses devices.\n"
    assert "kit: local is asked instead" in ran.err


def panel(place: Place, **says: str) -> None:
    """Profiles that say this, each as often as it is asked."""
    for name, text in says.items():
        reply = f'"{text}"' if text != DOWN else '{error="unavailable"}'
        place.fake(name, *[reply] * 9)


@expect("Three providers, one vote")
def _(place: Place) -> None:
    panel(place, groq=DOWN, openai="ANSWER: yes", anthropic="ANSWER: Yes.")
    ran = place.run()
    assert "✓" in ran.err
    assert "/3 agree" in ran.err
    place.config.write_text(re.sub('"ANSWER: [^"]*"', '{error="unavailable"}', place.toml))
    assert "no quorum" in place.run(7).err


@expect("Let one member count for more")
def _(place: Place) -> None:
    panel(place, groq="no", local="no", openai="yes")
    place.run()


@expect("Vote on free text with a judge")
def _(place: Place) -> None:
    place.fake("fast", '"Heat."', '"Yeast makes gas."', '"It is the gas of yeast."')
    place.served("openai", lambda asked: f"ANSWER: {'no' if 'Heat' in asked else 'yes'}")
    place.run()
    place.voices["openai"] = DOWN
    (block,) = place.recipe.scripts
    assert place.command(place.script(block)).out == "Heat.\n"


@expect("All or nothing")
def _(place: Place) -> None:
    place.file("install.sh", "echo hello\n")
    panel(place, groq="safe", openai="safe", anthropic="safe")
    place.run()
    place.config.write_text(place.toml.replace('["safe"', '["unsafe"', 1))
    assert "unanimous" in place.run(7).err
    place.config.write_text(place.toml.replace('["safe"', '[{error="unavailable"}', 1))
    place.run(7)
