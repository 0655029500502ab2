"""MCP servers as sources of tools: foreign programs and machines, trusted with nothing.

What a server says of its tools is text that others wrote. It decides neither how they are called
nor what class of approval they need; and what a user has let is what it was then: a tool that has
changed since must be let again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from kit.errors import UnavailableError
from kit.events import Json, Tool
from kit.patterns.tools.ability import Ability, Access, ToolFault
from kit.patterns.tools.mcp.faces import Offer, faces
from kit.patterns.tools.mcp.life import Life
from kit.patterns.tools.mcp.pins import Pins
from kit.patterns.tools.mcp.spec import McpServer

START = 60.0  # seconds: a launcher may have to download the server first
LISTING = 10.0  # seconds for the list of tools
USE = 300.0  # seconds for one use, when nobody else has less patience


class McpSource:
    """One server. ``pins`` is the folder that remembers what its tools were when they were let;
    ``say`` tells the user a sentence; ``insecure``: plain http to a far host is meant."""

    def __init__(
        self,
        server: McpServer,
        environ: Mapping[str, str],
        *,
        pins: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
        insecure: bool = False,
        patience: float = START,
    ) -> None:
        self._server, self._say = server, say
        self._life = Life(
            server, environ, changed=self._has_changed, patience=patience, insecure=insecure
        )
        self._pins = Pins(pins, server)
        self._token = environ.get(server.token_env, "").strip()
        self._offers: dict[str, Offer] = {}
        self._let: dict[str, str] = {}  # the prints of what this run was shown, or let since
        self._stale = False

    async def open(self) -> Sequence[Ability]:
        """Its tools. UsageError, ConfigError, AuthError: what the user named cannot be;
        UnavailableError: it does not start, does not answer or does not speak MCP."""
        await self._life.begin()
        try:
            await self._list()
        except BaseException as error:
            await self.aclose()
            if isinstance(error, ToolFault):
                raise UnavailableError(f"the MCP server {self._server.name}: {error}") from error
            raise
        self._let = {name: offer.print for name, offer in self._offers.items()}
        wanted = [offer for name, offer in self._offers.items() if self._server.offers(name)]
        own = faces(self._server.name, wanted, self._say)
        return [self._ability(name, face) for name, face in own.items()]

    async def aclose(self) -> None:
        """End the session and the server; never raises for what they did."""
        await self._life.end()

    def _clean(self, text: str) -> str:
        """A server that says its token back does not get it into a run."""
        return text.replace(self._token, "[token]") if self._token else text

    def _has_changed(self) -> None:
        self._stale = True

    async def _list(self) -> None:
        """What the server offers now."""
        from kit.patterns.tools.mcp import sdk

        self._stale = False
        try:
            async with asyncio.timeout(LISTING):
                found = await sdk.offers(self._life.session, self._say)
        except TimeoutError as error:
            self._stale = True
            raise ToolFault("its server does not say what its tools are") from error
        except sdk.Closed as closed:
            raise await self._life.lost(str(closed)) from closed
        self._offers = {each.name: each for each in found}

    def _ability(self, own: str, face: Tool) -> Ability:
        mine: Access = "network" if self._server.url else "exec"
        return Ability(
            face,
            "readonly" if self._server.only_looks(own) else mine,
            partial(self._use, own),
            partial(_shown, face.name),
            doubt=partial(self._doubt, own),
            vouch=partial(self._keep, own),
        )

    async def _doubt(self, own: str) -> str:
        """An earlier permission was for the tool as it was then."""
        if self._stale:
            await self._list()
        let = self._pins.get(own) or self._let[own]
        if own not in self._offers or self._offers[own].print == let:
            return ""
        return "its server has changed its description or its arguments since it was last let"

    def _keep(self, own: str) -> None:
        """It is let as it is now."""
        self._let[own] = self._offers[own].print
        self._pins.keep(own, self._let[own])

    async def _use(self, own: str, arguments: Mapping[str, Json]) -> str:
        from kit.patterns.tools.mcp import sdk

        if doubt := await self._doubt(own):  # whoever lets it was to ask first
            raise ToolFault(f"refused: {doubt}")
        if own not in self._offers:
            raise ToolFault("its server does not offer it any more")
        self._keep(own)
        try:
            async with asyncio.timeout(USE):
                return self._clean(await sdk.use(self._life.session, own, arguments))
        except ToolFault as fault:
            raise ToolFault(self._clean(str(fault))) from fault
        except TimeoutError as error:
            raise ToolFault(f"its server does not answer within {USE:g} s") from error
        except sdk.Closed as closed:
            raise await self._life.lost(str(closed)) from closed


def _shown(name: str, arguments: Mapping[str, Json]) -> str:
    return f"{name} {json.dumps(arguments, ensure_ascii=False)}"
