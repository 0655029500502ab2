"""Kit's dataclasses are the standard library's, but for the moment at which methods are made."""

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from typing import Any, ClassVar

import pytest

from kit.dataclass import dataclass as kits

Decorator = Callable[..., Any]
METHODS = ("__init__", "__repr__", "__eq__", "__hash__")


def frozen(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, slots=True)
    class Point:
        """Somewhere."""

        kind: ClassVar[str] = "point"
        x: int
        name: str = "here"
        tags: dict[str, int] = field(default_factory=dict)
        seen: tuple[str, ...] = field(default=(), repr=False, compare=False)

    return Point


def open_(dataclass: Decorator) -> Any:
    @dataclass(slots=True)
    class Point:
        x: int
        tags: list[int] = field(default_factory=list)

        def __post_init__(self) -> None:
            self.tags.append(self.x)

    return Point


def by_itself(dataclass: Decorator) -> Any:
    @dataclass(frozen=True, eq=False)
    class Point:
        x: int = 0

        def __repr__(self) -> str:
            return f"<{self.x}>"

    return Point


def equal_in_its_own_way(dataclass: Decorator) -> Any:
    @dataclass(frozen=True)
    class Point:
        x: int = 0

        def __eq__(self, other: object) -> bool:
            return True

    return Point


STD, KITS = dataclasses.dataclass, kits
SHAPES = [frozen, open_, by_itself, equal_in_its_own_way]


def said(act: Callable[[], object]) -> object:
    """What comes of it: a value, or the error's class and words."""
    try:
        return repr(act())
    except Exception as error:
        return type(error), str(error)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_value_does_and_says_what_the_standard_librarys_does(shape: Any) -> None:
    def seen(cls: Any) -> list[object]:
        one = cls(1)
        return [
            [(f.name, f.type, f.default, f.compare) for f in dataclasses.fields(cls)],
            cls.__match_args__, vars(cls).get("__slots__"), cls.__qualname__,
            repr(one), repr(cls(x=2)), one == cls(1), one == cls(2), one == 1, one is one,
            said(lambda: hash(cls(1)) == hash(cls(1))), bool(cls.__hash__),
            said(lambda: setattr(one, "x", 3)), said(lambda: delattr(one, "x")),
            said(cls), said(lambda: cls(1, nothing=2)), said(lambda: cls(1, 2, 3, 4, 5)),
            repr(dataclasses.replace(cls(1), x=5)), dataclasses.asdict(cls(1)),
            repr(copy.copy(cls(1))), repr(copy.deepcopy(cls(1))),
            inspect.signature(cls), cls.__init__.__qualname__,  # once it was made
        ]  # fmt: skip

    assert seen(shape(KITS)) == seen(shape(STD))


def test_no_method_is_made_before_it_is_called() -> None:
    point = frozen(KITS)
    first = {name: vars(point)[name] for name in METHODS}
    one = point(1)
    made = {name for name in METHODS if vars(point)[name] is not first[name]}
    assert made == {"__init__"}
    assert (repr(one), one == point(1)) == (
        "frozen.<locals>.Point(x=1, name='here', tags={})",
        True,
    )
    made = {name for name in METHODS if vars(point)[name] is not first[name]}
    assert made == {"__init__", "__repr__", "__eq__"}


def test_a_subclass_of_a_value_takes_its_methods() -> None:
    point = frozen(KITS)

    class Near(point):  # type: ignore[misc]  # a class made at run time
        pass

    assert Near(1) == Near(1)
    assert Near(1) != point(1)
    with pytest.raises(FrozenInstanceError):
        Near(1).x = 2


def test_a_value_survives_pickling() -> None:
    from kit.events import Message, Text, Usage

    for value in (Message("user", (Text("hi"),)), Usage(input_tokens=3)):
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.deepcopy(value) == value
