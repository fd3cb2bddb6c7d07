"""Every figure of the usage report is the one that `usage` gives for the same question."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.store.test_accounts import blank
from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.charts.spec import BarChart
from tokentray.clock import UtcZone
from tokentray.engine.reports import usage
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.usage_chart import OTHERS
from tokentray.insight import periods
from tokentray.insight.converted import regrouped, spend_of
from tokentray.insight.filters import FilterError
from tokentray.model import UsageRow
from tokentray.money import NumberStyle, decimal_of, exact_sum, nanos_from_text, plain
from tokentray.question import Measure, Period, Question, Span
from tokentray.report import Report, Row
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

ZONE = UtcZone()
NANO = Decimal("0.000000001")
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
def home_fixture(demo_home: Path) -> Path:
    """A folder with the made-up year in it."""
    return demo_home


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


@pytest.mark.parametrize(
    ("by", "arguments", "question"),
    [
        (("source",), ("--from", "2026-11-01", "--to", "2026-11-22"), Question()),
        (("model", "project"), (), Question(period=Period(Span.ALL), by=("model", "project"))),
        (("session",), ("--from", "2026-11-16"), Question(period=Period(Span.DAYS_7), by=("session",))),
        (
            ("kind",),
            ("--where", "source=claude-code", "--where", "model=claude-opus-5-5", "--from", "2026-11-01"),
            Question(by=("kind",), where=(("source", "claude-code"), ("model", "claude-opus-5-5"))),
        ),
    ],
    ids=("sources", "models-and-projects", "sessions", "one-model"),
)
def test_figures_are_those_the_program_prints(
    ground: Ground,
    home: Path,
    tokentray: Callable[..., CompletedProcess[str]],
    by: tuple[str, ...],
    arguments: tuple[str, ...],
    question: Question,
) -> None:
    """`usage --json` of the same question, run as a person runs it."""
    report = usage.build(ground, question)
    done = tokentray("--utc", "usage", "--json", "--by", ",".join(by), "--to", "2026-11-22", *arguments, home=home)
    assert done.returncode == 0, done.stderr
    printed = {tuple(row[key] for key in by): row for row in json.loads(done.stdout)}
    assert len(printed) == len(report.table.rows) > 0
    for row in report.table.rows:
        found, said = values(report, row), printed[tuple(value for _, value in row.keys)]
        assert all(found[name] == said[name] for name in COUNTS)
        assert plain(decimal(found["cost"])) == said["cost"]
        listed = found["list_cost"]
        assert (None if listed is None else plain(decimal(listed))) == said["list_cost"]


def decimal(value: object) -> Decimal:
    """An amount of a cell."""
    assert isinstance(value, Decimal)
    return value


def of(report: Report, name: str) -> list[Decimal]:
    """A column of amounts, of the rows that are shown."""
    return [decimal(values(report, row)[name]) for row in report.table.rows if row.shown and values(report, row)[name]]


def chart_of(report: Report) -> BarChart:
    """Its bars."""
    assert isinstance(report.chart, BarChart)
    return report.chart


def test_what_is_switched_off_or_not_picked_is_in_no_bar_and_no_total(ground: Ground) -> None:
    """Bars, total and headline are of the rows that are shown; the others stay in the table."""
    whole = usage.build(ground, Question(by=("model",), measure=Measure.WORTH))
    first, second = (row.id for row in whole.table.rows[:2])
    for changed in (
        usage.build(ground, Question(by=("model",), measure=Measure.WORTH, hidden=(first,))),
        usage.build(ground, Question(by=("model",), measure=Measure.WORTH, picked=(second,))),
    ):
        assert [row.id for row in changed.table.rows] == [row.id for row in whole.table.rows]
        assert not next(row for row in changed.table.rows if row.id == first).shown
        (total,) = changed.table.totals
        assert values(changed, total)["list_cost"] == exact_sum(of(changed, "list_cost"))
        bars = [exact_sum(bar.amounts) for bar in chart_of(changed).bars]
        assert exact_sum(bars) == exact_sum(of(changed, "list_cost")) < exact_sum(of(whole, "list_cost"))
        assert not next(one for one in chart_of(changed).series if one.id == first).shown
        assert changed.headline.amount_text == changed.table.totals[0].cells[2].text
    gone = usage.build(ground, Question(by=("model",), picked=("no such model",)))
    assert gone.question.picked == ()
    assert all(row.shown for row in gone.table.rows)


def test_the_series_for_several_hides_all_of_them(ground: Ground) -> None:
    """The largest eight have a colour; switched off together, the rest is in no total either."""
    question = Question(period=Period(Span.YEAR), by=("model", "project"), measure=Measure.WORTH)
    whole = usage.build(ground, question)
    assert len(chart_of(whole).series) == 9
    assert chart_of(whole).series[-1].id == OTHERS
    hidden = usage.build(ground, question._replace(hidden=(OTHERS,)))
    own = {one.id for one in chart_of(hidden).series}
    assert {row.id for row in hidden.table.rows if row.shown} == own - {OTHERS}


def test_selected_bars_fill_the_table(ground: Ground) -> None:
    """Table, total and headline are of the days selected, whichever end they were selected from; the chart is whole."""
    question = Question(by=("project",), selected=("2026-11-12", "2026-11-09"))
    report = usage.build(ground, question)
    days = usage.build(
        ground, Question(by=("project",), period=Period(Span.CUSTOM, date(2026, 11, 9), date(2026, 11, 12)))
    )
    assert [row.cells for row in report.table.rows] == [row.cells for row in days.table.rows]
    assert report.table.totals[0].cells == days.table.totals[0].cells
    assert report.headline == days.headline
    chart = chart_of(report)
    assert chart.selected is not None
    assert [bar.id for bar in chart.bars][slice(*chart.selected)][0] == "2026-11-09"
    assert len(chart.bars) == 22
    assert report.subject == "usage-2026-11-by-project-of-2026-11-09-to-2026-11-12", "so is a file called"
    elsewhere = usage.build(ground, question._replace(selected=("2026-10-12", "2026-10-09")))
    assert elsewhere.question.selected is None


def test_a_filter_gives_what_where_gives(ground: Ground) -> None:
    """Patterns are resolved to the values they match, and names count: the rows are those of `--where`."""
    opus = {row.key("model") for row in told(ground, ("model",), Period()) if "opus" in row.key("model")}
    filtered = usage.build(ground, Question(by=("project",), text="model:opus"))
    exact = usage.build(ground, Question(by=("project",), where=tuple(("model", one) for one in sorted(opus))))
    assert filtered.table == exact.table
    plan = usage.build(ground, Question(text="source:max"))
    assert [row.id for row in plan.table.rows] == ["plan:1"]
    without = usage.build(ground, Question(text="-source:max"))
    assert "plan:1" not in {row.id for row in without.table.rows}
    nothing = usage.build(ground, Question(text="model:nosuchmodel"))
    assert nothing.table.rows == ()
    assert nothing.empty_text.startswith("Nothing matches model:nosuchmodel. There are, by model: ")
    with pytest.raises(FilterError, match="no key “mdoel”"):
        usage.build(ground, Question(text="mdoel:opus"))


def test_rows_stand_as_asked(ground: Ground) -> None:
    """The most first; by any column either way, what has nothing there last; times as they go."""
    spends = of(usage.build(ground, Question(by=("model",))), "cost")
    assert spends == sorted(spends, reverse=True)
    report = usage.build(ground, Question(by=("model",), sort="cache_hit_rate", descending=False))
    rates = [values(report, row)["cache_hit_rate"] for row in report.table.rows]
    known = [rate for rate in rates if rate is not None]
    assert known == sorted(known, key=decimal)
    assert rates == [*known, *[None] * (len(rates) - len(known))]
    assert len(known) < len(rates)
    days = usage.build(ground, Question(by=("day",)))
    assert [row.id for row in days.table.rows] == sorted(row.id for row in days.table.rows)
    assert (days.table.sort, days.table.descending) == ("day", False)


def test_shares_and_displayed_amounts_add_up(ground: Ground) -> None:
    """What is displayed in a column is, added up, what is displayed as its total."""
    for by in GROUPINGS[:3]:
        report = usage.build(ground, Question(by=by))
        texts = [
            {column.id: cell.text for column, cell in zip(report.table.columns, row.cells, strict=True)}
            for row in (*report.table.rows, *report.table.totals)
        ]
        cents = [digits(text["cost"]) for text in texts]
        assert sum(cents[:-1]) == cents[-1] > 0
        percents = [digits(text["share"]) for text in texts if "<" not in text["share"]]
        assert sum(percents[:-1]) == percents[-1] == 100


@pytest.mark.parametrize(("measure", "column"), [(Measure.SPEND, "cost"), (Measure.WORTH, "list_cost")])
def test_shares_and_equivalents_are_of_what_is_shown(ground: Ground, measure: Measure, column: str) -> None:
    """As the headline over them; else a share of spend would stand beside bars of worth."""
    report = usage.build(ground, Question(by=("model",), measure=measure))
    (total,) = report.table.totals
    places = {one.id: place for place, one in enumerate(report.table.columns)}
    assert report.headline.equivalent_text == f"{total.cells[places['equivalent']].text} of your time"
    whole = Fraction(decimal(values(report, total)[column]))
    for row in report.table.rows:
        found = values(report, row)
        mine = Fraction(decimal(found[column])) if found[column] is not None else Fraction(0)
        assert abs(Fraction(decimal(found["share"])) - mine * 100 / whole) < Fraction(1, 10**8)
        assert (found["equivalent"] is None) == (not mine)


def test_displayed_amounts_of_what_is_shown_add_up(ground: Ground) -> None:
    """Whichever groups are switched off: a cent that was shared out to one of those is with another then."""
    question = Question(by=("model", "project"), measure=Measure.WORTH)
    ids = [row.id for row in usage.build(ground, question).table.rows]
    for first in range(6):
        report = usage.build(ground, question._replace(hidden=tuple(ids[first::3])))
        place = [column.id for column in report.table.columns].index("list_cost")
        shown = [digits(row.cells[place].text) for row in report.table.rows if row.shown]
        assert sum(shown) == digits(report.table.totals[0].cells[place].text) > 0
        assert len(shown) < len(ids)


def digits(text: str) -> int:
    """The figure of a text, its point left out."""
    return int("".join(char for char in text if char.isdigit()) or 0) if "<" not in text else 0


@pytest.fixture(name="told_home")
def told_home_fixture(home: Path, tmp_path: Path) -> Path:
    """A copy of the made-up year in which more can be told."""
    shutil.copyfile(home / "history.db", tmp_path / "history.db")
    return tmp_path / "history.db"


def test_amounts_are_told_at_the_rates_and_reference_points_of_their_days(told_home: Path) -> None:
    """In the person's own currency every grouping comes to one total, that of each day at its rate."""
    writer = Writer(told_home)
    with writer.telling() as say:
        say.set_rate("EUR", "USD", nanos_from_text("1.10"), date(2026, 1, 1))
        say.set_rate("EUR", "USD", nanos_from_text("1.25"), date(2026, 11, 10))
        say.add_reference("hourly", "", nanos_from_text("120"), "USD", date(2026, 11, 8), DEMO_NOW_UTC)
    writer.close()
    with History(told_home) as history:
        ground = Ground(history, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS._replace(currency="EUR"))
        assert ground.days_matter
        for by in GROUPINGS:
            for split in ("day", "week"):
                report = usage.build(ground, Question(by=by, split=split))
                days = told(ground, ("day", *by), Period())
                expected = {row.keys: row for row in regrouped(days, by, ground.home)}
                assert {row.keys for row in report.table.rows} == set(expected)
                for row in report.table.rows:
                    assert abs(decimal(values(report, row)["cost"]) - expected[row.keys].cost) <= NANO
                whole = decimal_of(spend_of(days, ground.home))
                (total,) = report.table.totals
                assert values(report, total)["cost"] == whole
                bars = exact_sum([exact_sum(bar.amounts) for bar in chart_of(report).bars])
                assert abs(bars - whole) < NANO * 400
                hours = ground.figures(days).equivalent(days, of_worth=False).units
                assert hours is not None
                assert values(report, total)["equivalent"] == decimal_of(hours)


