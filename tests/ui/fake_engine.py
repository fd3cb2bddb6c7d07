"""An engine that plays scenes, for tests and for looking: `python -m tests.ui.fake_engine [SCENE …]`.

It keeps the contract of the real one: listeners are called from a thread of its own, at once with what is known, and again on
each refresh, which moves on to the next scene.
"""

import queue
import sys
import threading
from collections.abc import Callable, Sequence

from tests.ui.scenes import SCENES
from tokentray.model import Snapshot


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


def main(names: Sequence[str]) -> int:
    """The real app over these scenes."""
    from tokentray.ui.app import run

    return run(FakeEngine([SCENES[name]() for name in names or ("ordinary",)]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
