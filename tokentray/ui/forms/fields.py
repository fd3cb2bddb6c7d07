"""A field: its label, its control, what explains it, and, under the control, why it was refused."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.sections import ProblemSign
from tokentray.ui.widgets import TextLabel

SMALL = 0.92
"""Size of explaining text, as a part of the desktop's."""


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
        words = ": ".join(part for part in (problem.title, problem.message) if part) if problem else ""
        self.title.set_words(words)
        self.hint.set_words(problem.hint if problem else "")
        self.hint.setVisible(bool(problem and problem.hint))
        self.setAccessibleName(self.words())
        self.setVisible(problem is not None)

    def words(self) -> str:
        """All that it says."""
        return ". ".join(part for part in (self.title.words(), self.hint.words()) if part)


class Field(QWidget):
    """The control of a field with what stands under it. Its label is made by `Fields`."""

    def __init__(self, name: str, control: QWidget, text: str = "", *, beside: QWidget | None = None) -> None:
        """name: of the control, for those who hear it. text: a quiet line that explains it.

        beside: a control of its own name that stands at its side, such as a currency.
        """
        super().__init__()
        self.control = control
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


class Fields(QFormLayout):
    """Fields under each other, each with its label at its side, or above it where room is short."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setContentsMargins(0, 0, 0, 0)
        self.setHorizontalSpacing(14)
        self.setVerticalSpacing(10)
        self.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setLabelAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.setFormAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignTop)

    def add(self, label: str, control: QWidget, text: str = "", *, beside: QWidget | None = None) -> Field:
        """A field with a label that belongs to its control."""
        field = Field(label, control, text, beside=beside)
        self.put(label, field, control)
        return field

    def put(self, label: str, field: QWidget, control: QWidget) -> None:
        """Add what holds a control, with the label that belongs to that."""
        words = QLabel(label)
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setFont(theme.font())
        words.setBuddy(control)
        self.addRow(words, field)


def row(*widgets: QWidget, spacing: int = 6) -> QHBoxLayout:
    """Controls beside each other, at the leading side."""
    result = QHBoxLayout()
    result.setContentsMargins(0, 0, 0, 0)
    result.setSpacing(spacing)
    for widget in widgets:
        result.addWidget(widget)
    result.addStretch(1)
    return result


def empty(layout: QLayout) -> None:
    """Take everything out of a layout and let go of it."""
    while item := layout.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
