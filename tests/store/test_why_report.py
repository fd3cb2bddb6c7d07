"""The view of Why: its waterfall and its table say one thing, and it is what `usage` says."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ui.fake_engine import DEMO_NOW_UTC
from tests.unit.export_month import OPUS, call, charge, make, plan, rate, rule, tell
from tokentray.charts.spec import Waterfall
from tokentray.clock import UtcZone
from tokentray.engine.reports import why
from tokentray.engine.reports.ground import Ground
from tokentray.model import PayerKind
from tokentray.money import NumberStyle
from tokentray.prices import lookup
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.store.told import Told
from tokentray.store.usage import UsageQuery

MONTHS = [date(2025 + (10 + number) // 12, (10 + number) % 12 + 1, 1) for number in range(13)]
"""Those of the demo: from November 2025 to November 2026, which is not over."""
PARTS = ("fees", "other", "volume", "mix_models", "mix_kinds", "price")


@pytest.fixture(scope="module", name="demo")
def demo_ground(demo_home: Path) -> Iterator[Ground]:
    """The made-up year."""
    with History(demo_home / "history.db") as history:
        yield Ground(history, DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS)


@pytest.fixture(name="ground")
def small_ground(tmp_path: Path) -> Iterator[Callable[..., Ground]]:
    """Makes a small history: October at 10 dollars, November at 25, and what the person said."""
    opened: list[History] = []

    def lay(*said: Callable[[Told], object], model: str = OPUS, currency: str = "") -> Ground:
        path = tmp_path / "history.db"
        calls = [
            call("2026-10-05 10:00", model, "shop", (0, 400_000)),
            call("2026-11-05 10:00", model, "shop", (0, 600_000)),
            call("2026-11-06 10:00", "claude-haiku-4-5", "site", (0, 2_000_000)),
        ]
        make(
            path,
            {"codex": calls},
            read_at="2026-11-22 12:00",
            find=lambda _, name: lookup.find("anthropic", OPUS if name == model else name),
        )
        tell(path, *said)
        opened.append(History(path))
        return Ground(opened[-1], DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS._replace(currency=currency))

    yield lay
    for history in opened:
        history.close()


def ask(ground: Ground, month: date | None = None, **more: object) -> Report:
    """The report of a month."""
    return why.build(ground, Question(view=View.WHY, period=Period(Span.MONTH, month), **more))  # type: ignore[arg-type]


def steps(report: Report) -> dict[str, Decimal]:
    """The amounts of the waterfall."""
    assert isinstance(report.chart, Waterfall)
    return {step.id: step.amount for step in report.chart.steps}


def shown(text: str) -> Decimal:
    """A figure as it reads."""
    plain = text.replace("at least ", "").replace("≈ ", "").replace("$", "").replace(",", "").replace("−", "-")
    return Decimal(0) if "<" in plain or plain == "–" else Decimal(plain)


def columns(report: Report) -> dict[str, int]:
    """Where each column stands."""
    return {column.id: place for place, column in enumerate(report.table.columns)}


@pytest.mark.parametrize("month", MONTHS[1:], ids=str)
@pytest.mark.parametrize("measure", [Measure.SPEND, Measure.WORTH])
def test_waterfall_and_table_add_up(demo: Ground, month: date, measure: Measure) -> None:
    """Unrounded and as displayed; the totals of the table are the steps, and the ends are those of usage."""
    report = ask(demo, month, measure=measure)
    assert isinstance(report.chart, Waterfall)
    amounts, texts = steps(report), {step.id: shown(step.text) for step in report.chart.steps}
    # A step that rounding alone makes is left out, so that the others lack as much.
    rest = amounts["before"] + sum(amounts.get(part, Decimal(0)) for part in PARTS) - amounts["after"]
    assert abs(rest) < Decimal("0.0000001")
    assert texts["before"] + sum(texts.get(part, Decimal(0)) for part in PARTS) == texts["after"]
    places, (total,) = columns(report), report.table.totals
    for name in ("before", "after", *PARTS):
        cell = total.cells[places[name]]
        assert cell.value == amounts.get(name, 0)
        assert shown(cell.text) == texts.get(name, Decimal(0))
        assert cell.text in {step.text for step in report.chart.steps if step.id == name} or name not in texts
        assert sum(shown(row.cells[places[name]].text) for row in report.table.rows) == shown(cell.text)
    (row,) = [
        one
        for one in demo.history.usage(UsageQuery(("month",), today=demo.today), UtcZone())
        if one.key("month") == month.isoformat()[:7]
    ]
    assert amounts["after"] == (row.cost if measure is Measure.SPEND else row.list_cost)
    assert report.title == f"{month:%B %Y}"
    assert report.earlier is not None
    assert (report.later is None) == (month == MONTHS[-1])
    assert report.remarks[0].startswith(month.strftime("%B %Y") if month < MONTHS[-1] else "1 – 22 November 2026")


def test_every_row_says_how_it_is_known(demo: Ground) -> None:
    """Basis and as of when, under its name; and so do both ends."""
    report = ask(demo)
    assert isinstance(report.chart, Waterfall)
    for row in report.table.rows:
        name, how, *when = row.tip.split("\n")
        assert name == row.cells[0].text
        assert how.endswith(".")
        assert when or row.id.startswith(("fee", "charge"))
    assert [report.chart.steps[end].label for end in (0, -1)] == ["1 – 22 Oct 2026", "1 – 22 Nov 2026"]
    assert "billed" in report.chart.steps[0].tip
    assert "billed" in report.chart.steps[-1].tip


def test_other_periods_are_of_the_month_they_end_in(demo: Ground) -> None:
    """Seven days, a year, and days of one's own; the question says which month was answered."""
    for period, month in (
        (Period(Span.DAYS_7), None),
        (Period(Span.YEAR, date(2025, 1, 1)), date(2025, 12, 1)),
        (Period(Span.CUSTOM, date(2026, 3, 20), date(2026, 4, 2)), date(2026, 4, 1)),
    ):
        report = why.build(demo, Question(view=View.WHY, period=period))
        assert report.question.period == Period(Span.MONTH, month)


