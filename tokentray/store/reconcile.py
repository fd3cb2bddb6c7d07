"""What each account was billed on a UTC day, beside what its tokens come to at list price. Plain facts, exact.

All of an account's own figures side by side: nothing is left out for being seen by another account too, and nothing
says which of them counts. Why they differ is for insight.reconcile.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import DAY_S, Zone, date_of_day_number
from tokentray.model import Basis
from tokentray.money import Femtos, Nanos, femtos_to_decimal, nanos_to_decimal
from tokentray.store import told
from tokentray.store.account_rows import covers
from tokentray.store.coverage import Cover
from tokentray.store.payers import payers
from tokentray.store.pricing import stored_prices
from tokentray.store.usage_sql import SUMS, table_of

_EPOCH = date(1970, 1, 1)
_CURRENCY = "USD"
"""Of all list prices there are."""
_TOKENS = ", ".join(f"SUM(b.{name})" for name in SUMS)
_Day = tuple[int, int]
"""An account and the number of a day."""


class DayPair(NamedTuple):
    """One UTC day of an account. billed: by currency, nothing where the bill is complete without; empty where none is.

    metered, estimated: the tokens of its usage report, and of the logs that it pays for, at list price in `currency`;
    None where there are none with a price. metered_unpriced, estimated_unpriced: tokens without one. complete: whether
    what reports of the day there are, are complete.
    """

    account_id: int
    utc_day: date
    billed: Mapping[str, Decimal]
    metered: Decimal | None
    metered_unpriced: int
    estimated: Decimal | None
    estimated_unpriced: int
    currency: str
    complete: bool


class _Worth:
    """Tokens at list price, day by day."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._prices = stored_prices(connection)
        self._costs: dict[_Day, int] = {}
        self._unpriced: dict[_Day, int] = {}

    def add(self, day: _Day, price_id: int | None, counts: Sequence[int]) -> None:
        """Tokens of one price."""
        _, fresh, output, _, read, write_5m, write_1h, searches = counts
        price = self._prices.get(price_id) if price_id is not None else None
        if price is None:
            self._unpriced[day] = self._unpriced.get(day, 0) + fresh + output + read + write_5m + write_1h
        else:
            cost = price.rates.cost(fresh, output, read, write_5m, write_1h, searches)
            self._costs[day] = self._costs.get(day, 0) + cost

    def of(self, day: _Day) -> tuple[Decimal | None, int]:
        """What is priced, and how many tokens are not."""
        cost = self._costs.get(day)
        return None if cost is None else femtos_to_decimal(Femtos(cost)), self._unpriced.get(day, 0)


def day_pairs(connection: sqlite3.Connection, from_utc_day: date, to_utc_day: date, zone: Zone) -> list[DayPair]:
    """Days that the accounts' reports cover whole, in order, both ends included. zone: in which payer rules begin.

    Left out are days that an amount reaches into which belongs to several, as from one look at a balance to the next.
    """
    first, last = (from_utc_day - _EPOCH).days, (to_utc_day - _EPOCH).days
    span = {"first": first * DAY_S, "last": (last + 1) * DAY_S}
    billed = _billed(connection, span)
    metered, estimated = _Worth(connection), _Worth(connection)
    for account, number, price_id, *counts in connection.execute(
        f"SELECT b.source_id, b.start / {DAY_S}, b.price_id, {_TOKENS} FROM metered_buckets b"
        " WHERE b.start >= :first AND b.start < :last GROUP BY 1, 2, 3",
        span,
    ):
        metered.add((account, number), price_id, counts)
    who = payers(connection, told.plans(connection), zone)
    paid = [index for index in range(len(who.payers)) if who.account_of(index)]
    behind = connection.execute("SELECT 1 FROM dirty_buckets LIMIT 1").fetchone() is not None
    for index, number, price_id, *counts in connection.execute(
        f"SELECT {who.sql} AS who, b.start / {DAY_S}, b.price_id, {_TOKENS} FROM {table_of(set(), behind)} b"
        f" WHERE b.start >= :first AND b.start < :last AND {who.sql} IN ({', '.join(map(str, paid))})"
        " GROUP BY 1, 2, 3",
        span,
    ):
        estimated.add((who.account_of(index), number), price_id, counts)
    feeds: dict[int, dict[Basis, list[Cover]]] = {}
    for (account, basis), stretches in covers(connection).items():
        feeds.setdefault(account, {})[basis] = stretches
    shared = _shared_days(connection, span)
    pairs = []
    for account, number in ((account, number) for account in sorted(feeds) for number in range(first, last + 1)):
        day = (account, number)
        known = {basis: done for basis, of in feeds[account].items() if (done := _known(of, number)) is not None}
        if not known or day in shared:
            continue
        amounts = {currency: nanos_to_decimal(Nanos(amount)) for currency, amount in billed.get(day, ())}
        if not amounts and known.get(Basis.BILLED):
            amounts = {_CURRENCY: Decimal(0)}
        worth = (*metered.of(day), *estimated.of(day), _CURRENCY)
        pairs.append(DayPair(account, date_of_day_number(number), amounts, *worth, all(known.values())))
    return pairs


def _billed(connection: sqlite3.Connection, span: Mapping[str, int]) -> dict[_Day, list[tuple[str, int]]]:
    """Amounts by currency, of buckets and of what was spent within the day."""
    rows = connection.execute(
        f"SELECT source_id, start / {DAY_S}, currency, SUM(amount_nanos) FROM ("
        " SELECT source_id, start, currency, amount_nanos FROM billed_buckets"
        " UNION ALL SELECT source_id, start, currency, amount_nanos FROM billed_intervals"
        ") WHERE start >= :first AND start < :last GROUP BY 1, 2, 3",
        span,
    )
    billed: dict[_Day, list[tuple[str, int]]] = {}
    for account, number, currency, amount in rows:
        billed.setdefault((account, number), []).append((currency, amount))
    return billed


def _shared_days(connection: sqlite3.Connection, span: Mapping[str, int]) -> set[_Day]:
    """Days that an amount reaches into which belongs to several."""
    rows = connection.execute(
        f"SELECT source_id, start / {DAY_S}, (until - 1) / {DAY_S} FROM billed_intervals"
        f" WHERE start < :last AND until > :first AND start / {DAY_S} < (until - 1) / {DAY_S}",
        span,
    )
    return {(account, number) for account, first, last in rows for number in range(first, last + 1)}


def _known(stretches: Iterable[Cover], number: int) -> bool | None:
    """Whether a day is complete in a feed; None where the feed does not cover all of it."""
    start, end = number * DAY_S, (number + 1) * DAY_S
    for one in stretches:
        if one.start_utc <= start and end <= one.end_utc:
            return end <= one.complete_to_utc
    return None
