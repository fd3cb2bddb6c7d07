"""Opens the history window and feeds it: made when first asked for, and let go of with all it holds when closed."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from tokentray.question import Question
from tokentray.requests import Answer
from tokentray.snapshot import Snapshot
from tokentray.ui.bridge import Bridge, Engine
from tokentray.ui.memory import give_back
from tokentray.ui.state import State

if TYPE_CHECKING:
    from tokentray.ui.history.window import HistoryWindow

_GIVE_BACK_AFTER_MS = 500


class HistoryOwner(QObject):
    """One history window at most. Until it is first opened nothing of it is loaded."""

    settings_asked = Signal(str)
    export_asked = Signal(object)
    """A day of the month that is to be exported."""

    def __init__(self, engine: Engine, bridge: Bridge, state: State, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._bridge = bridge
        self._state = state
        self._shown: Snapshot | None = None
        self.window: HistoryWindow | None = None
        # By then the thread of reports has ended as well.
        self._gone = QTimer(self, singleShot=True, interval=_GIVE_BACK_AFTER_MS)
        self._gone.timeout.connect(self._on_gone)
        bridge.snapshot_changed.connect(self._on_snapshot)
        bridge.answered.connect(self._on_answer)
        bridge.report_changed.connect(self._on_report)

    def open(self, question: Question | None = None) -> None:
        """Show it on a question; on the one it showed last where there is none."""
        if self.window is None:
            from tokentray.ui.history.window import HistoryWindow

            self.window = HistoryWindow(self._engine.reports, self._engine.submit, self._state.history)
            self.window.settings_asked.connect(self.settings_asked)
            self.window.export_asked.connect(self.export_asked)
            self.window.refresh_asked.connect(self._engine.refresh)
            self.window.closed.connect(self._on_closed)
        self.window.open_on(question)
        if self._bridge.shown is not None:
            self.window.show_snapshot(self._bridge.shown)

    def look_again(self) -> None:
        """Show what may have been written to the history: not all of it makes another snapshot."""
        if self.window is not None:
            self.window.history_changed()

    def hide(self) -> None:
        """Leave the screen at once; how it was is remembered."""
        if self.window is not None:
            self._state.keep_history(self.window.state())
            self.window.hide()

    def _on_snapshot(self, snapshot: Snapshot) -> None:
        """How well its sources are read, and what may have come of it."""
        before, self._shown = self._shown, snapshot
        if self.window is not None:
            self.window.show_snapshot(snapshot)
            if not _only_counts_on(before, snapshot):
                has_ended = before is not None and before.progress is not None and snapshot.progress is None
                self.window.history_changed(at_once=has_ended)

    def _on_answer(self, answer: Answer) -> None:
        """What was asked in another window, such as a charge of last year, changes what is shown as well."""
        if self.window is not None and not self.window.take_answer(answer):
            self.window.history_changed()

    def _on_report(self, report: object) -> None:
        if self.window is not None:
            self.window.show_report(report)

    def _on_closed(self) -> None:
        if self.window is not None:
            self._state.keep_history(self.window.state())
            self.window.deleteLater()
            self.window = None
            self._gone.start()

    def _on_gone(self) -> None:
        if self.window is None:
            give_back()


def _only_counts_on(before: Snapshot | None, after: Snapshot) -> bool:
    """Whether a snapshot tells no more than how far a read has come: nothing was written to the history for it."""
    return before is not None and after.progress is not None and before._replace(progress=after.progress) == after
