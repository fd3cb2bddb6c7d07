"""Every figure of prices, plans, reconcile and notes on the made-up year is the one that `usage` gives."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tests.store.test_demo import NOW, TODAY, ZONE
from tokentray.charts.spec import BarChart, LineChart
from tokentray.engine.demo import fill
from tokentray.engine.reports import notes, plans, prices, reconcile, views
from tokentray.engine.reports.ground import Ground
from tokentray.insight import periods
from tokentray.insight.deeper import as_usage, deeper
from tokentray.insight.reconcile import by_account
from tokentray.model import UsageRow
from tokentray.money import Nanos, NumberStyle, decimal_of, exact_sum
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report, Row, Value
from tokentray.settings import DEFAULTS
from tokentray.store.groups import day_labels
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

PERIODS = (
    Period(),
    Period(Span.DAYS_7),
    Period(Span.MONTH, date(2026, 10, 5)),
    Period(Span.YEAR),
    Period(Span.ALL),
    Period(Span.CUSTOM, date(2026, 5, 20), date(2026, 8, 3)),
)
_ids = [f"{one.span.value}{one.first or ''}" for one in PERIODS]
every_period = pytest.mark.parametrize("period", PERIODS, ids=_ids)
WRITTEN = (
    (date(2026, 11, 14), "moved the importer", "", Nanos(0), ""),
    (date(2026, 11, 13), "three releases", "harbour-api", Nanos(3 * 10**9), "releases"),
    (date(2026, 11, 13), "all of Friday", "", Nanos(2_500_000_000), "talks"),
    (date(2026, 11, 13), "no such project", "never heard of", Nanos(10**9), "thing"),
    (date(2026, 6, 2), "a quiet day", "", Nanos(0), ""),
)


@pytest.fixture(scope="module", name="ground")
def demo_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    path = tmp_path_factory.mktemp("demo") / "history.db"
    writer = Writer(path)
    fill(writer, now_utc=NOW, zone=ZONE)
    with writer.telling() as told:
        for note in told.notes():
            told.remove_note(note.id)
        for written in WRITTEN:
            told.add_note(*written, NOW)
    writer.close()
    with History(path) as history:
        yield Ground(history, NOW, ZONE, NumberStyle(), DEFAULTS)


def usage(ground: Ground, by: Iterable[str], days: tuple[date, date] | None, *where: tuple[str, str]) -> list[UsageRow]:
    first, last = days or (None, None)
    return ground.history.usage(UsageQuery(tuple(by), first, last, where, TODAY), ground.zone)


def values(report: Report, row: Row) -> dict[str, Value]:
    """The exact values of a row by column."""
    return {column.id: cell.value for column, cell in zip(report.table.columns, row.cells, strict=True)}


def texts(report: Report, row: Row) -> dict[str, str]:
    """What is displayed of a row by column."""
    return {column.id: cell.text for column, cell in zip(report.table.columns, row.cells, strict=True)}


def bars(report: Report) -> dict[str, tuple[Decimal, ...]]:
    """The amounts of the bars that have any."""
    assert isinstance(report.chart, BarChart)
    return {bar.id: bar.amounts for bar in report.chart.bars if any(bar.amounts)}


def paid(row: UsageRow) -> bool:
    return row.key("payer") == "payg" or row.key("payer").startswith("account:")


@every_period
@pytest.mark.parametrize("measure", [Measure.SPEND, Measure.WORTH])
def test_prices_are_amounts_over_tokens(ground: Ground, period: Period, measure: Measure) -> None:
    """Of every model and month, amount ÷ tokens × a million, and the totals are those of usage."""
    report = prices.build(ground, Question(View.PRICES, period, measure=measure))
    assert report.days is not None
    assert (report.days[1] - report.days[0]).days >= 58
    rows = usage(ground, ("month", "model", "payer"), report.days)
    rows = [row for row in rows if row.key("model") and (measure is Measure.WORTH or paid(row))]
    assert isinstance(report.chart, LineChart)
    lines = {series.id: series for series in report.chart.series}
    months = [tick.id for tick in report.chart.ticks]
    column = "list_cost" if measure is Measure.WORTH else "cost"

    def amount(of: Iterable[UsageRow]) -> tuple[Decimal, int]:
        found = list(of)
        if measure is Measure.WORTH:
            tokens = sum(row.total_tokens - row.unpriced_tokens for row in found)
            return exact_sum([row.list_cost or Decimal(0) for row in found]), tokens
        return exact_sum([row.cost for row in found]), sum(row.total_tokens for row in found)

    seen = set()
    for row in report.table.rows:
        model = row.keys[0][1]
        mine = [one for one in rows if one.key("model") == model]
        whole, tokens = amount(mine)
        found = values(report, row)
        seen.add(model)
        assert found["tokens"] == tokens
        assert found[column] == (whole if tokens else None)
        assert found["price_per_million"] == (decimal_of(Fraction(whole) * 10**6 / tokens) if tokens else None)
        if row.id in lines:
            for month, point in zip(months, lines[row.id].points, strict=True):
                of_month, count = amount(one for one in mine if one.key("month") == month)
                assert point.value == (decimal_of(Fraction(of_month) * 10**6 / count) if count else None)
    assert seen == {row.key("model") for row in rows if row.total_tokens}
    (total,) = report.table.totals
    assert values(report, total)[column] == amount(row for row in rows if row.key("model") in seen)[0]


def test_a_price_leads_into_the_days_that_it_is_of(ground: Ground) -> None:
    """Shown over twelve months, a model leads into the same twelve months, though one month was asked for."""
    report = prices.build(ground, Question(View.PRICES, measure=Measure.WORTH))
    row = report.table.rows[0]
    into = deeper(as_usage(report.question, report.days), row, report.days)
    assert into is not None
    inside = views.build(ground, into)
    assert inside.days == report.days

    def tokens(of: Report, row: Row) -> Value:
        return row.cells[[column.id for column in of.table.columns].index("tokens")].value

    assert tokens(inside, inside.table.totals[0]) == tokens(report, row)


def test_the_dashed_line_is_the_price_itself_where_the_list_did_not_change(ground: Ground) -> None:
    """At list price, all of a model's tokens together cost what its line says in every month; after a change, less."""
    report = prices.build(ground, Question(View.PRICES, Period(Span.YEAR), measure=Measure.WORTH))
    assert isinstance(report.chart, LineChart)
    rows = {row.id: values(report, row) for row in report.table.rows}
    steady = changed = 0
    for series in report.chart.series:
        if not series.stepped:
            continue
        model = series.id.partition("\x1f")[0]
        found = {point.value for point in series.points if point.value is not None}
        if rows[model]["list_since"] is None:
            assert found == {rows[model]["price_per_million"]}
            steady += 1
        else:
            assert len(found) > 1
            assert min(found) < Decimal(str(rows[model]["price_per_million"])) < max(found)
            changed += 1
    assert steady >= 3
    assert changed >= 1
    assert any("The list price changed of gpt-5.6-terra on 30 Jul 2026" in one for one in report.remarks)


