"""Prices, plans, bills and notes where something is missing, odd or large: on histories made by hand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_accounts import RATES, History, blank
from tests.store.test_reports_views import bars, texts, values
from tokentray.charts.spec import BarChart, LineChart
from tokentray.clock import UtcZone
from tokentray.engine.reports import views
from tokentray.engine.reports.ground import Ground
from tokentray.insight.filters import FilterError
from tokentray.model import LogEvent, Payer, PayerKind, Price, Rates, Tier
from tokentray.money import Nanos, NumberStyle, nanos_from_text
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report
from tokentray.settings import DEFAULTS
from tokentray.store import history as opened
from tokentray.store.told import Told
from tokentray.store.writer import Batch

NOW = int(datetime(2026, 11, 22, 12, 0, tzinfo=UTC).timestamp())
TODAY = date(2026, 11, 22)
ODD = "<img src=x>\x1b[2J\nمشروع 🦜" + "x" * 280
OTHERS = (View.PRICES, View.PLANS, View.RECONCILE, View.NOTES)
JUNE = int(datetime(2026, 6, 15, tzinfo=UTC).timestamp())
HALF = Rates(*(rate // 2 for rate in RATES[:5]))
CHEAPER = [Price(Tier.STANDARD, 0, RATES, None, JUNE), Price(Tier.STANDARD, 0, HALF, JUNE, None)]


@pytest.fixture(name="made")
def made_history(tmp_path: Path) -> Iterator[History]:
    """A history without usage; models cost a dollar a token in, "cheaper" half of it since 15 June 2026."""
    history = blank(tmp_path / "history.db")
    history.writer.add_models({("openai", "cheaper"): CHEAPER, ("openai", ODD): CHEAPER}, 0)
    yield history
    history.writer.close()


@pytest.fixture(name="ask")
def asker(made: History, tmp_path: Path) -> Callable[..., Report]:
    """Answers a question of a history, as it then is."""

    def ask(view: View, period: Period = Period(), *, currency: str = "", **rest: object) -> Report:  # noqa: B008
        made.writer.rebuild()
        settings = DEFAULTS._replace(currency=currency)
        with opened.History(tmp_path / "history.db") as history:
            ground = Ground(history, NOW, UtcZone(), NumberStyle(), settings)
            return views.build(ground, Question(view, period, **rest))  # type: ignore[arg-type]

    return ask


def use(made: History, day: str, tokens: int, model: str = "opus", project: str = "shop") -> None:
    """Input tokens at noon of a day, of Codex."""
    at = int(datetime.fromisoformat(f"{day}T12:00+00:00").timestamp())
    number = made.db.execute("SELECT COUNT(*) + 1 FROM log_events").fetchone()[0]
    event = LogEvent(
        number, 0, at, "openai", model, 0, f"/src/{project}" if project else "", "s", 0, tokens, 0, 0, 0, 0, 0, 0, 0
    )
    made.writer.apply(Batch(made.agent, "desk", [event], []))


@contextmanager
def telling(made: History) -> Iterator[Told]:
    with made.writer.telling() as told:
        yield told


def pays(made: History, kind: PayerKind = PayerKind.PAYG, id_: int = 0) -> None:
    with telling(made) as told:
        told.add_rule("codex", "", "", None, Payer(kind, id_), 0)


def plan(made: History, name: str, fee: str, currency: str = "USD", first: date = date(2026, 11, 1)) -> int:
    """A plan that pays for Codex, with billing months that are those of the calendar."""
    with telling(made) as told:
        id_ = told.add_plan(name, "openai", 0)
        told.add_term(id_, nanos_from_text(fee), currency, first, None, 1)
        told.add_rule("codex", "", "", None, Payer(PayerKind.PLAN, id_), 0)
    return id_


@pytest.mark.parametrize("view", OTHERS)
@pytest.mark.parametrize("period", [Period(), Period(Span.ALL), Period(Span.CUSTOM, date(2016, 1, 1), TODAY)])
def test_nothing_at_all(ask: Callable[..., Report], view: View, period: Period) -> None:
    """Each view says what it would show, and what to do for that."""
    report = ask(view, period)
    assert report.table.rows == ()
    assert any(way in report.empty_text for way in ("Refresh", "The settings add one", "button"))
    assert report.title


@pytest.mark.parametrize("view", OTHERS)
def test_a_missing_history(view: View) -> None:
    """As one with nothing in it."""
    with opened.History(None) as history:
        ground = Ground(history, NOW, UtcZone(), NumberStyle(), DEFAULTS)
        assert views.build(ground, Question(view)).empty_text


@pytest.mark.parametrize("view", OTHERS)
def test_a_filter_that_cannot_be_read(made: History, ask: Callable[..., Report], view: View) -> None:
    """Is refused in every view, as in the usage."""
    use(made, "2026-11-01", 3)
    with pytest.raises(FilterError):
        ask(view, text="modl:opus")


def test_a_price_that_halved(made: History, ask: Callable[..., Report]) -> None:
    """A dollar a token until June, half of it after; no use in July, so no point; dashed is the same at list price."""
    pays(made)
    for day, tokens in (("2026-05-10", 4), ("2026-06-10", 1), ("2026-06-20", 2), ("2026-08-03", 6)):
        use(made, day, tokens, "cheaper")
    report = ask(View.PRICES, Period(Span.CUSTOM, date(2026, 5, 1), date(2026, 9, 30)))
    assert isinstance(report.chart, LineChart)
    paid, listed = report.chart.series
    assert [tick.id for tick in report.chart.ticks] == [f"2026-0{month}" for month in range(5, 10)]
    million = Decimal(10**6)
    june = Decimal("666666.666666667")
    assert [point.value for point in paid.points] == [million, june, None, million / 2, None]
    assert [point.value for point in listed.points] == [million, million / 2, million / 2, million / 2, None]
    assert (listed.stepped, listed.ink) == (True, paid.ink)
    (row,) = report.table.rows
    found = values(report, row)
    assert (found["cost"], found["tokens"]) == (Decimal(9), 13)
    assert (found["price_first"], found["price_latest"], found["change"]) == (million, million / 2, Decimal(-50))
    assert found["list_input"] == million / 2
    assert found["list_since"] == "2026-06-15"
    assert texts(report, row)["change"] == "−50 %"
    assert report.measures[0].id == Measure.SPEND


def test_one_month_is_shown_within_twelve(made: History, ask: Callable[..., Report]) -> None:
    """So is one day; the title says which, a sentence why."""
    pays(made)
    use(made, "2026-11-02", 4)
    use(made, "2025-12-01", 1)
    use(made, "2025-11-30", 100)
    for period in (Period(), Period(Span.CUSTOM, TODAY, TODAY)):
        report = ask(View.PRICES, period)
        assert report.days == (date(2025, 12, 1), TODAY)
        assert report.title == "1 December 2025 – 22 November 2026"
        assert any("over twelve months at least" in one for one in report.remarks)
        assert values(report, report.table.rows[0])["cost"] == 5
    whole = ask(View.PRICES, Period(Span.YEAR))
    assert whole.days == (date(2026, 1, 1), TODAY)


def test_tokens_under_a_plan_have_no_price_of_their_own(made: History, ask: Callable[..., Report]) -> None:
    """Where nothing is paid by the token, worth leads; asked for spend, the view says why there is none."""
    plan(made, "Plus", "30")
    use(made, "2026-11-02", 4)
    assert ask(View.PRICES).question.measure is Measure.WORTH
    spend = ask(View.PRICES, measure=Measure.SPEND)
    assert spend.table.rows == ()
    assert "Worth at list price" in spend.empty_text


def test_a_model_without_a_price_and_one_with_half_of_them(made: History, ask: Callable[..., Report]) -> None:
    """The one is not priced, and never free; a total says "at least"."""
    pays(made)
    use(made, "2026-11-02", 4)
    use(made, "2026-11-02", 5, "new")
    report = ask(View.PRICES)
    shown = {row.id: texts(report, row) for row in report.table.rows}
    assert shown["new"]["cost"] == shown["new"]["price_per_million"] == "not priced"
    assert shown["new"]["price_latest"] == shown["new"]["list_input"] == "–"
    assert texts(report, report.table.totals[0])["cost"] == "at least ≈ $4.00"
    assert values(report, report.table.totals[0])["price_per_million"] == 10**6
    assert isinstance(report.chart, LineChart)
    assert {series.id.partition("\x1f")[0] for series in report.chart.series} == {"opus"}


def test_a_little_of_what_has_mostly_no_price(made: History, ask: Callable[..., Report]) -> None:
    """What the price is made of has one, however little it comes to; and of several things none costs at least less
    than a cent.
    """
    tiny = Rates(*(rate // 10_000 for rate in RATES[:5]))
    made.writer.add_models({("openai", "late"): [Price(Tier.STANDARD, 0, tiny, JUNE, None)]}, 0)
    use(made, "2026-06-01", 40, "late")
    use(made, "2026-06-20", 12, "late")
    pays(made)
    (row,) = ask(View.PRICES, Period(Span.MONTH, date(2026, 6, 1))).table.rows
    assert values(ask(View.PRICES, Period(Span.MONTH, date(2026, 6, 1))), row)["tokens"] == 12
    assert "≈ <$0.01 for 12 tokens" in row.cells[1].tip
    use(made, "2026-06-20", 5, "new")
    with telling(made) as told:
        told.add_note(date(2026, 6, 20), "drafts", "", Nanos(9 * 10**9), "drafts", 0)
    report = ask(View.NOTES, Period(Span.ALL))
    assert texts(report, report.table.rows[0])["each"] == "mostly not priced"


def test_prices_in_the_person_s_currency(made: History, ask: Callable[..., Report]) -> None:
    """Each day at its rate, list prices at that of the month's last day; without a rate, dollars."""
    pays(made)
    use(made, "2026-10-02", 4)
    use(made, "2026-11-02", 4)
    assert ask(View.PRICES, currency="EUR").table.totals[0].cells[-1].text == "USD"
    with telling(made) as told:
        told.set_rate("EUR", "USD", 2 * 10**9, date(2026, 1, 1))
        told.set_rate("EUR", "USD", 4 * 10**9, date(2026, 11, 1))
    report = ask(View.PRICES, currency="EUR")
    assert isinstance(report.chart, LineChart)
    for series in report.chart.series:
        assert [point.value for point in series.points[-2:]] == [Decimal(500_000), Decimal(250_000)]
    assert values(report, report.table.rows[0])["cost"] == 3


