"""Fees and charges in usage: once, on their days, in every grouping, and with no key they do not have."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.test_usage import EVENTS, PRICES, ZONES, zone
from tokentray.clock import UtcZone
from tokentray.model import Payer, PayerKind, UsageRow
from tokentray.money import nanos_from_text
from tokentray.store.usage import KEYS, UsageQuery, usage
from tokentray.store.writer import Batch, Writer

TODAY = date(2025, 11, 22)
NOVEMBER = (date(2025, 11, 1), date(2025, 11, 30))
TEXTLESS = ("account", "agent", "model", "tier", "project", "key", "session", "machine", "hour")


def add_plan(writer: Writer, name: str, fee: str, first: date, last: date | None = None, currency: str = "USD") -> int:
    """A plan of one term, its billing months beginning on the first one's day. Returns its id."""
    with writer.telling() as told:
        plan = told.add_plan(name, "anthropic", 0)
        told.add_term(plan, nanos_from_text(fee), currency, first, last, min(first.day, 28))
    return plan


def add_charge(writer: Writer, day: date, amount: str, currency: str = "USD", provider: str = "openai") -> int:
    """A charge. Returns its id."""
    with writer.telling() as told:
        return told.add_charge(day, nanos_from_text(amount), currency, provider, "overage", 0)


@pytest.fixture(name="writer")
def empty_history(tmp_path: Path) -> Iterator[Writer]:
    """A history with nothing in it."""
    writer = Writer(tmp_path / "history.db")
    yield writer
    writer.close()


@pytest.fixture(scope="module", name="year")
def whole_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """A year of calls of two agents that share a plan, another plan in euros, and charges in both currencies."""
    writer = Writer(tmp_path_factory.mktemp("fees") / "history.db")
    for agent, part in (("claude-code", EVENTS[::2]), ("codex", EVENTS[1::2])):
        source = writer.source("agent", agent, agent, "x", 0)
        writer.add_models({pair: PRICES[pair[1]] for pair in sorted(writer.new_models(part))}, 0)
        writer.apply(Batch(source, "desk", part, []))
    writer.rebuild()
    plan = add_plan(writer, "Max", "200", date(2025, 2, 11))
    add_plan(writer, "Team", "29.99", date(2025, 3, 31), date(2025, 9, 6), "EUR")
    with writer.telling() as told:
        told.add_rule("claude-code", "", "", None, Payer(PayerKind.PLAN, plan), 0)
        told.add_rule("codex", "", "", None, Payer(PayerKind.PLAN, plan), 0)
        told.add_rule("codex", "", "", date(2025, 8, 3), Payer(PayerKind.PAYG), 0)
    for day, amount, currency in ((date(2025, 4, 25), "12.345678901", "USD"), (date(2025, 12, 31), "0.01", "EUR")):
        add_charge(writer, day, amount, currency)
    yield writer
    writer.close()


def by_currency(rows: Sequence[UsageRow]) -> dict[str, tuple[Decimal, Decimal, int]]:
    """Spend, list cost and requests of each currency."""
    sums: dict[str, tuple[Decimal, Decimal, int]] = defaultdict(lambda: (Decimal(0), Decimal(0), 0))
    for row in rows:
        cost, worth, requests = sums[row.currency]
        sums[row.currency] = (cost + row.cost, worth + (row.list_cost or 0), requests + row.requests)
    return dict(sums)


def found(writer: Writer, *by: str, **rest: object) -> list[UsageRow]:
    """Usage by some keys, as of TODAY unless said otherwise."""
    return usage(writer.connection, UsageQuery(by, **{"today": TODAY} | rest), UtcZone())  # type: ignore[arg-type]


