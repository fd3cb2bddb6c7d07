"""How far an export has come, and what came of it: each file with what leads to it, or with why there is none."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from tokentray.charts.text import shown
from tokentray.export.job import Outcome, Written
from tokentray.insight.periods import month_text
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.forms.desk import without_commands
from tokentray.ui.forms.fields import SMALL, Refusal
from tokentray.ui.widgets import TextLabel

_COLUMNS = 2


class FileLine(QWidget):
    """One file that was written."""

    opened = Signal(object)
    """Its path, to be opened."""

    def __init__(self, written: Written) -> None:
        super().__init__()
        self.name = TextLabel(gutter=False)
        self.name.set_words(shown(written.path.name))
        self.open = TextButton("Open", link=True)
        self.open.setAccessibleName(f"Open {shown(written.path.name)}")
        self.open.clicked.connect(lambda: self.opened.emit(written.path))
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.name)
        line.addWidget(self.open)
        line.addStretch(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addLayout(line)
        if written.kept is not None:
            kept = TextLabel(font=theme.font(SMALL), secondary=True, wraps=True, gutter=False)
            kept.set_words(f"{shown(written.kept.name)} is not as it was written, so it was kept")
            box.addWidget(kept)


class Result(QWidget):
    """Hidden until something is exported."""

    opened = Signal(object)
    """The path of a file or folder that the person wants to see."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName("Files written")
        self.title = TextLabel(font=theme.font(1.0, QFont.Weight.DemiBold), gutter=False)
        self.folder = TextButton("Show in folder", link=True)
        self.files: list[FileLine] = []
        self.refusals: list[Refusal] = []
        self._path = Path()
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(self.title)
        head.addWidget(self.folder)
        head.addStretch(1)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(28)
        self._grid.setVerticalSpacing(2)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addLayout(head)
        box.addWidget(self.bar)
        box.addLayout(self._grid)
        self.folder.clicked.connect(lambda: self.opened.emit(self._path))
        self.hide()

    def show_progress(self, done: int, total: int) -> None:
        """So many files of all are written."""
        self._clear()
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self.title.set_words(f"{done} of {total} {'file' if total == 1 else 'files'}")
        self.bar.show()
        self.folder.hide()
        self.show()

    def show_outcome(self, outcome: Outcome) -> None:
        """What was written, and what was not."""
        self._clear()
        self.bar.hide()
        made = [one for one in outcome.written if one.problem is None]
        self._path = outcome.job.folder
        self.folder.setVisible(bool(made))
        self.title.set_words(in_words(outcome))
        for place, written in enumerate(made):
            line = FileLine(written)
            line.opened.connect(self.opened)
            self.files.append(line)
            self._grid.addWidget(line, place // _COLUMNS, place % _COLUMNS, Qt.AlignmentFlag.AlignTop)
            line.show()  # at once, for the Tab key to come to it
        # Where the folder is to blame, every file would say the same.
        problems = dict.fromkeys(one.problem for one in outcome.written if one.problem is not None)
        for problem in dict.fromkeys((*((outcome.problem,) if outcome.problem else ()), *problems)):
            refusal = Refusal()
            self.refusals.append(refusal)
            self._grid.addWidget(refusal, self._grid.rowCount(), 0, 1, _COLUMNS)
            # Shown before it has its place, it would be a window of its own.
            refusal.show_problem(problem._replace(hint=without_commands(problem.hint)))
        self.show()

    def clear(self) -> None:
        """Something else is chosen: what came of the last one is no answer to it."""
        self._clear()
        self.hide()

    def _clear(self) -> None:
        for part in (*self.files, *self.refusals):
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self.files, self.refusals = [], []


def in_words(outcome: Outcome) -> str:
    """What came of it, in a sentence: "October 2026: 2 files written"."""
    made = sum(one.problem is None for one in outcome.written)
    asked = len(outcome.job.formats)
    month = month_text(outcome.job.month)
    if made == asked:
        return f"{month}: {made} {'file' if made == 1 else 'files'} written"
    return f"{month}: {made} of {asked} files written" if made else f"{month}: nothing was written"
