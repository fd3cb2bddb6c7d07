"""`explain MONTH`: why a month differs from the one before, as lines that add up, and what carried each; or JSON."""

import argparse
from collections.abc import Mapping, Sequence
from decimal import Decimal

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.values import month_of
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.why_month import month_why, tellers_of
from tokentray.export.summary import no_data
from tokentray.insight.why import Carried, Why, summed
from tokentray.insight.why_month import MonthWhy
from tokentray.insight.why_steps import NEW_USE, Teller, column_shares, told
from tokentray.insight.why_words import remarks, sentence
from tokentray.money import exact_sum
from tokentray.question import Measure
from tokentray.store.history import History

_MOST_MODELS = 8
_ALWAYS = ("before", "after", "change")
_HEADS = {
    "before": "before",
    "after": "now",
    "change": "change",
    "other": "exchange",
    "volume": "volume",
    "mix_models": "mix of models",
    "mix_kinds": "mix of kinds",
    "price": "price",
}


def explain(context: Context, options: argparse.Namespace) -> int:
    """Exit status 3 where the month has no data; the error names the months that have."""
    month = month_of(options.month)
    with History(context.paths.history) as history, history.one_moment():
        ground = Ground(history, context.clock.now_utc(), context.zone, context.style, context.settings)
        of_worth = options.worth or not ground.counts_spend
        found = month_why(ground, month, of_worth=of_worth)
        if not found.rows:
            raise no_data(history, month, context.zone, ground.today)
        tellers = tellers_of(ground, found, visible)
    if options.json:
        print_json(_object(tellers, found, Measure.WORTH if of_worth else Measure.SPEND))
    else:
        _print(tellers, found)
    return 0


def _print(tellers: Sequence[Teller], found: MonthWhy) -> None:
    if not tellers:
        print(f"There is no amount of {found.days.title}, nor of {found.days.before_title}.")
        return
    for number, teller in enumerate(tellers):
        if number:
            print()
        if found.is_first:
            last = teller.steps(teller.why.whole)[-1]
            print(f"{last.label}: {last.text}. There is nothing before it.")
            continue
        print(sentence(teller) or f"{found.days.title} is as {found.days.before_title}: nothing.")
        print()
        print(table(*_lines(teller), left=1))
        _print_rows(teller)
        beside = remarks(teller)
        if beside:
            print("\n" + "\n".join(beside))


def _lines(teller: Teller) -> tuple[list[str], list[list[str]]]:
    """The steps, one below the other; the first stands as the head of the table."""
    first, *rest = ([step.label, step.text] for step in teller.steps(teller.why.whole))
    return first, rest


def _print_rows(teller: Teller) -> None:
    """A table of models and one of what no token count explains; the figures of both add up to the steps."""
    models = [(teller.model(one), one.carried) for one in teller.why.models]
    if len(models) > _MOST_MODELS + 1:
        others = [carried for _, carried in models[_MOST_MODELS:]]
        models = [*models[:_MOST_MODELS], (f"{len(others)} others", summed(others))]
    lines = [(teller.line(one), one.carried) for one in teller.lines]
    rows = [carried for _, carried in (*models, *lines)]
    shares = {column: column_shares(teller, column, rows, teller.why.whole)[0] for column in _HEADS}
    for of_models, named, at in ((True, models, 0), (False, lines, len(models))):
        if not named:
            continue
        group = rows[at : at + len(named)]
        part = {column: shares[column][at : at + len(named)] for column in _HEADS}
        columns = [
            one for one in _HEADS if one in _ALWAYS or (of_models and any(told(getattr(row, one)) for row in group))
        ]
        print()
        print(_table(teller, "model" if of_models else "not by tokens", columns, named, part))


def _table(
    teller: Teller,
    head: str,
    columns: Sequence[str],
    named: Sequence[tuple[str, Carried]],
    shares: Mapping[str, Sequence[Decimal]],
) -> str:
    whole = summed([carried for _, carried in named])
    totals = {column: exact_sum(shares[column]) for column in columns}
    new = {} if teller.why.split else {"volume": NEW_USE.lower()}
    body = [
        [name, *(teller.cell_text(column, one, shares[column][index]) for column in columns)]
        for index, (name, one) in enumerate(named)
    ]
    if len(named) > 1:
        body.append(["total", *(teller.cell_text(column, whole, totals[column]) for column in columns)])
    return table([head, *(new.get(name, _HEADS[name]) for name in columns)], body, left=1)


def _object(tellers: Sequence[Teller], found: MonthWhy, measure: Measure) -> dict[str, object]:
    days = found.days
    return {
        "month": days.first.isoformat()[:7],
        "from": days.first.isoformat(),
        "to": days.last.isoformat(),
        "complete": days.complete,
        "before": {"from": days.before_first.isoformat(), "to": days.before_last.isoformat()},
        "nothing_before": found.is_first,
        "measure": measure.value,
        "text": "" if found.is_first or not tellers else sentence(tellers[0]),
        "currencies": [_currency(one) for one in tellers],
    }


def _currency(teller: Teller) -> dict[str, object]:
    why: Why = teller.why
    return {
        "currency": why.currency,
        **_amounts(why.whole),
        "split": why.split,
        "unpriced_tokens_before": why.unpriced_before,
        "unpriced_tokens_after": why.unpriced_after,
        "models": [{"provider": one.provider, "model": one.model, **_amounts(one.carried)} for one in why.models],
        "lines": [
            {"kind": one.key.kind.value, "name": one.key.name, "label": teller.line(one), **_amounts(one.carried)}
            for one in why.lines
        ],
    }


def _amounts(carried: Carried) -> dict[str, Decimal | int]:
    """fees + other + volume + mix + price is the change; mix_models + mix_kinds is mix; exchange is a part of other."""
    return {
        "before": carried.before,
        "after": carried.after,
        "change": carried.change,
        "fees": carried.fees,
        "other": carried.other,
        "exchange": carried.exchange,
        "volume": carried.volume,
        "mix": carried.mix,
        "mix_models": carried.mix_models,
        "mix_kinds": carried.mix_kinds,
        "price": carried.price,
        "tokens_before": carried.tokens_before,
        "tokens_after": carried.tokens_after,
    }
