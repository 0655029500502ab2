"""Where a reply says its answer: the marks models put on it, and the decoration around it.

The strongest mark that is there decides, and its last occurrence: ``ANSWER:``, ``\\boxed{}``,
``####`` on the last line, ``<answer>``.
"""

from __future__ import annotations

import re

_LABEL = re.compile(
    r"(?:^[ \t>#*_`~•-]*(?:(?:so|thus|therefore|hence)\b,?\s*)?(?:(?:the|my)\s+)?"
    r"(?:(?:final|correct)\s+)?answer\b(?:\s+is\b)?|\b(?-i:ANSWER)\b)"
    r"[*_`~]*[ \t\r]*(?:(?:[:：=]|[-–—](?=\s))[*_`~]*(?P<said>.*)|[*_`~]*$)",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(r"<(/?)answer>", re.IGNORECASE)
_HASHES = re.compile(r"^\s*####\s*(\S.*)$")
_SAID = re.compile(r"\banswer\s+(?:is|would\s+be|must\s+be)\b\s*:?\s*([^\n]+)", re.IGNORECASE)
_BOX = re.compile(r"\\(?:f?boxed|fbox)\s*\{")
_PLACEHOLDER = re.compile(
    r"<[^<>/]{2,}>(?![^`*\s.])|\[(?:your )?[a-z ]*answer\]|(?:\.{3}|…)$", re.IGNORECASE
)
_WRAPPED = re.compile(
    r"\\(?:text|textbf|textit|mathrm|mathbf|mathit|operatorname|boxed|fbox|displaystyle)\s*\{"
)
_PAIRS = (
    *(("**", "**"), ("__", "__"), ("*", "*"), ("_", "_"), ("```", "```"), ("`", "`")),
    *(("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]")),
    *(('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»")),
)


def marked(reply: str) -> str | None:
    """What the reply marks as its answer, undecorated and perhaps empty; None without a mark."""
    for found in (_labelled(reply), boxed(reply), _hashed(reply), _tagged(reply)):
        if found is not None:
            return bare(found)
    return None


def said(reply: str) -> str | None:
    """What follows the last "the answer is": a hint, no mark."""
    found = _SAID.findall(reply)
    return bare(found[-1]) if found else None


def last_line(reply: str) -> str:
    """The last line that says something, undecorated."""
    lines = (bare(line) for line in reversed(reply.splitlines()))
    return next((line for line in lines if line), "")


def boxed(reply: str) -> str | None:
    """What stands in the last ``\\boxed{}`` that is closed."""
    for match in reversed(list(_BOX.finditer(reply))[-64:]):
        end = closing(reply, match.end())
        if end is not None:
            return reply[match.end() : end]
    return None


def closing(text: str, start: int) -> int | None:
    """Where the brace that was opened just before ``start`` is closed."""
    depth = 1
    for match in re.finditer(r"\\?[{}]", text[start:]):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return start + match.start()
    return None


def bare(text: str) -> str:
    """Without Markdown, LaTeX and quotes around it, and without the full stop at its end."""
    text = text.strip()
    while text:
        inner = _peeled(_unwrapped(text)).strip()
        if inner == text:
            break
        text = inner
    return text


def _peeled(text: str) -> str:
    text = re.sub(r"^(?:#+\s+)+", "", text)
    if len(text) > 1 and text[-1] in ".。" and text[-2] != ".":
        return text[:-1]
    for opening, end in _PAIRS:
        inner = text[len(opening) : -len(end)]
        if text.startswith(opening) and text.endswith(end) and _alone(inner, opening, end):
            return inner
    for stray in ("**", "__", "```", "$$", "`"):  # left open by a label inside: **ANSWER: 42**
        if text.count(stray) == 1:
            text = text.removesuffix(stray).removeprefix(stray)
    return text


def _alone(inner: str, opening: str, end: str) -> bool:
    return inner != "" and opening not in inner and end not in inner


def _unwrapped(text: str) -> str:
    """``\\text{abc}`` → ``abc``, wherever it stands."""
    for _ in range(64):
        match = _WRAPPED.search(text)
        end = closing(text, match.end()) if match else None
        if match is None or end is None:
            break
        text = f"{text[: match.start()]}{text[match.end() : end]}{text[end + 1 :]}"
    return text


def _labelled(reply: str) -> str | None:
    """After the last label; when its line says nothing more, the next line that does."""
    for match in reversed(list(_LABEL.finditer(reply))[-64:]):
        same = match.group("said")
        if same is not None and bare(same):
            if _PLACEHOLDER.match(bare(same)):
                continue  # the instruction, repeated
            return boxed(same) or same
        block = reply[match.end() :].strip()
        following = next((line for line in block.splitlines() if bare(line)), None)
        if following is not None:
            return boxed(block) or following
        if same is not None:
            return ""
    return None


def _hashed(reply: str) -> str | None:
    lines = reply.rstrip().rsplit("\n", 1)
    match = _HASHES.match(lines[-1])
    return match.group(1) if match else None


def _tagged(reply: str) -> str | None:
    found, opened = None, None
    for tag in _TAG.finditer(reply):
        if not tag.group(1):
            opened = tag.end()
        elif opened is not None:
            text, opened = reply[opened : tag.start()], None
            found = found if _PLACEHOLDER.match(text.strip()) else text
    return found
