"""What a person does with the settings window by mouse and by keys, for tests."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.fake_engine import FakeEngine
from tests.ui.settings_scenes import Stage
from tokentray.ui.forms.controls import Combo
from tokentray.ui.settings.window import SettingsWindow

Put = Callable[[Stage], Stage]
"""Shows a stage's window, with the keyboard in it."""
Run = Callable[..., tuple[FakeEngine, SettingsWindow]]
"""Shows a window over an engine: a setup, the page, and how the engine is."""


def show(window: SettingsWindow, qtbot: QtBot) -> None:
    with qtbot.waitExposed(window):
        window.open()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def focused() -> QWidget:
    holder: QWidget | None = QApplication.focusWidget()
    assert holder is not None
    return holder


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(focused(), key, modifier)
    QApplication.processEvents()  # what comes of it is shown


def keys(text: str) -> None:
    QTest.keyClicks(focused(), text)


def click(button: QAbstractButton) -> None:
    QApplication.processEvents()  # what was just shown takes its place
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, button.height() // 2))


def choose(combo: Combo, value: str) -> None:
    """As a person does with the keyboard: open the list, go to the entry, take it."""
    combo.setFocus()
    press(Qt.Key.Key_Down)
    view = combo.view()
    view.setCurrentIndex(combo.model().index(combo.findData(value), 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    combo.window().activateWindow()  # the offscreen platform forgets it when a list closes


def titles(window: SettingsWindow) -> list[str]:
    """The names of all pages, in order."""
    return [window.nav.item(row).text() for row in range(window.nav.count())]


def to_the_stop(name: str) -> QWidget:
    """Press Tab until the stop of that name has the keyboard."""
    for _ in range(60):
        if focused().accessibleName() == name or getattr(focused(), "text", str)() == name:
            return focused()
        press(Qt.Key.Key_Tab)
    raise AssertionError(f"Tab does not come to {name}")
