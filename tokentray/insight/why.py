"""Why a month differs from the one before: fees, other, volume, mix of models and of token kinds, price. Exact.

What tokens with a price explain is taken apart at the exchange rates of the month before; what a change of the rates
alone made is `exchange`, a part of `other`. Everything adds up: the parts of a row to its change, every column to its
total, and the totals to the change of the whole, to the last digit.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.insight.converted import shared
from tokentray.insight.tally import ZERO, Home, Tally, leading, tally
from tokentray.insight.why_rows import NOTHING, LineKey, LineKind, Sorted, sort_rows
from tokentray.insight.why_split import (
    ListPrice,
    Model,
    Pair,
    Prices,
    by_model,
    exact_parts,
    exchange_of,
    in_nanos,
    nano,
    pairs_of,
    rates_of,
)
from tokentray.model import UsageRow
from tokentray.money import decimal_of, exact_sum


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


def explain(
    before: Iterable[UsageRow],
    after: Iterable[UsageRow],
    home: Home,
    list_price: ListPrice,
    *,
    of_worth: bool,
    lead: str = "",
) -> tuple[Why, ...]:
    """Two months of rows by WHY_KEYS, the second against the first. One Why a currency, what no rate leads home from
    apart; the leading one comes first. Nothing where neither month has anything of it.

    lead: the currency that leads where there is anything of it, "" for that with the most.
    """
    first = sort_rows(before, home, of_worth=of_worth)
    second = sort_rows(after, home, of_worth=of_worth)
    told = [
        one for one in sorted({*first, *second}) if any(month.get(one, NOTHING).is_told for month in (first, second))
    ]
    sizes = {one: decimal_of(max(month.get(one, NOTHING).amount for month in (first, second))) for one in told}
    main = lead if lead in told else leading({one: size for one, size in sizes.items() if size} or sizes, home)
    if not told:
        unpriced = any(one.unpriced_tokens for one in (*first.values(), *second.values()))
        told = [main] if unpriced else []
    # What has no amount in any currency, as tokens without a price, is told with the leading one.
    first, second = (_with_rest(month, main, told) for month in (first, second))
    return tuple(
        _why(one, first.get(one, NOTHING), second.get(one, NOTHING), home, list_price, of_worth=of_worth)
        for one in sorted(told, key=lambda one: (one != main, one))
    )


def _with_rest(month: Mapping[str, Sorted], main: str, told: Sequence[str]) -> dict[str, Sorted]:
    one = month.get(main, NOTHING)
    rest = [found for currency, found in month.items() if currency != main and currency not in told]
    rows = (*one.rows, *(row for found in rest for row in found.rows))
    unpriced = one.unpriced_tokens + sum(found.unpriced_tokens for found in rest)
    return {**month, main: one._replace(rows=rows, unpriced_tokens=unpriced)}


def _why(currency: str, before: Sorted, after: Sorted, home: Home, list_price: ListPrice, *, of_worth: bool) -> Why:
    models = by_model(pairs_of(before.cells, after.cells))
    lines = pairs_of(before.lines, after.lines)
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


def _carried_by_models(
    models: Sequence[Model], ends: Sequence[tuple[Decimal, Decimal]], currency: str, home: Home, list_price: ListPrice
) -> tuple[list[Carried], bool]:
    """What each model carries of the change, and whether it could be split. ends: what each came to in both months."""
    tokens = [sum(model.tokens[month] for model in models) for month in (0, 1)]
    bare = [
        Carried(before, after, tokens_before=model.tokens[0], tokens_after=model.tokens[1], estimated=model.estimated)
        for model, (before, after) in zip(models, ends, strict=True)
    ]
    if not tokens[0]:
        return [one._replace(volume=one.change) for one in bare], False
    rates, later = rates_of(pair for model in models for pair in model.kinds.values())
    prices = Prices(rates, later, currency, home, list_price)
    growth = Fraction(tokens[1], tokens[0])
    exact = [exact_parts(model, growth, prices) for model in models]
    volumes = in_nanos([one.volume for one in exact])
    mixes = in_nanos([one.mix_models for one in exact])
    changes = in_nanos([one.price for one in exact])
    made = []
    for one, model, volume, mix, price in zip(bare, models, volumes, mixes, changes, strict=True):
        exchange = exchange_of(model, rates) if model.is_converted(currency) else ZERO
        rest = exact_sum([one.change, -volume, -mix, -price, -exchange])
        made.append(
            one._replace(volume=volume, mix_models=mix, mix_kinds=rest, price=price, other=exchange, exchange=exchange)
        )
    return made, True


def _carried_by_line(key: LineKey, pair: Pair, before: Decimal, after: Decimal, currency: str) -> Carried:
    bare = Carried(before, after, estimated=pair.estimated)
    if key.kind is not LineKind.FEE:
        return bare._replace(other=bare.change)
    if not pair.is_converted(currency):
        return bare._replace(fees=bare.change)
    rates, _ = rates_of([pair])
    fees = nano(pair.after.at(rates) - pair.before.at(rates))
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