def test_what_has_no_price_is_named_and_not_drawn(ground: Ground) -> None:
    """A model of one's own has a row that says so, and no line at nothing."""
    report = prices.build(ground, Question(View.PRICES, Period(Span.ALL), measure=Measure.WORTH))
    (row,) = [row for row in report.table.rows if row.id == "qwen3-coder:30b"]
    shown = texts(report, row)
    assert shown["list_cost"] == shown["price_per_million"] == "not priced"
    assert values(report, row)["list_cost"] is None
    assert any("No price is known of qwen3-coder:30b" in one for one in report.remarks)
    only = prices.build(
        ground, Question(View.PRICES, Period(Span.ALL), measure=Measure.WORTH, text="model:qwen3-coder:30b")
    )
    assert isinstance(only.chart, LineChart)
    assert only.chart.series == ()


@every_period
@pytest.mark.parametrize("split", ["day", "week", "month", ""])
def test_plans_are_fees_beside_list_cost(ground: Ground, period: Period, split: str) -> None:
    """Of each plan and bar what usage says that it cost and that its tokens are worth; what is seen adds up."""
    report = plans.build(ground, Question(View.PLANS, period, split=split))
    assert report.days is not None
    rows = [row for row in usage(ground, ("day", "payer"), report.days) if row.key("payer").startswith("plan:")]
    for row in report.table.rows:
        mine = [one for one in rows if one.key("payer") == row.id]
        found, fee = values(report, row), exact_sum([one.cost for one in mine])
        worth = exact_sum([one.list_cost or Decimal(0) for one in mine])
        used = any(one.requests for one in mine)
        assert found["cost"] == fee
        assert found["list_cost"] == (worth if used else None)
        assert found["ratio"] == (decimal_of(Fraction(worth) / Fraction(fee)) if used else None)
        assert found["requests"] == sum(one.requests for one in mine)
        assert found["tokens"] == sum(one.total_tokens for one in mine)
    assert {row.id for row in report.table.rows} == {row.key("payer") for row in rows}
    expected: dict[str, tuple[Decimal, Decimal]] = {}
    for one in rows:
        label = day_labels(date.fromisoformat(one.key("day")))[report.question.split]
        fee, worth = expected.get(label, (Decimal(0), Decimal(0)))
        expected[label] = exact_sum([fee, one.cost]), exact_sum([worth, one.list_cost or Decimal(0)])
    assert bars(report) == expected
    (total,) = report.table.totals
    assert values(report, total)["cost"] == exact_sum([row.cost for row in rows])
    assert values(report, total)["list_cost"] == exact_sum([row.list_cost or Decimal(0) for row in rows])
    assert adds_up(report, "cost")


