"""What the screenshots in docs/images show: commands, and what stands behind them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import recorded
import tomli_w
from command import Kit
from loopback import HANG, Script, Server, chat_stream, cut

Setting = Callable[[Kit, Server], object]
"""Makes what a scene needs: profiles, files, runs. The command runs in ``kit.home / "work"``."""


@dataclass(frozen=True)
class Scene:
    """``typed`` as at a shell's prompt, one command after the other. ``shows``: what must be seen.
    ``codes``: how the commands end. ``answers``: what a person types once something is asked.
    ``still``: the picture is taken as soon as all these patterns are on the screen. ``took``: what
    stands in the picture where the machine's own seconds were, one after the other."""

    title: str
    typed: tuple[str, ...]
    shows: tuple[str, ...]
    setting: Setting = lambda kit, server: None
    codes: tuple[int, ...] = (0,)
    answers: tuple[tuple[str, str], ...] = ()
    still: tuple[str, ...] = ()
    took: tuple[str, ...] = ()


def fake(**profiles: tuple[str, list[Any]]) -> Setting:
    """Profiles that say these replies in order; each has a model."""
    tables = {
        name: {"api": "fake", "model": model, "replies": replies}
        for name, (model, replies) in profiles.items()
    }
    return lambda kit, server: kit.configure(tomli_w.dumps({"profiles": tables}))


def said(text: str, tokens: tuple[int, int], usd: float, delay: float = 0.0) -> dict[str, Any]:
    usage = {"input_tokens": tokens[0], "output_tokens": tokens[1], "cost_usd": usd}
    return {"text": text, "delay": delay, "usage": usage}


# --- one answer -----------------------------------------------------------------------------------
ENOSPC = """\
## ENOSPC

The device has **no space left**: a write failed because the file system, or your *quota*, is full.

1. `df -h .` shows the space that is left
2. `du -xsh * | sort -h` shows what takes it

| looks full | and is not | because |
|---|---|---|
| `df -h` | `df -i` | no inodes are left |
| `df -h` | `du` | a deleted file is still open |

```python
import shutil

free = shutil.disk_usage("/").free
print(f"{free / 1e9:.1f} GB")  # what is left
```
"""

# --- a vote ---------------------------------------------------------------------------------------
BERRY = "'How many times does the letter r occur in strawberry?'"
PANEL = fake(
    groq=("llama-3.3-70b", [said("ANSWER: 3", (58, n), 0.00008) for n in (141, 96, 118)]),
    openai=("gpt-5-mini", [said("ANSWER: 3", (61, n), 0.00031) for n in (152, 127, 134)]),
    mistral=("mistral-small", [said("ANSWER: 2", (58, 31), 0.00003),
                               *(said("ANSWER: 3", (58, n), 0.00003) for n in (77, 64))]),
)  # fmt: skip


def half_way(kit: Kit, server: Server) -> None:
    """One call to each of five models: two have answered, two speak, one is silent so far."""
    says: dict[str, Script] = {
        "llama-3.3-70b": chat_stream("s-t-r-a-w-", "b-e-r-r-y\n\n", "ANSWER: 3"),
        "gpt-5-mini": chat_stream("ANSWER: 3"),
        "mistral-small": cut("Two", how=HANG),
        "gemini-flash": cut("There ", "is ", "one ", "in ", "straw", how=HANG),
        "qwen3-1.7b": [HANG],
    }
    server.default = lambda seen: says[seen.json["model"]]
    for name, model in zip(("groq", "openai", "mistral", "gemini", "local"), says, strict=True):
        kit.serve(server.url, name, model=model)


# --- drafts ---------------------------------------------------------------------------------------
DRAFT = """\
def median(numbers):
    ranked = sorted(numbers)
    return ranked[len(ranked) // 2]
"""
BETTER = """\
def median(numbers):
    ranked = sorted(numbers)
    half = len(ranked) // 2
    return (ranked[half] + ranked[~half]) / 2
"""
CHECK = """\
import runpy, sys

median = runpy.run_path(sys.argv[1])["median"]
for numbers, right in (([3, 1, 2], 2), ([4, 1, 2, 3], 2.5)):
    if median(numbers) != right:
        sys.exit(f"median({numbers}) is {median(numbers)}, and should be {right}")
"""


def drafts(kit: Kit, server: Server) -> None:
    fake(groq=("llama-3.3-70b", [DRAFT, BETTER]))(kit, server)
    (kit.home / "work" / "check.py").write_text(CHECK, encoding="utf-8")


