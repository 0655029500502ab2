"""Dataclasses that are cheap to define: each method is made when it is first called.

The standard library compiles up to eight methods for every class when it is defined: 1 ms a class,
and a command loads 50 to 100 classes, half of which it never makes a value of. Here the standard
library makes the same methods, of a class with the same fields, but only those that are called:
0.1 ms for a class that is not used, 0.7 for one that is. Beyond that there is no difference; to
type checkers this is ``dataclasses.dataclass``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414  # re-exported
else:

    def dataclass(cls=None, /, *, frozen=False, slots=False, eq=True):
        """As in the standard library, with the settings that kit uses."""
        if cls is None:
            return lambda each: dataclass(each, frozen=frozen, slots=slots, eq=eq)
        if not cls.__doc__:  # for one without, all methods would be needed at once
            cls.__doc__ = cls.__name__
        bare = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
        for name, method in _methods(bare, frozen, eq).items():
            if name not in _own(cls):
                setattr(bare, name, method)
        return bare


_MADE: dict[str, dict[str, bool]] = {
    "__init__": {"init": True, "repr": False, "eq": False},
    "__repr__": {"init": False, "repr": True, "eq": False},
    "__eq__": {"init": False, "repr": False, "eq": True},
    "__hash__": {"init": False, "repr": False, "eq": True},
}
"""What the standard library is asked for, to get one method."""


def _methods(cls: type, frozen: bool, eq: bool) -> dict[str, Any]:
    found: dict[str, Any] = {name: _later(cls, name, frozen) for name in ("__init__", "__repr__")}
    if eq:
        found["__eq__"] = _later(cls, "__eq__", frozen)
        found["__hash__"] = _later(cls, "__hash__", frozen) if frozen else None
    return found | _FROZEN if frozen else found


def _own(cls: type) -> set[str]:
    """The methods that the class defines by itself; Python adds a hash of None to an equality."""
    own = set(vars(cls))
    return own - {"__hash__"} if vars(cls).get("__hash__", ...) is None else own


def _later(cls: type, name: str, frozen: bool) -> Callable[..., Any]:
    """A method that, when it is called, puts the real one in its own place."""

    def first(self: Any, *args: Any, **named: Any) -> Any:
        setattr(cls, name, _made(cls, name, frozen))
        return getattr(cls, name)(self, *args, **named)

    first.__name__, first.__qualname__ = name, f"{cls.__qualname__}.{name}"
    return first


def _made(cls: type, name: str, frozen: bool) -> Any:
    """The standard library's method, of a class that has nothing but the same fields."""
    fields = dataclasses.fields(cls)
    twin = type(cls.__name__, (), {
        "__doc__": cls.__doc__,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__annotations__": {each.name: each.type for each in fields},
        **{name: getattr(cls, name) for name in ("__post_init__",) if hasattr(cls, name)},
        **{each.name: each for each in fields},
    })  # fmt: skip
    return vars(dataclasses.dataclass(frozen=frozen, **_MADE[name])(twin))[name]


def _unset(_: object, name: str, *value: object) -> None:
    word = "assign to" if value else "delete"
    raise dataclasses.FrozenInstanceError(f"cannot {word} field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for each, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


_FROZEN: dict[str, Any] = {
    "__setattr__": _unset,
    "__delattr__": _unset,
    "__getstate__": _state,  # a copy is made past __setattr__
    "__setstate__": _restore,
}
