"""What is known of a host: the row that a preset is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from kit.dataclass import dataclass
from kit.providers.dialects.wire import Quirks

Auth: TypeAlias = Literal["bearer", "api-key", "x-api-key", "none"]

BEARER_SINCE = "2026-10-21"  # the anthropic-version that reads the key as a Bearer token


@dataclass(frozen=True, slots=True)
class Preset:
    """One host.

    ``also``: base URLs of further dialects that it speaks. ``key_env``: the variables in which
    people keep its key, in order; ``bearer_env``: those of them that hold a token for Bearer.
    ``hosts``: names whose https origin is this host's own besides ``base_url``'s; one that opens
    with a dot stands for all below it. ``exact``: addresses of its own, besides ``base_url``, that
    are complete without a path. ``address_env``: a variable that holds the address itself,
    to which ``address_path`` is added. ``chosen_by_key``: a key in the environment is reason
    enough to use this host. ``open_list``: its list of models is shown to everybody, or there is
    none, so that it proves no key. ``api_version`` is the query parameter of old Azure addresses.
    ``model``: a default, only where the name is an alias that the host keeps alive.
    """

    name: str
    base_url: str
    key_env: tuple[str, ...] = ()
    api: str = "openai-chat"
    auth: Auth = "bearer"
    quirks: Quirks = field(default_factory=Quirks)
    needs_key: bool = True
    model: str = ""
    docs: str = ""
    notes: str = ""
    retired: str = ""
    also: Mapping[str, str] = field(default_factory=dict)
    hosts: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    bearer_env: tuple[str, ...] = ()
    address_env: str = ""
    address_path: str = ""
    chosen_by_key: bool = True
    open_list: bool = False
    api_version: str = ""
