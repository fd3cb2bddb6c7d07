"""Rows of usage added up, exactly, in the currency they are shown in; what no decimal can hold is rounded to nanos.

Each amount is converted at the rate of its own day. What no rate leads to stays in its own currency, and amounts of
two currencies are never added.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import NamedTuple

from tokentray.insight.exchange import Exchange
from tokentray.model import Basis, Caveat, UsageRow
from tokentray.money import decimal_of, exact_sum

ZERO = Decimal(0)
USUAL = "USD"
"""What most list prices are in."""
BASES = tuple(basis.value for basis in Basis)
CAVEATS = tuple(caveat.value for caveat in Caveat)
"""In the order in which rows of usage name them."""
_ESTIMATES = frozenset((Basis.ESTIMATED.value, Basis.METERED.value))


class Home(NamedTuple):
    """The currency that amounts are shown in, "" for the one they come in, and the rates that lead there."""

    currency: str
    exchange: Exchange

    def told(self, day: date, amount: Decimal, currency: str) -> tuple[Decimal | Fraction, str]:
        """An amount of a day, converted where a rate leads home, else as it is."""
        if not self.currency or currency == self.currency:
            return amount, currency
        converted = self.exchange.convert(day, amount, currency, self.currency)
        return (amount, currency) if converted is None else (converted, self.currency)


class Tally(NamedTuple):
    """What rows come to. cost, worth: spend and list cost by currency, nothing left out, "" never a key.

    estimated: whether some of the cost is an estimate. priced: whether any tokens had a price.
    """

    cost: Mapping[str, Decimal]
    worth: Mapping[str, Decimal]
    tokens: int
    requests: int
    unpriced_tokens: int
    unpriced_paid_tokens: int
    estimated: bool
    priced: bool
    basis: tuple[str, ...]
    caveats: tuple[str, ...]

    def cost_in(self, currency: str) -> Decimal:
        """Spend in one currency."""
        return self.cost.get(currency, ZERO)

    def worth_in(self, currency: str) -> Decimal:
        """List cost in one currency."""
        return self.worth.get(currency, ZERO)


def tally(rows: Iterable[UsageRow], home: Home) -> Tally:
    """Add rows up. They are grouped by day where anything is to be converted."""
    costs, worths = _Sums(home), _Sums(home)
    tokens = requests = unpriced = unpriced_paid = 0
    estimated = priced = False
    bases: set[tuple[str, ...]] = set()
    caveats: set[tuple[str, ...]] = set()
    for row in rows:  # taken apart at once: this is done more than all else
        _, asked, fresh, output, _, read, write_5m, write_1h, _, cost, worth, bare, bare_paid, _, basis, flaws = row
        used = fresh + output + read + write_5m + write_1h
        if cost:
            costs.add(row, cost)
            estimated = estimated or not _ESTIMATES.isdisjoint(basis)
        if worth:
            worths.add(row, worth)
        tokens += used
        requests += asked
        unpriced += bare
        unpriced_paid += bare_paid
        # A fee has a list cost of nothing, which does not make up for tokens without a price.
        priced = priced or bool(worth) or (worth is not None and used > bare)
        bases.add(basis)
        caveats.add(flaws)
    known, imperfect = set(chain.from_iterable(bases)), set(chain.from_iterable(caveats))
    return Tally(
        costs.told(),
        worths.told(),
        tokens,
        requests,
        unpriced,
        unpriced_paid,
        estimated or unpriced_paid > 0,
        priced,
        tuple([one for one in BASES if one in known]),
        tuple([one for one in CAVEATS if one in imperfect]) if imperfect else (),
    )


class _Sums:
    """Amounts while they are added: those of one day and currency together, for each conversion takes its time."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._own: dict[str, list[Decimal]] = {}
        self._others: dict[tuple[str, str], list[Decimal]] = {}

    def add(self, row: UsageRow, amount: Decimal) -> None:
        """An amount of a row."""
        if not self._home.currency or row.currency == self._home.currency:
            self._own.setdefault(row.currency, []).append(amount)
        else:
            self._others.setdefault((row.currency, row.key("day")), []).append(amount)

    def told(self) -> dict[str, Decimal]:
        """The sums by currency, each rounded once where anything of it was converted."""
        if not self._others:
            return {currency: exact_sum(parts) for currency, parts in self._own.items()}
        sums: dict[str, list[Decimal | Fraction]] = {one: [*parts] for one, parts in self._own.items()}
        for (currency, day), parts in self._others.items():
            amount, told = self._home.told(date.fromisoformat(day), exact_sum(parts), currency)
            sums.setdefault(told, []).append(amount)
        return {currency: _sum(parts) for currency, parts in sums.items()}


def _sum(parts: Iterable[Decimal | Fraction]) -> Decimal:
    exact = [part for part in parts if isinstance(part, Decimal)]
    fractions = [part for part in parts if isinstance(part, Fraction)]
    if not fractions:
        return exact_sum(exact)
    return decimal_of(sum(fractions, Fraction(exact_sum(exact))))


def leading(amounts: Mapping[str, Decimal], home: Home) -> str:
    """The currency to lead with: the person's own where some of it is told in it, else the one with the most of it.

    Currencies are compared at their latest rates; without one, as bare numbers. Amounts of nothing would hide what
    there is, so the chosen currency does not lead where no rate leads there.
    """
    if home.currency in amounts or not amounts:
        return home.currency or USUAL

    def size(currency: str) -> Fraction:
        rate = home.exchange.rate_on(date.max, currency, USUAL)
        return Fraction(amounts[currency]) * (rate or 1)

    return max(sorted(amounts), key=size)
