"""Which amount counts where one account sees a part of what another does, and for money that is of no bucket."""

import random
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.test_counts import (
    CODEX,
    DAY,
    DOLLAR,
    ONE,
    OPUS,
    QUARTER_S,
    SHOP,
    SITE,
    all_tokens,
    bill,
    billed,
    by_project,
    cost,
    log,
    metered,
    named,
    report,
    tokens,
    usd,
    worth,
)
from tokentray.clock import DAY_S, HOUR_S
from tokentray.model import Basis, Caveat
from tokentray.money import Femtos
from tokentray.store.counts import count
from tokentray.store.records import NO_TOKENS, Bill, Counted, Feed, Place, Record
from tokentray.store.spans import Bucket

NIGHT = DAY + DAY_S - HOUR_S
"""An hour before a UTC midnight."""
ADMIN, MINE, OTHER = 1, 2, 3


def drop(amount: str, start: int, hours: int, *, account: int = 1, model: int = 0) -> Bill:
    """What a balance fell by between two looks."""
    return Bill(start, hours * HOUR_S, account, model, usd(amount), "USD", interval=True)


def counter(until: int, *, since: int = DAY, account: int = 1, scope: str = "") -> Feed:
    """A balance that is looked at again and again."""
    return Feed(account, Basis.BILLED, since, until, scope, QUARTER_S)


def basis_cost(parts: Sequence[Counted]) -> dict[Basis, int]:
    """Dollars by basis."""
    return {
        basis: cost([part for part in parts if part.basis is basis]) // DOLLAR for basis in {one.basis for one in parts}
    }


# Intervals


def test_a_balance_that_fell_overnight_is_laid_over_the_logs_of_that_time() -> None:
    """10 from eleven to seven, over calls of 8 at midnight and 4 at two: 6.67 and 3.33; what is outside is not billed
    by it.
    """
    logs = [log(23, 8), log(26, 4, SITE), log(32, 5)]
    parts = count(logs, [], [drop("10", NIGHT, 8)], [counter(NIGHT + 8 * HOUR_S)])
    assert by_project([part for part in parts if part.basis is Basis.BILLED]) == {
        SHOP: (8, 6_666_666_666_666_667),
        SITE: (4, 3_333_333_333_333_333),
    }
    assert basis_cost(parts)[Basis.ESTIMATED] == 5
    assert not any(part.interval for part in parts)


def test_what_is_left_of_an_interval_is_marked_as_of_no_bucket() -> None:
    """14 over 8: 6 are left, which are of the whole night, also where that is as long as a day."""
    for hours in (8, 24):
        parts = count([log(24, 8)], [], [drop("14", NIGHT, hours)], [counter(NIGHT + hours * HOUR_S)])
        (left,) = [part for part in parts if not part.place.project_id]
        assert (left.cost, left.start_utc, left.width_s, left.interval) == (usd("6"), NIGHT, hours * HOUR_S, True)
        assert named(left) == ()


def test_an_interval_is_never_cut() -> None:
    """The stretch that is known ends in its middle: it counts whole where nothing else is known, else not at all."""
    feeds = [counter(NIGHT + HOUR_S)]
    night = drop("10", NIGHT, 8)
    (alone,) = count([], [], [night], feeds)
    assert alone.cost == usd("10")
    assert Caveat.PARTIAL_DAY in named(alone)
    parts = count([log(30, 3)], [], [night], feeds)
    assert basis_cost(parts) == {Basis.ESTIMATED: 3}


def test_looks_at_a_balance_need_not_be_on_the_hour() -> None:
    """From 10:15 to 10:45 and on to 11:30, both of the counter's own time: both count, and the log at 10:00 too."""
    begin = DAY + 10 * HOUR_S + QUARTER_S
    bills = [
        Bill(begin, 2 * QUARTER_S, 1, 0, usd("2"), "USD", interval=True),
        Bill(begin + 2 * QUARTER_S, 3 * QUARTER_S, 1, 0, usd("3"), "USD", interval=True),
    ]
    parts = count([log(10, 1), log(11, 4)], [], bills, [counter(begin + 5 * QUARTER_S, since=begin)])
    assert basis_cost(parts) == {Basis.BILLED: 5, Basis.ESTIMATED: 1}


