"""Why a month differs from the one before: fees, other, volume, mix of models and of token kinds, price. Exact.

What tokens with a price explain is taken apart at the exchange rates of the month before; what a change of the rates
alone made is `exchange`, a part of `other`. Everything adds up: the parts of a row to its change, every column to its
total, and the totals to the change of the whole, to the last digit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, TypeVar

from tokentray.insight.converted import shared
from tokentray.insight.tally import ZERO, Home, Tally, leading, tally
from tokentray.insight.why_rows import NOTHING, Cell, LineKey, LineKind, Part, Sorted, sort_rows
from tokentray.model import UsageRow
from tokentray.money import Nanos, exact_sum, nanos_to_decimal

ListPrice = Callable[[str, str, str], tuple[Decimal, str] | None]
"""What a token of a provider, model and kind cost at list price at the end of the month before, with its currency."""


_Key = TypeVar("_Key")


class Carried(NamedTuple):
    """What a model, a fee or something else of a month carries of the change, in the currency of its Why.

    volume, mix_models, mix_kinds, price, fees, other: add up to after - before. exchange: of `other`, what a change of
    the exchange rate alone made. tokens: the priced ones; 0 for what is no model's.
    """

    before: Decimal
    after: Decimal
    fees: Decimal = ZERO
    other: Decimal = ZERO
    volume: Decimal = ZERO
    mix_models: Decimal = ZERO
    mix_kinds: Decimal = ZERO
    price: Decimal = ZERO
    exchange: Decimal = ZERO
    tokens_before: int = 0
    tokens_after: int = 0
    estimated: bool = False

    @property
    def change(self) -> Decimal:
        """How much more it is than before."""
        return exact_sum([self.after, -self.before])

    @property
    def mix(self) -> Decimal:
        """Of models and of kinds together."""
        return exact_sum([self.mix_models, self.mix_kinds])


class ModelPart(NamedTuple):
    """A model with what it carries."""

    provider: str
    model: str
    carried: Carried


class LinePart(NamedTuple):
    """What no token count explains."""

    key: LineKey
    carried: Carried


class Why(NamedTuple):
    """A month against the one before, in one currency. whole: the sums of models and lines, which are all there is.

    of_worth: at list price, else spend. split: False where nothing priced was used before, so that all of what tokens
    explain stands under volume, as new use. before, after: of all rows. unpriced_*: tokens left out.
    """

    of_worth: bool
    currency: str
    whole: Carried
    split: bool
    models: tuple[ModelPart, ...]
    lines: tuple[LinePart, ...]
    before: Tally
    after: Tally
    unpriced_before: int
    unpriced_after: int


class _Pair(NamedTuple):
    """The same thing in both months."""

    before: Part
    after: Part

    @property
    def estimated(self) -> bool:
        return self.before.estimated or self.after.estimated

    def is_converted(self, currency: str) -> bool:
        return bool({*self.before.native, *self.after.native} - {currency})


class _Model(NamedTuple):
    """A model with its token kinds."""

    provider: str
    model: str
    kinds: Mapping[str, _Pair]

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


class _Exact(NamedTuple):
    """The parts of a model's change, unrounded."""

    volume: Fraction
    mix_models: Fraction
    price: Fraction


def explain(
    before: Iterable[UsageRow], after: Iterable[UsageRow], home: Home, list_price: ListPrice, *, of_worth: bool
) -> tuple[Why, ...]:
    """Two months of rows by WHY_KEYS, the second against the first. One Why a currency, what no rate leads home from
    apart; the leading one comes first. Nothing where neither month has anything of it.
    """
    first = sort_rows(before, home, of_worth=of_worth)
    second = sort_rows(after, home, of_worth=of_worth)
    made = [
        _why(currency, first.get(currency, NOTHING), second.get(currency, NOTHING), home, list_price, of_worth=of_worth)
        for currency in sorted({*first, *second})
    ]
    made = [why for why in made if why.models or why.lines or why.unpriced_before or why.unpriced_after]
    sizes = {why.currency: max(why.whole.after, why.whole.before) for why in made}
    main = leading({currency: size for currency, size in sizes.items() if size} or sizes, home)
    return tuple(sorted(made, key=lambda why: (why.currency != main, why.currency)))


def _why(currency: str, before: Sorted, after: Sorted, home: Home, list_price: ListPrice, *, of_worth: bool) -> Why:
    models = _by_model(_pairs(before.cells, after.cells))
    lines = _pairs(before.lines, after.lines)
    exact = [*(model.ends for model in models), *((pair.before.amount, pair.after.amount) for pair in lines.values())]
    ends = list(zip(shared([first for first, _ in exact]), shared([second for _, second in exact]), strict=True))
    carried, split = _carried_by_models(models, ends[: len(models)], currency, home, list_price)
    made_models = [ModelPart(*model[:2], one) for model, one in zip(models, carried, strict=True)]
    made_lines = [
        LinePart(key, _carried_by_line(key, pair, *end, currency))
        for (key, pair), end in zip(lines.items(), ends[len(models) :], strict=True)
    ]
    return Why(
        of_worth=of_worth,
        currency=currency,
        whole=summed([*carried, *(line.carried for line in made_lines)]),
        split=split,
        models=tuple(sorted(made_models, key=lambda one: (-abs(one.carried.change), one[:2]))),
        lines=tuple(sorted(made_lines, key=lambda one: (list(LineKind).index(one.key.kind), one.key.name))),
        before=tally(before.rows, home),
        after=tally(after.rows, home),
        unpriced_before=before.unpriced_tokens,
        unpriced_after=after.unpriced_tokens,
    )


