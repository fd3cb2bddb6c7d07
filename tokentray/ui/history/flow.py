"""A layout that sets its widgets one after the other in lines, as words of a text, from the leading side."""

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QStyle, QWidget

_MOST_WIDTHS = 4


class Flow(QLayout):
    """Every widget has the size it asks for, and at most the width there is."""

    def __init__(self, parent: QWidget, across: int, down: int) -> None:
        """across, down: pixels between widgets, and between lines."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._across, self._down = across, down
        self._places: dict[int, list[QRect]] = {}
        """By width, until something asks for another size: laying out once asks for them a dozen times."""
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802 (Qt's name)
        self._items.append(item)
        self._places.clear()

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 (Qt's name; None ends it)
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802 (as itemAt)
        self._places.clear()
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def invalidate(self) -> None:
        """Sizes or what is shown may have changed."""
        self._places.clear()
        super().invalidate()

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802 (Qt's name)
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 (Qt's name)
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 (Qt's name)
        places = self.places(width)
        return places[-1].bottom() + 1 if places else 0

    def minimumSize(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize()

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        return QSize(0, self.heightForWidth(self.geometry().width()))

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802 (Qt's name)
        super().setGeometry(rect)
        parent = self.parentWidget()
        direction = parent.layoutDirection() if parent is not None else Qt.LayoutDirection.LeftToRight
        for item, place in zip(self._shown(), self.places(rect.width()), strict=True):
            item.setGeometry(QStyle.visualRect(direction, rect, place.translated(rect.topLeft())))

    def places(self, width: int) -> list[QRect]:
        """Where the widgets stand in a width, from the left."""
        known = self._places.get(width)
        if known is not None:
            return known
        found: list[QRect] = []
        x = y = tall = 0
        for item in self._shown():
            size = item.sizeHint()
            size.setWidth(min(size.width(), width))
            if x and x + size.width() > width:
                x, y, tall = 0, y + tall + self._down, 0
            found.append(QRect(QPoint(x, y), size))
            x += size.width() + self._across
            tall = max(tall, size.height())
        if len(self._places) >= _MOST_WIDTHS:
            self._places.clear()
        self._places[width] = found
        return found

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if not item.isEmpty()]
