"""What the views beside the usage share: how their rows stand, and the small words of their cells."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from tokentray.charts.spec import Tick, Unit, UnitKind
from tokentray.insight.columns import shares
from tokentray.insight.periods import bar_texts
from tokentray.money import MINUS, NumberStyle, decimal_of, format_money, minor_digits
from tokentray.report import Cell, Column, Row

DASH = "–"
NOTHING = Cell(DASH)
BETWEEN = "\x1f"
"""Between the values of an id."""
SET_A_RATE = "The settings take one, under Money and days."
"""What to do where no exchange rate leads from one currency to another."""

# Without a shape of their own, and needed: they group figures, and join letters and emoji.
_KEPT = frozenset("\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")
_FINER_BELOW = 1


def in_words(name: str) -> str:
    """A name out of a log as part of a sentence or of a line: control and direction characters as escapes."""
    if name.isprintable():
        return name
    return "".join(
        char if char.isprintable() or char in _KEPT else char.encode("unicode_escape").decode("ascii") for char in name
    )


def lines(parts: Iterable[str]) -> str:
    """Those parts that say something, one below the other."""
    return "\n".join(part for part in parts if part)


def capital(text: str) -> str:
    """Words that begin a line."""
    return text[:1].upper() + text[1:]


def count_cell(count: int, style: NumberStyle, tip: str = "") -> Cell:
    """A whole number; nothing is a dash."""
    return Cell(style.number(count) if count else DASH, count, tip)


def percent_text(percent: Fraction, style: NumberStyle) -> str:
    """A change: "+12 %", "−33 %", "−0.4 %", "0 %"; "+<0.1 %", "−<0.1 %" where it would read as none."""
    size = abs(percent)
    if not size:
        return "0 %"
    sign = "+" if percent > 0 else MINUS
    if size < Fraction(1, 20):
        return f"{sign}<{style.number(Decimal('0.1'), 1)} %"
    return f"{sign}{style.number(decimal_of(size), 0 if size >= 10 else 1)} %"


def percent_cell(percent: Fraction | None, style: NumberStyle, tip: str = "") -> Cell:
    """A change in percent; a dash where there is nothing to compare."""
    return (
        NOTHING._replace(tip=tip) if percent is None else Cell(percent_text(percent, style), decimal_of(percent), tip)
    )


def price_text(price: Decimal, currency: str, style: NumberStyle) -> str:
    """What a million tokens cost: finer below one, as cached tokens cost cents."""
    digits = minor_digits(currency) + (1 if abs(price) < _FINER_BELOW else 0)
    return format_money(price, currency, style, digits)


def money_unit(currency: str, style: NumberStyle, per: str = "") -> Unit:
    """The axis of amounts in a currency."""
    return Unit(UnitKind.MONEY, style, currency=currency, per=per)


def ticks(split: str, labels: Sequence[str]) -> tuple[Tick, ...]:
    """Steps of an axis of time."""
    return tuple(Tick(id_, *texts) for id_, texts in zip(labels, bar_texts(split, labels), strict=True))


def in_order(rows: Iterable[Row], columns: Sequence[Column], sort: str, descending: bool) -> tuple[Row, ...]:
    """Rows by a column, those with nothing there last; rows that are equal there stay in their order."""
    places = [place for place, column in enumerate(columns) if column.id == sort]
    if not places:
        return tuple(rows)
    place = places[0]
    rows = list(rows)
    known = [row for row in rows if row.cells[place].value is not None]
    known.sort(key=lambda row: _sorted_by(row.cells[place].value), reverse=descending)
    return (*known, *(row for row in rows if row.cells[place].value is None))


def _sorted_by(value: object) -> tuple[Decimal, str]:
    """Figures by size, texts by their letters whatever their case; a column holds the one or the other."""
    if isinstance(value, Decimal | int):
        return Decimal(value), ""
    return Decimal(0), str(value).casefold()


def shares_of(amounts: Sequence[Decimal], shown: Sequence[bool], currency: str) -> list[Decimal]:
    """Amounts in everyday digits, such that those that are shown add up to their rounded total; the others likewise."""
    made = dict[int, Decimal]()
    for which in (True, False):
        places = [place for place, one in enumerate(shown) if one is which]
        made.update(zip(places, shares([amounts[place] for place in places], currency), strict=True))
    return [made[place] for place in range(len(amounts))]


def chosen_bars(selected: tuple[str, str] | None, labels: Sequence[str]) -> tuple[int, int] | None:
    """The first and the last bar of a selection, None where it is none of these."""
    if selected is None or not {*selected} <= {*labels}:
        return None
    first, last = sorted(labels.index(label) for label in selected)
    return first, last


def is_shown(id_: str, hidden: Iterable[str], picked: Sequence[str]) -> bool:
    """Whether legend and picked rows let a group into chart and totals."""
    return id_ not in hidden and (not picked or id_ in picked)
