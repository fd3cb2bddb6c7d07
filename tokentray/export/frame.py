"""What all figures of an exported month are made with, and which of its rows count.

Until the person says who pays for anything, all use counts as *worth at list price*. From then on the total is what
they pay; use paid elsewhere, and use nobody has said who pays for, stand apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tokentray.export.redact import public_charges, public_plans, public_points, public_rules, public_sources
from tokentray.insight.converted import landing
from tokentray.insight.exchange import Exchange
from tokentray.insight.reference import Equivalent, Part, Reference
from tokentray.insight.source_names import SourceNames, source_names
from tokentray.insight.standing import by_standing
from tokentray.insight.tally import Home, leading, tally
from tokentray.insight.who_pays import counts_spend
from tokentray.model import Charge, ExchangeRate, PayerRule, Plan, UsageRow
from tokentray.money import NumberStyle
from tokentray.settings import Settings
from tokentray.snapshot import Standing
from tokentray.store.history import History
from tokentray.store.queries import SourceRow


@dataclass(frozen=True, slots=True)
class Told:
    """What the person told us, and which sources there are."""

    rules: Sequence[PayerRule]
    plans: Sequence[Plan]
    charges: Sequence[Charge]
    rates: Sequence[ExchangeRate]
    sources: Sequence[SourceRow]

    @property
    def counts_spend(self) -> bool:
        """Whether anything counts as spend."""
        return counts_spend(self.rules, self.plans, self.charges, self.sources)


@dataclass(frozen=True, slots=True)
class Split:
    """Rows by how they stand. others: what counts, and whose amount is in a currency that nothing converts."""

    counted: tuple[UsageRow, ...]
    others: tuple[UsageRow, ...]
    elsewhere: tuple[UsageRow, ...]
    unsaid: tuple[UsageRow, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """currency: the one that spend is in; list_currency: that of worth at list price, another one only where no rate
    leads from it to the first. counts_spend: whether spend leads, else worth.
    """

    told: Told
    home: Home
    currency: str
    list_currency: str
    counts_spend: bool
    reference: Reference
    names: SourceNames
    style: NumberStyle

    def split(self, rows: Iterable[UsageRow]) -> Split:
        """Rows grouped by source and payer, and by day where anything is to be converted."""
        parts = _parts(rows, counts_spend=self.counts_spend)
        return Split(
            tuple(row for row in parts[Standing.SPEND] if self.is_main(row)),
            tuple(row for row in parts[Standing.SPEND] if not self.is_main(row)),
            tuple(parts[Standing.ELSEWHERE]),
            tuple(parts[Standing.UNASSIGNED]),
        )

    def is_main(self, row: UsageRow) -> bool:
        """Whether what counts of a row can be told in the leading currency; nothing can in any."""
        return landing(row, self.home) == self.currency or not (row.cost if self.counts_spend else row.list_cost)

    def in_currency(self, rows: Iterable[UsageRow]) -> list[UsageRow]:
        """Rows with spend that can be told in the currency of spend."""
        return [row for row in rows if row.cost and landing(row, self.home) == self.currency]

    def in_list_currency(self, rows: Iterable[UsageRow]) -> list[UsageRow]:
        """Rows with a list cost that can be told in its currency."""
        return [row for row in rows if row.list_cost and landing(row, self.home) == self.list_currency]

    def equivalent(self, rows: Iterable[UsageRow], *, of_worth: bool) -> Equivalent:
        """Rows in the leading reference point, each day at its own."""
        amounts = [(row, row.list_cost if of_worth else row.cost) for row in rows]
        return self.reference.equivalent(
            Part(date.fromisoformat(row.key("day")), amount, row.currency) for row, amount in amounts if amount
        )


def frame(history: History, rows: Sequence[UsageRow], settings: Settings, style: NumberStyle, *, redact: bool) -> Frame:
    """The frame of a month's rows. redact: no name in it is one that a person supplied."""
    told = Told(history.payer_rules(), history.plans(), history.charges(), history.exchange_rates(), history.sources())
    points = history.reference_points()
    if redact:
        told, points = _public(told), public_points(points)
    home = Home(settings.currency, Exchange(told.rates))
    paid = _parts(rows, counts_spend=told.counts_spend)[Standing.SPEND]
    whole, worth = tally(paid, home), tally(rows, home).worth
    list_currency = leading(whole.worth or worth, home)
    currency = leading(whole.cost, home) if whole.cost else list_currency
    return Frame(
        told,
        home if home.currency in (currency, list_currency) else home._replace(currency=""),
        currency,
        list_currency,
        told.counts_spend,
        Reference(points, home.exchange, settings.working_week_hours),
        source_names(told.sources, told.plans, told.charges),
        style,
    )


def _public(told: Told) -> Told:
    return Told(
        public_rules(told.rules),
        public_plans(told.plans),
        public_charges(told.charges),
        told.rates,
        public_sources(told.sources),
    )


def _parts(rows: Iterable[UsageRow], *, counts_spend: bool) -> Mapping[Standing, Sequence[UsageRow]]:
    """Rows by where they stand; all are what the document is about while nothing counts as spend."""
    return by_standing(rows) if counts_spend else {**by_standing(()), Standing.SPEND: list(rows)}
