"""Every state that the history window can be in, over the real desk of reports and a made-up history of its own.

What the window says of its sources comes with a snapshot, which a scene brings along.
"""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from PySide6.QtTest import QTest

from tests.ui.scenes import ENGLISH, GERMAN, LONG_NAME, ordinary
from tests.unit.export_month import OPUS, call, charge, make, plan, rate, tell, utc
from tokentray.clock import FixedClock, UtcSeconds, UtcZone
from tokentray.engine.demo import fill
from tokentray.engine.reports.desk import ReportDesk
from tokentray.money import Nanos, NumberStyle
from tokentray.paths import Paths
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report
from tokentray.snapshot import ReadProgress, Snapshot, SourceHealth, SourceState
from tokentray.store.writer import Writer
from tokentray.ui.bridge import Bridge
from tokentray.ui.history.window import HistoryWindow

NOW_UTC = utc("2026-11-22 15:00")
_ANSWERED_WITHIN_S = 20.0
_OCTOBER = Period(Span.MONTH, date(2026, 10, 1))
_NAMES = (
    "\N{ARABIC LETTER MEEM}\N{ARABIC LETTER SHEEN}\N{ARABIC LETTER REH}\N{ARABIC LETTER WAW}\N{ARABIC LETTER AIN}",
    "<img src=x onerror=alert(1)>",
    "\N{ROCKET}\N{FAMILY}\N{ZERO WIDTH JOINER}\N{FIRE}",
    "two\nlines\tand \x1b[31ma bell\x07",
    "x" * 300,
    LONG_NAME,
    "a & b",
)


_BOUGHT = (
    (5, "Moved the search of quillmark to the new index", "quillmark", 0, ""),
    (9, "Releases of lanternfish", "lanternfish", 3, "releases"),
    (
        15,
        "Read three years of tide tables, found the two wrong ones and wrote to the harbour office about them",
        "",
        0,
        "",
    ),
    (30, "Tests for kite-weather <b>", "kite-weather", 120, "tests"),
)


class Scene(NamedTuple):
    """fill: writes the history into an empty folder. question: what the window opens on."""

    fill: Callable[[Path], object]
    question: Question = Question()
    style: NumberStyle = ENGLISH
    then: Callable[["Stage"], object] = lambda _: None
    size: tuple[int, int] = (1040, 740)
    health: tuple[SourceHealth, ...] = ()
    progress: ReadProgress | None = None

    def snapshot(self) -> Snapshot:
        """What the engine would tell of its sources."""
        return ordinary()._replace(health=self.health, progress=self.progress)


class Stage:
    """A scene's window, with its first report in it."""

    def __init__(self, scene: Scene, folder: Path) -> None:
        if not (folder / "history.db").exists():
            scene.fill(folder)
        paths = Paths(folder, folder, folder)
        self.bridge = Bridge()
        self.desk = ReportDesk(paths, FixedClock(UtcSeconds(NOW_UTC)), UtcZone(), scene.style)
        self.desk.listen(self.bridge.receive_report)
        self.window = HistoryWindow(self.desk, lambda _: 0)
        self.bridge.report_changed.connect(self._take)
        self.report: Report | None = None
        self.window.show_snapshot(scene.snapshot())
        self.ask(scene.question)
        self.window.resize(*scene.size)
        scene.then(self)

    def ask(self, question: Question) -> Report:
        """Have the window show it."""
        self.report = None
        self.window.open_on(question)
        return self.wait()

    def wait(self) -> Report:
        """The report that comes next."""
        until = time.monotonic() + _ANSWERED_WITHIN_S
        while self.report is None or self.window.asking.waits:
            if time.monotonic() > until:
                raise TimeoutError("no report came")
            QTest.qWait(10)
        return self.report

    def is_painted(self) -> bool:
        """Whether all of it looks as it was told to."""
        return self.window.isVisible() and not self.window.in_turns.waits

    def close(self) -> None:
        self.window.close()
        self.bridge.close()
        if not self.desk.stop(5):
            raise TimeoutError("the desk did not stop")

    def _take(self, report: Report) -> None:
        self.report = report
        self.window.show_report(report)


def year(folder: Path) -> None:
    """The demo, with lines on what it bought."""
    writer = Writer(folder / "history.db")
    fill(writer, now_utc=NOW_UTC, years=2, zone=UtcZone())
    with writer.telling() as told:
        for day, text, project, count, of in _BOUGHT:
            told.add_note(date(2026, 10, day), text, project, Nanos(count * 10**9), of, NOW_UTC)
    writer.close()


def nothing(folder: Path) -> None:
    """No history at all."""


def not_read_yet(folder: Path) -> None:
    """A history that a first scan has just begun."""
    Writer(folder / "history.db").close()


def damaged(folder: Path) -> None:
    (folder / "history.db").write_bytes(b"no database at all" * 1000)


