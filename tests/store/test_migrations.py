"""The file: private, brought up to date once, and left alone where it is not ours or newer than we are."""

import hashlib
import multiprocessing
import os
import re
import sqlite3
import stat
import subprocess
import sys
from datetime import date
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from sqlite_utils import Database

from tests.histories import grouped
from tokentray.clock import UtcZone
from tokentray.errors import StoreError, StoreFromTheFutureError
from tokentray.model import Payer, PayerKind
from tokentray.money import Nanos
from tokentray.store import migrations, schema, schema_sql
from tokentray.store.connection import open_reader, open_writer
from tokentray.store.history import History
from tokentray.store.restore import checked_backup
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

SCHEMAS = Path(__file__).parents[1] / "fixtures" / "schemas"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no permission bits")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a history would be."""
    return tmp_path / "data" / "history.db"


def fingerprint(path: Path) -> tuple[str, int, int]:
    """Everything that an untouched file keeps: its bytes, its time, its place on the disk."""
    info = path.stat()
    return hashlib.sha256(path.read_bytes()).hexdigest(), info.st_mtime_ns, info.st_ino


def _tell(writer: Writer) -> None:
    with writer.telling() as told:
        told.add_reference("hourly", "", Nanos(10**9), "USD", date(2026, 1, 1), 0)


def tables(path: Path) -> set[str]:
    """Names of the tables in a file."""
    connection = sqlite3.connect(path)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    finally:
        connection.close()


@pytest.mark.parametrize("made_before", [False, True])
def test_from_blank(path: Path, made_before: bool) -> None:
    """A file that is not there, or is empty, becomes a whole history: marked as ours, strict, in WAL mode."""
    if made_before:
        path.parent.mkdir()
        path.touch()
    Writer(path).close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    applied = connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    assert tuple(name for (name,) in applied) == schema.MIGRATIONS
    loose = [
        name
        for name, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if "STRICT" not in sql and not name.startswith(("sqlite_", "_sqlite_"))
    ]
    assert loose == []
    connection.close()
    assert grouped(path) == []


def test_a_blank_file_gets_what_the_migrations_make(path: Path, tmp_path: Path) -> None:
    """The short way for a first start and sqlite-utils' own end at the same file, with nothing left to apply."""
    Writer(path).close()
    ours = sqlite3.connect(path)
    theirs = sqlite3.connect(tmp_path / "migrated.db")
    migrations.apply(theirs)
    listing = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    squeezed = [[" ".join(str(cell).split()) for cell in row] for row in ours.execute(listing)]
    assert squeezed == [[" ".join(str(cell).split()) for cell in row] for row in theirs.execute(listing)]
    assert not migrations.migrations.pending(Database(ours))
    ours.close()
    theirs.close()


def test_a_first_start_does_not_load_sqlite_utils(path: Path) -> None:
    """It costs 0.1 s and 27 MB that a tray would hold for as long as it runs."""
    code = (
        "import sys; from pathlib import Path; from tokentray.store.writer import Writer;"
        " Writer(Path(sys.argv[1])).close(); sys.exit('sqlite_utils' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)]).returncode == 0


def test_opening_again_writes_nothing(path: Path) -> None:
    """A history that is up to date is opened, read and closed without a byte of it changing."""
    Writer(path).close()
    before = fingerprint(path)
    for _ in range(2):
        Writer(path).close()
        with History(path) as history:
            assert history.exists
            assert history.integrity() == "ok"
    assert fingerprint(path) == before
    if sys.platform != "win32":
        assert {stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()} == {0o600}


def test_reading_creates_nothing(path: Path) -> None:
    """Where there is no history, or an empty file, reading finds an empty one and leaves the disk as it was."""
    with History(path) as history:
        assert not history.exists
        assert history.sources() == []
        assert history.bounds() is None
    assert not path.parent.exists()
    path.parent.mkdir()
    path.touch()
    assert open_reader(path) is None
    assert path.stat().st_size == 0


@posix
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_private(path: Path, umask: int) -> None:
    """Folder 0700, files 0600, also the ones SQLite keeps beside the database, whatever the umask."""
    before = os.umask(umask)
    try:
        writer = Writer(path)
        _tell(writer)
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in path.parent.iterdir()}
        writer.close()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}
    assert "history.db-wal" in modes
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("leftover_wal", [False, True])
def test_a_newer_build_s_file_is_refused_untouched(path: Path, leftover_wal: bool) -> None:
    """Its bytes and its time stay as they are, and the words name the step that this build does not know."""
    Writer(path).close()
    newer = sqlite3.connect(path, isolation_level=None)
    newer.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, 'm999_more', '2030-01-01')",
        (schema.MIGRATION_SET,),
    )
    if not leftover_wal:
        newer.close()
    before = fingerprint(path)
    for opened in (open_writer, open_reader, Writer, History):
        with pytest.raises(StoreFromTheFutureError, match="m999_more") as caught:
            opened(path)
        assert caught.value.hint
        assert caught.value.exit_status == 3
    assert fingerprint(path) == before
    newer.close()


