"""Every provider from end to end: added, read, restarted, killed and corrected, until both sides hold the same books.

The servers keep organisations of several people and keys, answer in small pages, correct what they told, tell bills
late and grow while they are read. What the history holds in the end is the server's own ledger of the person.
"""

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.app.polled import SetClock, use_memory_keyring
from tests.contract.ledgers import LedgerServer
from tests.contract.ledgers.anthropic import AnthropicOrganisation
from tests.contract.ledgers.deepseek import DeepSeekLedger
from tests.contract.ledgers.github_copilot import GitHub
from tests.contract.ledgers.litellm_proxy import LiteLLMProxy
from tests.contract.ledgers.openai import OpenAILedger
from tests.contract.ledgers.openrouter import KEYS, OpenRouterLedger
from tests.unit.test_credentials import MemoryKeyring
from tokentray.clock import DAY_S, HOUR_S, UtcZone
from tokentray.engine.account_desk import AccountDesk
from tokentray.engine.keys import Keys
from tokentray.engine.polls import poll_all
from tokentray.money import NumberStyle
from tokentray.net.client import Network
from tokentray.requests import AddAccount
from tokentray.secret import Secret
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

Places = dict[tuple[str, str], int]
"""Model and UTC day to nano-dollars, or to tokens."""


class Case(NamedTuple):
    """A provider's server, how it is made, and what of it can be told by model and day."""

    provider: str
    make: Callable[[int], Any]
    by_day: bool = True
    corrects: bool = True
    bills_late: bool = True
    """Whether its money is told later than its tokens, so that today must not fall."""


def _legacy(seed: int) -> AnthropicOrganisation:
    server = AnthropicOrganisation(seed=seed)
    server.analytics = False
    return server


CASES = {
    "anthropic": Case("anthropic", lambda seed: AnthropicOrganisation(seed=seed)),
    "anthropic-legacy": Case("anthropic", _legacy),
    "openai": Case("openai", OpenAILedger),
    "openrouter-management": Case("openrouter", lambda seed: OpenRouterLedger(seed=seed), bills_late=False),
    "openrouter-plain": Case(
        "openrouter",
        lambda seed: OpenRouterLedger(seed=seed, key=KEYS[0].text),
        by_day=False,
        corrects=False,
        bills_late=False,
    ),
    "litellm-proxy": Case("litellm-proxy", lambda seed: LiteLLMProxy(seed=seed), bills_late=False),
    "github-copilot": Case("github-copilot", lambda seed: GitHub(seed=seed), bills_late=False),
    "deepseek": Case(
        "deepseek", lambda seed: DeepSeekLedger(seed=seed), by_day=False, corrects=False, bills_late=False
    ),
}


@pytest.fixture(autouse=True)
def store(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    return use_memory_keyring(monkeypatch)


class Person:
    """Somebody with one account, whose clock may be off by some seconds."""

    def __init__(self, case: Case, server: LedgerServer, root: Path, off_s: int) -> None:
        self.case, self.server, self.off_s = case, server, off_s
        self.path = root / "data" / "history.db"
        self.clock = SetClock()
        self.keys = Keys()
        self._set_clock()
        self.began_utc = server.now_utc
        desk = AccountDesk(self.path, self.clock, UtcZone(), NumberStyle(), self.keys, Network, emails=lambda: ())
        request = AddAccount(case.provider, Secret(server.key), base_url=server.url, own=server.own)
        self.account = desk.do(request).account

    def wait(self, seconds: int) -> None:
        self.server.advance(seconds)

    def refresh(self) -> None:
        """Every error is one too many: the server is well."""
        self._set_clock()
        with History(self.path) as history:
            accounts = history.accounts()
        for result in poll_all(accounts, self.path, self.clock, self.keys, Network):
            assert result.error is None, str(result.error)

    def restart(self) -> None:
        """All that was in memory is gone but for the keyring."""
        self.keys = Keys()

    def killed_after(self, requests: int) -> None:
        """A refresh in another process, ended as by a power cut after some requests."""
        self._set_clock()
        seen = self.server.server.seen  # type: ignore[attr-defined]  # every one of them has a scripted server
        asked = {"history": str(self.path), "key": self.server.key, "now_utc": self.clock.at_utc}
        before = len(seen)
        with subprocess.Popen([sys.executable, "-m", "tests.app.ledger_worker"], stdin=subprocess.PIPE) as worker:
            assert worker.stdin
            worker.stdin.write(json.dumps(asked).encode())
            worker.stdin.close()
            while worker.poll() is None and len(seen) - before < requests:
                time.sleep(0.001)
            worker.kill()
        # The lease of the dead runs out by itself.
        self.wait(100)

    def _set_clock(self) -> None:
        self.clock.at_utc = self.server.now_utc + self.off_s

    def today(self) -> tuple[date, Decimal]:
        """The UTC day by the server's clock, and what counts of it."""
        day = datetime.fromtimestamp(self.server.now_utc, UTC).date()
        with History(self.path) as history:
            rows = history.usage(UsageQuery(("day",), day, day), UtcZone())
        return day, sum((row.cost for row in rows), Decimal(0))

    def billed(self) -> Places:
        return self._places(
            "SELECT m.name, b.start, b.amount_nanos FROM billed_buckets b LEFT JOIN models m ON m.id = b.model_id"
        )

    def metered(self, kind: str) -> Places:
        return self._places(
            f"SELECT m.name, b.start, b.{kind} FROM metered_buckets b LEFT JOIN models m ON m.id = b.model_id"
        )

    def total(self) -> int:
        """All money, in buckets or in stretches that are none."""
        with closing(sqlite3.connect(self.path)) as connection:
            return sum(
                connection.execute(
                    f"SELECT COALESCE(SUM(amount_nanos), 0) FROM {table} WHERE source_id = ?", (self.account,)
                ).fetchone()[0]
                for table in ("billed_buckets", "billed_intervals")
            )

    def _places(self, sql: str) -> Places:
        places: Places = {}
        with closing(sqlite3.connect(self.path)) as connection:
            for model, start, amount in connection.execute(f"{sql} WHERE b.source_id = ?", (self.account,)):
                place = (model or "", _day(start))
                places[place] = places.get(place, 0) + amount
        return {place: amount for place, amount in places.items() if amount}


def _day(at_utc: int) -> str:
    return datetime.fromtimestamp(at_utc, UTC).date().isoformat()


def _theirs(server: Any) -> tuple[Places, dict[str, Places]]:
    """The server's own ledger: money, and tokens by kind."""
    books = server.ledger()
    if isinstance(books, dict):  # OpenAI's tells days by their first second, and tokens as a row has them
        billed = {(model, _day(start)): nanos for (model, start), nanos in books["billed"].items()}
        kinds = {"input": 1, "output": 2, "cache_read": 4, "cache_write_5m": 5, "cache_write_1h": 6}
        tokens = {
            kind: {(model, _day(start)): counts[at] for (model, start), counts in books["metered"].items()}
            for kind, at in kinds.items()
        }
    else:
        billed = dict(books.billed)
        kinds_of = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
        tokens = {kind: {place: getattr(counts, kind) for place, counts in books.metered.items()} for kind in kinds_of}
    return _some(billed), {kind: _some(places) for kind, places in tokens.items()}


def _some(places: Places) -> Places:
    return {place: amount for place, amount in places.items() if amount}


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Callable[[str, int, int], Person]]:
    servers: list[LedgerServer] = []

    def make(name: str, seed: int, off_s: int) -> Person:
        case = CASES[name]
        server = case.make(seed)
        servers.append(server)
        return Person(case, server, tmp_path, off_s)

    yield make
    for server in servers:
        server.close()


