"""Reads Why from the ground that reports are made from, and finds the words for it."""

from collections.abc import Callable
from datetime import date

from tokentray.engine.reports.ground import Ground
from tokentray.insight import why_month
from tokentray.insight.known_days import last_read_day
from tokentray.insight.why_month import Books, MonthWhy, Reader
from tokentray.insight.why_steps import Teller


def month_why(ground: Ground, month: date, read: Reader | None = None, *, of_worth: bool) -> MonthWhy:
    """The month that holds a date against the one before it, or against the same days of it while it is not over.

    read: where not all rows matter, reads those that do. Raises StoreError.
    """
    known_until = last_read_day(ground.sources, ground.today, ground.zone)
    books = Books(ground.history, read or ground.usage, ground.home, ground.zone, _known_from(ground), known_until)
    return why_month.month_why(books, month, of_worth=of_worth)


def tellers_of(ground: Ground, found: MonthWhy, plain: Callable[[str], str]) -> list[Teller]:
    """What puts each Why into words. plain: makes a name out of a log fit to be shown within a line."""
    known_from = _known_from(ground)
    return [Teller(why, found.days, ground.names, ground.style, plain, known_from) for why in found.whys]


def _known_from(ground: Ground) -> date | None:
    return ground.known[0] if ground.known else None
