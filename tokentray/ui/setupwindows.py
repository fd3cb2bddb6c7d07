"""The windows in which the person tells things: made when first opened, fed while one of them is open.

Until then nothing of them is loaded, and the engine makes no setups: a tray that is only looked at pays for neither.
"""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from tokentray.requests import Answer
from tokentray.setup import Setup
from tokentray.snapshot import Snapshot
from tokentray.ui import view
from tokentray.ui.bridge import Bridge, Engine

if TYPE_CHECKING:
    from tokentray.ui.firstrun.window import FirstRun
    from tokentray.ui.settings.window import SettingsWindow


class SetupWindows(QObject):
    """The settings and the window of the first start, one of each at most."""

    figures_asked = Signal()
    """The first start is done: what came of it is to be seen, and where it will be found from now on."""

    def __init__(self, engine: Engine, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._wanted = self._wanted_elsewhere = False
        self.settings: SettingsWindow | None = None
        self.first_run: FirstRun | None = None
        bridge.snapshot_changed.connect(self._on_snapshot)
        bridge.setup_changed.connect(self._on_setup)
        bridge.answered.connect(self._on_answer)

    def open_settings(self, page: str = "") -> None:
        """Show the settings: at a page or an account that a view leads to, or at the page last seen."""
        from tokentray.ui.settings import window

        if self.settings is None:
            self.settings = window.SettingsWindow(self._engine.submit)
            self.settings.closed.connect(self._want)
            self.settings.first_run_asked.connect(self.open_first_run)
            self.settings.refresh_asked.connect(self._engine.refresh)
        self._feed(self.settings)
        kind, _, number = page.partition(":")
        if kind == "account" and number.isdigit():
            self.settings.open_account(int(number))
        else:
            self.settings.open(
                {view.ACCOUNTS: window.ACCOUNTS, view.AGENTS: window.AGENTS, view.REFERENCES: window.REFERENCES}.get(
                    page, page
                )
            )
        self._want()

    def open_first_run(self) -> None:
        """Show the window of the first start."""
        if self.first_run is None:
            from tokentray.ui.firstrun.window import FirstRun

            self.first_run = FirstRun(self._engine.submit)
            self.first_run.closed.connect(self._on_first_run_closed)
            self.first_run.finished.connect(self._on_first_run_finished)
            self.first_run.settings_asked.connect(self.open_settings)
            self._feed(self.first_run)
            if self._bridge.shown is not None:
                self._on_snapshot(self._bridge.shown)
        self.first_run.open()
        self._want()

    def want_elsewhere(self, wanted: bool) -> None:
        """Whether a window of another owner shows what the person told, too."""
        self._wanted_elsewhere = wanted
        self._want()

    def hide(self) -> None:
        """Leave the screen at once."""
        for window in (self.settings, self.first_run):
            if window is not None:
                window.hide()

    def _feed(self, window: "SettingsWindow | FirstRun") -> None:
        """Begin with what is known already; what has changed since follows."""
        if self._bridge.setup is not None:
            window.show_setup(self._bridge.setup)

    def _want(self) -> None:
        """Ask for setups while a window is open, and for none once the last was closed."""
        first_run = self.first_run is not None and self.first_run.is_open
        settings = self.settings is not None and self.settings.isVisible()
        wanted = first_run or settings or self._wanted_elsewhere
        if wanted != self._wanted:
            self._wanted = wanted
            self._engine.want_setup(wanted)

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        """Where no setup can be made, the figures' own problems say why."""
        if self.first_run is not None and not self.first_run.has_setup:
            self.first_run.show_problems(snapshot.problems)

    def _on_setup(self, setup: Setup) -> None:
        for window in (self.settings, self.first_run):
            if window is not None:
                window.show_setup(setup)

    def _on_answer(self, answer: Answer) -> None:
        for window in (self.settings, self.first_run):
            if window is not None and window.take_answer(answer):
                return

    def _on_first_run_closed(self) -> None:
        """Let go of it: it is seldom seen again, and then begins anew."""
        if self.first_run is not None:
            self.first_run.deleteLater()
            self.first_run = None
        self._want()

    def _on_first_run_finished(self) -> None:
        """Who came from the settings goes on there."""
        if self.settings is None or not self.settings.isVisible():
            self.figures_asked.emit()
