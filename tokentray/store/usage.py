"""Usage by any grouping, spend and list cost side by side.

SQL sums tokens by group, price and payer; Python multiplies, exactly. To that come the fees of plans, charges, and
what the accounts' own reports say (store.counts). Whatever lacks a key has an empty value for it, so every grouping
sums to the same total.

Local days come from the offsets in force over the span: the date at an instant is (instant + offset) ÷ 86,400,
so days of 23 or 25 hours and missing midnights need nothing special.
"""

import sqlite3
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import Any

from tokentray.clock import DAY_S, Zone, day_start_utc, local_date, offset_spans
from tokentray.fees import fee_days
from tokentray.model import PayerKind, Plan, UsageRow
from tokentray.money import femtos_of_nanos
from tokentray.store import told
from tokentray.store.groups import Groups, TimeLabels, day_labels
from tokentray.store.payers import Payers, payers
from tokentray.store.pricing import stored_prices
from tokentray.store.usage_sql import FILTERED_HERE, KEYS, SUMS, TIME_KEYS, UsageQuery, select

__all__ = ["KEYS", "UsageQuery", "bounds", "usage"]


def bounds(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """Starts of the first and the last bucket with use; None where there is none."""
    tables = ("usage_buckets", "dirty_buckets", "billed_buckets", "metered_buckets")
    # Each by itself: asked for both at once, SQLite walks the whole table instead of looking at its two ends.
    ends = " UNION ALL ".join(
        f"SELECT MIN(start) AS at FROM {one} UNION ALL SELECT MAX(start) FROM {one}" for one in tables
    )
    intervals = "SELECT MIN(start) FROM billed_intervals UNION ALL SELECT MAX(until) - 1 FROM billed_intervals"
    row = connection.execute(f"SELECT MIN(at), MAX(at) FROM ({ends} UNION ALL {intervals})").fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def usage(connection: sqlite3.Connection, query: UsageQuery, zone: Zone) -> list[UsageRow]:
    """Groups with their sums, sorted by the grouping, oldest first. A currency is a row of its own.

    Raises ValueError for a key that is not in KEYS.
    """
    unknown = [key for key in (*query.by, *dict(query.where)) if key not in KEYS]
    if unknown:
        raise ValueError(f"cannot group by {unknown[0]!r}; the keys are {', '.join(KEYS)}")
    groups = Groups(query.by, query.where)
    plans = told.plans(connection)
    known = bounds(connection)
    span = _span(query, known, zone)
    if span is not None:
        who = payers(connection, plans, zone)
        if connection.execute("SELECT 1 FROM feed_spans LIMIT 1").fetchone() is None:
            _add_logs(connection, groups, query, span, zone, who, frozenset())
        else:
            from tokentray.store import accounts  # nothing of it is needed where no account reports

            reporting = accounts.reporting(connection)
            _add_logs(connection, groups, query, span, zone, who, reporting.counted)
            accounts.add_accounts(connection, groups, query, zone, who, reporting)
    last_use = None if known is None else local_date(known[1], zone)
    _add_fees(groups, plans, query, last_use)
    _add_charges(connection, groups, query)
    return groups.rows()


def _span(query: UsageQuery, known: tuple[int, int] | None, zone: Zone) -> tuple[int, int] | None:
    if known is None:
        return None
    first, last = known[0], known[1] + DAY_S
    if query.from_day is not None:
        first = max(first, day_start_utc(query.from_day, zone))
    if query.to_day is not None and query.to_day < date.max:
        last = min(last, day_start_utc(query.to_day + timedelta(days=1), zone))
    return (first, last) if first < last else None


def _add_logs(
    connection: sqlite3.Connection,
    groups: Groups,
    query: UsageQuery,
    span: tuple[int, int],
    zone: Zone,
    who: Payers,
    reporting: Collection[int],
) -> None:
    """What logs say, but for what is paid by accounts whose own reports say it better."""
    apart = [index for index in range(len(who.payers)) if who.account_of(index) in reporting]
    filtered = [key for key in groups.filters if key not in FILTERED_HERE]  # kinds are told apart when they are added
    used = (*query.by, *filtered)
    behind = connection.execute("SELECT 1 FROM dirty_buckets LIMIT 1").fetchone() is not None
    asked = select(used, query.where, offset_spans(span[0], span[1], zone), who, apart, behind)
    prices = stored_prices(connection)
    width, labels = len(used), TimeLabels()
    readers = [_reader(key, index, width, labels, who) for index, key in enumerate(used)]
    counts = slice(width + 3, width + 3 + len(SUMS))
    filters = [(index, groups.filters[key]) for index, key in enumerate(filtered, len(query.by))]
    pays = [payer is not None and payer.kind in (PayerKind.PAYG, PayerKind.ACCOUNT) for payer in who.payers]
    for row in connection.execute(asked.sql, {"first": span[0], "last": span[1], **asked.values}):
        named = tuple([read(row) for read in readers])
        if not filters or all(named[index] in wanted for index, wanted in filters):
            groups.add_tokens(
                named[: len(query.by)], row[counts], prices.get(row[width]), row[width + 2], pays[row[width + 1]]
            )


def _reader(key: str, index: int, width: int, labels: TimeLabels, who: Payers) -> Callable[[Sequence[Any]], str]:
    """How the value of a key is found in a row of the SELECT."""
    offset, at = width + 3 + len(SUMS), width + 4 + len(SUMS)
    if key in TIME_KEYS:
        return lambda row: labels.text(key, row[at], row[offset])
    if key == "payer":
        texts = ["" if payer is None else str(payer) for payer in who.payers]
        return lambda row: texts[row[width + 1]]
    if key == "account":
        names = [who.accounts.get(who.account_of(payer), "") for payer in range(len(who.payers))]
        return lambda row: names[row[width + 1]]
    if key == "source":
        sources = [str(payer) if who.account_of(i) else "" for i, payer in enumerate(who.payers)]
        return lambda row: sources[row[width + 1]] or row[index]
    return lambda row: str(row[index])


def _add_fees(groups: Groups, plans: Sequence[Plan], query: UsageQuery, last_use: date | None) -> None:
    """A plan's fee, day by day, up to today: it has no model, project or hour."""
    to_day = query.to_day if query.to_day != date.max else None  # the end of time is no day to count up to
    ends = [day for day in (query.today or to_day or last_use, to_day) if day is not None]
    if not ends:
        return
    for plan in plans:
        source = f"plan:{plan.id}"
        fixed = {"provider": plan.provider, "source": source, "payer": source}
        for term in plan.terms:
            for day, fee in fee_days(term, query.from_day or date.min, min(ends)):
                groups.add_money({**fixed, **day_labels(day)}, femtos_of_nanos(fee), term.currency, "plan")


def _add_charges(connection: sqlite3.Connection, groups: Groups, query: UsageQuery) -> None:
    """Amounts typed in by hand, on their day."""
    for charge in told.charges(connection):
        if (query.from_day or date.min) <= charge.day <= min(query.to_day or date.max, query.today or date.max):
            labels = {"provider": charge.provider, "source": f"charge:{charge.id}", **day_labels(charge.day)}
            groups.add_money(labels, femtos_of_nanos(charge.amount_nanos), charge.currency, "charge")
