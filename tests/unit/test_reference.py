"""Money as time: the formulas of the hourly rate, worked by hand."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.insight.reference import duration_text, equivalent, rate_on
from tokentray.model import ReferencePoint
from tokentray.money import NumberStyle

STYLE = NumberStyle()


def rate(amount: str, since: str, currency: str = "USD") -> ReferencePoint:
    """An hourly rate from a day on."""
    return ReferencePoint(1, "hourly", Decimal(amount), currency, date.fromisoformat(since))


@pytest.mark.parametrize(
    ("hours", "text"),
    [
        (Fraction(0), "0 min"),
        (Fraction(1, 1000), "<1 min"),
        (Fraction(1, 121), "<1 min"),
        (Fraction(1, 119), "1 min"),
        (Fraction(9, 60), "9 min"),
        (Fraction(599, 600), "1 h 00 min"),
        (Fraction(128, 60), "2 h 08 min"),
        (Fraction(39), "39 h 00 min"),
        (Fraction(40), "1.0 working week"),
        (Fraction(52), "1.3 working weeks"),
        (Fraction(400_000), "10,000.0 working weeks"),
    ],
)
def test_durations_in_words(hours: Fraction, text: str) -> None:
    """Minutes under an hour, then hours and minutes, then working weeks of forty hours."""
    assert duration_text(hours, STYLE) == text


def test_the_past_is_at_the_rate_of_its_day() -> None:
    """50 USD at 50 an hour, then 50 USD at 100: an hour and a half. The first rate holds backwards."""
    rates = [rate("50", "2026-01-01"), rate("100", "2026-07-01")]
    amounts = [(date(2025, 6, 1), Decimal(25)), (date(2026, 6, 30), Decimal(25)), (date(2026, 7, 1), Decimal(50))]
    assert equivalent(amounts, "USD", rates).hours == Fraction(3, 2)
    assert rate_on(date(2026, 6, 30), rates) == rates[0]
    assert rate_on(date(2027, 1, 1), rates) == rates[1]


def test_without_a_rate_there_is_no_equivalent() -> None:
    """Nothing is made up."""
    assert equivalent([(date(2026, 1, 1), Decimal(1))], "USD", []).text(STYLE) == ""


def test_another_currency_is_asked_for() -> None:
    """Dollars are not divided by euros, whether there is use or not."""
    euros = [rate("100", "2026-01-01", "EUR")]
    assert equivalent([(date(2026, 1, 1), Decimal(1))], "USD", euros).text(STYLE) == "set a rate for EUR"
    assert equivalent([], "USD", euros).text(STYLE) == "set a rate for EUR"


@given(st.lists(st.decimals(0, 10**6, places=6), max_size=20))
def test_the_time_of_a_month_is_the_sum_of_its_days(amounts: list[Decimal]) -> None:
    """Exactly: rounding happens once, in the words."""
    rates = [rate("87.5", "2026-01-01"), rate("99.99", "2026-01-10")]
    days = [(date(2026, 1, 1 + index), amount) for index, amount in enumerate(amounts)]
    whole = equivalent(days, "USD", rates).hours
    parts = [equivalent([day], "USD", rates).hours for day in days]
    assert whole == sum((part for part in parts if part is not None), Fraction(0))
