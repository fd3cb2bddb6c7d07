"""The rows of a table, as Qt asks for them: cell by cell, and only those in sight. It holds them as they came."""

from collections.abc import Callable

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QFont, QPixmap

from tokentray.report import Column, ColumnKind, Row
from tokentray.ui.history.tips import FIGURES, cell_known, cell_tip, figure, on_one_line, sentence, tail, visible
from tokentray.ui.widgets import in_lines

Index = QModelIndex | QPersistentModelIndex

_ROLES = Qt.ItemDataRole
# As plain numbers: Qt asks some thousand times for each picture.
_DISPLAY, _DECORATION, _FOREGROUND = int(_ROLES.DisplayRole), int(_ROLES.DecorationRole), int(_ROLES.ForegroundRole)
_ALIGNMENT, _FONT, _TIP = int(_ROLES.TextAlignmentRole), int(_ROLES.FontRole), int(_ROLES.ToolTipRole)
_SPOKEN, _SPOKEN_MORE = int(_ROLES.AccessibleTextRole), int(_ROLES.AccessibleDescriptionRole)
_STATUS = int(_ROLES.StatusTipRole)

_SIDE = Qt.AlignmentFlag
_LEADING = int(_SIDE.AlignLeading | _SIDE.AlignVCenter)
_FIGURE = int(_SIDE.AlignRight | _SIDE.AlignAbsolute | _SIDE.AlignVCenter)
"""Figures end on the right in every script, since that is the way they are written."""
INDENT = "\N{EM SPACE}"
"""Before texts that stand right behind figures."""
DOWN, UP = "▾", "▴"
"""Beside the title of the column that rows are sorted by: what styles draw lies over titles that end on the right."""
_ORDERS = {DOWN: "sorted, largest first", UP: "sorted, smallest first"}
_UNTITLED = "What"
"""How a column of names is spoken where there is but one of them."""
LOOKED_AT = 200
"""Rows by which widths and decimal points are judged: to look at all of them would take too long."""


class RowsModel(QAbstractTableModel):
    """Rows of a table. dimmed, secondary: of rows left out, and of cells without a value."""

    def __init__(self, parent: QObject, *, bold: QFont | None = None) -> None:
        super().__init__(parent)
        self.columns: tuple[Column, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.right_to_left = False
        self.indented: frozenset[int] = frozenset()
        """Columns whose texts keep off the figures before them."""
        self.dimmed = QBrush()
        self.secondary = QBrush()
        self.swatch: Callable[[Row], QPixmap | None] | None = None
        self._bold = bold
        self._tails: tuple[int, ...] = ()
        self._name = -1
        self._figures: tuple[bool, ...] = ()
        self._sort, self._descending = "", True

    def show_rows(self, columns: tuple[Column, ...], rows: tuple[Row, ...], tails: tuple[int, ...]) -> None:
        """Show these. tails: of tails_of() all rows that stand in the same columns."""
        same = columns == self.columns and len(rows) == len(self.rows)
        same = same and all(one.id == other.id for one, other in zip(rows, self.rows, strict=True))
        if not same:
            self.beginResetModel()
        self.columns, self.rows = columns, rows
        self._figures = tuple(column.kind in FIGURES for column in columns)
        self._name = next((place for place, one in enumerate(columns) if one.kind is ColumnKind.NAME), -1)
        self._tails = tails
        if not same:
            self.endResetModel()
        elif rows and columns:
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(columns) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 (Qt's name and default)
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 (Qt's name and default)
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> object:
        place = index.column()
        row = self.rows[index.row()]
        if role == _DISPLAY:
            return self.shown_text(row, place)
        if role == _ALIGNMENT:
            return _FIGURE if self._figures[place] else _LEADING
        if role == _FOREGROUND:
            if not row.shown:
                return self.dimmed
            return self.secondary if self._figures[place] and row.cells[place].value is None else None
        if role == _FONT:
            return self._bold
        if role == _DECORATION:
            return self.swatch(row) if place == self._name and self.swatch is not None else None
        if role in (_TIP, _STATUS):
            return cell_tip(self.columns[place], row.cells[place], row)
        if role == _SPOKEN_MORE:
            return cell_known(row.cells[place], row)
        if role == _SPOKEN:
            words = visible(row.cells[place].text)
            return f"{words}, not in the total" if place == self._name and not row.shown else words
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> object:  # noqa: N802 (Qt's name)
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        is_figure = self._figures[section]
        if role == _DISPLAY:
            indent = INDENT if section in self.indented and not self.right_to_left else ""
            title = titled(column.title, self._sorted(column), right_to_left=self.right_to_left, leads=is_figure)
            return indent + title
        if role == _ALIGNMENT:
            return _FIGURE if is_figure else _LEADING
        if role == _SPOKEN_MORE:
            return column.tip
        if role in (_TIP, _STATUS):
            return in_lines(column.tip)
        if role == _SPOKEN:
            arrow = self._sorted(column)
            spoken = sentence(column.spoken or column.title or _UNTITLED)
            return f"{spoken}, {_ORDERS[arrow]}" if arrow else spoken
        return None

    def show_order(self, sort: str, *, descending: bool) -> None:
        """Mark the column that the rows are sorted by."""
        if (sort, descending) != (self._sort, self._descending):
            self._sort, self._descending = sort, descending
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, max(0, len(self.columns) - 1))

    def _sorted(self, column: Column) -> str:
        if column.id != self._sort:
            return ""
        return DOWN if self._descending else UP

    def shown_text(self, row: Row, place: int) -> str:
        """A cell as it is shown: names plain and in their own direction, figures under each other's points."""
        cell = row.cells[place]
        if self._figures[place]:
            return figure(cell, self._tails[place], self.right_to_left)
        return on_one_line(cell.text, self.right_to_left)


def tails_of(columns: tuple[Column, ...], rows: tuple[Row, ...], beside: tuple[Row, ...] = ()) -> tuple[int, ...]:
    """The most characters that stand from the decimal point on, of each column; of rows and of those beside them."""
    sample = (*rows[:LOOKED_AT], *beside[:LOOKED_AT])
    return tuple(
        max((tail(row.cells[place]) for row in sample), default=0) if column.kind in FIGURES else 0
        for place, column in enumerate(columns)
    )


def titled(title: str, arrow: str, *, right_to_left: bool, leads: bool) -> str:
    """A title with the sign of how rows are sorted, on the side where it moves no letter."""
    if not arrow:
        return title
    return f"{arrow} {title}" if leads != right_to_left else f"{title} {arrow}"