def adds_up(report: Report, column: str) -> bool:
    """Whether the displayed figures of a column are those of its displayed total."""
    shown = [
        Decimal("0" + "".join(char for char in texts(report, row)[column] if char in "0123456789."))
        for row in (*report.table.rows, *report.table.totals)
    ]
    return sum(shown[:-1]) == shown[-1]


def test_a_plan_that_lies_idle_says_so_quietly(ground: Ground) -> None:
    """Also where its last use lies before the days that are looked at."""
    report = plans.build(ground, Question(View.PLANS))
    shown = {row.id: texts(report, row) for row in report.table.rows}
    assert shown["plan:3"]["last_used"] == "9 Oct 2026, no use in 44 days"
    assert shown["plan:3"]["list_cost"] == "no use"
    assert shown["plan:1"]["last_used"] == "22 Nov 2026"
    past = plans.build(ground, Question(View.PLANS, Period(Span.MONTH, date(2026, 9, 1))))
    assert not any("no use in" in texts(past, row)["last_used"] for row in past.table.rows)


def test_a_picked_plan_narrows_the_chart(ground: Ground) -> None:
    """Bars, totals and headline are of that plan alone; its row stands out, the others stay."""
    whole = plans.build(ground, Question(View.PLANS))
    one = plans.build(ground, Question(View.PLANS, picked=("plan:2",)))
    assert [row.shown for row in one.table.rows] == [row.id == "plan:2" for row in whole.table.rows]
    (row,) = [row for row in one.table.rows if row.shown]
    assert exact_sum([fee for fee, _ in bars(one).values()]) == values(one, row)["cost"]
    assert values(one, one.table.totals[0])["cost"] == values(one, row)["cost"]
    assert one.headline.amount_text == texts(one, row)["cost"]
    gone = plans.build(ground, Question(View.PLANS, picked=("plan:9",)))
    assert gone.table == whole.table
    hidden = plans.build(ground, Question(View.PLANS, hidden=("worth",)))
    assert all(worth == 0 for _, worth in bars(hidden).values())


def test_selected_bars_narrow_the_table(ground: Ground) -> None:
    """The chart stays whole; rows, totals and headline are of the selected days."""
    days = (date(2026, 11, 9), date(2026, 11, 13))
    whole = plans.build(ground, Question(View.PLANS))
    report = plans.build(ground, Question(View.PLANS, selected=("2026-11-13", "2026-11-09")))
    assert bars(report) == bars(whole)
    assert isinstance(report.chart, BarChart)
    assert report.chart.selected == (8, 12)
    rows = [row for row in usage(ground, ("payer",), days) if row.key("payer").startswith("plan:")]
    assert {row.id: values(report, row)["cost"] for row in report.table.rows} == {
        row.key("payer"): row.cost for row in rows
    }
    other = plans.build(ground, Question(View.PLANS, selected=("2026-01-01", "2026-01-02")))
    assert other.table == whole.table
    assert other.question.selected is None


@every_period
def test_bills_stand_beside_their_tokens(ground: Ground, period: Period) -> None:
    """Of every account and UTC day what the history says, and the bars are their sums."""
    report = reconcile.build(ground, Question(View.RECONCILE, period, split="day"))
    first, last = periods.days(period, TODAY, ground.known)
    days = by_account(ground.history.reconcile(first, min(last, TODAY), ground.zone))
    expected = {f"account:{account}\x1f{one.day}": one for account, found in days.items() for one in found}
    assert {row.id for row in report.table.rows} == set(expected)
    for row in report.table.rows:
        found, one = values(report, row), expected[row.id]
        assert (found["billed"], found["other"], found["difference"]) == (one.billed, one.other, one.amount)
        assert found["percent"] == (None if one.percent is None else decimal_of(one.percent))
        assert found["reason"] == (one.reason or None)
    assert isinstance(report.chart, BarChart)
    for place, name in enumerate(("billed", "other")):
        whole = exact_sum([amount for one in expected.values() if (amount := getattr(one, name)) is not None])
        assert exact_sum([bar.amounts[place] for bar in report.chart.bars]) == whole
        assert values(report, report.table.totals[0])[name] == whole


