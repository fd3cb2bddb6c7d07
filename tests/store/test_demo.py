"""The made-up year: the same every time, and believable in each thing that later views are shown with."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tokentray.clock import NamedZone, UtcSeconds, Zone, day_start_utc
from tokentray.engine import demo_cast as cast
from tokentray.engine.demo import fill
from tokentray.model import Tier, UsageRow
from tokentray.money import femtos_to_decimal
from tokentray.prices import lookup
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

ZONE = NamedZone("Europe/Berlin")
TODAY = date(2026, 11, 22)
NOW = int(datetime(2026, 11, 22, 16, 20, tzinfo=UTC).timestamp())


def _filled(path: Path, now_utc: int = NOW, seed: int = 1, zone: Zone = ZONE, years: int = 1) -> Path:
    writer = Writer(path)
    fill(writer, now_utc=now_utc, years=years, seed=seed, zone=zone)
    writer.close()
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    with History(_filled(tmp_path_factory.mktemp("demo") / "history.db")) as opened:
        yield opened


def _rows(history: History, *by: str, first: date | None = None, last: date | None = None) -> list[UsageRow]:
    """Rows with use; what fees and charges add has tests of its own below."""
    return [row for row in history.usage(UsageQuery(by, first, last), ZONE) if row.requests]


def _of(history: History, key: str, value: str, *by: str) -> list[UsageRow]:
    return history.usage(UsageQuery(by, where=((key, value),)), ZONE)


def _worth(rows: list[UsageRow]) -> Decimal:
    return sum((row.list_cost or Decimal(0) for row in rows), Decimal(0))


def _day(row: UsageRow) -> date:
    return date.fromisoformat(row.key("day"))


def _content(path: Path) -> list[tuple[object, ...]]:
    with History(path) as opened:
        assert opened.connection is not None
        rows: list[tuple[object, ...]] = []
        for table in ("log_events", "usage_buckets", "models", "projects", "sessions", "sources", "prices"):
            rows += opened.connection.execute(f"SELECT * FROM {table}").fetchall()
        return rows


def test_same_moment_and_seed_give_the_same_rows(tmp_path: Path) -> None:
    """Pictures and tests may rely on every figure."""
    one, two, other = (_filled(tmp_path / f"{n}.db", seed=seed) for n, seed in enumerate((1, 1, 2)))
    assert _content(one) == _content(two)
    assert _content(one) != _content(other)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 21, 23, 0, 3),  # noqa: DTZ001 - a wall clock, three seconds past midnight in Berlin
        datetime(2026, 11, 22, 5, 40),  # noqa: DTZ001 - before anyone works
        datetime(2026, 8, 5, 9, 0),  # noqa: DTZ001 - in what would be the summer holiday
        datetime(2026, 12, 25, 13, 0),  # noqa: DTZ001
        datetime(2031, 3, 30, 1, 30),  # noqa: DTZ001 - the clock goes forward; later than every known model
    ],
)
def test_today_has_use_at_any_time_and_none_of_it_lies_ahead(tmp_path: Path, moment: datetime) -> None:
    """Whenever the demo is started, today has an amount, and nothing is dated after now."""
    now = int(moment.replace(tzinfo=UTC).timestamp())
    today = (moment.replace(tzinfo=UTC) + timedelta(seconds=ZONE.offset_s(now))).date()
    with History(_filled(tmp_path / "history.db", now)) as history:
        rows = _rows(history, "day", first=today)
        assert [_day(row) for row in rows] == [today]
        assert _worth(rows) > 0
        assert history.connection is not None
        latest = history.connection.execute("SELECT MAX(at) FROM log_events").fetchone()[0]
        assert day_start_utc(today, ZONE) <= latest <= now
        recent = _rows(history, "day", first=today - timedelta(days=29), last=today)
        assert len(recent) > 8, "the last thirty days are never bare, holiday or not"


def test_orders_of_magnitude(history: History) -> None:
    """Today near twelve dollars, a month in the hundreds, as the pictures show them."""
    assert 8 < _worth(_rows(history, "day", first=TODAY)) < 20
    assert 180 < _worth(_rows(history, "month", first=date(2026, 11, 1))) < 260
    months = _rows(history, "month", last=date(2026, 10, 31))[1:]
    assert len(months) == 11
    assert all(80 < (row.list_cost or 0) < 500 for row in months)


def test_working_days_have_two_humps_and_quiet_evenings(history: History) -> None:
    hours = [0] * 24
    for row in _rows(history, "hour"):
        hours[int(row.key("hour")[11:13])] += row.requests
    total = sum(hours)
    assert sum(hours[8:18]) > 0.8 * total
    assert sum(hours[19:]) < 0.12 * total
    assert sum(hours[:6]) == 0
    assert hours[12] < 0.8 * hours[10]
    assert hours[12] < 0.8 * hours[15]


def test_few_weekends(history: History) -> None:
    days = {_day(row) for row in _rows(history, "day")}
    weekends = [day for day in days if day.weekday() >= 5 and day != TODAY]
    assert 5 <= len(weekends) <= 30, "of 104"
    assert len(days) - len(weekends) > 190
    weekend_worth = _worth([row for row in _rows(history, "day") if _day(row) in weekends])
    assert weekend_worth < _worth(_rows(history)) / 20


def test_holidays_are_empty(history: History) -> None:
    days = {_day(row) for row in _rows(history, "day")}
    summer = cast.DaysOff(TODAY).summer(2026)
    assert summer == (date(2026, 8, 1), date(2026, 8, 16))
    assert not [day for day in days if summer[0] <= day <= summer[1]]
    assert not [day for day in days if date(2025, 12, 24) <= day <= date(2026, 1, 2)]
    assert any(date(2026, 8, 17) <= day <= date(2026, 8, 19) for day in days)


def test_one_tool_was_used_for_months_and_then_left_alone(history: History) -> None:
    """An idle plan is one with no use in fourteen days; this one has none in over five weeks."""
    days = [_day(row) for row in _of(history, "agent", cast.IDLE, "day")]
    assert len({(day.year, day.month) for day in days}) >= 10
    assert timedelta(days=35) < TODAY - max(days) < timedelta(days=49)
    for agent in ("claude-code", "codex", "pi"):
        assert max(_day(row) for row in _of(history, "agent", agent, "day")) > TODAY - timedelta(days=10)


@pytest.mark.parametrize(
    ("model", "cut", "fewer_permille"),
    [("gpt-5.6-terra", date(2026, 7, 30), 800), ("gpt-5.6-sol", date(2026, 8, 21), 750)],
)
def test_a_price_cut_shows_in_the_price_per_million(
    history: History, model: str, cut: date, fewer_permille: int
) -> None:
    """Every day is worth its tokens at that day's list price; the mean price falls with the cut."""
    prices = lookup.find("openai", model)
    rows = [
        row
        for row in history.usage(UsageQuery(("day", "tier"), where=(("model", model),)), ZONE)
        if row.key("tier") == Tier.STANDARD
    ]
    for row in rows:
        start = day_start_utc(_day(row), ZONE)
        price = lookup.price_at(prices, Tier.STANDARD, 0, UtcSeconds(start + 43_200))
        assert price is not None
        counts = (row.input_tokens, row.output_tokens, row.cache_read_tokens, 0, 0, row.web_search_requests)
        assert row.list_cost == femtos_to_decimal(price.rates.cost(*counts))
    before, after = ([row for row in rows if (_day(row) < cut) is early] for early in (True, False))
    assert min(len(before), len(after)) >= 4
    means = [_worth(part) / sum(row.total_tokens for row in part) for part in (before, after)]
    assert abs(means[1] / means[0] * 1000 - fewer_permille) < 80


