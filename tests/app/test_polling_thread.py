"""Accounts polled by themselves while the tray runs: by the thread alone, and through a whole engine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app.polled import KEY, NOW, TODAY, Books, Rig, SetClock, made_up, wait_until
from tests.servers import Reply, ScriptedServer, Seen
from tests.unit.test_credentials import use
from tests.unit.test_keys import PromptingKeyring
from tokentray.clock import DAY_S, UtcZone
from tokentray.engine.account_thread import AccountThread
from tokentray.engine.account_work import AccountWork
from tokentray.engine.keys import Keys
from tokentray.engine.runtime import Engine
from tokentray.engine.snapshots import build
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.requests import AddAccount, Answer, RemoveAccount, TryKey
from tokentray.secret import Credential, Secret
from tokentray.settings import DEFAULTS, Settings
from tokentray.snapshot import Snapshot, SourceState
from tokentray.store.history import History
from tokentray.store.writer import Writer


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[PromptingKeyring]:
    backend = PromptingKeyring()
    use(monkeypatch, backend)
    yield backend
    backend.answered.set()


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


class Polling:
    """A thread over a rig, and how often it told of news."""

    def __init__(self, rig: Rig, *, settings: Settings = DEFAULTS, online: bool = True, calm_s: int = 0) -> None:
        self.rig = rig
        self.news = 0
        self.on_battery = False
        self.settings = settings
        self.thread = AccountThread(
            rig.path,
            rig.clock,
            rig.keys,
            rig.network,
            self._told,
            providers=rig.providers,
            calm_s=calm_s,
            battery=lambda: self.on_battery,
        )
        self.thread.start(rig.accounts(), settings, online=online, metered=False)

    def _told(self) -> None:
        self.news += 1

    def look(self, **settings: object) -> None:
        """Have it plan anew, as it does by itself when its time has come."""
        interval = self.settings.interval_min % 1000 + 1
        self.settings = self.settings._replace(interval_min=interval, **settings)  # type: ignore[arg-type]  # as named
        self.thread.update(self.rig.accounts(), self.settings)

    def wait_read(self, account_id: int, after: int = 0) -> None:
        """Wait for a poll that began after a time and went well."""
        wait_until(lambda: self._is_read(account_id, after))

    def _is_read(self, account_id: int, after: int) -> bool:
        state = self.rig.state(account_id)
        return bool(state.read_utc) and min(state.read_utc.values()) > after and not self.thread._polls.busy()


@contextmanager
def polling(rig: Rig, **options: object) -> Iterator[Polling]:
    one = Polling(rig, **options)  # type: ignore[arg-type]  # as named
    try:
        yield one
    finally:
        one.thread.stop()
        one.thread._thread.join(5)
        wait_until(lambda: not one.thread._polls.busy())
        one.thread._polls.take()


def test_read_by_itself_to_the_end_and_again_when_due(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """A new account is read back as far as its provider tells; after the interval what is new is read."""
    account = rig.add(server.url)
    with polling(rig) as one:
        one.wait_read(account)
        assert rig.ledger(account) == books.days
        assert one.news >= 1
        asked = len(server.seen)
        books.days[TODAY // DAY_S] += 1
        one.look()
        rig.clock.at_utc += 750
        one.look()
        one.wait_read(account, NOW)
        assert rig.ledger(account) == books.days
        assert len(server.seen) == asked + 1


def test_calm_after_a_start_and_after_sleep(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """Not in the first second, when everything else starts too, but within a minute; sleep makes nothing stale."""
    account = rig.add(server.url)
    with polling(rig, calm_s=60) as one:
        calm = one.thread._calm_until - NOW
        assert 1 < calm <= 60, "this instant and account leave room for the test"
        one.look()
        wait_until(lambda: not one.thread._asked.any())
        assert server.seen == []
        rig.clock.at_utc += calm
        one.look()
        one.wait_read(account)
        asked = len(server.seen)
        rig.clock.at_utc += 8 * 3600
        one.look()
        wait_until(lambda: one.thread.polled_since_utc == rig.clock.at_utc)
        again = one.thread._calm_until - rig.clock.at_utc
        assert 1 < again <= 60, "as above"
        assert len(server.seen) == asked
        rig.clock.at_utc += again
        one.look()
        one.wait_read(account, NOW + calm)
        assert len(server.seen) > asked


def test_a_new_account_is_read_at_once(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """Also on battery: the person has just given its key and wants to see it."""
    with polling(rig) as one:
        one.on_battery = True
        account = rig.add(server.url)
        one.look()
        one.wait_read(account)
    assert rig.ledger(account) == books.days


@pytest.mark.parametrize("why", ["paused", "battery", "offline", "metered"])
def test_quiet(rig: Rig, books: Books, server: ScriptedServer, why: str) -> None:
    """Nothing is asked by itself while the surroundings speak against it, and nothing grows stale; by hand it is."""
    account = rig.add(server.url)
    settings = DEFAULTS._replace(paused=why == "paused")
    with polling(rig, settings=settings, online=why != "offline") as one:
        one.on_battery = why == "battery"
        if why == "metered":
            one.thread.network_changed(True, True)
        wait_until(lambda: why in ("battery", "metered") or one.thread.polled_since_utc is None)
        if why in ("paused", "offline"):
            assert server.seen == []
        one.thread.refresh()
        one.wait_read(account)
        asked = len(server.seen)
        rig.clock.at_utc += 4 * DAY_S  # a provider that is not known is stale after three
        one.look()
        wait_until(lambda: one.thread.polled_since_utc is None)
        assert len(server.seen) == asked
        with History(rig.path) as history:
            for since, state in ((None, SourceState.FRESH), (0, SourceState.STALE)):
                made = build(history, rig.clock.now_utc(), UtcZone(), NumberStyle(), polled_since_utc=since)
                assert made.health[0].state is state


def test_allowed_on_battery(rig: Rig, books: Books, server: ScriptedServer) -> None:
    account = rig.add(server.url)
    with polling(rig, settings=DEFAULTS._replace(on_battery=True)) as one:
        one.on_battery = True
        one.wait_read(account)
    assert rig.ledger(account) == books.days


def test_offline_then_back(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """What failed for want of a network is read as soon as there is one, not when its back-off ends."""
    account = rig.add("http://127.0.0.1:9")
    name = rig.account(account).name
    with polling(rig) as one:
        wait_until(lambda: rig.state(account).error_code == "offline")
        one.thread.network_changed(False, False)
        wait_until(lambda: one.thread.polled_since_utc is None)
        failures = rig.state(account).failures
        one.thread.network_changed(True, False)
        wait_until(lambda: rig.state(account).failures > failures)
    assert name == rig.account(account).name


def test_retry_after_is_waited_for(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """By itself it is not asked a second too early; once the time has come it is."""
    account = rig.add(server.url)
    books.before = lambda _: Reply(429, headers={"Retry-After": "500"})
    with polling(rig) as one:
        wait_until(lambda: rig.state(account).error_code == "rate-limited")
        asked = len(server.seen)
        books.before = lambda _: None
        rig.clock.at_utc += 490
        one.look()
        wait_until(lambda: not one.thread._asked.any())
        assert len(server.seen) == asked
        rig.clock.at_utc += 11
        one.look()
        one.wait_read(account, NOW)
    assert rig.ledger(account) == books.days


def test_a_keyring_that_is_unlocked_late(
    rig: Rig, books: Books, server: ScriptedServer, store: PromptingKeyring
) -> None:
    """The account says that the keyring is locked; once the person has unlocked it, it is read by itself."""
    account = rig.add(server.url)
    rig.keys = Keys(deadline_s=0.2)
    store.answered.clear()
    with polling(rig) as one:
        wait_until(lambda: rig.state(account).error_code == "credentials-locked")
        assert server.seen == []
        prompts = store.prompts
        rig.clock.at_utc += 3600
        one.look()
        wait_until(lambda: rig.state(account).failures > 1)
        assert store.prompts == prompts, "nothing asks again by itself while a prompt is up"
        store.answered.set()
        one.wait_read(account)
    assert rig.ledger(account) == books.days
    assert rig.account(account).error == ""


def test_a_removed_account_is_left_alone(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """Its key does not stay in memory, and its host is not asked again."""
    account = rig.add(server.url)
    name = rig.account(account).name
    with polling(rig) as one:
        one.wait_read(account)
        asked = len(server.seen)
        rig.remove(account)
        one.look()
        wait_until(lambda: name not in rig.keys._known)
        one.thread.refresh()
        wait_until(lambda: not one.thread._asked.any())
    assert len(server.seen) == asked


def test_an_account_that_another_process_reads_is_left_to_it(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """It is looked at again a little later, not at once and again; a process that died is waited for no longer."""
    account = rig.add(server.url)
    writer = Writer(rig.path)
    assert writer.lease(account, "another", NOW, 90)
    writer.close()
    with polling(rig) as one:
        wait_until(lambda: one.news > 0)
        assert server.seen == []
        rig.clock.at_utc += 91
        one.look()
        one.wait_read(account, NOW)
    assert rig.ledger(account) == books.days


def test_another_key_ends_the_wait_of_a_day(rig: Rig, books: Books, server: ScriptedServer) -> None:
    """A refused key is not tried again by itself; as soon as the person gives another, it is."""
    account = rig.add(server.url)
    books.before = lambda seen: None if seen.headers["authorization"] == "Bearer sk-new" else Reply(401)
    with polling(rig) as one:
        wait_until(lambda: rig.state(account).error_code == "key-refused" and not one.thread._polls.busy())
        rig.clock.at_utc += 7200
        one.look()
        wait_until(lambda: not one.thread._asked.any())
        assert len(server.seen) == 1
        rig.keys.put(rig.account(account).name, Credential(Secret("sk-new"), server.url))
        rig.rekey(account, server.url)
        one.look()
        one.wait_read(account, NOW)
    assert rig.ledger(account) == books.days


def test_stops_while_a_poll_hangs(rig: Rig, books: Books) -> None:
    """Nobody waits for an answer that does not come."""
    asked, go_on = threading.Event(), threading.Event()

    def hold(_: Seen) -> None:
        asked.set()
        go_on.wait(20)

    books.before = hold
    with ScriptedServer(books.answer) as server:
        rig.add(server.url)
        one = Polling(rig)
        assert asked.wait(10)
        one.thread.stop()
        one.thread._thread.join(1)
        assert not one.thread._thread.is_alive()
        go_on.set()
        wait_until(lambda: not one.thread._polls.busy())
        one.thread._polls.take()


class Tray:
    """A whole engine with made-up providers, and what it told."""

    def __init__(self, root: Path, *, made_up_year: bool = False) -> None:
        self.paths = Paths(root / "data", root / "data", root / "data")
        self.answers: dict[int, Answer] = {}
        self.seen: list[Snapshot] = []
        clock, style = SetClock(), NumberStyle()
        work = AccountWork(self.paths, clock, style, providers=(made_up(),), calm_s=0)
        self.work = work
        self.engine = Engine(
            self.paths, clock, UtcZone(), style, agents=(), env={}, home=root, made_up=made_up_year, accounts=work
        )
        self.engine.listen(self.seen.append)
        self.engine.listen_answers(lambda answer: self.answers.update({answer.request_id: answer}))

    def ask(self, request: AddAccount | RemoveAccount | TryKey) -> Answer:
        request_id = self.engine.submit(request)
        wait_until(lambda: request_id in self.answers)
        return self.answers[request_id]


@contextmanager
def running(tray: Tray) -> Iterator[Tray]:
    tray.engine.start()
    try:
        yield tray
    finally:
        assert tray.engine.stop(2)
        thread = tray.work._thread
        if thread is not None:
            thread._thread.join(5)
            wait_until(lambda: not thread._polls.busy())
            thread._polls.take()


def test_from_a_pasted_key_to_the_amount_in_the_tray(tmp_path: Path, books: Books, server: ScriptedServer) -> None:
    """A key is added in a window: it is answered, read at once, and what it cost today is what the tray shows."""
    with running(Tray(tmp_path)) as tray:
        answer = tray.ask(AddAccount("made-up", KEY, label="Mine", base_url=server.url))
        assert answer.problem is None, answer
        assert answer.tried
        wait_until(lambda: tray.seen[-1].today.cost == Decimal("1.25") and bool(tray.seen[-1].health))
        wait_until(lambda: tray.seen[-1].health[0].state is SourceState.FRESH)
        assert tray.ask(RemoveAccount(1)).problem is None
        wait_until(lambda: tray.work._thread is not None and not tray.work._thread._names)
    assert KEY.reveal().encode() not in (tmp_path / "data" / "history.db").read_bytes()


def test_a_request_that_is_refused_is_answered(tmp_path: Path) -> None:
    with running(Tray(tmp_path)) as tray:
        answer = tray.ask(TryKey("nobody", KEY))
        assert answer.problem
        assert answer.field == "provider"


def test_the_demo_keeps_no_keys(tmp_path: Path, server: ScriptedServer) -> None:
    """A made-up year asks nobody, whatever lies in its folder."""
    with running(Tray(tmp_path, made_up_year=True)) as tray:
        answer = tray.ask(AddAccount("made-up", KEY, base_url=server.url))
        assert answer.problem
        assert "demo" in answer.problem.title.lower()
    assert server.connections == 0
