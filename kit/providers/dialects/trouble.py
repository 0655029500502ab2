"""The error that stands in a stream, read by what is loaded when there is one."""

from __future__ import annotations

from kit.errors import KitError
from kit.events import Json


def in_stream(data: Json) -> KitError:
    """As ``complaints.in_stream``."""
    from kit.providers.dialects import complaints  # all that servers say: 4 ms, when one says it

    return complaints.in_stream(data)
