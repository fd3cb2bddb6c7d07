"""Exchange: exact both ways and through a third currency, each day at its own rate."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.insight.exchange import Exchange
from tokentray.model import ExchangeRate

DAY = date(2026, 11, 21)


def rate(base: str, quote: str, value: str, since: str = "2026-01-01") -> ExchangeRate:
    """A rate from a day on."""
    return ExchangeRate(1, base, quote, Decimal(value), date.fromisoformat(since))


def test_one_currency_needs_no_rate() -> None:
    """An amount in its own currency is itself."""
    exchange = Exchange([])
    assert exchange.rate_on(DAY, "USD", "USD") == 1
    assert exchange.convert(DAY, Decimal("12.34"), "USD", "USD") == Fraction("12.34")
    assert exchange.reaches("USD", "USD")


def test_without_a_rate_nothing_is_made_up() -> None:
    """None, rather than one to one."""
    exchange = Exchange([rate("CHF", "GBP", "0.9")])
    assert exchange.rate_on(DAY, "USD", "EUR") is None
    assert exchange.convert(DAY, Decimal(1), "USD", "EUR") is None
    assert exchange.convert(DAY, Decimal(0), "CHF", "EUR") is None
    assert not exchange.reaches("USD", "EUR")


def test_a_rate_tells_both_ways() -> None:
    """1 EUR is 1.085 USD, so 1.085 USD are 1 EUR: to the last digit, which no decimal could."""
    exchange = Exchange([rate("EUR", "USD", "1.085")])
    assert exchange.convert(DAY, Decimal(100), "EUR", "USD") == Fraction("108.5")
    assert exchange.convert(DAY, Decimal("108.5"), "USD", "EUR") == 100
    assert exchange.convert(DAY, Decimal(1), "USD", "EUR") == Fraction(200, 217)


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2020-02-29", "1.1"), ("2026-02-28", "1.1"), ("2026-03-01", "1.2"), ("2026-08-31", "1.2"), ("2026-09-01", "1.3"),
     ("2040-01-01", "1.3")],
)  # fmt: skip
def test_each_day_at_its_rate(day: str, expected: str) -> None:
    """A rate holds from its date until the next, the first backwards too; in whichever order they were set."""
    rates = [
        rate("EUR", "USD", "1.3", "2026-09-01"),
        rate("EUR", "USD", "1.1", "2026-02-01"),
        rate("EUR", "USD", "1.2", "2026-03-01"),
    ]
    assert Exchange(rates).rate_on(date.fromisoformat(day), "EUR", "USD") == Fraction(expected)


def test_the_later_of_two_directions_holds() -> None:
    """Whichever way round it was set; of one day, what was set for the pair itself."""
    exchange = Exchange(
        [
            rate("EUR", "USD", "1.1", "2026-01-01"),
            rate("USD", "EUR", "0.8", "2026-03-01"),
            rate("EUR", "USD", "1.2", "2026-06-01"),
            rate("USD", "EUR", "0.9", "2026-06-01"),
        ]
    )
    assert exchange.rate_on(date(2025, 1, 1), "USD", "EUR") == Fraction(10, 11)
    assert exchange.rate_on(date(2026, 2, 28), "EUR", "USD") == Fraction("1.1")
    assert exchange.rate_on(date(2026, 3, 1), "EUR", "USD") == Fraction("1.25")
    assert exchange.rate_on(date(2026, 6, 1), "EUR", "USD") == Fraction("1.2")
    assert exchange.rate_on(date(2026, 6, 1), "USD", "EUR") == Fraction("0.9")


def test_a_third_currency_leads_there() -> None:
    """Euros to dollars to pounds, whichever way round either was set, each leg at the rate of the day."""
    exchange = Exchange(
        [
            rate("EUR", "USD", "1.1", "2026-01-01"),
            rate("EUR", "USD", "1.2", "2026-05-01"),
            rate("GBP", "USD", "1.5", "2026-03-01"),
            rate("GBP", "USD", "1.6", "2026-07-01"),
        ]
    )
    assert exchange.rate_on(date(2026, 1, 1), "EUR", "GBP") == Fraction("1.1") / Fraction("1.5")
    assert exchange.rate_on(date(2026, 5, 1), "EUR", "GBP") == Fraction("1.2") / Fraction("1.5")
    assert exchange.rate_on(date(2026, 7, 1), "GBP", "EUR") == Fraction("1.6") / Fraction("1.2")


def test_no_longer_way_is_taken() -> None:
    """Over two currencies in the middle, old rates would add up to a wrong one: none is known instead."""
    exchange = Exchange([rate("CHF", "EUR", "1.05"), rate("EUR", "USD", "1.1"), rate("USD", "JPY", "150")])
    assert exchange.reaches("CHF", "USD")
    assert exchange.reaches("EUR", "JPY")
    assert not exchange.reaches("CHF", "JPY")


def test_the_pair_itself_goes_before_a_way_round() -> None:
    """A rate of the pair holds on every day, also before its date, whatever others would come to."""
    exchange = Exchange(
        [rate("EUR", "USD", "1.1"), rate("USD", "GBP", "0.8"), rate("EUR", "GBP", "0.85", "2026-12-01")],
    )
    assert exchange.rate_on(DAY, "EUR", "GBP") == Fraction("0.85")


def test_the_middle_is_always_the_same() -> None:
    """Dollars where they lead there, else the first by name; not the order in which rates were set."""
    over_dollars = [rate("EUR", "USD", "1.1"), rate("USD", "GBP", "0.8")]
    over_francs = [rate("EUR", "CHF", "0.9"), rate("CHF", "GBP", "0.9")]
    over_yen = [rate("EUR", "JPY", "160"), rate("JPY", "GBP", "0.005")]
    for rates in (over_yen + over_dollars + over_francs, over_francs + over_dollars + over_yen):
        assert Exchange(rates).rate_on(DAY, "EUR", "GBP") == Fraction("0.88")
    for rates in (over_yen + over_francs, over_francs + over_yen):
        assert Exchange(rates).rate_on(DAY, "EUR", "GBP") == Fraction("0.81")


CODES = st.sampled_from(["USD", "EUR", "GBP", "CHF"])
DATES = st.dates(date(2026, 1, 1), date(2026, 2, 10))
RATES = st.builds(
    ExchangeRate,
    st.just(1),
    CODES,
    CODES,
    st.decimals(Decimal("0.000000001"), 10**6, places=9),
    DATES,
).filter(lambda one: one.base != one.quote)


@given(st.lists(RATES, max_size=8), CODES, CODES)
def test_between_the_days_of_rates_one_rate_holds(rates: list[ExchangeRate], base: str, quote: str) -> None:
    """A rate changes on no day but those that some rate holds from."""
    exchange = Exchange(rates)
    since = {one.valid_from for one in rates}
    days = [date(2025, 12, 30) + timedelta(days=index) for index in range(50)]
    for before, day in pairwise(days):
        same = exchange.rate_on(before, base, quote) == exchange.rate_on(day, base, quote)
        assert same or day in since


@given(st.lists(RATES, max_size=8, unique_by=lambda one: frozenset((one.base, one.quote))), CODES, CODES, DATES)
def test_there_and_back_is_the_same(rates: list[ExchangeRate], base: str, quote: str, day: date) -> None:
    """With one rate a pair: to another currency and back loses nothing, and both ways are known or neither."""
    exchange = Exchange(rates)
    there, back = exchange.rate_on(day, base, quote), exchange.rate_on(day, quote, base)
    assert (there is None) == (back is None) == (not exchange.reaches(base, quote))
    if there is not None and back is not None:
        assert there * back == 1


@given(st.permutations([rate("EUR", "USD", "1.1", f"2026-0{month}-01") for month in range(1, 6)]), DATES)
def test_the_order_of_rates_says_nothing(rates: list[ExchangeRate], day: date) -> None:
    """Their dates do."""
    apart = [one._replace(rate=one.rate + one.valid_from.month) for one in rates]
    expected = Fraction("1.1") + day.month
    assert Exchange(apart).rate_on(day, "EUR", "USD") == expected
