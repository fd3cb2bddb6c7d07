"""The SELECT behind a usage query: sums of log buckets by group, price and payer. Text and numbers only, no reading."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S, HOUR_S, OffsetSpan
from tokentray.model import TIERS
from tokentray.store.buckets import BUCKET_COLUMNS, CAVEAT_BITS, COUNTED, DIRTY_BUCKETS
from tokentray.store.payers import Payers

TIME_KEYS = ("day", "week", "month", "hour")
_TIER_CASES = " ".join(f"WHEN {index} THEN '{tier}'" for index, tier in enumerate(TIERS))
_COLUMNS: Mapping[str, str] = {
    "provider": "m.provider",
    "source": "s.name",
    "agent": "s.name",
    "model": "m.name",
    "tier": f"CASE b.tier {_TIER_CASES} END",
    "project": "p.name",
    "session": "n.name",
    "machine": "h.name",
}
_GROUPED: Mapping[str, str] = {
    "provider": "b.model_id",
    "source": "b.source_id",
    "agent": "b.source_id",
    "model": "b.model_id",
    "tier": "b.tier",
    "project": "b.project_id",
    "session": "b.session_id",
    "machine": "b.machine_id",
}
"""What stands for each in GROUP BY: numbers sort faster than names, and what is finer is added up anyway."""
TEXT_KEYS = (
    "provider",
    "source",
    "account",
    "agent",
    "model",
    "tier",
    "project",
    "key",
    "payer",
    "session",
    "machine",
    "kind",
)
KEYS: tuple[str, ...] = (*TIME_KEYS, *TEXT_KEYS)
"""Every key that usage can be grouped and filtered by."""
FILTERED_HERE = frozenset(_COLUMNS) - {"source"}
"""Keys whose filters are part of the SELECT; the others depend on who pays, or on the zone."""

SUMS = (
    "requests",
    "input",
    "output",
    "reasoning",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "searches",
)
EVENT_KEYS = frozenset(("session", "machine"))
"""Keys that are not in the buckets."""

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
  SELECT {BUCKET_COLUMNS} FROM usage_buckets WHERE start NOT IN (SELECT start FROM dirty_buckets)
  UNION ALL SELECT * FROM ({DIRTY_BUCKETS})
)"""


class UsageQuery(NamedTuple):
    """What to sum. by: keys of KEYS. from_day, to_day: local dates, both included; None is all of that side.

    where: key to the value it must have; of one key given several times, any value will do. today: fees are counted
    up to that date; without it up to `to_day`, or the last day with use.
    """

    by: tuple[str, ...] = ()
    from_day: date | None = None
    to_day: date | None = None
    where: tuple[tuple[str, str], ...] = ()
    today: date | None = None


class Select(NamedTuple):
    """Columns: one per key of `used` ("" where the key is not a column), then price, payer index, caveats, the SUMS,
    the offset from UTC in seconds and an instant of the group."""

    sql: str
    values: Mapping[str, str]


def select(
    used: Sequence[str],
    where: Sequence[tuple[str, str]],
    spans: Sequence[OffsetSpan],
    who: Payers,
    apart: Sequence[int],
    behind: bool,
) -> Select:
    """The statement; it is run with :first and :last besides its values.

    used: keys to group by. spans: the offsets in force. apart: payers, by index, whose use is counted elsewhere.
    behind: some buckets are behind their events, as while logs are being read.
    """
    named = {*used, *(key for key, _ in where if key in FILTERED_HERE)}
    ahead = _offset_sql(spans)
    step = HOUR_S if "hour" in used else DAY_S if set(used) & set(TIME_KEYS) else 0
    local = f"(b.start + {ahead}) / {step}" if step else "0"
    wheres, values = ["b.start >= :first AND b.start < :last"], dict[str, str]()
    for key in dict.fromkeys(key for key, _ in where if key in FILTERED_HERE):
        wanted = [value for name, value in where if name == key]
        names = [f"w{len(values) + index}" for index in range(len(wanted))]
        values.update(zip(names, wanted, strict=True))
        wheres.append(f"{_COLUMNS[key]} IN ({', '.join(':' + name for name in names)})")
    if apart:
        wheres.append(f"{who.sql} NOT IN ({', '.join(map(str, apart))})")
    columns = [f"{_COLUMNS.get(key, repr(''))} AS g{index}" for index, key in enumerate(used)]
    sums = ", ".join(f"SUM(b.{name})" for name in SUMS)
    caveats = CAVEAT_BITS.replace("e.", "b.")
    chosen = [*columns, "b.price_id", f"{who.sql} AS who", caveats, sums, f"{ahead} AS ahead", "MIN(b.start)"]
    # By time first, for in that order buckets are read.
    group = ["local", *dict.fromkeys(_GROUPED[key] for key in used if key in _GROUPED), "b.price_id", "who", "ahead"]
    return Select(
        f"SELECT {', '.join(chosen)}, {local} AS local FROM {table_of(named, behind)} b {_joins(named)}"
        f" WHERE {' AND '.join(wheres)} GROUP BY {', '.join(group)}",
        values,
    )


def table_of(named: set[str], behind: bool) -> str:
    """Where the sums come from."""
    return _FROM_EVENTS if named & EVENT_KEYS else _UP_TO_DATE if behind else "usage_buckets"


def _joins(named: set[str]) -> str:
    joins = [
        "JOIN models m ON m.id = b.model_id" if named & {"model", "provider"} else "",
        "JOIN sources s ON s.id = b.source_id" if named & {"source", "agent"} else "",
        "JOIN projects p ON p.id = b.project_id" if "project" in named else "",
        "JOIN sessions n ON n.id = b.session_id" if "session" in named else "",
        "JOIN machines h ON h.id = b.machine_id" if "machine" in named else "",
    ]
    return " ".join(joins)


def _offset_sql(spans: Sequence[OffsetSpan]) -> str:
    """The offset in force at b.start, as SQL over integers."""
    text = str(spans[-1].offset_s)
    if len(spans) == 1:
        return text
    cases = "".join(
        f" WHEN b.start < {int(following.start_utc)} THEN {span.offset_s}" for span, following in pairwise(spans)
    )
    return f"CASE{cases} ELSE {text} END"
