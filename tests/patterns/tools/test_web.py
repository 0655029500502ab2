"""Pages of the web: which hosts, which addresses, which redirects; and what a page looks like."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

import pytest
from loopback import HANG, Server, head, response
from tooled import fault, ports, shown, use

from kit.errors import UnavailableError, UsageError
from kit.patterns.tools.web import MOST, Web
from kit.patterns.tools.web_rules import Rule, rule, target
from kit.patterns.tools.web_text import decoded, readable
from kit.providers.transport.fetching import fetch

PUBLIC = "93.184.216.34"


@dataclass(frozen=True)
class Told:
    status: int = 200
    body: bytes = b"hello"
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "text/plain"})
    cut: bool = False


@dataclass
class World:
    """Names with their addresses, URLs with their answers, and what was fetched from where."""

    answers: Mapping[str, Any]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    fetched: list[tuple[str, str]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        try:
            return [str(ip_address(host))]
        except ValueError:
            return self.names.get(host, [PUBLIC])

    async def fetch(self, url: str, *, address: str, seconds: float, most: int) -> Told:
        self.fetched.append((url, address))
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def web(self, *hosts: str, **more: object) -> Web:
        return Web(tuple(map(rule, hosts)), ports(fetch=self.fetch, **more), self.resolve)


def redirect(to: str, status: int = 302) -> Told:
    return Told(status, b"", {"location": to})


# --- which URLs -----------------------------------------------------------------------------------
def test_a_page_is_fetched_from_the_address_that_was_looked_up_once() -> None:
    world = World({"https://example.org/a?b=c": Told()})
    assert use(world.web("example.org"), url="https://example.org/a?b=c") == (
        "[200 text/plain https://example.org/a?b=c]\nhello"
    )
    assert world.fetched == [("https://example.org/a?b=c", PUBLIC)]
    assert world.looked_up == ["example.org"]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("example.org", "https://example.org"),
        ("example.org", "https://EXAMPLE.org./x"),
        ("example.org", "https://example.org:443/x"),
        ("https://example.org", "https://example.org/x"),
        ("http://example.org", "http://example.org/x"),
        ("http://example.org", "https://example.org/x"),
        ("*.example.org", "https://a.example.org/"),
        ("*.example.org", "https://a.b.example.org/"),
        ("example.org:8443", "https://example.org:8443/"),
        ("localhost:8080", "http://localhost:8080/"),
        ("127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ("[::1]:8080", "http://[::1]:8080/"),
        ("10.0.0.5", "https://10.0.0.5/"),
        ("bücher.example", "https://bücher.example/"),
        ("xn--bcher-kva.example", "https://bücher.example/"),
    ],
)
def test_a_url_that_a_host_allows(host: str, url: str) -> None:
    assert rule(host).allows(target(url))


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("example.org", "http://example.org/"),
        ("example.org", "https://www.example.org/"),
        ("example.org", "https://example.org.evil.example/"),
        ("example.org", "https://evilexample.org/"),
        ("example.org", "https://example.org:8443/"),
        ("example.org:8443", "https://example.org/"),
        ("*.example.org", "https://example.org/"),
        ("*.example.org", "https://evilexample.org/"),
        ("10.0.0.5", "http://10.0.0.5/"),
        ("127.0.0.1:8080", "http://127.0.0.1:8081/"),
        ("127.0.0.1", "http://2130706433/"),
        ("127.0.0.1", "http://0x7f.1/"),
        ("localhost:8080", "http://127.0.0.1:8080/"),
    ],
)
def test_r10_a_url_that_it_does_not_allow(host: str, url: str) -> None:
    world = World({})
    assert "is not allowed" in fault(world.web(host), url=url)
    assert world.fetched == world.looked_up == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "gopher://example.org/",
        "example.org",
        "//example.org/",
        "https://",
        "https://user:pass@example.org/",
        "https://example.org@evil.example/",
        "https://evil.example\\@example.org/",
        "https://evil.example\\.example.org/",
        "https://example.org /",
        "https://example.org/\r\nHost: evil",
        "https://example.org:99999/",
        "https://[::1/",
        "https://example.org/\u202e",
        "javascript:alert(1)",
    ],
)
def test_r10_what_is_no_plain_url_is_not_fetched(url: str) -> None:
    world = World({})
    assert fault(world.web("example.org", "evil.example"), url=url)
    assert world.fetched == []


@pytest.mark.parametrize("host", ["", "a/b", "a?b", "u@a", "*.", "*", "ftp://a", "a:b", "[::1"])
def test_what_is_no_host_is_refused_before_the_run(host: str) -> None:
    if host == "*":
        assert not rule(host).allows(target("https://example.org"))
    else:
        with pytest.raises(UsageError, match="names no host"):
            rule(host)


# --- R10: which addresses -------------------------------------------------------------------------
PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",
    "169.254.169.254", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "fec0::1", "ff02::1", "2001:db8::1",
    "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_r10_a_name_that_leads_to_a_private_address_is_not_fetched(address: str) -> None:
    world = World({}, {"example.org": [address]})
    assert fault(world.web("example.org"), url="https://example.org/") == (
        f"example.org is at {address}, which is no public address"
    )
    assert fault(world.web("*.org"), url="https://example.org/").endswith("no public address")
    assert world.fetched == []


def test_r10_one_private_address_among_others_is_enough_to_refuse() -> None:
    world = World({}, {"example.org": [PUBLIC, "127.0.0.1"]})
    assert "127.0.0.1, which is no public address" in fault(
        world.web("example.org"), url="https://example.org/"
    )
    assert world.fetched == []


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34"])
def test_public_addresses_are_reached(address: str) -> None:
    assert Rule("example.org").reaches(ip_address(address))


def test_an_address_that_the_user_named_is_reached_and_no_other() -> None:
    assert rule("10.0.0.5").reaches(ip_address("10.0.0.5"))
    assert not rule("10.0.0.5").reaches(ip_address("10.0.0.6"))
    assert rule("169.254.169.254").reaches(ip_address("169.254.169.254"))
    assert rule("localhost").reaches(ip_address("::1"))
    assert not rule("localhost").reaches(ip_address("10.0.0.5"))
    assert not rule("localhost").reaches(ip_address(PUBLIC))


def test_the_next_address_is_tried_when_one_gives_no_connection() -> None:
    world = World({}, {"example.org": ["2606:2800:220:1::1", PUBLIC]})
    unsent = UnavailableError("cannot connect to example.org")
    unsent.unsent = True
    world.answers = {"https://example.org/": unsent}
    assert fault(world.web("example.org"), url="https://example.org/") == (
        "cannot connect to example.org"
    )
    assert [address for _, address in world.fetched] == ["2606:2800:220:1::1", PUBLIC]


def test_a_request_that_was_sent_is_not_sent_again() -> None:
    world = World(
        {"https://example.org/": UnavailableError("lost")}, {"example.org": [PUBLIC, PUBLIC]}
    )
    assert fault(world.web("example.org"), url="https://example.org/") == "lost"
    assert len(world.fetched) == 1


# --- R10: redirects -------------------------------------------------------------------------------
def test_a_redirect_within_the_rules_is_followed() -> None:
    world = World(
        {
            "https://example.org/": redirect("/b"),
            "https://example.org/b": redirect("https://www.example.org/c", 308),
            "https://www.example.org/c": Told(),
        }
    )
    said = use(world.web("example.org", "*.example.org"), url="https://example.org/")
    assert said == "[200 text/plain https://www.example.org/c]\nhello"
    assert world.looked_up == ["example.org", "example.org", "www.example.org"]


@pytest.mark.parametrize(
    "to",
    [
        "https://evil.example/",
        "//evil.example/",
        "http://example.org/",
        "https://example.org:8443/",
        "http://169.254.169.254/latest/meta-data/",
        "https://user@example.org/",
        "file:///etc/passwd",
    ],
)
def test_r10_a_redirect_to_another_host_is_not_followed(to: str) -> None:
    world = World({"https://example.org/": redirect(to)})
    assert fault(world.web("example.org"), url="https://example.org/")
    assert [url for url, _ in world.fetched] == ["https://example.org/"]


def test_r10_the_address_is_checked_at_every_redirect() -> None:
    """The name leads to a public address at first, and to this machine at the second look."""

    class Rebinding(World):
        async def resolve(self, host: str, port: int) -> Sequence[str]:
            self.looked_up.append(host)
            return [PUBLIC] if len(self.looked_up) == 1 else ["127.0.0.1"]

    world = Rebinding({"https://example.org/": redirect("/again")})
    said = fault(world.web("example.org"), url="https://example.org/")
    assert said == "example.org is at 127.0.0.1, which is no public address"
    assert world.fetched == [("https://example.org/", PUBLIC)]


def test_redirects_in_a_circle_end() -> None:
    world = World({"https://example.org/": redirect("/")})
    assert fault(world.web("example.org"), url="https://example.org/") == (
        "more than 5 redirects, the last one to https://example.org/"
    )
    assert len(world.fetched) == 6


# --- what comes back ------------------------------------------------------------------------------
def test_another_status_is_an_observation() -> None:
    world = World({"https://example.org/": Told(404, b"not here")})
    assert use(world.web("example.org"), url="https://example.org") == (
        "[404 text/plain https://example.org/]\nnot here"
    )


def test_what_is_no_text_is_named_and_not_shown() -> None:
    image = Told(200, b"\x89PNG\0", {"content-type": "image/png"})
    bare = Told(200, b"\0\1\2", {})
    world = World({"https://example.org/a": image, "https://example.org/b": bare})
    web = world.web("example.org")
    assert fault(web, url="https://example.org/a") == "the answer is image/png: 5 bytes"
    assert fault(web, url="https://example.org/b") == "the answer is no text: 3 bytes"


def test_a_long_answer_comes_in_pages() -> None:
    lines = [f"line {number}" for number in range(300)]
    world = World({"https://example.org/": Told(200, "\n".join(lines).encode())})
    web = world.web("example.org", room=1000)
    first = use(web, url="https://example.org/").split("\n")
    assert first[1:4] == lines[:3]
    after = len(first) - 1
    assert first[-1] == f"[lines 1 to {after - 1} of 300; go on with first_line {after}]"
    second = use(web, url="https://example.org/", first_line=after).split("\n")
    assert second[1] == lines[after - 1]


def test_what_is_approved_is_the_url_as_it_is_fetched() -> None:
    web = World({}).web("example.org")
    assert shown(web, url="HTTPS://Example.org:443/a?b") == "GET https://example.org/a?b"
    assert shown(web, url="file:///x") == "nothing: file:///x is no http or https URL"


# --- HTML -----------------------------------------------------------------------------------------
PAGE = """<!DOCTYPE html><html><head><title>The &lt;Title&gt;</title>
<style>p { color: red }</style><script>if (1 < 2) alert("<p>no</p>")</script></head>
<body><!-- not <b>this</b> --><nav><a href="#top">Top</a></nav>
<h1>Head &amp;   shoulders</h1><p>One <b>bold</b>
 line.<br>Another, with a <a href='/x?a=1&amp;b=2'>link <i>here</i></a>.</p>
