"""OpenRouter's books, read over real HTTP from a server that states its own ledger, and from hand-worked answers."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.ledgers.openrouter import (
    DANA,
    DAY_S,
    DEFAULT,
    HOUR_S,
    KEYS,
    KIM,
    LAB,
    MANAGEMENT_KEY,
    ORDINARY_KEY,
    OTHER_KEY,
    START_UTC,
    OpenRouterLedger,
)
from tests.servers import Reply, ScriptedServer, Seen
from tokentray.clock import FixedClock, UtcSeconds
from tokentray.errors import ChangedAnswerError, KeyRefusedError, RequestRefusedError
from tokentray.ledger import ALL, Outcome, Own, Reading, Window
from tokentray.model import Basis
from tokentray.net.client import Network, origin_of
from tokentray.providers import recognise
from tokentray.providers.base import Channel, Context
from tokentray.providers.openrouter import OPENROUTER
from tokentray.secret import Credential, Secret

FIXTURES = Path(__file__).parents[1] / "fixtures" / "providers" / "openrouter"
MIDNIGHT = START_UTC // DAY_S * DAY_S
DAYS_OF_TWO_MONTHS = 70


@pytest.fixture(name="network", scope="module")
def a_network() -> Iterator[Network]:
    with Network() as network:
        yield network


def channel(network: Network, url: str, key: str) -> Channel:
    """A channel as a poll has it, with a clock of ours that is wrong."""
    auth = OPENROUTER.info.auth
    return network.channel(
        Credential(Secret(key), origin_of(url)),
        url,
        header=auth.header,
        prefix=auth.prefix,
        name="OpenRouter",
        clock=FixedClock(UtcSeconds(START_UTC + 3 * HOUR_S)),
    )


class Account:
    """An account as the history keeps it: rows of a window are replaced, stretches add up, the rest is handed back."""

    def __init__(self, network: Network, own: Own = ALL) -> None:
        self.network, self.own = network, own
        self.billed: dict[tuple[int, int, str, str], int] = {}
        self.metered: dict[tuple[int, int, str, str], tuple[int, int, int, int]] = {}
        self.stretches: Counter[tuple[int, int]] = Counter()
        self.readings: dict[tuple[str, str], Reading] = {}
        self.memory: Mapping[str, str] = {}
        self.keys: dict[str, str] = {}
        self.covered: list[Window] = []

    def poll(self, server: OpenRouterLedger, window: Window | None = None, basis: Basis = Basis.BILLED) -> Outcome:
        """Read a window, the last two days where none is said, as a poll does."""
        today = server.now_utc // DAY_S * DAY_S
        way = channel(self.network, server.url, server.key)
        context = Context(way, own=self.own, memory=self.memory, readings=self.readings)
        outcome = OPENROUTER.read(context, basis, window or Window(today - DAY_S, today + DAY_S))
        self.apply(outcome)
        return outcome

    def apply(self, outcome: Outcome) -> None:
        for report in outcome.reports:
            start, end = report.window
            assert start % DAY_S == end % DAY_S == 0
            assert start < end
            assert start <= report.complete_to_utc <= end
            buckets = [(row.start_utc, row.width_s) for row in report.billed]
            buckets += [(row.start_utc, row.width_s) for row in report.metered]
            assert all(start <= at and at + width <= end and at % width == 0 for at, width in buckets)
            self.covered.append(report.window)
            if report.basis is Basis.BILLED:
                self.billed = {at: amount for at, amount in self.billed.items() if not start <= at[0] < end}
                for row in report.billed:
                    assert row.amount
                    place = (row.start_utc, row.width_s, row.model, row.key_name)
                    self.billed[place] = self.billed.get(place, 0) + row.amount
            else:
                self.metered = {at: counts for at, counts in self.metered.items() if not start <= at[0] < end}
                for use in report.metered:
                    place = (use.start_utc, use.width_s, use.model, use.key_name)
                    counts = (use.requests, use.input_tokens, use.output_tokens, use.reasoning_tokens)
                    had = self.metered.get(place, (0, 0, 0, 0))
                    self.metered[place] = (
                        had[0] + counts[0],
                        had[1] + counts[1],
                        had[2] + counts[2],
                        had[3] + counts[3],
                    )
        for stretch in outcome.intervals:
            assert stretch.start_utc % 900 == stretch.end_utc % 900 == 0
            assert any(one.start_utc <= stretch.start_utc and stretch.end_utc <= one.end_utc for one in self.covered)
            self.stretches[stretch.start_utc, stretch.end_utc] += stretch.amount
        self.readings |= {(reading.name, reading.currency): reading for reading in outcome.readings}
        self.memory = self.memory if outcome.memory is None else outcome.memory
        self.keys |= outcome.keys

    @property
    def since(self) -> int:
        return min(window.start_utc for window in self.covered)

    @property
    def total(self) -> int:
        return sum(self.billed.values()) + sum(self.stretches.values())

    def day(self, at_utc: int) -> int:
        """What stands in the buckets of a UTC day."""
        return sum(amount for at, amount in self.billed.items() if at[0] // DAY_S == at_utc // DAY_S)

    def by_day_and_model(self) -> dict[tuple[str, int], int]:
        sums: Counter[tuple[str, int]] = Counter()
        for at, amount in self.billed.items():
            sums[at[2], at[0] // DAY_S] += amount
        return dict(sums)

    def tokens(self) -> dict[tuple[str, int], tuple[int, int]]:
        sums: dict[tuple[str, int], tuple[int, int]] = {}
        for at, counts in self.metered.items():
            had = sums.get((at[2], at[0] // DAY_S), (0, 0))
            sums[at[2], at[0] // DAY_S] = (had[0] + counts[1], had[1] + counts[2])
        return sums


@pytest.fixture(name="account")
def an_account(network: Network) -> Account:
    return Account(network)


@pytest.fixture(name="ordinary")
def an_ordinary_key() -> Iterator[OpenRouterLedger]:
    server = OpenRouterLedger(key=ORDINARY_KEY)
    yield server
    server.close()


@pytest.fixture(name="managed")
def an_organisation() -> Iterator[OpenRouterLedger]:
    server = OpenRouterLedger(days=DAYS_OF_TWO_MONTHS)
    yield server
    server.close()


# An ordinary key


def test_first_look_finds_this_week_and_this_month(ordinary: OpenRouterLedger, account: Account) -> None:
    """What the key spent since the month began is found at once, today and in stretches, and nothing before it."""
    outcome = account.poll(ordinary)
    october = MIDNIGHT - 21 * DAY_S
    monday = MIDNIGHT - 3 * DAY_S
    assert account.since == october
    assert account.stretches == {
        (october, monday): ordinary.spent(october, monday),
        (monday, MIDNIGHT): ordinary.spent(monday, MIDNIGHT),
    }
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)
    assert outcome.reports[0].complete_to_utc == MIDNIGHT + DAY_S
    assert outcome.ends


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(
        st.tuples(
            st.one_of(st.integers(60, 8 * HOUR_S), st.integers(DAY_S // 2, 2 * DAY_S), st.integers(DAY_S, 40 * DAY_S)),
            st.booleans(),
        ),
        min_size=1,
        max_size=9,
    ),
    seed=st.integers(0, 1000),
)
def test_whatever_was_spent_is_told_once(network: Network, gaps: list[tuple[int, bool]], seed: int) -> None:
    """However seldom the key is looked at, and with late figures of the day before: all that it spent since the first
    look's month is told once, days looked at on consecutive days hold their own sums, and months do not mix.
    """
    server, account = OpenRouterLedger(key=ORDINARY_KEY, days=20, seed=seed), Account(network)
    try:
        account.poll(server)
        for gap, corrected in gaps:
            before = server.now_utc
            server.advance(gap)
            account.poll(server)
            if corrected and account.day(server.now_utc - DAY_S) > 0:
                server.call(KEYS[0], at_utc=server.now_utc // DAY_S * DAY_S - 1)
                account.poll(server)
            assert account.day(server.now_utc) == server.spent(server.now_utc // DAY_S * DAY_S, server.now_utc + 1)
            if server.now_utc // DAY_S == before // DAY_S + 1:
                yesterday = before // DAY_S * DAY_S
                assert account.day(before) == server.spent(yesterday, yesterday + DAY_S)
            assert account.total == server.spent(account.since, server.now_utc + 1)
            account.poll(server)
            assert account.total == server.spent(account.since, server.now_utc + 1)
    finally:
        server.close()


def test_days_off_are_one_stretch_that_ends_where_the_month_did(ordinary: OpenRouterLedger, account: Account) -> None:
    """Weeks without a look keep the last day's sum, and are split where the month and the week began."""
    account.poll(ordinary)
    account.stretches.clear()
    looked = ordinary.now_utc // 900 * 900
    last_day = account.day(looked)
    ordinary.advance(14 * DAY_S)  # to Thursday, 5 November
    account.poll(ordinary)
    november, monday, today = MIDNIGHT + 10 * DAY_S, MIDNIGHT + 11 * DAY_S, MIDNIGHT + 14 * DAY_S
    assert account.day(looked) == last_day
    assert account.stretches == {
        (looked, november): ordinary.spent(looked + 1, november) - _between(ordinary, looked, last_day),
        (monday, today): ordinary.spent(monday, today),
    }
    # The first of November was a Sunday: one whole day between two beginnings.
    assert account.day(november) == ordinary.spent(november, monday)