def test_an_end_that_moves_may_cut_another() -> None:
    """The watermark at seven is in a stretch that began at five, and five in one that began at midnight: none of it is
    complete, so that the logs count.
    """
    bills = [drop("1", DAY, 6), drop("2", DAY + 5 * HOUR_S, 3)]
    parts = count([log(n, 1) for n in range(9)], [], bills, [counter(DAY + 7 * HOUR_S)])
    assert basis_cost(parts) == {Basis.ESTIMATED: 9}


def test_an_interval_beside_the_bill_of_a_day() -> None:
    """The day's bill is laid first, so that what it says of a project does not depend on the night's interval."""
    logs = [log(1, 4), log(22, 4, SITE)]
    parts = count(logs, [], [bill("6"), drop("3", DAY + 20 * HOUR_S, 3)], [billed()])
    assert by_project(parts) == {SHOP: (4, 3 * DOLLAR), SITE: (4, 4 * DOLLAR), 0: (0, 2 * DOLLAR)}


# Gaps


def test_a_gap_is_not_covered() -> None:
    """Read up to noon and again from six: between them logs count, though nothing was reported there."""
    reports = [report(hour, 9) for hour in (9, 19)]
    feeds = [metered(DAY + 12 * HOUR_S), metered(since=DAY + 18 * HOUR_S)]
    parts = count([log(hour, 5) for hour in (10, 15, 20)], reports, [], feeds)
    assert basis_cost(parts) == {Basis.METERED: 18, Basis.ESTIMATED: 5}


# Wider and narrower


def test_a_narrower_account_counts_where_the_wider_one_does_not() -> None:
    """The organisation is billed up to midnight; of today only the own key knows."""
    today = DAY + DAY_S
    bills = [bill("6", account=ADMIN), bill("2", account=MINE), bill("3", account=MINE, day=today)]
    feeds = [billed(account=ADMIN, scope="org"), billed(today + DAY_S, account=MINE, scope="org/me")]
    parts = count([], [], bills, feeds)
    assert cost(parts) == 9 * DOLLAR
    (other,) = [part for part in parts if Caveat.SEEN_ELSEWHERE in named(part)]
    assert (other.account, other.start_utc, other.cost, other.tokens) == (MINE, DAY, 0, NO_TOKENS)


def test_keys_of_one_organisation_that_see_different_things_both_count() -> None:
    """Neither sees what the other does."""
    feeds = [billed(account=MINE, scope="org/me/a"), billed(account=OTHER, scope="org/me/b")]
    parts = count([], [], [bill("2", account=MINE), bill("3", account=OTHER)], feeds)
    assert cost(parts) == 5 * DOLLAR
    feeds.append(billed(account=ADMIN, scope="org/me"))
    parts = count([], [], [bill("2", account=MINE), bill("3", account=OTHER), bill("4", account=ADMIN)], feeds)
    assert cost(parts) == 4 * DOLLAR
    assert {part.account for part in parts if Caveat.SEEN_ELSEWHERE in named(part)} == {MINE, OTHER}


@pytest.mark.parametrize("scope", ["org-2", "or", "organisation/me", "me/org"])
def test_a_scope_is_a_path(scope: str) -> None:
    """Only what begins with the whole of another and a stroke is a part of it."""
    feeds = [billed(account=ADMIN, scope="org"), billed(account=MINE, scope=scope)]
    assert cost(count([], [], [bill("6", account=ADMIN), bill("2", account=MINE)], feeds)) == 8 * DOLLAR


def test_logs_of_the_narrower_are_laid_under_the_wider() -> None:
    """The own key pays, the organisation is billed: the bill goes to the projects, and nothing is estimated on top."""
    feeds = [billed(account=ADMIN, scope="org"), counter(DAY + DAY_S, account=MINE, scope="org/me")]
    parts = count([log(9, 8, account=MINE)], [], [bill("6", account=ADMIN)], feeds)
    assert by_project(parts) == {SHOP: (8, 6 * DOLLAR)}
    parts = count(
        [log(9, 8, account=MINE)], [], [bill("6", account=ADMIN)], [feeds[0], Feed(MINE, Basis.BILLED, 0, 0, "org/me")]
    )
    assert by_project(parts) == {SHOP: (8, 6 * DOLLAR)}


def test_an_interval_across_the_end_of_the_wider_account_s_time_does_not_count() -> None:
    """Until the wider one covers it too, its logs after that end are an estimate."""
    night = drop("10", NIGHT, 8, account=MINE)
    feeds = [billed(account=ADMIN, scope="org"), counter(NIGHT + 8 * HOUR_S, account=MINE, scope="org/me")]
    parts = count([log(26, 3, account=MINE)], [], [bill("6", account=ADMIN), night], feeds)
    assert basis_cost(parts) == {Basis.BILLED: 6, Basis.ESTIMATED: 3}
    (other,) = [part for part in parts if Caveat.SEEN_ELSEWHERE in named(part)]
    assert (other.cost, other.interval) == (0, True)


