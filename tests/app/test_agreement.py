"""Tray, popover and command line show one picture: the same figures and words, of the same history."""

import json
import queue
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app.engines import MovableClock, Watched, idle, running
from tokentray.clock import Clock, SystemClock, UtcZone, rfc3339
from tokentray.engine.runtime import Engine
from tokentray.engine.snapshots import build
from tokentray.money import NumberStyle, nanos_from_text
from tokentray.paths import resolve
from tokentray.snapshot import Amount, Snapshot, SnapshotState
from tokentray.store.history import History
from tokentray.store.writer import Writer

Run = Callable[..., subprocess.CompletedProcess[str]]
PLAIN = {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "UTC"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo's year is kept; filled by the program itself on first use."""
    return tmp_path_factory.mktemp("demo") / "home"


@pytest.fixture
def demo(folder: Path, tokentray: Run) -> Path:
    """A home with the demo's year in it."""
    if not folder.exists():
        filled = tokentray("--home", folder, "demo", "--no-window", env=PLAIN)
        assert filled.returncode == 0, filled.stderr
    return folder


def stored(home: Path) -> Snapshot:
    """The snapshot of what is stored, made here."""
    with History(resolve(str(home)).history) as history:
        return build(history, SystemClock().now_utc(), UtcZone(), NumberStyle())


def tray_over(home: Path, clock: Clock) -> Snapshot:
    """The first snapshot that the tray of the demo shows."""
    seen: queue.SimpleQueue[Snapshot] = queue.SimpleQueue()
    engine = Engine(resolve(str(home)), clock, UtcZone(), NumberStyle(), agents=(), env={}, made_up=True)
    engine.listen(seen.put)
    engine.start()
    try:
        return seen.get(timeout=10)
    finally:
        assert engine.stop(2)


def said(done: subprocess.CompletedProcess[str]) -> str:
    """What a command printed."""
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def same(told: dict[str, object], amount: Amount) -> None:
    """An amount of the JSON is that of the snapshot, to the last digit."""
    assert Decimal(str(told["cost"])) == amount.cost
    assert (told["list_cost"] is None) == (amount.list_cost is None)
    if amount.list_cost is not None:
        assert Decimal(str(told["list_cost"])) == amount.list_cost
    assert told["currency"] == amount.currency
    assert told["basis"] == list(amount.basis)
    assert told["equivalent"] == (amount.equivalent_text or None)
    assert told["unpriced_tokens"] == amount.unpriced_tokens
    assert [(one["currency"], Decimal(one["cost"])) for one in told["others"]] == list(amount.others)  # type: ignore[attr-defined] # a list


def test_status_json_is_the_snapshot(demo: Path, tokentray: Run) -> None:
    """Every figure and every source of the demo, through the program."""
    shown = stored(demo)
    told = json.loads(said(tokentray("--utc", "status", "--json", home=demo, env=PLAIN)))
    same(told["today"], shown.today)
    same(told["month"], shown.month)
    assert shown.month.cost > 0
    assert shown.counts_spend
    rows = {row.id: row for row in shown.sources if row.kind in ("plan", "charge")}
    health = {one.id: one for one in shown.health}
    assert [one["source"] for one in told["sources"]] == [*health, *rows]
    for one in told["sources"]:
        known = rows.get(one["source"]) or health[one["source"]]
        read_utc = known.last_success_utc
        assert (one["kind"], one["state"], one["error"]) == (known.kind, known.state.value, known.error or None)
        assert one["last_success"] == (None if read_utc is None else rfc3339(read_utc, UtcZone()))


def test_status_says_what_the_tooltip_says(demo: Path, tokentray: Run) -> None:
    """Three lines, then each row's name and amounts; and the line of a status bar is the first two."""
    shown = stored(demo)
    lines = said(tokentray("--utc", "status", home=demo, env=PLAIN)).splitlines()
    assert tuple(lines[:3]) == shown.lines
    text = "\n".join(lines)
    for row in shown.sources:
        line = next(line for line in lines if line.startswith(row.label))
        assert row.today.amount_text in line
        assert row.month.amount_text in line
    assert len(shown.sources) >= 5
    assert text.index("Paid elsewhere, not counted") > text.index("Claude Max")
    bar = said(tokentray("--utc", "statusline", home=demo, env=PLAIN)).strip()
    assert bar == f"{shown.lines[0]} | {shown.lines[1]}"


def test_the_tray_of_the_demo_shows_the_same(demo: Path) -> None:
    """The engine over that folder: the same amounts, rows and days; only its age is said to be made up."""
    expected = stored(demo)
    shown = tray_over(demo, SystemClock())
    assert (shown.today, shown.month, shown.sources, shown.days) == (
        expected.today, expected.month, expected.sources, expected.days,
    )  # fmt: skip
    assert shown.lines == (*expected.lines[:2], "Demo: a made-up year")
    assert not shown.first_run


def test_the_demo_does_not_grow_old(demo: Path) -> None:
    """Nothing of it is ever read, so an hour later it is no staler than before."""
    clock = MovableClock()
    clock.ahead_s = 7200
    assert tray_over(demo, clock).state is SnapshotState.FRESH


def test_usage_adds_up_to_the_month(demo: Path, tokentray: Run) -> None:
    """The month of `usage`, by any of its keys, is the month that the tray shows."""
    shown = stored(demo)
    first = f"{rfc3339(shown.taken_at_utc, UtcZone())[:7]}-01"
    today = rfc3339(shown.taken_at_utc, UtcZone())[:10]
    for by in ("source", "agent", "model", "project", "day", "payer", "month"):
        told = json.loads(
            said(
                tokentray("--utc", "usage", "--by", by, "--from", first, "--to", today, "--json", home=demo, env=PLAIN)
            )
        )
        assert sum((Decimal(row["cost"]) for row in told), Decimal(0)) == shown.month.cost, by
        assert sum((Decimal(row["list_cost"] or 0) for row in told), Decimal(0)) == shown.month.list_cost, by


def test_a_running_tray_and_a_terminal_agree_after_a_change(tmp_path: Path, tokentray: Run) -> None:
    """A plan, a charge in another currency, an employer: told in one, and the same in the other."""
    watched = Watched(tmp_path)
    watched.log(1, 4 * 39_950)
    with running(watched):
        watched.wait(idle)
        writer = Writer(watched.paths.history)
        with writer.telling() as told:
            told.add_charge(date.fromisoformat(rfc3339(SystemClock().now_utc(), UtcZone())[:10]),
                            nanos_from_text("7.25"), "EUR", "anthropic", "Extra use", 0)  # fmt: skip
        writer.close()
        for arguments in (
            ("plans", "add", "Claude Max", "--agent", "claude-code", "--fee", "200", "--from", "2026-01-01"),
            ("reference", "add", "hourly", "100"),
        ):
            said(tokentray("--utc", *arguments, home=watched.paths.data, env=PLAIN))
        shown = watched.wait(lambda snapshot: snapshot.has_reference and len(snapshot.sources) == 2, 3)
        told_json = json.loads(said(tokentray("--utc", "status", "--json", home=watched.paths.data, env=PLAIN)))
        same(told_json["today"], shown.today)
        same(told_json["month"], shown.month)
        lines = said(tokentray("--utc", "status", home=watched.paths.data, env=PLAIN)).splitlines()
        assert tuple(lines[:3]) == shown.lines


def test_an_account_s_bill_is_spend_in_every_view(tmp_path: Path, tokentray: Run) -> None:
    """Also where nothing was said of who pays for anything: what was billed needs no saying."""
    now_utc = SystemClock().now_utc()
    writer = Writer(resolve(str(tmp_path)).history)
    account = writer.source("account", "uuid", "My key", "openai", now_utc)
    hour = now_utc // 3600 * 3600
    writer.connection.execute(
        "INSERT INTO feed_spans VALUES (?, 'billed', 0, ?, ?)", (account, hour + 3600, hour + 3600)
    )
    writer.connection.execute(
        "INSERT INTO billed_buckets VALUES (?, 3600, ?, 0, '', '', 'USD', ?)", (hour, account, nanos_from_text("3.5"))
    )
    writer.close()
    month = rfc3339(now_utc, UtcZone())[:7]
    assert said(tokentray("--home", tmp_path, "status", env=PLAIN)).startswith("Today $3.50")
    assert "spend" in said(tokentray("--home", tmp_path, "usage", "--by", "account", env=PLAIN)).split("\n")[0]
    summary = json.loads(said(tokentray("--home", tmp_path, "export", month, "--format", "json", env=PLAIN)))
    assert (summary["counts_spend"], summary["total"]) == (True, "3.5")
