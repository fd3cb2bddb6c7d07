"""The two grids of a table: its rows, and its totals under them in the same columns."""

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from tokentray.ui import theme
from tokentray.ui.history.pinned import PinnedNames
from tokentray.ui.history.tablemodel import INDENT, RowsModel

_ROW_ROOM = 8
"""Pixels of a row above and below its text together."""
_NONE, _CONTROL, _ALT = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
_COMMANDS = _CONTROL | _ALT | Qt.KeyboardModifier.MetaModifier


class Indent(QStyledItemDelegate):
    """Texts that keep off the figures before them. Where the window is turned, figures end on the other side."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:  # noqa: N802 (Qt's name)
        super().initStyleOption(option, index)
        if option.direction == Qt.LayoutDirection.LeftToRight:
            option.text = INDENT + option.text


class Grid(QTableView):
    """Cells to walk through, and to copy from. Nothing in them can be changed."""

    copy_asked = Signal()
    menu_asked = Signal(QPoint)
    """Where on the screen."""
    focus_changed = Signal(bool)
    pinned: PinnedNames | None = None
    """Of the class, for Qt asks for cells while it makes a grid."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFont(theme.font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setHighlightSections(False)
        self.size_rows()

    def show_model(self, model: RowsModel) -> None:
        """Show the rows of this model, for good; their names stay in sight."""
        self.setModel(model)
        self.pinned = PinnedNames(self, model, self._cell_option)

    def parts(self) -> tuple[QWidget, ...]:
        """What is painted of it but for its scroll bars."""
        names = (self.pinned, self.pinned.head) if self.pinned is not None else ()
        return (self.viewport(), self.horizontalHeader().viewport(), *names)

    def indexAt(self, point: QPoint) -> QModelIndex:  # noqa: N802 (Qt's name)
        """The cell under a place, which is that of a name where names are painted over others."""
        found = super().indexAt(point)
        column = self.pinned.column_at(point.x()) if self.pinned is not None else -1
        return found if column < 0 else found.siblingAtColumn(column)

    def scrollTo(  # noqa: N802 (Qt's name)
        self,
        index: QModelIndex | QPersistentModelIndex,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        """As far as it takes to see a cell: names are seen wherever the others are scrolled to."""
        across, names = self.horizontalScrollBar(), self.pinned
        before, is_pinned = across.value(), names is not None and index.column() in names.columns
        super().scrollTo(index, hint)
        if is_pinned:
            across.setValue(before)
        elif names is not None:
            names.uncover(index)

    def _cell_option(self) -> QStyleOptionViewItem:
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        return option

    def size_rows(self) -> None:
        """Give every row the height of the font."""
        rows, tall = self.verticalHeader(), self.fontMetrics().height() + _ROW_ROOM
        rows.setMinimumSectionSize(tall)
        rows.setDefaultSectionSize(tall)

    def first_column(self) -> int:
        """The one that stands first of those that are shown, -1 for none."""
        header = self.horizontalHeader()
        places = (header.logicalIndex(place) for place in range(header.count()))
        return next((place for place in places if not header.isSectionHidden(place)), -1)

    def event(self, event: QEvent) -> bool:
        # Copying is the grid's while the keyboard is in it, whatever the window copies.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_copy(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if _is_copy(event):
            self.copy_asked.emit()
        elif event.key() == Qt.Key.Key_Escape or event.modifiers() & Qt.KeyboardModifier.AltModifier:
            event.ignore()  # the window's
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802 (Qt's name)
        place = event.globalPos()
        current = self.currentIndex()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and current.isValid():
            place = self.viewport().mapToGlobal(self.visualRect(current).center())
        self.menu_asked.emit(place)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        model, column = self.model(), self.first_column()
        by_mouse = event.reason() == Qt.FocusReason.MouseFocusReason
        if not by_mouse and not self.currentIndex().isValid() and column >= 0 and model.rowCount():
            self.setCurrentIndex(model.index(0, column))
        super().focusInEvent(event)
        self.focus_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 (Qt's name)
        super().focusOutEvent(event)
        self.focus_changed.emit(False)


class BodyGrid(Grid):
    """The rows. A click picks one, a double click goes deeper into it; arrow keys only walk, Space picks."""

    picked = Signal(QModelIndex, bool)
    """Whether it is added to those that are picked."""
    deeper = Signal(QModelIndex)
    sort_asked = Signal(bool)
    """By the column that the keyboard is in: whether the largest comes first."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        header = self.horizontalHeader()
        header.setSectionsClickable(True)
        header.sectionPressed.disconnect()  # from Qt's own, which chooses the column: a click sorts, and no more
        header.setSectionsMovable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.clicked.connect(self._click)
        self.doubleClicked.connect(self._double_click)
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self._is_double = False

    def minimumSizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """A row under its header: in a low window the totals keep their room, and the bar that scrolls both."""
        tall = self.horizontalHeader().sizeHint().height() + self.verticalHeader().defaultSectionSize()
        return QSize(super().minimumSizeHint().width(), tall)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        self._is_double = False
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        self._modifiers = event.modifiers()
        super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        current = self.currentIndex()
        key, command = event.key(), event.modifiers() & _COMMANDS
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not command and current.isValid():
            self.deeper.emit(current)
        elif key == Qt.Key.Key_Space and current.isValid() and command in (_NONE, _CONTROL):
            self.picked.emit(current, bool(command))
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down) and command == _ALT and current.isValid():
            self.sort_asked.emit(key == Qt.Key.Key_Down)
        else:
            super().keyPressEvent(event)

    def _click(self, index: QModelIndex) -> None:
        # The second click of a double one is no click of its own, and one with Shift marks cells to be copied.
        if not self._is_double and not self._modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.picked.emit(index, bool(self._modifiers & _CONTROL))

    def _double_click(self, index: QModelIndex) -> None:
        self._is_double = True
        self.deeper.emit(index)


class TotalsGrid(Grid):
    """The totals, without a header of their own."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(name, parent)
        self.horizontalHeader().hide()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def _is_copy(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Copy)
