"""The part of the bar on top that says what the chart and the table stand for. What makes no sense is hidden."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from tokentray.question import Measure
from tokentray.report import Choice, Report
from tokentray.ui import theme
from tokentray.ui.forms.controls import Combo
from tokentray.ui.widgets import GUTTER

_LETTERS, _MEASURE_LETTERS, _LEAST_LETTERS = 9, 14, 5
"""That a choice has room for, and has at least where the window is narrow."""


class LabelledCombo(QWidget):
    """A combo box with its label before it; hidden while there is nothing to choose."""

    chosen = Signal(str)

    def __init__(self, label: str, letters: int = _LETTERS) -> None:
        super().__init__()
        self.label = QLabel(label)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setFont(theme.font())
        self.combo = Combo()
        self.combo.setFont(theme.font())
        self.combo.setMinimumContentsLength(letters)
        less = self.combo.fontMetrics().averageCharWidth() * (letters - _LEAST_LETTERS)
        self.combo.setMinimumWidth(self.combo.minimumSizeHint().width() - less)
        self.combo.setAccessibleName(label)
        self.label.setBuddy(self.combo)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.label)
        line.addWidget(self.combo)
        self.combo.chosen.connect(self.chosen)

    def show_choices(self, choices: Sequence[Choice], value: str) -> None:
        """Offer these, with this one filled in, also where it is none of them."""
        offered = [(choice.id, choice.label) for choice in choices]
        if offered and value not in dict(offered):
            offered.append((value, value.replace(",", ", ")))
        self.setVisible(bool(choices))
        self.combo.show_choices(offered)
        self.combo.show_value(value)


class Grouping(QWidget):
    """What is measured, by what it is grouped, and what a bar stands for."""

    measured = Signal(object)
    """A Measure."""
    grouped = Signal(object)
    """Keys of `usage --by`."""
    split = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.measure = LabelledCombo("Show", _MEASURE_LETTERS)
        self.by = LabelledCombo("Group by")
        self.step = LabelledCombo("Split by")
        line = QHBoxLayout(self)
        line.setContentsMargins(GUTTER, 0, 0, 0)
        line.setSpacing(16)
        for part in (self.measure, self.by, self.step):
            line.addWidget(part)
        line.addStretch(1)
        # The line keeps its height where it has nothing to offer.
        self.setFixedHeight(max(part.sizeHint().height() for part in (self.measure, self.by, self.step)))
        self.measure.chosen.connect(lambda value: self.measured.emit(Measure(value)))
        self.by.chosen.connect(lambda value: self.grouped.emit(tuple(filter(None, value.split(",")))))
        self.step.chosen.connect(self.split)

    def show_report(self, report: Report) -> None:
        """What can be chosen, and what the report shows."""
        question = report.question
        self.measure.show_choices(report.measures, str(question.measure))
        self.by.show_choices(report.groupings, ",".join(question.by))
        self.step.show_choices(report.splits, question.split)
