"""A month exported in the app: from tray, popover and history to files in a folder, over the real engine."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.ui import scenes, setups
from tests.ui.export_scenes import FULL, written
from tests.ui.fake_engine import DEMO_NOW_UTC, FakeEngine
from tests.ui.hands import click, press
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.exporter import ExportProgress
from tokentray.engine.runtime import Engine
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.question import Period, Question, Span
from tokentray.settings import load
from tokentray.store.history import History
from tokentray.ui.app import App
from tokentray.ui.export.window import ExportWindow
from tokentray.ui.state import State
from tokentray.ui.tray import Tray


@pytest.fixture(name="data")
def data_fixture(demo_home: Path, tmp_path: Path) -> Path:
    """A folder with a made-up year, and another to write into."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(demo_home / "history.db", data)
    (tmp_path / "months").mkdir()
    (data / "settings.toml").write_text(f"[export]\nfolder = '{tmp_path / 'months'}'\nformats = \"md,csv\"\n", "utf-8")
    return data


@pytest.fixture(name="app")
def app_fixture(data: Path, tmp_path: Path, qtbot: QtBot) -> Iterator[App]:
    """The app over the real engine."""
    clock = FixedClock(UtcSeconds(DEMO_NOW_UTC))
    engine = Engine(Paths(data, data, data), clock, UtcZone(), NumberStyle(), env={}, home=tmp_path / "person")
    app = App(engine, patience_s=60, state=State(data / "state.json"))
    app.start()
    qtbot.waitUntil(lambda: app.bridge.shown is not None, timeout=20_000)
    yield app
    app.hide()
    assert engine.stop(5)
    # At once: later, a thread of the next test's engine might clear it away.
    for part in (app.exports.window, app.history.window, app.windows.settings, app.popover, app):
        if part is not None:
            delete(part)


def opened(app: App, qtbot: QtBot) -> ExportWindow:
    """The window, once it can export."""
    window = app.exports.window
    assert window is not None
    qtbot.waitUntil(window.export.isEnabled, timeout=20_000)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def test_two_clicks_write_the_month(app: App, tmp_path: Path, qtbot: QtBot) -> None:
    """From the tray's menu: the newest month that is over, as it was last chosen; then it is known to be exported."""
    tray = Tray(None)
    tray.export_asked.connect(app.exports.open)
    next(action for action in tray.menu.actions() if action.text() == "Export month").trigger()
    window = opened(app, qtbot)
    assert window.choices.month.value() == "2026-10"
    click(window.export)
    qtbot.waitUntil(lambda: len(window.result.files) == 2, timeout=20_000)
    files = sorted(path.name for path in (tmp_path / "months").iterdir())
    assert files == ["tokentray-2026-10.csv", "tokentray-2026-10.md"]
    assert "October 2026" in (tmp_path / "months" / "tokentray-2026-10.md").read_text("utf-8")
    with History(tmp_path / "data" / "history.db") as history:
        (record,) = history.exports("2026-10")
    assert not record.automatic
    tray.hide()


def test_return_and_the_choices_are_kept_for_the_next_time(app: App, data: Path, tmp_path: Path, qtbot: QtBot) -> None:
    app.popover.view.export.click()
    window = opened(app, qtbot)
    window.choices.formats.checks["json"].click()
    window.choices.redact.click()
    qtbot.waitUntil(lambda: "quillmark" not in window.preview.toPlainText(), timeout=20_000)
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.result.files) == 3, timeout=20_000)
    assert (tmp_path / "months" / "tokentray-2026-10-redacted.json").exists()
    qtbot.waitUntil(lambda: load(data / "settings.toml").settings.redact, timeout=20_000)
    assert set(load(data / "settings.toml").settings.formats.split(",")) == {"md", "csv", "json"}
    window.close()
    assert app.exports.window is None
    app.exports.open()
    again = opened(app, qtbot)
    assert again.choices.redact.isChecked()
    assert again.choices.formats.checks["json"].isChecked()


