"""The view of prices: what a million tokens of each model cost over the months, beside its list price.

The dashed companion of a line is the model's whole mix of tokens of these months at each month's list price, so that
it moves only where the list price does.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from tokentray.charts.spec import LineChart, LineSeries, Point
from tokentray.engine.figures import Figures
from tokentray.engine.reports.framing import framed, known_picks
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.passing import Passing
from tokentray.engine.reports.price_table import price_cell, price_words, table_of
from tokentray.engine.reports.priced_models import KEYS, Model, last_day, models_of, paid_per_token
from tokentray.engine.reports.view_parts import BETWEEN, SET_A_RATE, in_words, is_shown, money_unit, ticks
from tokentray.insight import periods, words
from tokentray.insight.blended import changes
from tokentray.insight.tally import Tally, leading, tally
from tokentray.insight.told_words import day_text
from tokentray.model import UsageRow
from tokentray.money import decimal_of
from tokentray.question import Measure, Question
from tokentray.report import Choice, Headline, Report, Table

LIST = "list"
_MOST_LINES = 8
_LEAST_DAYS = 59
"""In which two whole months find room, February being one of them."""
_MOST_NAMED = 4
_MEASURES = (Choice(Measure.SPEND, "Spend"), Choice(Measure.WORTH, words.WORTH.capitalize()))


class _Made(NamedTuple):
    """What the parts of the report are made from. rows: all that pass; models: of those whose tokens have a price of
    their own in this measure."""

    ground: Ground
    question: Question
    days: tuple[date, date]
    measure: Measure
    figures: Figures
    currency: str
    rows: Sequence[UsageRow]
    models: Sequence[Model]

    @property
    def of_worth(self) -> bool:
        """Whether tokens are told at list price, else as paid."""
        return self.measure is Measure.WORTH


def build(ground: Ground, asked: Question) -> Report:
    """Lines over the months of a period, and a row for each model. Raises StoreError and FilterError."""
    of_period = periods.days(asked.period, ground.today, ground.known)
    days = of_period if ground.known is None else _widened(of_period)
    time = "day" if ground.home.currency else "month"  # a rate is one of a day
    rows = Passing(ground, asked).usage((time, *KEYS), *days)
    measure = _measure(ground, asked.measure, rows)
    of_worth = measure is Measure.WORTH
    counted = [row for row in rows if of_worth or paid_per_token(row)]
    models = models_of(counted, ground.home, ground.history, of_worth=of_worth)
    whole = tally([row for model in models for row in model.rows], ground.home)
    currency = leading(whole.worth if of_worth else whole.cost, ground.home)
    question = asked._replace(measure=measure, split="month", selected=None)
    question = known_picks(question, [model.id for model in models])
    figures = ground.figures(rows)._replace(currency=currency)
    made = _Made(ground, question, days, measure, figures, currency, rows, models)
    table = table_of(ground, question, figures, models, measure, days[1])
    drawn = _drawn(made)
    title = periods.span_text(*days) if days != of_period else ""
    return framed(ground, asked, question, days, title)._replace(
        headline=_headline(made, table),
        chart=_chart(made, drawn) if models else None,
        table=table,
        measures=_MEASURES if ground.counts_spend else _MEASURES[1:],
        remarks=tuple(_remarks(made, drawn, of_period)) if models else (),
        spoken=_spoken(made, table) if models else "",
        empty_text="" if models else _empty_text(made),
    )


def _widened(days: tuple[date, date]) -> tuple[date, date]:
    """Days as they are, or the twelve months that end with them where they are too few for a course."""
    first, last = days
    if (last - first).days + 1 >= _LEAST_DAYS:
        return days
    month = last.replace(day=1)
    for _ in range(11):
        if month > date.min:
            month = (month - timedelta(days=1)).replace(day=1)
    return min(month, first), last


def _measure(ground: Ground, asked: Measure, rows: Iterable[UsageRow]) -> Measure:
    """What was asked for; else spend where anything is paid for by the token."""
    if asked is Measure.WORTH or not ground.counts_spend:
        return Measure.WORTH
    if asked is Measure.SPEND or any(row.total_tokens and paid_per_token(row) for row in rows):
        return Measure.SPEND
    return Measure.WORTH


def _drawn(made: _Made) -> list[Model]:
    """The models with lines: the largest, of those picked where any are. Those without any price have none."""
    picked = made.question.picked
    of_currency = [one for one in made.models if one.currency == made.currency and one.price() is not None]
    return [one for one in of_currency if not picked or one.id in picked][:_MOST_LINES]


def _chart(made: _Made, drawn: Sequence[Model]) -> LineChart:
    first, last = made.days
    months = periods.bars(first, last, "month", made.ground.zone)
    known = Known(made.ground, made.figures)
    series: list[LineSeries] = []
    for model in drawn:
        shown, ink = is_shown(model.id, made.question.hidden, made.question.picked), f"model:{model.name}"
        cells = {month: price_cell(model, month, made.figures, known, of_worth=made.of_worth) for month in model.months}
        points = [
            Point(decimal_of(model.price(month) or Fraction(0)), cells[month].text, cells[month].tip)
            if month in cells
            else Point(None)
            for month in months
        ]
        latest = cells[model.months[-1]].text if model.months else ""
        series.append(LineSeries(model.id, model.name, ink, tuple(points), shown=shown, text=latest))
        steps = _list_points(made, model, months)
        if any(point.value is not None for point in steps):
            label = f"{model.name}, at list price"
            series.append(LineSeries(BETWEEN.join((model.id, LIST)), label, ink, steps, stepped=True, shown=shown))
    unit = money_unit(made.currency, made.figures.style, per="per million tokens")
    return LineChart("What a million tokens cost", unit, ticks("month", months), tuple(series))


def _list_points(made: _Made, model: Model, months: Sequence[str]) -> tuple[Point, ...]:
    """From the first month in which the model was used to the last."""
    used = model.months
    points: list[Point] = []
    for month in months:
        price = None
        if used and used[0] <= month <= used[-1]:
            price = model.list_price(last_day(month, made.days[1]))
        if price is None:
            points.append(Point(None))
        else:
            text = price_words(price, model.currency, made.figures, estimated=False)
            points.append(Point(decimal_of(price), text, "The same mix of tokens at this month's list price"))
    return tuple(points)


def _headline(made: _Made, table: Table) -> Headline:
    """The price of all that is shown, and what it is of."""
    if not table.totals:
        return Headline()
    shown = {row.id for row in table.rows if row.shown}
    mine = [one for one in made.models if one.id in shown and one.currency == made.currency]
    price = table.totals[0].cells[1]
    rows = [row for model in mine for row in model.rows]
    told = tally(rows, made.ground.home)
    if price.value is None:
        return Headline(words.NOT_PRICED)
    tokens = made.figures.style.number(sum(model.tokens() for model in mine))
    return Headline(
        amount_text=f"{price.text} per million tokens",
        note_text=f"{_amount_text(made, told)} for {tokens} tokens",
        known_text=in_words(
            words.sentence((made.figures.basis_words(told.basis, rows), *made.figures.imperfect(told)))
        ),
    )


def _amount_text(made: _Made, told: Tally) -> str:
    write = words.worth_text if made.of_worth else words.spend_text
    return write(told, made.currency, made.figures.style)


def _remarks(made: _Made, drawn: Sequence[Model], of_period: tuple[date, date]) -> Iterable[str]:
    """What must be said under the chart."""
    if made.days != of_period:
        since = periods.month_text(made.days[0])
        yield f"Prices are shown over twelve months at least: these are those from {since} on."
    if any(model.list_price(made.days[1]) is not None for model in drawn):
        yield "Dashed: the same mix of tokens at list price, so it moves only where the list price does."
    yield from _changed(made, drawn)
    bare = [model for model in made.models if model.price() is None]
    if bare:
        tokens = made.figures.style.number(sum(model.told().tokens for model in bare))
        yield f"No price is known of {_named(bare)} ({tokens} tokens): no line is drawn of what is not known."
    others = sorted({model.currency for model in made.models} - {made.currency})
    if others:
        yield (
            f"Models in {words.listed(others)} are in the table alone: no exchange rate leads to {made.currency}."
            f" {SET_A_RATE}"
        )
    left = [one for one in made.models if one not in drawn and one not in bare and one.currency == made.currency]
    if left and not made.question.picked:
        count = "One more model is" if len(left) == 1 else f"{len(left)} more models are"
        yield f"{count} in the table, with smaller amounts; choose one there to see its line."
    yield from _left_out(made)


def _changed(made: _Made, drawn: Iterable[Model]) -> Iterable[str]:
    """List prices of the models drawn that changed in these months."""
    told = []
    for model in drawn:
        days = changes(model.prices.get(model.provider, ()), model.tier, *made.days)
        if days:
            told.append(f"{in_words(model.name)} on {words.listed([day_text(day) for day in days])}")
    if told:
        shown = told[:_MOST_NAMED] + ([f"{len(told) - _MOST_NAMED} more"] if len(told) > _MOST_NAMED else [])
        yield f"The list price changed of {words.listed(shown)}."


def _left_out(made: _Made) -> Iterable[str]:
    """What has no price a token in this measure."""
    if made.of_worth:
        return
    free = [row for row in made.rows if row.total_tokens and not paid_per_token(row)]
    if free:
        tokens = made.figures.style.number(sum(row.total_tokens for row in free))
        yield f"{tokens} tokens that you do not pay for one by one, as under a plan, are left out; see their worth."
    nameless = tally([row for row in made.rows if not row.key("model") and paid_per_token(row)], made.ground.home)
    if nameless.cost_in(made.currency):
        text = words.spend_text(nameless, made.currency, made.figures.style)
        yield f"{text} is billed without a model and in no line."


def _named(models: Sequence[Model]) -> str:
    names = [in_words(model.name) for model in models]
    if len(names) > _MOST_NAMED:
        names = [*names[: _MOST_NAMED - 1], f"{len(names) - _MOST_NAMED + 1} more"]
    return words.listed(names)


def _spoken(made: _Made, table: Table) -> str:
    """The chart in words."""
    what = "worth at list price" if made.of_worth else "paid"
    said = [f"What a million tokens cost by month, as {what}."]
    for row in table.rows:
        if row.shown:
            name, price, first, latest, change = (cell.text for cell in row.cells[:5])
            course = f", from {first} to {latest}, {change}" if row.cells[4].value is not None else ""
            said.append(f"{in_words(name)}: {price}{course}.")
    return " ".join(said[: _MOST_LINES + 1])


def _empty_text(made: _Made) -> str:
    if any(row.total_tokens for row in made.rows):
        return "Nothing was paid for by the token in these months. Worth at list price tells what plans covered."
    if made.ground.known is None:
        return "Nothing is read yet. Refresh (Ctrl+R) reads your agents' logs."
    return "No tokens were used in these months, or none match."
