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
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from tokentray.agents import AGENTS
from tokentray.agents.base import Agent
from tokentray.clock import Clock, Zone, day_start_utc, follow_system_zone, local_date
from tokentray.engine.refresh import refresh
from tokentray.engine.snapshots import LOG_INTERVAL_S, build
from tokentray.engine.watcher import Watcher
from tokentray.errors import TokenTrayError
from tokentray.money import NumberStyle
from tokentray.paths import Paths, person_home
from tokentray.snapshot import Problem, ReadProgress, Snapshot, SnapshotState
from tokentray.store.history import History
from tokentray.store.writer import Writer

_log = logging.getLogger(__name__)

Listener = Callable[[Snapshot], None]

MADE_UP = "a made-up year"
_SETTLE_S = 0.3
"""A line is written in pieces, and several lines at once: wait this long before reading."""
_PROGRESS_S = 0.5
_LIVE_S = 3.0
_RETRY_S = 30.0


@dataclass(slots=True)
class _Requests:
    """What has been asked of the thread since it last looked."""

    paths: set[str] = field(default_factory=set)
    look: bool = False
    show: bool = False
    stop: bool = False

    def any(self) -> bool:
        return bool(self.paths) or self.look or self.show or self.stop


class Engine:
    """Owns the history for as long as the tray runs."""

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        zone: Zone,
        style: NumberStyle,
        *,
        agents: Sequence[Agent] = AGENTS,
        env: Mapping[str, str] | None = None,
        home: Path | None = None,
        made_up: bool = False,
    ) -> None:
        self._made_up = made_up
        self._paths = paths
        self._clock = clock
        self._zone = zone
        self._style = style
        self._agents = agents
        self._env = os.environ if env is None else env
        self._home = home or person_home()
        self._listeners: list[Listener] = []
        self._last: Snapshot | None = None
        self._wake = threading.Condition()
        self._requests = _Requests()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._problems: tuple[Problem, ...] = ()
        self._sent_at = 0.0
        self._live_at = 0.0

    def start(self) -> None:
        """Begin: what is stored is shown at once, then the logs are read."""
        self._thread.start()

    def listen(self, listener: Listener) -> None:
        """Have `listener` called with every new snapshot, on the engine's thread."""
        self._listeners.append(listener)
        if self._last is not None:
            listener(self._last)

    def refresh(self) -> None:
        """Ask for a look at everything now. Returns at once."""
        self._ask(lambda requests: setattr(requests, "look", True))

    def stop(self, timeout_s: float) -> bool:
        """End the thread; what is committed stays. False where it did not end in time."""
        self._stopping.set()
        self._ask(lambda requests: setattr(requests, "stop", True))
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _ask(self, change: Callable[[_Requests], None]) -> None:
        with self._wake:
            change(self._requests)
            self._wake.notify()

    def _file_changed(self, path: str) -> None:
        """A file event, on the watcher's thread. Our own history changes when the command line writes to it."""
        if path.startswith(str(self._paths.history)):
            self._ask(lambda requests: setattr(requests, "show", True))
        elif path.endswith((".jsonl", ".json")):
            self._ask(lambda requests: requests.paths.add(path))

    def _folder_made(self, path: str) -> None:
        """A folder appeared, on the watcher's thread: perhaps the first of an agent just installed."""
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
            with self._wake:
                self._wake.wait_for(lambda: self._stopping.is_set() or self._requests.look, timeout=_RETRY_S)

    def _serve(self) -> None:
        """Open the history, show it, and serve requests until asked to stop."""
        writer = Writer(self._paths.history)
        try:
            history = History(self._paths.history)
            watcher = Watcher(self._file_changed, self._folder_made)
            try:
                self._problems = ()
                self._show(history)
                self._watch(watcher)
                watcher.watch([self._paths.data], recursive=False)
                self._read(writer, history, None)
                while not self._stopping.is_set():
                    requests = self._wait()
                    if requests.stop:
                        break
                    self._answer(writer, history, watcher, requests)
            finally:
                watcher.stop()
                history.close()
        finally:
            writer.close()

    def _answer(self, writer: Writer, history: History, watcher: Watcher, requests: _Requests) -> None:
        if requests.look or not requests.any():
            self._watch(watcher)
            self._read(writer, history, None)
        elif requests.paths:
            self._read(writer, history, sorted(requests.paths))
        else:
            self._show(history, only_if_changed=True)

    def _watch(self, watcher: Watcher) -> None:
        for agent in self._agents:
            roots = agent.roots(self._env, self._home)
            watcher.watch(roots)
            watcher.watch_for(roots)

    def _wait(self) -> _Requests:
        """Sleep until something is asked, midnight, or the next regular look; then let a burst settle."""
        follow_system_zone()
        now_utc = self._clock.now_utc()
        midnight = day_start_utc(local_date(now_utc, self._zone) + timedelta(days=1), self._zone)
        with self._wake:
            self._wake.wait_for(self._requests.any, timeout=min(LOG_INTERVAL_S, max(1, midnight - now_utc)))
            if (self._requests.paths or self._requests.show) and not self._requests.stop:
                self._wake.wait_for(lambda: self._requests.stop or self._requests.look, timeout=_SETTLE_S)
            requests, self._requests = self._requests, _Requests()
        return requests

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

        refresh(
            writer,
            clock=self._clock,
            agents=self._agents,
            env=self._env,
            home=self._home,
            progress=progress if only is None else lambda *_: None,
            should_stop=self._stopping.is_set,
            gentle=True,
            only=only,
        )
        self._show(history)

    def _show(self, history: History, *, progress: ReadProgress | None = None, only_if_changed: bool = False) -> None:
        snapshot = build(
            history,
            self._clock.now_utc(),
            self._zone,
            self._style,
            problems=self._problems,
            progress=progress,
        )
        if self._made_up:
            first, second, _ = snapshot.lines
            snapshot = replace(snapshot, as_of_text=MADE_UP, lines=(first, second, f"Demo: {MADE_UP}"))
        last = self._last
        if only_if_changed and last and replace(last, taken_at_utc=snapshot.taken_at_utc) == snapshot:
            return
        self._send(snapshot)

    def _fail(self, problem: Problem) -> None:
        """Keep the last figures on show and say what is wrong."""
        _log.warning("%s: %s", problem.title, problem.message)
        self._problems = (problem,)
        shown = self._last or self._stored()
        lines = shown.lines
        if shown.blank:
            # No figures are known at all: what is wrong comes first, and no amount is made up.
            lines = (problem.title, problem.hint or problem.message, "")
        self._send(replace(shown, state=SnapshotState.FAILING, lines=lines, problems=self._problems, progress=None))

    def _stored(self) -> Snapshot:
        """What can be read of the history although it cannot be written."""
        try:
            history = History(self._paths.history)
        except TokenTrayError:
            history = History(None)
        with history:
            return build(history, self._clock.now_utc(), self._zone, self._style)

    def _send(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        self._sent_at = time.monotonic()
        for listener in self._listeners:
            try:
                listener(snapshot)
            except Exception:  # noqa: BLE001 - a window's bug must not end the reading
                _log.exception("a listener failed")
