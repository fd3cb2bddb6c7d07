"""The plain window, for desktops that have no tray: what the popover shows, in an ordinary frame.

It keeps the app reachable, so closing it minimises it while there is no tray.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QMainWindow

from tokentray.snapshot import Snapshot
from tokentray.ui.popover import TITLE
from tokentray.ui.view import SnapshotView


def tray_advice(desktop: str) -> str:
    """What to say where no tray shows up. desktop: XDG_CURRENT_DESKTOP, such as "ubuntu:GNOME"."""
    name = desktop.upper()
    if "GNOME" in name:
        how = (
            "GNOME shows one with the extension “AppIndicator and KStatusNotifierItem Support” "
            "from extensions.gnome.org."
        )
    elif "SWAY" in name or "HYPRLAND" in name or "WLROOTS" in name:
        how = "Waybar has one: add “tray” to its modules."
    elif "XFCE" in name:
        how = "Add “Status Tray Plugin” to the panel: right click on it, Panel, Add New Items."
    else:
        how = "Add a system tray, or status notifier, to your panel."
    return f"This desktop shows no tray icons, so TokenTray lives in this window. {how}"


class Window(QMainWindow):
    """The view in a window of its own."""

    woken = Signal()
    """It was closed or brought to the front: a moment to look whether a tray has come."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.view = SnapshotView()
        self.setCentralWidget(self.view)
        self.has_tray = False
        self.is_leaving = False
        """Whether the app ends: a window that refuses to close then keeps Qt from ending."""
        QShortcut(QKeySequence("Ctrl+R"), self).activated.connect(self.view.refresh_asked.emit)
        QShortcut(QKeySequence("Ctrl+H"), self).activated.connect(self.view.history.click)
        QShortcut(QKeySequence("Ctrl+E"), self).activated.connect(self.view.export.click)
        QShortcut(QKeySequence("Ctrl+,"), self).activated.connect(self.view.settings.click)
        QShortcut(QKeySequence("Esc"), self).activated.connect(self.close)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.view.show_snapshot(snapshot)

    def open_with(self, notice: str) -> None:
        """Show it, or bring it to the front, with a remark above the figures."""
        self.view.show_notice(notice)
        if not self.isVisible():
            width = self.view.wished_width()
            screen = QGuiApplication.primaryScreen().availableGeometry()
            self.resize(width, min(screen.height() * 4 // 5, self.view.wished_height(width)))
            self.setMinimumWidth(width)
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        self.view.focus_first()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.woken.emit()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        self.woken.emit()
        if self.has_tray or self.is_leaving:
            super().closeEvent(event)
        else:
            event.ignore()
            self.showMinimized()
