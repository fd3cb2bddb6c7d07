"""Files that are no backup, are damaged, or were made to do harm: refused with the reason, and nothing has changed."""

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.told_history import make_backup, make_history, tables
from tokentray.errors import RefusedError, StoreError, StoreFromTheFutureError, StoreFullError, TokenTrayError
from tokentray.store import schema
from tokentray.store.restore import checked_backup

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs permission bits, links or pipes")


@pytest.fixture
def live(tmp_path: Path) -> Path:
    """A history that is in use."""
    return make_history(tmp_path / "data" / "history.db", seed=7)


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A sound backup, for a test to spoil."""
    return make_backup(tmp_path)


def refusal(backup: Path, live: Path) -> TokenTrayError:
    """What restoring it is refused with; the history, its folder and the file are as they were."""
    before, names = tables(live), {entry.name for entry in live.parent.iterdir()}
    with pytest.raises(TokenTrayError) as caught, checked_backup(backup, live) as checked:
        checked.restore("then")
    assert tables(live) == before
    assert {entry.name for entry in live.parent.iterdir()} - names <= {"restore.lock"}
    assert len(str(caught.value)) < 600, "one line, however long what the file holds is"
    return caught.value


def spoil(backup: Path, *statements: str) -> None:
    """Run SQL on a backup, past all rules that the file itself has."""
    with closing(sqlite3.connect(backup, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA ignore_check_constraints = ON")
        connection.execute("PRAGMA writable_schema = ON")
        for statement in statements:
            connection.execute(statement)
    assert backup.read_bytes()[18:20] == b"\x01\x01"


def rewrite(table: str, before: str, after: str) -> str:
    """A statement that changes the text of a table's definition."""
    return f"UPDATE sqlite_master SET sql = replace(sql, '{before}', '{after}') WHERE name = '{table}'"


def write_header(backup: Path, offset: int, content: bytes) -> None:
    """Change bytes of the file."""
    with backup.open("r+b") as file:
        file.seek(offset)
        file.write(content)


RUNAWAY = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT"


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (["PRAGMA application_id = 1299"], "belongs to another program"),
        (["PRAGMA application_id = 0"], "belongs to another program"),
        (["CREATE VIEW harmless AS SELECT 1"], "view 'harmless'"),
        (
            ["DROP TABLE charges", f"CREATE VIEW charges AS {RUNAWAY} n AS id, n AS day FROM r"],
            "view 'charges'",
        ),
        (["DROP TABLE _sqlite_migrations", f"CREATE VIEW _sqlite_migrations AS {RUNAWAY} * FROM r"], "list of steps"),
        (["CREATE TRIGGER t AFTER INSERT ON charges BEGIN DELETE FROM plans; END"], "trigger 't'"),
        (["CREATE TABLE extra (x)"], "table 'extra'"),
        (["CREATE TABLE \"'; DROP TABLE plans; --\" (x)"], "DROP TABLE"),
        (["CREATE INDEX mine ON charges (abs(amount_nanos))"], "index 'mine'"),
        (["ALTER TABLE charges ADD COLUMN more TEXT"], "'charges' differs"),
        (["ALTER TABLE charges ADD COLUMN more INTEGER AS (id * 2)"], "'charges' differs"),
        (["ALTER TABLE charges DROP COLUMN text"], "'charges' differs"),
        (["DROP TABLE charges"], "'charges' is missing"),
        (["DROP INDEX log_events_at"], "'log_events_at' is missing"),
        ([rewrite("charges", "STRICT", "")], "'charges' differs"),
        ([rewrite("charges", "CHECK (amount_nanos > 0)", "")], "'charges' differs"),
        (
            ["UPDATE sqlite_master SET sql = 'CREATE VIRTUAL TABLE charges USING csv(x)', rootpage = 0"
             " WHERE name = 'charges'"],
            "'charges' differs",
        ),
        (["DELETE FROM _sqlite_migrations"], "list of steps"),
        (["UPDATE _sqlite_migrations SET migration_set = 'theirs'"], "list of steps"),
        (["UPDATE _sqlite_migrations SET id = 10 - id"], "list of steps"),
        (["DELETE FROM _sqlite_migrations WHERE id = 5"], "which no history"),
    ],
)  # fmt: skip
def test_a_schema_that_is_not_ours(backup: Path, live: Path, statements: list[str], words: str) -> None:
    """Nothing in it is run: whatever differs from what this program makes is named, and that is all."""
    spoil(backup, *statements)
    refused = refusal(backup, live)
    assert words in str(refused)
    assert isinstance(refused, RefusedError)
    assert refused.exit_status == 2
    assert refused.hint


