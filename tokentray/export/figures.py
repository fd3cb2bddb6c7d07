"""The tables of a month: each adds up to its total, as displayed and unrounded."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tokentray.export.frame import Frame
from tokentray.insight import columns, words
from tokentray.insight.converted import priced, shared, spend_of, worth_of
from tokentray.insight.tally import Tally, tally
from tokentray.model import Basis, UsageRow
from tokentray.money import MINUS, exact_sum, share_rounded

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MOST_ROWS = 12
_NONE = "–"
_KNOWN = {
    Basis.BILLED: "billed",
    Basis.METERED: "metered",
    Basis.ESTIMATED: "estimated",
    Basis.PLAN: "plan fee",
    Basis.CHARGE: "charge",
}
_TYPED = {Basis.PLAN.value, Basis.CHARGE.value}


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a table: a source, model, project or day.

    name: as in the data ("" for what has none); label: for reading. cost, list_cost: unrounded; list_cost is None
    where nothing is priced. shown: what leads, spend or worth, rounded so that the table adds up; worth_shown: the
    worth beside spend, likewise, with worth_text "" where worth leads. share_text: "38 %" of the total, or ""; share:
    the same as a number of percent, which add up to 100. day: of a row that is one. equivalent_short: as it stands in
    a column. basis: how what is spent is known, best first.
    """

    name: str
    label: str
    cost: Decimal
    list_cost: Decimal | None
    shown: Decimal
    amount_text: str
    worth_shown: Decimal
    worth_text: str
    equivalent_text: str
    equivalent_short: str
    share_text: str
    requests: int
    tokens: int
    unpriced_tokens: int
    share: Decimal = Decimal(0)
    day: date | None = None
    basis: tuple[str, ...] = ()

    @property
    def known_text(self) -> str:
        """How the spend of a row is known: "plan fee", "billed, estimated"; "" where nothing is spent."""
        return ", ".join(_KNOWN[Basis(basis)] for basis in self.basis)


