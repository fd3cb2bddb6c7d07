"""Polls the accounts by themselves, for as long as the tray runs: one thread that sleeps until something is due.

It wakes for the next poll, a refresh by hand, a change of accounts, settings or network, and an unlocked keyring.
Begun only where there is an account, for what it imports is not for those who have none.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokentray.clock import Clock
from tokentray.engine import policy
from tokentray.engine.keys import Keys
from tokentray.engine.policy import Surroundings, Trouble
from tokentray.engine.poller import POLL_S, PollResult
from tokentray.engine.polls import Job, Polls
from tokentray.engine.surroundings import on_battery
from tokentray.errors import TokenTrayError
from tokentray.model import Basis
from tokentray.net.client import Network
from tokentray.providers import PROVIDERS
from tokentray.providers.base import FeedInfo, Provider
from tokentray.settings import DEFAULTS, Settings
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History

_log = logging.getLogger(__name__)

CALM_S = 60
"""After a start and after sleep, polls begin within this long, not all at once."""
_LONGEST_SLEEP_S = 900
"""A wait leaves out the time that the machine sleeps, so the clock is looked at this often at least."""
_BATTERY_LOOK_S = 300
_KEYRING_LOOK_S = 60
_JUMP_S = 60
_RETRY_S = 60
_JUST_READ_S = 10
_BUSY_S = 15
_TELL_S = 1.0
_KEYRING_CODES = frozenset({"credentials-locked", "credentials-none"})


@dataclass(slots=True)
class _Asked:
    """What was asked of the thread since it last looked."""

    by_hand: bool = False
    new: set[int] = field(default_factory=set)
    changed: bool = False
    online_again: bool = False
    unlocked: bool = False
    ended: bool = False

    def add(self, other: "_Asked") -> None:
        """What was asked for before, and could not be done."""
        self.by_hand |= other.by_hand
        self.new |= other.new
        self.online_again |= other.online_again
        self.unlocked |= other.unlocked

    def any(self) -> bool:
        return bool(self.by_hand or self.new or self.changed or self.online_again or self.unlocked or self.ended)


@dataclass(slots=True)
class _Known:
    """What is known of an account beyond the history.

    polled_utc, error_code: the poll that the troubles are of, as the history has it. advances: whether it read days
    that were missing.
    """

    polled_utc: int = 0
    error_code: str = ""
    troubles: Mapping[Basis, Trouble] = field(default_factory=dict)
    advances: bool = True


class AccountThread:
    """Call from any thread. told: called after each poll and while the past is read, on other threads."""

    def __init__(
        self,
        history: Path,
        clock: Clock,
        keys: Keys,
        network: Callable[[], Network],
        told: Callable[[], None],
        *,
        providers: Sequence[Provider] = PROVIDERS,
        calm_s: int = CALM_S,
        poll_s: float = POLL_S,
        battery: Callable[[], bool] = on_battery,
    ) -> None:
        self._history = history
        self._clock = clock
        self._keys = keys
        self._told = told
        self._infos = {one.info.id: one.info for one in providers}
        self._calm_s = calm_s
        self._battery = battery
        self._polls = Polls(
            history, clock, keys, network, providers=providers, progress=self._progress, done=self._ended, poll_s=poll_s
        )
        self._wake = threading.Condition()
        self._asked = _Asked()
        self._accounts: tuple[AccountRow, ...] | None = None
        self._settings: Settings = DEFAULTS
        self._online, self._metered = True, False
        self._stopping = threading.Event()
        self._known: dict[int, _Known] = {}
        self._busy_until: dict[int, int] = {}
        self._names: frozenset[str] = frozenset()
        self._calm_until = 0
        self._looked_at_keyring = 0.0
        self._told_at = 0.0
        self._polled_since: int | None = clock.now_utc()
        self._thread = threading.Thread(target=self._run, name="accounts", daemon=True)
        keys.listen(self._unlocked)

    def start(self, accounts: Sequence[AccountRow], settings: Settings, *, online: bool, metered: bool) -> None:
        """Begin with these."""
        self._accounts, self._settings, self._online, self._metered = tuple(accounts), settings, online, metered
        now_utc = self._clock.now_utc()
        self._calm_until = now_utc + policy.spread_s(0, now_utc, self._calm_s)
        self._thread.start()

    @property
    def polled_since_utc(self) -> int | None:
        """Since when accounts could have been polled by themselves; None while they are not."""
        return self._polled_since

    def update(self, accounts: Sequence[AccountRow], settings: Settings) -> None:
        """Say which accounts there are and which settings hold. One that is new is read at once."""
        with self._wake:
            before = self._accounts or ()
            if tuple(_told_of(one) for one in accounts) == tuple(map(_told_of, before)) and settings == self._settings:
                return
            known = {one.id for one in before}
            self._asked.new |= {one.id for one in accounts if one.id not in known}
            self._accounts, self._settings = tuple(accounts), settings
            self._asked.changed = True
            self._wake.notify()

    def refresh(self) -> None:
        """Read all of them now, whatever speaks against it."""
        with self._wake:
            self._asked.by_hand = True
            self._wake.notify()

    def network_changed(self, online: bool, metered: bool) -> None:
        """Say whether there is a network, and whether it costs by use."""
        with self._wake:
            self._asked.online_again |= online and not self._online
            self._asked.changed |= (online, metered) != (self._online, self._metered)
            self._online, self._metered = online, metered
            self._wake.notify()

    def stop(self) -> None:
        """End after the window in hand. Nothing waits for it: what was read is kept."""
        with self._wake:
            self._stopping.set()
            self._polls.stop()
            self._wake.notify()

    def _ended(self) -> None:
        with self._wake:
            self._asked.ended = True
            self._wake.notify()

    def _unlocked(self) -> None:
        with self._wake:
            self._asked.unlocked = True
            self._wake.notify()

    def _progress(self, label: str, days_done: int, days: int) -> None:  # noqa: ARG002 - what is told is in the history
        now = time.monotonic()
        if now - self._told_at > _TELL_S:
            self._told_at = now
            self._told()

    def _run(self) -> None:
        wait_s: float = 0
        undone = _Asked()
        woken, woken_utc = time.monotonic(), self._clock.now_utc()
        while not self._stopping.is_set():
            began = time.monotonic()
            with self._wake:
                self._wake.wait_for(lambda: self._stopping.is_set() or self._asked.any(), wait_s)
                asked, self._asked = self._asked, _Asked()
            if self._stopping.is_set():
                return
            # From one waking to the next: it may as well have slept while something was done.
            now, now_utc = time.monotonic(), self._clock.now_utc()
            slept = (now_utc - woken_utc) - (now - woken) > _JUMP_S or now - began - wait_s > _JUMP_S
            woken, woken_utc = now, now_utc
            if slept:
                self._slept(now_utc)
            asked.add(undone)
            try:
                wait_s, undone = self._turn(asked, now_utc), _Asked()
            except TokenTrayError as exc:
                _log.warning("%s: %s", exc.title, exc.message)
                wait_s, undone = _RETRY_S, asked
            except Exception:  # noqa: BLE001 - the one supervisor of this thread
                _log.exception("polling failed and starts again")
                wait_s, undone = _RETRY_S, asked

    def _slept(self, now_utc: int) -> None:
        """The machine was asleep, or its clock was set forward: begin again calmly, with nothing held against it."""
        self._calm_until = now_utc + policy.spread_s(0, now_utc, self._calm_s)
        if self._polled_since is not None:
            self._polled_since = now_utc

    def _turn(self, asked: _Asked, now_utc: int) -> float:
        """Begin what is due at the time of waking; in how many seconds to look again. Raises StoreError."""
        ended = self._polls.take()  # before the history is read, which then knows of them
        with History(self._history) as history:
            accounts, states = history.accounts(), history.poll_states()
        for result in ended:
            self._note(result, states.get(result.account_id, PollState()))
        self._forget_gone(accounts)
        if asked.unlocked or self._keyring_opened():
            self._drop_troubles(_KEYRING_CODES)
        if asked.online_again:
            self._drop_troubles({"offline"})
        busy = self._polls.busy()
        idle = [one for one in accounts if one.id not in busy and one.provider in self._infos]
        wait_s = self._begin(idle, states, asked, now_utc)
        if ended:
            self._told()
        limit_s = self._polls.wait_s()
        return wait_s if limit_s is None else min(wait_s, limit_s + 0.1)

    def _begin(self, idle: Sequence[AccountRow], states: Mapping[int, PollState], asked: _Asked, now_utc: int) -> float:
        jobs = []
        scheduled: list[tuple[int, Job]] = []
        for account in idle:
            state = states.get(account.id, PollState())
            feeds = self._infos[account.provider].feeds
            known = self._known_of(account.id, feeds, state)
            if account.id in asked.new or (asked.by_hand and not _just_read(state, now_utc)):
                jobs.append(Job(account, troubles=known.troubles))
                continue
            upcoming = policy.next_poll(account.id, feeds, state, known.troubles, now_utc, back_fill=known.advances)
            calm = max(self._calm_until, self._busy_until.get(account.id, 0))
            when = max(upcoming.when_utc, min(calm, now_utc + max(self._calm_s, _BUSY_S)))
            scheduled.append((when, Job(account, upcoming.feeds, known.troubles, by_hand=False)))
        due = [job for when, job in scheduled if when <= now_utc]
        around = self._around(due)
        reason = policy.quiet_reason(around)
        if reason:
            self._polled_since = None
        else:
            jobs += due
            if self._polled_since is None:
                self._polled_since = now_utc
        self._polls.start(jobs)
        waits = [float(_LONGEST_SLEEP_S)]
        if not reason:
            waits += [when - now_utc for when, _ in scheduled if when > now_utc]
        elif around.on_battery and due:
            waits.append(_BATTERY_LOOK_S)
        if self._keys.refusal is not None:
            waits.append(_KEYRING_LOOK_S)
        return max(1.0, min(waits))

    def _around(self, due: Sequence[Job]) -> Surroundings:
        """The battery is looked at only where something is due."""
        with self._wake:
            settings, online, metered = self._settings, self._online, self._metered
        return Surroundings(
            online,
            metered,
            bool(due) and not settings.on_battery and self._battery(),
            settings.paused,
            settings.on_metered,
            settings.on_battery,
        )

    def _note(self, result: PollResult, state: PollState) -> None:
        if result.busy:
            # Another process is at it: what that comes to will be in the history.
            self._busy_until[result.account_id] = self._clock.now_utc() + _BUSY_S
            return
        advances = result.advanced or not result.more
        self._known[result.account_id] = _Known(state.started_utc, state.error_code, result.troubles, advances)
        if result.error is not None:
            _log.info("account %d: %s", result.account_id, result.error.code)

    def _known_of(self, account_id: int, feeds: Sequence[FeedInfo], state: PollState) -> _Known:
        """What is known of an account, by the last poll of it, whoever made that."""
        known = self._known.get(account_id)
        if known is None or known.polled_utc != state.started_utc:
            troubles = policy.troubles_of(feeds, state)
            known = self._known[account_id] = _Known(state.started_utc, state.error_code, troubles)
        elif known.error_code and not state.error_code:
            known.error_code, known.troubles = "", {}  # the person gave another key
        return known

    def _drop_troubles(self, codes: frozenset[str] | set[str]) -> None:
        """What stood in the way is gone: what failed for it is due at once."""
        for known in self._known.values():
            known.troubles = {basis: one for basis, one in known.troubles.items() if one.code not in codes}

    def _forget_gone(self, accounts: Sequence[AccountRow]) -> None:
        """Keys of accounts that were removed do not stay in memory."""
        names = frozenset(one.name for one in accounts)
        for name in self._names - names:
            self._keys.forget(name)
        self._names = names
        ids = {one.id for one in accounts}
        self._known = {account_id: known for account_id, known in self._known.items() if account_id in ids}

    def _keyring_opened(self) -> bool:
        """Whether a keyring that could not be read can be by now; looked at once a minute, without a prompt."""
        if self._keys.refusal is None or time.monotonic() - self._looked_at_keyring < _KEYRING_LOOK_S:
            return False
        self._looked_at_keyring = time.monotonic()
        return self._keys.may_ask()


def _told_of(account: AccountRow) -> tuple[object, ...]:
    """What of an account matters for polls, and does not change by them."""
    return (account.id, account.name, account.base_url, account.own, account.kind, account.holder, account.error == "")


def _just_read(state: PollState, now_utc: int) -> bool:
    """Whether all is as new as it can be: a refresh asked for twice is made once."""
    return not state.error_code and bool(state.read_utc) and 0 <= now_utc - state.started_utc < _JUST_READ_S
