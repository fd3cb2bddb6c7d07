"""All that changes the history. Every public function is one transaction: it happens whole or not at all.

Events carry durable keys, so applying the same ones again changes nothing, and the order in which they come
does not matter: the larger reading of a call wins, its time is the earliest seen, and a parent's line is
preferred to a sub-agent's.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tokentray.clock import BUCKET_S
from tokentray.errors import TokenTrayError
from tokentray.ledger import Outcome
from tokentray.model import Basis, ExportRecord, LogEvent, Price
from tokentray.store import exports, polls, pricing
from tokentray.store.account_rows import AccountRow, accounts
from tokentray.store.applying import Applied, Applying, FindPrices
from tokentray.store.buckets import BUCKET_COLUMNS, DIRTY_BUCKETS
from tokentray.store.connection import open_writer, store_errors, transaction
from tokentray.store.names import Names
from tokentray.store.queries import FileRow, log_files, log_sightings
from tokentray.store.remembered import count_change
from tokentray.store.told import Told

_EVENT_COLUMNS = (
    "message_key, request_key, source_id, at, model_id, tier, band, project_id, session_id, machine_id, sidechain,"
    " input, output, reasoning, cache_read, cache_write_5m, cache_write_1h, searches, caveats"
)
_COUNTS = "output, input, cache_read, cache_write_5m, cache_write_1h, reasoning, tier, searches, caveats"
_NEW_COUNTS = ", ".join(f"excluded.{name}" for name in _COUNTS.split(", "))

# Which line of a call is kept: the one with more output, then more of everything else, last by the model's name,
# so that any order of reading ends at the same row.
_MODEL_NAME = "(SELECT provider, name FROM models WHERE id = {})"
_WINS = (
    f"(({_NEW_COUNTS}) > ({_COUNTS}) OR (excluded.model_id <> model_id AND ({_NEW_COUNTS}) = ({_COUNTS})"
    f" AND {_MODEL_NAME.format('excluded.model_id')} > {_MODEL_NAME.format('log_events.model_id')}))"
)
_KEPT = ", ".join(
    f"{name} = CASE WHEN {_WINS} THEN excluded.{name} ELSE {name} END"
    for name in [*_COUNTS.split(", "), "model_id", "band"]
)
# Whose call it is: a parent's rather than a sub-agent's; of several that repeat it, the first by name.
_BELONGS = """(excluded.sidechain < sidechain OR (excluded.sidechain = sidechain
  AND (excluded.session_id <> session_id OR excluded.project_id <> project_id)
  AND ((SELECT name FROM sessions WHERE id = excluded.session_id),
       (SELECT root FROM projects WHERE id = excluded.project_id))
    < ((SELECT name FROM sessions WHERE id = session_id), (SELECT root FROM projects WHERE id = project_id))))"""
_OWNED = ", ".join(
    f"{name} = CASE WHEN {_BELONGS} THEN excluded.{name} ELSE {name} END"
    for name in ("project_id", "session_id", "machine_id", "sidechain")
)
_UPSERT = f"""
INSERT INTO log_events ({_EVENT_COLUMNS}) SELECT {_EVENT_COLUMNS} FROM temp.incoming WHERE true
ON CONFLICT (message_key, request_key) DO UPDATE SET at = MIN(at, excluded.at), {_KEPT}, {_OWNED}
"""

_PRICED = ("usage_buckets", "metered_buckets")
_REBUILD = f"INSERT INTO usage_buckets ({BUCKET_COLUMNS}) {DIRTY_BUCKETS}"


class FileRead(NamedTuple):
    """How far a log file was read in this batch. restarted: its earlier skip counts no longer hold.

    plan_type: the plan that its lines last named, "" for none. read_from: where this batch began, so that two
    processes reading at once count what they pass over once.
    """

    path: str
    agent: str
    identity: str
    size: int
    mtime_ns: int
    offset: int
    tail_check: int
    state: str
    restarted: bool
    read_from: int
    skipped: Mapping[str, int]
    plan_type: str = ""


class Batch(NamedTuple):
    """Events of one agent and the files they came from, applied together."""

    source_id: int
    machine: str
    events: Sequence[LogEvent]
    files: Sequence[FileRead]


class Writer:
    """The writing connection of whoever reads logs or changes what the person told us. Raises StoreError throughout."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = open_writer(path)
        self._names = {table: Names(self._db, table) for table in ("models", "projects", "sessions", "machines")}
        self._bands: dict[int, tuple[int, ...]] = {}

    @property
    def connection(self) -> sqlite3.Connection:
        """For reading one's own writes on the same thread."""
        return self._db

    def close(self) -> None:
        """Finish: what is committed stays, the write-ahead log is folded in where nobody else reads."""
        self._db.close()

    def source(self, kind: str, name: str, label: str, provider: str, now_utc: int) -> int:
        """The id of a source, made where it is new."""
        known = self.known_source(kind, name)
        if known is not None:
            return known
        with self._transaction():
            self._db.execute(
                "INSERT INTO sources (kind, name, label, provider, created_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (kind, name, label, provider, now_utc),
            )
        return self.source(kind, name, label, provider, now_utc)

    def models(self) -> dict[int, tuple[str, str]]:
        """Every model seen: id to (provider, name)."""
        with store_errors(self._path):
            return {row[0]: (row[1], row[2]) for row in self._db.execute("SELECT id, provider, name FROM models")}

    def log_sightings(self, agent: str) -> dict[str, tuple[str, int, int]]:
        """How every file of an agent looked when it was last read."""
        with store_errors(self._path):
            return log_sightings(self._db, agent)

    def log_files(self, agent: str, paths: Iterable[str]) -> dict[str, FileRow]:
        """Marks of those of an agent's files that were read before."""
        with store_errors(self._path):
            return log_files(self._db, agent, paths)

    def new_models(self, events: Iterable[LogEvent]) -> set[tuple[str, str]]:
        """(provider, model) pairs among events that have no row yet."""
        models = self._names["models"]
        with store_errors(self._path):
            return {pair for pair in {(event.provider, event.model) for event in events} if not models.knows(pair)}

    def add_models(self, prices: Mapping[tuple[str, str], Sequence[Price]], now_utc: int) -> None:
        """Give new models their rows and list prices."""
        if not prices:
            return
        with self._transaction():
            for pair, rows in prices.items():
                pricing.set_prices(self._db, self._names["models"].id_of(pair), rows, now_utc)

    def reprice(self, prices: Mapping[int, Sequence[Price]], data_date: str, digest: str, now_utc: int) -> None:
        """Apply a newer price table to the models seen: unpriced use is priced, a changed past is a correction."""
        with self._transaction():
            self._rebuild()
            before = {}
            for model_id, rows in prices.items():
                costs = [pricing.priced_costs(self._db, model_id, table) for table in _PRICED]
                if pricing.set_prices(self._db, model_id, rows, now_utc):
                    before[model_id] = costs
            self._rebuild()
            for model_id, costs in before.items():
                for table, was in zip(_PRICED, costs, strict=True):  # apart: both may tell of the same use
                    after = pricing.priced_costs(self._db, model_id, table)
                    pricing.record_correction(self._db, model_id, was, after, now_utc)
            self._db.execute(
                "INSERT INTO meta (key, value) VALUES ('price_table', ?)"
                " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (f"{data_date} {digest}",),
            )
        self._bands.clear()

    def price_table(self) -> tuple[str, str]:
        """Date (YYYY-MM-DD) and digest of the price table that was applied last, "" for none."""
        with store_errors(self._path):
            row = self._db.execute("SELECT value FROM meta WHERE key = 'price_table'").fetchone()
        data_date, _, digest = str(row[0] if row else "").partition(" ")
        return data_date, digest

    def apply(self, batch: Batch) -> None:
        """Add a batch of events and the marks of their files. Buckets stay behind until rebuild()."""
        with self._transaction():
            if batch.events:
                self._stage(batch)
                self._mark_dirty()
                self._db.execute(_UPSERT)
                self._db.execute("DELETE FROM temp.incoming")
            for file in batch.files:
                self._file(file)

    def rebuild(self) -> bool:
        """Bring the buckets up to their events. True where anything was behind."""
        with store_errors(self._path):
            if self._db.execute("SELECT 1 FROM dirty_buckets LIMIT 1").fetchone() is None:
                return False
        with self._transaction():
            self._rebuild()
        return True

    def set_file_problems(self, agent: str, problems: Mapping[str, str]) -> None:
        """Files of an agent that cannot be read at all: path to kind of skip. Replaces what was known."""
        with store_errors(self._path):
            known = dict(
                self._db.execute("SELECT path, kind FROM skipped WHERE agent = ? AND whole_file = 1", (agent,))
            )
        if known == dict(problems):
            return
        with self._transaction():
            self._db.execute("DELETE FROM skipped WHERE agent = ? AND whole_file = 1", (agent,))
            self._db.executemany(
                "INSERT OR REPLACE INTO skipped (path, kind, agent, count, whole_file) VALUES (?, ?, ?, 1, 1)",
                [(path, kind, agent) for path, kind in problems.items()],
            )

    def known_source(self, kind: str, name: str) -> int | None:
        """The id of a source that was seen before."""
        with store_errors(self._path):
            row = self._db.execute("SELECT id FROM sources WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return int(row[0]) if row else None

    def mark_looked_at(self, source_id: int, at_utc: int) -> None:
        """Remember that a part of a source was read, whatever is known to be wrong with the rest."""
        with self._transaction():
            self._db.execute("UPDATE sources SET read_at = ? WHERE id = ?", (at_utc, source_id))

    def mark_read(self, source_id: int, at_utc: int, error: str = "") -> None:
        """Remember when a source was last looked at whole, or why it could not be."""
        with self._transaction():
            if error:
                self._db.execute("UPDATE sources SET error = ? WHERE id = ?", (error, source_id))
            else:
                self._db.execute("UPDATE sources SET read_at = ?, error = '' WHERE id = ?", (at_utc, source_id))

    @contextmanager
    def telling(self) -> Iterator[Told]:
        """One change of what the person told us: read and written in one transaction, undone where it raises."""
        with self._transaction():
            yield Told(self._db)
            count_change(self._db)

    def accounts(self) -> list[AccountRow]:
        """The accounts that have a key."""
        with store_errors(self._path):
            return accounts(self._db)

    def lease(self, account_id: int, owner: str, now_utc: int, lease_s: int) -> bool:
        """Take an account to poll it, or go on holding it. False while somebody else does. owner: never ""."""
        with self._transaction():
            return polls.lease(self._db, account_id, owner, now_utc, lease_s)

    def apply_outcome(
        self,
        account_id: int,
        owner: str,
        outcome: Outcome,
        feeds: Mapping[Basis, int],
        now_utc: int,
        find_prices: FindPrices,
        asked: Basis | None = None,
    ) -> Applied:
        """Keep what a poll brought, whole or not at all. feeds: for how many days each feed's figures still change.

        asked: the feed that was read, which counts as read even where nothing could be told of it.

        Raises LeaseLostError where the account is somebody else's to read by now.
        """
        with self._transaction():
            polls.check_lease(self._db, account_id, owner)
            applying = Applying(self._db, self._names["models"], account_id, feeds, now_utc, find_prices)
            return applying.apply(outcome, asked)

    def release(
        self,
        account_id: int,
        owner: str,
        now_utc: int,
        *,
        error: TokenTrayError | None = None,
        not_before_utc: int = 0,
        contacted: bool = True,
    ) -> None:
        """The end of a poll. not_before_utc: no scheduled poll earlier. contacted: whether the provider was asked."""
        with self._transaction():
            polls.release(self._db, account_id, owner, now_utc, error, not_before_utc, contacted)

    def add_export(self, record: ExportRecord) -> int:
        """Remember that a month was exported. Returns the id, whatever id the record has."""
        with self._transaction():
            return exports.add(self._db, record)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with transaction(self._db, self._path):
                yield
        except BaseException:
            for names in self._names.values():
                names.forget()
            self._bands.clear()
            raise

    def _stage(self, batch: Batch) -> None:
        # Without a key: one batch may hold a call twice, and the upsert below settles it.
        self._db.execute(f"CREATE TEMP TABLE IF NOT EXISTS incoming ({_EVENT_COLUMNS})")
        models, projects, sessions = (self._names[table].id_of for table in ("models", "projects", "sessions"))
        machine_id = self._names["machines"].id_of((batch.machine,))
        source_id, band_of = batch.source_id, self._band

        def rows() -> Iterator[tuple[int, ...]]:
            named, model_id, project_id, session_id = ("", "", "", ""), 0, 0, 0
            for event in batch.events:
                (
                    message, request, at, provider, model, tier, project, session, side,
                    fresh, output, reasoning, read, write_5m, write_1h, searches, caveats,
                ) = event  # fmt: skip
                # Most events share these names with the one before.
                if not model_id or (provider, model, project, session) != named:
                    named = provider, model, project, session
                    model_id, project_id = models((provider, model)), projects((project,))
                    session_id = sessions((session,))
                band = band_of(model_id, fresh + read + write_5m + write_1h)
                yield (
                    message, request, source_id, at, model_id, tier, band, project_id, session_id,
                    machine_id, side, fresh, output, reasoning, read, write_5m, write_1h, searches, caveats,
                )  # fmt: skip

        self._db.executemany(f"INSERT INTO temp.incoming VALUES ({', '.join('?' * 19)})", list(rows()))

    def _mark_dirty(self) -> None:
        """The quarters that events come to, and those they leave: a call moves where an earlier line is found.

        By message alone, for a new line can also take a replay of the same message out of the count.
        """
        quarter = f"/ {BUCKET_S} * {BUCKET_S}"
        self._db.execute(
            f"INSERT OR IGNORE INTO dirty_buckets SELECT DISTINCT at {quarter} FROM temp.incoming"
            f" UNION SELECT e.at {quarter} FROM temp.incoming i CROSS JOIN log_events e"
            " ON e.message_key = i.message_key"
        )

    def _rebuild(self) -> None:
        self._db.execute(
            f"DELETE FROM usage_buckets WHERE start IN (SELECT start FROM dirty_buckets)"
            f" AND width = {BUCKET_S} AND feed = 'logs'"
        )
        self._db.execute(_REBUILD)
        self._db.execute("DELETE FROM dirty_buckets")
        count_change(self._db)

    def _file(self, file: FileRead) -> None:
        row = self._db.execute("SELECT offset FROM log_files WHERE path = ?", (file.path,)).fetchone()
        known_to = row[0] if row else 0
        if known_to < file.read_from and not file.restarted:
            return  # a backup was put back while this was read: without a mark, what it lacks is read again
        first_to_read = file.restarted or known_to == file.read_from
        self._db.execute(
            "INSERT INTO log_files (path, agent, identity, size, mtime_ns, offset, tail_check, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET agent = excluded.agent,"
            " identity = excluded.identity, size = excluded.size, mtime_ns = excluded.mtime_ns,"
            " offset = excluded.offset, tail_check = excluded.tail_check, state = excluded.state",
            (
                file.path,
                file.agent,
                file.identity,
                file.size,
                file.mtime_ns,
                file.offset,
                file.tail_check,
                file.state,
            ),
        )
        if file.plan_type:
            self._db.execute(
                "INSERT INTO agent_plans (agent, plan_type, seen_at) VALUES (?, ?, ?) ON CONFLICT (agent) DO UPDATE SET"
                " plan_type = excluded.plan_type, seen_at = excluded.seen_at WHERE excluded.seen_at >= seen_at",
                (file.agent, file.plan_type, file.mtime_ns // 10**9),
            )
        if file.restarted:
            self._db.execute("DELETE FROM skipped WHERE path = ? AND whole_file = 0", (file.path,))
        for kind, count in file.skipped.items() if first_to_read else ():
            self._db.execute(
                "INSERT INTO skipped (path, kind, agent, count, whole_file) VALUES (?, ?, ?, ?, 0)"
                " ON CONFLICT (path, kind) DO UPDATE SET count = count + excluded.count",
                (file.path, kind, file.agent, count),
            )

    def _band(self, model_id: int, input_tokens: int) -> int:
        thresholds = self._bands.get(model_id)
        if thresholds is None:
            thresholds = self._bands[model_id] = pricing.bands(self._db, model_id)
        band = 0
        for threshold in thresholds:
            if input_tokens > threshold:
                band = threshold
        return band