def test_without_a_payer_all_is_worth_at_list_price(told_home: Path) -> None:
    """Then there is no column of spend, and no measure of it."""
    connection = sqlite3.connect(told_home)
    with connection:
        for table in ("payer_rules", "plan_terms", "plans", "charges"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("DELETE FROM sources WHERE kind = 'account'")
    connection.close()
    with History(told_home) as history:
        ground = Ground(history, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)
        report = usage.build(ground, Question(measure=Measure.SPEND))
        assert report.question.measure is Measure.WORTH
        assert "cost" not in {column.id for column in report.table.columns}
        expected = {row.keys: row.list_cost for row in told(ground, ("source",), Period())}
        assert {row.keys: values(report, row)["list_cost"] for row in report.table.rows} == expected
        assert report.headline.note_text == "worth at list price"


def test_currencies_without_a_rate_stand_apart(told_home: Path) -> None:
    """Never added: rows and totals of their own, said under the chart, and ids that tell them apart."""
    writer = Writer(told_home)
    with writer.telling() as say:
        say.add_charge(date(2026, 11, 3), nanos_from_text("30"), "EUR", "mistral", "Invoice", DEMO_NOW_UTC)
    writer.close()
    with History(told_home) as history:
        ground = Ground(history, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)
        report = usage.build(ground, Question(by=("payer",)))
        rows = {(row.key("payer"), row.currency): row for row in told(ground, ("payer",), Period())}
        ids = {payer if currency == "USD" else f"{payer}\x1f{currency}" for payer, currency in rows}
        assert {row.id for row in report.table.rows} == ids
        assert [row.id for row in report.table.totals] == ["total\x1fEUR", "total\x1fUSD"]
        assert report.remarks == ("€30.00 is in no bar: no exchange rate leads from EUR to USD.",)
        assert "€30.00" in report.headline.amount_text
        bars = exact_sum([exact_sum(bar.amounts) for bar in chart_of(report).bars])
        assert bars == exact_sum([row.cost for (_, currency), row in rows.items() if currency == "USD"])


def test_nothing_is_said_in_words(ground: Ground) -> None:
    """Days before the history, and a history that is not there."""
    before = usage.build(ground, Question(period=Period(Span.MONTH, date(2020, 3, 1))))
    assert before.table.rows == ()
    assert "The history reaches from 22 November 2025 to 22 November 2026." in before.empty_text
    assert (before.earlier, before.later) == (None, None)
    with History(None) as nothing:
        blank = usage.build(Ground(nothing, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS), Question())
    assert blank.empty_text.startswith("Nothing is read yet.")
    assert blank.table.totals == ()


def test_fees_of_no_hour_are_told_of(ground: Ground) -> None:
    """They are in the table and the total, and in no bar."""
    report = usage.build(ground, Question(period=Period(Span.DAYS_7), split="hour"))
    (row,) = [row for row in told(ground, ("hour",), Period(Span.DAYS_7)) if not row.key("hour")]
    bars = exact_sum([exact_sum(bar.amounts) for bar in chart_of(report).bars])
    assert exact_sum(of(report, "cost")) == bars + row.cost
    assert len(report.remarks) == 1
    assert "by the day and not by the hour" in report.remarks[0]
    for measure in (Measure.WORTH, Measure.TOKENS, Measure.REQUESTS):
        of_none = usage.build(ground, Question(period=Period(Span.DAYS_7), split="hour", measure=measure))
        assert not of_none.remarks, "fees have no worth and no tokens that a bar could lack"


def test_what_is_no_spend_is_shown_at_list_price(ground: Ground) -> None:
    """What a plan covers costs nothing by itself: its bars are of its worth, unless spend is asked for."""
    covered = Question(period=Period(Span.YEAR), by=("model",), where=(("source", "claude-code"),))
    report = usage.build(ground, covered)
    assert report.question.measure is Measure.WORTH
    assert report.days is not None
    assert isinstance(report.chart, BarChart)
    whole = sum(sum(bar.amounts) for bar in report.chart.bars)
    (row,) = ground.usage((), *report.days, covered.where)
    assert whole == row.list_cost
    assert not row.cost
    assert usage.build(ground, covered._replace(measure=Measure.SPEND)).question.measure is Measure.SPEND
    assert usage.build(ground, covered._replace(where=())).question.measure is Measure.SPEND


def test_fees_have_no_worth(ground: Ground) -> None:
    """Where there are fees alone, nothing is written of what no list has a price for, in bar, legend or headline."""
    question = Question(period=Period(Span.MONTH), measure=Measure.WORTH, where=(("source", "plan:1"),))
    report = usage.build(ground, question)
    chart = chart_of(report)
    assert {bar.text for bar in chart.bars} == {"–"}
    assert "fees and charges have no list price" in str(chart.bars[0].tip)
    assert chart.series == ()
    assert report.headline.amount_text == "–"
    assert "stimated" not in report.headline.known_text


def test_what_is_billed_has_a_price_where_no_list_has_one(tmp_path: Path) -> None:
    """A million tokens that a bill covers cost what was billed for them, whatever the model."""
    made = blank(tmp_path / "history.db")
    account = made.account("team")
    made.feed(account, "metered", 9)
    made.feed(account, "billed", 9)
    made.report(account, 3, 500_000, model="new")
    made.bill(account, 0, "2.50", model="new")
    made.writer.rebuild()
    made.writer.close()
    with History(tmp_path / "history.db") as history:
        ground = Ground(history, DEMO_NOW_UTC, ZONE, NumberStyle(), DEFAULTS)
        report = usage.build(ground, Question(by=("model",), period=Period(Span.ALL)))
    (row,) = report.table.rows
    found = values(report, row)
    assert (found["cost"], found["list_cost"], found["unpriced_tokens"]) == (Decimal("2.50"), None, 500_000)
    assert found["price_per_million"] == 5


def test_what_holds_nothing_of_the_measure_has_no_series(ground: Ground) -> None:
    """Agents that a plan pays for have no spend, and fees no tokens: neither stands in legend or bar, both in the table
    and its totals; what is switched off stays, to be switched on again.
    """
    question = Question(period=Period(Span.MONTH, date(2026, 10, 1)))
    for measure in MEASURES:
        report = usage.build(ground, question._replace(measure=measure))
        chart = chart_of(report)
        held = {one.id for at, one in enumerate(chart.series) if any(bar.amounts[at] for bar in chart.bars)}
        assert held == {one.id for one in chart.series}
        assert len(report.table.rows) > len(held)
        assert all(row.shown for row in report.table.rows)
    spend = usage.build(ground, question)
    assert "claude-code" in {row.id for row in spend.table.rows} - {one.id for one in chart_of(spend).series}
    hidden = usage.build(ground, question._replace(hidden=("claude-code",)))
    assert {one.id: one.shown for one in chart_of(hidden).series}["claude-code"] is False
    for one, other in zip(chart_of(spend).bars, chart_of(hidden).bars, strict=True):
        assert (one.text, exact_sum(one.amounts)) == (other.text, exact_sum(other.amounts))
    picked = usage.build(ground, question._replace(picked=("claude-code",)))
    assert [one.id for one in chart_of(picked).series if one.shown] == ["claude-code"]
    order = [one.id for one in chart_of(spend).series]
    assert [one.id for one in chart_of(picked).series if one.id in order] == order, "nothing jumps as it is picked"


def test_groups_by_several_keys_have_colours_of_their_own(ground: Ground) -> None:
    """In the chart as in the table; by one key that of its value, whatever else it is grouped by elsewhere."""
    question = Question(period=Period(Span.MONTH, date(2026, 10, 1)), by=("agent", "model"), measure=Measure.TOKENS)
    report = usage.build(ground, question)
    inks = {row.id: row.ink for row in report.table.rows}
    assert len(set(inks.values())) == len(inks) > 5
    for one in chart_of(report).series:
        assert one.ink == inks.get(one.id, "")
    assert "agent+model:" in inks.values(), "fees have neither, and look as they do by one of them"
    by_agent = usage.build(ground, question._replace(by=("agent",)))
    assert "agent:claude-code" in {row.ink for row in by_agent.table.rows}
