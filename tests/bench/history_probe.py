"""Inside a real panel: opens the history window over a history, goes through its questions, scrolls and closes it.

    python -m tests.bench.history_probe HOME

One JSON object: milliseconds from the click to the painted figures, cold ones first; of each question the seconds until
its figures were painted, and those of the usage query behind it, both the middle of several rounds; gaps of the main
thread, idle and busy; what is done while nothing happens; frames of a scrolled table; memory after each closing.
"""

import gc
import json
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from statistics import median
from typing import Any

import psutil
from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from tokentray import paths
from tokentray.clock import SystemClock, local_date
from tokentray.engine.runtime import Engine
from tokentray.localeinfo import number_style
from tokentray.question import Measure, Period, Question, Span
from tokentray.settings import load
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.ui.app import App
from tokentray.ui.garbage import Garbage
from tokentray.ui.history.window import HistoryWindow

_OPENINGS = 20
_TICK_MS = 10
_REST_MS = 100
_IDLE_S = 4.0
_STILL_S = 6.0
_ROUNDS = 5
_FRAMES = 400
_PATIENCE_S = 60.0
_PAUSE_S = 0.02
_GROUPINGS: tuple[tuple[str, ...], ...] = (("source",), ("model",), ("project",), ("account",), ("kind",), ())
_SPANS = (Span.DAYS_7, Span.DAYS_30, Span.MONTH, Span.YEAR, Span.ALL)
_LARGE = ("day", "model", "project")


class Gaps(QObject):
    """How long the main thread leaves a timer of 10 ms waiting."""

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)
        self._since = QElapsedTimer()
        self.taken: list[float] = []

    def start(self) -> None:
        self.taken = []
        self._since.start()
        self._timer.start(_TICK_MS)

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.taken

    def _on_tick(self) -> None:
        self.taken.append(self._since.nsecsElapsed() / 1e6)
        self._since.restart()


class Ticks(QObject):
    """Counts the timers of the whole program that go off."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        if event.type() == QEvent.Type.Timer:
            self.count += 1
        return super().eventFilter(watched, event)


def turn(seconds: float = 0.0) -> None:
    """Let Qt's loop run: once, or for a while."""
    until = time.perf_counter() + seconds
    while True:
        QApplication.processEvents()
        if time.perf_counter() >= until:
            return
        time.sleep(0.001)


def window_of(app: App) -> HistoryWindow:
    found = app.history.window
    assert found is not None
    return found


def wait_shown(app: App, question: Question | None) -> HistoryWindow:
    """Until the answer to a question is on the screen; the window. Qt's own loop waits, as it does for a person."""
    until = time.perf_counter() + _PATIENCE_S
    guard = QTimer()  # so that it wakes up even where nothing comes any more
    guard.start(1000)
    while time.perf_counter() < until:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        window = app.history.window
        report = window.asking.report if window is not None else None
        asked = report is not None and (question is None or report.asked == question)
        done = window is not None and not window.in_turns.waits
        if done and window is not None and report is not None and asked and report.chart is not None:
            assert report.problem is None, report.problem
            QApplication.processEvents()  # what is left to be painted
            return window
    raise AssertionError(f"never shown: {question}")


def openings(app: App) -> Iterator[tuple[float, float]]:
    """Milliseconds until painted, and MiB once closed again."""
    process = psutil.Process()
    for _ in range(_OPENINGS):
        began = time.perf_counter()
        app.history.open(None)
        window = wait_shown(app, None)
        taken = (time.perf_counter() - began) * 1000
        turn(0.3)
        window.close()
        del window
        turn(0.5)
        gc.collect()
        yield taken, process.memory_info().rss / 2**20


def questions() -> Iterator[Question]:
    """Every grouping of every period in its own split and in another, the widest last, one change at a time: a period
    is turned to in the grouping that was shown, and a grouping in the split.
    """
    groupings, own = list(_GROUPINGS), True
    for span in _SPANS:
        other = "week" if span in (Span.YEAR, Span.ALL) else "day"
        for by in groupings:
            for split in ("", other) if own else (other, ""):
                yield Question(period=Period(span), by=by, split=split)
            own = not own
        groupings.reverse()
    yield Question(period=Period(Span.ALL), by=("model",), measure=Measure.TOKENS)


