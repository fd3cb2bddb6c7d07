"""Menus of the table and the chart. Names from logs stand in them as they are."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from tokentray.ui.history.tips import visible

_LONGEST = 40


class StayingMenu(QMenu):
    """A menu that stays open while things in it are ticked, as several often are."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        if not self._tick(self.actionAt(event.position().toPoint())):
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        if event.key() != Qt.Key.Key_Space or not self._tick(self.activeAction()):
            super().keyPressEvent(event)

    def _tick(self, action: QAction | None) -> bool:
        if action is None or not action.isCheckable() or not action.isEnabled():
            return False
        action.trigger()
        return True


def plain_menu(parent: QWidget, *, stays: bool = False) -> QMenu:
    """A menu that is gone once it is closed."""
    menu = StayingMenu(parent) if stays else QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu


def add(menu: QMenu, text: str, act: Callable[[], object], key: QKeySequence | None = None) -> QAction:
    """An entry that does something. key: shown beside it; whoever opens the menu listens for it."""
    action = menu.addAction(text)
    if key is not None:
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
    action.triggered.connect(lambda _checked=False: act())
    return action


def quoted(text: str) -> str:
    """A name as part of an entry: short, in quotes, and with no letter underlined."""
    shown = visible(text)
    if len(shown) > _LONGEST:
        shown = f"{shown[: _LONGEST - 1]}…"
    return "“" + shown.replace("&", "&&") + "”"