def test_past_its_time_the_wider_account_counts_where_it_says_more() -> None:
    """Its usage report knows 5 of an hour of which the own key knows 2, and 1 of one of which that knows 2."""
    reports = [report(hour, fresh, account=ADMIN) for hour, fresh in ((9, 5), (10, 1))]
    bills = [bill("2", account=MINE, hour=hour, width=HOUR_S) for hour in (9, 10)]
    feeds = [metered(DAY, account=ADMIN, scope="org"), counter(DAY + DAY_S, account=MINE, scope="org/me")]
    parts = count([], reports, bills, feeds)
    assert basis_cost(parts) == {Basis.METERED: 5, Basis.BILLED: 2}
    whole = [bill("2", account=MINE)]  # of a day: an hour cannot be taken out of it
    assert basis_cost(count([], reports, whole, feeds)) == {Basis.BILLED: 2}


def test_a_late_bill_of_the_wider_account_gives_way_to_the_narrower_one() -> None:
    """So much of today is known already, by the own key."""
    feeds = [billed(DAY, account=ADMIN, scope="org"), counter(DAY + DAY_S, account=MINE, scope="org/me")]
    bills = [bill("3", account=ADMIN), drop("2", DAY + 9 * HOUR_S, 2, account=MINE)]
    assert cost(count([], [], bills, feeds)) == 2 * DOLLAR
    assert cost(count([], [], bills[:1], feeds)) == 3 * DOLLAR


def test_logs_that_the_wider_account_pays_for_are_those_of_the_key_that_is_known() -> None:
    """The organisation is billed up to yesterday, and the rule names it; of today the own key's counter knows 10. The
    logs' 8 are a part of these, and 12 are more than these: the larger counts, and never both.
    """
    feeds = [billed(DAY, account=ADMIN, scope="org"), counter(DAY + DAY_S, account=MINE, scope="org/me")]
    today = drop("10", DAY + 9 * HOUR_S, 2, account=MINE)
    parts = count([log(9, 8, account=ADMIN)], [], [today], feeds)
    assert by_project(parts) == {SHOP: (8, 8 * DOLLAR), 0: (0, 2 * DOLLAR)}
    assert {part.account for part in parts} == {MINE}
    parts = count([log(9, 12, account=ADMIN)], [], [today], feeds)
    assert basis_cost(parts) == {Basis.ESTIMATED: 12, Basis.BILLED: 0}
    assert [named(part) for part in parts if part.basis is Basis.BILLED] == [(Caveat.SEEN_ELSEWHERE,)]
    # The own key has logs of its own, which are what its counter counted.
    parts = count([log(9, 8, account=ADMIN), log(10, 9, account=MINE)], [], [today], feeds)
    assert cost(parts) == 18 * DOLLAR


# Anything at all

SCOPES = ("", "org", "org/me", "org/me/key", "org/you", "user")
QUARTERS = st.integers(0, 191)


