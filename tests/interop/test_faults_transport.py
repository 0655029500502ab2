"""What a network can do to an answer, and what ``kit`` then says. T01 … T24 of the fault battery,
each through the command, against a server that sends exactly these bytes. (T18, an endless body, is
with the endpoint: 64 MiB of answer are too much to print in passing.)"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import loopback
import pytest
from command import KEY, Kit, Ran
from loopback import (
    CLOSE,
    LAST,
    Server,
    certified,
    chat_events,
    chat_stream,
    chunk,
    cut,
    delta,
    drip,
    event,
    hang,
    head,
    reset,
    response,
    serving,
    until_close,
)

MIB = 2**20

# Runs a command and tells what it took: MiB of memory at most, seconds of processor time.
MEASURE = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, stdin=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
tail = done.stderr.decode()[-2000:]
print(json.dumps([done.returncode, len(done.stdout), tail, used.ru_maxrss / 1024, used.ru_utime]))
"""


@pytest.fixture
def asked(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.base)


def measured(kit: Kit, *args: str) -> tuple[int, int, str, float, float]:
    """Exit code, bytes on stdout, stderr, MiB, seconds of processor time."""
    command = [sys.executable, "-c", MEASURE, *kit.argv(*args)]
    done = subprocess.run(command, env=kit.env(), capture_output=True, timeout=90, check=True)
    told: tuple[int, int, str, float, float] = tuple(json.loads(done.stdout))
    return told


def status(kit: Kit) -> Any:
    """What the trace says of the run."""
    return kit.records()[-1]["result"]["status"]


def one_line(ran: Ran) -> str:
    """What a failure says: one sentence, no key, nothing that only a programmer reads."""
    assert ran.err.startswith("kit: ")
    assert ran.err.count("\n") == 1
    assert KEY not in ran.err + ran.out
    assert "Traceback" not in ran.err
    assert "httpx" not in ran.err
    return ran.err


def truncated(kit: Kit, server: Server, *args: str) -> None:
    """The part is on stdout, the rest is missed aloud, nothing is asked again."""
    ran = kit("ask", *args, "hi")
    assert (ran.code, ran.out) == (6, "so far\n")
    one_line(ran)
    assert status(kit) == "incomplete"
    assert len(server.requests) == 1


def test_T01_clean_eof_no_finish(asked: Kit, server: Server) -> None:
    server.script(cut("so ", "far", how=LAST))
    truncated(asked, server)


def test_T02_missing_last_chunk(asked: Kit, server: Server) -> None:
    server.script(cut("so ", "far", how=CLOSE))
    truncated(asked, server)


def test_T03_tcp_reset_midstream(asked: Kit, server: Server) -> None:
    server.script(cut("so ", "far", how=loopback.RESET))
    truncated(asked, server)


def test_T04_reset_before_headers(asked: Kit, server: Server) -> None:
    server.script(reset(), chat_stream("fine"))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (0, "fine\n")
    assert "trying again" in one_line(ran)
    assert len(server.requests) == 2


def test_T05_hang_before_headers(asked: Kit, server: Server) -> None:
    server.script(hang())
    ran = asked("ask", "--timeout", "0.5", "hi")
    assert (ran.code, ran.out) == (5, "")
    assert "sent nothing for 0.5 s" in one_line(ran)
    assert server.requests[0].closed.wait(5)
    assert len(server.requests) == 1


def test_T06_stall_midstream(asked: Kit, server: Server) -> None:
    server.script(cut("so ", "far", how=loopback.HANG))
    truncated(asked, server, "--timeout", "0.5")
    assert server.requests[0].closed.wait(5)


def test_T06_comments_keep_a_call_alive_but_not_past_the_deadline(
    asked: Kit, server: Server
) -> None:
    server.script(drip(b": keep-alive\n\n", every=0.1, times=200))
    ran = asked("ask", "--timeout", "0.5", "--deadline", "1.5", "hi")
    assert ran.code == 8
    assert server.requests[0].closed.wait(5)
    assert (server.requests[0].closed_after or 0) > 0.6


