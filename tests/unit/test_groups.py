"""Rows of a group added up beforehand: whatever is said of them stays the same."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_tally import AS_IT_COMES, home, row
from tokentray.engine.reports.groups import condensed
from tokentray.insight.converted import priced, spend_of, worth_of
from tokentray.insight.standing import by_standing
from tokentray.insight.tally import tally
from tokentray.model import UsageRow

IN_EUROS = home("EUR", ("USD", "EUR", "0.9", "2026-01-01"))
_AMOUNTS = st.sampled_from(["0", "-1.25", "0.000000001", "3", "0.1"])


@st.composite
def rows(draw: st.DrawFn) -> list[UsageRow]:
    """Use, fees, refunds and tokens without a price, of a few bars."""
    made = []
    for _ in range(draw(st.integers(1, 25))):
        tokens = draw(st.sampled_from([0, 7, 100]))
        unpriced = draw(st.sampled_from([0, tokens]))
        one = row(
            draw(_AMOUNTS),
            None if tokens and unpriced == tokens else draw(_AMOUNTS),
            tokens=tokens,
            unpriced=unpriced,
            unpriced_paid=draw(st.sampled_from([0, unpriced])),
            currency=draw(st.sampled_from(["USD", "USD", "EUR", "JPY"])),
            basis=draw(st.sampled_from([("estimated",), ("billed",), ("billed", "estimated"), ("plan",)])),
            caveats=draw(st.sampled_from([(), ("partial-day",), ("price-assumed", "partial-day")])),
            source=draw(st.sampled_from(["codex", "claude-code"])),
            payer=draw(st.sampled_from(["", "payg", "plan:1", "nobody"])),
        )
        bar = ("week", draw(st.sampled_from(["2026-W45", "2026-W46", "2026-W47"])))
        some = draw(st.integers(0, 3))
        made.append(one._replace(keys=(bar, *one.keys), reasoning_tokens=some, web_search_requests=2 * some))
    return made


@given(rows())
def test_nothing_that_is_said_of_them_changes(given_rows: list[UsageRow]) -> None:
    """Sums, estimates, prices, bases and caveats in their order; also of each standing, and in another currency."""
    fewer = condensed(given_rows, "week")
    assert len(fewer) <= len(given_rows)
    for where in (AS_IT_COMES, IN_EUROS):
        assert tally(fewer, where) == tally(given_rows, where)
        before, after = by_standing(given_rows), by_standing(fewer)
        for standing, part in before.items():
            assert tally(after[standing], where) == tally(part, where)
        assert spend_of(fewer, where) == spend_of(given_rows, where)
        assert worth_of(fewer, where) == worth_of(given_rows, where)
    assert priced(fewer) == priced(given_rows)
    assert sum(one.reasoning_tokens for one in fewer) == sum(one.reasoning_tokens for one in given_rows)
    assert sum(one.web_search_requests for one in fewer) == sum(one.web_search_requests for one in given_rows)


@given(rows())
def test_what_is_known_in_different_ways_stays_apart(given_rows: list[UsageRow]) -> None:
    """Each basis and each caveat has the amounts that it had, and so has what was given back."""
    assert _by_knowledge(condensed(given_rows, "week")) == _by_knowledge(given_rows)


def _by_knowledge(given_rows: list[UsageRow]) -> dict[tuple[object, ...], tuple[Decimal, Decimal, int]]:
    found: dict[tuple[object, ...], tuple[Decimal, Decimal, int]] = {}
    for one in given_rows:
        worth = one.list_cost or Decimal(0)
        known = (one.currency, one.basis, one.caveats, one.cost < 0, worth < 0)
        cost, worths, tokens = found.get(known, (Decimal(0), Decimal(0), 0))
        found[known] = (cost + one.cost, worths + worth, tokens + one.total_tokens)
    return found


def test_what_differs_in_bar_and_day_alone_is_one() -> None:
    """A year of one source is one row; what was given back of it stays apart."""
    days = [row("1", "2", tokens=5)._replace(keys=(("day", f"2026-11-{day:02d}"), ("source", "x"))) for day in (1, 2)]
    (one,) = condensed(days, "day")
    assert (one.cost, one.list_cost, one.output_tokens) == (Decimal(2), Decimal(4), 10)
    given_back = days[0]._replace(cost=Decimal("-1.5"))
    assert sorted(one.cost for one in condensed([*days, given_back], "day")) == [Decimal("-1.5"), Decimal(2)]
