"""Asks for reports and knows which one is shown: the newest question counts, and answers to older ones are let go.

While an answer is made, what was shown stays. Whatever changes in the history has the same question asked again.
"""

import time

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from tokentray.question import Question, View
from tokentray.report import Report
from tokentray.ui.bridge import Reports
from tokentray.ui.history import turns
from tokentray.ui.history.back import Asked

BUSY_AFTER_MS = 300
AGAIN_AFTER_MS = 2000


class Asking(QObject):
    """The question the window is at, the report it shows, and the way back."""

    changed = Signal(object)
    """The Question asked now, before there is an answer."""
    answered = Signal(object)
    """The Report to show."""
    busy_changed = Signal(bool)
    """Whether an answer takes long enough that the person is to be told."""

    def __init__(self, reports: Reports, parent: QObject) -> None:
        super().__init__(parent)
        self._reports = reports
        self._asked = Asked()
        self._waits = False
        self._looks = False
        """Whether the answer to the same, asked again, is still to come."""
        self._changed_since = False
        """Whether the history may be another than the one that the answer is made of which is waited for."""
        self._steps = 0
        """Periods to go on by once it is known which ones lie beside the one asked for."""
        self.question = Question()
        self.report: Report | None = None
        self.left: dict[View, Question] = {}
        """The last question of each view."""
        self._soon = QTimer(self, singleShot=True, interval=BUSY_AFTER_MS)
        self._soon.timeout.connect(lambda: self.busy_changed.emit(True))
        self._since = QElapsedTimer()
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self.again)

    @property
    def waits(self) -> bool:
        """Whether the answer to the question is still to come."""
        return self._waits

    @property
    def busy(self) -> bool:
        """Whether the person has been told that it takes a while."""
        return self._waits and not self._soon.isActive()

    @property
    def can_go_back(self) -> bool:
        return self._asked.can_go_back

    @property
    def can_go_forward(self) -> bool:
        return self._asked.can_go_forward

    def ask(self, question: Question) -> None:
        """Ask this, and remember the way back."""
        self._steps = 0
        self._go_to(question)

    def turn(self, view: View) -> None:
        """The same days in another view."""
        if view is not self.question.view:
            self.ask(turns.turned(self.question, view, self.left))

    def step(self, direction: int) -> None:
        """To the period before (-1) or after (1)."""
        self._steps += direction
        self._walk()

    def go(self, direction: int) -> None:
        """Back (-1) or forward (1) over what was asked."""
        question = self._asked.go(direction)
        if question is not None:
            self._steps = 0
            self._send(question)

    def give_up(self) -> bool:
        """Go back to what is shown, where an answer takes long. Returns whether it did."""
        if not self.busy or self.report is None or self.report.asked == self.question:
            return False
        self.ask(self.report.asked)
        return True

    def history_changed(self) -> None:
        """Ask the same again, at most once in two seconds, for more of it may follow.

        While an answer is still being made it is left alone, and as it may be of before, the same is asked again once
        it is there: begun anew with each change, one that takes long would not come before all logs are read.
        """
        if self._waits or self._looks:
            self._changed_since = True
            return
        if self._again.isActive():
            return
        waited_ms = self._since.elapsed() if self._since.isValid() else AGAIN_AFTER_MS
        self._again.start(max(0, AGAIN_AFTER_MS - waited_ms))

    def again(self) -> None:
        """Ask the same now."""
        self._looks, self._changed_since = True, False
        self._again.stop()
        self._since.start()
        self._reports.ask(self.question)

    def take(self, report: Report) -> None:
        """An answer has come."""
        if report.asked != self.question:
            return
        self._end_waiting()
        self._looks = False
        self.report = report
        self.answered.emit(report)
        if self._changed_since:
            self._changed_since = False
            self.history_changed()
        self._walk()

    def stop(self) -> None:
        """Want no more answers."""
        self._end_waiting()
        self._looks = self._changed_since = False
        self._again.stop()
        self._reports.rest()

    def _go_to(self, question: Question) -> None:
        self._asked.put(question)
        self._send(question)

    def _send(self, question: Question) -> None:
        self.question = question
        self.left[question.view] = question
        if not self._waits:
            self._waits = True
            self._soon.start()
        self._looks = self._changed_since = False
        self._again.stop()
        self._since.start()
        self._reports.ask(question)  # first: it is worked on while the window shows what was asked
        time.sleep(0)  # has the thread of reports begin at once, rather than when this one is done
        self.changed.emit(question)

    def _end_waiting(self) -> None:
        told = self.busy
        self._waits = False
        self._soon.stop()
        if told:
            self.busy_changed.emit(False)

    def _walk(self) -> None:
        """One step on, where the report says which period lies there."""
        if not self._steps or self._waits or self.report is None:
            return
        direction = 1 if self._steps > 0 else -1
        beside = self.report.later if direction > 0 else self.report.earlier
        if beside is None:
            self._steps = 0
            return
        self._steps -= direction
        self._go_to(turns.beside(self.question, beside))
