"""Amounts as time: what money is in the person's own hours, at the rate of each day.

Sums are exact fractions; rounding happens once, in the words. A rate holds from its date on; the first holds
backwards too. Without a rate there is no equivalent, and a rate in another currency asks for an exchange rate.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.model import ReferencePoint
from tokentray.money import NumberStyle, round_half_even

WORKING_WEEK_HOURS = 40


class Equivalent(NamedTuple):
    """Money as time. hours: exact; missing_currency: set where a rate exists in another currency only."""

    hours: Fraction | None
    missing_currency: str = ""

    def text(self, style: NumberStyle, suffix: str = " of your time") -> str:
        """In words: "9 min of your time", "set a rate for EUR", or "" without a reference point."""
        if self.missing_currency:
            return f"set a rate for {self.missing_currency}"
        return "" if self.hours is None else duration_text(self.hours, style) + suffix


def rate_on(day: date, references: Sequence[ReferencePoint]) -> ReferencePoint | None:
    """The hourly rate that holds on a day."""
    hourly = sorted((point for point in references if point.kind == "hourly"), key=lambda point: point.valid_from)
    held = [point for point in hourly if point.valid_from <= day]
    return held[-1] if held else hourly[0] if hourly else None


def equivalent(
    amounts: Iterable[tuple[date, Decimal]], currency: str, references: Sequence[ReferencePoint]
) -> Equivalent:
    """The time that dated amounts of one currency are worth."""
    hourly = [point for point in references if point.kind == "hourly"]
    if not hourly:
        return Equivalent(None)
    if all(point.currency != currency for point in hourly):
        return Equivalent(None, missing_currency=hourly[-1].currency)
    hours = Fraction(0)
    for day, amount in amounts:
        rate = rate_on(day, references)
        assert rate is not None, "the first rate holds backwards too"
        if rate.currency != currency:
            return Equivalent(None, missing_currency=rate.currency)
        hours += Fraction(amount) / Fraction(rate.amount)
    return Equivalent(hours)


def duration_text(hours: Fraction, style: NumberStyle) -> str:
    """Minutes under an hour, then hours, then working weeks: "9 min", "2 h 08 min", "1.3 working weeks"."""
    minutes = hours * 60
    if 0 < minutes < Fraction(1, 2):
        return "<1 min"
    whole = round(minutes)
    if whole < 60:
        return f"{whole} min"
    if hours < WORKING_WEEK_HOURS:
        return f"{style.number(whole // 60)} h {whole % 60:02d} min"
    weeks = hours / WORKING_WEEK_HOURS
    tenths = round_half_even(Decimal(weeks.numerator) / Decimal(weeks.denominator), 1)
    unit = "working week" if tenths == 1 else "working weeks"
    return f"{style.number(tenths, 1)} {unit}"
