"""A key that cannot slip into a message, a log or a file by accident."""

from __future__ import annotations

from typing import NoReturn, SupportsIndex

TAIL_FROM = 12  # characters: a shorter key would be half told by its tail


class Secret:
    """Shows as ``Secret(…)`` however it is printed, formatted or logged; refuses to be pickled or
    written as JSON. Only ``reveal`` gives the text."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        return self.__text

    @property
    def tail(self) -> str:
        """The last four characters, "" when that would tell too much."""
        return self.__text[-4:] if len(self.__text) >= TAIL_FROM else ""

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        import hmac  # compares in constant time

        return hmac.compare_digest(self.__text.encode(), other.__text.encode())

    def __hash__(self) -> int:
        return hash(self.__text)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a Secret cannot be stored")
