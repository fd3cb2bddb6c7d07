"""A plan's fee by day: exact, whole billing months, and nothing outside a term."""

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.clock import days_between
from tokentray.fees import billing_month, fee_days, fee_on
from tokentray.model import PlanTerm
from tokentray.money import Nanos

ONE_DAY = timedelta(days=1)
MAX = 200 * 10**9
"""A fee of 200 in nano-units."""
FEES = st.integers(1, 10**18 - 1)
CYCLE_DAYS = st.integers(1, 28)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))


def term(fee: int, first: str, last: str = "", cycle_day: int = 1) -> PlanTerm:
    """A stretch of a plan; first and last day as "2026-11-01", the last "" while it runs on."""
    return PlanTerm(
        1, Nanos(fee), "USD", date.fromisoformat(first), date.fromisoformat(last) if last else None, cycle_day
    )


def fees(one: PlanTerm, first: str, last: str) -> list[int]:
    """What each day from `first` to `last` costs, where the term holds it."""
    return [fee for _, fee in fee_days(one, date.fromisoformat(first), date.fromisoformat(last))]


def test_a_month_of_thirty_days() -> None:
    """20 over November: 30 days of 0.6666…, every one of the two neighbours, in an order that never lags behind."""
    days = fees(term(20 * 10**9, "2026-11-01"), "2026-11-01", "2026-11-30")
    # 20 × 10⁹ ÷ 30 = 666,666,666.67: after one day ⌊666,666,666.67⌋, after two ⌊1,333,333,333.33⌋,
    # after three 2,000,000,000 exactly; so it goes round every three days.
    assert days == [666_666_666, 666_666_667, 666_666_667] * 10
    assert sum(days) == 20 * 10**9


def test_a_fee_smaller_than_its_days() -> None:
    """Three nano-units over the 28 days of a February: three days hold one each, the others nothing."""
    days = fees(term(3, "2026-02-01"), "2026-02-01", "2026-02-28")
    # ⌊3(k+1)/28⌋ first reaches 1 at k = 9 (30 ÷ 28), 2 at k = 18 (57 ÷ 28), 3 at k = 27 (84 ÷ 28).
    assert [index for index, fee in enumerate(days) if fee] == [9, 18, 27]
    assert sum(days) == 3


def test_a_cycle_that_begins_in_mid_month() -> None:
    """From the 15th to the 14th: the billing month of 15 January has the 31 days of January, of 15 February 28."""
    assert billing_month(date(2026, 2, 14), 15) == (date(2026, 1, 15), date(2026, 2, 15))
    assert billing_month(date(2026, 2, 15), 15) == (date(2026, 2, 15), date(2026, 3, 15))
    plan = term(31 * 28, "2026-01-15", cycle_day=15)
    assert set(fees(plan, "2026-01-15", "2026-02-14")) == {28}
    assert set(fees(plan, "2026-02-15", "2026-03-14")) == {31}


def test_a_term_that_begins_and_ends_inside_a_billing_month() -> None:
    """Only the days it holds are counted, each at what it costs in the whole month: 20 of 30 days at 1 each."""
    plan = term(30, "2026-11-06", "2026-11-25")
    assert fees(plan, "2026-11-01", "2026-11-30") == [1] * 20
    assert fee_on(plan, date(2026, 11, 5)) == fee_on(plan, date(2026, 11, 26)) == 0
    assert fee_on(plan, date(2026, 11, 6)) == fee_on(plan, date(2026, 11, 25)) == 1


def test_a_fee_changed_in_mid_month() -> None:
    """20 up to the 15th, 200 from the 16th: fifteen days of each, 10 + 100."""
    old = term(20 * 10**9, "2026-09-01", "2026-11-15")
    new = term(MAX, "2026-11-16")
    whole = fees(old, "2026-11-01", "2026-11-30") + fees(new, "2026-11-01", "2026-11-30")
    assert len(whole) == 30
    # ⌊20·15/30⌋ = 10, and 200 − ⌊200·15/30⌋ = 100.
    assert sum(whole) == 110 * 10**9