<ul><li>first<li>second</ul>
<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>
<pre>  code
    more</pre><a href="javascript:x()">no link</a> 1 < 2 &copy;</body></html>"""


def test_a_page_is_readable() -> None:
    assert readable(PAGE, "https://h.example/dir/page") == (
        "The <Title>\n\nTop\n\n# Head & shoulders\n\nOne bold line.\n"
        "Another, with a [link here](https://h.example/x?a=1&b=2).\n\n- first\n- second\n\n"
        "a | b\n1 | 2\n\n  code\n    more\n\nno link 1 < 2 ©"
    )


@pytest.mark.parametrize(
    "broken",
    ["<" * 200_000, "<!--" * 100_000, "<a href=" * 50_000, "<script>" * 50_000, "<p " * 100_000,
     "&" * 200_000, "<a href=x>" * 50_000, "</a>" * 50_000, "<pre>" * 50_000, "<!" * 100_000,
     "<title>" * 50_000, "<svg>" * 50_000, "<li>x" * 50_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_a_broken_page_is_read_in_one_pass(broken: str) -> None:
    """Quadratic, each of these would take minutes: the test would not end."""
    readable(broken, "https://h.example/")


def test_the_letters_of_a_page_are_what_it_says_they_are() -> None:
    assert decoded(b"caf\xe9", "text/html; charset=ISO-8859-1") == "café"
    assert decoded(b"<meta charset='latin-1'>caf\xe9", "text/html").endswith("café")
    assert decoded("café".encode(), "text/html; charset=nonsense") == "café"
    assert decoded(b"caf\xe9", "") == "caf\ufffd"
    assert decoded(b"cafe", "text/html; charset=base64") == "cafe"


# --- over a real connection -----------------------------------------------------------------------
def local(server: Server, **more: object) -> Web:
    return Web((rule(f"127.0.0.1:{server.port}"),), ports(fetch=fetch, **more))


def test_a_page_over_a_real_connection(server: Server) -> None:
    html = {"Content-Type": "text/html; charset=utf-8"}
    server.script(response(b"<h1>Hi</h1><p>caf\xc3\xa9", headers=html))
    said = use(local(server), url=f"{server.url}/a?b=c")
    assert said == f"[200 text/html {server.url}/a?b=c]\n# Hi\n\ncafé"
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("GET", "/a?b=c")
    assert seen.headers["host"] == f"127.0.0.1:{server.port}"
    assert "authorization" not in seen.headers
    assert "cookie" not in seen.headers


def test_a_real_redirect_elsewhere_is_not_followed(server: Server) -> None:
    moved = {"Location": "http://127.0.0.2:1/", "Content-Type": "text/plain"}
    server.script(response(b"", 302, moved))
    said = fault(local(server), url=f"{server.url}/")
    assert said.startswith("it redirects: http://127.0.0.2:1/ is not allowed")


def test_a_body_without_end_is_cut(server: Server) -> None:
    text = {"Content-Type": "text/plain", "Content-Encoding": "gzip"}
    bomb = gzip.compress(b"0123456789\n" * (MOST // 5))
    server.script(response(bomb, headers=text))
    said = use(local(server, room=200), url=server.url, first_line=MOST // 11)
    assert said.splitlines()[-1].startswith(f"[lines {MOST // 11} to ")
    assert f"the answer is longer than {MOST >> 20} MiB" in said


def test_a_server_that_says_nothing_is_left(server: Server) -> None:
    server.script([HANG])
    assert fault(local(server, seconds=0.5), url=server.url) == "the server takes too long"
    server.script([head(200, {"Content-Type": "text/plain"}), b"begin", HANG])
    assert fault(local(server, seconds=0.5), url=server.url) == "the server takes too long"


def test_a_server_that_is_not_there_says_so(server: Server) -> None:
    web = Web((rule("127.0.0.1:9"),), ports(fetch=fetch))
    assert "127.0.0.1:9" in fault(web, url="http://127.0.0.1:9/")
