"""Polls of several accounts at a time, each on a daemon thread of its own; one that hangs is left behind.

A thread can hang where no deadline of ours reaches, as in the system's look-up of a name. It holds nothing but its
own account then, whose lease runs out by itself.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tokentray.clock import Clock
from tokentray.engine.keys import Keys
from tokentray.engine.policy import Trouble
from tokentray.engine.poller import POLL_S, PollResult, Progress, poll_account
from tokentray.errors import ProviderError, TokenTrayError, UnavailableError
from tokentray.model import Basis
from tokentray.net.client import Network
from tokentray.providers import PROVIDERS
from tokentray.providers.base import Provider
from tokentray.store.account_rows import AccountRow
from tokentray.store.history import History
from tokentray.store.writer import Writer

_log = logging.getLogger(__name__)

AT_A_TIME = 4
_GRACE_S = 5.0
"""How much longer than a poll may take its thread is waited for."""
_BUSY_WAIT_S = 0.25
_LOOK_S = 0.25


class Job(NamedTuple):
    """A poll to make. feeds: None for all; troubles: what is known to be wrong. by_hand: the person waits for it."""

    account: AccountRow
    feeds: frozenset[Basis] | None = None
    troubles: Mapping[Basis, Trouble] = {}
    by_hand: bool = True


class Polls:
    """Runs jobs, at most four at a time, the rest in turn. For one thread; `done` is called on others'.

    done: something has ended; take() says what. to_the_end: a job goes on as long as there is more and it gets on.
    """

    def __init__(
        self,
        history: Path,
        clock: Clock,
        keys: Keys,
        network: Callable[[], Network],
        *,
        providers: Sequence[Provider] = PROVIDERS,
        progress: Progress = lambda *_: None,
        done: Callable[[], None] = lambda: None,
        to_the_end: bool = False,
        poll_s: float = POLL_S,
        busy_s: float = 0.0,
    ) -> None:
        """busy_s: how long to wait for another process that is at an account just now."""
        self._history = history
        self._clock = clock
        self._keys = keys
        self._open_network = network
        self._providers = providers
        self._progress = progress
        self._done = done
        self._to_the_end = to_the_end
        self._poll_s = poll_s
        self._busy_s = busy_s
        self._lock = threading.Lock()
        self._network_lock = threading.Lock()
        self._network: Network | None = None
        self._queue: list[Job] = []
        self._running: dict[int, _Run] = {}
        self._halvings: dict[int, int] = {}
        """How often the windows of an account are halved: remembered for as long as it is polled here."""
        self._ended: list[PollResult] = []
        self._stopping = threading.Event()

    def start(self, jobs: Iterable[Job]) -> None:
        """Begin, or put in line; an account that is being polled or stands in line already is not taken twice."""
        with self._lock:
            taken = self._running.keys() | {one.account.id for one in self._queue}
            self._queue += [job for job in jobs if job.account.id not in taken]
        self._begin()

    def take(self) -> list[PollResult]:
        """What has ended since the last time, those among it that took too long; begins what stands in line."""
        now = time.monotonic()
        with self._lock:
            for account_id, run in list(self._running.items()):
                if now > run.until:
                    _log.warning("a poll of account %d does not come back and is left behind", account_id)
                    del self._running[account_id]
                    self._ended.append(_timed_out(run.job, self._clock.now_utc()))
            ended, self._ended = self._ended, []
        self._begin()
        self._hang_up()
        return ended

    def busy(self) -> frozenset[int]:
        """Accounts that are being polled or stand in line."""
        with self._lock:
            return frozenset(self._running) | {one.account.id for one in self._queue}

    def wait_s(self) -> float | None:
        """In how long the first of them has taken too long; None where nothing runs."""
        with self._lock:
            untils = [run.until for run in self._running.values()]
        return max(0.0, min(untils) - time.monotonic()) if untils else None

    def stop(self) -> None:
        """Have every poll end after the window in hand, and begin no more."""
        self._stopping.set()
        with self._lock:
            self._queue.clear()

    def _begin(self) -> None:
        with self._lock:
            while self._queue and len(self._running) < AT_A_TIME and not self._stopping.is_set():
                job = self._queue.pop(0)
                run = _Run(job, time.monotonic() + self._limit_s)
                self._running[job.account.id] = run
                # A daemon, for nothing may wait for one that hangs.
                threading.Thread(target=self._work, args=(run,), name=f"poll {job.account.id}", daemon=True).start()

    @property
    def _limit_s(self) -> float:
        return self._poll_s + self._busy_s + _GRACE_S

    def _work(self, run: "_Run") -> None:
        job = run.job
        try:
            result = self._poll(run)
        except TokenTrayError as exc:
            result = _failed(job, exc, self._clock.now_utc())
        except Exception:  # noqa: BLE001 - the supervisor of this thread: a bug must not leave an account unread for ever
            _log.exception("a poll of account %d failed", job.account.id)
            error = ProviderError("Reading stopped", "an unexpected error; it is in the log file", "")
            result = _failed(job, error, self._clock.now_utc())
        with self._lock:
            if self._running.get(job.account.id) is not run:
                return  # it was left behind, and said to have taken too long
            del self._running[job.account.id]
            self._ended.append(result)
        self._done()

    def _poll(self, run: "_Run") -> PollResult:
        writer = Writer(self._history)
        try:
            with History(self._history) as history:
                result = self._poll_when_free(run, writer, history)
                while self._to_the_end and _gets_on(result) and not self._stopped():
                    run.until = time.monotonic() + self._limit_s
                    before, result = result, self._poll_when_free(run, writer, history)
                    result = result._replace(
                        changed=result.changed or before.changed, held_back=result.held_back + before.held_back
                    )
                return result
        finally:
            writer.close()

    def _poll_when_free(self, run: "_Run", writer: Writer, history: History) -> PollResult:
        until = time.monotonic() + self._busy_s
        while True:
            result = poll_account(
                run.job.account,
                writer,
                history,
                clock=self._clock,
                keys=self._keys,
                network=self._shared_network,
                feeds=run.job.feeds,
                troubles=run.job.troubles,
                by_hand=run.job.by_hand,
                halvings=self._halvings.get(run.job.account.id),
                progress=self._progress,
                should_stop=self._stopped,
                providers=self._providers,
                poll_s=self._poll_s,
            )
            if result.halvings is not None:
                self._halvings[result.account_id] = result.halvings
            if not result.busy or result.changed or time.monotonic() > until or self._stopping.wait(_BUSY_WAIT_S):
                return result

    def _stopped(self) -> bool:
        return self._stopping.is_set()

    def _shared_network(self) -> Network:
        with self._network_lock:
            if self._network is None:
                self._network = self._open_network()
            return self._network

    def _hang_up(self) -> None:
        """Let go of the connections while nobody is asked; the next time they are made by the settings of then."""
        if self.busy():
            return
        with self._network_lock:
            network, self._network = self._network, None
        if network is not None:
            network.close()


class _Run:
    """A job that has begun. until: monotonic; when it is left behind."""

    def __init__(self, job: Job, until: float) -> None:
        self.job = job
        self.until = until


def poll_all(
    accounts: Sequence[AccountRow],
    history: Path,
    clock: Clock,
    keys: Keys,
    network: Callable[[], Network],
    *,
    progress: Progress = lambda *_: None,
    should_stop: Callable[[], bool] = lambda: False,
    providers: Sequence[Provider] = PROVIDERS,
    poll_s: float = POLL_S,
    busy_s: float = 20.0,
) -> list[PollResult]:
    """Read all of these by hand, as far back as their providers tell, and say how each went, in their order.

    Raises nothing for what goes wrong with one. progress is called from several threads, one at a time.
    """
    ended, told = threading.Event(), threading.Lock()

    def one_at_a_time(label: str, days_done: int, days: int) -> None:
        with told:
            progress(label, days_done, days)

    polls = Polls(
        history,
        clock,
        keys,
        network,
        providers=providers,
        progress=one_at_a_time,
        done=ended.set,
        to_the_end=True,
        poll_s=poll_s,
        busy_s=busy_s,
    )
    results: dict[int, PollResult] = {}
    polls.start([Job(account) for account in accounts])
    while len(results) < len(accounts):
        wait_s = polls.wait_s()
        if wait_s is None and not polls.busy():
            results.update((one.account_id, one) for one in polls.take())
            break
        ended.wait(_LOOK_S if wait_s is None else min(_LOOK_S, wait_s))
        ended.clear()
        if should_stop():
            polls.stop()
        results.update((one.account_id, one) for one in polls.take())
    return [results.get(one.id, PollResult(one.id, one.label, more=True)) for one in accounts]


def _gets_on(result: PollResult) -> bool:
    """Whether there is more to read, and nothing that speaks against going on at once."""
    return result.more and result.advanced and result.error is None and not result.not_before_utc


def _failed(job: Job, exc: TokenTrayError, now_utc: int) -> PollResult:
    """A poll that ended otherwise than polls do."""
    failures = max((one.failures for one in job.troubles.values()), default=0) + 1
    feeds = frozenset(Basis) if job.feeds is None else job.feeds
    troubles = {**job.troubles, **{basis: Trouble(exc.code, now_utc, failures) for basis in feeds}}
    return PollResult(job.account.id, job.account.label, error=exc, troubles=troubles)


def _timed_out(job: Job, now_utc: int) -> PollResult:
    error = UnavailableError("No answer", f"{job.account.label} did not answer in time", "It is tried again shortly")
    return _failed(job, error, now_utc)