def test_a_plan_restarted_after_a_gap() -> None:
    """Nothing in the gap; afterwards as if it had never stopped."""
    before = term(MAX, "2026-08-01", "2026-08-31")
    after = term(MAX, "2026-10-11", cycle_day=11)
    days = {day: fee for one in (before, after) for day, fee in fee_days(one, date(2026, 8, 1), date(2026, 11, 10))}
    assert sum(fee for day, fee in days.items() if day.month == 8) == MAX
    assert not [day for day in days if date(2026, 9, 1) <= day <= date(2026, 10, 10)]
    assert sum(fee for day, fee in days.items() if day >= date(2026, 10, 11)) == MAX


@pytest.mark.parametrize(("year", "days"), [(2024, 29), (2026, 28), (2000, 29), (2100, 28)])
def test_february(year: int, days: int) -> None:
    """The leap years are those of the calendar, centuries included."""
    plan = term(days * 7, f"{year}-01-01")
    assert fees(plan, f"{year}-02-01", f"{year}-02-{days}") == [7] * days


def test_a_billing_month_across_the_year_s_end() -> None:
    """From 28 December to 27 January: 31 days in two years, one fee."""
    plan = term(MAX, "2025-12-28", cycle_day=28)
    assert billing_month(date(2026, 1, 27), 28) == (date(2025, 12, 28), date(2026, 1, 28))
    days = fees(plan, "2025-12-28", "2026-01-27")
    assert len(days) == 31
    assert sum(days) == MAX
    # The four days of 2025: ⌊200 × 10⁹ · 4 ÷ 31⌋.
    assert sum(fees(plan, "2025-12-28", "2025-12-31")) == 25_806_451_612


@pytest.mark.parametrize(("month", "length"), [("2026-02", 28), ("2024-02", 29), ("2026-04", 30), ("2026-12", 31)])
def test_every_cycle_day_of_every_month_length(month: str, length: int) -> None:
    """Whatever day a billing month begins on, its days are as many as those of that month, and add up to the fee."""
    for cycle_day in range(1, 29):
        start = date.fromisoformat(f"{month}-{cycle_day:02d}")
        last = start + timedelta(days=length - 1)
        assert billing_month(start, cycle_day) == billing_month(last, cycle_day) == (start, last + ONE_DAY)
        for fee in (1, 29, 30, 31, 2 * 10**10, MAX, 10**17 + 1):
            plan = term(fee, "2020-01-01", cycle_day=cycle_day)
            days = [fee_on(plan, day) for day in days_between(start, last)]
            assert days == [fee * (k + 1) // length - fee * k // length for k in range(length)]
            assert sum(days) == fee


@given(fee=FEES, cycle_day=CYCLE_DAYS, day=DAYS)
def test_any_billing_month_sums_to_the_fee(fee: int, cycle_day: int, day: date) -> None:
    """Of any month from 2000 to 2100, with no day more than one nano-unit off its even share."""
    start, following = billing_month(day, cycle_day)
    assert start <= day < following
    assert start.day == following.day == cycle_day
    length = monthrange(start.year, start.month)[1]
    assert (following - start).days == length
    plan = term(fee, "1999-01-01", cycle_day=cycle_day)
    days = [fee_on(plan, one) for one in days_between(start, following - ONE_DAY)]
    assert sum(days) == fee
    assert set(days) <= {fee // length, fee // length + 1}


@given(fee=FEES, cycle_day=CYCLE_DAYS, first=DAYS, length=st.integers(0, 500), cut=st.integers(0, 500))
def test_a_term_cut_in_two_is_still_the_same(fee: int, cycle_day: int, first: date, length: int, cut: int) -> None:
    """Asked for in two parts, or ended and begun again at the same fee, no day changes and none is lost."""
    last = first + timedelta(days=length)
    middle = min(first + timedelta(days=cut), last)
    whole = PlanTerm(1, Nanos(fee), "USD", first, last, cycle_day)
    days = list(fee_days(whole, date(1990, 1, 1), date(2110, 1, 1)))
    assert [day for day, _ in days] == days_between(first, last)
    assert [*fee_days(whole, first, middle), *fee_days(whole, middle + ONE_DAY, last)] == days
    one, other = whole._replace(last_day=middle), whole._replace(first_day=middle + ONE_DAY)
    assert [*fee_days(one, first, last), *fee_days(other, first, last)] == days
    running = whole._replace(last_day=None)
    assert list(fee_days(running, first, last)) == days
    assert list(fee_days(running, last + ONE_DAY, last)) == []
