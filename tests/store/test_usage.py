"""Any grouping sums to the total, in every zone, and the sums are exact."""

import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.histories import COUNTS
from tokentray.clock import NamedZone, UtcZone, Zone, day_start_utc
from tokentray.model import LogEvent, Price, Rates, Tier, UsageRow
from tokentray.store import usage as usage_module
from tokentray.store.groups import time_label
from tokentray.store.history import History
from tokentray.store.usage import KEYS, UsageQuery, usage
from tokentray.store.writer import Batch, Writer

ZONES = (
    "UTC",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Santiago",
)
FIRST, LAST = 1_735_600_000, 1_767_300_000  # the year 2025 and a day on either side
OPUS = Rates(5 * 10**9, 25 * 10**9, 5 * 10**8, 6_250_000_000, 10**10, 10**13)
LONG = Rates(10**10, 5 * 10**10, 10**9, 10**10, 2 * 10**10)
MODELS = ("claude-opus-4-6", "gpt-5.5", "nobody-prices-this")
PRICES: dict[str, list[Price]] = {
    "claude-opus-4-6": [
        Price(Tier.STANDARD, 0, OPUS, None, 1_748_736_000),
        Price(Tier.STANDARD, 0, LONG, 1_748_736_000, None),
        Price(Tier.STANDARD, 300, LONG, None, None),
    ],
    "gpt-5.5": [Price(Tier.STANDARD, 0, LONG, None, None), Price(Tier.FAST, 0, OPUS, None, None, assumed=True)],
    "nobody-prices-this": [],
}


def zone(name: str) -> Zone:
    """A zone by name."""
    return UtcZone() if name == "UTC" else NamedZone(name)


def events() -> list[LogEvent]:
    """A year of calls: every model, tier and caveat; close to every change of a clock, and all around the year."""
    near = [
        int(datetime(2025, month, day, 12, tzinfo=UTC).timestamp())
        for month, days in ((3, (9,)), (4, (5, 6, 24, 25)), (9, (6, 7)), (10, (4, 5, 30, 31)), (11, (2,)))
        for day in days
    ]
    times = [at + step * 900 + 7 for at in near for step in range(-60, 60)]
    times += list(range(FIRST, LAST, 43_211))
    made = []
    for number, at in enumerate(times):
        made.append(
            LogEvent(
                number * 2_654_435_761,
                number % 3,
                at,
                "anthropic" if number % 2 else "openai",
                MODELS[number % 3],
                number % 5 % 2,
                f"/src/p{number % 4}" if number % 7 else "",
                f"s{number % 11}",
                number % 2,
                number % 400,
                number % 50,
                number % 50 // 2,
                number % 90,
                number % 30,
                number % 20,
                number % 13 // 12,
                number % 8 if number % 17 == 0 else 0,
            )
        )
    return made


