"""The names of a grid, kept in sight while its other columns are scrolled under them."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionHeader, QStyleOptionViewItem, QTableView, QWidget

from tokentray.report import ColumnKind
from tokentray.ui import theme
from tokentray.ui.history.tablemodel import RowsModel

_MOST = 0.5
"""Of the room there is: where names are wider, all columns scroll."""
_STATES = QStyle.StateFlag


class PinnedNames(QWidget):
    """Painted over a grid that is scrolled; the grid itself answers the mouse for what lies here."""

    def __init__(self, grid: QTableView, model: RowsModel, option: Callable[[], QStyleOptionViewItem]) -> None:
        """option: how the grid paints a cell."""
        super().__init__(grid)
        self._grid, self._model, self._option = grid, model, option
        self.columns: tuple[int, ...] = ()
        """Those that are painted here, in their order; none while nothing is scrolled."""
        self.head = PinnedHead(self, grid, model)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        header = grid.horizontalHeader()
        for moved in (grid.horizontalScrollBar().valueChanged, header.geometriesChanged, header.sectionResized):
            moved.connect(self.place)
        for changed in (grid.verticalScrollBar().valueChanged, model.dataChanged, model.headerDataChanged):
            changed.connect(self._paint_anew)
        for chosen in (grid.selectionModel().selectionChanged, grid.selectionModel().currentChanged):
            chosen.connect(self._paint_anew)
        header.sectionMoved.connect(self.place)
        model.modelReset.connect(self.place)
        grid.installEventFilter(self)

    def place(self) -> None:
        """Cover the names once they would be cut."""
        bar = self._grid.horizontalScrollBar()
        if not (bar.value() or self.columns):
            return  # as it is mostly, and this is asked for with each column
        names = self._names() if bar.value() else ()
        wide, room = sum(map(self._grid.columnWidth, names)), self._grid.viewport().geometry()
        self.columns = names if wide <= room.width() * _MOST else ()
        if self.columns:
            left = room.right() + 1 - wide if self.turned else room.left()
            self.setGeometry(left, room.top(), wide, room.height())
            self.head.setGeometry(left, room.top() - self.head.tall, wide, self.head.tall)
        self.setVisible(bool(self.columns))
        self.head.setVisible(bool(self.columns) and self.head.tall > 0)
        self._paint_anew()

    def column_at(self, x: int) -> int:
        """The column that is painted at a place of the grid's viewport; -1 where it is the grid's own."""
        return next((one for one in self.columns if 0 <= x - self.left(one) < self._grid.columnWidth(one)), -1)

    def uncover(self, index: QModelIndex | QPersistentModelIndex) -> None:
        """Have a cell that lies under it come out."""
        if not self.columns or index.column() in self.columns:
            return
        cell, mine = self._grid.visualRect(index), self.geometry().translated(-self._grid.viewport().pos())
        hidden = cell.right() + 1 - mine.left() if self.turned else mine.right() + 1 - cell.left()
        if hidden > 0:
            bar = self._grid.horizontalScrollBar()
            bar.setValue(bar.value() - hidden)

    def left(self, column: int) -> int:
        """Where a column of names stands in the viewport while nothing is scrolled."""
        header = self._grid.horizontalHeader()
        place = header.sectionPosition(column)
        return self._grid.viewport().width() - place - header.sectionSize(column) if self.turned else place

    @property
    def first_left(self) -> int:
        """Where it begins in the viewport."""
        return min(map(self.left, self.columns), default=0)

    @property
    def turned(self) -> bool:
        """Whether the first column stands on the right."""
        return self._grid.layoutDirection() == Qt.LayoutDirection.RightToLeft

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """The grid's size, looks and keyboard are its own as well."""
        kinds = QEvent.Type
        if event.type() in (kinds.Resize, kinds.LayoutDirectionChange, kinds.FontChange):
            self.place()
        elif event.type() in (kinds.FocusIn, kinds.FocusOut, kinds.PaletteChange):
            self._paint_anew()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        painter = QPainter(self)
        painter.fillRect(event.rect(), self._grid.palette().base())
        first, last = self._grid.rowAt(0), self._grid.rowAt(self.height() - 1)
        last = last if last >= 0 else self._model.rowCount() - 1
        for row in range(first, last + 1) if first >= 0 else ():
            for column in self.columns:
                self._paint_cell(painter, row, column)
        paint_edge(self, painter, turned=self.turned)
        painter.end()

    def _paint_cell(self, painter: QPainter, row: int, column: int) -> None:
        grid, index, option = self._grid, self._model.index(row, column), self._option()
        left = self.left(column) - self.first_left
        option.rect = QRect(left, grid.rowViewportPosition(row), grid.columnWidth(column), grid.rowHeight(row))
        if grid.selectionModel().isSelected(index):
            option.state |= _STATES.State_Selected
        if index == grid.currentIndex() and grid.hasFocus():
            option.state |= _STATES.State_HasFocus
        grid.itemDelegateForIndex(index).paint(painter, option, index)

    def _names(self) -> tuple[int, ...]:
        """The columns of names that stand before all others."""
        header, found = self._grid.horizontalHeader(), list[int]()
        for column in map(header.logicalIndex, range(header.count())):
            if header.isSectionHidden(column):
                continue
            if self._model.columns[column].kind is not ColumnKind.NAME:
                break
            found.append(column)
        return tuple(found)

    def _paint_anew(self) -> None:
        if self.columns:
            self.update()
            self.head.update()


class PinnedHead(QWidget):
    """The titles of the names; a click on one sorts by it."""

    def __init__(self, names: PinnedNames, grid: QTableView, model: RowsModel) -> None:
        super().__init__(grid)
        self._names, self._model, self._header = names, model, grid.horizontalHeader()
        self.hide()

    @property
    def tall(self) -> int:
        """0 where the grid has no header."""
        return 0 if self._header.isHidden() else self._header.height()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        column = self._column_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and column >= 0:
            self._header.sectionClicked.emit(column)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        self._header.customContextMenuRequested.emit(self._header.mapFromGlobal(event.globalPos()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        del event
        painter = QPainter(self)
        horizontal, roles = Qt.Orientation.Horizontal, Qt.ItemDataRole
        for column in self._names.columns:
            option = QStyleOptionHeader()
            option.initFrom(self._header)
            option.state |= _STATES.State_Raised | _STATES.State_Horizontal
            option.orientation = horizontal
            option.section = column
            option.text = str(self._model.headerData(column, horizontal, roles.DisplayRole))
            option.textAlignment = Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter
            width = self._header.sectionSize(column)
            option.rect = QRect(self._names.left(column) - self._names.first_left, 0, width, self.height())
            self.style().drawControl(QStyle.ControlElement.CE_Header, option, painter, self._header)
        paint_edge(self, painter, turned=self._names.turned)
        painter.end()

    def _column_at(self, place: QPoint) -> int:
        return self._names.column_at(place.x() + self._names.first_left)


def paint_edge(part: QWidget, painter: QPainter, *, turned: bool) -> None:
    """A line where the other columns go under it."""
    painter.fillRect(0 if turned else part.width() - 1, 0, 1, part.height(), theme.current().rule)
