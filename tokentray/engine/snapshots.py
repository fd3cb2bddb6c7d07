"""Makes the one Snapshot that tray, popover, `status` and `statusline` show, from the history and the time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tokentray.clock import DAY_S, Zone, date_of_day_number, days_between, local_date
from tokentray.insight import words
from tokentray.insight.reference import Equivalent, equivalent
from tokentray.model import ReferencePoint, UsageRow
from tokentray.money import NumberStyle, short_money
from tokentray.snapshot import (
    DayBar,
    Problem,
    ReadProgress,
    Snapshot,
    SnapshotState,
    SourceLine,
    SourceState,
    Worth,
)
from tokentray.store.history import History
from tokentray.store.queries import SourceRow
from tokentray.store.usage import UsageQuery

LOG_INTERVAL_S = 900
"""How often logs are looked at whole even where no file event came."""
STALE_AFTER_S = 3 * LOG_INTERVAL_S
_DAYS = 30
_CURRENCY = "USD"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class _View:
    """What every figure of a snapshot is made with."""

    references: Sequence[ReferencePoint]
    style: NumberStyle
    now_utc: int
    zone: Zone

    def worth(self, rows: Sequence[UsageRow], who: str) -> Worth:
        hours = self.hours(rows)
        return words.worth(rows, _CURRENCY, who, hours.text(self.style), self.style)

    def hours(self, rows: Iterable[UsageRow]) -> Equivalent:
        dated = [(date.fromisoformat(row.key("day")), row.list_cost or Decimal(0)) for row in rows]
        return equivalent(dated, _CURRENCY, self.references)

    def time_text(self, at_utc: int) -> str:
        """A time as it is said: "14:02" today, "21 Nov 14:02" on another day, with the year in another one."""
        offset_s = self.zone.offset_s(at_utc)
        minutes = (at_utc + offset_s) // 60
        clock = f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
        day = date_of_day_number((at_utc + offset_s) // DAY_S)
        today = local_date(self.now_utc, self.zone)
        if day == today:
            return clock
        named = f"{day.day} {words.MONTHS[day.month - 1][:3]}"
        return f"{named} {clock}" if day.year == today.year else f"{named} {day.year} {clock}"


def build(
    history: History,
    now_utc: int,
    zone: Zone,
    style: NumberStyle,
    *,
    problems: Sequence[Problem] = (),
    progress: ReadProgress | None = None,
) -> Snapshot:
    """The snapshot at an instant. Reads the last thirty days or this month, whichever is longer."""
    view = _View(history.reference_points(), style, now_utc, zone)
    today = local_date(now_utc, zone)
    first = min(today.replace(day=1), today - timedelta(days=_DAYS - 1))
    rows = history.usage(UsageQuery(("day", "agent"), first, today), zone)
    sources = history.sources()
    of_today = [row for row in rows if row.key("day") == today.isoformat()]
    of_month = [row for row in rows if row.key("day") >= today.replace(day=1).isoformat()]
    everyone = _whose([source.label for source in sources])
    today_worth, month_worth = view.worth(of_today, everyone), view.worth(of_month, everyone)
    hours = view.hours(of_today).hours if view.references else None
    read = [source.read_at_utc for source in sources if source.read_at_utc is not None]
    state = _state(sources, now_utc)
    as_of = f"as of {view.time_text(min(read))}" if read else "nothing read yet"
    month_label = words.MONTHS[today.month - 1]
    return Snapshot(
        taken_at_utc=now_utc,
        as_of_text=as_of,
        state=state,
        today=today_worth,
        month=month_worth,
        month_label=month_label,
        sources=_source_lines(sources, of_today, of_month, view),
        days=_bars(rows, days_between(today - timedelta(days=_DAYS - 1), today), everyone, view),
        lines=(
            _line("Today", today_worth),
            _line(month_label, month_worth),
            _last_line(sources, as_of, state),
        ),
        has_reference=any(point.kind == "hourly" for point in view.references),
        today_minutes=None if hours is None else int(hours * 60),
        ring_permille=0 if hours is None else int((hours - int(hours)) * 1000),
        ring_hours=0 if hours is None else int(hours),
        today_short=short_money(today_worth.list_cost or Decimal(0)),
        quiet_text="" if rows else _quiet_text(history, view),
        problems=tuple(problems),
        progress=progress,
    )


def _quiet_text(history: History, view: _View) -> str:
    """When there was use at all and what it came to, for whoever finds thirty days empty."""
    span = history.bounds()
    if span is None:
        return ""
    whole = history.usage(UsageQuery(("day",)), view.zone)
    day = local_date(span[1], view.zone)
    worth = view.worth(whole, "")
    told = f"{worth.amount_text} in all" + (f", {worth.equivalent_text}" if worth.equivalent_text else "")
    return f"Nothing used in {_DAYS} days; last on {day.day} {words.MONTHS[day.month - 1]} {day.year}. {told}."


def _line(label: str, worth: Worth) -> str:
    return " · ".join(part for part in (f"{label} {worth.amount_text}", worth.equivalent_text) if part)


def _last_line(sources: Sequence[SourceRow], as_of: str, state: SnapshotState) -> str:
    failing = [source.label for source in sources if source.error]
    if failing:
        return f"{_joined(failing)} could not be read · {as_of}"
    if state is SnapshotState.NOTHING_READ:
        return "Nothing read yet"
    return f"{words.WORTH.capitalize()} · {as_of}"


def _state(sources: Sequence[SourceRow], now_utc: int) -> SnapshotState:
    if any(source.error for source in sources):
        return SnapshotState.FAILING
    states = {_source_state(source, now_utc) for source in sources}
    if states <= {SourceState.NEVER}:
        return SnapshotState.NOTHING_READ
    return SnapshotState.STALE if SourceState.STALE in states else SnapshotState.FRESH


def _source_state(source: SourceRow, now_utc: int) -> SourceState:
    if source.error:
        return SourceState.FAILING
    if source.read_at_utc is None:
        return SourceState.NEVER
    return SourceState.STALE if now_utc - source.read_at_utc > STALE_AFTER_S else SourceState.FRESH


def _source_lines(
    sources: Sequence[SourceRow], today: Sequence[UsageRow], month: Sequence[UsageRow], view: _View
) -> tuple[SourceLine, ...]:
    """Sources with use this month, the largest first, then those that were looked at and had none."""
    costs = {
        source.name: sum((row.list_cost or Decimal(0) for row in month if row.key("agent") == source.name), Decimal(0))
        for source in sources
    }
    largest = max(costs.values(), default=Decimal(0))
    ordered = sorted(sources, key=lambda source: (-costs[source.name], source.label))
    todays = _worths(ordered, today, view)
    months = _worths(ordered, month, view)
    return tuple(
        SourceLine(
            id=source.name,
            kind=source.kind,
            label=source.label,
            today=of_today,
            month=of_month,
            bar_permille=_permille(costs[source.name], largest),
            state=_source_state(source, view.now_utc),
            last_success_utc=source.read_at_utc,
            as_of_text="never read" if source.read_at_utc is None else f"as of {view.time_text(source.read_at_utc)}",
            error=source.error,
        )
        for source, of_today, of_month in zip(ordered, todays, months, strict=True)
    )


def _worths(sources: Sequence[SourceRow], rows: Sequence[UsageRow], view: _View) -> list[Worth]:
    """One column of the table: what is displayed adds up to the total displayed above it."""
    column = [
        view.worth([row for row in rows if row.key("agent") == source.name], f"{source.label}'s logs")
        for source in sources
    ]
    texts = words.amount_texts([(worth.list_cost, worth.unpriced_tokens) for worth in column], _CURRENCY, view.style)
    return [replace(worth, amount_text=text) for worth, text in zip(column, texts, strict=True)]


def _bars(rows: Sequence[UsageRow], days: Sequence[date], who: str, view: _View) -> tuple[DayBar, ...]:
    by_day = {day: [row for row in rows if row.key("day") == day.isoformat()] for day in days}
    costs = {day: sum((row.list_cost or Decimal(0) for row in of), Decimal(0)) for day, of in by_day.items()}
    highest = max(costs.values(), default=Decimal(0))
    return tuple(
        DayBar(
            day,
            f"{_WEEKDAYS[day.weekday()]} {day.day} {words.MONTHS[day.month - 1][:3]}",
            view.worth(by_day[day], who),
            _permille(costs[day], highest),
        )
        for day in days
    )


def _permille(part: Decimal, whole: Decimal) -> int:
    """A thousandth scale that never hides what is there: anything above nothing is at least 1."""
    if not whole or not part:
        return 0
    return max(1, int(Fraction(part) / Fraction(whole) * 1000))


def _whose(labels: Sequence[str]) -> str:
    return f"the logs of {_joined(labels)}" if labels else "no logs yet"


def _joined(labels: Sequence[str]) -> str:
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} and {labels[-1]}"
