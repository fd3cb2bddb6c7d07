"""What every page of the settings is made of: a heading, sections, and lists whose rows stay where they are.

A page shows a Setup as often as one comes. It leaves alone what the person is changing, moves no focus, and keeps
what is looked at where it is on the screen.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QPainter
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from tokentray.requests import Answer, Request
from tokentray.setup import Setup
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.controls import direction_of
from tokentray.ui.forms.desk import Desk
from tokentray.ui.forms.fields import Refusal
from tokentray.ui.widgets import SectionRule, TextLabel, in_lines, tell_on_focus

MARGIN = 24
_WIDEST = 680
"""Lines longer than this are hard to read, however wide the window is."""

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")
RowWidget = TypeVar("RowWidget", bound=QWidget)


class Page(QWidget):
    """One page. `body` is the column that its parts stand in."""

    relaid = Signal()
    """Something came, went or changed its size."""

    def __init__(self, title: str, text: str, desk: Desk) -> None:
        """text: what the page is for, one or two sentences."""
        super().__init__()
        self.desk = desk
        self.setup: Setup | None = None
        content = QWidget()
        content.setMaximumWidth(_WIDEST)
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(10)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN - 4, MARGIN, MARGIN)
        whole.addWidget(content, 1000)
        whole.addStretch(1)
        heading = label(factor=1.35, weight=QFont.Weight.DemiBold, wraps=True)
        heading.set_words(title)
        self.body.addWidget(heading)
        self.say(text)

    def show_setup(self, setup: Setup) -> None:
        """Follow what is known now."""
        self.setup = setup

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.relaid.emit()
        return done

    def say(self, text: str, *, secondary: bool = True) -> TextLabel:
        """A paragraph."""
        words = label(secondary=secondary, wraps=True)
        words.set_words(text)
        self.body.addWidget(words)
        return words

    def rule(self) -> None:
        """A hairline, where another part of the page begins."""
        self.body.addSpacing(10)
        self.body.addWidget(SectionRule(inset=0))
        self.body.addSpacing(4)

    def section(self, title: str, text: str = "") -> None:
        """Begin another part of the page."""
        self.rule()
        heading = label(factor=1.1, weight=QFont.Weight.DemiBold, wraps=True)
        heading.set_words(title)
        self.body.addWidget(heading)
        if text:
            self.say(text)


class Link(TextButton):
    """A word to press within a page."""

    def __init__(self, text: str) -> None:
        super().__init__(text, link=True)

    def paint_face(self, painter: QPainter, ink: QColor) -> None:
        painter.setLayoutDirection(direction_of(self.text()))
        super().paint_face(painter, ink)


class RemoveButton(Link):
    """Removes the row it stands in. The keyboard on it tells the whole text of the row, as the pointer on that does."""

    def __init__(self, text: TextLabel) -> None:
        super().__init__("Remove")
        self._text = text

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusInEvent(event)
        self.setToolTip(in_lines(self._text.toolTip()))
        tell_on_focus(self, event)


class Line(QWidget):
    """A row of a list: a text, and a button to remove what it tells of, which can be put back."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._removal: Request | None = None
        self._undo: Request | None = None
        self._asked = False
        self.text = label(elides=True)
        self.remove = RemoveButton(self.text)
        self.refusal = Refusal()
        self.words = QHBoxLayout()
        self.words.setSpacing(14)
        self.words.addWidget(self.text, 1)
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addLayout(self.words, 1)
        line.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(line)
        box.addWidget(self.refusal)
        self.remove.clicked.connect(self._on_remove)

    def show_item(self, text: str, name: str, removal: Request, undo: Request) -> None:
        """name: of what would be removed, for those who hear the button. undo: what puts it back."""
        self._removal, self._undo = removal, undo
        self.text.set_words(text)
        self.remove.setAccessibleName(f"Remove {name}")

    def _on_remove(self) -> None:
        if self._removal is not None and not self._asked:
            self._asked = True
            self._desk.send(self._removal, self, self._on_answer, self._undo)

    def _on_answer(self, answer: Answer) -> None:
        self._asked = False
        self.refusal.show_problem(answer.problem)


def label(
    *,
    factor: float = 1.0,
    weight: QFont.Weight | None = None,
    secondary: bool = False,
    wraps: bool = False,
    elides: bool = False,
    trailing: bool = False,
) -> TextLabel:
    """Plain text that stands flush with the controls of a page."""
    font = theme.font(factor, weight)
    return TextLabel(font=font, secondary=secondary, wraps=wraps, elides=elides, trailing=trailing, gutter=False)


def reconcile(
    column: QLayout,
    rows: dict[Key, RowWidget],
    items: Sequence[tuple[Key, Item]],
    make: Callable[[Item], RowWidget],
    show: Callable[[RowWidget, Item], None],
    otherwise: QWidget,
) -> None:
    """Have one row for each item, in their order. Rows that stay are the same widgets, so nothing typed is lost.

    otherwise: takes the keyboard where the row that had it goes, and none is left.
    """
    wanted = dict(items)
    focus: QWidget | None = QApplication.focusWidget()
    order = list(rows)
    lost = -1
    for key in [key for key in rows if key not in wanted]:
        row = rows.pop(key)
        if focus is not None and row.isAncestorOf(focus):
            lost = order.index(key)
        column.removeWidget(row)
        row.hide()
        row.deleteLater()
    for place, (key, item) in enumerate(items):
        if key not in rows:
            rows[key] = make(item)
        show(rows[key], item)
        if _place(column, rows[key]) != place:
            column.removeWidget(rows[key])
            _insert(column, place, rows[key])
            # At once, not in the next turn of the loop: what is looked at can only be kept in place by now.
            rows[key].show()
    if list(rows) != list(wanted):
        ordered = {key: rows[key] for key in wanted}
        rows.clear()
        rows.update(ordered)
    if lost >= 0:
        left = list(rows.values())
        heir = _first_stop(left[min(lost, len(left) - 1)]) if left else otherwise
        heir.setFocus(Qt.FocusReason.OtherFocusReason)


def _place(column: QLayout, row: QWidget) -> int:
    return column.indexOf(row)


def _insert(column: QLayout, place: int, row: QWidget) -> None:
    assert isinstance(column, QVBoxLayout)
    column.insertWidget(place, row)


def _first_stop(row: QWidget) -> QWidget:
    """The control of a row that takes over where another row was removed: its own button to remove."""
    return row.remove if isinstance(row, Line) else row
