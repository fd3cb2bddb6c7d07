"""The foot of the history window: what is pointed at, what was done, and as of when all of it is."""

from PySide6.QtCore import QRectF, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QWidget

from tokentray.requests import Request
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.heard import announce
from tokentray.ui.history.chartview import RESTS_AFTER_MS
from tokentray.ui.widgets import TextLabel


class Foot(QWidget):
    """One line that keeps its room. What is pointed at stands before what was said last."""

    undone = Signal(object)
    """The Request that takes back what was done."""
    left = Signal()
    """The button that had the keyboard is gone."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""
        self._named = ""
        self._otherwise = ""
        self._undo: Request | None = None
        self.words = TextLabel(font=theme.font(SMALL), secondary=True, elides=True)
        self.undo = TextButton("Undo", factor=SMALL, link=True)
        self.as_of = TextLabel(font=theme.font(SMALL), secondary=True, trailing=True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.words, 1)
        line.addWidget(self.undo)
        line.addWidget(self.as_of)
        self.setFixedHeight(self.undo.sizeHint().height() + 6)
        self.undo.hide()
        self.undo.clicked.connect(self._on_undo)
        self._rests = QTimer(self, singleShot=True, interval=RESTS_AFTER_MS)
        self._rests.timeout.connect(self._tell_in_full)

    def name(self, words: str) -> None:
        """What is pointed at, "" for nothing."""
        self._named = words
        self._show()

    def name_in_full(self, words: str) -> None:
        """What the keyboard is on: what is too long for the line is told once it rests there."""
        if words != self._named:
            QToolTip.hideText()
            self._rests.start()
        self.name(words)

    def say(self, words: str) -> None:
        """What was done, also to who hears the window; "" for nothing."""
        self._said = words
        self._show()
        announce(self.words, words)

    def say_otherwise(self, words: str) -> None:
        """What stands there while there is nothing else to say."""
        self._otherwise = words
        self._show()

    def offer(self, undo: Request | None) -> None:
        """What takes back what was said to be done."""
        self._undo = undo
        if undo is None and self.undo.hasFocus():
            self.left.emit()
        self.undo.setVisible(undo is not None)

    def _on_undo(self) -> None:
        undo = self._undo
        if undo is not None:
            self.offer(None)  # once: a second press would put it back twice
            self.undone.emit(undo)

    def _tell_in_full(self) -> None:
        """Above the line, so that what the keyboard is on stays in sight."""
        tip = self.words.toolTip()
        if self._named and tip:
            QToolTip.showText(self.words.mapToGlobal(self.words.rect().topLeft()), tip, self.words)

    def _show(self) -> None:
        self.words.set_words(self._named or self._said or self._otherwise)


class BusyLine(QWidget):
    """A thin line while an answer takes long; it keeps its room, and does not move."""

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self.setFixedHeight(3)
        self.setAccessibleName("")

    def show_busy(self, busy: bool) -> None:
        self._busy = busy
        self.setAccessibleName("Reading the history" if busy else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        line = QRectF(self.rect())
        painter.fillRect(QRectF(line.left(), line.top(), line.width(), 1), shades.rule)
        if self._busy:
            painter.fillRect(line, shades.accent)
        painter.end()
