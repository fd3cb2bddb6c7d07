"""The table of the history: what a person does with it by mouse and by keys, and what it keeps when figures change."""

import gc
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal

import pytest
from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QRect, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtGui import Qt as Rich
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.history_made import COLUMNS, NAMES, Parts, bar_chart, report, row, table
from tests.ui.history_told import Told
from tokentray.report import Cell, Column, ColumnKind, Row, Table
from tokentray.ui import theme
from tokentray.ui.history.columns import Chosen, chosen_of
from tokentray.ui.history.tablemodel import RowsModel
from tokentray.ui.history.tips import figure, on_one_line, tail

_LEFT = Qt.MouseButton.LeftButton
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier
_ROLE = Qt.ItemDataRole


@pytest.fixture(name="parts")
def parts_fixture(qtbot: QtBot) -> Iterator[Parts]:
    parts = Parts()
    qtbot.addWidget(parts)
    parts.show_report(report())
    with qtbot.waitExposed(parts):
        parts.show()
    parts.activateWindow()
    yield parts
    QApplication.clipboard().clear()


def at(parts: Parts, place: int, column: int = 0) -> QModelIndex:
    return parts.table.rows.index(place, column)


def middle(parts: Parts, place: int, column: int = 0) -> QPoint:
    return parts.table.body.visualRect(at(parts, place, column)).center()


def click(parts: Parts, place: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(parts.table.body.viewport(), _LEFT, modifier, middle(parts, place))


def press(parts: Parts, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(parts.table.body, key, modifier)


def stand(parts: Parts, place: int, column: int = 0) -> None:
    parts.table.body.setFocus()
    parts.table.body.setCurrentIndex(at(parts, place, column))


def entry(menu: QMenu, start: str) -> None:
    """Choose the entry that begins with these words."""
    next(action for action in menu.actions() if action.text().startswith(start)).trigger()


def test_a_click_picks_a_row(parts: Parts) -> None:
    """A click asks for that row alone, with Ctrl for one more or one less, and on the only one for all again."""
    picked = Told(parts.table.picked_asked)
    click(parts, 1)
    click(parts, 2, _CONTROL)
    click(parts, 1, _CONTROL)
    click(parts, 2)
    assert picked.values == [("g1",), ("g1", "g2"), ("g2",), ()]


def test_picks_follow_the_answer(parts: Parts) -> None:
    """What is picked is what the table was last told, whoever asked for it."""
    parts.show_report(report(), picked=("g3",))
    picked = Told(parts.table.picked_asked)
    click(parts, 3)
    assert picked.values == [()]


def test_shift_marks_cells_and_picks_nothing(parts: Parts) -> None:
    picked = Told(parts.table.picked_asked)
    stand(parts, 0)
    click(parts, 2, _SHIFT)
    assert picked.values == []
    assert len(parts.table.body.selectionModel().selection().indexes()) == 3


def test_a_double_click_goes_deeper(parts: Parts) -> None:
    """Its two clicks are one click and a double one: the row is picked once, not twice."""
    deeper, picked = Told(parts.table.deeper_asked), Told(parts.table.picked_asked)
    viewport, place = parts.table.body.viewport(), middle(parts, 4)
    QTest.mouseClick(viewport, _LEFT, pos=place)
    QTest.mouseDClick(viewport, _LEFT, pos=place)
    assert deeper.values == ["g4"]
    assert picked.values == [("g4",)]


def test_nothing_lies_deeper_in_a_row_that_leads_nowhere(parts: Parts) -> None:
    deeper = Told(parts.table.deeper_asked)
    parts.show_report(report(shown=table((row(0, "others")._replace(where=()),))))
    stand(parts, 0)
    press(parts, Qt.Key.Key_Return)
    assert deeper.values == []


def test_keys_do_what_the_mouse_does(parts: Parts) -> None:
    """Arrow keys only walk; Space picks, with Ctrl one more; Enter goes deeper."""
    picked, deeper = Told(parts.table.picked_asked), Told(parts.table.deeper_asked)
    stand(parts, 0)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Right)
    assert picked.values == []
    press(parts, Qt.Key.Key_Space)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Space, _CONTROL)
    press(parts, Qt.Key.Key_Return)
    assert picked.values == [("g1",), ("g1", "g2")]
    assert deeper.values == ["g2"]


