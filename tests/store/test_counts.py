"""Which amount counts for an account: worked by hand first, then whatever hypothesis can think of."""

import random
from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import DAY_S, HOUR_S
from tokentray.model import Basis, Caveat, Rates, caveats_of
from tokentray.money import Femtos, femtos_of_nanos, nanos_from_text
from tokentray.store.counts import count
from tokentray.store.records import NO_TOKENS, Bill, Counted, Feed, Place, Record, Share, Tokens, lay
from tokentray.store.spans import Span, Spans

QUARTER_S = HOUR_S // 4
DAY = 20_778 * DAY_S
"""A midnight in UTC."""
DOLLAR = 10**15
"""In femto-units, and so also the rate at which one token costs a dollar."""
ONE = Rates(DOLLAR, 2 * DOLLAR, DOLLAR // 10, DOLLAR, DOLLAR, 3 * DOLLAR)
"""A dollar for a token in, two for one out, ten cents for a cached one, three dollars for a search."""
OPUS, HAIKU, DATED = 1, 2, 3
CODEX, CLAUDE = 11, 12
SHOP, SITE = 21, 22
ALWAYS = 0
STANDARD, FAST = 0, 1


def usd(text: str) -> Femtos:
    """Dollars, exactly."""
    return femtos_of_nanos(nanos_from_text(text))


def tokens(fresh: int = 0, output: int = 0, *, requests: int = 0, reasoning: int = 0, searches: int = 0) -> Tokens:
    """Counts by kind."""
    return (requests, fresh, output, reasoning, 0, 0, 0, searches)


def log(
    hour: int,
    fresh: int,
    project: int = SHOP,
    *,
    model: int = OPUS,
    tier: int = STANDARD,
    account: int = 1,
    day: int = DAY,
    rates: Rates | None = ONE,
    counts: Tokens | None = None,
    shares: tuple[Share, ...] = (),
) -> Record:
    """A quarter hour of logs that an account pays for."""
    place = Place(model, tier, CODEX, project)
    return Record(
        day + hour * HOUR_S, QUARTER_S, account, place, counts or tokens(fresh, requests=1), rates, "USD", 0, shares
    )


def report(
    hour: int,
    fresh: int,
    *,
    model: int = OPUS,
    tier: int = STANDARD,
    key: str = "",
    account: int = 1,
    width: int = HOUR_S,
    day: int = DAY,
    rates: Rates | None = ONE,
    counts: Tokens | None = None,
) -> Record:
    """A bucket of an account's usage report, which tells no requests unless `counts` does."""
    place = Place(model, tier, key_name=key)
    return Record(day + hour * HOUR_S, width, account, place, counts or tokens(fresh), rates, "USD")


def bill(
    amount: str,
    *,
    model: int = 0,
    item: str = "",
    key: str = "",
    account: int = 1,
    hour: int = 0,
    width: int = DAY_S,
    currency: str = "USD",
    day: int = DAY,
) -> Bill:
    """A bucket of an account's cost report, of the day unless said otherwise."""
    return Bill(day + hour * HOUR_S, width, account, model, usd(amount), currency, item, key)


def billed(until: int = DAY + DAY_S, *, account: int = 1, since: int = ALWAYS, scope: str = "") -> Feed:
    """A cost report up to its watermark."""
    return Feed(account, Basis.BILLED, since, until, scope)


def metered(until: int = DAY + DAY_S, *, account: int = 1, since: int = ALWAYS, scope: str = "") -> Feed:
    """A usage report up to its watermark."""
    return Feed(account, Basis.METERED, since, until, scope)


def cost(parts: Sequence[Counted], currency: str = "USD") -> int:
    """What counts as spend."""
    return sum(part.cost for part in parts if part.currency == currency)


def worth(parts: Sequence[Counted]) -> int:
    """The list cost of whatever has one."""
    return sum(part.list_cost or 0 for part in parts)


def all_tokens(parts: Sequence[Counted]) -> Tokens:
    """Tokens by kind."""
    return tuple(sum(part.tokens[kind] for part in parts) for kind in range(len(NO_TOKENS)))


def by_project(parts: Sequence[Counted]) -> dict[int, tuple[int, int]]:
    """Tokens in and cost by project, 0 for none."""
    return {
        project: (
            sum(part.tokens[1] for part in parts if part.place.project_id == project),
            sum(part.cost for part in parts if part.place.project_id == project),
        )
        for project in {part.place.project_id for part in parts}
    }


def named(part: Counted) -> tuple[Caveat, ...]:
    """The caveats of a part."""
    return caveats_of(part.caveats)


# Laying


def test_ten_over_eight_and_four() -> None:
    """10 × 8/12 = 6.66… and 10 × 4/12 = 3.33…: the last femto goes to the larger remainder, 2/3."""
    assert lay(10 * DOLLAR, [8 * DOLLAR, 4 * DOLLAR]) == ([6_666_666_666_666_667, 3_333_333_333_333_333], 0)


def test_fourteen_over_eight_and_four() -> None:
    """Never above what it is laid over: 8 and 4, and 2 is left."""
    assert lay(14 * DOLLAR, [8 * DOLLAR, 4 * DOLLAR]) == ([8 * DOLLAR, 4 * DOLLAR], 2 * DOLLAR)


@pytest.mark.parametrize(
    ("amount", "rooms", "parts", "left"),
    [
        (0, [8, 4], [0, 0], 0),
        (12, [8, 4], [8, 4], 0),
        (-5, [8, 4], [0, 0], -5),  # a credit belongs to no record
        (5, [], [], 5),
        (5, [0, 0], [0, 0], 5),
        (5, [0, 7, 0], [0, 5, 0], 0),
        (1, [1, 1, 1], [1, 0, 0], 0),  # a tie goes to the earlier one
        (2, [1, 1, 1], [1, 1, 0], 0),
        (10**30 + 1, [10**30, 10**30], [5 * 10**29 + 1, 5 * 10**29], 0),
    ],
)
def test_laying(amount: int, rooms: list[int], parts: list[int], left: int) -> None:
    """Credits, nothing, no room, ties, and numbers far past 64 bits."""
    assert lay(amount, rooms) == (parts, left)


def test_rooms_that_are_only_proportions() -> None:
    """In another currency 14 over 8 and 4 is 9.33 and 4.67: there is no above."""
    assert lay(14 * DOLLAR, [8, 4], capped=False) == ([9_333_333_333_333_333, 4_666_666_666_666_667], 0)


@given(st.integers(-(10**20), 10**20), st.lists(st.integers(0, 10**19), max_size=8), st.booleans())
def test_laid_sums_are_exact(amount: int, rooms: list[int], capped: bool) -> None:
    """Parts and rest make up the amount; each part is its exact share, rounded up or down, within its room."""
    parts, left = lay(amount, rooms, capped=capped)
    assert sum(parts) + left == amount
    whole = sum(rooms)
    shared = amount - left
    if not shared:
        assert not any(parts)
        assert left == amount
    for part, room in zip(parts, rooms, strict=True):
        assert shared * room // max(whole, 1) <= part <= -(-shared * room // max(whole, 1))
        assert part <= room or not capped
    if amount >= 0 and whole:
        assert left == (max(0, amount - whole) if capped else 0)


@given(st.integers(0, 100), st.lists(st.integers(0, 20), max_size=5, unique=True))
def test_the_order_of_rooms_does_not_matter(amount: int, rooms: list[int]) -> None:
    """Rooms of different size each get the same wherever they stand."""
    shares = {tuple(sorted(zip(order, lay(amount, order)[0], strict=True))) for order in permutations(rooms)}
    totals = {sum(part for _, part in share) for share in shares}
    assert len(totals) == 1
    # Only two rooms with one remainder can swap the last unit.
    whole = sum(rooms)
    remainders = [min(amount, whole) * room % whole for room in rooms] if whole else []
    assert len(shares) == 1 or len(set(remainders)) < len(remainders)


# One basis an hour


def test_logs_alone_are_an_estimate() -> None:
    """An account that reports nothing costs what its logs are worth."""
    (part,) = count([log(9, 3)], [], [], [])
    assert (part.cost, part.list_cost, part.basis) == (3 * DOLLAR, 3 * DOLLAR, Basis.ESTIMATED)
    assert part.place.project_id == SHOP
    assert named(part) == ()


def test_bill_then_usage_report_then_logs() -> None:
    """Of three days with logs: the first by its bill, the second by its usage report, the third by its logs."""
    logs = [log(9, 10, day=DAY + n * DAY_S) for n in range(3)]
    reports = [report(9, 12, day=DAY + n * DAY_S) for n in range(2)]
    parts = count(logs, reports, [bill("9")], [billed(), metered(DAY + 2 * DAY_S)])
    spent = {basis: cost([part for part in parts if part.basis is basis]) for basis in Basis}
    assert spent[Basis.BILLED] == 9 * DOLLAR
    assert spent[Basis.METERED] == 12 * DOLLAR
    assert spent[Basis.ESTIMATED] == 10 * DOLLAR
    assert all_tokens(parts)[1] == 12 + 12 + 10
    assert worth(parts) == 34 * DOLLAR


def test_a_report_that_is_complete_and_empty_says_nothing_was_used() -> None:
    """An hour that the usage report covers without a bucket is an hour of no use, whatever logs say; so for a bill."""
    assert count([log(9, 10)], [], [], [metered()]) == []
    (part,) = count([log(9, 10)], [], [], [billed()])
    assert (part.cost, part.list_cost, part.basis) == (0, 10 * DOLLAR, Basis.BILLED)


def test_hours_before_the_watermark_and_after() -> None:
    """The usage report is complete up to 10:20, so 9 o'clock is its own and 10 o'clock still that of the logs."""
    logs = [log(9, 10), log(10, 10)]
    reports = [report(9, 7), report(10, 1)]
    parts = count(logs, reports, [], [metered(DAY + 10 * HOUR_S + 1_200)])
    assert [(part.basis, part.tokens[1], part.cost) for part in sorted(parts)] == [
        (Basis.METERED, 7, 7 * DOLLAR),
        (Basis.ESTIMATED, 10, 10 * DOLLAR),
    ]


def test_before_a_report_begins_the_logs_count() -> None:
    """Covered from 9:30 on: 9 o'clock is not whole, 10 o'clock is."""
    logs = [log(9, 10), log(10, 10)]
    reports = [report(9, 1), report(10, 2)]
    parts = count(logs, reports, [], [metered(since=DAY + 9 * HOUR_S + 1_800)])
    assert [(part.basis, part.tokens[1]) for part in sorted(parts)] == [(Basis.ESTIMATED, 10), (Basis.METERED, 2)]


def test_a_day_that_the_watermark_cuts_is_not_billed_yet() -> None:
    """Figures complete up to 14:32 of a day whose bill is one bucket: the day before counts, this day does not."""
    yesterday = DAY - DAY_S
    bills = [bill("5", day=yesterday), bill("2")]
    logs = [log(9, 8, day=yesterday), log(9, 8)]
    parts = count(logs, [], bills, [billed(DAY + 14 * HOUR_S + 1_920)])
    assert {part.basis: part.cost for part in parts} == {Basis.BILLED: 5 * DOLLAR, Basis.ESTIMATED: 8 * DOLLAR}


def test_a_bill_by_the_hour_counts_hour_by_hour() -> None:
    """Billed up to 10 o'clock: 9 o'clock by the bill, 10 o'clock by the logs."""
    bills = [bill("5", hour=9, width=HOUR_S), bill("1", hour=10, width=HOUR_S)]
    parts = count([log(9, 8), log(10, 8)], [], bills, [billed(DAY + 10 * HOUR_S)])
    assert [(part.basis, part.cost) for part in sorted(parts)] == [
        (Basis.BILLED, 5 * DOLLAR),
        (Basis.ESTIMATED, 8 * DOLLAR),
    ]


def test_a_bill_waits_for_the_usage_report_it_would_cut() -> None:
    """Billed by the hour up to noon, used by the day: a day is never spread over its hours, so it is metered whole."""
    bills = [bill("1", hour=hour, width=HOUR_S) for hour in range(12)]
    parts = count([], [report(0, 30, width=DAY_S)], bills, [billed(DAY + 12 * HOUR_S), metered()])
    assert [(part.basis, part.cost, named(part)) for part in parts] == [
        (Basis.METERED, 30 * DOLLAR, (Caveat.UTC_DAY,)),
    ]
    bills += [bill("1", hour=hour, width=HOUR_S) for hour in range(12, 24)]
    parts = count([], [report(0, 30, width=DAY_S)], bills, [billed(), metered()])
    assert cost(parts) == 24 * DOLLAR
    assert {part.basis for part in parts} == {Basis.BILLED}
    assert all_tokens(parts)[1] == 30


def test_a_day_hour_by_hour() -> None:
    """Nothing that comes late makes today fall; when the bill is complete, the day moves once, to the bill.

    Each hour logs see 2, the usage report, two hours behind, 3 (another machine's 1 included), and the bill, four
    hours behind, 2.50 (a discount). So at hour h today is 3 for each hour reported and 2 for the two since.
    """
    totals = []
    for hour in range(27):
        logs = [log(n, 2) for n in range(min(hour, 24))]
        reports = [report(n, 3) for n in range(min(max(0, hour - 2), 24))]
        feeds = [metered(DAY + max(0, hour - 2) * HOUR_S), billed(DAY)]
        without = cost(count(logs, reports, [], feeds))
        so_far = bill(str(Decimal("2.5") * max(0, hour - 4)))
        totals.append(cost(count(logs, reports, [so_far], feeds)) // DOLLAR)
        assert totals[-1] * DOLLAR == without, "a bill that is not complete changes nothing"
    # 2, 4, then 3 more an hour; at 24 o'clock 22 × 3 + 2 × 2 = 70, at 26 o'clock 24 × 3 = 72.
    assert totals == [0, 2, 4, *range(7, 71, 3), 71, 72]
    assert totals == sorted(totals)
    logs, reports = [log(n, 2) for n in range(24)], [report(n, 3) for n in range(24)]
    (day_before, day_after) = (
        count(logs, reports, [bill("60")], [metered(), billed(until)]) for until in (DAY + DAY_S - 1, DAY + DAY_S)
    )
    assert (cost(day_before), cost(day_after)) == (72 * DOLLAR, 60 * DOLLAR)
    assert worth(day_before) == worth(day_after) == 72 * DOLLAR
    assert all_tokens(day_before) == all_tokens(day_after)


@given(
    st.lists(st.tuples(st.integers(0, 23), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=30),
    st.integers(0, 24),
    st.integers(0, 5_000),
    st.sampled_from([HOUR_S, DAY_S]),
)
def test_a_late_bill_never_moves_today(
    hours: list[tuple[int, int, int]], reported: int, cents: int, width: int
) -> None:
    """Whatever logs and reports know: where anything is known, a bill that is not complete changes nothing."""
    logs = [log(hour, seen + 1) for hour, seen, _ in hours]
    reports = [report(hour, seen) for hour, _, seen in hours if seen and hour < reported]
    feeds = [metered(DAY + reported * HOUR_S), billed(DAY)]
    late = [bill(f"{cents}.5", width=width, hour=hour) for hour in range(0, 24, width // HOUR_S)]
    before, after = count(logs, reports, [], feeds), count(logs, reports, late, feeds)
    assert [part for part in after if part.basis is not Basis.BILLED] == before
    known = {part.start_utc // width for part in before}
    assert cost(after) == cost(before) + sum(one.amount for one in late if one.start_utc // width not in known)


def test_a_report_past_its_watermark_counts_where_it_says_more() -> None:
    """The provider already knows 5 of an hour in which logs saw 2, and 1 of one in which they saw 2."""
    logs = [log(9, 2), log(10, 2)]
    reports = [report(9, 5), report(10, 1)]
    parts = count(logs, reports, [], [metered(DAY)])
    assert {
        basis: cost([part for part in parts if part.basis is basis]) for basis in {part.basis for part in parts}
    } == {
        Basis.METERED: 5 * DOLLAR,
        Basis.ESTIMATED: 2 * DOLLAR,
    }
    assert all_tokens(parts)[1] == 7
    for part in parts:
        assert named(part) == ((Caveat.PARTIAL_DAY,) if part.basis is Basis.METERED else ())


@given(st.lists(st.tuples(st.integers(0, 95), st.integers(0, 9), st.integers(0, 9)), max_size=40), st.integers(0, 24))
def test_today_never_falls_while_logs_and_reports_grow(seen: list[tuple[int, int, int]], upto: int) -> None:
    """Call by call, to logs first or to the report first: past the watermark today only ever rises."""
    before = 0
    for length in range(len(seen) + 1):
        logs = [log(0, logged, day=DAY + quarter * QUARTER_S) for quarter, logged, _ in seen[:length] if logged]
        told: dict[int, int] = {}
        for quarter, _, reported in seen[:length]:
            told[quarter // 4] = told.get(quarter // 4, 0) + reported
        reports = [report(hour, fresh) for hour, fresh in told.items() if fresh]
        total = cost(count(logs, reports, [], [metered(DAY)]))
        assert total >= before
        before = total
        complete = cost(count(logs, reports, [], [metered(DAY + upto * HOUR_S)]))
        assert complete <= total or upto


# Late bills and what is left


def test_a_late_bill_counts_where_nothing_else_is_known() -> None:
    """Its tokens are not reported, and the day is not over."""
    (part,) = count([], [], [bill("3", model=OPUS)], [billed(DAY)])
    assert (part.cost, part.tokens, part.list_cost) == (3 * DOLLAR, NO_TOKENS, None)
    assert part.place == Place(OPUS)
    assert set(named(part)) == {Caveat.PARTIAL_DAY, Caveat.UTC_DAY, Caveat.TOKENS_NOT_REPORTED}


@pytest.mark.parametrize("other", [log(23, 1), report(23, 1), report(0, 1, width=DAY_S)])
def test_a_late_bill_gives_way_to_anything_else(other: Record) -> None:
    """Were it the last quarter hour of the day, and seen by logs or report alone."""
    logs, reports = ([other], []) if other.place.agent_id else ([], [other])
    parts = count(logs, reports, [bill("3")], [billed(DAY), metered(DAY)])
    assert cost(parts) == DOLLAR
    assert {part.basis for part in parts} <= {Basis.ESTIMATED, Basis.METERED}


def test_a_late_bill_of_an_hour_gives_way_to_a_report_of_the_day() -> None:
    """Also where the report's bucket began long before the bill's."""
    parts = count([], [report(0, 7, width=DAY_S)], [bill("3", hour=20, width=HOUR_S)], [billed(DAY), metered(DAY)])
    assert cost(parts) == 7 * DOLLAR


def test_what_is_left_of_a_bill_stands_alone() -> None:
    """A bill of 14 over records of 8 and 4: 2 without project, session or tokens, still with its model."""
    logs = [log(9, 8, SHOP), log(10, 4, SITE)]
    parts = count(logs, [], [bill("14", model=OPUS)], [billed()])
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), SITE: (4, 4 * DOLLAR), 0: (0, 2 * DOLLAR)}
    (left,) = [part for part in parts if not part.place.project_id]
    assert left.place == Place(OPUS)
    assert left.tokens == NO_TOKENS
    assert left.list_cost is None
    assert named(left) == (Caveat.UTC_DAY, Caveat.BILL_DIFFERS)
    assert (left.start_utc, left.width_s) == (DAY, DAY_S)


def test_a_bill_below_list_price_is_shared_in_proportion() -> None:
    """10 over 8 and 4: 6.67 and 3.33; list cost stays what it was."""
    parts = count([log(9, 8, SHOP), log(10, 4, SITE)], [], [bill("10")], [billed()])
    assert by_project(parts) == {SHOP: (8, 6_666_666_666_666_667), SITE: (4, 3_333_333_333_333_333)}
    assert worth(parts) == 12 * DOLLAR


def test_a_bill_without_records_says_so() -> None:
    """Complete, but no tokens are known: the money counts, and what it bought is not reported."""
    (part,) = count([], [], [bill("3")], [billed()])
    assert part.cost == 3 * DOLLAR
    assert set(named(part)) == {Caveat.UTC_DAY, Caveat.TOKENS_NOT_REPORTED}


# Kinds of bills


def test_a_bill_by_model() -> None:
    """Each over the records of its own model: 4 over 8 and 2 over 1, so 1 is left of the second."""
    logs = [log(9, 8, SHOP), log(9, 1, SITE, model=HAIKU)]
    parts = count(logs, [], [bill("4", model=OPUS), bill("2", model=HAIKU)], [billed()])
    assert by_project(parts) == {SHOP: (8, 4 * DOLLAR), SITE: (1, DOLLAR), 0: (0, DOLLAR)}
    (left,) = [part for part in parts if not part.place.project_id]
    assert left.place.model_id == HAIKU


def test_bills_with_a_model_come_before_those_without() -> None:
    """4 for one model leaves room for 4 there and 8 elsewhere: 6 more go 2 and 4."""
    logs = [log(9, 8, SHOP), log(9, 8, SITE, model=HAIKU)]
    parts = count(logs, [], [bill("6"), bill("4", model=OPUS)], [billed()])
    assert by_project(parts) == {SHOP: (8, 6 * DOLLAR), SITE: (8, 4 * DOLLAR)}


def test_searches_and_fees_stand_alone() -> None:
    """What is no model's use is laid over nothing, and has no tokens that could be missing."""
    parts = count([log(9, 8)], [], [bill("3", item="web search"), bill("8", model=OPUS)], [billed()])
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (0, 3 * DOLLAR)}
    (fee,) = [part for part in parts if not part.place.project_id]
    assert named(fee) == (Caveat.UTC_DAY,)
    (late,) = count([], [], [bill("3", item="web search")], [billed(DAY)])
    assert set(named(late)) == {Caveat.UTC_DAY, Caveat.PARTIAL_DAY}


KIN = {DATED: OPUS}


def test_a_model_that_the_bill_calls_by_a_longer_name() -> None:
    """Logs have one name for it, the books another: the bill of 14 is laid over the logs' 8, and goes no further. What
    goes by the bill's own name comes first.
    """
    parts = count([log(9, 8)], [], [bill("14", model=DATED)], [billed()], KIN)
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (0, 6 * DOLLAR)}
    logs = [log(9, 8, SHOP), log(9, 4, SITE, model=DATED), log(9, 4, SITE, model=HAIKU)]
    parts = count(logs, [], [bill("6", model=DATED)], [billed()], KIN)
    assert by_project(parts) == {SHOP: (8, 2 * DOLLAR), SITE: (8, 4 * DOLLAR)}
    parts = count([log(9, 8)], [], [bill("6", model=DATED), bill("4", model=OPUS)], [billed()], KIN)
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (0, 2 * DOLLAR)}


def test_a_usage_report_that_calls_a_model_by_a_longer_name() -> None:
    """It explains the logs all the same, under its own name, by which the bill finds them."""
    reports = [report(9, 10, model=DATED)]
    parts = count([log(9, 8)], reports, [], [metered()], KIN)
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (2, 2 * DOLLAR)}
    assert {part.place.model_id for part in parts} == {DATED}
    parts = count([log(9, 8)], reports, [bill("5", model=DATED)], [billed(), metered()], KIN)
    assert by_project(parts) == {SHOP: (8, 4 * DOLLAR), 0: (2, DOLLAR)}
    # Logs by the report's own name are explained first.
    logs = [log(9, 8, SHOP), log(9, 9, SITE, model=DATED)]
    assert by_project(count(logs, reports, [], [metered()], KIN)) == {SITE: (9, 9 * DOLLAR), SHOP: (1, DOLLAR)}


def test_a_bill_by_key() -> None:
    """Over the records of that key and over logs, which name none; never over another key's."""
    reports = [report(9, 4, key="ci"), report(9, 4, key="mine")]
    parts = count([], reports, [bill("6", key="ci"), bill("1", key="mine")], [billed(), metered()])
    assert {key: cost([part for part in parts if part.place.key_name == key]) for key in ("ci", "mine", "")} == {
        "ci": 6 * DOLLAR,
        "mine": DOLLAR,
        "": 0,
    }
    assert sum(part.cost for part in parts if not any(part.tokens)) == 2 * DOLLAR
    parts = count([log(9, 8)], [], [bill("6", key="ci")], [billed()])
    assert by_project(parts) == {SHOP: (8, 6 * DOLLAR)}


def test_a_bill_in_another_currency() -> None:
    """14 euros over list costs of 8 and 4 dollars: proportions only, nothing left, list cost still in dollars."""
    logs = [log(9, 8, SHOP), log(9, 4, SITE)]
    parts = count(logs, [], [bill("14", currency="EUR")], [billed()])
    assert by_project(parts) == {SHOP: (8, 9_333_333_333_333_333), SITE: (4, 4_666_666_666_666_667)}
    assert {part.currency for part in parts} == {"EUR"}
    assert {part.list_currency for part in parts} == {"USD"}
    assert worth(parts) == 12 * DOLLAR


def test_a_bill_in_two_currencies() -> None:
    """Each currency whole; the tokens and their list cost once."""
    bills = [bill("6", currency="EUR"), bill("3", currency="USD")]
    parts = count([log(9, 8, SHOP), log(9, 4, SITE)], [], bills, [billed()])
    assert (cost(parts, "EUR"), cost(parts)) == (6 * DOLLAR, 3 * DOLLAR)
    assert all_tokens(parts)[1] == 12
    assert worth(parts) == 12 * DOLLAR


def test_a_credit_is_left_whole() -> None:
    """Less than nothing belongs to no record: a row of its own that lowers the total."""
    parts = count([log(9, 8)], [], [bill("8"), bill("-3")], [billed()])
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (0, -3 * DOLLAR)}
    assert cost(parts) == 5 * DOLLAR


def test_several_bills_never_go_above_the_list_cost() -> None:
    """10 and 10 over 12: 12 on the records, 8 left."""
    logs = [log(9, 8, SHOP), log(9, 4, SITE)]
    parts = count(logs, [], [bill("10", model=OPUS), bill("10")], [billed()])
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), SITE: (4, 4 * DOLLAR), 0: (0, 8 * DOLLAR)}


