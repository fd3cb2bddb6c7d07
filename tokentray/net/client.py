"""The one way to a provider: a channel per account, which reveals its key to the key's own origin and nowhere else.

httpx is imported when a `Network` is made: what only reads the history must not wait for it.
"""

import logging
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import quote, urlencode, urljoin, urlsplit

from tokentray import __version__, log
from tokentray.clock import Clock
from tokentray.errors import RefusedError
from tokentray.net import bodies, failures
from tokentray.net.origins import base_of, is_path, origin_of
from tokentray.secret import Credential, Secret

if TYPE_CHECKING:
    from tokentray.net.transport import Call, Courier, Received

__all__ = ["KeyedChannel", "Network", "NetworkSettings", "origin_of"]

Params = Sequence[tuple[str, str]]

USER_AGENT = f"TokenTray/{__version__} (desktop app)"
_REDIRECTS = {301, 302, 303, 307, 308}
_MOST_REDIRECTS = 3
_SHORTEST_KEY = 8
_log = logging.getLogger(__name__)


class NetworkSettings(NamedTuple):
    """How to get out. proxy: "" for the system's, "none" for no proxy, else "http://[user@]host:port".

    ca_file: a company's own certificates, "" for none; they are trusted beside the system's.
    """

    proxy: str = ""
    proxy_password: Secret | None = None
    ca_file: str = ""


AS_THE_SYSTEM = NetworkSettings()


class Network:
    """The connections of the process. Several threads may use it, each with channels of its own.

    Settings hold for its life; after a change a new one is made.
    """

    def __init__(self, settings: NetworkSettings = AS_THE_SYSTEM) -> None:
        from tokentray.net.transport import Courier

        self._courier = Courier(settings.proxy, settings.proxy_password, settings.ca_file, USER_AGENT)
        if settings.proxy_password:
            log.never_show(settings.proxy_password.reveal())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def channel(
        self,
        credential: Credential,
        base_url: str,
        *,
        header: str,
        prefix: str,
        headers: Mapping[str, str] = {},
        name: str,
        deadline_s: float = 60.0,
        clock: Clock,
    ) -> "KeyedChannel":
        """The way to one account. header, prefix: how the key is sent. headers: with every request. name: the
        provider's, for the errors. deadline_s: for all requests together, from the first.

        Raises RefusedError where base_url does not lead to the credential's own origin.
        """
        base = base_of(base_url, private_allowed=True)
        if base.origin != origin_of(credential.origin, private_allowed=True):
            raise RefusedError(
                "Key not sent",
                f"it was given for {credential.origin}, not for {base.origin}",
                "Give the key again only where the new address is right",
                field="base_url",
            )
        return KeyedChannel(
            self._courier, credential, base.origin, base.path, header, prefix, dict(headers), name, deadline_s, clock
        )

    def close(self) -> None:
        """Hang up."""
        self._courier.close()


