"""Computes kit/providers/prices.json: what chat models cost at the hosts that kit knows.

The prices are those of the package genai-prices, which kit never depends on. To refresh them:

    python3 -m venv /tmp/prices && /tmp/prices/bin/pip install genai-prices
    PYTHONPATH=. /tmp/prices/bin/python scripts/prices.py 2026-11-22

The argument is the day whose prices are wanted; the same day and version give the same bytes.

A model's rates are the last of its list whose conditions hold: ``above`` (more tokens of input than
that), ``from`` (a day) and ``hours`` (of UTC). A name with a text instead of rates is another name
for that row. ``DATE`` in a name stands for a date: those names whose every dated form costs the
same, as the package's own rules say.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from genai_prices import types as theirs
from genai_prices.data import providers

TARGET = Path(__file__).parent.parent / "kit" / "providers" / "prices.json"
HOSTS = {  # what kit calls them, and what genai-prices does
    "anthropic": "anthropic", "azure": "azure", "cerebras": "cerebras", "deepseek": "deepseek",
    "fireworks": "fireworks", "gemini": "google", "groq": "groq", "mistral": "mistral",
    "moonshot": "moonshotai", "openai": "openai", "openrouter": "openrouter",
    "perplexity": "perplexity", "together": "together", "xai": "x-ai", "zai": "zai",
}  # fmt: skip
LIKE = {"azure": "openai"}
"""Hosts that sell another's models at its prices: what is not in their own rows is in those."""
BACKENDS = "huggingface_"
"""One host with many back-ends, chosen by MODEL:BACKEND."""
NAMES = {
    "input_mtok": "input", "output_mtok": "output", "cache_read_mtok": "cached",
    "cache_write_mtok": "cache_write", "requests_kcount": "request",
}  # fmt: skip
UNTOLD = {"output_reasoning_mtok", "output_citation_mtok"}
"""Prices of what a usage does not tell apart: such a model's cost is left unknown."""
OTHER = re.compile(
    r"audio|batch|davinci|embed|guard|image|live|moderation|nano-banana|\bocr|ocr-|omni|realtime"
    r"|research|search|speech|transcribe|tts|video|vision-preview|voice|voxtral|whisper"
)
"""No text chat, nothing that kit can order, or charged for more than tokens."""
SANE = re.compile(r"[a-z0-9~][a-z0-9._:/~-]*[a-z0-9](?<!-20\d\d)")
ENDINGS = {
    "gemini": (
        "-001", "-002", "-exp", "-exp-03-25", "-latest", "-preview", "-preview-03-25",
        "-preview-04-17", "-preview-05-06", "-preview-05-20", "-preview-06-05", "-preview-06-17",
        "-preview-09-2025",
    ),
}  # fmt: skip
"""What the hosts put behind a model's name, besides -latest."""
DATED = ("-20990101", "-2099-01-01", "@20990101", "-20250101")


def main() -> None:
    day = date.fromisoformat(sys.argv[1])
    known = {each.id: each for each in providers}
    hosts = {name: rows(known[theirs], name, day) for name, theirs in HOSTS.items()}
    hosts["huggingface"] = {
        f"{name}:{backend}": f"{row}:{backend}" if isinstance(row, str) else row
        for each in providers
        if (backend := each.id.removeprefix(BACKENDS)) != each.id
        for name, row in rows(each, "huggingface", day).items()
    }
    source = f"genai-prices {version('genai-prices')}"
    TARGET.write_text(written(day, source, hosts), encoding="utf-8")
    for name, table in hosts.items():
        models = sum(not isinstance(row, str) for row in table.values())
        sys.stderr.write(f"{name}: {models} models, {len(table)} names\n")


def written(day: date, source: str, hosts: dict[str, dict[str, Any]]) -> str:
    """One line a name, so that a diff can be read."""
    tables = []
    for host, table in sorted(hosts.items()):
        lines = (f"{json.dumps(name)}:{_short(row)}" for name, row in sorted(table.items()))
        tables.append(f"{json.dumps(host)}:{{\n" + ",\n".join(lines) + "\n}")
    about = {
        "date": day.isoformat(),
        "source": source,
        "license": "MIT, Copyright (c) Pydantic Services Inc. 2025 to present",
        "like": LIKE,
    }
    return _short(about)[:-1] + ',"hosts":{\n' + ",\n".join(tables) + "\n}}\n"