def _pairs(before: Mapping[_Key, Part], after: Mapping[_Key, Part]) -> dict[_Key, _Pair]:
    return {key: _Pair(before.get(key, Part()), after.get(key, Part())) for key in dict.fromkeys((*before, *after))}


def _by_model(cells: Mapping[Cell, _Pair]) -> list[_Model]:
    models: dict[tuple[str, str], dict[str, _Pair]] = {}
    for cell, pair in cells.items():
        models.setdefault((cell.provider, cell.model), {})[cell.kind] = pair
    return [_Model(*name, kinds) for name, kinds in models.items()]


def _rates(pairs: Iterable[_Pair]) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
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


def _carried_by_models(
    models: Sequence[_Model], ends: Sequence[tuple[Decimal, Decimal]], currency: str, home: Home, list_price: ListPrice
) -> tuple[list[Carried], bool]:
    """What each model carries of the change, and whether it could be split. ends: what each came to in both months."""
    tokens = [sum(model.tokens[month] for model in models) for month in (0, 1)]
    bare = [
        Carried(before, after, tokens_before=model.tokens[0], tokens_after=model.tokens[1], estimated=model.estimated)
        for model, (before, after) in zip(models, ends, strict=True)
    ]
    if not tokens[0]:
        return [one._replace(volume=one.change) for one in bare], False
    rates, later = _rates(pair for model in models for pair in model.kinds.values())
    prices = _Prices(rates, later, currency, home, list_price)
    growth = Fraction(tokens[1], tokens[0])
    exact = [_exact(model, growth, prices) for model in models]
    volumes = _in_nanos([one.volume for one in exact])
    mixes = _in_nanos([one.mix_models for one in exact])
    changes = _in_nanos([one.price for one in exact])
    made = []
    for one, model, volume, mix, price in zip(bare, models, volumes, mixes, changes, strict=True):
        exchange = _exchange(model, rates) if model.is_converted(currency) else ZERO
        rest = exact_sum([one.change, -volume, -mix, -price, -exchange])
        made.append(
            one._replace(volume=volume, mix_models=mix, mix_kinds=rest, price=price, other=exchange, exchange=exchange)
        )
    return made, True


class _Prices(NamedTuple):
    """rates: of the month before, by currency; later: of the month itself."""

    rates: Mapping[str, Fraction]
    later: Mapping[str, Fraction]
    currency: str
    home: Home
    list_price: ListPrice

    def before(self, model: _Model, kind: str) -> Fraction:
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


def _exact(model: _Model, growth: Fraction, prices: _Prices) -> _Exact:
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
    return _Exact(
        volume=(growth - 1) * spend_before,
        mix_models=(tokens_after - growth * tokens_before) * mean,
        price=spend_after - as_before,
    )


def _exchange(model: _Model, rates: Mapping[str, Fraction]) -> Decimal:
    """What a change of the exchange rates alone made, to the nano-unit."""
    pairs = model.kinds.values()
    landed = sum((pair.after.amount - pair.before.amount for pair in pairs), Fraction(0))
    steady = sum((pair.after.at(rates) - pair.before.at(rates) for pair in pairs), Fraction(0))
    return _nano(landed - steady)


def _carried_by_line(key: LineKey, pair: _Pair, before: Decimal, after: Decimal, currency: str) -> Carried:
    bare = Carried(before, after, estimated=pair.estimated)
    if key.kind is not LineKind.FEE:
        return bare._replace(other=bare.change)
    if not pair.is_converted(currency):
        return bare._replace(fees=bare.change)
    rates, _ = _rates([pair])
    fees = _nano(pair.after.at(rates) - pair.before.at(rates))
    exchange = exact_sum([bare.change, -fees])
    return bare._replace(fees=fees, other=exchange, exchange=exchange)


def summed(rows: Sequence[Carried]) -> Carried:
    """Several of them as one."""

    def total(field: str) -> Decimal:
        return exact_sum([getattr(row, field) for row in rows])

    return Carried(
        before=total("before"),
        after=total("after"),
        fees=total("fees"),
        other=total("other"),
        volume=total("volume"),
        mix_models=total("mix_models"),
        mix_kinds=total("mix_kinds"),
        price=total("price"),
        exchange=total("exchange"),
        tokens_before=sum(row.tokens_before for row in rows),
        tokens_after=sum(row.tokens_after for row in rows),
        estimated=any(row.estimated for row in rows),
    )


def _in_nanos(parts: Sequence[Fraction]) -> list[Decimal]:
    """Amounts to the nano-unit that add up to their sum, half-even; ties go to the earlier part."""
    scaled = [part * 10**9 for part in parts]
    units = [int(part // 1) for part in scaled]
    missing = round(sum(scaled, Fraction(0))) - sum(units)
    for index in sorted(range(len(parts)), key=lambda index: (units[index] - scaled[index], index))[:missing]:
        units[index] += 1
    return [nanos_to_decimal(Nanos(unit)) for unit in units]


def _nano(amount: Fraction) -> Decimal:
    return nanos_to_decimal(Nanos(round(amount * 10**9)))
