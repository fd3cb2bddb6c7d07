"""Opens the window that exports a month and feeds it: made when first asked for, let go of once it is closed."""

from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from tokentray.requests import Answer
from tokentray.setup import Setup
from tokentray.snapshot import Snapshot
from tokentray.ui.bridge import Bridge, Engine
from tokentray.ui.memory import give_back
from tokentray.ui.setupwindows import SetupWindows

if TYPE_CHECKING:
    from tokentray.ui.export.window import ExportWindow

_GIVE_BACK_AFTER_MS = 500


class ExportOwner(QObject):
    """One window at most. Until it is first opened nothing of it is loaded."""

    settings_asked = Signal(str)

    def __init__(self, engine: Engine, bridge: Bridge, windows: SetupWindows, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._windows = windows
        self.window: ExportWindow | None = None
        self._gone = QTimer(self, singleShot=True, interval=_GIVE_BACK_AFTER_MS)
        self._gone.timeout.connect(self._on_gone)
        bridge.snapshot_changed.connect(self._on_snapshot)
        bridge.setup_changed.connect(self._on_setup)
        bridge.answered.connect(self._on_answer)
        bridge.export_told.connect(self._on_told)

    def open(self, month: date | None = None) -> None:
        """Show it on a month; without, on the newest that is over."""
        if self.window is None:
            from tokentray.ui.export.window import ExportWindow

            self.window = ExportWindow(self._engine.exporter, self._engine.submit)
            self.window.settings_asked.connect(self.settings_asked)
            self.window.closed.connect(self._on_closed)
        self.window.open_on(month)
        self._windows.want_elsewhere(True)
        if self._bridge.setup is not None:
            self.window.show_setup(self._bridge.setup)
        if self._bridge.shown is not None:
            self.window.show_problems(self._bridge.shown.problems)

    def hide(self) -> None:
        """Leave the screen at once."""
        if self.window is not None:
            self.window.hide()

    def look_again(self) -> None:
        """Show what may have been written to the history."""
        if self.window is not None:
            self.window.look_again()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        if self.window is not None:
            self.window.show_problems(snapshot.problems)
            self.window.look_again()

    def _on_setup(self, setup: Setup) -> None:
        if self.window is not None:
            self.window.show_setup(setup)

    def _on_answer(self, answer: Answer) -> None:
        """What was told in another window, such as who pays, changes the month as well."""
        if self.window is not None and not self.window.take_answer(answer):
            self.window.look_again()

    def _on_told(self, told: object) -> None:
        window = self.window
        if window is None:
            return
        was_running = window.is_running
        window.take(told)
        if was_running and not window.is_running and not window.isVisible():
            # It was closed while files were written: what failed is still to be seen.
            if window.result.refusals:
                self.open()
            else:
                self._on_closed()

    def _on_closed(self) -> None:
        window = self.window
        if window is None:
            return
        self._windows.want_elsewhere(False)
        if window.is_running:
            return
        self._engine.exporter.rest()
        window.deleteLater()
        self.window = None
        self._gone.start()

    def _on_gone(self) -> None:
        if self.window is None:
            give_back()
