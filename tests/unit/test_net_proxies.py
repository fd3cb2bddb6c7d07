"""Which proxy a host is asked through, by the settings and by what the system says."""

import pytest

from tokentray.errors import OfflineError
from tokentray.net.proxies import Proxy, proxy_for
from tokentray.secret import Secret

PROXY = Proxy("http://proxy.example.com:3128")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_any_there_is_none() -> None:
    assert proxy_for("api.example.com", "", None) is None


@pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("value", ["http://proxy.example.com:3128", "proxy.example.com:3128/"])
def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """As every other program reads it."""
    monkeypatch.setenv(name, value)
    assert proxy_for("api.example.com", "", None) == PROXY
    assert proxy_for("api.example.com", "none", None) is None
    assert proxy_for("127.0.0.1", "", None) is None
    assert proxy_for("localhost", "", None) is None


@pytest.mark.parametrize(
    ("exceptions", "host", "goes_through"),
    [
        ("*", "api.example.com", False),
        ("example.com", "api.example.com", False),
        (".example.com", "api.example.com", False),
        ("other.com, api.example.com", "api.example.com", False),
        ("example.com", "badexample.com", True),
        ("10.0.0.0/8", "10.1.2.3", False),
        ("10.0.0.0/8", "11.1.2.3", True),
        ("nonsense/8, fd00::/8", "fd00::1", False),
        ("10.0.0.0/8", "api.example.com", True),
    ],
)
def test_exceptions_are_honoured(
    monkeypatch: pytest.MonkeyPatch, exceptions: str, host: str, goes_through: bool
) -> None:
    """Names with all below them, and networks; a proxy of the person's own knows no exceptions."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert proxy_for(host, "", None) == (PROXY if goes_through else None)
    assert proxy_for(host, "http://proxy.example.com:3128", None) == PROXY


def test_user_and_password_are_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's stand in its address; the person's own password comes from the keyring."""
    monkeypatch.setenv("HTTPS_PROXY", "http://ad%40:made%3Aup@[fd00::1]:3128")
    assert proxy_for("api.example.com", "", None) == Proxy("http://[fd00::1]:3128", "ad@", Secret("made:up"))
    own = proxy_for("api.example.com", "https://ada@proxy.example.com", Secret("made up"))
    assert own == Proxy("https://proxy.example.com:443", "ada", Secret("made up"))


@pytest.mark.parametrize("value", ["socks5h://proxy.example.com:1080", "http://", "http://proxy:99999", "ftp://x:1"])
def test_one_that_cannot_be_used_is_an_error_and_no_way_around(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    """Who is behind a proxy does not want to be seen without it."""
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(OfflineError, match="the system's proxy is no http proxy"):
        proxy_for("api.example.com", "", None)
