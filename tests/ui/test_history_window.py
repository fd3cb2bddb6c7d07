"""The history window over a made-up year: each control, by mouse and by keyboard alone, asks what it says it does, and
what is shown follows.
"""

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui.hands import choose, click, focused, keys, press
from tests.ui.history_window import Held, Put, put_windows
from tokentray.charts.spec import BarChart
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.requests import AddNote, Answer, RemoveNote
from tokentray.snapshot import Problem

_CONTROL, _ALT, _SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
_OCTOBER = Period(Span.MONTH, date(2026, 10, 1))


@pytest.fixture(name="put")
def put_fixture(folder: Path, qtbot: QtBot) -> Iterator[Put]:
    yield from put_windows(folder, qtbot)


@pytest.fixture(name="held")
def held_fixture(put: Put) -> Held:
    held = put()
    held.open(Question())
    return held


def test_a_month_by_source_is_what_it_begins_with(put: Put) -> None:
    """The largest type says the money, right under it the equivalent; the keyboard is on the views."""
    held = put()
    report = held.open()
    window = held.window
    assert report.question.by == ("source",)
    assert window.headline.amount.words() == report.headline.amount_text
    assert window.headline.equivalent.words() == report.headline.equivalent_text
    assert window.headline.amount.font().pointSizeF() > 2 * window.font().pointSizeF()
    assert window.period.title.words() == "November 2026"
    assert window.windowTitle() == "Usage, November 2026"
    assert focused() is window.views


def test_how_the_figure_is_known_is_told(held: Held) -> None:
    """On hover and on focus, with what all of it is as of."""
    amount = held.window.headline.amount
    report = held.answer()
    for words in report.headline.known_text.split("\n"):
        assert words in amount.accessibleDescription()
    assert "made-up year" in amount.accessibleDescription()
    assert amount.toolTip()
    assert amount.accessibleName().startswith(f"November 2026, {report.headline.amount_text}")


@pytest.mark.parametrize(
    ("key", "view"), list(zip((Qt.Key(Qt.Key.Key_1.value + place) for place in range(6)), View, strict=True))
)
def test_every_view_has_a_key(held: Held, key: Qt.Key, view: View) -> None:
    report = held.press(key, _CONTROL)
    assert report.question.view is view
    assert list(View)[held.window.views.currentIndex()] is view


def test_what_was_said_goes_with_the_next_question(held: Held) -> None:
    """It is no news any more then, but for what can still be taken back."""
    foot = held.window.foot
    foot.say("Saved a.png")
    assert foot.words.words() == "Saved a.png"
    held.press(Qt.Key.Key_2, _CONTROL)
    assert foot.words.words() != "Saved a.png"
    foot.say("Note removed")
    foot.offer(RemoveNote(1))
    held.press(Qt.Key.Key_1, _CONTROL)
    assert foot.words.words() == "Note removed"


def test_periods(held: Held) -> None:
    """By mouse on the words, by key to the one before, and what lies nowhere is greyed."""
    window = held.window
    assert held.after(lambda: click(window.period.spans.segments[str(Span.YEAR)])).question.period.span is Span.YEAR
    assert window.period.title.words() == "2026"
    held.after(lambda: click(window.period.spans.segments[str(Span.MONTH)]))
    assert held.press(Qt.Key.Key_Left, _CONTROL).question.period == _OCTOBER
    assert window.period.title.words() == "October 2026"
    assert held.press(Qt.Key.Key_PageUp, _ALT).question.period == Period(Span.MONTH, date(2026, 9, 1))
    assert held.press(Qt.Key.Key_Right, _CONTROL).question.period == _OCTOBER
    assert held.after(lambda: click(window.period.later)).title == "November 2026"
    assert not window.period.later.isEnabled()


def test_keys_pressed_fast_are_all_gone(held: Held, qtbot: QtBot) -> None:
    """Whoever presses four times wants four months back."""
    for _ in range(4):
        QTest.keyClick(held.window, Qt.Key.Key_PageUp, _ALT)
    qtbot.waitUntil(lambda: held.window.period.title.words() == "July 2026", timeout=10_000)
    assert held.answer().title == "July 2026"


