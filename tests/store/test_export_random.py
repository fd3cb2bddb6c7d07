"""Months of random histories in all six formats: each adds up, and says what `usage` says of its days."""

import json
import random
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from tests.app import export_readers as readers
from tests.store.random_history import NOW_UTC, fill
from tokentray.clock import NamedZone, Zone, local_date
from tokentray.export import render
from tokentray.export.figures import Figure, Table
from tokentray.export.summary import MonthSummary, build
from tokentray.insight.exchange import Exchange
from tokentray.insight.periods import month_of
from tokentray.insight.words import MOSTLY_NOT_PRICED, NOT_PRICED
from tokentray.model import ExchangeRate, UsageRow
from tokentray.money import exact_sum, minor_digits, round_half_even
from tokentray.settings import DEFAULTS, Settings
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

ZONES = (
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "America/Santiago",
    "Pacific/Kiritimati",
    "Etc/GMT+12",
)
"""Clocks change in some of them within the months below."""
MONTHS = (date(2025, 11, 1), date(2026, 1, 1), date(2026, 3, 1), date(2026, 4, 1))
NANO = Fraction(1, 10**9)


def _made(path: Path, seed: int) -> tuple[MonthSummary, list[UsageRow], list[ExchangeRate], Settings]:
    """A month at random, the same days as `usage` has them, and the person's rates and settings."""
    dice = random.Random(seed)
    settings = DEFAULTS._replace(currency=fill(path, seed))
    zone: Zone = NamedZone(ZONES[seed % len(ZONES)])
    first, today = dice.choice(MONTHS), local_date(NOW_UTC, zone)
    with History(path) as history:
        summary = build(history, first, zone, settings=settings, today=today, redact=dice.random() < 0.2)
        rows = history.usage(UsageQuery(("day", "source", "payer"), *month_of(first), today=today), zone)
        return summary, rows, list(history.exchange_rates()), settings


def _lead(summary: MonthSummary, figure: Figure) -> Decimal:
    return figure.cost if summary.counts_spend else figure.list_cost or Decimal(0)


def _total(summary: MonthSummary, rows: Iterable[UsageRow], rates: list[ExchangeRate], home: str) -> Fraction:
    """What leads, of what the person pays, converted here and now."""
    currency, exchange, total = _currency(summary), Exchange(rates), Fraction(0)
    for row in rows:
        amount = row.cost if summary.counts_spend else row.list_cost or Decimal(0)
        if row.currency == currency:
            total += Fraction(amount)
        elif home == currency:
            total += exchange.convert(date.fromisoformat(row.key("day")), amount, row.currency, currency) or 0
    return total


def _currency(summary: MonthSummary) -> str:
    return summary.currency if summary.counts_spend else summary.list_currency


@pytest.mark.parametrize("seed", range(14))
def test_a_month_at_random(tmp_path: Path, seed: int) -> None:
    """Totals to the last digit, tables to the displayed cent, and every file as the tables."""
    summary, rows, rates, settings = _made(tmp_path / "history.db", seed)
    lead = summary.cost if summary.counts_spend else summary.list_cost or Decimal(0)
    assert (
        abs(Fraction(lead) - _total(summary, rows, rates, settings.currency)) <= NANO
    )  # rounded once, where converted
    assert summary.shown_total == round_half_even(lead, minor_digits(_currency(summary)))
    tables = {
        "Source": summary.by_source, "Model": summary.by_model, "Project": summary.by_project, "Day": summary.days,
    }  # fmt: skip
    for table in tables.values():
        assert exact_sum([_lead(summary, one) for one in table.figures]) == lead
        assert exact_sum([one.shown for one in table.figures]) == summary.shown_total
        assert exact_sum([one.worth_shown for one in table.figures]) == table.total.worth_shown
        assert sum(one.tokens for one in table.figures) == summary.total_tokens
    for name, read in readers.SHOWN.items():
        _check(summary, tables, read(render(name, summary)), name)
    _check_rows(summary, rows)


def _check(summary: MonthSummary, tables: dict[str, Table], told: readers.Told, name: str) -> None:
    """Every figure that can be read stands where it should, in every table."""
    if summary.amount_text not in (NOT_PRICED, MOSTLY_NOT_PRICED):
        assert told.amount == summary.shown_total, name
    for title, lines in told.tables.items():
        table = tables[title]
        figures = table.figures if name == "xlsx" or table.rest is None else (*table.head, table.rest)
        known = [one for one in figures if title != "Day" or one.name <= summary.last.isoformat()]
        *read, total = lines.values()
        assert [line.lead for line in read] == [one.shown for one in known], (name, title)
        assert total.lead == summary.shown_total, (name, title)
        if summary.counts_spend:
            assert [line.worth for line in read] == [one.worth_shown for one in known], (name, title)
    if name != "pdf":  # which has no room for days
        assert set(told.tables) == (set(tables) if summary.by_source.figures else set())


def _check_rows(summary: MonthSummary, rows: list[UsageRow]) -> None:
    """Of the formats that hold rows: all that `usage` counts, in each currency, whoever pays."""
    for name, found in (
        ("csv", readers.csv_rows(render("csv", summary))),
        ("json", json.loads(render("json", summary))["rows"]),
    ):
        for currency in {row.currency for row in rows}:
            told = [one for one in found if one["currency"] == currency]
            mine = [row for row in rows if row.currency == currency]
            for field in ("cost", "list_cost"):
                amounts = [Decimal(one[field] or 0) for one in told]
                assert exact_sum(amounts) == exact_sum([getattr(row, field) or Decimal(0) for row in mine]), name
            assert sum(int(one["requests"]) for one in told) == sum(row.requests for row in mine), name
