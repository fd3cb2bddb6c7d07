"""How the history window stands: in the order one reads and hears it, on small screens, turned, and without anything
moving.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.hands import click, focused, press
from tests.ui.history_window import Held, Put, put_windows
from tokentray.question import Period, Question, Span, View
from tokentray.ui.forms.tabs import stops

_CONTROL = Qt.KeyboardModifier.ControlModifier
_OCTOBER = Period(Span.MONTH, date(2026, 10, 1))


@pytest.fixture(name="put")
def put_fixture(folder: Path, qtbot: QtBot) -> Iterator[Put]:
    yield from put_windows(folder, qtbot)


@pytest.fixture(name="held")
def held_fixture(put: Put) -> Held:
    held = put()
    held.open(Question())
    return held


def _walked(first: QWidget) -> list[QWidget]:
    """Every stop of the Tab key, from the first around to it."""
    first.setFocus(Qt.FocusReason.TabFocusReason)
    found = [first]
    for _ in range(60):
        press(Qt.Key.Key_Tab)
        if focused() is first:
            return found
        found.append(focused())
    raise AssertionError("Tab does not come around")


def _heard(window: QWidget) -> Iterator[QObject]:
    """All that a screen reader walks through, in its order."""
    found = QAccessible.queryAccessibleInterface(window)
    assert found is not None
    waiting = [found]
    while waiting:
        one = waiting.pop(0)
        yield one.object()
        if one.role() is not QAccessible.Role.Table:
            waiting[:0] = filter(None, map(one.child, range(one.childCount())))


@pytest.mark.parametrize("view", list(View))
def test_tab_walks_as_one_reads_and_every_stop_has_a_name(held: Held, view: View) -> None:
    """From the views over the bar to the figure, the chart, its legend and the table."""
    held.after(lambda: held.window.open_on(Question(view)))
    window = held.window
    walked = _walked(window.views)
    assert walked == [widget for widget in stops(window) if widget.isEnabled()]
    assert window.body.table.body in walked
    for widget in walked:
        found = QAccessible.queryAccessibleInterface(widget)
        assert found is not None
        assert found.text(QAccessible.Text.Name), widget
    # A reader that walks the window instead comes by them in the same order.
    assert [widget for widget in _heard(window) if widget in walked] == walked
    named = [window.views, window.period.earlier, window.filter, window.headline.amount]
    places = [walked.index(widget) for widget in named if widget.isEnabled()]
    assert places == sorted(places)


def test_nothing_grows_beyond_a_small_screen(held: Held) -> None:
    """It can be made as small as 640 by 480, and nothing then lies outside."""
    window = held.window
    for view in View:
        held.after(lambda view=view: window.open_on(Question(view)))  # type: ignore[misc]
        assert window.minimumSizeHint().width() <= 640
        assert window.minimumSizeHint().height() <= 480
        window.resize(640, 480)
        QApplication.processEvents()
        assert window.width() == 640
        for widget in stops(window):
            if widget.parentWidget() not in window.body.legend.findChildren(QWidget):  # it scrolls
                corner = widget.mapTo(window, QPoint(widget.width(), widget.height()))
                assert corner.x() <= 640, widget
                assert corner.y() <= 480, widget
        body = window.body
        if body.chart.isVisible():
            assert body.chart.geometry().bottom() < body.legend.geometry().top()
            assert (
                body.legend.mapTo(window, QPoint(0, body.legend.height())).y()
                < body.table.mapTo(window, QPoint(0, 0)).y()
            )


def test_nothing_moves_from_answer_to_answer(held: Held) -> None:
    """The bar, the figure, chart and table stay where they are, whatever the answer."""
    window = held.window
    parts = (window.period, window.grouping, window.filter, window.headline, window.body.chart, window.body.table)

    def places() -> list[QPointF]:
        return [part.mapTo(window, QPointF(0, 0)) for part in parts]

    before = places()
    for question in (
        Question(period=_OCTOBER),
        Question(period=Period(Span.YEAR), by=("model",)),
        Question(text="codex"),
    ):
        held.after(lambda question=question: window.open_on(question))  # type: ignore[misc]
        assert places() == before


def test_turned_right_to_left(put: Put) -> None:
    """The bar begins at the right, and the keys lead as the arrows point."""
    QApplication.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    held = put()
    held.open(Question())
    window = held.window
    earlier, later = (one.mapTo(window, QPoint(0, 0)).x() for one in (window.period.earlier, window.period.later))
    assert window.width() - 30 > earlier > later
    assert window.period.spans.mapTo(window, QPoint(0, 0)).x() > earlier
    assert held.press(Qt.Key.Key_Right, _CONTROL).question.period == _OCTOBER
    assert held.press(Qt.Key.Key_Left, _CONTROL).question.period == Period()


def test_the_trail_stands_where_there_is_room(held: Held) -> None:
    """Beside the title of the period, else in a line of its own; in both it leads back, by the keyboard too."""
    window = held.window
    window.body.table.body.setFocus()
    window.body.table.body.setCurrentIndex(window.body.table.body.model().index(1, 0))
    held.press(Qt.Key.Key_Return)
    for width in (1040, 640, 1040):
        window.resize(width, 640)
        QApplication.processEvents()
        (step,) = window.trail.buttons
        assert window.trail.mapTo(window, window.trail.rect().topRight()).x() <= width
        assert step.geometry().right() <= window.trail.width()
        beside = window.trail.mapTo(window, QPoint()).y() < window.grouping.mapTo(window, QPoint()).y()
        assert beside is (width == 1040)
        assert window.filter.geometry().right() <= window.width()
        order = list(stops(window))
        assert order.index(window.period.later) < order.index(step)
    assert held.after(lambda: click(window.trail.buttons[0])).question.where == ()
    assert not window.trail.isVisible()


def test_why_there_is_nothing_stands_in_the_middle(tmp_path: Path, qtbot: QtBot) -> None:
    """Whole, and the same after a report that holds something else."""
    held = Held(tmp_path, qtbot)
    report = held.open(Question())
    body = held.window.body
    assert body.empty.words() == report.empty_text != ""
    place = body.empty.mapTo(body, body.empty.rect().center())
    assert abs(place.x() - body.rect().center().x()) <= 2
    assert body.height() // 4 < place.y() < body.height() // 2
    assert body.empty.height() >= body.empty.heightForWidth(body.empty.width())
    held.after(lambda: held.window.asking.turn(View.PRICES))
    assert body.empty.alignment() & Qt.AlignmentFlag.AlignHCenter
    held.stop()


def test_totals_are_seen_whole_in_whichever_order_tables_come(held: Held) -> None:
    """A table that is a little too broad for its window needs a scroll bar, and the totals keep their room above it."""
    totals = held.window.body.table.totals
    clipped = []
    for width in range(960, 1120, 32):
        held.window.resize(width, 700)
        for key in (Qt.Key.Key_1, Qt.Key.Key_5, Qt.Key.Key_4, Qt.Key.Key_5, Qt.Key.Key_2):
            held.press(key, _CONTROL)
            tall = totals.verticalHeader().length()
            if totals.viewport().height() < tall:
                clipped.append((width, held.window.asking.question.view))
    assert clipped == []


@pytest.mark.parametrize("view", list(View))
def test_totals_and_their_scroll_bar_stand_in_a_low_window(held: Held, view: View) -> None:
    """At the least size of the window nothing of the table goes below its edge."""
    window = held.window
    held.after(lambda: window.asking.turn(view))
    window.resize(640, 400)
    QApplication.processEvents()
    table = window.body.table
    assert table.totals.geometry().bottom() <= table.rect().bottom()
    assert table.geometry().bottom() <= window.body.splitter.rect().bottom()
    bar = table.totals.horizontalScrollBar()
    assert table.totals.height() >= table.totals.verticalHeader().length() + (bar.height() if bar.maximum() else 0)
    assert table.body.viewport().height() >= table.body.verticalHeader().defaultSectionSize()
