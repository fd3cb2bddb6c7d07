"""Whether what a backup holds can be a history: every value within bounds, every id with its row.

Types and the schema's own rules are checked by SQLite as rows go into the fresh file; this is what comes on top, so
that nothing which is restored can make a later query fail. Nothing here writes.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from tokentray.errors import StoreError
from tokentray.model import TIERS
from tokentray.store import account_rows, exports, pricing, schema, told

Columns = Mapping[str, Sequence[str]]

NAMED: Mapping[str, str] = {
    "source_id": "sources",
    "model_id": "models",
    "project_id": "projects",
    "session_id": "sessions",
    "machine_id": "machines",
}
"""Columns that hold an id, and the table it is of."""

_LATEST_UTC = 4_102_444_800
"""2100-01-01: no reader and no clock gives a later time, and every day up to the last is walked in some views."""
_MOST = 2**62
"""Sums stay within 63 bits as long as everything together does."""
_COUNTS = (
    "requests", "input", "output", "reasoning", "cache_read", "cache_write_5m", "cache_write_1h", "searches",
)  # fmt: skip
_INSTANTS = (
    "at", "start", "until", "complete_to", "since", "seen_at", "created_at", "added_at", "superseded_at", "read_at",
    "removed_at",
)  # fmt: skip
_CURRENCIES = ("currency", "base", "quote")
_DAYS = ("day", "first_day", "last_day", "valid_from")
_OTHERS = {
    **dict.fromkeys((*_COUNTS, "band", "caveats", "web_search", "buckets"), f"BETWEEN 0 AND {_MOST}"),
    **dict.fromkeys(_INSTANTS, f"BETWEEN 0 AND {_LATEST_UTC}"),
    **dict.fromkeys(_CURRENCIES, "GLOB '[A-Z][A-Z][A-Z]'"),
    "id": f"BETWEEN 1 AND {_MOST}",  # from the largest there can be, SQLite would give none to the next row
    "tier": f"BETWEEN 0 AND {len(TIERS) - 1}",
    "sidechain": "IN (0, 1)",
    "assumed": "IN (0, 1)",
    "month": "GLOB '20[0-9][0-9]-[01][0-9]'",
    "digest": "NOT GLOB '*[^0-9a-f]*' AND length(digest) = 64",
    "format": "NOT GLOB '*[^a-z]*' AND length(format) BETWEEN 1 AND 16",
    "amount_nanos": f"BETWEEN {-(10**18)} AND {10**18}",
    "fee_nanos": f"BETWEEN 0 AND {10**18}",
    "rate_nanos": f"BETWEEN 0 AND {10**18}",
    "quantity_nanos": f"BETWEEN 0 AND {10**18}",
}
_BILLS = ("billed_buckets", "billed_intervals")
_TYPED: Mapping[str, Sequence[str]] = {
    "sources": ("name", "label", "provider", "error"),
    "reference_points": ("name",),
    "plans": ("name", "provider"),
    "payer_rules": ("agent", "provider", "project"),
    "charges": ("provider", "text"),
    "notes": ("text", "project", "of_what"),
    "accounts": ("base_url", "kind", "holder", "scope"),
    "account_keys": ("key_name", "name"),
}
"""Texts that go to a terminal as they are, for nobody could type what harms one. Names out of logs do not."""
_CONTROLS = "*[\x01-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*"
_LONGEST_TEXT = 1000
_DAY = "GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
_MEANT = f"BETWEEN '{told.FIRST_YEAR}-01-01' AND '{told.LAST_YEAR}-12-31'"
_SHOWN = 40


def check(connection: sqlite3.Connection, columns: Columns, path: Path) -> None:
    """Raise StoreError at the first thing that cannot be. columns: those of each table that was taken over."""
    for table, names in columns.items():
        _check_values(connection, table, names, path)
        counts = [name for name in names if name in _COUNTS and table != "prices"]
        _check_sum(connection, table, [*counts, *(["amount_nanos"] if table in _BILLS else [])], path)
    _check_payers(connection, path)
    try:
        pricing.corrections(connection)
        told.payer_rules(connection)
        told.charges(connection)
        told.notes(connection)
        exports.exports(connection)
        told.exchange_rates(connection)
        told.reference_points(connection)
        plans = told.plans(connection)
        account_rows.revisions(connection, -1)
    except (ValueError, ArithmeticError) as exc:
        raise wrong(path, f"a date or an amount that is none ({exc})") from exc
    try:
        account_rows.accounts(connection, removed=True)
    except StoreError as exc:
        raise wrong(path, exc.message) from exc
    for plan in plans:
        for one, following in pairwise(plan.terms):
            if one.last_day is None or one.last_day >= following.first_day:
                raise wrong(path, f"two terms of one plan at once, from {following.first_day} on")


def _check_values(connection: sqlite3.Connection, table: str, columns: Iterable[str], path: Path) -> None:
    """A value that is none (NULL) passes: whether there may be none is for the schema to say."""
    rules = {column: held for column in columns if (held := rule(table, column))}
    if not rules:
        return
    broken = " OR ".join(f"NOT ({held})" for held in rules.values())
    row = connection.execute(f"SELECT {', '.join(rules)} FROM {table} WHERE {broken} LIMIT 1").fetchone()
    if row is None:
        return
    for (column, held), value in zip(rules.items(), row, strict=True):
        if connection.execute(f"SELECT NOT ({held}) FROM (SELECT ? AS {column})", (value,)).fetchone()[0]:
            raise wrong(path, f"{column} of a row in {table} cannot be {repr(value)[:_SHOWN]}")


def rule(table: str, column: str) -> str:
    """What holds for every value of a column, as SQL; "" where any will do."""
    if column in NAMED:
        none = f" OR {column} = 0" if table in (*_BILLS, "metered_buckets", "revisions") else ""  # what is no model's
        return f"{column} IN (SELECT id FROM {NAMED[column]}){none}"
    if column in _TYPED.get(table, ()):
        readable = f"{column} NOT GLOB '{_CONTROLS}' AND instr({column}, char(0)) = 0"
        return f"{readable} AND length({column}) <= {_LONGEST_TEXT}"
    if column == "price_id":
        return "price_id IN (SELECT id FROM prices)"
    if column in _DAYS:
        within = f"BETWEEN {schema.OPEN_START} AND {schema.OPEN_END}"
        return f"{column} {within}" if table == "prices" else f"{column} {_DAY} AND {column} {_MEANT} OR {column} = ''"
    return f"{column} {_OTHERS[column]}" if column in _OTHERS else ""


def _check_sum(connection: sqlite3.Connection, table: str, columns: Iterable[str], path: Path) -> None:
    total = 0
    for column in columns:
        try:
            total += connection.execute(f"SELECT COALESCE(SUM(ABS({column})), 0) FROM {table}").fetchone()[0]
        except sqlite3.OperationalError as exc:  # SQLite's word for more than 63 bits
            raise wrong(path, f"{column} in {table} adds up to more than can be counted") from exc
    if total > _MOST:
        raise wrong(path, f"{table} adds up to more than can be counted")


def _check_payers(connection: sqlite3.Connection, path: Path) -> None:
    row = connection.execute(
        "SELECT payer, payer_id FROM payer_rules WHERE (payer = 'plan' AND payer_id NOT IN (SELECT id FROM plans))"
        " OR (payer = 'account' AND payer_id NOT IN (SELECT id FROM sources WHERE kind = 'account')) LIMIT 1"
    ).fetchone()
    if row is not None:
        raise wrong(path, f"a payer rule names {row[0]}:{row[1]}, which is not there")


def wrong(path: Path, reason: str) -> StoreError:
    """What a backup is refused with that does not hold together."""
    return StoreError("The backup does not hold together", f"{path}: {reason}", "Nothing was changed")