def test_escape_and_back_are_left_to_the_window(parts: Parts) -> None:
    """The table keeps neither Esc nor Alt with an arrow to itself."""
    seen = Told(parts.table.named)
    stand(parts, 0, 1)
    seen.values.clear()
    press(parts, Qt.Key.Key_Escape)
    press(parts, Qt.Key.Key_Left, _ALT)
    assert parts.table.body.currentIndex() == at(parts, 0, 1)
    assert seen.values == []


def test_a_header_sorts_and_turns_round(parts: Parts) -> None:
    """Figures begin with the largest, names with A; the same once more turns round, also before an answer came."""
    sort = Told(parts.table.sort_asked)
    header = parts.table.body.horizontalHeader()

    def press_header(place: int) -> None:
        where = QPoint(header.sectionViewportPosition(place) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), _LEFT, pos=where)

    press_header(2)
    press_header(2)
    press_header(0)
    assert sort.values == [("requests", True), ("requests", False), ("source", False)]
    parts.show_report(report(shown=table(sort="source", descending=False)))
    press_header(0)
    assert sort.values[-1] == ("source", True)


def test_the_header_says_how_rows_are_sorted(parts: Parts) -> None:
    """By a sign for the eye, and in words for who hears it."""

    def said(place: int, role: _ROLE) -> str:
        return str(parts.table.rows.headerData(place, Qt.Orientation.Horizontal, role))

    assert said(1, _ROLE.DisplayRole) == "▾ Spend"
    assert said(1, _ROLE.AccessibleTextRole) == "Spend, sorted, largest first"
    parts.show_report(report(shown=table(sort="source", descending=False)))
    assert said(0, _ROLE.DisplayRole) == "Source ▴"
    assert said(1, _ROLE.DisplayRole) == "Spend"
    assert said(3, _ROLE.AccessibleTextRole) == "Output tokens"
    assert said(1, _ROLE.ToolTipRole) == "What counts"


def test_keys_sort_by_the_column_they_are_in(parts: Parts) -> None:
    sort = Told(parts.table.sort_asked)
    stand(parts, 0, 2)
    press(parts, Qt.Key.Key_Down, _ALT)
    press(parts, Qt.Key.Key_Up, _ALT)
    assert sort.values == [("requests", True), ("requests", False)]


def test_focus_tells_what_hover_tells(parts: Parts) -> None:
    """The cell with the keyboard is named, with how it is known; without the keyboard, none is."""
    named = Told(parts.table.named)
    stand(parts, 1, 1)
    assert named.values[-1] == "OpenAI, my key, Spend ≈ $201.00. Estimated from logs; As of 14:02"
    press(parts, Qt.Key.Key_Right)
    assert named.values[-1].startswith("OpenAI, my key, Requests 1")
    tip = at(parts, 1, 1).data(_ROLE.ToolTipRole)
    assert tip == "Estimated from logs\nAs of 14:02"
    assert at(parts, 1, 4).data(_ROLE.ToolTipRole) == "At the price of 1 November"
    parts.chart.setFocus()
    assert named.values[-1] == ""


def test_what_a_focused_cell_tells_reads_as_sentences(parts: Parts) -> None:
    """A row that begins with a day is called by it once, and no full stop is followed by another mark."""
    columns = (Column("day", "Day", ColumnKind.TEXT), Column("cost", "Spend", ColumnKind.MONEY))
    note = Row("n1", (Cell("18 Aug 2026"), Cell("$4.52")), tip="Of plan fees.\nAs of 14:02\nWithout fees.")
    parts.show_report(report(shown=Table(columns, (note,))))
    named = Told(parts.table.named)
    stand(parts, 0)
    assert named.values[-1] == "18 Aug 2026. Of plan fees. As of 14:02; Without fees."
    press(parts, Qt.Key.Key_Right)
    assert named.values[-1] == "18 Aug 2026, Spend $4.52. Of plan fees. As of 14:02; Without fees."