def test_one_workload_starts_small_and_scales_up(history: History) -> None:
    rows = _of(history, "project", cast.SCALING_PROJECT, "day")
    ages = {(TODAY - _day(row)).days: row.list_cost or Decimal(0) for row in rows}
    assert max(ages) <= cast.SCALE_DAYS
    four_weeks = [sum((cost for age, cost in ages.items() if 28 * n <= age < 28 * n + 28)) for n in range(3)]
    assert four_weeks[0] > four_weeks[1] * Decimal("1.5")
    assert four_weeks[1] > four_weeks[2] * 2
    month = _rows(history, "project", first=TODAY - timedelta(days=27))
    assert max(month, key=lambda row: row.list_cost or 0).key("project") == cast.SCALING_PROJECT


def test_people_use_what_has_come_out(history: History) -> None:
    """No model before its day, and the newest of each line in use at the end."""
    lines = {agent.id: (agent.everyday, agent.deep, agent.helper) for agent in cast.AGENTS}
    since = {
        (agent, model): day
        for agent, of_agent in lines.items()
        for line in of_agent
        if line
        for day, model in line.models[1:]
    }
    for row in _rows(history, "day", "agent", "model"):
        out = since.get((row.key("agent"), row.key("model")), "")
        assert row.key("day") >= out, row.keys
    last = {row.key("model") for row in _rows(history, "model", first=TODAY - timedelta(days=20))}
    assert {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "gpt-5.6-terra"} <= last
    assert len(_rows(history, "model")) > 20


