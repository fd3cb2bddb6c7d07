"""The table of the usage: a row a group, its cells, and the totals of what is shown."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.engine.figures import Figures
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.groups import Group, exact_column, percents
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.naming import TITLES, label_of
from tokentray.engine.reports.view_parts import BETWEEN, DASH, NOTHING, count_cell, price_text, shares_of
from tokentray.insight import columns as shares
from tokentray.insight.blended import per_million
from tokentray.insight.converted import priced
from tokentray.insight.standing import standing_of
from tokentray.insight.tally import Home, Tally, tally
from tokentray.model import Basis, Caveat, UsageRow
from tokentray.money import MINUS, decimal_of, exact_sum, share_rounded
from tokentray.question import SPLITS
from tokentray.report import Cell, Column, ColumnKind, Row
from tokentray.snapshot import Standing

COST, WORTH, EQUIVALENT, SHARE, TOKENS, REQUESTS = "cost", "list_cost", "equivalent", "share", "tokens", "requests"
ALL = "all"
_COUNTS = (
    ("requests", "Requests", True, "Model calls, each counted once."),
    ("input_tokens", "Input", True, "Input tokens that no cache held."),
    ("output_tokens", "Output", True, "Output tokens, reasoning included."),
    ("reasoning_tokens", "Reasoning", False, "The part of the output that is reasoning, where it is known."),
    ("cache_read_tokens", "Cache read", True, "Input tokens read from a cache."),
    ("cache_write_5m_tokens", "Cache write 5 min", True, "Input tokens written to a cache for five minutes."),
    ("cache_write_1h_tokens", "Cache write 1 h", True, "Input tokens written to a cache for an hour."),
    ("web_search_requests", "Searches", False, "Web searches that a provider bills apart."),
)
_KNOWN = (
    ("currency", "Currency", "Of the amounts of the row."),
    ("basis", "Known from", "How the amounts are known."),
    ("caveats", "Caveats", "What is known to be imperfect of the amounts."),
)
_FEES = {Basis.PLAN.value: "plan", Basis.CHARGE.value: "charge"}
_SAID = {Standing.ELSEWHERE: "paid elsewhere", Standing.UNASSIGNED: "payer not said"}


class Line(NamedTuple):
    """A group with its sums over the rows that are looked at. cost, worth: exact; worth is None where nothing of it is
    priced. cost_share, worth_share: as they stand in the column, which adds up. percent: of what leads."""

    group: Group
    rows: list[UsageRow]
    one: Tally
    counts: tuple[int, ...]
    cost: Decimal
    worth: Decimal | None
    cost_share: Decimal
    worth_share: Decimal
    percent: Fraction | None = None
    percent_share: Decimal = Decimal(0)

    @property
    def holds_anything(self) -> bool:
        """Whether `usage` has a row for it; what was given back may have left nothing."""
        one = self.one
        return bool(any(self.counts) or self.worth or self.cost or Caveat.SEEN_ELSEWHERE.value in one.caveats)


def lines_of(found: Sequence[tuple[Group, list[UsageRow]]], home: Home, *, of_worth: bool) -> list[Line]:
    """Each group's sums, in their order; each currency shares its own total. of_worth: what leads, else spend."""
    made: dict[str, Line] = {}
    for currency in dict.fromkeys(group.currency for group, _ in found):
        mine = [(group, rows) for group, rows in found if group.currency == currency]
        column = [rows for _, rows in mine]
        costs = exact_column(column, home, of_worth=False)
        worths = exact_column(column, home, of_worth=True)
        lead = percents(worths if of_worth else costs)
        whole = share_rounded([decimal_of(part or Fraction(0)) for part in lead], 0)
        texts = zip(shares.shares(costs, currency), shares.shares(worths, currency), strict=True)
        for index, (cost, worth) in enumerate(texts):
            group, rows = mine[index]
            made[group.id] = Line(
                group=group,
                rows=rows,
                one=tally(rows, home),
                counts=tuple([sum(counts) for counts in zip(*[row[1:9] for row in rows], strict=True)]),
                cost=costs[index],
                worth=worths[index] if _is_priced(rows) else None,
                cost_share=cost,
                worth_share=worth,
                percent=lead[index],
                percent_share=whole[index],
            )
    return [made[group.id] for group, _ in found]