def test_a_bill_over_an_unpriced_model() -> None:
    """There is no list cost to share by: the bill stands alone, the tokens beside it without a price."""
    parts = count([log(9, 8, rates=None)], [], [bill("3")], [billed()])
    assert by_project(parts) == {SHOP: (8, 0), 0: (0, 3 * DOLLAR)}
    assert {part.list_cost for part in parts} == {None}
    assert not any(Caveat.TOKENS_NOT_REPORTED in named(part) for part in parts)
    # Beside a priced one, that takes what it is worth.
    logs = [log(9, 8, rates=None), log(9, 2, SITE, model=HAIKU)]
    parts = count(logs, [], [bill("3", currency="EUR")], [billed()])
    assert cost(parts, "EUR") == 3 * DOLLAR
    assert {part.place.project_id for part in parts if part.cost} == {SITE}
    # What has no price has no currency either: list prices here are in euros, so 2 is as much as there is room for.
    logs[1] = logs[1]._replace(currency="EUR")
    parts = count(logs, [], [bill("3", currency="EUR")], [billed()])
    assert by_project(parts) == {SHOP: (8, 0), SITE: (2, 2 * DOLLAR), 0: (0, DOLLAR)}


# A usage report over logs


def test_a_usage_report_over_logs() -> None:
    """10 reported where logs know of 4 and 3: projects from the logs, 3 without one, and 10 in all."""
    parts = count([log(9, 4, SHOP), log(9, 3, SITE)], [report(9, 10)], [], [metered()])
    assert by_project(parts) == {SHOP: (4, 4 * DOLLAR), SITE: (3, 3 * DOLLAR), 0: (3, 3 * DOLLAR)}
    assert {part.basis for part in parts} == {Basis.METERED}


