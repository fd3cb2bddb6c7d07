"""What leads from the popover to the history window: every part of it, by mouse and by keyboard alone."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tokentray.question import Period, Question, Span
from tokentray.snapshot import SourceLine, Standing
from tokentray.ui.popover import Popover
from tokentray.ui.ways import THIS_MONTH, of_day, of_source
from tokentray.ui.window import Window

LEFT = Qt.MouseButton.LeftButton


def at(point: QPointF) -> QPoint:
    return QPoint(round(point.x()), round(point.y()))


@pytest.fixture(name="popover")
def popover_fixture(qtbot: QtBot) -> Iterator[Popover]:
    popover = Popover()
    qtbot.addWidget(popover)
    popover.show_snapshot(scenes.part_said())
    with qtbot.waitExposed(popover):
        popover.open_at(QRect())
    popover.activateWindow()
    qtbot.waitUntil(popover.isActiveWindow)
    yield popover
    popover.hide()


def asked_by(popover: Popover, does: Callable[[], object], qtbot: QtBot) -> Question | None:
    """What is asked for once that is done. The popover makes room for it."""
    with qtbot.waitSignal(popover.view.history_asked) as told:
        does()
    assert not popover.isVisible()
    question = told.args[0]
    assert question is None or isinstance(question, Question)
    return question


def test_the_button_opens_what_was_shown_last(popover: Popover, qtbot: QtBot) -> None:
    assert asked_by(popover, lambda: QTest.mouseClick(popover.view.history, LEFT), qtbot) is None


def test_its_keys_do_the_same(popover: Popover, qtbot: QtBot) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    assert asked_by(popover, lambda: QTest.keyClick(popover, Qt.Key.Key_H, control), qtbot) is None


def test_a_day_opens_by_the_hour(popover: Popover, qtbot: QtBot) -> None:
    """A click on its bar, and Enter where the arrow keys have come to."""
    bars = popover.view.days.bars
    middle = at(bars.bar_rect(3).center())
    clicked = asked_by(popover, lambda: QTest.mouseClick(bars, LEFT, pos=middle), qtbot)
    assert clicked == of_day(date(2026, 10, 27))
    popover.open_at(QRect())
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(bars, Qt.Key.Key_Left)
    asked = asked_by(popover, lambda: QTest.keyClick(bars, Qt.Key.Key_Return), qtbot)
    day = date(2026, 11, 21)
    assert asked == Question(period=Period(Span.CUSTOM, day, day), split="hour")


def test_a_pointed_day_says_that_it_leads_on(popover: Popover) -> None:
    bars = popover.view.days.bars
    bars.setFocus(Qt.FocusReason.TabFocusReason)
    assert "opens it in History" in bars.toolTip().replace("\n", " ")


def test_the_month_opens_the_month(popover: Popover, qtbot: QtBot) -> None:
    """A click on any word of it, or a key while its amount has the keyboard."""
    month = popover.view.month
    for part in (month.label, month.amount):
        assert asked_by(popover, lambda part=part: QTest.mouseClick(part, LEFT), qtbot) == THIS_MONTH  # type: ignore[misc] # a default for the loop
        popover.open_at(QRect())
    plain = month.grab().toImage()
    month.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)  # the offscreen platform tells nobody who is
    assert month.grab().toImage() != plain, "what can be clicked is marked under the pointer"
    month.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    month.amount.setFocus(Qt.FocusReason.TabFocusReason)
    assert asked_by(popover, lambda: QTest.keyClick(month.amount, Qt.Key.Key_Return), qtbot) == THIS_MONTH
    assert "opens it in History" in month.amount.accessibleDescription()


def test_a_source_opens_what_its_row_stands_for(popover: Popover, qtbot: QtBot) -> None:
    """By mouse on any part of the row, and by Enter and Space."""
    for row, line in zip(popover.view.sources.rows(), scenes.part_said().sources, strict=True):
        part: QWidget = row.name
        assert asked_by(popover, lambda part=part: QTest.mouseClick(part, LEFT), qtbot) == of_source(line)  # type: ignore[misc] # a default for the loop
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            popover.open_at(QRect())
            row.setFocus(Qt.FocusReason.TabFocusReason)
            asked = asked_by(popover, lambda row=row, key=key: QTest.keyClick(row, key), qtbot)  # type: ignore[misc] # defaults for the loop
            assert asked == of_source(line)
        assert "opens it in History" in row.accessibleDescription()
        popover.open_at(QRect())


def test_the_word_that_mends_leads_to_the_mend_alone(popover: Popover, qtbot: QtBot) -> None:
    popover.show_snapshot(scenes.account_failing())
    row = next(row for row in popover.view.sources.rows() if row.mend.isVisible())
    with qtbot.assertNotEmitted(popover.view.history_asked), qtbot.waitSignal(popover.view.settings_asked):
        QTest.mouseClick(row.mend, LEFT)


def test_a_click_that_ends_elsewhere_opens_nothing(popover: Popover, qtbot: QtBot) -> None:
    row = popover.view.sources.rows()[0]
    with qtbot.assertNotEmitted(popover.view.history_asked):
        QTest.mousePress(row, LEFT, pos=QPoint(5, 5))
        QTest.mouseRelease(row, LEFT, pos=QPoint(5, -40))
        QTest.mouseClick(row, Qt.MouseButton.RightButton, pos=QPoint(5, 5))
        QTest.keyClick(row, Qt.Key.Key_A)


def test_the_plain_window_has_the_same(qtbot: QtBot) -> None:
    window = Window()
    window.has_tray = True
    qtbot.addWidget(window)
    window.show_snapshot(scenes.ordinary())
    with qtbot.waitExposed(window):
        window.open_with("")
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(window.view.history_asked) as told:
        QTest.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert told.args == [None]


@pytest.mark.parametrize(
    ("kind", "standing", "by", "where"),
    [
        ("plan", Standing.SPEND, "source", [("payer", "x:1")]),
        ("charge", Standing.SPEND, "source", [("source", "x:1")]),
        ("account", Standing.SPEND, "model", [("payer", "x:1")]),
        ("account", Standing.ELSEWHERE, "model", [("source", "x:1"), ("payer", "nobody")]),
        ("agent", Standing.SPEND, "model", [("source", "x:1"), ("payer", "payg")]),
        ("agent", Standing.ELSEWHERE, "model", [("source", "x:1"), ("payer", "nobody")]),
        ("agent", Standing.UNASSIGNED, "model", [("source", "x:1"), ("payer", "")]),
    ],
)
def test_a_row_leads_to_what_is_in_it(kind: str, standing: Standing, by: str, where: list[tuple[str, str]]) -> None:
    """All that a plan or an account pays for, and of an agent only what stands where the row does."""
    line: SourceLine = scenes.ordinary().sources[0]._replace(id="x:1", kind=kind, standing=standing)
    assert of_source(line) == Question(by=(by,), where=tuple(where))
