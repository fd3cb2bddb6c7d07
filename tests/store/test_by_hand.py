"""Histories at random, added up here from the tables of the file: window and export say the same.

Nothing of the program's own arithmetic is used: plain SQL, whole numbers and fractions.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest

from tests.store.random_history import DAYS, fill
from tests.store.test_accounts import FIRST
from tests.store.test_reports_random import opened, values
from tokentray.charts.spec import BarChart
from tokentray.clock import NamedZone
from tokentray.engine.reports import usage
from tokentray.engine.reports.ground import Ground
from tokentray.export.summary import build
from tokentray.money import exact_sum
from tokentray.question import Measure, Period, Question, Span
from tokentray.settings import DEFAULTS

ZONES = ("Etc/UTC", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York", "Europe/Berlin")
NANO = Fraction(1, 10**9)
CALLS = """
  SELECT e.at, e.input, e.output, e.cache_read, e.cache_write_5m, e.cache_write_1h, e.searches,
    m.name AS model, j.name AS project, s.name AS agent, n.name AS session,
    p.id AS priced, e.input * p.input + e.output * p.output + e.cache_read * p.cache_read
      + e.cache_write_5m * p.cache_write_5m + e.cache_write_1h * p.cache_write_1h
      + e.searches * COALESCE(p.web_search, 0) AS femtos
  FROM log_events e JOIN models m ON m.id = e.model_id JOIN projects j ON j.id = e.project_id
    JOIN sources s ON s.id = e.source_id JOIN sessions n ON n.id = e.session_id
    LEFT JOIN prices p ON p.model_id = e.model_id AND p.tier = e.tier AND p.band = e.band
      AND p.superseded_at IS NULL AND p.valid_from <= e.at AND e.at < p.valid_to
"""
NO_MODEL = {"model": "", "project": "", "agent": "", "session": ""}


class Part(NamedTuple):
    """A call, or a fee or charge of a day."""

    day: date
    keys: dict[str, str]
    tokens: int
    requests: int
    cost: Fraction
    worth: Fraction
    unpriced: int
    currency: str


def parts_of(path: Path, zone: ZoneInfo, today: date) -> Iterator[Part]:
    """Everything up to today."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    rules = db.execute("SELECT * FROM payer_rules ORDER BY id DESC").fetchall()
    terms = db.execute("SELECT * FROM plan_terms").fetchall()
    for call in db.execute(CALLS):
        day = datetime.fromtimestamp(call["at"], zone).date()
        payer = _payer(rules, terms, call, day.isoformat())
        pays = payer == "payg" or payer.startswith("account:")
        tokens, worth = sum(call[1:6]), Fraction(call["femtos"] or 0, 10**15)
        keys = {key: call[key] for key in NO_MODEL}
        keys |= {"payer": payer, "source": payer if payer.startswith("account:") else call["agent"]}
        bare = 0 if call["priced"] else tokens
        yield Part(day, keys, tokens, 1, worth if pays else Fraction(0), worth, bare, "USD")
    for term in terms:
        source = f"plan:{term['plan_id']}"
        day = date.fromisoformat(term["first_day"])
        while day <= today:
            fee = Fraction(_fee(day, term["fee_nanos"], term["cycle_day"]), 10**9)
            yield Part(
                day, {**NO_MODEL, "payer": source, "source": source}, 0, 0, fee, Fraction(0), 0, term["currency"]
            )
            day += timedelta(days=1)
    for charge in db.execute("SELECT * FROM charges WHERE day <= ?", (today.isoformat(),)):
        keys = {**NO_MODEL, "payer": "", "source": f"charge:{charge['id']}"}
        amount = Fraction(charge["amount_nanos"], 10**9)
        yield Part(date.fromisoformat(charge["day"]), keys, 0, 0, amount, Fraction(0), 0, charge["currency"])
    db.close()


def _payer(rules: list[sqlite3.Row], terms: list[sqlite3.Row], call: sqlite3.Row, day: str) -> str:
    """The last rule that matches; one of a plan only on days on which the plan runs."""
    for rule in rules:
        if rule["agent"] not in ("", call["agent"]) or rule["project"] not in ("", call["project"]):
            continue
        if rule["payer"] != "plan":
            return f"account:{rule['payer_id']}" if rule["payer_id"] else str(rule["payer"])
        if any(term["plan_id"] == rule["payer_id"] and term["first_day"] <= day for term in terms):
            return f"plan:{rule['payer_id']}"
    return ""


