"""The tray app: puts engine, bridge, tray, popover and window together, and takes them apart in two seconds.

QT_QPA_PLATFORMTHEME is left as the person's desktop has it. The generic theme would save memory on GTK
desktops (measured under XFCE with the popover open: 68 MiB instead of 87) and about 0.05 s at the start, but
the windows would then stay light on a dark desktop and lose its font and accent colour.
"""

import logging
import os
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from tokentray.doorbell import SHOW
from tokentray.paths import Paths, make_private, runtime_folder
from tokentray.snapshot import Snapshot, SnapshotState
from tokentray.ui import icons
from tokentray.ui.bridge import Bridge, Engine
from tokentray.ui.exportowner import ExportOwner
from tokentray.ui.garbage import Garbage
from tokentray.ui.historyowner import HistoryOwner
from tokentray.ui.instance import Instance
from tokentray.ui.network import NetworkWatch
from tokentray.ui.popover import TITLE, Popover
from tokentray.ui.setupwindows import SetupWindows
from tokentray.ui.signals import SignalWatch
from tokentray.ui.state import State
from tokentray.ui.tray import Tray
from tokentray.ui.trayhost import TrayHost
from tokentray.ui.view import SnapshotView
from tokentray.ui.window import Window, tray_advice

_log = logging.getLogger(__name__)

TRAY_PATIENCE_S = 10.0
"""How long to wait for a tray before the window is shown instead."""
_ENGINE_STOP_S = 1.5
_QUIT_WITHIN_S = 1.8
_LAST_WORDS_S = 0.1
_REOPEN_GUARD_S = 0.3
"""A click on the icon takes the focus from the popover, which closes it; it must not open it again."""


class App(QObject):
    """Everything that is seen, and who asks whom."""

    history_asked = Signal(object)
    """The history window is to open on a Question, or on what it showed last for None."""

    def __init__(self, engine: Engine, patience_s: float, state: State | None = None) -> None:
        """state: what is remembered between starts; without, nothing is."""
        super().__init__()
        self._engine = engine
        self.bridge = Bridge(self)
        self.bridge.snapshot_changed.connect(self._on_snapshot)
        self.popover = Popover()
        self.tray: Tray | None = None
        self.window: Window | None = None
        self.host = TrayHost(round(patience_s * 1000), self)
        self.host.found.connect(self._on_tray_found)
        self.host.missing.connect(self._on_tray_missing)
        self.windows = SetupWindows(engine, self.bridge, self)
        self.windows.figures_asked.connect(self.open)
        self.history = HistoryOwner(engine, self.bridge, state or State(None), self)
        self.history.settings_asked.connect(self.windows.open_settings)
        self.history_asked.connect(self.history.open)
        self.exports = ExportOwner(engine, self.bridge, self.windows, self)
        self.exports.settings_asked.connect(self.windows.open_settings)
        self.history.export_asked.connect(self.exports.open)
        self.network = NetworkWatch(engine, self)
        self._first_run_shown = False
        self._listen_to(self.popover.view)

    def start(self) -> None:
        """Look for the tray, then start the engine: what is stored comes in by the first turn of the loop."""
        self.host.start()
        self._engine.listen(self.bridge.receive)
        self._engine.listen_setup(self.bridge.receive_setup)
        self._engine.listen_answers(self.bridge.receive_answer)
        self._engine.reports.listen(self.bridge.receive_report)
        self._engine.exporter.listen(self.bridge.receive_export)
        self._engine.start()
        self.network.start()

    def refresh(self) -> None:
        self._engine.refresh()

    def look_again(self) -> None:
        """Show what another process has changed."""
        self._engine.look_again()
        self.history.look_again()
        self.exports.look_again()

    def open(self) -> None:
        """Show the popover, or the window where there is no tray. Who looks wants what is true now: read again."""
        self._engine.glance()
        if self.tray is None:
            self._on_tray_missing()
            return
        self.popover.open_at(self.tray.geometry())

    def toggle(self) -> None:
        if self.popover.isVisible():
            self.popover.hide()
        elif self.popover.hidden_for_s >= _REOPEN_GUARD_S:
            self.open()

    def quit(self) -> None:
        """Have Qt's loop end, once its windows are closed."""
        if self.window:
            self.window.is_leaving = True
        QGuiApplication.quit()

    def hide(self) -> None:
        """Leave the screen at once; the engine may take a moment more."""
        self.bridge.close()
        self.network.stop()
        if self.tray:
            self.tray.hide()
        self.popover.hide()
        self.windows.hide()
        self.history.hide()
        self.exports.hide()
        if self.window:
            self.window.hide()
        QGuiApplication.sync()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if self.tray:
            self.tray.show_snapshot(snapshot)
        self.popover.show_snapshot(snapshot)
        if self.window:
            self.window.show_snapshot(snapshot)
        self._show_first_run()

    def _show_first_run(self) -> None:
        """Once in a run, as soon as there is a place on the desktop where the app lives."""
        snapshot = self.bridge.shown
        if snapshot is None or self._first_run_shown or not (self.tray or self.window):
            return
        self._first_run_shown = True
        if snapshot.first_run:
            self.windows.open_first_run()

    def _listen_to(self, view: SnapshotView) -> None:
        view.refresh_asked.connect(self.refresh)
        view.history_asked.connect(self.history_asked)
        view.export_asked.connect(self.exports.open)
        view.settings_asked.connect(self.windows.open_settings)
        view.quit_asked.connect(self.quit)

    def _on_tray_found(self) -> None:
        tray = Tray(self.bridge.shown)
        tray.open_asked.connect(self.open)
        tray.toggle_asked.connect(self.toggle)
        tray.refresh_asked.connect(self.refresh)
        tray.history_asked.connect(lambda: self.history_asked.emit(None))
        tray.export_asked.connect(self.exports.open)
        tray.settings_asked.connect(self.windows.open_settings)
        tray.quit_asked.connect(self.quit)
        self.tray = tray
        if self.window:
            self.window.has_tray = True
            self.window.view.show_notice("")
        self._show_first_run()

    def _on_tray_missing(self) -> None:
        if self.window is None:
            self.window = Window()
            self._listen_to(self.window.view)
            self.window.woken.connect(self.host.look)
            if self.bridge.shown:
                self.window.show_snapshot(self.bridge.shown)
        self.window.open_with(tray_advice(os.environ.get("XDG_CURRENT_DESKTOP", "")))
        self._show_first_run()


