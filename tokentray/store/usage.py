"""Usage by any grouping. SQL sums tokens by group and price; Python multiplies, exactly.

Local days come from the offsets in force over the span: the date at an instant is (instant + offset) ÷ 86,400,
so days of 23 or 25 hours and missing midnights need nothing special, and any grouping sums to the same total.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import NamedTuple

from tokentray.clock import (
    BUCKET_S,
    DAY_S,
    HOUR_S,
    OffsetSpan,
    Zone,
    date_of_day_number,
    day_start_utc,
    offset_spans,
    offset_text,
)
from tokentray.model import CAVEAT_BIT, TIERS, Basis, Caveat, UsageRow, caveats_of
from tokentray.money import Femtos, femtos_to_decimal
from tokentray.store.pricing import StoredPrice, stored_prices
from tokentray.store.writer import BUCKET_COLUMNS, CAVEAT_BITS, COUNTED, DIRTY_BUCKETS

TIME_KEYS = ("day", "week", "month", "hour")
_TIER_CASES = " ".join(f"WHEN {index} THEN '{tier}'" for index, tier in enumerate(TIERS))
_TEXT_KEYS: Mapping[str, str] = {
    "provider": "m.provider",
    "source": "s.name",
    "agent": "CASE s.kind WHEN 'agent' THEN s.name ELSE '' END",
    "account": "CASE s.kind WHEN 'account' THEN s.label ELSE '' END",
    "model": "m.name",
    "tier": f"CASE b.tier {_TIER_CASES} END",
    "project": "p.name",
    "key": "''",
    "payer": "''",
    "session": "n.name",
    "machine": "h.name",
}
KEYS: tuple[str, ...] = (*TIME_KEYS, *_TEXT_KEYS)
"""Every key that usage can be grouped and filtered by."""

_EVENT_KEYS = frozenset(("session", "machine"))
_SUMS = (
    "requests",
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "searches",
)
_ASSUMED = CAVEAT_BIT[Caveat.PRICE_ASSUMED]

# Sessions and machines are not in the buckets; grouping by them sums the events themselves.
_FROM_EVENTS = f"""(
  SELECT e.at / {BUCKET_S} * {BUCKET_S} AS start, e.source_id, e.model_id, e.tier, e.band, e.project_id, e.session_id,
    e.machine_id, COUNT(*) AS requests, SUM(e.input) AS input, SUM(e.output) AS output, SUM(e.reasoning) AS reasoning,
    SUM(e.cache_read) AS cache_read, SUM(e.cache_write_5m) AS cache_write_5m, SUM(e.cache_write_1h) AS cache_write_1h,
    SUM(e.searches) AS searches, {CAVEAT_BITS} AS caveats,
    (SELECT q.id FROM prices q WHERE q.model_id = e.model_id AND q.tier = e.tier AND q.band = e.band
       AND q.superseded_at IS NULL AND q.valid_from <= e.at AND e.at < q.valid_to) AS price_id
  FROM log_events e WHERE e.at >= :first AND e.at < :last AND {COUNTED}
  GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)"""


# Buckets, with those that are behind their events summed anew, so that every grouping says the same at any moment.
_UP_TO_DATE = f"""(
  SELECT {BUCKET_COLUMNS} FROM usage_buckets WHERE feed <> 'logs' OR start NOT IN (SELECT start FROM dirty_buckets)
  UNION ALL SELECT * FROM ({DIRTY_BUCKETS})
)"""


class UsageQuery(NamedTuple):
    """What to sum. by: keys of KEYS. from_day, to_day: local dates, both included; None is all of that side.

    where: key to the value it must have; of one key given several times, any value will do.
    """

    by: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None
    where: tuple[tuple[str, str], ...] = ()


class _Sum:
    """A group while its parts are added."""

    def __init__(self) -> None:
        self.counts = [0] * len(_SUMS)
        self.cost = 0
        self.priced = False
        self.unpriced_tokens = 0
        self.caveats = 0


def bounds(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """Starts of the first and the last bucket; None where there is no usage."""
    starts = "SELECT start FROM usage_buckets UNION ALL SELECT start FROM dirty_buckets"
    row = connection.execute(f"SELECT MIN(start), MAX(start) FROM ({starts})").fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def usage(connection: sqlite3.Connection, query: UsageQuery, zone: Zone) -> list[UsageRow]:
    """Groups with their sums, sorted by the grouping, oldest first. A currency is a row of its own.

    Raises ValueError for a key that is not in KEYS.
    """
    unknown = [key for key in (*query.by, *dict(query.where)) if key not in KEYS]
    if unknown:
        raise ValueError(f"cannot group by {unknown[0]!r}; the keys are {', '.join(KEYS)}")
    span = _span(connection, query, zone)
    if span is None:
        return []
    behind = connection.execute("SELECT 1 FROM dirty_buckets LIMIT 1").fetchone() is not None
    sql, values = _statement(query, offset_spans(span[0], span[1], zone), behind)
    prices = stored_prices(connection)
    labels: dict[tuple[str, int, int], str] = {}
    groups: dict[tuple[tuple[str, ...], str], _Sum] = {}
    width = len(query.by)
    time_filters = _time_filters(query)
    for row in connection.execute(sql, {"first": span[0], "last": span[1], **values}):
        keys, price_id, caveats, counts = row[:width], row[width], row[width + 1], row[width + 2 : width + 10]
        offset_s, at = row[width + 10], row[width + 11]
        if time_filters and not all(
            _label(labels, key, at, offset_s) in wanted for key, wanted in time_filters.items()
        ):
            continue
        named = tuple(
            _label(labels, key, at, offset_s) if key in TIME_KEYS else str(value)
            for key, value in zip(query.by, keys, strict=True)
        )
        _add(groups, named, counts, caveats, prices.get(price_id))
    ordered = sorted(groups.items(), key=lambda group: _order(query.by, *group[0]))
    rows = [_row(query.by, named, currency, total) for (named, currency), total in ordered]
    return [row for row in rows if row.requests or row.total_tokens or row.list_cost]


def _span(connection: sqlite3.Connection, query: UsageQuery, zone: Zone) -> tuple[int, int] | None:
    known = bounds(connection)
    if known is None:
        return None
    first, last = known[0], known[1] + BUCKET_S
    if query.from_day is not None:
        first = max(first, day_start_utc(query.from_day, zone))
    if query.to_day is not None and query.to_day < date.max:
        last = min(last, day_start_utc(date.fromordinal(query.to_day.toordinal() + 1), zone))
    return (first, last) if first < last else None


def _statement(query: UsageQuery, spans: Sequence[OffsetSpan], behind: bool) -> tuple[str, dict[str, str | int]]:
    """The SELECT and its values: group keys, price, caveats, sums, offset, and an instant of the group.

    behind: some buckets are behind their events, as while logs are being read.
    """
    used = {*query.by, *dict(query.where)}
    offset = _offset_sql(spans)
    by_event = bool(used & _EVENT_KEYS)
    finest = "hour" if "hour" in used else "day" if used & set(TIME_KEYS) else ""
    step = {"hour": HOUR_S, "day": DAY_S, "": 0}[finest]
    local = f"(b.start + {offset}) / {step}" if step else "0"
    texts = [("0" if key in TIME_KEYS else _TEXT_KEYS[key]) for key in query.by]
    joins = [
        "JOIN models m ON m.id = b.model_id" if used & {"model", "provider"} else "",
        "JOIN sources s ON s.id = b.source_id" if used & {"source", "agent", "account"} else "",
        "JOIN projects p ON p.id = b.project_id" if "project" in used else "",
        "JOIN sessions n ON n.id = b.session_id" if "session" in used else "",
        "JOIN machines h ON h.id = b.machine_id" if "machine" in used else "",
    ]
    wheres, values = ["b.start >= :first AND b.start < :last"], dict[str, str | int]()
    for key in dict.fromkeys(key for key, _ in query.where if key not in TIME_KEYS):
        names = [f"w{len(values) + i}" for i, _ in enumerate(v for k, v in query.where if k == key)]
        values.update(zip(names, (value for name, value in query.where if name == key), strict=True))
        wheres.append(f"{_TEXT_KEYS[key]} IN ({', '.join(':' + name for name in names)})")
    columns = [f"{text} AS g{index}" for index, text in enumerate(texts)]
    sums = ", ".join(f"SUM(b.{name})" for name in _SUMS)
    caveats = CAVEAT_BITS.replace("e.", "b.")
    table = _FROM_EVENTS if by_event else _UP_TO_DATE if behind else "usage_buckets"
    group = ", ".join([*(f"g{index}" for index in range(len(texts))), "b.price_id", "local", "ahead"])
    select = ", ".join([*columns, "b.price_id", caveats, sums, f"{offset} AS ahead", "MIN(b.start)"])
    return (
        f"SELECT {select}, {local} AS local FROM {table} b {' '.join(joins)}"
        f" WHERE {' AND '.join(wheres)} GROUP BY {group}",
        values,
    )


def _offset_sql(spans: Sequence[OffsetSpan]) -> str:
    """The offset in force at b.start, as SQL over integers."""
    text = str(spans[-1].offset_s)
    if len(spans) == 1:
        return text
    cases = "".join(
        f" WHEN b.start < {int(following.start_utc)} THEN {span.offset_s}" for span, following in pairwise(spans)
    )
    return f"CASE{cases} ELSE {text} END"


def _order(by: Sequence[str], named: Sequence[str], currency: str) -> tuple[str | float, ...]:
    """Oldest first: an hour that comes twice in a night sorts by its instant, not by its text."""
    parts = (
        datetime.fromisoformat(value).timestamp() if key == "hour" else value
        for key, value in zip(by, named, strict=True)
    )
    return (*parts, currency)


def _time_filters(query: UsageQuery) -> dict[str, set[str]]:
    filters: dict[str, set[str]] = {}
    for key, value in query.where:
        if key in TIME_KEYS:
            filters.setdefault(key, set()).add(value)
    return filters


def _label(cache: dict[tuple[str, int, int], str], key: str, at_utc: int, offset_s: int) -> str:
    local = at_utc + offset_s
    unit = (key, local // HOUR_S if key == "hour" else local // DAY_S, offset_s if key == "hour" else 0)
    text = cache.get(unit)
    if text is None:
        text = cache[unit] = time_label(key, at_utc, offset_s)
    return text


def time_label(key: str, at_utc: int, offset_s: int) -> str:
    """A label: "2026-11-22", "2026-W47", "2026-11" or "2026-11-22T14:00+05:45" of an instant in its zone."""
    local = at_utc + offset_s
    day = date_of_day_number(local // DAY_S)
    if key == "day":
        return day.isoformat()
    if key == "week":
        year, week, _ = day.isocalendar()
        return f"{year:04d}-W{week:02d}"
    if key == "month":
        return day.isoformat()[:7]
    return f"{day.isoformat()}T{local // HOUR_S % 24:02d}:00{offset_text(offset_s)}"


def _add(
    groups: dict[tuple[tuple[str, ...], str], _Sum],
    named: tuple[str, ...],
    counts: Sequence[int],
    caveats: int,
    price: StoredPrice | None,
) -> None:
    total = groups.setdefault((named, price.currency if price else "USD"), _Sum())
    for index, count in enumerate(counts):
        total.counts[index] += count
    total.caveats |= caveats
    _, fresh, output, _, read, write_5m, write_1h, searches = counts
    if price is None:
        total.unpriced_tokens += fresh + output + read + write_5m + write_1h
        return
    total.priced = True
    total.cost += price.rates.cost(fresh, output, read, write_5m, write_1h, searches)
    if price.assumed or (searches and price.rates.web_search is None):
        total.caveats |= _ASSUMED


def _row(by: Sequence[str], named: Sequence[str], currency: str, total: _Sum) -> UsageRow:
    requests, fresh, output, reasoning, read, write_5m, write_1h, searches = total.counts
    return UsageRow(
        keys=tuple(zip(by, named, strict=True)),
        requests=requests,
        input_tokens=fresh,
        output_tokens=output,
        reasoning_tokens=reasoning,
        cache_read_tokens=read,
        cache_write_5m_tokens=write_5m,
        cache_write_1h_tokens=write_1h,
        web_search_requests=searches,
        list_cost=femtos_to_decimal(Femtos(total.cost)) if total.priced else None,
        unpriced_tokens=total.unpriced_tokens,
        currency=currency,
        basis=(Basis.ESTIMATED.value,),
        caveats=tuple(caveat.value for caveat in caveats_of(total.caveats)),
    )
