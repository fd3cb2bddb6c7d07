"""A made-up provider with a server of its own, and accounts at it. Shared by the tests of polling."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import keyring
import keyring.core
import pytest

from tests.servers import Reply, ScriptedServer, Seen
from tests.unit.test_credentials import MemoryKeyring
from tokentray.clock import DAY_S, UtcSeconds, UtcZone
from tokentray.engine.keys import Keys
from tokentray.ledger import ALL, BilledRow, Outcome, Report, Window
from tokentray.model import Basis
from tokentray.net.client import Network
from tokentray.providers import answers
from tokentray.providers.base import Context, FeedInfo, Identity, Provider, ProviderInfo
from tokentray.secret import Credential, Secret
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

TODAY = 20_600 * DAY_S
NOW = UtcSeconds(TODAY + 15 * 3600)
FEED = FeedInfo(Basis.BILLED, interval_s=600, corrects_days=3, depth_days=90, chunk_days=10)
KEY = Secret("sk-made-up-" + "0" * 24)


class SetClock:
    """A clock that a test sets."""

    def __init__(self, at_utc: int = NOW) -> None:
        self.at_utc = at_utc

    def now_utc(self) -> UtcSeconds:
        return UtcSeconds(self.at_utc)


def made_up(feeds: Sequence[FeedInfo] = (FEED,), name: str = "made-up") -> Provider:
    """A provider that bills so much a day. Its clock is ours."""

    def read(context: Context, basis: Basis, window: Window) -> Outcome:
        first, last = window.start_utc // DAY_S, window.end_utc // DAY_S
        page = answers.an_object(
            context.channel.get(f"/{basis}", [("from", str(first)), ("to", str(last))]), "the answer"
        )
        rows = tuple(
            BilledRow(answers.count(one["day"], "day") * DAY_S, DAY_S, "m-1", "USD", answers.money(one["usd"], "usd"))
            for one in answers.objects(page.get("data"), "data")
        )
        settled = answers.count(page.get("settled"), "settled") * DAY_S
        return Outcome((Report(basis, window, settled, rows),))

    def identify(context: Context) -> Identity:
        return Identity("Key", whole=True)

    info = ProviderInfo(name, "Made Up", "", "for tests", "Any key", "", (), tuple(feeds))
    return Provider(info, identify, read)


class Books:
    """What the provider knows, and how it answers. days: UTC day number to dollars.

    before: called with each request; what it returns is the answer instead.
    """

    def __init__(self, days: Mapping[int, Decimal] | None = None) -> None:
        today = TODAY // DAY_S
        self.days = dict(days or {today - ago: Decimal(ago % 7) + Decimal("1.25") for ago in range(90)})
        self.settled = today
        self.before: Callable[[Seen], Reply | None] = lambda _: None

    def answer(self, seen: Seen) -> Reply:
        instead = self.before(seen)
        if instead is not None:
            return instead
        asked = dict(seen.params)
        first, last = int(asked["from"]), int(asked["to"])
        data = [{"day": day, "usd": str(usd)} for day, usd in self.days.items() if first <= day < last]
        return Reply(body={"data": data, "settled": self.settled})


class Rig:
    """A history, keys in memory, and accounts of made-up providers at servers."""

    def __init__(self, root: Path, providers: Sequence[Provider] = ()) -> None:
        self.path = root / "data" / "history.db"
        self.clock = SetClock()
        self.keys = Keys(deadline_s=10)
        self.providers = tuple(providers) or (made_up(),)
        self._network: Network | None = None

    def add(self, url: str, *, provider: str = "made-up", label: str = "", key: Secret = KEY) -> int:
        """An account at a server."""
        name = f"{provider}:{label or 'one'}"
        self.keys.put(name, Credential(key, url))
        return self.add_without_key(name, url, provider, label or "Made Up")

    def add_without_key(self, name: str, url: str, provider: str = "made-up", label: str = "Made Up") -> int:
        writer = Writer(self.path)
        try:
            with writer.telling() as told:
                return told.add_account(
                    name, provider, label, url, "Key", "", "", ALL, True, True, self.clock.now_utc()
                )
        finally:
            writer.close()

    def remove(self, account_id: int) -> None:
        """Its history stays."""
        writer = Writer(self.path)
        try:
            with writer.telling() as told:
                told.remove_account(account_id, True, self.clock.now_utc())
        finally:
            writer.close()

    def rekey(self, account_id: int, url: str) -> None:
        """The person gave another key, or another address."""
        writer = Writer(self.path)
        try:
            with writer.telling() as told:
                told.rekey_account(account_id, url, "Key", "", "")
        finally:
            writer.close()

    def network(self) -> Network:
        return Network()

    def network_once(self) -> Network:
        """One for a poll that a test makes itself, which hang_up() closes."""
        self._network = self._network or Network()
        return self._network

    def hang_up(self) -> None:
        if self._network is not None:
            self._network.close()
        self._network = None

    def accounts(self) -> list[AccountRow]:
        with History(self.path) as history:
            return history.accounts()

    def account(self, account_id: int) -> AccountRow:
        return next(one for one in self.accounts() if one.id == account_id)

    def state(self, account_id: int) -> PollState:
        with History(self.path) as history:
            return history.poll_states()[account_id]

    def ledger(self, account_id: int) -> dict[int, Decimal]:
        """What the history holds of an account: UTC day number to dollars."""
        with History(self.path) as history:
            rows = history.usage(UsageQuery(("day",), where=(("source", f"account:{account_id}"),)), UtcZone())
        epoch = 719_163
        from datetime import date

        return {date.fromisoformat(row.key("day")).toordinal() - epoch: row.cost for row in rows}


def use_memory_keyring(monkeypatch: pytest.MonkeyPatch | None = None) -> MemoryKeyring:
    """A keyring in memory for this process, or for one test."""
    backend = MemoryKeyring()
    if monkeypatch is None:
        keyring.set_keyring(backend)
    else:
        keyring.get_keyring()
        monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
    return backend


def drip(server: Any) -> Callable[[Seen], Reply]:
    """Answers a byte at a time, for ever."""
    del server

    def wire(line: Any) -> None:
        if line.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"):
            while line.send(b" ") and line.pause(0.1):
                pass

    return lambda _: Reply(wire=wire)


def wait_until(true: Callable[[], bool], timeout_s: float = 10) -> None:
    """Wait for something that another thread or process does."""
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        threading.Event().wait(0.01)


__all__ = ["Books", "Rig", "ScriptedServer", "drip", "made_up", "use_memory_keyring", "wait_until"]
