"""The view of plans: what each cost, and what the tokens it covered are worth at list price over the same days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from tokentray.charts.spec import Bar, BarChart, Series
from tokentray.engine.reports.framing import day_splits, framed, known_picks, split_choices
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.passing import Passing
from tokentray.engine.reports.plan_table import Made, known_text, ratio_cell, shows, table_of
from tokentray.engine.reports.view_parts import (
    BETWEEN,
    DASH,
    NOTHING,
    SET_A_RATE,
    chosen_bars,
    in_words,
    money_unit,
)
from tokentray.insight import periods, words
from tokentray.insight.converted import landing, regrouped
from tokentray.insight.plan_months import plan_days
from tokentray.insight.standing import PLAN
from tokentray.insight.tally import ZERO, Home, leading, tally
from tokentray.insight.who_pays import term_on
from tokentray.model import UsageRow
from tokentray.question import Question
from tokentray.report import Headline, Report, Table
from tokentray.store.groups import day_labels

FEE, WORTH = "fee", "worth"
_LOOK_BACK = timedelta(days=400)
_OF_PLANS = frozenset(("source", "payer", "provider"))
"""Keys that a fee has."""


def build(ground: Ground, asked: Question) -> Report:
    """Fees beside worth over the bars of a period, and a row for each plan. Raises StoreError and FilterError."""
    days = periods.days(asked.period, ground.today, ground.known)
    # A plan's tokens come from agents: here a source is the plan itself.
    where = tuple(("payer", value) if key == "source" else (key, value) for key, value in asked.where)
    passing = Passing(ground, asked._replace(where=where))
    rows = [row for row in passing.usage(("day", "source", "payer"), *days) if row.key("payer").startswith(PLAN)]
    home = _home(ground, rows)
    whole = tally(rows, home)
    currency = leading(whole.cost or whole.worth, home)
    splits = day_splits(days)
    split = asked.split if asked.split in splits else _split(asked, splits, days)
    labels = periods.bars(*days, split, ground.zone)
    bars = chosen_bars(asked.selected, labels)
    counted = _within(rows, split, labels, bars)
    question = known_picks(asked._replace(split=split, selected=asked.selected if bars else None), _ids(counted, home))
    before, looked_from = _used_before(ground, rows, *days)
    figures = ground.figures(rows)._replace(home=home, currency=currency)
    made = Made(ground, question, days[1], figures, home, currency, rows, before, looked_from)
    table = table_of(made, counted)
    shown = [row for row in rows if shows(made, row.key("payer"))]
    mine = [row for row in counted if shows(made, row.key("payer"))]
    return framed(ground, asked, question, days)._replace(
        headline=_headline(made, mine),
        chart=_chart(made, shown, split, labels)._replace(selected=bars) if rows else None,
        table=table,
        splits=split_choices(splits),
        remarks=tuple(_remarks(made)),
        spoken=_spoken(made, split, mine, table) if rows else "",
        empty_text="" if rows else _empty_text(made),
    )


def _ids(rows: Iterable[UsageRow], home: Home) -> list[str]:
    """Of the rows of the table: the plan's, with the currency where there are several."""
    pairs = dict.fromkeys((row.key("payer"), landing(row, home)) for row in rows)
    several = len({currency for _, currency in pairs}) > 1
    return [BETWEEN.join(pair) if several else pair[0] for pair in pairs]


def _home(ground: Ground, rows: Iterable[UsageRow]) -> Home:
    """The person's currency; where they chose none, that of the fees, so that worth can be held against them."""
    if ground.home.currency:
        return ground.home
    fees = [row.currency for row in rows if row.cost]
    return ground.home._replace(currency=max(sorted(set(fees)), key=fees.count)) if fees else ground.home


def _used_before(ground: Ground, rows: Sequence[UsageRow], first: date, last: date) -> tuple[Mapping[str, date], date]:
    """When plans that run today but were not used in these days were used before; read only where there are any."""
    running = {f"{PLAN}{plan.id}" for plan in ground.told.plans if term_on(plan, ground.today)}
    used = {row.key("payer") for row in rows if row.total_tokens or row.requests}
    if last != ground.today or running <= used:
        return {}, first
    looked_from = max(first, date.min + _LOOK_BACK) - _LOOK_BACK
    earlier = ground.usage(("day", "source", "payer"), looked_from, first - timedelta(days=1))
    return {plan.name: plan.last_used for plan in plan_days(earlier) if plan.last_used}, looked_from


def _split(question: Question, splits: Sequence[str], days: tuple[date, date]) -> str:
    """Months, as fees are by the month; parts of one where the period has no other."""
    if "month" in splits:
        return "month"
    usual = periods.default_split(question.period, *days)
    return usual if usual in splits else splits[0]


def _within(
    rows: Iterable[UsageRow], split: str, labels: Sequence[str], bars: tuple[int, int] | None
) -> list[UsageRow]:
    """Rows of the selected bars, all without a selection."""
    if bars is None:
        return list(rows)
    wanted = set(labels[bars[0] : bars[1] + 1])
    return [row for row in rows if _label(row, split) in wanted]


