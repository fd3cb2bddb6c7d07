"""Opens the history, for the one writer or for reading, and turns SQLite's errors into ours in one place.

Reading never creates, migrates or locks anything for long. The file is 0600 in a folder of 0700.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tokentray.errors import (
    ReadInterruptedError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFromTheFutureError,
    StoreFullError,
    StoreReadOnlyError,
)
from tokentray.paths import make_private
from tokentray.store import schema

BUSY_TIMEOUT_S = 5.0


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Raise ours for SQLite's and the file system's errors, with what to do about each."""
    try:
        yield
    except sqlite3.Error as exc:
        raise _translate(exc, path) from exc
    except PermissionError as exc:
        raise StoreReadOnlyError(
            "The history cannot be written",
            f"no permission for {path}",
            "Give yourself write access to that folder, or choose another with --home",
        ) from exc
    except OSError as exc:
        if exc.errno == 28:  # ENOSPC, the same number on every system Python runs on
            raise _full(path) from exc
        if exc.errno == 30:  # EROFS
            raise _read_only(path) from exc
        raise StoreError("The history cannot be opened", f"{path}: {exc.strerror or exc}", "") from exc


def _full(path: Path) -> StoreError:
    return StoreFullError(
        "The disk is full",
        f"nothing more was written to {path}; what was there is intact",
        "Free some space and run the command again",
    )


def _read_only(path: Path) -> StoreError:
    return StoreReadOnlyError(
        "The history cannot be written",
        f"{path} is on a read-only disk or is write-protected",
        "Make it writable, or choose another folder with --home",
    )


def _translate(exc: sqlite3.Error, path: Path) -> StoreError:
    code = getattr(exc, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == sqlite3.SQLITE_BUSY or primary == sqlite3.SQLITE_LOCKED:
        return StoreBusyError("The history is busy", f"another process holds {path}", "Try again in a few seconds")
    if primary == sqlite3.SQLITE_INTERRUPT:
        return ReadInterruptedError("Reading was broken off", f"{path} was not wanted any more", "")
    if primary == sqlite3.SQLITE_FULL or code in (sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE):
        return _full(path)
    if primary == sqlite3.SQLITE_READONLY:
        return _read_only(path)
    if primary == sqlite3.SQLITE_CANTOPEN:
        if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            return _read_only(path)
        return StoreError(
            "The history cannot be opened",
            f"{path} or its folder cannot be used",
            "Check the folder's permissions",
        )
    if primary in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT) or "unsupported file format" in str(exc):
        in_parts = primary == sqlite3.SQLITE_CORRUPT
        return StoreDamagedError(
            "The history is damaged",
            f"{path} {'cannot be read whole' if in_parts else 'is not a readable database'} ({exc})",
            "`tokentray refresh --check` keeps it, and reads what it can into a new one; it was left as it is"
            if in_parts
            else "Move it away to start afresh from the logs, or restore a copy; it was left as it is",
        )
    return StoreError("The history could not be used", f"{path}: {exc}", "")


def applied_migrations(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Names of the migrations a file has seen; () for a blank one. Raises StoreFromTheFutureError or StoreError."""
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not tables:
        return ()
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != schema.APPLICATION_ID or "_sqlite_migrations" not in tables:
        raise StoreError(
            "This is not a TokenTray history",
            "the file belongs to another program, and was left untouched",
            "Move it away, or choose another folder with --home",
        )
    rows = connection.execute(
        "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id", (schema.MIGRATION_SET,)
    )
    names = tuple(row[0] for row in rows)
    unknown = [name for name in names if name not in schema.MIGRATIONS]
    if unknown:
        raise StoreFromTheFutureError(
            "The history is from a newer TokenTray",
            f"it knows a step that this build does not ({unknown[0]}), and was left untouched",
            "Update TokenTray, or choose another folder with --home",
        )
    return names


def open_reader(path: Path, patience_s: float | None = None) -> sqlite3.Connection | None:
    """A read-only connection to an up-to-date history; None where there is none yet.

    patience_s: how long it waits for a lock, None for the usual. Raises StoreError. A history of an older build is
    brought up to date first, by the writer.
    """
    try:
        misplaced = path.is_dir() or (path.parent.exists() and not path.parent.is_dir())
        there = path.exists()
    except OSError as exc:
        raise StoreError(
            "The history cannot be read",
            f"{path}: {exc.strerror or exc}",
            "Give yourself access to its folder, or choose another with --home",
        ) from exc
    if misplaced:
        raise StoreError(
            "The history cannot be opened",
            f"{path} cannot be a file: a folder is in its place, or its own folder is none",
            "Move what is there away, or choose another folder with --home",
        )
    if not there:
        return None
    with store_errors(path):
        connection = _connect_read_only(path, patience_s)
        try:
            names = applied_migrations(connection)
        except BaseException:
            connection.close()
            raise
    if names == schema.MIGRATIONS:
        return connection
    connection.close()
    if not names:
        return None
    open_writer(path).close()
    return open_reader(path, patience_s)


def _connect_read_only(path: Path, patience_s: float | None = None) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode=ro"
    timeout_s = BUSY_TIMEOUT_S if patience_s is None else patience_s
    connection = sqlite3.connect(uri, uri=True, timeout=timeout_s, check_same_thread=False)
    try:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError as exc:
        # A write-ahead log needs a shared-memory file beside it. In a folder we cannot write, the file is read as
        # it stands; but never without what its write-ahead log holds, for that would be an older history.
        connection.close()
        if exc.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY):
            raise
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise _read_only(path) from exc
        connection = sqlite3.connect(f"{uri}&immutable=1", uri=True, check_same_thread=False)
    connection.execute("PRAGMA cache_size = -8192")
    return connection


def open_writer(path: Path) -> sqlite3.Connection:
    """The writing connection, the file created and brought up to date. Raises StoreError."""
    with store_errors(path):
        make_private(path.parent)
        if path.is_dir():
            open_reader(path)  # says what is wrong
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        # Look before anything is written: a newer build's file must stay as it is, to the byte.
        if path.stat().st_size:
            probe = _connect_read_only(path)
            try:
                names = applied_migrations(probe)
            finally:
                probe.close()
        else:
            names = ()
        connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path, names)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path, names: tuple[str, ...]) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA cache_size = -16384")
    connection.execute("PRAGMA temp_store = MEMORY")
    if names == schema.MIGRATIONS:
        return
    _use_wal(connection)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Two first starts at once: the second waited above, and finds nothing left to do.
        known = applied_migrations(connection)
        if not known:
            _first_schema(connection)
        elif known != schema.MIGRATIONS:
            from tokentray.store import migrations  # sqlite-utils: only where there is something to bring up to date

            migrations.copy_before(connection, path)
            migrations.apply(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _first_schema(connection: sqlite3.Connection) -> None:
    """What the migrations make, on a blank file, noted as sqlite-utils notes it."""
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    for statement in schema.statements(schema.BOOKKEEPING):
        connection.execute(statement)
    for name, script in zip(schema.MIGRATIONS, schema.SCRIPTS, strict=True):
        for statement in schema.statements(script):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
            " VALUES (?, ?, datetime('now') || '+00:00')",
            (schema.MIGRATION_SET, name),
        )


def _use_wal(connection: sqlite3.Connection) -> None:
    """The change needs the file alone for a moment, and SQLite does not wait for that by itself."""
    deadline = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as exc:
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """One write transaction, all or nothing. Raises StoreError."""
    with store_errors(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
