"""One tray for each data folder: the lock decides who is first, the socket carries "show" to it.

Order matters: lock, then clear a socket that a crash left, then listen. The socket answers only the same user,
reads at most 4 KiB of a message, and does nothing but show.
"""

import hashlib
import logging
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_log = logging.getLogger(__name__)

_SHOW = b"show\n"
_LONGEST_MESSAGE = 4096
_PATIENCE_MS = 1000
_LONGEST_NAME = 100
"""A socket's path holds 108 bytes on Linux and 104 on macOS."""


class Instance(QObject):
    """This process among those of the same data folder."""

    show_asked = Signal()

    def __init__(self, folder: Path, runtime: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "tray.lock"))
        self._lock.setStaleLockTime(0)  # a lock is never stale for its age; one whose process died is, at once
        self._name = socket_name(folder, runtime)
        self._server: QLocalServer | None = None
        self._callers: list[QLocalSocket] = []

    def claim(self) -> bool:
        """Become the first and listen; False where another is."""
        if not self._lock.tryLock(0):
            return self._lock.error() is not QLockFile.LockError.LockFailedError
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._name)
        if not server.listen(self._name):
            # Without it a second start cannot be answered; the tray itself works.
            _log.warning("no socket for other starts: %s", server.errorString())
            return True
        server.newConnection.connect(self._on_connection)
        self._server = server
        return True

    def ask_first_to_show(self) -> bool:
        """Have the first one open its popover. False where it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_PATIENCE_MS):
            return False
        socket.write(_SHOW)
        sent = socket.waitForBytesWritten(_PATIENCE_MS)
        socket.disconnectFromServer()
        return sent

    def release(self) -> None:
        """Let another be the first."""
        if self._server is not None:
            self._server.close()
            self._callers.clear()
        self._lock.unlock()

    def _on_connection(self) -> None:
        assert self._server is not None
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setReadBufferSize(_LONGEST_MESSAGE)
            socket.readyRead.connect(self._on_message)
            self._callers.append(socket)
        self._on_message()

    def _on_message(self) -> None:
        # A message ends with its line; whoever sends more than one may send none.
        for socket in self._callers:
            if socket.canReadLine():
                if socket.readLine(_LONGEST_MESSAGE).data() == _SHOW:
                    self.show_asked.emit()
                socket.abort()
            elif socket.bytesAvailable() >= _LONGEST_MESSAGE:
                socket.abort()
        connected = QLocalSocket.LocalSocketState.ConnectedState
        self._callers = [socket for socket in self._callers if socket.state() is connected]


def socket_name(folder: Path, runtime: Path) -> str:
    """The socket's full path: in the run-time folder, named after the data folder, so that demos stay apart."""
    digest = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    path = str(runtime / f"tokentray-{digest}")
    return path if len(path.encode("utf-8", "surrogateescape")) <= _LONGEST_NAME else f"tokentray-{digest}"
