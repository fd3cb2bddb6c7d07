"""Prices per million tokens: exact, and beside the list price of the very same mix."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.insight.blended import (
    Use,
    change_percent,
    changes,
    list_per_million,
    main_provider,
    main_tier,
    per_million,
    price_on,
    rate,
    since,
    uses,
)
from tokentray.model import Price, Rates, Tier, UsageRow

_NANOS = 10**9
COUNTS = st.tuples(*[st.integers(0, 10**15)] * 6)


def at(text: str) -> int:
    """The first instant of a UTC date."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def price(
    inputs: int, outputs: int, first: str = "", end: str = "", *, tier: Tier = Tier.STANDARD, band: int = 0
) -> Price:
    """Dollars a million input and output tokens; a cached one costs a tenth, a search a cent."""
    rates = Rates(inputs * _NANOS, outputs * _NANOS, inputs * _NANOS // 10, inputs * _NANOS, inputs * _NANOS, 10**13)
    return Price(tier, band, rates, at(first) if first else None, at(end) if end else None)


CHEAPER = [price(10, 50, end="2026-06-15"), price(5, 25, "2026-06-15")]


def row(provider: str, tier: str, *counts: int, model: str = "m") -> UsageRow:
    """A row with counts in the order of Rates.cost."""
    fresh, output, read, write_5m, write_1h, searches = counts
    keys = (("provider", provider), ("model", model), ("tier", tier))
    return UsageRow(
        keys, 1, fresh, output, 0, read, write_5m, write_1h, searches, Decimal(0), None, 0, 0, "USD", (), ()
    )


def test_a_price_a_million_tokens() -> None:
    """$11.97 for three million and one tokens is exactly that, and no tokens have no price."""
    assert per_million(Decimal("11.97"), 3_000_001) == Fraction(11_970_000, 3_000_001)
    assert per_million(Fraction(1, 3), 10**6) == Fraction(1, 3)
    assert per_million(Decimal(5), 0) is None
    assert per_million(Decimal(0), 7) == 0


def test_a_change_in_percent() -> None:
    """Dearer is above nothing, cheaper below; nothing to compare is no change of nothing."""
    assert change_percent(Fraction(4), Fraction(5)) == 25
    assert change_percent(Fraction(3), Fraction(1)) == Fraction(-200, 3)
    assert change_percent(Fraction(3), Fraction(0)) == -100
    assert change_percent(None, Fraction(1)) is None
    assert change_percent(Fraction(0), Fraction(1)) is None
    assert change_percent(Fraction(1), None) is None


def test_uses_by_provider_and_tier() -> None:
    """Counts of one provider and tier are added up; a row of requests alone is no use of tokens."""
    rows = [
        row("a", "standard", 1, 2, 3, 4, 5, 6),
        row("a", "batch", 10, 0, 0, 0, 0, 0),
        row("a", "standard", 1, 1, 1, 1, 1, 1),
        row("b", "", 0, 7, 0, 0, 0, 0),
        row("b", "fast", 0, 0, 0, 0, 0, 0),
    ]
    found = uses(rows)
    assert found == [
        Use("a", "standard", (2, 3, 4, 5, 6, 7)),
        Use("a", "batch", (10, 0, 0, 0, 0, 0)),
        Use("b", "standard", (0, 7, 0, 0, 0, 0)),
    ]
    assert found[0].tokens == 20  # searches are no tokens
    assert main_provider(found) == "a"
    assert main_provider([]) == ""
    assert main_tier(found, "a") == "standard"
    assert main_tier(found[1:2], "a") == "batch"
    assert main_tier([], "a") == "standard"


@pytest.mark.parametrize(
    ("day", "rates"),
    [
        ("2020-01-01", 10),
        ("2026-06-14", 10),
        ("2026-06-15", 5),
        ("2030-01-01", 5),
    ],
)
def test_the_price_of_a_day(day: str, rates: int) -> None:
    """A price holds from its date on, until the date of the next one."""
    found = price_on(CHEAPER, "standard", date.fromisoformat(day))
    assert found is not None
    assert rate(found.rates.input) == rates
    assert price_on(CHEAPER, "batch", date.fromisoformat(day)) is None


def test_the_price_of_requests_that_are_not_long() -> None:
    """A band for long requests never stands for all of them."""
    both = [price(20, 100, band=200_000), price(10, 50)]
    found = price_on(both, "standard", date(2026, 1, 1))
    assert found is not None
    assert found.band == 0


def test_the_list_price_of_a_mix() -> None:
    """Half input and half output at 10 and 50 is 30 a million, and 15 from the day on which both halved."""
    mix = [Use("a", "standard", (500, 500, 0, 0, 0, 0))]
    assert list_per_million(mix, {"a": CHEAPER}, date(2026, 6, 14)) == 30
    assert list_per_million(mix, {"a": CHEAPER}, date(2026, 6, 15)) == 15


def test_a_mix_over_tiers_and_providers() -> None:
    """Each part at its own price; what never has one is left out of cost and tokens alike."""
    mix = [
        Use("a", "standard", (1_000, 0, 0, 0, 0, 0)),
        Use("a", "batch", (1_000, 0, 0, 0, 0, 0)),
        Use("b", "standard", (2_000, 0, 0, 0, 0, 0)),
        Use("nobody", "standard", (9_000, 0, 0, 0, 0, 0)),
    ]
    prices = {"a": [price(10, 50), price(5, 25, tier=Tier.BATCH)], "b": [price(1, 2)]}
    assert list_per_million(mix, prices, date(2026, 1, 1)) == Fraction(10 + 5 + 2 * 1, 4)


def test_a_mix_before_its_price_is_known() -> None:
    """A month of which a part has no price is a gap, not a price of the rest; so is a mix without any price."""
    mix = [Use("a", "standard", (1, 0, 0, 0, 0, 0)), Use("b", "standard", (1, 0, 0, 0, 0, 0))]
    prices = {"a": [price(10, 50)], "b": [price(1, 2, "2026-03-01")]}
    assert list_per_million(mix, prices, date(2026, 2, 28)) is None
    assert list_per_million(mix, prices, date(2026, 3, 1)) == Fraction(11, 2)
    assert list_per_million(mix, {}, date(2026, 3, 1)) is None
    assert list_per_million([], prices, date(2026, 3, 1)) is None


@given(COUNTS)
def test_the_list_price_of_a_mix_is_its_list_cost(counts: tuple[int, ...]) -> None:
    """Cost ÷ tokens × a million, to the last digit and for tokens by the million millions."""
    mix = [Use("a", "standard", counts)]
    tokens = sum(counts[:5])
    found = list_per_million(mix, {"a": CHEAPER}, date(2026, 7, 1))
    if not tokens:
        assert found is None
        return
    rates = CHEAPER[1].rates
    cost = sum(
        count * each
        for count, each in zip(
            counts,
            (rates.input, rates.output, rates.cache_read, rates.cache_write_5m, rates.cache_write_1h, 10**13),
            strict=True,
        )
    )
    assert found == Fraction(cost, 10**9 * tokens)


def test_since_when_a_price_holds() -> None:
    """The day of the last real change: a new row with the same rates is none, and before the first none is known."""
    same_again = [price(10, 50, end="2026-06-15"), price(5, 25, "2026-06-15", "2026-09-01"), price(5, 25, "2026-09-01")]
    assert since(same_again, "standard", date(2026, 6, 14)) is None
    assert since(same_again, "standard", date(2026, 6, 15)) == date(2026, 6, 15)
    assert since(same_again, "standard", date(2026, 11, 22)) == date(2026, 6, 15)
    assert since([price(5, 25, "2026-06-15")], "standard", date(2026, 11, 22)) is None
    assert since(same_again, "batch", date(2026, 11, 22)) is None


def test_the_changes_of_a_period() -> None:
    """Those after its first day and up to its last, in order."""
    prices = [price(10, 50, end="2026-03-01"), price(8, 40, "2026-03-01", "2026-06-15"), price(5, 25, "2026-06-15")]
    assert changes(prices, "standard", date(2026, 1, 1), date(2026, 12, 31)) == [date(2026, 3, 1), date(2026, 6, 15)]
    assert changes(prices, "standard", date(2026, 3, 1), date(2026, 6, 14)) == []
    assert changes(prices, "standard", date(2026, 2, 28), date(2026, 6, 15)) == [date(2026, 3, 1), date(2026, 6, 15)]
    assert changes(prices, "fast", date(2026, 1, 1), date(2026, 12, 31)) == []
