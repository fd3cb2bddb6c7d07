"""The history window by mouse alone, over a made-up year: what each click changes is what is shown."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.hands import click, keys
from tests.ui.history_window import Held
from tokentray.charts.spec import BarChart
from tokentray.question import Measure, Question, View
from tokentray.report import Report
from tokentray.requests import Answer, RemoveNote
from tokentray.ui.forms.controls import Combo

_LEFT = Qt.MouseButton.LeftButton
_CONTROL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(name="held")
def held_fixture(folder: Path, qtbot: QtBot) -> Iterator[Held]:
    held = Held(folder, qtbot)
    held.open(Question())
    yield held
    held.stop()
    QToolTip.hideText()
    QApplication.clipboard().clear()


def shown(held: Held) -> Report:
    """What the window shows: the words on it are those of the report."""
    QApplication.processEvents()
    report = held.answer()
    window = held.window
    assert window.headline.amount.words() == (report.headline.amount_text or "–")
    assert window.period.title.words() == report.title
    assert window.body.chart.chart() == report.chart
    assert window.body.table.rows.rows == report.table.rows
    return report


def choose(held: Held, combo: Combo, value: str) -> Report:
    """Open the list, and take what the pointer is on."""
    QTest.mouseClick(combo, _LEFT)
    view = combo.view()
    index = combo.model().index(combo.findData(value), 0)
    view.scrollTo(index)
    QTest.mouseMove(view.viewport(), view.visualRect(index).center())
    QTest.mouseClick(view.viewport(), _LEFT, pos=view.visualRect(index).center())
    held.window.activateWindow()
    return shown(held)


def take(parent: QWidget, start: str) -> None:
    """Click the entry of the open menu that begins so."""
    menu = next(menu for menu in parent.findChildren(QMenu) if menu.isVisible())
    action = next(one for one in menu.actions() if one.text().startswith(start))
    QTest.mouseClick(menu, _LEFT, pos=menu.actionGeometry(action).center())


def test_views_lists_and_days(held: Held) -> None:
    window = held.window
    for place, view in enumerate(View):
        QTest.mouseClick(window.views, _LEFT, pos=window.views.tabRect(place).center())
        assert shown(held).question.view is view
    QTest.mouseClick(window.views, _LEFT, pos=window.views.tabRect(0).center())
    shown(held)
    assert choose(held, window.grouping.by.combo, "model").question.by == ("model",)
    assert choose(held, window.grouping.step.combo, "week").question.split == "week"
    assert choose(held, window.grouping.measure.combo, "requests").question.measure is Measure.REQUESTS
    click(window.period.spans.segments["custom"])
    days = window.period.days
    days.first.show_day(date(2026, 11, 3))
    click(days.show_button)
    assert shown(held).days == (date(2026, 11, 3), date(2026, 11, 22))


def test_a_word_of_the_list_is_taken(held: Held, qtbot: QtBot) -> None:
    """The filter offers names of this history, and the one that is clicked narrows what is shown."""
    window = held.window
    whole = shown(held)
    QTest.mouseClick(window.filter, _LEFT)
    keys("source:cod")
    popup = window.filter._popup
    qtbot.waitUntil(popup.isVisible)
    index = popup.model().index(0, 0)
    QTest.mouseClick(popup.viewport(), _LEFT, pos=popup.visualRect(index).center())
    window.activateWindow()
    qtbot.waitUntil(lambda: held.window.asking.question.text != "", timeout=5000)
    few = shown(held)
    assert 0 < len(few.table.rows) < len(whole.table.rows)


def test_bars_and_their_parts(held: Held) -> None:
    """A click selects, a second lets go, a double click on the bar zooms, on a part goes into its group."""
    window = held.window
    whole, chart = shown(held), window.body.chart
    spec = whole.chart
    assert isinstance(spec, BarChart)
    top = chart.bar_rect(3).center().toPoint()
    top.setY(int(chart.bar_rect(3).top()) + 2)
    QTest.mouseClick(chart, _LEFT, pos=top)
    assert shown(held).question.selected == (spec.bars[3].id, spec.bars[3].id)
    place = chart.bar_rect(6).center().toPoint()
    QTest.mouseClick(chart, _LEFT, _SHIFT, QPoint(place.x(), top.y()))
    few = shown(held)
    assert few.question.selected == (spec.bars[3].id, spec.bars[6].id)
    assert few.headline.amount_text != whole.headline.amount_text
    QTest.mouseClick(chart, _LEFT, pos=top)
    QTest.mouseClick(chart, _LEFT, pos=top)
    assert shown(held).headline == whole.headline
    part = next(at for at, amount in enumerate(spec.bars[3].amounts) if amount)
    box = chart.part_rect(3, part)
    assert box is not None
    QTest.mouseDClick(chart, _LEFT, pos=box.center().toPoint())
    row = next(row for row in whole.table.rows if row.id == spec.series[part].id)
    assert shown(held).question.where == row.where
    click(window.trail.buttons[0])
    assert shown(held).question.where == ()
    QTest.mouseDClick(chart, _LEFT, pos=top)
    assert shown(held).days == (date(2026, 11, 4), date(2026, 11, 4))


def test_the_legend(held: Held) -> None:
    """A click switches off and on, with Ctrl one alone and all again, a double click goes into it."""
    whole, legend = shown(held), held.window.body.legend
    ids = [item.series.id for item in legend.items]
    QTest.mouseClick(legend.items[1], _LEFT)
    off = shown(held)
    assert off.question.hidden == (ids[1],)
    assert off.headline.amount_text != whole.headline.amount_text
    QTest.mouseClick(legend.items[1], _LEFT)
    assert shown(held).headline == whole.headline
    QTest.mouseClick(legend.items[1], _LEFT, _CONTROL)
    assert shown(held).question.picked == (ids[1],)
    QTest.mouseClick(legend.items[1], _LEFT, _CONTROL)
    assert shown(held).headline == whole.headline
    QTest.mouseClick(legend.items[1], _LEFT)
    QTest.mouseDClick(legend.items[1], _LEFT)
    into = shown(held)
    assert into.question.where == next(row.where for row in whole.table.rows if row.id == ids[1])
    assert into.question.hidden == ()


def test_rows_and_columns(held: Held) -> None:
    """Rows picked with Ctrl, gone into by a double click; sorted by a header, a column hidden and moved in its menu."""
    window = held.window
    whole, table = shown(held), window.body.table
    body, header = table.body, table.body.horizontalHeader()

    def place(row: int) -> QPoint:
        return body.visualRect(body.model().index(row, 0)).center()

    QTest.mouseClick(body.viewport(), _LEFT, pos=place(0))
    shown(held)
    QTest.mouseClick(body.viewport(), _LEFT, _CONTROL, place(2))
    ids = [row.id for row in whole.table.rows]
    assert shown(held).question.picked == (ids[0], ids[2])
    QTest.mouseClick(body.viewport(), _LEFT, _CONTROL, place(2))
    shown(held)
    QTest.mouseClick(body.viewport(), _LEFT, pos=place(0))
    assert shown(held).headline == whole.headline
    at = QPoint(header.sectionViewportPosition(1) + 8, header.height() // 2)
    QTest.mouseClick(header.viewport(), _LEFT, pos=at)
    turned = shown(held).table
    assert turned.columns[1].id == "cost"
    amounts = [row.cells[1].value or 0 for row in turned.rows]
    assert amounts == sorted(amounts)
    assert turned.rows[-1].id == ids[0]
    click(table.columns_button)
    take(table, "Share")
    share = next(at for at, column in enumerate(whole.table.columns) if column.id == "share")
    assert body.isColumnHidden(share)
    assert table.totals.isColumnHidden(share)
    for menu in table.findChildren(QMenu):
        menu.close()
    window.activateWindow()
    QTest.mouseClick(body.viewport(), _LEFT, pos=place(1))
    QTest.mouseDClick(body.viewport(), _LEFT, pos=place(1))
    assert shown(held).question.where == turned.rows[1].where


def test_the_boundary_is_dragged(held: Held) -> None:
    splitter = held.window.body.splitter
    handle, before = splitter.handle(1), splitter.sizes()
    middle = handle.rect().center()
    QTest.mousePress(handle, _LEFT, pos=middle)
    QTest.mouseMove(handle, middle - QPoint(0, 20))
    QTest.mouseMove(handle, middle - QPoint(0, 40))
    QTest.mouseRelease(handle, _LEFT, pos=middle - QPoint(0, 40))
    assert splitter.sizes()[1] > before[1]


def test_a_note_is_removed_and_put_back(held: Held) -> None:
    window = held.window
    QTest.mouseClick(window.views, _LEFT, pos=window.views.tabRect(5).center())
    notes = shown(held).notes
    body = window.body.table.body
    QTest.mouseClick(body.viewport(), _LEFT, pos=body.visualRect(body.model().index(1, 0)).center())
    shown(held)
    click(window.notes.change)
    assert window.form.text.text() == notes[1].text
    click(window.form.cancel_button)
    shown(held)
    click(window.notes.remove)
    assert held.requests == [RemoveNote(notes[1].id)]
    window.take_answer(Answer(1, "Removed."))
    click(window.foot.undo)
    assert len(held.requests) == 2
    assert not window.foot.undo.isVisible()
    shown(held)
