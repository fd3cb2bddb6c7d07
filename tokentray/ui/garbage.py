"""Has Python look for unreachable objects on the main thread alone.

It does so on whichever thread happens to make objects, and deletes there what it finds, Qt's objects included: on
another thread than theirs that stops the whole program, or ends it.
"""

import gc

from PySide6.QtCore import QObject, QTimer

from tokentray.ui.bridge import Bridge

_REST_MS = 5_000
_WORTH_A_LOOK = 1_000
"""Objects made and not let go of since the last look: with fewer, nothing can be gained."""
_LOOKS_TO_ALL = 120
"""After so many looks, ten minutes' worth, one at everything, with what was put aside so that others need not go
through it. That takes some 50 ms, and more while a large report is shown."""


class Garbage(QObject):
    """Until stop(), only this one looks, some seconds after something was told: an idle tray makes none, and is not
    woken. Made on the main thread.
    """

    def __init__(self, parent: QObject | None = None, rest_ms: int = _REST_MS) -> None:
        super().__init__(parent)
        gc.disable()
        self._looks = 0
        self._timer = QTimer(self, interval=rest_ms)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._look)

    def follow(self, bridge: Bridge) -> None:
        """Look after whatever that hands on."""
        for told in (bridge.snapshot_changed, bridge.setup_changed, bridge.answered, bridge.report_changed):
            told.connect(self.look_soon)

    def look_soon(self) -> None:
        """Look after the rest, once for all who ask until then."""
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.enable()

    def _look(self) -> None:
        self._looks += 1
        if self._looks % _LOOKS_TO_ALL == 0:
            gc.unfreeze()
            gc.collect()
        elif gc.get_count()[0] >= _WORTH_A_LOOK:
            gc.collect(1)
