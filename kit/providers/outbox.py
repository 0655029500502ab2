"""A request on its way out: made whole, encoded, its worst cost known; once for equal requests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from kit.dataclass import dataclass
from kit.events import Request
from kit.providers.complete import Whole, complete
from kit.providers.config.profiles import Profile
from kit.providers.cost import Worst, worst
from kit.providers.dialects.wire import Dialect, Quirks
from kit.providers.transport.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Ready:
    """``most`` is the worst that it can use."""

    whole: Whole
    quirks: Quirks
    outgoing: Outgoing
    most: Worst


class Outbox:
    """Keeps the last request that it made ready: the members of a vote all ask the same."""

    def __init__(
        self,
        profile: Profile,
        dialect: Dialect,
        url: str,
        headers: Callable[[Quirks], Mapping[str, str]],
    ) -> None:
        self._profile, self._dialect, self._url, self._headers = profile, dialect, url, headers
        self._whole: tuple[Request, Whole] | None = None
        self._ready: Ready | None = None

    def whole(self, request: Request) -> Whole:
        """With what the profile says. ConfigError without a model."""
        if self._whole is None or self._whole[0] is not request:
            self._whole = request, complete(request, self._profile)
        return self._whole[1]

    def ready(self, whole: Whole, quirks: Quirks) -> Ready:
        last = self._ready
        if last is None or last.whole is not whole or last.quirks != quirks:
            last = self._ready = self._made(whole, quirks)
        return last

    def _made(self, whole: Whole, quirks: Quirks) -> Ready:
        body = self._dialect.encode(whole.request, quirks)
        data = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        raw = data.encode("utf-8", "replace")  # a lone surrogate has no UTF-8
        headers = self._headers(quirks)
        outgoing = Outgoing("POST", self._url, headers, raw, self._profile.timeout)
        return Ready(whole, quirks, outgoing, self._most(whole.request, quirks))

    def _most(self, request: Request, quirks: Quirks) -> Worst:
        bounded = "max_tokens" not in quirks.dropped
        return worst(self._profile, request if bounded else replace(request, max_tokens=None))
