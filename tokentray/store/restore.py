"""Puts a backup back. Its file never becomes the history: known rows of known tables are copied, and checked, twice.

First into a fresh file beside the history, with a schema of this build, where buckets are summed anew; then, in one
transaction, into the history that is there. Other programs may have it open all the while: they see the one or the
other whole. What was there before is kept as a dated backup.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from tokentray.clock import BUCKET_S
from tokentray.errors import RefusedError, StoreBusyError, StoreError, StoreFullError
from tokentray.files import locked
from tokentray.paths import make_private
from tokentray.store import backup_checks, queries, remembered, schema
from tokentray.store.backup import Contents, beside, contents, write_copy
from tokentray.store.backup_checks import NAMED, wrong
from tokentray.store.backup_file import BackupFile, check_file
from tokentray.store.connection import applied_migrations, open_reader, open_writer, store_errors, transaction
from tokentray.store.writer import Writer

NAMES: dict[str, tuple[str, ...]] = {
    "sources": ("kind", "name"),
    "models": ("provider", "name"),
    "projects": ("root",),
    "sessions": ("name",),
    "machines": ("name",),
}
"""Tables of names, and what makes a row of each the same. Programs that are running hold ids of them: a name that is
there keeps its id and stays, used or not, and what the backup has takes on that id."""

REPLACED = (
    "prices",
    "price_corrections",
    "log_events",
    "reference_points",
    "plans",
    "plan_terms",
    "payer_rules",
    "charges",
    "notes",
    "exports",
    "exported_files",
    "exchange_rates",
    "accounts",
    "account_keys",
    "feed_spans",
    "feed_ends",
    "billed_buckets",
    "metered_buckets",
    "billed_intervals",
    "readings",
    "revisions",
    "agent_plans",
)
"""Tables that are afterwards as they were, in an order in which each row finds those it names."""

OF_OLD = ("feeds",)
"""Tables of older builds, out of which the migrations make those of this one."""

REBUILT = ("usage_buckets",)
"""Sums of what was restored, made by the writer, so that a file cannot claim others."""

CLEARED = ("log_files", "skipped", "dirty_buckets", "account_polls", "polls", "feed_reads", "doubts")
"""How far each log was read holds for this machine as it was: kept, it would hide what the backup lacks; taken from
the backup, what was not in it. Every log is read again from its start instead; a call that is known counts once. Who
polls an account, when and how that went holds for this machine and hour: from the backup it could put polls off."""

META = ("leading_reference", "first_run_done")
"""What else was told. Not which price table was applied: the next refresh then applies its own to what was restored,
and a file cannot keep it from that by claiming a later one."""


class CheckedBackup:
    """A backup that passed all checks, as a fresh file ready to be taken over."""

    def __init__(self, fresh: Path, history: Path, held: Contents) -> None:
        self._fresh = fresh
        self._history = history
        self.contents = held

    def restore(self, stamp: str) -> Path | None:
        """Make the history what the backup holds, whole or not at all. Returns where what was there is kept, None
        where nothing was. stamp: names that file. Raises StoreError."""
        moved = _move_damaged(self._history, stamp)
        with closing(open_writer(self._history)) as live, store_errors(self._history):
            live.execute("PRAGMA synchronous = FULL")  # what is said to be done outlasts a loss of power
            live.execute("ATTACH ? AS fresh", (os.fsencode(self._fresh),))  # bytes: a name need not be text
            with transaction(live, self._history):
                if applied_migrations(live) != schema.MIGRATIONS:
                    raise StoreBusyError("The history was just changed by another TokenTray", "", "Try again")
                # Inside the transaction, so that nothing can be written that neither file would hold.
                kept = _keep(live, self._history, self._fresh.parent, stamp)
                _take_over(live)
                remembered.count_change(live)
            with suppress(sqlite3.Error):  # it only gives room back; while others read, the next one who can does it
                live.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return moved or kept


@contextmanager
def checked_backup(path: Path, history: Path) -> Iterator[CheckedBackup]:
    """Check a backup from end to end, the history untouched. Raises RefusedError and StoreError."""
    with suppress(OSError):  # what cannot be looked at is for check_file to say
        if path.samefile(history):
            raise RefusedError("The backup was not restored", f"{path} is the history itself", "Name a backup of it")
    size = check_file(path)
    with store_errors(history):
        make_private(history.parent)
        _check_room(size, history)
    # Of two restores at once one would clear away what the other has just made.
    with alone(history):
        work = history.with_name("restoring")
        shutil.rmtree(work, ignore_errors=True)  # of one that was killed
        try:
            with store_errors(history):
                work.mkdir(mode=0o700)
                fresh = work / "fresh.db"
                held = _freshen(path, fresh)
            yield CheckedBackup(fresh, history, held)
        finally:
            shutil.rmtree(work, ignore_errors=True)


@contextmanager
def alone(history: Path) -> Iterator[None]:
    """Be the only one that puts another file in the history's place. Raises StoreBusyError."""
    with ExitStack() as stack:
        try:
            stack.enter_context(locked(history.with_name("restore.lock"), 0))
        except TimeoutError as exc:
            raise StoreBusyError("The history is being restored already", "", "Try again when it is done") from exc
        except OSError:
            with store_errors(history):
                raise
        yield


