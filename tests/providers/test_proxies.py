"""Which proxy a request goes through."""

import pytest

from kit.providers.transport.proxies import is_loopback, named, proxy_for

ENV = {"http": "http://p:3128", "https": "https://p:3129", "no": "example.org,10.0.0.0/8,::1,.lan"}


def test_the_scheme_chooses_the_proxy():
    assert proxy_for("https://api.test/v1", ENV) == "https://p:3129"
    assert proxy_for("http://api.test/v1", ENV) == "http://p:3128"
    assert proxy_for("https://api.test", {"all": "p:1"}) == "http://p:1"
    assert proxy_for("https://api.test", {}) == ""


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:11434",
        "http://127.0.0.1:8080/v1",
        "http://[::1]:8080",
        "https://a.localhost",
    ],
)
def test_T22_loopback_bypasses_the_proxy(url):
    assert proxy_for(url, ENV) == ""


@pytest.mark.parametrize(
    ("no", "url", "goes_around"),
    [
        ("example.org", "https://example.org", True),
        ("example.org", "https://api.example.org", True),
        (".example.org", "https://api.example.org", True),
        ("*.example.org", "https://api.example.org", True),
        ("example.org", "https://notexample.org", False),
        ("example.org:8443", "https://example.org:8443/v1", True),
        ("example.org:8443", "https://example.org/v1", False),
        ("10.0.0.0/8", "http://10.1.2.3", True),
        ("10.0.0.0/8", "http://11.1.2.3", False),
        ("192.168.1.7", "http://192.168.1.7", True),
        ("fd00::/8", "http://[fd12::1]", True),
        ("a, *", "https://example.org", True),
        ("", "https://example.org", False),
    ],
)
def test_T22_no_proxy_is_honoured(no, url, goes_around):
    assert (proxy_for(url, {"all": "http://p", "no": no}) == "") is goes_around


def test_a_proxy_is_named_without_its_password():
    assert named("http://me:secret@p:3128") == "http://p:3128"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.9.9.9", "[::1]", "x.localhost"])
def test_loopback_has_many_names(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["localhost.example.org", "128.0.0.1", "0.0.0.0", "notlocalhost"])
def test_other_names_are_not_loopback(host):
    assert not is_loopback(host)
