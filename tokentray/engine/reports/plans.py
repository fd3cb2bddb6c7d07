"""The view of plans: what each cost, and what the tokens it covered are worth at list price over the same days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from tokentray.charts.spec import Bar, BarChart, Series
from tokentray.engine.figures import Figures
from tokentray.engine.reports.framing import day_splits, framed, known_picks, split_choices
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.passing import Passing
from tokentray.engine.reports.view_parts import (
    BETWEEN,
    DASH,
    NOTHING,
    chosen_bars,
    count_cell,
    in_order,
    in_words,
    lines,
    money_unit,
    shares_of,
)
from tokentray.insight import columns, periods, words
from tokentray.insight.converted import landing, regrouped
from tokentray.insight.plan_months import PlanDays, idle_text, plan_days
from tokentray.insight.plan_worth import at_least, ratio_text, times
from tokentray.insight.standing import PLAN
from tokentray.insight.tally import ZERO, Home, leading, tally
from tokentray.insight.told_words import day_text
from tokentray.insight.who_pays import term_on
from tokentray.model import UsageRow
from tokentray.money import decimal_of, exact_sum
from tokentray.program import command
from tokentray.question import Question
from tokentray.report import Cell, Column, ColumnKind, Headline, Report, Row, Table
from tokentray.store.groups import day_labels

FEE, WORTH = "fee", "worth"
_LOOK_BACK = timedelta(days=400)
_OF_PLANS = frozenset(("source", "payer", "provider"))
"""Keys that a fee has."""

_COLUMNS = (
    Column("source", "Plan", ColumnKind.NAME),
    Column("cost", "Fee", ColumnKind.MONEY, tip="The fee of these days: that of a month is spread over its days"),
    Column(
        "list_cost",
        "Worth at list price",
        ColumnKind.MONEY,
        tip="The tokens that the plan covered on these days, at the list price of each day",
    ),
    Column("ratio", "Worth ÷ fee", ColumnKind.RATIO, tip="How many times its fee a plan is worth"),
    Column("requests", "Requests", ColumnKind.COUNT),
    Column("tokens", "Tokens", ColumnKind.COUNT, tip="Input, cache and output together"),
    Column("last_used", "Last used", ColumnKind.TEXT),
    Column("agents", "Used by", ColumnKind.TEXT),
    Column("currency", "Currency", ColumnKind.TEXT, shown=False),
)


class _Made(NamedTuple):
    """What the parts of the report are made from.

    rows: of plans, by day, source and payer. used_before: when plans without use in these days were last used, as far
    as was looked back: up to `looked_from`.
    """

    ground: Ground
    question: Question
    last: date
    figures: Figures
    home: Home
    currency: str
    rows: Sequence[UsageRow]
    used_before: Mapping[str, date]
    looked_from: date


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
    made = _Made(ground, question, days[1], figures, home, currency, rows, before, looked_from)
    table = _table(made, counted)
    shown = [row for row in rows if _shows(made, row.key("payer"))]
    mine = [row for row in counted if _shows(made, row.key("payer"))]
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


def _shows(made: _Made, plan: str) -> bool:
    """Whether a plan is in chart and totals: none is picked, or it is, in whichever currency."""
    picked = made.question.picked
    return not picked or any(id_.partition(BETWEEN)[0] == plan for id_ in picked)


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


def _table(made: _Made, rows: Sequence[UsageRow]) -> Table:
    question = made.question
    plans = {plan.name: plan for plan in plan_days(rows)}
    groups = regrouped(rows, ("payer",), made.home)
    several = len({group.currency for group in groups}) > 1
    table_rows: list[Row] = []
    totals: list[Row] = []
    for currency in sorted({group.currency for group in groups}, key=lambda one: (one != made.currency, one)):
        mine = [group for group in groups if group.currency == currency]
        are_shown = [_shows(made, group.key("payer")) for group in mine]
        fees = shares_of([group.cost for group in mine], are_shown, currency)
        worths = shares_of([group.list_cost or ZERO for group in mine], are_shown, currency)
        for group, fee, worth in zip(mine, fees, worths, strict=True):
            table_rows.append(_row(made, plans[group.key("payer")], group, (fee, worth), several))
        shown = [group for group in mine if _shows(made, group.key("payer"))]
        if shown:
            totals.append(_total(made, shown, [plans[one] for one in dict.fromkeys(g.key("payer") for g in shown)]))
    sort = question.sort if any(column.id == question.sort for column in _COLUMNS) else "cost"
    descending = question.descending or not question.sort
    by_name = in_order(table_rows, _COLUMNS, "source", descending=False)
    return Table(_COLUMNS, in_order(by_name, _COLUMNS, sort, descending), tuple(totals), sort, descending)


def _row(made: _Made, plan: PlanDays, group: UsageRow, shares: tuple[Decimal, Decimal], several: bool) -> Row:
    """group: of the plan's rows, those that are told in one currency."""
    label, style = made.ground.names.source(plan.name), made.figures.style
    one = tally([row for row in plan.rows if landing(row, made.home) == group.currency], made.home)
    fee = Cell(columns.spend_text(one, shares[0], group.currency, style), group.cost) if group.cost else NOTHING
    worth = NOTHING if several else Cell("no use")
    if one.tokens or one.worth:
        worth = Cell(columns.worth_text(one, shares[1], group.currency, style), group.list_cost)
    return Row(
        id=BETWEEN.join((plan.name, group.currency)) if several else plan.name,
        cells=(
            Cell(label, label),
            fee,
            worth,
            _ratio_cell(made, plan.rows) if group.cost else NOTHING,
            count_cell(group.requests, style),
            count_cell(group.total_tokens, style),
            _last_used_cell(made, plan),
            _agents_cell(made, plan),
            Cell(group.currency, group.currency),
        ),
        where=(("payer", plan.name),),
        ink=f"source:{plan.name}",
        tip=_tip(made, plan),
        shown=_shows(made, plan.name),
        keys=(("source", plan.name),),
    )


