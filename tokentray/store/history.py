"""The history open for reading: one object with typed answers, for the layers above that know no SQL.

A history that does not exist yet reads as an empty one. SQLite's errors come out as StoreError.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from tokentray.clock import UtcZone, Zone
from tokentray.ledger import Reading
from tokentray.model import Charge, ExchangeRate, ExportRecord, Note, PayerRule, Plan, Price, ReferencePoint, UsageRow
from tokentray.store import account_rows, pricing, queries, remembered, told, usage
from tokentray.store.connection import open_reader, store_errors
from tokentray.store.usage import UsageQuery

if TYPE_CHECKING:
    from tokentray.store.reconcile import DayPair


class History:
    """Use as a context manager, on one thread at a time. path: None is a history with nothing in it.

    patience_s: how long a read waits for whoever holds the file; nothing breaks that wait off. None for the usual.
    """

    def __init__(self, path: Path | None, *, patience_s: float | None = None) -> None:
        self.path = path or Path("history.db")
        self._connection = open_reader(path, patience_s) if path else None

    def __enter__(self) -> "History":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()

    def interrupt(self) -> None:
        """End what is being read, from any thread: that read raises ReadInterruptedError. Nothing where none is."""
        if self._connection is not None:
            with suppress(sqlite3.ProgrammingError):  # closed meanwhile
                self._connection.interrupt()

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Have all that is read inside be of one moment, whatever others write meanwhile. Raises StoreError."""
        connection = self._connection
        if connection is None or connection.in_transaction:
            yield
            return
        with store_errors(self.path):
            connection.execute("BEGIN")
        try:
            yield
        finally:
            with suppress(sqlite3.Error):  # there is nothing to lose, and what went wrong inside is what matters
                connection.rollback()

    @property
    def exists(self) -> bool:
        """Whether there is a history at all."""
        return self._connection is not None

    def usage(self, query: UsageQuery, zone: Zone) -> list[UsageRow]:
        """See store.usage.usage. All of it is of one moment."""
        with self.one_moment(), store_errors(self.path):
            return usage.usage(self._connection, query, zone) if self._connection else []

    def bounds(self) -> tuple[int, int] | None:
        """First and last quarter hour with usage, as UTC seconds."""
        with store_errors(self.path):
            return usage.bounds(self._connection) if self._connection else None

    def sources(self) -> list[queries.SourceRow]:
        """Every source, in the order they were added."""
        with store_errors(self.path):
            return queries.sources(self._connection) if self._connection else []

    def agent_totals(self, source: queries.SourceRow) -> queries.AgentTotals:
        """What the history holds of one agent."""
        assert self._connection is not None, "a source comes from an open history"
        with store_errors(self.path):
            return queries.agent_totals(self._connection, source)

    def has_read(self) -> bool:
        """Whether it is known of any log file how far it was read."""
        with store_errors(self.path):
            return queries.has_read(self._connection) if self._connection else False

    def held(self) -> queries.Held:
        """What the history holds in all: reads every event."""
        with store_errors(self.path):
            return queries.held(self._connection) if self._connection else queries.Held()

    def changes(self) -> str:
        """A counter that moves with everything a snapshot is made of."""
        with store_errors(self.path):
            return remembered.changes(self._connection) if self._connection else "0"

    def version(self) -> int:
        """Another number whenever anybody else has written to the file since; only of this same object."""
        with store_errors(self.path):
            return queries.version(self._connection) if self._connection else 0

    def reference_points(self) -> list[ReferencePoint]:
        """All reference points, oldest date first."""
        with store_errors(self.path):
            return told.reference_points(self._connection) if self._connection else []

    def payer_rules(self) -> list[PayerRule]:
        """All payer rules, in the order in which they are applied."""
        with store_errors(self.path):
            return told.payer_rules(self._connection) if self._connection else []

    def plans(self) -> list[Plan]:
        """All plans with their terms, in the order they were added."""
        with store_errors(self.path):
            return told.plans(self._connection) if self._connection else []

    def charges(self) -> list[Charge]:
        """All charges, oldest first."""
        with store_errors(self.path):
            return told.charges(self._connection) if self._connection else []

    def notes(self, first: date | None = None, last: date | None = None) -> list[Note]:
        """Notes of some days, both ends included, oldest first."""
        with store_errors(self.path):
            return told.notes(self._connection, first, last) if self._connection else []

    def exports(self, month: str | None = None) -> list[ExportRecord]:
        """What was exported, newest first. month: only of that one, "2026-10"."""
        from tokentray.store.exports import exports  # for the few looks that need it

        with store_errors(self.path):
            return exports(self._connection, month) if self._connection else []

    def exchange_rates(self) -> list[ExchangeRate]:
        """All exchange rates, oldest date first."""
        with store_errors(self.path):
            return told.exchange_rates(self._connection) if self._connection else []

    def first_run_done(self) -> bool:
        """Whether the window of the first start was closed once."""
        with store_errors(self.path):
            return told.first_run_done(self._connection) if self._connection else False

    def monthly_since(self) -> date | None:
        """The first month that is to be exported by itself, by its first day; None where none is."""
        with store_errors(self.path):
            return told.monthly_since(self._connection) if self._connection else None

    def agent_plans(self) -> dict[str, str]:
        """The plan that an agent's own logs last named, by agent."""
        with store_errors(self.path):
            return told.agent_plans(self._connection) if self._connection else {}

    def accounts(self, removed: bool = False) -> list[account_rows.AccountRow]:
        """Accounts in the order in which they were added. removed: also those whose key is gone."""
        with store_errors(self.path):
            return account_rows.accounts(self._connection, removed=removed) if self._connection else []

    def poll_states(self) -> dict[int, account_rows.PollState]:
        """How polling stands, for every account."""
        with store_errors(self.path):
            return account_rows.poll_states(self._connection) if self._connection else {}

    def account_names(self) -> dict[int, dict[str, str]]:
        """What the ids are called that accounts go by, by account."""
        with store_errors(self.path):
            return account_rows.names(self._connection) if self._connection else {}

    def readings(self, account_id: int) -> dict[tuple[str, str], Reading]:
        """The last of each counter and balance of an account, by name and currency."""
        with store_errors(self.path):
            return account_rows.readings(self._connection, account_id) if self._connection else {}

    def doubts(self) -> list[account_rows.Doubt]:
        """Days of which an answer is held back, since it would take away more than half; oldest first."""
        with store_errors(self.path):
            return account_rows.doubts(self._connection) if self._connection else []

    def revisions(self, limit: int = 100) -> list[account_rows.Revision]:
        """What providers' later answers changed or removed, the newest first."""
        with store_errors(self.path):
            return account_rows.revisions(self._connection, limit) if self._connection else []

    def reconcile(self, from_utc_day: date, to_utc_day: date, zone: Zone | None = None) -> "list[DayPair]":
        """What accounts were billed beside what their tokens are worth, by UTC day. See store.reconcile.day_pairs."""
        from tokentray.store.reconcile import day_pairs  # for a view that few looks need

        with store_errors(self.path):
            return day_pairs(self._connection, from_utc_day, to_utc_day, zone or UtcZone()) if self._connection else []

    def skipped(self) -> list[queries.SkippedRow]:
        """What was passed over, by agent and kind."""
        with store_errors(self.path):
            return queries.skipped(self._connection) if self._connection else []

    def unpriced_models(self) -> list[tuple[str, int]]:
        """Models with tokens that no price covers, most tokens first."""
        with store_errors(self.path):
            return queries.unpriced_models(self._connection) if self._connection else []

    def models(self) -> list[tuple[str, str]]:
        """Provider and name of every model seen, in the order of both."""
        with store_errors(self.path):
            return queries.models(self._connection) if self._connection else []

    def list_prices(self, provider: str, model: str) -> list[Price]:
        """The list prices of a model that hold, by tier and band, oldest first; none for one without."""
        with store_errors(self.path):
            return pricing.list_prices(self._connection, provider, model) if self._connection else []

    def corrections(self) -> list[pricing.Correction]:
        """What newer price tables changed of days already priced."""
        with store_errors(self.path):
            return pricing.corrections(self._connection) if self._connection else []

    def salvaged(self) -> queries.Salvaged | None:
        """What came of it when this history was last found damaged, None where it never was."""
        with store_errors(self.path):
            return queries.salvaged(self._connection) if self._connection else None

    def integrity(self) -> str:
        """Says "ok", or what SQLite finds wrong with the file."""
        with store_errors(self.path):
            return queries.integrity(self._connection) if self._connection else "ok"

    @property
    def connection(self) -> sqlite3.Connection | None:
        """For tests that look at the tables themselves."""
        return self._connection
