"""Every view on histories that are small, large, odd or lack what it is about: sensible words, and no zero for what
has no price.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_accounts import History, blank
from tokentray.charts.spec import BarChart, LineChart, Waterfall
from tokentray.clock import UtcZone
from tokentray.engine.reports import views
from tokentray.engine.reports.ground import Ground
from tokentray.model import LogEvent, Payer, PayerKind, Price, Rates, Tier
from tokentray.money import Nanos, NumberStyle, exact_sum
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report
from tokentray.settings import DEFAULTS
from tokentray.store import history as opened
from tokentray.store.writer import Batch

NOW = int(datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp())
TODAY = date(2026, 11, 22)
MICRO = Rates(10**9, 10**9, 10**9, 10**9, 10**9)
"""A millionth of a dollar a token."""
NAMES = ("m" * 300, "نموذج عربي", "🦉" * 40, "<img src=x onerror=alert(1)>", "a\x1b[31m\nb\u202ec\x00d")
PERIODS = (Period(), Period(Span.DAYS_7), Period(Span.ALL), Period(Span.MONTH, date(2026, 10, 1)))


def use(made: History, *calls: tuple[str, int, str, str]) -> None:
    """Calls of Codex at noon: day, input tokens, model and project."""
    count = made.db.execute("SELECT COUNT(*) FROM log_events").fetchone()[0]
    events = [
        LogEvent(
            count + number, 0, int(datetime.fromisoformat(f"{day}T12:00+00:00").timestamp()), "openai", model, 0,
            f"/src/{project}" if project else "", "s", 0, tokens, 0, 0, 0, 0, 0, 0, 0,
        )
        for number, (day, tokens, model, project) in enumerate(calls, 1)
    ]  # fmt: skip
    made.writer.apply(Batch(made.agent, "desk", events, []))
    made.writer.rebuild()


def pays(made: History, kind: PayerKind = PayerKind.PAYG, id_: int = 0) -> None:
    with made.writer.telling() as told:
        told.add_rule("", "", "", None, Payer(kind, id_), 0)


def one_day(made: History) -> None:
    pays(made)
    use(made, ("2026-11-22", 3, "opus", "shop"))


def ten_years(made: History) -> None:
    pays(made)
    use(made, *((f"{year}-{month:02d}-15", 3, "opus", "shop") for year in range(2017, 2027) for month in range(1, 12)))
    with made.writer.telling() as told:
        told.add_note(date(2017, 1, 1), "the first", "", Nanos(0), "", 0)


def many_projects(made: History) -> None:
    pays(made)
    use(made, *((f"2026-11-{1 + n % 20:02d}", 1 + n, "opus", f"project {n}") for n in range(300)))


def odd_names(made: History) -> None:
    pays(made)
    made.writer.add_models({("openai", name): [Price(Tier.STANDARD, 0, MICRO, None, None)] for name in NAMES}, 0)
    use(made, *((day, 4 * 10**6, name, name) for name in NAMES for day in ("2026-10-05", "2026-11-20")))
    with made.writer.telling() as told:
        for name in NAMES:
            told.add_note(date(2026, 11, 20), name, name, Nanos(2 * 10**9), name, 0)
            told.add_charge(date(2026, 11, 3), Nanos(10**9), "USD", name, name, 0)
            plan = told.add_plan(name, name, 0)
            told.add_term(plan, Nanos(10**10), "USD", date(2026, 10, 1), None, 1)


def a_millionth(made: History) -> None:
    pays(made)
    made.writer.add_models({("openai", "micro"): [Price(Tier.STANDARD, 0, MICRO, None, None)]}, 0)
    use(made, ("2026-11-20", 1, "micro", "shop"), ("2026-10-20", 2, "micro", "shop"))


def ten_millions(made: History) -> None:
    pays(made)
    use(made, ("2026-11-20", 10**7, "opus", "shop"), ("2026-10-20", 10**15, "opus", "shop"))


def all_unpriced(made: History) -> None:
    pays(made)
    use(made, ("2026-11-20", 5, "new", "shop"), ("2026-10-20", 7, "new", "shop"))
    with made.writer.telling() as told:
        told.add_note(date(2026, 11, 20), "a note", "shop", Nanos(10**9), "thing", 0)


def half_unpriced(made: History) -> None:
    all_unpriced(made)
    use(made, ("2026-11-20", 5, "opus", "shop"), ("2026-10-20", 7, "opus", "shop"))


def nothing_in_october(made: History) -> None:
    pays(made)
    use(made, ("2026-11-20", 5, "opus", "shop"), ("2026-09-20", 7, "opus", "shop"))


def a_plan_alone(made: History) -> None:
    with made.writer.telling() as told:
        plan = told.add_plan("Max", "anthropic", 0)
        told.add_term(plan, Nanos(100 * 10**9), "USD", date(2026, 10, 10), None, 10)


def refunds(made: History) -> None:
    account = made.account("my key")
    pays(made, PayerKind.ACCOUNT, account)
    use(made, ("2026-11-20", 5, "opus", "shop"), ("2026-10-20", 7, "opus", "shop"))
    for feed in ("billed", "metered"):
        made.feed(account, feed, 379, from_day=0)
    for day in (346, 377):  # 20 October and 20 November
        made.bill(account, day, "-40")
        made.bill(account, day, "3", model="opus")


def paid_elsewhere(made: History) -> None:
    pays(made, PayerKind.NOBODY)
    use(made, ("2026-11-20", 5, "opus", "shop"), ("2026-10-20", 7, "opus", "shop"))


def nobody_said(made: History) -> None:
    use(made, ("2026-11-20", 5, "opus", "shop"), ("2026-10-20", 7, "opus", "shop"))


def notes_alone(made: History) -> None:
    with made.writer.telling() as told:
        told.add_note(date(2026, 11, 20), "thought about it", "shop", Nanos(2 * 10**9), "ideas", 0)


CASES = (
    one_day, ten_years, many_projects, odd_names, a_millionth, ten_millions, all_unpriced, half_unpriced,
    nothing_in_october, a_plan_alone, refunds, paid_elsewhere, nobody_said, notes_alone,
)  # fmt: skip


@contextmanager
def laid(path: Path, fill: Callable[[History], None]) -> Iterator[Ground]:
    """A ground over such a history."""
    made = blank(path)
    fill(made)
    made.writer.close()
    with opened.History(path) as history:
        yield Ground(history, NOW, UtcZone(), NumberStyle(), DEFAULTS)


def chart_texts(report: Report) -> list[str]:
    """Everything that the chart says, but for names as they are in the data."""
    chart = report.chart
    if isinstance(chart, BarChart):
        said = [text for bar in chart.bars for text in (bar.short, bar.heading, bar.label, str(bar.text), str(bar.tip))]
        return [*said, *(text for one in chart.series for text in (one.text, one.tip))]
    if isinstance(chart, LineChart):
        return [text for one in chart.series for point in one.points for text in (point.text, point.tip)]
    if isinstance(chart, Waterfall):
        return [text for step in chart.steps for text in (step.label, step.text, step.tip)]
    return []


def said(report: Report) -> list[str]:
    """All its words."""
    rows = (*report.table.rows, *report.table.totals)
    cells = [text for row in rows for cell in row.cells for text in (cell.text, cell.tip)]
    head = report.headline
    return [
        report.title, head.amount_text, head.equivalent_text, head.note_text, head.known_text, *report.remarks,
        report.spoken, report.empty_text, report.as_of_text, *(row.tip for row in rows), *cells, *chart_texts(report),
    ]  # fmt: skip


def unpriced(ground: Ground, report: Report) -> bool:
    """Whether tokens without a price are among what is looked at."""
    first, last = report.days or (None, None)
    return any(row.unpriced_tokens for row in ground.usage((), first, last))


@pytest.mark.parametrize("view", View)
@pytest.mark.parametrize("fill", CASES, ids=lambda one: one.__name__)
def test_every_view_of_every_history(tmp_path: Path, fill: Callable[[History], None], view: View) -> None:
    """There is a report of each period and measure: rows, or a reason why there are none; the columns of spend and of
    worth come to what `usage` says; what has no price is no zero, and a total of which some has none says "at least".
    """
    with laid(tmp_path / "history.db", fill) as ground:
        for period in PERIODS:
            for measure in Measure:
                report = views.build(ground, Question(view, period, by=("project",), measure=measure))
                assert report.title
                assert report.spoken or report.empty_text
                assert report.table.rows or report.empty_text or (view is View.WHY and report.chart)
                assert not (report.table.rows and report.empty_text)
                assert not [text for text in said(report) if "0E" in text or "Decimal" in text or "None" in text]
                words = [report.spoken, report.title, *report.remarks, report.headline.known_text]
                assert not [text for text in words if any(ord(char) < 32 for char in text.replace("\n", ""))]
                rows = (*report.table.rows, *report.table.totals)
                words += [
                    *chart_texts(report),
                    *(text for row in rows for text in (row.tip, *(c.tip for c in row.cells))),
                ]
                assert not [text for text in words if "\x1b" in text or "\u202e" in text or "\x00" in text]
                if unpriced(ground, report):
                    assert not [text for text in said(report) if "$0.00" in text]
                check_sums(ground, report)


def check_sums(ground: Ground, report: Report) -> None:
    """Totals of usage beside the history's own."""
    if report.question.view is not View.USAGE or len(report.table.totals) != 1 or report.days is None:
        return
    (whole,) = ground.usage((), *report.days)
    total = dict(zip([column.id for column in report.table.columns], report.table.totals[0].cells, strict=True))
    if "cost" in total:
        assert total["cost"].value == whole.cost
        assert total["cost"].text.startswith("at least") == (whole.unpriced_paid_tokens > 0 and whole.cost > 0)
    assert total["list_cost"].value == whole.list_cost
    if whole.unpriced_tokens:
        assert total["list_cost"].text.startswith("at least") or not whole.list_cost
    assert isinstance(report.chart, BarChart)
    if report.question.measure is Measure.WORTH:
        assert exact_sum([exact_sum(bar.amounts) for bar in report.chart.bars]) == (whole.list_cost or Decimal(0))


