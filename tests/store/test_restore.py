"""Restoring: the same history again, under running programs, whole or not at all, and what was there is kept."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.histories import HOME_OF, dump, grouped, read_logs
from tests.store.told_history import NOW, RESTORED, START, make_backup, make_history, tables
from tokentray.clock import UtcZone
from tokentray.engine.demo import fill
from tokentray.errors import StoreBusyError, StoreError, StoreFromTheFutureError
from tokentray.files import locked
from tokentray.model import LogEvent, UsageRow
from tokentray.store import schema
from tokentray.store.backup import Contents, back_up, is_backup
from tokentray.store.history import History
from tokentray.store.restore import CLEARED, checked_backup
from tokentray.store.writer import Batch, Writer

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
GROUPINGS = ((), ("day",), ("month", "agent", "model"), ("project", "tier"), ("session", "machine"), ("payer", "hour"))


def restore(backup: Path, history: Path, stamp: str = "then") -> tuple[Contents, Path | None]:
    """Check and restore, as the command does."""
    with checked_backup(backup, history) as checked:
        return checked.contents, checked.restore(stamp)


def groupings(history: Path) -> list[list[UsageRow]]:
    """What a person sees, cut in several ways."""
    return [grouped(history, by) for by in GROUPINGS]


def told(history: Path) -> list[Any]:
    """What the person told, as the windows read it."""
    with History(history) as opened:
        return [
            opened.payer_rules(),
            opened.plans(),
            opened.charges(),
            opened.exchange_rates(),
            opened.reference_points(),
            opened.first_run_done(),
            opened.agent_plans(),
            opened.corrections(),
        ]


def others(history: Path) -> set[str]:
    """Names of what lies beside a history, apart from what SQLite keeps while it is open."""
    return {entry.name for entry in history.parent.iterdir()} - {"history.db", "history.db-wal", "history.db-shm"}


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A history that is in use."""
    return make_history(tmp_path / "data" / "history.db", seed=7)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_into_an_empty_home_it_is_the_same_again(tmp_path: Path, seed: int) -> None:
    """Every row, every grouping and all that was told; a second time changes nothing of it."""
    backup = make_backup(tmp_path, seed)
    original = tmp_path / f"of-{seed}" / "history.db"
    history = tmp_path / "new" / "data" / "history.db"
    held, kept = restore(backup, history)
    assert kept is None
    assert held.calls == 80  # of 120, a third is repeats
    assert tables(history) == tables(original)
    assert groupings(history) == groupings(original)
    assert told(history) == told(original)
    assert any(len(rows) > 3 for rows in groupings(history))
    assert others(history) == {"restore.lock"}
    _, kept = restore(backup, history)
    assert kept is not None
    assert tables(history) == tables(original)
    assert tables(kept) == tables(original)


