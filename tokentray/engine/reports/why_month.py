"""Reads a month and the one before it for Why, so that window and command line say the same."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import day_start_utc, local_date
from tokentray.engine.reports.ground import Ground
from tokentray.insight.why import Why, explain
from tokentray.insight.why_days import MonthDays, month_days
from tokentray.insight.why_rows import WHY_KEYS
from tokentray.insight.why_steps import Teller
from tokentray.model import Tier, UsageRow
from tokentray.money import Femtos, femtos_to_decimal
from tokentray.prices.lookup import price_at

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


def month_why(ground: Ground, month: date, read: Reader | None = None, *, of_worth: bool) -> MonthWhy:
    """The month that holds a date against the one before it, or against the same days of it while it is not over.

    read: where not all rows matter, reads those that do. Raises StoreError.
    """
    read = read or ground.usage
    whole = month_days(month, date.max)
    rows = read(WHY_KEYS, whole.first, whole.end)
    days = month_days(month, max([_known_until(ground), *(date.fromisoformat(row.key("day")) for row in rows)]))
    before = read(WHY_KEYS, days.before_first, days.before_last) if whole.first > date.min else []
    at_utc = day_start_utc(days.first, ground.zone) - 1

    def list_price(provider: str, model: str, kind: str) -> tuple[Decimal, str] | None:
        price = price_at(ground.history.list_prices(provider, model), Tier.STANDARD, 0, at_utc)
        if price is None:
            return None
        return femtos_to_decimal(Femtos(getattr(price.rates, kind.replace("-", "_")))), price.currency

    return MonthWhy(
        days,
        explain(before, rows, ground.home, list_price, of_worth=of_worth),
        tuple(rows),
        tuple(before),
        is_first=ground.known is None or ground.known[0] >= days.first,
    )


def tellers_of(ground: Ground, found: MonthWhy, plain: Callable[[str], str]) -> list[Teller]:
    """What puts each Why into words. plain: makes a name out of a log fit to be shown within a line."""
    known_from = ground.known[0] if ground.known else None
    return [Teller(why, found.days, ground.names, ground.style, plain, known_from) for why in found.whys]


def _known_until(ground: Ground) -> date:
    """The day of the last read of any source; without one, nothing is known to be missing."""
    reads = [source.read_at_utc for source in ground.sources if source.read_at_utc is not None]
    return local_date(max(reads), ground.zone) if reads else ground.today
