"""What the history holds of each agent in all, for the setup. Read whole, so kept while the history stays as it is."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from tokentray.clock import OffsetSpan, Zone, offset_spans
from tokentray.model import UsageRow
from tokentray.store.history import History
from tokentray.store.queries import Held
from tokentray.store.usage import UsageQuery

_REST = 20
"""While logs are read, the history is not read whole again before this many times as long as that took has passed."""


class Holding(NamedTuple):
    """What is held of one agent. rows: its use by day, oldest first."""

    files: int = 0
    sessions: int = 0
    rows: Sequence[UsageRow] = ()

    @property
    def requests(self) -> int:
        return sum(row.requests for row in self.rows)

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day of its use."""
        used = [row.key("day") for row in self.rows if row.requests]
        return (date.fromisoformat(used[0]), date.fromisoformat(used[-1])) if used else None


class Holdings:
    """What was last read, and of which history."""

    def __init__(self) -> None:
        self._of: tuple[str, tuple[OffsetSpan, ...]] | None = None
        self._not_before = 0.0
        self._lags = False
        self._rows: Mapping[str, Sequence[UsageRow]] = {}
        self._held = Held()

    @property
    def projects(self) -> tuple[str, ...]:
        """Names of the projects seen, those with the most requests first."""
        return self._held.projects

    @property
    def providers(self) -> tuple[str, ...]:
        """Providers as logged, those with the most requests first."""
        return self._held.providers

    def read(self, history: History, zone: Zone, *, reading: bool) -> None:
        """Bring it up to the history. reading: logs are being written, so it may lag a little. Raises StoreError."""
        bounds = history.bounds()
        wanted = history.changes(), offset_spans(*bounds, zone) if bounds else ()
        began = time.monotonic()
        self._lags = wanted != self._of and reading and self._of is not None and began < self._not_before
        if wanted == self._of or self._lags:
            return
        rows: dict[str, list[UsageRow]] = {}
        for row in history.usage(UsageQuery(("day", "agent")), zone):
            rows.setdefault(row.key("agent"), []).append(row)
        self._held = history.held()
        self._rows = rows
        self._of = wanted
        now = time.monotonic()
        self._not_before = now + _REST * (now - began)

    def lag_s(self) -> float | None:
        """When it should be read again, as it was left behind; None where it was not."""
        return max(0.0, self._not_before - time.monotonic()) if self._lags else None

    def rows(self) -> Iterator[UsageRow]:
        """All use by day and agent."""
        for rows in self._rows.values():
            yield from rows

    def of(self, agent: str) -> Holding:
        """What is held of an agent, by its id."""
        return Holding(self._held.files.get(agent, 0), self._held.sessions.get(agent, 0), self._rows.get(agent, ()))
