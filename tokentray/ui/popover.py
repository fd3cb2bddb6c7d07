"""The popover: an ordinary window without a frame that behaves like one. Wayland gives no anchor, so there
the compositor decides where it stands.
"""

import time

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QCursor, QGuiApplication, QHideEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.snapshot import Snapshot
from tokentray.ui import theme
from tokentray.ui.placement import place
from tokentray.ui.view import SnapshotView

TITLE = "TokenTray"
_HIGHEST_SHARE = (4, 5)
"""Of the height that panels leave: beyond it, the content scrolls."""


class Popover(QWidget):
    """Shows the view near the tray, and leaves when it loses the focus."""

    def __init__(self) -> None:
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(TITLE)
        self.view = SnapshotView()
        box = QVBoxLayout(self)
        box.setContentsMargins(1, 1, 1, 1)
        box.addWidget(self.view)
        self.view.grown.connect(self._on_grown)
        self.view.history_asked.connect(self.hide)  # it would lie over the window
        self.view.export_asked.connect(self.hide)
        for keys, slot in (
            ("Esc", self.hide),
            ("Ctrl+R", self.view.refresh_asked.emit),
            ("Ctrl+H", self.view.history.click),
            ("Ctrl+E", self.view.export.click),
            ("Ctrl+,", self.view.settings.click),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(slot)
        self._had_focus = False
        self._anchor: tuple[QRect, QPoint | None] = (QRect(), None)
        self._hidden_at_s = float("-inf")

    @property
    def hidden_for_s(self) -> float:
        """Seconds since it was last hidden."""
        return time.monotonic() - self._hidden_at_s

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.view.show_snapshot(snapshot)

    def open_at(self, icon: QRect) -> None:
        """Show it near the icon, whose rectangle may be empty."""
        wayland = QGuiApplication.platformName().startswith("wayland")
        self._anchor = (icon, None if wayland else QCursor.pos())
        self._had_focus = False
        self._put()
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.focus_first()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            if self.isActiveWindow():
                self._had_focus = True
            elif self._had_focus:
                # Only what had the focus can lose it: some desktops show a new window without giving it any.
                self.hide()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        super().hideEvent(event)
        self._hidden_at_s = time.monotonic()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 (Qt's name)
        super().paintEvent(event)
        painter = QPainter(self)
        shades = theme.current()
        painter.setPen(theme.mix(shades.window, shades.text, 0.25))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _on_grown(self) -> None:
        if self.isVisible():
            self._put()

    def _put(self) -> None:
        icon, cursor = self._anchor
        place_of = icon.center() if icon.isValid() else cursor
        screen = (QGuiApplication.screenAt(place_of) if place_of else None) or QGuiApplication.primaryScreen()
        available = screen.availableGeometry()
        width = self.view.wished_width() + 2
        most = available.height() * _HIGHEST_SHARE[0] // _HIGHEST_SHARE[1]
        wished = self.view.wished_height(width - 2) + 2
        self.view.set_scrolls(wished > most)
        size = QSize(width, min(most, wished))
        self.setFixedSize(size)
        if not QGuiApplication.platformName().startswith("wayland"):
            self.move(place(size, screen.geometry(), available, icon, cursor).topLeft())