def _between(server: OpenRouterLedger, looked: int, told: int) -> int:
    """What the last day had been told of, after the quarter hour that the stretch begins with."""
    return told - server.spent(looked // DAY_S * DAY_S, looked + 1)


def test_call_that_comes_to_light_late_counts_for_the_day_before(ordinary: OpenRouterLedger, account: Account) -> None:
    """A figure of yesterday that comes in today raises yesterday, and one given back lowers it again."""
    account.poll(ordinary)
    ordinary.advance(DAY_S)
    account.poll(ordinary)
    ordinary.call(KEYS[0], at_utc=MIDNIGHT + DAY_S - 5, nanos=123_456_789)
    account.poll(ordinary)
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)
    ordinary.calls.pop()
    account.poll(ordinary)
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)


def test_counter_not_yet_set_back_at_midnight_is_yesterdays(ordinary: OpenRouterLedger, account: Account) -> None:
    """Seconds into a new day the server may still tell yesterday's counter, which does not make it today's."""
    account.poll(ordinary)
    ordinary.counter_day = MIDNIGHT // DAY_S
    ordinary.now_utc = MIDNIGHT + DAY_S + 20
    account.poll(ordinary)
    assert account.day(ordinary.now_utc) == 0
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)
    ordinary.counter_day = None
    ordinary.now_utc += 300
    ordinary.call(KEYS[0])
    account.poll(ordinary)
    assert account.day(ordinary.now_utc) == ordinary.calls[-1].nanos
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)


