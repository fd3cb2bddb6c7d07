"""Periods as days, and the bars that stand for parts of them. Pure: what is today, and which days are known, is given.

The label of a bar is the one that `usage --by` gives for the same stretch of time, so that rows find their bar.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S, UtcSeconds, Zone, day_start_utc, days_between, offset_spans
from tokentray.insight.words import MONTHS
from tokentray.question import SPLITS, Period, Span
from tokentray.store.groups import day_labels, time_label

MOST_BARS = 400
_HOURS_UP_TO_DAYS = 14
_LENGTH = {Span.DAYS_7: 7, Span.DAYS_30: 30}
_ONE_DAY = timedelta(days=1)
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
Known = tuple[date, date] | None
"""The first and the last day that the history holds anything of."""


class BarText(NamedTuple):
    """What stands under a bar, heads a stretch of them ("" within one), and names it in full."""

    short: str
    heading: str
    label: str


def days(period: Period, today: date, known: Known) -> tuple[date, date]:
    """The first and the last day of a period. One that today lies in ends today, or with the last day known."""
    first_known, last_known = known or (today, today)
    end = max(today, last_known)
    if period.span in _LENGTH:
        return max(today, date.min + timedelta(days=30)) - timedelta(days=_LENGTH[period.span] - 1), today
    if period.span is Span.ALL:
        return min(first_known, end), end
    if period.span is Span.CUSTOM:
        last = period.last or max(end, period.first or date.min)
        first = period.first or min(first_known, last)
        return min(first, last), max(first, last)
    day = period.first or today
    first, last = month_of(day) if period.span is Span.MONTH else (day.replace(month=1, day=1), _year_end(day))
    return (first, min(last, end)) if first <= end else (first, last)


def month_of(day: date) -> tuple[date, date]:
    """The first and the last day of the month that a day lies in."""
    first = day.replace(day=1)
    if (first.year, first.month) == (date.max.year, date.max.month):  # no date follows
        return first, date.max
    return first, (first + timedelta(days=32)).replace(day=1) - _ONE_DAY


def _year_end(day: date) -> date:
    return day.replace(month=12, day=31)


def stepped(period: Period, direction: int, today: date, known: Known) -> Period | None:
    """The period after this one (direction 1) or before it (-1); None where nothing is known there."""
    if period.span is Span.ALL or (period.span is Span.CUSTOM and not (period.first and period.last)):
        return None
    first, last = days(period, today, known)
    try:
        if period.span in (Span.MONTH, Span.YEAR):
            start = month_of(first)[0] if period.span is Span.MONTH else first.replace(month=1)
            end = month_of(start)[1] if period.span is Span.MONTH else _year_end(start)
            beside = Period(period.span, end + _ONE_DAY if direction > 0 else start - _ONE_DAY)
        else:
            length = (last - first) + _ONE_DAY
            beside = Period(Span.CUSTOM, first + direction * length, last + direction * length)
    except OverflowError:  # before or after all dates there are
        return None
    new_first, new_last = days(beside, today, known)
    first_known, last_known = known or (today, today)
    if new_first > max(today, last_known) or new_last < min(today, first_known):
        return None
    return period_of(new_first, new_last, today) if period.span not in (Span.MONTH, Span.YEAR) else _now(beside, today)


def _now(period: Period, today: date) -> Period:
    """A month or year by its first day, by none where it is today's."""
    assert period.first is not None
    first = month_of(period.first)[0] if period.span is Span.MONTH else period.first.replace(month=1, day=1)
    same = first.year == today.year and (period.span is Span.YEAR or first.month == today.month)
    return Period(period.span, None if same else first)


def period_of(first: date, last: date, today: date | None = None) -> Period:
    """Days as the period that people call them by: a whole month or year, the last 7 or 30 days, else by their dates.

    today: where it is given, a month or year that reaches up to it counts as whole.
    """
    for span, (start, end) in (
        (Span.MONTH, month_of(first)),
        (Span.YEAR, (first.replace(month=1, day=1), _year_end(first))),
    ):
        if first == start and last in (end, min(end, today) if today else end):
            return _now(Period(span, first), today) if today else Period(span, first)
    for span, length in _LENGTH.items():
        if last == today and (last - first).days == length - 1:
            return Period(span)
    return Period(Span.CUSTOM, first, last)


def title(period: Period, first: date, last: date) -> str:
    """A period by its name: "November 2026", "2026", "All 5 years", "15 – 21 November 2026", "Sat 14 November 2026".

    first, last: its days, as days() gives them.
    """
    if period.span is Span.MONTH:
        return month_text(first)
    if period.span is Span.YEAR:
        return f"{first.year:04d}"
    if period.span is Span.ALL:
        return f"All since {first.day} {month_text(first)}"
    return span_text(first, last)


def month_text(day: date) -> str:
    """The month that a day lies in: "November 2026"."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def day_text(day: date) -> str:
    """A day in full: "Sat 14 November 2026"."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {month_text(day)}"