def test_names_are_plain_text(parts: Parts) -> None:
    """Names of any letters stand on one line, hide nothing, and are no markup in a tooltip."""
    for place, name in enumerate(NAMES):
        shown = str(at(parts, place).data(_ROLE.DisplayRole))
        assert "\n" not in shown
        assert "\a" not in shown
        tip = str(at(parts, place).data(_ROLE.ToolTipRole))
        assert not Rich.mightBeRichText(tip)
        assert name[:5].rstrip() in tip.replace("\u2060", "") or "\\x07" in tip
    assert str(at(parts, 5).data(_ROLE.DisplayRole)) == "bell\\x07\\x1b[31m\\n=1+1"
    assert len(str(at(parts, 4).data(_ROLE.ToolTipRole)).replace("\n", "").split("Est")[0]) == 300


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("$1.50", "1.5", "$1"), ("$12", "12", "$12"), ("≈ $1,234.00", "1234", "≈ $1,234"), ("1,190", "1190", "1,190"),
        ("$0.619", "0.6191", "$0"), ("$1,190", "1190", "$1,190"), ("1.190 €", "1190", "1.190"),
        ("10,000 €", "9.99996", "10"),
        ("<$0.0001", "0.00000001", "<$0"), ("49 %", "49.1", "49"), ("6.7×", "6.66", "6"), ("-$0.619", "-0.6191", "-$0"),
    ],
)  # fmt: skip
def test_figures_stand_on_their_points(text: str, value: str, whole: str) -> None:
    """Every figure has the same room behind its whole part: three digits after the point may be thousands."""
    assert len(figure(Cell(text, Decimal(value)), 8, False)) == len(whole) + 8


def test_what_is_no_figure_ends_where_figures_end() -> None:
    assert figure(Cell("–"), 8, False) == "–"
    assert figure(Cell("not priced"), 8, False) == "not priced"


@pytest.mark.parametrize("text", ["6 h 29 min", "<1 min", "1.5 working weeks", "2.7 coffees", "25 h 30 min"])
def test_figures_with_their_units_in_words_end_together(text: str) -> None:
    """Hours under weeks have no point in common, and would be pushed away from their column's end."""
    assert tail(Cell(text, Decimal("1.5"))) == -1
    assert figure(Cell(text, Decimal("1.5")), 16, False) == text


def test_a_name_keeps_its_direction() -> None:
    """A name that reads against the window's direction is set apart; one that reads with it is as it is."""
    assert on_one_line("api (old)", False) == "api (old)"
    assert on_one_line("api (old)", True) == "\u2068api (old)\u2069"
    assert on_one_line("مشروع", False) == "\u2068مشروع\u2069"


def test_rows_left_out_are_dimmed_and_said_to_be(parts: Parts) -> None:
    """Those that are not in the totals read paler, though well, and are named as such to who hears them."""
    parts.show_report(report(shown=table((row(0, "here"), row(1, "gone", shown=False)))))
    model = parts.table.rows
    assert at(parts, 0).data(_ROLE.ForegroundRole) is None
    assert at(parts, 1).data(_ROLE.ForegroundRole) == model.dimmed
    assert at(parts, 1).data(_ROLE.AccessibleTextRole) == "gone, not in the total"
    assert at(parts, 0).data(_ROLE.AccessibleTextRole) == "here"