def test_projects_sessions_and_kinds_of_tokens(history: History) -> None:
    projects = {row.key("project") for row in _rows(history, "project")}
    assert 6 <= len(projects) <= 9
    by_session = _rows(history, "day", "session", first=TODAY - timedelta(days=20))
    days = [row.key("day") for row in by_session]
    assert max(days.count(day) for day in set(days)) >= 5
    (whole,) = _rows(history)
    asked = whole.input_tokens + whole.cache_write_5m_tokens + whole.cache_write_1h_tokens
    assert whole.cache_read_tokens > 10 * asked
    assert 0 < whole.cache_write_1h_tokens < whole.cache_write_5m_tokens
    assert 0 < whole.reasoning_tokens < whole.output_tokens
    assert 0 < whole.web_search_requests < whole.requests / 50
    fast = _of(history, "tier", "fast")
    assert 0 < fast[0].requests < whole.requests / 25
    assert _worth(fast) > 0


def test_little_is_unpriced_and_not_of_late(history: History) -> None:
    """The first picture says no "at least"; a month of the summer does."""
    (whole,) = _rows(history)
    assert 0 < whole.unpriced_tokens < whole.total_tokens / 1000
    assert history.unpriced_models() == [(cast.LOCAL_MODEL, whole.unpriced_tokens)]
    assert not any(row.unpriced_tokens for row in _rows(history, "day", first=TODAY - timedelta(days=100)))


def test_sources_reference_point_and_prices_are_as_after_a_refresh(history: History) -> None:
    sources = history.sources()
    assert [source.name for source in sources] == [
        "claude-code", "codex", "gemini-cli", "pi", "openrouter:demo", "openai:demo",
    ]  # fmt: skip
    assert {source.read_at_utc for source in sources} == {NOW}
    points = [(one.kind, one.name, one.amount, one.currency, one.leads) for one in history.reference_points()]
    assert points == [
        ("hourly", "", Decimal(100), "USD", True),
        ("thing", "coffee", Decimal("4.5"), "USD", False),
    ]
    assert history.connection is not None
    digest = history.connection.execute("SELECT value FROM meta WHERE key = 'price_table'").fetchone()[0]
    assert digest == f"{lookup.table_info().data_date} {lookup.table_info().digest}"
    assert history.connection.execute("SELECT COUNT(*) FROM dirty_buckets").fetchone()[0] == 0
    assert history.corrections() == []


