"""The engine behind the tray: one thread that owns the history, reads logs as they change, and hands out snapshots.

Windows send requests and get frozen snapshots; they never wait for it. The thread sleeps until a file event, a
request, local midnight or the next regular look, so an idle tray costs nothing. Providers to poll will bring
an event loop of their own; local files need none.
"""

import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from tokentray.agents import AGENTS
from tokentray.agents.base import Agent
from tokentray.clock import Clock, Zone, day_start_utc, follow_system_zone, local_date
from tokentray.engine import changes, setups
from tokentray.engine.inbox import Asked, Inbox
from tokentray.engine.refresh import refresh
from tokentray.engine.snapshots import build
from tokentray.engine.watcher import Watcher
from tokentray.errors import RefusedError, TokenTrayError
from tokentray.money import NumberStyle
from tokentray.paths import Paths, file_mark, person_home
from tokentray.requests import Answer, Request, SetSetting
from tokentray.settings import Loaded, load
from tokentray.setup import Setup
from tokentray.snapshot import Problem, ReadProgress, Snapshot, SnapshotState
from tokentray.store.history import History
from tokentray.store.writer import Writer

_log = logging.getLogger(__name__)

T = TypeVar("T")

MADE_UP = "a made-up year"
_SETTLE_S = 0.3
"""A line is written in pieces, and several lines at once: wait this long before reading."""
_PROGRESS_S = 0.5
_LIVE_S = 3.0
_RETRY_S = 30.0


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
    ) -> None:
        """zone: where days begin; None for the one of the settings."""
        self._made_up = made_up
        self._paths = paths
        self._clock = clock
        self._fixed_zone = zone
        self._style = style
        self._agents = agents
        self._env = os.environ if env is None else env
        self._home = home or person_home()
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._setup_listeners: list[Callable[[Setup], None]] = []
        self._answer_listeners: list[Callable[[Answer], None]] = []
        self._last: Snapshot | None = None
        self._last_setup: Setup | None = None
        self._setup_wanted = False
        self._inbox = Inbox()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._problems: tuple[Problem, ...] = ()
        self._loaded = Loaded()
        self._watcher = Watcher(self._file_changed, self._folder_made)
        self._sent_at = 0.0
        self._live_at = 0.0

    def start(self) -> None:
        """Begin: what is stored is shown at once, then the logs are read."""
        self._thread.start()

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        """Have `listener` called with every new snapshot, on the engine's thread."""
        self._listeners.append(listener)
        if self._last is not None:
            listener(self._last)

    def listen_setup(self, listener: Callable[[Setup], None]) -> None:
        """Have `listener` called with every new setup, on the engine's thread."""
        self._setup_listeners.append(listener)

    def listen_answers(self, listener: Callable[[Answer], None]) -> None:
        """Have `listener` called with what came of each request, on the engine's thread."""
        self._answer_listeners.append(listener)

    def refresh(self) -> None:
        """Ask for a look at everything now. Returns at once."""
        self._inbox.look()

    def look_again(self) -> None:
        """Show what another process may have changed in the history. Returns at once."""
        self._inbox.show()

    def submit(self, request: Request) -> int:
        """Have a change carried out; returns its id at once."""
        return self._inbox.change(request)

    def want_setup(self, wanted: bool) -> None:
        """Whether a window shows the setup: it is made now and after each change, for as long as it is wanted."""
        self._setup_wanted = wanted
        if wanted:
            self._inbox.setup()

    def stop(self, timeout_s: float) -> bool:
        """End the thread; what is committed stays. False where it did not end in time."""
        self._stopping.set()
        self._inbox.stop()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def _zone(self) -> Zone:
        return self._fixed_zone or self._loaded.settings.zone

    def _file_changed(self, path: str) -> None:
        """A file event, on the watcher's thread. Our own files change when the command line or an editor writes."""
        if path.startswith((str(self._paths.history), str(self._paths.settings))):
            self._inbox.show()
        elif path.endswith((".jsonl", ".json")):
            self._inbox.path(path)

    def _folder_made(self, path: str) -> None:
        """A folder appeared, on the watcher's thread: perhaps the first of an agent just installed."""
        if Path(path) == self._paths.config:
            self._inbox.show()
        for agent in self._agents:
            if any(root == Path(path) or Path(path) in root.parents for root in agent.roots(self._env, self._home)):
                self.refresh()
                return

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._serve()
            except TokenTrayError as exc:
                self._fail(Problem(exc.title, exc.message, exc.hint))
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
            if not self._stopping.is_set():
                self._inbox.rest(_RETRY_S)

    def _serve(self) -> None:
        """Open the history, show it, and serve requests until asked to stop."""
        self._read_settings()
        writer = Writer(self._paths.history)
        try:
            history = History(self._paths.history)
            self._watcher = Watcher(self._file_changed, self._folder_made)
            try:
                self._problems = ()
                self._show(history)
                self._watch()
                if not self._loaded.settings.paused:
                    self._read(writer, history, None)
                while not self._stopping.is_set():
                    asked = self._wait()
                    if asked.stop:
                        break
                    self._answer(writer, history, asked)
            finally:
                self._watcher.stop()
                history.close()
        finally:
            writer.close()

    def _answer(self, writer: Writer, history: History, asked: Asked) -> None:
        watched = self._loaded.settings.watch
        self._read_settings()
        self._carry_out(writer, asked.changes)
        settings = self._loaded.settings
        if settings.watch != watched:
            self._watcher.stop()
            self._watcher = Watcher(self._file_changed, self._folder_made)
            self._watch()
        if asked.look or (not asked.any() and not settings.paused):
            self._watch()
            self._read(writer, history, None)
        elif asked.paths and settings.watch and not settings.paused:
            self._read(writer, history, sorted(asked.paths))
        else:
            self._show(history, only_if_changed=not asked.setup)

    def _watch(self) -> None:
        """Follow our own files always, the logs where the person wants it."""
        self._watcher.watch([self._paths.data, self._paths.config], recursive=False)
        self._watcher.watch_for([self._paths.config])
        if not self._loaded.settings.watch:
            return
        for agent in self._agents:
            roots = agent.roots(self._env, self._home)
            self._watcher.watch(roots)
            self._watcher.watch_for(roots)

    def _wait(self) -> Asked:
        """Sleep until something is asked, midnight, or the next regular look."""
        follow_system_zone()
        now_utc = self._clock.now_utc()
        midnight = day_start_utc(local_date(now_utc, self._zone) + timedelta(days=1), self._zone)
        interval_s = self._loaded.settings.interval_min * 60
        return self._inbox.wait(min(interval_s, max(1, midnight - now_utc)), _SETTLE_S)

    def _read_settings(self) -> None:
        """Take the settings file as it is now; what cannot be used leaves what held before."""
        if self._loaded.mark != file_mark(self._paths.settings) or self._loaded.broken:
            self._loaded = load(self._paths.settings, last=self._loaded.settings)

    def _carry_out(self, writer: Writer, asked: Sequence[tuple[int, Request]]) -> None:
        """Make changes, and tell what came of each."""
        for request_id, request in asked:
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
                field = exc.field if isinstance(exc, RefusedError) else ""
                self._tell(Answer(request_id, "", Problem(exc.title, exc.message, exc.hint), field))
            except Exception:
                self._tell(
                    Answer(request_id, "", Problem("This failed", "an unexpected error; it is in the log file", ""))
                )
                raise
            else:
                if isinstance(request, SetSetting):
                    self._read_settings()
                self._tell(Answer(request_id, text))

    def _read(self, writer: Writer, history: History, only: Sequence[str] | None) -> None:
        self._live_at = time.monotonic()

        def progress(files_done: int, files_total: int) -> None:
            at = ReadProgress(files_done, files_total)
            now = time.monotonic()
            if now - self._live_at > _LIVE_S:
                self._live_at = now
                writer.rebuild()
                self._show(history, progress=at)
            elif now - self._sent_at > _PROGRESS_S and self._last is not None:
                self._send(replace(self._last, progress=at))

        def should_stop() -> bool:
            # Between two blocks: somebody who fills in a form does not wait for a year of logs.
            pending = self._inbox.take_changes()
            if pending:
                self._carry_out(writer, pending)
                self._show(history, progress=self._last.progress if self._last else None)
            return self._stopping.is_set()

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
        self._show(history)

    def _show(
        self,
        history: History,
        *,
        progress: ReadProgress | None = None,
        only_if_changed: bool = False,
    ) -> None:
        problems = self._all_problems()
        snapshot = build(
            history,
            self._clock.now_utc(),
            self._zone,
            self._style,
            self._loaded.settings,
            problems=problems,
            progress=progress,
        )
        if self._made_up:
            first, second, _ = snapshot.lines
            snapshot = replace(snapshot, as_of_text=MADE_UP, lines=(first, second, f"Demo: {MADE_UP}"), first_run=False)
        last = self._last
        same = last is not None and replace(last, taken_at_utc=snapshot.taken_at_utc) == snapshot
        if not (only_if_changed and same):
            self._send(snapshot)
        if self._setup_wanted:
            self._show_setup(history, progress)

    def _show_setup(self, history: History, progress: ReadProgress | None) -> None:
        setup = setups.build(
            history,
            self._clock.now_utc(),
            self._zone,
            self._style,
            self._loaded,
            agents=self._agents,
            env=self._env,
            home=self._home,
            settings_file=self._paths.settings,
            problems=self._all_problems(),
            progress=progress,
        )
        self._last_setup = setup
        self._call(self._setup_listeners, setup)

    def _all_problems(self) -> tuple[Problem, ...]:
        notices = (
            Problem("A setting is not used", notice.text, "Mend it in the file or in the settings", grave=False)
            for notice in self._loaded.notices
        )
        return (*self._problems, *notices)

    def _fail(self, problem: Problem) -> None:
        """Keep the last figures on show and say what is wrong."""
        _log.warning("%s: %s", problem.title, problem.message)
        self._problems = (problem,)
        for request_id, _ in self._inbox.take_changes():
            self._tell(Answer(request_id, "", problem))
        shown = self._last or self._stored()
        lines = shown.lines
        if shown.blank:
            # No figures are known at all: what is wrong comes first, and no amount is made up.
            lines = (problem.title, problem.hint or problem.message, "")
        self._send(replace(shown, state=SnapshotState.FAILING, lines=lines, problems=self._problems, progress=None))
        if self._setup_wanted and self._last_setup is not None:
            self._call(self._setup_listeners, replace(self._last_setup, problems=self._problems, progress=None))

    def _stored(self) -> Snapshot:
        """What can be read of the history although it cannot be written."""
        try:
            history = History(self._paths.history)
        except TokenTrayError:
            history = History(None)
        with history:
            return build(history, self._clock.now_utc(), self._zone, self._style, self._loaded.settings)

    def _send(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        self._sent_at = time.monotonic()
        self._call(self._listeners, snapshot)

    def _tell(self, answer: Answer) -> None:
        self._call(self._answer_listeners, answer)

    def _call(self, listeners: Sequence[Callable[[T], None]], value: T) -> None:
        for listener in listeners:
            try:
                listener(value)
            except Exception:  # noqa: BLE001 - a window's bug must not end the reading
                _log.exception("a listener failed")