def test_T07_drip_forever(asked: Kit, server: Server) -> None:
    server.script(drip(delta("drop "), every=0.1, times=200))
    ran = asked("ask", "--deadline", "1", "hi")
    assert ran.code == 8
    assert ran.out.startswith("drop drop")
    assert server.requests[0].closed.wait(5)


def test_T08_garbage_chunk_framing(asked: Kit, server: Server) -> None:
    server.script([*cut("so ", "far")[:3], 0.05, b"zz\r\n???", CLOSE])
    truncated(asked, server)


def test_T09_content_length_too_long(asked: Kit, server: Server) -> None:
    named = loopback.EVENTS | {"Content-Length": "9999"}
    whole = b"".join(chat_events("fine"))
    server.script([head(200, named), whole, CLOSE])
    assert asked("ask", "hi").out == "fine\n"
    server.requests.clear()
    server.script([head(200, named), delta("so far"), 0.05, CLOSE])
    truncated(asked, server)


def test_T10_dns_failure(kit: Kit) -> None:
    kit.serve("https://no-such-host.invalid/v1")
    ran = kit("ask", "--retries", "0", "hi", HTTPS_PROXY="", https_proxy="", ALL_PROXY="")
    assert (ran.code, ran.out) == (5, "")
    assert "no-such-host.invalid" in one_line(ran)


def test_T11_refused(kit: Kit) -> None:
    kit.serve("http://127.0.0.1:9/v1")
    ran = kit("ask", "--retries", "1", "hi")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.count("connection refused by 127.0.0.1:9") == 2


def test_T12_tls_self_signed(kit: Kit, tmp_path: Path) -> None:
    with serving(certified(tmp_path, "127.0.0.1")) as server:
        server.default = chat_stream("fine")
        kit.serve(server.base)
        ran = kit("ask", "hi")
        assert (ran.code, ran.out) == (5, "")
        assert "SSL_CERT_FILE" in one_line(ran)
        assert server.requests == []
        trusted = kit("ask", "hi", SSL_CERT_FILE=str(tmp_path / "cert.pem"))
        assert (trusted.code, trusted.out) == (0, "fine\n")


def test_T13_tls_wrong_host(kit: Kit, tmp_path: Path) -> None:
    with serving(certified(tmp_path, "127.0.0.2")) as server:
        ran = kit.serve(server.base)("ask", "hi", SSL_CERT_FILE=str(tmp_path / "cert.pem"))
        assert (ran.code, ran.out) == (5, "")
        assert "certificate" in one_line(ran)
        assert server.requests == []


@pytest.mark.parametrize("code", [302, 307])
def test_T14_redirect_cross_origin(asked: Kit, server: Server, code: int) -> None:
    with serving() as other:
        server.default = response(b"", code, {"Location": f"{other.base}/chat/completions"})
        ran = asked("ask", "hi")
        assert (ran.code, ran.out) == (4, "")
        assert other.url in one_line(ran)
        assert (other.connections, len(server.requests)) == (0, 1)


def test_T15_redirect_loop(asked: Kit, server: Server) -> None:
    server.default = response(b"", 307, {"Location": "/v1/chat/completions"})
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    assert "/v1/chat/completions" in one_line(ran)
    assert len(server.requests) == 1


def test_T16_https_to_http_downgrade(kit: Kit, server: Server, tmp_path: Path) -> None:
    with serving(certified(tmp_path, "127.0.0.1")) as safe:
        safe.default = response(b"", 307, {"Location": f"{server.base}/chat/completions"})
        ran = kit.serve(safe.base)("ask", "hi", SSL_CERT_FILE=str(tmp_path / "cert.pem"))
        assert (ran.code, ran.out) == (4, "")
        assert server.url in one_line(ran)
        assert (server.connections, len(safe.requests)) == (0, 1)


