"""Rows of a month sorted for Why: what tokens with a price explain, by model and token kind, and what none does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from tokentray.insight.converted import landing
from tokentray.insight.standing import ACCOUNT, CHARGE
from tokentray.insight.tally import Home
from tokentray.model import Basis, PayerKind, UsageRow

WHY_KEYS = ("day", "provider", "model", "kind", "source", "payer")
"""What the rows of a month are grouped by: the day for its exchange rate."""

_ESTIMATES = frozenset((Basis.ESTIMATED.value, Basis.METERED.value))
_SEARCH = "search"


class Cell(NamedTuple):
    """One kind of token of one model."""

    provider: str
    model: str
    kind: str


class LineKind(StrEnum):
    """What money is that no token count explains, in the order to show it."""

    FEE = "fee"
    SEARCHES = "searches"
    CHARGE = "charge"
    BILLED = "billed"


class LineKey(NamedTuple):
    """A line of such money. name: of a fee and of what is billed the source, of charges the provider, else ""."""

    kind: LineKind
    name: str


class Part:
    """An amount while it is added up: by the currency that it came in, there and where it lands. tokens: priced ones.

    estimated: whether some of it is an estimate.
    """

    __slots__ = ("estimated", "landed", "native", "tokens")

    def __init__(self) -> None:
        self.tokens = 0
        self.native: dict[str, Fraction] = {}
        self.landed: dict[str, Fraction] = {}
        self.estimated = False

    def add(self, row: UsageRow, amount: Decimal, home: Home) -> None:
        """Add an amount of a row."""
        told: Decimal | Fraction = amount
        if home.currency and row.currency != home.currency:
            told, _ = home.told(date.fromisoformat(row.key("day")), amount, row.currency)
        self.native[row.currency] = self.native.get(row.currency, Fraction(0)) + Fraction(amount)
        self.landed[row.currency] = self.landed.get(row.currency, Fraction(0)) + Fraction(told)
        self.estimated = self.estimated or not _ESTIMATES.isdisjoint(row.basis)

    @property
    def amount(self) -> Fraction:
        """All of it, each day at its own exchange rate."""
        return sum(self.landed.values(), Fraction(0))

    def at(self, rates: Mapping[str, Fraction]) -> Fraction:
        """All of it at one rate for each currency; as it landed for one that has no rate there."""
        parts = (rates[one] * value if one in rates else self.landed[one] for one, value in self.native.items())
        return sum(parts, Fraction(0))


class Sorted(NamedTuple):
    """What of a month lands in one currency. rows: all of it. unpriced_tokens: those left out for want of a price."""

    rows: tuple[UsageRow, ...]
    cells: Mapping[Cell, Part]
    lines: Mapping[LineKey, Part]
    unpriced_tokens: int

    @property
    def is_told(self) -> bool:
        """Whether there is anything to take apart."""
        return bool(self.cells or self.lines)

    @property
    def amount(self) -> Fraction:
        """All of it."""
        return sum((part.amount for part in (*self.cells.values(), *self.lines.values())), Fraction(0))


NOTHING = Sorted((), {}, {}, 0)


def sort_rows(rows: Iterable[UsageRow], home: Home, *, of_worth: bool) -> dict[str, Sorted]:
    """Rows by WHY_KEYS, by the currency that they land in. of_worth: at list price, else what counts as spend."""
    by_currency: dict[str, list[UsageRow]] = {}
    for row in rows:
        by_currency.setdefault(landing(row, home), []).append(row)
    places = _places(by_currency, of_worth=of_worth)
    tokens: dict[str, dict[Cell, int]] = {}
    for currency, found in by_currency.items():
        for row in found:
            cell = _cell(row)
            count = _priced_tokens(row, of_worth=of_worth)
            if count:
                own = tokens.setdefault(places.get(cell, currency), {})
                own[cell] = own.get(cell, 0) + count
    return {
        currency: _sorted(found, tokens.get(currency, {}), home, of_worth=of_worth)
        for currency, found in by_currency.items()
    }


def place_of(row: UsageRow, *, of_worth: bool) -> Cell | LineKey | None:
    """Where a row belongs, as far as it tells by itself: None where nothing of it counts."""
    if _priced_tokens(row, of_worth=of_worth):
        return _cell(row)
    return _line(row) if _amount(row, of_worth=of_worth) else None


def _sorted(rows: Sequence[UsageRow], tokens: Mapping[Cell, int], home: Home, *, of_worth: bool) -> Sorted:
    cells: dict[Cell, Part] = {}
    lines: dict[LineKey, Part] = {}
    unpriced = 0
    for cell, count in tokens.items():
        cells.setdefault(cell, Part()).tokens = count
    for row in rows:
        unpriced += row.unpriced_tokens if of_worth else row.unpriced_paid_tokens
        amount = _amount(row, of_worth=of_worth)
        if not amount:
            continue
        cell = _cell(row)
        part = cells[cell] if cell in cells and _explained(row) else lines.setdefault(_line(row), Part())
        part.add(row, amount, home)
    return Sorted(tuple(rows), cells, lines, unpriced)


def _places(by_currency: Mapping[str, Sequence[UsageRow]], *, of_worth: bool) -> dict[Cell, str]:
    """Where tokens stand whose list price is in one currency and whose bill is in another: with the bill."""
    if of_worth or len(by_currency) == 1:
        return {}
    paid: dict[Cell, set[str]] = {}
    for currency, rows in by_currency.items():
        for row in rows:
            if row.cost and _explained(row):
                paid.setdefault(_cell(row), set()).add(currency)
    return {cell: next(iter(found)) for cell, found in paid.items() if len(found) == 1}


def _cell(row: UsageRow) -> Cell:
    return Cell(row.key("provider"), row.key("model"), row.key("kind"))


def _explained(row: UsageRow) -> bool:
    """Whether tokens can explain its money."""
    return row.key("kind") not in ("", _SEARCH)


def _amount(row: UsageRow, *, of_worth: bool) -> Decimal:
    return (row.list_cost or Decimal(0)) if of_worth else row.cost


def _priced_tokens(row: UsageRow, *, of_worth: bool) -> int:
    """Tokens whose price counts: all that have one, or of these what the person pays for each."""
    if not _explained(row) or not (of_worth or row.key("payer").startswith((PayerKind.PAYG, ACCOUNT))):
        return 0
    return row.total_tokens - row.unpriced_tokens


def _line(row: UsageRow) -> LineKey:
    source = row.key("source")
    if Basis.PLAN in row.basis:
        return LineKey(LineKind.FEE, source)
    if row.key("kind") == _SEARCH:
        return LineKey(LineKind.SEARCHES, "")
    if source.startswith(CHARGE):
        return LineKey(LineKind.CHARGE, row.key("provider"))
    return LineKey(LineKind.BILLED, source)