def test_groupings_splits_and_measures(held: Held) -> None:
    grouping = held.window.grouping
    assert held.after(lambda: choose(grouping.by.combo, "model")).question.by == ("model",)
    assert held.after(lambda: choose(grouping.by.combo, "")).question.by == ()
    assert held.after(lambda: choose(grouping.step.combo, "week")).question.split == "week"
    report = held.after(lambda: choose(grouping.measure.combo, "tokens"))
    assert report.question.measure is Measure.TOKENS
    assert grouping.by.combo.value() == ""


def test_a_filter_narrows_what_is_shown(held: Held) -> None:
    """Ctrl+F comes to it, Esc empties it, and what is not understood leaves what is shown alone."""
    window = held.window
    whole = len(held.answer().table.rows)
    held.press(Qt.Key.Key_F, _CONTROL)
    assert focused() is window.filter
    keys("source:codex")
    narrowed = held.press(Qt.Key.Key_Return)
    assert narrowed.question.text == "source:codex"
    assert 0 < len(narrowed.table.rows) < whole
    QTest.keyClicks(window.filter, " nokey:x")
    held.press(Qt.Key.Key_Return)
    assert "nokey" in window.filter.complaint.words()
    assert held.answer().question.text == "source:codex"
    window.activateWindow()
    window.filter.setFocus()
    QTest.keyClick(window.filter, Qt.Key.Key_Escape)
    assert window.filter.text() == ""
    assert len(held.answer().table.rows) == whole


def test_rows_are_picked_and_let_go(held: Held) -> None:
    """A click counts one row alone; Esc counts all again."""
    body = held.window.body.table.body
    whole = held.answer().headline.amount_text
    second = held.answer().table.rows[1].id
    box = body.visualRect(body.model().index(1, 0))
    report = held.after(lambda: QTest.mouseClick(body.viewport(), Qt.MouseButton.LeftButton, pos=box.center()))
    assert report.question.picked == (second,)
    assert held.window.headline.amount.words() == report.headline.amount_text != whole
    assert held.window.headline.note.words() == f"only {report.table.rows[1].cells[0].text}"
    body.setFocus()
    assert held.press(Qt.Key.Key_Escape).question.picked == ()
    assert held.window.isVisible()
    body.setCurrentIndex(body.model().index(1, 0))
    assert held.press(Qt.Key.Key_Space).question.picked == (second,)


def test_deeper_and_back(held: Held) -> None:
    """Enter on a row goes into it, the trail and Alt+Left lead back, Alt+Right there again."""
    window = held.window
    row = held.answer().table.rows[1]
    window.body.table.body.setFocus()
    window.body.table.body.setCurrentIndex(window.body.table.body.model().index(1, 0))
    report = held.press(Qt.Key.Key_Return)
    assert report.question.where == row.where
    assert report.question.by != ("source",)
    assert [button.text() for button in window.trail.buttons] == ["Everything"]
    assert held.after(lambda: click(window.trail.buttons[0])).question.where == ()
    assert held.press(Qt.Key.Key_Left, _ALT).question.where == row.where
    assert held.press(Qt.Key.Key_Left, _ALT).question == Question()._replace(
        split=held.answer().question.split, measure=held.answer().question.measure
    )
    assert held.press(Qt.Key.Key_Right, _ALT).question.where == row.where
    held.after(lambda: QTest.mouseClick(window, Qt.MouseButton.BackButton, pos=QPoint(4, 4)))
    assert held.answer().question.where == ()
    grid = window.body.table.body.viewport()
    assert held.after(lambda: QTest.mouseClick(grid, Qt.MouseButton.ForwardButton)).question.where == row.where


