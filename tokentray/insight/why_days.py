"""Which days Why compares: a month with the one before it, or with the same days of it while the month is not over."""

from datetime import date, timedelta
from typing import NamedTuple

from tokentray.insight.periods import month_of, month_text, span_text
from tokentray.insight.words import MONTHS


class MonthDays(NamedTuple):
    """last: the last day known of the month, end: its last. before_end: the last day of the month before, compared
    or not."""

    first: date
    last: date
    end: date
    before_first: date
    before_last: date
    before_end: date

    @property
    def complete(self) -> bool:
        """Whether the whole month is known."""
        return self.last == self.end

    @property
    def title(self) -> str:
        """ "November 2026", or the days of it that are known."""
        return month_text(self.first) if self.complete else span_text(self.first, self.last)

    @property
    def before_title(self) -> str:
        """The same of the days compared with."""
        return month_text(self.before_first) if self.complete else span_text(self.before_first, self.before_last)

    @property
    def short_titles(self) -> tuple[str, str]:
        """Both as they stand under a bar, the days compared with first: "1 – 22 Oct 2026", "1 – 22 Nov 2026"."""
        return (
            _short(self.before_first, None if self.complete else self.before_last),
            _short(self.first, None if self.complete else self.last),
        )


def _short(first: date, last: date | None) -> str:
    """A month, or its days up to one."""
    month = f"{MONTHS[first.month - 1][:3]} {first.year}"
    if last is None:
        return month
    return f"{first.day} – {last.day} {month}" if last > first else f"{first.day} {month}"


def month_days(month: date, known_until: date) -> MonthDays:
    """The days to compare of the month that holds a date. known_until: the last day of which anything can be known."""
    first, end = month_of(month)
    last = max(first, min(end, known_until))
    before_end = first - timedelta(days=1) if first > date.min else first
    before_first = before_end.replace(day=1)
    same = before_first.replace(day=min(last.day, before_end.day))
    return MonthDays(first, last, end, before_first, before_end if last == end else same, before_end)