def test_the_first_month_has_nothing_before_it(demo: Ground) -> None:
    """It says so, and shows what there is."""
    report = ask(demo, MONTHS[0])
    assert report.remarks[0] == "There is nothing before November 2025."
    assert steps(report)["before"] == 0
    assert "There is nothing before" in report.spoken


def test_a_month_without_anything(demo: Ground) -> None:
    """No chart and no table; words for it."""
    report = ask(demo, date(2024, 3, 1))
    assert (report.chart, report.table.rows) == (None, ())
    assert report.empty_text == "There is nothing of March 2024, nor of the month before"


def test_picked_rows_are_what_is_shown(demo: Ground) -> None:
    """The waterfall is of them alone and still adds up; the others keep their figures, dimmed."""
    whole = ask(demo)
    two = tuple(row.id for row in whole.table.rows[:2])
    report = ask(demo, picked=two)
    assert [row.id for row in report.table.rows if row.shown] == list(two)
    places = columns(report)
    amounts = steps(report)
    assert amounts["after"] == sum(row.cells[places["after"]].value for row in whole.table.rows[:2])  # type: ignore[misc]
    assert amounts["before"] + sum(amounts.get(part, Decimal(0)) for part in PARTS) == amounts["after"]
    assert [row.cells[0] for row in report.table.rows] == [row.cells[0] for row in whole.table.rows]


def test_deeper_and_filtered(ground: Callable[..., Ground]) -> None:
    """A project's month, by a step down or by typing: its tokens alone, without fees."""
    laid = ground(rule("codex", PayerKind.PAYG), charge("2026-11-02", "5"))
    for report in (ask(laid, where=(("project", "shop"),)), ask(laid, text="project:sho*")):
        assert steps(report) == {"before": 10, "volume": 5, "after": 15}
    assert [step.label for step in ask(laid, where=(("project", "shop"),)).trail] == ["Everything", "shop"]
    row = next(row for row in ask(laid).table.rows if row.where == (("provider", "openai"), ("model", OPUS)))
    assert steps(ask(laid, where=row.where))["after"] == row.cells[columns(ask(laid))["after"]].value


def test_sorted_by_a_column(demo: Ground) -> None:
    """Largest first and smallest first; without a column as Why has them, by how much each changed."""
    report = ask(demo, sort="after", descending=False)
    values = [row.cells[columns(report)["after"]].value for row in report.table.rows]
    assert values == sorted(values)  # type: ignore[type-var]
    assert ask(demo, sort="after").table.rows[0].cells[columns(report)["after"]].value == values[-1]


def test_nobody_said_who_pays(ground: Callable[..., Ground]) -> None:
    """Then it is of worth, and spend cannot be chosen."""
    report = ask(ground(), measure=Measure.SPEND)
    assert report.question.measure is Measure.WORTH
    assert [choice.id for choice in report.measures] == [Measure.WORTH]
    assert report.remarks[0].startswith("1 – 22 November 2026 was worth ≈ $15.00 more")


def test_use_that_nobody_said_who_pays_for_is_named(ground: Callable[..., Ground]) -> None:
    """It is in no spend."""
    report = ask(ground(charge("2026-11-02", "5")))
    assert steps(report) == {"before": 0, "other": 5, "after": 5}
    assert "Use that nobody has said who pays for is left out." in report.remarks


def test_a_currency_that_nothing_leads_from(ground: Callable[..., Ground]) -> None:
    """It is told in a sentence of its own, and in no sum."""
    said = rule("codex", PayerKind.PAYG), charge("2026-11-02", "7", currency="CHF"), rate("USD", "EUR", "0.5")
    report = ask(ground(*said, currency="EUR"))
    assert steps(report)["after"] == Decimal("12.5")
    assert any(
        one.startswith("In CHF, which no exchange rate leads from: ") and "7.00" in one for one in report.remarks
    )


def test_what_an_exchange_rate_made_of_a_fee(ground: Callable[..., Ground]) -> None:
    """A fee in dollars, which fell to the half: that is other, and only its days are fees."""
    said = plan("Max", "31", since="2026-01-01"), rate("USD", "EUR", "1"), rate("USD", "EUR", "0.5", "2026-11-01")
    report = ask(ground(rule("codex", PayerKind.NOBODY), *said, currency="EUR"))
    assert steps(report)["fees"] == Decimal("0.733333333")  # of 31: 22 days of 30, and of 31
    fee = next(row for row in report.table.rows if row.id.startswith("fee"))
    places = columns(report)
    assert fee.cells[places["exchange"]].value == fee.cells[places["other"]].value == steps(report)["other"]
    assert any("exchange rates alone made" in one for one in report.remarks)


@pytest.mark.parametrize(
    "name", ["m" * 300, "نموذج عربي", "🦉" * 40, "<img src=x onerror=alert(1)>", "a\x1b[31m\nb\u202ec"]
)
def test_any_name_is_plain_text(ground: Callable[..., Ground], name: str) -> None:
    """In the table, the sentence and what is spoken: control and direction characters as escapes."""
    report = ask(ground(rule("codex", PayerKind.PAYG), model=name))
    said = [report.spoken, *report.remarks, *(row.cells[0].text for row in report.table.rows)]
    assert all(char.isprintable() for text in said for char in text.replace("\N{NO-BREAK SPACE}", ""))
    assert any(row.keys == (("provider", "openai"), ("model", name)) for row in report.table.rows)
