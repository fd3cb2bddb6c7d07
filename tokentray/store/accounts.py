"""What accounts with reports of their own add to a usage query: their rows, counted by store.counts and labelled."""

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import date

from tokentray.clock import BUCKET_S, DAY_S, Zone, date_of_day_number, day_start_utc
from tokentray.model import CAVEAT_BIT, TIERS, Basis
from tokentray.money import Femtos, Nanos, femtos_of_nanos
from tokentray.store.counts import NO_TIER, Bill, Counted, Feed, Place, Record, count
from tokentray.store.groups import Groups, TimeLabels, day_labels
from tokentray.store.payers import Payers
from tokentray.store.pricing import StoredPrice, stored_prices
from tokentray.store.usage_sql import EVENT_KEYS, SUMS, UsageQuery, table_of

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
            bits = part.caveat_bits | sum(CAVEAT_BIT[caveat] for caveat in part.caveats)
            groups.add_counted(
                named, part.tokens, (part.cost, part.currency), (part.list_cost, part.list_currency), part.basis, bits
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
    named = {*query.by, *dict(query.where)}
    finest = "b.session_id, b.machine_id" if named & EVENT_KEYS else "0, 0"
    rows = connection.execute(
        f"SELECT b.start, {who.sql} AS who, b.model_id, b.tier, b.source_id, b.project_id, {finest}, b.price_id,"
        f" b.caveats, {_TOKENS} FROM {table_of(named, behind)} b"
        f" WHERE b.start >= :first AND b.start < :last AND who IN ({', '.join(map(str, paid))})",
        {"first": span[0], "last": span[1]},
    )
    for start, index, model, tier, agent, project, session, machine, price_id, caveats, *counts in rows:
        cost, currency = _list_cost(prices.get(price_id), counts)
        place = Place(model, tier, agent, project, session, machine)
        tokens = (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7])
        yield Record(start, BUCKET_S, who.account_of(index), place, tokens, cost, currency, caveats)


def _metered(
    connection: sqlite3.Connection, prices: Mapping[int, StoredPrice], span: tuple[int, int]
) -> Iterator[Record]:
    rows = connection.execute(
        f"SELECT b.start, b.width, b.source_id, b.model_id, b.tier, b.key_name, b.price_id, b.caveats, {_TOKENS}"
        " FROM metered_buckets b WHERE b.start >= ? AND b.start < ?",
        span,
    )
    for start, width, account, model, tier, key, price_id, caveats, *counts in rows:
        cost, currency = _list_cost(prices.get(price_id), counts)
        tokens = (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], counts[7])
        yield Record(start, width, account, Place(model, tier, key_name=key), tokens, cost, currency, caveats)


def _list_cost(price: StoredPrice | None, counts: list[int]) -> tuple[Femtos | None, str]:
    if price is None:
        return None, "USD"
    _, fresh, output, _, read, write_5m, write_1h, searches = counts
    return price.rates.cost(fresh, output, read, write_5m, write_1h, searches), price.currency


def _bills(connection: sqlite3.Connection, span: tuple[int, int]) -> Iterator[Bill]:
    rows = connection.execute(
        "SELECT start, width, source_id, model_id, amount_nanos, currency, item, key_name FROM billed_buckets"
        " WHERE start >= ? AND start < ?",
        span,
    )
    for start, width, account, model, amount, currency, item, key in rows:
        yield Bill(start, width, account, model, femtos_of_nanos(Nanos(amount)), currency, item, key)


def _feeds(connection: sqlite3.Connection) -> Iterator[Feed]:
    for row in connection.execute("SELECT source_id, feed, covered_from, complete_to, scope FROM feeds"):
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
