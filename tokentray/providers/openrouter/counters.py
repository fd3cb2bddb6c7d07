"""What an ordinary key tells: counters of the current UTC day, week and month, and one that only grows. Pure.

The one that grows holds the truth: whatever it grew by was spent. What it stood at when the day began (`anchor`) says
what belongs to earlier days, so nothing is lost or counted twice however seldom it is looked at:

- today's total is today's counter;
- what came in between the last look and midnight belongs to the day of that look where that was yesterday; else it
  is split where the week and the month began, as far as their counters tell, and told as stretches;
- what the growing counter gains beside today's, later on, is a late figure of the day before.

The first look finds this week and this month. A key that was replaced starts anew beside what the old one spent.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S, date_of_day_number
from tokentray.ledger import BilledRow, IntervalRow, Outcome, Reading, Report, Window
from tokentray.model import Basis
from tokentray.money import Nanos
from tokentray.providers import answers
from tokentray.providers.openrouter.facts import CURRENCY

_ROUNDING = 100
"""Nano-dollars that counters told as binary fractions may be off by."""
_SLACK = 10_000
"""Nano-dollars that counters looked up one after the other may differ by."""
_NOTHING = Nanos(0)
_EARLY_S = 600
_TOTAL, _TODAY = "usage", "usage_daily"


class Counters(NamedTuple):
    """One look at a key, in nano-dollars. mark: tells this key from another, and nothing else about it."""

    at_utc: int
    total: Nanos
    today: Nanos
    week: Nanos
    month: Nanos
    mark: str


class Known(NamedTuple):
    """What was known at the last look, of the UTC day it counted for.

    carried: what the day holds beside the counter, from a key since replaced. anchor: what the growing counter stood
    at when the day began. before: what was told of the day before, None where nothing can be said of it.
    """

    at_utc: int
    total: Nanos
    today: Nanos
    mark: str
    carried: Nanos
    anchor: int
    before: Nanos | None

    @property
    def day_utc(self) -> int:
        return _day(self.at_utc)

    @property
    def of_day(self) -> Nanos:
        """What was told of the day."""
        return _plus(self.carried, self.today)

    @property
    def of_day_before(self) -> Nanos | None:
        """What was told of the day before it, with what came late."""
        if self.before is None:
            return None
        late = self.total - self.today - self.anchor
        return self.before if abs(late) <= _ROUNDING else _plus(self.before, late)


class _Told(NamedTuple):
    """What one look tells. rows: by day. known: to go on from."""

    start_utc: int
    rows: Mapping[int, Nanos]
    stretches: tuple[tuple[int, int, Nanos], ...]
    known: Known


def mark_of(label: str) -> str:
    """What a key's label is remembered as. The label shows some of the key, so it is not kept itself."""
    return sha256(label.encode()).hexdigest()[:16]


def parse_counters(data: Mapping[str, object], at_utc: int) -> Counters:
    """The counters of the answer about a key. Raises ChangedAnswerError."""
    total, today, week, month = (
        answers.money(data.get(name), f"data.{name}") for name in (_TOTAL, _TODAY, "usage_weekly", "usage_monthly")
    )
    return Counters(at_utc, total, today, week, month, mark_of(answers.text(data.get("label"), "data.label")))


def outcome(
    now: Counters,
    readings: Mapping[tuple[str, str], Reading],
    memory: Mapping[str, str],
    kept: Mapping[str, str],
    *,
    afresh: bool = False,
) -> Outcome:
    """What a look adds to what was known. readings, memory: of the last look. kept: what else is remembered.

    afresh: what the account held before came from elsewhere, so that only today is this key's to tell.
    """
    told = _anew(None, now) if afresh else _told(_known(readings, memory), now)
    known = told.known
    day = known.day_utc
    report = Report(
        Basis.BILLED,
        Window(told.start_utc, day + DAY_S),
        day + DAY_S,
        tuple(BilledRow(at, DAY_S, "", CURRENCY, amount) for at, amount in sorted(told.rows.items()) if amount),
    )
    return Outcome(
        reports=(report,),
        intervals=tuple(IntervalRow(start, end, CURRENCY, amount) for start, end, amount in told.stretches),
        readings=(
            Reading(_TOTAL, CURRENCY, known.at_utc, known.total),
            Reading(_TODAY, CURRENCY, known.at_utc, known.today),
        ),
        memory={
            **kept,
            "mark": known.mark,
            "carried": str(known.carried),
            "anchor": str(known.anchor),
            "before": "" if known.before is None else str(known.before),
        },
        ends=True,
    )


def _told(known: Known | None, now: Counters) -> _Told:
    today = _day(now.at_utc)
    if known is None or known.day_utc > today + DAY_S:  # a clock that was more than a day ahead is no witness
        return _first(now) if known is None else _anew(None, now)
    if _is_another_key(known, now):
        return _anew(known, now)
    if _begun_already(known, now):
        return _later_day(known, now._replace(at_utc=known.day_utc + DAY_S))
    if today <= known.day_utc or _not_yet_begun(known, now):
        return _same_day(known, now)
    return _later_day(known, now)


def _is_another_key(known: Known, now: Counters) -> bool:
    """Whether the key was replaced. One that goes on exactly where the other stood was given another label only."""
    if 2 * now.total + _SLACK < known.total:
        return True
    grown = now.total - known.total
    goes_on = grown >= -_SLACK and abs(grown - (now.today - known.today)) <= _SLACK
    return known.mark not in ("", now.mark) and not (goes_on and _day(now.at_utc) == known.day_utc)


