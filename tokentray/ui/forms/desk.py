"""Where requests of a window leave, and where each answer finds who asked. Nothing waits for an answer."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tokentray.requests import Answer, Request

_SOON_MS = 300
_LATE_MS = 5000

Submit = Callable[[Request], int]


class Desk(QObject):
    """Sends requests, and hands on the answers; those of other windows are left to them."""

    said = Signal(str)
    """What to say at the foot of the window: what was done, that it takes a while, or "" for nothing."""

    def __init__(self, submit: Submit, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._submit = submit
        self._open: dict[int, tuple[QObject, Callable[[Answer], None]]] = {}
        self._waits = False
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._on_soon)
        self._late = QTimer(self, singleShot=True, interval=_LATE_MS)
        self._late.timeout.connect(self._on_late)

    def send(self, request: Request, asker: QObject, then: Callable[[Answer], None]) -> int:
        """Have it carried out. `then` is called with what came of it, unless `asker` is gone by then."""
        number = self._submit(request)
        self._open[number] = (asker, then)
        if not self._late.isActive():
            self._soon.start()
            self._late.start()
        return number

    def take(self, answer: Answer) -> bool:
        """Hand an answer to who asked. Returns whether the question was from here."""
        asker, then = self._open.pop(answer.request_id, (None, None))
        if asker is None or then is None:
            return False
        if not self._open:
            self._soon.stop()
            self._late.stop()
        elif self._late.isActive():
            self._late.start()
        if answer.problem is None or self._waits:
            self._waits = False
            self.said.emit(answer.text if answer.problem is None else "")
        if isValid(asker):
            then(answer)
        return True

    def waits(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._open)

    def _on_soon(self) -> None:
        self._waits = True
        self.said.emit("Saving…")

    def _on_late(self) -> None:
        self._waits = True
        self.said.emit("Not saved yet: TokenTray is busy. What you changed is not lost; you can go on.")
