"""The foot of the history window: what is pointed at, what was done, and as of when all of it is; what is wrong with
the sources, and how far a read has come.
"""

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolTip, QWidget

from tokentray.requests import Request
from tokentray.snapshot import ReadProgress
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.heard import announce
from tokentray.ui.history.chartview import RESTS_AFTER_MS
from tokentray.ui.history.health import READING, Health, reading_words
from tokentray.ui.history.trouble import TroubleButton
from tokentray.ui.view import MARGIN
from tokentray.ui.widgets import GUTTER, TextLabel

_BUSY = "Reading the history… Esc goes back to what is shown"
_SAID_AFTER_MS = 1000
"""How long a read goes on before who hears the window is told: most are over by then, and some come every minute."""


class Foot(QWidget):
    """One line that keeps its room. What is pointed at stands before what was said last."""

    undone = Signal(object)
    """The Request that takes back what was done."""
    left = Signal()
    """The button that had the keyboard is gone."""
    announced = Signal(str)
    """What is new about the sources, in words: who hears the window is told it."""
    mend_asked = Signal(str)
    """The page of the settings on which what is wrong is mended."""

    def __init__(self) -> None:
        super().__init__()
        self._said = ""
        self._named = ""
        self._otherwise = ""
        self._busy = False
        self._undo: Request | None = None
        self._progress: ReadProgress | None = None
        self.words = TextLabel(font=theme.font(SMALL), secondary=True, elides=True)
        self.undo = TextButton("Undo", factor=SMALL, link=True)
        self.trouble = TroubleButton()
        self.as_of = TextLabel(font=theme.font(SMALL), secondary=True, trailing=True)
        line = QHBoxLayout(self)
        line.setContentsMargins(MARGIN - GUTTER, 0, MARGIN - GUTTER, 0)
        line.setSpacing(8)
        line.addWidget(self.words, 1)
        line.addWidget(self.undo)
        line.addWidget(self.trouble)
        line.addWidget(self.as_of)
        self.setFixedHeight(self.undo.sizeHint().height() + 6)
        self.undo.hide()
        self.undo.clicked.connect(self._on_undo)
        self.trouble.clicked.connect(self._on_trouble)
        self._rests = QTimer(self, singleShot=True, interval=RESTS_AFTER_MS)
        self._rests.timeout.connect(self._tell_in_full)
        self._goes_on = QTimer(self, singleShot=True, interval=_SAID_AFTER_MS)
        self._goes_on.timeout.connect(self._tell_of_read)

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

    def let_go(self) -> None:
        """Something else is asked for: what was done before is no news any more, unless it can still be taken back."""
        if self._undo is None and self._said:
            self._said = ""
            self._show()

    def say_busy(self, busy: bool) -> None:
        """Whether an answer takes long; the end of that takes away what was said."""
        if busy or self._busy:
            self.say(_BUSY if busy else "")
        self._busy = busy

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

    def show_as_of(self, words: str) -> None:
        """As of when the figures are. While more is read, how far that has come stands there."""
        self.as_of.set_words(reading_words(self._progress) if self._progress else words)
        self._share_out()

    def show_health(self, health: Health) -> None:
        """How well the figures are being read. The end of a read is told with the figures that come of it."""
        if health.trouble is None and self.trouble.hasFocus():
            self.left.emit()
        if health.progress is None:
            self._goes_on.stop()
        elif self._progress is None:
            self._goes_on.start()
        self._progress = health.progress
        is_news = self.trouble.show_trouble(health.trouble)
        if health.progress is not None:
            self.show_as_of("")
        if is_news:
            self._announce(self.trouble, self.trouble.text())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        """What is wrong has most of the room, not all: what is pointed at is told in the rest."""
        self.trouble.setMaximumWidth(max(1, (self.width() - self.as_of.sizeHint().width()) * 3 // 5))

    def _announce(self, part: QWidget, words: str) -> None:
        announce(part, words)
        self.announced.emit(words)

    def _tell_of_read(self) -> None:
        self._announce(self.as_of, READING)

    def _on_trouble(self) -> None:
        page = self.trouble.page
        if page is None:
            self.trouble.tell()
        else:
            self.mend_asked.emit(page)

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
    """A thin line while an answer takes long, or how far a read of the logs has come; it keeps its room."""

    def __init__(self) -> None:
        super().__init__()
        self._busy = False
        self._progress: ReadProgress | None = None
        self.setFixedHeight(3)
        self.setAccessibleName("")

    def show_busy(self, busy: bool) -> None:
        self._busy = busy
        self.setAccessibleName("Reading the history" if busy else "")
        self.update()

    def show_progress(self, progress: ReadProgress | None) -> None:
        self._progress = progress
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        shades = theme.current()
        painter = QPainter(self)
        line = QRectF(self.rect())
        painter.fillRect(QRectF(line.left(), line.top(), line.width(), 1), shades.rule)
        if self._busy:
            painter.fillRect(line, shades.accent)
        elif self._progress is not None:
            painter.fillRect(line, shades.track)
            long = line.width() * self._progress.files_done / max(1, self._progress.files_total)
            rtl = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
            painter.fillRect(QRectF(line.right() - long if rtl else line.left(), 0, long, line.height()), shades.accent)
        painter.end()
