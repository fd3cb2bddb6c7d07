"""The icon in the tray: its picture, its tooltip, its menu, and what clicks on it mean.

A tray host gets every picture in all sizes over the bus, so picture and texts are set only when they differ
from what is shown. Texts of the menu follow the snapshot, not the moment the menu opens: hosts draw it
themselves and ask when they like.
"""

import sys
import time

from PySide6.QtCore import QObject, QRect, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from tokentray.snapshot import Snapshot
from tokentray.ui import icons
from tokentray.ui.widgets import plain_tip

_GUARD_S = 0.3
"""Two clicks within this are one: under StatusNotifierItem a double click is two."""


class Tray(QObject):
    """One icon. Made only once a tray host is there: an icon made before would stay with the old protocol."""

    open_asked = Signal()
    """Show the popover."""
    toggle_asked = Signal()
    """Show it, or hide it when it is shown."""
    refresh_asked = Signal()
    history_asked = Signal()
    export_asked = Signal()
    settings_asked = Signal()
    quit_asked = Signal()

    def __init__(self, snapshot: Snapshot | None) -> None:
        super().__init__()
        self._spec: icons.IconSpec | None = None
        self._tooltip = ""
        self._clicked_at_s = float("-inf")
        self.menu = QMenu()
        self._open = self._action("Open TokenTray", self.open_asked)
        self._lines = [QAction(self.menu) for _ in range(3)]
        for line in self._lines:
            line.setEnabled(False)
            line.setVisible(False)
            self.menu.addAction(line)
        self.menu.addSeparator()
        self._action("Refresh", self.refresh_asked)
        self._action("History", self.history_asked)
        self._action("Export month", self.export_asked)
        self._action("Settings", self.settings_asked)
        self._action("Quit", self.quit_asked)
        self.icon = QSystemTrayIcon()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self.on_activated)
        self.show_snapshot(snapshot)
        self.icon.show()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Picture, tooltip and menu for a snapshot; None before the first."""
        spec = icons.spec_for(snapshot, template=sys.platform == "darwin")
        if spec != self._spec:
            self._spec = spec
            self.icon.setIcon(icons.icon(spec))
        lines = snapshot.lines if snapshot else ("TokenTray",)
        tooltip = plain_tip("\n".join(lines))
        if tooltip == self._tooltip:
            return
        self._tooltip = tooltip
        self.icon.setToolTip(tooltip)
        if snapshot:
            for action, text in zip(self._lines, snapshot.lines, strict=True):
                # An ampersand would underline the next letter.
                action.setText(text.replace("&", "&&"))
                action.setVisible(bool(text))

    def geometry(self) -> QRect:
        """Where the icon is; empty on most of Linux."""
        return self.icon.geometry()

    def hide(self) -> None:
        self.icon.hide()

    def on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        """A click on the icon."""
        reasons = QSystemTrayIcon.ActivationReason
        if reason == reasons.MiddleClick:
            self.refresh_asked.emit()
        elif reason == reasons.Trigger and sys.platform != "darwin":  # there a click opens the menu
            now_s = time.monotonic()
            if now_s - self._clicked_at_s >= _GUARD_S:
                self._clicked_at_s = now_s
                self.toggle_asked.emit()
        elif reason == reasons.Context:
            # Some hosts open the menu themselves and some nothing at all; after this turn of the loop it is
            # known.
            QTimer.singleShot(0, self._on_context)

    def _on_context(self) -> None:
        if not self.menu.isVisible():
            self.open_asked.emit()

    def _action(self, text: str, signal: SignalInstance) -> QAction:
        action = self.menu.addAction(text)
        action.triggered.connect(signal)
        return action
