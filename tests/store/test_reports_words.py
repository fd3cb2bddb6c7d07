"""What a report of the usage says where there is nothing to show, or nothing of the measure."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.charts.spec import BarChart
from tokentray.clock import UtcZone
from tokentray.engine.reports import prices, usage
from tokentray.engine.reports.ground import Ground
from tokentray.money import NumberStyle
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Headline, Report
from tokentray.settings import DEFAULTS
from tokentray.store.history import History

ZONE = UtcZone()
OCTOBER = Period(Span.MONTH, date(2026, 10, 1))


@pytest.fixture(scope="module", name="ground")
def ground_fixture(demo_home: Path) -> Iterator[Ground]:
    """The made-up year."""
    with History(demo_home / "history.db") as history:
        yield Ground(history, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)


def chart_of(report: Report) -> BarChart:
    assert isinstance(report.chart, BarChart)
    return report.chart


def test_days_without_anything_leave_the_chart(ground: Ground) -> None:
    """Selected among others, they empty the table and no more: there is no amount, and a line says why."""
    question = Question(by=("project",), period=OCTOBER, where=(("agent", "codex"),), measure=Measure.WORTH)
    quiet = [bar.id for bar in chart_of(usage.build(ground, question)).bars if not any(bar.amounts)]
    assert quiet
    report = usage.build(ground, question._replace(selected=(quiet[0], quiet[0])))
    assert report.empty_text == ""
    assert report.table.rows == ()
    assert report.headline == Headline()
    assert "Nothing used and nothing paid in what is selected." in report.remarks
    assert any(any(bar.amounts) for bar in chart_of(report).bars)
    assert f"Selected, {chart_of(report).bars[int(quiet[0][-2:]) - 1].label}: nothing." in report.spoken


def test_nothing_has_no_amount(ground: Ground) -> None:
    """What is not read, not there or not matched is no amount of zero."""
    with History(None) as nothing:
        blank = Ground(nothing, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)
        reports = [usage.build(blank, Question())]
    reports.append(usage.build(ground, Question(text="model:nonesuch")))
    reports.append(usage.build(ground, Question(period=Period(Span.MONTH, date(2020, 3, 1)), measure=Measure.TOKENS)))
    for report in reports:
        assert report.empty_text
        assert report.headline == Headline()


def test_prices_of_no_history_are_of_the_days_asked_for() -> None:
    """There is no course to widen them for."""
    question = Question(view=View.PRICES)
    with History(None) as nothing:
        blank = Ground(nothing, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)
        assert prices.build(blank, question).title == usage.build(blank, question).title == "November 2026"


def test_what_costs_nothing_by_itself_reads_as_such(ground: Ground) -> None:
    """The legend has a dash for what a plan covers, as the table has, and a line says how to compare it."""
    question = Question(by=("agent",), period=OCTOBER, measure=Measure.SPEND)
    report = usage.build(ground, question)
    place = [column.id for column in report.table.columns].index("cost")
    texts = {row.id: row.cells[place].text for row in report.table.rows}
    free = {id_ for id_, text in texts.items() if text == "–"}
    assert free
    assert {one.id: one.text for one in chart_of(report).series}.items() <= texts.items()
    (said,) = [one for one in report.remarks if "costs nothing by itself" in one or "cost nothing by themselves" in one]
    assert said.startswith(f"{len(free)} of these cost nothing by themselves")
    assert "Worth at list price" in said
    part = usage.build(ground, question._replace(selected=("2026-10-05", "2026-10-09")))
    assert "$0.00" not in {one.text for one in chart_of(part).series}
    worth = usage.build(ground, question._replace(measure=Measure.WORTH))
    assert not any("by themselves" in one for one in worth.remarks)