def _label(row: UsageRow, split: str) -> str:
    return day_labels(date.fromisoformat(row.key("day")))[split]


def _chart(made: Made, rows: Sequence[UsageRow], split: str, labels: Sequence[str]) -> BarChart:
    """Fee and worth side by side. rows: of the plans that are shown."""
    hidden, style, currency = made.question.hidden, made.figures.style, made.currency
    by_bar: dict[str, list[UsageRow]] = {label: [] for label in labels}
    labelled = []
    for row in rows:
        label = _label(row, split)
        if label in by_bar:
            by_bar[label].append(row)
            labelled.append(row if split == "day" else row._replace(keys=((split, label), *row.keys)))
    amounts = {
        group.key(split): (group.cost, group.list_cost or ZERO)
        for group in regrouped(labelled, (split,), made.home)
        if group.currency == currency
    }
    shown = [FEE not in hidden, WORTH not in hidden]
    bars = []
    for label, texts in zip(labels, periods.bar_texts(split, labels), strict=True):
        mine = by_bar[label]
        whole, pair = tally(mine, made.home), amounts.get(label, (ZERO, ZERO))
        bars.append(
            Bar(
                id=label,
                short=texts.short,
                heading=texts.heading,
                label=texts.label,
                amounts=tuple(amount if on else ZERO for amount, on in zip(pair, shown, strict=True)),
                text=_told(made, mine),
                tip=known_text(made, mine) if mine else "",
                open_=made.last == made.ground.today and label == labels[-1],
                unpriced=bool(whole.unpriced_tokens) and not whole.worth,
            )
        )
    whole = tally(rows, made.home)
    series = (
        Series(FEE, "Fees", "basis:plan", words.spend_text(whole, currency, style), shown[0], "As you typed them in"),
        Series(
            WORTH,
            words.WORTH.capitalize(),
            "basis:estimated",
            words.worth_text(whole, currency, style),
            shown[1],
            words.sentence([made.figures.estimate_words(rows)]),
        ),
    )
    title = "Fees and worth of plans"
    return BarChart(title, money_unit(currency, style), series, tuple(bars), stacked=False)


def _told(made: Made, rows: Sequence[UsageRow]) -> str:
    """Fee, worth and ratio in a line: "$20.00, worth ≈ $133.20, 6.7×"."""
    style, currency = made.figures.style, made.currency
    whole = tally(rows, made.home)
    parts = [words.spend_text(whole, currency, style)] if whole.cost else []
    if whole.tokens:
        text = words.worth_text(whole, currency, style)
        parts.append(words.without_price(text, whole.tokens, style) or f"worth {text}")
    ratio = ratio_cell(made, rows) if whole.cost else NOTHING
    return ", ".join((*parts, *([ratio.text] if ratio.value is not None else []))) or "nothing"


def _headline(made: Made, rows: Sequence[UsageRow]) -> Headline:
    """What the plans shown cost, and beside it what they are worth."""
    if not rows:
        return Headline()
    style, whole = made.figures.style, tally(rows, made.home)
    if not whole.cost:
        return Headline(
            words.worth_text(whole, made.currency, style),
            made.figures.equivalent(rows, of_worth=True).text(style),
            words.WORTH,
            in_words(words.sentence([made.figures.estimate_words(rows)])),
        )
    known = ["Fees as you typed them in, spread over their days"]
    if whole.tokens:
        known.append(f"worth {made.figures.estimate_words(rows)}")
    return Headline(
        words.spend_text(whole, made.currency, style),
        made.figures.equivalent(rows, of_worth=False).text(style),
        _told(made, rows).partition(", ")[2],
        in_words(words.sentence((*known, *made.figures.imperfect(whole)))),
    )


def _remarks(made: Made) -> Iterable[str]:
    """What must be said under the chart."""
    lacking = sorted({key for key, _ in made.question.where} - _OF_PLANS)
    if lacking:
        yield f"A fee has no {' and no '.join(lacking)}: here it is left out, and only worth is shown."
    whole = tally(made.rows, made.home)
    for other in sorted({*whole.cost, *whole.worth} - {made.currency}):
        yield (
            f"Amounts in {other} are not in the chart: no exchange rate leads from {other} to {made.currency}."
            f" {SET_A_RATE}"
        )
    if whole.unpriced_tokens:
        yield words.sentence([words.unpriced_text(whole.unpriced_tokens, made.figures.style)])
    yield from (words.sentence([text]) for text in words.caveat_texts(whole.caveats))


def _spoken(made: Made, split: str, rows: Sequence[UsageRow], table: Table) -> str:
    said = [f"Plans by {split}: {_told(made, rows)}."]
    for row in table.rows:
        if row.shown:
            name, fee, worth, ratio = (cell.text for cell in row.cells[:4])
            said.append(f"{in_words(name)}: fee {fee}, worth {worth}{'' if ratio == DASH else f', {ratio}'}.")
    return " ".join(said)


def _empty_text(made: Made) -> str:
    if made.ground.told.plans:
        return "No plan ran or was used in these days, or none matches."
    return (
        "No plans yet. With a plan and its fee, this shows what it is worth at list price. The settings add one, under"
        " Plans."
    )
