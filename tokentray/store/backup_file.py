"""A file that is said to be a backup, opened as if it came from an enemy: read only, and nothing of it is run.

Its schema must be, text for text, one that this program has made: so there are no views, triggers, virtual tables
or computed columns in what is read. Nothing here writes.
"""

import sqlite3
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tokentray.errors import RefusedError, StoreError, StoreFromTheFutureError
from tokentray.store import schema
from tokentray.store.backup import HEADER_BYTES, MAGIC, beside

_NOT_RESTORED = "The backup was not restored"
_LONGEST_VALUE = 16_000_000
_LONGEST_SCHEMA_ROW = 20_000
_STEPS, _MOST_STEPS = 1000, 20_000
"""What a schema of ours needs of SQLite's machine, several times over."""
_SHOWN = 80
_OBJECTS = "SELECT type, name, tbl_name, sql FROM sqlite_master"
_Object = tuple[str, str, str]


def check_file(path: Path) -> int:
    """Look at a file from outside, and at its header, before SQLite does. Returns its size in bytes.

    Raises RefusedError where it is no backup, StoreError where it cannot be read or is cut.
    """
    try:
        info = path.stat()
        if stat.S_ISDIR(info.st_mode):
            raise RefusedError(_NOT_RESTORED, f"{path} is a folder", "Name the file")
        if not stat.S_ISREG(info.st_mode):
            raise RefusedError(_NOT_RESTORED, f"{path} is a device or a pipe", "Name a file on a disk")
        with path.open("rb") as file:
            header = file.read(HEADER_BYTES)
        unfinished = [other for other in beside(path) if not other.name.endswith("-shm") and _is_filled(other)]
    except FileNotFoundError as exc:
        raise RefusedError(_NOT_RESTORED, f"there is no file {path}") from exc
    except PermissionError as exc:
        raise StoreError(_NOT_RESTORED, f"no permission to read {path}", "Give yourself read access") from exc
    except OSError as exc:
        raise RefusedError(_NOT_RESTORED, f"{path} cannot be read: {exc.strerror or exc}") from exc
    if len(header) < HEADER_BYTES or not header.startswith(MAGIC):
        raise RefusedError(_NOT_RESTORED, f"{path} is no database", "`tokentray backup FILE` makes backups")
    if int.from_bytes(header[68:72], "big") != schema.APPLICATION_ID:
        raise RefusedError(_NOT_RESTORED, f"{path} belongs to another program", "`tokentray backup FILE` makes backups")
    if unfinished:
        raise RefusedError(
            _NOT_RESTORED,
            f"a part of {path} is in {unfinished[0].name} beside it, so it is a history in use, or one cut off",
            "Make a backup of it: `tokentray --home ITS-FOLDER backup FILE`",
        )
    page = int.from_bytes(header[16:18], "big")
    told = int.from_bytes(header[28:32], "big") * (65_536 if page == 1 else page)
    if told != info.st_size and header[24:28] == header[92:96]:  # else an old SQLite wrote it, which did not keep it
        raise _damaged(path, f"it should have {told:,} bytes and has {info.st_size:,}")
    return info.st_size


def _is_filled(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


class BackupFile:
    """A backup that passed the look from outside. Raises RefusedError, StoreError throughout."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._steps = 0
        # Nobody may be writing it (check_file saw to that), so SQLite need not touch anything beside it.
        self._db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)
        try:
            with self._errors():
                self._defend()
                self.migrations = self._checked_schema()
                self._db.set_progress_handler(None, 0)
                self._db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
                self._check_pages()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        self._db.close()

    def rows(self, table: str, columns: Sequence[str]) -> Generator[tuple[object, ...]]:
        """All rows of a table that the schema of `migrations` has, one at a time. Close it where it is not used up."""
        with self._errors(f"table {table}: "):
            yield from self._db.execute(f"SELECT {', '.join(columns)} FROM {table}")

    def _defend(self) -> None:
        connection = self._db
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_SCHEMA_ROW)
        connection.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, _LONGEST_SCHEMA_ROW)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        connection.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 0)
        connection.set_progress_handler(self._is_too_much, _STEPS)
        for setting in ("trusted_schema = OFF", "query_only = ON", "cell_size_check = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {setting}")
        connection.set_authorizer(_only_reading)

    def _is_too_much(self) -> bool:
        self._steps += _STEPS
        return self._steps > _MOST_STEPS

    def _checked_schema(self) -> tuple[str, ...]:
        """The migrations that the file has seen, its schema being exactly what they make."""
        found = _objects(self._db)
        books = _made_by(schema.BOOKKEEPING)
        if any(found.get(key) != sql for key, sql in books.items()):
            raise self._refused("it lacks the list of steps that every history keeps")
        rows = self._db.execute("SELECT migration_set, name FROM _sqlite_migrations ORDER BY id").fetchall()
        unknown = [name for _, name in rows if name not in schema.MIGRATIONS]
        if unknown:
            raise StoreFromTheFutureError(
                "The backup is from a newer TokenTray",
                f"{self._path} knows a step that this build does not ({str(unknown[0])[:_SHOWN]})",
                "Update TokenTray, and restore it then",
            )
        names = tuple(schema.MIGRATIONS[: len(rows)])
        if rows != [(schema.MIGRATION_SET, name) for name in names] or not names:
            raise self._refused("its list of steps is not as TokenTray keeps it")
        expected = _made_by(schema.BOOKKEEPING, *schema.SCRIPTS[: len(names)])
        for key in sorted(found.keys() | expected.keys(), key=lambda key: (key in expected, str(key))):
            if found.get(key) != expected.get(key):
                kind, name = str(key[0])[:_SHOWN], str(key[1])[:_SHOWN]
                if key not in expected:
                    raise self._refused(f"it holds a {kind} {name!r}, which no history of TokenTray's does")
                wrong = "differs from" if key in found else "is missing, unlike in"
                raise self._refused(f"its {kind} {name!r} {wrong} what TokenTray makes")
        return names

    def _check_pages(self) -> None:
        found = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise _damaged(self._path, str(found).splitlines()[-1][:_SHOWN])

    def _refused(self, reason: str) -> RefusedError:
        return RefusedError(_NOT_RESTORED, f"{self._path}: {reason}", "Nothing was changed")

    @contextmanager
    def _errors(self, where: str = "") -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, sqlite3.Warning) as exc:
            if getattr(exc, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_INTERRUPT:
                raise self._refused("it holds far more than a history does") from exc
            raise _damaged(self._path, f"{where}{str(exc)[:_SHOWN]}") from exc


def _damaged(path: Path, reason: str) -> StoreError:
    return StoreError("The backup is damaged", f"{path}: {reason}", "Nothing was changed; try an earlier backup")


def _only_reading(action: int, first: str | None, _: str | None, __: str | None, inside: str | None) -> int:
    """What SQLite asks before it prepares a statement. inside: the view or trigger that a read comes from."""
    if inside is None and (
        action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)
        or (action == sqlite3.SQLITE_PRAGMA and first == "quick_check")
    ):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _objects(connection: sqlite3.Connection) -> dict[_Object, str]:
    """The schema, white space aside: (type, name, table) to text."""
    rows = connection.execute(_OBJECTS)
    return {(kind, name, table): " ".join(str(sql).split()) for kind, name, table, sql in rows}


def _made_by(*scripts: str) -> dict[_Object, str]:
    """The schema that scripts of ours make."""
    blank = sqlite3.connect(":memory:")
    try:
        for script in scripts:
            for statement in schema.statements(script):
                blank.execute(statement)
        return _objects(blank)
    finally:
        blank.close()
