"""Accounts and logs that tell of the same calls, each a part of them: the total is what the calls cost, whatever of it
was read, and never more.
"""

import random
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.store.test_counts import CODEX, DAY, DOLLAR, HAIKU, ONE, OPUS, QUARTER_S, SHOP, SITE, cost, tokens, usd
from tokentray.clock import DAY_S, HOUR_S
from tokentray.model import Basis
from tokentray.store.counts import count
from tokentray.store.records import Bill, Counted, Feed, Place, Record

DAYS = 3
QUARTERS = DAY_S // QUARTER_S
SEES = {1: "org", 2: "org/a", 3: "org/b", 4: "org/a/x", 5: "org"}
"""Accounts, and what each sees: the whole organisation twice, two of its parts, and a part of one of these."""


class Call(NamedTuple):
    """At list price, of a key that the narrowest of the accounts that see it pays for."""

    quarter: int
    key: str
    model: int
    dollars: int

    def is_seen_by(self, account: int) -> bool:
        return f"{self.key}/".startswith(f"{SEES[account]}/")


class World(NamedTuple):
    """What was called, and what of it is known: by logs, and by the accounts' reports as far as they were read."""

    calls: list[Call]
    logs: list[Record]
    reports: list[Record]
    bills: list[Bill]
    feeds: list[Feed]

    def parts(self) -> list[Counted]:
        return count(self.logs, self.reports, self.bills, self.feeds)

    def spent(self, scope: str = "org", day: int | None = None) -> int:
        """What all calls within a scope cost."""
        return DOLLAR * sum(
            one.dollars
            for one in self.calls
            if f"{one.key}/".startswith(f"{scope}/") and day in (None, one.quarter // QUARTERS)
        )


def made(seed: int, *, all_logged: bool) -> World:
    """A world in which each account was read on some days, by buckets of its own widths, and lags by its own time."""
    dice = random.Random(seed)
    accounts = sorted(dice.sample(sorted(SEES), dice.randint(1, 4)))
    calls = [
        Call(
            dice.randrange(DAYS * QUARTERS),
            dice.choice(sorted(set(SEES.values()))),
            dice.choice([OPUS, HAIKU]),
            dice.randint(1, 9),
        )
        for _ in range(dice.randint(1, 12))
    ]
    calls = [one for one in calls if any(map(one.is_seen_by, accounts))]
    world = World(calls, [], [], [], [])
    for call in calls:
        if all_logged or dice.random() < 0.5:
            payer = max(filter(call.is_seen_by, accounts), key=lambda account: len(SEES[account]))
            place = Place(call.model, 0, CODEX, dice.choice([SHOP, SITE]))
            counts = tokens(call.dollars, requests=1)
            world.logs.append(Record(DAY + call.quarter * QUARTER_S, QUARTER_S, payer, place, counts, ONE, "USD"))
    now = dice.randint(QUARTERS // 2, DAYS * QUARTERS)
    for account in accounts:
        world.feeds.append(Feed(account, Basis.BILLED, 0, 0, SEES[account]))
        for basis, widths in ((Basis.METERED, (QUARTER_S, HOUR_S, DAY_S)), (Basis.BILLED, (HOUR_S, DAY_S))):
            if dice.random() < 0.75:
                _read(world, account, basis, dice.choice(widths), max(0, now - dice.choice([0, 4, 24, 100])), dice)
    return world


def _read(world: World, account: int, basis: Basis, width: int, known: int, dice: random.Random) -> None:
    """Read an account on some of the days, when its provider knew of the first so many quarter hours."""
    by_model = basis is Basis.METERED or dice.random() < 0.5
    complete = DAY + known * QUARTER_S // width * width
    sums: Counter[tuple[int, int]] = Counter()
    days = [day for day in range(DAYS) if dice.random() < 0.75]
    for call in world.calls:
        if call.is_seen_by(account) and call.quarter // QUARTERS in days and call.quarter < known:
            sums[(DAY + call.quarter * QUARTER_S) // width * width, call.model if by_model else 0] += call.dollars
    for (start, model), dollars in sums.items():
        if basis is Basis.METERED:
            world.reports.append(Record(start, width, account, Place(model, 0), tokens(dollars), ONE, "USD"))
        else:
            world.bills.append(Bill(start, width, account, model, usd(str(dollars)), "USD"))
    for day in days:
        start = DAY + day * DAY_S
        world.feeds.append(Feed(account, basis, start, min(max(complete, start), start + DAY_S), SEES[account], HOUR_S))


def of_day(parts: Sequence[Counted], day: int) -> int:
    """What counts of a day."""
    return cost([part for part in parts if (part.start_utc - DAY) // DAY_S == day])


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32))
@example(1667)
def test_calls_that_are_all_logged_cost_what_they_cost(seed: int) -> None:
    """Whatever accounts were read, on whatever days, with gaps and late bills: nothing is lost and nothing is twice."""
    world = made(seed, all_logged=True)
    parts = world.parts()
    assert cost(parts) == world.spent()
    assert [of_day(parts, day) for day in range(DAYS)] == [world.spent(day=day) for day in range(DAYS)]


@settings(deadline=None, max_examples=300)
@given(st.integers(0, 2**32))
@example(1301)
def test_calls_that_are_known_in_part_never_cost_more(seed: int) -> None:
    """No more than all calls of a day; and all of them where the one account that sees all of them has read it."""
    world = made(seed, all_logged=False)
    parts = world.parts()
    widest = {feed.account for feed in world.feeds if feed.scope == "org"}
    for day in range(DAYS):
        assert of_day(parts, day) <= world.spent(day=day)
        start = DAY + day * DAY_S
        if len(widest) == 1 and any(
            feed.account in widest and feed.covered_from_utc == start and feed.complete_to_utc == start + DAY_S
            for feed in world.feeds
        ):
            assert of_day(parts, day) == world.spent(day=day)