# --- tools ----------------------------------------------------------------------------------------
def wants(text: str, tool: str, **arguments: Any) -> dict[str, Any]:
    return {"text": text, "tool_calls": [{"name": tool, "arguments": arguments}]}


def tools(kit: Kit, server: Server) -> None:
    """Whoever sits there says no, so nothing is run: the sandbox has only to be there."""
    replies = [
        wants("I look at what is there.", "list", path="."),
        wants("build/ can be made again.", "shell", argv=["rm", "-rf", "build"]),
        "I was not allowed to remove `build/`, which can be made again at any time. The rest is"
        " yours: **nothing has been removed**.",
    ]
    fake(groq=("llama-3.3-70b", replies))(kit, server)
    (kit.home / "work" / "build").mkdir()
    (kit.home / "work" / "notes.md").write_text("Release on 1 December.\n", encoding="utf-8")
    programs = kit.home / "bin"
    programs.mkdir()
    (programs / "bwrap").write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    (programs / "bwrap").chmod(0o755)
    kit.environ["PATH"] = os.pathsep.join((str(programs), os.environ["PATH"]))


# --- what happened --------------------------------------------------------------------------------
def history(kit: Kit, server: Server) -> None:
    """Three runs of one hour, the last of them a vote."""
    runs = kit.home / "state" / "kit" / "runs"
    past = (recorded.a_refinement(), recorded.with_tools(), recorded.a_vote())
    for number, moments in enumerate(past):
        run = f"01KAM{'9BD'[number]}{recorded.RUN[6:]}"
        recorded.recorded(runs, [(at + 1200 * number, each) for at, each in moments], run)


SCENES: Mapping[str, Scene] = {
    "ask": Scene(
        "kit ask: Markdown on a terminal",
        ("kit ask 'What does ENOSPC mean?'",),
        ("no space left", "looks full │ and is not", "import shutil"),
        fake(groq=("llama-3.3-70b", [ENOSPC])),
    ),
    "consensus": Scene(
        "kit consensus: a vote that stopped early",
        (f"kit consensus -n 20 -p groq -p openai -p mistral --plan-seed 2 \\\n    {BERRY}",),
        ("6/7 agree · 1 for 2", "stopped at 7 of 20", "65% saved"),
        PANEL,
        took=("1.4 s", "0.9 s", "0.6 s", "0.8 s", "1.2 s", "0.7 s", "1.1 s"),
    ),
    "consensus-live": Scene(
        "kit consensus: a vote while it runs",
        ("kit consensus -n 5 --stop none -p groq -p openai -p mistral -p gemini \\\n"
         f"    -p local --plan-seed 5 \\\n    {BERRY}",),
        (),
        half_way,
        still=("done.*→ 3", "done.*→ 3", "streaming.*~5", "streaming.*~1", "waiting", "3 ×2"),
        took=("0.9 s", "1.4 s", "1.6 s", "1.6 s", "1.6 s"),
    ),
    "refine": Scene(
        "kit refine: a draft that is revised until it passes",
        ("kit refine -v --check 'python3 check.py {}' -o median.py 'median(numbers)'",),
        ("does not pass", "+    half = len(ranked) // 2", "stopped: check"),
        drafts,
        took=("2.6 s",),
    ),
    "react": Scene(
        "kit react: a command is asked for before it runs",
        ("kit react -t list:. -t shell:. 'Make room on my disk.'",),
        ("| rm -rf build", "[y]es once", "not allowed"),
        tools,
        answers=((r"\[s\]top\?", "n\n"),),
        took=("0.0 s",),
    ),
    "trace-list": Scene(
        "kit trace list: every run",
        ("kit trace list",),
        ("consensus", "refine", "react"),
        history,
    ),
    "trace-timeline": Scene(
        "kit trace show: where the time went",
        ("kit trace show last --format timeline",),
        ("█",),
        history,
    ),
    "errors": Scene(
        "Errors say what is wrong, and what to do",
        ("kit consenus 'Why?'", "kit ask -p grok 'Why?'",
         "kit consensus -q -n 3 --min-agreement 0.9 --choices yes,no 'Is 1 prime?'"),
        ("did you mean `kit consensus`?", "did you mean 'groq'?", "agree"),
        fake(groq=("llama-3.3-70b", ["ANSWER: no", "ANSWER: yes", "ANSWER: no"])),
        codes=(2, 2, 7),
    ),
    "help": Scene(
        "kit --help: examples first",
        ("kit --help",),
        ("Examples:", "kit help TOPIC"),
    ),
}  # fmt: skip