def agrees(person: Person) -> None:
    """Hold what the history has against the server's own books."""
    server: Any = person.server
    if person.case.by_day:
        billed, tokens = _theirs(server)
        assert person.billed() == billed
        for kind, places in tokens.items():
            assert person.metered(kind) == places, kind
    else:
        # From the first look on; what OpenRouter's counters tell of this month is known as well.
        month = datetime.fromtimestamp(person.began_utc, UTC).replace(day=1, hour=0, minute=0, second=0)
        since = person.began_utc if person.case.provider == "deepseek" else int(month.timestamp())
        assert person.total() == server.spent(since, server.now_utc + 1)


@pytest.mark.parametrize("off_s", [0, 3_600, -3_600])
@pytest.mark.parametrize("name", CASES)
def test_both_hold_the_same_books_in_the_end(made: Callable[[str, int, int], Person], name: str, off_s: int) -> None:
    """After any order of refreshes, waits, corrections and restarts, with a clock that is right or an hour off."""
    dice = random.Random(f"{name} {off_s}")
    person = made(name, dice.randrange(1000), off_s)
    for _ in range(6):
        match dice.choice(("wait", "refresh", "refresh", "correct", "restart")):
            case "wait":
                person.wait(dice.choice((600, 5 * HOUR_S, 20 * HOUR_S)))
            case "refresh":
                person.refresh()
            case "correct":
                if person.case.corrects:
                    person.server.correct()
            case "restart":
                person.restart()
    person.wait(26 * HOUR_S)
    person.refresh()
    # At noon, when a clock that is an hour off means the same day.
    person.wait(DAY_S + (12 * HOUR_S - person.server.now_utc) % DAY_S)
    person.refresh()
    agrees(person)


@pytest.mark.parametrize("name", CASES)
def test_a_refresh_that_is_killed_loses_and_doubles_nothing(made: Callable[[str, int, int], Person], name: str) -> None:
    """Ended after a few requests, twice; what comes after ends with the server's own ledger."""
    person = made(name, 11, 0)
    if not person.case.by_day:
        person.refresh()  # what went before the first look is told by no counter
    for requests in (1, 3):
        person.killed_after(requests)
        person.wait(3 * HOUR_S)
    person.refresh()
    agrees(person)


@pytest.mark.parametrize("name", CASES)
def test_today_never_falls_because_a_bill_came(made: Callable[[str, int, int], Person], name: str) -> None:
    """From hour to hour what counts of today only rises, whatever is told of it by then, and of other days."""
    person = made(name, 23, 0)
    person.refresh()
    before = person.today()
    for _ in range(9):
        person.wait(3 * HOUR_S)
        person.refresh()
        now = person.today()
        if now[0] == before[0]:
            assert now[1] >= before[1]
        before = now


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.bills_late])
def test_the_servers_tell_bills_late(made: Callable[[str, int, int], Person], name: str) -> None:
    """Else the test above would prove nothing: of today there are tokens, and no money yet."""
    person = made(name, 23, 0)
    person.wait((12 * HOUR_S - person.server.now_utc) % DAY_S)
    billed, tokens = _theirs(person.server)
    today = _day(person.server.now_utc)
    assert today in {day for _, day in tokens["input"]}
    assert today not in {day for _, day in billed}
