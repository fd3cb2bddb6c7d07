"""Typed reads of everything but usage itself. Nothing here writes."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

_MOST_USED = "SELECT {0} FROM usage_buckets b JOIN {1} GROUP BY {0} ORDER BY SUM(b.requests) DESC, {0}"

SALVAGED = "salvaged"
"""Where the history notes that."""


class SourceRow(NamedTuple):
    """A source, when it was last read, and what is wrong with it, "" for nothing."""

    id: int
    kind: str
    name: str
    label: str
    provider: str
    read_at_utc: int | None
    error: str


class FileRow(NamedTuple):
    """How far a log file was read."""

    agent: str
    identity: str
    size: int
    mtime_ns: int
    offset: int
    tail_check: int
    state: str


class SkippedRow(NamedTuple):
    """Lines or files that were passed over, of one agent and kind."""

    agent: str
    kind: str
    lines: int
    files: int


class AgentTotals(NamedTuple):
    """What the history holds of one agent."""

    files: int
    sessions: int
    requests: int
    first_utc: int | None
    last_utc: int | None


class Held(NamedTuple):
    """What the history holds in all. files, sessions: how many, by agent. projects, providers: most used first."""

    files: Mapping[str, int] = {}
    sessions: Mapping[str, int] = {}
    projects: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()


class Salvaged(NamedTuple):
    """What came of it. day: the local date as text. kept: name of the damaged file. calls: model calls that could be
    read. whole: whether every table was read from end to end.
    """

    day: str
    kept: str
    calls: int
    whole: bool


def sources(connection: sqlite3.Connection) -> list[SourceRow]:
    """Every source, in the order they were added."""
    rows = connection.execute("SELECT id, kind, name, label, provider, read_at, error FROM sources ORDER BY id")
    return [SourceRow(*row) for row in rows]


def models(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Provider and name of every model seen, in the order of both."""
    return connection.execute("SELECT provider, name FROM models ORDER BY provider, name").fetchall()


def log_sightings(connection: sqlite3.Connection, agent: str) -> dict[str, tuple[str, int, int]]:
    """How every file of an agent looked when it was last read: path to (identity, size, mtime_ns).

    Plain tuples, for an idle refresh compares thousands of them and needs nothing else.
    """
    rows = connection.execute("SELECT path, identity, size, mtime_ns FROM log_files WHERE agent = ?", (agent,))
    return {path: (identity, size, mtime_ns) for path, identity, size, mtime_ns in rows}


def log_files(connection: sqlite3.Connection, agent: str, paths: Iterable[str]) -> dict[str, FileRow]:
    """Marks of those of an agent's files that were read before, by path."""
    sql = (
        "SELECT path, agent, identity, size, mtime_ns, offset, tail_check, state FROM log_files"
        " WHERE path = ? AND agent = ?"
    )
    rows = (connection.execute(sql, (path, agent)).fetchone() for path in paths)
    return {row[0]: FileRow(*row[1:]) for row in rows if row is not None}


def skipped(connection: sqlite3.Connection) -> list[SkippedRow]:
    """What was passed over, by agent and kind. No paths: safe to show in public."""
    rows = connection.execute(
        "SELECT agent, kind, SUM(count), COUNT(*) FROM skipped GROUP BY agent, kind ORDER BY agent, kind"
    )
    return [SkippedRow(*row) for row in rows]


def agent_totals(connection: sqlite3.Connection, source: SourceRow) -> AgentTotals:
    """Files, sessions and requests of one agent."""
    files = connection.execute("SELECT COUNT(*) FROM log_files WHERE agent = ?", (source.name,)).fetchone()[0]
    sessions, first, last = connection.execute(
        "SELECT COUNT(DISTINCT session_id), MIN(at), MAX(at) FROM log_events WHERE source_id = ?",
        (source.id,),
    ).fetchone()
    requests = connection.execute(
        "SELECT COALESCE(SUM(requests), 0) FROM usage_buckets WHERE source_id = ?", (source.id,)
    ).fetchone()[0]
    return AgentTotals(files, sessions, requests, first, last)


def has_read(connection: sqlite3.Connection) -> bool:
    """Whether it is known of any log file how far it was read."""
    return connection.execute("SELECT 1 FROM log_files LIMIT 1").fetchone() is not None


def held(connection: sqlite3.Connection) -> Held:
    """Everything of the kind in one pass each: agent by agent it would take a pass over all events for each."""
    files = connection.execute("SELECT agent, COUNT(*) FROM log_files GROUP BY agent")
    sessions = connection.execute(
        "SELECT s.name, COUNT(*) FROM (SELECT DISTINCT source_id, session_id FROM log_events) e"
        " JOIN sources s ON s.id = e.source_id GROUP BY s.name"
    )
    projects = connection.execute(_MOST_USED.format("p.name", "projects p ON p.id = b.project_id"))
    providers = connection.execute(_MOST_USED.format("m.provider", "models m ON m.id = b.model_id"))
    return Held(dict(files), dict(sessions), _names(projects), _names(providers))


def _names(rows: Iterable[tuple[str]]) -> tuple[str, ...]:
    return tuple(row[0] for row in rows if row[0])


def version(connection: sqlite3.Connection) -> int:
    """SQLite's own count of what other connections have written, as this one sees it."""
    return int(connection.execute("PRAGMA data_version").fetchone()[0])


def integrity(connection: sqlite3.Connection) -> str:
    """Says "ok", or what SQLite finds wrong with the file."""
    return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])


def unpriced_models(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Models with tokens that no price covers, and how many, most first.

    Logs and usage reports may tell of the same tokens: of each model, those that know of more.
    """
    tokens = "SUM(input + output + cache_read + cache_write_5m + cache_write_1h) AS tokens"
    unpriced = " UNION ALL ".join(
        f"SELECT model_id, {tokens} FROM {table} WHERE price_id IS NULL GROUP BY model_id"
        for table in ("usage_buckets", "metered_buckets")
    )
    rows = connection.execute(
        f"SELECT name, SUM(most) AS tokens FROM (SELECT m.name, MAX(b.tokens) AS most FROM ({unpriced}) b"
        " JOIN models m ON m.id = b.model_id GROUP BY m.id) GROUP BY name HAVING tokens > 0 ORDER BY tokens DESC, name"
    )
    return [(row[0], row[1]) for row in rows]


def salvaged(connection: sqlite3.Connection) -> Salvaged | None:
    """What was salvaged last, None where nothing ever was."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (SALVAGED,)).fetchone()
    try:
        return Salvaged(*json.loads(row[0])) if row else None
    except (ValueError, TypeError):
        return None
