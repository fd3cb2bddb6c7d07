"""What the history window tells without the pointer: on focus, at rest, and to who hears it."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtGui import Qt as Rich
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.history_made import Parts, bar_chart, line_chart, report, table, waterfall
from tokentray.report import Column, ColumnKind
from tokentray.ui.chart import DayBars
from tokentray.ui.history.body import Remarks
from tokentray.ui.history.foot import Foot
from tokentray.ui.history.tips import bar_tip, series_tip

_AS_OF = "as of 14:02"
_ROLE = Qt.ItemDataRole


@pytest.fixture(name="parts")
def parts_fixture(qtbot: QtBot) -> Iterator[Parts]:
    parts = Parts()
    qtbot.addWidget(parts)
    parts.show_report(report()._replace(spoken="All of it in words", as_of_text=_AS_OF))
    with qtbot.waitExposed(parts):
        parts.show()
    parts.activateWindow()
    yield parts
    QToolTip.hideText()


def test_charts_are_charts(parts: Parts, qtbot: QtBot) -> None:
    """Also the small one of the popover: a filler would be passed over."""
    small = DayBars()
    qtbot.addWidget(small)
    for chart in (parts.chart, small):
        heard = QAccessible.queryAccessibleInterface(chart)
        assert heard is not None
        assert heard.role() == QAccessible.Role.Chart
        assert heard.text(QAccessible.Text.Name)


def test_keys_that_rest_on_a_bar_tell_what_the_pointer_would(parts: Parts, qtbot: QtBot) -> None:
    """The tooltip of that bar, and of that part of it, with how it is known and as of when."""
    chart = parts.chart
    chart.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(chart, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: QToolTip.text() == bar_tip(bar_chart(), 8, -1, _AS_OF))
    assert "Estimated from logs\nAs of 14:02" in QToolTip.text()
    QTest.keyClick(chart, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: QToolTip.text() == bar_tip(bar_chart(), 8, 0, _AS_OF))


def test_who_hears_the_chart_is_told_of_it_and_of_its_bars(parts: Parts) -> None:
    """All of it at first, then of each bar that keys lead to how it is known; all of it again once it is left."""
    chart = parts.chart
    chart.setFocus(Qt.FocusReason.TabFocusReason)
    assert chart.accessibleDescription() == "All of it in words"
    QTest.keyClick(chart, Qt.Key.Key_Left)
    assert chart.accessibleDescription().endswith("; Estimated from logs; As of 14:02")
    parts.table.body.setFocus()
    assert chart.accessibleDescription() == "All of it in words"


def test_the_legend_tells_how_its_amounts_are_known(parts: Parts) -> None:
    """Of a line, how its latest point is."""
    assert parts.legend.items[0].toolTip() == series_tip(bar_chart().series[0], _AS_OF)
    assert parts.legend.items[0].accessibleDescription() == "From logs; As of 14:02"
    chart = line_chart()
    first = chart.series[0]
    told = (*first.points[:2], first.points[2]._replace(tip="Paid for 7 tokens"))
    parts.legend.set_chart(chart._replace(series=(first._replace(points=told), *chart.series[1:])), "as of 15:00")
    assert parts.legend.items[0].accessibleDescription() == "Paid for 7 tokens; As of 15:00"
    parts.legend.set_chart(chart._replace(series=(first._replace(points=told), *chart.series[1:])), "as of 16:00")
    assert parts.legend.items[0].accessibleDescription() == "Paid for 7 tokens; As of 16:00"


def test_a_step_tells_its_age_once() -> None:
    assert bar_tip(waterfall(), 2, -1, _AS_OF).endswith("Prices fell\nAs of 14:02")
    chart = bar_chart()
    aged = chart._replace(bars=tuple(bar._replace(tip="Billed\nAs of 12:00") for bar in chart.bars))
    assert bar_tip(aged, 0, -1, _AS_OF).count("As of") == 1


def test_a_month_of_lines_tells_its_points_once(parts: Parts) -> None:
    """In its name; what else there is to say of it follows."""
    parts.chart.set_chart(line_chart(), "All of it in words", _AS_OF)
    parts.chart.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_End):
        QTest.keyClick(parts.chart, key)
    assert parts.chart.accessibleName().endswith(": Month 11: opus, at list price $4.00; opus $2.00; haiku $2.00")
    assert parts.chart.accessibleDescription() == "As of 14:02"
    assert bar_tip(line_chart(), 1).split("\n") == ["Month 10", "opus, at list price   $4.00"]


def test_what_is_too_long_for_the_foot_is_told_once_the_keyboard_rests(qtbot: QtBot) -> None:
    foot = Foot()
    foot.resize(200, foot.height())
    qtbot.addWidget(foot)
    with qtbot.waitExposed(foot):
        foot.show()
    foot.name_in_full("Claude Max, Spend ≈ $201.00. Estimated from the logs of <b>many</b> agents; As of 14:02")
    qtbot.waitUntil(lambda: "As of 14:02" in QToolTip.text().replace("\n", " "))
    assert not Rich.mightBeRichText(QToolTip.text())
    foot.name_in_full("")
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_remarks_tell_how_their_figures_are_known(qtbot: QtBot) -> None:
    remarks = Remarks()
    qtbot.addWidget(remarks)
    remarks.show_remarks(("$8.95 is billed without a model.",), "Billed.\nAs of 14:02")
    assert remarks.toolTip() == "Billed.\nAs of 14:02"
    remarks.show_remarks(tuple("abcde"), "Billed.")
    assert remarks.toolTip() == "a\nb\nc\nd\ne\nBilled."
    remarks.show_remarks((), "Billed.")
    assert remarks.toolTip() == ""


def test_headers_are_spoken_as_they_are_written(parts: Parts) -> None:
    """With a capital; one without a title still has a name."""
    columns = (Column("all", "", ColumnKind.NAME), Column("w", "List price", ColumnKind.MONEY, spoken="worth at list"))
    rows = tuple(row._replace(cells=row.cells[:2]) for row in table().rows)
    parts.table.set_table(table()._replace(columns=columns, rows=rows, totals=(), sort="w"), None, ())

    def said(place: int) -> object:
        return parts.table.rows.headerData(place, Qt.Orientation.Horizontal, _ROLE.AccessibleTextRole)

    assert said(0) == "What"
    assert said(1) == "Worth at list, sorted, largest first"