def test_a_newer_build_s_backup(backup: Path, live: Path) -> None:
    """Said as what it is, whatever else it holds."""
    spoil(
        backup,
        "CREATE TABLE dreams (text TEXT NOT NULL) STRICT",
        f"INSERT INTO _sqlite_migrations VALUES (9, '{schema.MIGRATION_SET}', 'm999_dreams', '2030-01-01')",
    )
    refused = refusal(backup, live)
    assert isinstance(refused, StoreFromTheFutureError)
    assert "m999_dreams" in refused.message
    assert "Update" in refused.hint


def test_fifty_thousand_views(backup: Path, live: Path) -> None:
    """A schema without end is left after the first few of them."""
    spoil(
        backup,
        "INSERT INTO sqlite_master WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r LIMIT 50000)"
        " SELECT 'view', 'v' || n, 'v' || n, 0, 'CREATE VIEW v' || n || ' AS SELECT 1' FROM r",
    )
    assert "far more than a history" in str(refusal(backup, live))


EVENT = "(SELECT message_key FROM log_events LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (f"UPDATE log_events SET input = -1 WHERE message_key = {EVENT}", "input of a row in log_events cannot be -1"),
        ("UPDATE log_events SET output = 9223372036854775807", "log_events"),
        ("UPDATE log_events SET output = 4611686018427387903", "adds up to more than can be counted"),
        ("UPDATE metered_buckets SET input = 4611686018427387900, output = 20", "adds up to more"),
        (f"UPDATE log_events SET at = 1000000000000 WHERE message_key = {EVENT}", "at of a row in log_events"),
        (f"UPDATE log_events SET at = -1 WHERE message_key = {EVENT}", "at of a row in log_events"),
        (f"UPDATE log_events SET tier = 99 WHERE message_key = {EVENT}", "tier of a row in log_events"),
        (f"UPDATE log_events SET sidechain = 2 WHERE message_key = {EVENT}", "sidechain of a row"),
        (f"UPDATE log_events SET band = -5 WHERE message_key = {EVENT}", "band of a row"),
        ("DELETE FROM models", "model_id of a row"),
        ("DELETE FROM projects", "project_id of a row in log_events"),
        ("DELETE FROM sessions", "session_id of a row in log_events"),
        ("DELETE FROM machines", "machine_id of a row in log_events"),
        ("DELETE FROM sources WHERE kind = 'agent'", "source_id of a row in log_events"),
        ("DELETE FROM sources WHERE kind = 'account'", "source_id of a row"),
        ("DELETE FROM plans", "plan_terms"),
        ("DELETE FROM plan_terms", ""),
        ("UPDATE payer_rules SET payer_id = 77 WHERE payer = 'plan'", "plan:77"),
        ("UPDATE payer_rules SET payer_id = 1 WHERE payer = 'account'", "account:1"),
        ("UPDATE payer_rules SET payer = 'the king' WHERE payer = 'nobody'", "payer_rules"),
        ("UPDATE payer_rules SET valid_from = '2026-2-1'", "valid_from of a row in payer_rules"),
        ("UPDATE payer_rules SET id = 9223372036854775807 WHERE payer = 'nobody'", "id of a row in payer_rules"),
        ("UPDATE plan_terms SET last_day = '2026-12-31' WHERE last_day <> ''", "two terms of one plan"),
        ("UPDATE plan_terms SET fee_nanos = 0", "plan_terms"),
        ("UPDATE plan_terms SET fee_nanos = 9223372036854775807", "fee_nanos"),
        ("UPDATE plan_terms SET cycle_day = 31", "plan_terms"),
        ("UPDATE charges SET day = '2026-02-31'", "a date or an amount that is none"),
        ("UPDATE charges SET day = ''", "a date or an amount that is none"),
        ("UPDATE charges SET currency = 'usd'", "currency of a row in charges cannot be 'usd'"),
        ("UPDATE charges SET currency = 'USDOLLAR'", "currency of a row"),
        ("UPDATE charges SET amount_nanos = -5", "charges"),
        ("UPDATE charges SET created_at = 1000000000000000", "created_at of a row in charges"),
        ("UPDATE charges SET day = '1999-12-31'", "day of a row in charges"),
        ("UPDATE notes SET day = '1999-12-31'", "day of a row in notes"),
        ("UPDATE notes SET day = ''", "a date or an amount that is none"),
        ("UPDATE notes SET text = text || char(27)", "text of a row in notes"),
        ("UPDATE notes SET project = printf('%.2000c', 'x')", "project of a row in notes"),
        ("UPDATE notes SET of_what = 'a' || char(8238), quantity_nanos = 1", "of_what of a row in notes"),
        ("UPDATE notes SET of_what = 'a', quantity_nanos = 1000000000000000001", "quantity_nanos of a row in notes"),
        ("UPDATE notes SET text = ''", "notes"),
        ("UPDATE notes SET of_what = ''", "notes"),
        ("UPDATE exports SET month = 'then'", "month of a row in exports cannot be 'then'"),
        ("UPDATE exports SET at = -1", "at of a row in exports"),
        ("UPDATE exports SET automatic = 7", "exports"),
        ("UPDATE exported_files SET export_id = 77", "exported_files"),
        ("UPDATE exported_files SET digest = 'none'", "digest of a row in exported_files"),
        ("UPDATE exported_files SET format = '../x'", "format of a row in exported_files"),
        ("UPDATE plan_terms SET first_day = '0001-01-0' || id, cycle_day = 15", "first_day of a row in plan_terms"),
        ("UPDATE plan_terms SET last_day = '9999-12-31'", "last_day of a row in plan_terms"),
        ("UPDATE payer_rules SET valid_from = '9999-12-31'", "valid_from of a row in payer_rules"),
        ("UPDATE exchange_rates SET valid_from = '2100-12-31'", ""),
        ("UPDATE exchange_rates SET quote = base", "exchange_rates"),
        ("UPDATE exchange_rates SET rate_nanos = 0", "exchange_rates"),
        ("UPDATE reference_points SET valid_from = 'then'", "valid_from of a row in reference_points"),
        ("UPDATE reference_points SET kind = 'soul'", "reference_points"),
        ("UPDATE price_corrections SET before = 'a fortune'", "a date or an amount that is none"),
        ("UPDATE price_corrections SET since = 1000000000000000", "since of a row"),
        ("UPDATE prices SET input = -1", "input of a row in prices"),
        ("UPDATE prices SET currency = ''", "currency of a row in prices"),
        ("UPDATE feed_spans SET feed = 'mine'", "feed_spans"),
        ("UPDATE feed_spans SET until = until + 1", "feed_spans"),
        ("UPDATE feed_spans SET until = 9223372036854775807 / 900 * 900", "until of a row in feed_spans"),
        ("UPDATE accounts SET own = '[]'", "an account that is none"),
        ("UPDATE accounts SET own = '{\"user_id\": [1]}'", "an account that is none"),
        ("UPDATE accounts SET memory = '{\"a\": 1}'", "an account that is none"),
        ("UPDATE accounts SET memory = '{'", "an account that is none"),
        ("UPDATE accounts SET holder = holder || char(27)", "holder of a row in accounts"),
        ("UPDATE accounts SET base_url = base_url || char(10)", "base_url of a row in accounts"),
        ("UPDATE accounts SET removed_at = -1", "removed_at of a row in accounts"),
        ("UPDATE account_keys SET name = char(27)", "name of a row in account_keys"),
        ("UPDATE billed_intervals SET until = start", "billed_intervals"),
        ("UPDATE billed_intervals SET amount_nanos = 9223372036854775807", "amount_nanos of a row in billed_intervals"),
        ("UPDATE readings SET at = -5", "at of a row in readings"),
        ("UPDATE readings SET amount_nanos = 9223372036854775807", "amount_nanos of a row in readings"),
        ("UPDATE revisions SET before = 'much'", "a date or an amount that is none"),
        ("UPDATE revisions SET after = '9' || after || '9999999999999999999999999999'", "an amount that is none"),
        ("UPDATE billed_buckets SET width = 7", "billed_buckets"),
        ("UPDATE billed_buckets SET amount_nanos = -9223372036854775808", "amount_nanos"),
        ("UPDATE metered_buckets SET price_id = 4000", "price_id of a row in metered_buckets"),
        ("UPDATE metered_buckets SET requests = -3", "requests of a row in metered_buckets"),
        ("UPDATE agent_plans SET seen_at = -9", "seen_at of a row"),
        ("UPDATE charges SET text = CAST(x'ff41' AS TEXT)", "table charges"),
        ("UPDATE charges SET text = CAST(zeroblob(20000000) AS TEXT)", "too big"),
        ("UPDATE reference_points SET name = name || char(27) || '[31m'", "name of a row in reference_points"),
        ("UPDATE plans SET name = name || char(10)", "name of a row in plans"),
        ("UPDATE charges SET text = 'a' || char(8238) || 'b'", "text of a row in charges"),
        ("UPDATE charges SET provider = 'a' || char(0) || char(27)", "provider of a row in charges"),
        ("UPDATE payer_rules SET project = char(155) || '31m'", "project of a row in payer_rules"),
        ("UPDATE sources SET label = 'Codex' || char(7)", "label of a row in sources"),
        ("UPDATE sources SET error = printf('%.2000c', 'x')", "error of a row in sources"),
        ("UPDATE charges SET text = 'a “naïve” — 日本語 [1-2]*? ' || char(128512)", ""),
        ("UPDATE log_files SET path = path", ""),
    ],
)
def test_values_that_cannot_be(backup: Path, live: Path, statement: str, words: str) -> None:
    """One wrong value refuses the whole; it is said of which table, and why. What harms nothing is let through."""
    spoil(backup, statement)
    if not words:
        with checked_backup(backup, live) as checked:
            assert checked.contents.calls == 80
        return
    refused = refusal(backup, live)
    assert words in str(refused)
    assert isinstance(refused, StoreError)
    assert "Nothing was changed" in refused.hint


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("sessions", "name", "x'00ff'"),
        ("charges", "amount_nanos", "1e19"),
        ("charges", "amount_nanos", "0.5"),
        ("charges", "amount_nanos", "'much'"),
        ("charges", "day", "NULL"),
        ("log_events", "input", "x''"),
    ],
)
def test_values_of_another_type(backup: Path, live: Path, table: str, column: str, value: str) -> None:
    """A file can be made to hold what its own rules forbid; they hold again where it is copied to."""
    with closing(sqlite3.connect(backup)) as connection:
        text = connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    loose = text.replace(") STRICT, ", ") ").replace(") STRICT", ")").replace("NOT NULL", "")
    quoted = [sql.replace("'", "''") for sql in (loose, text)]
    spoil(backup, f"UPDATE sqlite_master SET sql = '{quoted[0]}' WHERE name = '{table}'")
    spoil(backup, f"UPDATE {table} SET {column} = {value} WHERE rowid = 1" if table != "log_events" else
          f"UPDATE log_events SET input = {value} WHERE message_key = {EVENT}")  # fmt: skip
    spoil(backup, f"UPDATE sqlite_master SET sql = '{quoted[1]}' WHERE name = '{table}'")
    refused = refusal(backup, live)
    assert isinstance(refused, StoreError)
    assert table in str(refused) or column in str(refused)


