"""The network as the person set it: what the settings say, and the proxy's password out of the keyring."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tokentray.credentials import CredentialsMissingError, CredentialsRefusedError
from tokentray.errors import RefusedError
from tokentray.net.client import Network, NetworkSettings
from tokentray.program import command
from tokentray.secret import Credential, Secret

if TYPE_CHECKING:
    from tokentray.settings import Settings


class Keys(Protocol):
    """Where keys come from."""

    def get(self, name: str) -> Credential:
        """The credential of an item of the keyring."""
        ...


class KeyRing(Protocol):
    """Where keys are kept. Raises CredentialsError."""

    def put(self, name: str, credential: Credential) -> None:
        """Store or replace an item."""
        ...

    def remove(self, name: str) -> None:
        """Delete an item."""
        ...


def open_network(settings: "Settings", keys: Keys) -> Network:
    """Connections as the settings say. Raises CredentialsError where a proxy's password is needed and not to be had."""
    return Network(network_settings(settings, keys.get))


def network_settings(settings: "Settings", get: Callable[[str], Credential]) -> NetworkSettings:
    """What a Network is made of. The keyring is asked only where the proxy has a user. Raises CredentialsError.

    A proxy with a user and no password kept is asked with an empty one: it will say so itself.
    """
    password = None
    if proxy_user(settings.proxy):
        origin = proxy_origin(settings.proxy)
        name = proxy_item(settings.proxy)
        try:
            kept = get(name)
        except CredentialsMissingError:
            kept = None
        if kept and kept.origin != origin:
            raise CredentialsRefusedError(
                "Proxy password not used", f"{name} was kept for {kept.origin}", "Give the proxy's password again"
            )
        password = kept.key if kept else None
    return NetworkSettings(settings.proxy, password, settings.ca_file)


def put_proxy_password(keys: KeyRing, proxy: str, password: Secret | None) -> str:
    """Keep it with the one proxy that it may go to; None to delete it. Returns what was done, in words.

    Raises RefusedError for a proxy without a user, CredentialsError.
    """
    if not proxy_user(proxy):
        raise RefusedError(
            "There is no proxy that wants a password",
            "network.proxy names no user",
            f"Name one (`{command()} settings set network.proxy http://USER@host:port`)",
            field="password",
        )
    name, origin = proxy_item(proxy), proxy_origin(proxy)
    if password is not None:
        keys.put(name, Credential(password, origin))
        return f"The password for {proxy} is kept in the keyring."
    try:
        keys.remove(name)
    except CredentialsMissingError:
        return f"No password for {origin} was kept."
    return f"The password for {origin} is removed from the keyring."


def proxy_user(proxy: str) -> str:
    """The user that the setting names, "" for none."""
    return urlsplit(proxy).username or ""


def proxy_origin(proxy: str) -> str:
    """Where the proxy's password may go: "http://host:port"."""
    parts = urlsplit(proxy)
    return f"{parts.scheme}://{_place(proxy)}"


def proxy_item(proxy: str) -> str:
    """The name of its password's item in the keyring."""
    return f"proxy:{_place(proxy)}"


def _place(proxy: str) -> str:
    parts = urlsplit(proxy)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