def test_T17_gzip_bomb(asked: Kit, server: Server) -> None:
    bomb = gzip.compress(b'{"choices": [{"message": {"content": "' + bytes(200 * MIB), 1)
    server.default = response(bomb, headers={"Content-Encoding": "gzip"})
    code, said, err, memory, _ = measured(asked, "ask", "hi")
    assert code in {4, 6}
    assert said <= 1
    assert "MiB" in err
    assert memory < 150


def test_T19_endless_line(asked: Kit, server: Server) -> None:
    server.default = [*drip(b"", 0, 0), *([chunk(b"x" * MIB)] * 20), loopback.HANG]
    code, said, err, _, _ = measured(asked, "ask", "--retries", "0", "hi")
    assert (code, said) == (6, 0)
    assert "16 MiB" in err


def test_T20_million_blank_lines(asked: Kit, server: Server) -> None:
    server.default = until_close(b"\n" * 1_000_000)
    code, said, err, _, seconds = measured(asked, "ask", "hi")
    assert (code, said) == (4, 0)
    assert "empty response" in err
    assert seconds < 3
    assert len(server.requests) == 1


def test_T21_expect_slow_headers(asked: Kit, server: Server) -> None:
    lines = [step for number in range(100) for step in (b"X-%d: 1\r\n" % number, 0.1)]
    server.default = [b"HTTP/1.1 200 OK\r\n", *lines]
    ran = asked("ask", "--timeout", "0.5", "hi")
    assert (ran.code, ran.out) == (5, "")
    one_line(ran)
    assert server.requests[0].closed.wait(5)


def test_T21_endless_headers(asked: Kit, server: Server) -> None:
    server.default = [b"HTTP/1.1 200 OK\r\n", *([b"X-A: " + b"x" * 60_000 + b"\r\n"] * 20), CLOSE]
    ran = asked("ask", "--retries", "0", "hi")
    assert (ran.code, ran.out) == (5, "")
    one_line(ran)


def test_T22_proxy_env(kit: Kit, server: Server) -> None:
    server.default = chat_stream("fine")
    kit.serve("http://far.invalid/v1", insecure_http=True)
    ran = kit("ask", "hi", http_proxy=server.url)
    assert (ran.code, ran.out) == (0, "fine\n")
    assert [seen.path for seen in server.requests] == ["http://far.invalid/v1/chat/completions"]
    away = kit("ask", "--retries", "0", "hi", HTTP_PROXY="http://127.0.0.1:9")
    assert away.code == 5
    assert "proxy http://127.0.0.1:9" in one_line(away)
    around = kit("ask", "--retries", "0", "hi", HTTP_PROXY=server.url, NO_PROXY="far.invalid")
    assert around.code == 5
    assert "far.invalid" in one_line(around)
    assert len(server.requests) == 1


def test_T22_loopback_bypasses_the_proxy(asked: Kit, server: Server) -> None:
    server.default = chat_stream("fine")
    assert asked("ask", "hi", HTTP_PROXY="http://127.0.0.1:9").out == "fine\n"


def test_T23_compressed_sse(asked: Kit, server: Server) -> None:
    server.script(chat_stream("hello ", "wörld 🌍", gzip=True))
    assert asked("ask", "hi").out == "hello wörld 🌍\n"


def test_T24_resplit_1_byte(asked: Kit, server: Server) -> None:
    whole = b"".join(chat_events("hello ", "wörld 🌍")).replace(b"\n", b"\r\n")
    server.script([*drip(b"", 0, 0), *(chunk(bytes([byte])) for byte in whole), LAST])
    server.script(until_close(whole))
    first, second = asked("ask", "hi"), asked("ask", "hi")
    assert (first.code, first.out) == (second.code, second.out) == (0, "hello wörld 🌍\n")
    assert event(b"[DONE]").strip() in whole