def shared_among(lines: Sequence[Line], shows: Callable[[Group], bool]) -> list[Line]:
    """The same lines with what is displayed of those that are shown adding up by itself; a line that displays what it
    did before is the same object.
    """
    made = list(lines)
    for currency in dict.fromkeys(line.group.currency for line in lines):
        places = [place for place, line in enumerate(lines) if line.group.currency == currency]
        shown = [shows(lines[place].group) for place in places]
        costs = shares_of([lines[place].cost for place in places], shown, currency)
        worths = shares_of([lines[place].worth or Decimal(0) for place in places], shown, currency)
        for place, cost, worth in zip(places, costs, worths, strict=True):
            line = lines[place]
            if (cost, worth) != (line.cost_share, line.worth_share):
                made[place] = line._replace(cost_share=cost, worth_share=worth)
    return made


def is_no_spend(one: Tally) -> bool:
    """Whether there is no amount of it, not even one that is not known; all given back is an amount of zero."""
    return not (one.cost or one.unpriced_paid_tokens)


def _is_priced(rows: Sequence[UsageRow]) -> bool:
    """Whether a list cost is known, as `usage` has it: requests without tokens have one, of nothing."""
    if priced(rows):
        return True
    return not any(row.unpriced_tokens for row in rows) and any(
        row.requests for row in rows if row.list_cost is not None
    )