def _fee(day: date, fee: int, cycle_day: int) -> int:
    begin = day.replace(day=cycle_day)
    if begin > day:
        begin = (begin.replace(day=1) - timedelta(days=1)).replace(day=cycle_day)
    length = ((begin.replace(day=1) + timedelta(days=31)).replace(day=cycle_day) - begin).days
    place = (day - begin).days
    return fee * (place + 1) // length - fee * place // length


def held(db: sqlite3.Connection, column: str, table: str, day: date) -> Fraction:
    """What holds on a day: the latest by then, the first backwards too."""
    found = db.execute(f"SELECT {column}, valid_from <= ? FROM {table} ORDER BY valid_from", (day.isoformat(),))
    values, begun = zip(*found, strict=True)
    return Fraction(values[max(sum(begun) - 1, 0)], 10**9)


class Sums(NamedTuple):
    """Of parts in one currency. hours: of the person's time, None without a rate for it."""

    tokens: int
    requests: int
    unpriced: int
    cost: Fraction
    worth: Fraction
    hours: Fraction | None


def sums_of(path: Path, parts: Iterable[Part], home: str) -> Sums:
    """home: the currency to tell them in."""
    db = sqlite3.connect(path)
    tokens = requests = unpriced = 0
    cost = worth = hours = Fraction(0)
    for part in parts:
        rate = Fraction(1)
        if part.currency != home:
            between = "" if part.currency == "USD" else f" WHERE base = '{part.currency}'"
            rate *= held(db, "rate_nanos", f"(SELECT * FROM exchange_rates{between})", part.day) if between else 1
            rate *= held(db, "rate_nanos", "(SELECT * FROM exchange_rates WHERE quote = 'JPY')", part.day)
        tokens, requests = tokens + part.tokens, requests + part.requests
        unpriced, cost, worth = unpriced + part.unpriced, cost + part.cost * rate, worth + part.worth * rate
        if part.cost:
            dollars = rate * part.cost
            if home == "JPY":
                dollars /= held(db, "rate_nanos", "(SELECT * FROM exchange_rates WHERE quote = 'JPY')", part.day)
            hours += dollars / held(db, "amount_nanos", "reference_points", part.day)
    db.close()
    return Sums(tokens, requests, unpriced, cost, worth, hours if home in ("JPY", "USD") else None)


def prepared(path: Path, seed: int) -> str:
    """A history without accounts that report, and with rates that change. Returns the person's currency."""
    dice = random.Random(seed)
    fill(path, seed)
    db = sqlite3.connect(path)
    for table in ("feed_spans", "billed_buckets", "metered_buckets", "billed_intervals", "exchange_rates"):
        db.execute(f"DELETE FROM {table}")
    db.execute("DELETE FROM reference_points")
    db.execute("INSERT INTO payer_rules VALUES (NULL, 'codex', '', 'shop', '', 'payg', 0, 0)")
    whole = 10**9
    points = [(whole * dice.randrange(60, 140), _some_day(dice)) for _ in range(2)]
    db.executemany("INSERT OR IGNORE INTO reference_points VALUES (NULL, 'hourly', '', ?, 'USD', ?, 0)", points)
    if seed % 2:
        for base, quote, rate in (("USD", "JPY", 150 * whole), ("EUR", "USD", whole), ("GBP", "USD", whole)):
            rates = [(base, quote, rate + dice.randrange(rate), _some_day(dice)) for _ in range(2)]
            db.executemany("INSERT OR IGNORE INTO exchange_rates VALUES (NULL, ?, ?, ?, ?)", rates)
    db.commit()
    db.close()
    return "JPY" if seed % 2 else "USD"


def _some_day(dice: random.Random) -> str:
    return (FIRST + timedelta(days=dice.randrange(DAYS))).isoformat()


def near(found: object, exact: Fraction) -> bool:
    """To the nano-unit."""
    assert found is None or isinstance(found, int | Decimal)
    return abs(Fraction(found or 0) - exact) <= NANO


@pytest.mark.parametrize("seed", range(10))
def test_what_the_file_holds_is_what_is_said(tmp_path: Path, seed: int) -> None:
    """Rows, shares, time and totals of the window, and a month that is exported; in dollars, and in yen at rates that
    change, as does what an hour is worth.
    """
    path = tmp_path / "history.db"
    currency, dice, name = prepared(path, seed), random.Random(seed), ZONES[seed % len(ZONES)]
    with opened(path, currency, NamedZone(name)) as ground:
        every = list(parts_of(path, ZoneInfo(name), ground.today))
        for key in ("model", "project", "payer", "source", "session"):
            first = FIRST + timedelta(days=dice.randrange(DAYS))
            check_window(path, ground, every, key, (first, first + timedelta(days=dice.randrange(60))))
        check_month(path, ground, every, NamedZone(name))


