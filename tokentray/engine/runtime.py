"""The engine behind the tray: one thread that owns the history, reads logs as they change, and hands out snapshots.

Windows send requests and get frozen snapshots; they never wait for it. The thread sleeps until a file event, a
request, local midnight or the next regular look, so an idle tray costs nothing. Accounts are polled by a thread of
their own, see engine.account_thread.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from tokentray.agents import AGENTS
from tokentray.agents.base import Agent
from tokentray.clock import Clock, Zone, day_start_utc, follow_system_zone, local_date
from tokentray.engine import changes
from tokentray.engine.account_work import AccountWork, problem_of
from tokentray.engine.exporter import Exporter
from tokentray.engine.following import Following
from tokentray.engine.inbox import Asked, Inbox
from tokentray.engine.mending import Mender
from tokentray.engine.monthly import Monthly
from tokentray.engine.refresh import refresh
from tokentray.engine.reports.desk import ReportDesk
from tokentray.engine.teller import Teller
from tokentray.errors import RefusedError, StoreDamagedError, TokenTrayError
from tokentray.money import NumberStyle
from tokentray.paths import Paths, file_mark, person_home
from tokentray.requests import AccountRequest, Answer, Request, SetSetting
from tokentray.settings import Loaded, load
from tokentray.setup import Setup
from tokentray.snapshot import Problem, ReadProgress, Snapshot
from tokentray.store.history import History
from tokentray.store.writer import Writer

_log = logging.getLogger(__name__)

_SETTLE_S = 0.3
"""A line is written in pieces, and several lines at once: wait this long before reading."""
_PROGRESS_S = 0.5
_LIVE_S = 3.0
_RETRY_S = 30.0
_LONGEST_SLEEP_S = 900
"""A wait leaves out the time that the machine sleeps: the date and what is due are looked at this often at least."""


class Engine:
    """Owns the history for as long as the tray runs."""

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        zone: Zone | None,
        style: NumberStyle,
        *,
        agents: Sequence[Agent] = AGENTS,
        env: Mapping[str, str] | None = None,
        home: Path | None = None,
        made_up: bool = False,
        accounts: AccountWork | None = None,
    ) -> None:
        """zone: where days begin; None for the one of the settings."""
        self._paths = paths
        self._clock = clock
        self._fixed_zone = zone
        self._style = style
        self._agents = agents
        self._env = os.environ if env is None else env
        self._home = home or person_home()
        self._teller = Teller(paths, clock, style, agents=agents, env=self._env, home=self._home, made_up=made_up)
        self._inbox = Inbox()
        self._mender = Mender(paths.history, self._inbox.damaged)
        self.reports = ReportDesk(paths, clock, zone, style, made_up=made_up, on_damage=self._mender.found)
        """Answers what the history window asks."""
        self.exporter = Exporter(paths, clock, zone, style, on_damage=self._mender.found)
        """Previews months and writes them."""
        self._monthly = Monthly(self.exporter, clock, self._inbox.show)
        self._made_up = made_up
        self._accounts = accounts or AccountWork(paths, clock, style)
        self._accounts.listen(self._inbox.polled)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._loaded = Loaded()
        self._behind = False
        """Whether something may have been written that nobody told of: the logs were not followed for a while."""
        self._looked_utc = 0
        self._has_read = False
        self._following = Following(paths, agents, self._env, self._home, self._inbox)

    def start(self) -> None:
        """Begin: what is stored is shown at once, then the logs are read."""
        self._thread.start()

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        """Have `listener` called with every new snapshot, on the engine's thread."""
        self._teller.snapshot_listeners.append(listener)
        if self._teller.last is not None:
            listener(self._teller.last)

    def listen_setup(self, listener: Callable[[Setup], None]) -> None:
        """Have `listener` called with every new setup, on the engine's thread."""
        self._teller.setup_listeners.append(listener)

    def listen_answers(self, listener: Callable[[Answer], None]) -> None:
        """Have `listener` called with what came of each request, on the engine's thread; a setup comes before it."""
        self._teller.answer_listeners.append(listener)

    def refresh(self) -> None:
        """Ask for a look at everything now, and at all accounts. Returns at once."""
        self._inbox.look()
        self._accounts.refresh()

    def look_again(self) -> None:
        """Show what another process may have changed in the history. Returns at once."""
        self._inbox.show()

    def submit(self, request: Request | AccountRequest) -> int:
        """Have a change carried out; returns its id at once."""
        if not isinstance(request, AccountRequest):
            return self._inbox.change(request)
        request_id = self._inbox.new_id()
        if self._made_up:
            problem = Problem("Not in the demo", "it keeps no keys and asks nobody", "Start tokentray itself")
            self._inbox.answer(Answer(request_id, "", problem))
        else:
            self._accounts.carry_out(request, request_id, self._zone, self._inbox.answer)
        return request_id

    def network_changed(self, online: bool, metered: bool) -> None:
        """Say whether there is a network, and whether it costs by use. Returns at once."""
        self._accounts.network_changed(online, metered)

    def glance(self) -> None:
        """Ask for a look at everything, for somebody who opened a window; accounts keep to their times."""
        self._inbox.look()

    def want_setup(self, wanted: bool) -> None:
        """Whether a window shows the setup: it is made now and after each change, for as long as it is wanted."""
        self._teller.wants_setup = wanted
        if wanted:
            self._inbox.setup()

    def stop(self, timeout_s: float) -> bool:
        """End the thread; what is committed stays. False where it did not end in time."""
        ends_at = time.monotonic() + timeout_s
        self._stopping.set()
        self._accounts.stop()
        self._inbox.stop()
        at_rest = self.reports.stop(timeout_s)
        at_rest = self.exporter.stop(max(0, ends_at - time.monotonic())) and at_rest
        if self._thread.is_alive():
            self._thread.join(max(0, ends_at - time.monotonic()))
        return at_rest and not self._thread.is_alive()

    @property
    def _zone(self) -> Zone:
        return self._fixed_zone or self._loaded.settings.zone

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except StoreDamagedError as exc:
                left = self._mender.left_of(exc, self._clock.now_utc(), self._zone)
                if left is not None:
                    self._fail(problem_of(left))
            except TokenTrayError as exc:
                self._fail(problem_of(exc))
            except Exception:  # noqa: BLE001 - the one supervisor of this thread
                # A bug must not leave a tray that never updates again.
                _log.exception("the engine failed and starts again")
                self._fail(
                    Problem(
                        "Reading stopped",
                        "an unexpected error; it is in the log file",
                        "It is tried again shortly",
                    )
                )

    def _serve(self) -> None:
        """Open the history, show it, and serve requests until asked to stop, or until the file is another."""
        self._read_settings()
        writer = Writer(self._paths.history)
        try:
            opened = file_mark(self._paths.history).inode
            history = History(self._paths.history)
            try:
                self._show(history)
                self._following.follow(logs=self._loaded.settings.watch)
                self._read_settings()  # again: until now nobody would have told of a change
                self._look_at_accounts(history)
                if not self._loaded.settings.paused:
                    self._read(writer, history, None)
                else:
                    self._show(history, only_if_changed=True)
                while not self._stopping.is_set():
                    if not self._made_up:
                        self._monthly.look(history, self._loaded.settings, self._zone)
                    asked = self._wait()
                    if file_mark(self._paths.history).inode != opened:
                        # Removed or replaced: what is written from here on would be lost with the old file.
                        self._inbox.give_back(asked)
                        return
                    if opened and asked.damaged == opened and not self._mender.has_tried:
                        self._inbox.give_back(asked)
                        raise StoreDamagedError("The history is damaged", f"{self._paths.history} cannot be read whole")
                    self._answer(writer, history, asked)
                # What was asked for just before the end is not lost.
                self._carry_out(writer, history, self._inbox.take_urgent())
            finally:
                self._following.stop()
                history.close()
        finally:
            writer.close()

    def _answer(self, writer: Writer, history: History, asked: Asked) -> None:
        # Before anything is read, so that what is written meanwhile makes an event.
        self._following.follow(logs=self._loaded.settings.watch)
        self._read_settings()
        self._carry_out(writer, history, asked)
        if self._stopping.is_set():
            return
        self._look_at_accounts(history)
        settings = self._loaded.settings
        if settings.watch != self._following.logs:
            self._following.follow(logs=settings.watch)
            self._inbox.show()  # what was written while the watches were made anew made no event
        if asked.look:
            self._read(writer, history, None, asked=True)
        elif not settings.paused and (self._behind or asked.folder or self._is_due()):
            self._read(writer, history, None)
        elif asked.paths and settings.watch and not settings.paused:
            self._read(writer, history, sorted(asked.paths))
        elif not (asked.changes or asked.setup or asked.answers):  # else it was shown just now
            # Each of our own writes makes an event too.
            self._show(history, only_if_changed=True, written=asked.show and not asked.polled)
        if self._has_read and not settings.paused and not history.has_read():
            self._read(writer, history, None)  # a backup was put back, and with it what is known of the logs is gone

    def _look_at_accounts(self, history: History) -> None:
        """Have accounts polled as they and the settings are now; of a made-up year none is asked for."""
        if not self._made_up:
            self._accounts.look(history, self._loaded.settings)

    def _wait(self) -> Asked:
        """Sleep until something is asked, midnight, or the next regular look."""
        follow_system_zone()
        now_utc = self._clock.now_utc()
        midnight = day_start_utc(local_date(now_utc, self._zone) + timedelta(days=1), self._zone)
        wait_s = min(midnight - now_utc, _LONGEST_SLEEP_S)
        if not self._loaded.settings.paused:
            wait_s = min(wait_s, self._looked_utc + self._interval_s - now_utc)
        lag_s = self._teller.lag_s()
        return self._inbox.wait(max(1, wait_s if lag_s is None else min(wait_s, lag_s)), _SETTLE_S)

    def _is_due(self) -> bool:
        """Whether it is time for the regular look at everything; also after the clock was set back."""
        return not 0 <= self._clock.now_utc() - self._looked_utc < self._interval_s

    @property
    def _interval_s(self) -> int:
        return self._loaded.settings.interval_min * 60

    def _read_settings(self) -> None:
        """Take the settings file as it is now; what cannot be used leaves what held before."""
        if self._loaded.mark == file_mark(self._paths.settings) and not self._loaded.broken:
            return
        before = self._loaded.settings
        self._loaded = load(self._paths.settings, last=before)
        after = self._loaded.settings
        if (before.paused and not after.paused) or (after.watch and not before.watch):
            self._behind = True

    def _carry_out(self, writer: Writer, history: History, asked: Asked, progress: ReadProgress | None = None) -> None:
        """Make changes, show the setup where it is asked for, then tell what came of each change."""
        answers = [self._change(writer, request_id, request) for request_id, request in asked.changes] + asked.answers
        try:
            if (answers or asked.setup) and not self._stopping.is_set():
                self._show(history, progress=progress, only_if_changed=True, setup_asked=asked.setup)
        finally:
            for answer in answers:
                self._teller.answer(answer)

    def _change(self, writer: Writer, request_id: int, request: Request) -> Answer:
        try:
            text = changes.apply(
                writer,
                request,
                now_utc=self._clock.now_utc(),
                zone=self._zone,
                settings_file=self._paths.settings,
                style=self._style,
            )
        except TokenTrayError as exc:
            return Answer(request_id, "", problem_of(exc), exc.field if isinstance(exc, RefusedError) else "")
        except Exception:  # noqa: BLE001 - a bug in one change must neither leave it unanswered nor end the reading
            _log.exception("a change failed")
            return Answer(
                request_id, "", Problem("That was not done", "an unexpected error; it is in the log file", "")
            )
        if isinstance(request, SetSetting):
            self._read_settings()
        return Answer(request_id, text)

    def _read(self, writer: Writer, history: History, only: Sequence[str] | None, *, asked: bool = False) -> None:
        """Read what is new. only: files known to have changed, else everything. asked: also under a pause."""
        live_at, at = time.monotonic(), None

        def progress(files_done: int, files_total: int) -> None:
            nonlocal live_at, at
            at = ReadProgress(files_done, files_total)
            now = time.monotonic()
            if now - live_at > _LIVE_S:
                writer.rebuild()
                self._read_settings()
                self._show(history, progress=at)
                live_at = time.monotonic()
            elif now - self._teller.sent_at > _PROGRESS_S:
                self._teller.progress(at)

        def should_stop() -> bool:
            # Between two blocks: somebody who fills in a form does not wait for a year of logs.
            urgent = self._inbox.take_urgent()
            if urgent.any():
                self._carry_out(writer, history, urgent, at)
            return self._stopping.is_set() or (self._loaded.settings.paused and not asked)

        refresh(
            writer,
            clock=self._clock,
            agents=self._agents,
            env=self._env,
            home=self._home,
            progress=progress if only is None else lambda *_: None,
            should_stop=should_stop,
            gentle=True,
            only=only,
        )
        if only is None:
            self._looked_utc = self._clock.now_utc()
            self._behind = False
            self._has_read = history.has_read()
        if not self._stopping.is_set():
            self._show(history, only_if_changed=only is not None, followed=only is not None)

    def _show(
        self,
        history: History,
        *,
        progress: ReadProgress | None = None,
        only_if_changed: bool = False,
        setup_asked: bool = False,
        written: bool = False,
        followed: bool = False,
    ) -> None:
        self._teller.polled_since_utc = self._accounts.polled_since_utc
        self._teller.keyring_problem = self._accounts.keyring_problem
        self._teller.export_problem = self._monthly.problem
        self._teller.show(
            history,
            self._loaded,
            self._zone,
            progress=progress,
            only_if_changed=only_if_changed,
            setup_asked=setup_asked,
            written=written,
            followed=followed,
        )

    def _fail(self, problem: Problem) -> None:
        """Say what is wrong, also to who waits for an answer, and rest before the next try."""
        _log.warning("%s: %s", problem.title, problem.message)
        urgent = self._inbox.take_urgent()  # before it is told, so that what comes meanwhile brings another try
        self._teller.fail(problem, self._loaded, self._zone)
        for request_id, _ in urgent.changes:
            self._teller.answer(Answer(request_id, "", problem))
        for answer in urgent.answers:
            self._teller.answer(answer)
        if not self._stopping.is_set():
            self._inbox.rest(_RETRY_S)
