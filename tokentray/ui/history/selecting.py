"""What is marked in a grid, kept by the ids of rows and columns, so that it can be put back when new figures come."""

from collections.abc import Sequence

from PySide6.QtCore import QItemSelection, QItemSelectionModel

from tokentray.report import Column, Row
from tokentray.ui.history.grid import Grid

_MOST = 2000
"""Cells that are found again; who has marked more is about to copy them."""
_Cell = tuple[str, str]


class Marked:
    """The current cell, the selected ones, and how far a grid is scrolled."""

    def __init__(self, grid: Grid, rows: Sequence[Row], columns: Sequence[Column]) -> None:
        def named(row: int, column: int) -> _Cell:
            return rows[row].id, columns[column].id

        current = grid.currentIndex()
        self._was = [row.id for row in rows], [column.id for column in columns]
        self._current = named(current.row(), current.column()) if current.isValid() else None
        self._cells: list[_Cell] = []
        parts = grid.selectionModel().selection()
        if sum(part.width() * part.height() for part in map(parts.at, range(parts.count()))) <= _MOST:
            self._cells = [named(index.row(), index.column()) for index in parts.indexes()]
        self._across, self._down = grid.horizontalScrollBar().value(), grid.verticalScrollBar().value()

    def put_back(self, grid: Grid, rows: Sequence[Row], columns: Sequence[Column]) -> None:
        """Mark the same in what is shown now, as far as it is there. Nothing is to do where rows stand as before."""
        row_ids, column_ids = [row.id for row in rows], [column.id for column in columns]
        if (row_ids, column_ids) == self._was:
            return
        model, chosen = grid.model(), grid.selectionModel()
        row_of = {id_: place for place, id_ in enumerate(row_ids)}
        column_of = {id_: place for place, id_ in enumerate(column_ids)}

        def places(cell: _Cell) -> tuple[int, int] | None:
            row, column = row_of.get(cell[0]), column_of.get(cell[1])
            return None if row is None or column is None else (row, column)

        marked = QItemSelection()
        for cell in self._cells:
            place = places(cell)
            if place is not None:
                index = model.index(*place)
                marked.select(index, index)
        if not marked.isEmpty():
            chosen.select(marked, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        current = places(self._current) if self._current is not None else None
        if current is not None:
            chosen.setCurrentIndex(model.index(*current), QItemSelectionModel.SelectionFlag.NoUpdate)
        if set(row_ids) == set(self._was[0]):
            grid.verticalScrollBar().setValue(self._down)
        grid.horizontalScrollBar().setValue(self._across)
