"""``http:HOST``: pages and API answers of the hosts that the user named, and of no others.

A name is looked up once and the connection goes to the address that was found and checked, so that
it cannot lead elsewhere at a second look. A redirect is followed as far as the same rules allow.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from ipaddress import ip_address
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import KitError
from kit.events import Json, Tool
from kit.patterns.tools import plain
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.paging import page
from kit.patterns.tools.ports import Page, Ports
from kit.patterns.tools.threads import in_thread
from kit.patterns.tools.web_rules import Rule, Target, ruled, target
from kit.patterns.tools.web_text import decoded, readable

MOST = 4 * 2**20
"""Bytes of an answer, after decompression."""
HOPS = 5
"""Redirects that are followed."""
_TEXT = ("text/", "application/json", "application/xml", "application/javascript")
_HTML = ("text/html", "application/xhtml+xml")
Arguments: TypeAlias = Mapping[str, Json]
Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host, in the order in which they are to be tried. OSError."""


async def resolved(host: str, port: int) -> Sequence[str]:
    find = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await in_thread(find)  # asyncio's own thread would hold up the end of kit
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Web:
    """The source of one tool for all of these hosts."""

    rules: tuple[Rule, ...]
    ports: Ports
    resolve: Resolve = resolved
    name: str = "http"

    async def open(self) -> Sequence[Ability]:
        return [Ability(self._face(), "network", self._run, self._shown)]

    async def aclose(self) -> None:
        """Every request closes its own connection."""

    def _face(self) -> Tool:
        hosts = ", ".join(each.shown for each in self.rules)
        return Tool(
            self.name,
            f"GET a URL; allowed hosts: {hosts}. A web page comes as plain text with its links,"
            " other text as it is. Long answers come in pages: the last line in brackets says how"
            " to get the next one.",
            {
                "type": "object",
                "properties": {
                    "url": {"type": "string", "minLength": 1, "maxLength": 8000},
                    "first_line": {
                        "type": "integer",
                        "minimum": 1,
                        "description": "Where in the text to begin. Default: 1.",
                    },
                },
                "required": ["url"],
                "additionalProperties": False,
            },
        )

    def _shown(self, arguments: Arguments) -> str:
        try:
            return f"GET {target(arguments['url']).url}"
        except ToolFault as fault:
            return f"nothing: {fault}"

    async def _run(self, arguments: Arguments) -> str:
        try:
            async with asyncio.timeout(self.ports.own):
                where, found = await self._followed(target(arguments["url"]))
        except TimeoutError as error:
            raise ToolFault("the server takes too long") from error
        kind = found.headers.get("content-type", "").lower()
        head = f"[{found.status} {kind.partition(';')[0] or 'no type'} {where.url}]"
        more = f"the answer is longer than {MOST >> 20} MiB" if found.cut else ""
        text = await in_thread(lambda: _text(found, kind, where.url))
        lines = text.split("\n") if text else []
        body = page(lines, arguments.get("first_line", 1), None, self.ports.room, more=more)
        return f"{head}\n{body}".rstrip()

    async def _followed(self, wanted: Target) -> tuple[Target, Page]:
        """The first answer that is no redirect, and where it came from."""
        for _ in range(HOPS + 1):
            found = await self._fetched(wanted)
            place = found.headers.get("location", "")
            if found.status not in (301, 302, 303, 307, 308) or not place:
                return wanted, found
            wanted = self._next(wanted, place)
        raise ToolFault(f"more than {HOPS} redirects, the last one to {plain.name(wanted.url)}")

    def _next(self, here: Target, place: str) -> Target:
        there = target(place, here.url)
        try:
            ruled(self.rules, there)
        except ToolFault as fault:
            raise ToolFault(f"it redirects: {fault}") from fault
        return there

    async def _fetched(self, wanted: Target) -> Page:
        rule = ruled(self.rules, wanted)
        addresses = await self._addresses(wanted, rule)
        for last, address in zip([False] * (len(addresses) - 1) + [True], addresses, strict=True):
            try:
                return await self.ports.fetch(
                    wanted.url, address=address, seconds=self.ports.seconds, most=MOST
                )
            except KitError as error:
                if last or not error.unsent:
                    raise ToolFault(error.message) from error
        raise AssertionError("the last address returns or raises")

    async def _addresses(self, wanted: Target, rule: Rule) -> Sequence[str]:
        try:
            found = await self.resolve(wanted.host, wanted.port)
        except (OSError, UnicodeError) as error:
            raise ToolFault(f"the address of {plain.name(wanted.host)} cannot be found") from error
        for each in found:
            if not rule.reaches(ip_address(each.partition("%")[0])):
                raise ToolFault(
                    f"{plain.name(wanted.host)} is at {each}, which is no public address"
                )
        if not found:
            raise ToolFault(f"{plain.name(wanted.host)} has no address")
        return found


def _text(found: Page, kind: str, url: str) -> str:
    media = kind.partition(";")[0].strip()
    if media.startswith(_HTML):
        return readable(decoded(found.body, kind), url).replace("\0", "\ufffd")
    textual = media.startswith(_TEXT) or media.endswith(("+json", "+xml"))
    if not textual and (media or plain.is_binary(found.body)):
        raise ToolFault(f"the answer is {plain.name(media) or 'no text'}: {len(found.body)} bytes")
    return decoded(found.body, kind).replace("\0", "\ufffd")
