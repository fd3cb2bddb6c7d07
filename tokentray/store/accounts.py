"""What accounts with reports of their own add to a usage query: their rows, counted by store.counts and labelled."""

import gc
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S, HOUR_S, Zone, date_of_day_number, day_start_utc
from tokentray.model import CAVEAT_BIT, TIERS, Basis, Caveat, Payer, PayerKind
from tokentray.money import Femtos, Nanos, femtos_of_nanos
from tokentray.store.counts import count
from tokentray.store.groups import Groups, TimeLabels, day_labels, price_caveats
from tokentray.store.live import looks, up_to_look, whole
from tokentray.store.payers import Payers
from tokentray.store.pricing import StoredPrice, stored_prices
from tokentray.store.records import NO_TIER, Bill, Counted, Feed, Place, Record, Share
from tokentray.store.usage_sql import EVENT_KEYS, SUMS, UsageQuery, table_of

_BUCKET_KEY = "b.start, b.source_id, b.model_id, b.tier, b.band, b.project_id"
_TOKENS = ", ".join(f"b.{name}" for name in SUMS)
# A bill of a day is laid over all records of that UTC day, also of those that are of the local day before or after.
_MARGIN_S = DAY_S
_ALL_TIME = (-(2**62), 2**62)
_WIDE = CAVEAT_BIT[Caveat.ORGANISATION_WIDE]
_SPANS_DAYS = CAVEAT_BIT[Caveat.SPANS_DAYS]
_DATED = re.compile(r"-20\d\d-?[01]\d-?[0-3]\d$")
_NOBODY = str(Payer(PayerKind.NOBODY))


class Reporting(NamedTuple):
    """Accounts with reports. counted: those whose logs are counted with them. others: those that see a whole
    organisation, of which nobody said that it counts.
    """

    counted: frozenset[int]
    others: frozenset[int]


def reporting(connection: sqlite3.Connection) -> Reporting:
    """Which accounts have reports. One without is among them where another may see what it does."""
    read = {row[0] for row in connection.execute("SELECT DISTINCT source_id FROM feed_spans")}
    if not read:
        return Reporting(frozenset(), frozenset())
    rows = connection.execute("SELECT source_id, scope, counted FROM accounts").fetchall()
    others = frozenset(row[0] for row in rows if not row[2])
    scoped = {row[0] for row in rows if row[1]}
    counted = (read | scoped) - others
    return Reporting(frozenset(counted if counted & read else ()), others & read)


def add_accounts(
    connection: sqlite3.Connection, groups: Groups, query: UsageQuery, zone: Zone, who: Payers, known: Reporting
) -> None:
    """Add everything of the accounts that have reports, and of the logs that they pay for."""
    with _without_collector():
        _add_all(connection, groups, query, zone, who, known)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Counting makes tuples by the hundred thousand and no cycles: to search them again and again for some takes a
    third of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _add_all(
    connection: sqlite3.Connection, groups: Groups, query: UsageQuery, zone: Zone, who: Payers, known: Reporting
) -> None:
    span = _reach(connection, query, zone)
    prices = stored_prices(connection)
    feeds, ends = looks(_feeds(connection), _read_utc(connection))
    metered = up_to_look(list(_metered(connection, prices, span)), Basis.METERED, ends)
    bills, kin = up_to_look(list(_bills(connection, span)), Basis.BILLED, ends), kin_models(connection)
    labels = _Labels(connection, zone, who, {*query.by, *dict(query.where)})
    first, last = query.from_day or date.min, query.to_day or date.max
    for accounts, pays in ((known.counted, True), (known.others, False)):
        if not accounts:
            continue
        counted = count(
            _logs(connection, query, who, accounts, prices, span) if pays else (),
            (record for record in metered if record.account in accounts),
            (bill for bill in bills if bill.account in accounts),
            (feed for feed in feeds if feed.account in accounts),
            kin,
        )
        for part in map(whole, counted) if ends else counted:
            day, named, caveats = labels.of(part)
            if first <= day <= last:
                _add(groups, part, named, part.caveats | caveats, pays)


def _add(groups: Groups, part: Counted, named: dict[str, str], caveats: int, pays: bool) -> None:
    """One part of the total; where nobody here pays for it, only what it is worth."""
    cost, worth = (part.cost, part.currency), (part.list_cost, part.list_currency)
    if not pays:
        if part.basis is Basis.BILLED and (part.cost or any(part.tokens)):
            worth = cost
        cost, caveats, named = (Femtos(0), part.currency), caveats | _WIDE, {**named, "payer": _NOBODY}
    groups.add_counted(named, part.tokens, cost, worth, part.basis, caveats, pays, (part.rates, part.kinds))


def _reach(connection: sqlite3.Connection, query: UsageQuery, zone: Zone) -> tuple[int, int]:
    """The time to look at, with room for buckets that reach over its ends, and all of what is no bucket and does."""
    first, last = _ALL_TIME
    if query.from_day is not None:
        first = day_start_utc(query.from_day, zone) - _MARGIN_S
    if query.to_day is not None and query.to_day < date.max:
        last = day_start_utc(query.to_day, zone) + DAY_S + _MARGIN_S
    begin, end = connection.execute(
        "SELECT MIN(start), MAX(until) FROM billed_intervals WHERE start < ? AND until > ?", (last, first)
    ).fetchone()
    if begin is not None:
        first, last = min(first, begin), max(last, end)
    return first - _MARGIN_S, last + _MARGIN_S


