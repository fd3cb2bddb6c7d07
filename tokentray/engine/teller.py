"""Tells windows what there is to show: snapshots, setups and answers, each to its listeners. On the engine's thread."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tokentray.agents.base import Agent
from tokentray.clock import Clock, Zone, local_date
from tokentray.engine import setups
from tokentray.engine.holdings import Holdings
from tokentray.engine.mending import remarks
from tokentray.engine.snapshots import build
from tokentray.errors import TokenTrayError
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.requests import Answer
from tokentray.settings import Loaded
from tokentray.setup import Setup
from tokentray.snapshot import Problem, ReadProgress, Snapshot, SnapshotState
from tokentray.store.history import History

_log = logging.getLogger(__name__)

T = TypeVar("T")

MADE_UP = "a made-up year"


class Teller:
    """Makes what is told, and remembers what was told last.

    wants_setup: whether a window shows the setup. sent_at: when a snapshot was last sent, by the monotonic clock.
    polled_since_utc: since when accounts could have been polled by themselves, None while they are not.
    """

    def __init__(
        self,
        paths: Paths,
        clock: Clock,
        style: NumberStyle,
        *,
        agents: Sequence[Agent],
        env: Mapping[str, str],
        home: Path,
        made_up: bool,
    ) -> None:
        self.snapshot_listeners: list[Callable[[Snapshot], None]] = []
        self.setup_listeners: list[Callable[[Setup], None]] = []
        self.answer_listeners: list[Callable[[Answer], None]] = []
        self.wants_setup = False
        self.keyring_problem: Problem | None = None
        """Why no key can be read or kept just now."""
        self.export_problem: Problem | None = None
        """Why a month was not exported by itself."""
        self.last: Snapshot | None = None
        self.sent_at = 0.0
        self.polled_since_utc: int | None = 0
        self._last_setup: Setup | None = None
        self._made_of: tuple[object, ...] = ()
        self._paths = paths
        self._clock = clock
        self._style = style
        self._agents = agents
        self._env = env
        self._home = home
        self._made_up = made_up
        self._holdings = Holdings()

    def show(
        self,
        history: History,
        loaded: Loaded,
        zone: Zone,
        *,
        progress: ReadProgress | None = None,
        only_if_changed: bool = False,
        setup_asked: bool = False,
        written: bool = False,
        followed: bool = False,
    ) -> None:
        """Send what the history holds now, and the setup where it is another. Raises StoreError.

        only_if_changed: no snapshot that says the same as the last. setup_asked: send the setup whatever it says.
        written: asked only because our own files were written to; where that was told already, nothing is made anew.
        followed: a log is being written to, so the setup may lag behind a little; lag_s() says for how long.
        """
        now_utc = self._clock.now_utc()
        day = (local_date(now_utc, zone), zone.offset_s(now_utc))
        made_of = (history, history.version(), loaded, self.export_problem, *day)
        if written and made_of == self._made_of:
            return
        self._made_of = made_of
        problems = (*_notices(loaded), *filter(None, [self.export_problem]))
        snapshot = self._snapshot(history, loaded, zone, problems, progress)
        last = self.last
        same = last is not None and last._replace(taken_at_utc=snapshot.taken_at_utc) == snapshot
        if not (only_if_changed and same):
            self._send(snapshot)
        if self.wants_setup:
            setup = self._setup(history, loaded, zone, problems, progress, followed)
            if setup_asked or setup != self._last_setup:
                self._send_setup(setup)

    def lag_s(self) -> float | None:
        """In how many seconds the setup wants to be shown again; None where it does not."""
        return self._holdings.lag_s() if self.wants_setup else None

    def progress(self, at: ReadProgress) -> None:
        """Send how far a read has come; the figures stay those of the last snapshot."""
        if self.last is not None:
            self._send(self.last._replace(progress=at))
        if self.wants_setup and self._last_setup is not None:
            self._send_setup(replace(self._last_setup, progress=at))

    def fail(self, problem: Problem, loaded: Loaded, zone: Zone) -> None:
        """Keep the last figures on show and say what is wrong. Never raises."""
        problems = (problem, *_notices(loaded))
        self._made_of = ()
        shown = self.last or self._readable(lambda history: self._snapshot(history, loaded, zone, problems, None))
        if shown.blank:
            # No figures are known at all: what is wrong comes first, and no amount is made up.
            lines = (problem.title, problem.hint or problem.message, "Until then there is nothing to show")
        else:
            lines = (*shown.lines[:2], f"{problem.title} · {shown.as_of_text}")
        self._send(shown._replace(state=SnapshotState.FAILING, lines=lines, problems=problems, progress=None))
        if self.wants_setup:
            setup = self._last_setup or self._readable(
                lambda history: self._setup(history, loaded, zone, problems, None)
            )
            self._send_setup(replace(setup, problems=problems, progress=None))

    def answer(self, answer: Answer) -> None:
        """Send what came of a request."""
        _call(self.answer_listeners, answer)

    def _snapshot(
        self,
        history: History,
        loaded: Loaded,
        zone: Zone,
        problems: Sequence[Problem],
        progress: ReadProgress | None,
    ) -> Snapshot:
        # Of a made-up year nothing is ever read, so nothing of it grows old, as under a pause.
        settings = loaded.settings._replace(paused=True) if self._made_up else loaded.settings
        now_utc = self._clock.now_utc()
        with history.one_moment():
            made = build(
                history,
                now_utc,
                zone,
                self._style,
                settings,
                problems=(*problems, *remarks(history, local_date(now_utc, zone))),
                progress=progress,
                polled_since_utc=None if self._made_up else self.polled_since_utc,
            )
        if not self._made_up:
            return made
        first, second, _ = made.lines
        return made._replace(as_of_text=MADE_UP, lines=(first, second, f"Demo: {MADE_UP}"), first_run=False)

    def _setup(
        self,
        history: History,
        loaded: Loaded,
        zone: Zone,
        problems: Sequence[Problem],
        progress: ReadProgress | None,
        followed: bool = False,
    ) -> Setup:
        return setups.build(
            history,
            self._clock.now_utc(),
            zone,
            self._style,
            loaded,
            agents=self._agents,
            env=self._env,
            home=self._home,
            paths=self._paths,
            keyring_problem=self.keyring_problem,
            polled_since_utc=None if self._made_up else self.polled_since_utc,
            holdings=self._holdings,
            problems=problems,
            progress=progress,
            followed=followed,
        )

    def _readable(self, make: Callable[[History], T]) -> T:
        """What can be made of the history although it cannot be written; of an empty one where it cannot be read."""
        try:
            with History(self._paths.history) as history:
                return make(history)
        except TokenTrayError:
            pass
        except Exception:  # noqa: BLE001 - whatever is wrong in there is being told already, and must not end the thread
            _log.exception("the history cannot be shown")
        with History(None) as nothing:
            return make(nothing)

    def _send(self, snapshot: Snapshot) -> None:
        self.last = snapshot
        self.sent_at = time.monotonic()
        _call(self.snapshot_listeners, snapshot)

    def _send_setup(self, setup: Setup) -> None:
        self._last_setup = setup
        _call(self.setup_listeners, setup)


def _notices(loaded: Loaded) -> tuple[Problem, ...]:
    return tuple(
        Problem("A setting is not used", notice.text, "Mend it in the file or in the settings", grave=False)
        if notice.key
        else Problem("The settings file is not used", notice.text, "Mend it there, or move the file away", grave=False)
        for notice in loaded.notices
    )


def _call(listeners: Sequence[Callable[[T], None]], value: T) -> None:
    for listener in listeners:
        try:
            listener(value)
        except Exception:  # noqa: BLE001 - a window's bug must not end the reading
            _log.exception("a listener failed")
