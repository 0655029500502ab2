"""What tools need of the world outside and get handed in: nothing here reaches for it by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.tools.ability import Source

if TYPE_CHECKING:
    from kit.patterns.tools.mcp.spec import McpServer


class Page(Protocol):
    """What a server answered: ``body`` decompressed, at most as many bytes as were asked for;
    ``cut``: there was more. The names in ``headers`` are in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...
    @property
    def cut(self) -> bool: ...


class Fetch(Protocol):
    """GET a URL from this address and no other; redirects are not followed. Raises KitError."""

    def __call__(self, url: str, *, address: str, seconds: float, most: int) -> Awaitable[Page]: ...


def _nobody_serves(server: McpServer) -> Source:
    raise UsageError(f"nothing here may start the MCP server {server.name}")


@dataclass(frozen=True, slots=True)
class Ports:
    """``environ``: what programs may see of the environment, without keys. ``say`` tells the user
    one line, and whoever hands it in says that it is kit's. ``seconds``: the patience with one use
    of a tool. ``room``: characters of an observation that reach the model; what comes in pages
    makes them of this size. ``network``: programs in a sandbox may use it (the user allowed the
    class network). ``serve``: a source for an MCP server."""

    fetch: Fetch
    environ: Callable[[], Mapping[str, str]]
    say: Callable[[str], None] = lambda _: None
    seconds: float = 30.0
    room: int = 16_000
    network: bool = False
    serve: Callable[[McpServer], Source] = _nobody_serves

    @property
    def own(self) -> float:
        """Seconds after which a tool ends its work itself, in time to say what it has done."""
        return self.seconds - min(1.0, self.seconds / 3)
