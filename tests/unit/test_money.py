"""Money: exact both ways, rounded once and only for display, and what is shown adds up."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.money import (
    CURRENCIES,
    Femtos,
    Nanos,
    NumberStyle,
    decimal_of,
    exact_sum,
    femtos_of_nanos,
    femtos_to_decimal,
    format_money,
    minor_digits,
    nanos_from_text,
    nanos_to_decimal,
    plain,
    round_half_even,
    share_rounded,
    short_money,
)

GERMAN = NumberStyle(decimal_point=",", group_separator=".", symbol_first=False)


@pytest.mark.parametrize(
    ("text", "nanos"),
    [
        ("4.50", 4_500_000_000),
        ("0", 0),
        (" 12 ", 12_000_000_000),
        ("-0.000000001", -1),
        ("+1", 10**9),
        (".5", 5 * 10**8),
        ("999999999.999999999", 10**18 - 1),
    ],
)
def test_text_to_nanos(text: str, nanos: int) -> None:
    """Plain decimal text becomes the exact number of nano-units."""
    assert nanos_from_text(text) == nanos


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", "abc", "nan", "sNaN", "Infinity", "-inf", "0.0000000001", "1000000000", "1e3", "1_000", "1,5",
     "--1", "٤", "9" * 90],
)  # fmt: skip
def test_not_an_amount(text: str) -> None:
    """What is no plain number, is finer than a nano-unit, or is past 10⁹ units is refused, never guessed."""
    with pytest.raises(ValueError, match="not an amount of money"):
        nanos_from_text(text)


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_nanos_survive_text(nanos: int) -> None:
    """Nano-units to text and back are the same, to the last digit."""
    assert nanos_from_text(plain(nanos_to_decimal(Nanos(nanos)))) == nanos


@given(st.integers(-(10**40), 10**40))
def test_femtos_are_exact(femtos: int) -> None:
    """However large, no digit is lost on the way to a Decimal."""
    assert int(femtos_to_decimal(Femtos(femtos)).scaleb(15)) == femtos or abs(femtos) >= 10**28
    assert plain(femtos_to_decimal(Femtos(femtos))).replace(".", "").lstrip("-0") == str(abs(femtos)).rstrip("0") or (
        femtos % 10**15 == 0
    )


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0.100", "0.1"),
        ("12.00", "12"),
        ("1E+3", "1000"),
        ("-0.00", "0"),
        ("-1.50", "-1.5"),
        ("1E-15", "0." + "0" * 14 + "1"),
    ],
)
def test_plain(amount: str, text: str) -> None:
    """JSON and CSV get digits: no exponent, no trailing zeros, no minus zero."""
    assert plain(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "currency", "style", "text"),
    [
        ("11.965", "USD", NumberStyle(), "$11.96"),
        ("11.975", "USD", NumberStyle(), "$11.98"),
        ("1234567.891", "USD", NumberStyle(), "$1,234,567.89"),
        ("1234.56", "EUR", GERMAN, "1.234,56\u00a0€"),
        ("0.004", "USD", NumberStyle(), "<$0.01"),
        ("0.005000001", "USD", NumberStyle(), "$0.01"),
        ("0", "USD", NumberStyle(), "$0.00"),
        ("-2.5", "USD", NumberStyle(), "−$2.50"),
        ("3", "SEK", NumberStyle(), "3.00\u00a0SEK"),
        ("1200", "JPY", NumberStyle(), "¥1,200"),
        ("0.5", "JPY", NumberStyle(), "<¥1"),
        ("1.5", "JPY", NumberStyle(), "¥2"),
        ("-0.4", "JPY", NumberStyle(), "−<¥1"),
        ("1234567", "KRW", GERMAN, "1.234.567\u00a0KRW"),
        ("1.2345", "KWD", NumberStyle(), "1.234\u00a0KWD"),
        ("0.0004", "KWD", NumberStyle(), "<0.001\u00a0KWD"),
        ("4.5", "EUR", NumberStyle(), "€4.50"),
    ],
)
def test_format_money(amount: str, currency: str, style: NumberStyle, text: str) -> None:
    """Half-even, grouped, the symbol where the locale has it; something never reads as nothing."""
    assert format_money(Decimal(amount), currency, style) == text


def test_places_can_be_asked_for() -> None:
    """More or fewer digits than the currency has, where a caller says so."""
    assert format_money(Decimal("1.08505"), "USD", NumberStyle(), places=4) == "$1.0850"
    assert format_money(Decimal("0.5"), "JPY", NumberStyle(), places=2) == "¥0.50"


def test_currencies_are_money_in_use() -> None:
    """What people are paid and billed in is known; metals, tests, funds and currencies of the past are not."""
    assert {"USD", "EUR", "GBP", "JPY", "CHF", "INR", "BRL", "CNY", "SEK", "ZAR", "SLE", "ZWG", "XOF"} <= CURRENCIES
    assert not {"XAU", "XTS", "XXX", "XDR", "CHE", "CLF", "DEM", "HRK", "BTC", "usd", ""} & CURRENCIES
    assert len(CURRENCIES) == 155
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("USD", 2), ("EUR", 2), ("JPY", 0), ("KRW", 0), ("CLP", 0), ("KWD", 3), ("BHD", 3), ("HUF", 2)],
)
def test_digits_of_a_currency(currency: str, digits: int) -> None:
    """As ISO 4217 has them, whatever a country's coins still are."""
    assert minor_digits(currency) == digits


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0"), ("0.5", "0"), ("1.5", "2"), ("9.49", "9"), ("99.5", "100"), ("999.4", "999"), ("999.6", "1k"),
        ("1999", "1k"), ("99999", "99k"), ("100000", ".1M"), ("999999", ".9M"), ("1000000", "1M"),
        ("250000000", ".2G"), ("99000000000", "99G"), ("-42", "42"),
    ],
)  # fmt: skip
def test_short_money(amount: str, text: str) -> None:
    """Whole units in at most three characters, rounded down once a letter stands for the rest."""
    assert short_money(Decimal(amount)) == text


