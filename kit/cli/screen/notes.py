"""What a call's provider has a person know, in one line: a note, or that it tries again."""

from __future__ import annotations

from kit.events import CallRetried, Event, Noted


def noted(event: Event) -> str:
    """The line; "" for all other events."""
    match event:
        case Noted(text=text):
            return f"kit: {text}"
        case CallRetried(reason=reason, wait_s=wait):
            return f"kit: {reason}; trying again in {wait:.1f} s"
        case _:
            return ""
