"""The chart of the history and its legend: what a person does with them by mouse and keys, and what they are told."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent
from PySide6.QtGui import Qt as Rich
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.history_made import NAMES, Parts, bar_chart, line_chart, report, waterfall, with_series
from tests.ui.history_told import Told
from tokentray.charts.spec import Chart
from tokentray.ui.history.legend import LegendItem
from tokentray.ui.history.tips import bar_tip, series_tip

_LEFT = Qt.MouseButton.LeftButton
_CONTROL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_PLAIN = Qt.KeyboardModifier.NoModifier


@pytest.fixture(name="parts")
def parts_fixture(qtbot: QtBot) -> Iterator[Parts]:
    parts = Parts()
    qtbot.addWidget(parts)
    parts.show_report(report())
    with qtbot.waitExposed(parts):
        parts.show()
    parts.activateWindow()
    parts.table.body.setFocus()
    yield parts
    QToolTip.hideText()


def bar(parts: Parts, index: int, part: int = -1) -> QPoint:
    """A place in a bar: in a part of it, or beside all parts in the column."""
    column = parts.chart.bar_rect(index)
    if part < 0:
        return QPointF(column.left() + 2, column.center().y()).toPoint()
    box = parts.chart.part_rect(index, part)
    assert box is not None
    return box.center().toPoint()


def press(parts: Parts, key: Qt.Key, modifier: Qt.KeyboardModifier = _PLAIN) -> None:
    QTest.keyClick(parts.chart, key, modifier)


def move(parts: Parts, place: QPoint) -> None:
    """The pointer goes there with the left button held."""
    where = QPointF(place)
    spot = parts.chart.mapToGlobal(where)
    event = QMouseEvent(QEvent.Type.MouseMove, where, spot, Qt.MouseButton.NoButton, _LEFT, _PLAIN)
    QApplication.sendEvent(parts.chart, event)


def by_tab(parts: Parts) -> None:
    parts.chart.setFocus(Qt.FocusReason.TabFocusReason)


def item(parts: Parts, number: int) -> LegendItem:
    return parts.legend.items[number]


def test_the_pointer_names_what_it_is_on(parts: Parts) -> None:
    """A bar, or the part of it under the pointer; nothing beside the bars."""
    named = Told(parts.chart.named)
    QTest.mouseMove(parts.chart, bar(parts, 4))
    QTest.mouseMove(parts.chart, bar(parts, 4, 1))
    assert named.values == ["5 November 2026, ≈ $5.40", "5 November 2026, OpenAI, my key, ≈ $2.34"]
    QTest.mouseMove(parts.chart, QPoint(1, parts.chart.height() - 1))
    assert named.values[-1] == ""


def test_the_tooltip_tells_the_parts_largest_first(parts: Parts) -> None:
    """What a bar holds adds up, to the cent, to the whole; then how it is known. It is plain text."""
    QTest.mouseMove(parts.chart, bar(parts, 4))
    place = bar(parts, 4)
    QApplication.sendEvent(parts.chart, QHelpEvent(QEvent.Type.ToolTip, place, parts.chart.mapToGlobal(place)))
    assert QToolTip.text() == bar_tip(bar_chart(), 4)
    lines = bar_tip(bar_chart(), 4).replace("\u2060", "").split("\n")
    assert lines[0] == "5 November 2026   ≈ $5.40"
    assert sum("5 November 2026" in line for line in lines) == 1
    assert lines[-1] == "Estimated from logs"
    cents = [int(line.rsplit("$", 1)[1].replace(".", "")) for line in lines[1:-1] if "$" in line]
    assert cents == sorted(cents, reverse=True)
    assert sum(cents) == 2300  # of 6 parts of n and a third
    assert not Rich.mightBeRichText(bar_tip(bar_chart(), 4))
    assert "\x1b" not in bar_tip(bar_chart(), 4)


def test_arrow_keys_go_from_bar_to_bar(parts: Parts) -> None:
    """From the newest on; Home, End and a week at once; never beyond the ends."""
    named = Told(parts.chart.named)
    by_tab(parts)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Left):
        press(parts, key)
    press(parts, Qt.Key.Key_PageDown)
    press(parts, Qt.Key.Key_End)
    days = [words.split()[0] for words in named.values]
    assert days == ["10", "9", "2", "3", "1", "8", "10"]
    assert parts.chart.accessibleName() == "Spend in November 2026: 10 November 2026, ≈ $10.40"
    parts.table.body.setFocus()
    assert named.values[-1] == ""
    assert parts.chart.accessibleName() == "Spend in November 2026"


def test_up_and_down_go_through_the_parts(parts: Parts) -> None:
    """In the order of the legend, round and round; only what there is in that bar; kept from bar to bar."""
    named = Told(parts.chart.named)
    by_tab(parts)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Left)
    press(parts, Qt.Key.Key_Up)
    press(parts, Qt.Key.Key_Up)
    told = [words.split(", ", 1)[1][:14] for words in named.values]
    assert told == ["≈ $10.40", "Claude Max, ≈ ", "OpenAI, my key", "OpenAI, my key", "Claude Max, ≈ ", "≈ $9.40"]
    press(parts, Qt.Key.Key_Home)
    press(parts, Qt.Key.Key_Right)
    press(parts, Qt.Key.Key_Right)
    press(parts, Qt.Key.Key_Down)
    assert named.values[-1].startswith("3 November 2026, OpenAI, my key")  # it has nothing of Claude Max


def test_dragging_selects_bars(parts: Parts) -> None:
    """From either end; told once, when the button is let go."""
    selected = Told(parts.chart.selected)
    QTest.mousePress(parts.chart, _LEFT, pos=bar(parts, 6))
    move(parts, bar(parts, 4))
    move(parts, bar(parts, 2))
    assert selected.values == []
    QTest.mouseRelease(parts.chart, _LEFT, pos=bar(parts, 2))
    assert selected.values == [("2026-11-03", "2026-11-07")]


def test_a_drag_outlives_a_report(parts: Parts) -> None:
    """Fresh figures that come while bars are being selected take nothing away."""
    selected = Told(parts.chart.selected)
    QTest.mousePress(parts.chart, _LEFT, pos=bar(parts, 6))
    move(parts, bar(parts, 4))
    parts.show_report(report(bar_chart(hidden=(1,))))
    move(parts, bar(parts, 3))
    QTest.mouseRelease(parts.chart, _LEFT, pos=bar(parts, 3))
    assert selected.values == [("2026-11-04", "2026-11-07")]


def test_a_click_selects_one_bar_and_again_none(parts: Parts) -> None:
    """By the mouse, and by Space."""
    selected = Told(parts.chart.selected)
    QTest.mouseClick(parts.chart, _LEFT, pos=bar(parts, 3))
    QTest.mouseClick(parts.chart, _LEFT, pos=bar(parts, 3))
    by_tab(parts)
    press(parts, Qt.Key.Key_Home)
    press(parts, Qt.Key.Key_Space)
    press(parts, Qt.Key.Key_Space)
    assert selected.values == [("2026-11-04", "2026-11-04"), None, ("2026-11-01", "2026-11-01"), None]


def test_shift_stretches_the_selection(parts: Parts) -> None:
    """From the bar where it began, there and back; by keys and by a click."""
    selected = Told(parts.chart.selected)
    by_tab(parts)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home):
        press(parts, key, _SHIFT)
    assert selected.values == [
        ("2026-11-09", "2026-11-10"), ("2026-11-08", "2026-11-10"), ("2026-11-09", "2026-11-10"),
        ("2026-11-01", "2026-11-10"),
    ]  # fmt: skip
    QTest.mouseClick(parts.chart, _LEFT, _SHIFT, bar(parts, 7))
    assert selected.values[-1] == ("2026-11-08", "2026-11-10")


def test_what_is_selected_follows_the_answer(parts: Parts) -> None:
    """The band is painted where a report says; Esc is the window's, and takes nothing from it here."""

    def picture() -> QImage:
        return parts.chart.grab().toImage()

    before = picture()
    parts.show_report(report(bar_chart(selected=(1, 2))))
    assert picture() != before
    parts.show_report(report(bar_chart()))
    assert picture() == before
    parts.show_report(report(bar_chart(selected=(4, 99))))  # of another chart
    assert picture() == before


