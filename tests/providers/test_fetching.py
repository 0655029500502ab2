"""Fetching a page from a given address, over real connections."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
from pathlib import Path

import loopback
import pytest
from loopback import HANG, RESET, Server, head, response

from kit.errors import IncompleteError, TimedOutError, UnavailableError
from kit.providers.transport.fetching import Fetched, fetch

ONE = """
import asyncio, sys
from kit.providers.transport.fetching import fetch
try:
    page = asyncio.run(fetch(sys.argv[1], address=sys.argv[2], seconds=10, most=1000))
    print(page.status, page.body.decode())
except Exception as error:
    print(f"{type(error).__name__}: {error}")
"""


def fetched(url: str, address: str = "127.0.0.1", seconds: float = 20, most: int = 1000) -> Fetched:
    return asyncio.run(fetch(url, address=address, seconds=seconds, most=most))


def in_a_process(url: str, address: str, **environ: str) -> str:
    """What it says with this environment: trust and proxies are read once a process."""
    clean = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    done = subprocess.run(
        [sys.executable, "-c", ONE, url, address],
        env={**clean, **environ}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


def test_the_name_is_sent_and_the_address_connected_to(server: Server) -> None:
    """``example.test`` is nowhere: only its address leads there."""
    server.script(response(b"hello", 404, {"Content-Type": "text/plain", "X-A": "1"}))
    page = fetched(f"http://example.test:{server.port}/a?b=c")
    assert (page.status, page.body, page.cut) == (404, b"hello", False)
    assert page.headers["x-a"] == "1"
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("GET", "/a?b=c")
    assert seen.headers["host"] == f"example.test:{server.port}"
    assert set(seen.headers) - {""} == {
        "host", "user-agent", "accept", "accept-encoding", "content-length",
    }  # fmt: skip


def test_a_certificate_is_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    with loopback.serving(loopback.certified(tmp_path, "10.9.9.9")) as server:
        server.script(response(b"hello"))
        trust = {"SSL_CERT_FILE": str(tmp_path / "cert.pem")}
        named = in_a_process(f"https://10.9.9.9:{server.port}/", "127.0.0.1", **trust)
        other = in_a_process(f"https://10.8.8.8:{server.port}/", "127.0.0.1", **trust)
    assert named == "200 hello"
    assert other.startswith("UnavailableError: the TLS certificate of 10.8.8.8")
    assert len(server.requests) == 1


def test_r10_a_proxy_is_asked_for_the_address_that_was_checked(server: Server) -> None:
    """It could look the name up once more, and find another."""
    server.script(response(b"hello"))
    said = in_a_process("http://example.test/x", "93.184.216.34", http_proxy=server.url)
    assert said == "200 hello"
    (seen,) = server.requests
    assert (seen.path, seen.headers["host"]) == ("http://93.184.216.34/x", "example.test")


def test_redirects_are_not_followed(server: Server) -> None:
    server.script(response(b"", 302, {"Location": f"{server.url}/other"}))
    page = fetched(server.url)
    assert (page.status, page.headers["location"]) == (302, f"{server.url}/other")
    assert len(server.requests) == 1


def test_no_more_is_read_than_was_asked_for(server: Server) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    server.script(response(bomb, headers={"Content-Encoding": "gzip"}))
    page = fetched(server.url, most=100)
    assert (page.body, page.cut) == (b"0" * 100, True)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([HANG], TimedOutError),
        ([head(200), b"begin", HANG], TimedOutError),
        ([RESET], UnavailableError),
        ([head(200, {"Content-Length": "100"}) + b"begin", RESET], IncompleteError),
        ([b"no http\r\n\r\n", RESET], UnavailableError),
    ],
)
def test_what_goes_wrong_is_one_of_kit_s_errors(
    server: Server, script: loopback.Script, kind: type[Exception]
) -> None:
    server.script(script)
    with pytest.raises(kind):
        fetched(server.url, seconds=0.5)


def test_where_nobody_listens_nothing_was_sent() -> None:
    with pytest.raises(UnavailableError) as caught:
        fetched("http://example.test:9/")
    assert caught.value.unsent
    assert "example.test:9" in caught.value.message
