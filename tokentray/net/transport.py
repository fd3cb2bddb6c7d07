"""Sends one request at a time and brings back its whole answer, within a deadline that nothing can stretch.

httpx's own limits count from one byte to the next, and not at all while a name is looked up; so the connections are
made here. Each origin and route has its own pool with its own trust, for truststore lets only one handshake at a time
pass through a context, and one host that hangs must not hold up the others.
"""

import contextlib
import http.cookiejar
import ipaddress
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

import httpcore
import httpx
import truststore

from tokentray.errors import OfflineError, ProviderError
from tokentray.net import bodies, failures
from tokentray.net.origins import is_private
from tokentray.net.proxies import Proxy, proxy_for
from tokentray.secret import Secret

STEP_S = 20.0
"""For one step of a request: to connect, to shake hands, the next bytes."""
_CONNECT_S = 10.0
"""For one address of a host, which may have several, some of them dead."""
_ERROR_BYTES = 65_536
_MOST_CA_BYTES = 10_000_000
_KEPT_S = 30.0

# Both would tell the log what it must not hold: whole addresses with their queries, and headers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class Call:
    """What one channel may use up. until: monotonic. plain: without TLS, so that only private addresses will do."""

    def __init__(self, deadline_s: float, *, plain: bool) -> None:
        self.until = time.monotonic() + deadline_s
        self.plain = plain
        self.contacted = False

    @property
    def left_s(self) -> float:
        return self.until - time.monotonic()


class Received(NamedTuple):
    """A whole answer. headers: by their names in lower case. body: unpacked; of an error, its beginning."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Courier:
    """The one httpx client of the process; several threads may use it. Raises ProviderError, and nothing else."""

    def __init__(self, proxy: str, proxy_password: Secret | None, ca_file: str, user_agent: str) -> None:
        self._transport = _Transport(proxy, proxy_password, ca_file)
        # Accounts of one host share the client: a cookie of the one must not come with the other's key.
        no_cookies = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self._client = httpx.Client(
            transport=self._transport,
            trust_env=False,
            follow_redirects=False,
            cookies=no_cookies,
            timeout=STEP_S,
            headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"},
        )

    def close(self) -> None:
        self._client.close()

    def send(
        self, method: str, url: str, origin: str, headers: Mapping[str, str], body: bytes | None, call: Call, name: str
    ) -> Received:
        """One exchange. origin: the only one that the request may go to. name: the provider's, for the errors."""
        try:
            request = self._client.build_request(method, url, headers=headers, content=body)
        except (httpx.InvalidURL, UnicodeError, ValueError, TypeError):
            raise failures.not_sent(name) from None  # its words would repeat what could not be sent
        if request.url.userinfo or _origin(request.url) != origin:
            raise failures.elsewhere(name, request.url.host)
        if call.left_s <= 0:
            raise failures.too_slow(name)
        try:
            with self._transport.on(call):
                return self._exchange(request, name, again=method == "GET")
        except (httpcore.ProxyError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as exc:
            raise failures.of_network(exc, name, request.url.host) from None
        except (httpx.HTTPError, httpx.InvalidURL):
            # httpx looks where a redirect leads to, also where it is not to follow.
            raise failures.elsewhere(name, "") from None

    def _exchange(self, request: httpx.Request, name: str, *, again: bool) -> Received:
        try:
            response = self._client.send(request, stream=True)
        except (httpcore.RemoteProtocolError, httpcore.ReadError, httpcore.WriteError):
            # A connection that was kept may have been given up by the server just now; asking twice harms nothing.
            if not again:
                raise
            response = self._client.send(request, stream=True)
        with contextlib.closing(response):
            headers = {key.lower(): value for key, value in response.headers.items()}
            return Received(response.status_code, headers, _body(response, headers, name))


def _body(response: httpx.Response, headers: Mapping[str, str], name: str) -> bytes:
    packing = headers.get("content-encoding", "")
    if response.status_code < 300:
        length = headers.get("content-length", "")
        if length.isdigit() and (len(length) > 12 or int(length) > bodies.MOST_BYTES):
            bodies.too_large(name)
        return bodies.whole(response.iter_raw(), packing, name)
    try:
        return bodies.whole(response.iter_raw(), packing, name, most_bytes=_ERROR_BYTES)
    except (ProviderError, httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError):
        return b""  # the status says what is wrong, whatever became of its words


class _Transport(httpx.BaseTransport):
    """Brings requests to the pool of their origin and route."""

    def __init__(self, proxy: str, proxy_password: Secret | None, ca_file: str) -> None:
        self._proxy = proxy
        self._proxy_password = proxy_password
        self._ca_file = ca_file
        self._connections = _Connections()
        self._pools: dict[tuple[str, str, str], httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()

    def on(self, call: Call) -> "contextlib.AbstractContextManager[None]":
        """Within, requests of this thread are counted to the call."""
        return self._connections.on(call)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, httpx.SyncByteStream)
        response = self._pool(request.url).handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        assert isinstance(response.stream, Iterable)
        return httpx.Response(response.status, headers=response.headers, stream=_Stream(response.stream))

    def close(self) -> None:
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.close()

    def _pool(self, url: httpx.URL) -> httpcore.ConnectionPool:
        # The system's proxy may change while the program runs, as a laptop is carried about. Plain http is only for
        # this machine and private networks, so it needs no proxy, and shows the key to none.
        proxy = proxy_for(url.host, self._proxy, self._proxy_password) if url.scheme == "https" else None
        key = (_origin(url), proxy.url if proxy else "", proxy.user if proxy else "")
        with self._lock:
            pool = self._pools.get(key)
        if pool is None:
            made = self._made(url.scheme, proxy)
            with self._lock:
                pool = self._pools.setdefault(key, made)
        return pool

    def _made(self, scheme: str, proxy: Proxy | None) -> httpcore.ConnectionPool:
        trust = self._trust() if scheme == "https" else None
        # Without a limit: httpcore never frees the place of a tunnel whose handshake failed.
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=trust,
                max_connections=None,
                max_keepalive_connections=4,
                keepalive_expiry=_KEPT_S,
                network_backend=self._connections,
            )
        password = proxy.password.reveal() if proxy.password else ""
        return httpcore.HTTPProxy(
            proxy.url,
            proxy_auth=(proxy.user.encode(), password.encode()) if proxy.user else None,
            ssl_context=trust,
            proxy_ssl_context=self._trust() if proxy.url.startswith("https:") else None,
            max_connections=None,
            max_keepalive_connections=4,
            keepalive_expiry=_KEPT_S,
            network_backend=self._connections,
        )

    def _trust(self) -> ssl.SSLContext:
        """The system's own trust, and the certificates of `network.ca_file` with it."""
        context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._ca_file:
            try:
                context.load_verify_locations(cadata=_certificates(Path(self._ca_file).expanduser()))
            except OSError as exc:  # ssl.SSLError is one
                reason = "holds no certificate" if isinstance(exc, ssl.SSLError) else f"cannot be read: {exc.strerror}"
                raise failures.ca_file(reason) from None
            except ValueError:
                raise failures.ca_file("holds no certificate") from None
        return context


