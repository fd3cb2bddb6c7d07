"""Amounts beside what the person measures money against: their own time, their pay, or a thing of theirs.

Sums are exact fractions, each amount at the reference point and the exchange rate of its day; rounding happens
once, in the words. All words for equivalents are made here. What cannot be converted has none: it asks for a rate.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from tokentray.insight.exchange import Exchange, held_on
from tokentray.model import ReferencePoint
from tokentray.money import NumberStyle

WORKING_WEEK_HOURS = 40
_WEEKS_A_YEAR = 52
_MONTHS_A_YEAR = 12


class Part(NamedTuple):
    """An amount of one day, in currency units."""

    day: date
    amount: Decimal
    currency: str


class Equivalent(NamedTuple):
    """Money in the reference point that leads, exactly.

    kind: of the reference point, "" without one. units: hours, months of pay, or things; None where the amounts
    cannot be converted, and then missing_currency is the one to set an exchange rate for. name: of the thing.
    hours: of the person's own time, whatever leads; None without an hourly rate or pay to tell it by.
    """

    kind: str = ""
    units: Fraction | None = None
    hours: Fraction | None = None
    missing_currency: str = ""
    name: str = ""
    working_week_hours: Fraction = Fraction(WORKING_WEEK_HOURS)

    def text(self, style: NumberStyle, short: bool = False, suffix: str | None = None) -> str:
        """In words: "9 min of your time", "2.4 coffees", "set a rate for EUR", "" without a reference point.

        short: for where it stands in a column or beside other figures: "9 min".
        """
        if self.missing_currency:
            return f"set a rate for {self.missing_currency}"
        if self.units is None:
            return ""
        if self.kind == "hourly":
            told = duration_text(self.units, style, self.working_week_hours)
            return told if short or suffix == "" else f"{told} of your time"
        if self.kind == "pay":
            return f"{_count_text(self.units * 100, style)} % of a month's pay"
        return _things_text(self.units, self.name, style)


class _Series(NamedTuple):
    """One reference point over time, oldest date first."""

    kind: str
    name: str
    days: tuple[date, ...]
    points: tuple[ReferencePoint, ...]


class Reference:
    """The person's reference points, the one that leads, and what amounts are in it."""

    def __init__(
        self,
        points: Sequence[ReferencePoint],
        exchange: Exchange,
        working_week_hours: Fraction | Decimal | int = WORKING_WEEK_HOURS,
    ) -> None:
        series = _series(points)
        leading = [one for one in series if any(point.leads for point in one.points)]
        timed = [one for kind in ("hourly", "pay") for one in series if one.kind == kind]
        self._exchange = exchange
        self._week = Fraction(working_week_hours)
        self._leading = leading[0] if leading else None
        self._timed = timed[0] if timed else None

    def of(self, points: Sequence[ReferencePoint]) -> "Reference":
        """Other reference points at the same exchange rates and working week."""
        return Reference(points, self._exchange, self._week)

    @property
    def exists(self) -> bool:
        """Whether there is anything to measure against."""
        return self._leading is not None

    @property
    def is_time(self) -> bool:
        """Whether amounts are told as the person's time."""
        return self._leading is not None and self._leading.kind == "hourly"

    @cached_property
    def is_steady(self) -> bool:
        """Whether it makes no difference of which day an amount is."""
        told = [one for one in (self._leading, self._timed) if one is not None]
        return self._exchange.is_steady and all(len(one.days) == 1 for one in told)

    def equivalent(self, parts: Iterable[Part]) -> Equivalent:
        """What dated amounts, in any currencies, are together. A sum of nothing or less reads as nothing."""
        leading = self._leading
        if leading is None:
            return Equivalent()
        by_day: dict[tuple[date, str], Fraction] = {}
        for day, amount, currency in parts:
            if amount:  # nothing is nothing in every currency
                by_day[day, currency] = by_day.get((day, currency), Fraction(0)) + Fraction(amount)
        told, missing = self._divided(by_day, leading)
        timed = self._timed
        hours = told if timed is leading else self._divided(by_day, timed)[0] if timed else None
        if hours is not None and timed is not None and timed.kind == "pay":
            hours *= _WEEKS_A_YEAR * self._week
        if told is not None and leading.kind == "pay":
            told *= _MONTHS_A_YEAR
        return Equivalent(leading.kind, told, hours, missing, leading.name, self._week)

    def _divided(self, by_day: dict[tuple[date, str], Fraction], series: _Series) -> tuple[Fraction | None, str]:
        """Amounts ÷ the reference point of their day, added up; or None, and the currency to set a rate for."""
        total = Fraction(0)
        for (day, currency), amount in by_day.items():
            point = series.points[held_on(day, series.days)]
            rate = self._exchange.rate_on(day, currency, point.currency)
            if rate is None:
                return None, self._to_set(currency, point.currency, {other for _, other in by_day})
            total += amount * rate / Fraction(point.amount)
        return total, ""

    def _to_set(self, currency: str, wanted: str, currencies: Set[str]) -> str:
        """The reference point's own currency where it has no rate at all, else that of the amount."""
        told = self._exchange.knows(wanted) or wanted in currencies
        return currency if told else wanted


