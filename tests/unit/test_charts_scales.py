"""Axes of values: round, exact, short, and no two labels alike."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.charts.scales import log_scale, scale
from tokentray.charts.spec import Unit, UnitKind
from tokentray.money import NumberStyle

DOLLARS = Unit(UnitKind.MONEY, NumberStyle(), "USD")
EUROS = Unit(UnitKind.MONEY, NumberStyle(",", ".", symbol_first=False), "EUR")
FRANCS = Unit(UnitKind.MONEY, NumberStyle(), "CHF")
YEN = Unit(UnitKind.MONEY, NumberStyle(), "JPY")
TOKENS = Unit(UnitKind.COUNT, NumberStyle(), noun="tokens")

amounts = st.decimals(-(10**8), 10**8, places=15) | st.decimals(-1, 1, places=15) | st.integers(-9, 9).map(Decimal)


@pytest.mark.parametrize(
    ("low", "high", "unit", "texts"),
    [
        ("0", "0.000004", DOLLARS, ["0", "$0.000001", "$0.000002", "$0.000003", "$0.000004"]),
        ("0", "3.9", DOLLARS, ["0", "$1", "$2", "$3"]),
        ("0", "1.2", DOLLARS, ["0", "$0.25", "$0.50", "$0.75", "$1.00"]),
        ("0", "11", DOLLARS, ["0", "$2.50", "$5.00", "$7.50", "$10.00"]),
        ("0", "420", DOLLARS, ["0", "$100", "$200", "$300", "$400"]),
        ("0", "9999", DOLLARS, ["0", "$2,000", "$4,000", "$6,000", "$8,000"]),
        ("0", "12500000", DOLLARS, ["0", "$5M", "$10M"]),
        ("0", "12500", DOLLARS, ["0", "$5k", "$10k"]),
        ("0", "10000000", EUROS, ["0", "2,5M\u00a0€", "5,0M\u00a0€", "7,5M\u00a0€", "10,0M\u00a0€"]),
        ("0", "2.4", EUROS, ["0", "0,50\u00a0€", "1,00\u00a0€", "1,50\u00a0€", "2,00\u00a0€"]),
        ("0", "42000", FRANCS, ["0", "10k\u00a0CHF", "20k\u00a0CHF", "30k\u00a0CHF", "40k\u00a0CHF"]),
        ("0", "2", YEN, ["0", "¥0.5", "¥1.0", "¥1.5", "¥2.0"]),
        ("-6", "11", DOLLARS, ["−$5", "0", "$5", "$10"]),
        ("-3", "-1", DOLLARS, ["−$3", "−$2", "−$1", "0"]),
        ("0", "1", TOKENS, ["0", "1"]),
        ("0", "3", TOKENS, ["0", "1", "2", "3"]),
        ("0", "4800000", TOKENS, ["0", "1M", "2M", "3M", "4M"]),
        ("0", "5000000", TOKENS, ["0", "2M", "4M"]),
        ("0", "10000000000000000", TOKENS, ["0", "2,500T", "5,000T", "7,500T", "10,000T"]),
    ],
)
def test_labels_read_as_people_write(low: str, high: str, unit: Unit, texts: list[str]) -> None:
    """Whole amounts without cents, parts of them with; shortened from ten thousand; nothing is a bare 0."""
    found = scale(Decimal(low), Decimal(high), 4, unit)
    assert list(found.texts) == texts


def test_nothing_at_all_has_one_label() -> None:
    """Where everything is nothing there is a line of nothing, and no amount is made up."""
    found = scale(Decimal(0), Decimal(0), 4, DOLLARS)
    assert found.texts == ("0",)
    assert found.low < found.high


@settings(max_examples=300, deadline=None)
@given(one=amounts, other=amounts, most=st.integers(1, 8), unit=st.sampled_from([DOLLARS, EUROS, FRANCS, YEN, TOKENS]))
def test_any_axis_holds_nothing_and_its_values(one: Decimal, other: Decimal, most: int, unit: Unit) -> None:
    """Ticks are evenly apart, exact, among the values, with nothing among them; no two labels are alike."""
    low, high = min(one, other), max(one, other)
    found = scale(low, high, most, unit)
    assert found.low == min(low, 0)
    assert found.high == max(high, 0) or low == high == 0
    assert 0 in found.ticks
    assert all(found.low <= tick <= found.high for tick in found.ticks)
    assert len(set(found.texts)) == len(found.texts) == len(found.ticks) <= max(2, most) + 1
    assert len({after - before for before, after in zip(found.ticks, found.ticks[1:], strict=False)}) <= 1
    if unit is TOKENS:
        assert all(tick == int(tick) for tick in found.ticks)
    elif low != high:
        assert len(found.ticks) > 1 or max(abs(low), abs(high)) == 0


@pytest.mark.parametrize(
    ("low", "high", "most", "unit", "texts"),
    [
        ("0.219", "2.97", 6, DOLLARS, ["$0.20", "$0.50", "$1", "$2"]),
        ("0.004", "30", 4, DOLLARS, ["$0.01", "$0.10", "$1", "$10"]),
        ("0.03", "3", 4, EUROS, ["0,03\u00a0€", "0,10\u00a0€", "0,30\u00a0€", "1\u00a0€", "3\u00a0€"]),
        ("1", "10", 6, YEN, ["¥1", "¥2", "¥5", "¥10"]),
        ("700", "40000", 6, DOLLARS, ["$1,000", "$2,000", "$5,000", "$10k", "$20k"]),
    ],
)
def test_a_logarithmic_axis_reads_as_people_write(low: str, high: str, most: int, unit: Unit, texts: list[str]) -> None:
    """One, two and five of each power of ten; fewer where there is less room."""
    assert list(log_scale(Decimal(low), Decimal(high), most, unit).texts) == texts


@given(st.decimals("0.000000001", 10**9, places=9), st.decimals(8, 10**6, places=3), st.integers(2, 8))
def test_a_logarithmic_axis_holds_its_values(low: Decimal, times: Decimal, most: int) -> None:
    """From below the lowest to the highest; ticks among them, upwards, no two labels alike."""
    found = log_scale(low, low * times, most, DOLLARS)
    assert 0 < found.low < low
    assert found.high == low * times
    assert all(found.low <= tick <= found.high for tick in found.ticks)
    assert list(found.ticks) == sorted(set(found.ticks))
    assert len(found.ticks) >= 1
    assert len(set(found.texts)) == len(found.ticks)