def test_nine_models(made: History, ask: Callable[..., Report]) -> None:
    """Eight lines, the ninth in the table and, once picked, in the chart."""
    pays(made)
    names = [f"model-{number}" for number in range(9)]
    made.writer.add_models({("openai", name): CHEAPER for name in names}, 0)
    for number, name in enumerate(names):
        use(made, "2026-11-02", 10 - number, name)
    report = ask(View.PRICES)
    assert isinstance(report.chart, LineChart)
    assert [series.id for series in report.chart.series if not series.stepped] == names[:8]
    assert any("One more model" in one for one in report.remarks)
    picked = ask(View.PRICES, picked=("model-8",))
    assert isinstance(picked.chart, LineChart)
    assert [series.id for series in picked.chart.series if not series.stepped] == ["model-8"]
    assert [row.id for row in picked.table.rows if row.shown] == ["model-8"]


def test_a_plan_without_a_fee_has_no_ratio(made: History, ask: Callable[..., Report]) -> None:
    """As one so small that these days have nothing of it; and one without use no worth: quiet words, no zero."""
    plan(made, "Free", "0.000000001")
    use(made, "2026-11-02", 4)
    (row,) = (report := ask(View.PLANS)).table.rows
    assert (texts(report, row)["cost"], texts(report, row)["ratio"]) == ("–", "–")
    assert values(report, row)["list_cost"] == 4
    plan(made, "Idle", "30", first=date(2026, 9, 1))
    report = ask(View.PLANS, Period(Span.MONTH, date(2026, 9, 1)))
    (row,) = report.table.rows
    assert (texts(report, row)["cost"], texts(report, row)["list_cost"]) == ("$30.00", "no use")


