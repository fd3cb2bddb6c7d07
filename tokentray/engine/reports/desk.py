"""Has reports made, on a thread of its own that runs while the history window is open.

The newest question wins: what is still being read for an older one is broken off. Each report is of one moment, however
much is written meanwhile. Whatever goes wrong is told in the report, beside what was shown last, and is tried again by
itself; the thread lives on.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing

from tokentray.clock import Clock, Zone
from tokentray.engine.account_work import problem_of
from tokentray.engine.mending import remarks
from tokentray.engine.reports import beside
from tokentray.engine.reports.ground import Ground
from tokentray.errors import StoreBusyError, StoreDamagedError, TokenTrayError
from tokentray.insight.filters import FilterError
from tokentray.money import NumberStyle
from tokentray.paths import Paths, file_mark
from tokentray.question import Question
from tokentray.report import Report
from tokentray.settings import Loaded, load
from tokentray.snapshot import Problem
from tokentray.store.history import History

_log = logging.getLogger(__name__)

_PATIENCE_S = 0.5
"""How long SQLite waits for who holds the history: nothing breaks that wait off, so it is short, and begun again."""
_BUSY_FOR_S = 5.0
"""How long somebody may hold it before that is said."""
_BUSY_AGAIN_S = 1.0
_SOON_S = 0.1
_AGAIN_S = 10.0
_COMES_BACK = "It is tried again until it is free"
_MENDS = "What can be read of it is being put in its place"
_MONTH_S = 30 * 86_400
_MONTHS = 120
_UNEXPECTED = Problem("This cannot be shown", "an unexpected error; it is in the log file", "")


class ReportDesk:
    """ask(), listen(), rest() and stop() are for any thread, and return at once but for the last."""

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        zone: Zone | None,
        style: NumberStyle,
        *,
        made_up: bool = False,
        on_damage: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """zone: where days begin; None for the one of the settings.

        on_damage: told, on the thread of reports, the inode of a history that is found damaged; says whether it is
        going to be mended.
        """
        self._on_damage = on_damage
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
        # Of the thread alone:
        self._last: Question | None = None
        self._tries_again = False

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
        with beside.a_window(), closing(shown):
            told: Problem | None = None
            while (question := self._next(shown.again_s)) is not None:
                report = self._answer(shown, question)
                # Tried again by ourselves, the same trouble is no news.
                if report is not None and not (self._tries_again and report.problem == told):
                    self._tell(report)
                    told = report.problem
                beside.settle()

    def _next(self, again_s: float | None) -> Question | None:
        """The newest question; the last one once more where it is to be tried again, and the time is up; None when the
        thread is to end.
        """
        with self._news:
            self._reading = None
            came = self._news.wait_for(lambda: self._asked is not None or self._leaves, again_s)
            self._tries_again = not came
            if came:
                self._last, self._asked = self._asked, None
                if self._last is None:
                    self._thread = None
            return self._last

    def _answer(self, shown: "_Shown", question: Question) -> Report | None:
        """The report, or None where the question does not matter any more, or where it is soon tried again."""
        try:
            history = shown.opened()
            with self._news:
                if self._asked is not None or self._leaves:
                    return None
                self._reading = history
            with history.one_moment():
                return shown.answered(shown.ground(history, self._is_over), question)
        except StoreBusyError as exc:
            return shown.busy(question, problem_of(exc))
        except TokenTrayError as exc:
            if self._is_over():
                return None
            problem = problem_of(exc)
            if isinstance(exc, StoreDamagedError) and self._on_damage(shown.inode):
                problem = problem._replace(hint=_MENDS)
            return shown.failed(question, problem, _AGAIN_S)
        except Exception:  # noqa: BLE001 - a bug in one view must not leave a window that never answers again
            _log.exception("a report failed")
            return shown.failed(question, _UNEXPECTED, None)

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
        self._busy_since_s: float | None = None
        self.inode = 0
        """Of the history that is open, or was last."""
        self.again_s: float | None = None
        """In how many seconds the last question is to be tried again, None for not by itself."""
        self._loaded = Loaded()
        self._ground: Ground | None = None
        self._laid_on: tuple[object, ...] = ()
        self._text = ""
        """The last words of a filter that were understood."""
        self.last: Report | None = None

    def opened(self) -> History:
        """The history, opened anew where the file is another or has come about. Raises StoreError."""
        inode = file_mark(self._paths.history).inode
        history = self._history
        if history is None or inode != self.inode or (inode and not history.exists):
            self.close()
            self.inode = inode
            history = self._history = History(self._paths.history, patience_s=_PATIENCE_S)
        return history

    def ground(self, history: History, is_over: Callable[[], bool]) -> Ground:
        """The same as before where nothing has changed. Raises StoreError."""
        if self._loaded.mark != file_mark(self._paths.settings) or self._loaded.broken:
            self._loaded = load(self._paths.settings, last=self._loaded.settings)
        settings = self._loaded.settings
        now_utc = self._clock.now_utc()
        zone = self._fixed_zone or settings.zone
        ground = Ground(history, now_utc, zone, self._style, settings, made_up=self._made_up, is_over=is_over)
        laid_on = (history, history.version(), settings, ground.today, _offsets(zone, now_utc))
        if self._ground is None or self._laid_on != laid_on:
            self._ground, self._laid_on = ground, laid_on
        self._ground.now_utc = now_utc
        return self._ground

    def answered(self, ground: Ground, question: Question) -> Report:
        """The answer. A filter that cannot be understood leaves the last one that could in force. Raises StoreError."""
        from tokentray.engine.reports import views  # nothing of it is needed until a window is opened

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
            for remark in remarks(ground.history, ground.today):
                report = report._replace(problem=remark)
        self.last = report
        self.again_s = self._busy_since_s = None
        return report

    def busy(self, question: Question, problem: Problem) -> Report | None:
        """Somebody holds the history, which is said once it takes long; it is tried again until it is free."""
        now_s = time.monotonic()
        if self._busy_since_s is None:
            self._busy_since_s = now_s
        since_s = self._busy_since_s
        is_long = now_s - since_s >= _BUSY_FOR_S
        report = self.failed(question, problem._replace(hint=_COMES_BACK), _BUSY_AGAIN_S if is_long else _SOON_S)
        self._busy_since_s = since_s
        return report if is_long else None

    def failed(self, question: Question, problem: Problem, again_s: float | None) -> Report:
        """What was shown last of the same view, with what is wrong; nothing is known anew."""
        self.close()  # what went wrong may be with what is open, rather than with what lies there now
        self.again_s, self._busy_since_s = again_s, None
        last = self.last
        if last is None or last.question.view is not question.view:
            return Report(question, question, problem=problem)
        return last._replace(asked=question, problem=problem)

    def close(self) -> None:
        """Let go of the file."""
        if self._history is not None:
            self._history.close()
        self._history = self._ground = None


def _offsets(zone: Zone, now_utc: int) -> tuple[int, ...]:
    """What tells one zone from another that the person may have travelled to: its offsets of the last ten years."""
    return tuple(zone.offset_s(now_utc - months * _MONTH_S) for months in range(_MONTHS))
