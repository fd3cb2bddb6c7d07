"""Every figure of the usage report is the one that `usage` gives for the same question."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.charts.spec import BarChart
from tokentray.clock import UtcZone
from tokentray.engine.demo import fill
from tokentray.engine.reports import usage
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.usage_chart import OTHERS
from tokentray.insight import periods
from tokentray.model import UsageRow
from tokentray.money import NumberStyle
from tokentray.question import Measure, Period, Question, Span
from tokentray.report import Report, Row
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

ZONE = UtcZone()
TODAY = date(2026, 11, 22)
PERIODS = (
    Period(Span.DAYS_7),
    Period(Span.DAYS_30),
    Period(Span.MONTH),
    Period(Span.MONTH, date(2026, 10, 1)),
    Period(Span.YEAR),
    Period(Span.ALL),
    Period(Span.CUSTOM, date(2026, 8, 29), date(2026, 9, 3)),
)
GROUPINGS = (("source",), ("model",), ("project",), ("account",), ("kind",), (), ("agent",), ("payer",))
MEASURES = (Measure.SPEND, Measure.WORTH, Measure.TOKENS, Measure.REQUESTS)
COUNTS = (
    "requests", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "web_search_requests",
)  # fmt: skip


@pytest.fixture(scope="module", name="home")
def home_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the made-up year in it."""
    folder = tmp_path_factory.mktemp("demo")
    writer = Writer(folder / "history.db")
    fill(writer, now_utc=DEMO_NOW_UTC, zone=ZONE)
    writer.close()
    return folder


@pytest.fixture(scope="module", name="ground")
def ground_fixture(home: Path) -> Iterator[Ground]:
    with History(home / "history.db") as history:
        yield Ground(history, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)


def told(ground: Ground, by: Sequence[str], period: Period) -> list[UsageRow]:
    """What `usage` says of a period, straight from the history."""
    first, last = periods.days(period, TODAY, ground.known)
    return _told(ground.history, tuple(by), first, last)


@cache
def _told(history: History, by: tuple[str, ...], first: date, last: date) -> list[UsageRow]:
    return history.usage(UsageQuery(by, first, last, today=TODAY), ZONE)


def values(report: Report, row: Row) -> dict[str, object]:
    """The exact values of a row, by column."""
    return {column.id: cell.value for column, cell in zip(report.table.columns, row.cells, strict=True)}


def amount(row: UsageRow, measure: Measure) -> Decimal:
    """What a bar is tall by."""
    if measure is Measure.TOKENS:
        return Decimal(row.total_tokens)
    if measure is Measure.REQUESTS:
        return Decimal(row.requests)
    return row.cost if measure is Measure.SPEND else row.list_cost or Decimal(0)


def agrees(found: dict[str, object], row: UsageRow) -> bool:
    """Whether a row of the table holds what a row of `usage` does."""
    same = all(found[name] == getattr(row, name) for name in COUNTS)
    return same and found["cost"] == row.cost and found["list_cost"] == row.list_cost


def check(ground: Ground, question: Question) -> Report:
    """Rows, totals and bars of a report beside what `usage` says."""
    report = usage.build(ground, question)
    rows = told(ground, question.by, question.period)
    assert {row.keys for row in report.table.rows} == {row.keys for row in rows}
    by_keys = {row.keys: row for row in rows}
    for row in report.table.rows:
        assert agrees(values(report, row), by_keys[row.keys]), row.id
    (whole,) = told(ground, (), question.period)
    (total,) = report.table.totals
    assert agrees(values(report, total), whole)
    check_bars(report, told(ground, (report.question.split, *question.by), question.period))
    return report


def check_bars(report: Report, rows: Sequence[UsageRow]) -> None:
    """Every part of every bar; what has no hour is in none."""
    chart, measure = report.chart, report.question.measure
    assert isinstance(chart, BarChart)
    own = [one.id for one in chart.series]
    expected: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        id_ = "\x1f".join(value for key, value in row.keys[1:])
        part = id_ if id_ in own else OTHERS
        of_bar = expected.setdefault(row.keys[0][1], {})
        of_bar[part] = of_bar.get(part, Decimal(0)) + amount(row, measure)
    known = {bar.id for bar in chart.bars}
    assert len(known) == len(chart.bars) <= periods.MOST_BARS
    assert set(expected) - known <= {""}, "every stretch of time with use has a bar"
    for bar in chart.bars:
        parts = expected.get(bar.id, {})
        assert dict(zip(own, bar.amounts, strict=True)) == {id_: parts.get(id_, Decimal(0)) for id_ in own}, bar.id


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: f"{period.span}-{period.first}")
def test_every_figure_is_that_of_usage(ground: Ground, period: Period) -> None:
    """All groupings, splits and measures of a period: rows, totals and each part of each bar, to the last digit."""
    days = periods.days(period, TODAY, ground.known)
    for by in GROUPINGS:
        for split in periods.splits(*days):
            for measure in MEASURES:
                check(ground, Question(period=period, by=by, split=split, measure=measure))