def _not_yet_begun(known: Known, now: Counters) -> bool:
    """Whether today's counter is still yesterday's, which the server had not set back: it holds more than came in."""
    grown = now.total - known.total
    return (
        _day(now.at_utc) == known.day_utc + DAY_S
        and grown + _SLACK < now.today
        and abs(grown - (now.today - known.today)) <= _SLACK
    )


def _begun_already(known: Known, now: Counters) -> bool:
    """Whether the server has begun the next day, moments before it comes by the clock: today's counter alone fell."""
    fell = now.today + _SLACK < known.today and now.total + _SLACK >= known.total
    return fell and 0 < known.day_utc + DAY_S - now.at_utc <= _EARLY_S


def _first(now: Counters) -> _Told:
    today = _day(now.at_utc)
    rows = {today: _plus(now.today, 0)}
    cuts = _cuts(now, 0, now.total - now.today)
    if not cuts:
        return _Told(today, rows, (), _known_of(now, today, before=None))
    start, amount = cuts[0]
    stretches = _pieces(rows, start, today, amount, cuts[1:])
    before = rows.get(today - DAY_S, _NOTHING)
    return _Told(start, rows, stretches, _known_of(now, today, before=before))


def _anew(known: Known | None, now: Counters) -> _Told:
    today = _day(now.at_utc)
    rows: dict[int, Nanos] = {}
    carried, before = _NOTHING, None
    if known is not None and known.day_utc >= today:
        today, carried, before = known.day_utc, known.of_day, known.of_day_before
    elif known is not None and known.day_utc == today - DAY_S:
        before = known.of_day
    rows[today] = _plus(carried, now.today)
    if before is not None:
        rows[today - DAY_S] = before
    return _Told(min(rows), rows, (), _known_of(now, today, carried=carried, before=before))


def _same_day(known: Known, now: Counters) -> _Told:
    day = known.day_utc
    told = _known_of(now, day, carried=known.carried, before=known.before)._replace(anchor=known.anchor)
    rows = {day: told.of_day}
    if told.of_day_before is not None:
        rows[day - DAY_S] = told.of_day_before
    return _Told(min(rows), rows, (), told)


def _later_day(known: Known, now: Counters) -> _Told:
    today, day = _day(now.at_utc), known.day_utc
    came_in = now.total - now.today - known.total
    rows = {today: _plus(now.today, 0), day: known.of_day}
    stretches: tuple[tuple[int, int, Nanos], ...] = ()
    if came_in < 0:
        rows[day] = _plus(known.of_day, came_in)
    else:
        stretches = _pieces(
            rows, known.at_utc // BUCKET_S * BUCKET_S, today, came_in, _cuts(now, known.at_utc, came_in)
        )
    before = rows.get(today - DAY_S, _NOTHING)
    return _Told(day, rows, stretches, _known_of(now, today, before=before))


def _cuts(now: Counters, after_utc: int, most: int) -> list[tuple[int, int]]:
    """Where the week and the month began, if past a moment and before today, and what was spent from there to today.

    most: what was spent since that moment; a counter that says more, or less than a later one, is left out.
    """
    today = _day(now.at_utc)
    number = today // DAY_S
    starts = (
        (today - (number + 3) % 7 * DAY_S, now.week - now.today),  # 1970 began on a Thursday
        (today - (date_of_day_number(number).day - 1) * DAY_S, now.month - now.today),
    )
    cuts: list[tuple[int, int]] = []
    for at, since in sorted(set(starts)):
        if after_utc < at < today and -_SLACK <= since <= most + _SLACK and at not in dict(cuts):
            most = max(min(since, most), 0)
            cuts.append((at, most))
    return cuts


def _pieces(
    rows: dict[int, Nanos], start_utc: int, today: int, amount: int, cuts: list[tuple[int, int]]
) -> tuple[tuple[int, int, Nanos], ...]:
    """Lay an amount spent from a moment up to today: what is of one day into `rows`, the rest as stretches."""
    stretches = []
    begin, left = start_utc, amount
    for end, after in [*cuts, (today, 0)]:
        spent, day = left - after, _day(begin)
        if day + DAY_S == end:
            rows[day] = _plus(rows.get(day, _NOTHING), spent)
        elif spent:
            stretches.append((begin, end, Nanos(spent)))
        begin, left = end, after
    return tuple(stretches)


def _known_of(now: Counters, day: int, *, carried: Nanos = _NOTHING, before: Nanos | None) -> Known:
    # The moment lies in the day that was counted for, whatever the clock said.
    at_utc = min(max(now.at_utc, day), day + DAY_S - 1)
    return Known(at_utc, now.total, now.today, now.mark, carried, now.total - now.today, before)


def _known(readings: Mapping[tuple[str, str], Reading], memory: Mapping[str, str]) -> Known | None:
    total, today = readings.get((_TOTAL, CURRENCY)), readings.get((_TODAY, CURRENCY))
    if total is None or today is None:
        return None
    anchor, before = _number(memory.get("anchor")), _number(memory.get("before"))
    return Known(
        today.at_utc,
        total.amount,
        today.amount,
        memory.get("mark", ""),
        Nanos(_number(memory.get("carried")) or 0),
        total.amount - today.amount if anchor is None else anchor,
        None if before is None else Nanos(before),
    )


def _number(text: str | None) -> int | None:
    """What was remembered as a number, None for anything else, as a damaged backup may hold."""
    digits = (text or "").removeprefix("-")
    return int(text or "") if digits.isascii() and digits.isdigit() and len(digits) < 20 else None


def _plus(amount: Nanos, more: int) -> Nanos:
    return Nanos(max(amount + more, 0))


def _day(at_utc: int) -> int:
    return at_utc // DAY_S * DAY_S