def test_logs_that_say_more_than_the_report() -> None:
    """6 reported where logs saw 8 and 4: 4 and 2, in tokens as in money."""
    parts = count([log(9, 8, SHOP), log(9, 4, SITE)], [report(9, 6)], [], [metered()])
    assert by_project(parts) == {SHOP: (4, 4 * DOLLAR), SITE: (2, 2 * DOLLAR)}
    assert worth(parts) == 6 * DOLLAR


def test_each_kind_of_token_is_the_report_s() -> None:
    """In 10, out 2, one search reported; logs saw in 4, out 5: 4 and 2 are theirs, the rest stands alone."""
    logs = [log(9, 0, counts=tokens(4, 5, requests=3, reasoning=4))]
    parts = count(logs, [report(9, 0, counts=tokens(10, 2, searches=1))], [], [metered()])
    assert all_tokens(parts) == tokens(10, 2, requests=3, reasoning=2, searches=1)
    # The report tells no requests, so they are the logs'; nor reasoning, which is never more than the output.
    (explained,) = [part for part in parts if part.place.project_id]
    assert explained.tokens == tokens(4, 2, requests=3, reasoning=2)
    assert explained.cost == 8 * DOLLAR  # 4 × 1 + 2 × 2
    assert cost(parts) == 17 * DOLLAR  # 10 × 1 + 2 × 2 + 1 × 3


