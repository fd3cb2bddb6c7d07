"""Axes of values: round steps, and short texts for them of which no two are the same. Exact; no pixel is known here."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from itertools import count
from typing import NamedTuple

from tokentray.charts.spec import Unit, UnitKind
from tokentray.money import format_money, minor_digits

_EXACT = Context(prec=80)
_ZERO = Decimal(0)
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5))
_DIGITS = ((1, 2, 5), (1, 3), (1,))
_ROOM_BELOW = Decimal("0.9")
_SHORTENED_FROM = 10_000
_SUFFIXES = ((12, "T"), (9, "B"), (6, "M"), (3, "k"))


class Scale(NamedTuple):
    """What an axis spans: from low to high, and the round values between them, lowest first."""

    low: Decimal
    high: Decimal
    ticks: tuple[Decimal, ...]
    texts: tuple[str, ...]


def scale(low: Decimal, high: Decimal, most: int, unit: Unit, *, broken: bool = False) -> Scale:
    """The axis for values from `low` to `high`, with at most `most` steps between its ticks (2 at least).

    It includes nothing, unless it is broken. Where all values are nothing it spans one unit and has the one tick of
    nothing.
    """
    if not broken:
        low, high = min(low, _ZERO), max(high, _ZERO)
    if low == high:
        return Scale(_ZERO, Decimal(1), (_ZERO,), ("0",))
    step = _step(low, high, max(2, most), whole=unit.kind is UnitKind.COUNT)
    first, last = _steps_to(low, step, ROUND_CEILING), _steps_to(high, step, ROUND_FLOOR)
    ticks = tuple(_EXACT.multiply(step, Decimal(index)) for index in range(first, last + 1))
    return Scale(low, high, ticks, _texts(ticks, step, unit))


def log_scale(low: Decimal, high: Decimal, most: int, unit: Unit) -> Scale:
    """The logarithmic axis for values from `low`, above nothing, to `high`, with a little room below.

    Ticks are 1, 2 and 5 of each power of ten, or fewer of them where those would be more than `most` and one.
    """
    bottom = _EXACT.multiply(low, _ROOM_BELOW)
    powers = range(bottom.adjusted(), high.adjusted() + 1)
    ticks: tuple[Decimal, ...] = ()
    for digits in _DIGITS:
        every = (Decimal(digit).scaleb(power, _EXACT) for power in powers for digit in digits)
        ticks = tuple(tick for tick in every if bottom <= tick <= high)
        if len(ticks) - 1 <= most:
            break
    return Scale(bottom, high, ticks, tuple(_texts((tick, tick), tick, unit)[0] for tick in ticks))


def _step(low: Decimal, high: Decimal, most: int, *, whole: bool) -> Decimal:
    """The smallest round step that is not taken more than `most` times."""
    finest = _EXACT.divide(_EXACT.subtract(high, low), Decimal(most * 10)).adjusted()
    for exponent in count(finest):
        for factor in _STEPS:
            step = factor.scaleb(exponent, _EXACT)
            if whole and step != step.to_integral_value():
                continue
            if _steps_to(high, step, ROUND_FLOOR) - _steps_to(low, step, ROUND_CEILING) <= most:
                return step
    raise AssertionError("count() ends")


def _steps_to(value: Decimal, step: Decimal, rounding: str) -> int:
    return int(_EXACT.divide(value, step).to_integral_value(rounding))


def _texts(ticks: tuple[Decimal, ...], step: Decimal, unit: Unit) -> tuple[str, ...]:
    """Each as exact as the step is, so no two read the same. Nothing is "0": with a unit it would be an amount."""
    greatest = max(abs(ticks[0]), abs(ticks[-1]))
    shift, suffix = 0, ""
    if greatest >= _SHORTENED_FROM:
        shift, suffix = next((power, letter) for power, letter in _SUFFIXES if greatest >= Decimal(1).scaleb(power))
    places = _places(step.scaleb(-shift, _EXACT))
    if unit.kind is UnitKind.MONEY and not suffix and places:
        places = max(places, minor_digits(unit.currency))
    return tuple(_text(tick, shift, suffix, places, unit) for tick in ticks)


def _places(step: Decimal) -> int:
    exponent = step.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _text(tick: Decimal, shift: int, suffix: str, places: int, unit: Unit) -> str:
    if not tick:
        return "0"
    shown = tick.scaleb(-shift, _EXACT)
    if unit.kind is UnitKind.COUNT:
        return unit.style.number(shown, places) + suffix
    text = format_money(shown, unit.currency, unit.style, places)
    digits = unit.style.number(abs(shown), places)
    return text.replace(digits, digits + suffix, 1)
