"""What can still be read of a damaged history, as a sound one in its place. The damaged file is kept beside it, whole.

Tables are walked by their own keys; where a page cannot be read, reading goes on behind it. Names that are lost get a
stand-in, so that no amount is lost with its name. Which logs were read is forgotten: they are read again, and put back
what they still hold.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from tokentray.clock import BUCKET_S
from tokentray.errors import StoreDamagedError, StoreFullError
from tokentray.store import backup_checks, queries, remembered
from tokentray.store.backup import beside
from tokentray.store.connection import open_writer, store_errors
from tokentray.store.queries import Salvaged
from tokentray.store.restore import CLEARED, META, NAMES, REBUILT, REPLACED, alone, free_name
from tokentray.store.writer import Writer

_TABLES = (*NAMES, *REPLACED, *REBUILT)
_LOST = "(lost)"
_FARTHEST = 2**63 - 1
_FIRST_GAP = 16
_GAP_FACTOR = 8


def salvage(history: Path, stamp: str, day: str) -> Salvaged:
    """Read what can be read and put it in place; `stamp` names the damaged file that is kept.

    Raises StoreDamagedError where nothing can be read, and StoreError where it cannot be done now: the history is then
    as it was.
    """
    with alone(history), store_errors(history):
        there = [file for file in (history, *beside(history)) if file.exists()]
        size = sum(file.stat().st_size for file in there)
        if 3 * size > shutil.disk_usage(history.parent).free:
            raise StoreFullError(
                "The damaged history cannot be mended",
                f"{3 * size / 1e6:,.0f} MB are needed in {history.parent}",
                "Free some space; nothing was changed",
            )
        work = history.with_name("salvaging")
        shutil.rmtree(work, ignore_errors=True)  # of one that was killed
        try:
            work.mkdir(mode=0o700)
            # From a copy: to read a write-ahead log, SQLite writes to files beside it.
            for file in there:
                shutil.copyfile(file, work.joinpath(file.name))
            fresh = work.joinpath("fresh.db")
            with _nothing_readable(history):
                whole, calls = _read(work.joinpath(history.name), fresh)
            kept = free_name(history, f"damaged-{stamp}")
            done = Salvaged(day, kept.name, calls, whole)
            _note(fresh, done)
            for file, end in zip((history, *beside(history)), (kept, *beside(kept)), strict=True):
                if file.exists():
                    shutil.copyfile(file, end)
                    end.chmod(0o600)
            # A write-ahead log of the old file must not meet the new one. From here on the copy holds everything.
            for file in beside(history):
                file.unlink(missing_ok=True)
            fresh.replace(history)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return done


def _note(fresh: Path, done: Salvaged) -> None:
    with closing(open_writer(fresh)) as connection:
        connection.execute(
            "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (queries.SALVAGED, json.dumps(done))
        )
        remembered.count_change(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def _nothing_readable(history: Path) -> Iterator[None]:
    """What the whole file depends on is broken: its header, or the list of its tables."""
    try:
        yield
    except (sqlite3.DatabaseError, _NothingHeldError) as exc:
        raise StoreDamagedError(
            "The history is damaged",
            f"nothing of {history} can be read",
            "Move it away to start afresh from the logs, or restore a copy; it was left as it is",
        ) from exc


class _NothingHeldError(Exception):
    """No table has a row that counts."""


def _read(damaged: Path, fresh: Path) -> tuple[bool, int]:
    """Fill the fresh file. Returns whether all could be read, and how many calls were."""
    writer = Writer(fresh)
    try:
        with closing(sqlite3.connect(damaged, isolation_level=None)) as old:
            old.text_factory = lambda data: data.decode("utf-8", "replace")
            whole = _copy(old, writer.connection)
        held = writer.connection.execute(
            f"SELECT {' + '.join(f'EXISTS (SELECT 1 FROM {table})' for table in _TABLES if table not in NAMES)}"
        ).fetchone()[0]
        if not held:
            raise _NothingHeldError
        _complete(writer.connection)
        writer.rebuild()
        calls = writer.connection.execute("SELECT COALESCE(SUM(requests), 0) FROM usage_buckets").fetchone()[0]
        if queries.integrity(writer.connection) != "ok":
            raise StoreDamagedError("The damaged history could not be mended", "the copy did not come out whole", "")
        return whole, calls
    finally:
        writer.close()


def _copy(old: sqlite3.Connection, new: sqlite3.Connection) -> bool:
    whole = True
    new.execute("PRAGMA foreign_keys = OFF")
    new.execute("BEGIN")
    for table in ("meta", *_TABLES):
        there = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
        known = {row[1] for row in new.execute(f"PRAGMA table_info({table})")}
        columns = [column for column in there if column in known]
        if not columns:
            continue  # of a build that had no such table
        marks = ", ".join("?" * len(columns))
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({marks})"
        walk = _Walk(old, table, columns)
        for row in walk.rows():
            if table == "meta" and row[columns.index("key")] not in META:
                continue
            with suppress(sqlite3.IntegrityError):  # of a type that cannot be
                new.execute(insert, row)
        whole = whole and walk.whole
    for table in _TABLES:
        _drop_impossible(new, table)
    new.execute("COMMIT")
    return whole


class _Walk:
    """The rows of a table by its own key, forwards past what cannot be read, then backwards up to the last such place.

    whole: whether nothing was in the way.
    """

    def __init__(self, old: sqlite3.Connection, table: str, columns: Sequence[str]) -> None:
        self.whole = True
        self._old = old
        self._columns = ", ".join(columns)
        self._table = table
        keys = sorted((row[5], row[1]) for row in old.execute(f"PRAGMA table_info({table})") if row[5])
        names = [name for _, name in keys]
        try:
            old.execute(f"SELECT rowid FROM {table} LIMIT 0")
            names = ["rowid"]  # by its index a table could be read no further than that is sound
        except sqlite3.OperationalError:
            pass
        self._keys = names

    def rows(self) -> Iterator[tuple[object, ...]]:
        last: object = None
        gap = 0
        while True:
            after = f" WHERE {self._keys[0]} > ?" if gap else ""
            start = (_beyond(last, gap),) if gap else ()
            try:
                for first, *row in self._select(after, "ASC", start):
                    last, gap = first, 0
                    yield tuple(row)
            except sqlite3.DatabaseError:
                self.whole = False
                gap = gap * _GAP_FACTOR or _FIRST_GAP
                if not isinstance(last, int | None) or _beyond(last, gap) >= _FARTHEST:
                    break
                continue
            break
        if not self.whole:
            with suppress(sqlite3.DatabaseError):
                for _, *row in self._select("", "DESC", ()):
                    yield tuple(row)

    def _select(self, where: str, direction: str, values: tuple[object, ...]) -> sqlite3.Cursor:
        order = ", ".join(f"{key} {direction}" for key in self._keys)
        return self._old.execute(
            f"SELECT {self._keys[0]}, {self._columns} FROM {self._table} NOT INDEXED{where} ORDER BY {order}", values
        )


def _beyond(last: object, gap: int) -> int:
    return min((last if isinstance(last, int) else 0) + gap, _FARTHEST)


def _drop_impossible(new: sqlite3.Connection, table: str) -> None:
    """Leave out rows that no query could bear, as for a backup; ids are seen to afterwards."""
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    rules = [
        held
        for column in columns
        if column not in backup_checks.NAMED and column != "price_id" and (held := backup_checks.rule(table, column))
    ]
    if rules:
        new.execute(f"DELETE FROM {table} WHERE {' OR '.join(f'NOT ({rule})' for rule in rules)}")


def _complete(new: sqlite3.Connection) -> None:
    """Give every id a row to stand for, and have sums made anew where they are missing or lost their price."""
    new.execute("BEGIN")
    for table in _TABLES:
        columns = {row[1] for row in new.execute(f"PRAGMA table_info({table})")}
        for column in columns & backup_checks.NAMED.keys():
            _stand_in(new, backup_checks.NAMED[column], f"SELECT DISTINCT {column} FROM {table} WHERE {column} <> 0")
    new.execute("DELETE FROM plan_terms WHERE plan_id NOT IN (SELECT id FROM plans)")
    new.execute("DELETE FROM exported_files WHERE export_id NOT IN (SELECT id FROM exports)")
    new.execute(
        "DELETE FROM payer_rules WHERE (payer = 'plan' AND payer_id NOT IN (SELECT id FROM plans))"
        " OR (payer = 'account' AND payer_id NOT IN (SELECT id FROM sources WHERE kind = 'account'))"
    )
    lost_price = "price_id IS NOT NULL AND price_id NOT IN (SELECT id FROM prices)"
    behind = (
        f"SELECT DISTINCT at / {BUCKET_S} * {BUCKET_S} FROM log_events"
        f" WHERE at / {BUCKET_S} * {BUCKET_S} NOT IN (SELECT start FROM usage_buckets)"
    )
    new.execute(f"INSERT OR IGNORE INTO dirty_buckets {behind}")
    for table in ("usage_buckets", "metered_buckets"):
        new.execute(f"UPDATE {table} SET price_id = NULL WHERE {lost_price}")
    for table in CLEARED:
        if table != "dirty_buckets":
            new.execute(f"DELETE FROM {table}")
    new.execute("DELETE FROM meta WHERE key = 'price_table'")  # so that the next refresh prices what lost its price
    new.execute("COMMIT")


def _stand_in(new: sqlite3.Connection, table: str, ids: str) -> None:
    """A row for every id that has none any more."""
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    missing = [row[0] for row in new.execute(f"{ids} EXCEPT SELECT id FROM {table} ORDER BY 1")]
    for number in missing:
        name = f"{_LOST} {number}"
        values = {"id": number, "kind": "agent", "created_at": 0, "read_at": None, "error": "", "provider": ""}
        row = [values.get(column, name) for column in columns]
        new.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})", row)