def test_a_month_by_hand(writer: Writer) -> None:
    """200 for a November of 30 days, 20 euros from the 16th on, and a charge of 12.50."""
    add_plan(writer, "Max", "200", date(2025, 11, 1))
    add_plan(writer, "Team", "20", date(2025, 11, 16), currency="EUR")
    add_charge(writer, date(2025, 11, 20), "12.50")
    rows = found(writer, "source", from_day=NOVEMBER[0], to_day=NOVEMBER[1])
    assert [(row.key("source"), row.cost, row.currency, row.basis) for row in rows] == [
        ("charge:1", Decimal("12.50"), "USD", ("charge",)),
        # 22 of 30 days: ⌊200 × 10⁹ × 22 ÷ 30⌋.
        ("plan:1", Decimal("146.666666666"), "USD", ("plan",)),
        # 16 to 22 November are 7 of the 30 days to 15 December: ⌊20 × 10⁹ × 7 ÷ 30⌋.
        ("plan:2", Decimal("4.666666666"), "EUR", ("plan",)),
    ]
    whole = found(writer, from_day=NOVEMBER[0], to_day=NOVEMBER[1], today=NOVEMBER[1])
    # 200 + 12.50, and 15 of 30 days of 20 euros.
    assert {row.currency: row.cost for row in whole} == {"USD": Decimal("212.5"), "EUR": Decimal(10)}
    assert {row.currency: row.basis for row in whole} == {"USD": ("plan", "charge"), "EUR": ("plan",)}


def test_a_plan_without_any_logs(writer: Writer) -> None:
    """It costs all the same, from its first day to today; where no day is given to count to, there is none."""
    add_plan(writer, "Max", "30", date(2025, 11, 1))
    (row,) = found(writer)
    assert row.cost == 22  # 22 of 30 days at 1 each
    assert (row.requests, row.total_tokens) == (0, 0)
    assert row.list_cost == 0
    assert found(writer, today=None) == []
    (row,) = found(writer, today=None, to_day=date(2025, 11, 10))
    assert row.cost == 10
    assert found(writer, today=None, to_day=date.max) == []


@pytest.mark.parametrize(
    ("from_day", "to_day", "days"),
    [
        (None, None, 22),
        (date(2025, 11, 5), None, 18),
        (None, date(2025, 11, 5), 5),
        (date(2025, 11, 5), date(2025, 11, 7), 3),
        (date(2025, 11, 22), date(2025, 11, 22), 1),
        (date(2025, 11, 23), None, 0),  # after today
        (None, date(2025, 10, 31), 0),  # before its first day
        (None, date(2026, 12, 31), 22),  # not beyond today
        (date(2025, 11, 7), date(2025, 11, 5), 0),
        (date.min, date.max, 22),
    ],
)
def test_fees_of_the_days_asked_for(writer: Writer, from_day: date | None, to_day: date | None, days: int) -> None:
    """Both ends included, never beyond today: 30 a month is 1 a day in November."""
    add_plan(writer, "Max", "30", date(2025, 11, 1))
    assert sum(row.cost for row in found(writer, from_day=from_day, to_day=to_day)) == days


def test_fees_and_charges_have_only_the_keys_they_have(writer: Writer) -> None:
    """Day, week, month, provider and source; a plan also pays; everything else is empty."""
    add_plan(writer, "Max", "30", date(2025, 11, 1))
    add_charge(writer, date(2025, 11, 3), "5")
    for key in TEXTLESS:
        assert {row.key(key) for row in found(writer, key)} == {""}, key
    day, week, month = date(2025, 11, 3), "2025-W45", "2025-11"
    rows = found(writer, "day", "week", "month", "hour", "provider", "source", "payer", from_day=day, to_day=day)
    assert [tuple(value for _, value in row.keys) for row in rows] == [
        (day.isoformat(), week, month, "", "anthropic", "plan:1", "plan:1"),
        (day.isoformat(), week, month, "", "openai", "charge:1", ""),
    ]


def test_a_charge_that_lies_ahead(writer: Writer) -> None:
    """It counts on its day, not before; without a today, whatever is asked for counts."""
    add_charge(writer, date(2025, 11, 23), "5")
    assert found(writer) == []
    assert found(writer, to_day=date(2025, 12, 31)) == []
    assert sum(row.cost for row in found(writer, today=date(2025, 11, 23))) == 5
    assert sum(row.cost for row in found(writer, today=None)) == 5
    assert found(writer, today=None, to_day=TODAY) == []