def _ratio_cell(made: _Made, rows: Sequence[UsageRow]) -> Cell:
    """rows: of fees and use alike, whatever their currency."""
    if not any(row.total_tokens or row.requests for row in rows):
        return NOTHING
    ratio = times(rows, made.home.exchange)
    text = at_least(ratio_text(ratio, made.figures.style), sum(row.unpriced_tokens for row in rows))
    if ratio is None or not text:
        return NOTHING._replace(tip="It cannot be told without prices, or without an exchange rate between the two")
    return Cell(text, decimal_of(ratio))


def _last_used_cell(made: _Made, plan: PlanDays) -> Cell:
    """The day, and a quiet word where a plan that runs lies idle."""
    used, today = plan.last_used or made.used_before.get(plan.name), made.ground.today
    told = next((one for one in made.ground.told.plans if f"{PLAN}{one.id}" == plan.name), None)
    idle = ""
    if made.last == today and told is not None and term_on(told, today):
        idle = idle_text(used, max(made.looked_from, told.terms[0].first_day), today)
    text = ", ".join(part for part in (day_text(used) if used else "", idle) if part)
    return Cell(text or DASH, used.isoformat() if used else None)


def _agents_cell(made: _Made, plan: PlanDays) -> Cell:
    names = sorted(made.ground.names.source(source) for source in plan.sources)
    text = words.listed(names)
    return Cell(text, text) if text else NOTHING


def _tip(made: _Made, plan: PlanDays) -> str:
    """How fee and worth are known, and what is imperfect about them."""
    one = tally(plan.rows, made.home)
    used = [row for row in plan.rows if row.total_tokens or row.requests]
    return lines(
        (
            "Fee: as you typed it in, spread over its days" if one.cost else "No fee in these days",
            f"Worth: {made.figures.estimate_words(used)}" if used else "",
            *(words.sentence([part]) for part in made.figures.imperfect(one)),
            made.ground.as_of_text[:1].upper() + made.ground.as_of_text[1:],
        )
    )