def test_counter_set_back_before_midnight_begins_the_next_day(ordinary: OpenRouterLedger, account: Account) -> None:
    """Where the server's day ends moments before its clock says so, the day that ends keeps what it had."""
    account.poll(ordinary)
    ordinary.now_utc = MIDNIGHT + DAY_S - 400
    ordinary.call(KEYS[0])
    account.poll(ordinary)
    ordinary.counter_day = MIDNIGHT // DAY_S + 1
    ordinary.now_utc += 399
    account.poll(ordinary)
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)
    ordinary.counter_day = None
    ordinary.now_utc += 300
    ordinary.call(KEYS[0])
    account.poll(ordinary)
    assert account.day(MIDNIGHT) == ordinary.spent(MIDNIGHT, MIDNIGHT + DAY_S)
    assert account.total == ordinary.spent(account.since, ordinary.now_utc + 1)


@pytest.mark.parametrize(("busy", "later"), [(False, 600), (True, 600), (False, DAY_S), (True, DAY_S)])
def test_key_that_was_replaced_counts_beside_the_old_one(
    ordinary: OpenRouterLedger, account: Account, busy: bool, later: int
) -> None:
    """A new key starts anew: today holds what both spent today, and its own past, however large, is not new."""
    account.poll(ordinary)
    had = account.total
    if busy:
        ordinary.call(KEYS[1], at_utc=START_UTC - 40 * DAY_S, nanos=900_000_000_000)
    else:
        ordinary.calls = [call for call in ordinary.calls if call.key != KEYS[1]]
    ordinary.key = OTHER_KEY
    ordinary.now_utc += later
    ordinary.call(KEYS[1], nanos=2_000_000_000)
    today = ordinary.now_utc // DAY_S * DAY_S
    account.poll(ordinary)
    assert account.total == had + ordinary.spent(today, today + DAY_S)
    ordinary.now_utc += 300
    ordinary.call(KEYS[1], nanos=1)
    account.poll(ordinary)
    assert account.total == had + ordinary.spent(today, today + DAY_S)


