"""Usage rows in one currency, exactly: each day's amounts at the rate of that day, rounded once, in the total.

Rows share the rounded total by largest remainder, so that every grouping of the same use adds up to the same amount,
the one that tally() gives. What no rate leads to stays in its own currency.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain

from tokentray.insight.exchange import Exchange, held_on
from tokentray.insight.tally import BASES, CAVEATS, Home
from tokentray.model import ExchangeRate, UsageRow
from tokentray.money import Femtos, Nanos, exact_sum, femtos_to_decimal, nanos_to_decimal


def landing(row: UsageRow, home: Home) -> str:
    """The currency a row is told in: the home one where a rate leads there, or where there is nothing to convert."""
    if not home.currency or row.currency == home.currency:
        return row.currency
    empty = not row.cost and not row.list_cost
    return home.currency if empty or home.exchange.reaches(row.currency, home.currency) else row.currency


def unreached(rows: Iterable[UsageRow], home: Home) -> list[str]:
    """Currencies of amounts that no rate leads home from."""
    return sorted({landing(row, home) for row in rows} - {home.currency})


def regrouped(rows: Iterable[UsageRow], by: Sequence[str], home: Home) -> list[UsageRow]:
    """Rows grouped by `by` and day as rows by `by` alone, in the home currency where a rate leads there.

    They stay in their order; currencies of one group stand in the order of their codes.
    """
    groups: dict[tuple[tuple[str, str], ...], dict[str, list[UsageRow]]] = {}
    for row in rows:
        kept = tuple(pair for pair in row.keys if pair[0] in by)
        groups.setdefault(kept, {}).setdefault(landing(row, home), []).append(row)
    parts = [(keys, currency, found[currency]) for keys, found in groups.items() for currency in sorted(found)]
    made: dict[int, UsageRow] = {}
    for currency in dict.fromkeys(currency for _, currency, _ in parts):
        mine = [index for index, part in enumerate(parts) if part[1] == currency]
        costs = shared([spend_of(parts[index][2], home) for index in mine])
        worths = shared([worth_of(parts[index][2], home) for index in mine])
        for index, cost, worth in zip(mine, costs, worths, strict=True):
            made[index] = merged(parts[index][0], currency, parts[index][2], cost, worth)
    return [made[index] for index in range(len(parts))]


def spend_of(rows: Iterable[UsageRow], home: Home) -> Fraction:
    """What rows that land in one currency cost there, unrounded."""
    return _sum(((row, row.cost) for row in rows), home)


def worth_of(rows: Iterable[UsageRow], home: Home) -> Fraction:
    """The list cost of rows that land in one currency, there, unrounded."""
    return _sum(((row, row.list_cost or Decimal(0)) for row in rows), home)


def _sum(amounts: Iterable[tuple[UsageRow, Decimal]], home: Home) -> Fraction:
    """Those of one day and currency are added first, for each conversion takes its time."""
    as_they_are: list[Decimal] = []
    others: dict[tuple[str, str], list[Decimal]] = {}
    for row, amount in amounts:
        if not home.currency or row.currency == home.currency:
            as_they_are.append(amount)
        elif amount:
            others.setdefault((row.currency, row.key("day")), []).append(amount)
    told = [
        Fraction(home.told(date.fromisoformat(day), exact_sum(parts), currency)[0])
        for (currency, day), parts in others.items()
    ]
    return sum(told, Fraction(exact_sum(as_they_are)))


def shared(parts: Sequence[Fraction]) -> list[Decimal]:
    """Amounts as decimals that add up to their sum as money.decimal_of gives it; ties go to the earlier part."""
    total = sum(parts, Fraction(0))
    exact = (total * 10**15).denominator == 1
    scaled = [part * (10**15 if exact else 10**9) for part in parts]
    units = [int(part // 1) for part in scaled]
    missing = round(sum(scaled, Fraction(0))) - sum(units)
    for index in sorted(range(len(parts)), key=lambda index: (units[index] - scaled[index], index))[:missing]:
        units[index] += 1
    if exact:
        return [femtos_to_decimal(Femtos(unit)) for unit in units]
    return [nanos_to_decimal(Nanos(unit)) for unit in units]


def rates_used(
    rates: Sequence[ExchangeRate], base: str, quote: str, first: date, last: date
) -> tuple[ExchangeRate, ...]:
    """The rates that lead from one currency to another on the days from `first` to `last`, as they were set."""
    used = []
    for leg in Exchange(rates).legs(base, quote) or ():
        inverse = [rate for rate in rates if (rate.quote, rate.base) == leg]
        direct = [rate for rate in rates if (rate.base, rate.quote) == leg]
        held = {rate.valid_from: rate for rate in (*inverse, *direct)}  # of one day, that of the pair itself
        days = sorted(held)
        used += [held[day] for day in days[held_on(first, days) : held_on(last, days) + 1]]
    return tuple(used)


def merged(
    keys: tuple[tuple[str, str], ...], currency: str, rows: Sequence[UsageRow], cost: Decimal, worth: Decimal
) -> UsageRow:
    """Rows as one. cost, worth: what they come to in the currency; no worth is known where nothing was priced."""
    bases = set(chain.from_iterable({row.basis for row in rows}))
    caveats = set(chain.from_iterable({row.caveats for row in rows}))
    return UsageRow._make(
        (
            keys,
            *[sum(counts) for counts in zip(*[row[1:9] for row in rows], strict=True)],
            cost,
            worth if priced(rows) else None,
            *[sum(counts) for counts in zip(*[row[11:13] for row in rows], strict=True)],
            currency,
            tuple([basis for basis in BASES if basis in bases]),
            tuple([caveat for caveat in CAVEATS if caveat in caveats]),
        )
    )


def priced(rows: Sequence[UsageRow]) -> bool:
    """Whether a list cost of them together is known: a fee, which has no tokens, does not make up for a price."""
    if all(row.list_cost is not None for row in rows):
        return True
    return any(row.list_cost or (row.list_cost is not None and row.total_tokens > row.unpriced_tokens) for row in rows)