def test_who_pays_is_told_as_somebody_would(history: History) -> None:
    """Two plans in use, one that changed its fee, one left alone; a payer as they go, an employer, a charge."""
    rows = history.usage(UsageQuery(("source", "payer"), TODAY.replace(day=1), TODAY, today=TODAY), ZONE)
    costs = {(row.key("source"), row.key("payer")): row.cost for row in rows}
    paid = {payer for _, payer in costs}
    assert paid == {"", "payg", "nobody", "plan:1", "plan:2", "plan:3", "account:5", "account:6"}
    assert costs["charge:1", ""] == Decimal("12.5")
    assert costs["pi", "payg"] > 0
    assert costs["claude-code", "nobody"] == costs["claude-code", "plan:1"] == 0
    worth = {payer: _worth([row for row in rows if row.key("payer") == payer]) for payer in paid}
    fees = {payer: costs[payer, payer] for payer in paid if payer.startswith("plan:")}
    assert worth["plan:1"] > fees["plan:1"]
    assert worth["plan:2"] > fees["plan:2"]
    assert worth["plan:3"] == 0, "the tool that was left alone is paid for all the same"
    assert [len(plan.terms) for plan in history.plans()] == [2, 1, 1]
    assert history.first_run_done()


def test_two_accounts_bill_what_is_built(history: History) -> None:
    """One as it is used, the other a day late and with searches apart; what they see is laid out by model and key."""
    live, late = history.accounts()
    assert [one.label for one in (live, late)] == ["OpenRouter", "OpenAI, my key"]
    rows = history.usage(UsageQuery(("day", "source", "model", "key"), TODAY - timedelta(days=30), TODAY), ZONE)
    basis = {(row.key("source"), row.key("day")): set(row.basis) for row in rows if row.key("source").startswith("a")}
    assert {one for (source, _), found in basis.items() if source == "account:5" for one in found} == {"billed"}
    assert basis["account:6", TODAY.isoformat()] == {"metered"}
    assert {row.key("key") for row in rows if row.key("source") == "account:6"} == {"nightly-eval", "sandbox"}
    pairs = history.reconcile(TODAY - timedelta(days=30), TODAY, ZONE)
    live_pairs = [pair for pair in pairs if pair.account_id == 5 and pair.billed]
    # A bill is told to the nano-dollar.
    assert all(abs(pair.billed["USD"] - (pair.metered or 0)) < Decimal("0.000001") for pair in live_pairs)
    assert live_pairs
    assert any(pair.billed["USD"] > (pair.metered or 0) for pair in pairs if pair.account_id == 6 and pair.billed)


def test_each_grouping_sums_to_the_same(history: History) -> None:
    (whole,) = _rows(history)
    for by in (("day",), ("month", "agent"), ("project", "model", "tier"), ("session",)):
        rows = _rows(history, *by)
        assert _worth(rows) == whole.list_cost
        assert sum(row.total_tokens for row in rows) == whole.total_tokens


def test_other_zones_work_their_own_mornings(tmp_path: Path) -> None:
    """Nine in the morning is nine where the person is."""
    zone = NamedZone("Asia/Kathmandu")
    with History(_filled(tmp_path / "history.db", zone=zone)) as history:
        rows = history.usage(UsageQuery(("hour",)), zone)
        morning = sum(row.requests for row in rows if "T08" <= row.key("hour")[10:13] <= "T11")
        assert morning > 0.3 * sum(row.requests for row in rows)


def test_kinds_add_up_to_the_year(history: History) -> None:
    """By month, source and payer, whatever is billed, metered, a fee or an estimate."""
    by = ("month", "source", "payer")
    whole = {row.keys: row for row in history.usage(UsageQuery(by, today=TODAY), ZONE)}
    found: dict[tuple[tuple[str, str], ...], tuple[int, Decimal, Decimal, int]] = {}
    for row in history.usage(UsageQuery((*by, "kind"), today=TODAY), ZONE):
        tokens, cost, worth, requests = found.get(row.keys[:-1], (0, Decimal(0), Decimal(0), 0))
        worth += row.list_cost or 0
        found[row.keys[:-1]] = tokens + row.total_tokens, cost + row.cost, worth, requests + row.requests
    assert found == {
        keys: (row.total_tokens, row.cost, row.list_cost or 0, row.requests) for keys, row in whole.items()
    }