def test_requests_that_the_report_tells_are_the_report_s() -> None:
    """Five reported where logs saw three."""
    logs = [log(9, 0, counts=tokens(4, requests=3))]
    parts = count(logs, [report(9, 0, counts=tokens(4, requests=5))], [], [metered()])
    assert all_tokens(parts) == tokens(4, requests=5)


def test_a_report_by_key_keeps_its_keys() -> None:
    """5 of one key and 5 of another over logs of 8: each key sums to 5, the project to 8."""
    parts = count([log(9, 8)], [report(9, 5, key="ci"), report(9, 5, key="mine")], [], [metered()])
    assert {key: cost([part for part in parts if part.place.key_name == key]) for key in ("ci", "mine")} == {
        "ci": 5 * DOLLAR,
        "mine": 5 * DOLLAR,
    }
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (2, 2 * DOLLAR)}


def test_a_report_by_tier_finds_the_logs_of_that_tier_first() -> None:
    """Standard and fast in both: each to its own. Where logs know no better, a fast report takes standard logs."""
    logs = [log(9, 8, SHOP), log(9, 4, SITE, tier=FAST)]
    parts = count(logs, [report(9, 4, tier=FAST), report(9, 8)], [], [metered()])
    assert {(part.place.project_id, part.place.tier): part.tokens[1] for part in parts} == {
        (SHOP, STANDARD): 8,
        (SITE, FAST): 4,
    }
    (part,) = count([log(9, 8)], [report(9, 6, tier=FAST)], [], [metered()])
    assert (part.place.project_id, part.place.tier, part.tokens[1]) == (SHOP, FAST, 6)


