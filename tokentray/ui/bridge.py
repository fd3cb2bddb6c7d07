"""From the engine's thread to the main one: the newest snapshot, at most four times a second.

The engine calls its listeners from a thread of its own. Nothing of Qt may be touched there, so the listener
only lays the snapshot down and sends one queued signal; what came in between is forgotten, since a snapshot
is whole.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from tokentray.requests import Answer, Request
from tokentray.setup import Setup
from tokentray.snapshot import Snapshot

LEAST_GAP_S = 0.25


class Engine(Protocol):
    """What the UI asks of the engine."""

    def start(self) -> None:
        """Start its thread. Listeners are called at once with what is stored."""
        ...

    def refresh(self) -> None:
        """Ask for a read now; returns at once."""
        ...

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        """Have `listener` called with every new snapshot, from another thread."""
        ...

    def submit(self, request: Request) -> int:
        """Have a change carried out; returns its id at once. What came of it is told as an Answer."""
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


class Bridge(QObject):
    """Hands snapshots to the main thread. Made there, and lives there."""

    snapshot_changed = Signal(object)
    """The newest Snapshot, in the main thread. Not sent when nothing differs."""
    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: Snapshot | None = None
        self._announced = False
        self._open = True
        self._shown: Snapshot | None = None
        self._shown_at_s = float("-inf")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._deliver)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)

    @property
    def shown(self) -> Snapshot | None:
        """The snapshot last sent, None before the first."""
        return self._shown

    def receive(self, snapshot: Snapshot) -> None:
        """The engine's listener. May be called from any thread, also after `close`."""
        with self._lock:
            self._newest = snapshot
            if self._announced or not self._open:
                return
            self._announced = True
            # Under the lock, so that close() cannot come between the check and the signal.
            self._arrived.emit()

    def close(self) -> None:
        """Deliver nothing any more, whatever the engine still sends."""
        with self._lock:
            self._open = False
        self._pause.stop()

    def _on_arrived(self) -> None:
        wait_s = self._shown_at_s + LEAST_GAP_S - time.monotonic()
        if wait_s <= 0:
            self._deliver()
        elif not self._pause.isActive():
            self._pause.start(int(wait_s * 1000) + 1)

    def _deliver(self) -> None:
        with self._lock:
            snapshot, self._newest = self._newest, None
            self._announced = False
            if not self._open:
                return
        if snapshot is None or snapshot == self._shown:
            return
        self._shown = snapshot
        self._shown_at_s = time.monotonic()
        self.snapshot_changed.emit(snapshot)
