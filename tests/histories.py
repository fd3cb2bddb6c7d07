"""Reads log trees into histories of their own, and says what came of it. Shared by the tests that prove totals."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tokentray.agents import AGENTS
from tokentray.agents.base import Agent
from tokentray.clock import FixedClock, UtcSeconds, UtcZone, Zone
from tokentray.engine.refresh import refresh
from tokentray.engine.scanner import ScanResult
from tokentray.model import UsageRow
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

NOON = FixedClock(UtcSeconds(1_790_000_000))
HOME_OF = {"claude-code": "CLAUDE_CONFIG_DIR", "codex": "CODEX_HOME"}
"""The variable by which each agent is told where its logs are."""

COUNTS = (
    "requests",
    "input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "web_search_requests",
)
# Everything that could differ between two histories of the same calls, by names and not by ids.
_EVENTS = """
SELECT e.message_key, e.request_key, s.name, e.at, m.provider, m.name, e.tier, e.band, p.root, n.name, h.name,
  e.sidechain, e.input, e.output, e.reasoning, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.searches, e.caveats
FROM log_events e JOIN sources s ON s.id = e.source_id JOIN models m ON m.id = e.model_id
  JOIN projects p ON p.id = e.project_id JOIN sessions n ON n.id = e.session_id JOIN machines h ON h.id = e.machine_id
ORDER BY 1, 2
"""
_BUCKETS = """
SELECT b.start, b.width, s.name, b.feed, m.provider, m.name, b.tier, b.band, p.root, b.requests, b.input, b.output,
  b.reasoning, b.cache_read, b.cache_write_5m, b.cache_write_1h, b.searches, b.caveats, c.input, c.output, c.cache_read
FROM usage_buckets b JOIN sources s ON s.id = b.source_id JOIN models m ON m.id = b.model_id
  JOIN projects p ON p.id = b.project_id LEFT JOIN prices c ON c.id = b.price_id
ORDER BY b.start, s.name, m.provider, m.name, b.tier, b.band, p.root
"""
Dump = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]


def read_logs(
    history: Path,
    home: Path,
    env: Mapping[str, str] | None = None,
    agents: Sequence[Agent] = AGENTS,
    should_stop: Callable[[], bool] = lambda: False,
) -> ScanResult:
    """One refresh with a writer of its own, as a process of its own would do it."""
    writer = Writer(history)
    try:
        return refresh(writer, clock=NOON, agents=agents, env=env or {}, home=home, should_stop=should_stop)
    finally:
        writer.close()


def dump(history: Path) -> Dump:
    """Every event and every bucket of a history, without the ids that depend on the order of reading."""
    connection = sqlite3.connect(f"{history.absolute().as_uri()}?mode=ro", uri=True)
    try:
        return connection.execute(_EVENTS).fetchall(), connection.execute(_BUCKETS).fetchall()
    finally:
        connection.close()


def grouped(
    history: Path,
    by: Iterable[str] = (),
    where: Iterable[tuple[str, str]] = (),
    zone: Zone | None = None,
) -> list[UsageRow]:
    """Usage of a history by some keys."""
    with History(history) as opened:
        return opened.usage(UsageQuery(by=tuple(by), where=tuple(where)), zone or UtcZone())


def cells(
    history: Path, by: Sequence[str], where: Iterable[tuple[str, str]] = ()
) -> dict[tuple[str, ...], tuple[int, ...]]:
    """Counts in the order of COUNTS, by the values of some keys."""
    return {
        tuple(value for _, value in row.keys): tuple(getattr(row, name) for name in COUNTS)
        for row in grouped(history, by, where)
    }


def skipped(history: Path) -> dict[str, int]:
    """What was passed over, by kind."""
    with History(history) as opened:
        return {row.kind: row.lines for row in opened.skipped()}
