"""The app as a whole, offscreen: no tray there, so the window; and leaving in time whatever hangs."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tests.ui.fake_engine import FakeEngine
from tokentray.ui.app import App
from tokentray.ui.popover import Popover
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
@pytest.mark.parametrize("arguments", [(), ("--hangs",)])
def test_leaves_in_time(number: signal.Signals, arguments: tuple[str, ...]) -> None:
    """With status 0, also when a thread never ends."""
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


def test_keys_of_the_window(qtbot: QtBot) -> None:
    window = Window()
    qtbot.addWidget(window)
    window.open_with("")
    qtbot.waitUntil(window.isActiveWindow, timeout=1000)
    with qtbot.waitSignal(window.view.refresh_asked):
        QTest.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)


def test_keys_of_the_popover(qtbot: QtBot) -> None:
    popover = Popover()
    qtbot.addWidget(popover)
    popover.show_snapshot(scenes.ordinary())
    popover.open_at(QRect())
    qtbot.waitUntil(popover.isActiveWindow, timeout=1000)
    with qtbot.waitSignal(popover.view.refresh_asked):
        QTest.keyClick(popover, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
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