def test_the_legend_switches_groups_off(held: Held) -> None:
    """By mouse and by the space bar; going deeper by Enter."""
    legend, report = held.window.body.legend, held.answer()
    first = legend.items[0].series
    item = legend.items[0]
    assert held.after(lambda: QTest.mouseClick(item, Qt.MouseButton.LeftButton)).question.hidden == (first.id,)
    assert held.answer().headline.amount_text != report.headline.amount_text
    legend.items[0].setFocus()
    assert held.press(Qt.Key.Key_Space).question.hidden == ()
    row = next(row for row in report.table.rows if row.id == legend.items[1].series.id)
    held.press(Qt.Key.Key_Right)
    assert held.press(Qt.Key.Key_Return).question.where == row.where


def test_bars_are_selected_and_gone_into(held: Held) -> None:
    """By dragging and by Shift and the arrow keys; Enter looks at the days of a bar, Esc lets go."""
    window, chart = held.window, held.window.body.chart
    shown = held.answer().chart
    assert isinstance(shown, BarChart)
    places = [chart.bar_rect(index).center().toPoint() for index in (2, 4)]

    def drag() -> None:
        QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=places[0])
        QTest.mouseMove(chart, places[0] + QPoint(20, 0))
        QTest.mouseMove(chart, places[1])
        QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=places[1])

    whole = held.answer().headline.amount_text
    report = held.after(drag)
    assert report.question.selected == (shown.bars[2].id, shown.bars[4].id)
    assert report.headline.amount_text != whole
    assert window.headline.note.words() == "only 3 – 5 November 2026"
    assert "only 3 – 5 November 2026" in window.headline.amount.accessibleName()
    chart.setFocus()
    assert held.press(Qt.Key.Key_Escape).question.selected is None
    assert window.headline.note.words() == ""
    held.press(Qt.Key.Key_Home)
    held.press(Qt.Key.Key_Right, _SHIFT)
    assert held.answer().question.selected == (shown.bars[0].id, shown.bars[1].id)
    held.press(Qt.Key.Key_Escape)
    report = held.press(Qt.Key.Key_Return)
    assert report.days == (date(2026, 11, 2), date(2026, 11, 2))
    assert report.question.split == "hour"
    assert [button.text() for button in window.trail.buttons] == ["November 2026"]
    assert held.after(lambda: click(window.trail.buttons[0])).title == "November 2026"


def test_a_click_on_a_header_sorts(held: Held) -> None:
    body = held.window.body.table.body
    header = body.horizontalHeader()
    place = QPoint(header.sectionViewportPosition(0) + 10, header.height() // 2)
    report = held.after(lambda: QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place))
    assert report.question.sort == report.table.columns[0].id
    names = [row.cells[0].text.casefold() for row in report.table.rows]
    assert names == sorted(names)


def test_esc_closes_once_nothing_is_left_to_take_back(held: Held) -> None:
    window = held.window
    window.body.table.body.setFocus()
    held.press(Qt.Key.Key_Space)
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert window.isVisible()
    held.answer()
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert not window.isVisible()


def test_other_keys_lead_where_they_say(held: Held) -> None:
    window = held.window
    told: list[object] = []
    window.settings_asked.connect(told.append)
    window.refresh_asked.connect(lambda: told.append("refresh"))
    QTest.keyClick(window, Qt.Key.Key_R, _CONTROL)
    QTest.keyClick(window, Qt.Key.Key_Comma, _CONTROL)
    click(window.refresh)
    assert told == ["refresh", "", "refresh"]
    QTest.keyClick(window, Qt.Key.Key_F1)
    assert window.keys_popup.isVisible()
    assert "Ctrl+F: Filter" in window.keys_popup.accessibleDescription()
    window.keys_popup.close()
    sizes = window.body.splitter.sizes()
    QTest.keyClick(window, Qt.Key.Key_Up, _CONTROL | _SHIFT)
    assert window.body.splitter.sizes()[1] > sizes[1]
    QTest.keyClick(window, Qt.Key.Key_W, _CONTROL)
    assert not window.isVisible()