def test_a_plan_in_another_currency(made: History, ask: Callable[..., Report]) -> None:
    """With a rate one row in the fee's currency; without one a row for each, and what to set."""
    plan(made, "Plus", "30", "EUR")
    use(made, "2026-11-02", 44)
    period = Period(Span.CUSTOM, date(2026, 11, 1), date(2026, 11, 10))
    apart = ask(View.PLANS, period)
    assert {row.id for row in apart.table.rows} == {"plan:1\x1fEUR", "plan:1\x1fUSD"}
    assert [row.cells[1].value for row in apart.table.totals] == [Decimal(10), None]
    assert all(row.cells[3].value is None for row in apart.table.rows)
    assert any("Money and days" in one for one in apart.remarks)
    with telling(made) as told:
        told.set_rate("EUR", "USD", 1_100_000_000, date(2026, 1, 1))
    together = ask(View.PLANS, period)
    (row,) = together.table.rows
    found = values(together, row)
    assert (found["cost"], found["list_cost"], found["ratio"]) == (Decimal(10), Decimal(40), Decimal(4))
    assert texts(together, row)["ratio"] == "4.0×"
    assert bars(together)["2026-11-02"] == (Decimal(1), Decimal(40))
    dollars = ask(View.PLANS, period, currency="USD")
    found = values(dollars, dollars.table.rows[0])
    assert (found["cost"], found["list_cost"], found["ratio"]) == (Decimal(11), Decimal(44), Decimal(4))


