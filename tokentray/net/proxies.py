"""Which proxy a request goes through: the person's own, none, or the one that the system is set to."""

import ipaddress
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from tokentray.errors import OfflineError
from tokentray.net.origins import is_loopback_name
from tokentray.secret import Secret

DIRECT = "none"
_KINDS = {"http": 80, "https": 443}


class Proxy(NamedTuple):
    """A proxy to ask for tunnels. url: "http://host:port". user: "" where it asks for none."""

    url: str
    user: str = ""
    password: Secret | None = None


def proxy_for(host: str, setting: str, password: Secret | None) -> Proxy | None:
    """The proxy for an https host, None to go there directly. Raises OfflineError for one that cannot be used.

    setting: as `network.proxy` holds it. Hosts of NO_PROXY, or of the system's own list, are asked directly unless the
    person set a proxy of their own. This machine is never asked through one.
    """
    if setting == DIRECT or is_loopback_name(host):
        return None
    if setting:
        return _proxy(setting, password, "network.proxy")
    # urllib knows the environment, the registry of Windows, and the system settings of macOS.
    found = getproxies()
    url = found.get("https") or found.get("all")
    if not url or proxy_bypass(host) or _excepted(host, found.get("no", "")):
        return None
    return _proxy(url if "://" in url else f"http://{url}", None, "the system's proxy")


def _proxy(url: str, password: Secret | None, whose: str) -> Proxy:
    try:
        parts = urlsplit(url)
        port = (parts.port or _KINDS[parts.scheme]) if parts.scheme in _KINDS else 0
    except ValueError:
        port = 0
    if not port or not parts.hostname:
        raise OfflineError(
            "Proxy not usable",
            f"{whose} is no http proxy",
            'Set network.proxy to http://host:port, or to "none" to go without',
        ) from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    given = Secret(unquote(parts.password)) if parts.password else password
    return Proxy(f"{parts.scheme}://{host}:{port}", unquote(parts.username or ""), given)


def _excepted(host: str, no_proxy: str) -> bool:
    """Whether NO_PROXY names the network that an address is in ("10.0.0.0/8"), which urllib does not look for."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for entry in no_proxy.split(","):
        try:
            if "/" in entry and address in ipaddress.ip_network(entry.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False
