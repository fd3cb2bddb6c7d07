"""Periods as days, their neighbours and names, and bars whose labels are those of `usage --by`."""

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.app.test_cli import line
from tests.histories import read_logs
from tokentray.clock import FixedClock, NamedZone, UtcSeconds, UtcZone, day_start_utc, rfc3339
from tokentray.insight import periods
from tokentray.question import Period, Span
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

TODAY = date(2026, 11, 22)
KNOWN = (date(2021, 11, 22), TODAY)
BERLIN = NamedZone("Europe/Berlin")


@pytest.mark.parametrize(
    ("period", "first", "last", "title"),
    [
        (Period(Span.DAYS_7), date(2026, 11, 16), TODAY, "16 – 22 November 2026"),
        (Period(Span.DAYS_30), date(2026, 10, 24), TODAY, "24 October – 22 November 2026"),
        (Period(), date(2026, 11, 1), TODAY, "November 2026"),
        (Period(Span.MONTH, date(2026, 2, 17)), date(2026, 2, 1), date(2026, 2, 28), "February 2026"),
        (Period(Span.MONTH, date(2027, 2, 1)), date(2027, 2, 1), date(2027, 2, 28), "February 2027"),
        (Period(Span.MONTH, date(9999, 12, 31)), date(9999, 12, 1), date(9999, 12, 31), "December 9999"),
        (Period(Span.YEAR), date(2026, 1, 1), TODAY, "2026"),
        (Period(Span.YEAR, date(2024, 2, 29)), date(2024, 1, 1), date(2024, 12, 31), "2024"),
        (Period(Span.ALL), *KNOWN, "All since 22 November 2021"),
        (Period(Span.CUSTOM, date(2026, 11, 14), date(2026, 11, 14)), date(2026, 11, 14), date(2026, 11, 14),
         "Sat 14 November 2026"),
        (Period(Span.CUSTOM, date(2025, 12, 30), date(2026, 1, 2)), date(2025, 12, 30), date(2026, 1, 2),
         "30 December 2025 – 2 January 2026"),
        (Period(Span.CUSTOM, date(2026, 1, 2), date(2025, 12, 30)), date(2025, 12, 30), date(2026, 1, 2),
         "30 December 2025 – 2 January 2026"),
        (Period(Span.CUSTOM, date(2026, 11, 9)), date(2026, 11, 9), TODAY, "9 – 22 November 2026"),
        (Period(Span.CUSTOM, None, date(2021, 12, 1)), KNOWN[0], date(2021, 12, 1),
         "22 November – 1 December 2021"),
    ],
)  # fmt: skip
def test_days_and_names(period: Period, first: date, last: date, title: str) -> None:
    """A period that today lies in ends today; one typed backwards is turned round."""
    assert periods.days(period, TODAY, KNOWN) == (first, last)
    assert periods.title(period, first, last) == title


def test_days_of_a_history_that_reaches_past_today_or_is_not_there() -> None:
    """A clock that was ahead once has its days shown; without a history all days are today."""
    ahead = TODAY + timedelta(days=3)
    assert periods.days(Period(), TODAY, (KNOWN[0], ahead)) == (date(2026, 11, 1), ahead)
    assert periods.days(Period(Span.ALL), TODAY, (KNOWN[0], ahead)) == (KNOWN[0], ahead)
    assert periods.days(Period(Span.DAYS_7), TODAY, (KNOWN[0], ahead))[1] == TODAY
    assert periods.days(Period(Span.ALL), TODAY, None) == (TODAY, TODAY)


@pytest.mark.parametrize(
    ("period", "earlier", "later"),
    [
        (Period(), Period(Span.MONTH, date(2026, 10, 1)), None),
        (Period(Span.MONTH, date(2026, 10, 1)), Period(Span.MONTH, date(2026, 9, 1)), Period()),
        (Period(Span.MONTH, date(2021, 11, 1)), None, Period(Span.MONTH, date(2021, 12, 1))),
        (Period(Span.YEAR, date(2025, 1, 1)), Period(Span.YEAR, date(2024, 1, 1)), Period(Span.YEAR)),
        (Period(Span.DAYS_7), Period(Span.CUSTOM, date(2026, 11, 9), date(2026, 11, 15)), None),
        (
            Period(Span.CUSTOM, date(2026, 11, 9), date(2026, 11, 15)),
            Period(Span.CUSTOM, date(2026, 11, 2), date(2026, 11, 8)),
            Period(Span.DAYS_7),
        ),
        (Period(Span.ALL), None, None),
        (Period(Span.CUSTOM, date(2026, 11, 9)), None, None),
        (Period(Span.MONTH, date(9999, 12, 1)), None, None),
        (Period(Span.CUSTOM, date.min, date.min), None, None),
    ],
)
def test_neighbours(period: Period, earlier: Period | None, later: Period | None) -> None:
    """A month goes by months, days by as many days; never to where nothing is known."""
    assert periods.stepped(period, -1, TODAY, KNOWN) == earlier
    assert periods.stepped(period, 1, TODAY, KNOWN) == later


