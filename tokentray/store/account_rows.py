"""Accounts as the history keeps them, and how reading them stands. Typed reads; nothing here writes.

The key is not here but in the keyring, under the account's name.
"""

import sqlite3
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import DAY_S
from tokentray.errors import StoreError
from tokentray.ledger import ALL, Own, Reading, Window
from tokentray.model import Basis
from tokentray.money import Nanos, nanos_to_decimal
from tokentray.store.coverage import Cover, covered


class AccountRow(NamedTuple):
    """An account. name: "<provider>:<uuid>", which the keyring's item is called too.

    kind, holder, scope: what its key is, as in providers.base.Identity. counted: False where it sees the whole
    organisation and the person did not say that all of it counts. narrowed: limited to the person's own part, or theirs
    by construction. memory: what the provider wants to be handed again. removed_utc: its key is gone and its history
    kept; None while it is in use. error: why the last poll failed, "" for nothing.
    """

    id: int
    name: str
    provider: str
    label: str
    base_url: str
    kind: str
    holder: str
    scope: str
    own: Own
    counted: bool
    narrowed: bool
    memory: Mapping[str, str]
    created_utc: int
    removed_utc: int | None
    read_at_utc: int | None
    error: str


class PollState(NamedTuple):
    """How polling an account stands. started_utc: of the last poll. not_before_utc: no scheduled poll earlier.

    failures: in a row. error_code: of the last poll, "" where it went well. read_utc: when each feed was last read with
    success. covered: what need not be read again, merged, oldest first; whole UTC days, of which the last may be
    today's. complete_to: up to when each feed is complete. ended: those of which nothing older will ever be told.
    doubts: days of which an answer was held back, since it would take away more than half; doubted_from_utc: where
    the first of them begins.
    """

    started_utc: int = 0
    not_before_utc: int = 0
    failures: int = 0
    error_code: str = ""
    contacted_utc: int | None = None
    read_utc: Mapping[Basis, int] = {}
    covered: Mapping[Basis, tuple[Window, ...]] = {}
    complete_to: Mapping[Basis, int] = {}
    ended: frozenset[Basis] = frozenset()
    doubts: int = 0
    doubted_from_utc: int | None = None


class Doubt(NamedTuple):
    """A UTC day, by its first second, of which an answer was held back. since_utc: when it came first."""

    account_id: int
    basis: Basis
    day_utc: int
    since_utc: int


class Revision(NamedTuple):
    """What a provider's later answer changed of a bucket, or removed. key_name: the id of the API key.

    before, after: an amount in `currency`, or tokens where that is "".
    """

    at_utc: int
    account_id: int
    basis: Basis
    start_utc: int
    width_s: int
    model: str
    item: str
    key_name: str
    currency: str
    before: Decimal
    after: Decimal


def accounts(connection: sqlite3.Connection, *, removed: bool = False) -> list[AccountRow]:
    """Accounts in the order in which they were added. removed: also those whose key is gone. Raises StoreError."""
    rows = connection.execute(
        "SELECT s.id, s.name, s.provider, s.label, a.base_url, a.kind, a.holder, a.scope, a.own, a.counted, a.narrowed,"
        " a.memory, s.created_at, a.removed_at, s.read_at, s.error FROM accounts a JOIN sources s ON s.id = a.source_id"
        f" {'' if removed else 'WHERE a.removed_at IS NULL'} ORDER BY s.id"
    )
    found = []
    for *texts, own, counted, narrowed, memory, created, gone, read_at, error in rows:
        flags = bool(counted), bool(narrowed)
        try:
            rest = (own_of(own), *flags, _texts_of(memory), created, gone, read_at, error)
        except ValueError as exc:
            raise StoreError(
                "The history is damaged", f"it holds an account that is none ({exc})", "Restore a backup of it"
            ) from None
        found.append(AccountRow._make((*texts, *rest)))
    return found


def covers(connection: sqlite3.Connection, account_id: int | None = None) -> dict[tuple[int, Basis], list[Cover]]:
    """What was read of each feed, in order; of one account alone where it is named."""
    held: dict[tuple[int, Basis], list[Cover]] = {}
    for account, feed, *cover in connection.execute(
        "SELECT source_id, feed, start, until, complete_to FROM feed_spans WHERE source_id = COALESCE(?, source_id)"
        " ORDER BY start",
        (account_id,),
    ):
        held.setdefault((account, Basis(feed)), []).append(Cover(*cover))
    return held