def test_a_fee_counts_once_for_all_its_agents(year: Writer) -> None:
    """Both agents are covered by the plan; neither carries its fee, which stands once, on the plan itself."""
    span = {"from_day": date(2025, 3, 11), "to_day": date(2025, 4, 10)}  # a billing month of 31 days
    rows = found(year, "agent", **span)
    fees = [row for row in rows if row.currency == "USD" and not row.key("agent")]
    assert [row.cost for row in fees] == [200]
    assert [row.cost for row in rows if row.key("agent")] == [0, 0]
    covered = [row for row in found(year, "agent", "payer", **span) if row.key("agent")]
    assert {(row.key("agent"), row.key("payer")) for row in covered} == {("claude-code", "plan:1"), ("codex", "plan:1")}
    assert all(row.list_cost for row in covered)


def test_a_plan_changed_and_restarted(writer: Writer) -> None:
    """20 a month to the 15th, 200 from the 16th, ended with October's last day: 10 + 100, then nothing."""
    with writer.telling() as told:
        plan = told.add_plan("Max", "anthropic", 0)
        told.add_term(plan, nanos_from_text("20"), "USD", date(2025, 9, 1), date(2025, 9, 15), 1)
        told.add_term(plan, nanos_from_text("200"), "USD", date(2025, 9, 16), date(2025, 10, 31), 1)
        told.add_term(plan, nanos_from_text("300"), "USD", date(2025, 12, 1), None, 1)
    months = {row.key("month"): row.cost for row in found(writer, "month", today=date(2025, 12, 31))}
    assert months == {"2025-09": 110, "2025-10": 200, "2025-12": 300}


@pytest.mark.parametrize("key", KEYS)
def test_any_grouping_sums_to_the_total(year: Writer, key: str) -> None:
    """Alone or with any other key, in every zone: spend and list cost of each currency, to the last digit."""
    for name, other in zip(itertools.cycle(ZONES), (None, *KEYS), strict=False):
        query = UsageQuery(today=TODAY)
        wanted = by_currency(usage(year.connection, query, zone(name)))
        by = (key,) if other is None else (key, other)
        assert by_currency(usage(year.connection, query._replace(by=by), zone(name))) == wanted, (by, name)
    assert set(wanted) == {"USD", "EUR"}


@pytest.mark.parametrize("key", [key for key in KEYS if key not in ("hour", "day", "session")])
def test_filters_part_the_total(year: Writer, key: str) -> None:
    """What has a value of the key, for each of them and the empty one, adds up to everything."""
    wanted = by_currency(found(year))
    values = {row.key(key) for row in found(year, key)}
    parts = [row for value in values for row in found(year, where=((key, value),))]
    assert by_currency(parts) == wanted
    assert by_currency(found(year, where=tuple((key, value) for value in values))) == wanted


@settings(deadline=None, max_examples=25)
@given(st.sampled_from(ZONES), st.dates(date(2024, 12, 30), date(2026, 1, 5)), st.sampled_from(KEYS))
def test_days_before_and_after_a_cut_make_up_the_whole(year: Writer, name: str, cut: date, key: str) -> None:
    """Days sum to the total, and a span cut in two is the same as in one piece."""
    connection, place = year.connection, zone(name)
    query = UsageQuery((key,), today=TODAY)
    whole = by_currency(usage(connection, query, place))
    before = usage(connection, query._replace(to_day=cut), place)
    after = usage(connection, query._replace(from_day=date.fromordinal(cut.toordinal() + 1)), place)
    assert by_currency([*before, *after]) == whole
    one = usage(connection, query._replace(from_day=cut, to_day=cut), place)
    day = usage(connection, query._replace(where=(("day", cut.isoformat()),)), place)
    assert one == day
