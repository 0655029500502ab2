"""``clock``: what time it is, here and elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from kit.events import Json, Tool
from kit.patterns.tools import plain
from kit.patterns.tools.ability import Ability, ToolFault

FACE = Tool(
    "clock",
    "The date and the time now, in UTC and in the user's own zone; with zone also there.",
    {
        "type": "object",
        "properties": {
            "zone": {
                "type": "string",
                "maxLength": 100,
                "description": "An IANA name such as Europe/Paris.",
            }
        },
        "additionalProperties": False,
    },
)


def _now() -> datetime:
    return datetime.now(UTC)


def clock(now: Callable[[], datetime] = _now) -> Ability:
    """``now`` is asked once a use, for an aware time."""

    async def run(arguments: Mapping[str, Json]) -> str:
        moment = now()
        lines = [_line("UTC", moment.astimezone(UTC)), _line("here", moment.astimezone())]
        if zone := arguments.get("zone"):
            lines.append(_there(zone, moment))
        return "\n".join(lines)

    def shown(arguments: Mapping[str, Json]) -> str:
        return f"the time {arguments.get('zone', '')}".strip()

    return Ability(FACE, "readonly", run, shown, tainting=False)


def _line(where: str, moment: datetime) -> str:
    stamp = moment.isoformat(" ", "seconds")
    return f"{where}: {stamp} ({moment:%A}, {moment.tzname()})"


def _there(zone: str, moment: datetime) -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # 5 ms, for who asks for a zone

    try:
        return _line(zone, moment.astimezone(ZoneInfo(zone)))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ToolFault(f"there is no zone {plain.name(zone)}{_meant(zone)}") from error


def _meant(zone: str) -> str:
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    near = get_close_matches(zone, available_timezones(), n=3)
    return f"; did you mean {', '.join(near)}?" if near else ""
