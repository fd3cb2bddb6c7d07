"""Each month into a folder by itself: when one is due, and that it is asked for once.

A month is written as soon as every source is known up to its end, at the latest on the fifth of the next one. It stays
as it was handed in: what changes later, be it figures, folder or formats, does not write it again.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tokentray.clock import Clock, Zone, local_date
from tokentray.engine.exporter import Exporter, ExportProgress, Preview
from tokentray.insight.words import MONTHS
from tokentray.model import ExportRecord
from tokentray.settings import Settings
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

if TYPE_CHECKING:
    from tokentray.export.job import Job, Outcome

_log = logging.getLogger(__name__)

_MOST_MONTHS = 12
_DUE_DAY = 5
_AGAIN_S = 60
_AFTER_FAILURE_S = 3600
_ASLEEP_S = 1800
"""The engine looks at the time every quarter of an hour: after a longer gap the machine was asleep."""
_GRACE_S = 600
"""How long accounts may take to be asked after a start or a sleep, before a month is written without them."""

_CHOOSE = "Choose another folder under Export in the settings"
_AGAIN = "tried again within the hour"


def due(
    today: date,
    since: date,
    records: Iterable[ExportRecord],
    has_data: Callable[[date], bool],
    is_settled: Callable[[date], bool],
    *,
    in_time: bool,
) -> tuple[tuple[date, ...], bool]:
    """The months to be written now, oldest first, by their first days; and whether others are still waited for.

    since: the first month to be written. in_time: whether there was time to hear of every source, so that a month is
    not waited for after the fifth. has_data and is_settled are asked of as few months as can be.
    """
    done = {record.month for record in records if record.automatic}
    months, waits = [], False
    for month in _months(since, today):
        if month.isoformat()[:7] in done:
            continue
        is_late = in_time and today >= _next(month).replace(day=_DUE_DAY)
        if not is_late and not is_settled(month):
            waits = True
        elif has_data(month):
            months.append(month)
    return tuple(months), waits


class Monthly:
    """look() is for the engine's thread; the rest happens on the thread of exports.

    problem: why the last one was not written, None where it was.
    """

    def __init__(self, exporter: Exporter, clock: Clock, tell: Callable[[], None]) -> None:
        """tell: called, on the thread of exports, when there is another problem, or none any more."""
        self.problem: Problem | None = None
        self._exporter = exporter
        self._clock = clock
        self._tell = tell
        self._chosen: tuple[object, ...] | None = None
        self._again_utc = self._looked_utc = self._awake_utc = 0
        self._done_on: date | None = None
        """The day on which nothing was left to do."""
        self._written: set[date] = set()
        """In this run: where that cannot be kept in mind, it is not done again and again."""
        exporter.listen(self._hear)

    def look(self, history: History, settings: Settings, zone: Zone) -> None:
        """Have written what is due. Costs nothing on most days. Raises StoreError."""
        now_utc = self._clock.now_utc()
        if not 0 <= now_utc - self._looked_utc <= _ASLEEP_S:
            self._awake_utc, self._again_utc = now_utc, 0
        self._looked_utc = now_utc
        chosen = (settings.monthly, settings.folder, settings.formats, settings.redact)
        if chosen != self._chosen:
            self._chosen, self._again_utc, self._done_on = chosen, 0, None
            if not settings.monthly:
                self._hush()
                if history.monthly_since() is not None:
                    self._exporter.catch_up(self._forget)
        if not settings.monthly or self._done_on == local_date(now_utc, zone) or now_utc < self._again_utc:
            return
        self._again_utc = now_utc + _AGAIN_S
        self._exporter.catch_up(self._choose)

    def _choose(self, history: History, settings: Settings, zone: Zone) -> "Sequence[Job]":
        """The months that are due. The first time it is the last month alone, not all that there is."""
        now_utc = self._clock.now_utc()
        today = local_date(now_utc, zone)
        since = history.monthly_since()
        if not settings.monthly or not history.exists:
            return ()
        last = _before(today.replace(day=1))
        if since is None or since > last:  # it never is, unless the clock was set back
            since = last
            self._begin(history, since)
        months, waits = due(
            today,
            since,
            history.exports(),
            lambda month: bool(history.usage(UsageQuery(("month",), month, _last(month), today=today), zone)),
            lambda month: _is_settled(history, month, zone, now_utc),
            in_time=now_utc - self._awake_utc >= _GRACE_S,
        )
        months = _without(months, self._written)
        if not months:
            self._hush()
            self._done_on = None if waits else today
            return ()
        from tokentray.export.job import Job, folder_of, formats_of  # with all that an export needs

        return [Job(month, formats_of(settings), folder_of(settings), settings.redact) for month in months]

    def _begin(self, history: History, since: date) -> None:
        writer = Writer(history.path)
        try:
            with writer.telling() as told:
                told.begin_monthly(since)
        finally:
            writer.close()

    def _forget(self, history: History, settings: Settings, zone: Zone) -> "Sequence[Job]":
        """Switched off: what passes until it is switched on again is not made up for."""
        del zone
        if not settings.monthly:
            writer = Writer(history.path)
            try:
                with writer.telling() as told:
                    told.end_monthly()
            finally:
                writer.close()
        return ()

    def _hear(self, told: "Outcome | ExportProgress | Preview") -> None:
        if isinstance(told, ExportProgress | Preview) or not told.automatic:
            return
        month = told.job.month
        if told.is_whole:
            self._written.add(month)
            for one in told.written:
                if one.kept is not None:
                    _log.info("%s was left as it is, and the month written beside it", one.kept.name)
            if told.problem is not None:
                _log.warning("a month was written, and that is not kept in mind: %s", told.problem.message)
            self._hush()
            return
        self._again_utc = self._clock.now_utc() + _AFTER_FAILURE_S
        files = [one.problem for one in told.written if one.problem is not None]
        failed = next(iter(files), told.problem)
        if failed is not None:
            name = MONTHS[month.month - 1]
            text = f"Not all of {name} was" if len(files) < len(told.written) else f"{name} was not"
            hint = f"{_CHOOSE}; it is {_AGAIN}" if files and failed.hint else f"It is {_AGAIN}"
            self._say(Problem(f"{text} written to your folder", failed.message or failed.title, hint))

    def _hush(self) -> None:
        self._say(None)

    def _say(self, problem: Problem | None) -> None:
        if problem != self.problem:
            self.problem = problem
            self._tell()


def _is_settled(history: History, month: date, zone: Zone, now_utc: int) -> bool:
    from tokentray.export.standing import is_settled  # on most days no month is waited for

    return is_settled(history, month, zone, now_utc)


def _months(since: date, today: date) -> list[date]:
    """The months that are over, from `since` on, and not too many; oldest first."""
    months: list[date] = []
    month = _before(today.replace(day=1))
    while month >= since and len(months) < _MOST_MONTHS:
        months.append(month)
        month = _before(month)
    return months[::-1]


def _before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _next(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _last(first: date) -> date:
    return _next(first) - timedelta(days=1)


def _without(months: Sequence[date], written: Collection[date]) -> tuple[date, ...]:
    return tuple(month for month in months if month not in written)
