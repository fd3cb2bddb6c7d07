"""The status bar's line as it was last made, so that a bar asking every few seconds costs a look at one row.

A line holds while nothing it was made from changed: the history's change counter, the zone's offset, the locale
and the local day are part of what is remembered. Nothing is lost where it cannot be written. Imports little.
"""

import sqlite3
from pathlib import Path

_TIMEOUT_S = 0.1


def changes(connection: sqlite3.Connection) -> str:
    """The change counter: moves with everything that a snapshot is made of."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'changes'").fetchone()
    return str(row[0]) if row else "0"


def count_change(connection: sqlite3.Connection) -> None:
    """Say that what is shown may have changed. Inside the transaction that changes it."""
    connection.execute(
        "INSERT INTO meta (key, value) VALUES ('changes', '1')"
        " ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
    )


def remembered_line(path: Path, made_for: str, now_utc: int) -> str | None:
    """The line, where it was made for the same zone and locale, today, and nothing changed since."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=_TIMEOUT_S)
    except sqlite3.Error:
        return None
    try:
        rows = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('changes', 'statusline')"))
    except sqlite3.Error:
        return None
    finally:
        connection.close()
    parts = rows.get("statusline", "").split("\n", 3)
    if len(parts) != 4:
        return None
    count, until, key, line = parts
    holds = count == rows.get("changes", "0") and key == made_for and now_utc < int(until)
    return line if holds else None


def remember_line(path: Path, count: str, until_utc: int, made_for: str, line: str) -> None:
    """Keep a line made when the counter stood at `count`. Gives up quietly: it is made again next time."""
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=_TIMEOUT_S)
        try:
            with connection:
                connection.execute(
                    "INSERT INTO meta (key, value) VALUES ('statusline', ?)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (f"{count}\n{until_utc}\n{made_for}\n{line}",),
                )
        finally:
            connection.close()
    except sqlite3.Error:
        return