class TableMaker:
    """Makes columns and rows. of_worth: whether shares, equivalents and prices are of the worth, else of the spend."""

    def __init__(self, ground: Ground, figures: Figures, by: tuple[str, ...], known: Known, *, of_worth: bool) -> None:
        self._ground = ground
        self._figures = figures
        self._style = figures.style
        self._by = by
        self._known = known
        self._of_worth = of_worth

    def columns(self) -> tuple[Column, ...]:
        """Names first; no spend while nothing counts as such, and no equivalent without a reference point."""
        kind, figures = ColumnKind, self._figures
        made = [Column(key, TITLES[key], kind.NAME) for key in self._by] or [Column(ALL, "", kind.NAME)]
        if figures.counts_spend:
            made.append(Column(COST, "Spend", kind.MONEY, tip="What counts: before tax, after discounts."))
        made.append(Column(WORTH, "List price", kind.MONEY, tip="Worth at list price.", spoken="worth at list price"))
        lead = "worth at list price" if self._of_worth else "spend"
        if figures.reference.exists:
            title = "Your time" if figures.reference.is_time else "Equivalent"
            made.append(Column(EQUIVALENT, title, kind.RATIO, tip=f"The {lead} in what you measure it against."))
        made.append(Column(SHARE, "Share", kind.PERCENT, tip=f"Of all {lead} in the table."))
        made += [Column(id_, title, kind.COUNT, shown, tip) for id_, title, shown, tip in _COUNTS]
        made.append(Column(TOKENS, "Tokens", kind.COUNT, False, "Input, cache and output together."))
        made.append(Column("cache_hit_rate", "Cache hits", kind.PERCENT, tip="Of all input, what a cache held."))
        what = "Worth at list price" if self._of_worth else "Spend"
        made.append(
            Column(
                "price_per_million",
                "Per million",
                kind.MONEY,
                tip=f"{what} per million tokens of every kind.",
                spoken="price per million tokens",
            )
        )
        made.append(Column("unpriced_tokens", "Not priced", kind.COUNT, False, "Tokens without a known price."))
        made += [Column(id_, title, kind.TEXT, False, tip) for id_, title, tip in _KNOWN]
        return tuple(made)

    def row(self, line: Line, *, several: bool) -> Row:
        """several: whether the table has rows of several currencies."""
        group, by = line.group, self._by
        keys = tuple(zip(by, group.values, strict=True))
        texts = [label_of(self._ground, key, value, line.rows) for key, value in keys] or ["All"]
        tag = self._tag(line)
        if several and not tag:
            tag = group.currency if (line.cost or line.worth) else ""
        if tag:
            texts[0] = f"{texts[0]} · {tag}"
        # Names sort as they read, times by their labels, which are in order.
        named = [
            Cell(text, value if key in SPLITS else text)
            for text, (key, value) in zip(texts, keys or ((ALL, ""),), strict=True)
        ]
        cost = shares.spend_text(line.one, line.cost_share, group.currency, self._style)
        worth = shares.worth_text(line.one, line.worth_share, group.currency, self._style)
        return Row(
            id=group.id,
            cells=(*named, *self._figures_of(line, cost, worth)),
            where=keys,
            ink=group.ink(by),
            tip=self._known.text(line.rows, line.one),
            keys=keys,
        )

    def totals(self, lines: Sequence[Line], *, several: bool) -> tuple[Row, ...]:
        """One a currency; of nothing, none."""
        made = []
        for currency in sorted({line.group.currency for line in lines}):
            mine = [line for line in lines if line.group.currency == currency]
            rows = [row for line in mine for row in line.rows]
            one = tally(rows, self._figures.home)
            known = [line.worth for line in mine if line.worth is not None]
            parts = [line.percent for line in mine if line.percent is not None]
            whole = Line(
                group=Group((), currency),
                rows=rows,
                one=one,
                counts=tuple([sum(counts) for counts in zip(*[line.counts for line in mine], strict=True)]),
                cost=exact_sum([line.cost for line in mine]),
                worth=exact_sum(known) if _is_priced(rows) else None,
                cost_share=exact_sum([line.cost_share for line in mine]),
                worth_share=exact_sum([line.worth_share for line in mine]),
                percent=sum(parts, Fraction(0)) if parts else None,
                percent_share=exact_sum([line.percent_share for line in mine]),
            )
            cost = shares.spend_text(one, whole.cost_share, currency, self._style)
            worth = shares.worth_text(one, whole.worth_share, currency, self._style)
            names = [Cell("Total", "Total"), *[Cell("", "") for _ in self._by[1:]]]
            id_ = BETWEEN.join(("total", currency)) if several else "total"
            made.append(Row(id_, (*names, *self._figures_of(whole, cost, worth)), tip=self._known.text(rows, one)))
        return tuple(made)

    def _figures_of(self, line: Line, cost_text: str, worth_text: str) -> list[Cell]:
        one, style = line.one, self._style
        made = []
        if self._figures.counts_spend:
            made.append(Cell(DASH if is_no_spend(one) else cost_text, line.cost))
        used = one.worth or one.tokens
        made.append(Cell(worth_text if used else DASH, line.worth))
        if self._figures.reference.exists:
            made.append(self._equivalent(line))
        made.append(self._percent(line))
        made += [count_cell(count, style) for count in line.counts]
        made.append(count_cell(one.tokens, style))
        made.append(self._hits(line.counts))
        made.append(self._price(line))
        made.append(count_cell(one.unpriced_tokens, style))
        made.append(Cell(line.group.currency, line.group.currency))
        made += [Cell(", ".join(ids) or DASH, " ".join(ids)) for ids in (one.basis, one.caveats)]
        return made

    def _equivalent(self, line: Line) -> Cell:
        figures = self._figures
        if not (line.worth if self._of_worth else line.cost):
            return NOTHING
        told = figures.equivalent(line.rows, of_worth=self._of_worth)
        value = None if told.units is None else decimal_of(told.units)
        return Cell(told.text(self._style, short=True) or DASH, value)

    def _percent(self, line: Line) -> Cell:
        if line.percent is None or not line.percent:
            return NOTHING if line.percent is None else Cell(DASH, Decimal(0))
        if line.percent_share:
            text = f"{self._style.number(line.percent_share)} %"
        else:
            text = "<1 %" if line.percent > 0 else f"{MINUS}<1 %"
        return Cell(text, decimal_of(line.percent))

    def _hits(self, counts: Sequence[int]) -> Cell:
        """Cached input ÷ all input."""
        _, fresh, _, _, read, write_5m, write_1h, _ = counts
        whole = fresh + read + write_5m + write_1h
        if not whole:
            return NOTHING
        value = decimal_of(Fraction(read * 100, whole))
        text = self._style.number(value)
        return Cell(f"{text} %" if not read or value >= 1 else "<1 %", value)

    def _price(self, line: Line) -> Cell:
        amount = (line.worth or Decimal(0)) if self._of_worth else line.cost
        # What is billed has its price also where no list has one.
        unpriced = line.one.unpriced_tokens if self._of_worth else line.one.unpriced_paid_tokens
        value = per_million(amount, line.one.tokens - unpriced)
        if not amount or value is None:
            return NOTHING
        price = decimal_of(value)
        about = "≈ " if self._of_worth or line.one.estimated else ""
        return Cell(f"{about}{price_text(price, line.group.currency, self._style)}", price)

    def _tag(self, line: Line) -> str:
        """What a row is where all of it is of one sort: "plan", "charge", "paid elsewhere", "payer not said"."""
        bases = line.one.basis
        if len(bases) == 1 and (fee := _FEES.get(bases[0])):
            return fee
        if not self._figures.counts_spend:
            return ""
        standings = {standing_of(row) for row in line.rows}
        return _SAID.get(next(iter(standings)), "") if len(standings) == 1 else ""
