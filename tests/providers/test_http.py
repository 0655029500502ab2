"""One HTTP request: real bytes, real sockets, no key anywhere it should not be."""

import asyncio
import gc
import gzip
import logging
import os
import socket
import subprocess
import sys
import time
import warnings

import loopback
import pytest
from loopback import CLOSE, HANG, LAST, RESET, chunk, head, response

from kit.errors import (
    AuthError,
    ConfigError,
    IncompleteError,
    RateLimitError,
    RejectedError,
    TimedOutError,
    UnavailableError,
    UnusableError,
)
from kit.providers.transport.answer import BODY, ERROR_BODY, Answer
from kit.providers.transport.client import Proxied
from kit.providers.transport.direct import Direct
from kit.providers.transport.http import Http
from kit.providers.transport.network import Place
from kit.providers.transport.outgoing import Outgoing

KEY = "sk-test-0123456789abcdef0123"


async def fetched(http, outgoing):
    answer = await http.send(outgoing)
    try:
        return await answer.whole()
    finally:
        await answer.aclose()


def fetch(url, *, method="POST", headers=None, body=b"{}", timeout=10.0, times=1):
    """The body of the last of so many requests, one after the other."""

    async def go():
        http = Http(url, lambda text: text.replace(KEY, "***"))
        sent = headers if headers is not None else {"Authorization": f"Bearer {KEY}"}
        try:
            for _ in range(times):
                got = await fetched(http, Outgoing(method, url, sent, body, timeout))
            return got
        finally:
            await http.aclose()

    return asyncio.run(go())


def failed(kind, url, **options):
    """The error of a request, which must be of exactly this kind and must not hold the key."""
    with pytest.raises(kind) as caught:
        fetch(url, **options)
    error = caught.value
    assert type(error) is kind
    assert KEY not in f"{error!r} {error.message} {error.hint}"
    return error


def test_a_body_arrives_whole(server):
    server.script(response({"hello": "world"}))
    assert fetch(f"{server.base}/x", body=b'{"a":1}') == b'{"hello": "world"}'
    (seen,) = server.requests
    assert (seen.method, seen.path, seen.json) == ("POST", "/v1/x", {"a": 1})
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["host"] == server.url.removeprefix("http://")
    assert seen.headers["accept-encoding"] == "gzip, deflate"


def test_a_list_of_models_is_a_get_without_a_body(server):
    server.script(response({"data": []}))
    assert fetch(f"{server.base}/models", method="GET", body=b"") == b'{"data": []}'
    assert (server.requests[0].method, server.requests[0].body) == ("GET", b"")


def test_calls_one_after_the_other_share_a_connection(server):
    server.default = response(b"ok")
    fetch(f"{server.base}/x", times=5)
    assert (len(server.requests), server.connections) == (5, 1)


def test_a_connection_that_its_server_closed_is_not_used_again(server):
    server.default = [*response(b"ok"), CLOSE]

    async def go():
        http = Http(server.url)
        for _ in range(3):
            assert await fetched(http, Outgoing("POST", f"{server.base}/x", {})) == b"ok"
            time.sleep(0.1)  # the loop must not hear of it first
        await http.aclose()

    asyncio.run(go())
    assert (len(server.requests), server.connections) == (3, 3)


def test_a_request_that_meets_the_end_of_a_kept_connection_is_sent_once_more(server):
    """llama.cpp promises to keep a connection and closes it after a stream."""
    server.script(response(b"one"), [CLOSE], response(b"two"))
    assert fetch(f"{server.base}/x", times=2) == b"two"
    assert (len(server.requests), server.connections) == (3, 2)


@pytest.mark.parametrize(
    "answers",
    [([CLOSE],), (response(b"one"), [b"HTTP/1.1", CLOSE]), (response(b"one"), [CLOSE], [CLOSE])],
)
def test_what_a_new_connection_ends_with_or_an_answer_begun_is_an_error(server, answers):
    server.script(*answers)
    failed(UnavailableError, f"{server.base}/x", times=2)
    assert len(server.requests) == len(answers)