def _check_room(size: int, history: Path) -> None:
    """Room for the fresh file, the transaction, the copy of what is there, and as much again for what is unforeseen."""
    there = sum(file.stat().st_size for file in (history, *beside(history)) if file.exists())
    needed = 4 * size + 2 * there
    if needed > shutil.disk_usage(history.parent).free:
        raise StoreFullError(
            "The disk has no room for this backup",
            f"{needed / 1e6:,.0f} MB are needed in {history.parent} while it is restored",
            "Free some space, or choose another folder with --home",
        )


def _freshen(path: Path, fresh: Path) -> Contents:
    """Copy what is known to a fresh file, bring that up to date, check it, and sum its buckets."""
    with closing(BackupFile(path)) as backup:
        _copy(backup, fresh, path)
    writer = Writer(fresh)  # brings what an older build wrote up to this one's schema
    try:
        connection = writer.connection
        backup_checks.check(connection, {table: _columns(connection, table) for table in (*NAMES, *REPLACED)}, path)
        connection.execute(
            f"INSERT OR IGNORE INTO dirty_buckets SELECT DISTINCT at / {BUCKET_S} * {BUCKET_S} FROM log_events"
        )
        writer.rebuild()
        if queries.integrity(connection) != "ok":
            raise StoreError("The backup could not be restored", f"the copy of {path} did not come out whole", "")
        return contents(connection)
    finally:
        writer.close()


def _copy(backup: BackupFile, fresh: Path, path: Path) -> None:
    fresh.touch(mode=0o600)
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = OFF")  # nothing is lost with it: the file is thrown away
        connection.execute("BEGIN")
        _lay_out(connection, backup.migrations)
        known = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in ("meta", *NAMES, *REPLACED, *OF_OLD):
            if table not in known:
                continue  # the backup is of a build that had no such table, or has none any more
            columns = _columns(connection, table)
            marks = ", ".join("?" * len(columns))
            with closing(backup.rows(table, columns)) as rows:
                wanted = (row for row in rows if row[0] in META) if table == "meta" else rows
                try:
                    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", wanted)
                except sqlite3.IntegrityError as exc:
                    raise wrong(path, f"a row in {table}: {str(exc)[:80]}") from exc
        connection.execute("COMMIT")


def _lay_out(connection: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    """The schema as it was after some migrations, with the note of them."""
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    for script in (schema.BOOKKEEPING, *schema.SCRIPTS[: len(migrations)]):
        for statement in schema.statements(script):
            connection.execute(statement)
    connection.executemany(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, ?, datetime('now') || '+00:00')",
        [(schema.MIGRATION_SET, name) for name in migrations],
    )


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]


def _move_damaged(history: Path, stamp: str) -> Path | None:
    """Give a history that cannot be read another name, so that a new one takes its place. None where it is sound."""
    if not _is_damaged(history):
        return None
    aside = free_name(history, f"damaged-{stamp}")
    with store_errors(history):
        # The database last: until then the next restore finds it damaged still.
        for file, end in zip(beside(history), beside(aside), strict=True):
            if file.exists():
                file.rename(end)
        history.rename(aside)
    return aside


def _is_damaged(history: Path) -> bool:
    try:
        reader = open_reader(history)
        if reader is None:
            return False
        with closing(reader), store_errors(history):
            return queries.integrity(reader) != "ok"
    except StoreError as exc:
        cause = exc.__cause__
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) or "unsupported file format" in str(cause):
            return True
        raise


