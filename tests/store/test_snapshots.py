"""The one snapshot that everything shows: figures by hand, states, words, and rows that add up."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tokentray.clock import UtcZone, day_start_utc
from tokentray.engine.snapshots import STALE_AFTER_S, build
from tokentray.model import LogEvent
from tokentray.money import NumberStyle, nanos_from_text
from tokentray.prices import lookup
from tokentray.snapshot import Snapshot, SnapshotState, SourceState
from tokentray.store.history import History
from tokentray.store.writer import Batch, Writer

NOW = day_start_utc(date(2026, 11, 22), UtcZone()) + 14 * 3600 + 120


def call(number: int, at_utc: int, model: str = "claude-opus-4-8", output: int = 40_000) -> LogEvent:
    """A call of 25 USD a million output tokens: 40,000 are one dollar."""
    return LogEvent(number, 0, at_utc, "anthropic", model, 0, "/src/harbour", "s1", 0, 0, output, 0, 0, 0, 0, 0, 0)


class Made:
    """A history under test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = Writer(path)

    def add(self, agent: str, label: str, *events: LogEvent, read_utc: int | None = NOW - 60) -> None:
        """Events of one agent, read at a time."""
        source = self.writer.source("agent", agent, label, "anthropic", NOW)
        pairs = self.writer.new_models(events)
        self.writer.add_models({pair: lookup.find(*pair) for pair in pairs}, NOW)
        self.writer.apply(Batch(source, "here", events, []))
        self.writer.rebuild()
        if read_utc is not None:
            self.writer.mark_read(source, read_utc)

    def snapshot(self, now_utc: int = NOW) -> Snapshot:
        """What is shown."""
        with History(self.path) as history:
            return build(history, now_utc, UtcZone(), NumberStyle())


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An empty history."""
    return Made(tmp_path / "history.db")


def test_nothing_read_yet(tmp_path: Path) -> None:
    """Without a history there is a snapshot all the same."""
    with History(tmp_path / "none.db") as history:
        shown = build(history, NOW, UtcZone(), NumberStyle())
    assert shown.state is SnapshotState.NOTHING_READ
    assert shown.lines == ("Today ≈ $0.00", "November ≈ $0.00", "Nothing read yet")
    assert len(shown.days) == 30
    assert not shown.has_reference


def test_today_the_month_and_the_time_it_took(made: Made) -> None:
    """11 dollars today and 2 yesterday, at 100 an hour."""
    made.writer.set_reference("hourly", "", nanos_from_text("100"), "USD", "2026-11-01", NOW)
    made.add(
        "claude-code", "Claude Code",
        *(call(n, NOW - n) for n in range(1, 12)), call(50, NOW - 86_400), call(51, NOW - 86_400),
        call(52, NOW - 40 * 86_400),
    )  # fmt: skip
    shown = made.snapshot()
    assert shown.lines == (
        "Today ≈ $11.00 · 7 min of your time",
        "November ≈ $13.00 · 8 min of your time",
        "Worth at list price · as of 14:01",
    )
    assert (shown.today.list_cost, shown.month.list_cost) == (Decimal(11), Decimal(13))
    assert (shown.ring_hours, shown.ring_permille, shown.today_minutes) == (0, 110, 6)
    assert shown.today_short == "11"
    assert [bar.height_permille for bar in shown.days[-2:]] == [181, 1000]
    assert shown.days[-1].label == "Sun 22 Nov"


def test_displayed_rows_add_up_to_the_displayed_total(made: Made) -> None:
    """Three sources of a third of a cent each make one cent, not three times nothing or three cents."""
    for index, agent in enumerate(("a", "b", "c")):
        made.add(agent, agent.upper(), call(index + 1, NOW - 5, output=134))
    shown = made.snapshot()
    assert shown.today.amount_text == "≈ $0.01"
    assert sorted(line.today.amount_text for line in shown.sources) == ["≈ $0.01", "≈ <$0.01", "≈ <$0.01"]


def test_unpriced_use_is_at_least_and_never_nothing(made: Made) -> None:
    """A model without a price is counted apart."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5, model="experimental-9"))
    assert made.snapshot().lines[0] == "Today not priced"
    assert "40,000 tokens have no known price" in made.snapshot().today.known_text
    made.add("claude-code", "Claude Code", call(2, NOW - 5))
    assert made.snapshot().lines[0] == "Today at least ≈ $1.00"


def test_states_of_sources(made: Made) -> None:
    """Fresh, stale after three times the interval, failing above all."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    assert made.snapshot().state is SnapshotState.FRESH
    later = made.snapshot(NOW + STALE_AFTER_S)
    assert later.state is SnapshotState.STALE
    assert later.sources[0].state is SourceState.STALE
    source = made.writer.source("agent", "claude-code", "Claude Code", "anthropic", NOW)
    made.writer.mark_read(source, NOW, "its log folder cannot be read")
    failing = made.snapshot()
    assert failing.state is SnapshotState.FAILING
    assert failing.lines[2] == "Claude Code could not be read · as of 14:01"
    assert failing.today.amount_text == "≈ $1.00", "the last good figure stays"


def test_a_history_without_recent_use_says_what_it_holds(made: Made) -> None:
    """Thirty empty days are not the whole story."""
    made.add("claude-code", "Claude Code", call(1, NOW - 100 * 86_400), call(2, NOW - 200 * 86_400))
    assert made.snapshot().quiet_text == "Nothing used in 30 days; last on 14 August 2026. ≈ $2.00 in all."
    made.add("claude-code", "Claude Code", call(3, NOW - 29 * 86_400))
    assert made.snapshot().quiet_text == ""


def test_the_age_says_the_day_where_it_is_another(made: Made) -> None:
    """An old reading is not mistaken for one of today."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5), read_utc=NOW - 86_400)
    assert made.snapshot().as_of_text == "as of 21 Nov 14:02"
