"""Amounts in another currency, exactly, at the rate of their day.

A rate holds from its date on; the first holds backwards too. A rate tells both ways, and two rates that share a
currency lead from one to the other. Nothing is fetched or rounded here.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.model import ExchangeRate

LIST_PRICES = "USD"
"""The currency of most list prices."""
_MIDDLE = LIST_PRICES
"""Where several currencies could stand in the middle: what most list prices are in, so what most rates are set for."""


def held_on(day: date, days: Sequence[date]) -> int:
    """Index of what holds on a day, of `days` in order: the latest from then on, the first backwards too."""
    return max(bisect_right(days, day) - 1, 0)


class _Rates(NamedTuple):
    """The rates of one pair, oldest date first."""

    days: tuple[date, ...]
    rates: tuple[Fraction, ...]


class Exchange:
    """The person's exchange rates, those that follow from them, and what amounts come to at them."""

    def __init__(self, rates: Sequence[ExchangeRate]) -> None:
        pairs: dict[tuple[str, str], dict[date, Fraction]] = {}
        for rate in rates:
            pairs.setdefault((rate.quote, rate.base), {})[rate.valid_from] = 1 / Fraction(rate.rate)
        for rate in rates:  # what was set for a pair itself goes before the other way round of the same day
            pairs.setdefault((rate.base, rate.quote), {})[rate.valid_from] = Fraction(rate.rate)
        self._pairs = {pair: _in_order(held) for pair, held in pairs.items()}
        self._legs: dict[tuple[str, str], tuple[_Rates, ...] | None] = {}
        self._held: dict[tuple[date, str, str], Fraction | None] = {}

    def reaches(self, base: str, quote: str) -> bool:
        """Whether amounts of one currency can be told in another, on any day."""
        return self._leading(base, quote) is not None

    @property
    def is_steady(self) -> bool:
        """Whether every rate is the same on all days."""
        return all(len(held.days) == 1 for held in self._pairs.values())

    def knows(self, currency: str) -> bool:
        """Whether any rate tells of a currency."""
        return any(currency in pair for pair in self._pairs)

    def rate_on(self, day: date, base: str, quote: str) -> Fraction | None:
        """How many units of `quote` one unit of `base` is on a day, None where no rate leads there."""
        if (day, base, quote) not in self._held:
            self._held[day, base, quote] = self._rate_on(day, base, quote)
        return self._held[day, base, quote]

    def _rate_on(self, day: date, base: str, quote: str) -> Fraction | None:
        legs = self._leading(base, quote)
        if legs is None:
            return None
        rate = Fraction(1)
        for leg in legs:
            rate *= leg.rates[held_on(day, leg.days)]
        return rate

    def convert(self, day: date, amount: Decimal, base: str, quote: str) -> Fraction | None:
        """An amount of a day in units of `quote`, unrounded, None where no rate leads there."""
        rate = self.rate_on(day, base, quote)
        return None if rate is None else Fraction(amount) * rate

    def legs(self, base: str, quote: str) -> tuple[tuple[str, str], ...] | None:
        """The pairs to go through: none within a currency, one where the pair has a rate, else two; or None."""
        if base == quote:
            return ()
        if (base, quote) in self._pairs:
            return ((base, quote),)
        after_base = {other for one, other in self._pairs if one == base}
        between = [one for one, other in self._pairs if other == quote and one in after_base]
        if not between:
            return None
        middle = _MIDDLE if _MIDDLE in between else min(between)
        return (base, middle), (middle, quote)

    def _leading(self, base: str, quote: str) -> tuple[_Rates, ...] | None:
        """The rates of those pairs."""
        if (base, quote) not in self._legs:
            legs = self.legs(base, quote)
            self._legs[base, quote] = None if legs is None else tuple(self._pairs[leg] for leg in legs)
        return self._legs[base, quote]


def _in_order(held: dict[date, Fraction]) -> _Rates:
    days = tuple(sorted(held))
    return _Rates(days, tuple(held[day] for day in days))
