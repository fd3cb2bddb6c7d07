"""Waits for a tray to show up, without ever ticking.

At log-in the panel is often later than we are. On Linux the host announces itself on the session bus; a bus
name is watched for that. Old X11 trays announce nothing that Qt passes on, so a few looks are taken while the
app starts, and one whenever the person comes back to the window.
"""

import sys

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QSystemTrayIcon

_WATCHER = "org.kde.StatusNotifierWatcher"
_LOOKS = 3


class TrayHost(QObject):
    """Says once that a tray is there, or that none came in time."""

    found = Signal()
    missing = Signal()

    def __init__(self, patience_ms: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._patience_ms = patience_ms
        self._done = False
        self._watcher: QObject | None = None
        self._looks = QTimer(self)
        self._looks.timeout.connect(self._on_look)
        self._looks_left = _LOOKS

    def start(self) -> None:
        """Look now, and wait if there is none."""
        if self.look():
            return
        if sys.platform not in ("win32", "darwin"):
            self._watch_bus()
        self._looks.start(max(1, self._patience_ms // _LOOKS))

    def look(self) -> bool:
        """Whether a tray is there; the first time that it is, `found` is sent."""
        if not self._done and QSystemTrayIcon.isSystemTrayAvailable():
            self._done = True
            self._looks.stop()
            self.found.emit()
        return self._done

    def _watch_bus(self) -> None:
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher  # 5 MiB, only where a tray is missing

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        mode = QDBusServiceWatcher.WatchModeFlag.WatchForRegistration
        watcher = QDBusServiceWatcher(_WATCHER, bus, mode, self)
        watcher.serviceRegistered.connect(self._on_registered)
        self._watcher = watcher

    def _on_registered(self, name: str) -> None:
        del name
        # The watcher's name is there a moment before its host is.
        if not self.look():
            QTimer.singleShot(200, self.look)
            QTimer.singleShot(1000, self.look)

    def _on_look(self) -> None:
        self._looks_left -= 1
        if self.look():
            return
        if self._looks_left <= 0:
            self._looks.stop()
            self.missing.emit()