def test_tokens_of_a_plan_without_a_price(made: History, ask: Callable[..., Report]) -> None:
    """All of them: not priced. Some of them: at least so many times the fee."""
    plan(made, "Plus", "30")
    use(made, "2026-11-02", 4, "new")
    report = ask(View.PLANS)
    assert texts(report, report.table.rows[0])["list_cost"] == "not priced"
    assert values(report, report.table.rows[0])["ratio"] is None
    assert isinstance(report.chart, BarChart)
    assert [bar.id for bar in report.chart.bars if bar.unpriced] == ["2026-11-02"]
    use(made, "2026-11-02", 44)
    report = ask(View.PLANS)
    assert texts(report, report.table.rows[0])["list_cost"] == "at least ≈ $44.00"
    assert texts(report, report.table.rows[0])["ratio"] == "at least 2.0×"


def test_a_plan_filtered_by_what_its_fee_lacks(made: History, ask: Callable[..., Report]) -> None:
    """Only worth is left, and that is said; by its own name fee and worth both are."""
    plan(made, "Plus", "30")
    use(made, "2026-11-02", 44)
    use(made, "2026-11-02", 2, "cheaper")
    by_model = ask(View.PLANS, where=(("model", "opus"),))
    assert (by_model.table.rows[0].cells[1].text, by_model.table.rows[0].cells[2].value) == ("–", Decimal(44))
    assert any("A fee has no model" in one for one in by_model.remarks)
    for rest in ({"where": (("source", "plan:1"),)}, {"text": "plus"}, {"text": "plan:plus"}):
        report = ask(View.PLANS, **rest)
        assert [cell.value for cell in report.table.rows[0].cells[1:3]] == [Decimal(22), Decimal(45)]


def test_ten_years(made: History, ask: Callable[..., Report]) -> None:
    """A bar a month, all of them, and every total whole."""
    plan(made, "Plus", "30", first=date(2016, 12, 1))
    for year in range(2016, 2027):
        use(made, f"{year}-01-15" if year > 2016 else "2016-12-15", 3)
    report = ask(View.PLANS, Period(Span.ALL))
    assert isinstance(report.chart, BarChart)
    assert len(report.chart.bars) == 120
    assert report.table.totals[0].cells[1].value == Decimal(119 * 30 + 22)
    assert report.table.totals[0].cells[2].value == 33
    lines = ask(View.PRICES, Period(Span.ALL))
    assert isinstance(lines.chart, LineChart)
    assert len(lines.chart.ticks) == 120


def test_bills_in_two_currencies(made: History, ask: Callable[..., Report]) -> None:
    """A total for each, the chart of the one with the most days; more, less and none are told apart."""
    here, there = made.account("here"), made.account("there")
    for account in (here, there):
        made.feed(account, "billed", 4, from_day=0)
        made.feed(account, "metered", 4, from_day=0)
    for day, bill in enumerate(("10", "5", "10")):
        made.bill(here, day, bill)
        made.report(here, 24 * day + 9, 10 - 2 * (day == 2))
    made.bill(there, 0, "7", currency="EUR")
    report = ask(View.RECONCILE, Period(Span.MONTH, date(2025, 11, 1)))
    found = {row.id: values(report, row) for row in report.table.rows}
    mine = [found[f"account:{here}\x1f2025-11-{day:02d}"] for day in (8, 9, 10)]
    assert [(one["billed"], one["other"], one["difference"], one["percent"]) for one in mine] == [
        (10, 10, 0, 0), (5, 10, -5, -50), (10, 8, 2, 25),
    ]  # fmt: skip
    assert mine[0]["reason"] is None
    assert found[f"account:{there}\x1f2025-11-08"]["reason"] == "it is billed in another currency"
    totals = {values(report, row)["currency"]: values(report, row) for row in report.table.totals}
    assert (totals["USD"]["billed"], totals["USD"]["other"], totals["USD"]["difference"]) == (25, 28, -3)
    assert totals["EUR"]["billed"] == 7
    five, eight, ten = Decimal(5), Decimal(8), Decimal(10)
    assert bars(report) == {"2025-11-08": (ten, ten), "2025-11-09": (five, ten), "2025-11-10": (ten, eight)}
    assert any("EUR" in one for one in report.remarks)
    one_day = ask(View.RECONCILE, Period(Span.MONTH, date(2025, 11, 1)), picked=(f"account:{here}\x1f2025-11-09",))
    assert bars(one_day) == {"2025-11-09": (five, ten)}