def _logs(
    connection: sqlite3.Connection,
    query: UsageQuery,
    who: Payers,
    accounts: Collection[int],
    prices: Mapping[int, StoredPrice],
    span: tuple[int, int],
) -> Iterator[Record]:
    paid = {index: who.account_of(index) for index in range(len(who.payers)) if who.account_of(index) in accounts}
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
        whose = tuple(sorted(shares.get((start, agent, model, tier, band, project), ()))) if shares else ()
        yield _record(start, BUCKET_S, paid[index], place, tokens, prices.get(price_id), caveats, whose)


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
    rows = connection.execute(
        "SELECT start, until - start, source_id, model_id, amount_nanos, currency, item FROM billed_intervals"
        " WHERE start < ? AND until > ?",
        (span[1], span[0]),
    )
    for start, width, account, model, amount, currency, item in rows:
        yield Bill(start, width, account, model, femtos_of_nanos(Nanos(amount)), currency, item, interval=True)


def _feeds(connection: sqlite3.Connection) -> Iterator[Feed]:
    rows = connection.execute(
        "SELECT f.source_id, f.feed, f.start, f.complete_to, f.until, COALESCE(a.scope, '')"
        " FROM feed_spans f LEFT JOIN accounts a ON a.source_id = f.source_id"
    )
    for account, feed, start, complete_to, until, scope in rows:
        # What has no history is covered from the first look at it on, which is hardly ever a midnight.
        step_s = HOUR_S if start % DAY_S == until % DAY_S == 0 else BUCKET_S
        yield Feed(account, Basis(feed), start, complete_to, scope, step_s)
    # One that has reported nothing pays for logs that another may see.
    for account, scope in connection.execute("SELECT source_id, scope FROM accounts WHERE scope <> ''"):
        yield Feed(account, Basis.BILLED, 0, 0, scope)


def _read_utc(connection: sqlite3.Connection) -> dict[tuple[int, Basis], int]:
    """When each report was last read."""
    rows = connection.execute("SELECT source_id, feed, read_at FROM feed_reads")
    return {(account, Basis(feed)): at_utc for account, feed, at_utc in rows}


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
        self._keys = key_labels(connection) if "key" in wanted else {}
        self._times = TimeLabels()
        self._with_hours = "hour" in wanted
        self._made_days: dict[int, tuple[date, dict[str, str]]] = {}
        self._made_places: dict[tuple[int, Place], dict[str, str]] = {}

    def of(self, part: Counted) -> tuple[date, dict[str, str], int]:
        """The date that a part stands on, its labels, and what is imperfect about the date."""
        number, hour, caveats = self._time(part)
        day, of_day = self._made_days.get(number) or self._of_day(number)
        key = part.account, part.place
        of_place = self._made_places.get(key) or self._of_place(*key)
        return day, {**of_day, "hour": hour, **of_place}, caveats

    def _of_day(self, number: int) -> tuple[date, dict[str, str]]:
        day = date_of_day_number(number)
        made = self._made_days[number] = day, day_labels(day)
        return made

    def _of_place(self, account: int, place: Place) -> dict[str, str]:
        payer = f"account:{account}"
        provider, model = self._models.get(place.model_id, (self._providers.get(account, ""), ""))
        made = self._made_places[account, place] = {
            "provider": provider,
            "source": payer,
            "account": self._accounts.get(account, ""),
            "agent": self._agents.get(place.agent_id, ""),
            "model": model,
            "tier": "" if place.tier == NO_TIER else TIERS[place.tier],
            "project": self._projects.get(place.project_id, ""),
            "key": self._keys.get(place.key_name, place.key_name),
            "payer": payer,
            "session": self._sessions.get(place.session_id, ""),
            "machine": self._machines.get(place.machine_id, ""),
        }
        return made

    def _time(self, part: Counted) -> tuple[int, str, int]:
        """The number of its day, its hour, and what is imperfect about them.

        What is left of an interval stands where that ends: an earlier month may have been exported already.
        """
        start = part.start_utc
        if part.interval:
            at = part.end_utc - 1
            day, hour = self._day_and_hour(at)
            first_day, first_hour = self._day_and_hour(start)
            return day, hour if hour == first_hour else "", 0 if day == first_day else _SPANS_DAYS
        if part.width_s == DAY_S:
            return start // DAY_S, "", 0
        return *self._day_and_hour(start), 0

    def _day_and_hour(self, at_utc: int) -> tuple[int, str]:
        offset_s = self._zone.offset_s(at_utc)
        return (at_utc + offset_s) // DAY_S, self._times.text("hour", at_utc, offset_s) if self._with_hours else ""


def key_labels(connection: sqlite3.Connection) -> dict[str, str]:
    """What API keys are shown as, by id: the name, where no other has it; else with the end of the id."""
    rows = connection.execute("SELECT key_name, name FROM account_keys WHERE name <> '' ORDER BY source_id").fetchall()
    names = dict(rows)
    shared = Counter(names.values())
    return {key: name if shared[name] == 1 else f"{name} (…{key[-4:]})" for key, name in names.items()}


def kin_models(connection: sqlite3.Connection) -> dict[int, int]:
    """Models of one provider whose names differ by a date alone, as a log's does from the bill's: id to the first's."""
    first: dict[tuple[str, str], int] = {}
    kin: dict[int, int] = {}
    for model_id, provider, name in connection.execute("SELECT id, provider, name FROM models ORDER BY id"):
        found = first.setdefault((provider, _DATED.sub("", name.lower())), model_id)
        if found != model_id:
            kin[model_id] = found
    return kin
