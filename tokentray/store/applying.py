"""What a poll of an account brought, put into the history. Inside a transaction of the writer's, under its lease.

A window replaces what there is, UTC day by UTC day, as far as the provider still changes its figures; older days are
only ever added to. A day is not taken away on one answer's word: see _believed.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S
from tokentray.errors import ChangedAnswerError
from tokentray.ledger import IntervalRow, Outcome, Reading, Report, Window
from tokentray.model import Basis, Price
from tokentray.store import pricing
from tokentray.store.account_rows import covers, memory_text
from tokentray.store.answer_rows import Rows, answer_rows, is_less, is_more, less_than_half, stored_rows, write_rows
from tokentray.store.coverage import Cover, is_complete, is_covered, pieces, with_answer
from tokentray.store.names import Names
from tokentray.store.remembered import count_change

FindPrices = Callable[[str, str], Sequence[Price]]
_AGREES_AFTER_S = 3600
MOST_MODELS = 5_000
"""Of a provider, ever; the largest sells some hundreds. Names are kept for ever, so answers could fill the disk."""
MOST_KEYS = 10_000
"""Names of keys of an account. They are for the eye alone: those beyond are shown by their ids."""
MOST_REVISIONS = 20_000
"""Of an account; older ones are forgotten."""


class Applied(NamedTuple):
    """changed: whether anything that is shown did. held_back: days that the answer would have taken away."""

    changed: bool
    held_back: int


class Applying:
    """One outcome on its way into the history. corrects_days: by feed, how long the provider changes its figures."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        models: Names,
        account_id: int,
        corrects_days: Mapping[Basis, int],
        now_utc: int,
        find_prices: FindPrices,
    ) -> None:
        self._db = connection
        self._models = models
        self._account = account_id
        self._corrects_days = corrects_days
        self._now_utc = now_utc
        self._find_prices = find_prices
        row = connection.execute("SELECT provider FROM sources WHERE id = ?", (account_id,)).fetchone()
        self._provider = str(row[0])
        self._changed = False
        self._revised = False
        self._held_back = 0
        self._model_count = -1

    def apply(self, outcome: Outcome, asked: Basis | None = None) -> Applied:
        """Everything of it. asked: see Writer.apply_outcome.

        Raises ChangedAnswerError for more models than there are, ValueError for what no provider may hand over.
        """
        for report in outcome.reports:
            self._report(report)
        for basis in {report.basis for report in outcome.reports} | ({asked} if asked else set()):
            self._set("INSERT OR REPLACE INTO feed_reads VALUES (?, ?, ?)", basis.value, self._now_utc)
            if outcome.ends:
                self._set("INSERT OR IGNORE INTO feed_ends VALUES (?, ?)", basis.value)
        for interval in outcome.intervals:
            self._interval(interval)
        for reading in outcome.readings:
            self._reading(reading)
        self._keys(outcome.keys)
        if outcome.memory is not None:
            self._db.execute(
                "UPDATE accounts SET memory = ? WHERE source_id = ?", (memory_text(outcome.memory), self._account)
            )
        if self._revised:
            self._db.execute(
                "DELETE FROM revisions WHERE source_id = ?1 AND id <= (SELECT id FROM revisions WHERE source_id = ?1"
                " ORDER BY id DESC LIMIT 1 OFFSET ?2)",
                (self._account, MOST_REVISIONS),
            )
        if self._changed:
            count_change(self._db)
        return Applied(self._changed, self._held_back)

    def _report(self, report: Report) -> None:
        basis, window = report.basis, report.window
        if window.start_utc % BUCKET_S or window.end_utc % BUCKET_S or window.end_utc <= window.start_utc:
            raise ValueError(f"a window of {window}")
        rows = answer_rows(self._db, report, self._account, self._model)
        known = covers(self._db, self._account).get((self._account, basis), [])
        # Nothing, up to no time, is no word on what was told before, as of a bill that is not told any more.
        tells = bool(rows) or report.complete_to_utc > window.start_utc
        held_back = self._held_back
        for piece in pieces(window) if tells else ():
            inside = {key: value for key, value in rows.items() if piece.start_utc <= key[0] < piece.end_utc}
            self._piece(basis, piece, inside, known)
        if self._held_back > held_back:
            # What it says of days that nothing was known of, and how far it is complete, is worth no more than that.
            return
        now = with_answer(known, window, report.complete_to_utc)
        if now != known:
            self._keep_covers(basis, now)

    def _piece(self, basis: Basis, piece: Window, said: Rows, known: Sequence[Cover]) -> None:
        """What was said of one UTC day, or of the part of it that the window has."""
        held = stored_rows(self._db, basis, self._account, piece)
        if is_covered(known, piece):
            if not self._believed(basis, piece, held, said):
                return
            is_open = piece.end_utc + self._corrects_days[basis] * DAY_S > self._now_utc
            if is_open or is_more(said, held):
                self._revise(basis, held, said, known)
            else:
                said = held
        self._set("DELETE FROM doubts WHERE source_id = ? AND feed = ? AND start = ?", basis.value, piece.start_utc)
        if write_rows(self._db, basis, held, said):
            self._changed = True

    def _believed(self, basis: Basis, piece: Window, held: Rows, said: Rows) -> bool:
        """Whether an answer is taken for what it says. One that takes away more than half is asked for once more, at
        least an hour later, for a lost scope and an empty page look like a day without use.
        """
        if not less_than_half(said, held):
            return True
        key = (self._account, basis.value, piece.start_utc)
        row = self._db.execute(
            "SELECT since FROM doubts WHERE source_id = ? AND feed = ? AND start = ?", key
        ).fetchone()
        # A doubt that begins in the future is of before the clock was set back.
        if row is not None and row[0] <= self._now_utc - _AGREES_AFTER_S:
            return True
        if row is None or row[0] > self._now_utc:
            self._db.execute("INSERT OR REPLACE INTO doubts VALUES (?, ?, ?, ?)", (*key, self._now_utc))
        self._held_back += 1
        return False

    def _revise(self, basis: Basis, held: Rows, said: Rows, known: Sequence[Cover]) -> None:
        """Write down what goes, and what changes though it was complete. A bucket that is still counted only grows."""
        for key, before in held.items():
            after = said.get(key)
            if after == before:
                continue
            was_complete = is_complete(known, Window(key[0], key[0] + key[1]))
            if after is not None and not was_complete and not is_less(after, before):
                continue
            start, width, account, model_id, tier, band, item, key_name, currency = key
            self._revised = True
            self._db.execute(
                "INSERT INTO revisions (at, source_id, feed, start, width, model_id, tier, band, item, key_name,"
                " currency, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self._now_utc, account, basis.value, start, width, model_id, tier, band, item, key_name, currency,
                    _text(before), _text(after),
                ),
            )  # fmt: skip

    def _keep_covers(self, basis: Basis, stretches: Sequence[Cover]) -> None:
        self._set("DELETE FROM feed_spans WHERE source_id = ? AND feed = ?", basis.value)
        for stretch in stretches:
            self._set("INSERT INTO feed_spans VALUES (?, ?, ?, ?, ?)", basis.value, *stretch)
        self._changed = True

    def _interval(self, interval: IntervalRow) -> None:
        if interval.start_utc % BUCKET_S or interval.end_utc % BUCKET_S or interval.end_utc <= interval.start_utc:
            raise ValueError("an interval that does not begin and end on quarter hours")
        if not interval.amount:
            return
        self._db.execute(
            "INSERT INTO billed_intervals (source_id, start, until, model_id, item, currency, amount_nanos)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET amount_nanos = amount_nanos + excluded.amount_nanos",
            (
                self._account, interval.start_utc, interval.end_utc, self._model(interval.model), interval.item,
                interval.currency, interval.amount,
            ),
        )  # fmt: skip
        self._changed = True

    def _reading(self, reading: Reading) -> None:
        self._set(
            "INSERT OR REPLACE INTO readings (source_id, name, currency, at, amount_nanos) VALUES (?, ?, ?, ?, ?)",
            reading.name,
            reading.currency,
            reading.at_utc,
            reading.amount,
        )

    def _keys(self, keys: Mapping[str, str]) -> None:
        known = dict(self._db.execute("SELECT key_name, name FROM account_keys WHERE source_id = ?", (self._account,)))
        for key, name in keys.items():
            if known.get(key) != name and (key in known or len(known) < MOST_KEYS):
                known[key] = name
                self._set("INSERT OR REPLACE INTO account_keys (source_id, key_name, name) VALUES (?, ?, ?)", key, name)
                self._changed = True

    def _model(self, name: str) -> int:
        """The id of a model as the provider names it, 0 for none. A new one gets its prices, which logs then share."""
        if not name:
            return 0
        pair = (self._provider, name)
        is_new = not self._models.knows(pair)
        if is_new:
            self._check_models()
        model_id = self._models.id_of(pair)
        if is_new:
            pricing.set_prices(self._db, model_id, self._find_prices(*pair), self._now_utc)
        return model_id

    def _check_models(self) -> None:
        """Raise where a provider has named so many models that no further one can be meant."""
        if self._model_count < 0:
            counted = self._db.execute("SELECT COUNT(*) FROM models WHERE provider = ?", (self._provider,))
            self._model_count = int(counted.fetchone()[0])
        self._model_count += 1
        if self._model_count > MOST_MODELS:
            raise ChangedAnswerError(
                "Answer too large",
                f"it names more than {MOST_MODELS:,} models",
                "See whether a newer TokenTray reads it",
            )

    def _set(self, sql: str, *values: str | int) -> None:
        """A statement whose first value is the account."""
        self._db.execute(sql, (self._account, *values))


def _text(value: tuple[int, ...] | None) -> str:
    """A bucket's value as it stands in a revision."""
    return "" if value is None else " ".join(map(str, value[:8]))