def _certificates(path: Path) -> str | bytes:
    if path.exists() and not path.is_file():
        raise failures.ca_file("is no file")
    with path.open("rb") as file:
        data = file.read(_MOST_CA_BYTES)
    if b"-----BEGIN CERTIFICATE-----" not in data:
        return data
    # Lists of certificates hold remarks in every language; what is between the marks is ASCII.
    return data.decode("ascii", "ignore")


class _Stream(httpx.SyncByteStream):
    """The body as it comes, and the connection given back at its end, or closed where it is left early."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    def close(self) -> None:
        if hasattr(self._pieces, "close"):
            self._pieces.close()


class _Connections(httpcore.NetworkBackend):
    """Connects, reads and writes, each within what is left of the call of this thread."""

    def __init__(self) -> None:
        self._plain = httpcore.SyncBackend()
        self._threads = threading.local()

    @contextlib.contextmanager
    def on(self, call: Call) -> Iterator[None]:
        self._threads.call = call
        try:
            yield
        finally:
            del self._threads.call

    @property
    def call(self) -> Call:
        call = self._threads.call
        assert isinstance(call, Call)
        return call

    def left_s(self, otherwise: type[httpcore.TimeoutException], most_s: float = STEP_S) -> float:
        left_s = self.call.left_s
        if left_s <= 0:
            raise otherwise("the deadline is over")
        return min(left_s, most_s)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the call's deadline is stricter
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError("the host has no address")
        for address in self._addresses(host, port):
            left_s = self.left_s(httpcore.ConnectTimeout, _CONNECT_S)
            try:
                stream = self._plain.connect_tcp(address, port, left_s, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as exc:
                failed = exc
                continue
            self.call.contacted = True
            return _Bounded(stream, self)
        raise failed

    def _addresses(self, host: str, port: int) -> list[str]:
        """Of plain http only those of private networks, whatever the name's owner says."""
        try:
            found = [str(ipaddress.ip_address(host))]
        except ValueError:
            found = _looked_up(host, port, self.left_s(httpcore.ConnectTimeout))
        if self.call.plain:
            found = [address for address in found if is_private(ipaddress.ip_address(address.partition("%")[0]))]
            if not found:
                raise OfflineError(
                    "Not sent", f"{host} is not in a private network, and http would show the key", "Use https"
                )
        return found


class _Bounded(httpcore.NetworkStream):
    """A connection whose every step ends with the call that waits for it."""

    def __init__(self, stream: httpcore.NetworkStream, connections: _Connections) -> None:
        self._stream = stream
        self._connections = connections

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - as above
        return self._stream.read(max_bytes, self._connections.left_s(httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        left_s = self._connections.left_s(httpcore.WriteTimeout)
        self._connections.call.contacted = True
        self._stream.write(buffer, left_s)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.NetworkStream:
        try:
            left_s = self._connections.left_s(httpcore.ConnectTimeout)
        except httpcore.ConnectTimeout:
            self.close()
            raise
        return _Bounded(self._stream.start_tls(ssl_context, server_hostname, left_s), self._connections)

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401 - httpcore's own signature
        return self._stream.get_extra_info(info)


def _looked_up(host: str, port: int, left_s: float) -> list[str]:
    """The addresses of a name, in a thread that may be left behind: the system's look-up has no time limit."""
    result: Future[list[str]] = Future()

    def work() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            result.set_result(list(dict.fromkeys(str(address[0]) for *_, address in found)))
        except (OSError, UnicodeError) as exc:
            result.set_exception(exc)

    threading.Thread(target=work, name="look-up", daemon=True).start()
    try:
        return result.result(left_s)
    except TimeoutError:
        raise httpcore.ConnectTimeout("the look-up takes too long") from None
    except (OSError, UnicodeError) as exc:
        raise httpcore.ConnectError("no such host") from exc


def _origin(url: httpx.URL) -> str:
    """As `origin_of` writes it, of the address as it is sent."""
    host = url.raw_host.decode("ascii").lower()
    at = f"[{ipaddress.IPv6Address(host)}]" if ":" in host else host
    return f"{url.scheme}://{at}" + (f":{url.port}" if url.port is not None else "")