def test_what_is_remembered_comes_back(put: Put) -> None:
    """The question of each view, the columns, and how it lay; not what was picked in passing."""
    held = put()
    held.open(Question(by=("model",), period=Period(Span.YEAR), picked=("nothing",)))
    held.press(Qt.Key.Key_3, _CONTROL)
    held.window.resize(777, 555)
    state = held.window.state()
    held.window.close()
    again = put(state=state)
    assert again.open().question.view is View.PRICES
    assert (again.window.width(), again.window.height()) == (777, 555)
    report = again.press(Qt.Key.Key_1, _CONTROL)
    assert report.question.by == ("model",)
    assert report.question.picked == ()


def test_an_empty_history_says_so(put: Put, tmp_path: Path) -> None:
    """One calm sentence in place of chart and table."""
    held = put(tmp_path)
    report = held.open()
    assert report.empty_text
    assert held.window.body.empty.words() == report.empty_text
    assert held.window.body.empty.isVisible()
    assert not held.window.body.chart.isVisible()
    assert held.window.body.problem.isHidden()


def test_a_history_that_cannot_be_read_says_so(put: Put, tmp_path: Path) -> None:
    """What failed and what to do, without a chart of nothing."""
    (tmp_path / "history.db").write_bytes(b"no database at all" * 1000)
    held = put(tmp_path)
    report = held.open()
    assert report.problem is not None
    assert held.window.body.problem.isVisible()
    assert held.window.body.problem.title.words() == report.problem.title
    assert not held.window.body.chart.isVisible()


def test_a_closed_window_wants_nothing_more(put: Put, qtbot: QtBot) -> None:
    """The thread that made its reports ends."""
    held = put()
    held.open()

    def desks() -> list[str]:
        return [thread.name for thread in threading.enumerate() if thread.name == "reports"]

    assert desks()
    held.window.close()
    qtbot.waitUntil(lambda: not desks(), timeout=5000)


def test_notes_are_added_in_place(held: Held, qtbot: QtBot) -> None:
    """The form takes the place of the chart; refused, it keeps what was typed; left, the chart is there again."""
    window = held.window
    held.press(Qt.Key.Key_6, _CONTROL)
    assert window.notes.isVisible()
    click(window.notes.add)
    form = window.form
    assert form.isVisible()
    assert not window.body.chart.isVisible()
    assert form.day.day() == date(2026, 11, 22)
    assert focused() is form.text
    keys("Shipped the ferry")
    form.quantity.setFocus()
    keys("3")
    form.of.setFocus()
    keys("releases")
    press(Qt.Key.Key_Return)
    assert held.requests == [AddNote(date(2026, 11, 22), "Shipped the ferry", "", "3", "releases")]
    window.take_answer(Answer(1, "", Problem("That day is still to come", "", "Give another"), "day"))
    assert form.isVisible()
    assert form.field("day").refused()
    assert form.text.text() == "Shipped the ferry"
    click(form.send_button)
    window.take_answer(Answer(2, "Noted for 22 Nov 2026."))
    assert not form.isVisible()
    assert window.foot.words.words() == "Noted for 22 Nov 2026."
    assert not any(isinstance(request, RemoveNote) for request in held.requests)
    held.answer()


def test_a_form_that_is_left_is_gone(held: Held) -> None:
    """By its button, by Esc, and by turning to another view."""
    window = held.window
    held.press(Qt.Key.Key_6, _CONTROL)
    for by_key in (False, True):
        click(window.notes.add)
        assert window.form.isVisible()
        if by_key:
            QTest.keyClick(window.form.text, Qt.Key.Key_Escape)
        else:
            click(window.form.cancel_button)
        held.answer()
        assert not window.form.isVisible()
        assert window.isVisible()
    click(window.notes.add)
    held.press(Qt.Key.Key_1, _CONTROL)
    assert not window.form.isVisible()
    assert not window.notes.isVisible()
    assert held.requests == []
