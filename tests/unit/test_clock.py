"""Local days and months: they tile time in every zone, across every change of the clock."""

import itertools
import os
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import (
    BUCKET_S,
    DAY_S,
    FixedClock,
    NamedZone,
    SystemClock,
    SystemZone,
    UtcSeconds,
    UtcZone,
    Zone,
    date_of_day_number,
    day_start_utc,
    days_between,
    local_date,
    month_bounds_utc,
    offset_spans,
    offset_text,
    rfc3339,
)

ZONES = (
    "UTC",
    "America/New_York",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Santiago",
)
YEARS = (2023, 2024, 2025, 2026)
zones = st.sampled_from(ZONES)


def zone(name: str) -> Zone:
    """A zone by name, UTC as the app has it."""
    return UtcZone() if name == "UTC" else NamedZone(name)


def utc(text: str) -> int:
    """RFC 3339 to UTC seconds."""
    return int(datetime.fromisoformat(text).timestamp())


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", YEARS)
def test_days_tile_a_year_and_sum_to_months(name: str, year: int) -> None:
    """Each day begins where the last ended, lasts 23 to 25 hours, and a month is exactly its days."""
    place = zone(name)
    days = days_between(date(year, 1, 1), date(year + 1, 1, 1))
    starts = [day_start_utc(day, place) for day in days]
    lengths = {after - before for before, after in itertools.pairwise(starts)}
    hours = {length / 3600 for length in lengths}
    assert hours <= {23.0, 23.5, 24.0, 24.5, 25.0}
    assert (name in ("UTC", "Asia/Kathmandu")) == (lengths == {DAY_S})
    for month in range(1, 13):
        first, after = month_bounds_utc(date(year, month, 15), place)
        inside = [start for start in starts if first <= start < after]
        assert inside[0] == first
        assert after in starts
        assert len(inside) == (date(year + month // 12, month % 12 + 1, 1) - date(year, month, 1)).days


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("year", YEARS)
def test_a_day_starts_at_its_first_instant(name: str, year: int) -> None:
    """The standard library agrees: that second shows the date, the second before shows an earlier one."""
    place = zone(name)
    wall = ZoneInfo(name)
    for day in days_between(date(year, 1, 1), date(year, 12, 31)):
        start = day_start_utc(day, place)
        assert datetime.fromtimestamp(start, wall).date() == day
        assert datetime.fromtimestamp(start - 1, wall).date() == day - timedelta(days=1)
        assert start % BUCKET_S == 0, "a bucket would straddle two days"


@pytest.mark.parametrize(
    ("name", "day", "start"),
    [
        # The clock jumps from 24:00 to 01:00: there is no midnight.
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-24T01:00:00+03:00"),
        ("America/Santiago", date(2026, 9, 6), "2026-09-06T01:00:00-03:00"),
        # 24:00 becomes 23:00 of the same evening: the next day starts an hour later.
        ("Africa/Cairo", date(2026, 10, 30), "2026-10-30T00:00:00+02:00"),
        ("America/Santiago", date(2026, 4, 5), "2026-04-05T00:00:00-04:00"),
        # Midnight itself comes twice where 01:00 becomes 00:00: the first one counts.
        ("America/Havana", date(2026, 11, 1), "2026-11-01T00:00:00-04:00"),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-05T00:00:00+11:00"),
        ("Asia/Kathmandu", date(2026, 4, 5), "2026-04-05T00:00:00+05:45"),
        # Samoa had no 30 December 2011 at all.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-31T00:00:00+14:00"),
    ],
)
def test_odd_midnights(name: str, day: date, start: str) -> None:
    """Days whose midnight is missing, doubled or skipped start at the first instant that is theirs."""
    assert day_start_utc(day, NamedZone(name)) == utc(start)


@settings(deadline=None, max_examples=60)
@given(zones, st.integers(utc("2020-01-01T00:00:00Z"), utc("2036-01-01T00:00:00Z")))
def test_an_instant_lies_in_its_day(name: str, at_utc: int) -> None:
    """The date of an instant is the day whose span holds it, and the one the standard library names."""
    place = zone(name)
    day = local_date(at_utc, place)
    assert day == datetime.fromtimestamp(at_utc, ZoneInfo(name)).date()
    assert day_start_utc(day, place) <= at_utc < day_start_utc(day + timedelta(days=1), place)
    first, after = month_bounds_utc(day, place)
    assert first <= at_utc < after


@settings(deadline=None, max_examples=60)
@given(zones, st.integers(utc("2020-01-01T00:00:00Z"), utc("2034-01-01T00:00:00Z")), st.integers(0, 800 * DAY_S))
def test_offset_spans_say_every_offset(name: str, first: int, length: int) -> None:
    """The spans cover the time from its first second, in order, and each change is at its exact second."""
    place = zone(name)
    spans = offset_spans(first, first + length, place)
    assert spans[0].start_utc == first
    for before, after in itertools.pairwise(spans):
        assert before.start_utc < after.start_utc <= first + length
        assert before.offset_s != after.offset_s
        assert place.offset_s(after.start_utc - 1) == before.offset_s
        assert place.offset_s(after.start_utc) == after.offset_s
    for at_utc in range(first, first + length, 11 * DAY_S + 7):
        held = [span for span in spans if span.start_utc <= at_utc][-1]
        assert held.offset_s == place.offset_s(at_utc)


@settings(deadline=None, max_examples=60)
@given(zones, st.integers(utc("2020-01-01T00:00:00Z"), utc("2099-12-31T00:00:00Z")))
def test_rfc3339_reads_back(name: str, at_utc: int) -> None:
    """The text of an instant is read back as the same instant, with the zone's own offset."""
    text = rfc3339(at_utc, zone(name))
    moment = datetime.fromisoformat(text)
    assert moment.timestamp() == at_utc
    assert moment.utcoffset() == datetime.fromtimestamp(at_utc, ZoneInfo(name)).utcoffset()


@pytest.mark.parametrize(
    ("offset_s", "text"),
    [(0, "+00:00"), (20_700, "+05:45"), (-10_800, "-03:00"), (-12_600, "-03:30"), (39_600, "+11:00"), (-900, "-00:15")],
)
def test_offset_text(offset_s: int, text: str) -> None:
    """Hours and minutes, the sign of the whole also where the hour is 0."""
    assert offset_text(offset_s) == text


def test_unknown_zone() -> None:
    """A name that the tz database does not hold, or that is a path, is a ValueError."""
    for name in ("Mars/Olympus", "", "../UTC", "/etc/passwd"):
        with pytest.raises(ValueError, match=r"time zone|ZoneInfo|absolute|normalized"):
            NamedZone(name)


@pytest.fixture
def kathmandu(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The C library in Kathmandu."""
    if not hasattr(time, "tzset"):
        pytest.skip("this system's C library has no tzset()")
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("kathmandu")
def test_the_system_zone_honours_tz() -> None:
    """TZ decides what the system's zone is."""
    assert "TZ" in os.environ
    assert SystemZone().offset_s(utc("2026-01-01T00:00:00Z")) == 20_700
    assert SystemZone().name == "Asia/Kathmandu"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (":Europe/Berlin", "Europe/Berlin"),
        ("/usr/share/zoneinfo/America/Port-au-Prince", "America/Port-au-Prince"),
        ("CET-1CEST,M3.5.0,M10.5.0/3", ""),
        ("/somewhere/else", ""),
        ("UTC", ""),
    ],
)
def test_a_system_zone_is_named_where_the_system_names_it(
    monkeypatch: pytest.MonkeyPatch, told: str, name: str
) -> None:
    """As the tz database does, or not at all."""
    monkeypatch.setenv("TZ", told)
    assert SystemZone().name == name


def test_zones_have_names() -> None:
    """A named zone its own; UTC needs none; the system's is whatever it is called, but no path."""
    assert (NamedZone("Asia/Kathmandu").name, UtcZone().name) == ("Asia/Kathmandu", "")
    assert not SystemZone().name.startswith("/")


def test_clocks() -> None:
    """The system's clock counts whole seconds; a fixed one stands still."""
    before = int(time.monotonic())
    now = SystemClock().now_utc()
    assert isinstance(now, int)
    assert now > utc("2025-01-01T00:00:00Z")
    assert int(time.monotonic()) - before < 60
    assert FixedClock(UtcSeconds(5)).now_utc() == 5


def test_far_dates_have_bounds() -> None:
    """The first and last dates there are can be asked for without an error, in every zone."""
    for name in ZONES:
        place = zone(name)
        assert day_start_utc(date(1, 1, 1), place) < day_start_utc(date(9999, 12, 31), place)
        first, after = month_bounds_utc(date(9999, 12, 1), place)
        assert after - first >= 31 * DAY_S - 3600


@given(st.integers(-10_000, 100_000))
def test_day_numbers(number: int) -> None:
    """Day numbers count from 1970-01-01 in UTC."""
    assert datetime.combine(date_of_day_number(number), datetime.min.time(), UTC).timestamp() == number * DAY_S