def test_a_report_of_another_model_does_not_explain_logs() -> None:
    """The hour is the report's alone: the logs' tokens do not come on top of it."""
    (part,) = count([log(9, 8)], [report(9, 5, model=HAIKU)], [], [metered()])
    assert (part.place.model_id, part.place.project_id, part.tokens[1]) == (HAIKU, 0, 5)


def test_a_usage_report_by_the_day() -> None:
    """Laid over the logs of that UTC day, which keep their quarter hours; the rest stands on the day itself."""
    parts = sorted(count([log(0, 2), log(23, 3, SITE)], [report(0, 9, width=DAY_S)], [], [metered()]))
    assert [(part.start_utc - DAY, part.width_s, part.tokens[1]) for part in parts] == [
        (0, QUARTER_S, 2),
        (0, DAY_S, 4),
        (23 * HOUR_S, QUARTER_S, 3),
    ]
    assert [named(part) for part in parts] == [(), (Caveat.UTC_DAY,), ()]


def test_a_usage_report_by_the_minute() -> None:
    """Finer than logs are counted: laid over the logs of its quarter hour, all the same."""
    reports = [report(9, 3, day=DAY + minute * 60, width=60) for minute in range(3)]
    parts = count([log(9, 8)], reports, [], [metered()])
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (1, DOLLAR)}