def _month(folder: Path, *tokens: int, model: str = OPUS, hourly: str = "100") -> None:
    days = [call(f"2026-11-{day:02d} 10:00", model, "harbour", [t * day for t in tokens]) for day in range(1, 22)]
    make(folder / "history.db", {"claude-code": days}, read_at="2026-11-22 14:58", hourly=hourly)


def very_small(folder: Path) -> None:
    """Millionths of a dollar."""
    _month(folder, 1)


def very_large(folder: Path) -> None:
    """Ten millions and more."""
    _month(folder, 50_000_000_000, 40_000_000_000)


def unpriced(folder: Path) -> None:
    """Nothing has a price."""
    _month(folder, 10_000, 2_000, model="garden-shed-7b")


def partly_unpriced(folder: Path) -> None:
    days = [
        call(f"2026-11-{day:02d} 10:00", OPUS if day % 3 else "garden-shed-7b", "harbour", (90_000 * day, 9_000 * day))
        for day in range(1, 22)
    ]
    make(folder / "history.db", {"claude-code": days}, read_at="2026-11-22 14:58", hourly="100")


def stale(folder: Path) -> None:
    """Nothing was read for twelve days."""
    days = [call(f"2026-11-{day:02d} 10:00", OPUS, "harbour", (90_000 * day, 9_000 * day)) for day in range(1, 10)]
    make(folder / "history.db", {"claude-code": days}, read_at="2026-11-10 14:58", hourly="100")


def twelve(folder: Path) -> None:
    """A dozen sources."""
    _month(folder, 20_000, 4_000)
    said = [plan(f"Plan {letter}", f"{10 + 7 * number}", since="2026-10-01") for number, letter in enumerate("ABCDEF")]
    bills = [charge(f"2026-11-{day:02d}", f"{day}.50", f"Invoice {day}") for day in range(2, 20, 3)]
    tell(folder / "history.db", *said, *bills)


def names(folder: Path) -> None:
    """Projects called anything."""
    calls = [
        call(f"2026-11-{day:02d} 1{place}:00", OPUS, name, (60_000 * (place + 1), 9_000 * day))
        for day in range(1, 22, 2)
        for place, name in enumerate(_NAMES)
    ]
    make(folder / "history.db", {"claude-code": calls}, read_at="2026-11-22 14:58", hourly="100")


def many(folder: Path) -> None:
    """Three hundred projects."""
    calls = [
        call(
            f"2026-{1 + number % 11:02d}-{1 + number % 20:02d} 10:00", OPUS, f"project-{number:03d}", (9_000 * number,)
        )
        for number in range(1, 301)
    ]
    make(folder / "history.db", {"claude-code": calls}, read_at="2026-11-22 14:58", hourly="100")


def two_currencies(folder: Path) -> None:
    _month(folder, 200_000, 40_000)
    tell(folder / "history.db", plan("Mistral Pro", "17.85", currency="EUR", since="2026-10-01"))


def converted(folder: Path) -> None:
    two_currencies(folder)
    tell(folder / "history.db", rate("EUR", "USD", "1.085"))
    (folder / "settings.toml").write_text('[money]\ncurrency = "USD"\n', "utf-8")


def one_day(folder: Path) -> None:
    """The first day of all."""
    calls = [call(f"2026-11-22 {hour:02d}:20", OPUS, "harbour", (90_000, 9_000)) for hour in (8, 9, 14)]
    make(folder / "history.db", {"claude-code": calls}, read_at="2026-11-22 14:58")


def _pick(stage: Stage) -> None:
    """A row is clicked, a series switched off, and some bars are selected."""
    report = stage.wait()
    rows = [row.id for row in report.table.rows]
    stage.ask(
        report.question._replace(picked=tuple(rows[:2]), hidden=(rows[1],), selected=("2026-10-05", "2026-10-11"))
    )


def _hover(stage: Stage) -> None:
    stage.window.body.chart.setFocus()


def _new_note(stage: Stage) -> None:
    stage.window.notes.form_asked.emit(None)
    QTest.qWait(50)


def source(name: str, label: str, error: str = "", *, stale: bool = False, never: bool = False) -> SourceHealth:
    """How well a source is being read: well, unless it is said otherwise."""
    state = SourceState.FAILING if error else SourceState.STALE if stale else SourceState.FRESH
    kind = name.partition(":")[0] if ":" in name else "agent"
    read_utc = None if never else NOW_UTC - 3600
    return SourceHealth(name, kind, label, SourceState.NEVER if never else state, read_utc, error)


