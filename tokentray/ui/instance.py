"""One tray for each data folder: the lock decides who is first, the socket carries "show", "history" and "refreshed".

Order matters: lock, then clear a socket that a crash left, then listen. The socket answers only the same user,
reads at most 4 KiB of a message, and does nothing but show what there is.
"""

import logging
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from tokentray.doorbell import HISTORY, LONGEST_MESSAGE, REFRESHED, SHOW, socket_name
from tokentray.insight.question_json import of_text

_log = logging.getLogger(__name__)

_PATIENCE_MS = 1000


class Instance(QObject):
    """This process among those of the same data folder."""

    show_asked = Signal()
    refreshed = Signal()
    """Another process has read logs into the history, or changed what was told."""
    history_asked = Signal(object)
    """The Question that the history window is to open on, None for the one it showed last."""

    def __init__(self, folder: Path, runtime: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = QLockFile(str(folder / "tray.lock"))
        self._lock.setStaleLockTime(0)  # a lock is never stale for its age; one whose process died is, at once
        self._name = socket_name(folder, runtime)
        self._server: QLocalServer | None = None
        self._callers: list[QLocalSocket] = []
        self._verbs = {SHOW: self.show_asked, REFRESHED: self.refreshed}

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

    def ask_first(self, message: bytes = SHOW) -> bool:
        """Have the first one open its popover, or what the message says. False where it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(_PATIENCE_MS):
            return False
        socket.write(message)
        sent = socket.waitForBytesWritten(_PATIENCE_MS)
        socket.disconnectFromServer()
        return sent

    def release(self) -> None:
        """Let another be the first."""
        if self._server is not None:
            self._server.close()
            self._callers.clear()
        self._lock.unlock()

    def take(self, message: bytes) -> None:
        """Do what a message says; one that is not understood is nobody's business but the log's."""
        asked = self._verbs.get(message)
        if asked is not None:
            asked.emit()
            return
        verb, _, question = message.removesuffix(b"\n").partition(b" ")
        if verb != HISTORY or not message.endswith(b"\n"):
            return
        try:
            self.history_asked.emit(of_text(question) if question else None)
        except ValueError as exc:
            _log.info("a question for the history window is passed over: %s", exc)

    def _on_connection(self) -> None:
        assert self._server is not None
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.setReadBufferSize(LONGEST_MESSAGE)
            socket.readyRead.connect(self._on_message)
            self._callers.append(socket)
        self._on_message()

    def _on_message(self) -> None:
        # A message ends with its line; whoever sends more than one may send none.
        for socket in self._callers:
            if socket.canReadLine():
                self.take(bytes(socket.readLine(LONGEST_MESSAGE + 1).data()))  # one is for the end of it
                socket.abort()
            elif socket.bytesAvailable() >= LONGEST_MESSAGE:
                socket.abort()
        connected = QLocalSocket.LocalSocketState.ConnectedState
        self._callers = [socket for socket in self._callers if socket.state() is connected]
