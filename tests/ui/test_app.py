"""The app as a whole, offscreen: no tray there, so the window; and leaving in time whatever hangs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtNetwork import QNetworkInformation
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui import scenes, setups
from tests.ui.fake_engine import FakeEngine
from tokentray.requests import FinishFirstRun, SetPayer
from tokentray.snapshot import Snapshot
from tokentray.ui.app import App
from tokentray.ui.firstrun.window import FirstRun
from tokentray.ui.network import is_online
from tokentray.ui.popover import Popover
from tokentray.ui.view import REFERENCES
from tokentray.ui.window import Window, tray_advice

_ENDS_WITHIN_S = 2.0


@contextmanager
def program(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The app over a fake engine as a process of its own, once its loop runs."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.ui.fake_engine", *arguments]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == "ready"
            yield child
        finally:
            if child.poll() is None:
                child.kill()


@pytest.mark.skipif(os.name == "nt", reason="Windows ends processes without asking them")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("arguments", [(), ("--hangs",), ("--patience", "0.05")])
def test_leaves_in_time(number: signal.Signals, arguments: tuple[str, ...]) -> None:
    """With status 0, also when a thread never ends, and from the window that only makes itself small when closed."""
    with program(*arguments) as child:
        begun = time.monotonic()
        child.send_signal(number)
        assert child.wait(5) == 0
        assert time.monotonic() - begun < _ENDS_WITHIN_S
        assert child.stderr is not None
        assert "Traceback" not in child.stderr.read()


def test_without_a_tray_the_window_opens_once_and_advises(qtbot: QtBot) -> None:
    engine = FakeEngine([scenes.ordinary()])
    app = App(engine, patience_s=0.1)
    app.start()
    qtbot.waitUntil(lambda: app.window is not None and app.window.isVisible(), timeout=2000)
    window = app.window
    assert window is not None
    qtbot.addWidget(window)
    assert "no tray" in window.view.notice.words()
    qtbot.waitUntil(lambda: window.view.today.amount.words() == "≈ $11.97", timeout=2000)
    window.close()
    assert window.isVisible(), "closing it would leave an app that nobody can reach"
    assert window.isMinimized()
    window.has_tray = True
    window.close()
    assert not window.isVisible()
    app.hide()
    assert engine.stop(1)


@pytest.fixture(name="opened")
def opened_fixture(qtbot: QtBot) -> Iterator[Callable[..., tuple[App, FakeEngine]]]:
    """Starts the app over an engine; offscreen has no tray, so it lives in its window."""
    started: list[tuple[App, FakeEngine]] = []

    def opened(*snapshots: Snapshot) -> tuple[App, FakeEngine]:
        engine = FakeEngine(snapshots, setup=setups.fresh())
        app = App(engine, patience_s=0.1)
        started.append((app, engine))
        app.start()
        qtbot.waitUntil(lambda: app.window is not None and app.bridge.shown is not None, timeout=3000)
        return app, engine

    yield opened
    for app, engine in started:
        app.hide()
        engine.stop(1)
        for window in (app.popover, app.window, app.windows.settings, app.windows.first_run):
            if window is not None:
                window.deleteLater()


def first_start() -> Snapshot:
    return scenes.unassigned()._replace(first_run=True)


def test_the_first_start_asks_once(opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot) -> None:
    """By itself in the first run; not again when the figures change, and setups are made only while it is open."""
    app, engine = opened(first_start(), first_start())
    qtbot.waitUntil(lambda: app.windows.first_run is not None and app.windows.first_run.isVisible(), timeout=3000)
    window = app.windows.first_run
    assert window is not None
    qtbot.waitUntil(lambda: len(window.found.rows()) == 2, timeout=3000)
    assert engine.wants == [True]
    QTest.mouseClick(window.not_now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: engine.requests == [FinishFirstRun()], timeout=3000)
    assert engine.wants == [True, False]
    assert app.windows.first_run is None
    app.refresh()
    qtbot.wait(300)
    assert app.windows.first_run is None


def test_no_first_start_where_it_was_done(opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot) -> None:
    """Nor are the windows of it loaded."""
    app, engine = opened(scenes.ordinary(), first_start())
    app.refresh()
    qtbot.wait(300)
    assert app.windows.first_run is None
    assert engine.wants == []


def test_settings_open_on_what_was_asked(opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot) -> None:
    """From the buttons and by key, on the page that they lead to; setups are made until it is closed."""
    app, engine = opened(scenes.unassigned())
    assert app.window is not None
    view = app.window.view
    QTest.mouseClick(view.today.payer, Qt.MouseButton.LeftButton)
    settings = app.windows.settings
    assert settings is not None
    assert settings.nav.currentItem().text() == "Agents and who pays"
    assert engine.wants == [True]
    view.settings_asked.emit(REFERENCES)
    assert settings.nav.currentItem().text() == "Reference points"
    view.settings_asked.emit("account:3")
    assert settings.nav.currentItem().text() == "Accounts"
    view.settings_asked.emit(REFERENCES)
    settings.close()
    assert engine.wants == [True, False]
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow, timeout=3000)
    QTest.keyClick(app.window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(settings.isVisible, timeout=3000)
    assert settings.nav.currentItem().text() == "Reference points", "the one it was left on"
    assert engine.wants == [True, False, True]


def test_the_first_start_can_be_had_again(opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot) -> None:
    """From the settings; each window gets the answers to what it asked, and one of them is enough for setups."""
    app, engine = opened(scenes.ordinary())
    app.windows.open_settings()
    settings = app.windows.settings
    assert settings is not None
    settings.first_run_asked.emit()
    qtbot.waitUntil(lambda: app.windows.first_run is not None and app.windows.first_run.isVisible(), timeout=3000)
    window = app.windows.first_run
    assert window is not None
    qtbot.waitUntil(lambda: len(window.found.rows()) == 2, timeout=3000)
    said: list[str] = []
    settings.desk.said.connect(said.append)
    row = window.found.rows()[1]
    row.send_rest()
    assert engine.requests == [SetPayer("codex", "payg", keep_narrower=True)]
    qtbot.waitUntil(row.done.isVisible, timeout=3000)
    qtbot.waitUntil(lambda: bool(window.said.words()), timeout=3000)
    assert not said
    window.close()
    assert engine.wants == [True]
    settings.close()
    assert engine.wants == [True, False]


def _found_both(window: FirstRun) -> bool:
    return len(window.found.rows()) == 2


def test_done_shows_the_figures_and_not_now_does_not(
    opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot
) -> None:
    """What came of it, where it will be found from now on; who came from the settings stays there."""
    app, _ = opened(scenes.ordinary())
    for from_settings, button, shows in ((False, "not_now", False), (True, "finish", False), (False, "finish", True)):
        assert app.window is not None
        app.window.close()
        assert app.window.isMinimized()
        if from_settings:
            app.windows.open_settings()
        app.windows.open_first_run()
        window = app.windows.first_run
        assert window is not None
        qtbot.waitUntil(partial(_found_both, window), timeout=3000)
        QTest.mouseClick(getattr(window, button), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: app.windows.first_run is None, timeout=3000)
        assert app.window.isMinimized() is not shows
        if app.windows.settings is not None:
            app.windows.settings.close()


def test_a_first_start_over_a_refused_history(qtbot: QtBot) -> None:
    """No setup can be made of it: the window says why, and can be closed."""
    engine = FakeEngine([scenes.refused_history()], silent=True)
    app = App(engine, patience_s=0.1)
    app.start()
    qtbot.waitUntil(lambda: app.window is not None and app.bridge.shown is not None, timeout=3000)
    app.windows.open_first_run()
    window = app.windows.first_run
    assert window is not None
    qtbot.waitUntil(window.isVisible, timeout=3000)
    (row,) = window.problems.rows()
    assert row.title.words() == "The history is from a newer TokenTray"
    assert not window.found.empty.isVisible(), "nothing is looked for"
    window.close()
    assert app.windows.first_run is None
    app.hide()
    assert engine.stop(1)
    for one in (app.window, app.popover):
        assert one is not None
        one.deleteLater()


def test_a_tray_alone_loads_no_forms() -> None:
    """Windows that are seldom opened cost nothing at the start."""
    code = "import sys, tokentray.ui.app as _; print(*(n for n in sys.modules if n.startswith('tokentray.ui.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "tokentray.ui.popover" in loaded
    assert not [name for name in loaded if name.split(".")[2] in ("forms", "settings", "firstrun")]


def test_a_tray_alone_loads_nothing_of_the_history_window() -> None:
    """Neither the window nor what makes its reports, until it is first opened."""
    code = "import sys, tokentray.ui.app as _, tokentray.engine.runtime as _; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "tokentray.engine.reports.desk" in loaded
    assert not [name for name in loaded if name.startswith(("tokentray.ui.history.", "tokentray.charts.layout"))]
    views = ("views", "usage", "usage_chart", "usage_table", "why", "prices", "plans", "reconcile", "notes")
    assert not {f"tokentray.engine.reports.{view}" for view in views}.intersection(loaded)


def test_what_another_process_changed_is_shown(opened: Callable[..., tuple[App, FakeEngine]]) -> None:
    app, engine = opened(scenes.ordinary())
    app.look_again()
    assert engine.looks == 1


def test_keys_of_the_window(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.open_with("")
    qtbot.waitUntil(window.isActiveWindow, timeout=1000)
    with qtbot.waitSignal(window.view.refresh_asked):
        QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(window.view.settings_asked):
        QTest.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)


def test_keys_of_the_popover(qtbot: QtBot) -> None:
    popover = Popover()
    qtbot.addWidget(popover)
    popover.show_snapshot(scenes.ordinary())
    popover.open_at(QRect())
    qtbot.waitUntil(popover.isActiveWindow, timeout=1000)
    with qtbot.waitSignal(popover.view.refresh_asked):
        QTest.keyClick(popover, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(popover.view.settings_asked):
        QTest.keyClick(popover, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(popover, Qt.Key.Key_Escape)
    assert not popover.isVisible()


def test_popover_leaves_with_the_focus(qtbot: QtBot) -> None:
    popover, other = Popover(), Window()
    qtbot.addWidget(popover)
    qtbot.addWidget(other)
    popover.show_snapshot(scenes.ordinary())
    popover.open_at(QRect())
    qtbot.waitUntil(popover.isActiveWindow, timeout=1000)
    other.open_with("")
    qtbot.waitUntil(lambda: not popover.isVisible(), timeout=1000)
    assert other.isVisible()
    assert popover.hidden_for_s < 1


def test_popover_grows_to_its_content_and_no_further_than_the_screen_allows(qtbot: QtBot) -> None:
    popover = Popover()
    qtbot.addWidget(popover)
    popover.show_snapshot(scenes.ordinary())
    popover.open_at(QRect())
    before = popover.height()
    popover.show_snapshot(scenes.one_failing())
    qtbot.waitUntil(lambda: popover.height() > before, timeout=1000)
    qtbot.wait(20)
    wished = popover.view.wished_height(popover.view.width())
    assert popover.view.height() == wished, "grown as far as it takes, and no bar to scroll"
    popover.show_snapshot(scenes.twelve_sources())
    qtbot.wait(20)
    assert popover.height() <= popover.screen().availableGeometry().height() * 4 // 5


def test_an_open_popover_rests(qtbot: QtBot) -> None:
    """Its height follows the layout; that must not in turn ask for another layout, for ever."""
    popover = Popover()
    qtbot.addWidget(popover)
    popover.show_snapshot(scenes.ordinary())
    popover.open_at(QRect())
    popover.show_snapshot(scenes.one_failing())
    qtbot.wait(100)
    asked: list[bool] = []
    popover.view.grown.connect(lambda: asked.append(True))
    qtbot.wait(200)
    assert not asked


@pytest.mark.parametrize("desktop", ["ubuntu:GNOME", "sway", "XFCE", "", "KDE"])
def test_advice_names_a_way(desktop: str) -> None:
    assert len(tray_advice(desktop)) < 220
    assert "tray" in tray_advice(desktop)


def test_a_desktop_that_tells_nothing_of_its_network_is_online(
    opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot
) -> None:
    """Nothing is told while it is as the engine takes it to be; a provider inside the own network may be reached."""
    reachability = QNetworkInformation.Reachability
    answers = {state: is_online(state) for state in reachability}
    assert [state for state, online in answers.items() if not online] == [reachability.Disconnected]
    app, engine = opened(scenes.ordinary())
    app.network.connect_now()
    assert (True, False) not in engine.networks
    app.network.stop()


def test_who_looks_does_not_have_every_provider_asked(
    opened: Callable[..., tuple[App, FakeEngine]], qtbot: QtBot
) -> None:
    """Opening asks for what is due; only the button of the round arrow asks for all of it."""
    app, engine = opened(scenes.ordinary())
    app.open()
    assert (engine.glances, engine.refreshes) == (1, 0)
    assert app.window is not None
    QTest.mouseClick(app.window.view.today.refresh, Qt.MouseButton.LeftButton)
    assert (engine.glances, engine.refreshes) == (1, 1)