def test_bills_of_one_account(ground: Ground) -> None:
    """Found by its name or by a step; what a bill knows nothing of is left aside, and said."""
    for question in (
        Question(View.RECONCILE, text="source:openrouter"),
        Question(View.RECONCILE, where=(("source", "account:5"),)),
        Question(View.RECONCILE, text="source:openrouter model:gpt"),
    ):
        report = reconcile.build(ground, question)
        assert {row.keys[0][1] for row in report.table.rows} == {"account:5"}
        assert any("model" in one for one in report.remarks) == ("model" in question.text)


def test_notes_beside_the_money_of_their_days(ground: Ground) -> None:
    """A day's spend and worth; of a project where one is named; each; and in the total no day counts twice."""
    report = notes.build(ground, Question(View.NOTES))
    found = {texts(report, row)["note"]: values(report, row) for row in report.table.rows}
    assert list(found) == ["moved the importer", "no such project", "all of Friday", "three releases"]
    friday = date(2026, 11, 13)
    (day,) = usage(ground, (), (friday, friday))
    assert found["all of Friday"]["cost"] == day.cost
    assert found["all of Friday"]["list_cost"] == day.list_cost
    assert found["all of Friday"]["each"] == decimal_of(Fraction(day.cost) / Fraction(5, 2))
    assert found["no such project"]["cost"] is None
    of_project = usage(ground, (), (friday, friday), ("project", "harbour-api"))
    if of_project:
        assert found["three releases"]["list_cost"] == of_project[0].list_cost
    saturday = date(2026, 11, 14)
    (total,) = report.table.totals
    both = exact_sum([day.cost, *(row.cost for row in usage(ground, (), (saturday, saturday)))])
    assert values(report, total)["cost"] == both
    assert texts(report, total)["day"] == "Total, each day once"


def test_the_days_of_notes_are_marked(ground: Ground) -> None:
    """The bars are those of the usage; with a note they carry a mark, and its words in the tip."""
    report = notes.build(ground, Question(View.NOTES))
    bare = views.build(ground, Question(View.USAGE, by=()))
    assert bars(report) == bars(bare)
    assert isinstance(report.chart, BarChart)
    marked = {bar.id: bar for bar in report.chart.bars if "•" in bar.short}
    assert set(marked) == {"2026-11-13", "2026-11-14"}
    assert "• three releases (harbour-api)" in str(marked["2026-11-13"].tip).splitlines()
    assert marked["2026-11-13"].label == "Fri 13 November 2026, 3 notes"
    weeks = notes.build(ground, Question(View.NOTES, Period(Span.YEAR), split="week"))
    assert isinstance(weeks.chart, BarChart)
    assert [bar.id for bar in weeks.chart.bars if "•" in bar.short] == ["2026-W23", "2026-W46"]


def test_notes_are_found_by_their_words_and_projects(ground: Ground) -> None:
    """A word alone is looked for in the note; a project narrows the money as well; the facts are for the form."""
    report = notes.build(ground, Question(View.NOTES, text="importer"))
    assert [fact.text for fact in report.notes] == ["moved the importer"]
    assert [row.id for row in report.table.rows] == [fact.row_id for fact in report.notes]
    assert bars(report) == bars(notes.build(ground, Question(View.NOTES)))
    of_project = notes.build(ground, Question(View.NOTES, text="project:harbour*"))
    assert [(fact.text, fact.quantity, fact.of) for fact in of_project.notes] == [("three releases", "3", "releases")]
    none = notes.build(ground, Question(View.NOTES, text="-importer -releases -friday -such"))
    assert none.table.rows == ()
    assert none.empty_text == "No notes of these days, or none match"
    assert any("model" in one for one in notes.build(ground, Question(View.NOTES, text="model:gpt")).remarks)


@pytest.mark.parametrize("view", [View.PRICES, View.PLANS, View.RECONCILE, View.NOTES])
@every_period
def test_every_view_says_where_it_stands(ground: Ground, view: View, period: Period) -> None:
    """Title, days, trail and neighbours, a summary in words, and no control character in anything that is said."""
    asked = Question(view, period, where=(("project", "harbour\x07\nbar"),) if view is View.NOTES else ())
    report = views.build(ground, asked)
    assert report.asked == asked
    assert report.question.view is view
    assert report.title
    assert report.trail[-1].question == report.question
    assert report.subject.startswith(f"{view.value}-20")
    assert (report.earlier is None) == (period.span is Span.ALL or report.days is None or report.earlier is None)
    assert report.spoken
    said = (report.spoken, *report.remarks, report.empty_text, report.headline.known_text, report.title)
    assert all(text.isprintable() or text.replace("\u00a0", " ").isprintable() for text in said)
    sorted_by = views.build(ground, asked._replace(sort=report.table.columns[0].id, descending=False))
    assert sorted(row.id for row in sorted_by.table.rows) == sorted(row.id for row in report.table.rows)
