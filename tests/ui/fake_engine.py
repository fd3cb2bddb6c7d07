"""An engine that plays scenes, for tests and for looking: `python -m tests.ui.fake_engine [--hangs]
[--patience S] [--setup NAME] [--delay S] [SCENE …]`.

It keeps the contract of the real one: listeners are called from a thread of its own, at once with what is
known, and again on each refresh, which moves on to the next scene. Changes are carried out on a setup made by hand.
"""

import queue
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tests.ui import accounts
from tests.ui.scenes import SCENES
from tests.ui.setups import SETUPS, carry_out
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.demo import fill
from tokentray.engine.reports.desk import ReportDesk
from tokentray.errors import RefusedError
from tokentray.money import NumberStyle
from tokentray.paths import Paths
from tokentray.question import Question
from tokentray.report import Report
from tokentray.requests import (
    AccountRequest,
    Answer,
    Request,
)
from tokentray.setup import Setup
from tokentray.snapshot import Problem, Snapshot
from tokentray.store.writer import Writer

if TYPE_CHECKING:
    from tokentray.engine.exporter import ExportProgress, Preview
    from tokentray.export.job import Job, Outcome

DEMO_NOW_UTC = 1_795_359_600
"""Noon in UTC on 22 November 2026 plus three hours, a Sunday."""


def nothing_read(question: Question) -> Report:
    """The answer where there is no history yet."""
    return Report(question, question, empty_text="Nothing is read yet.")


class FakeReports:
    """Answers each question at once, from a thread of its own. questions: all that was asked, in order."""

    def __init__(self, answer: Callable[[Question], Report] = nothing_read) -> None:
        self._answer = answer
        self._listeners: list[Callable[[Report], None]] = []
        self._tasks: queue.SimpleQueue[Question | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="fake-reports", daemon=True)
        self.questions: list[Question] = []
        self.rests = 0

    def ask(self, question: Question) -> None:
        self.questions.append(question)
        if not self._thread.is_alive():
            self._thread.start()
        self._tasks.put(question)

    def listen(self, listener: Callable[[Report], None]) -> None:
        self._listeners.append(listener)

    def rest(self) -> None:
        self.rests += 1

    def stop(self, timeout_s: float) -> bool:
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (question := self._tasks.get()) is not None:
            report = self._answer(question)
            for listener in self._listeners:
                listener(report)


class FakeExporter:
    """Keeps what is asked for; a test tells what came of it. previews, jobs: all that was asked, in order."""

    def __init__(self) -> None:
        self.listeners: list[Callable[[Outcome | ExportProgress | Preview], None]] = []
        self.previews: list[tuple[date, bool]] = []
        self.jobs: list[Job] = []
        self.rests = 0

    def preview(self, month: date, redact: bool) -> None:
        self.previews.append((month, redact))

    def run(self, job: "Job") -> None:
        self.jobs.append(job)

    def listen(self, listener: "Callable[[Outcome | ExportProgress | Preview], None]") -> None:
        self.listeners.append(listener)

    def rest(self) -> None:
        self.rests += 1

    def tell(self, told: "Outcome | ExportProgress | Preview") -> None:
        """From a thread of its own, as the real one does."""
        thread = threading.Thread(target=lambda: [listener(told) for listener in self.listeners])
        thread.start()
        thread.join()


def demo_reports(folder: Path, *, years: int = 1, now_utc: int = DEMO_NOW_UTC) -> ReportDesk:
    """The real desk over a made-up history, which is written into an empty folder first: takes seconds."""
    paths = Paths(folder, folder, folder)
    writer = Writer(paths.history)
    try:
        fill(writer, now_utc=now_utc, years=years, zone=UtcZone())
    finally:
        writer.close()
    return ReportDesk(paths, FixedClock(UtcSeconds(now_utc)), UtcZone(), NumberStyle(), made_up=True)


