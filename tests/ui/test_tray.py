"""The icon's texts and clicks, without a panel; tests/desktop has the real one."""

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSystemTrayIcon
from pytestqt.qtbot import QtBot

from tests.ui import scenes
from tokentray.ui.tray import Tray

Reason = QSystemTrayIcon.ActivationReason


@pytest.fixture(name="tray")
def tray_fixture(qtbot: QtBot) -> Tray:
    del qtbot
    return Tray(None)


def entries(tray: Tray) -> list[QAction]:
    return [action for action in tray.menu.actions() if action.isVisible()]


def test_tooltip_is_the_three_lines(tray: Tray) -> None:
    snapshot = scenes.ordinary()
    tray.show_snapshot(snapshot)
    assert tray.icon.toolTip() == "\n".join(snapshot.lines)


def test_menu_begins_with_open_and_the_lines(tray: Tray) -> None:
    texts = [action.text() for action in entries(tray)]
    assert texts == ["Open TokenTray", "", "Refresh", "History", "Export month", "Settings", "Quit"]
    tray.show_snapshot(scenes.ordinary())
    shown = entries(tray)
    assert shown[0].text() == "Open TokenTray"
    assert [action.text() for action in shown[1:4]] == list(scenes.ordinary().lines)
    assert [action.isEnabled() for action in shown[1:4]] == [False] * 3
    assert shown[4].isSeparator()
    assert [action.text() for action in shown[5:]] == ["Refresh", "History", "Export month", "Settings", "Quit"]


def test_an_ampersand_is_no_shortcut(tray: Tray) -> None:
    tray.show_snapshot(scenes.ordinary()._replace(lines=("R&D ≈ $1", "b", "c")))
    assert entries(tray)[1].text() == "R&&D ≈ $1"


def test_the_icon_is_set_only_when_it_looks_different(tray: Tray) -> None:
    base = scenes.ordinary()
    tray.show_snapshot(base)
    before = tray.icon.icon().cacheKey()
    tray.show_snapshot(base._replace(taken_at_utc=base.taken_at_utc + 60, as_of_text="as of 12:00"))
    assert tray.icon.icon().cacheKey() == before
    tray.show_snapshot(scenes.one_failing())
    assert tray.icon.icon().cacheKey() != before


def test_the_icon_follows_the_mode_while_running(tray: Tray) -> None:
    base = scenes.ordinary()
    tray.show_snapshot(base)
    ring = tray.icon.icon().cacheKey()
    tray.show_snapshot(base._replace(icon_mode="amount"))
    amount = tray.icon.icon().cacheKey()
    tray.show_snapshot(base._replace(icon_mode="mark"))
    assert len({ring, amount, tray.icon.icon().cacheKey()}) == 3


def test_clicks(tray: Tray, qtbot: QtBot) -> None:
    asked: list[str] = []
    tray.toggle_asked.connect(lambda: asked.append("toggle"))
    tray.refresh_asked.connect(lambda: asked.append("refresh"))
    tray.open_asked.connect(lambda: asked.append("open"))
    tray.on_activated(Reason.Trigger)
    tray.on_activated(Reason.Trigger)
    tray.on_activated(Reason.DoubleClick)
    assert asked == ["toggle"], "a double click is two clicks on some desktops, and means one"
    qtbot.wait(320)
    tray.on_activated(Reason.Trigger)
    tray.on_activated(Reason.MiddleClick)
    assert asked == ["toggle", "toggle", "refresh"]
    tray.on_activated(Reason.Context)
    qtbot.waitUntil(lambda: asked[-1] == "open", timeout=500)


def test_every_entry_asks(tray: Tray, qtbot: QtBot) -> None:
    for text, signal in (
        ("Open TokenTray", tray.open_asked),
        ("Refresh", tray.refresh_asked),
        ("History", tray.history_asked),
        ("Export month", tray.export_asked),
        ("Settings", tray.settings_asked),
        ("Quit", tray.quit_asked),
    ):
        with qtbot.waitSignal(signal):
            next(action for action in entries(tray) if action.text() == text).trigger()
