"""Amounts of money, exact from the provider's own unit to the total. No floats, and no rounding but for display.

Stored amounts are integer nano-units (10⁻⁹ of the currency). List cost is tokens × a rate in nano-units per
million tokens, which is an integer of 10⁻¹⁵ units; it becomes a Decimal only at the edge. What is displayed
is rounded once, and rows share the rounded total by largest remainder so that what is seen adds up.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, NewType

if TYPE_CHECKING:
    from fractions import Fraction  # 3 ms that a status line need not wait for

Nanos = NewType("Nanos", int)
Femtos = NewType("Femtos", int)
"""10⁻¹⁵ of a currency unit: tokens × nano-units per million tokens. Sums of it are exact."""

_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
_ROUNDING = Context(prec=80)
_PLAIN_CHARACTERS = frozenset("0123456789.+-")
MINUS = "−"
"""The sign of amounts below nothing as people read them: as wide as a digit, and no hyphen that a line breaks at."""
_COMMA, _POINT, _HYPHEN = map(ord, ",.-")
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}

_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
    CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD
    TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CODES.split())
"""The codes of ISO 4217 that stand for money in use: no funds, metals, tests or withdrawn ones."""
_WITHOUT_MINOR_UNIT = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
}  # fmt: skip
_IN_THOUSANDTHS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}


def femtos_to_decimal(amount: Femtos) -> Decimal:
    """The same amount in currency units, unrounded."""
    return _EXACT.scaleb(_EXACT.create_decimal(amount), -15)


def femtos_of_nanos(amount: Nanos) -> Femtos:
    """The same amount in the finer unit."""
    return Femtos(amount * 10**6)


def nanos_from_text(text: str) -> Nanos:
    """Currency units as decimal text ("4.50") to nano-units.

    Raises ValueError where the text is no plain decimal number, or is finer than a nano-unit.
    """
    digits = text.strip()
    try:
        if not set(digits) <= _PLAIN_CHARACTERS:  # Decimal also takes 1e3, 1_000, nan and digits of every script
            raise InvalidOperation
        scaled = _EXACT.scaleb(_EXACT.create_decimal(digits), 9)
        whole = scaled.to_integral_exact(context=_EXACT)
    except (Inexact, InvalidOperation) as exc:
        raise ValueError(f"not an amount of money: {text!r}") from exc
    if abs(whole) >= 10**18:
        raise ValueError(f"not an amount of money: {text!r}")
    return Nanos(int(whole))


def nanos_rounded(amount: Decimal) -> Nanos:
    """A provider's amount in currency units to nano-units, half-even where it is finer still. May be below nothing.

    Raises ValueError for what is no amount: infinite, not a number, or of a thousand millions and more.
    """
    try:
        whole = amount.quantize(Decimal(1).scaleb(-9), ROUND_HALF_EVEN, Context(prec=80, traps=[InvalidOperation]))
    except InvalidOperation as exc:
        raise ValueError("not an amount of money") from exc
    if not whole.is_finite() or abs(whole) >= 10**9:
        raise ValueError("not an amount of money")
    return Nanos(int(whole.scaleb(9, _EXACT)))


def nanos_to_decimal(amount: Nanos) -> Decimal:
    """Nano-units in currency units, unrounded."""
    return _EXACT.scaleb(_EXACT.create_decimal(amount), -9)


def plain(amount: Decimal) -> str:
    """An unrounded decimal for JSON and CSV: no exponent, no trailing zeros ("0.1", "12", "0")."""
    text = format(amount, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


class NumberStyle(NamedTuple):
    """How the person's locale writes numbers and money."""

    decimal_point: str = "."
    group_separator: str = ","
    symbol_first: bool = True

    def number(self, value: Decimal | int, places: int = 0) -> str:
        """Rounded half-even to `places` digits after the point, grouped by thousands: "−1,234.5"."""
        if isinstance(value, int) and not places:  # counts fill tables, and have nothing to round
            text = f"{value:,}"
        else:
            text = f"{round_half_even(Decimal(value), places):,.{places}f}"
        return text.translate({_COMMA: self.group_separator, _POINT: self.decimal_point, _HYPHEN: MINUS})