class FakeEngine:
    """Plays snapshots, and carries changes out on a setup.

    hangs: it never stops. delay_s: how long each change takes. silent: changes are asked for and never answered.
    refuses: the answer to every change, with the field that is meant. reports: where questions of the history window
    are answered; without, nothing is read yet.
    """

    def __init__(
        self,
        snapshots: Sequence[Snapshot],
        *,
        hangs: bool = False,
        setup: Setup | None = None,
        delay_s: float = 0,
        silent: bool = False,
        refuses: tuple[Problem, str] | None = None,
        reports: FakeReports | ReportDesk | None = None,
    ) -> None:
        self.reports = reports or FakeReports()
        self.exporter = FakeExporter()
        self._snapshots = list(snapshots)
        self._setup = setup
        self._delay_s = delay_s
        self._silent = silent
        self.refuses = refuses
        self._listeners: list[Callable[[Snapshot], None]] = []
        self._setup_listeners: list[Callable[[Setup], None]] = []
        self._answer_listeners: list[Callable[[Answer], None]] = []
        self._tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._hangs = hangs
        self._at = 0
        self._wanted = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._play, name="fake-engine", daemon=not hangs)
        self.refreshes = 0
        self.glances = 0
        self.looks = 0
        self.requests: list[Request | AccountRequest] = []
        """All that was asked for, in order."""
        self.wants: list[bool] = []
        self.networks: list[tuple[bool, bool]] = []
        """What was told of the network: whether there is one, and whether it is metered."""

    def start(self) -> None:
        self._thread.start()

    def refresh(self) -> None:
        self.refreshes += 1
        self._tasks.put(self._next_scene)

    def glance(self) -> None:
        self.glances += 1
        self._tasks.put(self._next_scene)

    def look_again(self) -> None:
        self.looks += 1

    def listen(self, listener: Callable[[Snapshot], None]) -> None:
        self._listeners.append(listener)

    def submit(self, request: Request | AccountRequest) -> int:
        self.requests.append(request)
        number = len(self.requests)
        self._tasks.put(lambda: self._carry_out(number, request))
        return number

    def network_changed(self, online: bool, metered: bool) -> None:
        self.networks.append((online, metered))

    def want_setup(self, wanted: bool) -> None:
        self.wants.append(wanted)
        self._tasks.put(lambda: self._want(wanted))

    def listen_setup(self, listener: Callable[[Setup], None]) -> None:
        self._setup_listeners.append(listener)

    def listen_answers(self, listener: Callable[[Answer], None]) -> None:
        self._answer_listeners.append(listener)

    def show_setup(self, setup: Setup) -> None:
        """Something changed from outside: a read, the command line, a hand at the settings file."""
        self._tasks.put(lambda: self._tell_setup(setup))

    def stop(self, timeout_s: float) -> bool:
        self._stopping.set()
        self.reports.stop(timeout_s)
        self._tasks.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _play(self) -> None:
        self._tell_scene()
        while True:
            task = self._tasks.get()
            if task is None:
                if self._hangs:
                    threading.Event().wait()
                return
            task()

    def _next_scene(self) -> None:
        self._at += 1
        self._tell_scene()

    def _tell_scene(self) -> None:
        for listener in self._listeners:
            listener(self._snapshots[self._at % len(self._snapshots)])

    def _want(self, wanted: bool) -> None:
        self._wanted = wanted
        if self._setup is not None:
            self._tell_setup(self._setup)

    def _tell_setup(self, setup: Setup) -> None:
        self._setup = setup
        for listener in self._setup_listeners if self._wanted else ():
            listener(setup)

    def _carry_out(self, number: int, request: Request | AccountRequest) -> None:
        if self._silent or self._setup is None or self._stopping.wait(self._delay_s):
            return
        answer = self._answer(number, request)
        for listener in self._answer_listeners:
            listener(answer)

    def _answer(self, number: int, request: Request | AccountRequest) -> Answer:
        if self.refuses is not None:
            problem, field = self.refuses
            return Answer(number, "", problem, field)
        assert self._setup is not None
        try:
            if isinstance(request, AccountRequest):
                setup, text, tried = accounts.carry_out(self._setup, request)
                self._tell_setup(setup)
                return Answer(number, text, tried=tried)
            done = carry_out(self._setup, request)
        except RefusedError as exc:
            return Answer(number, "", Problem(exc.title, exc.message, exc.hint), exc.field)
        self._tell_setup(done.setup)
        return Answer(number, done.text)


def main(arguments: Sequence[str]) -> int:
    """The real app over these scenes. It says "ready" on stdout once its loop runs."""
    import argparse

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from tokentray.ui.app import run

    parser = argparse.ArgumentParser()
    parser.add_argument("scenes", nargs="*", default=["ordinary"])
    parser.add_argument("--hangs", action="store_true")
    parser.add_argument("--patience", type=float, default=10.0)
    parser.add_argument("--setup", default="ordinary", choices=SETUPS)
    parser.add_argument("--delay", type=float, default=0.0)
    options = parser.parse_args(arguments)
    application = QApplication(sys.argv[:1])
    QTimer.singleShot(200, application, lambda: print("ready", flush=True))
    snapshots = [SCENES[name]() for name in options.scenes]
    engine = FakeEngine(snapshots, hangs=options.hangs, setup=SETUPS[options.setup](), delay_s=options.delay)
    return run(engine, tray_patience_s=options.patience)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