@pytest.mark.parametrize("their_mark", [0, 0x4D504258])
def test_another_program_s_database_is_refused_untouched(path: Path, their_mark: int) -> None:
    """A database with tables of someone else's is not ours to migrate, also where it uses sqlite-utils too."""
    path.parent.mkdir()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.execute("CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set, name, applied_at)")
    other.execute("INSERT INTO bookmarks VALUES ('https://example.org')")
    other.execute(f"PRAGMA application_id = {their_mark}")
    other.commit()
    other.close()
    before = fingerprint(path)
    for opened in (Writer, History):
        with pytest.raises(StoreError, match="not a TokenTray history"):
            opened(path)
    assert fingerprint(path) == before


@pytest.mark.parametrize("damage", ["text", "header", "format", "middle"])
def test_a_damaged_file_is_named_and_left(path: Path, damage: str) -> None:
    """What is no database, or is broken inside, becomes an error with what to do; the file stays for a rescue."""
    Writer(path).close()
    if damage == "text":
        path.write_bytes(b"these are my notes, not a database\n" * 400)
    else:
        content = bytearray(path.read_bytes())
        place = {"header": 0, "format": 40, "middle": 100}[damage]
        content[place : place + 4000] = b"\xa5" * 4000
        path.write_bytes(content)
    before = fingerprint(path)
    for opened in (Writer, History):
        with pytest.raises(StoreError, match=r"damaged|not a TokenTray history") as caught:
            opened(path)
        assert caught.value.hint
    assert fingerprint(path) == before


def test_damage_found_while_reading_is_an_error_of_ours(path: Path) -> None:
    """A page that is broken further in shows only when it is read: still no library's error."""
    writer = Writer(path)
    for number in range(400):
        writer.source("agent", f"agent-{number:04d}" * 20, "x", "y", 0)
    writer.close()
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    root = sqlite3.connect(path)
    first = root.execute("SELECT rootpage FROM sqlite_master WHERE name = 'sources'").fetchone()[0]
    root.close()
    content[(first - 1) * page : first * page] = b"\xff" * page
    path.write_bytes(content)
    with History(path) as history:
        with pytest.raises(StoreError, match="damaged"):
            history.sources()
        assert history.integrity() != "ok"
    writer = Writer(path)
    with pytest.raises(StoreError, match="damaged"):
        writer.source("agent", "a new one", "x", "y", 0)
    writer.close()


def open_together(path: str, barrier: Barrier, rounds: int) -> None:
    """One of several processes that all start on a blank folder at once."""
    for number in range(rounds):
        barrier.wait(20)
        writer = Writer(Path(path) / str(number) / "history.db")
        writer.source("agent", "codex", "Codex", "openai", 0)
        writer.close()


def test_several_first_starts_at_once(tmp_path: Path) -> None:
    """Tray and command line start together on a new machine: each gets a whole history, migrated once."""
    processes, rounds = 3, 8
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    started = [context.Process(target=open_together, args=(str(tmp_path), barrier, rounds)) for _ in range(processes)]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
    assert [process.exitcode for process in started] == [0] * processes
    for number in range(rounds):
        path = tmp_path / str(number) / "history.db"
        connection = sqlite3.connect(path)
        applied = connection.execute("SELECT name FROM _sqlite_migrations").fetchall()
        assert [name for (name,) in applied] == list(schema.MIGRATIONS)
        assert connection.execute("SELECT COUNT(*) FROM sources").fetchone() == (1,)
        connection.close()


