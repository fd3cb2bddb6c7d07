"""What a plan is worth: the list cost of the tokens it covered, against its fee over the same days."""

from decimal import Decimal
from fractions import Fraction

from tokentray.money import NumberStyle, decimal_of


def ratio(list_cost: Decimal, fee: Decimal) -> Fraction | None:
    """List cost ÷ fee, both in one currency; None without a fee."""
    return Fraction(list_cost) / Fraction(fee) if fee > 0 else None


def ratio_text(value: Fraction | None, style: NumberStyle) -> str:
    """ "6.7×", "120×", "<0.1×", or "" where there is none."""
    if value is None:
        return ""
    if 0 < value < Fraction(1, 20):
        return f"<{style.number(Decimal('0.1'), 1)}×"
    return f"{style.number(decimal_of(value), 0 if value >= 10 else 1)}×"