def span_text(first: date, last: date) -> str:
    """Days from one to another: "15 – 21 November 2026"; one alone with its weekday."""
    if first == last:
        return day_text(first)
    if first.year != last.year:
        return f"{first.day} {month_text(first)} – {last.day} {month_text(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {last.day} {month_text(last)}"
    return f"{first.day} – {last.day} {month_text(last)}"


def splits(first: date, last: date) -> tuple[str, ...]:
    """What the bars of these days can stand for, finest first: several bars if that can be, and not too many."""
    count = (last - first).days + 1
    made = []
    if count <= _HOURS_UP_TO_DAYS:
        made.append("hour")
    if count <= MOST_BARS:
        made.append("day")
    if count > 7 and count <= 7 * (MOST_BARS - 1):
        made.append("week")
    if (first.year, first.month) != (last.year, last.month) or not made:
        made.append("month")
    return tuple(made)


def default_split(period: Period, first: date, last: date) -> str:
    """What suits a period: hours of one or two days, days of up to a quarter, then weeks; months of years."""
    count = (last - first).days + 1
    if count <= 2:
        return "hour"
    if period.span is Span.YEAR and count > 31:
        return "month"
    if count <= 92:
        return "day"
    return "week" if count <= MOST_BARS else "month"


def split_for(asked: str, period: Period, first: date, last: date) -> str:
    """The split asked for where it suits these days, else the one that does."""
    return asked if asked in splits(first, last) else default_split(period, first, last)


def bars(first: date, last: date, split: str, zone: Zone) -> list[str]:
    """The label of every bar from the first day to the last, in order, also where nothing was used.

    Never more than MOST_BARS: of a longer time the latest.
    """
    assert split in SPLITS, split
    if split == "hour":
        return _hours(first, last, zone)[-MOST_BARS:]
    if split == "month":
        count = (last.year - first.year) * 12 + last.month - first.month + 1
        numbers = range(max(count - MOST_BARS, 0), count)
        at = [divmod(first.year * 12 + first.month - 1 + number, 12) for number in numbers]
        return [f"{year:04d}-{month + 1:02d}" for year, month in at]
    length = MOST_BARS * (7 if split == "week" else 1)
    start = max(first, last - timedelta(days=min(length, (last - first).days)))
    found = dict.fromkeys(day_labels(day)[split] for day in days_between(start, last))
    return list(found)[-MOST_BARS:]


def _hours(first: date, last: date, zone: Zone) -> list[str]:
    """Hours on the wall: 23 or 25 of them where the clock is changed, and two halves where it moves by half of one."""
    start, end = day_start_utc(first, zone), UtcSeconds(day_start_utc(last, zone) + DAY_S)
    if last < date.max:
        end = day_start_utc(last + _ONE_DAY, zone)
    spans = offset_spans(start, end, zone)
    found: dict[str, None] = {}
    at = 0
    for instant in range(start, end, BUCKET_S):
        while at + 1 < len(spans) and spans[at + 1].start_utc <= instant:
            at += 1
        found[time_label("hour", instant, spans[at].offset_s)] = None
    return list(found)


def label_at(split: str, at_utc: int, zone: Zone) -> str:
    """The label of the bar that an instant lies in."""
    return time_label(split, at_utc, zone.offset_s(at_utc))


def bar_days(split: str, label: str) -> tuple[date, date]:
    """The first and the last day that a bar holds something of: of an hour, its day."""
    if split == "month":
        return month_of(date.fromisoformat(f"{label}-01"))
    if split == "week":
        year, _, week = label.partition("-W")
        monday = date.fromisocalendar(int(year), int(week), 1)
        return monday, monday + timedelta(days=min(6, (date.max - monday).days))
    day = date.fromisoformat(label[:10])
    return day, day


def bar_texts(split: str, labels: Sequence[str]) -> list[BarText]:
    """What bars are called, in their order. A heading stands at the first of a day, month or year."""
    walls = Counter(label[:16] for label in labels)
    made: list[BarText] = []
    last_heading = ""
    for label in labels:
        twice = split == "hour" and walls[label[:16]] > 1
        short, heading, text = _bar_text(split, label, twice)
        made.append(BarText(short, heading if heading != last_heading else "", text))
        last_heading = heading
    return made


def _bar_text(split: str, label: str, twice: bool) -> tuple[str, str, str]:
    first, last = bar_days(split, label)
    if split == "month":
        return MONTHS[first.month - 1][:3], str(first.year), month_text(first)
    if split == "week":
        number = int(label.partition("-W")[2])
        return f"W{number}", label[:4], f"Week {number}, {span_text(first, last)}"
    if split == "day":
        return str(first.day), f"{MONTHS[first.month - 1][:3]} {first.year}", day_text(first)
    hour = label[11:13]
    offset = f" (UTC{label[16:]})" if twice else ""
    heading = f"{_WEEKDAYS[first.weekday()]} {first.day} {MONTHS[first.month - 1][:3]}"
    return hour, heading, f"{day_text(first)}, {hour}:00{offset}"
