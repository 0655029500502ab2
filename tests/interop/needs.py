"""What a test needs and may not find: a reason to skip here, and to fail where all must run."""

from __future__ import annotations

import importlib
import os
from typing import Any, NoReturn

import pytest

ALL = "KIT_ALL_TESTS"
"""Set where nothing may be skipped for want of a program: in continuous integration."""


def missing(what: str) -> NoReturn:
    if os.environ.get(ALL):
        pytest.fail(f"{ALL} is set, but {what}")
    pytest.skip(what)


def module(name: str) -> Any:
    """A package of the extra dev."""
    try:
        return importlib.import_module(name)
    except ImportError:
        missing(f"{name} is not installed: pip install 'kit-llm[dev]'")
