"""The rows of a usage query by group, currency and bar: what table and chart of the usage are both made from."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.naming import label
from tokentray.engine.reports.view_parts import BETWEEN
from tokentray.insight.converted import landing, merged, shared, spend_of, worth_of
from tokentray.insight.filters import Filter, Matcher
from tokentray.insight.tally import ZERO, Home
from tokentray.model import UsageRow
from tokentray.money import exact_sum
from tokentray.question import Measure, Question


class Group:
    """Rows that stand together. values: of the keys it is grouped by. currency: the one its amounts land in."""

    __slots__ = ("bars", "currency", "id", "values")

    def __init__(self, values: tuple[str, ...], currency: str) -> None:
        self.id = ""
        self.values = values
        self.currency = currency
        self.bars: dict[str, list[UsageRow]] = {}

    def ink(self, by: Sequence[str]) -> str:
        """What its colour is derived from, for ever; by several keys each group has one of its own."""
        return f"{'+'.join(by)}:{BETWEEN.join(self.values) if any(self.values) else ''}" if by else ""

    def rows(self, bars: frozenset[str] | None = None) -> list[UsageRow]:
        """All of them, or those of some bars."""
        found = self.bars.values() if bars is None else [of for bar, of in self.bars.items() if bar in bars]
        return [row for of_bar in found for row in of_bar]


def read(ground: Ground, question: Question, wanted: Filter, days: tuple[date, date]) -> list[UsageRow]:
    """The rows that a question is about, by its split and keys, source and payer; each has a day. Raises StoreError.

    The day is the row's own only where it matters on which day an amount was.
    """
    first, last = days
    by_day = ("day",) if ground.days_matter or question.split == "day" else ()
    keys = (question.split, *by_day, *question.by, "source", "payer", *wanted.keys)
    rows = ground.usage(keys, first, last, question.where)
    if wanted.terms:
        matcher = Matcher(wanted, lambda key, value: label(ground, key, value))
        rows = [row for row in rows if matcher.passes(dict(row.keys))]
    if by_day or "day" in keys:
        return rows
    same = (("day", first.isoformat()),)
    return [row._replace(keys=row.keys + same) for row in rows]


def grouped(rows: Sequence[UsageRow], question: Question, home: Home, usual: str) -> list[Group]:
    """Groups in the order of their first rows. The id of one in another currency than the usual says so, whatever other
    currencies there are: what is switched off stays so in every period.
    """
    if not rows:
        return []
    names = [key for key, _ in rows[0].keys]
    places = [names.index(key) for key in question.by]
    split = names.index(question.split)
    found: dict[tuple[tuple[str, ...], str], Group] = {}
    for row in rows:
        keys = row.keys
        values = tuple([keys[place][1] for place in places])
        currency = row.currency if not home.currency else landing(row, home)
        group = found.get((values, currency))
        if group is None:
            group = found[values, currency] = Group(values, currency)
        group.bars.setdefault(keys[split][1], []).append(row)
    for group in found.values():
        group.id = BETWEEN.join(group.values if group.currency == usual else (*group.values, group.currency))
    return list(found.values())


def condensed(rows: list[UsageRow], split: str) -> list[UsageRow]:
    """The rows of a group with those added up that differ in nothing but bar and day: where days do not matter, all
    that is said of the group is the same, in fewer rows. What is given back stays apart, for it takes nothing away
    from what is said of the rest.
    """
    if len(rows) < 2:
        return rows
    kept = [place for place, (key, _) in enumerate(rows[0].keys) if key not in (split, "day")]
    alike: dict[tuple[object, ...], list[UsageRow]] = {}
    for row in rows:
        keys, cost, worth = row.keys, row.cost, row.list_cost
        same = (
            *[keys[place] for place in kept],
            row.currency,
            row.basis,
            row.caveats,
            cost and cost.is_signed(),
            worth and worth.is_signed(),
        )
        alike.setdefault(same, []).append(row)
    return [of[0] if len(of) == 1 else _added(of) for of in alike.values()]


def _added(rows: Sequence[UsageRow]) -> UsageRow:
    """Rows that are alike as one."""
    worths = [row.list_cost for row in rows if row.list_cost]
    return merged(rows[0].keys, rows[0].currency, rows, exact_sum([row.cost for row in rows]), exact_sum(worths))


class Measured:
    """Adds rows up in one measure, exactly; what is converted is rounded once a sum, to the nano-unit."""

    def __init__(self, measure: Measure, home: Home) -> None:
        self.measure = measure
        self._home = home

    @property
    def is_money(self) -> bool:
        """Whether amounts have a currency."""
        return self.measure in (Measure.SPEND, Measure.WORTH)

    def sum(self, rows: Iterable[UsageRow]) -> Decimal:
        """Of rows that land in one currency, where it is money."""
        return self.column([list(rows)])[0]

    def holds_anything(self, group: Group) -> bool:
        """Whether anything of it could be seen: an amount, also where others take it back, or use without a price."""
        if any(self.column(list(group.bars.values()))):
            return True
        if self.measure is Measure.SPEND:
            return any(row.unpriced_paid_tokens for row in group.rows())
        return self.is_money and any(row.unpriced_tokens for row in group.rows())

    def column(self, column: Sequence[Sequence[UsageRow]]) -> list[Decimal]:
        """One sum a list of rows; they add up to what all of them come to."""
        if self.measure is Measure.TOKENS:
            return [Decimal(sum(row.total_tokens for row in rows)) for rows in column]
        if self.measure is Measure.REQUESTS:
            return [Decimal(sum(row.requests for row in rows)) for rows in column]
        return exact_column(column, self._home, of_worth=self.measure is Measure.WORTH)


def exact_column(column: Sequence[Sequence[UsageRow]], home: Home, *, of_worth: bool) -> list[Decimal]:
    """Spend or list cost of each list of rows, all of which land in one currency; they add up to the total."""
    if not home.currency or all(row.currency == home.currency for row in _each(column)):
        if of_worth:
            return [exact_sum([row.list_cost for row in rows if row.list_cost]) for rows in column]
        return [exact_sum([row.cost for row in rows if row.cost]) for rows in column]
    return shared([(worth_of if of_worth else spend_of)(rows, home) for rows in column])


def _each(column: Sequence[Sequence[UsageRow]]) -> Iterator[UsageRow]:
    for rows in column:
        yield from rows


def percents(parts: Sequence[Decimal]) -> list[Fraction | None]:
    """What each part is of all of them together, in percent; None where they come to nothing or less."""
    whole = exact_sum(parts)
    if whole <= ZERO:
        return [None for _ in parts]
    over, under = whole.as_integer_ratio()
    return [Fraction(100 * top * under, bottom * over) for top, bottom in map(Decimal.as_integer_ratio, parts)]
