"""Which origin an address has, and whether a key may go there. Strict: what could be read in two ways is refused.

No look-ups are made here. That a name of plain http leads into a private network is seen to when it is connected to.
"""

import ipaddress
import re
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from tokentray.errors import RefusedError

_TITLE = "Address refused"
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_SEGMENTS = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*/?")
_DOTTED = re.compile(r"%(?:2[ef]|5c)", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_HOME_ENDINGS = (".local", ".internal", ".lan", ".home.arpa", ".localhost")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Base(NamedTuple):
    """A base URL, taken apart. origin: "https://host[:port]", normalised. path: without a slash at its end."""

    origin: str
    scheme: str
    host: str
    path: str


def origin_of(url: str, *, private_allowed: bool = False) -> str:
    """The origin of an address, "https://host[:port]", lower-case, without the port that goes without saying.

    Only https, or http to this machine; with private_allowed also http into a private network. Raises RefusedError,
    whose words repeat nothing of the address but its host.
    """
    return base_of(url, private_allowed=private_allowed).origin


def base_of(url: str, *, private_allowed: bool = False) -> Base:
    """A base URL whose requests are made by appending a path. Raises RefusedError as `origin_of` does."""
    text = url.strip()
    if not text.isprintable() or "\\" in text or " " in text:
        _refuse("it holds signs that no address has")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        _refuse("it is none")
    scheme = parts.scheme.lower()
    if ("[" in parts.netloc) != (":" in (parts.hostname or "")):
        _refuse("its host is none")  # before 3.12 urlsplit took any text in brackets
    if scheme not in _PORTS or not parts.hostname:
        _refuse("it does not begin with https://", "Give it whole, such as https://gateway.example.com")
    if "@" in parts.netloc:
        _refuse("it holds a user name or password", "Leave those out; the key is asked for apart")
    if "?" in text or "#" in text:
        _refuse("it holds a ? or #", "Leave out what comes after the path")
    host = host_of(parts.hostname)
    if port == 0 or not is_path(parts.path):
        _refuse("its path or port is not one to append to")
    if scheme == "http" and not (is_loopback_name(host) or (private_allowed and may_be_private(host))):
        private = may_be_private(host)
        _refuse(
            f"http to {host} would send the key unprotected",
            "Use https, or agree that it stays in your own network (`--plain-http`)" if private else "Use https",
        )
    shown = f"[{host}]" if ":" in host else host
    at = "" if port in (None, _PORTS[scheme]) else f":{port}"
    return Base(f"{scheme}://{shown}{at}", scheme, host, parts.path.rstrip("/"))


def is_path(text: str) -> bool:
    """Whether a text is a path that stays one: no dots that climb, no query, nothing to be read in two ways."""
    return _SEGMENTS.fullmatch(text) is not None and not _DOTTED.search(text)


def host_of(text: str) -> str:
    """A host as it is compared: lower-case ASCII, an IP address in its one usual form. Raises RefusedError."""
    host = text.lower()
    try:
        if ":" in host and "%" not in host:
            return str(ipaddress.IPv6Address(host))
        if not host.isascii():
            host = host.encode("idna").decode()
    except ValueError:  # UnicodeError is one
        _refuse("its host is none")
    # A last label of digits makes resolvers read the name as a number: 127.1, 0x7f000001, 2130706433.
    if re.fullmatch(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)", host):
        try:
            return str(ipaddress.IPv4Address(host))
        except ValueError:
            _refuse("its host is a number that can be read in several ways")
    if len(host) > 253 or not _NAME.fullmatch(host):
        _refuse("its host is none")
    return host


def is_loopback_name(host: str) -> bool:
    """Whether a host is this machine, by its name alone."""
    found = _address(host)
    return found.is_loopback if found else host == "localhost" or host.endswith(".localhost")


def may_be_private(host: str) -> bool:
    """Whether a host can be in a private network: by its address, or as a name that no public server has."""
    found = _address(host)
    if found:
        return is_private(found)
    return "." not in host or host.endswith(_HOME_ENDINGS)


def is_private(address: Address) -> bool:
    """Whether an address is this machine's or of a private network; 100.64/10 is what VPN meshes hand out."""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    mesh = address.version == 4 and address in ipaddress.IPv4Network("100.64.0.0/10")
    return (address.is_private or mesh) and not address.is_unspecified and not address.is_multicast


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _refuse(message: str, hint: str = "") -> NoReturn:
    raise RefusedError(_TITLE, message, hint, field="base_url") from None
