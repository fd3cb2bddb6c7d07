"""One poll of one account, from the lease to its release. On a thread of its own: it may wait for keyring and network.

What each window brings is kept at once, so that a poll that is cut off loses one window at most.
"""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import zip_longest
from typing import NamedTuple

from tokentray.clock import Clock
from tokentray.engine import policy
from tokentray.engine.keys import Keys
from tokentray.engine.policy import Trouble
from tokentray.engine.refresh import find_prices
from tokentray.errors import (
    KeyRefusedError,
    LeaseLostError,
    NotAllowedError,
    NotThereError,
    OfflineError,
    ProviderError,
    RateLimitedError,
    RedirectedError,
    RefusedError,
    StoreError,
    TokenTrayError,
    UnavailableError,
)
from tokentray.ledger import Window
from tokentray.model import Basis
from tokentray.net.client import KeyedChannel, Network
from tokentray.providers import PROVIDERS
from tokentray.providers.base import Context, FeedInfo, Provider
from tokentray.secret import Credential
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History
from tokentray.store.writer import Writer

Progress = Callable[[str, int, int], None]
"""Called with an account's label, how many of its days are read, and how many there are to read."""

POLL_S = 60.0
LEASE_S = 90
_FAILED_IN_A_ROW = 2
_ROOM = 1.5
"""How many times as long as the slowest window so far must be left for one more to be begun."""
_QUICK = 10
"""What part of a poll a window may take at most, for more to be asked for at once again."""
_WHOLE_ACCOUNT = (KeyRefusedError, RateLimitedError, OfflineError, RedirectedError)
"""Errors after which nothing else of the account is asked for."""


class PollResult(NamedTuple):
    """What came of a poll. changed: whether anything that is shown did. more: the past is not read to its end.

    advanced: whether days were read that were missing. held_back: days of which an answer was not believed yet. busy:
    another process was at it, so nothing was asked. not_before_utc: until when the provider wants to be left alone, 0
    for no such wish. troubles: of each feed that could not be read. halvings: how often windows are to be halved next
    time, None where nothing was tried.
    """

    account_id: int
    label: str
    changed: bool = False
    more: bool = False
    advanced: bool = False
    held_back: int = 0
    busy: bool = False
    not_before_utc: int = 0
    error: TokenTrayError | None = None
    troubles: Mapping[Basis, Trouble] = {}
    halvings: int | None = None


def poll_account(
    account: AccountRow,
    writer: Writer,
    history: History,
    *,
    clock: Clock,
    keys: Keys,
    network: Callable[[], Network],
    feeds: frozenset[Basis] | None = None,
    troubles: Mapping[Basis, Trouble] = {},
    by_hand: bool = True,
    halvings: int | None = None,
    progress: Progress = lambda *_: None,
    should_stop: Callable[[], bool] = lambda: False,
    providers: Sequence[Provider] = PROVIDERS,
    poll_s: float = POLL_S,
) -> PollResult:
    """Read what is due. Raises StoreError; everything else that went wrong is in the result.

    feeds: only these, None for all. troubles: what was wrong with the others, which goes on being so. by_hand: the
    person is there, so that the keyring may ask them. halvings: as the last result had it, None for what the history
    tells of the last polls.
    """
    found = next((one for one in providers if one.info.id == account.provider), None)
    if found is None:
        return PollResult(account.id, account.label, error=_unknown(account))
    owner = uuid.uuid4().hex
    if not writer.lease(account.id, owner, clock.now_utc(), LEASE_S):
        return PollResult(account.id, account.label, busy=True)
    # As it is under the lease: what the person changes from here on ends it.
    account = next((one for one in history.accounts() if one.id == account.id), account)
    due = tuple(feed for feed in found.info.feeds if feeds is None or feed.basis in feeds)
    poll = _Poll(account, found, due, writer, history, clock, owner, troubles, halvings, progress, should_stop, poll_s)
    try:
        poll.run(keys, network, by_hand)
    except LeaseLostError:
        return PollResult(account.id, account.label, busy=True, changed=poll.changed)
    except BaseException as exc:
        # A bug, or the history: the lease goes at once, so that nobody waits for what has ended.
        error = exc if isinstance(exc, TokenTrayError) else _unexpected()
        with suppress(TokenTrayError):
            writer.release(account.id, owner, clock.now_utc(), error=error, contacted=poll.contacted)
        raise
    carried = {basis: one for basis, one in troubles.items() if basis not in {feed.basis for feed in due}}
    failed = poll.error or (_carried(account, carried) if carried else None)
    writer.release(
        account.id,
        owner,
        clock.now_utc(),
        error=failed,
        not_before_utc=poll.not_before_utc,
        contacted=poll.contacted,
    )
    lacking = poll.lacking()
    return PollResult(
        account.id,
        account.label,
        changed=poll.changed,
        more=lacking > 0,
        advanced=lacking < poll.lacking_before,
        held_back=poll.held_back,
        not_before_utc=poll.not_before_utc,
        error=failed,
        troubles={**carried, **poll.troubles},
        halvings=poll.halvings,
    )


