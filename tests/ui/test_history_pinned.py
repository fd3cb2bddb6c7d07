"""The names of the history's table stay in sight while its other columns are scrolled under them."""

from decimal import Decimal

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui.history_made import Parts, bar_chart, report
from tokentray.report import Cell, Column, ColumnKind, Row, Table
from tokentray.ui.history.grid import BodyGrid

_LEFT = Qt.MouseButton.LeftButton
_FIGURES = 9
_ROWS = 12


def made(name: str = "project {}", keys: int = 1, rows: int = _ROWS) -> Table:
    """Names by that form, in so many columns, and figures that do not fit beside them."""
    names = tuple(Column(f"k{key}", f"Key {key}", ColumnKind.NAME) for key in range(keys))
    figures = tuple(Column(f"f{place}", f"Figure {place}", ColumnKind.COUNT) for place in range(_FIGURES))
    cells = [
        (*[Cell(name.format(number), name.format(number)) for _ in names], *[Cell("1,234,567,890", 1)] * _FIGURES)
        for number in range(rows)
    ]
    total = Row("total", (Cell("Total"), *[Cell("")] * (keys - 1), *[Cell("9", Decimal(9))] * _FIGURES))
    made_rows = tuple(Row(f"g{number}", one, ink=f"project:p{number}") for number, one in enumerate(cells))
    return Table((*names, *figures), made_rows, (total,), "f0")


@pytest.fixture(name="parts", params=["left to right", "right to left"])
def parts_fixture(qtbot: QtBot, request: pytest.FixtureRequest) -> Parts:
    parts = Parts()
    qtbot.addWidget(parts)
    if request.param == "right to left":
        parts.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    parts.resize(620, 640)
    parts.show_report(report(bar_chart(), made()))
    with qtbot.waitExposed(parts):
        parts.show()
    parts.activateWindow()
    return parts


def scroll(parts: Parts, value: int) -> None:
    parts.table.body.horizontalScrollBar().setValue(value)
    QApplication.processEvents()


def names_of(body: BodyGrid) -> QRect:
    """Where the names stand while nothing is scrolled, in the grid, but for the line at their end."""
    first = body.visualRect(body.model().index(0, 0))
    last = body.visualRect(body.model().index(5, 0))
    box = QRect(first.topLeft(), last.bottomRight())
    box.adjust(*((1, 0, 0, 0) if body.isRightToLeft() else (0, 0, -1, 0)))
    return box.translated(body.viewport().pos())


def picture(body: BodyGrid, box: QRect) -> QImage:
    QApplication.processEvents()
    return body.grab(box).toImage()


def test_names_look_as_they_did(parts: Parts) -> None:
    """To the pixel, wherever the others are scrolled to; so do totals and titles."""
    body, totals = parts.table.body, parts.table.totals
    box = names_of(body)
    before = picture(body, box)
    other = totals.visualRect(totals.model().index(0, 0)).adjusted(1, 0, -1, 0)
    total = totals.grab(other).toImage()
    for value in (1, 90, body.horizontalScrollBar().maximum()):
        scroll(parts, value)
        assert picture(body, box) == before, value
        assert totals.grab(other).toImage() == total
        assert body.pinned is not None
        assert body.pinned.head.isVisible()
    scroll(parts, 0)
    assert body.pinned is not None
    assert (body.pinned.isVisible(), body.pinned.head.isVisible()) == (False, False)
    assert picture(body, box) == before


def test_they_follow_rows_and_columns(parts: Parts) -> None:
    """Rows that scroll, other rows, and columns that become wider or narrower."""
    body = parts.table.body
    scroll(parts, 90)
    box = names_of_scrolled(parts)
    first = picture(body, box)
    body.verticalScrollBar().setValue(3 * body.rowHeight(0))
    further = picture(body, box)
    assert further != first
    assert body.indexAt(middle(parts, 3)).row() == 3
    parts.show_report(report(bar_chart(), made("another {}")))
    scroll(parts, 90)
    assert picture(body, box) != further
    body.horizontalHeader().resizeSection(0, 200)
    assert body.pinned is not None
    assert body.pinned.width() == 200