def test_every_table_is_thought_of() -> None:
    """A table that a later schema brings is restored, rebuilt or cleared on purpose, not forgotten."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for script in schema.SCRIPTS:
            connection.executescript(script)
        made = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    made.remove("sqlite_sequence")  # SQLite's own, and follows the rows
    assert made == {*RESTORED, *CLEARED, "meta"}


def test_over_a_history_in_use(tmp_path: Path, live: Path) -> None:
    """Afterwards it holds what the backup held, whatever ids either gave; what was there is a backup beside it."""
    backup = make_backup(tmp_path)
    original = tmp_path / "of-1" / "history.db"
    before, before_told = tables(live), told(live)
    _, kept = restore(backup, live)
    assert dump(live) == dump(original)
    assert [row._replace(id=0) for row in told(live)[1]] == [row._replace(id=0) for row in told(original)[1]]
    assert told(live)[2:] == told(original)[2:]
    # Plans keep their numbers; an account's may be another here, and the rules name it by that.
    assert payers(live) == payers(original)
    for seen, was in zip(groupings(live), groupings(original), strict=True):
        assert [row[1:] for row in seen] == [row[1:] for row in was]
    assert kept == live.with_name("history-before-restore-then.db")
    assert is_backup(kept)
    assert tables(kept) == before
    if sys.platform != "win32":
        assert {stat.S_IMODE(entry.stat().st_mode) for entry in live.parent.iterdir()} == {0o600}
    restore(kept, live, "back")
    assert dump(live) == dump(kept)
    assert told(live)[1:] == before_told[1:]
    assert payers(live) == payers(kept)


def payers(history: Path) -> list[tuple[object, ...]]:
    """The rules and reports with the names of what they pay by, whatever its number."""
    with closing(sqlite3.connect(history)) as connection:
        return [
            *connection.execute(
                "SELECT r.agent, r.provider, r.project, r.valid_from, r.payer, COALESCE(s.name, p.name)"
                " FROM payer_rules r LEFT JOIN sources s ON r.payer = 'account' AND s.id = r.payer_id"
                " LEFT JOIN plans p ON r.payer = 'plan' AND p.id = r.payer_id ORDER BY r.id"
            ),
            *connection.execute(
                "SELECT s.name, m.name, b.item, b.amount_nanos FROM billed_buckets b"
                " JOIN sources s ON s.id = b.source_id LEFT JOIN models m ON m.id = b.model_id ORDER BY 1, 3"
            ),
            *connection.execute(
                "SELECT s.name, a.scope, f.start, f.until FROM feed_spans f JOIN sources s ON s.id = f.source_id"
                " JOIN accounts a ON a.source_id = f.source_id ORDER BY 1, 3"
            ),
            *connection.execute(
                "SELECT s.name, i.amount_nanos, r.amount_nanos FROM billed_intervals i"
                " JOIN sources s ON s.id = i.source_id JOIN readings r ON r.source_id = i.source_id ORDER BY 1"
            ),
        ]


def test_programs_that_have_it_open_go_on(tmp_path: Path, live: Path) -> None:
    """A reader sees the change and that there was one; a writer's calls land on the right names."""
    backup = make_backup(tmp_path)
    original = tmp_path / "of-1" / "history.db"
    writers = [Writer(live), Writer(original)]
    call = LogEvent(1, 0, START, "anthropic", "claude-opus-4-8", 0, "/src/b", "session-1", 0, 5, 5, 0, 0, 0, 0, 0, 0)
    with History(live) as reader:
        sources = [writer.source("agent", "codex", "Codex", "openai", 0) for writer in writers]
        # Names are looked up before the restore, as by a tray that has been reading for hours.
        for writer, source in zip(writers, sources, strict=True):
            writer.apply(Batch(source, "host", [call], []))
            writer.rebuild()
        before = reader.changes()
        restore(backup, live)
        assert reader.changes() != before
        assert reader.charges()[0].day.isoformat() == "2026-04-02"
        for writer, source in zip(writers, sources, strict=True):
            writer.apply(Batch(source, "host", [call, call._replace(message_key=2, session="new")], []))
            writer.rebuild()
            writer.close()
    assert dump(live) == dump(original)


def test_a_refresh_afterwards_ends_at_the_backup_and_the_logs(tmp_path: Path) -> None:
    """Calls whose logs are gone come from the backup, others from the logs, those of both count once; nothing of
    what the history held in between stays, and a second refresh finds nothing new."""
    home, history = tmp_path / "home", tmp_path / "data" / "history.db"

    def env(claude: str, codex: str) -> dict[str, str]:
        return {
            HOME_OF["claude-code"]: str(LOGS / "claude-code" / claude),
            HOME_OF["codex"]: str(LOGS / "codex" / codex),
        }

    backed_up, on_disk = env("streaming", "repeats"), env("streaming", "tiers")
    read_logs(history, home, backed_up)
    backup = back_up(history, tmp_path / "b.db").path
    read_logs(history, home, env("fork", "repeats"))
    read_logs(history, home, on_disk)
    restore(backup, history)
    both = read_logs(history, home, on_disk)
    assert both.files_read > 1, "the logs are read from their start"
    expected = tmp_path / "expected" / "history.db"
    read_logs(expected, home, backed_up)
    read_logs(expected, home, on_disk)
    assert dump(history) == dump(expected)
    assert dump(history) != dump(backup)
    assert read_logs(history, home, on_disk).files_read == 0
    assert dump(history) == dump(expected)


def test_restored_while_logs_are_being_read(tmp_path: Path) -> None:
    """A reader that began before and ends after does not mark as read what only the old history held."""
    home, history = tmp_path / "home", tmp_path / "data" / "history.db"
    log = home / ".claude" / "projects" / "-src-shop" / "s.jsonl"
    log.parent.mkdir(parents=True)
    line = (
        '{"type":"assistant","sessionId":"s","timestamp":"2026-03-04T09:00:00Z","requestId":"r%d","cwd":"/src/shop",'
        '"message":{"id":"m%d","model":"claude-opus-4-6","usage":{"input_tokens":1,"output_tokens":1}}}\n'
    )
    backup = make_backup(tmp_path)
    log.write_text(line % (1, 1), encoding="utf-8")
    read_logs(history, home)
    log.write_text(line % (1, 1) + line % (2, 2), encoding="utf-8")
    restores = [backup]

    def restore_in_between() -> bool:
        if restores:
            restore(restores.pop(), history)
        return False

    assert read_logs(history, home, should_stop=restore_in_between).events == 1
    assert restores == []
    read_logs(history, home)
    assert grouped(history, where=[("session", "s")])[0].requests == 2
    assert read_logs(history, home).files_read == 0