def test_a_double_click_leads_on(parts: Parts) -> None:
    """On a part, deeper into its group; on the bar, into its days. Enter does the second, with Shift the first."""
    zoom, deeper = Told(parts.chart.zoom_asked), Told(parts.chart.deeper_asked)
    QTest.mouseDClick(parts.chart, _LEFT, pos=bar(parts, 5, 2))
    QTest.mouseDClick(parts.chart, _LEFT, pos=bar(parts, 5))
    assert (deeper.values, zoom.values) == (["g2"], ["2026-11-06"])
    by_tab(parts)
    press(parts, Qt.Key.Key_End)
    press(parts, Qt.Key.Key_Return)
    press(parts, Qt.Key.Key_Down)
    press(parts, Qt.Key.Key_Return, _SHIFT)
    assert (deeper.values, zoom.values) == (["g2", "g0"], ["2026-11-06", "2026-11-10"])


def test_others_lead_into_their_days(parts: Parts) -> None:
    """Of several groups together there is no deeper: the bar is meant."""
    chart = bar_chart()
    parts.show_report(report(chart._replace(series=tuple(one._replace(ink="") for one in chart.series))))
    zoom, deeper = Told(parts.chart.zoom_asked), Told(parts.chart.deeper_asked)
    QTest.mouseDClick(parts.chart, _LEFT, pos=bar(parts, 5, 2))
    assert (deeper.values, zoom.values) == ([], ["2026-11-06"])


