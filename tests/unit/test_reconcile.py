"""Billed against metered or estimated: the difference is exact, and its reason follows from what is known."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

import pytest

from tokentray.insight.reconcile import by_account, differences, differs, main_reason, summary
from tokentray.model import Basis
from tokentray.store.reconcile import DayPair

DAY = date(2026, 11, 10)


def pair(
    billed: str | None,
    *,
    metered: str | None = None,
    estimated: str | None = None,
    unpriced: int = 0,
    complete: bool = True,
    day: int = 0,
    currency: str = "USD",
    account: int = 1,
) -> DayPair:
    """One day of an account."""
    bills: Mapping[str, Decimal] = {} if billed is None else {currency: Decimal(billed)}
    return DayPair(
        account_id=account,
        utc_day=DAY + timedelta(days=day),
        currency="USD",
        billed=bills,
        metered=None if metered is None else Decimal(metered),
        metered_unpriced=unpriced if metered is not None else 0,
        estimated=None if estimated is None else Decimal(estimated),
        estimated_unpriced=unpriced if estimated is not None else 0,
        complete=complete,
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (pair("10", metered="10"), ""),
        (pair("10.009", metered="10"), ""),
        (pair("10.1", metered="10"), ""),
        (pair("8", metered="10"), "a discount"),
        (pair("12", metered="10"), "no token count tells"),
        (pair("12", estimated="10"), "another machine"),
        (pair("8", estimated="10"), "does not pay for"),
        (pair("0", metered="10"), "credits"),
        (pair("8", metered="10", complete=False), "not billed to its end"),
        (pair("8", metered="10", unpriced=5), "no known price"),
        (pair(None, metered="10"), "no bill"),
        (pair(None, metered="0.005"), ""),
        (pair("8", metered="10", currency="EUR"), "another currency"),
    ],
)
def test_the_reason_follows_from_what_is_known(given: DayPair, words: str) -> None:
    """What rounding makes needs none; all else says what to look at."""
    (one,) = differences([given])
    assert words in one.reason
    assert bool(one.reason) == bool(words)


def test_a_day_with_neither_is_no_day() -> None:
    """Nothing billed and nothing counted is nothing to hold against each other."""
    assert differences([pair(None)]) == []


def test_token_counts_of_the_provider_come_before_logs() -> None:
    """Metered is the better basis, and the one that is compared."""
    (one,) = differences([pair("9", metered="10", estimated="3")])
    assert (one.basis, one.other, one.amount) == (Basis.METERED, Decimal(10), Decimal(-1))


def test_the_same_part_off_every_day_is_a_price() -> None:
    """Four days at 20 % below are a discount; one day that is off otherwise takes that word back."""
    days = [pair(str(8 * n), metered=str(10 * n), day=n) for n in range(1, 5)]
    assert {one.reason for one in differences(days)} == {"a steady discount of about 20 %"}
    assert main_reason(one.reason for one in differences(days)) == "a steady discount of about 20 %"
    odd = differences([*days, pair("31", metered="30", day=6)])
    assert "a steady discount of about 20 %" not in {one.reason for one in odd}


def test_sums_are_exact_and_newest_first() -> None:
    """A thousandth of a nano-dollar more or less would show."""
    days = differences([pair("0.100000000000001", metered="0.3", day=0), pair("0.2", metered="0.3", day=1)])
    assert [one.day for one in days] == [DAY + timedelta(days=1), DAY]
    assert summary(days) == (Decimal("0.300000000000001"), Decimal("0.6"), "USD")
    assert summary([]) is None


def test_accounts_are_apart() -> None:
    """What one is billed is not held against another's tokens."""
    of = by_account([pair("1", metered="1"), pair("5", metered="1", account=2)])
    assert [differs(one) for account in (1, 2) for one in of[account]] == [False, True]