def test_days_by_the_name_that_people_call_them() -> None:
    """A whole month is a month, also this one up to today."""
    assert periods.period_of(date(2026, 10, 1), date(2026, 10, 31)) == Period(Span.MONTH, date(2026, 10, 1))
    assert periods.period_of(date(2025, 1, 1), date(2025, 12, 31)) == Period(Span.YEAR, date(2025, 1, 1))
    assert periods.period_of(date(2026, 11, 1), TODAY, TODAY) == Period()
    assert periods.period_of(date(2026, 11, 1), TODAY) == Period(Span.CUSTOM, date(2026, 11, 1), TODAY)
    assert periods.period_of(date(2026, 11, 16), TODAY, TODAY) == Period(Span.DAYS_7)


@pytest.mark.parametrize(
    ("period", "splits", "usual"),
    [
        (Period(Span.CUSTOM, TODAY, TODAY), ("hour", "day"), "hour"),
        (Period(Span.DAYS_7), ("hour", "day"), "day"),
        (Period(Span.MONTH, date(2026, 10, 1)), ("day", "week"), "day"),
        (Period(Span.DAYS_30), ("day", "week", "month"), "day"),
        (Period(Span.YEAR), ("day", "week", "month"), "month"),
        (Period(Span.CUSTOM, date(2026, 6, 1), TODAY), ("day", "week", "month"), "week"),
        (Period(Span.ALL), ("week", "month"), "month"),
    ],
)
def test_splits_that_make_sense(period: Period, splits: tuple[str, ...], usual: str) -> None:
    """Several bars, and no more than can be told apart; what was asked for holds where it is among them."""
    days = periods.days(period, TODAY, KNOWN)
    assert periods.splits(*days) == splits
    assert periods.split_for("", period, *days) == usual
    assert periods.split_for("month", period, *days) == ("month" if "month" in splits else usual)
    for split in splits:
        assert len(periods.bars(*days, split, BERLIN)) <= periods.MOST_BARS


def test_bars_of_all_the_time_there_is() -> None:
    """Of more months than can be drawn, the latest; and nothing breaks at either end of the calendar."""
    labels = periods.bars(date.min, date(2026, 11, 22), "month", BERLIN)
    assert len(labels) == periods.MOST_BARS
    assert labels[-1] == "2026-11"
    assert periods.splits(date.min, date.max) == ("month",)
    assert periods.bars(date(9999, 12, 30), date.max, "day", UtcZone()) == ["9999-12-30", "9999-12-31"]
    assert len(periods.bars(date.max, date.max, "hour", UtcZone())) == 24


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Asia/Kathmandu", date(2026, 11, 22), 24),
        ("Australia/Lord_Howe", date(2026, 4, 5), 25),
    ],
)
def test_hours_are_those_of_usage(tmp_path: Path, zone: str, day: date, hours: int) -> None:
    """Days of 23 and 25 hours, and a clock set back by half an hour: a call in each quarter hour finds its bar."""
    there = NamedZone(zone)
    labels = periods.bars(day, day, "hour", there)
    assert len(labels) == hours
    start = day_start_utc(day, there)
    logs = tmp_path / ".claude" / "projects" / "x"
    logs.mkdir(parents=True)
    quarters = range(start, day_start_utc(day + timedelta(days=1), there), 900)
    (logs / "s.jsonl").write_text(
        "".join(line(number, rfc3339(at, UtcZone())) for number, at in enumerate(quarters, 1)), encoding="utf-8"
    )
    read_logs(tmp_path / "history.db", tmp_path)
    with History(tmp_path / "history.db") as history:
        rows = history.usage(UsageQuery(("hour",), day, day), there)
    assert [row.key("hour") for row in rows] == labels
    assert sum(row.requests for row in rows) == len(quarters)
    assert all(periods.bar_days("hour", label) == (day, day) for label in labels)
    clock = FixedClock(UtcSeconds(start))
    assert periods.label_at("hour", clock.now_utc(), there) == labels[0]


def test_every_day_lies_in_its_bar() -> None:
    """Whatever the split, bars follow each other without a gap, also over the turn of years of 53 weeks."""
    first, last = date(2019, 12, 25), date(2021, 1, 20)
    for split in ("day", "week", "month"):
        labels = periods.bars(first, last, split, UtcZone())
        stretches = [periods.bar_days(split, label) for label in labels]
        assert stretches[0][0] <= first
        assert stretches[-1][1] >= last
        for (_, end), (begin, _) in pairwise(stretches):
            assert begin == end + timedelta(days=1)


def test_texts_of_bars() -> None:
    """Short under the bar, whole to read; a heading at the first of each stretch."""
    days = periods.bar_texts("day", periods.bars(date(2026, 10, 30), date(2026, 11, 2), "day", BERLIN))
    assert [text.short for text in days] == ["30", "31", "1", "2"]
    assert [text.heading for text in days] == ["Oct 2026", "", "Nov 2026", ""]
    assert days[0].label == "Fri 30 October 2026"
    (week,) = periods.bar_texts("week", ["2026-W53"])
    assert week == ("W53", "2026", "Week 53, 28 December 2026 – 3 January 2027")
    months = periods.bar_texts("month", ["2025-12", "2026-01"])
    assert [text[:2] for text in months] == [("Dec", "2025"), ("Jan", "2026")]
    hours = periods.bar_texts("hour", periods.bars(date(2026, 10, 25), date(2026, 10, 25), "hour", BERLIN))
    assert len({text.label for text in hours}) == 25
    assert hours[2].label == "Sun 25 October 2026, 02:00 (UTC+02:00)"
    assert hours[4] == ("03", "", "Sun 25 October 2026, 03:00")