@pytest.fixture
def released(path: Path) -> Path:
    """A history as the first release left it."""
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript((SCHEMAS / "m001.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the first release, but for the list of migrations."""
    connection = sqlite3.connect(path)
    made = re.findall(r"CREATE TABLE (\w+)", schema_sql.M001_FIRST_SCHEMA)
    found = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in made}
    connection.close()
    return found


def test_the_first_release_s_history_is_brought_up_to_date(released: Path, tmp_path: Path) -> None:
    """Copied first, dated and private; then it has this build's schema, and every row as it was. By one of three."""
    before = rows(released)
    assert len(before["log_events"]) == 33
    code = "import sys, pathlib; from tokentray.store.writer import Writer; Writer(pathlib.Path(sys.argv[1])).close()"
    at_once = [subprocess.Popen([sys.executable, "-c", code, released]) for _ in range(3)]
    assert [process.wait(60) for process in at_once] == [0, 0, 0]
    assert rows(released) == before
    connection = sqlite3.connect(released)
    applied = connection.execute("SELECT name FROM _sqlite_migrations ORDER BY id").fetchall()
    assert tuple(name for (name,) in applied) == schema.MIGRATIONS
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    Writer(tmp_path / "blank.db").close()
    assert columns(released) == columns(tmp_path / "blank.db")
    (copy,) = released.parent.glob("history-before-m002-20??-??-??.db")
    assert rows(copy) == before
    assert tables(copy) < tables(released)
    if sys.platform != "win32":
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def columns(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The columns of every table, with their types and defaults."""
    names = sorted(tables(path))
    connection = sqlite3.connect(path)
    found = {name: connection.execute("SELECT * FROM pragma_table_info(?)", (name,)).fetchall() for name in names}
    connection.close()
    return found


def test_the_first_release_s_totals_stay(released: Path) -> None:
    """Worth and tokens as that release said them, now without a payer; opened for reading, it is copied first too."""
    # What the release itself printed of this file, model by model.
    printed = {
        "gpt": (9, 1_126, 684, "0.00950125", 0),
        "sonnet": (16, 2_088, 1_336, "0.054764", 0),
        "unheard-of": (8, 1_112, 712, None, 3_424),
    }
    with History(released) as history:
        found = {row.key("model"): row for row in history.usage(UsageQuery(("model",)), UtcZone())}
        (whole,) = history.usage(UsageQuery(("payer",)), UtcZone())
        points = history.reference_points()
    assert len(list(released.parent.glob("history-before-m002-*.db"))) == 1
    assert {
        model: (row.requests, row.input_tokens, row.output_tokens, row.list_cost, row.unpriced_tokens)
        for model, row in found.items()
    } == {
        model: (*counts, None if worth is None else Decimal(worth), unpriced)
        for model, (*counts, worth, unpriced) in printed.items()
    }
    assert whole.list_cost == Decimal("0.06426525")
    assert (whole.requests, whole.unpriced_tokens, whole.key("payer")) == (33, 3_424, "")
    assert whole.cost == 0
    assert [(point.kind, point.amount, point.currency) for point in points] == [("hourly", Decimal(100), "USD")]


def test_the_first_release_s_history_takes_new_words(released: Path) -> None:
    """Who pays can be told, and what was read before counts as spend from then on."""
    writer = Writer(released)
    assert writer.rebuild(), "the call that was not in its buckets yet"
    with writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.PAYG), 0)
    writer.close()
    (row,) = grouped(released, where=(("agent", "codex"),))
    assert row.cost == row.list_cost == Decimal("0.00950125")
    assert row.unpriced_paid_tokens == 3_424


@pytest.fixture
def second(path: Path) -> Path:
    """A history as the second release left it."""
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript((SCHEMAS / "m002.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


# What the second release itself printed of this file, by day and currency: requests, spend, list cost and caveats.
PRINTED = {
    ("2026-04-06", "USD"): (0, "3.743333334", None, ("partial-day", "utc-day", "tokens-not-reported")),
    ("2026-04-07", "EUR"): (0, "0.12", None, ("utc-day",)),
    ("2026-04-07", "USD"): (9, "4.567901224", "6.3766295", ("utc-day", "seen-elsewhere")),
    ("2026-04-08", "EUR"): (0, "12.5", "0", ()),
    ("2026-04-08", "USD"): (8, "4.328333334", "4.902678625", ("utc-day",)),
    ("2026-04-09", "USD"): (4, "3.631666584", "1.18036155", ()),
    ("2026-04-10", "USD"): (3, "3.467583333", "0.13425", ("partial-day",)),
}


def test_the_second_release_s_totals_stay(second: Path) -> None:
    """To the nano, day by day, with what two accounts saw counted once; each account is there, and counts."""
    query = UsageQuery(("day",), from_day=date(2026, 4, 6), today=date(2026, 4, 10))
    with History(second) as history:
        found = history.usage(query, UtcZone())
        accounts = history.accounts()
        states = history.poll_states()
    assert len(list(second.parent.glob("history-before-m003-*.db"))) == 1
    # That a bill differs from its tokens is said since the third.
    assert {
        (row.key("day"), row.currency): (
            row.requests,
            row.cost,
            row.list_cost,
            tuple(caveat for caveat in row.caveats if caveat != "bill-differs"),
        )
        for row in found
    } == {
        key: (requests, Decimal(cost), None if worth is None else Decimal(worth), caveats)
        for key, (requests, cost, worth, caveats) in PRINTED.items()
    }
    assert [(one.name, one.label, one.scope, one.counted, one.own) for one in accounts] == [
        ("openai:5f0c", "work key", "org-1", True, {}),
        ("openai:77aa", "admin", "org-1", True, {}),
    ]
    assert {len(state.covered) for state in states.values()} == {1, 2}


def test_the_second_release_s_history_has_this_build_s_schema(second: Path, tmp_path: Path) -> None:
    """Nothing else of it is touched."""
    made = re.findall(r"CREATE TABLE (\w+)", schema_sql.M001_FIRST_SCHEMA + schema_sql.M002_WHO_PAYS)
    kept = [table for table in made if table != "feeds"]
    connection = sqlite3.connect(second)
    before = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in kept}
    connection.close()
    Writer(second).close()
    connection = sqlite3.connect(second)
    assert {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in kept} == before
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    Writer(tmp_path / "blank.db").close()
    assert columns(second) == columns(tmp_path / "blank.db")


def test_a_backup_of_the_second_release_is_restored(second: Path, tmp_path: Path) -> None:
    """With what its accounts' reports cover, which this build keeps elsewhere."""
    old = sqlite3.connect(second)
    old.execute("VACUUM INTO ?", (str(tmp_path / "backup.db"),))
    old.close()
    history = tmp_path / "new" / "history.db"
    with checked_backup(tmp_path / "backup.db", history) as checked:
        checked.restore("then")
    query = UsageQuery(("day", "account", "project"), today=date(2026, 4, 10))
    with History(history) as restored, History(second) as original:
        assert restored.usage(query, UtcZone()) == original.usage(query, UtcZone())
        assert len(restored.usage(query, UtcZone())) > 10


@pytest.fixture
def third(path: Path) -> Path:
    """A history as the third release left it."""
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript((SCHEMAS / "m003.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


# What the third release itself said of this file, by payer and currency: requests, spend, list cost, unpriced tokens.
THIRD_PRINTED = {
    ("", "USD"): (8, "12.345678901", "4.642796125", 508_189),
    ("account:3", "USD"): (6, "8.2530545", "5.2530545", 170),
    ("nobody", "USD"): (1, "0", "3.5267955", 0),
    ("plan:1", "EUR"): (0, "225.476190476", "0", 0),
    ("plan:1", "USD"): (12, "400.000000006", "10.39544675", 1_107_437),
}


def test_the_third_release_s_totals_stay(third: Path) -> None:
    """To the nano, by payer; its backup is restored with them, and notes can be kept in both."""
    old = sqlite3.connect(third)
    old.execute("VACUUM INTO ?", (str(third.with_name("backup.db")),))
    old.close()
    restored = third.parent / "new" / "history.db"
    with checked_backup(third.with_name("backup.db"), restored) as checked:
        checked.restore("then")
    Writer(third).close()
    assert len(list(third.parent.glob("history-before-m004-*.db"))) == 1
    for path in (third, restored):
        with History(path) as history:
            found = history.usage(UsageQuery(("payer",), today=date(2026, 5, 10)), UtcZone())
            assert history.notes() == []
        assert {
            (row.key("payer"), row.currency): (row.requests, row.cost, row.list_cost, row.unpriced_tokens)
            for row in found
        } == {
            key: (requests, Decimal(cost), Decimal(worth), unpriced)
            for key, (requests, cost, worth, unpriced) in THIRD_PRINTED.items()
        }
        writer = Writer(path)
        with writer.telling() as told:
            told.add_note(date(2026, 4, 2), "the import", "", Nanos(0), "", 0)
        writer.close()
        assert [note.text for note in History(path).notes()] == ["the import"]


def test_the_third_release_s_history_has_this_build_s_schema(third: Path, tmp_path: Path) -> None:
    """Nothing of it is touched."""
    names = tables(third) - {"_sqlite_migrations", "sqlite_sequence"}
    connection = sqlite3.connect(third)
    before = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in names}
    connection.close()
    Writer(third).close()
    connection = sqlite3.connect(third)
    assert {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in names} == before
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    Writer(tmp_path / "blank.db").close()
    assert columns(third) == columns(tmp_path / "blank.db")