@given(st.decimals(0, 10**14, places=3))
def test_short_money_fits_the_icon(amount: Decimal) -> None:
    """Never more than three characters, whatever the amount."""
    assert 1 <= len(short_money(amount)) <= 3


amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=15)


@settings(max_examples=200)
@given(st.lists(amounts, max_size=12), st.integers(0, 4))
def test_shares_add_up(parts: list[Decimal], places: int) -> None:
    """Rounded rows add up to the rounded exact total, and each is one of its two neighbours."""
    exact = Decimal(sum(int(part.scaleb(15)) for part in parts)).scaleb(-15)
    shares = share_rounded(parts, places)
    unit = Decimal(1).scaleb(-places)
    assert sum(shares, Decimal(0)) == round_half_even(exact, places)
    for part, share in zip(parts, shares, strict=True):
        assert abs(share - part) < unit or share == part


def test_shares_by_hand() -> None:
    """Three thirds of a dollar: the first gets the missing cent. Equal exact parts stay as they are."""
    third = Decimal("0.333333333")
    assert share_rounded([third] * 3) == [Decimal("0.34"), Decimal("0.33"), Decimal("0.33")]
    assert share_rounded([Decimal("0.25"), Decimal("0.75")]) == [Decimal("0.25"), Decimal("0.75")]
    assert share_rounded([]) == []


def test_shares_of_large_amounts_are_exact() -> None:
    """More digits than the usual 28 of a Decimal: the total is still that of the exact sum."""
    parts = [Decimal("99999999999999999.000000000000005"), Decimal("0.004999999999995")]
    assert sum(share_rounded(parts)) == Decimal("99999999999999999.00")
    parts[1] = Decimal("0.004999999999999")
    assert sum(share_rounded(parts)) == Decimal("99999999999999999.01")


@given(st.lists(st.integers(0, 10**20), min_size=2, max_size=5))
def test_femtos_add_before_they_round(parts: list[int]) -> None:
    """The sum of converted parts is the converted sum."""
    assert sum((femtos_to_decimal(Femtos(part)) for part in parts), Decimal(0)) == femtos_to_decimal(Femtos(sum(parts)))


@given(st.integers(-(10**40), 10**40))
def test_a_fraction_that_a_decimal_can_hold_is_kept(femtos: int) -> None:
    """To the femto-unit, as every list cost is."""
    assert decimal_of(Fraction(femtos, 10**15)) == femtos_to_decimal(Femtos(femtos))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 3), "0.333333333"),
        (Fraction(-2, 3), "-0.666666667"),
        (Fraction(5, 10**10) + Fraction(1, 3 * 10**16), "0.000000001"),
        (Fraction(25, 10**17), "0"),
        (Fraction(10**30, 3), "3" * 30 + ".333333333"),
    ],
)
def test_any_other_fraction_to_the_nano(value: Fraction, text: str) -> None:
    """Half-even, however large."""
    assert plain(decimal_of(value)) == text


@given(st.fractions(), st.integers(-(10**30), 10**30))
def test_any_fraction_is_the_nearest_that_is_kept(part: Fraction, whole: int) -> None:
    """As the standard library rounds it."""
    value = part + whole
    exact = value * 10**15
    kept = Fraction(int(exact), 10**15) if exact.denominator == 1 else Fraction(round(value * 10**9), 10**9)
    assert Fraction(decimal_of(value)) == kept


def test_sums_are_exact() -> None:
    """Where sum() would drop the last digits."""
    assert exact_sum([Decimal(10**20), Decimal("1E-15"), Decimal(-(10**20))]) == Decimal("1E-15")
    assert exact_sum([]) == 0


@given(st.integers(-(10**18), 10**18))
def test_nanos_in_femtos_are_the_same_amount(nanos: int) -> None:
    """In the finer unit."""
    assert femtos_to_decimal(femtos_of_nanos(Nanos(nanos))) == nanos_to_decimal(Nanos(nanos))