def test_ordinary_key_tells_no_tokens_and_nothing_older(ordinary: OpenRouterLedger, account: Account) -> None:
    """Tokens and older windows are answered without a report, and once the kind is known without a request."""
    account.poll(ordinary)
    asked = len(ordinary.server.seen)
    older = Window(MIDNIGHT - 30 * DAY_S, MIDNIGHT - 10 * DAY_S)
    assert account.poll(ordinary, older) == Outcome(ends=True)
    assert account.poll(ordinary, basis=Basis.METERED) == Outcome(ends=True)
    assert len(ordinary.server.seen) == asked


def test_same_look_twice_says_the_same(ordinary: OpenRouterLedger, account: Account) -> None:
    """Two looks at one moment bring equal outcomes, so the second changes nothing."""
    account.poll(ordinary)
    assert account.poll(ordinary) == account.poll(ordinary)


# A management key


@pytest.mark.parametrize("backwards", [False, True])
def test_managed_ends_at_the_ledger(managed: OpenRouterLedger, account: Account, backwards: bool) -> None:
    """Whatever the order of windows, with late figures and a growing hour, rows end at the person's own ledger."""
    account.own = managed.own
    account.poll(managed)
    managed.correct()
    managed.advance(5 * HOUR_S)
    end = managed.now_utc // DAY_S * DAY_S + DAY_S
    windows = [Window(start, start + 12 * DAY_S) for start in range(end - 72 * DAY_S, end, 12 * DAY_S)]
    for window in windows[::-1] if backwards else windows:
        account.poll(managed, window, Basis.METERED if window.start_utc % (24 * DAY_S) else Basis.BILLED)
    account.poll(managed)
    books = managed.ledger()
    assert account.by_day_and_model() == {_place(place): nanos for place, nanos in books.billed.items()}
    assert account.tokens() == {_place(at): (count.input, count.output) for at, count in books.metered.items()}
    # Of the last month each hour is told, and which of the person's keys it was.
    recent = [at for at in account.billed if at[0] >= end - 25 * DAY_S]
    assert {at[1] for at in recent} == {HOUR_S}
    assert {at[3] for at in recent} == {KEYS[0].hash, KEYS[1].hash}
    assert account.keys == {KEYS[0].hash: "laptop", KEYS[1].hash: "lab"}


def _place(place: tuple[str, str]) -> tuple[str, int]:
    from datetime import date

    return place[0], (date.fromisoformat(place[1]) - date(1970, 1, 1)).days