_CLAUDE, _CODEX = source("claude-code", "Claude Code"), source("codex", "Codex")
_REFUSED = "Key refused: OpenRouter does not know this key, or no longer. Replace the key"
_LOCKED = "Keyring locked: it was not unlocked. Unlock the keyring, then try again"
_OFFLINE = "Cannot reach {}: there is no such name, or no network"
_FAILING = (_CLAUDE, _CODEX, source("account:3", "OpenRouter", _REFUSED))
_ALL_LOCKED = (
    _CLAUDE,
    source("account:3", "OpenRouter", _LOCKED),
    source("account:4", "OpenAI, my key", _LOCKED),
    source("account:5", "Anthropic, the team's", _LOCKED),
)
_ALL_OFFLINE = (
    _CLAUDE,
    source("account:3", "OpenRouter", _OFFLINE.format("openrouter.ai")),
    source("account:4", "OpenAI, my key", _OFFLINE.format("api.openai.com")),
)
_ALL_STALE = tuple(source(one.id, one.label, stale=True) for one in (_CLAUDE, _CODEX))
_NAMED_ANYHOW = tuple(source(f"account:{place}", name, _REFUSED) for place, name in enumerate((_NAMES[0], LONG_NAME)))
_NEVER = (source("claude-code", "Claude Code", never=True), source("codex", "Codex", never=True))
_READING = ReadProgress(214, 1190)
_BY_MODEL = Question(by=("model",))
HISTORY_SCENES: dict[str, Scene] = {
    "empty": Scene(nothing),
    "first-scan": Scene(not_read_yet, health=_NEVER, progress=_READING),
    "first-scan-figures": Scene(stale, health=_NEVER, progress=ReadProgress(876, 1190)),
    "first-scan-other-month": Scene(stale, Question(period=_OCTOBER), health=(_CLAUDE, _CODEX), progress=_READING),
    "first-scan-small": Scene(
        stale, health=(*_NEVER, *_FAILING[2:]), progress=ReadProgress(11_876, 21_190), size=(640, 480)
    ),
    "one-failing": Scene(year, Question(period=_OCTOBER), health=_FAILING),
    "one-failing-small": Scene(year, Question(period=_OCTOBER), health=_FAILING, size=(640, 480)),
    "keyring-locked": Scene(year, Question(View.WHY, _OCTOBER), health=_ALL_LOCKED),
    "offline": Scene(year, _BY_MODEL, health=_ALL_OFFLINE),
    "failing-named-anyhow": Scene(year, Question(View.NOTES, _OCTOBER), health=_NAMED_ANYHOW),
    "damaged": Scene(damaged),
    "usage": Scene(year, Question(period=_OCTOBER)),
    "this-month": Scene(year, _BY_MODEL),
    "year-kinds": Scene(year, Question(period=Period(Span.YEAR), by=("kind",), measure=Measure.TOKENS)),
    "all-projects": Scene(year, Question(period=Period(Span.ALL), by=("project",), measure=Measure.WORTH)),
    "two-keys": Scene(year, Question(period=_OCTOBER, by=("agent", "model"), split="week")),
    "one-day-hours": Scene(
        year, Question(period=Period(Span.CUSTOM, date(2026, 10, 14), date(2026, 10, 14)), split="hour")
    ),
    "none": Scene(year, Question(period=_OCTOBER, by=())),
    "picked": Scene(year, Question(period=_OCTOBER), then=_pick),
    "deeper": Scene(year, Question(period=_OCTOBER, by=("model",), where=(("source", "claude-code"),))),
    "filtered": Scene(year, Question(period=_OCTOBER, by=("model",), text="model:opus")),
    "filter-nothing": Scene(year, Question(period=_OCTOBER, text="model:unheard")),
    "filter-wrong": Scene(year, Question(period=_OCTOBER, text="modle:opus")),
    "why": Scene(year, Question(View.WHY, _OCTOBER)),
    "prices": Scene(year, Question(View.PRICES, Period(Span.YEAR))),
    "plans": Scene(year, Question(View.PLANS, Period(Span.YEAR))),
    "reconcile": Scene(year, Question(View.RECONCILE, _OCTOBER)),
    "notes": Scene(year, Question(View.NOTES, _OCTOBER)),
    "note-form": Scene(year, Question(View.NOTES, _OCTOBER), then=_new_note),
    "why-nothing": Scene(one_day, Question(View.WHY)),
    "prices-nothing": Scene(nothing, Question(View.PRICES)),
    "plans-nothing": Scene(one_day, Question(View.PLANS)),
    "reconcile-nothing": Scene(one_day, Question(View.RECONCILE)),
    "notes-nothing": Scene(one_day, Question(View.NOTES)),
    "one-day": Scene(one_day),
    "very-small": Scene(very_small, _BY_MODEL),
    "very-large": Scene(very_large, _BY_MODEL),
    "unpriced": Scene(unpriced, _BY_MODEL),
    "partly-unpriced": Scene(partly_unpriced, _BY_MODEL),
    "all-stale": Scene(stale, health=_ALL_STALE),
    "twelve-sources": Scene(twelve),
    "names": Scene(names, Question(by=("project",))),
    "many": Scene(many, Question(period=Period(Span.ALL), by=("project",))),
    "two-currencies": Scene(two_currencies),
    "converted": Scene(converted),
    "german": Scene(year, Question(period=_OCTOBER), GERMAN),
    "small-window": Scene(year, Question(period=_OCTOBER, by=("project",)), size=(640, 480)),
    "focus": Scene(year, Question(period=_OCTOBER), then=_hover),
}
