"""A field: its label, its control, what explains it, and, under the control, why it was refused."""

from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.sections import ProblemSign
from tokentray.ui.widgets import TextLabel

SMALL = 0.92
"""Size of explaining text, as a part of the desktop's."""


def in_words(problem: Problem) -> str:
    """What failed, and why: "The history is in use: another program holds it"."""
    return ": ".join(part for part in (problem.title, problem.message) if part)


class Refusal(QWidget):
    """Why something was not done, in words and with a shape. Hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sign = ProblemSign()
        self.title = TextLabel(font=theme.font(SMALL), wraps=True, gutter=False)
        self.hint = TextLabel(font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self.title)
        words.addWidget(self.hint)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 2)
        box.setSpacing(6)
        box.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        box.addLayout(words, 1)
        self.hide()

    def show_problem(self, problem: Problem | None) -> None:
        """None takes it away."""
        self.sign.show_grave(problem is None or problem.grave)
        self.title.set_words(in_words(problem) if problem else "")
        self.hint.set_words(problem.hint if problem else "")
        self.hint.setVisible(bool(problem and problem.hint))
        self.setAccessibleName(self.words())
        self.setVisible(problem is not None)

    def words(self) -> str:
        """All that it says."""
        return ". ".join(part for part in (self.title.words(), self.hint.words()) if part)


@runtime_checkable
class OfLines(Protocol):
    """A control of several lines."""

    def line_height(self) -> int:
        """Pixels of the first of them."""
        ...


class Field(QWidget):
    """The control of a field with what stands under it. Its label is made by `Fields`."""

    def __init__(self, name: str, control: QWidget, text: str = "", *, beside: QWidget | None = None) -> None:
        """name: of the control, for those who hear it. text: a quiet line that explains it.

        beside: a control of its own name that stands at its side, such as a currency.
        """
        super().__init__()
        self.control = control
        self._line = [one for one in (control, beside) if one is not None]
        self._text = text
        if not control.accessibleName():
            control.setAccessibleName(name)
        self.help = TextLabel(font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
        self.refusal = Refusal()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3)
        if beside is None:
            box.addWidget(control)
        else:
            box.addLayout(row(control, beside))
        box.addWidget(self.help)
        box.addWidget(self.refusal)
        self.explain(text)

    def line_height(self) -> int:
        """Pixels that the control is high, or the first line of one that has several."""
        return max(one.line_height() if isinstance(one, OfLines) else one.sizeHint().height() for one in self._line)

    def explain(self, text: str) -> None:
        """Another line that explains it, "" for none."""
        self._text = text
        self.help.set_words(text)
        self.help.setVisible(bool(text))
        self._describe()

    def refuse(self, problem: Problem | None) -> None:
        """Say under the control why it was refused; None takes that away."""
        self.refusal.show_problem(problem)
        self._describe()

    def refused(self) -> bool:
        return not self.refusal.isHidden()

    def _describe(self) -> None:
        parts = (self.refusal.words(), self._text)
        self.control.setAccessibleDescription(". ".join(part for part in parts if part))


class Fields(QGridLayout):
    """Fields under each other, each with its label at its side, or above it.

    A grid, since a form layout loses count of the height of texts that wrap and change.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[QLabel, Field]] = []
        self._stacked = False
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(14)
        self.setVerticalSpacing(10)
        self.setColumnStretch(1, 1)

    def add(self, label: str, control: QWidget, text: str = "", *, beside: QWidget | None = None) -> Field:
        """A field with a label that belongs to its control."""
        field = Field(label, control, text, beside=beside)
        self.put(label, field, control)
        return field

    def put(self, label: str, field: Field, control: QWidget) -> None:
        """Add a field, with a label that belongs to the control in it."""
        words = QLabel(label)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setFont(theme.font())
        words.setBuddy(control)
        self._rows.append((words, field))
        self._lay(len(self._rows) - 1)

    def stack(self) -> None:
        """Have each label above its field."""
        self._stacked = True
        for place, (label, field) in enumerate(self._rows):
            self.removeWidget(label)
            self.removeWidget(field)
            self._lay(place)

    def label_of(self, field: QWidget) -> QLabel:
        """The label of a field."""
        return next(label for label, one in self._rows if one is field)

    def show_row(self, field: QWidget, *, shown: bool) -> None:
        """Show or hide a field with its label."""
        self.label_of(field).setVisible(shown)
        field.setVisible(shown)

    def _lay(self, place: int) -> None:
        label, field = self._rows[place]
        if self._stacked:
            label.setMinimumHeight(0)
            # A label goes by the direction of its words; here it goes by that of the window, as the field does.
            side = Qt.AlignmentFlag.AlignRight if label.isRightToLeft() else Qt.AlignmentFlag.AlignLeft
            label.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute | Qt.AlignmentFlag.AlignVCenter)
            self.addWidget(label, 2 * place, 0, 1, 2)
            self.addWidget(field, 2 * place + 1, 0, 1, 2)
            return
        # As high as a control of one line, so that the words of both stand on one line.
        label.setMinimumHeight(min(field.line_height(), label.sizeHint().height() * 2))
        self.addWidget(label, place, 0, Qt.AlignmentFlag.AlignTop)
        self.addWidget(field, place, 1, Qt.AlignmentFlag.AlignTop)


def row(*widgets: QWidget, spacing: int = 6) -> QHBoxLayout:
    """Controls beside each other, at the leading side."""
    result = QHBoxLayout()
    result.setContentsMargins(0, 0, 0, 0)
    result.setSpacing(spacing)
    for widget in widgets:
        result.addWidget(widget)
    result.addStretch(1)
    return result
