"""A Python file by its path, and the functions in it that are meant as tools."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from kit.errors import UsageError

Function: TypeAlias = Callable[..., Any]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def functions(path: Path, wanted: str) -> Sequence[Function]:
    """The one that is ``wanted``, else all that the file defines and does not hide: those that
    ``__all__`` names, or that begin with no underscore. UsageError when there is none."""
    module = loaded(path)
    if wanted:
        return [_named(module, wanted, path)]
    listed = getattr(module, "__all__", None)
    own = [name for name, each in vars(module).items() if _is_own(each, module)]
    names = own if listed is None else [name for name in listed if callable(vars(module).get(name))]
    if not names:
        raise UsageError(f"{path} defines no function that could be a tool")
    return [_named(module, name, path) for name in names]


def loaded(path: Path) -> ModuleType:
    """The module: imported once, by this path alone; the folder it lies in is not searched for
    others. It is known to ``sys.modules`` because dataclasses look theirs up there."""
    whole = path.expanduser().resolve()
    name = f"kit_tool_{whole.stem}_{sha256(str(whole).encode()).hexdigest()[:8]}"
    if name in sys.modules:
        return sys.modules[name]
    try:
        return _imported(name, whole)
    except (ImportError, OSError, SyntaxError) as error:
        raise UsageError(f"the tool file {path} cannot be imported: {error}") from error
    except Exception as error:  # somebody else's code, and its text may hold what it read
        raise UsageError(
            f"the tool file {path} raises {type(error).__name__} when it is imported",
            hint="KIT_DEBUG=1 shows where",
        ) from error


def _imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("it is no Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _named(module: ModuleType, name: str, path: Path) -> Function:
    found = vars(module).get(name)
    if not inspect.isroutine(found):
        near = _near(
            name, [each for each, value in vars(module).items() if inspect.isroutine(value)]
        )
        raise UsageError(f"{path} has no function {name!r}", hint=near)
    if not _NAME.fullmatch(name):
        raise UsageError(f"the function {name!r} of {path} has a name that no tool can have")
    return found


def _is_own(value: object, module: ModuleType) -> bool:
    return (
        inspect.isfunction(value)
        and value.__module__ == module.__name__
        and not value.__name__.startswith("_")
    )


def _near(name: str, known: Sequence[str]) -> str:
    from difflib import get_close_matches  # 5 ms, for who mistypes

    near = get_close_matches(name, known, n=1)
    return f"did you mean {near[0]!r}?" if near else ""