def poll_states(connection: sqlite3.Connection) -> dict[int, PollState]:
    """How polling stands, for every account."""
    states = {row[0]: PollState() for row in connection.execute("SELECT source_id FROM accounts")}
    for account, *row in connection.execute(
        "SELECT source_id, started_at, not_before, failures, error_code, contacted_at FROM account_polls"
    ):
        states[account] = PollState(*row)
    read: dict[int, dict[Basis, int]] = {}
    for account, feed, at in connection.execute("SELECT source_id, feed, read_at FROM feed_reads"):
        read.setdefault(account, {})[Basis(feed)] = at
    known: dict[int, dict[Basis, list[Cover]]] = {}
    for (account, basis), stretches in covers(connection).items():
        known.setdefault(account, {})[basis] = stretches
    ended: dict[int, set[Basis]] = {}
    for account, feed in connection.execute("SELECT source_id, feed FROM feed_ends"):
        ended.setdefault(account, set()).add(Basis(feed))
    doubted = {
        row[0]: (row[1], row[2])
        for row in connection.execute("SELECT source_id, COUNT(*), MIN(start) FROM doubts GROUP BY source_id")
    }
    return {
        account: state._replace(
            read_utc=read.get(account, {}),
            covered={basis: covered(stretches) for basis, stretches in known.get(account, {}).items()},
            complete_to={
                basis: max(one.complete_to_utc for one in stretches)
                for basis, stretches in known.get(account, {}).items()
            },
            ended=frozenset(ended.get(account, ())),
            doubts=doubted.get(account, (0, None))[0],
            doubted_from_utc=doubted.get(account, (0, None))[1],
        )
        for account, state in states.items()
    }


def readings(connection: sqlite3.Connection, account_id: int) -> dict[tuple[str, str], Reading]:
    """The last of each counter and balance of an account, by name and currency."""
    rows = connection.execute(
        "SELECT name, currency, at, amount_nanos FROM readings WHERE source_id = ?", (account_id,)
    )
    return {(row[0], row[1]): Reading(row[0], row[1], row[2], Nanos(row[3])) for row in rows}


def names(connection: sqlite3.Connection) -> dict[int, dict[str, str]]:
    """What ids are called that an account goes by: its API keys, and whose part it reads."""
    named: dict[int, dict[str, str]] = {}
    for account, key, name in connection.execute("SELECT source_id, key_name, name FROM account_keys"):
        named.setdefault(account, {})[key] = name
    return named


def doubts(connection: sqlite3.Connection) -> list[Doubt]:
    """Days of which an answer is held back, oldest first."""
    rows = connection.execute("SELECT source_id, feed, start, since FROM doubts ORDER BY start, source_id, feed")
    return [Doubt(row[0], Basis(row[1]), row[2] // DAY_S * DAY_S, row[3]) for row in rows]


def revisions(connection: sqlite3.Connection, limit: int) -> list[Revision]:
    """What later answers changed or removed, the newest first."""
    rows = connection.execute(
        "SELECT r.at, r.source_id, r.feed, r.start, r.width, COALESCE(m.name, ''), r.item, r.key_name, r.currency,"
        " r.before, r.after FROM revisions r LEFT JOIN models m ON m.id = r.model_id ORDER BY r.id DESC LIMIT ?",
        (limit,),
    )
    return [
        Revision._make((*row[:2], Basis(row[2]), *row[3:9], _amount(row[9], row[8]), _amount(row[10], row[8])))
        for row in rows
    ]


def _amount(text: str, currency: str) -> Decimal:
    """What stands in a revision: an amount, or how many tokens its counts come to."""
    numbers = [int(number) for number in text.split()]
    if any(abs(number) >= 2**62 for number in numbers):
        raise ValueError("more than can be counted")
    if currency:
        return nanos_to_decimal(Nanos(sum(numbers)))
    return Decimal(sum(numbers[1:3]) + sum(numbers[4:7]))


def own_of(text: str) -> Own:
    """An own part as it is stored. Raises ValueError."""
    if text == "{}":
        return ALL
    own = {}
    for key, values in _object_of(text).items():
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise ValueError("not a part of an organisation")
        own[key] = tuple(values)
    return own


def own_text(own: Own) -> str:
    """An own part as it is stored."""
    import json  # a status line needs none

    return json.dumps({key: list(own[key]) for key in sorted(own)}, ensure_ascii=False)


def memory_text(memory: Mapping[str, str]) -> str:
    """What a provider wants to remember, as it is stored."""
    import json  # a status line needs none

    return json.dumps(dict(sorted(memory.items())), ensure_ascii=False)


def _texts_of(text: str) -> Mapping[str, str]:
    held = {} if text == "{}" else _object_of(text)
    if not all(isinstance(value, str) for value in held.values()):
        raise ValueError("not texts by name")
    return {name: str(value) for name, value in held.items()}


def _object_of(text: str) -> dict[str, object]:
    import json  # a status line needs none

    try:
        held = json.loads(text)
    except RecursionError:
        held = None
    if not isinstance(held, dict):
        raise ValueError("not a JSON object")
    return held
