"""The whole app, offscreen: what leads to the history window opens it, on what it stands for."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tests.ui.fake_engine import FakeEngine, FakeReports
from tokentray.doorbell import history_message
from tokentray.insight.question_json import to_text
from tokentray.question import Question
from tokentray.ui.app import App
from tokentray.ui.instance import Instance
from tokentray.ui.state import State
from tokentray.ui.view import SnapshotView
from tokentray.ui.ways import THIS_MONTH, of_source

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(name="opened")
def opened_fixture(qtbot: QtBot) -> Iterator[Callable[[State], tuple[App, FakeReports]]]:
    """Starts the app; offscreen has no tray, so it lives in its window."""
    started: list[tuple[App, FakeEngine]] = []

    def opened(state: State) -> tuple[App, FakeReports]:
        reports = FakeReports()
        engine = FakeEngine([scenes.part_said()], reports=reports)
        app = App(engine, 0.1, state)
        started.append((app, engine))
        app.start()
        qtbot.waitUntil(lambda: app.window is not None and app.bridge.shown is not None, timeout=3000)
        return app, reports

    yield opened
    for app, engine in started:
        app.hide()
        engine.stop(1)
        for window in (app.popover, app.window, app.history.window):
            if window is not None:
                window.deleteLater()


def view_of(app: App) -> SnapshotView:
    assert app.window is not None
    return app.window.view


def test_parts_of_the_window_open_it_on_what_they_stand_for(
    opened: Callable[[State], tuple[App, FakeReports]], qtbot: QtBot
) -> None:
    """One window, which goes from one to the other."""
    app, reports = opened(State(None))
    row, line = view_of(app).sources.rows()[0], scenes.part_said().sources[0]
    QTest.mouseClick(row.name, LEFT)
    qtbot.waitUntil(lambda: reports.questions == [of_source(line)])
    window = app.history.window
    assert window is not None
    assert window.isVisible()
    QTest.mouseClick(view_of(app).month.label, LEFT)
    qtbot.waitUntil(lambda: reports.questions[-1] == THIS_MONTH)
    assert app.history.window is window


def test_it_opens_again_as_it_was_left(
    opened: Callable[[State], tuple[App, FakeReports]], qtbot: QtBot, tmp_path: Path
) -> None:
    """Within a run and in the next one; a way that says what it wants is not held up by that."""
    state = State(tmp_path / "state.json")
    app, reports = opened(state)
    asked = Question(by=("project",), where=(("model", "<b>"),))
    app.history_asked.emit(asked)
    qtbot.waitUntil(lambda: reports.questions == [asked])
    assert app.history.window is not None
    app.history.window.close()
    qtbot.waitUntil(lambda: (tmp_path / "state.json").exists() and app.history.window is None)
    QTest.mouseClick(view_of(app).history, LEFT)
    qtbot.waitUntil(lambda: reports.questions == [asked, asked])

    later, reports = opened(State(tmp_path / "state.json"))
    QTest.mouseClick(view_of(later).history, LEFT)
    qtbot.waitUntil(lambda: reports.questions == [asked])


def test_the_bell_opens_it(opened: Callable[[State], tuple[App, FakeReports]], qtbot: QtBot, tmp_path: Path) -> None:
    """As `tokentray history` rings it."""
    app, reports = opened(State(None))
    instance = Instance(tmp_path, tmp_path)
    instance.history_asked.connect(app.history_asked)
    asked = Question(by=("agent",))
    instance.take(history_message(to_text(asked)))
    qtbot.waitUntil(lambda: reports.questions == [asked])
