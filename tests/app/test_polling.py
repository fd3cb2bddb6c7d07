"""Polls of accounts over a real history, a real server and a keyring in memory."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.polled import FEED, KEY, NOW, TODAY, Books, Rig, drip, made_up, use_memory_keyring, wait_until
from tests.servers import Reply, ScriptedServer, Seen
from tests.unit.test_credentials import MemoryKeyring
from tokentray.clock import DAY_S
from tokentray.engine.poller import PollResult, poll_account
from tokentray.engine.polls import poll_all
from tokentray.ledger import Outcome, Window
from tokentray.model import Basis
from tokentray.providers.base import Context, FeedInfo
from tokentray.secret import Credential, Secret
from tokentray.store.history import History
from tokentray.store.writer import Writer

B = Basis.BILLED


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    return use_memory_keyring(monkeypatch)


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
def server(books: Books) -> Iterator[ScriptedServer]:
    with ScriptedServer(books.answer) as server:
        yield server


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def refresh(rig: Rig, **options: object) -> list[PollResult]:
    return poll_all(
        rig.accounts(),
        rig.path,
        rig.clock,
        rig.keys,
        rig.network,
        providers=rig.providers,
        **options,  # type: ignore[arg-type]  # as named
    )


def poll(rig: Rig, account_id: int, **options: object) -> PollResult:
    writer = Writer(rig.path)
    try:
        with History(rig.path) as history:
            return poll_account(
                rig.account(account_id), writer, history, clock=rig.clock, keys=rig.keys, network=rig.network_once,
                providers=rig.providers, **options,  # type: ignore[arg-type]  # as named
            )  # fmt: skip
    finally:
        writer.close()
        rig.hang_up()


def test_everything_is_read_newest_first(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """A first refresh ends with the provider's own ledger, read from today back, with its progress told."""
    account, told = rig.add(server.url), list[tuple[str, int, int]]()
    [result] = refresh(rig, progress=lambda *at: told.append(at))
    assert (result.error, result.more, result.changed) == (None, False, True)
    assert rig.ledger(account) == books.days
    asked = [int(dict(seen.params)["from"]) for seen in server.seen]
    assert asked == sorted(asked, reverse=True)
    assert told == [("Made Up", done, 90) for done in range(10, 91, 10)]
    assert rig.account(account).error == ""
    assert rig.state(account).contacted_utc == NOW


