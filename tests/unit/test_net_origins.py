"""Addresses: one reading each, or none; a key is compared by what comes out of here."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from tokentray.errors import RefusedError
from tokentray.net.origins import base_of, is_private, origin_of


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://api.example.com", "https://api.example.com"),
        (" HTTPS://API.Example.COM:443/ ", "https://api.example.com"),
        ("https://api.example.com:8443/v1/", "https://api.example.com:8443"),
        ("https://bücher.example/", "https://xn--bcher-kva.example"),
        ("https://[2001:DB8::0:1]:443/x", "https://[2001:db8::1]"),
        ("https://192.168.1.7", "https://192.168.1.7"),
        ("http://localhost:4000", "http://localhost:4000"),
        ("http://127.0.0.1:80/", "http://127.0.0.1"),
        ("http://127.8.9.1", "http://127.8.9.1"),
        ("http://[::1]:4000", "http://[::1]:4000"),
        ("http://litellm.localhost", "http://litellm.localhost"),
    ],
)
def test_an_origin_is_written_in_one_way(url: str, origin: str) -> None:
    """Whatever case, port or slash it was typed with; and it comes out as it went in."""
    assert origin_of(url) == origin
    assert origin_of(origin) == origin


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.example.com",
        "ftp://api.example.com",
        "https:api.example.com",
        "https://",
        "https:///path",
        "https://ada@api.example.com",
        "https://ada:made-up@api.example.com",
        "https://api.example.com\\@evil.example.com",
        "https://api.example.com?x=1",
        "https://api.example.com/#x",
        "https://api.example.com?",
        "https://api example.com",
        "https://api.example.com\n.evil.example.com",
        "https://api.example.com:0",
        "https://api.example.com:99999",
        "https://api.example.com:x",
        "https://api.example.com/../x",
        "https://api.example.com/a/%2E%2e/x",
        "https://api.example.com/a%2fx",
        "https://api.example.com//x",
        "https://-x.example.com",
        "https://a..b",
        "https://api.example.com.",
        "https://[::1",
        "https://[fe80::1%25eth0]",
        "https://[v1.x]",
        "https://127.1",
        "https://2130706433",
        "https://0x7f000001",
        "https://0x7f.1",
        "https://127.0.0.01",
        "https://1.2.3.4.5",
        "https://ⅷ.com/\N{ZERO WIDTH SPACE}",
        f"https://{'a' * 64}.com",
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(url: str) -> None:
    """With words that do not repeat it: it may hold a password."""
    with pytest.raises(RefusedError) as caught:
        origin_of(url, private_allowed=True)
    assert caught.value.field == "base_url"
    assert "made-up" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://10.1.2.3",
        "http://172.16.0.1:4000",
        "http://192.168.1.7",
        "http://100.64.0.1",
        "http://[fd00::1]",
        "http://litellm:4000",
        "http://llm.internal",
        "http://nas.local",
        "http://box.home.arpa",
    ],
)
def test_plain_http_into_a_private_network_is_confirmed_first(url: str) -> None:
    with pytest.raises(RefusedError, match="agree that it stays in your own network"):
        origin_of(url)
    assert origin_of(url, private_allowed=True) == url


@pytest.mark.parametrize(
    "url", ["http://api.example.com", "http://8.8.8.8", "http://0.0.0.0", "http://[2001:4860::1]", "http://172.32.0.1"]
)
def test_plain_http_into_the_internet_never_is(url: str) -> None:
    """The key would travel for all to read."""
    for allowed in (False, True):
        with pytest.raises(RefusedError, match="would send the key unprotected"):
            origin_of(url, private_allowed=allowed)


def test_a_base_keeps_its_path() -> None:
    """So that requests are made by appending."""
    assert base_of("https://openrouter.ai/api/v1/") == (
        "https://openrouter.ai",
        "https",
        "openrouter.ai",
        "/api/v1",
    )
    assert base_of("https://api.example.com/").path == ""


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("8.8.8.8", False),
        ("0.0.0.0", False),
        ("::", False),
        ("224.0.0.1", False),
        ("100.127.255.255", True),
        ("100.128.0.0", False),
    ],
)
def test_private_addresses(address: str, private: bool) -> None:
    assert is_private(ipaddress.ip_address(address)) is private


@effort(max_examples=300, deadline=None)
@given(
    st.text(max_size=30)
    | st.from_regex(r"https?://[a-z0-9.@:\[\]%-]{1,20}(/[a-z.%@:-]{0,5}){0,3}", fullmatch=True)
    | st.ip_addresses().map(lambda address: f"http://{address}")
)
def test_any_text_is_refused_or_has_one_origin(text: str) -> None:
    """An origin is plain ASCII, and its own origin."""
    try:
        origin = origin_of(text, private_allowed=True)
    except RefusedError:
        return
    assert origin.isascii()
    assert origin == origin.lower()
    assert origin_of(origin, private_allowed=True) == origin
