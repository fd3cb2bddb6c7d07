"""What the history window shows under its bar: the chart with its legend, and the table; or why there is nothing."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from tokentray.question import View
from tokentray.report import Report
from tokentray.snapshot import Problem
from tokentray.ui import theme
from tokentray.ui.forms.fields import SMALL
from tokentray.ui.forms.ground import Scroll
from tokentray.ui.heard import announce
from tokentray.ui.history.chartview import ChartView
from tokentray.ui.history.headline import known_words
from tokentray.ui.history.legend import Legend
from tokentray.ui.history.notes import NoteForm, NotesBar
from tokentray.ui.history.saving import Keeper
from tokentray.ui.history.table import HistoryTable
from tokentray.ui.sections import ProblemRow
from tokentray.ui.widgets import GUTTER, TextLabel, in_lines

_CHART_PARTS, _TABLE_PARTS = 5, 4
_LEAST_CHART, _LEAST_FIGURES, _LEAST_TABLE = 48, 80, 112
"""Pixels of the chart, of it with its legend, and of the table: together they fit into the lowest window."""
_LOW = 330
"""Pixels under which the legend has one line, and remarks stand at the foot."""
_WIDEST_EMPTY = 460
_MOST_REMARKS = 3


class Remarks(TextLabel):
    """What must be said of the figures. Its lines take their room from the chart."""

    def __init__(self) -> None:
        super().__init__(font=theme.font(SMALL), secondary=True, wraps=True)
        self.setAlignment(Qt.AlignmentFlag.AlignTop)

    def show_remarks(self, remarks: tuple[str, ...], known: str) -> None:
        """More of them than fit are told on hover, and to who hears the window; and how what they name is known."""
        shown = list(remarks[:_MOST_REMARKS])
        if len(remarks) > _MOST_REMARKS:
            shown[-1] = f"{shown[-1]} And {len(remarks) - _MOST_REMARKS} more."
        self.set_words("\n".join(shown))
        told = remarks if len(remarks) > _MOST_REMARKS else ()
        self.setToolTip(in_lines("\n".join((*told, known))) if remarks else "")
        self.setAccessibleDescription(" ".join(remarks))


class Body(QWidget):
    """Chart and table in one, with a boundary that can be moved."""

    remarked = Signal(str)
    """Remarks that have no room under the chart, "" for none."""
    alerted = Signal(str)
    """A problem that was not there before, in words: who hears the window is told it."""

    def __init__(self, keeper: Keeper, form: NoteForm, notes: NotesBar) -> None:
        """form, notes: of the view of notes; the form takes the place of the chart while it is filled in."""
        super().__init__()
        self.notes = notes
        self.problem = ProblemRow()
        self.chart = ChartView(keeper)
        self.legend = Legend()
        self.remarks = Remarks()
        self.table = HistoryTable(keeper)
        self.table.head.insertWidget(0, notes)
        notes.lower()  # it stands first there, also to who hears the window
        self.table.setMinimumHeight(_LEAST_TABLE)
        self._figures = QWidget()
        column = QVBoxLayout(self._figures)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(4)
        column.addWidget(self.chart, 1)
        column.addWidget(self.legend)
        column.addWidget(self.remarks)
        self.chart.setMinimumHeight(_LEAST_CHART)
        page = QWidget()
        filled = QVBoxLayout(page)
        filled.setContentsMargins(GUTTER, 4, GUTTER, 0)
        filled.addWidget(form)
        filled.addStretch(1)
        self._form = Scroll(page)
        self._upper = QStackedWidget()
        self._upper.addWidget(self._figures)
        self._upper.addWidget(self._form)
        self._upper.setMinimumHeight(_LEAST_FIGURES)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(7)
        self.splitter.addWidget(self._upper)
        self.splitter.addWidget(self.table)
        self.table.raise_()  # so that who hears the window comes to it after the chart
        self.splitter.setStretchFactor(0, _CHART_PARTS)
        self.splitter.setStretchFactor(1, _TABLE_PARTS)
        self.empty = TextLabel(secondary=True, wraps=True)
        self.empty.setMaximumWidth(_WIDEST_EMPTY)
        nothing = QWidget()
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self.empty, 6)
        middle.addStretch(1)
        above = QVBoxLayout(nothing)
        above.setContentsMargins(GUTTER, 0, GUTTER, 0)
        above.addStretch(2)
        above.addLayout(middle)
        above.addStretch(3)
        self._pages = QStackedWidget()
        self._pages.addWidget(nothing)
        self._pages.addWidget(self.splitter)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self.problem)
        box.addWidget(self._pages, 1)
        self.problem.hide()
        self.notes.hide()

    @property
    def form_open(self) -> bool:
        return self._upper.currentWidget() is self._form and self._pages.currentWidget() is self.splitter

    def show_form(self, shown: bool) -> None:
        """Fill in a note, or look at the chart again."""
        self._upper.setCurrentWidget(self._form if shown else self._figures)
        if shown:
            self._pages.setCurrentWidget(self.splitter)
        elif self.empty.words():
            self._pages.setCurrentIndex(0)

    def show_report(self, report: Report) -> None:
        """Show all of it. What is being filled in stays."""
        of_notes = report.question.view is View.NOTES
        if not of_notes:
            self.show_form(False)
        self.notes.setVisible(of_notes)
        self.show_empty(report.empty_text)
        self._show_problem(report.problem)
        self.chart.set_chart(report.chart, report.spoken, report.as_of_text)
        self.legend.set_chart(report.chart, report.as_of_text)
        self.remarks.show_remarks(report.remarks, known_words(report))
        self._fit()
        self.table.set_table(report.table, report.chart, report.question.picked)
        # Notes begin with the button to add one, which stands over their table.
        bare = bool(report.empty_text) and not of_notes
        nothing = report.problem is not None and report.chart is None and not report.table.rows
        if not self.form_open:
            self._pages.setCurrentIndex(0 if bare or nothing else 1)

    def show_empty(self, words: str) -> None:
        """Why there is nothing, or will be soon."""
        self.empty.set_words(words)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def share_out(self, state: bytes) -> None:
        """Give chart and table the room they had, or their own."""
        if not (state and self.splitter.restoreState(state)):
            self.splitter.setSizes([_CHART_PARTS * 100, _TABLE_PARTS * 100])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._fit()

    def move_boundary(self, pixels: int) -> None:
        """More room for the chart, or, below zero, for the table."""
        sizes = self.splitter.sizes()
        if len(sizes) == 2:
            self.splitter.setSizes([sizes[0] + pixels, max(0, sizes[1] - pixels)])

    def _show_problem(self, problem: Problem | None) -> None:
        """Every answer brings it anew while it lasts; it is told once."""
        before = "" if self.problem.isHidden() else self.problem.accessibleName()
        self.problem.setVisible(problem is not None)
        if problem is not None:
            self.problem.show_problem(problem)
            words = self.problem.accessibleName()
            if words != before:
                announce(self.problem, words)
                self.alerted.emit(words)

    def _fit(self) -> None:
        """Where there is little room, the chart has most of it."""
        low = self.height() < _LOW
        self.legend.allow_lines(1 if low else None)
        self.remarks.setVisible(bool(self.remarks.words()) and not low)
        self.remarked.emit(self.remarks.words().replace("\n", " ") if low else "")

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(320, 200)
