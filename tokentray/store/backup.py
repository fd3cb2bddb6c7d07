"""Backups of the history: consistent while others write, checked before they get their name, there whole or not at all.

A backup is an ordinary database file in one piece, 0600. What a file must be like to be restored is in backup_file.
"""

import errno
import os
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from tokentray.errors import NoDataError, RefusedError, StoreError, TokenTrayError
from tokentray.files import why_not_written, work_folder
from tokentray.store import schema
from tokentray.store.connection import open_reader, store_errors
from tokentray.store.usage import bounds

_NOT_MADE = "The backup was not made"
_ELSEWHERE = "Choose another folder"
_PART = "part.db"
"""What the copy is called until it is whole; SQLite puts files beside it whose names begin so."""
HEADER_BYTES = 100
MAGIC = b"SQLite format 3\x00"


class Contents(NamedTuple):
    """What a history holds. first_utc, last_utc: starts of the first and last bucket with use, None without any."""

    calls: int
    first_utc: int | None
    last_utc: int | None
    plans: int
    charges: int
    reference_points: int
    payer_rules: int
    notes: int
    exports: int


class Made(NamedTuple):
    """A backup that was written. size: in bytes."""

    path: Path
    size: int
    contents: Contents


def contents(connection: sqlite3.Connection) -> Contents:
    """What an up-to-date history holds."""
    counts = [
        connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]
        for table in ("plans", "charges", "reference_points", "payer_rules", "notes", "exports")
    ]
    calls = connection.execute("SELECT COALESCE(SUM(requests), 0) FROM usage_buckets").fetchone()[0]
    first, last = bounds(connection) or (None, None)
    return Contents(calls, first, last, *counts)


def back_up(history: Path, target: Path) -> Made:
    """Write a backup of `history` to `target`; an older backup of that name is replaced, nothing else is.

    A link is followed. Raises RefusedError, NoDataError or StoreError; TokenTrayError where `target` cannot be written.
    """
    place = _checked_target(history, target)
    reader = open_reader(history)
    if reader is None:
        raise NoDataError(
            "There is nothing to back up",
            f"no history is kept in {history.parent} yet",
            "`tokentray refresh` reads your agents' logs",
        )
    with closing(reader):
        with store_errors(history):
            # One snapshot for the copy and for what is said of it; also, a lock that stays is met here, where
            # there is a limit to the waiting.
            reader.execute("BEGIN")
            held = contents(reader)
        try:
            with work_folder(place, _PART) as folder:
                write_copy(reader, history, place, folder)
            return Made(target, place.stat().st_size, held)
        except OSError as exc:
            raise TokenTrayError(_NOT_MADE, *why_not_written(exc, target, _ELSEWHERE)) from exc


def _checked_target(history: Path, target: Path) -> Path:
    place = Path(os.path.realpath(target))  # Path.resolve raises RuntimeError for a link in a circle
    own = Path(os.path.realpath(history))
    if place in {own, *beside(own)} or (place.exists() and own.exists() and place.samefile(own)):
        raise RefusedError(_NOT_MADE, f"{target} is the history itself", "Name another file")
    try:
        mode = place.stat().st_mode
        if stat.S_ISDIR(mode):
            raise RefusedError(_NOT_MADE, f"{target} is a folder", "Name a file in it")
        if not stat.S_ISREG(mode):
            raise RefusedError(_NOT_MADE, f"{target} is a device or a pipe", "Name a file on a disk")
        if not is_backup(place):
            raise RefusedError(
                _NOT_MADE, f"{target} exists and is no backup of TokenTray's", "Name another file, or move it away"
            )
    except FileNotFoundError:
        pass
    except OSError as exc:
        raise TokenTrayError(_NOT_MADE, *why_not_written(exc, target, _ELSEWHERE)) from exc
    return place


def is_backup(path: Path) -> bool:
    """Whether a file bears the marks of a backup of ours: our application id, and no write-ahead log, which a
    history in use has. Raises OSError."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    ours = header.startswith(MAGIC) and int.from_bytes(header[68:72], "big") == schema.APPLICATION_ID
    return ours and header[18:20] == b"\x01\x01"


def beside(database: Path) -> tuple[Path, ...]:
    """Where SQLite keeps what belongs to a database in use."""
    return tuple(database.with_name(f"{database.name}-{end}") for end in ("wal", "shm", "journal"))


def write_copy(reader: sqlite3.Connection, history: Path, target: Path, folder: Path) -> None:
    """Copy the history that `reader` has open to a file, checked and on the disk before it gets its name.

    folder: where it is made, on the same disk. Raises OSError for these, and StoreError where the history is damaged.
    """
    part = folder.joinpath(_PART)
    part.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        try:
            copy.execute("PRAGMA synchronous = OFF")
            reader.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            found = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
        except sqlite3.Error as exc:
            if exc.sqlite_errorcode in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from exc
            with store_errors(history):
                raise
    if found != "ok":
        raise StoreError(
            "The history is damaged",
            f"{history} does not hold together, and no copy was made ({found.splitlines()[-1]})",
            "Restore an earlier backup: it keeps what is there under another name",
        )
    _to_disk(part)
    part.replace(target)
    with suppress(OSError):  # not every system can say that of a folder
        _to_disk(target.parent)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