def _total(made: _Made, groups: Sequence[UsageRow], plans: Sequence[PlanDays]) -> Row:
    """groups: the rows of one currency that are shown."""
    currency, style = groups[0].currency, made.figures.style
    rows = [row for plan in plans for row in plan.rows]
    whole = tally([row for row in rows if landing(row, made.home) == currency], made.home)
    fee, worth = exact_sum([one.cost for one in groups]), exact_sum([one.list_cost or ZERO for one in groups])
    spend_text = words.spend_text(whole, currency, style)
    worth_text = words.worth_text(whole, currency, style)
    return Row(
        id=BETWEEN.join(("total", currency)),
        cells=(
            Cell("Total"),
            Cell(spend_text, fee) if fee else NOTHING,
            Cell(worth_text, worth if whole.priced else None) if whole.tokens or worth else NOTHING,
            _ratio_cell(made, rows) if fee else NOTHING,
            count_cell(whole.requests, style),
            count_cell(whole.tokens, style),
            NOTHING,
            NOTHING,
            Cell(currency, currency),
        ),
    )


def _chart(made: _Made, rows: Sequence[UsageRow], split: str, labels: Sequence[str]) -> BarChart:
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
                tip=words.sentence(made.figures.imperfect(whole)),
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


def _told(made: _Made, rows: Sequence[UsageRow]) -> str:
    """Fee, worth and ratio in a line: "$20.00, worth ≈ $133.20, 6.7×"."""
    style, currency = made.figures.style, made.currency
    whole = tally(rows, made.home)
    parts = [words.spend_text(whole, currency, style)] if whole.cost else []
    if whole.tokens:
        text = words.worth_text(whole, currency, style)
        parts.append(words.without_price(text, whole.tokens, style) or f"worth {text}")
    ratio = _ratio_cell(made, rows) if whole.cost else NOTHING
    return ", ".join((*parts, *([ratio.text] if ratio.value is not None else []))) or "nothing"


def _headline(made: _Made, rows: Sequence[UsageRow]) -> Headline:
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


def _remarks(made: _Made) -> Iterable[str]:
    """What must be said under the chart."""
    lacking = sorted({key for key, _ in made.question.where} - _OF_PLANS)
    if lacking:
        yield f"A fee has no {' and no '.join(lacking)}: here it is left out, and only worth is shown."
    whole = tally(made.rows, made.home)
    for other in sorted({*whole.cost, *whole.worth} - {made.currency}):
        yield (
            f"Amounts in {other} are not in the chart: no exchange rate leads from {other} to {made.currency}."
            f" Set one: `{command()} rates set {other} {made.currency} RATE`"
        )
    if whole.unpriced_tokens:
        yield words.sentence([words.unpriced_text(whole.unpriced_tokens, made.figures.style)])
    yield from (words.sentence([text]) for text in words.caveat_texts(whole.caveats))


def _spoken(made: _Made, split: str, rows: Sequence[UsageRow], table: Table) -> str:
    said = [f"Plans by {split}: {_told(made, rows)}."]
    for row in table.rows:
        if row.shown:
            name, fee, worth, ratio = (cell.text for cell in row.cells[:4])
            said.append(f"{in_words(name)}: fee {fee}, worth {worth}{'' if ratio == DASH else f', {ratio}'}.")
    return " ".join(said)


def _empty_text(made: _Made) -> str:
    if made.ground.told.plans:
        return "No plan ran or was used in these days, or none matches."
    return (
        "No plans yet. With a plan and its fee, this shows what it is worth at list price:"
        f" `{command()} plans add NAME --agent AGENT --fee N --currency C --from DATE`"
    )
