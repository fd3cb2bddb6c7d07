"""The columns of rows and totals alike: their order, which are shown, and how wide they are."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QFont, QFontMetrics

from tokentray.report import Column, ColumnKind, Row, Table
from tokentray.ui import theme
from tokentray.ui.history.columns import Chosen, chosen_of
from tokentray.ui.history.grid import Grid, Indent
from tokentray.ui.history.swatches import SIDE
from tokentray.ui.history.tablemodel import DOWN, INDENT, LOOKED_AT, RowsModel
from tokentray.ui.history.tips import FIGURES

_NAMES, _TEXTS, _STRETCHED = 34, 60, 72
"""Letters that a column of names, or of texts, takes at most of itself, and where there is room to spare."""
_LEAST = 10
_ROOM = 18
"""Pixels of a cell beside its text."""
_LONGEST = 80
_ALIKE = str.maketrans("123456789", "000000000")
"""Digits are as wide as each other, so one of many figures can stand for all of its form."""


class Header(QObject):
    """Lays the columns of both grids out. What the person changes of them holds for all tables."""

    changed = Signal()
    """The person has chosen other columns, or moved one."""

    def __init__(self, body: Grid, totals: Grid) -> None:
        super().__init__(body)
        self.chosen = Chosen()
        self._body, self._totals = body, totals
        self._table = Table()
        self._sample: list[Row] = []
        self._wide: dict[str, int] = {}
        """Of the columns of this table that are shown, or were."""
        self._before: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        """At which nothing of a column is cut."""
        self._laying = False
        self._bold = QFontMetrics(theme.font(1.0, QFont.Weight.DemiBold))
        self._indents = (Indent(body), Indent(totals))
        header = body.horizontalHeader()
        header.setMinimumSectionSize(24)
        totals.horizontalHeader().setMinimumSectionSize(24)
        header.sectionResized.connect(self._resized)
        header.sectionMoved.connect(self._moved)

    def places(self) -> list[int]:
        """The columns that are shown, in the order they stand in."""
        columns = self._table.columns
        return [place for place in self.chosen.arranged(columns) if self.chosen.shows(columns[place])]

    def show_columns(self, table: Table, *, anew: bool) -> None:
        """The grids show this table now. anew: with other columns than before; others keep at least their width."""
        self._table = table
        self._bold = QFontMetrics(theme.font(1.0, QFont.Weight.DemiBold))
        self._before = {} if anew else {**self._before, **self._wide}
        self._sample, self._wide = _sample(table.rows), {}
        self._lay()

    def show_column(self, column: Column, shown: bool) -> None:
        self.chosen = self.chosen.with_shown(column, shown)
        self._lay()
        self.changed.emit()

    def restore(self, text: str) -> None:
        """Show the columns as remembered."""
        self.chosen = chosen_of(text)
        self._lay()
        self.changed.emit()

    def forget(self) -> None:
        """Show the columns as the view has them."""
        self.restore("")

    def fill(self) -> None:
        """Give the room that is left to what is cut, as far as that helps to read it; else to texts at the end."""
        if self._laying or not self._table.columns:
            return
        columns, header = self._table.columns, self._body.horizontalHeader()
        places = [place for place in self.places() if columns[place].id not in self.chosen.widths]
        texts = [place for place in places if columns[place].kind is ColumnKind.TEXT]
        names = [place for place in places if columns[place].kind is ColumnKind.NAME]
        if not texts and not names:
            return
        cut = [place for place in names + texts if self._width(place) < self._whole[columns[place].id]]
        last = places[-1:] if places[-1] in texts else []
        taker = max(cut or last or texts or names, key=lambda place: self._whole[columns[place].id])
        others = sum(header.sectionSize(place) for place in self.places() if place != taker)
        most = self._body.fontMetrics().averageCharWidth() * _STRETCHED
        own = self._width(taker)
        self._set_width(taker, max(own, min(self._body.viewport().width() - others, most)))

    def _lay(self) -> None:
        columns = self._table.columns
        order, shown = self.chosen.arranged(columns), set(self.places())
        self._laying = True
        for grid in (self._body, self._totals):
            header = grid.horizontalHeader()
            for visual, place in enumerate(order):
                header.moveSection(header.visualIndex(place), visual)
                header.setSectionHidden(place, place not in shown)
        self._indent()
        for place, column in enumerate(columns):
            if place in shown:
                self._set_width(place, self.chosen.widths.get(column.id) or self._width(place))
        self._laying = False
        self.fill()

    def _indent(self) -> None:
        """Keep texts off the figures before them, which end where the texts begin."""
        columns, places = self._table.columns, self.places()
        after = {
            place
            for before, place in pairwise(places)
            if columns[before].kind in FIGURES and columns[place].kind is ColumnKind.TEXT
        }
        for grid, indent in zip((self._body, self._totals), self._indents, strict=True):
            for place in range(len(columns)):
                grid.setItemDelegateForColumn(place, indent if place in after else grid.itemDelegate())
            model = grid.model()
            if isinstance(model, RowsModel):
                model.indented = frozenset(after)

    def _set_width(self, place: int, width: int) -> None:
        laying, self._laying = self._laying, True
        for grid in (self._body, self._totals):
            grid.horizontalHeader().resizeSection(place, width)
        self._laying = laying

    def _width(self, place: int) -> int:
        """The width that a column has by itself; found where it is shown, as that takes its time."""
        column = self._table.columns[place]
        wide = self._wide.get(column.id)
        if wide is None:
            whole = self._whole[column.id] = self._wished(place, column, self._sample, self._table.totals)
            wide = self._wide[column.id] = max(self._limited(column, whole), self._before.get(column.id, 0))
        return wide

    def _wished(self, place: int, column: Column, rows: Sequence[Row], totals: Sequence[Row]) -> int:
        """The width at which a column's texts can be read whole."""
        plain, bold = self._body.fontMetrics(), self._bold
        wide = plain.horizontalAdvance(f"{DOWN} {column.title}")
        for metrics, grid, some in ((plain, self._body, rows), (bold, self._totals, totals)):
            texts = {_shown_text(grid, row, place) for row in some}
            if column.kind in FIGURES:
                texts = {text.translate(_ALIKE) for text in texts}
            wide = max([wide, *map(metrics.horizontalAdvance, texts)])
        if column.kind is ColumnKind.TEXT:
            wide += plain.horizontalAdvance(INDENT)
        return wide + _ROOM + (0 if column.kind in FIGURES else SIDE)

    def _limited(self, column: Column, whole: int) -> int:
        """What a column takes of itself: names and texts have limits."""
        if column.kind in FIGURES:
            return whole
        letter = self._body.fontMetrics().averageCharWidth()
        most = _NAMES if column.kind is ColumnKind.NAME else _TEXTS
        return max(letter * _LEAST, min(whole, letter * most))

    def _resized(self, place: int, _old: int, width: int) -> None:
        if self._laying or width <= 0:
            return
        self._totals.horizontalHeader().resizeSection(place, width)
        self.chosen = self.chosen.with_width(self._table.columns[place], width)

    def _moved(self, _place: int, _old: int, _new: int) -> None:
        if self._laying:
            return
        header, columns = self._body.horizontalHeader(), self._table.columns
        ids = [columns[header.logicalIndex(visual)].id for visual in range(header.count())]
        self.chosen = self.chosen.moved(ids)
        self._lay()
        self.changed.emit()


def _shown_text(grid: Grid, row: Row, place: int) -> str:
    model = grid.model()
    text = model.shown_text(row, place) if isinstance(model, RowsModel) else row.cells[place].text
    return text[:_LONGEST]


def _sample(rows: Sequence[Row]) -> list[Row]:
    """The first rows, and as many from all over: to look at all of ten thousand takes too long."""
    step = max(1, len(rows) // LOOKED_AT)
    return [*rows[:LOOKED_AT], *rows[LOOKED_AT::step]]