class _Poll:
    """What one poll has come to so far. lacking: days that are missing, of all its feeds."""

    def __init__(
        self,
        account: AccountRow,
        provider: Provider,
        due: tuple[FeedInfo, ...],
        writer: Writer,
        history: History,
        clock: Clock,
        owner: str,
        known_troubles: Mapping[Basis, Trouble],
        halvings: int | None,
        progress: Progress,
        should_stop: Callable[[], bool],
        poll_s: float,
    ) -> None:
        self.changed = False
        self.held_back = 0
        self.not_before_utc = 0
        self.error: TokenTrayError | None = None
        self.troubles: dict[Basis, Trouble] = {}
        self._account = account
        self._provider = provider
        self._due = due
        self._writer = writer
        self._history = history
        self._clock = clock
        self._owner = owner
        self._known_troubles = known_troubles
        self._progress = progress
        self._should_stop = should_stop
        self._poll_s = poll_s
        self._until = time.monotonic() + poll_s
        self._channel: KeyedChannel | None = None
        self._memory = account.memory
        self._read: set[Basis] = set()
        self._ends: dict[Basis, int] = {}
        """Before which nothing will ever be told."""
        self._longest_s = 0.0
        self._halvings = policy.halvings_of(self._state()) if halvings is None else halvings
        self._managed = True
        self.lacking_before = self.lacking()

    @property
    def contacted(self) -> bool:
        """Whether the provider's host was reached."""
        return self._channel is not None and self._channel.contacted

    @property
    def halvings(self) -> int:
        """How often windows are to be halved next time."""
        quick = bool(self._read) and self._longest_s * _QUICK < self._poll_s
        return policy.halvings_after(self._halvings, managed=self._managed, quick=quick)

    def lacking(self) -> int:
        """How many days are missing now."""
        done, total = self._days(self._state())
        return total - done

    def run(self, keys: Keys, network: Callable[[], Network], by_hand: bool) -> None:
        """Read until all is read, time is up, or the account cannot be read any more. Raises StoreError."""
        try:
            credential = keys.get(self._account.name, by_hand=by_hand)
            try:
                self._read_with(network(), credential)
            except (KeyRefusedError, RefusedError):
                # Perhaps it was replaced by another process since it was read.
                keys.forget(self._account.name)
                other = keys.get(self._account.name, by_hand=by_hand)
                if other == credential:
                    raise
                self._read_with(network(), other)
        except StoreError:
            raise
        except TokenTrayError as exc:  # of the provider, the keyring, or the settings of the network
            self._fail_account(exc)

    def _read_with(self, network: Network, credential: Credential) -> None:
        info = self._provider.info
        self._channel = network.channel(
            credential,
            self._account.base_url,
            header=info.auth.header,
            prefix=info.auth.prefix,
            headers=info.headers,
            name=info.name,
            deadline_s=max(1.0, self._until - time.monotonic()),
            clock=self._clock,
        )
        state, now_utc = self._state(), self._clock.now_utc()
        plans = [
            [(feed, window) for window in policy.windows(policy.halved(feed, self._halvings), state, now_utc)]
            for feed in self._due
        ]
        failed: Counter[Basis] = Counter()
        # The newest of every feed before the past of any.
        for feed, window in (step for steps in zip_longest(*plans) for step in steps if step is not None):
            if failed[feed.basis] >= _FAILED_IN_A_ROW or window.end_utc <= self._ends.get(feed.basis, 0):
                continue
            if self._should_stop() or self._channel.left_s < self._longest_s * _ROOM:
                break
            try:
                self._read_window(self._channel, feed, window)
                failed[feed.basis] = 0
            except _WHOLE_ACCOUNT:
                raise
            except ProviderError as exc:
                self._managed &= not isinstance(exc, UnavailableError)
                if self._channel.left_s <= 0:
                    raise  # out of time: nothing else can be asked either
                failed[feed.basis] += _FAILED_IN_A_ROW if isinstance(exc, NotAllowedError | NotThereError) else 1
                self._fail(feed.basis, exc)

    def _read_window(self, channel: KeyedChannel, feed: FeedInfo, window: Window) -> None:
        began = time.monotonic()
        context = Context(
            channel,
            self._account.own,
            self._memory,
            self._history.readings(self._account.id),
            base_url=self._account.base_url,
        )
        outcome = self._provider.read(context, feed.basis, window)
        applied = self._writer.apply_outcome(
            self._account.id,
            self._owner,
            outcome,
            {one.basis: one.corrects_days for one in self._provider.info.feeds},
            self._clock.now_utc(),
            find_prices,
            feed.basis,
        )
        self._writer.lease(self._account.id, self._owner, self._clock.now_utc(), LEASE_S)
        if outcome.ends:
            self._ends[feed.basis] = max(window.start_utc, self._ends.get(feed.basis, 0))
        if outcome.memory is not None:
            self._memory = outcome.memory
        self._read.add(feed.basis)
        self._longest_s = max(self._longest_s, time.monotonic() - began)
        self.changed |= applied.changed
        self.held_back += applied.held_back
        self._progress(self._account.label, *self._days(self._state()))

    def _fail_account(self, exc: TokenTrayError) -> None:
        """Nothing more can be read of the account just now."""
        if isinstance(exc, RateLimitedError) and self._read >= {feed.basis for feed in self._due}:
            # All that is new was read, and the past waits: nothing that the person need know of.
            wait_s = exc.retry_after_s
            self.not_before_utc = policy.retry_at_utc(self._clock.now_utc(), 60 if wait_s is None else wait_s)
            return
        for feed in self._due:
            if feed.basis not in self._read or isinstance(exc, KeyRefusedError):
                self._fail(feed.basis, exc)
        self.error = exc

    def _fail(self, basis: Basis, exc: TokenTrayError) -> None:
        now_utc = self._clock.now_utc()
        wait_s = exc.retry_after_s if isinstance(exc, RateLimitedError | UnavailableError) else None
        before = self._known_troubles.get(basis)
        until_utc = policy.retry_at_utc(now_utc, wait_s)
        self.troubles[basis] = Trouble(exc.code, now_utc, before.failures + 1 if before else 1, until_utc)
        self.not_before_utc = max(self.not_before_utc, until_utc)
        self.error = self.error or exc

    def _state(self) -> PollState:
        return self._history.poll_states().get(self._account.id, PollState())

    def _days(self, state: PollState) -> tuple[int, int]:
        days = [policy.days_done(feed, state, self._clock.now_utc()) for feed in self._due]
        return sum(done for done, _ in days), sum(total for _, total in days)


def _unknown(account: AccountRow) -> TokenTrayError:
    return ProviderError("Provider not known", account.provider, "See whether a newer TokenTray reads it")


def _unexpected() -> TokenTrayError:
    return ProviderError("Reading stopped", "an unexpected error; it is in the log file", "It is tried again shortly")


def _carried(account: AccountRow, troubles: Mapping[Basis, Trouble]) -> TokenTrayError | None:
    """What was wrong before with feeds that were not tried this time, in the words that are on record."""
    if not account.error:
        return None
    error = ProviderError(account.error)
    error.code = next(iter(troubles.values())).code
    return error