def test_sums_are_made_anew(tmp_path: Path, live: Path) -> None:
    """Buckets that claim other figures than their calls are not taken over."""
    backup = make_backup(tmp_path)
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE usage_buckets SET input = 10 * input, source_id = 99, feed = 'mine'")
        connection.execute("DELETE FROM usage_buckets WHERE start = (SELECT MIN(start) FROM usage_buckets)")
        connection.commit()
    restore(backup, live)
    assert dump(live) == dump(tmp_path / "of-1" / "history.db")


def test_prices_are_put_right_by_the_next_refresh(tmp_path: Path, live: Path) -> None:
    """A file can claim any price of the past, and that the table it is from was the newest: it does not last."""
    backup = make_backup(tmp_path)
    original = tmp_path / "of-1" / "history.db"
    with closing(sqlite3.connect(backup)) as connection:
        connection.execute("UPDATE prices SET input = 7 * input + 1")
        connection.commit()
    restore(backup, live)
    assert dump(live) != dump(original)
    read_logs(live, tmp_path)
    read_logs(original, tmp_path)
    assert dump(live)[1] == dump(original)[1]
    with History(live) as history:
        assert len(history.corrections()) > 1, "what it changed is listed"


def test_a_made_up_year(tmp_path: Path) -> None:
    """Thousands of calls as real logs have them, with all their prices, come back to the nano."""
    original = tmp_path / "demo" / "history.db"
    writer = Writer(original)
    fill(writer, now_utc=NOW, zone=UtcZone())
    writer.close()
    history = tmp_path / "new" / "history.db"
    held, _ = restore(back_up(original, tmp_path / "b.db").path, history)
    assert held.calls > 5000
    assert groupings(history) == groupings(original)
    assert told(history) == told(original)


def test_what_is_remembered_and_not_told_stays_behind(tmp_path: Path, live: Path) -> None:
    """Not the status line of another day, nor how far a price table was applied, nor how far logs were read."""
    history = make_history(tmp_path / "of-1" / "history.db")
    with closing(sqlite3.connect(history)) as connection:
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('statusline', 'a line of old')")
        connection.execute("INSERT OR REPLACE INTO meta VALUES ('price_table', '9999-12-31 x')")
        connection.execute("INSERT INTO log_files VALUES ('/a.jsonl', 'codex', '', 9, 9, 9, 9, '')")
        connection.execute("INSERT INTO skipped VALUES ('/a.jsonl', 'not-json', 'codex', 9, 0)")
        connection.commit()
    backup = back_up(history, tmp_path / "b.db").path
    restore(backup, live)
    with closing(sqlite3.connect(live)) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta"))
        assert meta.keys() == {"changes", "leading_reference", "first_run_done"}
        assert connection.execute("SELECT * FROM log_files UNION ALL SELECT path, 1, 1, 1, 1, 1, 1, 1 FROM skipped"
                                  ).fetchall() == []  # fmt: skip
    writer = Writer(live)
    assert writer.price_table() == ("", "")
    writer.close()


def test_a_backup_of_an_older_build(tmp_path: Path, live: Path) -> None:
    """It is brought up to date on the way; the file itself stays as it is, to the byte."""
    backup = tmp_path / "old.db"
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        connection.executescript(schema.BOOKKEEPING + schema.SCRIPTS[0])
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, '2026-01-01')",
            (schema.MIGRATION_SET, schema.MIGRATIONS[0]),
        )
        connection.execute("INSERT INTO sources VALUES (3, 'agent', 'codex', 'Codex', 'openai', 0, NULL, '')")
        connection.execute("INSERT INTO reference_points VALUES (1, 'hourly', '', 5, 'USD', '2026-01-01', 0)")
    before = backup.read_bytes()
    restore(backup, live)
    assert backup.read_bytes() == before
    with History(live) as history:
        assert [point.amount.as_tuple().digits for point in history.reference_points()] == [(5,)]
        assert history.plans() == []
        assert history.integrity() == "ok"
    assert grouped(live) == []


def test_a_damaged_history_is_moved_away(tmp_path: Path, live: Path) -> None:
    """What is restored takes its place, and the damaged file is kept for a rescue, all of it."""
    backup = make_backup(tmp_path)
    content = live.read_bytes()[:5000]
    live.write_bytes(content)
    _, kept = restore(backup, live)
    assert kept == live.with_name("history-damaged-then.db")
    assert kept.read_bytes() == content
    assert tables(live) == tables(tmp_path / "of-1" / "history.db")
    assert {name.removesuffix("-wal").removesuffix("-shm") for name in others(live)} == {"restore.lock", kept.name}


