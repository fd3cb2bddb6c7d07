"""Days and months as an exported month says them."""

from collections.abc import Sequence
from datetime import date

from tokentray.clock import DAY_S, Zone, date_of_day_number, day_start_utc, offset_text
from tokentray.insight.words import MONTHS, listed


def day_text(day: date) -> str:
    """A date as it is said: "22 November 2026"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def span_text(first: date, last: date) -> str:
    """A span of days: "1 to 22 November 2026"; both in one month."""
    return day_text(last) if first == last else f"{first.day} to {day_text(last)}"


def month_text(month: date) -> str:
    """A month: "November 2026"."""
    return f"{MONTHS[month.month - 1]} {month.year}"


def moment_text(at_utc: int, zone: Zone) -> str:
    """An instant on the person's clock: "22 November 2026 at 14:02"."""
    local = at_utc + zone.offset_s(at_utc)
    minutes = local // 60
    return f"{day_text(date_of_day_number(local // DAY_S))} at {minutes // 60 % 24:02d}:{minutes % 60:02d}"


def offsets_text(days: Sequence[date], zone: Zone) -> str:
    """How far ahead of UTC the clock is as days begin: "+02:00 and +01:00"."""
    return listed(list(dict.fromkeys(offset_text(zone.offset_s(day_start_utc(day, zone))) for day in days)))


def month_runs(months: Sequence[str]) -> str:
    """Months in order, neighbours drawn together: "2025-11 to 2026-03, 2026-05 and 2026-07"."""
    runs: list[list[str]] = []
    for month in months:
        if runs and _number(month) == _number(runs[-1][-1]) + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return listed([run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs])


def _number(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number)
