"""The table of prices: a row for each model, its price as paid and as the list has it."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tokentray.engine.figures import Figures
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.priced_models import Model
from tokentray.engine.reports.view_parts import (
    BETWEEN,
    NOTHING,
    count_cell,
    in_order,
    in_words,
    is_shown,
    lines,
    percent_cell,
    price_text,
    shares_of,
)
from tokentray.insight import columns, words
from tokentray.insight.blended import change_percent, per_million, rate
from tokentray.insight.converted import spend_of, worth_of
from tokentray.insight.periods import month_text
from tokentray.insight.tally import tally
from tokentray.insight.told_words import day_text, exact_money
from tokentray.money import decimal_of, exact_sum
from tokentray.question import Measure, Question
from tokentray.report import Cell, Column, ColumnKind, Row, Table

_LIST = (
    ("input", "List: input"),
    ("output", "List: output"),
    ("cache_read", "List: cache read"),
    ("cache_write_5m", "List: cache write"),
    ("cache_write_1h", "List: 1 h cache write"),
)
_HIDDEN = frozenset(("cache_write_1h",))


def columns_of(measure: Measure, last: date) -> tuple[Column, ...]:
    """last: the day whose list price is told."""
    what = "What a million tokens were worth" if measure is Measure.WORTH else "What you paid for a million tokens"
    money, title = ("list_cost", words.WORTH.capitalize()) if measure is Measure.WORTH else ("cost", "Spend")
    kinds, day = ColumnKind.MONEY, day_text(last)
    return (
        Column("model", "Model", ColumnKind.NAME),
        Column("price_per_million", "Per million", kinds, tip=f"{what}, all kinds of them together, over these months"),
        Column("price_first", "At first", kinds, tip="The same of the first of these months with use"),
        Column("price_latest", "Latest", kinds, tip="The same of the last of these months with use"),
        Column("change", "Change", ColumnKind.PERCENT, tip="From the first month with use to the last"),
        *(
            Column(
                f"list_{kind}", name, kinds, kind not in _HIDDEN, f"The list price of a million such tokens on {day}"
            )
            for kind, name in _LIST
        ),
        Column("list_since", "List price since", ColumnKind.TEXT, tip="The day of its last change that is known"),
        Column("requests", "Requests", ColumnKind.COUNT, shown=False),
        Column("tokens", "Tokens", ColumnKind.COUNT, tip="Those the price is of: tokens without one are left out"),
        Column(money, title, kinds),
        Column("currency", "Currency", ColumnKind.TEXT, shown=False),
    )


def table_of(
    ground: Ground, question: Question, figures: Figures, models: Sequence[Model], measure: Measure, last: date
) -> Table:
    """Rows of the models, those with the largest amounts first, and a total for each currency."""
    known, heads = Known(ground, figures), columns_of(measure, last)
    of_worth = measure is Measure.WORTH
    rows: dict[str, Row] = {}
    totals: list[Row] = []
    for currency in dict.fromkeys(model.currency for model in models):
        mine = [model for model in models if model.currency == currency]
        are_shown = [is_shown(model.id, question.hidden, question.picked) for model in mine]
        shares = shares_of([model.amount for model in mine], are_shown, currency)
        for model, share, shown in zip(mine, shares, are_shown, strict=True):
            rows[model.id] = _row(model, share, last, known, figures, of_worth=of_worth)._replace(shown=shown)
        counted = [model for model in mine if rows[model.id].shown]
        if counted:
            totals.append(_total(counted, figures, known, of_worth=of_worth))
    amount = heads[-2].id
    sort = question.sort if any(column.id == question.sort for column in heads) else amount
    descending = question.descending or not question.sort
    by_name = in_order((rows[model.id] for model in models), heads, "model", descending=False)
    return Table(heads, in_order(by_name, heads, sort, descending), tuple(totals), sort, descending)


def _row(model: Model, share: Decimal, last: date, known: Known, figures: Figures, *, of_worth: bool) -> Row:
    style, told = figures.style, model.told()
    write = columns.worth_text if of_worth else columns.spend_text
    has_amount = bool(model.amount or (told.unpriced_tokens if of_worth else told.unpriced_paid_tokens))
    months = model.months
    first, latest = (months[0], months[-1]) if months else ("", "")
    prices = [model.price(month) if month else None for month in (first, latest)]
    said = known.text(model.rows, told)
    span = lines((f"From {_month(first)} to {_month(latest)}" if first != latest else "", said))
    return Row(
        id=model.id,
        cells=(
            Cell(model.name, model.name),
            price_cell(model, "", figures, known, of_worth=of_worth),
            price_cell(model, first, figures, known, of_worth=of_worth) if first else NOTHING,
            price_cell(model, latest, figures, known, of_worth=of_worth) if latest else NOTHING,
            percent_cell(change_percent(*prices) if first != latest else None, style, span),
            *_list_cells(model, last, figures),
            _since_cell(model, last),
            count_cell(told.requests, style),
            count_cell(model.tokens(), style),
            Cell(write(told, share, model.currency, style), model.amount if model.tokens() or model.amount else None)
            if has_amount
            else NOTHING,
            Cell(model.currency, model.currency),
        ),
        where=(("model", model.name),),
        ink=f"model:{model.name}",
        tip=said,
        keys=(("model", model.name),),
    )


def price_cell(model: Model, month: str, figures: Figures, known: Known, *, of_worth: bool) -> Cell:
    """The price of a month, of all of them without one, with what it is made of and how that is known."""
    price, told = model.price(month), model.told(month)
    if price is None:
        unpriced = told.unpriced_tokens if of_worth else told.unpriced_paid_tokens
        return Cell(words.NOT_PRICED) if unpriced else NOTHING
    text = price_words(price, model.currency, figures, estimated=of_worth or told.estimated)
    write = words.worth_text if of_worth else words.spend_text
    tokens = figures.style.number(model.tokens(month))
    priced = told._replace(unpriced_tokens=0, unpriced_paid_tokens=0)
    made_of = f"{write(priced, model.currency, figures.style)} for {tokens} tokens"
    return Cell(
        text,
        decimal_of(price),
        lines(
            (
                _month(month) if month else "",
                made_of,
                known.text(model.rows_of(month), told),
            )
        ),
    )


def price_words(price: Fraction, currency: str, figures: Figures, *, estimated: bool) -> str:
    """ "≈ $0.43" a million."""
    text = price_text(decimal_of(price), currency, figures.style)
    return f"≈ {text}" if estimated else text


def _list_cells(model: Model, day: date, figures: Figures) -> list[Cell]:
    """The list price as it is published, in its own currency."""
    price = model.listed(day)
    if price is None:
        return [NOTHING._replace(tip="No list price is known")] * len(_LIST)
    of = ", ".join(part for part in (in_words(model.provider), f"tier {model.tier}") if part)
    of = f"List price of {of}, on {day_text(day)}"
    tip = lines(
        (
            of,
            "Of requests that are not long: longer ones cost more" if _has_bands(model) else "",
            "Assumed: taken over from a related price" if price.assumed else "",
        )
    )
    amounts = [rate(getattr(price.rates, kind)) for kind, _ in _LIST]
    return [Cell(exact_money(amount, price.currency, figures.style), amount, tip) for amount in amounts]


def _has_bands(model: Model) -> bool:
    return any(price.band for price in model.prices.get(model.provider, ()))


def _since_cell(model: Model, day: date) -> Cell:
    changed = model.listed_since(day)
    if changed is None:
        return NOTHING._replace(tip="No change of it is known")
    return Cell(day_text(changed), changed.isoformat())


def _total(models: Sequence[Model], figures: Figures, known: Known, *, of_worth: bool) -> Row:
    currency, style = models[0].currency, figures.style
    rows = [row for model in models for row in model.rows]
    told, tokens = tally(rows, figures.home), sum(model.tokens() for model in models)
    price = per_million((worth_of if of_worth else spend_of)(rows, figures.home), tokens)
    write = words.worth_text if of_worth else words.spend_text
    text = "" if price is None else price_words(price, currency, figures, estimated=of_worth or told.estimated)
    return Row(
        id=BETWEEN.join(("total", currency)),
        cells=(
            Cell("Total"),
            NOTHING if price is None else Cell(text, decimal_of(price)),
            *[NOTHING] * (4 + len(_LIST)),
            count_cell(told.requests, style),
            count_cell(tokens, style),
            Cell(write(told, currency, style), exact_sum([model.amount for model in models])),
            Cell(currency, currency),
        ),
        tip=known.text(rows, told),
    )


def _month(month: str) -> str:
    return month_text(date.fromisoformat(f"{month}-01"))
