"""The history window by keyboard alone, over a made-up year: what each key changes is what is shown, and the keyboard
is always somewhere.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.hands import focused, keys, press
from tests.ui.history_window import Held
from tokentray.charts.spec import BarChart
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report
from tokentray.requests import Answer, RemoveNote
from tokentray.ui.forms.tabs import stops
from tokentray.ui.history.legend import LegendItem

_CONTROL, _ALT, _SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
_KEY = Qt.Key
_OCTOBER = Period(Span.MONTH, date(2026, 10, 1))


@pytest.fixture(name="held")
def held_fixture(folder: Path, qtbot: QtBot) -> Iterator[Held]:
    held = Held(folder, qtbot)
    held.open(Question())
    yield held
    held.stop()
    QToolTip.hideText()
    QApplication.clipboard().clear()


def shown(held: Held, *pressed: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Report:
    """What the window shows after these keys: the words on it are those of the report."""
    for key in pressed:
        press(key, modifier)
    report = held.answer()
    window = held.window
    assert window.headline.amount.words() == (report.headline.amount_text or "–")
    assert window.period.title.words() == report.title
    table = window.body.table
    assert [table.rows.rows[at].id for at in range(table.rows.rowCount())] == [row.id for row in report.table.rows]
    assert window.body.chart.chart() == report.chart
    assert is_held(window)
    return report


def is_held(window: QWidget) -> bool:
    """Whether the keyboard is on something that can be seen and used."""
    holder: QWidget | None = window.focusWidget()
    return holder is not None and holder.isVisible() and holder.isEnabled()


def come_to(held: Held, goal: QWidget) -> None:
    """By the Tab key alone."""
    for _ in range(40):
        if focused() is goal:
            return
        press(_KEY.Key_Tab)
    raise AssertionError(f"Tab does not come to {goal}")


def menu_of(held: Held, parent: QWidget) -> QMenu:
    """The menu that is open."""
    found = [menu for menu in parent.findChildren(QMenu) if menu.isVisible()]
    assert len(found) == 1
    return found[0]


def take(held: Held, parent: QWidget, start: str) -> Report:
    """Go to the entry of the open menu that begins so, and take it."""
    menu = menu_of(held, parent)
    for _ in range(30):
        active: QAction | None = menu.activeAction()
        if active is not None and active.text().startswith(start):
            QTest.keyClick(menu, _KEY.Key_Return)
            held.window.activateWindow()
            QApplication.processEvents()
            return shown(held)
        QTest.keyClick(menu, _KEY.Key_Down)
    raise AssertionError(f"no {start} among {[one.text() for one in menu.actions()]}")


def open_menu(held: Held) -> None:
    """As the Menu key does, and Shift+F10."""
    holder, place = focused(), focused().rect().center()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, place, holder.mapToGlobal(place))
    QApplication.sendEvent(holder, event)
    QApplication.processEvents()


def bars_of(report: Report) -> BarChart:
    assert isinstance(report.chart, BarChart)
    return report.chart


def test_views_by_their_arrows(held: Held) -> None:
    come_to(held, held.window.views)
    assert shown(held, _KEY.Key_Right).question.view is View.WHY
    assert held.window.windowTitle().startswith("Why, ")
    assert shown(held, _KEY.Key_Left).question.view is View.USAGE
    assert focused() is held.window.views


def test_periods_by_their_arrows(held: Held) -> None:
    spans = held.window.period.spans.segments
    come_to(held, spans[str(Span.MONTH)])
    assert shown(held, _KEY.Key_Right).title == "2026"
    assert shown(held, _KEY.Key_Left).title == "November 2026"
    assert shown(held, _KEY.Key_Left).question.period == Period(Span.DAYS_30)
    assert focused() is spans[str(Span.DAYS_30)]


def test_days_are_stepped_to(held: Held) -> None:
    """The popup opens, has two dates stepped to, shows them with Enter, and gives the keyboard back."""
    window = held.window
    come_to(held, window.period.spans.segments[str(Span.MONTH)])
    for _ in range(3):
        shown(held, _KEY.Key_Right)
    custom = window.period.spans.segments[str(Span.CUSTOM)]
    assert focused() is custom
    press(_KEY.Key_Space)
    days = window.period.days
    assert days.isVisible()
    assert focused() is days.first
    for key in (_KEY.Key_Home, _KEY.Key_Up, _KEY.Key_Up):
        press(key)
    while focused() is days.first:  # from the day over month and year
        press(_KEY.Key_Tab)
    assert focused() is days.last
    for key in (_KEY.Key_Home, _KEY.Key_Down, _KEY.Key_Down, _KEY.Key_Down):
        press(key)
    press(_KEY.Key_Return)
    window.activateWindow()
    report = shown(held)
    assert report.days == (date(2025, 11, 24), date(2026, 11, 19))
    assert focused() is custom
    press(_KEY.Key_Space)
    press(_KEY.Key_Escape)
    window.activateWindow()
    QApplication.processEvents()
    assert focused() is custom
    assert shown(held).days == (date(2025, 11, 24), date(2026, 11, 19))


def test_months_back_and_forth(held: Held) -> None:
    """Where there is nothing further, the key does nothing, and nothing else instead."""
    window = held.window
    come_to(held, window.period.earlier)
    assert shown(held, _KEY.Key_Space).title == "October 2026"
    assert focused() is window.period.earlier
    come_to(held, window.period.later)
    assert shown(held, _KEY.Key_Space).title == "November 2026"
    assert shown(held, _KEY.Key_Space).title == "November 2026"


def test_lists_are_chosen_from(held: Held) -> None:
    window = held.window
    for box, value in (
        (window.grouping.by, "model"),
        (window.grouping.step, "week"),
        (window.grouping.measure, "tokens"),
    ):
        combo = box.combo
        come_to(held, combo)
        press(_KEY.Key_Down)
        view = combo.view()
        for key in (_KEY.Key_Down, _KEY.Key_Up):
            for _ in range(10):
                if combo.itemData(view.currentIndex().row()) != value:
                    QTest.keyClick(view, key)
        QTest.keyClick(view, _KEY.Key_Return)
        window.activateWindow()
        QApplication.processEvents()
        assert shown(held) is held.window.asking.report
        assert focused() is combo
    question = shown(held).question
    assert (question.by, question.split, question.measure) == (("model",), "week", Measure.TOKENS)
    assert "tokens" in window.headline.amount.words()


def test_the_filter_is_typed_and_emptied(held: Held) -> None:
    window = held.window
    whole = shown(held)
    press(_KEY.Key_F, _CONTROL)
    assert focused() is window.filter
    keys("source:codex")
    few = shown(held, _KEY.Key_Return)
    assert 0 < len(few.table.rows) < len(whole.table.rows)
    keys(" model:nothing-of-that-name")
    none = shown(held, _KEY.Key_Return)
    assert none.table.rows == ()
    assert window.body.empty.isVisible()
    assert shown(held, _KEY.Key_Escape).table == whole.table
    assert focused() is window.filter


def test_exporting_goes_by_its_key_from_the_filter_too(held: Held) -> None:
    """Some desktops go to the end of a line by the same keys; End does that everywhere."""
    asked: list[object] = []
    held.window.export_asked.connect(asked.append)
    press(_KEY.Key_F, _CONTROL)
    keys("source:codex")
    press(_KEY.Key_E, _CONTROL)
    assert len(asked) == 1
    assert held.window.filter.text() == "source:codex"


def test_the_chart_by_its_keys(held: Held) -> None:
    """Bars selected, let go, zoomed into, and a part gone into; back by the trail."""
    window = held.window
    whole = shown(held)
    chart = window.body.chart
    come_to(held, chart)
    press(_KEY.Key_Home)
    report = shown(held, _KEY.Key_PageDown, modifier=_SHIFT)
    ids = [bar.id for bar in bars_of(whole).bars]
    assert report.question.selected == (ids[0], ids[7])
    assert report.headline != whole.headline
    assert shown(held, _KEY.Key_Escape).headline == whole.headline
    report = shown(held, _KEY.Key_Space)
    assert report.question.selected == (ids[7], ids[7])
    shown(held, _KEY.Key_Space)
    press(_KEY.Key_Down)
    part = next(at for at, amount in enumerate(bars_of(whole).bars[7].amounts) if amount)
    series = bars_of(whole).series[part]
    report = shown(held, _KEY.Key_Return, modifier=_SHIFT)
    row = next(row for row in whole.table.rows if row.id == series.id)
    assert report.question.where == row.where
    come_to(held, window.trail.buttons[0])
    assert shown(held, _KEY.Key_Return).question.where == ()
    come_to(held, chart)
    press(_KEY.Key_Home)
    assert shown(held, _KEY.Key_Return).days == (date(2026, 11, 1), date(2026, 11, 1))


def test_the_menu_of_the_chart(held: Held) -> None:
    chart = held.window.body.chart
    come_to(held, chart)
    press(_KEY.Key_Home)
    open_menu(held)
    assert take(held, chart, "Zoom into").days == (date(2026, 11, 1), date(2026, 11, 1))


def test_the_legend_by_its_keys(held: Held) -> None:
    """Off and on again, one alone and all again, and into one; the figure follows."""
    whole = shown(held)
    legend = held.window.body.legend
    come_to(held, legend.items[0])
    off = shown(held, _KEY.Key_Space)
    assert off.question.hidden == (legend.items[0].series.id,)
    assert off.headline.amount_text != whole.headline.amount_text
    assert not legend.items[0].isChecked()
    assert shown(held, _KEY.Key_Space).headline == whole.headline
    press(_KEY.Key_Right)
    id_ = legend.items[1].series.id
    alone = shown(held, _KEY.Key_Space, modifier=_CONTROL)
    assert alone.question.picked == (id_,)
    assert shown(held, _KEY.Key_Space, modifier=_CONTROL).headline == whole.headline
    holder = focused()
    assert isinstance(holder, LegendItem)
    assert holder.series.id == id_
    assert shown(held, _KEY.Key_Return).question.where == next(row.where for row in whole.table.rows if row.id == id_)


def test_the_table_by_its_keys(held: Held) -> None:
    """Rows picked one by one, sorted by a column, gone into; cells copied."""
    window = held.window
    whole = shown(held)
    body = window.body.table.body
    come_to(held, body)
    assert body.currentIndex().row() == 0
    ids = [row.id for row in whole.table.rows]
    assert shown(held, _KEY.Key_Space).question.picked == (ids[0],)
    press(_KEY.Key_Down)
    both = shown(held, _KEY.Key_Space, modifier=_CONTROL)
    assert both.question.picked == (ids[0], ids[1])
    assert both.headline.amount_text != whole.headline.amount_text
    assert shown(held, _KEY.Key_Escape).headline == whole.headline
    press(_KEY.Key_Right)
    column = whole.table.columns[body.currentIndex().column()].id
    least = shown(held, _KEY.Key_Up, modifier=_ALT)
    assert (least.question.sort, least.question.descending) == (column, False)
    assert [row.id for row in shown(held, _KEY.Key_Down, modifier=_ALT).table.rows] == ids
    press(_KEY.Key_A, _CONTROL)
    press(_KEY.Key_C, _CONTROL)
    assert QApplication.clipboard().text().count("\n") == len(ids) - 1
    press(_KEY.Key_Home, _CONTROL)
    assert shown(held, _KEY.Key_Return).question.where == whole.table.rows[0].where


def test_the_menu_of_the_table(held: Held) -> None:
    table = held.window.body.table
    come_to(held, table.body)
    press(_KEY.Key_Down)
    second = shown(held).table.rows[1].id
    open_menu(held)
    assert take(held, table, "Show only").question.picked == (second,)
    open_menu(held)
    assert take(held, table, "Show all").question.picked == ()
    open_menu(held)
    assert take(held, table, "Sort by").question.sort == "source"
    assert focused() is table.body


def test_columns_are_ticked(held: Held) -> None:
    table = held.window.body.table
    come_to(held, table.columns_button)
    press(_KEY.Key_Space)
    menu = menu_of(held, table)
    QTest.keyClick(menu, _KEY.Key_Down)
    action = menu.activeAction()
    assert action is not None
    assert action.isChecked()
    QTest.keyClick(menu, _KEY.Key_Space)
    QTest.keyClick(menu, _KEY.Key_Escape)
    held.window.activateWindow()
    QApplication.processEvents()
    assert table.body.isColumnHidden(1)
    assert table.totals.isColumnHidden(1)
    assert focused() is table.columns_button


def test_notes_are_changed_and_removed(held: Held) -> None:
    """Chosen by Space, changed in the form, removed and put back with the button at the foot."""
    window = held.window
    shown(held, _KEY.Key_6, modifier=_CONTROL)
    come_to(held, window.body.table.body)
    first = shown(held, _KEY.Key_Space).notes[0]
    come_to(held, window.notes.change)
    press(_KEY.Key_Space)
    assert focused() is window.form.text
    assert window.form.text.text() == first.text
    press(_KEY.Key_Escape)
    assert not window.form.isVisible()
    assert is_held(window)
    come_to(held, window.notes.remove)
    press(_KEY.Key_Space)
    assert held.requests == [RemoveNote(first.id)]
    window.take_answer(Answer(1, "Removed."))
    assert is_held(window)
    come_to(held, window.foot.undo)
    press(_KEY.Key_Space)
    assert len(held.requests) == 2
    assert is_held(window)
    held.answer()


def test_what_goes_away_hands_the_keyboard_to_what_followed_it(held: Held) -> None:
    """A legend that a single group has no need of, and a trail at its end: one goes on from there, not from the top."""
    window = held.window
    shown(held)
    come_to(held, window.body.legend.items[0])
    assert len(shown(held, _KEY.Key_Return).table.rows) == 1
    assert focused() is window.body.table.keep_button
    come_to(held, window.trail.buttons[0])
    order = list(stops(window))
    next_one = order[order.index(window.trail.buttons[0]) + 1]
    assert shown(held, _KEY.Key_Space).trail[1:] == ()
    assert focused() is next_one


def test_the_list_of_keys_comes_and_goes(held: Held) -> None:
    window = held.window
    come_to(held, window.body.table.body)
    for key in (_KEY.Key_Escape, _KEY.Key_Space):
        press(_KEY.Key_F1)
        assert window.keys_popup.isVisible()
        QTest.keyClick(window.keys_popup, key)
        QApplication.processEvents()
        assert not window.keys_popup.isVisible()
        window.activateWindow()
        QApplication.processEvents()
        assert focused() is window.body.table.body
    assert shown(held).question.picked == ()


@pytest.mark.parametrize("name", ["chart", "legend", "table", "totals", "filter", "trail", "by", "step"])
@pytest.mark.parametrize("to", [Question(View.WHY), Question(View.NOTES), Question(text="nothing-of-that-name")])
def test_the_keyboard_is_never_lost(held: Held, name: str, to: Question) -> None:
    """Whatever hides what it was on: the next stop has it then."""
    window, body = held.window, held.window.body
    row = held.answer().table.rows[1]
    held.after(lambda: window.open_on(Question(where=row.where, by=("model",), outer=())))
    parts: dict[str, Callable[[], QWidget]] = {
        "chart": lambda: body.chart,
        "legend": lambda: body.legend.items[0],
        "table": lambda: body.table.body,
        "totals": lambda: body.table.totals,
        "filter": lambda: window.filter,
        "trail": lambda: window.trail.buttons[0],
        "by": lambda: window.grouping.by.combo,
        "step": lambda: window.grouping.step.combo,
    }
    come_to(held, parts[name]())
    held.after(lambda: window.open_on(to))
    assert is_held(window)
    press(_KEY.Key_Tab)
    assert is_held(window)
