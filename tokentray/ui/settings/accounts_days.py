"""The small view of an account's bill beside its tokens: by UTC day, with the difference and its likely reason."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokentray.insight.told_words import day_text
from tokentray.localeinfo import number_style
from tokentray.setup import DayDifference
from tokentray.ui.forms.controls import Button
from tokentray.ui.forms.fields import SMALL, row
from tokentray.ui.settings.page import label
from tokentray.ui.widgets import TextLabel

_AT_FIRST = 7
_OTHERS = {"metered": "Metered", "estimated": "Estimated"}


class Differences(QWidget):
    """The sentence, and the days below it, the newest first."""

    def __init__(self) -> None:
        super().__init__()
        self._all = False
        self._days: tuple[DayDifference, ...] = ()
        self.sentence = label(wraps=True)
        self.rows: list[list[TextLabel]] = []
        self._cells: list[TextLabel] = []
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(5, 1)
        self.more = Button("")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 6, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.sentence)
        box.addLayout(self._grid)
        box.addLayout(row(self.more))
        self.more.clicked.connect(self._on_more)

    def show_days(self, days: tuple[DayDifference, ...], sentence: str) -> None:
        self.sentence.set_words(sentence)
        self.sentence.setVisible(bool(sentence))
        if days != self._days or not self.rows:
            self._days = days
            self._fill()

    def _on_more(self) -> None:
        self._all = True
        self._fill()

    def _fill(self) -> None:
        for cell in self._cells:
            self._grid.removeWidget(cell)
            cell.hide()
            cell.deleteLater()
        self._cells, self.rows = [], []
        shown = self._days if self._all else self._days[:_AT_FIRST]
        other = " or ".join(dict.fromkeys(_OTHERS.get(one.basis, one.basis) for one in shown))
        self._lay(0, ("Day (UTC)", "Billed", other, "Difference", ""), head=True)
        place = 1
        for one in shown:
            texts = (day_text(one.day), one.billed_text, one.other_text, one.difference_text, one.percent_text)
            self._lay(place, texts)
            if one.reason:
                reason = self._cell(one.reason, secondary=True, wraps=True)
                reason.setContentsMargins(0, 0, 0, 5)
                self._grid.addWidget(reason, place + 1, 0, 1, 6)
            place += 2
        left = len(self._days) - len(shown)
        self.more.setVisible(left > 0)
        self.more.setText(f"Show {number_style().number(max(0, left))} earlier")

    def _lay(self, place: int, texts: Sequence[str], *, head: bool = False) -> None:
        cells = []
        for column, text in enumerate(texts):
            if not text:
                continue
            cell = self._cell(text, secondary=head, trailing=column > 0)
            self._grid.addWidget(cell, place, column, Qt.AlignmentFlag.AlignBottom)
            cells.append(cell)
        if not head:
            self.rows.append(cells)

    def _cell(self, text: str, *, secondary: bool = False, wraps: bool = False, trailing: bool = False) -> TextLabel:
        cell = label(factor=SMALL, secondary=secondary, wraps=wraps, trailing=trailing)
        cell.setParent(self)
        cell.set_words(text)
        self._cells.append(cell)
        return cell