def changes(app: App, home: str) -> list[dict[str, Any]]:
    """Seconds until each was painted, and of the same usage query by itself, on a connection of its own.

    Rounds go through all of them, so that what the desk keeps of the last few questions does not answer the next one
    like it any sooner than it would a person.
    """
    places = paths.resolve(home)
    settings = load(places.settings).settings
    today = local_date(SystemClock().now_utc(), settings.zone)
    shown_s: dict[Question, list[float]] = {}
    sql_s: dict[Question, list[float]] = {}
    told: dict[Question, dict[str, Any]] = {}
    window = window_of(app)
    with History(places.history) as history:
        for question in [one for _ in range(_ROUNDS) for one in questions()]:
            turn(_PAUSE_S)
            began = time.perf_counter()
            window.asking.ask(question)
            wait_shown(app, question)
            shown_s.setdefault(question, []).append(time.perf_counter() - began)
            report = window.asking.report
            assert report is not None
            first, last = report.days or (None, None)
            by = tuple(dict.fromkeys((report.question.split, *question.by, "source", "payer")))
            began = time.perf_counter()
            rows = history.usage(UsageQuery(by, first, last, (), today), settings.zone)
            sql_s.setdefault(question, []).append(time.perf_counter() - began)
            name = f"{question.period.span} by {'+'.join(question.by) or 'none'} / {report.question.split}"
            told[question] = {"name": name, "rows": len(rows)}
    return [{**told[one], "shown_s": median(shown_s[one]), "sql_s": median(sql_s[one])} for one in told]


def still(qt: QApplication) -> dict[str, float]:
    """What the program does while the window is open and nothing happens: its CPU time, and timers that go off."""
    process, ticks = psutil.Process(), Ticks()
    qt.installEventFilter(ticks)
    before = process.cpu_times()
    QTimer.singleShot(int(_STILL_S * 1000), lambda: qt.exit(0))
    qt.exec()
    after = process.cpu_times()
    qt.removeEventFilter(ticks)
    used_s = after.user + after.system - before.user - before.system
    return {"seconds": _STILL_S, "cpu_s": used_s, "ticks": ticks.count - 1}


def frames(app: App, question: Question) -> tuple[int, list[float]]:
    """Rows of a table, and milliseconds of each frame while it is scrolled."""
    window = window_of(app)
    window.asking.ask(question)
    wait_shown(app, question)
    view = window.body.table.body
    bar = view.verticalScrollBar()
    taken = []
    for frame in range(_FRAMES):
        began = time.perf_counter()
        bar.setValue(bar.value() + 3 if frame % 100 < 90 else (bar.maximum() * frame) // _FRAMES)
        view.viewport().repaint()
        QApplication.processEvents()
        taken.append((time.perf_counter() - began) * 1000)
    assert window.asking.report is not None
    return len(window.asking.report.table.rows), taken


def main(home: str) -> int:
    """Runs all of it."""
    qt = QApplication(sys.argv[:1])
    qt.setQuitOnLastWindowClosed(False)
    engine = Engine(paths.resolve(home), SystemClock(), None, number_style(), agents=())
    app = App(engine, 10.0)
    garbage = Garbage(app)
    garbage.follow(app.bridge)
    QTimer.singleShot(0, app.start)
    until = time.perf_counter() + _PATIENCE_S
    while (app.tray is None or app.bridge.shown is None) and time.perf_counter() < until:
        turn(0.05)
    turn(1.5)
    opened = list(openings(app))
    app.history.open(None)
    wait_shown(app, None)
    turn(1.0)
    at_rest = still(qt)
    gaps = Gaps()
    gaps.start()
    QTimer.singleShot(int(_IDLE_S * 1000), lambda: qt.exit(0))
    qt.exec()
    idle = gaps.stop()
    busy = busy_gaps(app, gaps, qt)
    told = changes(app, home)
    today = local_date(SystemClock().now_utc(), load(paths.resolve(home).settings).settings.zone)
    first = today - timedelta(days=365 * 4)
    rows, scrolled = frames(app, Question(period=Period(Span.CUSTOM, first, today), by=_LARGE))
    print(
        json.dumps(
            {
                "opened_ms": [one for one, _ in opened],
                "memory_mb": [one for _, one in opened],
                "idle_gaps_ms": idle,
                "busy_gaps_ms": busy,
                "still": at_rest,
                "changes": told,
                "rows": rows,
                "frames_ms": scrolled,
                "threads": [one.name for one in threading.enumerate()],
            }
        )
    )
    sys.stdout.flush()
    app.hide()
    engine.stop(2)
    garbage.stop()
    return 0


def busy_gaps(app: App, gaps: Gaps, qt: QApplication) -> list[float]:
    """Gaps while question after question is asked, each a tenth of a second after the last was painted, which is faster
    than any hand; Qt's own loop runs.
    """
    window = window_of(app)
    waiting = list(questions())

    def ask_next() -> None:
        if window.in_turns.waits:
            QTimer.singleShot(_TICK_MS, ask_next)
        elif waiting:
            window.asking.ask(waiting.pop())
        else:
            qt.exit(0)

    def ask_later() -> None:
        QTimer.singleShot(_REST_MS, ask_next)

    window.asking.answered.connect(ask_later)
    gaps.start()
    QTimer.singleShot(0, ask_next)
    QTimer.singleShot(int(_PATIENCE_S * 1000), lambda: qt.exit(0))
    qt.exec()
    taken = gaps.stop()
    window.asking.answered.disconnect(ask_later)
    assert not waiting, "every question was answered"
    return taken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
