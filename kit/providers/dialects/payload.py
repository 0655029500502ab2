"""The JSON body of a request, out of the fields that a dialect fills in. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kit.events import Json
from kit.providers.dialects.wire import Quirks


def payload(
    fields: Mapping[str, Json], quirks: Quirks, options: Mapping[str, Json]
) -> dict[str, Json]:
    """Empty fields are not sent, nor those that the host refuses. The user's have the last word."""
    wanted = {**fields, **quirks.body}
    kept = {name: value for name, value in wanted.items() if name not in quirks.dropped}
    said = {name: value for name, value in kept.items() if value not in (None, "", [], {})}
    return said | dict(options)
