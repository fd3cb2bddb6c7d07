"""The history window under hasty hands and changing desktops."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPalette
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from tests.ui.history_window import Held
from tokentray.question import Period, Question, Span, View
from tokentray.ui import theme
from tokentray.ui.state import HistoryState

Put = Callable[..., Held]
_SHADES = {
    QPalette.ColorRole.Window: "#000000",
    QPalette.ColorRole.Base: "#000000",
    QPalette.ColorRole.Button: "#000000",
    QPalette.ColorRole.Text: "#ffffff",
    QPalette.ColorRole.WindowText: "#ffffff",
    QPalette.ColorRole.ButtonText: "#ffffff",
    QPalette.ColorRole.Highlight: "#ffff00",
    QPalette.ColorRole.HighlightedText: "#000000",
}
"""As a desktop of high contrast has them."""


@pytest.fixture(name="put")
def put_fixture(folder: Path, qtbot: QtBot) -> Iterator[Put]:
    """Makes windows, and lets go of them; the desktop is then as it was."""
    kept: list[Held] = []
    palette = QGuiApplication.palette()

    def put(state: HistoryState | None = None) -> Held:
        kept.append(Held(folder, qtbot, state))
        return kept[-1]

    yield put
    QToolTip.hideText()
    for held in kept:
        held.stop()
    QApplication.setPalette(palette)


def test_of_a_hundred_questions_the_last_is_shown(put: Put) -> None:
    """However fast they come, the window ends where the person did, and shows no word of another."""
    held = put()
    held.open(Question())
    window = held.window
    groupings = (("model",), ("project",), ("source",), ())
    for number in range(100):
        window.asking.ask(Question(by=groupings[number % 4], period=Period((Span.MONTH, Span.YEAR)[number % 2])))
        if number % 10 == 0:
            QApplication.processEvents()
    last = Question(by=("project",), period=Period(Span.ALL))
    report = held.after(lambda: window.asking.ask(last))
    assert report.asked == last
    assert window.headline.amount.words() == report.headline.amount_text
    assert window.body.chart.chart() == report.chart
    assert window.grouping.by.combo.value() == "project"


def test_closed_while_an_answer_is_on_its_way_and_opened_again(put: Put) -> None:
    """What comes too late is let go; opened again at once, it shows what was asked last."""
    held = put()
    held.open(Question())
    window = held.window
    for view in (View.PRICES, View.WHY, View.USAGE):
        window.asking.ask(Question(view, Period(Span.ALL)))
        window.close()
        QApplication.processEvents()
        assert not window.isVisible()
        report = held.open(Question(view, Period(Span.YEAR)))
        assert report.question.view is view
        assert window.period.title.words() == report.title


def test_asked_for_twice_at_once(put: Put) -> None:
    """The second wish holds."""
    held = put()
    held.open(Question())
    held.window.open_on(Question(View.PLANS))
    held.window.open_on(Question(View.RECONCILE))
    assert held.answer().question.view is View.RECONCILE
    assert list(View)[held.window.views.currentIndex()] is View.RECONCILE


def test_a_place_that_is_no_more(put: Put) -> None:
    """Left on a screen that is gone, it comes back on one that is there, small enough for it."""
    held = put()
    held.open(Question())
    held.window.move(QPoint(90_000, 90_000))
    held.window.resize(900, 600)
    state = held.window.state()
    held.window.close()
    again = put(state=state)
    again.open()
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert room.intersects(again.window.frameGeometry())


@pytest.mark.parametrize("geometry", [b"", b"nonsense", b"\x01\xd9\xd0\xcb" + b"\xff" * 60])
def test_a_place_that_makes_no_sense(put: Put, geometry: bytes) -> None:
    held = put(state=HistoryState(geometry=geometry, splitter=geometry))
    held.open()
    room = QGuiApplication.primaryScreen().availableGeometry()
    assert room.contains(held.window.geometry().center())
    assert all(size > 50 for size in held.window.body.splitter.sizes())


def test_put_away_and_asked_for_it_comes_back(put: Put) -> None:
    held = put()
    held.open(Question())
    held.window.showMinimized()
    held.window.open_on(None)
    assert not held.window.isMinimized()
    assert held.answer().question.by == ("source",)


def test_the_desktop_turns_to_high_contrast_while_it_is_open(put: Put) -> None:
    """Everything is painted anew, and can be read: no light ground is left, text stands out from it."""
    held = put()
    held.open(Question())
    window = held.window
    palette = QGuiApplication.palette()
    for role, color in _SHADES.items():
        palette.setColor(role, QColor(color))
    QApplication.setPalette(palette)
    QApplication.processEvents()
    held.answer()
    for part in (window.views, window.period, window.headline, window.body.chart, window.body.legend):
        picture = part.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        counted = [
            QColor(picture.pixel(x, y)).lightness()
            for x in range(0, picture.width(), 3)
            for y in range(0, picture.height(), 3)
        ]
        assert sum(one < 60 for one in counted) > len(counted) // 2, part
    shades = theme.current()
    for ink in (shades.text, shades.secondary):
        assert theme.contrast(ink, shades.window) >= theme.TEXT_CONTRAST
