"""Reads a month and the one before it for Why, so that window, command line and exports say the same."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import Zone, day_start_utc
from tokentray.insight.tally import Home
from tokentray.insight.why import Why, explain
from tokentray.insight.why_days import MonthDays, month_days
from tokentray.insight.why_rows import WHY_KEYS
from tokentray.model import Tier, UsageRow
from tokentray.money import Femtos, femtos_to_decimal
from tokentray.prices.lookup import price_at
from tokentray.store.history import History

Reader = Callable[[tuple[str, ...], date, date], list[UsageRow]]
"""Usage by some keys from a day to another, both included."""


class MonthWhy(NamedTuple):
    """whys: one a currency, the leading one first. rows, rows_before: of the days compared. is_first: nothing at all
    is known before the month."""

    days: MonthDays
    whys: tuple[Why, ...]
    rows: tuple[UsageRow, ...]
    rows_before: tuple[UsageRow, ...]
    is_first: bool


class Books(NamedTuple):
    """What Why is read from. read: where not all rows matter, reads those that do.

    known_from: the first day of which anything is known, None where that is nothing. known_until: that of the last
    read.
    """

    history: History
    read: Reader
    home: Home
    zone: Zone
    known_from: date | None
    known_until: date


def month_why(books: Books, month: date, *, of_worth: bool, lead: str = "") -> MonthWhy:
    """The month that holds a date against the one before it, or against the same days of it while it is not over.

    lead: the currency that leads, "" for that with the most in it. Raises StoreError.
    """
    whole = month_days(month, date.max)
    rows = books.read(WHY_KEYS, whole.first, whole.end)
    days = month_days(month, max([books.known_until, *(date.fromisoformat(row.key("day")) for row in rows)]))
    before = books.read(WHY_KEYS, days.before_first, days.before_last) if whole.first > date.min else []
    at_utc = day_start_utc(days.first, books.zone) - 1

    def list_price(provider: str, model: str, kind: str) -> tuple[Decimal, str] | None:
        price = price_at(books.history.list_prices(provider, model), Tier.STANDARD, 0, at_utc)
        if price is None:
            return None
        return femtos_to_decimal(Femtos(getattr(price.rates, kind.replace("-", "_")))), price.currency

    return MonthWhy(
        days,
        explain(before, rows, books.home, list_price, of_worth=of_worth, lead=lead),
        tuple(rows),
        tuple(before),
        is_first=books.known_from is None or books.known_from >= days.first,
    )