def test_history_ends_where_the_query_does(network: Network) -> None:
    """Days before the first that the query still holds are not claimed to be empty, and the outcome says it ends."""
    server, account = OpenRouterLedger(days=DAYS_OF_TWO_MONTHS, keeps_days=50), Account(network)
    today = server.now_utc // DAY_S * DAY_S
    outcome = account.poll(server, Window(today - 60 * DAY_S, today - 30 * DAY_S))
    server.close()
    assert outcome.ends
    first = min(at[0] for at in account.billed)
    assert account.since == first // DAY_S * DAY_S >= today - 50 * DAY_S


def test_what_lies_before_the_first_day_is_not_asked_for(network: Network) -> None:
    """Once it is known where the past begins, older windows cost no request; a changed part is looked at anew."""
    server, account = OpenRouterLedger(days=40), Account(network)
    today = server.now_utc // DAY_S * DAY_S
    account.poll(server, Window(today - 60 * DAY_S, today - 30 * DAY_S))
    asked = len(server.server.seen)
    older = Window(today - 90 * DAY_S, today - 60 * DAY_S)
    assert account.poll(server, older) == Outcome(ends=True)
    assert len(server.server.seen) == asked
    account.own = {"user_id": (DANA,)}
    account.poll(server, older)
    server.close()
    assert len(server.server.seen) > asked


def test_one_answer_serves_both_feeds(managed: OpenRouterLedger, account: Account) -> None:
    """A window read for its money tells its tokens, which a moment later are not asked for again, but are in time."""
    account.poll(managed)
    asked = len(managed.server.seen)
    assert account.metered
    assert account.poll(managed, basis=Basis.METERED) == Outcome()
    first = len(managed.server.seen) - asked
    managed.now_utc += 300
    assert account.poll(managed, basis=Basis.METERED).reports
    assert first <= 1
    assert len(managed.server.seen) > asked + 2


def test_past_goes_on_where_it_may_not_be_searched(network: Network) -> None:
    """Where the query refuses to look far back, a window with use in it is not taken for the first."""
    server, account = OpenRouterLedger(days=DAYS_OF_TWO_MONTHS, widths=("hour", "day")), Account(network)
    account.own = server.own
    answer = server.server.answer

    def short(seen: Seen) -> Reply:
        if seen.path.endswith("/query") and seen.json["time_range"]["start"] < "2026-01-01":
            return Reply(400, {"error": {"code": 400, "message": "Invalid request parameters"}})
        return answer(seen)

    server.server.answer = short
    today = server.now_utc // DAY_S * DAY_S
    ends = [
        account.poll(server, Window(today - (days + 30) * DAY_S, today - days * DAY_S)).ends for days in (30, 60, 90)
    ]
    server.close()
    assert ends == [False, False, True]
    books = server.ledger().billed
    assert account.total == sum(
        nanos for (_, day), nanos in books.items() if _place(("", day))[1] * DAY_S < today - 30 * DAY_S
    )


def test_older_history_does_not_end_before_it_begins(managed: OpenRouterLedger, account: Account) -> None:
    """While anything older is told, a window does not say that it is the last."""
    today = managed.now_utc // DAY_S * DAY_S
    assert not account.poll(managed, Window(today - 60 * DAY_S, today - 30 * DAY_S)).ends


