"""What a foreign tool answered, as one text: words as they are, all else described in a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from kit.patterns.tools.ability import ToolFault
from kit.patterns.tools.mcp.text import sentence

if TYPE_CHECKING:
    from mcp_types import CallToolResult

MOST = 4 * 2**20  # characters of one answer
COMPLAINT = 4000  # characters of an error


def told(result: CallToolResult) -> str:
    """The whole observation; ToolFault with the same words when the tool says that it failed."""
    parts = [_KINDS[block.type](block) for block in result.content]
    if not any(parts) and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    text = _cut("\n".join(parts), MOST)
    if result.is_error:
        raise ToolFault(_cut(text, COMPLAINT) or "the tool failed and does not say why")
    return text


def _cut(text: str, most: int) -> str:
    """Without what no request can hold (NULs, halves of characters), its end left out when long."""
    whole = text[:most].replace("\0", "\ufffd").encode(errors="replace").decode()
    left = len(text) - len(whole)
    return f"{whole}\n[… {left} characters left out …]" if left > 0 else whole


def _media(block: Any) -> str:
    size = len(block.data) * 3 // 4
    return f"[{block.type}, {sentence(block.mime_type, 80)}, {size} bytes: not shown]"


def _resource(block: Any) -> str:
    """A file in the answer: its text, when it is one, below a line that names it."""
    inside = block.resource
    text = getattr(inside, "text", None)
    end = "" if text is not None else f", {len(inside.blob) * 3 // 4} bytes: not shown"
    line = f"[resource {sentence(str(inside.uri), 300)}{_kind(inside)}{end}]"
    return line if text is None else f"{line}\n{text}"


def _link(block: Any) -> str:
    name = sentence(block.name, 100)
    return f"[link to resource {name}: {sentence(str(block.uri), 300)}{_kind(block)}]"


def _kind(it: Any) -> str:
    return f", {sentence(it.mime_type, 80)}" if it.mime_type else ""


_KINDS: Mapping[str, Callable[[Any], str]] = {
    "text": lambda block: str(block.text),
    "image": _media,
    "audio": _media,
    "resource": _resource,
    "resource_link": _link,
}