def test_two_copies_in_one_second(tmp_path: Path, live: Path) -> None:
    """A copy that is kept is never written over."""
    backup = make_backup(tmp_path)
    before = tables(live)
    names = [kept.name for _ in range(2) if (kept := restore(backup, live)[1])]
    assert names == ["history-before-restore-then.db", "history-before-restore-then-2.db"]
    assert tables(live.with_name(names[0])) == before


@pytest.mark.parametrize("whose", ["a newer build's", "another program's"])
def test_a_history_that_is_not_for_us_to_change(tmp_path: Path, live: Path, whose: str) -> None:
    """It is left as it is, to the byte, and said."""
    backup = make_backup(tmp_path)
    with closing(sqlite3.connect(live, isolation_level=None)) as connection:
        if whose == "a newer build's":
            connection.execute("INSERT INTO _sqlite_migrations VALUES (9, 'tokentray', 'm999_more', '2030-01-01')")
        else:
            connection.execute("PRAGMA application_id = 5")
    before = live.read_bytes()
    with pytest.raises(StoreError) as caught:
        restore(backup, live)
    assert isinstance(caught.value, StoreFromTheFutureError) == (whose == "a newer build's")
    assert live.read_bytes() == before
    assert others(live) == {"restore.lock"}


def test_while_another_writes_it_waits_and_then_says_so(tmp_path: Path, live: Path) -> None:
    """Nothing has changed then, and no copy is left behind."""
    backup = make_backup(tmp_path)
    before = tables(live)
    with closing(sqlite3.connect(live, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusyError):
            restore(backup, live)
        other.execute("ROLLBACK")
    assert tables(live) == before
    assert others(live) == {"restore.lock"}


def test_one_at_a_time(tmp_path: Path, live: Path) -> None:
    """A second restore does not clear away what the first is working on; what a killed one left is cleared."""
    backup = make_backup(tmp_path)
    left = live.with_name("restoring")
    left.mkdir()
    (left / "fresh.db").write_text("left by one that was killed", encoding="utf-8")
    with locked(live.with_name("restore.lock"), 0), pytest.raises(StoreBusyError, match="being restored already"):
        restore(backup, live)
    assert (left / "fresh.db").exists()
    restore(backup, live)
    assert not left.exists()
    assert dump(live) == dump(backup)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_killed_at_any_moment(tmp_path: Path, live: Path) -> None:
    """The history is the old one or the new one, and each copy that is kept is a whole one of either."""
    backups = [make_backup(tmp_path, seed, calls=3000) for seed in (1, 2)]
    wholes = [dump(backup) for backup in backups]

    def start(number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tokentray", "--home", live.parent, "restore", backups[number]],
            stdout=subprocess.DEVNULL,
        )

    begun = time.monotonic()
    assert start(0).wait(60) == 0
    whole_s = time.monotonic() - begun
    now, seen = 0, set()
    rounds = 16
    for turn in range(rounds):
        process = start(1 - now)
        try:
            process.wait(whole_s * (0.4 + 0.6 * turn / rounds))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait(60)
        now = wholes.index(dump(live))
        seen.add(process.returncode)
    assert -signal.SIGKILL in seen
    wholes.append(dump(make_history(tmp_path / "seven" / "history.db", seed=7)))
    kept = list(live.parent.glob("history-before-restore-*.db"))
    assert kept
    for copy in kept:
        assert is_backup(copy)
        assert dump(copy) in wholes
    restore(backups[0], live)
    assert dump(live) == wholes[0]
    with History(live) as history:
        assert history.integrity() == "ok"
    assert not [name for name in others(live) if name.startswith((".tokentray", "restoring"))]


@pytest.mark.skipif(sys.platform == "win32", reason="needs permission bits")
def test_private_at_every_moment(tmp_path: Path) -> None:
    """Folders and files are for their owner only, also those that are gone at the end, whatever the umask."""
    backup = make_backup(tmp_path)
    history = tmp_path / "new" / "history.db"
    before = os.umask(0)
    try:
        with checked_backup(backup, history) as checked:
            modes = {path: stat.S_IMODE(path.stat().st_mode) for path in history.parent.rglob("*")}
            checked.restore("then")
    finally:
        os.umask(before)
    assert stat.S_IMODE(history.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in history.parent.iterdir()} == {0o600}
    assert set(modes.values()) == {0o700, 0o600}