def test_without_hours_days_are_kept(network: Network) -> None:
    """Where the query tells days only, so do the rows, and today is among them."""
    server, account = OpenRouterLedger(widths=("day",)), Account(network)
    account.own = server.own
    today = server.now_utc // DAY_S * DAY_S
    account.poll(server, Window(today - 20 * DAY_S, today + DAY_S))
    server.close()
    assert {at[1] for at in account.billed} == {DAY_S}
    expected = {_place(at): nanos for at, nanos in server.ledger().billed.items()}
    assert account.by_day_and_model() == {at: nanos for at, nanos in expected.items() if at[1] >= today // DAY_S - 20}


def test_without_a_query_today_is_what_keys_spent(network: Network) -> None:
    """Where there is no query the daily list and today's counters of the person's keys hold the whole of it."""
    server, account = OpenRouterLedger(widths=()), Account(network)
    account.own = server.own
    today = server.now_utc // DAY_S * DAY_S
    outcome = account.poll(server, Window(today - 30 * DAY_S, today + DAY_S))
    older = account.poll(server, Window(today - 60 * DAY_S, today - 30 * DAY_S))
    server.close()
    assert account.total == server.spent(today - 30 * DAY_S, today + DAY_S)
    assert {at[3]: amount for at, amount in account.billed.items() if at[0] == today} == {
        key.hash: spent
        for key in KEYS[:2]
        if (spent := sum(call.nanos for call in server.calls if call.key == key and call.at_utc >= today))
    }
    complete = {report.basis: report.complete_to_utc for report in outcome.reports if report.window.end_utc > today}
    assert complete == {Basis.BILLED: today + DAY_S, Basis.METERED: today}
    assert older.ends
    assert older.reports == ()


def test_day_that_is_not_listed_yet_is_not_taken_away(network: Network) -> None:
    """Just after midnight the daily list lacks the day that ended: it is told by the query, or not at all."""
    for widths in (("hour", "day"), ()):
        server, account = OpenRouterLedger(widths=widths), Account(network)
        account.own = server.own
        account.poll(server)
        had = account.day(MIDNIGHT)
        server.now_utc = MIDNIGHT + DAY_S + 600
        account.poll(server)
        server.close()
        assert account.day(MIDNIGHT) == had == server.spent(MIDNIGHT, MIDNIGHT + DAY_S)


def test_list_holds_where_hours_do_not_add_up(managed: OpenRouterLedger, account: Account) -> None:
    """Hours that say less than their day's list are not kept in its place."""
    account.own = managed.own
    listed = managed._activity({"user_id": DANA})
    day = MIDNIGHT - 3 * DAY_S
    lost = next(call for call in managed.calls if call.key.user == DANA and call.at_utc // DAY_S == day // DAY_S)
    answer = managed.server.answer

    def forgetful(seen: Seen) -> Reply:
        if not seen.path.endswith("/analytics/query"):
            return answer(seen)
        managed.calls.remove(lost)
        try:
            return answer(seen)
        finally:
            managed.calls.append(lost)

    managed.server.answer = forgetful
    account.poll(managed, Window(day - DAY_S, MIDNIGHT + DAY_S))
    assert listed
    assert account.day(day) == managed.spent(day, day + DAY_S)
    assert {at[1] for at in account.billed if at[0] // DAY_S == day // DAY_S} == {DAY_S}


@pytest.mark.parametrize(
    ("own", "is_own"),
    [
        ({"api_key_id": (KEYS[1].hash,)}, lambda key: key == KEYS[1]),
        ({"workspace_id": (LAB,)}, lambda key: key.workspace == LAB),
        ({"user_id": (DANA, KIM), "workspace_id": (DEFAULT,)}, lambda key: key.workspace == DEFAULT),
        ({"user_id": (DANA,), "api_key_id": (KEYS[0].hash, KEYS[2].hash)}, lambda key: key == KEYS[0]),
    ],
)
@pytest.mark.parametrize("widths", [("hour", "day"), ()])
def test_only_the_own_part_is_read(network: Network, own: Own, is_own: object, widths: tuple[str, ...]) -> None:
    """Whichever way an account is limited, with and without the query, other people's use is not in its rows."""
    assert callable(is_own)
    server, account = OpenRouterLedger(widths=widths), Account(network, own)
    server.call(KEYS[1])
    start = MIDNIGHT - 20 * DAY_S
    account.poll(server, Window(start, MIDNIGHT + DAY_S))
    server.close()
    assert account.total == sum(call.nanos for call in server.calls if call.at_utc >= start and is_own(call.key))


def test_part_that_is_not_understood_is_refused(managed: OpenRouterLedger, network: Network) -> None:
    """An account limited by what OpenRouter does not know is not read whole instead."""
    with pytest.raises(RequestRefusedError):
        Account(network, {"team_id": ("a",)}).poll(managed)


def test_query_that_warns_about_the_part_is_not_believed(managed: OpenRouterLedger, account: Account) -> None:
    """A filter that the query could not resolve leaves everybody's use in its answer, which is not kept."""
    answer = managed.server.answer

    def warning(seen: Seen) -> Reply:
        if not seen.path.endswith("/analytics/query"):
            return answer(seen)
        own, managed.own = managed.own, ALL
        body = json.loads(managed._answer(seen._replace(body=_without_filters(seen))).data)
        managed.own = own
        body["data"]["warnings"] = ["user could not be resolved"]
        return Reply(200, body)

    managed.server.answer = warning
    account.own = managed.own
    account.poll(managed)
    assert account.total == managed.spent(MIDNIGHT - DAY_S, MIDNIGHT + DAY_S)


def _without_filters(seen: Seen) -> bytes:
    return json.dumps({name: value for name, value in seen.json.items() if name != "filters"}).encode()


def test_account_goes_over_to_another_kind_of_key(managed: OpenRouterLedger, account: Account) -> None:
    """After a management key an ordinary one tells today alone: what came before it is there already."""
    account.own = managed.own
    account.poll(managed)
    yesterday = account.day(MIDNIGHT - DAY_S)
    managed.key = ORDINARY_KEY
    account.poll(managed)
    assert not account.stretches
    assert account.day(MIDNIGHT - DAY_S) == yesterday
    assert account.day(MIDNIGHT) == managed.spent(MIDNIGHT, MIDNIGHT + DAY_S)


# Who a key belongs to


def test_ordinary_key_is_known_for_what_it_is(ordinary: OpenRouterLedger, network: Network) -> None:
    """An ordinary key is the person's own by itself, and a management key of the same user sees all of it."""
    identity = OPENROUTER.identify(Context(channel(network, ordinary.url, ORDINARY_KEY)))
    assert (identity.kind, identity.whole, identity.own, identity.choices) == ("API key", True, ALL, ())
    assert identity.scope.startswith(f"openrouter/{DANA}/")
    assert ORDINARY_KEY[:12] not in identity.scope


@pytest.mark.parametrize(
    ("asked", "emails", "found", "scope"),
    [
        (ALL, (), {"user_id": (DANA,)}, f"openrouter/{DANA}"),
        (ALL, ("KIM@example.com",), {"user_id": (KIM,)}, f"openrouter/{KIM}"),
        ({"email": ("kim@example.com",)}, (), {"user_id": (KIM,)}, f"openrouter/{KIM}"),
        ({"user_id": (KIM,)}, ("dana@example.com",), {"user_id": (KIM,)}, f"openrouter/{KIM}"),
    ],
)
def test_own_part_is_found(
    managed: OpenRouterLedger, network: Network, asked: Own, emails: tuple[str, ...], found: Own, scope: str
) -> None:
    """In an organisation the person is who they say, else who has their address, else who made the key."""
    way = channel(network, managed.url, MANAGEMENT_KEY)
    identity = OPENROUTER.identify(Context(way, own=asked, emails=emails))
    assert (identity.kind, identity.holder) == ("Management key", "an organisation of 2 people")
    assert (identity.own, identity.scope, identity.whole) == (found, scope, False)
    assert identity.advice


def test_address_of_nobody_is_refused(managed: OpenRouterLedger, network: Network) -> None:
    """An address that no member has limits to nothing, and is not taken for everybody."""
    way = channel(network, managed.url, MANAGEMENT_KEY)
    with pytest.raises(RequestRefusedError):
        OPENROUTER.identify(Context(way, own={"email": ("lee@example.com",)}))


def test_one_key_of_an_organisation_is_what_that_key_itself_sees(managed: OpenRouterLedger, network: Network) -> None:
    """A management key limited to one key and that key itself see the same, so it counts once."""
    wide = OPENROUTER.identify(
        Context(channel(network, managed.url, MANAGEMENT_KEY), own={"api_key_id": (KEYS[0].hash,)})
    )
    managed.key = ORDINARY_KEY
    narrow = OPENROUTER.identify(Context(channel(network, managed.url, ORDINARY_KEY)))
    assert wide.scope == narrow.scope


def test_personal_account_is_the_persons_own(network: Network) -> None:
    """Where there are no members all that a management key sees is the person's."""
    server = OpenRouterLedger(members=False, days=1)
    identity = OPENROUTER.identify(Context(channel(network, server.url, MANAGEMENT_KEY)))
    server.close()
    assert (identity.whole, identity.own, identity.scope) == (True, ALL, f"openrouter/{DANA}")


def test_keys_are_told_by_their_looks() -> None:
    """A key of OpenRouter's form is nobody else's; which of the two kinds it is only OpenRouter can say."""
    assert [looks.provider for looks in recognise(MANAGEMENT_KEY)] == ["openrouter"]


def test_wrong_key_is_refused(managed: OpenRouterLedger, network: Network) -> None:
    """A key that OpenRouter does not know says so."""
    with pytest.raises(KeyRefusedError):
        OPENROUTER.identify(Context(channel(network, managed.url, "sk-or-v1-" + "9" * 64)))


def test_list_that_repeats_itself_is_not_read(network: Network) -> None:
    """A list whose next page is the one before ends the reading, and nothing of it is kept."""
    page = {"data": [{"id": DANA, "email": "dana@example.com"}], "total_count": 25}
    key = {"data": {"label": "x", "creator_user_id": DANA, "is_management_key": True}}
    with (
        ScriptedServer(lambda seen: Reply(200, page if seen.path.endswith("members") else key)) as server,
        pytest.raises(ChangedAnswerError),
    ):
        OPENROUTER.identify(Context(channel(network, server.url, MANAGEMENT_KEY)))


# Hand-worked answers


@pytest.mark.parametrize("case", sorted(path.parent.name for path in FIXTURES.glob("*/expected.json")))
def test_fixture(network: Network, account: Account, case: str) -> None:
    """Each folder's answers, in the order of its looks, come to the amounts worked out by hand in expected.json."""
    expected = json.loads((FIXTURES / case / "expected.json").read_text())
    looks = json.loads((FIXTURES / case / "answers.json").read_text())
    for look in looks:

        def answer(seen: Seen, look: Mapping[str, object] = look) -> Reply:
            bodies = look["answers"]
            assert isinstance(bodies, dict)
            found = bodies.get(f"{seen.method} {seen.target}", bodies.get(f"{seen.method} {seen.path}"))
            if found is None:
                return Reply(404, {"error": {"code": 404, "message": "Resource not found"}})
            return Reply(200, found, {"Date": str(look["date"])})

        with ScriptedServer(answer) as server:
            way = channel(network, server.url, ORDINARY_KEY)
            context = Context(way, own=ALL, memory=account.memory, readings=account.readings)
            start, end = look["window"]
            account.apply(OPENROUTER.read(context, Basis.BILLED, Window(start, end)))
    billed = sorted([at, width, model, amount] for (at, width, model, _), amount in account.billed.items())
    assert billed == sorted(expected["billed"])
    assert sorted([*place, amount] for place, amount in account.stretches.items()) == sorted(expected["stretches"])
    metered = sorted([at, width, model, *counts] for (at, width, model, _), counts in account.metered.items())
    assert metered == sorted(expected["metered"])
