"""Where a request goes."""

import pytest

from kit.errors import ConfigError
from kit.providers.transport.address import checked, host, join, parted, server

CHAT, MESSAGES = "/chat/completions", "/v1/messages"
AZURE = "https://r.openai.azure.com/openai/deployments/d"


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("https://api.openai.com/v1", CHAT, "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com/v1/", CHAT, "https://api.openai.com/v1/chat/completions"),
        ("https://api.openai.com", CHAT, "https://api.openai.com/v1/chat/completions"),
        ("http://localhost:8080/", CHAT, "http://localhost:8080/v1/chat/completions"),
        ("https://h/v1beta/openai/", CHAT, "https://h/v1beta/openai/chat/completions"),
        ("https://h/api/paas/v4", CHAT, "https://h/api/paas/v4/chat/completions"),
        ("https://h/v1/chat/completions", CHAT, "https://h/v1/chat/completions"),
        ("https://h/v1?tenant=a", CHAT, "https://h/v1/chat/completions?tenant=a"),
        ("https://api.anthropic.com", MESSAGES, "https://api.anthropic.com/v1/messages"),
        ("https://api.anthropic.com/v1/", MESSAGES, "https://api.anthropic.com/v1/messages"),
        ("https://h/anthropic", MESSAGES, "https://h/anthropic/v1/messages"),
        ("https://h/v1/messages", MESSAGES, "https://h/v1/messages"),
        (
            "https://r.openai.azure.com",
            CHAT,
            "https://r.openai.azure.com/openai/v1/chat/completions",
        ),
    ],
)
def test_a_base_url_is_joined_however_it_is_written(base, path, url):
    assert join(base, path) == url


def test_the_address_of_a_preset_is_exact():
    assert join("https://h", CHAT, exact=True) == "https://h/chat/completions"


def test_an_azure_deployment_gets_its_version_before_nothing_else():
    assert join(AZURE, CHAT, api_version="2024-10-21") == (
        f"{AZURE}/chat/completions?api-version=2024-10-21"
    )
    assert join(f"{AZURE}?api-version=2023-05-15", CHAT, api_version="2024-10-21") == (
        f"{AZURE}/chat/completions?api-version=2023-05-15"
    )
    assert join(f"{AZURE}?x=1", CHAT, api_version="2") == (
        f"{AZURE}/chat/completions?x=1&api-version=2"
    )


@pytest.mark.parametrize(
    "base", ["api.openai.com/v1", "ftp://h", "", "file:///etc/passwd", "http://", "http://h:x"]
)
def test_what_is_not_http_is_refused(base):
    with pytest.raises(ConfigError):
        checked(base, insecure=True)


def test_a_password_in_the_address_is_refused_and_not_repeated():
    for base in ("https://me:hunter2@h/v1", "me:hunter2@h/v1"):
        with pytest.raises(ConfigError) as caught:
            checked(base, insecure=False)
        assert "hunter2" not in str(caught.value)


def test_S12_plain_http_to_a_far_host_is_refused_unless_allowed():
    with pytest.raises(ConfigError) as caught:
        checked("http://api.test/v1", insecure=False)
    assert "--insecure-http" in caught.value.hint
    assert checked("http://api.test/v1", insecure=True)
    assert checked("http://127.0.0.1:8080/v1", insecure=False)
    assert checked("http://[::1]:8080/v1", insecure=False)


def test_a_host_is_named_with_its_port():
    assert host("https://h:8443/v1") == "h:8443"
    assert host("https://h/v1") == "h"


@pytest.mark.parametrize(
    ("url", "named", "target"),
    [
        ("https://h/v1/x?api-version=1", "h", "/v1/x?api-version=1"),
        ("https://h:443/x", "h", "/x"),
        ("http://h:443/x", "h:443", "/x"),
        ("http://[::1]:8080", "[::1]:8080", "/"),
        ("https://b\u00fccher.example/a b/\u00fc%20", "xn--bcher-kva.example", "/a%20b/%C3%BC%20"),
    ],
)
def test_a_url_is_parted_into_its_host_header_and_its_target(url, named, target):
    assert parted(url) == (named, target)


def test_a_name_that_can_be_none_is_a_configuration_error():
    with pytest.raises(ConfigError, match="base_url is not an address"):
        parted("https://a..b/v1")


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://h/v1", ("h", 443, True)),
        ("http://[::1]:81/v1", ("::1", 81, False)),
        ("HTTP://H", ("h", 80, False)),
    ],
)
def test_where_a_connection_goes(url, found):
    assert server(url) == found
