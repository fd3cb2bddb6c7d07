"""What a plan is worth: list cost against fee, only where the two can be compared."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.unit.test_tally import AS_IT_COMES, DAY, home, row
from tokentray.insight.plan_worth import ratio, ratio_text, times_text
from tokentray.model import UsageRow
from tokentray.money import NumberStyle

STYLE = NumberStyle()


def fee(amount: str, currency: str = "USD") -> UsageRow:
    """A day of a plan's fee."""
    return row(amount, "0", currency=currency, basis=("plan",), source="plan:1", payer="plan:1")


def use(worth: str | None, tokens: int = 100) -> UsageRow:
    """Tokens that the plan covered."""
    return row("0", worth, tokens=tokens, unpriced=0 if worth else tokens, payer="plan:1")


def test_list_cost_over_fee() -> None:
    """38.10 worth of tokens for a fee of 6.67 is 38.10 ÷ 6.67, exactly."""
    assert ratio(Decimal("38.10"), Decimal("6.67")) == Fraction(3810, 667)
    assert ratio(Decimal(0), Decimal(1)) == 0
    assert ratio(Decimal(1), Decimal(0)) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (Fraction(0), "0.0×"),
        (Fraction(1, 1000), "<0.1×"),
        (Fraction(1, 20), "<0.1×"),
        (Fraction(51, 1000), "0.1×"),
        (Fraction(3810, 667), "5.7×"),
        (Fraction(99, 10), "9.9×"),
        (Fraction(1200, 10), "120×"),
        (Fraction(12345), "12,345×"),
    ],
)
def test_the_ratio_in_words(value: Fraction | None, text: str) -> None:
    """A digit after the point below ten; something is never shown as nothing."""
    assert ratio_text(value, STYLE) == text


def test_times_its_fee() -> None:
    """Two days of 5 for 19 worth of tokens."""
    rows = [fee("5"), fee("5"), use("12"), use("7")]
    assert times_text(rows, AS_IT_COMES.exchange, STYLE) == "1.9× its fee"
    assert times_text([fee("5"), use("0.1")], AS_IT_COMES.exchange, STYLE) == "<0.1× its fee"


def test_what_has_no_price_makes_it_at_least() -> None:
    """More than is known; and where nothing is known, or next to nothing, no ratio is made up."""
    assert times_text([fee("5"), use("10"), use(None)], AS_IT_COMES.exchange, STYLE) == "at least 2.0× its fee"
    assert times_text([fee("5"), use(None)], AS_IT_COMES.exchange, STYLE) == ""
    assert times_text([fee("5"), use("0.1"), use(None)], AS_IT_COMES.exchange, STYLE) == ""


def test_without_a_fee_or_use() -> None:
    """Nothing to divide by, or nothing to divide."""
    assert times_text([use("10")], AS_IT_COMES.exchange, STYLE) == ""
    assert times_text([], AS_IT_COMES.exchange, STYLE) == ""


def test_a_fee_in_another_currency() -> None:
    """No ratio without a rate, rather than none at all of its fee; with one, each day at its own."""
    rows = [fee("10", "EUR"), use("33")]
    assert times_text(rows, AS_IT_COMES.exchange, STYLE) == ""
    assert times_text(rows, home("", ("EUR", "USD", "1.1", "2026-01-01")).exchange, STYLE) == "3.0× its fee"
    later = [*rows, use("33")._replace(keys=(("day", (DAY + timedelta(days=1)).isoformat()), ("source", "codex")))]
    rates = home("", ("EUR", "USD", "1.1", "2026-01-01"), ("EUR", "USD", "3.3", "2026-11-22"))
    assert times_text(later, rates.exchange, STYLE) == "4.0× its fee"


def test_a_fee_that_changed_its_currency() -> None:
    """Told in the newer one where a rate leads there, else not at all."""
    rows = [fee("10", "EUR"), fee("9", "USD"), use("40")]
    assert times_text(rows, AS_IT_COMES.exchange, STYLE) == ""
    assert times_text(rows, home("", ("EUR", "USD", "1.1", "2026-01-01")).exchange, STYLE) == "2.0× its fee"
