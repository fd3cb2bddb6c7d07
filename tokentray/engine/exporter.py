"""Has months previewed and exported, on a thread of its own that runs while there is something to do.

Of previews the newest wins: one that is still being read for is broken off. An export is always carried out, in the
order in which it was asked for. Whatever goes wrong is told in what comes of it.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from tokentray.clock import Clock, Zone, local_date
from tokentray.engine.account_work import problem_of
from tokentray.errors import NoDataError, ReadInterruptedError, StoreDamagedError, TokenTrayError
from tokentray.money import NumberStyle
from tokentray.paths import Paths, file_mark
from tokentray.settings import Loaded, Settings, load
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

if TYPE_CHECKING:
    from tokentray.export.document import Document
    from tokentray.export.job import Job, Outcome

_log = logging.getLogger(__name__)

_MENDS = "What can be read of it is being put in its place"
_UNEXPECTED = Problem("This month cannot be exported", "an unexpected error; it is in the log file", "")


class ExportProgress(NamedTuple):
    """How many files of an export are written, of how many."""

    done: int
    total: int


class Preview(NamedTuple):
    """What a month would say. document: None where there is a problem. months: those with data, newest first.

    A problem is no grave one where there is only nothing to show.
    """

    month: date
    redact: bool
    document: "Document | None"
    problem: Problem | None
    months: tuple[str, ...] = ()


Choose = Callable[[History, Settings, Zone], "Sequence[Job]"]
"""Which months are to be exported by themselves, asked on the thread of exports."""


class Exporter:
    """run(), preview(), catch_up(), rest() and stop() are for any thread, and return at once but for the last."""

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        zone: Zone | None,
        style: NumberStyle,
        *,
        on_damage: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """zone: where days begin; None for the one of the settings. on_damage: as of reports.desk."""
        self._paths = paths
        self._clock = clock
        self._fixed_zone = zone
        self._style = style
        self._on_damage = on_damage
        self._listeners: list[Callable[[Outcome | ExportProgress | Preview], None]] = []
        self._lock = threading.Lock()
        # Under that lock:
        self._jobs: deque[Job] = deque()
        self._chooses: Choose | None = None
        self._wanted: tuple[date, bool] | None = None
        self._reading: History | None = None
        self._previews = False
        """Whether what is being read is for a preview."""
        self._thread: threading.Thread | None = None
        self._stopped = False
        # Of the thread alone:
        self._loaded = Loaded()

    def run(self, job: "Job") -> None:
        """Have a month written."""
        with self._lock:
            self._jobs.append(job)
            self._begin()

    def preview(self, month: date, redact: bool) -> None:
        """Have a month shown as it would be written, unless a newer preview comes."""
        with self._lock:
            self._wanted = (month, redact)
            self._break_off()
            self._begin()

    def catch_up(self, choose: Choose) -> None:
        """Have written by itself what `choose` finds to be due. Asked again before that is done, it is done once."""
        with self._lock:
            self._chooses = choose
            self._begin()

    def listen(self, listener: "Callable[[Outcome | ExportProgress | Preview], None]") -> None:
        """Have `listener` called with all that comes of it, on the thread of exports."""
        self._listeners.append(listener)

    def rest(self) -> None:
        """Nobody looks at a preview any more. Exports go on."""
        with self._lock:
            self._wanted = None
            self._break_off()

    def stop(self, timeout_s: float) -> bool:
        """End for good, after the file in hand; what was written is kept in mind. False where that took too long."""
        with self._lock:
            self._stopped = True
            self._jobs.clear()
            self._wanted = self._chooses = None
            thread = self._thread
            if self._reading is not None:
                self._reading.interrupt()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)
            return not thread.is_alive()
        return True

    def _begin(self) -> None:
        if self._thread is None and not self._stopped:
            self._thread = threading.Thread(target=self._run, name="exports", daemon=True)
            self._thread.start()

    def _break_off(self) -> None:
        if self._reading is not None and self._previews:
            self._reading.interrupt()

    def _run(self) -> None:
        while (work := self._next()) is not None:
            try:
                work()
            except Exception:  # noqa: BLE001 - a listener's or a chooser's bug must not cost the exports after it
                _log.exception("exporting failed")

    def _next(self) -> Callable[[], None] | None:
        """What is to be done next, None when there is nothing: then the thread ends, and the next begins another."""
        with self._lock:
            if self._jobs:
                job = self._jobs.popleft()
                return lambda: self._export(job)
            if self._wanted is not None:
                (month, redact), self._wanted = self._wanted, None
                return lambda: self._show(month, redact)
            if self._chooses is not None:
                choose, self._chooses = self._chooses, None
                return lambda: self._catch_up(choose)
            self._thread = None
            return None

    def _export(self, job: "Job", *, automatic: bool = False) -> None:
        from tokentray.export.job import Outcome, run  # with all that formats need, which an idle tray does not

        def progress(done: int, total: int) -> None:
            if not automatic:  # nobody waits for it
                self._tell(ExportProgress(done, total))

        try:
            settings, zone = self._settings()
            outcome = run(
                job,
                self._paths,
                self._clock,
                zone,
                self._style,
                settings,
                progress=progress,
                automatic=automatic,
                reading=self._read,
                goes_on=self._goes_on,
            )
        except Exception:  # noqa: BLE001 - whoever waits for an export must hear of it
            _log.exception("an export failed")
            outcome = Outcome(job, problem=_UNEXPECTED, automatic=automatic)
        self._tell(outcome)

    def _show(self, month: date, redact: bool) -> None:
        preview = self._preview(month, redact)
        with self._lock:
            if self._wanted is not None or self._stopped:
                return
        if preview is not None:
            self._tell(preview)

    def _preview(self, month: date, redact: bool) -> Preview | None:
        """None where it was broken off, since it is not wanted any more."""
        from tokentray.export.compose import document
        from tokentray.export.job import read

        months: tuple[str, ...] = ()
        inode = file_mark(self._paths.history).inode
        try:
            settings, zone = self._settings()
            now_utc = self._clock.now_utc()
            with History(self._paths.history) as history, history.one_moment():
                self._read(history, previews=True)
                try:
                    months = _months(history, zone, local_date(now_utc, zone))
                    draft = read(history, month, zone, self._style, settings, now_utc=now_utc, redact=redact)
                finally:
                    self._read(None)
            return Preview(month, redact, document(draft.summary), None, months)
        except ReadInterruptedError:
            return None
        except NoDataError as exc:
            return Preview(month, redact, None, problem_of(exc)._replace(grave=False), months)
        except TokenTrayError as exc:
            problem = problem_of(exc)
            if isinstance(exc, StoreDamagedError) and self._on_damage(inode):
                problem = problem._replace(hint=_MENDS)
            return Preview(month, redact, None, problem, months)
        except Exception:  # noqa: BLE001 - a bug in one month must not leave a window that waits for ever
            _log.exception("a preview failed")
            return Preview(month, redact, None, _UNEXPECTED, months)

    def _catch_up(self, choose: Choose) -> None:
        try:
            settings, zone = self._settings()
            with History(self._paths.history) as history:
                jobs = choose(history, settings, zone)
        except TokenTrayError as exc:
            _log.warning("no month was exported by itself: %s", exc.title)  # what is wrong is told by who reads
            return
        for job in jobs:
            if not self._goes_on():
                return
            self._export(job, automatic=True)

    def _goes_on(self) -> bool:
        with self._lock:
            return not self._stopped

    def _read(self, history: History | None, *, previews: bool = False) -> None:
        """Say what is being read, so that it can be broken off from any thread."""
        with self._lock:
            self._reading, self._previews = history, previews
            if history is not None and self._stopped:
                history.interrupt()

    def _settings(self) -> tuple[Settings, Zone]:
        """As they are now; what cannot be used leaves what held before."""
        self._loaded = load(self._paths.settings, last=self._loaded.settings)
        return self._loaded.settings, self._fixed_zone or self._loaded.settings.zone

    def _tell(self, told: "Outcome | ExportProgress | Preview") -> None:
        for listener in self._listeners:
            try:
                listener(told)
            except Exception:  # noqa: BLE001 - a window's bug must not end the thread
                _log.exception("a listener failed")


def _months(history: History, zone: Zone, today: date) -> tuple[str, ...]:
    rows = history.usage(UsageQuery(("month",), today=today), zone)
    return tuple(sorted({row.key("month") for row in rows}, reverse=True))
