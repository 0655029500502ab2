"""Which model was meant: of those that were listed last, the one that is named nearly so."""

from __future__ import annotations

import os
from collections.abc import Mapping

from kit.errors import KitError
from kit.events import Json


def for_model(error: KitError, result: Mapping[str, Json]) -> str:
    """The hint of the error that a run ended with, and for a model that is not there its name."""
    profiles, models = result.get("profiles"), result.get("models")
    if "`kit models`" not in error.hint or not (isinstance(profiles, list) and models):
        return error.hint
    from kit.cli.mistakes import meant  # and the file, for who mistypes
    from kit.providers.config import cache

    known = cache.entries(cache.place(os.environ, "models.json"))
    lists = [known.get(str(name).partition("/")[0]) for name in profiles]
    names = [name for each in lists if isinstance(each, list) for name in each]
    wanted = models[0] if isinstance(models, list) else ""
    near = meant(str(wanted), [name for name in names if isinstance(name, str)])
    return f"did you mean '{near}'? {error.hint}" if near else error.hint
