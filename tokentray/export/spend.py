"""What a month's spend is made of: its parts by how they are known, its plans, and what stands in other currencies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from tokentray.export.figures import Figure, Group, Table, Tables
from tokentray.export.frame import Frame
from tokentray.insight.converted import spend_of, unreached, worth_of
from tokentray.insight.plan_worth import ratio_text
from tokentray.insight.standing import line_of
from tokentray.insight.tally import Home
from tokentray.model import Basis, UsageRow

_PARTS = {
    Basis.PLAN: "Plan fees",
    Basis.CHARGE: "Charges",
    Basis.BILLED: "Billed",
    Basis.METERED: "As you go, by the provider's token counts",
    Basis.ESTIMATED: "As you go, estimated",
}
_NO_USE = "no use"


@dataclass(frozen=True, slots=True)
class PlanFigure:
    """A plan's fee of the days covered, and what it was worth on them. Money unrounded.

    name: "plan:1". fee_shown, worth_shown: as displayed. list_cost: of the tokens it covered, in `list_currency`; None
    where nothing is priced. ratio: list cost ÷ fee, None without a fee or where no exchange rate leads from the one to
    the other.
    """

    name: str
    label: str
    cost: Decimal
    currency: str
    fee_text: str
    list_cost: Decimal | None
    list_currency: str
    worth_text: str
    ratio: Fraction | None
    ratio_text: str
    requests: int
    tokens: int
    unpriced_tokens: int
    fee_shown: Decimal
    worth_shown: Decimal


def parts(tables: Tables, rows: Iterable[UsageRow]) -> Table:
    """Spend by how it is known; what is known in two ways on one day is a part of its own."""
    groups: dict[tuple[str, ...], list[UsageRow]] = {}
    for row in rows:
        if row.cost or row.unpriced_paid_tokens:
            groups.setdefault(row.basis, []).append(row)
    order = [basis.value for basis in _PARTS]
    ranked = sorted(groups, key=lambda bases: (len(bases), [order.index(basis) for basis in bases]))
    return tables.table("Part", [Group("+".join(bases), _part_text(bases), groups[bases]) for bases in ranked])


def _part_text(bases: Sequence[str]) -> str:
    if len(bases) == 1:
        return _PARTS[Basis(bases[0])]
    return "Partly " + ", partly ".join(bases)


def plan_figures(frame: Frame, rows: Iterable[UsageRow], tables: Iterable[Table]) -> tuple[PlanFigure, ...]:
    """Every plan with a fee or with use, in the order of the tables, which are by source."""
    mine: dict[str, list[UsageRow]] = {}
    for row in rows:
        if row.key("payer").startswith(f"{Basis.PLAN}:"):
            mine.setdefault(row.key("payer"), []).append(row)
    stands: dict[str, list[tuple[Table, Figure]]] = {}
    for table in tables:
        for figure in table.figures:
            if figure.name in mine:
                stands.setdefault(figure.name, []).append((table, figure))
    return tuple(_plan(frame, mine[name], found) for name, found in stands.items())


def _plan(frame: Frame, rows: Sequence[UsageRow], found: Sequence[tuple[Table, Figure]]) -> PlanFigure:
    """A plan that stands in one table, or in two where its fee and its tokens have two currencies."""
    charged, fee = next((one for one in found if one[1].cost), found[0])
    listed, use = next((one for one in found if one[1].tokens or one[1].requests), found[0])
    value = None if use.list_cost is None else _ratio(rows, charged.currency, frame)
    text = ratio_text(value, frame.style) if use.tokens else ""
    if text and use.unpriced_tokens:
        text = "" if text.startswith("<") else f"at least {text}"
    return PlanFigure(
        name=fee.name,
        label=fee.label,
        cost=fee.cost,
        currency=charged.currency,
        fee_text=fee.amount_text,
        list_cost=use.list_cost,
        list_currency=listed.list_currency,
        worth_text=use.worth_text if use.tokens or use.requests else _NO_USE,
        ratio=value,
        ratio_text=text,
        requests=use.requests,
        tokens=use.tokens,
        unpriced_tokens=use.unpriced_tokens,
        fee_shown=fee.shown,
        worth_shown=use.worth_shown,
    )


def _ratio(rows: Sequence[UsageRow], currency: str, frame: Frame) -> Fraction | None:
    """In the fee's currency, each day at its rate."""
    home = Home(currency, frame.home.exchange)
    fee = spend_of(rows, home)
    return worth_of(rows, home) / fee if fee > 0 and not unreached(rows, home) else None


def other_currencies(tables: Tables, rows: Sequence[UsageRow]) -> tuple[Table, ...]:
    """The sources of what counts and cannot be told in the leading currency, a table for each other one."""
    names = tables.frame.names
    made = []
    for currency in sorted({row.currency for row in rows}):
        home = tables.frame.home._replace(currency="")
        apart = replace(tables.frame, currency=currency, list_currency=currency, home=home)
        mine = [row for row in rows if row.currency == currency]
        made.append(replace(tables, frame=apart).by("Source", mine, line_of, lambda name, _: names.source(name)))
    return tuple(made)