def test_what_a_server_says_unasked_is_not_taken_for_the_next_answer(server):
    stray = b"".join(response(b"stray"))
    server.script([b"".join(response(b"one")) + stray], response(b"two"))
    assert fetch(f"{server.base}/x", times=2) == b"two"
    assert server.connections == 2


def test_a_server_that_refuses_before_it_has_read_all_is_heard(server):
    server.script([b"".join(loopback.refusal(413, "too large")), CLOSE])
    error = failed(RejectedError, f"{server.base}/x", body=b"x" * 2**24)
    assert error.http_status == 413


def test_news_on_the_way_are_no_answer(server):
    server.script([b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", *response(b"ok")])
    assert fetch(f"{server.base}/x") == b"ok"


def test_a_name_with_two_addresses_is_tried_at_both(server):
    server.script(response(b"ok"))  # it listens at 127.0.0.1 only, localhost is ::1 as well
    assert fetch(f"{server.base}/x".replace("127.0.0.1", "localhost")) == b"ok"


def test_all_addresses_refused_are_a_refusal():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failed(UnavailableError, f"http://localhost:{port}/v1/x")
    assert error.message == f"connection refused by localhost:{port}"


def test_calls_at_the_same_time_have_a_connection_each(server):
    server.default = [0.05, *response(b"ok")]

    async def go():
        http = Http(server.url)
        outgoing = Outgoing("POST", f"{server.base}/x", {})
        for _ in range(2):
            await asyncio.gather(*(fetched(http, outgoing) for _ in range(8)))
        await http.aclose()

    asyncio.run(go())
    assert (len(server.requests), server.connections) == (16, 8)


@pytest.mark.parametrize("proxied", [False, True])
def test_what_is_still_read_when_its_client_closes_is_closed_after_it(server, proxied):
    server.script(response(b"ok"))

    async def go():
        way = Proxied(server.url, server.url, "", str) if proxied else Direct(server.url, "", str)
        place = Place("127.0.0.1", "", 10.0, str)
        answer = Answer(await way.ask(Outgoing("POST", f"{server.base}/x", {}), place), place)
        await way.aclose()
        assert await answer.whole() == b"ok"
        await answer.aclose()
        await asyncio.sleep(0)  # asyncio lets go of a socket in its next turn

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(go())
        gc.collect()
    assert [each for each in told if each.category is ResourceWarning] == []


def test_cookies_are_not_kept(server):
    server.default = response(b"ok", headers={"Set-Cookie": "session=1"})
    fetch(f"{server.base}/x", times=2)
    assert all("cookie" not in seen.headers for seen in server.requests)


def test_a_client_is_usable_in_a_second_event_loop(server):
    server.default = response(b"ok")
    http = Http(server.url)
    outgoing = Outgoing("POST", f"{server.base}/x", {})
    assert [asyncio.run(fetched(http, outgoing)) for _ in range(2)] == [b"ok", b"ok"]


# --- transport ----------------------------------------------------------------------------------
def test_T02_missing_last_chunk(server):
    server.script([head(200, {"Transfer-Encoding": "chunked"}), chunk(b"part"), CLOSE])
    error = failed(IncompleteError, f"{server.base}/x")
    assert "broke off" in error.message


def test_T03_tcp_reset_midstream(server):
    server.script([head(200, {"Transfer-Encoding": "chunked"}), chunk(b"part"), 0.05, RESET])
    failed(IncompleteError, f"{server.base}/x")


@pytest.mark.parametrize("end", [RESET, CLOSE])
def test_T04_reset_before_headers(server, end):
    server.script([end])
    error = failed(UnavailableError, f"{server.base}/x")
    assert error.should_retry is None


def test_T05_hang_before_headers(server):
    server.script([HANG])
    error = failed(TimedOutError, f"{server.base}/x", timeout=0.2)
    assert "sent nothing for 0.2 s" in error.message
    assert error.should_retry is False
    assert server.requests[0].closed.wait(5)


def test_T06_stall_midstream(server):
    server.script([head(200, {"Transfer-Encoding": "chunked"}), chunk(b"part"), HANG])
    failed(TimedOutError, f"{server.base}/x", timeout=0.2)
    assert server.requests[0].closed.wait(5)


def test_T06_bytes_that_keep_coming_reset_the_wait(server):
    server.script([*loopback.drip(b": alive\n\n", 0.1, 8), LAST])
    assert fetch(f"{server.base}/x", timeout=0.5) == b": alive\n\n" * 8


def test_T08_garbage_chunk_framing(server):
    server.script([head(200, {"Transfer-Encoding": "chunked"}), chunk(b"x"), b"zz\r\n???", CLOSE])
    failed(IncompleteError, f"{server.base}/x")


def test_T08_garbage_instead_of_http(server):
    server.script([b"\x00\x01SSH-2.0-nonsense\r\n\r\n", CLOSE])
    error = failed(UnavailableError, f"{server.base}/x")
    assert error.hint == "check base_url"


def test_T09_content_length_too_long(server):
    server.script([head(200, {"Content-Length": "100"}), b"part", CLOSE])
    failed(IncompleteError, f"{server.base}/x")


def test_T10_dns_failure():
    error = failed(UnavailableError, "https://no-such-host.invalid/v1/x")
    assert "no-such-host.invalid" in error.message


def test_T11_refused():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = failed(UnavailableError, f"http://127.0.0.1:{port}/v1/x")
    assert error.message == f"connection refused by 127.0.0.1:{port}"


def test_T12_tls_self_signed(tmp_path):
    with loopback.serving(loopback.certified(tmp_path, "127.0.0.1")) as server:
        error = failed(UnavailableError, f"{server.base}/x")
    assert "not trusted" in error.message
    assert "SSL_CERT_FILE" in error.hint
    assert error.should_retry is False
    assert server.requests == []


def test_T12_a_ca_named_in_the_environment_is_trusted(tmp_path):
    with loopback.serving(loopback.certified(tmp_path, "127.0.0.1")) as server:
        server.script(response(b"ok"))
        assert in_a_process(f"{server.base}/x", SSL_CERT_FILE=str(tmp_path / "cert.pem")) == "ok"


def test_T13_tls_wrong_host(tmp_path):
    with loopback.serving(loopback.certified(tmp_path, "10.9.9.9")) as server:
        said = in_a_process(f"{server.base}/x", SSL_CERT_FILE=str(tmp_path / "cert.pem"))
    assert said.startswith("UnavailableError: the TLS certificate of 127.0.0.1")
    assert server.requests == []


def test_a_certificate_file_that_is_not_there_is_a_configuration_error(tmp_path):
    said = in_a_process("https://127.0.0.1:1/x", SSL_CERT_FILE=str(tmp_path / "none.pem"))
    assert said.startswith("ConfigError: the certificates that SSL_CERT_FILE")


def test_https_to_a_server_that_speaks_http(server):
    error = failed(UnavailableError, f"{server.base}/x".replace("http:", "https:"))
    assert "no TLS connection" in error.message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_T14_redirect_cross_origin(server, status):
    with loopback.serving() as other:
        to = {"Location": f"{other.url}/steal?k={KEY}"}
        server.script(response(b"", status, to))
        headers = {"Authorization": f"Bearer {KEY}", "x-api-key": KEY, "api-key": KEY}
        error = failed(RejectedError, f"{server.base}/x", headers=headers)
        assert f"redirects to {other.url}/steal" in error.message
        assert (other.connections, len(server.requests)) == (0, 1)


def test_T15_redirect_loop(server):
    server.default = response(b"", 302, {"Location": f"{server.base}/x"})
    failed(RejectedError, f"{server.base}/x")
    assert len(server.requests) == 1


def test_T17_gzip_bomb(server):
    bomb = gzip.compress(bytes(BODY + 2**22), 1)
    server.script(response(bomb, headers={"Content-Encoding": "gzip"}))

    async def go():
        http = Http(server.url)
        answer = await http.send(Outgoing("POST", f"{server.base}/x", {}))
        largest = total = 0
        try:
            async for piece in answer.chunks():
                largest, total = max(largest, len(piece)), total + len(piece)
        except UnusableError as error:
            return error, largest, total
        finally:
            await answer.aclose()
            await http.aclose()

    error, largest, total = asyncio.run(go())
    assert "larger than 64 MiB" in error.message
    assert largest <= 2**20
    assert total <= BODY


def test_T17_many_encodings_are_refused(server):
    names = ", ".join(["gzip"] * 9)
    server.script(response(b"x", headers={"Content-Encoding": names}))
    failed(UnavailableError, f"{server.base}/x")


def test_T17_what_is_no_gzip(server):
    server.script(response(b"plainly not", headers={"Content-Encoding": "gzip"}))
    failed(UnavailableError, f"{server.base}/x")


def test_T18_endless_body(server):
    piece = chunk(bytes(2**20))
    server.script([head(200, {"Transfer-Encoding": "chunked"}), *([piece] * 80), LAST])
    error = failed(UnusableError, f"{server.base}/x", timeout=30)
    assert "larger than 64 MiB" in error.message


def test_T21_endless_headers_are_capped(server):
    server.script([b"HTTP/1.1 200 OK\r\n", *([b"X-Filler: " + b"y" * 1000 + b"\r\n"] * 400), HANG])
    failed(UnavailableError, f"{server.base}/x")


def test_T21_slow_headers_do_not_hang(server):
    server.script([b"HTTP/1.1 200 OK\r\n", *([0.1, b"X-Slow: y\r\n"] * 200)])
    failed(TimedOutError, f"{server.base}/x", timeout=0.5)
    assert server.requests[0].closed.wait(5)


def test_a_thousand_header_bytes_are_fine(server):
    server.script(response(b"ok", headers={f"X-{n}": "y" * 90 for n in range(10)}))
    assert fetch(f"{server.base}/x") == b"ok"


def test_T22_proxy_env(server):
    server.script(response(b"through the proxy"))
    said = in_a_process("http://models.test/v1/x", http_proxy=server.url)
    assert said == "through the proxy"
    assert server.requests[0].path == "http://models.test/v1/x"


def test_T22_an_https_proxy_that_refuses_is_named(server):
    server.script(response(b"no", 403))
    said = in_a_process(
        "https://models.test/v1/x", https_proxy=server.url.replace("//", "//me:hunter2@")
    )
    assert said == f"UnavailableError: the proxy {server.url} gives no connection to models.test"
    assert (server.requests[0].method, server.requests[0].path) == ("CONNECT", "models.test:443")
    assert "authorization" not in server.requests[0].headers


def test_T22_loopback_bypasses_the_proxy(server):
    server.script(response(b"direct"))
    assert in_a_process(f"{server.base}/x", http_proxy="http://127.0.0.1:9") == "direct"


def test_T22_no_proxy_is_honoured(server):
    said = in_a_process("http://no.invalid/x", http_proxy=server.url, no_proxy=".invalid")
    assert said.startswith("UnavailableError: the address of no.invalid cannot be found")
    assert server.requests == []


def test_netrc_is_not_read(server, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
    server.script(response(b"ok"))
    assert in_a_process(f"{server.base}/x", HOME=str(tmp_path)) == "ok"
    assert "authorization" not in server.requests[0].headers


def test_T23_compressed(server):
    server.script(response(gzip.compress(b"hello"), headers={"Content-Encoding": "gzip"}))
    assert fetch(f"{server.base}/x") == b"hello"


def test_T24_resplit_1_byte(server):
    whole = b"".join(response(b"hello"))
    server.script([bytes([byte]) for byte in whole])
    assert fetch(f"{server.base}/x") == b"hello"


def test_a_cancelled_request_closes_its_connection(server):
    server.script([HANG])

    async def go():
        http = Http(server.url)
        task = asyncio.create_task(fetched(http, Outgoing("POST", f"{server.base}/x", {})))
        while not server.requests:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await http.aclose()

    asyncio.run(go())
    assert server.requests[0].closed.wait(5)


# --- meaning ------------------------------------------------------------------------------------
def test_P01_429_retry_after(server):
    server.script(loopback.refusal(429, "slow down", {"Retry-After": "7"}))
    error = failed(RateLimitError, f"{server.base}/x")
    assert (error.retry_after, error.http_status, error.should_retry) == (7.0, 429, None)


@pytest.mark.parametrize(("word", "answer"), [("true", True), ("false", False), ("maybe", None)])
def test_P06_x_should_retry(server, word, answer):
    server.script(loopback.refusal(429, "slow down", {"x-should-retry": word}))
    assert failed(RateLimitError, f"{server.base}/x").should_retry is answer


def test_P07_400_keeps_the_words_of_the_server(server):
    server.script(loopback.refusal(400, "top_p must be below 1"))
    error = failed(RejectedError, f"{server.base}/x")
    assert "top_p must be below 1" in error.message
    assert error.http_status == 400


def test_P10_error_html(server):
    page = b"<html><title>502 Bad Gateway</title>" + b"x" * 5000
    server.script(response(page, 502, {"Content-Type": "text/html"}))
    error = failed(UnavailableError, f"{server.base}/x")
    assert len(error.message) < 600


def test_P11_200_html(server):
    server.script(response(b"<html>hi</html>", headers={"Content-Type": "text/html; charset=x"}))
    error = failed(UnusableError, f"{server.base}/x")
    assert "not an API response" in error.message
    assert server.requests[0].method == "POST"


@pytest.mark.parametrize("status", [204, 205])
def test_P13_no_content(server, status):
    server.script([head(status)])
    error = failed(UnusableError, f"{server.base}/x")
    assert ("empty response" in error.message, error.http_status) == (True, status)


def test_a_large_error_body_is_read_to_a_limit(server):
    endless = [chunk(b"x" * 2**16)] * 64
    server.script([head(500, {"Transfer-Encoding": "chunked"}), *endless, HANG])
    assert len(endless) * 2**16 > ERROR_BODY
    failed(UnavailableError, f"{server.base}/x")
    assert server.requests[0].closed.wait(5)


def test_an_error_body_that_never_ends_is_left(server):
    server.script([head(401, {"Transfer-Encoding": "chunked"}), *([0.1, chunk(b"x")] * 200)])
    failed(AuthError, f"{server.base}/x", timeout=0.5)
    assert server.requests[0].closed.wait(5)


def test_an_error_whose_body_breaks_off_is_still_that_error(server):
    server.script([head(401, {"Content-Length": "100"}), b'{"error', CLOSE])
    assert failed(AuthError, f"{server.base}/x").http_status == 401


# --- secrets ------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ["sk-a\nb", "sk-\u00e9", "sk-\x00", "sk-\u20ac"])
def test_S10_a_header_that_cannot_be_sent_is_refused_unquoted(server, key):
    with pytest.raises(ConfigError) as caught:
        fetch(f"{server.base}/x", headers={"Authorization": f"Bearer {key}"})
    assert key not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert server.connections == 0


def test_no_log_record_holds_a_key_a_query_or_a_cookie(server, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    server.default = response(b"ok", headers={"Set-Cookie": "session=c00kie"})
    fetch(f"{server.base}/x?key={KEY}", headers={"x-api-key": KEY})
    monkeypatch.setenv("http_proxy", server.url)
    fetch(f"http://models.test/x?key={KEY}", headers={"x-api-key": KEY})
    assert "receive_response_headers.complete" in caplog.text  # of the library, at a proxy
    assert KEY not in caplog.text
    assert "c00kie" not in caplog.text


def test_a_request_over_http_reads_no_certificates(server):
    server.script(response(b"ok"))
    code = (
        "import ssl; ssl.SSLContext.load_verify_locations = None; ssl.create_default_context = None"
    )
    assert in_a_process(f"{server.base}/x", before=code) == "ok"


# --- a process of its own: for what is read from the environment once ---------------------------
CHILD = """
import asyncio, sys
{before}
from kit.errors import KitError
from kit.providers.transport.http import Http
from kit.providers.transport.outgoing import Outgoing
async def go(url):
    http = Http(url)
    answer = await http.send(Outgoing("POST", url, {{}}, b"{{}}", 10.0))
    body = await answer.whole()
    await answer.aclose(); await http.aclose()
    return body.decode()
try:
    print(asyncio.run(go(sys.argv[1])))
except KitError as error:
    print(f"{{type(error).__name__}}: {{error.message}}")
"""


def in_a_process(url, *, before="", **env):
    """What a request prints: the body, or the error."""
    plain = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and "SSL" not in k}
    done = subprocess.run(
        [sys.executable, "-c", CHILD.format(before=before), url],
        env=plain | env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()
