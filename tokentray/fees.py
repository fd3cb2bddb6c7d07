"""A plan's fee by day, exactly: the days of each billing month add up to the fee, to the nano-unit.

Day k of N of a billing month (k from 0) gets ⌊fee·(k+1)/N⌋ − ⌊fee·k/N⌋. A term that begins or ends inside a
billing month counts the days it holds.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from tokentray.model import PlanTerm
from tokentray.money import Nanos


def fee_on(term: PlanTerm, day: date) -> Nanos:
    """What a day of a term costs, in nano-units of its currency; 0 outside the term."""
    if day < term.first_day or (term.last_day is not None and day > term.last_day):
        return Nanos(0)
    start, following = billing_month(day, term.cycle_day)
    days, index = (following - start).days, (day - start).days
    return Nanos(term.fee_nanos * (index + 1) // days - term.fee_nanos * index // days)


def fee_days(term: PlanTerm, first: date, last: date) -> Iterator[tuple[date, Nanos]]:
    """Each day of a term from `first` to `last`, both included, and what it costs."""
    day = max(first, term.first_day)
    end = last if term.last_day is None else min(last, term.last_day)
    while day <= end:
        yield day, fee_on(term, day)
        day += timedelta(days=1)


def billing_month(day: date, cycle_day: int) -> tuple[date, date]:
    """First days of the billing month that holds a day, and of the one after it."""
    start = day.replace(day=cycle_day)
    if day.day < cycle_day:
        start = _month_later(start, -1)
    return start, _month_later(start, 1)


def _month_later(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)