def test_large_and_small_amounts_read_as_they_are(tmp_path: Path) -> None:
    """A thousand million millions with all their digits; a millionth as under a cent, and its price whole."""
    with laid(tmp_path / "large.db", ten_millions) as ground:
        report = views.build(ground, Question(period=Period(Span.ALL)))
        assert report.headline.amount_text == "≈ $1,000,000,010,000,000.00"
        assert views.build(ground, Question()).headline.amount_text == "≈ $10,000,000.00"
    with laid(tmp_path / "small.db", a_millionth) as ground:
        report = views.build(ground, Question())
        assert report.headline.amount_text == "≈ <$0.01"
        cells = dict(zip([one.id for one in report.table.columns], report.table.totals[0].cells, strict=True))
        assert cells["price_per_million"].text == "≈ $1.00"
        assert cells["cost"].value == Decimal("0.000001")


def test_why_of_what_has_no_price_says_so(tmp_path: Path) -> None:
    """Two months of which nothing is known are not as much as each other; where some is, totals say "at least"."""
    with laid(tmp_path / "none.db", all_unpriced) as ground:
        report = views.build(ground, Question(View.WHY))
        assert report.remarks[0] == (
            "1 – 22 November 2026 cannot be compared with 1 – 22 October 2026: no price is known of what was used."
        )
        assert (report.headline.amount_text, report.headline.note_text) == ("not priced", "")
        assert report.headline.known_text == "5 tokens have no known price and are left out."
        begun = views.build(ground, Question(View.WHY, Period(Span.MONTH, date(2026, 10, 1))))
        assert isinstance(begun.chart, Waterfall)
        assert [step.text for step in begun.chart.steps] == ["–", "not priced"]
    with laid(tmp_path / "some.db", half_unpriced) as ground:
        report = views.build(ground, Question(View.WHY))
        assert isinstance(report.chart, Waterfall)
        ends = [report.chart.steps[end].text for end in (0, -1)]
        assert ends == ["at least ≈ $7.00", "at least ≈ $5.00"]
        assert [cell.text for cell in report.table.totals[0].cells[1:3]] == ends


def searches_alone(made: History) -> None:
    account = made.account("my key")
    made.feed(account, "metered", 380, from_day=0)
    made.report(account, 24 * 377 + 9, 0, searches=2)
    made.report(account, 24 * 376 + 9, 5, searches=3)


def test_searches_without_a_price_are_counted(tmp_path: Path) -> None:
    """They have no token and no amount, and are in the table and its total as they are in `usage`."""
    with laid(tmp_path / "history.db", searches_alone) as ground:
        for by in (("kind",), ("day",), ("kind", "day")):
            report = views.build(ground, Question(by=by, measure=Measure.TOKENS))
            place = [column.id for column in report.table.columns].index("web_search_requests")
            found = {row.keys: row.cells[place].value for row in report.table.rows}
            assert found == {row.keys: row.web_search_requests for row in ground.usage(by, *(report.days or ()))}
            assert report.table.totals[0].cells[place].value == 5
