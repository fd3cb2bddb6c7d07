"""The filter box: it filters while the person types, offers what may be meant, and says calmly what it cannot read."""

from PySide6.QtCore import QEvent, QKeyCombination, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QCompleter, QLineEdit, QListView, QSizePolicy

from tokentray.charts.text import elided
from tokentray.insight.filters import Filter, FilterError, parse
from tokentray.report import Report
from tokentray.ui import theme
from tokentray.ui.history.completing import Seen, offered, word_at
from tokentray.ui.history.tips import visible
from tokentray.ui.widgets import SECONDARY, TextLabel, in_lines, plain_tip

_PAUSE_MS = 250
_LONGEST = 500
_LETTERS, _LEAST_LETTERS = 30, 11
"""That the box has room for, and has at least where the window is narrow."""
_COMPLAINT_LETTERS, _COMPLAINT_LINES = 52, 3
"""Room for all keys by name; the headline beside it is three such lines high."""
_SMALL = 0.92
_EXPORTS = QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_E)
_NAME = "Filter"
_TIP = (
    'Such as model:opus project:api* -agent:codex "night ferry". '
    "Words are looked for in models, projects, sources, agents, accounts, providers and payers (Ctrl+F)"
)


class Complaint(TextLabel):
    """What is not understood, as much of it as there is room for; the whole is in the tooltip."""

    def __init__(self) -> None:
        super().__init__(font=theme.font(_SMALL), wraps=True, gutter=False)
        self.setForegroundRole(SECONDARY)
        self.setFixedWidth(self.fontMetrics().averageCharWidth() * _COMPLAINT_LETTERS)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * _COMPLAINT_LINES + 2)
        self.hide()

    def complain(self, words: str) -> None:
        """Say it; without words there is none, and no room is taken."""
        self.set_words(words)
        self.setText(self._fitting(words))
        self.setToolTip(in_lines(words))
        self.setVisible(bool(words))

    def _fitting(self, words: str) -> str:
        flags = int(Qt.TextFlag.TextWordWrap)

        def taken(text: str, factor: float) -> float:
            return self.fontMetrics().boundingRect(0, 0, self.width(), 0, flags, text).height() * factor

        return elided(words, self.height(), 1.0, taken)


class FilterBox(QLineEdit):
    """One line. What it does not understand is not asked for, and said by `complaint`, which stands elsewhere."""

    typed = Signal(str)
    """A filter that is understood, once the person has paused."""

    def __init__(self) -> None:
        super().__init__()
        self._seen = Seen()
        self._meant = Filter()
        self.setFont(theme.font())
        self.setMaxLength(_LONGEST)
        self.setPlaceholderText(_NAME)
        self.setAccessibleName(_NAME)
        self.setToolTip(in_lines(_TIP))
        self.setAccessibleDescription(_TIP)
        self.setClearButtonEnabled(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        letter = self.fontMetrics().averageCharWidth()
        self.setMinimumWidth(letter * _LEAST_LETTERS)
        self.setMaximumWidth(letter * _LETTERS)
        self.complaint = Complaint()
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self)
        self._completer.setCompletionRole(Qt.ItemDataRole.UserRole)
        self._completer.activated.connect(self._on_taken)
        self._popup = self._completer.popup() or QListView()
        self._popup.installEventFilter(self)
        self._pause = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self.textEdited.connect(self._offer)
        self.textChanged.connect(self._on_changed)
        self.returnPressed.connect(self._tell)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(self.maximumWidth(), super().sizeHint().height())

    def show_text(self, text: str) -> None:
        """The filter of the question asked now. What the person is typing stays."""
        try:
            self._meant = parse(text)
        except FilterError:  # remembered, or from the command line: its report says what is wrong
            self._meant = Filter()
        if self._pause.isActive() or text == self.text():
            return
        self.setText(text)
        self._pause.stop()
        self._complain(None)

    def show_report(self, report: Report) -> None:
        """Remember what could be completed."""
        self._seen.take(report)

    def take_keyboard(self) -> None:
        """Have the person type over what stands there."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.selectAll()

    def names(self, key: str) -> list[str]:
        """Names of a key's values that reports have shown."""
        return self._seen.names(key)

    def event(self, event: QEvent) -> bool:
        """Some desktops go to the end of a line by the keys that export everywhere in the window."""
        is_override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_override and event.keyCombination() == _EXPORTS:  # type: ignore[attr-defined]
            event.ignore()
            return False
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self._tell()
        elif event.key() == Qt.Key.Key_Down and not event.modifiers():
            self._offer()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Enter takes what was typed, unless the person has gone to a word of the list: Qt would take its first."""
        pressed = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress
        enters = pressed and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)  # type: ignore[attr-defined]
        if not enters or self._popup.selectedIndexes():
            return super().eventFilter(watched, event)
        self._popup.hide()
        self._tell()
        return True

    def _on_changed(self) -> None:
        """Also by its own button to clear it, which counts as no edit."""
        self._pause.start()

    def _tell(self) -> None:
        self._pause.stop()
        text = self.text().strip()
        try:
            means_the_same = parse(text) == self._meant
            self._meant = parse(text)
        except FilterError as exc:
            self._complain(exc)
            return
        self._complain(None)
        if not means_the_same:
            self.typed.emit(text)

    def _complain(self, error: FilterError | None) -> None:
        words = "" if error is None else visible(f"{error.message}. {error.hint}")
        self.complaint.complain(words)
        self.setAccessibleDescription(words or _TIP)

    def _offer(self) -> None:
        _, word = word_at(self.text(), self.cursorPosition())
        words = offered(word, self._seen)
        self._model.clear()
        for one in words:
            item = QStandardItem(visible(one))
            item.setData(one, Qt.ItemDataRole.UserRole)
            item.setToolTip(plain_tip(one))
            self._model.appendRow(item)
        if not words:
            self._popup.hide()
            return
        self._completer.complete()

    def _on_taken(self, taken: str) -> None:
        """Put the word in, with a blank after it unless its pattern is still to come."""
        text, cursor = self.text(), self.cursorPosition()
        start, _ = word_at(text, cursor)
        taken += "" if taken.endswith(":") else " "
        self.setText(f"{text[:start]}{taken}{text[cursor:].lstrip()}")
        self.setCursorPosition(start + len(taken))
        if taken.endswith(":"):
            # Once the list of keys has closed: the list of values opens.
            QTimer.singleShot(0, self, self._offer)