def _keep(live: sqlite3.Connection, history: Path, folder: Path, stamp: str) -> Path | None:
    """A copy of the history as it is; None where it holds nothing yet."""
    tables = (*NAMES, *REPLACED, "meta")
    if not any(live.execute(f"SELECT EXISTS (SELECT 1 FROM main.{table})").fetchone()[0] for table in tables):
        return None
    kept = free_name(history, f"before-restore-{stamp}")
    reader = open_reader(history)
    assert reader is not None, "it was just read"
    with closing(reader):
        write_copy(reader, history, kept, folder)
    return kept


def free_name(history: Path, what: str) -> Path:
    """Two restores within one second keep two copies."""
    path, number = history.with_name(f"{history.stem}-{what}{history.suffix}"), 1
    while path.exists():
        number += 1
        path = history.with_name(f"{history.stem}-{what}-{number}{history.suffix}")
    return path


def _take_over(live: sqlite3.Connection) -> None:
    """Replace what the history holds by what the fresh file holds."""
    for table in (*CLEARED, *REBUILT, *reversed(REPLACED)):
        live.execute(f"DELETE FROM main.{table}")
    moved = {table for table, keys in NAMES.items() if _take_names(live, table, keys)}
    for table in (*REPLACED, *REBUILT):
        columns = _columns(live, table)
        values = [_value(table, column, moved) for column in columns]
        # As it is, SQLite copies a table without taking its rows apart, and others wait the shorter for their turn.
        chosen = "*" if values == columns else ", ".join(values)
        live.execute(f"INSERT INTO main.{table} SELECT {chosen} FROM fresh.{table}")
    marks = ", ".join("?" * len(META))
    live.execute(f"DELETE FROM main.meta WHERE key IN ({marks}, 'price_table')", META)
    live.execute(f"INSERT INTO main.meta SELECT key, value FROM fresh.meta WHERE key IN ({marks})", META)


def _take_names(live: sqlite3.Connection, table: str, keys: tuple[str, ...]) -> bool:
    """Add the names that are new, and note the id of each in temp.ids_of_…. Returns whether any id is another now."""
    columns = _columns(live, table)
    others = [name for name in columns if name not in {"id", *keys}]
    same = " AND ".join(f"f.{key} = m.{key}" for key in keys)
    if table == "sources":
        live.execute("UPDATE main.sources SET read_at = NULL, error = ''")
    # Where both the name and the id are free, the id stays as well.
    named = ", ".join(columns)
    live.execute(f"INSERT OR IGNORE INTO main.{table} ({named}) SELECT {named} FROM fresh.{table} ORDER BY id")
    named = ", ".join(columns[1:])
    live.execute(
        f"INSERT INTO main.{table} ({named}) SELECT {named} FROM fresh.{table} f"
        f" WHERE NOT EXISTS (SELECT 1 FROM main.{table} m WHERE {same}) ORDER BY id"
    )
    if others:
        live.execute(
            f"UPDATE main.{table} AS m SET ({', '.join(others)}) = (SELECT {', '.join(others)} FROM fresh.{table} f"
            f" WHERE {same}) WHERE EXISTS (SELECT 1 FROM fresh.{table} f WHERE {same})"
        )
    live.execute(f"CREATE TEMP TABLE ids_of_{table} (old INTEGER PRIMARY KEY, new INTEGER NOT NULL)")
    live.execute(
        f"INSERT INTO temp.ids_of_{table} SELECT f.id, m.id FROM fresh.{table} f JOIN main.{table} m ON {same}"
    )
    return bool(live.execute(f"SELECT EXISTS (SELECT 1 FROM temp.ids_of_{table} WHERE old <> new)").fetchone()[0])


def _value(table: str, column: str, moved: set[str]) -> str:
    """What a column of a row of the fresh file becomes. moved: tables of names in which ids differ."""
    names = NAMED.get(column)
    if names in moved:
        return f"COALESCE((SELECT new FROM temp.ids_of_{names} WHERE old = {column}), 0)"
    if (table, column) == ("payer_rules", "payer_id") and "sources" in moved:
        account = "(SELECT new FROM temp.ids_of_sources WHERE old = payer_id)"
        return f"CASE payer WHEN 'account' THEN {account} ELSE payer_id END"
    return column
