"""Has reports made, on a thread of its own that runs while the history window is open.

The newest question wins: what is still being read for an older one is broken off. Whatever goes wrong is told in the
report, beside what was shown last, and the thread lives on.
"""

import logging
import sys
import threading
from collections.abc import Callable

from tokentray.clock import Clock, Zone
from tokentray.engine.account_work import problem_of
from tokentray.engine.reports import views
from tokentray.engine.reports.ground import Ground
from tokentray.errors import TokenTrayError
from tokentray.insight.filters import FilterError
from tokentray.money import NumberStyle
from tokentray.paths import Paths, file_mark
from tokentray.question import Question
from tokentray.report import Report
from tokentray.settings import Loaded, load
from tokentray.snapshot import Problem
from tokentray.store.history import History

_log = logging.getLogger(__name__)

_TURN_S = 0.001
"""How long a thread may keep the interpreter from another that waits for it, while reports are made: a fifth of what
is usual, for a window is being drawn beside it."""
_UNEXPECTED = Problem("This cannot be shown", "an unexpected error; it is in the log file", "")


class ReportDesk:
    """ask(), listen(), rest() and stop() are for any thread, and return at once but for the last."""

    def __init__(
        self, paths: Paths, clock: Clock, zone: Zone | None, style: NumberStyle, *, made_up: bool = False
    ) -> None:
        """zone: where days begin; None for the one of the settings."""
        self._paths = paths
        self._clock = clock
        self._fixed_zone = zone
        self._style = style
        self._made_up = made_up
        self._listeners: list[Callable[[Report], None]] = []
        self._news = threading.Condition()
        # Under that lock:
        self._asked: Question | None = None
        self._reading: History | None = None
        self._thread: threading.Thread | None = None
        self._leaves = False
        self._stopped = False

    def ask(self, question: Question) -> None:
        """Have a question answered, unless a newer one comes."""
        with self._news:
            if self._stopped:
                return
            self._asked, self._leaves = question, False
            if self._reading is not None:
                self._reading.interrupt()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reports", daemon=True)
                self._thread.start()
            self._news.notify()

    def listen(self, listener: Callable[[Report], None]) -> None:
        """Have `listener` called with every report, on the thread of reports."""
        self._listeners.append(listener)

    def rest(self) -> None:
        """Let go of thread and history until the next question."""
        with self._news:
            self._asked, self._leaves = None, True
            if self._reading is not None:
                self._reading.interrupt()
            self._news.notify()

    def stop(self, timeout_s: float) -> bool:
        """End for good. False where the thread did not end in time."""
        with self._news:
            self._stopped = True
            thread = self._thread
        self.rest()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)
            return not thread.is_alive()
        return True

    def _run(self) -> None:
        shown = _Shown(self._paths, self._clock, self._fixed_zone, self._style, self._made_up)
        usual_s = sys.getswitchinterval()
        sys.setswitchinterval(_TURN_S)
        try:
            while (question := self._next()) is not None:
                report = self._answer(shown, question)
                if report is not None:
                    self._tell(report)
        finally:
            sys.setswitchinterval(usual_s)
            shown.close()

    def _next(self) -> Question | None:
        """The newest question; None when the thread is to end."""
        with self._news:
            self._reading = None
            self._news.wait_for(lambda: self._asked is not None or self._leaves)
            question, self._asked = self._asked, None
            if question is None:
                self._thread = None
            return question

    def _answer(self, shown: "_Shown", question: Question) -> Report | None:
        """The report, or None where the question does not matter any more."""
        try:
            ground = shown.ground()
            with self._news:
                if self._asked is not None or self._leaves:
                    return None
                self._reading = ground.history
            report = shown.answered(ground, question)
        except TokenTrayError as exc:
            return None if self._is_over() else shown.failed(question, problem_of(exc))
        except Exception:  # noqa: BLE001 - a bug in one view must not leave a window that never answers again
            _log.exception("a report failed")
            return shown.failed(question, _UNEXPECTED)
        return report

    def _is_over(self) -> bool:
        """Whether nobody waits for the question in hand: then it was broken off rather than failed."""
        with self._news:
            return self._asked is not None or self._leaves

    def _tell(self, report: Report) -> None:
        for listener in self._listeners:
            try:
                listener(report)
            except Exception:  # noqa: BLE001 - a window's bug must not end the thread
                _log.exception("a listener failed")


class _Shown:
    """What the thread keeps between two questions: the open history, what was read of it, and the last report."""

    def __init__(self, paths: Paths, clock: Clock, zone: Zone | None, style: NumberStyle, made_up: bool) -> None:
        self._paths = paths
        self._clock = clock
        self._fixed_zone = zone
        self._style = style
        self._made_up = made_up
        self._history: History | None = None
        self._inode = 0
        self._loaded = Loaded()
        self._ground: Ground | None = None
        self._laid_on: tuple[object, ...] = ()
        self._text = ""
        """The last words of a filter that were understood."""
        self.last: Report | None = None

    def ground(self) -> Ground:
        """The same as before where nothing has changed. Raises StoreError."""
        history = self._open()
        if self._loaded.mark != file_mark(self._paths.settings) or self._loaded.broken:
            self._loaded = load(self._paths.settings, last=self._loaded.settings)
        settings = self._loaded.settings
        now_utc = self._clock.now_utc()
        zone = self._fixed_zone or settings.zone
        ground = Ground(history, now_utc, zone, self._style, settings, made_up=self._made_up)
        laid_on = (history, history.version(), settings, ground.today, zone.offset_s(now_utc))
        if self._ground is None or self._laid_on != laid_on:
            self._ground, self._laid_on = ground, laid_on
        self._ground.now_utc = now_utc
        return self._ground

    def _open(self) -> History:
        """The history, opened anew where the file is another or has come about."""
        inode = file_mark(self._paths.history).inode
        history = self._history
        if history is None or inode != self._inode or (inode and not history.exists):
            self.close()
            history = self._history = History(self._paths.history)
            self._inode = inode
        return history

    def answered(self, ground: Ground, question: Question) -> Report:
        """The answer. A filter that cannot be understood leaves the last one that could in force. Raises StoreError."""
        try:
            report = views.build(ground, question)
        except FilterError as exc:
            report = views.build(ground, question._replace(text=self._text))
            report = report._replace(
                asked=question,
                question=report.question._replace(text=question.text),
                problem=Problem(exc.message, "", exc.hint, grave=False),
            )
        else:
            self._text = question.text
        self.last = report
        return report

    def failed(self, question: Question, problem: Problem) -> Report:
        """What was shown last of the same view, with what is wrong; nothing is known anew."""
        self._ground = None
        last = self.last
        if last is None or last.question.view is not question.view:
            return Report(question, question, problem=problem)
        return last._replace(asked=question, problem=problem)

    def close(self) -> None:
        """Let go of the file."""
        if self._history is not None:
            self._history.close()
        self._history = self._ground = None