def test_names_have_the_colour_of_their_bars(parts: Parts) -> None:
    """A swatch a row; those that the chart shows as others alone are all alike, and made once."""
    chart = bar_chart()
    few = chart._replace(series=chart.series[:2], bars=())
    parts.show_report(report(few))
    swatches = [at(parts, place).data(_ROLE.DecorationRole) for place in range(4)]
    assert all(isinstance(one, QPixmap) for one in swatches)
    keys = [one.cacheKey() for one in swatches]
    assert keys[0] != keys[1]
    assert keys[2] == keys[3]
    assert at(parts, 0, 1).data(_ROLE.DecorationRole) is None


def test_cells_are_marked_in_rows_or_in_totals(parts: Parts) -> None:
    """What is copied is of the grid that has the keyboard, so only there cells are marked."""
    body, totals = parts.table.body, parts.table.totals
    totals.setFocus()
    totals.setCurrentIndex(totals.model().index(0, 1))
    assert totals.selectionModel().hasSelection()
    stand(parts, 1, 2)
    assert body.selectionModel().hasSelection()
    assert not totals.selectionModel().hasSelection()
    totals.setFocus()
    assert not body.selectionModel().hasSelection()


def test_totals_stand_under_their_columns(parts: Parts, qtbot: QtBot) -> None:
    """Whatever is widened, moved, hidden or scrolled above is so below."""
    body, totals = parts.table.body, parts.table.totals
    above, below = body.horizontalHeader(), totals.horizontalHeader()

    def same() -> bool:
        return all(
            body.columnViewportPosition(place) == totals.columnViewportPosition(place)
            and body.columnWidth(place) == totals.columnWidth(place)
            and body.isColumnHidden(place) == totals.isColumnHidden(place)
            for place in range(len(COLUMNS))
        )

    assert same()
    above.resizeSection(1, 400)
    assert same()
    above.moveSection(1, 3)
    assert [below.visualIndex(place) for place in range(5)] == [above.visualIndex(place) for place in range(5)]
    assert same()
    above.resizeSection(2, 700)
    QApplication.processEvents()
    body.horizontalScrollBar().setValue(300)
    assert totals.horizontalScrollBar().value() == 300
    assert same()
    totals.horizontalScrollBar().setValue(120)
    assert body.horizontalScrollBar().value() == 120
    parts.show_report(report(shown=table(tuple(row(number, "name") for number in range(99)))))
    qtbot.waitUntil(body.verticalScrollBar().isVisible)
    qtbot.waitUntil(lambda: totals.viewport().width() == body.viewport().width())
    assert totals.horizontalScrollBar().maximum() == body.horizontalScrollBar().maximum()


def test_columns_are_chosen_in_the_menu(parts: Parts) -> None:
    """What is ticked is shown; names always are; "As they were" undoes it all."""
    menu = parts.table.columns_menu()
    ticked = {action.text(): action.isChecked() for action in menu.actions() if action.isCheckable()}
    assert ticked == {"Spend": True, "Requests": True, "Output tokens": True, "At list price": False}
    entry(menu, "At list price")
    entry(menu, "Requests")
    assert not parts.table.body.isColumnHidden(4)
    assert parts.table.body.isColumnHidden(2)
    entry(parts.table.columns_menu(), "As they were")
    assert parts.table.body.isColumnHidden(4)
    assert not parts.table.body.isColumnHidden(2)


def test_a_menu_of_columns_stays_open_while_it_is_ticked(parts: Parts) -> None:
    """Space and clicks tick one after the other; Esc is done with it."""
    QTest.mouseClick(parts.table.columns_button, _LEFT)
    menu = parts.table.findChild(QMenu)
    assert isinstance(menu, QMenu)
    QTest.keyClick(menu, Qt.Key.Key_Down)
    QTest.keyClick(menu, Qt.Key.Key_Space)
    spend = next(action for action in menu.actions() if action.text() == "Requests")
    QTest.mouseClick(menu, _LEFT, pos=menu.actionGeometry(spend).center())
    assert menu.isVisible()
    assert parts.table.body.isColumnHidden(1)
    assert parts.table.body.isColumnHidden(2)
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