def test_the_menu_names_what_it_does(parts: Parts) -> None:
    zoom, deeper = Told(parts.chart.zoom_asked), Told(parts.chart.deeper_asked)
    QTest.mouseMove(parts.chart, bar(parts, 5, 3))
    actions = {action.text(): action for action in parts.chart.menu().actions()}
    actions["Zoom into “6 November 2026”"].trigger()
    actions["Go deeper into “<img src=x> && <b>”"].trigger()
    assert (deeper.values, zoom.values) == (["g3"], ["2026-11-06"])
    assert {"Copy chart as picture", "Save chart as PNG…", "Save chart as SVG…", "Copy table as text"} <= set(actions)


@pytest.mark.parametrize("chart", [waterfall(), line_chart(), None], ids=["waterfall", "lines", "none"])
def test_other_charts_are_walked_and_not_selected(parts: Parts, chart: Chart | None) -> None:
    """A waterfall's steps and a line's months are bars to the pointer and the keys; only bars can be selected."""
    parts.chart.set_chart(chart, "in words")
    parts.legend.set_chart(chart)
    named, selected, zoom = (Told(one) for one in (parts.chart.named, parts.chart.selected, parts.chart.zoom_asked))
    by_tab(parts)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Home):
        press(parts, key)
    QTest.mouseClick(parts.chart, _LEFT, pos=QPoint(200, 60))
    press(parts, Qt.Key.Key_Left, _SHIFT)
    assert selected.values == []
    parts.table.body.setFocus()
    assert parts.chart.accessibleDescription() == "in words"
    if chart is None:
        assert named.values == []
    elif chart == waterfall():
        assert "Price, -$3.00" in named.values
        assert zoom.values == []
    else:
        assert "Month 11: opus, at list price $4.00; opus $2.00; haiku $2.00" in named.values, "as its tooltip says"
        assert "Month 10: opus, at list price $4.00" in named.values
        assert "Month 10, opus, at list price, $4.00" in named.values
        assert zoom.values == ["2026-10"]


def test_the_bar_that_is_pointed_at_stays(parts: Parts) -> None:
    """A new chart with the same day leaves the keyboard on it, and on its part; one without it, on the newest."""
    by_tab(parts)
    press(parts, Qt.Key.Key_Home)
    press(parts, Qt.Key.Key_Right)
    press(parts, Qt.Key.Key_Down)
    longer = bar_chart(12)
    turned = with_series(longer, (5, 4, 3, 2, 1, 0))
    parts.show_report(report(turned))
    assert parts.chart.accessibleName().endswith(": 2 November 2026, Claude Max, ≈ $1.33")
    parts.show_report(report(longer._replace(bars=longer.bars[5:])))
    assert parts.chart.accessibleName().endswith(": 12 November 2026, ≈ $12.40")


def test_pointing_draws_nothing_anew(parts: Parts) -> None:
    """To point at another bar is to paint over the same drawing; another size, direction or font makes a new one."""
    drawing = parts.chart.drawing()
    QTest.mouseMove(parts.chart, bar(parts, 3))
    parts.chart.repaint()
    assert parts.chart.drawing() is drawing
    parts.chart.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    turned = parts.chart.drawing()
    assert turned is not drawing
    assert turned.columns[0][0] > turned.columns[-1][0]
    parts.resize(700, 500)
    assert parts.chart.drawing() is not turned


def test_time_runs_the_other_way_in_a_window_that_is_turned(parts: Parts) -> None:
    """The left arrow then leads to the next day."""
    parts.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    QApplication.processEvents()
    by_tab(parts)
    press(parts, Qt.Key.Key_Home)
    press(parts, Qt.Key.Key_Left)
    assert ": 2 November 2026" in parts.chart.accessibleName()
    assert parts.chart.bar_rect(0).left() > parts.chart.bar_rect(9).left()
    assert item(parts, 0).x() > item(parts, 1).x()


def test_a_click_on_the_legend_switches_a_series(parts: Parts) -> None:
    """Click or Space; the tick follows the answer alone."""
    toggled = Told(parts.legend.toggled)
    QTest.mouseClick(item(parts, 1), _LEFT)
    assert item(parts, 1).isChecked()
    parts.show_report(report(bar_chart(hidden=(1,))))
    assert not item(parts, 1).isChecked()
    assert item(parts, 1).accessibleName() == "OpenAI, my key, ≈ $2.10, not shown"
    assert item(parts, 0).accessibleName() == "Claude Max, ≈ $1.10, shown"
    item(parts, 1).setFocus()
    QTest.keyClick(item(parts, 1), Qt.Key.Key_Space)
    assert toggled.values == ["g1", "g1"]