def test_the_next_one_reads_what_is_new(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """Yesterday and today only; a late correction within the days that are corrected is taken over."""
    account = rig.add(server.url)
    refresh(rig)
    server.seen.clear()
    books.days[TODAY // DAY_S] += 5
    rig.clock.at_utc += 700
    [result] = refresh(rig)
    assert result.changed
    assert [seen.params for seen in server.seen] == [[("from", "20599"), ("to", "20601")]]
    books.days[TODAY // DAY_S - 3] += 1
    rig.clock.at_utc += 7 * 3600
    refresh(rig)
    assert rig.ledger(account) == books.days


def test_asked_to_wait_the_rest_is_kept(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """What was read before a 429 stays, and the account is not said to fail for its past; Retry-After is on record."""
    account = rig.add(server.url)
    books.before = lambda _: Reply(429, headers={"Retry-After": "300"}) if len(server.seen) > 2 else None
    [result] = refresh(rig)
    assert (result.error, result.more) == (None, True)
    assert len(rig.ledger(account)) == 20
    assert rig.state(account).not_before_utc == NOW + 300
    assert rig.account(account).error == ""


def test_asked_to_wait_at_once(rig: Rig, books: Books, server: ScriptedServer) -> None:
    account = rig.add(server.url)
    books.before = lambda _: Reply(429, headers={"Retry-After": "300"})
    [result] = refresh(rig)
    assert result.error
    assert result.error.code == "rate-limited"
    assert result.troubles[B].not_before_utc == NOW + 300
    state = rig.state(account)
    assert (state.not_before_utc, state.failures, state.error_code) == (NOW + 300, 1, "rate-limited")
    assert rig.account(account).error
    assert len(server.seen) <= 2


def test_one_window_that_cannot_be_read_does_not_lose_the_others(
    rig: Rig, books: Books, server: ScriptedServer
) -> None:
    """The days around it are kept, and it is read once it can be."""
    account = rig.add(server.url)
    bad = TODAY // DAY_S + 1 - 30
    books.before = lambda seen: Reply(body={"data": 7}) if dict(seen.params)["from"] == str(bad) else None
    [result] = refresh(rig)
    assert result.error
    assert result.error.code == "changed-answer"
    assert rig.ledger(account) == {day: usd for day, usd in books.days.items() if not bad <= day < bad + 10}
    assert rig.state(account).covered[B] == (
        Window(TODAY + DAY_S - 90 * DAY_S, bad * DAY_S), Window((bad + 10) * DAY_S, TODAY + DAY_S),
    )  # fmt: skip
    books.before = lambda _: None
    [result] = refresh(rig)
    assert result.error is None
    assert rig.ledger(account) == books.days
    assert rig.account(account).error == ""


def test_a_slow_drip_ends_at_the_deadline_while_others_are_read(tmp_path: Path, books: Books) -> None:
    """One byte at a time is no way to hold a refresh up: the account fails in words, the others are read."""
    slow_books = Books()
    with ScriptedServer(books.answer) as server, ScriptedServer(slow_books.answer) as slow:
        slow_books.before = drip(slow)
        rig = Rig(tmp_path)
        first = rig.add(slow.url, label="Slow")
        others = [rig.add(server.url, label=f"Quick {n}") for n in range(5)]
        results = refresh(rig, poll_s=1.0)
    assert [one.account_id for one in results] == [first, *others]
    assert results[0].error
    assert results[0].error.code == "unavailable"
    assert [one.error for one in results[1:]] == [None] * 5
    assert all(rig.ledger(account) == books.days for account in others)


def test_less_is_asked_of_a_slow_provider(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """What does not come to an end within a poll is asked for in halves the next time, until all of it is read."""
    account, dripping = rig.add(server.url), drip(server)

    def before(seen: Seen) -> Reply | None:
        asked = dict(seen.params)
        return dripping(seen) if int(asked["to"]) - int(asked["from"]) > 3 else None

    books.before = before
    for _ in range(2):
        [result] = refresh(rig, poll_s=0.2)
        assert result.error
        assert result.error.code == "unavailable"
    [result] = refresh(rig, poll_s=20.0)
    assert (result.error, result.more) == (None, False)
    assert rig.ledger(account) == books.days


def test_how_much_is_asked_for_follows_what_the_provider_manages(
    rig: Rig, books: Books, server: ScriptedServer
) -> None:
    """Less after an answer that did not come, of whatever kind; the same while it takes long; more once it is quick."""
    account = rig.add(server.url)
    books.before = lambda _: Reply(504)
    found = [poll(rig, account).halvings, poll(rig, account).halvings, poll(rig, account, halvings=9).halvings]
    assert found == [1, 2, 10]
    books.before = lambda _: None
    server.seen.clear()
    assert poll(rig, account, halvings=2, poll_s=1e-6).halvings == 2
    assert {int(dict(seen.params)["to"]) - int(dict(seen.params)["from"]) for seen in server.seen} == {2}
    assert rig.ledger(account) == books.days
    assert [poll(rig, account, halvings=known, poll_s=1e6).halvings for known in (2, 1, 0)] == [1, 0, 0]


def test_offline_then_back(rig: Rig, books: Books) -> None:
    """What was read stays while nobody answers; the first read after it brings what is new."""
    with ScriptedServer(books.answer) as server:
        account, url = rig.add(server.url), server.url
        refresh(rig)
    before = rig.ledger(account)
    rig.clock.at_utc += 700
    [result] = refresh(rig)
    assert result.error
    assert result.error.code == "offline"
    assert rig.ledger(account) == before
    books.days[TODAY // DAY_S] += 2
    with ScriptedServer(books.answer) as server:
        rig.rekey(account, server.url)
        rig.keys.put(rig.account(account).name, Credential(Secret("sk-made-up-1"), server.url))
        assert url != server.url
        [result] = refresh(rig)
    assert result.error is None
    assert rig.ledger(account) == books.days


def test_a_key_goes_to_its_own_origin_only(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """Whatever the database says of where an account is asked: another origin gets neither key nor request."""
    account = rig.add(server.url)
    with ScriptedServer(Books().answer) as other:
        rig.rekey(account, other.url)
        [result] = refresh(rig)
        assert result.error
        assert "given for" in result.error.message
        assert (other.seen, other.connections, server.connections) == ([], 0, 0)
    assert rig.state(account).contacted_utc is None


def test_a_key_that_another_process_replaced(
    rig: Rig, books: Books, server: ScriptedServer, store: MemoryKeyring
) -> None:
    """A key in memory that is refused is looked up again before it is said to be refused."""
    account = rig.add(server.url)
    books.before = lambda seen: None if seen.headers["authorization"] == "Bearer sk-new" else Reply(401)
    store.items["tokentray-desktop", rig.account(account).name] = f'{{"key": "sk-new", "origin": "{server.url}"}}'
    [result] = refresh(rig)
    assert result.error is None
    assert rig.ledger(account) == books.days


def test_a_key_that_is_refused_is_not_tried_again_and_again(rig: Rig, books: Books, server: ScriptedServer) -> None:
    account = rig.add(server.url)
    books.before = lambda _: Reply(401)
    [result] = refresh(rig)
    assert result.error
    assert result.error.code == "key-refused"
    assert len(server.seen) == 1
    assert rig.state(account).error_code == "key-refused"


def test_no_key_no_request(rig: Rig, server: ScriptedServer) -> None:
    """A key that the keyring does not hold is said to be missing; the provider is not asked."""
    account = rig.add_without_key("made-up:nothing", server.url)
    [result] = refresh(rig)
    assert result.error
    assert result.error.code == "credentials-missing"
    assert server.seen == []
    assert rig.state(account).contacted_utc is None


def test_one_feed_that_may_not_be_read_does_not_hold_up_the_other(tmp_path: Path, books: Books) -> None:
    """The other is read at its own interval, and the account goes on saying what is wrong."""
    metered = FeedInfo(Basis.METERED, interval_s=600, depth_days=90, chunk_days=90)
    rig = Rig(tmp_path, [made_up([FEED, metered])])
    with ScriptedServer(books.answer) as server:
        books.before = lambda seen: Reply(403) if seen.path == "/metered" else None
        account = rig.add(server.url)
        first = poll(rig, account)
        assert first.error
        assert first.error.code == "not-allowed"
        assert set(first.troubles) == {Basis.METERED}
        assert rig.ledger(account) == books.days
        server.seen.clear()
        second = poll(rig, account, feeds=frozenset({B}), troubles=first.troubles)
    assert {seen.path for seen in server.seen} == {"/billed"}
    assert second.troubles == first.troubles
    assert rig.state(account).error_code == "not-allowed"
    assert rig.account(account).error == str(first.error)


def test_two_at_once_ask_once(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """While one reads an account, another finds it taken and asks nothing."""
    account = rig.add(server.url)
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: Seen) -> None:
        asked.set()
        go_on.wait(10)

    books.before = hold
    results: list[PollResult] = []
    other = threading.Thread(target=lambda: results.extend(refresh(rig)))
    other.start()
    assert asked.wait(10)
    assert poll(rig, account).busy
    go_on.set()
    other.join(10)
    assert results[0].error is None
    assert rig.ledger(account) == books.days
    assert len(server.seen) == 9


def test_a_lease_that_crashed_runs_out(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """A process that died in a poll is waited for no longer than its lease; one from the future is none."""
    account = rig.add(server.url)
    writer = Writer(rig.path)
    assert writer.lease(account, "gone", NOW, 90)
    writer.close()
    assert poll(rig, account).busy
    rig.clock.at_utc += 91
    result = poll(rig, account)
    assert (result.busy, result.error) == (False, None)
    assert rig.ledger(account) == books.days


def test_stopped_between_two_windows(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """What was read until then stays, and the next refresh reads the rest."""
    account = rig.add(server.url)
    stopped = threading.Event()

    def should_stop() -> bool:
        if server.seen:
            stopped.set()
        return stopped.is_set()

    [result] = refresh(rig, should_stop=should_stop, progress=lambda *_: stopped.wait(10))
    assert result.more
    held = rig.ledger(account)
    assert 0 < len(held) < 90
    refresh(rig)
    assert rig.ledger(account) == books.days


CRASH = """
import sys
from pathlib import Path
from tests.app.polled import FEED, KEY, NOW, TODAY, Books, Rig, drip, made_up, use_memory_keyring, wait_until
from tokentray.engine.polls import poll_all
from tokentray.secret import Credential, Secret
use_memory_keyring()
rig = Rig(Path(sys.argv[1]))
account = rig.accounts()[0]
rig.keys.put(account.name, Credential(Secret("sk-made-up"), sys.argv[2]))
poll_all([account], rig.path, rig.clock, rig.keys, rig.network, providers=rig.providers)
"""


def test_killed_in_the_middle_of_reading_back(rig: Rig, books: Books, server: ScriptedServer, tmp_path: Path) -> None:
    """What was read before a kill stays, nothing is counted twice, and the next one reads what is missing."""
    account = rig.add(server.url)
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: Seen) -> None:
        if len(server.seen) == 4:
            asked.set()
            go_on.wait(30)

    books.before = hold
    root = Path(__file__).resolve().parents[2]
    crashed = subprocess.Popen([sys.executable, "-c", CRASH, tmp_path, server.url], cwd=root)
    try:
        assert asked.wait(30)
    finally:
        crashed.kill()
        crashed.wait(10)
        go_on.set()
    held = rig.ledger(account)
    assert held == {day: usd for day, usd in books.days.items() if day > TODAY // DAY_S - 30}
    assert poll(rig, account).busy
    books.days[TODAY // DAY_S] += 3
    rig.clock.at_utc += 91
    server.seen.clear()
    [result] = refresh(rig)
    assert result.error is None
    assert rig.ledger(account) == books.days
    assert len(server.seen) == 1 + 6


def test_a_thread_that_hangs_is_left_behind(tmp_path: Path, books: Books, server: ScriptedServer) -> None:
    """Where no deadline of ours reaches, the account is said not to have answered; the others are read."""
    hanging, go_on = made_up(name="hanging"), threading.Event()

    def hang(context: Context, basis: Basis, window: Window) -> Outcome:
        go_on.wait(30)
        return hanging.read(context, basis, window)

    rig = Rig(tmp_path, [made_up(), hanging._replace(read=hang)])
    stuck = rig.add(server.url, provider="hanging", label="Stuck")
    other = rig.add(server.url)
    left, right = refresh(rig, poll_s=-4.0, busy_s=0.0)
    assert left.account_id == stuck
    assert left.error
    assert "did not answer in time" in str(left.error)
    assert (right.error, rig.ledger(other)) == (None, books.days)
    go_on.set()
    wait_until(lambda: not any(thread.name == f"poll {stuck}" for thread in threading.enumerate()))


def test_a_bug_in_one_provider_leaves_the_others_alone(
    tmp_path: Path, books: Books, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    """It is in the log with its traceback, the account says so and is free for the next poll."""
    broken = made_up(name="broken")

    def fail(context: Context, basis: Basis, window: Window) -> Outcome:
        raise KeyError("a field")

    rig = Rig(tmp_path, [made_up(), broken._replace(read=fail)])
    account = rig.add(server.url, provider="broken", label="Broken")
    other = rig.add(server.url)
    first, second = refresh(rig)
    assert first.error
    assert "in the log file" in str(first.error)
    assert (second.error, rig.ledger(other)) == (None, books.days)
    assert rig.account(account).error
    assert not refresh(rig)[0].busy
    assert KEY.reveal() not in caplog.text
    assert "KeyError" in caplog.text
