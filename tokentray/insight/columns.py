"""Columns of money in which the displayed rows add up to the displayed total, and the words of each row."""

from collections.abc import Sequence
from decimal import Decimal

from tokentray.insight import words
from tokentray.insight.tally import Tally
from tokentray.money import NumberStyle, minor_digits, share_rounded


def shares(amounts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Amounts in everyday digits that add up to their rounded total."""
    return share_rounded(amounts, minor_digits(currency))


def spend_text(one: Tally, shown: Decimal, currency: str, style: NumberStyle) -> str:
    """The spend of a row whose share of the column is `shown`.

    What shares out to no cent reads "<$0.01" or "−<$0.01", however near to a cent it is, and "mostly not priced" where
    more is missing than is known: the column must add up.
    """
    if not shown and one.unpriced_paid_tokens and one.cost_in(currency):
        return words.MOSTLY_NOT_PRICED
    return words.spend_text(one, currency, style, shown)


def worth_text(one: Tally, shown: Decimal, currency: str, style: NumberStyle) -> str:
    """The worth of a row whose share of the column is `shown`; as spend_text."""
    if not shown and one.unpriced_tokens and one.worth_in(currency):
        return words.MOSTLY_NOT_PRICED
    return words.worth_text(one, currency, style, shown)