def test_a_note_on_a_day_without_use(made: History, ask: Callable[..., Report]) -> None:
    """Dashes and a word, no zero; nor has one that counts anything a price apiece."""
    use(made, "2026-11-02", 4)
    with telling(made) as told:
        told.add_note(date(2026, 11, 5), "thought about it", "", Nanos(2 * 10**9), "ideas", 0)
        told.add_note(date(2026, 11, 23), "tomorrow", "", Nanos(0), "", 0)
    report = ask(View.NOTES)
    shown = {row.id: texts(report, row) for row in report.table.rows}
    assert list(shown) == ["note:2", "note:1"]
    assert "cost" not in shown["note:1"]  # nobody has said who pays
    assert (shown["note:1"]["list_cost"], shown["note:1"]["each"], shown["note:1"]["quantity"]) == ("–", "–", "2 ideas")
    assert "Nothing was used" in report.table.rows[1].tip
    before = ask(View.NOTES, Period(Span.ALL))
    assert len(before.notes) == 2


def test_what_one_of_many_cost(made: History, ask: Callable[..., Report]) -> None:
    """The project's tokens alone, ÷ how many; exact however the division ends."""
    pays(made)
    use(made, "2026-11-02", 4, project="shop")
    use(made, "2026-11-02", 7, project="other")
    with telling(made) as told:
        told.add_note(date(2026, 11, 2), "releases", "shop", Nanos(3 * 10**9), "releases", 0)
    report = ask(View.NOTES)
    found = values(report, report.table.rows[0])
    assert (found["cost"], found["list_cost"], found["each"]) == (4, 4, Decimal("1.333333333"))
    assert texts(report, report.table.rows[0])["each"] == "≈ $1.33"
    said = report.table.rows[0].cells[6].tip.split("\n")
    assert said[0] == "≈ $4.00 ÷ 3 releases"
    assert said[1:] == report.table.rows[0].tip.split("\n"), "and how that is known"
    assert report.headline.amount_text == "≈ $11.00"
    assert report.headline.note_text.endswith("1 note on 1 day")


@pytest.mark.parametrize("view", OTHERS)
def test_odd_names_are_plain_in_every_sentence(made: History, ask: Callable[..., Report], view: View) -> None:
    """300 characters, Arabic, emoji, markup and control characters: as data in cells, escaped in what is said."""
    pays(made)
    use(made, "2026-06-01", 4, ODD, ODD)
    use(made, "2026-11-02", 4, ODD, ODD)
    use(made, "2026-11-02", 4, "new", ODD)
    plan(made, ODD, "30", first=date(2026, 11, 10))
    use(made, "2026-11-12", 4, ODD, ODD)
    account = made.account(ODD)
    made.feed(account, "billed", 400, from_day=300)
    made.bill(account, 370, "3")
    with telling(made) as told:
        told.add_note(date(2026, 11, 2), ODD, ODD, Nanos(3 * 10**9), ODD, 0)
    report = ask(view, Period(Span.YEAR))
    assert report.table.rows
    assert any(ODD in cell.text for row in report.table.rows for cell in row.cells)
    tips = [row.tip for row in report.table.rows] + [cell.tip for row in report.table.rows for cell in row.cells]
    said = [report.spoken, *report.remarks, report.headline.known_text, report.headline.note_text, *tips]
    if isinstance(report.chart, BarChart):
        said += [text for bar in report.chart.bars for text in (str(bar.tip), str(bar.text), bar.label)]
        said += [series.tip for series in report.chart.series]
    assert [text for text in said if "\x1b" in text] == []
    assert any("\\x1b" in text for text in said)