def rows(provider: Any, host: str, day: date) -> dict[str, Any]:
    """Every name that this provider's rules are sure about: its rates, or its main name."""
    found: dict[str, Any] = {}
    for model in provider.models:
        rates = _rates(model, day)
        if rates is None:
            continue
        mine = sorted(
            {name for name in names(provider, model, host) if _wanted(name, host)},
            key=lambda name: (name != model.id.lower(), "DATE" in name, len(name), name),
        )
        if not mine:
            continue
        assert not found.keys() & mine, mine
        found[mine[0]] = rates if len(rates) > 1 else rates[0]
        found |= dict.fromkeys(mine[1:], mine[0])
    return found


def names(provider: Any, model: Any, host: str) -> Iterator[str]:
    """Names that the provider's own matching gives to this model, and to no model before it."""

    def is_it(name: str) -> bool:
        return provider.find_model(name) is model

    for base in {model.id.lower(), *(text.lower() for text in _literals(model.match))}:
        if SANE.fullmatch(base):
            ended = re.search(r"-(latest|preview|exp)\b|:", base)
            endings = () if ended else ENDINGS.get(host, ("-latest",))
            yield from (base + ending for ending in ("", *endings) if is_it(base + ending))
            if any(is_it(base + dated) for dated in DATED):
                yield f"{base}-DATE"


def _wanted(name: str, host: str) -> bool:
    if OTHER.search(name):
        return False
    if host == "openrouter":
        return "/" in name and "sonar" not in name  # which costs something for every request
    if name.endswith(":free"):
        return False
    return not (host == "gemini" and "claude" in name)  # sold at another door of that host


def _literals(clause: Any) -> Iterator[str]:
    """The texts that a rule compares with."""
    match clause:
        case theirs.ClauseOr():
            for each in clause.or_:
                yield from _literals(each)
        case theirs.ClauseAnd():
            for each in clause.and_:
                yield from _literals(each)
        case theirs.ClauseRegex():
            pass
        case _:
            (text,) = vars(clause).values()
            yield text


def _rates(model: Any, day: date) -> list[dict[str, Any]] | None:
    """The rates from that day on; None when one of them is not the price of a chat."""
    prices = model.prices
    listed = prices if isinstance(prices, list) else [theirs.ConditionalPrice(prices=prices)]
    if model.id.endswith(":free"):
        return [{"input": 0, "output": 0}]
    rates: list[dict[str, Any]] = []
    for each in listed:
        when = _when(each.constraint, day)
        if when is None or not rates:  # it holds, whatever was there before
            rates, when = [], {}
        tiers = _tiers(each.prices)
        if tiers is None:
            return None
        rates += [when | tier for tier in tiers]
    if all(rate["input"] == rate["output"] == 0 for rate in rates):
        return None  # nobody knows it
    if model.context_window:
        rates[0]["context"] = model.context_window
    return rates


def _when(constraint: Any, day: date) -> dict[str, Any] | None:
    match constraint:
        case theirs.StartDateConstraint(start_date=start) if start > day:
            return {"from": start.isoformat()}
        case theirs.TimeOfDateConstraint(start_time=start, end_time=end):
            return {"hours": [_utc(start), _utc(end)]}
        case _:
            return None


def _utc(time: Any) -> str:
    moment = datetime.combine(date(2026, 1, 1), time)
    return (moment.astimezone(UTC) if time.tzinfo else moment).strftime("%H:%M")


def _tiers(price: Any) -> list[dict[str, Any]] | None:
    """The price below all thresholds, then that above each."""
    kinds = {name: value for name, value in vars(price).items() if value is not None}
    if not {"input_mtok", "output_mtok"} <= kinds.keys() or UNTOLD & kinds.keys():
        return None
    kinds = {NAMES[name]: value for name, value in kinds.items() if name in NAMES}
    tiered = [value for value in kinds.values() if isinstance(value, theirs.TieredPrices)]
    starts = sorted({tier.start for value in tiered for tier in value.tiers})
    found = [{name: _usd(value, -1, name) for name, value in kinds.items()}]
    for start in starts:
        at = {name: _usd(value, start, name) for name, value in kinds.items()}
        found.append({"above": start} | at)
    return found


def _usd(value: Any, start: int, name: str) -> float:
    if isinstance(value, theirs.TieredPrices):
        reached = [tier.price for tier in value.tiers if tier.start <= start]
        value = reached[-1] if reached else value.base
    usd = float(value) / (1000 if name == "request" else 1)
    return int(usd) if usd == int(usd) else usd


def _short(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
