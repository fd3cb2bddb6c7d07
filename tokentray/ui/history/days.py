"""The small window in which the person types the days to look at."""

from datetime import date

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from tokentray.question import Period, Span
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.dayedit import UNREAD, DayEdit
from tokentray.ui.forms.fields import Fields, Refusal, row

_LETTERS = 36
_BACKWARDS = Problem("The first day lies after the last", "", "Choose an earlier first day, or a later last one")
_UNREAD = [UNREAD._replace(title=f"The {name} day is no date") for name in ("first", "last")]
_SAID = (_BACKWARDS, *_UNREAD)


class DaysPopup(QFrame):
    """Two dates. Enter or its button shows them; Esc or a click beside it leaves all as it is."""

    chosen = Signal(object)
    """A CUSTOM Period."""
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Days to look at")
        self.setFont(theme.font())
        self.first, self.last = DayEdit(), DayEdit()
        fields = Fields()
        fields.add("From", self.first)
        fields.add("To", self.last)
        self.refusal = Refusal()
        # Room for all that may be said is kept: the popup must not grow under the pointer.
        self.refusal.setFixedWidth(self.fontMetrics().averageCharWidth() * _LETTERS)
        self.refusal.setMinimumHeight(max(map(self._needed, _SAID)))
        policy = self.refusal.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.refusal.setSizePolicy(policy)
        self.show_button = Button("Show", name="Show these days")
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 14, 16, 12)
        box.setSpacing(8)
        box.addLayout(fields)
        box.addWidget(self.refusal)
        box.addLayout(row(self.show_button))
        self.show_button.clicked.connect(self._on_show)
        for edit in (self.first, self.last):
            edit.edited.connect(lambda: self.refusal.show_problem(None))

    def open(self, under: QWidget, first: date, last: date) -> None:
        """Show it under a widget, with these days filled in."""
        self.first.show_day(first)
        self.last.show_day(last)
        self.refusal.show_problem(None)
        self.adjustSize()
        corner = under.rect().bottomLeft()
        if self.isRightToLeft():
            corner = under.rect().bottomRight() - QPoint(self.width(), 0)
        place = under.mapToGlobal(corner) + QPoint(0, 2)
        room = under.screen().availableGeometry()
        place.setX(max(room.left(), min(place.x(), room.right() - self.width())))
        place.setY(max(room.top(), min(place.y(), room.bottom() - self.height())))
        self.move(place)
        self.show()
        self.first.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_show()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        self.closed.emit()

    def _needed(self, problem: Problem) -> int:
        """Pixels that the words take in height."""
        self.refusal.show_problem(problem)
        high = self.refusal.heightForWidth(self.refusal.width())
        self.refusal.show_problem(None)
        return high

    def _on_show(self) -> None:
        for edit, unread in zip((self.first, self.last), _UNREAD, strict=True):
            if edit.is_unread():
                self.refusal.show_problem(unread)
                edit.setFocus(Qt.FocusReason.OtherFocusReason)
                edit.selectAll()
                return
        first, last = self.first.day(), self.last.day()
        if first > last:
            self.refusal.show_problem(_BACKWARDS)
            return
        self.chosen.emit(Period(Span.CUSTOM, first, last))
        self.hide()
