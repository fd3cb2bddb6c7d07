"""Random questions to random histories: whatever is asked, the report is what `usage` adds up to."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.store.random_history import NOW_UTC, fill
from tokentray.charts.spec import BarChart
from tokentray.clock import NamedZone, Zone
from tokentray.engine.reports import usage
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.usage_chart import OTHERS
from tokentray.insight.deeper import deeper, zoomed
from tokentray.insight.words import MOSTLY_NOT_PRICED, NOT_PRICED
from tokentray.model import UsageRow
from tokentray.money import NumberStyle, exact_sum
from tokentray.question import SPLITS, Measure, Period, Question, Span
from tokentray.report import Report, Row, Value
from tokentray.settings import DEFAULTS
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

ZONES = ("Etc/UTC", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Cairo", "America/St_Johns", "Pacific/Kiritimati")
SEEDS, QUESTIONS = 12, 8
NANO = Decimal("0.000000001")
KEYS = (
    "source", "model", "project", "account", "kind", "agent", "payer", "tier", "key", "session", "machine", "provider",
    "day", "week", "month", "hour",
)  # fmt: skip
PLAIN_KEYS = ("model", "project", "session", "machine", "tier")
"""Those whose values are called what they are."""
COUNTS = (
    "requests", "input_tokens", "output_tokens", "reasoning_tokens", "cache_read_tokens", "cache_write_5m_tokens",
    "cache_write_1h_tokens", "web_search_requests",
)  # fmt: skip
Group = tuple[tuple[str, ...], str]


class Sums(NamedTuple):
    """Of rows in one currency, unrounded."""

    counts: tuple[int, ...] = (0,) * len(COUNTS)
    tokens: int = 0
    cost: Fraction = Fraction(0)
    worth: Fraction = Fraction(0)

    def plus(self, other: "Sums") -> "Sums":
        counts = tuple(one + more for one, more in zip(self.counts, other.counts, strict=True))
        return Sums(counts, self.tokens + other.tokens, self.cost + other.cost, self.worth + other.worth)

    def measured(self, measure: Measure) -> Fraction:
        of = {Measure.SPEND: self.cost, Measure.WORTH: self.worth, Measure.TOKENS: Fraction(self.tokens)}
        return of.get(measure, Fraction(self.counts[0]))


@contextmanager
def opened(path: Path, currency: str, zone: Zone) -> Iterator[Ground]:
    with History(path) as history:
        yield Ground(history, NOW_UTC, zone, NumberStyle(), DEFAULTS._replace(currency=currency))


def told(ground: Ground, row: UsageRow, home: str) -> tuple[str, Sums]:
    """A row of one day in the currency it lands in, converted here and now."""
    counts = tuple(getattr(row, name) for name in COUNTS)
    cost, worth = Fraction(row.cost), Fraction(row.list_cost or 0)
    if home and row.currency != home:
        if not cost and not worth:
            return home, Sums(counts, row.total_tokens)
        rate = ground.home.exchange.rate_on(date.fromisoformat(row.key("day")), row.currency, home)
        if rate is not None:
            return home, Sums(counts, row.total_tokens, cost * rate, worth * rate)
    return row.currency, Sums(counts, row.total_tokens, cost, worth)


def expected(ground: Ground, question: Question, days: tuple[date, date]) -> dict[Group, dict[str, Sums]]:
    """What there is by group, currency and bar: from `usage` by day, filtered and added up without any report."""
    words = [word for word in question.text.split() if word]
    terms = [(word.lstrip("-").partition(":"), word.startswith("-")) for word in words]
    keys = dict.fromkeys((question.split, "day", *question.by, *(term[0] for term, _ in terms)))
    query = UsageQuery(tuple(keys), *days, question.where, ground.today)
    rows = []
    for row in ground.history.usage(query, ground.zone):
        wanted: dict[str, bool] = {}
        for (key, _, pattern), excluded in terms:
            met = pattern in row.key(key)
            if excluded:
                wanted[f"-{key}:{pattern}"] = not met
            else:
                wanted[key] = wanted.get(key, False) or met
        if all(wanted.values()):
            rows.append(row)
    home = ground.settings.currency
    if not any((row.cost or row.list_cost) and told(ground, row, home)[0] == home for row in rows):
        home = ""  # where no rate leads there from anything, nothing is told in it
    made: dict[Group, dict[str, Sums]] = {}
    for row in rows:
        currency, sums = told(ground, row, home)
        bars = made.setdefault((tuple(row.key(key) for key in question.by), currency), {})
        label = row.key(question.split)
        bars[label] = bars.get(label, Sums()).plus(sums)
    return made


def values(report: Report, row: Row) -> dict[str, Value]:
    return {column.id: cell.value for column, cell in zip(report.table.columns, row.cells, strict=True)}


def texts(report: Report, row: Row) -> dict[str, str]:
    return {column.id: cell.text for column, cell in zip(report.table.columns, row.cells, strict=True)}


def amount(value: Value) -> Fraction:
    """A figure of a cell; nothing where there is none."""
    assert not isinstance(value, str)
    return Fraction(value or 0)


def near(found: Value, exact: Fraction, *, to_the_nano: bool) -> bool:
    return abs(amount(found) - exact) <= (Fraction(NANO) if to_the_nano else 0)


def check_row(found: dict[str, Value], sums: Sums, *, converts: bool, counts: bool) -> None:
    """Counts to the last token, money to the last digit; what is converted to the nano."""
    if counts:
        assert tuple(found[name] for name in COUNTS) == sums.counts
        assert found["tokens"] == sums.tokens
    if "cost" in found:
        assert near(found["cost"], sums.cost, to_the_nano=converts)
    assert near(found["list_cost"], sums.worth, to_the_nano=converts)


def added(parts: Iterator[Sums]) -> Sums:
    whole = Sums()
    for part in parts:
        whole = whole.plus(part)
    return whole


def chosen(report: Report) -> frozenset[str] | None:
    """The bars selected, None for all."""
    chart = report.chart
    assert isinstance(chart, BarChart)
    if chart.selected is None:
        return None
    first, last = chart.selected
    return frozenset(bar.id for bar in chart.bars[first : last + 1])


def check(ground: Ground, report: Report) -> None:
    """Rows, totals, bars, headline and what is displayed of them."""
    question, chart = report.question, report.chart
    assert isinstance(chart, BarChart)
    assert report.days is not None
    made = expected(ground, question, report.days)
    bars = chosen(report)
    converts = bool(ground.settings.currency)
    usual = ground.settings.currency or "USD"
    ids = {"\x1f".join(of if currency == usual else (*of, currency)): (of, currency) for of, currency in made}
    sums = {
        id_: added(one for label, one in made[group].items() if bars is None or label in bars)
        for id_, group in ids.items()
    }
    rows = {row.id: row for row in report.table.rows}
    assert len(rows) == len(report.table.rows)
    # Tokens without any amount are told with the person's currency, in whatever group that makes.
    mixed = converts and len({currency for _, currency in made}) > 1
    assert mixed or set(rows) <= set(sums)
    missing = [id_ for id_, one in sums.items() if id_ not in rows and (one.cost or one.worth)]
    assert not missing, "no amount is left out"
    assert mixed or not [id_ for id_, one in sums.items() if id_ not in rows and one != Sums()]
    for id_ in rows.keys() & sums.keys():
        check_row(values(report, rows[id_]), sums[id_], converts=converts, counts=not mixed)
    for name in (*COUNTS, "tokens"):
        whole = added(iter(sums.values()))
        wanted = whole.tokens if name == "tokens" else whole.counts[COUNTS.index(name)]
        assert sum(values(report, row)[name] for row in rows.values()) == wanted  # type: ignore[misc]
    if mixed and not set(rows) <= set(sums):
        return
    check_totals(report, ids)
    check_bars(report, made, ids)
    check_displayed(report, ids)


def check_totals(report: Report, ids: dict[str, Group]) -> None:
    """One a currency, of the rows that are shown; exactly their sum."""
    shown = [row for row in report.table.rows if row.shown]
    by_currency: dict[str, list[dict[str, Value]]] = {}
    for row in shown:
        by_currency.setdefault(ids[row.id][1], []).append(values(report, row))
    assert len(report.table.totals) == len(by_currency)
    for total, currency in zip(report.table.totals, sorted(by_currency), strict=True):
        found, parts = values(report, total), by_currency[currency]
        for name in (*COUNTS, "tokens"):
            assert found[name] == sum(part[name] for part in parts)  # type: ignore[misc]
        for name in ("cost", "list_cost"):
            if name in found:
                whole = exact_sum([one for part in parts if isinstance(one := part[name], Decimal)])
                assert (found[name] or 0) == whole


def check_bars(report: Report, made: dict[Group, dict[str, Sums]], ids: dict[str, Group]) -> None:
    """Each part of each bar, of groups that are shown; and what is in no bar is said."""
    chart, measure = report.chart, report.question.measure
    assert isinstance(chart, BarChart)
    own = [one.id for one in chart.series]
    assert len(own) <= 9 + 1
    hidden, picked = set(report.question.hidden), report.question.picked
    charted = [id_ for id_ in ids if id_ in own]
    others = [id_ for id_ in ids if id_ not in own]
    if OTHERS not in own:
        if measure in (Measure.TOKENS, Measure.REQUESTS) and not report.remarks:
            assert not any(sums.measured(measure) for id_ in others for sums in made[ids[id_]].values())
        others = []
    currencies = {ids[id_][1] for id_ in charted}
    if measure in (Measure.SPEND, Measure.WORTH):
        assert len(currencies) <= 1
        others = [id_ for id_ in others if ids[id_][1] in currencies]

    def shows(id_: str) -> bool:
        return id_ not in hidden and (not picked or id_ in picked) and not (id_ in others and OTHERS in hidden)

    slack = Fraction(NANO) * (len(ids) + 1)
    mixed = len({currency for _, currency in made}) > 1 and measure in (Measure.TOKENS, Measure.REQUESTS)
    for bar in chart.bars:
        if mixed and not hidden and not picked:
            whole = added(of_bar.get(bar.id, Sums()) for of_bar in made.values())
            assert exact_sum(bar.amounts) == whole.measured(measure)
        for id_, amount in zip(own, bar.amounts, strict=True):
            if mixed:
                break  # of tokens without any amount, it is not said which row they stand in
            parts = others if id_ == OTHERS else [id_]
            sums = added(made[ids[one]].get(bar.id, Sums()) for one in parts if shows(one))
            assert abs(Fraction(amount) - sums.measured(measure)) <= slack, (bar.id, id_)
    known = {bar.id for bar in chart.bars}
    unplaced = [
        one
        for id_ in ids
        if shows(id_)
        for label, one in made[ids[id_]].items()
        if label not in known and one.measured(measure)
    ]
    if unplaced and report.table.rows:
        assert any("in no bar" in one for one in report.remarks)


def figure(text: str) -> Decimal:
    """A displayed amount; nothing for one that is no figure, as "<$0.01"."""
    if text == "–" or "<" in text or text in (NOT_PRICED, MOSTLY_NOT_PRICED):
        return Decimal(0)
    sign = -1 if "−" in text or "-" in text else 1
    return sign * Decimal("0" + "".join(char for char in text if char in "0123456789."))


def check_displayed(report: Report, ids: dict[str, Group]) -> None:
    """What is seen adds up to what is seen, and nothing that lacks a price reads as a zero."""
    for name in ("cost", "list_cost"):
        for total in report.table.totals:
            if name not in texts(report, total):
                continue
            whole = texts(report, total)[name]
            currency = total.id.partition("\x1f")[2]
            rows = [row for row in report.table.rows if row.shown and currency in ("", ids[row.id][1])]
            assert sum(figure(texts(report, row)[name]) for row in rows) == figure(whole)
            for row in (*rows, total):
                text, unpriced = texts(report, row)[name], "not priced" in row.tip or "without a price" in row.tip
                assert not (unpriced and "0.00" in text and figure(text) == 0), text
    single = len(report.table.totals) == 1 and report.question.measure in (Measure.SPEND, Measure.WORTH)
    if single and len({currency for _, currency in ids.values()}) == 1:
        name = "cost" if report.question.measure is Measure.SPEND else "list_cost"
        said = texts(report, report.table.totals[0])[name]
        assert said in (report.headline.amount_text, "–") or not figure(said)


def some_question(dice: random.Random, ground: Ground) -> Question:
    """A question as the window may come to ask it."""
    first, last = ground.known or (ground.today, ground.today)
    day = first + timedelta(days=dice.randrange((last - first).days + 1))
    until = day + timedelta(days=dice.choice((0, 1, 5, 40)))
    period = dice.choice(
        (
            Period(Span.DAYS_7), Period(Span.DAYS_30), Period(), Period(Span.MONTH, day), Period(Span.YEAR),
            Period(Span.YEAR, day), Period(Span.ALL), Period(Span.CUSTOM, day, until), Period(Span.CUSTOM, None, day),
            Period(Span.CUSTOM, day, None),
        )
    )  # fmt: skip
    where, text = [], []
    for _ in range(dice.choice((0, 0, 0, 1, 2))):
        key = dice.choice(KEYS)
        found = ground.usage((key,))
        if found:
            where.append((key, dice.choice(found).key(key)))
    for _ in range(dice.choice((0, 0, 1, 2))):
        key = dice.choice(PLAIN_KEYS)
        pattern = dice.choice(("o", "s", "late", "site", "s1", "desk", "fast", "new"))
        text.append(f"{dice.choice(('', '-'))}{key}:{pattern}")
    return Question(
        period=period,
        by=tuple(dice.sample(KEYS, dice.choice((0, 1, 1, 1, 2, 3)))),
        split=dice.choice(("", *SPLITS)),
        measure=dice.choice(list(Measure)),
        where=tuple(where),
        text=" ".join(text),
        sort=dice.choice(("", "cost", "list_cost", "share", "tokens", "cache_hit_rate", "model", "equivalent")),
        descending=dice.random() < 0.5,
    )


def choices(dice: random.Random, report: Report) -> Question:
    """The same question with rows switched off, picked or a stretch of bars selected."""
    question, chart = report.question, report.chart
    assert isinstance(chart, BarChart)
    ids = [*(row.id for row in report.table.rows), OTHERS]
    labels = [bar.id for bar in chart.bars]
    if dice.random() < 0.5:
        question = question._replace(hidden=tuple(dice.sample(ids, min(len(ids), dice.randrange(4)))))
    if dice.random() < 0.3:
        question = question._replace(picked=tuple(dice.sample(ids[:-1], min(len(ids) - 1, dice.randrange(3)))))
    if labels and dice.random() < 0.5:
        question = question._replace(selected=(dice.choice(labels), dice.choice(labels)))
    return question


def timed(row: Row) -> bool:
    return any(key in SPLITS for key, _ in row.where)


def check_ways(dice: random.Random, ground: Ground, report: Report) -> None:
    """Into a row and into a bar: what is there is what the row and the bar said; and the trail leads back."""
    question, chart = report.question, report.chart
    assert isinstance(chart, BarChart)
    converts = bool(ground.settings.currency)
    ids = {row.id for row in usage.build(ground, question._replace(selected=None, hidden=(), picked=())).table.totals}
    # Of hours selected, a row of a day is not what the day is.
    rows = [row for row in report.table.rows if not (question.selected and question.split == "hour") or not timed(row)]
    if rows and ids == {"total"}:
        row = dice.choice(rows)
        into = deeper(question, row, report.days)
        if into is not None:
            below = usage.build(ground, into)
            said, found = values(report, row), [values(below, one) for one in below.table.totals]
            assert len(found) == 1, row
            for name in (*COUNTS, "tokens"):
                assert found[0][name] == said[name]
            for name in ("cost", "list_cost"):
                if name in said:
                    assert near(found[0][name], amount(said[name]), to_the_nano=converts)
            assert below.trail[-1].question == below.question
            if into.outer == question.outer and into.where[: len(question.where)] == question.where:
                back = usage.build(ground, below.trail[len(question.outer) + len(question.where)].question)
                assert back.question.where == question.where
                if len(question.by) == 1:
                    bare = question._replace(hidden=(), picked=(), selected=None, sort="", descending=True)
                    again = usage.build(ground, bare)
                    assert back._replace(asked=again.asked) == again
    bars = [bar for bar in chart.bars if any(bar.amounts)]
    if bars and OTHERS not in question.hidden and not question.picked:
        bar = dice.choice(bars)
        into = zoomed(question, bar.id, report.days)
        if into is not None and (question.split != "hour"):
            below = usage.build(ground, into._replace(selected=None))
            assert isinstance(below.chart, BarChart)
            assert below.question.measure is question.measure
            name = {Measure.SPEND: "cost", Measure.WORTH: "list_cost"}.get(question.measure, question.measure.value)
            if len(below.table.totals) == 1:
                total = amount(values(below, below.table.totals[0])[name])
                assert abs(total - Fraction(exact_sum(bar.amounts))) <= Fraction(NANO) * 60


@pytest.mark.parametrize("seed", range(SEEDS))
def test_any_question_of_any_history(tmp_path: Path, seed: int) -> None:
    """Rows, totals, bars and what is displayed are what `usage` says; of all rows together, of a selection, sorted in
    any way, below a row and within a bar.
    """
    dice = random.Random(seed)
    path = tmp_path / "history.db"
    currency = fill(path, seed)
    zone = NamedZone(ZONES[seed % len(ZONES)])
    asked = []
    with opened(path, currency, zone) as ground:
        for _ in range(QUESTIONS):
            question = some_question(dice, ground)
            report = usage.build(ground, question)
            check(ground, report)
            asked.append(report)
            other = usage.build(ground, choices(dice, report))
            check(ground, other)
            check_ways(dice, ground, other)
            resorted = usage.build(ground, other.asked._replace(sort="tokens", descending=False))
            assert resorted.table.totals == other.table.totals
            assert sorted(resorted.table.rows) == sorted(other.table.rows)
            assert (resorted.chart, resorted.headline) == (other.chart, other.headline)
    with opened(path, currency, zone) as ground:
        for report in asked:
            assert usage.build(ground, report.asked) == report, "what is kept is what is read anew"
