"""Has the parts of a window painted one after the other, each in a turn of Qt's loop of its own."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget


class InTurns(QObject):
    """What the person does meanwhile is taken in between two parts, rather than after all of them."""

    def __init__(self, parts: Sequence[QWidget], parent: QObject) -> None:
        super().__init__(parent)
        self._parts = parts
        self._waiting: list[QWidget] = []
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._on_turn)

    @property
    def waits(self) -> bool:
        """Whether one of them is still to be painted."""
        return bool(self._waiting)

    def hold(self) -> None:
        """Keep all of them as they look now; from the next turn on they are painted as they are then."""
        for part in self._parts:
            part.setUpdatesEnabled(False)
        self._waiting = list(self._parts)
        self._turn.start()

    def _on_turn(self) -> None:
        self._waiting.pop(0).setUpdatesEnabled(True)
        if self._waiting:
            self._turn.start()
