"""The tables of a month: by source, model, project and day, each adding up to the same total as displayed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tokentray.insight import words
from tokentray.insight.reference import equivalent
from tokentray.model import ReferencePoint, UsageRow
from tokentray.money import NumberStyle, share_rounded

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_UNDER_A_CENT = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a table: a source, model, project or day.

    name: as in the data ("" for what has none); label: for reading. list_cost: unrounded, None where nothing
    is priced; shown: rounded to cents so that the table adds up. share_text: "38 %" of the total, or "".
    """

    name: str
    label: str
    list_cost: Decimal | None
    shown: Decimal
    amount_text: str
    equivalent_text: str
    share_text: str
    requests: int
    tokens: int
    unpriced_tokens: int


@dataclass(frozen=True, slots=True)
class Tables:
    """Makes the tables of one month: each shares the same total."""

    currency: str
    total: Decimal | None
    style: NumberStyle
    references: Sequence[ReferencePoint]

    def by(
        self, rows: Iterable[UsageRow], key: str, label: Callable[[str], str] = lambda name: name
    ) -> tuple[Figure, ...]:
        """One row a value of the key, the most worth first."""
        groups: dict[str, list[UsageRow]] = {}
        for row in rows:
            groups.setdefault(row.key(key), []).append(row)
        ranked = sorted(groups.items(), key=lambda item: (*rank(item[1]), item[0]))
        return self._figures([(name, label(name), group) for name, group in ranked])

    def days(self, rows: Iterable[UsageRow], days: Sequence[date]) -> tuple[Figure, ...]:
        """One row a day, also where nothing was used."""
        groups: dict[str, list[UsageRow]] = {day.isoformat(): [] for day in days}
        for row in rows:
            groups[row.key("day")].append(row)
        labels = {day.isoformat(): f"{_WEEKDAYS[day.weekday()]} {day.day:>2}" for day in days}
        return self._figures([(name, labels[name], group) for name, group in groups.items()])

    def equivalent(self, rows: Iterable[UsageRow]) -> str:
        """Rows as the person's time at the rate of each day, "" without a reference point."""
        dated = [(date.fromisoformat(row.key("day")), row.list_cost or words.ZERO) for row in rows]
        return equivalent(dated, self.currency, self.references).text(self.style)

    def _figures(self, groups: Sequence[tuple[str, str, list[UsageRow]]]) -> tuple[Figure, ...]:
        sums = [words.add_up(rows) for _, _, rows in groups]
        costs = [cost or words.ZERO for cost, *_ in sums]
        shown = share_rounded(costs)
        shares = share_rounded([cost * 100 / self.total for cost in costs], 0) if self.total else costs
        return tuple(
            Figure(
                name=name,
                label=label,
                list_cost=cost,
                shown=amount,
                amount_text=self._amount_text(cost, amount, unpriced) if rows else "–",
                equivalent_text=self.equivalent(rows) if cost else "",
                share_text=self._share_text(cost, share),
                requests=sum(row.requests for row in rows),
                tokens=tokens,
                unpriced_tokens=unpriced,
            )
            for (name, label, rows), (cost, tokens, unpriced, _, _), amount, share in zip(
                groups, sums, shown, shares, strict=True
            )
        )

    def _amount_text(self, cost: Decimal | None, shown: Decimal, unpriced: int) -> str:
        # What shares out to no cent reads "<$0.01", however near to a cent it is: the table must add up.
        amount = shown if shown or not cost else _UNDER_A_CENT
        return words.amount_text(None if cost is None else amount, unpriced, self.currency, self.style)

    def _share_text(self, cost: Decimal | None, share: Decimal) -> str:
        if not cost:
            return ""
        return f"{self.style.number(share)} %" if share else "<1 %"


def rank(rows: Iterable[UsageRow]) -> tuple[Decimal, int]:
    """Sorts groups by worth, then by tokens, the most first."""
    cost, tokens, *_ = words.add_up(rows)
    return -(cost or words.ZERO), -tokens