def test_sorting_chooses_no_cells(parts: Parts) -> None:
    """A click on a header sorts, and leaves chosen what was: Qt would choose the whole column."""
    stand(parts, 1, 0)
    parts.table.body.clearSelection()
    header = parts.table.body.horizontalHeader()
    asked = Told(parts.table.sort_asked)
    at_second = QPoint(header.sectionViewportPosition(1) + 12, header.height() // 2)
    QTest.mouseClick(header.viewport(), _LEFT, pos=at_second)
    assert len(asked.values) == 1
    assert not parts.table.body.selectionModel().hasSelection()
    assert parts.table.body.currentIndex().column() == 0


def test_a_button_offers_to_copy_and_save(parts: Parts) -> None:
    """Who never clicks right finds it too; where there is nothing to keep, there is no button."""
    button = parts.table.keep_button
    assert button.isVisible()
    parts.table.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Return)
    menu = parts.table.findChild(QMenu)
    assert isinstance(menu, QMenu)
    assert menu.isVisible()
    assert [action.text() for action in menu.actions()][:2] == ["Copy table as text", "Copy table as CSV"]
    entry(menu, "Copy table as Markdown")
    menu.close()
    assert QApplication.clipboard().text().startswith("| ")
    bare = report()
    parts.show_report(bare._replace(table=bare.table._replace(rows=(), totals=()), chart=None))
    assert not button.isVisible()


def test_columns_are_remembered(parts: Parts, qtbot: QtBot) -> None:
    """Order, choice and widths come back in another window; a table of other columns has those it shares."""
    header = parts.table.body.horizontalHeader()
    header.moveSection(header.visualIndex(2), 1)
    header.resizeSection(1, 333)
    entry(parts.table.columns_menu(), "At list price")
    state = parts.table.column_state()
    other = Parts()
    qtbot.addWidget(other)
    other.table.restore_columns(state)
    other.show_report(report())
    body = other.table.body
    assert [body.horizontalHeader().logicalIndex(place) for place in range(5)] == [0, 2, 1, 3, 4]
    assert body.columnWidth(1) == 333
    assert not body.isColumnHidden(4)
    assert other.table.column_state() == state


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"order": 1, "shown": [], "widths": {"cost": "wide"}}', '{"widths": {"cost": 1e9}}'],
)
def test_what_cannot_be_used_of_a_memory_is_left_out(text: str) -> None:
    """Whatever a file holds, the columns stand as the view has them."""
    assert chosen_of(text) == Chosen()


def test_a_new_column_stands_behind_the_one_it_follows() -> None:
    """What the person put in order stays so; columns they have not seen take their own places among them."""
    ids = [column.id for column in COLUMNS]
    chosen = Chosen().moved([ids[1], ids[0], ids[3]])
    assert chosen.arranged(COLUMNS) == [1, 2, 0, 3, 4]
    assert Chosen(order=("gone", "cost")).moved(ids).arranged(COLUMNS) == [0, 1, 2, 3, 4]


def test_the_same_rows_keep_what_is_marked(parts: Parts) -> None:
    """New figures of the same rows, and another order of them, leave cell, selection and place of the table alone."""
    many = tuple(row(number, f"name {number}") for number in range(200))
    parts.show_report(report(shown=table(many)))
    stand(parts, 60, 1)
    parts.table.body.selectionModel().select(at(parts, 61, 2), QItemSelectionModel.SelectionFlag.Select)
    parts.table.body.scrollTo(at(parts, 60), QAbstractItemView.ScrollHint.PositionAtTop)
    down = parts.table.body.verticalScrollBar().value()
    parts.show_report(report(shown=table(tuple(row(number, f"name {number}", "7") for number in range(200)))))
    assert parts.table.body.currentIndex() == at(parts, 60, 1)
    assert at(parts, 60, 1).data() == "≈ $7.00"
    parts.show_report(report(shown=table(many[::-1], descending=False)))
    assert parts.table.body.currentIndex() == at(parts, 139, 1)
    chosen = {(one.row(), one.column()) for one in parts.table.body.selectionModel().selection().indexes()}
    assert chosen == {(139, 1), (138, 2)}
    assert parts.table.body.verticalScrollBar().value() == down