def test_an_unpriced_report_over_logs() -> None:
    """Its tokens are counted and stay unpriced."""
    parts = count([log(9, 4, rates=None)], [report(9, 6, rates=None)], [], [metered()])
    assert by_project(parts) == {SHOP: (4, 0), 0: (2, 0)}
    assert {part.list_cost for part in parts} == {None}


def test_a_bill_over_a_usage_report_over_logs() -> None:
    """Reported 12 (logs know 8 of it), billed 6: half of the list price everywhere."""
    parts = count([log(9, 8)], [report(9, 12)], [bill("6")], [billed(), metered()])
    assert by_project(parts) == {SHOP: (8, 4 * DOLLAR), 0: (4, 2 * DOLLAR)}
    assert worth(parts) == 12 * DOLLAR
    assert {part.basis for part in parts} == {Basis.BILLED}


# Sessions


def test_sessions_share_what_their_record_comes_to() -> None:
    """Two sessions of 5 and 3 whose hour the report puts at 4: 2.5 and 1.5, so 3 and 1 by the larger remainder."""
    shares = (Share(31, 41, tokens(5, requests=2)), Share(32, 41, tokens(3, requests=1)))
    one = log(9, 0, counts=tokens(8, requests=3), shares=shares)
    parts = sorted(count([one], [report(9, 4)], [], [metered()]), key=lambda part: part.place)
    # A tie of .5 and .5 goes to the first.
    assert [(part.place.session_id, part.place.machine_id, part.tokens[1]) for part in parts] == [
        (31, 41, 3),
        (32, 41, 1),
    ]
    assert [part.tokens[0] for part in parts] == [2, 1]
    assert cost(parts) == 4 * DOLLAR
    parts = sorted(count([one], [], [bill("4")], [billed()]), key=lambda part: part.place)
    assert [part.cost for part in parts] == [usd("2.5"), usd("1.5")]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6),
    st.integers(0, 60),
    st.integers(-500, 5_000),
    st.sampled_from(["USD", "EUR"]),
    st.booleans(),
    st.booleans(),
)
def test_sessions_add_up_to_their_projects(
    sessions: list[tuple[int, int, int]], reported: int, cents: int, currency: str, by_bill: bool, by_report: bool
) -> None:
    """Looked at by session or not, each project costs the same to the femto and has the same tokens."""
    logs = []
    for project in (SHOP, SITE):
        parts = [
            Share(number, 1, tokens(fresh, output, requests=1, reasoning=output // 2))
            for number, (shift, fresh, output) in enumerate(sessions)
            if (shift + project) % 2
        ]
        if parts:
            whole = tuple(sum(share.tokens[kind] for share in parts) for kind in range(8))
            logs.append(log(9, 0, project, counts=whole, shares=tuple(parts)))
    reports = [report(9, 0, counts=tokens(reported, reported // 3))] if by_report else []
    bills = [bill(f"{cents / 100:.2f}", currency=currency)] if by_bill else []
    feeds = [billed(), metered()]
    feeds = feeds[not by_bill : 1 + by_report]
    split = count(logs, reports, bills, feeds)
    plain = count([one._replace(shares=()) for one in logs], reports, bills, feeds)

    def sums(parts: Sequence[Counted]) -> dict[tuple[int, str], tuple[object, ...]]:
        keys = {(part.place.project_id, part.currency) for part in parts}
        grouped = {
            key: [part for part in parts if (part.place.project_id, part.currency) == key] for key in sorted(keys)
        }
        return {key: (cost(own, key[1]), all_tokens(own), worth(own)) for key, own in grouped.items()}

    assert sums(split) == sums(plain)


# Accounts that see the same


def test_two_accounts_of_one_organisation_count_once() -> None:
    """Both are billed for the same day: the first counts, the other only says that it was seen elsewhere."""
    bills = [bill("6", model=OPUS, account=1), bill("6", model=OPUS, account=2)]
    feeds = [billed(account=1, scope="org"), billed(account=2, scope="org")]
    parts = count([], [], bills, feeds)
    assert cost(parts) == 6 * DOLLAR
    (other,) = [part for part in parts if part.account == 2]
    assert (other.cost, other.tokens, other.list_cost) == (0, NO_TOKENS, None)
    assert Caveat.SEEN_ELSEWHERE in named(other)
    assert not any(Caveat.SEEN_ELSEWHERE in named(part) for part in parts if part.account == 1)


@pytest.mark.parametrize(("better", "other"), [(1, 2), (2, 1)])
def test_the_better_basis_counts(better: int, other: int) -> None:
    """One account is billed, the other only metered: bill, tokens and all stand with the one that is billed."""
    feeds = [billed(account=better, scope="org"), metered(account=other, scope="org")]
    parts = count([], [report(9, 8, account=other)], [bill("6", account=better)], feeds)
    spent = {account: cost([part for part in parts if part.account == account]) for account in (better, other)}
    assert spent == {better: 6 * DOLLAR, other: 0}
    assert all_tokens([part for part in parts if part.account == better])[1] == 8
    (side,) = [part for part in parts if part.account == other]
    assert named(side) == (Caveat.SEEN_ELSEWHERE,)
    assert side.tokens == NO_TOKENS
    assert worth(parts) == 8 * DOLLAR


def test_accounts_that_see_the_same_at_different_times() -> None:
    """The first is metered up to noon, the second for the whole day: each hour from one of them, none from both."""
    noon = DAY + 12 * HOUR_S
    reports = [report(hour, 3, account=account) for hour in (9, 15) for account in (1, 2)]
    feeds = [metered(noon, account=1, scope="org"), metered(account=2, scope="org")]
    parts = count([], reports, [], feeds)
    assert cost(parts) == 6 * DOLLAR
    assert [(part.account, part.start_utc // HOUR_S % 24) for part in sorted(parts) if part.cost] == [(1, 9), (2, 15)]
    other = [(part.account, part.start_utc // HOUR_S % 24, named(part)) for part in sorted(parts) if not part.cost]
    assert other == [(2, 9, (Caveat.SEEN_ELSEWHERE,)), (1, 15, (Caveat.SEEN_ELSEWHERE,))]


def test_a_day_is_not_cut_where_one_account_s_bills_end() -> None:
    """One is billed by the hour up to noon, the other by the day: noon cuts that day, so the rest is left to logs."""
    noon = DAY + 12 * HOUR_S
    bills = [bill("1", hour=hour, width=HOUR_S, account=1) for hour in range(12)] + [bill("20", account=2)]
    feeds = [billed(noon, account=1, scope="org"), billed(account=2, scope="org")]
    parts = count([log(9, 5), log(15, 7)], [], bills, feeds)
    assert cost(parts) == (12 + 7) * DOLLAR
    assert {part.account for part in parts if Caveat.SEEN_ELSEWHERE in named(part)} == {2}


def test_late_bills_of_two_accounts_count_once() -> None:
    """Nothing else is known of the day, and both accounts see it: one bill, not two."""
    bills = [bill("3", account=1), bill("3", account=2)]
    feeds = [billed(DAY, account=1, scope="org"), billed(DAY, account=2, scope="org")]
    parts = count([], [], bills, feeds)
    assert cost(parts) == 3 * DOLLAR
    assert {part.account for part in parts if Caveat.SEEN_ELSEWHERE in named(part)} == {2}


def test_late_usage_reports_of_two_accounts_count_once() -> None:
    """Past both watermarks, too."""
    feeds = [metered(DAY, account=1, scope="org"), metered(DAY, account=2, scope="org")]
    parts = count([], [report(9, 3, account=account) for account in (1, 2)], [], feeds)
    assert cost(parts) == 3 * DOLLAR


def test_late_usage_reports_of_two_accounts_are_not_added_up() -> None:
    """Neither says more than the logs do: 3 and 3 are the same 3, and no 6 against 5."""
    feeds = [metered(DAY, account=1, scope="org"), metered(DAY, account=2, scope="org")]
    parts = count([log(9, 5)], [report(9, 3, account=account) for account in (1, 2)], [], feeds)
    assert [(part.cost, part.basis) for part in parts] == [(5 * DOLLAR, Basis.ESTIMATED)]


def test_logs_of_one_account_billed_by_the_other() -> None:
    """The rule names the second account, the bill comes from the first: laid over those logs, once."""
    feeds = [billed(account=1, scope="org"), metered(account=2, scope="org")]
    parts = count([log(9, 8, account=2)], [report(9, 8, account=2)], [bill("6", account=1)], feeds)
    assert cost(parts) == 6 * DOLLAR
    assert by_project(parts)[SHOP] == (8, 6 * DOLLAR)


@pytest.mark.parametrize("accounts", list(permutations((1, 2, 3))))
def test_scopes_join_accounts_through_a_third(accounts: tuple[int, int, int]) -> None:
    """One sees in bills what the second sees, and in use what the third sees: all three are one."""
    admin, other, own = accounts
    bills = [bill("5", account=admin), bill("5", account=other)]
    reports = [report(9, 5, account=admin), report(9, 5, account=own)]
    feeds = [
        billed(account=admin, scope="user"),
        metered(account=admin, scope="org"),
        billed(account=other, scope="user"),
        metered(account=own, scope="org"),
    ]
    assert cost(count([], reports, bills, feeds)) == 5 * DOLLAR


def test_accounts_that_see_different_things_add_up() -> None:
    """Without a scope in common nothing is held against the other."""
    feeds = [billed(account=1, scope="org"), billed(account=2), billed(account=3, scope="user")]
    parts = count([], [], [bill("1", account=account) for account in (1, 2, 3)], feeds)
    assert cost(parts) == 3 * DOLLAR
    assert not any(Caveat.SEEN_ELSEWHERE in named(part) for part in parts)


# Exactness


def test_nothing_passes_through_a_float() -> None:
    """10¹⁵ tokens at 75 dollars a million, metered and logged, and bills of 10¹⁷ nano-units, to the last femto."""
    rates = Rates(75 * 10**9, 75 * 10**9, 1, 1, 1)
    logs = [log(9, 10**15 + 1, rates=rates)]
    reports = [report(9, 10**15 + 8, rates=rates)]
    # (10¹⁵ + 1) × 75 ÷ 10⁶ dollars, which is 75,000,000,000.000075.
    assert cost(count(logs, [], [], [])) == Decimal("75000000000.000075").scaleb(15)
    parts = count(logs, reports, [], [metered()])
    assert cost(parts) == Decimal("75000000000.0006").scaleb(15)
    assert by_project(parts)[0] == (7, usd("0.000525"))
    bills = [Bill(DAY, DAY_S, 1, 0, Femtos((10**17 + number) * 10**6), "USD", str(number)) for number in range(3)]
    parts = count(logs, reports, bills, [billed(), metered()])
    assert cost(parts) == (3 * 10**17 + 3) * 10**6
    bills = [one._replace(item="", key_name=one.item) for one in bills]
    parts = count(logs, reports, bills, [billed(), metered()])
    assert cost(parts) == (3 * 10**17 + 3) * 10**6
    assert all_tokens(parts)[1] == 10**15 + 8


# Anything at all

HOURS = st.integers(0, 47)
ACCOUNTS = st.integers(1, 3)


def at(hour: int, width: int) -> int:
    """The start of a bucket of that width."""
    return (DAY + hour * HOUR_S) // width * width


@st.composite
def everything(draw: st.DrawFn) -> tuple[list[Record], list[Record], list[Bill], list[Feed]]:
    """Logs, usage reports, bills and feeds of up to three accounts over two days.

    Each record has its own power of two of tokens and each bill of femtos, so that a sum says what was counted.
    """
    bit = iter(range(10**6))
    rates = st.sampled_from([ONE, Rates(1, 1, 1, 1, 1), None])
    logs = [
        Record(
            at(hour, HOUR_S) + QUARTER_S * quarter, QUARTER_S, account,
            Place(model, tier, CODEX, project), tokens(2 ** next(bit)), price, "USD",
        )
        for hour, quarter, account, model, tier, project, price in draw(
            st.lists(
                st.tuples(HOURS, st.integers(0, 3), ACCOUNTS, st.integers(1, 2), st.integers(0, 1),
                          st.sampled_from([SHOP, SITE]), rates),
                max_size=8,
            )
        )
    ]  # fmt: skip
    reports = [
        Record(
            at(hour, width), width, account, Place(model, tier, key_name=key), tokens(2 ** next(bit)), price, "USD"
        )
        for hour, width, account, model, tier, key, price in draw(
            st.lists(
                st.tuples(HOURS, st.sampled_from([60, 900, HOUR_S, DAY_S]), ACCOUNTS, st.integers(1, 2),
                          st.integers(0, 1), st.sampled_from(["", "ci"]), rates),
                max_size=8,
            )
        )
    ]  # fmt: skip
    bills = [
        Bill(at(hour, width), width, account, model, Femtos(2 ** (100 + next(bit))), currency, item, key)
        for hour, width, account, model, currency, item, key in draw(
            st.lists(
                st.tuples(HOURS, st.sampled_from([60, HOUR_S, DAY_S]), ACCOUNTS, st.integers(0, 2),
                          st.sampled_from(["USD", "EUR"]), st.sampled_from(["", "searches"]),
                          st.sampled_from(["", "ci"])),
                max_size=8,
            )
        )
    ]  # fmt: skip
    feeds = {
        (account, basis): Feed(account, basis, DAY + min(begin, end) * 1_000, DAY + max(begin, end) * 1_000, scope)
        for account, basis, begin, end, scope in draw(
            st.lists(
                st.tuples(ACCOUNTS, st.sampled_from([Basis.BILLED, Basis.METERED]), st.integers(-5, 180),
                          st.integers(-5, 180), st.sampled_from(["", "org", "user"])),
                max_size=5,
            )
        )
    }  # fmt: skip
    return logs, reports, bills, list(feeds.values())


def scoped(feeds: Sequence[Feed]) -> dict[int, frozenset[int]]:
    """Each account with all that see the same as it does."""
    same = {account: frozenset([account]) for account in (1, 2, 3)}
    for _ in range(3):
        for one, other in combinations(feeds, 2):
            if one.scope and one.scope == other.scope:
                union = same[one.account] | same[other.account]
                same.update(dict.fromkeys(union, union))
    return same


def overlap(one: Record | Bill | Span, other: Record | Bill | Span) -> bool:
    """Whether two buckets have any time in common."""
    return one.start_utc < other.end_utc and other.start_utc < one.end_utc


@settings(deadline=None, max_examples=400)
@given(everything(), st.randoms(use_true_random=False))
def test_whatever_there_is_counts_once(
    what: tuple[list[Record], list[Record], list[Bill], list[Feed]], shuffler: random.Random
) -> None:
    """Each report, log and bill counts whole or not at all, no time counts by two of them, and order is nothing."""
    logs, reports, bills, feeds = what
    parts = count(logs, reports, bills, feeds)
    shuffled = [list(rows) for rows in (logs, reports, bills, feeds)]
    for rows in shuffled:
        shuffler.shuffle(rows)
    assert count(*shuffled) == parts  # type: ignore[arg-type]  # a list of four different lists

    total = all_tokens(parts)[1]
    counted = [one for one in (*logs, *reports) if total & one.tokens[1]]
    assert sum(one.tokens[1] for one in counted) == total, "whole or not at all, and nothing else"
    by_bill = [one for one in bills if cost_of_bills(parts, one.currency) & one.amount]
    for currency in ("USD", "EUR"):
        own = [one.amount for one in by_bill if one.currency == currency]
        assert sum(own) == cost_of_bills(parts, currency)

    same = scoped(feeds)
    told = [one for one in counted if one in reports]
    seen = [one for one in counted if one in logs]
    for one in told:
        assert not any(overlap(one, other) for other in seen if other.account in same[one.account])
        assert not any(
            overlap(one, other) for other in told if other.account in same[one.account] and other.account != one.account
        )
    for first, second in combinations(by_bill, 2):
        if second.account in same[first.account] and second.account != first.account:
            assert not overlap(first, second)
    for one in logs:
        if one not in seen:
            assert any(overlap(one, other) for other in told if other.account in same[one.account]) or any(
                feed.basis is Basis.METERED
                and feed.covered_from_utc <= one.start_utc
                and one.end_utc <= feed.complete_to_utc
                for feed in feeds
                if feed.account in same[one.account]
            )

    free = [part for part in parts if part.basis is not Basis.BILLED]
    assert all(part.cost == (part.list_cost or 0) for part in free)
    assert worth(parts) == sum(one.list_cost or 0 for one in counted)
    for part in parts:
        if part.basis is Basis.BILLED and any(part.tokens) and part.currency == "USD":
            assert part.cost <= (part.list_cost or 0)
        if Caveat.SEEN_ELSEWHERE in named(part):
            assert (part.cost, part.tokens) == (0, NO_TOKENS)
            assert len(same[part.account]) > 1
        assert (Caveat.UTC_DAY in named(part)) == (part.width_s == DAY_S)


def cost_of_bills(parts: Sequence[Counted], currency: str) -> int:
    """What bills come to in a currency."""
    return cost([part for part in parts if part.basis is Basis.BILLED], currency)


@given(everything())
def test_accounts_apart_are_counted_apart(what: tuple[list[Record], list[Record], list[Bill], list[Feed]]) -> None:
    """Without scopes, all accounts together are the sum of each by itself."""
    logs, reports, bills, feeds = what
    feeds = [feed._replace(scope="") for feed in feeds]
    alone = [
        part
        for account in (1, 2, 3)
        for part in count(
            [one for one in logs if one.account == account],
            [one for one in reports if one.account == account],
            [one for one in bills if one.account == account],
            [one for one in feeds if one.account == account],
        )
    ]
    assert alone == count(logs, reports, bills, feeds)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 5)), max_size=8), st.integers(0, 45), st.integers(1, 6))
def test_spans_are_found_like_one_would_by_looking_at_all(raw: list[tuple[int, int]], start: int, width: int) -> None:
    """Those that a bucket meets, by search and by comparing with every one."""
    spans: list[Span] = []
    for begin, length in raw:
        span = Span(begin, begin + length, len(spans))
        if not any(overlap(span, other) for other in spans):
            spans.append(span)
    bucket = Span(start, start + width, 0)
    assert list(Spans(spans).meeting(bucket)) == sorted(span for span in spans if overlap(span, bucket))
    grown = Spans()
    for span in spans:
        grown.add(span)
    assert list(grown.meeting(bucket)) == sorted(span for span in spans if overlap(span, bucket))