@dataclass(frozen=True, slots=True)
class Table:
    """Figures and what they add up to. title: what the rows are. currency, list_currency: of spend and of worth.

    rest: what stands for all figures after `head` where they are more than a page takes, else None.
    """

    title: str
    currency: str
    list_currency: str
    figures: tuple[Figure, ...]
    total: Figure
    rest: Figure | None = None

    @property
    def head(self) -> tuple[Figure, ...]:
        """The figures that are shown by themselves."""
        return self.figures[: _MOST_ROWS - 1] if self.rest else self.figures


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand together in a table."""

    name: str
    label: str
    rows: Sequence[UsageRow]


@dataclass(frozen=True, slots=True)
class Tables:
    """Makes the tables of one month. of_worth: whether worth leads, else spend."""

    frame: Frame
    of_worth: bool

    def by(
        self,
        title: str,
        rows: Iterable[UsageRow],
        key: Callable[[UsageRow], str],
        label: Callable[[str, Sequence[UsageRow]], str] = lambda name, _: name,
    ) -> Table:
        """One row a value of the key, the largest first."""
        groups: dict[str, list[UsageRow]] = {}
        for row in rows:
            groups.setdefault(key(row), []).append(row)
        ranked = sorted(groups.items(), key=lambda item: (*self.rank(item[1]), item[0]))
        made = [Group(name, label(name, of_it), of_it) for name, of_it in ranked]
        table = self.table(title, made)
        if len(made) <= _MOST_ROWS:
            return table
        return replace(table, rest=self._rest(table.figures[_MOST_ROWS - 1 :], made[_MOST_ROWS - 1 :]))

    def days(self, rows: Iterable[UsageRow], days: Sequence[date]) -> Table:
        """One row a day, also where there was nothing."""
        groups: dict[str, list[UsageRow]] = {day.isoformat(): [] for day in days}
        for row in rows:
            groups[row.key("day")].append(row)
        labels = {day.isoformat(): f"{_WEEKDAYS[day.weekday()]} {day.day:>2}" for day in days}
        table = self.table("Day", [Group(name, labels[name], of_it) for name, of_it in groups.items()])
        figures = [replace(figure, day=date.fromisoformat(figure.name)) for figure in table.figures]
        return replace(table, figures=tuple(figures))

    def rank(self, rows: Iterable[UsageRow]) -> tuple[Decimal, Decimal, int]:
        """Sorts groups by what leads, then by worth, then by tokens, the most first."""
        one = tally(rows, self.frame.home)
        worth = one.worth_in(self.frame.list_currency)
        return -(worth if self.of_worth else one.cost_in(self.frame.currency)), -worth, -one.tokens

    def total(self, rows: Sequence[UsageRow]) -> Figure:
        """Rows as the last line of a table, which never has "–" for what leads."""
        (figure,) = self._figures([Group("", "Total", rows)])
        whole, style = tally(rows, self.frame.home), self.frame.style
        if self.of_worth:
            text = words.worth_text(whole, self.frame.list_currency, style)
        else:
            text = words.spend_text(whole, self.frame.currency, style)
        return replace(figure, amount_text=text, share_text="")

    def table(self, title: str, groups: Sequence[Group]) -> Table:
        """Groups in their order, and their total."""
        figures, total = self._figures(groups), self.total([row for group in groups for row in group.rows])
        return Table(title, self.frame.currency, self.frame.list_currency, figures, total)

    def _rest(self, figures: Sequence[Figure], groups: Sequence[Group]) -> Figure:
        """Several rows as one, which is what they display together."""
        rows = [row for group in groups for row in group.rows]
        (figure,) = self._figures([Group("", f"{len(groups)} others", rows)])
        shown = exact_sum([one.shown for one in figures])
        worth_shown = exact_sum([one.worth_shown for one in figures])
        share = exact_sum([one.share for one in figures])
        lead = figure.list_cost or Decimal(0) if self.of_worth else figure.cost
        one = tally(rows, self.frame.home)
        return replace(
            figure,
            shown=shown,
            amount_text=self._amount_text(one, shown),
            worth_shown=worth_shown,
            worth_text="" if self.of_worth else self._worth_text(one, worth_shown),
            share=share,
            share_text=self._share_text(lead, share) if any(one.share_text for one in figures) else "",
        )

    def _figures(self, groups: Sequence[Group]) -> tuple[Figure, ...]:
        home = self.frame.home
        costs = shared([spend_of(self.frame.in_currency(group.rows), home) for group in groups])
        worths = shared([worth_of(self.frame.in_list_currency(group.rows), home) for group in groups])
        lead = worths if self.of_worth else costs
        whole = exact_sum(lead)
        worth_shown = columns.shares(worths, self.frame.list_currency)
        shown = worth_shown if self.of_worth else columns.shares(costs, self.frame.currency)
        shares = share_rounded([part * 100 / whole for part in lead], 0) if whole > 0 else [Decimal(0)] * len(lead)
        made = []
        for index, group in enumerate(groups):
            one = tally(group.rows, home)
            told = self.frame.equivalent(group.rows, of_worth=self.of_worth) if lead[index] > 0 else None
            made.append(
                Figure(
                    name=group.name,
                    label=group.label,
                    cost=costs[index],
                    list_cost=worths[index] if priced(group.rows) else None,
                    shown=shown[index],
                    amount_text=self._amount_text(one, shown[index]),
                    worth_shown=worth_shown[index],
                    worth_text="" if self.of_worth else self._worth_text(one, worth_shown[index]),
                    equivalent_text=told.text(self.frame.style) if told else "",
                    equivalent_short=told.text(self.frame.style, short=True) if told else "",
                    share_text=self._share_text(lead[index], shares[index]) if whole > 0 else "",
                    requests=one.requests,
                    tokens=one.tokens,
                    unpriced_tokens=one.unpriced_tokens,
                    share=shares[index],
                    basis=_basis(group.rows),
                )
            )
        return tuple(made)

    def _amount_text(self, one: Tally, shown: Decimal) -> str:
        if self.of_worth:
            return self._worth_text(one, shown)
        nothing = not (one.cost or one.unpriced_paid_tokens)
        return _NONE if nothing else columns.spend_text(one, shown, self.frame.currency, self.frame.style)

    def _worth_text(self, one: Tally, shown: Decimal) -> str:
        nothing = not (one.worth or one.tokens or one.requests)
        return _NONE if nothing else columns.worth_text(one, shown, self.frame.list_currency, self.frame.style)

    def _share_text(self, part: Decimal, share: Decimal) -> str:
        if not part:
            return ""
        if not share:
            return "<1 %" if part > 0 else f"{MINUS}<1 %"
        return f"{self.frame.style.number(share)} %"


def _basis(rows: Iterable[UsageRow]) -> tuple[str, ...]:
    """How what is spent of rows is known."""
    found = {basis for row in rows if row.cost or row.unpriced_paid_tokens for basis in row.basis}
    return tuple(basis.value for basis in _KNOWN if basis.value in found)


def named_or(missing: str) -> Callable[[str, Sequence[UsageRow]], str]:
    """Labels for models or projects, which fees and charges have none of."""

    def label(name: str, rows: Sequence[UsageRow]) -> str:
        typed = any(_TYPED.intersection(row.basis) for row in rows)
        if name or not typed:
            return name or missing
        used = any(row.total_tokens or row.requests for row in rows)
        return f"{missing}, with fees and charges" if used else "Fees and charges"

    return label
