"""The history window in trouble: it says what is wrong, keeps what it showed, and comes back by itself."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.app.engines import Watched, idle
from tests.app.test_damaged_history import break_events, write_log
from tests.app.test_reports_trouble import held_by_another
from tests.ui.fake_engine import DEMO_NOW_UTC
from tests.ui.history_told import Told
from tests.ui.history_window import Held
from tokentray.clock import UtcZone
from tokentray.engine.demo import fill
from tokentray.engine.mending import mend
from tokentray.question import Period, Question, Span, View
from tokentray.store.writer import Writer
from tokentray.ui.bridge import Bridge
from tokentray.ui.historyowner import HistoryOwner
from tokentray.ui.state import State

Put = Callable[[Path], Held]


@pytest.fixture(scope="module", name="year")
def year_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made-up year."""
    folder = tmp_path_factory.mktemp("year")
    writer = Writer(folder / "history.db")
    try:
        fill(writer, now_utc=DEMO_NOW_UTC, zone=UtcZone())
        writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        writer.close()
    return folder


@pytest.fixture(name="folder")
def folder_fixture(year: Path, tmp_path: Path) -> Path:
    """A copy of it to do harm to."""
    shutil.copy(year / "history.db", tmp_path / "history.db")
    return tmp_path


@pytest.fixture(name="put")
def put_fixture(qtbot: QtBot) -> Iterator[Put]:
    """Makes windows, and lets go of them."""
    kept: list[Held] = []

    def put(where: Path) -> Held:
        kept.append(Held(where, qtbot))
        return kept[-1]

    yield put
    for held in kept:
        held.stop()


def test_a_mended_history_shows_all_it_has(put: Put, folder: Path) -> None:
    """Above the figures it is said, calmly, and no view hides them for it."""
    break_events(folder / "history.db")
    done = mend(folder / "history.db", DEMO_NOW_UTC, UtcZone())
    held = put(folder)
    held.open(Question())
    problem = held.window.body.problem
    for view in View:
        report = held.after(lambda view=view: held.window.asking.ask(Question(view)))  # type: ignore[misc] # a default for the loop
        assert problem.isVisible()
        assert report.problem is not None
        assert not report.problem.grave
        assert done.kept in problem.message.words()
        assert report.table.rows, view
        assert held.window.body.table.isVisible()


def test_a_history_that_is_held_keeps_its_figures(put: Put, folder: Path, qtbot: QtBot) -> None:
    """Said beside them, with as of when they are; free again, that goes away without a key being pressed."""
    held = put(folder)
    shown = held.open(Question())
    body = held.window.body
    told = Told(body.alerted)
    with held_by_another(folder / "history.db"):
        held.window.asking.ask(Question(by=("model",)))
        qtbot.waitUntil(body.problem.isVisible, timeout=20_000)
        assert body.problem.title.words() == "The history is busy"
        heard = QAccessible.queryAccessibleInterface(body.problem)
        assert heard is not None
        assert heard.role() == QAccessible.Role.AlertMessage
        assert told.values == [heard.text(QAccessible.Text.Name)], "said as it appears"
        assert str(told.values[0]).startswith("The history is busy. ")
        assert held.window.asking.report is not None
        body.show_report(held.window.asking.report)
        assert len(told.values) == 1, "and not again while it lasts"
        assert held.window.headline.amount.words() == shown.headline.amount_text
        assert held.window.foot.as_of.words() == shown.as_of_text
        assert body.chart.isVisible()
    qtbot.waitUntil(body.problem.isHidden, timeout=20_000)
    assert len(told.values) == 1
    assert held.window.asking.report is not None
    assert held.window.asking.report.question.by == ("model",)


def test_damage_under_an_open_window(qtbot: QtBot, tmp_path: Path) -> None:
    """The window comes upon it first: it says so, and once the history is mended it shows what there is."""
    watched = Watched(tmp_path)
    watched.settings("[refreshing]\nwatch = false\ninterval_min = 1440\n")
    write_log(watched.logs, 400)
    bridge = Bridge()
    engine = watched.engine
    engine.listen(bridge.receive)
    engine.reports.listen(bridge.receive_report)
    owner = HistoryOwner(engine, bridge, State(None))
    engine.start()
    try:
        watched.wait(idle)
        owner.open(Question(period=Period(Span.DAYS_7)))
        window = owner.window
        assert window is not None
        amount, problem = window.headline.amount, window.body.problem
        qtbot.waitUntil(lambda: amount.words() == "≈ $402.00", timeout=20_000)
        break_events(watched.paths.history)
        window.asking.ask(Question(period=Period(Span.DAYS_7), by=("session",)))
        qtbot.waitUntil(lambda: problem.isVisible() and "was damaged" in problem.title.words(), timeout=20_000)
        qtbot.waitUntil(lambda: amount.words() == "≈ $402.00", timeout=20_000)
        (kept,) = watched.paths.data.glob("history-damaged-*.db")
        assert kept.name in problem.message.words()
        assert window.asking.question.by == ("session",)
        window.close()
        QApplication.processEvents()
    finally:
        bridge.close()
        assert engine.stop(2)