def round_half_even(value: Decimal, places: int) -> Decimal:
    """`value` with exactly `places` digits after the point."""
    return value.quantize(_unit(places), ROUND_HALF_EVEN, _ROUNDING)


@lru_cache(maxsize=64)
def _unit(places: int) -> Decimal:
    """One in the last of so many digits after the point."""
    return Decimal(1).scaleb(-places)


def minor_digits(currency: str) -> int:
    """Digits after the point in everyday amounts: 2, but 0 for yen and their like, 3 for dinars."""
    if currency in _WITHOUT_MINOR_UNIT:
        return 0
    return 3 if currency in _IN_THOUSANDTHS else 2


def format_money(amount: Decimal, currency: str, style: NumberStyle, places: int | None = None) -> str:
    """For reading: "$11.97", "−$3.00", "1.234,56 €"; "<$0.01" and "−<$0.01" for what would read as nothing.

    places: digits after the point, None for those of the currency ("¥1,200").
    """
    if places is None:
        places = minor_digits(currency)
    smallest = _unit(places)
    small = amount != 0 and round_half_even(abs(amount), places) == 0
    shown = smallest if small else abs(amount)
    digits = style.number(shown, places)
    symbol = SYMBOLS.get(currency)
    if symbol is None:
        text = f"{digits}\u00a0{currency}"
    elif style.symbol_first:
        text = f"{symbol}{digits}"
    else:
        text = f"{digits}\u00a0{symbol}"
    return f"{MINUS if amount < 0 else ''}{'<' if small else ''}{text}"


def short_money(amount: Decimal) -> str:
    """At most three characters for a tray icon, in whole units: "9", "420", "1k", "23k", ".4M", "1M"."""
    whole = int(round_half_even(abs(amount), 0))
    if whole < 1000:
        return str(whole)
    size = 1000
    for letter, larger in pairwise("kMGTPE"):
        if whole < 100 * size:
            return f"{whole // size}{letter}"
        if whole < 1000 * size:
            return f".{whole // (100 * size)}{larger}"
        size *= 1000
    return "∞"


def share_rounded(parts: Sequence[Decimal], places: int = 2) -> list[Decimal]:
    """Round `parts` so that they add up to their rounded total, by largest remainder.

    Each result is one of the two neighbours of its part; ties go to the earlier part.
    """
    unit = _unit(places)
    total = round_half_even(exact_sum(parts), places)
    floors = [part.quantize(unit, ROUND_FLOOR, _ROUNDING) for part in parts]
    missing = int(_EXACT.scaleb(_EXACT.subtract(total, exact_sum(floors)), places))
    by_remainder = sorted(range(len(parts)), key=lambda i: (_EXACT.subtract(floors[i], parts[i]), i))
    raised = set(by_remainder[:missing])
    return [_EXACT.add(floor, unit) if i in raised else floor for i, floor in enumerate(floors)]


def exact_sum(amounts: Sequence[Decimal]) -> Decimal:
    """Amounts added up to the last digit; sum() would round to 28 of them."""
    total = Decimal(0)
    for amount in amounts:
        total = _EXACT.add(total, amount)
    return total


def decimal_of(value: "Fraction") -> Decimal:
    """A fraction as a decimal: exact where one can hold it within a femto-unit, else to the nano-unit, half-even."""
    # With whole numbers: fractions of ten thousand rows would take longer than reading them.
    over, under = value.numerator, value.denominator
    femtos, finer = divmod(over * 10**15, under)
    if not finer:
        return femtos_to_decimal(Femtos(femtos))
    nanos, rest = divmod(over * 10**9, under)  # just between two nano-units lie whole femto-units
    return nanos_to_decimal(Nanos(nanos + (2 * rest > under)))