def run(
    engine: Engine, *, places: Paths | None = None, tray_patience_s: float = TRAY_PATIENCE_S, opening: bytes = b""
) -> int:
    """Show the tray app until it is quit. Returns the exit status; leaves the process where threads hang.

    places: the folders of the only tray there may be over them; a second start shows the first one's popover.
    opening: what else there is to open, as a message of the doorbell.
    """
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(sys.argv[:1])
    qt.setApplicationName("tokentray")
    qt.setApplicationDisplayName(TITLE)
    qt.setDesktopFileName("tokentray-desktop")
    qt.setQuitOnLastWindowClosed(False)
    qt.setWindowIcon(icons.icon(icons.IconSpec(SnapshotState.FRESH, None, 0)))
    instance = None
    if places is not None:
        runtime = runtime_folder(places)
        for folder in (places.data, runtime):
            make_private(folder)
        instance = Instance(places.data, runtime)
        if not instance.claim():
            return 0 if instance.ask_first(opening or SHOW) else _first_is_silent()
    garbage = Garbage()
    old_hook, sys.excepthook = sys.excepthook, _log_exception
    signals = SignalWatch(lambda: app.quit())  # noqa: PLW0108 - there is no app yet
    app = App(engine, tray_patience_s, State(places.state_file if places else None))
    garbage.follow(app.bridge)
    if instance is not None:
        instance.show_asked.connect(app.open)
        instance.refreshed.connect(app.look_again)
        instance.history_asked.connect(app.history_asked)
    try:
        QTimer.singleShot(0, app.start)
        if instance is not None and opening:
            QTimer.singleShot(0, instance, lambda: instance.take(opening))
        qt.exec()
    finally:
        if instance is not None:
            instance.release()
        _shut_down(app, engine, signals)
        sys.excepthook = old_hook
        garbage.stop()
    return 0


def _first_is_silent() -> int:
    sys.stderr.write("tokentray: it runs already, but does not answer. End that process, then start again\n")
    return 1


def _shut_down(app: App, engine: Engine, signals: SignalWatch) -> None:
    """Leave the screen, stop the engine, and go, whatever hangs."""
    watchdog = threading.Timer(_QUIT_WITHIN_S, _leave, ("quitting took too long",))
    watchdog.daemon = True
    watchdog.start()
    app.hide()
    ended = engine.stop(_ENGINE_STOP_S)
    mine = (threading.main_thread(), watchdog)
    left = [thread.name for thread in threading.enumerate() if thread not in mine and not thread.daemon]
    if left or not ended:
        _leave(f"still running at the end: {', '.join(left) or 'the engine'}")
    watchdog.cancel()
    signals.close()


def _leave(why: str) -> None:
    """End the process without waiting for threads; what they were reading is read again next time."""
    # In a thread, for what hangs may hold the lock of the log.
    last_words = threading.Thread(target=_flush_log, args=(why,), daemon=True)
    last_words.start()
    last_words.join(_LAST_WORDS_S)
    os._exit(0)


def _flush_log(why: str) -> None:
    _log.warning("leaving at once: %s", why)
    logging.shutdown()


def _log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """An exception in a slot skips the rest of that slot, and would otherwise be lost with the terminal."""
    _log.critical("unexpected error in the windows", exc_info=(kind, error, trace))