def test_the_history_window_exports_the_month_in_view(app: App, qtbot: QtBot) -> None:
    app.history.open(Question(period=Period(Span.MONTH, date(2026, 8, 1))))
    history = app.history.window
    assert history is not None
    qtbot.waitUntil(lambda: history.asking.report is not None and not history.asking.waits, timeout=20_000)
    history.activateWindow()
    qtbot.waitUntil(history.isActiveWindow)
    QTest.keyClick(history, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    window = opened(app, qtbot)
    assert window.choices.month.value() == "2026-08"
    qtbot.waitUntil(lambda: "August 2026" in window.preview.toPlainText(), timeout=20_000)


def test_a_folder_that_cannot_be_written_to_costs_nothing(app: App, tmp_path: Path, qtbot: QtBot) -> None:
    """A file stands where the folder should be: it is said, and mended from here."""
    (tmp_path / "taken").write_text("mine", "utf-8")
    app.exports.open()
    window = opened(app, qtbot)
    window.choices.folder.line.setFocus()
    window.choices.folder.line.selectAll()
    QTest.keyClicks(window.choices.folder.line, str(tmp_path / "taken"))
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(window.result.refusals), timeout=20_000)
    assert not window.result.files
    assert (tmp_path / "taken").read_text("utf-8") == "mine"
    window.choices.folder.line.selectAll()
    QTest.keyClicks(window.choices.folder.line, str(tmp_path / "months"))
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.result.files) == 2, timeout=20_000)


@pytest.fixture(name="played")
def played_fixture(qtbot: QtBot) -> Iterator[tuple[App, FakeEngine]]:
    """The app over an engine that leaves exports to the test."""
    engine = FakeEngine([scenes.ordinary()], setup=setups.ordinary())
    app = App(engine, patience_s=60)
    app.start()
    qtbot.waitUntil(lambda: app.bridge.shown is not None)
    yield app, engine
    app.hide()
    assert engine.stop(2)
    for part in (app.exports.window, app.popover, app):
        if part is not None:
            delete(part)


def begun(app: App, engine: FakeEngine, qtbot: QtBot) -> ExportWindow:
    """The window is closed while it writes."""
    from tests.ui.export_scenes import Scene, Stage

    app.exports.open()
    window = app.exports.window
    assert window is not None
    qtbot.waitUntil(lambda: bool(engine.exporter.previews))
    stage = Stage(Scene())
    qtbot.addWidget(stage.window)
    engine.exporter.tell(stage.preview(*engine.exporter.previews[-1]))
    qtbot.waitUntil(window.export.isEnabled)
    window.run()
    engine.exporter.tell(ExportProgress(1, 2))
    window.close()
    return window


def test_it_may_be_closed_while_it_writes(played: tuple[App, FakeEngine], qtbot: QtBot) -> None:
    """What was asked for is done, and then nothing is kept of the window."""
    app, engine = played
    window = begun(app, engine, qtbot)
    assert app.exports.window is window
    engine.exporter.tell(written(engine.exporter.jobs[0]))
    qtbot.waitUntil(lambda: app.exports.window is None)
    assert engine.wants[-1] is False
    assert engine.exporter.rests == 1


def test_what_failed_after_it_was_closed_is_still_seen(played: tuple[App, FakeEngine], qtbot: QtBot) -> None:
    app, engine = played
    window = begun(app, engine, qtbot)
    engine.exporter.tell(written(engine.exporter.jobs[0], FULL, failing=("csv",)))
    qtbot.waitUntil(window.isVisible)
    assert app.exports.window is window
    assert FULL.message in window.result.refusals[0].words()


def test_it_is_opened_again_while_it_writes(played: tuple[App, FakeEngine], qtbot: QtBot) -> None:
    """And shows how far it has come."""
    app, engine = played
    window = begun(app, engine, qtbot)
    app.exports.open()
    assert app.exports.window is window
    assert window.isVisible()
    qtbot.waitUntil(lambda: window.result.title.words() == "1 of 2 files")
    engine.exporter.tell(written(engine.exporter.jobs[0]))
    qtbot.waitUntil(lambda: len(window.result.files) == 2)
    window.close()
    assert app.exports.window is None
