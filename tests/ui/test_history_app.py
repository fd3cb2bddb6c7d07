"""The history window in the app: opened, fed, closed and let go of, over the real engine and a made-up year."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from tests.app.engines import NOW, Watched, idle
from tests.app.test_cli import line
from tests.ui.fake_engine import DEMO_NOW_UTC
from tests.ui.hands import click, keys, press
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.runtime import Engine
from tokentray.money import Nanos, NumberStyle
from tokentray.paths import Paths
from tokentray.question import Period, Question, Span, View
from tokentray.requests import AddNote
from tokentray.store.writer import Writer
from tokentray.ui.app import App
from tokentray.ui.bridge import Bridge
from tokentray.ui.history.window import HistoryWindow
from tokentray.ui.historyowner import HistoryOwner
from tokentray.ui.state import State

_FILES, _CALLS = 300, 150
"""Of a first scan that takes long enough to be counted."""


@pytest.fixture(name="year")
def year_fixture(demo_home: Path) -> Path:
    """A made-up history."""
    return demo_home / "history.db"


@pytest.fixture(name="engine")
def engine_fixture(year: Path, tmp_path: Path) -> Iterator[Engine]:
    """The real engine over a copy of it."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copy(year, folder / "history.db")
    clock = FixedClock(UtcSeconds(DEMO_NOW_UTC))
    engine = Engine(Paths(folder, folder, folder), clock, UtcZone(), NumberStyle(), env={}, home=tmp_path / "person")
    yield engine
    assert engine.stop(5)


@pytest.fixture(name="app")
def app_fixture(engine: Engine, tmp_path: Path, qtbot: QtBot) -> Iterator[App]:
    """The app over that engine."""
    app = App(engine, patience_s=60, state=State(tmp_path / "data" / "state.json"))
    app.start()
    qtbot.waitUntil(lambda: app.bridge.shown is not None, timeout=20_000)
    yield app
    app.hide()
    # At once: later, a thread of the next test's engine might clear it away.
    for part in (app.history.window, app.windows.settings, app.popover, app):
        if part is not None:
            delete(part)


def _window(app: App) -> HistoryWindow:
    assert app.history.window is not None
    return app.history.window


def _open(app: App, qtbot: QtBot, question: Question | None = None) -> HistoryWindow:
    app.history_asked.emit(question)
    window = _window(app)
    qtbot.waitExposed(window)
    window.activateWindow()
    qtbot.waitUntil(lambda: not window.asking.waits and window.asking.report is not None, timeout=20_000)
    return window


def _names(window: HistoryWindow) -> list[str]:
    """All texts of the rows."""
    return [cell.text for row in window.body.table.table().rows for cell in row.cells]


def _go_to(window: HistoryWindow, text: str) -> None:
    """Put the keyboard on the row that says this."""
    body, rows = window.body.table.body, window.body.table.table().rows
    place = next(at for at, row in enumerate(rows) if any(cell.text == text for cell in row.cells))
    body.setFocus()
    body.setCurrentIndex(body.model().index(place, 0))


def test_a_note_is_written_removed_and_put_back(app: App, qtbot: QtBot) -> None:
    """By keyboard; each time the table follows and the foot says what was done."""
    window = _open(app, qtbot, Question(View.NOTES))
    qtbot.waitUntil(window.isActiveWindow)
    click(window.notes.add)
    keys("Shipped the night ferry")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Shipped the night ferry" in _names(window), timeout=10_000)
    assert "Shipped the night ferry" in window.foot.words.words()
    assert not window.form.isVisible()
    assert not window.notes.remove.isEnabled()
    _go_to(window, "Shipped the night ferry")
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(window.notes.remove.isEnabled, timeout=10_000)
    assert "Shipped the night ferry" in window.notes.remove.accessibleName()
    click(window.notes.remove)
    qtbot.waitUntil(lambda: "Shipped the night ferry" not in _names(window), timeout=10_000)
    assert window.foot.undo.isVisible()
    assert not window.notes.remove.isEnabled()
    click(window.foot.undo)
    qtbot.waitUntil(lambda: "Shipped the night ferry" in _names(window), timeout=10_000)
    assert not window.foot.undo.isVisible()