def test_a_menu_offers_what_can_be_done_with_a_row(parts: Parts) -> None:
    """Go deeper, show only this, all again, sort by this column; each does what its words say."""
    picked, deeper, sort = (
        Told(one) for one in (parts.table.picked_asked, parts.table.deeper_asked, parts.table.sort_asked)
    )
    grid = parts.table.body
    entry(parts.table.cell_menu(grid, at(parts, 3, 2)), "Go deeper into “<img src=x> && <b>”")
    entry(parts.table.cell_menu(grid, at(parts, 3, 2)), "Show only")
    entry(parts.table.cell_menu(grid, at(parts, 3, 2)), "Sort by “Requests”")
    assert (deeper.values, picked.values, sort.values) == (["g3"], [("g3",)], [("requests", True)])
    parts.show_report(report(), picked=("g3",))
    entry(parts.table.cell_menu(grid, at(parts, 3, 2)), "Show all rows again")
    assert picked.values[-1] == ()
    words = [action.text() for action in parts.table.cell_menu(grid, at(parts, 4)).actions()]
    assert all(len(one) < 80 for one in words)


def test_selected_cells_are_copied_as_they_stand(parts: Parts) -> None:
    """Ctrl+C takes the cells as they read, columns in the order of the person, tabs between them."""
    header = parts.table.body.horizontalHeader()
    header.moveSection(2, 1)
    stand(parts, 0, 1)
    press(parts, Qt.Key.Key_Down, _SHIFT)
    press(parts, Qt.Key.Key_Left, _SHIFT)
    press(parts, Qt.Key.Key_C, _CONTROL)
    assert QApplication.clipboard().text() == "0\t≈ $1.00\n1\t≈ $201.00"
    parts.table.totals.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(parts.table.totals, Qt.Key.Key_C, _CONTROL)
    assert QApplication.clipboard().text() == "Total"


class Counted(RowsModel):
    """Counts how often Qt asks."""

    asked = 0

    def data(self, index: QModelIndex, role: int = 0) -> object:  # type: ignore[override] # as Qt calls it
        Counted.asked += 1
        return super().data(index, role)


