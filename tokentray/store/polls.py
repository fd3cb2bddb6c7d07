"""Who is polling an account, and how it went. One at a time, across processes; one that died is waited for no longer
than its lease. Inside a transaction of the writer's.
"""

import sqlite3

from tokentray.clock import DAY_S
from tokentray.errors import LeaseLostError, TokenTrayError
from tokentray.store.remembered import count_change

_KEPT_S = 90 * DAY_S
"""How long it is remembered how a poll went."""


def lease(connection: sqlite3.Connection, account_id: int, owner: str, now_utc: int, lease_s: int) -> bool:
    """Take an account for `lease_s` seconds, or go on holding it. False while somebody else does, or it is removed.

    A lease that ends later than any that is given now could is over too: the clock was set back since.
    """
    found = connection.execute(
        "SELECT lease_owner, lease_until FROM accounts a LEFT JOIN account_polls p ON p.source_id = a.source_id"
        " WHERE a.source_id = ? AND a.removed_at IS NULL",
        (account_id,),
    ).fetchone()
    if found is None:
        return False
    holder, until = found[0] or "", found[1] or 0
    if holder not in ("", owner) and now_utc < until <= now_utc + lease_s:
        return False
    connection.execute(
        "INSERT INTO account_polls (source_id, lease_owner, lease_until, started_at, not_before, failures, error_code)"
        " VALUES (?1, ?2, ?3, ?4, 0, 0, '') ON CONFLICT (source_id) DO UPDATE SET lease_owner = ?2, lease_until = ?3,"
        " started_at = CASE WHEN lease_owner = ?2 THEN started_at ELSE ?4 END",
        (account_id, owner, now_utc + lease_s, now_utc),
    )
    return True


def check_lease(connection: sqlite3.Connection, account_id: int, owner: str) -> None:
    """Raise LeaseLostError where the account is not the owner's to write to any more."""
    if not _holds(connection, account_id, owner):
        raise LeaseLostError("The account was read by another TokenTray meanwhile", "", "Nothing is lost: it goes on")


def _holds(connection: sqlite3.Connection, account_id: int, owner: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM account_polls WHERE source_id = ? AND lease_owner = ?", (account_id, owner)
    )
    return found.fetchone() is not None


def release(
    connection: sqlite3.Connection,
    account_id: int,
    owner: str,
    now_utc: int,
    error: TokenTrayError | None,
    not_before_utc: int,
    contacted: bool,
) -> None:
    """The end of a poll. Says nothing where the lease is another's by now: how that one goes is what counts."""
    if not _holds(connection, account_id, owner):
        return
    code, text = (error.code, str(error)) if error else ("", "")
    started = connection.execute("SELECT started_at FROM account_polls WHERE source_id = ?", (account_id,)).fetchone()[
        0
    ]
    connection.execute(
        "UPDATE account_polls SET lease_owner = '', lease_until = 0, not_before = ?, error_code = ?,"
        " failures = CASE WHEN ? = '' THEN 0 ELSE failures + 1 END,"
        " contacted_at = CASE WHEN ? THEN ? ELSE contacted_at END WHERE source_id = ?",
        (not_before_utc, code, code, int(contacted), now_utc, account_id),
    )
    connection.execute(
        "INSERT INTO polls (source_id, started_at, finished_at, status, error_code) VALUES (?, ?, ?, ?, ?)",
        (account_id, started, now_utc, "failed" if error else "ok", code),
    )
    connection.execute("DELETE FROM polls WHERE finished_at < ?", (now_utc - _KEPT_S,))
    before = connection.execute("SELECT error FROM sources WHERE id = ?", (account_id,)).fetchone()[0]
    connection.execute(
        "UPDATE sources SET error = ?, read_at = CASE WHEN ? = '' THEN ? ELSE read_at END WHERE id = ?",
        (text, code, now_utc, account_id),
    )
    if text != before:
        count_change(connection)
