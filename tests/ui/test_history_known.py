"""Every figure of every view of a made-up year tells, on hover and on focus, how it is known and as of when."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.charts.spec import BarChart, Chart, LineChart, Waterfall
from tokentray.clock import UtcZone
from tokentray.engine.reports import notes, plans, prices, reconcile, usage, why
from tokentray.engine.reports.ground import Ground
from tokentray.money import NumberStyle
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report, Row
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.ui.history.headline import known_words
from tokentray.ui.history.tips import FIGURES, bar_tip, cell_tip, cell_words, series_tip

_BUILD: dict[View, Callable[[Ground, Question], Report]] = {
    View.USAGE: usage.build,
    View.WHY: why.build,
    View.PRICES: prices.build,
    View.PLANS: plans.build,
    View.RECONCILE: reconcile.build,
    View.NOTES: notes.build,
}
_PERIODS = (Period(), Period(Span.MONTH, date(2026, 10, 1)), Period(Span.DAYS_7), Period(Span.YEAR), Period(Span.ALL))
_GROUPINGS = (("source",), ("model",), ("project",), ("kind",), ("account",), ())
_QUESTIONS = [
    *(Question(view, period) for view in View for period in _PERIODS),
    *(Question(by=by, measure=measure) for by in _GROUPINGS for measure in Measure),
    *(Question(view, measure=Measure.WORTH) for view in (View.WHY, View.PRICES, View.NOTES)),
]
# How anything is known begins with one of these; a fee and a charge were typed in, and have no age.
_HOW = (
    "billed",
    "estimated",
    "own token counts",
    "fee",
    "typed",
    "list price",
    "no bill",
    "nothing used",
    "not priced",
)
_AGELESS = ("fee", "typed", "nothing used", "list price of", "no price", "no bill")


@pytest.fixture(scope="module", name="ground")
def ground_fixture(demo_home: Path) -> Iterator[Ground]:
    with History(demo_home / "history.db") as history:
        yield Ground(history, DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS)


def _tells(tip: str) -> bool:
    """Whether it says how something is known, and as of when where that has an age."""
    said = tip.replace("\u2060", "").replace("\n", " ").lower()
    how = any(word in said for word in _HOW)
    return how and ("as of " in said or any(word in said for word in _AGELESS))


def _silent_cells(report: Report) -> Iterator[str]:
    table = report.table
    rows: tuple[Row, ...] = (*table.rows, *table.totals)
    for row in rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            if column.kind in FIGURES and any(char.isdigit() for char in cell.text):
                hovered, focused = cell_tip(column, cell, row), cell_words(column, cell, row)
                if not (_tells(hovered) and _tells(focused)):
                    yield f"{row.cells[0].text} {column.id} {cell.text}: {hovered!r}"


def _silent_bars(chart: Chart | None, as_of: str) -> Iterator[str]:
    """Bars, their parts, points of lines and items of the legend that hold something and do not tell."""
    if chart is None:
        return
    if isinstance(chart, Waterfall):
        bars, parts = len(chart.steps), 0
    elif isinstance(chart, LineChart):
        bars, parts = len(chart.ticks), len(chart.series)
    else:
        bars, parts = len(chart.bars), len(chart.series)
    for bar in range(bars):
        for part in range(-1, parts):
            tip = bar_tip(chart, bar, part, as_of)
            if _holds(chart, bar, part) and not _tells(tip):
                yield f"bar {bar}, part {part}: {tip!r}"
    if not isinstance(chart, Waterfall):
        for series in chart.series:
            tip = series_tip(series, as_of)
            if series.text and not _tells(tip):
                yield f"legend {series.label}: {tip!r}"


def _holds(chart: Chart, bar: int, part: int) -> bool:
    if isinstance(chart, BarChart):
        return bool(any(chart.bars[bar].amounts) if part < 0 else chart.bars[bar].amounts[part])
    if isinstance(chart, LineChart):
        return part >= 0 and chart.series[part].points[bar].value is not None
    return True


@pytest.mark.parametrize("question", _QUESTIONS, ids=lambda one: f"{one.view}-{one.period.span}-{one.by}-{one.measure}")
def test_every_figure_tells_how_it_is_known(ground: Ground, question: Question) -> None:
    """Headline, legend, bars and their parts, cells and totals."""
    report = _BUILD[question.view](ground, question)
    assert report.as_of_text
    assert report.table.rows
    if report.headline.amount_text:
        assert _tells(known_words(report))
    assert not list(_silent_cells(report))
    assert not list(_silent_bars(report.chart, report.as_of_text))
