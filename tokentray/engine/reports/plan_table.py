"""The table of plans: a row for each, its fee beside what its tokens are worth, who used it and when last."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tokentray.engine.figures import Figures
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.view_parts import (
    BETWEEN,
    DASH,
    NOTHING,
    capital,
    count_cell,
    in_order,
    lines,
    shares_of,
)
from tokentray.insight import columns, words
from tokentray.insight.converted import landing, regrouped
from tokentray.insight.plan_months import PlanDays, idle_text, plan_days
from tokentray.insight.plan_worth import at_least, ratio_text, times
from tokentray.insight.standing import PLAN
from tokentray.insight.tally import ZERO, Home, tally
from tokentray.insight.told_words import day_text
from tokentray.insight.who_pays import term_on
from tokentray.model import UsageRow
from tokentray.money import decimal_of, exact_sum
from tokentray.question import Question
from tokentray.report import Cell, Column, ColumnKind, Row, Table

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


class Made(NamedTuple):
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


def shows(made: Made, plan: str) -> bool:
    """Whether a plan is in chart and totals: none is picked, or it is, in whichever currency."""
    picked = made.question.picked
    return not picked or any(id_.partition(BETWEEN)[0] == plan for id_ in picked)


def table_of(made: Made, rows: Sequence[UsageRow]) -> Table:
    """rows: of the days that are looked at. A row of its own for each currency that nothing converts."""
    question = made.question
    plans = {plan.name: plan for plan in plan_days(rows)}
    groups = regrouped(rows, ("payer",), made.home)
    several = len({group.currency for group in groups}) > 1
    table_rows: list[Row] = []
    totals: list[Row] = []
    for currency in sorted({group.currency for group in groups}, key=lambda one: (one != made.currency, one)):
        mine = [group for group in groups if group.currency == currency]
        are_shown = [shows(made, group.key("payer")) for group in mine]
        fees = shares_of([group.cost for group in mine], are_shown, currency)
        worths = shares_of([group.list_cost or ZERO for group in mine], are_shown, currency)
        for group, fee, worth in zip(mine, fees, worths, strict=True):
            table_rows.append(_row(made, plans[group.key("payer")], group, (fee, worth), several))
        shown = [group for group in mine if shows(made, group.key("payer"))]
        if shown:
            totals.append(_total(made, shown, [plans[one] for one in dict.fromkeys(g.key("payer") for g in shown)]))
    sort = question.sort if any(column.id == question.sort for column in _COLUMNS) else "cost"
    descending = question.descending or not question.sort
    by_name = in_order(table_rows, _COLUMNS, "source", descending=False)
    return Table(_COLUMNS, in_order(by_name, _COLUMNS, sort, descending), tuple(totals), sort, descending)


def _row(made: Made, plan: PlanDays, group: UsageRow, shares: tuple[Decimal, Decimal], several: bool) -> Row:
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
            ratio_cell(made, plan.rows) if group.cost else NOTHING,
            count_cell(group.requests, style),
            count_cell(group.total_tokens, style),
            _last_used_cell(made, plan),
            _agents_cell(made, plan),
            Cell(group.currency, group.currency),
        ),
        where=(("payer", plan.name),),
        ink=f"source:{plan.name}",
        tip=known_text(made, plan.rows),
        shown=shows(made, plan.name),
        keys=(("source", plan.name),),
    )


def ratio_cell(made: Made, rows: Sequence[UsageRow]) -> Cell:
    """rows: of fees and use alike, whatever their currency."""
    if not any(row.total_tokens or row.requests for row in rows):
        return NOTHING
    ratio = times(rows, made.home.exchange)
    text = at_least(ratio_text(ratio, made.figures.style), sum(row.unpriced_tokens for row in rows))
    if ratio is None or not text:
        return NOTHING._replace(tip="It cannot be told without prices, or without an exchange rate between the two")
    return Cell(text, decimal_of(ratio))


def _last_used_cell(made: Made, plan: PlanDays) -> Cell:
    """The day, and a quiet word where a plan that runs lies idle."""
    used, today = plan.last_used or made.used_before.get(plan.name), made.ground.today
    told = next((one for one in made.ground.told.plans if f"{PLAN}{one.id}" == plan.name), None)
    idle = ""
    if made.last == today and told is not None and term_on(told, today):
        idle = idle_text(used, max(made.looked_from, told.terms[0].first_day), today)
    text = ", ".join(part for part in (day_text(used) if used else "", idle) if part)
    return Cell(text or DASH, used.isoformat() if used else None)


def _agents_cell(made: Made, plan: PlanDays) -> Cell:
    names = sorted(made.ground.names.source(source) for source in plan.sources)
    text = words.listed(names)
    return Cell(text, text) if text else NOTHING


def known_text(made: Made, rows: Sequence[UsageRow]) -> str:
    """How fee and worth are known, what is imperfect about them, and as of when, in lines."""
    one = tally(rows, made.home)
    used = [row for row in rows if row.total_tokens or row.requests]
    return lines(
        (
            "Fee: as you typed it in, spread over its days" if one.cost else "No fee in these days",
            f"Worth: {made.figures.estimate_words(used)}" if used else "",
            *(words.sentence([part]) for part in made.figures.imperfect(one)),
            capital(made.ground.as_of_text),
        )
    )


def _total(made: Made, groups: Sequence[UsageRow], plans: Sequence[PlanDays]) -> Row:
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
            ratio_cell(made, rows) if fee else NOTHING,
            count_cell(whole.requests, style),
            count_cell(whole.tokens, style),
            NOTHING,
            NOTHING,
            Cell(currency, currency),
        ),
        tip=known_text(made, rows),
    )
