"""Real servers on this machine that say what a test has them say, broken off, without end or byte by byte if asked."""

import contextlib
import json
import selectors
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit


class Seen(NamedTuple):
    """A request as it came. target: path and query as sent. headers: by their names in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """The connection itself, for what is no whole answer. `send` returns False once the client has left."""

    def __init__(self, connection: socket.socket, server: "ScriptedServer") -> None:
        self._connection = connection
        self._server = server

    def send(self, data: bytes) -> bool:
        try:
            self._connection.sendall(data)
        except OSError:
            return False
        self._server.count_sent(len(data))
        return True

    def relay(self, port: int) -> None:
        """Be a tunnel to another server on this machine, until either side leaves."""
        with socket.create_connection(("127.0.0.1", port)) as other, selectors.DefaultSelector() as ready:
            ready.register(self._connection, selectors.EVENT_READ, other)
            ready.register(other, selectors.EVENT_READ, self._connection)
            with contextlib.suppress(OSError):
                while True:
                    for key, _ in ready.select():
                        data = key.fileobj.recv(65_536)  # type: ignore[union-attr]  # sockets are registered
                        if not data:
                            return
                        key.data.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Wait; False once the server is being closed."""
        return not self._server.closing.wait(seconds)


class Reply(NamedTuple):
    """An answer. body: bytes or text as they are, anything else as JSON. wire: talks to the socket instead."""

    status: int = 200
    body: object = b""
    headers: Mapping[str, str] = {}
    wire: Callable[[Wire], None] | None = None

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


Answer = Callable[[Seen], Reply]


class ScriptedServer:
    """`with ScriptedServer(answer) as server:` asks `answer` for each request and keeps all in `server.seen`.

    The function runs in the thread of its connection. tls: answers as https. sent: bytes of bodies and wires so far.
    """

    def __init__(self, answer: Answer, *, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.seen: list[Seen] = []
        self.sent = 0
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """Its origin."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Hang up on everybody, and wait for the threads."""
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()

    def count_sent(self, size: int) -> None:
        with self._lock:
            self.sent += size

    def accepted(self, connection: socket.socket) -> socket.socket:
        with self._lock:
            self.connections += 1
        if self._tls is None:
            return connection
        # The handshake is made by the connection's own thread, at the first read.
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def noticed(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
        return self.answer(seen)


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that closing waits for them
    block_on_close = True

    def __init__(self, script: ScriptedServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        # A server that a test broke must not keep the test run from ending.
        connection.settimeout(30)
        connection = self.script.accepted(connection)
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what these servers are for."""

    def hang_up(self) -> None:
        with self._open_lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are sent apart, and the second would wait 40 ms for a word of thanks
    server: _Server

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:
            self.close_connection = True

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        script = self.server.script
        reply = script.noticed(Seen(self.command, self.path, headers, body))
        if reply.wire is not None:
            self.close_connection = True
            reply.wire(Wire(self.connection, script))
            return
        data = reply.data
        self.send_response_only(reply.status)
        named = {name.lower() for name in reply.headers}
        if "content-type" not in named:
            self.send_header("Content-Type", "application/json")
        if "content-length" not in named:
            self.send_header("Content-Length", str(len(data)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        script.count_sent(len(data))

    do_GET = do_POST = do_CONNECT = _respond  # noqa: N815 (http.server's names)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def tunnel(port: int) -> Reply:
    """What a proxy answers a CONNECT with, wherever it was to lead to."""

    def talk(wire: Wire) -> None:
        wire.send(b"HTTP/1.1 200 Connected\r\n\r\n")
        wire.relay(port)

    return Reply(wire=talk)


# What goes wrong


def cut_body(body: bytes = b'{"data": [{"amount": 1', *, promised: int = 1000) -> Reply:
    """Promises more than it sends, and hangs up."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % promised

    def talk(wire: Wire) -> None:
        wire.send(head + body)

    return Reply(wire=talk)


def hang_up() -> Reply:
    """Takes the request and leaves without a word."""
    return Reply(wire=lambda _: None)


def silence() -> Reply:
    """Takes the request and never says anything."""

    def talk(wire: Wire) -> None:
        wire.pause(60)

    return Reply(wire=talk)


def drip(*, every_s: float = 1.0, head: bool = False) -> Reply:
    """One byte at a time, without end: of the body, or of the headers already."""
    start = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

    def talk(wire: Wire) -> None:
        going = wire.send(start + (b"X-Slow: " if head else b"Content-Length: 100000\r\n\r\n["))
        while going and wire.pause(every_s):
            going = wire.send(b" " if not head else b"x")

    return Reply(wire=talk)


def endless(size: int = 2_000_000_000, *, promised: bool = False) -> Reply:
    """A body of that many bytes, in chunks without saying how many, or with its length said first."""
    length = b"Content-Length: %d\r\n" % size if promised else b"Transfer-Encoding: chunked\r\n"
    piece = b" " * 65_536

    def talk(wire: Wire) -> None:
        going = wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + length + b"\r\n")
        left = size
        while going and left > 0:
            going = wire.send(piece if promised else b"%x\r\n%s\r\n" % (len(piece), piece))
            left -= len(piece)

    return Reply(wire=talk)


def gzip_bomb(size: int = 2_000_000_000) -> Reply:
    """A small body that unpacks to that many bytes."""

    def talk(wire: Wire) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        piece = b" " * 1_000_000
        going = wire.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        left = size
        while going and left > 0:
            packed = packer.compress(piece)
            if packed:
                going = wire.send(b"%x\r\n%s\r\n" % (len(packed), packed))
            left -= len(piece)

    return Reply(wire=talk)