def test_a_note_is_changed(app: App, engine: Engine, qtbot: QtBot) -> None:
    """Enter on its row opens it as it is."""
    window = _open(app, qtbot, Question(View.NOTES))
    engine.submit(AddNote(date(2026, 11, 3), "One", "", "2", "things"))
    qtbot.waitUntil(lambda: "One" in _names(window), timeout=10_000)
    _go_to(window, "One")
    press(Qt.Key.Key_Return)
    form = window.form
    assert form.isVisible()
    assert (form.text.text(), form.quantity.text(), form.of.text()) == ("One", "2", "things")
    assert form.day.day().isoformat() == "2026-11-03"
    form.text.setText("Another")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Another" in _names(window), timeout=10_000)
    assert "One" not in _names(window)


def test_it_follows_what_is_written_elsewhere(app: App, engine: Engine, qtbot: QtBot, tmp_path: Path) -> None:
    """Nobody presses anything: what another window or the command line has changed comes by itself."""
    window = _open(app, qtbot, Question(View.NOTES))
    engine.submit(AddNote(date(2026, 11, 3), "From elsewhere"))
    qtbot.waitUntil(lambda: "From elsewhere" in _names(window), timeout=10_000)
    writer = Writer(tmp_path / "data" / "history.db")
    try:
        with writer.telling() as told:
            told.add_note(date(2026, 11, 4), "By another process", "", Nanos(0), "", UtcSeconds(DEMO_NOW_UTC))
    finally:
        writer.close()
    app.look_again()
    qtbot.waitUntil(lambda: "By another process" in _names(window), timeout=10_000)


def test_closed_it_is_let_go_of_and_comes_back_as_it_was(app: App, qtbot: QtBot, tmp_path: Path) -> None:
    """The question is remembered, also on disk; none of its widgets stays."""
    window = _open(app, qtbot, Question(by=("model",)))
    chart = window.body.chart
    window.close()
    assert app.history.window is None
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert not isValid(window)
    assert not isValid(chart)
    state = tmp_path / "data" / "state.json"
    qtbot.waitUntil(state.exists, timeout=5000)
    assert '"model"' in state.read_text()
    again = _open(app, qtbot)
    assert again is not window
    assert again.asking.question.by == ("model",)


def test_a_second_wish_turns_the_window_there_is(app: App, qtbot: QtBot) -> None:
    """There is one at most; asked for without a question, it is left as it is."""
    window = _open(app, qtbot, Question(View.PRICES))
    assert _open(app, qtbot) is window
    assert window.asking.question.view is View.PRICES
    assert _open(app, qtbot, Question(by=("project",))) is window
    assert window.asking.question.by == ("project",)


def test_its_keys_lead_to_the_settings(app: App, qtbot: QtBot) -> None:
    window = _open(app, qtbot)
    QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    assert app.windows.settings is not None
    assert app.windows.settings.isVisible()
    app.windows.settings.close()


def test_a_first_scan_is_counted_while_it_goes_on(qtbot: QtBot, tmp_path: Path) -> None:
    """From the first file to the last; then as of when the figures are stands there again, and they are whole."""
    watched = Watched(tmp_path)
    watched.settings("[refreshing]\nwatch = false\ninterval_min = 1440\n")
    watched.logs.mkdir(parents=True)
    for file in range(_FILES):
        calls = range(file * _CALLS, (file + 1) * _CALLS)
        (watched.logs / f"s{file}.jsonl").write_text("".join(line(call, NOW, out=40_000) for call in calls))
    bridge = Bridge()
    watched.engine.listen(bridge.receive)
    watched.engine.reports.listen(bridge.receive_report)
    owner = HistoryOwner(watched.engine, bridge, State(None))
    seen: list[str] = []
    try:
        owner.open(Question(period=Period(Span.DAYS_7)))
        window = owner.window
        assert window is not None
        bridge.snapshot_changed.connect(lambda _: seen.append(window.foot.as_of.words()))
        watched.engine.start()
        whole = f"≈ ${_FILES * _CALLS * 201 // 200:,}.00"  # each call costs a dollar and half a cent
        qtbot.waitUntil(lambda: window.headline.amount.words() == whole, timeout=60_000)
        watched.wait(idle)
        qtbot.waitUntil(lambda: window.foot.as_of.words().startswith("as of "), timeout=20_000)
        counts = [int(words.split()[2]) for words in seen if words.startswith("Reading logs: ")]
        assert counts
        assert counts == sorted(counts)
        assert any(f"of {_FILES} files; amounts still grow" in words for words in seen)
        assert window.foot.trouble.isHidden()
        window.close()
        QApplication.processEvents()
    finally:
        bridge.close()
        assert watched.engine.stop(5)
