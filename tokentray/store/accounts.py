"""What accounts with reports of their own add to a usage query: their rows, counted by store.counts and labelled."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from tokentray.clock import BUCKET_S, DAY_S, Zone, date_of_day_number, day_start_utc
from tokentray.model import TIERS, Basis
from tokentray.money import Nanos, femtos_of_nanos
from tokentray.store.counts import count
from tokentray.store.groups import Groups, TimeLabels, day_labels, price_caveats
from tokentray.store.payers import Payers
from tokentray.store.pricing import StoredPrice, stored_prices
from tokentray.store.records import NO_TIER, Bill, Counted, Feed, Place, Record, Share
from tokentray.store.usage_sql import EVENT_KEYS, SUMS, UsageQuery, table_of

_BUCKET_KEY = "b.start, b.source_id, b.model_id, b.tier, b.band, b.project_id"
_TOKENS = ", ".join(f"b.{name}" for name in SUMS)
# A bill of a day is laid over all records of that UTC day, also of those that are of the local day before or after.
_MARGIN_S = 2 * DAY_S
_ALL_TIME = (-(2**62), 2**62)


def add_accounts(
    connection: sqlite3.Connection, groups: Groups, query: UsageQuery, zone: Zone, who: Payers, reporting: set[int]
) -> None:
    """Add everything of the accounts that have reports, and of the logs that they pay for."""
    first, last = _reach(query, zone)
    prices = stored_prices(connection)
    counted = count(
        _logs(connection, query, who, reporting, prices, (first, last)),
        _metered(connection, prices, (first, last)),
        _bills(connection, (first, last)),
        _feeds(connection),
    )
    labels = _Labels(connection, zone, who, {*query.by, *dict(query.where)})
    for part in counted:
        day, named = labels.of(part)
        if (query.from_day or date.min) <= day <= (query.to_day or date.max):
            groups.add_counted(
                named,
                part.tokens,
                (part.cost, part.currency),
                (part.list_cost, part.list_currency),
                part.basis,
                part.caveats,
            )


def _reach(query: UsageQuery, zone: Zone) -> tuple[int, int]:
    """The time to look at, with room for buckets that reach over its ends."""
    first, last = _ALL_TIME
    if query.from_day is not None:
        first = day_start_utc(query.from_day, zone) - _MARGIN_S
    if query.to_day is not None and query.to_day < date.max:
        last = day_start_utc(query.to_day, zone) + DAY_S + _MARGIN_S
    return first, last


def _logs(
    connection: sqlite3.Connection,
    query: UsageQuery,
    who: Payers,
    reporting: set[int],
    prices: Mapping[int, StoredPrice],
    span: tuple[int, int],
) -> Iterator[Record]:
    paid = [index for index in range(len(who.payers)) if who.account_of(index) in reporting]
    if not paid:
        return
    behind = connection.execute("SELECT 1 FROM dirty_buckets LIMIT 1").fetchone() is not None
    within = (
        f"b.start >= :first AND b.start < :last AND {who.sql} IN ({', '.join(map(str, paid))})",
        {"first": span[0], "last": span[1]},
    )
    shares = _shares(connection, behind, within) if EVENT_KEYS & {*query.by, *dict(query.where)} else {}
    rows = connection.execute(
        f"SELECT {_BUCKET_KEY}, {who.sql}, b.price_id, b.caveats, {_TOKENS} FROM {table_of(set(), behind)} b"
        f" WHERE {within[0]}",
        within[1],
    )
    for start, agent, model, tier, band, project, index, price_id, caveats, *tokens in rows:
        place = Place(model, tier, agent, project)
        whose = tuple(sorted(shares.get((start, agent, model, tier, band, project), ())))
        yield _record(start, BUCKET_S, who.account_of(index), place, tokens, prices.get(price_id), caveats, whose)


def _shares(
    connection: sqlite3.Connection, behind: bool, within: tuple[str, Mapping[str, int]]
) -> Mapping[tuple[int, ...], list[Share]]:
    """The sessions and machines of each bucket of logs."""
    shares: dict[tuple[int, ...], list[Share]] = {}
    rows = connection.execute(
        f"SELECT {_BUCKET_KEY}, b.session_id, b.machine_id, {_TOKENS} FROM {table_of(set(EVENT_KEYS), behind)} b"
        f" WHERE {within[0]}",
        within[1],
    )
    for start, agent, model, tier, band, project, session, machine, *tokens in rows:
        key = (start, agent, model, tier, band, project)
        shares.setdefault(key, []).append(Share(session, machine, tuple(tokens)))
    return shares


def _metered(
    connection: sqlite3.Connection, prices: Mapping[int, StoredPrice], span: tuple[int, int]
) -> Iterator[Record]:
    rows = connection.execute(
        f"SELECT b.start, b.width, b.source_id, b.model_id, b.tier, b.key_name, b.price_id, b.caveats, {_TOKENS}"
        " FROM metered_buckets b WHERE b.start >= ? AND b.start < ?",
        span,
    )
    for start, width, account, model, tier, key, price_id, caveats, *tokens in rows:
        place = Place(model, tier, key_name=key)
        yield _record(start, width, account, place, tokens, prices.get(price_id), caveats)


def _record(
    start: int,
    width: int,
    account: int,
    place: Place,
    tokens: Sequence[int],
    price: StoredPrice | None,
    caveats: int,
    shares: tuple[Share, ...] = (),
) -> Record:
    if price is None:
        return Record(start, width, account, place, tuple(tokens), None, "USD", caveats, shares)
    caveats |= price_caveats(price, tokens[-1])
    return Record(start, width, account, place, tuple(tokens), price.rates, price.currency, caveats, shares)


def _bills(connection: sqlite3.Connection, span: tuple[int, int]) -> Iterator[Bill]:
    rows = connection.execute(
        "SELECT start, width, source_id, model_id, amount_nanos, currency, item, key_name FROM billed_buckets"
        " WHERE start >= ? AND start < ?",
        span,
    )
    for start, width, account, model, amount, currency, item, key in rows:
        yield Bill(start, width, account, model, femtos_of_nanos(Nanos(amount)), currency, item, key)


def _feeds(connection: sqlite3.Connection) -> Iterator[Feed]:
    for row in connection.execute(
        "SELECT f.source_id, f.feed, f.start, f.complete_to, COALESCE(a.scope, '')"
        " FROM feed_spans f LEFT JOIN accounts a ON a.source_id = f.source_id"
    ):
        yield Feed(row[0], Basis(row[1]), *row[2:])


class _Labels:
    """Names for what is counted. Only those that are asked for are read."""

    def __init__(self, connection: sqlite3.Connection, zone: Zone, who: Payers, wanted: set[str]) -> None:
        def names(table: str, keys: set[str]) -> dict[int, str]:
            return dict(connection.execute(f"SELECT id, name FROM {table}")) if keys & wanted else {}

        self._zone = zone
        self._accounts = who.accounts
        self._models = {row[0]: row[1:] for row in connection.execute("SELECT id, provider, name FROM models")}
        self._providers = dict(connection.execute("SELECT id, provider FROM sources WHERE kind = 'account'"))
        self._agents = names("sources", {"agent"})
        self._projects = names("projects", {"project"})
        self._sessions = names("sessions", {"session"})
        self._machines = names("machines", {"machine"})
        self._times = TimeLabels()

    def of(self, part: Counted) -> tuple[date, dict[str, str]]:
        """The date that a part stands on, and its labels."""
        offset_s = 0 if part.width_s == DAY_S else self._zone.offset_s(part.start_utc)
        day = date_of_day_number((part.start_utc + offset_s) // DAY_S)
        place, payer = part.place, f"account:{part.account}"
        provider, model = self._models.get(place.model_id, (self._providers.get(part.account, ""), ""))
        hour = "" if part.width_s == DAY_S else self._times.text("hour", part.start_utc, offset_s)
        return day, {
            **day_labels(day),
            "hour": hour,
            "provider": provider,
            "source": payer,
            "account": self._accounts.get(part.account, ""),
            "agent": self._agents.get(place.agent_id, ""),
            "model": model,
            "tier": "" if place.tier == NO_TIER else TIERS[place.tier],
            "project": self._projects.get(place.project_id, ""),
            "key": place.key_name,
            "payer": payer,
            "session": self._sessions.get(place.session_id, ""),
            "machine": self._machines.get(place.machine_id, ""),
        }
