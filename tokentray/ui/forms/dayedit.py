"""A field for a date: typed as people write one, stepped with the arrow keys, or chosen from a calendar.

Qt's own takes what is typed part by part: of "5 Oct 2026" typed over "22 Nov 2026" it keeps the 22, without a word.
Here all of the text is read at once, and what is no date stays until it is corrected.
"""

import re
from datetime import date

from PySide6.QtCore import QDate, QDateTime, Qt, QTime, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCharFormat, QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QCalendarWidget, QDateEdit, QHBoxLayout, QSizePolicy, QWidget

from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms.daytext import read_day
from tokentray.ui.forms.eliding import Check

UNREAD = Problem("This is no date", "", "Write it like 5 Oct 2026, or choose it from the calendar")
"""What is said of a field whose text is no date, or one that lies centuries away."""
_FIRST, _LAST = date(1990, 1, 1), date(2199, 12, 31)
_LONGEST = 60
_WORDS = re.compile(r"\S+")
_OWN_KEYS = frozenset(
    (
        *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
        *(Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape),
    )
)
"""Keys that Qt's date field goes on seeing to; all others edit the text as in any line."""
_KEEPS_CURSOR = (Qt.FocusReason.MouseFocusReason, Qt.FocusReason.PopupFocusReason)


class DayEdit(QDateEdit):
    """A date, with a calendar to choose from."""

    edited = Signal()
    """The person changes it: types, steps, or chooses."""

    _typed = False
    """Whether the text is the person's: it may be written otherwise than dates are shown, or be no date."""

    _visited = False
    """Whether it had the keyboard before: then a window that comes back leaves the cursor where it was."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.touched = False
        self.setFont(theme.font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setCalendarPopup(True)
        self.setKeyboardTracking(False)
        self.setMinimumDate(_q_date(_FIRST))
        self.setMaximumDate(_q_date(_LAST))
        # As everywhere in the app: with its month as a word a date cannot be misread, whatever the locale is set to.
        # Qt turns the format round in a window that is turned.
        self.setDisplayFormat("yyyy MMM d" if self.isRightToLeft() else "d MMM yyyy")
        calendar = self.calendarWidget()
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        # Qt paints them red, and red says here that something failed.
        for weekday in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            calendar.setWeekdayTextFormat(weekday, QTextCharFormat())
        calendar.clicked.connect(self._on_picked)
        calendar.activated.connect(self._on_picked)
        line = self.lineEdit()
        line.setMaxLength(_LONGEST)
        line.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        # Qt would put the cursor back into the parts that it knows.
        line.cursorPositionChanged.disconnect()
        line.textEdited.connect(self._on_typed)
        self.dateChanged.connect(self._on_touched)

    def day(self) -> date:
        """The date it says; while that is none, the one it said before."""
        read = self._read(self.lineEdit().text()) if self._typed else None
        shown = self.date()
        return read or date(shown.year(), shown.month(), shown.day())

    def is_unread(self) -> bool:
        """Whether its text is no date, so that `day` is not what the person means."""
        return self._typed and self._read(self.lineEdit().text()) is None

    def show_day(self, day: date) -> None:
        """Fill it in; not something that the person chose."""
        blocked = self.blockSignals(True)
        self.setDate(_q_date(day))
        self.blockSignals(blocked)
        self.touched = False

    def setDate(self, day: QDate) -> None:  # noqa: N802 (Qt's name)
        self._typed = False
        super().setDate(day)

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        read = self._read(text) is not None
        return QValidator.State.Acceptable if read else QValidator.State.Intermediate, text, place

    def fixup(self, text: str) -> str:
        """Nothing is mended: it would be made another date."""
        return text

    def dateTimeFromText(self, text: str) -> QDateTime:  # noqa: N802 (Qt's name)
        read = self._read(text)
        return super().dateTimeFromText(text) if read is None else QDateTime(_q_date(read), QTime())

    def textFromDateTime(self, moment: QDateTime) -> str:  # noqa: N802 (Qt's name)
        """What is no date stays until it is corrected."""
        kept = moment.date() == self.date() and self.is_unread()
        return self.lineEdit().text() if kept else super().textFromDateTime(moment)

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:  # noqa: N802 (Qt's name)
        return QAbstractSpinBox.StepEnabledFlag.StepUpEnabled | QAbstractSpinBox.StepEnabledFlag.StepDownEnabled

    def stepBy(self, steps: int) -> None:  # noqa: N802 (Qt's name)
        """Step the part that the cursor is in; the day where all is selected, or where it is written otherwise."""
        if self.is_unread():
            return
        line, day = self.lineEdit(), self.day()
        written = self._written(day)
        place = line.selectionStart() if line.hasSelectedText() else line.cursorPosition()
        parts = [match.span() for match in _WORDS.finditer(written)]
        part = sum(end < place for _, end in parts) if line.text() == written else 0
        part = 2 if part == len(parts) - 1 else min(part, 1)  # some months are written as two words
        old = _q_date(day)
        self.setDate((old.addDays, old.addMonths, old.addYears)[part](steps))
        spans = [match.span() for match in _WORDS.finditer(line.text())]
        first, last = (spans[0], (spans[1][0], spans[-2][1]), spans[-1])[part]
        line.setSelection(first, last - first)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() in _OWN_KEYS or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            super().keyPressEvent(event)
        else:
            self.lineEdit().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802 (Qt's name)
        """One stop of the keyboard, not one for each part."""
        return QAbstractSpinBox.focusNextPrevChild(self, forward)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        back = self._visited and event.reason() == Qt.FocusReason.ActiveWindowFocusReason
        self._visited = True
        if not back and event.reason() not in _KEEPS_CURSOR:
            self.lineEdit().selectAll()  # so that typing a date replaces all of the one there

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusOutEvent(event)
        self._typed = self.is_unread()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _written(self, day: date) -> str:
        return super().textFromDateTime(QDateTime(_q_date(day), QTime()))

    def _read(self, text: str) -> date | None:
        shown = self.locale().toDate(text.strip(), "d MMM yyyy")  # as it writes dates itself
        read = date(shown.year(), shown.month(), shown.day()) if shown.isValid() else read_day(text, self.locale())
        return read if read is not None and _FIRST <= read <= _LAST else None

    def _on_picked(self, day: QDate) -> None:
        self.setDate(day)
        self._on_touched()

    def _on_typed(self) -> None:
        self._typed = True
        self._on_touched()

    def _on_touched(self) -> None:
        self.touched = True
        self.edited.emit()


class OptionalDay(QWidget):
    """A date that need not be: a check box with a date beside it."""

    def __init__(self, text: str, name: str, parent: QWidget | None = None) -> None:
        """text: of the check box; name: of the date, for those who hear it."""
        super().__init__(parent)
        self.check = Check(text)
        self.edit = DayEdit()
        self.edit.setAccessibleName(name)
        self.edit.setEnabled(False)
        self.check.toggled.connect(self.edit.setEnabled)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.check)
        row.addWidget(self.edit)
        row.addStretch(1)

    @property
    def touched(self) -> bool:
        return self.check.isChecked() or self.edit.touched

    def day(self) -> date | None:
        """The date, None where it is not wanted."""
        return self.edit.day() if self.check.isChecked() else None

    def show_day(self, day: date | None, otherwise: date) -> None:
        """Fill it in. otherwise: what the date begins with once it is wanted."""
        self.check.setChecked(day is not None)
        self.edit.show_day(day or otherwise)


def _q_date(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)