@pytest.mark.parametrize("seed", range(0, 12, 2))
def test_a_rate_that_changes_nothing_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Rows are added up beforehand while no day matters, and kept by day once any rate has changed: of a currency
    that nobody uses, that is another way to the same table.
    """
    path, zone = tmp_path / "history.db", NamedZone(ZONES[seed % len(ZONES)])
    currency, dice = prepared(path, seed), random.Random(seed)
    db = sqlite3.connect(path)
    db.execute("DELETE FROM reference_points WHERE id > (SELECT MIN(id) FROM reference_points)")
    db.commit()
    asked = [
        Question(period=Period(Span.ALL), by=(key,), split=split, measure=dice.choice(list(Measure)))
        for key in ("source", "model", "kind", "project")
        for split in ("week", "month")
    ]
    with opened(path, currency, zone) as ground:
        assert not ground.days_matter
        before = [usage.build(ground, one) for one in asked]
    rates = [("CHF", "SEK", 9 * 10**9, day) for day in ("2026-01-01", "2026-02-01")]
    db.executemany("INSERT INTO exchange_rates VALUES (NULL, ?, ?, ?, ?)", rates)
    db.commit()
    db.close()
    with opened(path, currency, zone) as ground:
        assert ground.days_matter
        after = [usage.build(ground, one) for one in asked]
    for one, other in zip(before, after, strict=True):
        assert one.table == other.table
        assert one.headline[:2] == other.headline[:2]
        assert isinstance(one.chart, BarChart)
        assert isinstance(other.chart, BarChart)
        assert [bar.amounts for bar in one.chart.bars] == [bar.amounts for bar in other.chart.bars]


def check_window(path: Path, ground: Ground, every: list[Part], key: str, days: tuple[date, date]) -> None:
    """Every row by a key, and the totals."""
    home = ground.settings.currency
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in every:
        if days[0] <= part.day <= days[1]:
            groups.setdefault((part.keys[key], home if home == "JPY" else part.currency), []).append(part)
    if not any(part.cost or part.worth for parts in groups.values() for part in parts):
        return  # nothing is told in any currency
    report = usage.build(ground, Question(period=Period(Span.CUSTOM, *days), by=(key,), measure=Measure.SPEND))
    rows = {row.id: values(report, row) for row in report.table.rows}
    made = {
        name if currency == home else f"{name}\x1f{currency}": (currency, sums_of(path, parts, currency))
        for (name, currency), parts in groups.items()
    }
    assert set(rows) == set(made)
    wholes = {
        currency: sum((one.cost for of, one in made.values() if of == currency), Fraction(0)) for _, currency in groups
    }
    for id_, (currency, one) in made.items():
        found, whole = rows[id_], wholes[currency]
        assert (found["tokens"], found["requests"], found["unpriced_tokens"]) == one[:3]
        assert near(found["cost"], one.cost)
        assert near(found["list_cost"], one.worth)
        if whole:
            assert abs(Fraction(found["share"]) - one.cost * 100 / whole) <= NANO * (1 + 100 / whole)  # type: ignore[arg-type]
        if one.hours is not None:
            assert near(found["equivalent"], one.hours)
    for total, currency in zip(report.table.totals, sorted(wholes), strict=True):
        assert near(values(report, total)["cost"], wholes[currency])


def check_month(path: Path, ground: Ground, every: list[Part], zone: NamedZone) -> None:
    """What counts of March, with what stands beside it."""
    month, home = date(2026, 3, 1), ground.settings.currency
    settings = DEFAULTS._replace(currency=home)
    summary = build(ground.history, month, zone, settings=settings, today=ground.today)
    mine = [part for part in every if (part.day.year, part.day.month) == (2026, 3)]
    counted = [part for part in mine if part.keys["payer"] not in ("", "nobody") or not part.requests]
    led = [part for part in counted if summary.currency in (home if home == "JPY" else part.currency, part.currency)]
    assert near(summary.cost, sums_of(path, led, summary.currency).cost)
    assert near(exact_sum([one.cost for one in summary.by_source.figures]), Fraction(summary.cost))
    assert near(exact_sum([one.cost for one in summary.days.figures]), Fraction(summary.cost))
    for apart, payer in ((summary.elsewhere, "nobody"), (summary.unsaid, "")):
        other = [part for part in mine if part.requests and part.keys["payer"] == payer]
        if summary.list_currency in ("USD", "JPY"):
            assert near(apart.total.list_cost, sums_of(path, other, summary.list_currency).worth)
