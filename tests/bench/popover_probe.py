"""Inside a real panel: clicks on the icon over a history, and prints how long each popover took to be painted.

    python -m tests.bench.popover_probe HOME

One JSON list of [milliseconds until painted, milliseconds of CPU], an opening each, the first ones cold.
"""

import json
import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QSystemTrayIcon

from tokentray import paths
from tokentray.clock import SystemClock
from tokentray.engine.runtime import Engine
from tokentray.localeinfo import number_style
from tokentray.ui.app import App

_OPENINGS = 20
_PAUSE_MS = 500


class Probe(QObject):
    """Opens and closes the popover, and notes when it was painted."""

    def __init__(self, app: App) -> None:
        super().__init__()
        self._app = app
        self._clicked = (0.0, 0.0)
        self._waiting = False
        self.taken: list[tuple[float, float]] = []
        app.popover.installEventFilter(self)

    def begin(self) -> None:
        """Once the tray and the figures are there."""
        if self._app.tray is None or self._app.bridge.shown is None:
            QTimer.singleShot(_PAUSE_MS, self.begin)
        else:
            QTimer.singleShot(3 * _PAUSE_MS, self._click)

    def _click(self) -> None:
        assert self._app.tray is not None
        self._waiting = True
        self._clicked = time.perf_counter(), time.process_time()
        self._app.tray.on_activated(QSystemTrayIcon.ActivationReason.Trigger)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if self._waiting and event.type() == QEvent.Type.Paint:
            self._waiting = False
            QTimer.singleShot(0, self._painted)  # after this turn everything of it is on the screen's buffer
        return super().eventFilter(watched, event)

    def _painted(self) -> None:
        wall, cpu = self._clicked
        self.taken.append(((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000))
        self._app.popover.hide()
        if len(self.taken) < _OPENINGS:
            QTimer.singleShot(_PAUSE_MS, self._click)
        else:
            QApplication.quit()


def main(home: str) -> int:
    """Runs until all openings are done."""
    qt = QApplication(sys.argv[:1])
    qt.setQuitOnLastWindowClosed(False)
    engine = Engine(paths.resolve(home), SystemClock(), None, number_style(), agents=())
    app = App(engine, 10.0)
    probe = Probe(app)
    QTimer.singleShot(0, app.start)
    QTimer.singleShot(0, probe.begin)
    qt.exec()
    app.hide()
    engine.stop(2)
    print(json.dumps(probe.taken))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
