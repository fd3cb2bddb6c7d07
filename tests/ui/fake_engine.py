"""An engine that plays scenes, for tests and for looking: `python -m tests.ui.fake_engine [--hangs]
[--patience S] [SCENE …]`.

It keeps the contract of the real one: listeners are called from a thread of its own, at once with what is
known, and again on each refresh, which moves on to the next scene.
"""

import queue
import sys
import threading
from collections.abc import Callable, Sequence

from tests.ui.scenes import SCENES
from tokentray.snapshot import Snapshot


class FakeEngine:
    """Plays snapshots. `hangs` makes it one that never stops."""

    def __init__(self, snapshots: Sequence[Snapshot], *, hangs: bool = False) -> None:
        self._snapshots = list(snapshots)
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._hangs = hangs
        self._thread = threading.Thread(target=self._play, name="fake-engine", daemon=not hangs)
        self.refreshes = 0

    def start(self) -> None:
        self._thread.start()

    def refresh(self) -> None:
        self.refreshes += 1
        self._asked.put(True)

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        self._listeners.append(listener)

    def stop(self, timeout_s: float) -> bool:
        self._asked.put(False)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _play(self) -> None:
        at = 0
        while True:
            for listener in self._listeners:
                listener(self._snapshots[at % len(self._snapshots)])
            if not self._asked.get():
                if self._hangs:
                    threading.Event().wait()
                return
            at += 1


def main(arguments: Sequence[str]) -> int:
    """The real app over these scenes. It says "ready" on stdout once its loop runs."""
    import argparse

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from tokentray.ui.app import run

    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", nargs="*", default=["ordinary"])
    parser.add_argument("--hangs", action="store_true")
    parser.add_argument("--patience", type=float, default=10.0)
    options = parser.parse_args(arguments)
    application = QApplication(sys.argv[:1])
    QTimer.singleShot(200, application, lambda: print("ready", flush=True))
    snapshots = [SCENES[name]() for name in options.scenes]
    return run(FakeEngine(snapshots, hangs=options.hangs), tray_patience_s=options.patience)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