EVENTS = events()


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A history of those calls, from two agents on two machines."""
    path = tmp_path_factory.mktemp("usage") / "history.db"
    writer = Writer(path)
    for agent, machine, part in (("claude-code", "desk", EVENTS[::2]), ("codex", "lap", EVENTS[1::2])):
        source = writer.source("agent", agent, agent, "x", 0)
        writer.add_models({pair: PRICES[pair[1]] for pair in sorted(writer.new_models(part))}, 0)
        writer.apply(Batch(source, machine, part, []))
    writer.rebuild()
    yield writer.connection
    writer.close()


def total(rows: Sequence[UsageRow]) -> tuple[object, ...]:
    """The sum of rows, money included."""
    return (
        *(sum(getattr(row, name) for row in rows) for name in COUNTS),
        sum(row.unpriced_tokens for row in rows),
        sum((row.list_cost for row in rows if row.list_cost is not None), Decimal(0)),
        {caveat for row in rows for caveat in row.caveats},
    )


def test_the_total_is_that_of_the_calls(connection: sqlite3.Connection) -> None:
    """Added up anew from the calls themselves, each priced by itself: the same tokens, the same money."""
    (row,) = usage(connection, UsageQuery(), UtcZone())
    assert row.requests == len(EVENTS)
    assert row.input_tokens == sum(event.input_tokens for event in EVENTS)
    assert row.output_tokens == sum(event.output_tokens for event in EVENTS)
    cost, unpriced = 0, 0
    for event in EVENTS:
        whole = event.input_tokens + event.cache_read_tokens + event.cache_write_5m_tokens + event.cache_write_1h_tokens
        band = 300 if event.model == "claude-opus-4-6" and whole > 300 else 0
        found = [
            price
            for price in PRICES[event.model]
            if price.band == band
            and (Tier.STANDARD, Tier.FAST)[event.tier] is price.tier
            and (price.valid_from_utc or 0) <= event.at_utc < (price.valid_to_utc or 2**62)
        ]
        if found:
            cost += found[0].rates.cost(
                event.input_tokens, event.output_tokens, event.cache_read_tokens, event.cache_write_5m_tokens,
                event.cache_write_1h_tokens, event.web_searches,
            )  # fmt: skip
        else:
            unpriced += whole + event.output_tokens
    assert row.list_cost == Decimal(cost).scaleb(-15)
    assert row.unpriced_tokens == unpriced > 0


@pytest.mark.parametrize("key", KEYS)
def test_any_key_sums_to_the_total(connection: sqlite3.Connection, key: str) -> None:
    """Whatever it is grouped by, alone or with another key, nothing is lost and nothing counts twice."""
    wanted = total(usage(connection, UsageQuery(), UtcZone()))
    for name, other in zip(itertools.cycle(ZONES), (None, *KEYS), strict=False):
        by = (key,) if other is None else (key, other)
        rows = usage(connection, UsageQuery(by), zone(name))
        assert total(rows) == wanted, (by, name)
        groups = [row.keys for row in rows]
        assert len(set(groups)) == len(groups), "each group once"
        assert "hour" in by or groups == sorted(groups)  # an hour that comes twice in a night is not in text order
        assert all(tuple(name for name, _ in row.keys) == by for row in rows)


@settings(max_examples=30, deadline=None)
@given(by=st.lists(st.sampled_from(KEYS), max_size=5, unique=True), name=st.sampled_from(ZONES), data=st.data())
def test_any_grouping_and_filter(connection: sqlite3.Connection, by: list[str], name: str, data: st.DataObject) -> None:
    """Filtered by each value of a key in turn, the parts add up to the whole; days before and after a cut do too."""
    place = zone(name)
    wanted = total(usage(connection, UsageQuery(), place))
    assert total(usage(connection, UsageQuery(tuple(by)), place)) == wanted
    key = data.draw(st.sampled_from([key for key in KEYS if key not in ("hour", "day", "week")]))
    values = {row.key(key) for row in usage(connection, UsageQuery((key,)), place)}
    parts = [
        row
        for value in sorted(values)
        for row in usage(connection, UsageQuery(tuple(by[:2]), where=((key, value),)), place)
    ]
    assert total(parts) == wanted
    assert total(usage(connection, UsageQuery(where=tuple((key, value) for value in sorted(values))), place)) == wanted
    cut = data.draw(st.dates(date(2024, 12, 25), date(2026, 1, 5)))
    early = usage(connection, UsageQuery(tuple(by[:1]), to_day=cut), place)
    late = usage(connection, UsageQuery(tuple(by[:1]), from_day=cut + timedelta(days=1)), place)
    assert total([*early, *late]) == wanted


@pytest.mark.parametrize("name", ZONES)
def test_days_are_those_of_the_wall(connection: sqlite3.Connection, name: str) -> None:
    """The standard library puts each call on the same day, week, month and hour."""
    wall = ZoneInfo(name)
    wanted: dict[str, dict[str, int]] = {key: defaultdict(int) for key in ("day", "week", "month", "hour")}
    for event in EVENTS:
        local = datetime.fromtimestamp(event.at_utc, wall)
        year, week, _ = local.isocalendar()
        offset = local.strftime("%z")
        wanted["day"][local.strftime("%Y-%m-%d")] += 1
        wanted["week"][f"{year}-W{week:02d}"] += 1
        wanted["month"][local.strftime("%Y-%m")] += 1
        wanted["hour"][f"{local:%Y-%m-%dT%H:00}{offset[:3]}:{offset[3:5]}"] += 1
    for key, counts in wanted.items():
        rows = usage(connection, UsageQuery((key,)), zone(name))
        assert {row.key(key): row.requests for row in rows} == dict(counts), key


@pytest.mark.parametrize("name", ZONES)
def test_hours_sum_to_days_and_days_to_months(connection: sqlite3.Connection, name: str) -> None:
    """Local hours are parts of local days, and days of months, also where the clock changes."""
    place = zone(name)
    hours = usage(connection, UsageQuery(("hour",)), place)
    days = usage(connection, UsageQuery(("day",)), place)
    months = usage(connection, UsageQuery(("month",)), place)
    for day in days:
        assert total([hour for hour in hours if hour.key("hour")[:10] == day.key("day")]) == total([day])
    for month in months:
        assert total([day for day in days if day.key("day")[:7] == month.key("month")]) == total([month])
        one = usage(connection, UsageQuery(where=(("month", month.key("month")),)), place)
        assert total(one) == total([month])
    date_ = date(2025, 4, 25)
    start, end = day_start_utc(date_, place), day_start_utc(date_ + timedelta(days=1), place)
    (row,) = usage(connection, UsageQuery(from_day=date_, to_day=date_), place)
    assert row.requests == sum(start <= event.at_utc < end for event in EVENTS)


def test_filters_of_one_key_are_alternatives(connection: sqlite3.Connection) -> None:
    """`--where` twice with one key takes either; with two keys, both must hold. Quotes in a value are only text."""
    either = usage(connection, UsageQuery(where=(("model", "gpt-5.5"), ("model", "claude-opus-4-6"))), UtcZone())
    both = usage(connection, UsageQuery(where=(("model", "gpt-5.5"), ("agent", "codex"))), UtcZone())
    assert either[0].requests == sum(event.model != "nobody-prices-this" for event in EVENTS)
    assert both[0].requests == sum(event.model == "gpt-5.5" for event in EVENTS[1::2])
    assert usage(connection, UsageQuery(where=(("model", "x' OR '1'='1"),)), UtcZone()) == []


def test_unknown_keys_are_refused(connection: sqlite3.Connection) -> None:
    """A key that is none is a ValueError that names the ones there are."""
    for query in (UsageQuery(("colour",)), UsageQuery(where=(("colour", "red"),))):
        with pytest.raises(ValueError, match=r"colour.*day.*machine"):
            usage(connection, query, UtcZone())


def test_dates_at_the_ends_of_time(connection: sqlite3.Connection) -> None:
    """From the first date there is to the last is all; a span without usage is nothing."""
    wanted = total(usage(connection, UsageQuery(), UtcZone()))
    for name in ZONES:
        everything = UsageQuery(from_day=date.min, to_day=date.max)
        assert total(usage(connection, everything, zone(name))) == wanted
        almost = UsageQuery(from_day=date(1, 1, 2), to_day=date(9999, 12, 30))
        assert total(usage(connection, almost, zone(name))) == wanted
        assert usage(connection, UsageQuery(from_day=date(2030, 1, 1)), zone(name)) == []
        assert usage(connection, UsageQuery(to_day=date(2000, 1, 1)), zone(name)) == []


def test_a_million_billion_tokens_stay_exact(tmp_path: Path) -> None:
    """10¹⁵ tokens at 75 USD per million are past what 64 bits of nano-units hold: exact through SQLite all the same."""
    writer = Writer(tmp_path / "history.db")
    source = writer.source("agent", "codex", "Codex", "openai", 0)
    rates = Rates(75 * 10**9, 75 * 10**9, 1, 1, 1)
    event = LogEvent(1, 0, 1_772_000_100, "openai", "big", 0, "/p", "s", 0, 1, 1, 0, 0, 0, 0, 0, 0)
    writer.add_models({("openai", "big"): [Price(Tier.STANDARD, 0, rates, None, None)]}, 0)
    writer.apply(Batch(source, "host", [event], []))
    writer.rebuild()
    connection = writer.connection
    connection.execute("UPDATE usage_buckets SET input = ?, output = ?, cache_read = 3", (10**15 + 1, 10**15))
    (row,) = usage(connection, UsageQuery(), UtcZone())
    # (2 × 10¹⁵ + 1) × 75 / 10⁶, and 3 tokens at 10⁻¹⁵ each.
    assert row.list_cost == Decimal("150000000000.000075") + Decimal("0.000000000000003")
    assert row.total_tokens == 2 * 10**15 + 4
    (day,) = usage(connection, UsageQuery(("day",)), UtcZone())
    assert day.list_cost == row.list_cost
    writer.close()


def test_an_empty_history_has_no_rows(tmp_path: Path) -> None:
    """No usage is an empty list, whatever is asked."""
    Writer(tmp_path / "history.db").close()
    with History(tmp_path / "history.db") as history:
        for key in KEYS:
            assert history.usage(UsageQuery((key,)), UtcZone()) == []
        assert history.bounds() is None
        assert history.unpriced_models() == []


@pytest.mark.parametrize(
    ("key", "label"),
    [("day", "2026-01-01"), ("week", "2026-W01"), ("month", "2026-01"), ("hour", "2026-01-01T02:00+05:45")],
)
def test_labels(key: str, label: str) -> None:
    """The contract's forms: ISO weeks, and hours with their offset."""
    at = int(datetime(2025, 12, 31, 20, 30, tzinfo=UTC).timestamp())
    assert time_label(key, at, 20_700) == label


def test_groups_of_nothing_are_left_out(connection: sqlite3.Connection) -> None:
    """Rows hold requests, tokens or money; all of them say how they are known."""
    for row in usage(connection, UsageQuery(("day", "project", "session")), UtcZone()):
        assert row.requests or row.total_tokens
        assert row.basis == ("estimated",)
        assert (row.list_cost is None) == (row.unpriced_tokens == row.total_tokens and row.unpriced_tokens > 0) or (
            row.total_tokens == 0
        )
    assert usage_module.bounds(connection) == (
        min(e.at_utc for e in EVENTS) // 900 * 900,
        max(e.at_utc for e in EVENTS) // 900 * 900,
    )