def test_a_double_click_on_the_legend_goes_deeper(parts: Parts) -> None:
    """What its first click switched is switched back; Enter goes deeper at once."""
    toggled, deeper = Told(parts.legend.toggled), Told(parts.legend.deeper_asked)
    QTest.mouseClick(item(parts, 2), _LEFT)
    QTest.mouseDClick(item(parts, 2), _LEFT)
    assert toggled.values == ["g2", "g2"]
    item(parts, 0).setFocus()
    QTest.keyClick(item(parts, 0), Qt.Key.Key_Return)
    assert deeper.values == ["g2", "g0"]
    assert toggled.values == ["g2", "g2"]


def test_ctrl_shows_one_series_alone(parts: Parts) -> None:
    """And all of them again, where it is alone already."""
    picked, toggled = Told(parts.legend.picked_asked), Told(parts.legend.toggled)
    QTest.mouseClick(item(parts, 2), _LEFT, _CONTROL)
    item(parts, 3).setFocus()
    QTest.keyClick(item(parts, 3), Qt.Key.Key_Space, _CONTROL)
    parts.show_report(report(bar_chart(hidden=(0, 1, 3, 4, 5))))
    QTest.mouseClick(item(parts, 2), _LEFT, _CONTROL)
    assert picked.values == [("g2",), ("g3",), ()]
    assert toggled.values == []


def test_the_legend_is_one_stop_with_arrows_inside(parts: Parts) -> None:
    """Tab comes to the item that was left; the keyboard stays with its series when their order changes."""

    def stops() -> list[int]:
        return [at for at, one in enumerate(parts.legend.items) if one.focusPolicy() & Qt.FocusPolicy.TabFocus]

    assert stops() == [0]
    item(parts, 0).setFocus(Qt.FocusReason.TabFocusReason)
    for at, key in enumerate((Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left)):
        QTest.keyClick(item(parts, at), key)
    assert stops() == [1]
    assert item(parts, 1).hasFocus()
    chart = bar_chart()
    parts.show_report(report(with_series(chart, (5, 4, 3, 2, 1, 0))))
    assert item(parts, 4).hasFocus()
    assert item(parts, 4).accessibleName().startswith("OpenAI, my key")
    QTest.keyClick(item(parts, 4), Qt.Key.Key_End)
    assert stops() == [5]
    parts.show_report(report(with_series(chart, (2, 1))))
    assert stops() == [1]


def test_a_legend_of_many_scrolls(parts: Parts) -> None:
    """Two lines at most; what the keyboard comes to is brought into sight; nothing is wider than the window."""
    chart = bar_chart()
    many = tuple(chart.series[number % 6]._replace(id=f"g{number}") for number in range(60))
    parts.show_report(report(chart._replace(series=many, bars=())))
    QApplication.processEvents()
    line = item(parts, 0).height()
    assert parts.legend.height() == 2 * line
    assert all(one.geometry().right() <= parts.legend.viewport().width() for one in parts.legend.items)
    assert item(parts, 59).visibleRegion().isEmpty()
    item(parts, 0).setFocus()
    QTest.keyClick(item(parts, 0), Qt.Key.Key_End)
    assert not item(parts, 59).visibleRegion().isEmpty()


def test_a_legend_that_would_tell_nothing_is_not_there(parts: Parts) -> None:
    """One series needs none, unless it is switched off; and a waterfall has none."""
    chart = bar_chart()
    parts.show_report(report(with_series(chart, (0,))))
    assert parts.legend.items == []
    assert parts.legend.height() == 0
    parts.show_report(report(with_series(bar_chart(hidden=(0,)), (0,))))
    assert len(parts.legend.items) == 1
    parts.legend.set_chart(waterfall())
    assert parts.legend.items == []


def test_a_dashed_line_has_no_item_of_its_own(parts: Parts) -> None:
    """It is the list price of a line that has one, and comes and goes with it."""
    parts.legend.set_chart(line_chart())
    assert [one.series.label for one in parts.legend.items] == ["opus", "haiku"]


def test_the_legend_shows_names_as_they_are(parts: Parts) -> None:
    """Whatever a log calls them: no markup, no control characters, whole in the tooltip."""
    for one, name in zip(parts.legend.items, NAMES, strict=True):
        assert "\x1b" not in one.accessibleName()
        assert not Rich.mightBeRichText(one.toolTip())
        assert one.toolTip() == series_tip(one.series)
        assert len(one.toolTip().replace("\n", "")) >= len(name)
        assert one.width() < 400