@st.composite
def everything(draw: st.DrawFn) -> tuple[list[Record], list[Record], list[Bill], list[Feed]]:
    """Logs, usage reports, buckets and intervals of bills, and stretches with gaps of four accounts over two days.

    Each record has its own power of two of tokens and each bill of femtos, so that a sum says what was counted.
    """
    bit = iter(range(10**6))
    accounts = st.integers(1, 4)
    scope_of = dict(zip(range(1, 5), draw(st.lists(st.sampled_from(SCOPES), min_size=4, max_size=4)), strict=True))
    logs = [
        Record(
            DAY + quarter * QUARTER_S,
            QUARTER_S,
            account,
            Place(OPUS, 0, CODEX, SHOP),
            tokens(2 ** next(bit)),
            ONE,
            "USD",
        )
        for quarter, account in draw(st.lists(st.tuples(QUARTERS, accounts), max_size=8))
    ]
    reports = [
        Record(
            (DAY + quarter * QUARTER_S) // width * width,
            width,
            account,
            Place(OPUS, 0),
            tokens(2 ** next(bit)),
            ONE,
            "USD",
        )
        for quarter, width, account in draw(
            st.lists(st.tuples(QUARTERS, st.sampled_from([60, 900, HOUR_S, DAY_S]), accounts), max_size=8)
        )
    ]
    bills = [
        Bill(
            (DAY + quarter * QUARTER_S) // width * width, width, account, 0, Femtos(2 ** (100 + next(bit))), "USD", item
        )
        for quarter, width, account, item in draw(
            st.lists(
                st.tuples(QUARTERS, st.sampled_from([60, HOUR_S, DAY_S]), accounts, st.sampled_from(["", "searches"])),
                max_size=6,
            )
        )
    ]
    bills += [
        Bill(
            DAY + quarter * QUARTER_S,
            QUARTER_S * length,
            account,
            0,
            Femtos(2 ** (100 + next(bit))),
            "USD",
            interval=True,
        )
        for quarter, length, account in draw(st.lists(st.tuples(QUARTERS, st.integers(1, 130), accounts), max_size=6))
    ]
    feeds: list[Feed] = []
    for account, basis, cuts, step in draw(
        st.lists(
            st.tuples(
                accounts, st.sampled_from([Basis.BILLED, Basis.METERED]),
                st.lists(st.integers(-4, 200), min_size=2, max_size=4, unique=True),
                st.sampled_from([QUARTER_S, HOUR_S]),
            ),
            max_size=5, unique_by=lambda one: one[:2],
        )
    ):  # fmt: skip
        ends = [DAY + cut * QUARTER_S for cut in sorted(cuts)[: len(cuts) // 2 * 2]]
        feeds += [
            Feed(account, basis, first, last, scope_of[account], step)
            for first, last in zip(ends[::2], ends[1::2], strict=True)
        ]
    return logs, reports, bills, feeds


def related(feeds: Sequence[Feed]) -> set[frozenset[int]]:
    """Pairs of accounts of which one sees all that the other does."""
    scope_of = {feed.account: feed.scope for feed in feeds if feed.scope}
    return {
        frozenset((one, other))
        for one, other in combinations(sorted(scope_of), 2)
        if f"{scope_of[one]}/".startswith(f"{scope_of[other]}/")
        or f"{scope_of[other]}/".startswith(f"{scope_of[one]}/")
    }


def overlap(one: Bucket, other: Bucket) -> bool:
    """Whether two have any time in common."""
    return one.start_utc < other.end_utc and other.start_utc < one.end_utc


@settings(deadline=None, max_examples=250)
@given(everything(), st.randoms(use_true_random=False))
def test_whatever_there_is_counts_once(
    what: tuple[list[Record], list[Record], list[Bill], list[Feed]], shuffler: random.Random
) -> None:
    """Everything counts whole or not at all, no time by two accounts that see the same of it, whatever the order."""
    logs, reports, bills, feeds = what
    parts = count(logs, reports, bills, feeds)
    shuffled = [list(rows) for rows in (logs, reports, bills, feeds)]
    for rows in shuffled:
        shuffler.shuffle(rows)
    assert count(*shuffled) == parts  # type: ignore[arg-type]  # a list of four different lists

    total = all_tokens(parts)[1]
    counted = [one for one in (*logs, *reports) if total & one.tokens[1]]
    assert sum(one.tokens[1] for one in counted) == total, "whole or not at all, and nothing else"
    money = cost([part for part in parts if part.basis is Basis.BILLED])
    by_bill = [one for one in bills if money & one.amount]
    assert sum(one.amount for one in by_bill) == money
    assert worth(parts) == sum(one.list_cost or 0 for one in counted)

    same = related(feeds)
    told = [one for one in counted if one in reports]
    for first, second in combinations(told, 2):
        assert frozenset((first.account, second.account)) not in same or not overlap(first, second)
    for one_bill, other_bill in combinations(by_bill, 2):
        assert frozenset((one_bill.account, other_bill.account)) not in same or not overlap(one_bill, other_bill)
    seen = [one for one in counted if one in logs]
    pay = {one.account for one in logs}
    for one in told:
        for other in seen:
            # Logs of an account that sees more can be of another of its keys, where the report's own logs are known.
            kin = frozenset((one.account, other.account)) in same and one.account not in pay
            assert not (overlap(one, other) and (kin or one.account == other.account))
    for part in parts:
        if Caveat.SEEN_ELSEWHERE in named(part):
            assert (part.cost, part.tokens) == (0, NO_TOKENS)
        if part.basis is Basis.BILLED and any(part.tokens):
            assert part.cost <= (part.list_cost or 0)
        assert (Caveat.UTC_DAY in named(part)) == (part.width_s == DAY_S and not part.interval)
