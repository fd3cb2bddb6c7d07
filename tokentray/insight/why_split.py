"""What tokens with a price explain of a change, taken apart model by model. Pure and exact, in fractions.

A month's amounts are taken at the exchange rates of the month before, so that no rate looks like a price.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeVar

from tokentray.insight.tally import Home
from tokentray.insight.why_rows import Cell, Part
from tokentray.money import Nanos, nanos_to_decimal

ListPrice = Callable[[str, str, str], tuple[Decimal, str] | None]
"""What a token of a provider, model and kind cost at list price at the end of the month before, with its currency."""


_Key = TypeVar("_Key")


class Pair(NamedTuple):
    """The same thing in both months."""

    before: Part
    after: Part

    @property
    def estimated(self) -> bool:
        return self.before.estimated or self.after.estimated

    def is_converted(self, currency: str) -> bool:
        return bool({*self.before.native, *self.after.native} - {currency})


class Model(NamedTuple):
    """A model with its token kinds."""

    provider: str
    model: str
    kinds: Mapping[str, Pair]

    @property
    def tokens(self) -> tuple[int, int]:
        """Those with a price, of both months."""
        pairs = self.kinds.values()
        return sum(pair.before.tokens for pair in pairs), sum(pair.after.tokens for pair in pairs)

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """What it came to in both months."""
        pairs = self.kinds.values()
        return (
            sum((pair.before.amount for pair in pairs), Fraction(0)),
            sum((pair.after.amount for pair in pairs), Fraction(0)),
        )

    @property
    def estimated(self) -> bool:
        """Whether any of it is an estimate."""
        return any(pair.estimated for pair in self.kinds.values())

    def is_converted(self, currency: str) -> bool:
        """Whether any of it came in another currency."""
        return any(pair.is_converted(currency) for pair in self.kinds.values())


class Exact(NamedTuple):
    """The parts of a model's change, unrounded."""

    volume: Fraction
    mix_models: Fraction
    price: Fraction


def pairs_of(before: Mapping[_Key, Part], after: Mapping[_Key, Part]) -> dict[_Key, Pair]:
    return {key: Pair(before.get(key, Part()), after.get(key, Part())) for key in dict.fromkeys((*before, *after))}


def by_model(cells: Mapping[Cell, Pair]) -> list[Model]:
    models: dict[tuple[str, str], dict[str, Pair]] = {}
    for cell, pair in cells.items():
        models.setdefault((cell.provider, cell.model), {})[cell.kind] = pair
    return [Model(*name, kinds) for name, kinds in models.items()]


def rates_of(pairs: Iterable[Pair]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """What a unit of each currency came to in each of the months, over all its amounts."""
    months: tuple[dict[str, Fraction], dict[str, Fraction]] = {}, {}
    sizes: dict[tuple[int, str], tuple[Fraction, Fraction]] = {}
    for pair in pairs:
        for month, part in enumerate(pair):
            for currency, amount in part.native.items():
                native, landed = sizes.get((month, currency), (Fraction(0), Fraction(0)))
                sizes[month, currency] = native + abs(amount), landed + abs(part.landed[currency])
    for (month, currency), (native, landed) in sizes.items():
        if native:
            months[month][currency] = Fraction(landed, native)
    return months


class Prices(NamedTuple):
    """rates: of the month before, by currency; later: of the month itself."""

    rates: Mapping[str, Fraction]
    later: Mapping[str, Fraction]
    currency: str
    home: Home
    list_price: ListPrice

    def before(self, model: Model, kind: str) -> Fraction:
        """What a token was paid with in the month before: where none was used, its list price, else what it is now."""
        pair = model.kinds[kind]
        if pair.before.tokens:
            return Fraction(pair.before.at(self.rates), pair.before.tokens)
        listed = self.list_price(model.provider, model.model, kind)
        if listed is not None:
            price, currency = listed
            rate = self._rate(currency)
            if rate is not None:
                return Fraction(price) * rate
        return Fraction(pair.after.at(self.rates), pair.after.tokens)

    def _rate(self, currency: str) -> Fraction | None:
        if currency == self.currency:
            return Fraction(1)
        known = self.rates.get(currency) or self.later.get(currency)
        if known or not self.home.currency:
            return known
        return self.home.exchange.rate_on(date.max, currency, self.currency)


def exact_parts(model: Model, growth: Fraction, prices: Prices) -> Exact:
    """growth: all tokens of the month ÷ all of the month before."""
    tokens_before, tokens_after = model.tokens
    spend_before = sum((pair.before.at(prices.rates) for pair in model.kinds.values()), Fraction(0))
    spend_after = sum((pair.after.at(prices.rates) for pair in model.kinds.values()), Fraction(0))
    as_before = sum(
        (pair.after.tokens * prices.before(model, kind) for kind, pair in model.kinds.items() if pair.after.tokens),
        Fraction(0),
    )
    if tokens_before:
        mean = Fraction(spend_before, tokens_before)
    else:
        mean = Fraction(as_before, tokens_after)  # a model without tokens in either month is none
    return Exact(
        volume=(growth - 1) * spend_before,
        mix_models=(tokens_after - growth * tokens_before) * mean,
        price=spend_after - as_before,
    )


def exchange_of(model: Model, rates: Mapping[str, Fraction]) -> Decimal:
    """What a change of the exchange rates alone made, to the nano-unit."""
    pairs = model.kinds.values()
    landed = sum((pair.after.amount - pair.before.amount for pair in pairs), Fraction(0))
    steady = sum((pair.after.at(rates) - pair.before.at(rates) for pair in pairs), Fraction(0))
    return nano(landed - steady)


def in_nanos(parts: Sequence[Fraction]) -> list[Decimal]:
    """Amounts to the nano-unit that add up to their sum, half-even; ties go to the earlier part."""
    scaled = [part * 10**9 for part in parts]
    units = [int(part // 1) for part in scaled]
    missing = round(sum(scaled, Fraction(0))) - sum(units)
    for index in sorted(range(len(parts)), key=lambda index: (units[index] - scaled[index], index))[:missing]:
        units[index] += 1
    return [nanos_to_decimal(Nanos(unit)) for unit in units]


def nano(amount: Fraction) -> Decimal:
    return nanos_to_decimal(Nanos(round(amount * 10**9)))