def test_ten_thousand_rows_cost_what_is_in_sight(qtbot: QtBot) -> None:
    """Qt asks for the cells of a screen and no others, wherever in the table it stands."""
    parts = Parts()
    qtbot.addWidget(parts)
    model = Counted(parts.table.body)
    parts.table.rows = model
    parts.table.body.setModel(model)
    with qtbot.waitExposed(parts):
        parts.show()
    Counted.asked = 0
    parts.table.set_table(table(tuple(row(number, f"name {number}") for number in range(10_000))))
    body = parts.table.body
    in_sight = (body.viewport().height() // body.rowHeight(0) + 2) * len(COLUMNS)
    roles = 12
    for step in range(100):
        body.verticalScrollBar().setValue(body.verticalScrollBar().maximum() * step // 99)
        body.viewport().repaint()
    assert Counted.asked > 100 * in_sight
    assert Counted.asked <= 102 * in_sight * roles


def test_tables_that_were_are_let_go(parts: Parts) -> None:
    """Twenty tables of ten thousand rows, one after the other, take the room of one."""

    def made(number: int) -> Table:
        cells = (Cell("a", "a"), Cell("$1.00", number), Cell("1", 1), Cell("–"), Cell("–"))
        return table(tuple(Row(f"{number}-{one}", cells) for one in range(10_000)))

    parts.table.set_table(made(0))
    tracemalloc.start()
    parts.table.set_table(made(1))
    gc.collect()
    first = tracemalloc.get_traced_memory()[0]
    for number in range(2, 20):
        parts.table.set_table(made(number))
    gc.collect()
    grown = tracemalloc.get_traced_memory()[0] - first
    tracemalloc.stop()
    assert grown < 200_000


def test_room_that_is_left_goes_to_what_is_cut(parts: Parts) -> None:
    """A long name is read whole where the table has the room, rather than a short text standing in a wide column."""
    words = "Moved the search of quillmark to the new index, at last"
    columns = (Column("what", "What it bought", ColumnKind.NAME), Column("project", "Project", ColumnKind.TEXT))
    rows = (Row("1", (Cell(words, words), Cell("quillmark", "quillmark"))),)
    parts.table.set_table(Table(columns, rows))
    parts.resize(700, parts.height())
    QApplication.processEvents()
    header, metrics = parts.table.body.horizontalHeader(), parts.table.body.fontMetrics()
    assert header.sectionSize(0) > metrics.horizontalAdvance(words)
    assert header.sectionSize(0) + header.sectionSize(1) <= parts.table.body.viewport().width()
    parts.resize(400, parts.height())
    QApplication.processEvents()
    assert header.sectionSize(0) < metrics.horizontalAdvance(words)


def test_texts_keep_off_the_figures_before_them(parts: Parts) -> None:
    """In rows, totals and titles; whatever order the columns are put in, and only where a figure comes before."""
    columns = (
        Column("plan", "Plan", ColumnKind.NAME),
        Column("tokens", "Tokens", ColumnKind.COUNT),
        Column("used", "MMMM", ColumnKind.TEXT),
        Column("agents", "MMMM", ColumnKind.TEXT),
    )
    cells = (Cell("Max", "Max"), Cell("349,917,733", 349917733), Cell("MMMM", "M"), Cell("MMMM", "M"))
    parts.table.set_table(Table(columns, (Row("1", cells),), (Row("total", cells),)))
    QApplication.processEvents()
    body, totals = parts.table.body, parts.table.totals
    above = body.horizontalHeader()

    def begins(place: int) -> list[int]:
        """Pixels before the ink of a column's text in title, row and total."""
        found = []
        for widget, box in (
            (above.viewport(), QRect(above.sectionViewportPosition(place), 0, above.sectionSize(place), 16)),
            (body.viewport(), body.visualRect(body.model().index(0, place))),
            (totals.viewport(), totals.visualRect(totals.model().index(0, place))),
        ):
            shot = widget.grab(box.adjusted(2, 4, -4, -2)).toImage()
            paper = shot.pixelColor(shot.width() - 1, 0)
            columns_inked = (
                x
                for x in range(shot.width())
                if any(theme.contrast(shot.pixelColor(x, y), paper) > 3 for y in range(shot.height()))
            )
            found.append(next(columns_inked))
        return found

    gap = body.fontMetrics().horizontalAdvance("n")
    assert all(one - other >= gap for one, other in zip(begins(2), begins(3), strict=True))
    above.moveSection(3, 2)
    QApplication.processEvents()
    assert all(one - other >= gap for one, other in zip(begins(3), begins(2), strict=True))


def test_room_that_nobody_needs_goes_to_texts_at_the_end(parts: Parts) -> None:
    """So that what stands before keeps together."""
    columns = (
        Column("plan", "Plan", ColumnKind.NAME),
        Column("used", "Last used", ColumnKind.TEXT),
        Column("agents", "Used by", ColumnKind.TEXT),
    )
    used = "9 Oct 2026, no use in 44 days"
    cells = (Cell("Max", "Max"), Cell(used, used), Cell("Codex", "Codex"))
    parts.table.set_table(Table(columns, (Row("1", cells),)))
    QApplication.processEvents()
    header, metrics = parts.table.body.horizontalHeader(), parts.table.body.fontMetrics()
    assert header.sectionSize(1) < metrics.horizontalAdvance(used) + 60 < header.sectionSize(2)