class KeyedChannel:
    """The way to one origin with its key, as providers.base.Channel asks for; for one thread. Made by Network."""

    def __init__(
        self,
        courier: "Courier",
        credential: Credential,
        origin: str,
        base_path: str,
        header: str,
        prefix: str,
        headers: Mapping[str, str],
        name: str,
        deadline_s: float,
        clock: Clock,
    ) -> None:
        self._courier = courier
        self._credential = credential
        self._origin = origin
        self._base_path = base_path
        self._header = header
        self._prefix = prefix
        self._headers = headers
        self._name = name
        self._deadline_s = deadline_s
        self._clock = clock
        self._call: Call | None = None
        self._theirs: tuple[int, float] | None = None
        """Their time, and ours in monotonic seconds when they told it."""

    @property
    def contacted(self) -> bool:
        """Whether a connection to the host, or to a proxy for it, came about."""
        return self._call is not None and self._call.contacted

    @property
    def left_s(self) -> float:
        """What is left of the deadline; whoever has more to ask can stop before it is over."""
        return self._deadline_s if self._call is None else max(self._call.left_s, 0.0)

    @property
    def now_utc(self) -> int:
        """The time by the provider's own clock once it has answered, before that by ours."""
        if self._theirs is None:
            return self._clock.now_utc()
        at_utc, told_at = self._theirs
        return at_utc + int(time.monotonic() - told_at)

    def get(self, path: str, params: Params = (), headers: Mapping[str, str] = {}) -> object:
        """The answer to a GET."""
        query = urlencode(list(params), quote_via=quote)
        target = f"{self._target(path)}?{query}" if query else self._target(path)
        for _ in range(_MOST_REDIRECTS + 1):
            received = self._send("GET", target, headers)
            if received.status not in _REDIRECTS:
                return self._answer(received)
            target = self._redirected(target, received)
        raise failures.led_in_circles(self._name)

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str] = {}) -> object:
        """The answer to a POST of JSON."""
        import json

        target = self._target(path)
        data = json.dumps(body).encode()
        received = self._send("POST", target, {**headers, "Content-Type": "application/json"}, data)
        if received.status in _REDIRECTS:
            self._redirected(target, received)
            raise failures.led_in_circles(self._name)
        return self._answer(received)

    def _target(self, path: str) -> str:
        if not path.startswith("/") or not is_path(path):
            raise failures.not_sent(self._name)  # such as an id with a slash or two dots in it
        return f"{self._origin}{self._base_path}{path}"

    def _send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None) -> "Received":
        from tokentray.net.transport import Call

        if self._call is None:
            self._call = Call(self._deadline_s, plain=self._origin.startswith("http:"))
        parts = urlsplit(url)
        started = time.monotonic()
        what = "failed"
        try:
            received = self._courier.send(
                method, url, self._origin, self._headers_with_key(headers), body, self._call, self._name
            )
            what = str(received.status)
        finally:
            spent_ms = int((time.monotonic() - started) * 1000)
            _log.debug("%s %s%s: %s, %d ms", method, parts.hostname, parts.path, what, spent_ms)
        told_utc = failures.http_date(received.headers.get("date", ""))
        if told_utc is not None:
            self._theirs = (told_utc, time.monotonic())
        return received

    def _headers_with_key(self, headers: Mapping[str, str]) -> dict[str, str]:
        key = self._credential.key.reveal()
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise failures.bad_key(self._name)
        log.never_show(key)
        named = {name.lower(): value for name, value in {**self._headers, **headers}.items()}
        return {**named, self._header.lower(): self._prefix + key}

    def _answer(self, received: "Received") -> object:
        if 200 <= received.status < 300:
            body = self._without_key(received.body)
            return bodies.parsed(body, received.headers.get("content-type", ""), self._name)
        answered = failures.Answered(received.status, received.headers, received.body, self.now_utc)
        raise failures.of_status(answered, self._name, self._credential.key.reveal())

    def _shares(self, host: str) -> bool:
        """Whether a host's name may hold a part of the key."""
        key = self._credential.key.reveal().lower()
        return any(host[at : at + _SHORTEST_KEY] in key for at in range(len(host) - _SHORTEST_KEY + 1))

    def _without_key(self, body: bytes) -> bytes:
        """An answer that names the key, as a label or an id, would take it into the history and onto the screen."""
        key = self._credential.key.reveal().encode()
        # What is shorter is no key, and could be a part of any word.
        return body.replace(key, b"[key]") if len(key) >= _SHORTEST_KEY else body

    def _redirected(self, url: str, received: "Received") -> str:
        """Where a redirect leads to. Raises RedirectedError for another origin."""
        try:
            target = urljoin(url, received.headers.get("location", ""))
            parts = urlsplit(target)
            found = base_of(f"{parts.scheme}://{parts.netloc}", private_allowed=True).origin
        except (ValueError, RefusedError):
            found, parts = "", urlsplit("")
        if found != self._origin:
            raise failures.elsewhere(self._name, "" if self._shares(parts.hostname or "") else parts.hostname or "")
        return target
