"""The table under the chart: one row a group, its totals under it, figures on their decimal points. It shows what it is
given and asks by signals; rows are sorted where they are made.
"""

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QBrush, QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QScrollBar, QVBoxLayout, QWidget

from tokentray.charts.spec import Chart
from tokentray.report import Column, Row, Table
from tokentray.ui import theme
from tokentray.ui.buttons import TextButton
from tokentray.ui.history.copying import cells_text
from tokentray.ui.history.grid import BodyGrid, Grid, TotalsGrid
from tokentray.ui.history.header import Header
from tokentray.ui.history.menus import add, plain_menu, quoted
from tokentray.ui.history.saving import Keeper
from tokentray.ui.history.selecting import Marked
from tokentray.ui.history.swatches import Swatches
from tokentray.ui.history.tablemodel import RowsModel, tails_of
from tokentray.ui.history.tips import FIGURES, cell_words, sentence
from tokentray.ui.widgets import SectionRule

_MOST_TOTALS = 4
"""Totals that are seen without scrolling: one a currency."""


class HistoryTable(QWidget):
    """Rows, totals and the choice of columns. keeper: copies and saves what is shown."""

    picked_asked = Signal(tuple)
    """Ids of the rows to pick, () for none."""
    deeper_asked = Signal(str)
    """Id of a row."""
    sort_asked = Signal(str, bool)
    """Id of a column, and whether its largest come first."""
    named = Signal(str)
    """Words for the cell that the keyboard is in, "" when it is in none."""

    def __init__(self, keeper: Keeper, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeper = keeper
        self._table = Table()
        self._picked: tuple[str, ...] = ()
        self._sort_asked: tuple[str, bool] | None = None
        self._scrolling = False
        self._swatches = Swatches()
        self.body, self.totals = BodyGrid("Table", self), TotalsGrid("Totals", self)
        self.rows = RowsModel(self.body)
        self.sums = RowsModel(self.totals, bold=theme.font(1.0, QFont.Weight.DemiBold))
        self.rows.swatch = self._swatches.of
        self.body.show_model(self.rows)
        self.totals.show_model(self.sums)
        self.header = Header(self.body, self.totals)
        self.columns_button = TextButton("Columns", factor=0.9)
        self.columns_button.setToolTip("Choose the columns")
        self.keep_button = TextButton("Copy or save", factor=0.9)
        self.keep_button.setToolTip("Copy or save the table, or the chart")
        self.head = QHBoxLayout()
        """The line above: room at its start for what the window says of the table."""
        self.head.addStretch(1)
        self.head.addWidget(self.keep_button)
        self.head.addWidget(self.columns_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self.head)
        column.addWidget(self.body, 1)
        self._rule = SectionRule(inset=0)
        column.addWidget(self._rule)
        self._beside = QWidget()
        foot = QHBoxLayout()
        foot.setSpacing(0)
        foot.addWidget(self.totals, 1)
        foot.addWidget(self._beside)
        column.addLayout(foot)
        for grid in (self.body, self.totals):
            grid.raise_()  # so that who hears the window comes to it after the buttons above
        self._join()
        self._paint_anew()

    def _join(self) -> None:
        """Connect the parts."""
        header = self.body.horizontalHeader()
        header.sectionClicked.connect(self._sort_by)
        header.customContextMenuRequested.connect(lambda at: self.columns_menu().popup(header.mapToGlobal(at)))
        self.columns_button.clicked.connect(lambda: _open_under(self.columns_button, self.columns_menu()))
        self.keep_button.clicked.connect(lambda: _open_under(self.keep_button, self.keep_menu()))
        self.header.changed.connect(self._tell_places)
        self.body.picked.connect(self._pick)
        self.body.deeper.connect(self._go_deeper)
        self.body.sort_asked.connect(self._sort_by_current)
        for grid in (self.body, self.totals):
            grid.copy_asked.connect(lambda grid=grid: self._copy_cells(grid))
            grid.menu_asked.connect(lambda at, grid=grid: self._open_menu(grid, at))
            grid.selectionModel().currentChanged.connect(lambda *_, grid=grid: self._name_current(grid))
            grid.focus_changed.connect(lambda has, grid=grid: self._on_focus(grid, has))
        across, below = self.body.horizontalScrollBar(), self.totals.horizontalScrollBar()
        across.valueChanged.connect(lambda value: self._scroll(below, value))
        below.valueChanged.connect(lambda value: self._scroll(across, value))
        below.rangeChanged.connect(lambda *_: self._scroll(below, across.value()))
        below.rangeChanged.connect(lambda *_: self._fit_totals())
        self.body.verticalScrollBar().rangeChanged.connect(lambda *_: self._fit_totals())

    def set_table(self, table: Table, chart: Chart | None = None, picked: tuple[str, ...] = ()) -> None:
        """Show a table. chart: the one above it, whose colours the rows have. picked: ids of the rows that are."""
        marked = Marked(self.body, self.rows.rows, self.rows.columns)
        columns_changed = table.columns != self._table.columns
        self._table, self._picked, self._sort_asked = table, picked, None
        self._swatches.show_chart(chart, table.rows)
        tails = tails_of(table.columns, table.rows, table.totals)
        self.rows.show_rows(table.columns, table.rows, tails)
        self.sums.show_rows(table.columns, table.totals, tails)
        self.rows.show_order(table.sort, descending=table.descending)
        self.header.show_columns(table, anew=columns_changed)
        marked.put_back(self.body, table.rows, table.columns)
        self._rule.setVisible(bool(table.totals))
        self.totals.setVisible(bool(table.totals))
        # One bar for both, under the totals where there are any.
        policies = Qt.ScrollBarPolicy
        self.body.setHorizontalScrollBarPolicy(
            policies.ScrollBarAlwaysOff if table.totals else policies.ScrollBarAsNeeded
        )
        self._fit_totals()
        self.keep_button.setVisible(self._keeper.has_table or self._keeper.has_chart)
        self._tell_places()
        self._name_current(self.body)

    def table(self) -> Table:
        """The one that is shown."""
        return self._table

    def column_state(self) -> str:
        """What the person chose of columns, to be remembered."""
        return self.header.chosen.text()

    def restore_columns(self, text: str) -> None:
        """Show the columns as they were chosen; what cannot be used of `text` is left out."""
        self.header.restore(text)

    def columns_menu(self) -> QMenu:
        """Which columns are shown, to be ticked."""
        menu = plain_menu(self, stays=True)
        for column in self._table.columns:
            if column.kind.value != "name":
                entry = menu.addAction(sentence(column.spoken or column.title).replace("&", "&&"))
                entry.setCheckable(True)
                entry.setChecked(self.header.chosen.shows(column))
                entry.setToolTip(column.tip)
                entry.toggled.connect(lambda on, column=column: self.header.show_column(column, on))
        menu.addSeparator()
        add(menu, "As they were", self.header.forget)
        return menu

    def keep_menu(self) -> QMenu:
        """What can be copied and saved."""
        menu = plain_menu(self)
        self._keeper.add_to(menu)
        return menu

    def cell_menu(self, grid: Grid, index: QModelIndex) -> QMenu:
        """What can be done with a cell and its row, and with the whole."""
        menu = plain_menu(self)
        if index.isValid() and grid is self.body:
            row, column = self.rows.rows[index.row()], self.rows.columns[index.column()]
            title = quoted(row.cells[0].text) if row.cells else ""
            if row.where:
                add(menu, f"Go deeper into {title}", lambda: self.deeper_asked.emit(row.id))
            if self._picked != (row.id,):
                add(menu, f"Show only {title}", lambda: self.picked_asked.emit((row.id,)))
            if self._picked:
                add(menu, "Show all rows again", lambda: self.picked_asked.emit(()))
            add(menu, f"Sort by {quoted(column.spoken or column.title)}", lambda: self._sort_by(index.column()))
            menu.addSeparator()
        if grid.selectionModel().hasSelection():
            add(menu, "Copy", lambda: self._copy_cells(grid))
        self._keeper.add_to(menu)
        return menu

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        kinds = QEvent.Type
        if event.type() in (kinds.PaletteChange, kinds.FontChange, kinds.StyleChange, kinds.LayoutDirectionChange):
            self._paint_anew()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.DevicePixelRatioChange, QEvent.Type.Show):
            self._paint_anew()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        super().resizeEvent(event)
        self._fit_totals()

    def _paint_anew(self) -> None:
        """Take colours, type and direction from the desktop as it is now."""
        if not hasattr(self, "header"):
            return  # still being made
        base, text = self.body.palette().base().color(), self.body.palette().text().color()
        quiet = QBrush(theme.readable(theme.mix(text, base, 0.45), base, theme.TEXT_CONTRAST))
        for model in (self.rows, self.sums):
            model.dimmed = model.secondary = quiet
            model.right_to_left = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        self._swatches.forget(self.devicePixelRatioF())
        for grid in (self.body, self.totals):
            grid.size_rows()
            grid.viewport().update()
        self._fit_totals()

    def _fit_totals(self) -> None:
        """As tall as they are, and as wide as the rows."""
        number = min(_MOST_TOTALS, len(self._table.totals))
        across = self.totals.horizontalScrollBar()
        bar = across.sizeHint().height() if across.maximum() > 0 else 0
        self.totals.setFixedHeight(number * self.totals.verticalHeader().defaultSectionSize() + bar)
        beside = self.body.verticalScrollBar()
        # As wide as the rows without their scroll bar, so that both scroll to the same places.
        self._beside.setFixedWidth(beside.sizeHint().width() if beside.maximum() > 0 else 0)
        self.header.fill()

    def _scroll(self, bar: QScrollBar, value: int) -> None:
        """Rows and totals scroll together. One that cannot yet go as far must not take the other back."""
        if not self._scrolling:
            self._scrolling = True
            bar.setValue(value)
            self._scrolling = False

    def _open_menu(self, grid: Grid, place: QPoint) -> None:
        index = grid.indexAt(grid.viewport().mapFromGlobal(place))
        self.cell_menu(grid, index).popup(place)

    def _pick(self, index: QModelIndex, adds: bool) -> None:
        row = self.rows.rows[index.row()]
        if adds:
            have = row.id in self._picked
            now = tuple(id_ for id_ in self._picked if id_ != row.id) if have else (*self._picked, row.id)
        else:
            now = () if self._picked == (row.id,) else (row.id,)
        self._picked = now
        self.picked_asked.emit(now)

    def _go_deeper(self, index: QModelIndex) -> None:
        row = self.rows.rows[index.row()]
        if row.where:
            self.deeper_asked.emit(row.id)

    def _sort_by_current(self, descending: bool) -> None:
        self._ask_sort(self._table.columns[self.body.currentIndex().column()], descending)

    def _sort_by(self, place: int) -> None:
        """As a click on the header does: figures begin with the largest, names with A; once more turns them round."""
        column = self._table.columns[place]
        sort, descending = self._sort_asked or (self._table.sort, self._table.descending)
        self._ask_sort(column, not descending if sort == column.id else column.kind in FIGURES)

    def _ask_sort(self, column: Column, descending: bool) -> None:
        self._sort_asked = column.id, descending
        self.sort_asked.emit(column.id, descending)

    def _copy_cells(self, grid: Grid) -> None:
        """The selected cells, as they stand: the columns in the person's order."""
        rows = self.rows.rows if grid is self.body else self.sums.rows
        selected: dict[int, list[int]] = {}
        parts = grid.selectionModel().selection()
        for part in (parts.at(number) for number in range(parts.count())):
            for place in range(part.top(), part.bottom() + 1):
                selected.setdefault(place, []).extend(range(part.left(), part.right() + 1))
        order = self.header.places()
        lines = [
            [rows[place].cells[at] for at in order if at in columns] for place, columns in sorted(selected.items())
        ]
        if lines:
            self._keeper.copy_words(cells_text(lines))

    def _on_focus(self, grid: Grid, has: bool) -> None:
        other = self.totals if grid is self.body else self.body
        if has:
            other.clearSelection()  # else it would look as if cells of both were to be copied
        self._name_current(grid)

    def _name_current(self, grid: Grid) -> None:
        if not grid.hasFocus():
            if not (self.body.hasFocus() or self.totals.hasFocus()):
                self.named.emit("")
            return
        index, rows = grid.currentIndex(), self.rows.rows if grid is self.body else self.sums.rows
        self.named.emit(self._words(rows[index.row()], index.column()) if index.isValid() else "")

    def _words(self, row: Row, place: int) -> str:
        return cell_words(self._table.columns[place], row.cells[place], row)

    def _tell_places(self) -> None:
        self._keeper.places = self.header.places()


def _open_under(button: QWidget, menu: QMenu) -> None:
    """A menu at its button: Qt keeps it on the screen."""
    menu.popup(button.mapToGlobal(button.rect().bottomLeft()))
