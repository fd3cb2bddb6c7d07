"""What the window shows is what the program prints: every period, grouping, split and month, as JSON."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests.store.test_reports_usage import COUNTS, GROUPINGS, PERIODS, TODAY
from tests.ui.fake_engine import DEMO_NOW_UTC
from tokentray.charts.spec import BarChart
from tokentray.clock import UtcZone
from tokentray.engine.reports import views
from tokentray.engine.reports.ground import Ground
from tokentray.insight import periods
from tokentray.money import NumberStyle, plain
from tokentray.question import Measure, Period, Question, Span, View
from tokentray.report import Report, Row, Value
from tokentray.settings import DEFAULTS
from tokentray.store.history import History

ASKED = [
    (period, by, split)
    for number, period in enumerate(PERIODS)
    for by, split in (
        (GROUPINGS[number], ""),
        (GROUPINGS[(number + 3) % len(GROUPINGS)], ("day", "week", "month")[number % 3]),
    )
]
"""Every period twice, every grouping at least once."""
LEAST = Fraction(1, 10**8)
"""What is smaller comes about by rounding to nano-units, and reads as nothing."""


@pytest.fixture(scope="module", name="ground")
def ground_fixture(demo_home: Path) -> Iterator[Ground]:
    with History(demo_home / "history.db") as history:
        yield Ground(history, DEMO_NOW_UTC, UtcZone(), NumberStyle(), DEFAULTS)


@pytest.fixture(name="printed")
def printer(demo_home: Path, tokentray: Callable[..., CompletedProcess[str]]) -> Callable[..., Any]:
    """What a command prints as JSON."""

    def run(*arguments: str) -> Any:
        done = tokentray("--utc", *arguments, "--json", home=demo_home)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def values(report: Report, row: Row) -> dict[str, Value]:
    return {column.id: cell.value for column, cell in zip(report.table.columns, row.cells, strict=True)}


def amount(value: Value) -> Fraction:
    """A figure of a cell; nothing where there is none."""
    assert not isinstance(value, str)
    return Fraction(value or 0)


def written(value: Value) -> str | None:
    """An amount as JSON has it."""
    assert value is None or isinstance(value, Decimal)
    return None if value is None else plain(value)


def same(found: dict[str, Value], said: dict[str, Any]) -> bool:
    """Whether cells are what is printed: counts, money, what has no price, and how it is known."""
    counts = all(found[name] == said[name] for name in (*COUNTS, "unpriced_tokens"))
    money = written(found["cost"]) == said["cost"] and written(found["list_cost"]) == said["list_cost"]
    return counts and money and found["currency"] == said["currency"]


@pytest.mark.parametrize(("period", "by", "split"), ASKED, ids=str)
def test_usage(ground: Ground, printed: Callable[..., Any], period: Period, by: tuple[str, ...], split: str) -> None:
    """Rows, total and each part of each bar of the window beside `usage --json --by` split and grouping."""
    first, last = periods.days(period, TODAY, ground.known)
    report = views.build(ground, Question(period=period, by=by, split=split))
    days = ("--from", first.isoformat(), "--to", last.isoformat())
    shown = {row.id: values(report, row) for row in report.table.rows}
    (total,) = [values(report, row) for row in report.table.totals]
    rows = printed("usage", *days, "--by", ",".join(by or ("day",)))
    if by:
        assert len(shown) == len(rows) > 0
        assert all(same(shown["\x1f".join(row[key] for key in by)], row) for row in rows)
    assert [total[name] for name in COUNTS] == [sum(row[name] for row in rows) for name in COUNTS]
    assert amount(total["cost"]) == sum(Fraction(row["cost"]) for row in rows)
    assert amount(total["list_cost"]) == sum(Fraction(row["list_cost"] or 0) for row in rows)
    assert isinstance(report.chart, BarChart)
    series = [one.id for one in report.chart.series]
    bars = {bar.id: bar.amounts for bar in report.chart.bars}
    for row in printed("usage", *days, "--by", ",".join((report.question.split, *by))):
        id_ = "\x1f".join(row[key] for key in by)
        if id_ in series and row[report.question.split]:
            assert plain(bars[row[report.question.split]][series.index(id_)]) == row["cost"]


@pytest.mark.parametrize("month", ["2026-03", "2026-08", "2026-11"])
@pytest.mark.parametrize("measure", [Measure.SPEND, Measure.WORTH])
def test_why(ground: Ground, printed: Callable[..., Any], month: str, measure: Measure) -> None:
    """`explain --json` beside the table of Why: every model, every other line, and the whole."""
    worth = ("--worth",) if measure is Measure.WORTH else ()
    said = printed("explain", month, *worth)
    first = date.fromisoformat(f"{month}-01")
    report = views.build(ground, Question(View.WHY, Period(Span.MONTH, first), measure=measure))
    (currency,) = said["currencies"]
    assert report.remarks[0] == said["text"]
    shown = [values(report, row) for row in report.table.rows]
    names = ("before", "after", "change", "fees", "other", "volume", "mix_models", "mix_kinds", "price")
    parts = [*currency["models"], *currency["lines"]]
    # What is left of a bill may be less than anything the window shows.
    told = [one for one in parts if any(abs(Fraction(one[end])) >= LEAST for end in ("before", "after"))]
    assert len(shown) == len(told) > 5
    for one in (*told, currency):
        found = shown if one is not currency else [values(report, report.table.totals[0])]
        assert any(all(abs(amount(row[name]) - Fraction(one[name])) < LEAST for name in names) for row in found), one


@pytest.mark.parametrize("month", ["2026-03", "2026-08", "2026-10"])
def test_why_by_hand(ground: Ground, printed: Callable[..., Any], month: str) -> None:
    """Volume, mix and price as product.md has them, from what `usage --json --by model,kind,payer,provider` prints."""
    first = date.fromisoformat(f"{month}-01")
    before_last = first - timedelta(days=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    tokens: dict[tuple[str, str], list[int]] = {}
    spend: dict[tuple[str, str], list[Fraction]] = {}
    totals = [Fraction(0), Fraction(0)]
    for number, (start, end) in enumerate(((before_last.replace(day=1), before_last), (first, last))):
        days = ("--from", start.isoformat(), "--to", end.isoformat())
        for row in printed("usage", *days, "--by", "model,kind,payer"):
            totals[number] += Fraction(row["cost"])
            if row["kind"] in ("", "search") or not row["payer"].startswith(("payg", "account:")):
                continue
            cell = (row["model"], row["kind"])
            kinds = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
            count = sum(row[f"{kind}_tokens"] for kind in kinds) - row["unpriced_tokens"]
            tokens.setdefault(cell, [0, 0])[number] += count
            spend.setdefault(cell, [Fraction(0), Fraction(0)])[number] += Fraction(row["cost"])
    q0, q1 = (sum(counts[number] for counts in tokens.values()) for number in (0, 1))
    spend0, spend1 = (sum((of[number] for of in spend.values()), Fraction(0)) for number in (0, 1))
    volume = Fraction(round((q1 - q0) * spend0 / q0 * 10**9), 10**9)
    price = Fraction(0)
    for cell, (had, has) in tokens.items():
        if has:
            paid = spend[cell][1] / has
            price += has * (paid - (spend[cell][0] / had if had else listed(ground, *cell, before_last) or paid))
    (whole,) = printed("explain", month)["currencies"]
    assert Fraction(whole["volume"]) == volume
    assert Fraction(whole["price"]) == Fraction(round(price * 10**9), 10**9)
    mix = Fraction(whole["mix_models"]) + Fraction(whole["mix_kinds"])
    assert abs(mix - (spend1 - spend0 - volume - price)) <= Fraction(1, 10**9)
    parts = ("fees", "other", "volume", "mix_models", "mix_kinds", "price")
    assert sum(Fraction(whole[part]) for part in parts) == totals[1] - totals[0]


def listed(ground: Ground, model: str, kind: str, day: date) -> Fraction | None:
    """The list price of a token on a day, from what `prices` knows of the model."""
    for (provider,) in {
        (row.key("provider"),) for row in ground.usage(("provider", "model")) if row.key("model") == model
    }:
        for one in ground.history.list_prices(provider, model):
            at = int((day - date(1970, 1, 1)).total_seconds()) + 86_399
            if (
                one.tier.name == "STANDARD"
                and not one.band
                and (one.valid_from_utc or 0) <= at < (one.valid_to_utc or at + 1)
            ):
                return Fraction(getattr(one.rates, kind.replace("-", "_")), 10**15)
    return None