def names_of_scrolled(parts: Parts) -> QRect:
    pinned = parts.table.body.pinned
    assert pinned is not None
    return pinned.geometry()


def middle(parts: Parts, row: int) -> QPoint:
    """The middle of a name as it is painted, in the viewport."""
    body = parts.table.body
    box = names_of_scrolled(parts).translated(-body.viewport().pos())
    return QPoint(box.center().x(), body.rowViewportPosition(row) + body.rowHeight(row) // 2)


def test_the_mouse_comes_to_the_name_that_it_sees(parts: Parts) -> None:
    """A click on it picks its row and leaves the columns where they are; beside it lie the others."""
    body = parts.table.body
    asked: list[tuple[str, ...]] = []
    parts.table.picked_asked.connect(asked.append)
    scroll(parts, 90)
    assert body.indexAt(middle(parts, 2)) == body.model().index(2, 0)
    QTest.mouseClick(body.viewport(), _LEFT, Qt.KeyboardModifier.NoModifier, middle(parts, 2))
    assert asked == [("g2",)]
    assert body.currentIndex() == body.model().index(2, 0)
    assert body.horizontalScrollBar().value() == 90
    box = names_of_scrolled(parts).translated(-body.viewport().pos())
    beside = QPoint(box.left() - 5 if body.isRightToLeft() else box.right() + 5, middle(parts, 2).y())
    assert body.indexAt(beside).column() > 0


def test_a_click_on_its_title_sorts(parts: Parts) -> None:
    """As where nothing is scrolled, and not by the column that lies under it."""
    asked: list[tuple[str, bool]] = []
    parts.table.sort_asked.connect(lambda column, descending: asked.append((column, descending)))
    scroll(parts, 200)
    pinned = parts.table.body.pinned
    assert pinned is not None
    QTest.mouseClick(pinned.head, _LEFT, Qt.KeyboardModifier.NoModifier, pinned.head.rect().center())
    assert asked == [("k0", False)]


def test_walking_back_uncovers_each_cell(parts: Parts) -> None:
    """Arrow keys never come to a cell that the names cover."""
    body = parts.table.body
    body.setFocus()
    body.setCurrentIndex(body.model().index(1, _FIGURES))
    assert body.horizontalScrollBar().value() > 0
    back = Qt.Key.Key_Right if body.isRightToLeft() else Qt.Key.Key_Left
    for column in range(_FIGURES - 1, 0, -1):
        QTest.keyClick(body, back)
        QApplication.processEvents()
        assert body.currentIndex().column() == column
        cell = body.visualRect(body.currentIndex()).translated(body.viewport().pos())
        pinned = body.pinned
        assert pinned is not None
        assert not (pinned.isVisible() and pinned.geometry().intersects(cell)), column


def test_names_that_take_most_of_the_room_scroll_with_the_rest(parts: Parts) -> None:
    """Else nothing but names could be seen; two keys stay where there is room for both."""
    body = parts.table.body
    parts.show_report(report(bar_chart(), made("p{}", keys=2)))
    scroll(parts, 90)
    assert body.pinned is not None
    assert body.pinned.columns == (0, 1)
    assert body.pinned.column_at(middle(parts, 0).x()) in (0, 1)
    parts.show_report(report(bar_chart(), made("n" * 200, keys=2)))
    scroll(parts, 91)
    assert not body.pinned.isVisible()


def test_a_moved_name_is_no_name_at_the_front(parts: Parts) -> None:
    """What the person put first stands first."""
    body = parts.table.body
    body.horizontalHeader().moveSection(0, 3)
    scroll(parts, 90)
    assert body.pinned is not None
    assert not body.pinned.isVisible()
    parts.table.header.forget()
    scroll(parts, 0)
    scroll(parts, 90)
    assert body.pinned.isVisible()
