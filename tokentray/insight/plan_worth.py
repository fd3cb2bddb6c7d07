"""What a plan is worth: the list cost of the tokens it covered, against its fee over the same days."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from tokentray.insight.exchange import Exchange
from tokentray.insight.tally import Home, tally
from tokentray.model import UsageRow
from tokentray.money import NumberStyle, decimal_of


def ratio(list_cost: Decimal, fee: Decimal) -> Fraction | None:
    """List cost ÷ fee, both in one currency; None without a fee."""
    return Fraction(list_cost) / Fraction(fee) if fee > 0 else None


def ratio_text(value: Fraction | None, style: NumberStyle) -> str:
    """ "6.7×", "120×", "<0.1×", or "" where there is none."""
    if value is None:
        return ""
    if 0 < value <= Fraction(1, 20):
        return f"<{style.number(Decimal('0.1'), 1)}×"
    return f"{style.number(decimal_of(value), 0 if value >= 10 else 1)}×"


def times(rows: Sequence[UsageRow], exchange: Exchange) -> Fraction | None:
    """What a plan's rows by day are worth ÷ their fee, in the fee's currency, unrounded.

    None without a fee or a price, and where no exchange rate leads from the one to the other.
    """
    fees = [row.currency for row in rows if row.cost]
    if not fees:
        return None
    currency = fees[-1]
    whole = tally(rows, Home(currency, exchange))
    if not whole.priced or {*whole.cost, *whole.worth} != {currency}:
        return None
    return ratio(whole.worth_in(currency), whole.cost_in(currency))


def at_least(text: str, unpriced_tokens: int) -> str:
    """The words of a ratio where some tokens have no price: "at least" and "less than" do not go together."""
    if not text or not unpriced_tokens:
        return text
    return "" if text.startswith("<") else f"at least {text}"


def times_text(rows: Sequence[UsageRow], exchange: Exchange, style: NumberStyle) -> str:
    """ "3.8× its fee" of a plan's rows by day, "at least 3.8× its fee" where some tokens have no price.

    "" without a fee or a price, and where no exchange rate leads from the one to the other.
    """
    text = at_least(ratio_text(times(rows, exchange), style), sum(row.unpriced_tokens for row in rows))
    return f"{text} its fee" if text else ""