@pytest.mark.parametrize("what", ["cut", "padded", "middle", "one page of nothing", "short header", "page size"])
def test_damaged_files(backup: Path, live: Path, what: str) -> None:
    """Cut off, scribbled over or padded: damaged, and said so."""
    size = backup.stat().st_size
    if what == "cut":
        os.truncate(backup, size - 4096)
    elif what == "padded":
        os.truncate(backup, size + 4096)
    elif what == "middle":
        write_header(backup, size // 2 // 4096 * 4096, b"\xa5" * 4096)
    elif what == "one page of nothing":
        write_header(backup, 4096, b"\x00" * 4096)
    elif what == "short header":
        os.truncate(backup, 100)
    else:
        write_header(backup, 16, b"\x00\x03")
    refused = refusal(backup, live)
    assert isinstance(refused, StoreError)
    assert "damaged" in refused.title


def test_a_file_that_would_fill_the_disk(backup: Path, live: Path) -> None:
    """A sparse file of 4 TB, its header in order: there is no room to take it apart, and it is not tried."""
    size = 1 << 42
    os.truncate(backup, size)
    write_header(backup, 28, (size // 4096).to_bytes(4, "big"))
    refused = refusal(backup, live)
    assert isinstance(refused, StoreFullError)
    assert "MB are needed" in refused.message


@posix
@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("nothing", "there is no file"),
        ("text", "is no database"),
        ("empty", "is no database"),
        ("few bytes", "is no database"),
        ("folder", "is a folder"),
        ("pipe", "a device or a pipe"),
        ("device", "a device or a pipe"),
        ("loop", "cannot be read"),
        ("the history", "the history itself"),
        ("a link to the history", "the history itself"),
        ("another history in use", "is in history.db-wal beside it"),
    ],
)
def test_files_that_are_no_backup(tmp_path: Path, live: Path, what: str, words: str) -> None:
    """Wrong usage, with what the file is instead; a pipe that nobody writes to is not waited for."""
    backup, opened = tmp_path / "b.db", []
    if what == "text":
        backup.write_text("my only novel\n" * 99, encoding="utf-8")
    elif what == "empty":
        backup.touch()
    elif what == "few bytes":
        backup.write_bytes(b"SQLite format 3\x00")
    elif what == "folder":
        backup.mkdir()
    elif what == "pipe":
        os.mkfifo(backup)
    elif what == "device":
        backup = Path("/dev/zero")
    elif what == "loop":
        backup.symlink_to(backup)
    elif what == "the history":
        backup = live
    elif what == "a link to the history":
        backup.symlink_to(live)
    elif what == "another history in use":
        backup = make_history(tmp_path / "other" / "history.db", seed=2)
        opened.append(sqlite3.connect(backup))
        opened[0].execute("UPDATE plans SET name = 'not in the file yet'")
        opened[0].commit()
    refused = refusal(backup, live)
    for connection in opened:
        connection.close()
    assert isinstance(refused, RefusedError)
    assert words in str(refused)


def test_what_lies_empty_beside_it_does_not_matter(backup: Path, live: Path) -> None:
    """Copies of histories bring a write-ahead log with nothing in it, which adds nothing."""
    for end in ("-wal", "-shm", "-journal"):
        backup.with_name(f"{backup.name}{end}").touch()
    with checked_backup(backup, live) as checked:
        checked.restore("then")
    assert tables(live)["plan_terms"] == tables(backup)["plan_terms"]


def test_a_copy_of_a_history_that_was_closed(tmp_path: Path, live: Path) -> None:
    """Made with any file manager, it is as good as a backup."""
    original = make_history(tmp_path / "other" / "history.db", seed=2)
    with checked_backup(original, live) as checked:
        checked.restore("then")
    assert tables(live)["plans"] == tables(original)["plans"]


NOT_ALLOWED = """
import sys
from pathlib import Path
from tests.store.unprivileged import give_up
from tokentray.errors import TokenTrayError
from tokentray.store import restore
give_up()
try:
    with restore.checked_backup(Path(sys.argv[1]), Path(sys.argv[2])) as checked:
        checked.restore("then")
except TokenTrayError as exc:
    print(exc.exit_status, exc)
"""


@posix
def test_a_file_that_may_not_be_read(shared_temp: Path, run_program: Callable[..., str]) -> None:
    """Said as that, and not as a file that is no backup."""
    backup = make_backup(shared_temp)
    backup.chmod(0o000)
    said = run_program(NOT_ALLOWED, backup, shared_temp / "data" / "history.db")
    assert said.startswith("3 ")
    assert "no permission to read" in said
    assert not (shared_temp / "data").exists()


@posix
@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_history_whose_folder_may_not_be_written_to(
    shared_temp: Path, run_program: Callable[..., str], mode: int
) -> None:
    """Said as that, and nothing is left behind."""
    backup = make_backup(shared_temp)
    history = make_history(shared_temp / "data" / "history.db", seed=7)
    for path in (backup, history):
        path.chmod(0o644)
    before = history.read_bytes()
    history.parent.chmod(mode)
    said = run_program(NOT_ALLOWED, backup, history)
    history.parent.chmod(0o700)
    assert said.startswith("3 ")
    assert "permission" in said
    assert history.read_bytes() == before
    assert [entry.name for entry in history.parent.iterdir()] == ["history.db"]
