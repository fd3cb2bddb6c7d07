"""From the engine's thread to the main one: the newest snapshot and setup, at most four times a second, and answers.

The engine calls its listeners from a thread of its own. Nothing of Qt may be touched there, so a listener only
lays the value down and sends one queued signal. Of snapshots and setups, what came in between is forgotten, since
each is whole; answers and what is told of exports all arrive, in their order. Reports are waited for, so they come at
once.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from tokentray.question import Question
from tokentray.report import Report
from tokentray.requests import AccountRequest, Answer, Request
from tokentray.setup import Setup
from tokentray.snapshot import Snapshot

if TYPE_CHECKING:
    from tokentray.engine.exporter import ExportProgress, Preview
    from tokentray.export.job import Job, Outcome

LEAST_GAP_S = 0.25


class Reports(Protocol):
    """Where the history window has its questions answered."""

    def ask(self, question: Question) -> None:
        """Have a question answered, unless a newer one comes; returns at once."""
        ...

    def listen(self, listener: Callable[[Report], None]) -> None:
        """Have `listener` called with every report, from another thread."""
        ...

    def rest(self) -> None:
        """Let go of all that is kept for answers, until the next question; returns at once."""
        ...


class Exports(Protocol):
    """Where the export window has months shown and written."""

    def preview(self, month: date, redact: bool) -> None:
        """Have a month made as it would be written, unless a newer one is asked for; returns at once."""
        ...

    def run(self, job: "Job") -> None:
        """Have a month written; returns at once."""
        ...

    def listen(self, listener: "Callable[[Outcome | ExportProgress | Preview], None]") -> None:
        """Have `listener` called with previews, progress and outcomes, from another thread."""
        ...

    def rest(self) -> None:
        """Let go of what is kept for previews; what is being written is finished. Returns at once."""
        ...


class Engine(Protocol):
    """What the UI asks of the engine."""

    @property
    def reports(self) -> Reports:
        """Where reports are made."""
        ...

    @property
    def exporter(self) -> Exports:
        """Where months are written."""
        ...

    def start(self) -> None:
        """Start its thread. Listeners are called at once with what is stored."""
        ...

    def refresh(self) -> None:
        """Ask for a read now, of logs and accounts; returns at once."""
        ...

    def glance(self) -> None:
        """Ask for a read of what is due, since somebody looks; accounts keep to their times. Returns at once."""
        ...

    def look_again(self) -> None:
        """Show what another process may have changed in the history; returns at once."""
        ...

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        """Have `listener` called with every new snapshot, from another thread."""
        ...

    def submit(self, request: Request | AccountRequest) -> int:
        """Have a change carried out; returns its id at once. What came of it is told as an Answer."""
        ...

    def network_changed(self, online: bool, metered: bool) -> None:
        """Say whether there is a network, and whether it is paid by use; returns at once."""
        ...

    def want_setup(self, wanted: bool) -> None:
        """Whether a window shows the setup: it is made now and after each change, for as long as it is wanted."""
        ...

    def listen_setup(self, listener: Callable[[Setup], None]) -> None:
        """Have `listener` called with every new setup, from another thread."""
        ...

    def listen_answers(self, listener: Callable[[Answer], None]) -> None:
        """Have `listener` called with what came of each request, from another thread."""
        ...

    def stop(self, timeout_s: float) -> bool:
        """Stop within `timeout_s`; True when all of it ended in time."""
        ...


class _Lane(QObject):
    """Hands values of one kind to the main thread, the newest only, with a pause between two."""

    changed = Signal(object)
    _arrived = Signal()

    def __init__(self, parent: QObject, *, as_they_come: bool = False) -> None:
        """as_they_come: at once and whether they differ or not, for somebody waits for each."""
        super().__init__(parent)
        self._as_they_come = as_they_come
        self._lock = threading.Lock()
        self._newest: object = None
        self._announced = False
        self._open = True
        self.shown: object = None
        self._shown_at_s = float("-inf")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self.deliver)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    def receive(self, value: object) -> None:
        """May be called from any thread, also after `close`."""
        with self._lock:
            self._newest = value
            if self._announced or not self._open:
                return
            self._announced = True
            # Under the lock, so that close() cannot come between the check and the signal.
            self._arrived.emit()

    def close(self) -> None:
        with self._lock:
            self._open = False
        self._pause.stop()

    def deliver(self) -> None:
        """Send what waits, without a pause."""
        with self._lock:
            value, self._newest = self._newest, None
            self._announced = False
            if not self._open:
                return
        if self._as_they_come and value is not None:
            self.changed.emit(value)
            return
        if value is None or value == self.shown:
            return
        self.shown = value
        self._shown_at_s = time.monotonic()
        self.changed.emit(value)

    def _on_arrived(self) -> None:
        wait_s = self._shown_at_s + LEAST_GAP_S - time.monotonic()
        if wait_s <= 0:
            self.deliver()
        elif not self._pause.isActive():
            self._pause.start(int(wait_s * 1000) + 1)


class Bridge(QObject):
    """Hands what the engine tells to the main thread. Made there, and lives there."""

    snapshot_changed = Signal(object)
    """The newest Snapshot, in the main thread. Not sent when nothing differs."""
    setup_changed = Signal(object)
    """The newest Setup, in the same way."""
    report_changed = Signal(object)
    """The newest Report, at once: it answers a question of the history window, the same again if it was asked again."""
    answered = Signal(object)
    """Each Answer, after the setup that was told before it."""
    export_told = Signal(object)
    """Each preview, progress and outcome of an export, in their order."""
    _answer_arrived = Signal()
    _export_arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._snapshots = _Lane(self)
        self._snapshots.changed.connect(self.snapshot_changed)
        self._setups = _Lane(self)
        self._setups.changed.connect(self.setup_changed)
        self._reports = _Lane(self, as_they_come=True)
        self._reports.changed.connect(self.report_changed)
        self._answers: deque[Answer] = deque()
        self._exports: deque[object] = deque()
        self._lock = threading.Lock()
        self._open = True
        self._answer_arrived.connect(self._on_answer, Qt.ConnectionType.QueuedConnection)
        self._export_arrived.connect(self._on_export, Qt.ConnectionType.QueuedConnection)

    @property
    def shown(self) -> Snapshot | None:
        """The snapshot last sent, None before the first."""
        shown = self._snapshots.shown
        return shown if isinstance(shown, Snapshot) else None

    @property
    def setup(self) -> Setup | None:
        """The setup last sent, None before the first."""
        shown = self._setups.shown
        return shown if isinstance(shown, Setup) else None

    def receive(self, snapshot: Snapshot) -> None:
        """The engine's listener. May be called from any thread, also after `close`."""
        self._snapshots.receive(snapshot)

    def receive_setup(self, setup: Setup) -> None:
        """The engine's listener for setups."""
        self._setups.receive(setup)

    def receive_report(self, report: Report) -> None:
        """The listener for reports."""
        self._reports.receive(report)

    def receive_answer(self, answer: Answer) -> None:
        """The engine's listener for answers."""
        with self._lock:
            if self._open:
                self._answers.append(answer)
                self._answer_arrived.emit()

    def receive_export(self, told: "Outcome | ExportProgress | Preview") -> None:
        """The listener for exports."""
        with self._lock:
            if self._open:
                self._exports.append(told)
                self._export_arrived.emit()

    def close(self) -> None:
        """Deliver nothing any more, whatever the engine still sends."""
        with self._lock:
            self._open = False
        self._snapshots.close()
        self._setups.close()
        self._reports.close()

    def _on_answer(self) -> None:
        with self._lock:
            answers = list(self._answers) if self._open else []
            self._answers.clear()
        if answers:
            self._setups.deliver()
        for answer in answers:
            self.answered.emit(answer)

    def _on_export(self) -> None:
        with self._lock:
            told = list(self._exports) if self._open else []
            self._exports.clear()
        for one in told:
            self.export_told.emit(one)
