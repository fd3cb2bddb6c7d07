"""A history window over the real desk of reports, for tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.reports.desk import ReportDesk
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.question import Question
from tokentray.report import Report
from tokentray.requests import AccountRequest, Request
from tokentray.ui.bridge import Bridge
from tokentray.ui.history.window import HistoryWindow
from tokentray.ui.state import HistoryState

Put = Callable[..., "Held"]
"""Makes windows: over a folder, as they were left."""


class Held:
    """A window, the desk that answers it, and what it asked for."""

    def __init__(self, folder: Path, qtbot: QtBot, state: HistoryState | None = None) -> None:
        self.qtbot = qtbot
        self.requests: list[Request | AccountRequest] = []
        self.desk = ReportDesk(
            Paths(folder, folder, folder),
            FixedClock(UtcSeconds(DEMO_NOW_UTC)),
            UtcZone(),
            NumberStyle(),
            made_up=True,
        )
        self.bridge = Bridge()
        self.desk.listen(self.bridge.receive_report)
        self.window = HistoryWindow(self.desk, self._submit, state)
        self.bridge.report_changed.connect(self.window.show_report)
        qtbot.addWidget(self.window)

    def open(self, question: Question | None = None) -> Report:
        """Show it on a question, with the keyboard in it."""
        with self.qtbot.waitExposed(self.window):
            self.window.open_on(question)
        self.window.activateWindow()
        self.qtbot.waitUntil(self.window.isActiveWindow)
        return self.answer()

    def answer(self) -> Report:
        """The report that answers what is asked now, once it is shown."""
        asking = self.window.asking
        self.qtbot.waitUntil(lambda: not asking.waits and asking.report is not None, timeout=20_000)
        QApplication.processEvents()
        assert asking.report is not None
        assert asking.report.asked == asking.question
        return asking.report

    def after(self, act: Callable[[], object]) -> Report:
        """What is shown after something was done."""
        act()
        return self.answer()

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Report:
        """Press a key wherever the keyboard is."""
        holder: QWidget | None = self.window.focusWidget()
        QTest.keyClick(self.window if holder is None else holder, key, modifier)
        QApplication.processEvents()
        return self.answer()

    def stop(self) -> None:
        self.window.asking.stop()
        self.bridge.close()
        assert self.desk.stop(5)

    def _submit(self, request: Request | AccountRequest) -> int:
        self.requests.append(request)
        return len(self.requests)


def put_windows(folder: Path, qtbot: QtBot) -> Iterator[Put]:
    """For a fixture: makes windows, and lets go of them."""
    kept: list[Held] = []

    def put(where: Path = folder, state: HistoryState | None = None) -> Held:
        kept.append(Held(where, qtbot, state))
        return kept[-1]

    yield put
    for held in kept:
        held.stop()
    QApplication.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