def duration_text(hours: Fraction, style: NumberStyle, working_week_hours: Fraction | int = WORKING_WEEK_HOURS) -> str:
    """Minutes under an hour, then hours, then working weeks: "9 min", "2 h 08 min", "1.3 working weeks"."""
    minutes = max(hours, Fraction(0)) * 60
    whole = round(minutes)
    if whole == 0:
        return "<1 min" if minutes else "0 min"
    if whole < 60:
        return f"{whole} min"
    if whole < working_week_hours * 60:
        return f"{whole // 60} h {whole % 60:02d} min"
    tenths = round(hours / working_week_hours * 10)
    unit = "working week" if tenths == 10 else "working weeks"
    return f"{style.number(tenths // 10)}{style.decimal_point}{tenths % 10} {unit}"


def _count_text(count: Fraction, style: NumberStyle) -> str:
    """Tenths under ten, then whole: "0", "<0.1", "0.4", "1", "2.4", "118"."""
    tenths = round(max(count, Fraction(0)) * 10)
    if tenths == 0:
        return f"<0{style.decimal_point}1" if count > 0 else "0"
    if tenths >= 100:
        return style.number(round(count))
    return f"{tenths // 10}{style.decimal_point}{tenths % 10}" if tenths % 10 else str(tenths // 10)


def _things_text(count: Fraction, name: str, style: NumberStyle) -> str:
    """ "1 coffee", "2.4 coffees", "2.4 × pint of beer"."""
    one, several = thing_names(name)
    text = _count_text(count, style)
    if text == "1":
        return f"1 {one}"
    return f"{text} {several}" if several else f"{text} × {one}"


def thing_names(name: str) -> tuple[str, str]:
    """One and several of a thing, from a name as typed: "a box", "pint of beer/pints of beer".

    Several is "" where English has no simple rule for it.
    """
    first, _, second = (" ".join(part.split()) for part in name.partition("/"))
    article, _, noun = first.partition(" ")
    one = noun if article.lower() in ("a", "an") and noun else first
    if one and second:
        return one, second
    one = one or second or name
    return one, _plural(one)


def _plural(word: str) -> str:
    if " " in word or not word[-1:].isascii() or not word[-1:].isalpha():
        return ""
    if word.endswith(("ss", "us", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("s"):  # typed as several
        return word
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"


def _series(points: Sequence[ReferencePoint]) -> list[_Series]:
    """Points of one kind and name together, the kinds and names in order."""
    named: dict[tuple[str, str], list[ReferencePoint]] = {}
    for point in sorted(points, key=lambda point: (point.kind, point.name, point.valid_from)):
        named.setdefault((point.kind, point.name), []).append(point)
    return [
        _Series(kind, name, tuple(point.valid_from for point in of_it), tuple(of_it))
        for (kind, name), of_it in named.items()
    ]
