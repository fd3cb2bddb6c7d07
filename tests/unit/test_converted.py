"""Rows in another currency: exact at each day's rate, and every grouping adds up to one total, to the nano-unit."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.export_month import OPUS, TERRA, call, charge, make, plan, rule, tell
from tokentray.clock import NamedZone, UtcZone, Zone
from tokentray.insight.converted import landing, rates_used, regrouped, shared, unreached
from tokentray.insight.exchange import Exchange
from tokentray.insight.tally import Home, tally
from tokentray.model import ExchangeRate, PayerKind, UsageRow
from tokentray.money import decimal_of, exact_sum
from tokentray.store.history import History
from tokentray.store.usage import KEYS, UsageQuery

TODAY = date(2026, 11, 22)
ZONES = ("UTC", "America/Santiago", "Asia/Kathmandu", "Africa/Cairo")
CURRENCIES = ("USD", "EUR", "GBP", "JPY")


def rate(base: str, quote: str, value: str, since: str = "2026-01-01") -> ExchangeRate:
    """A rate from a day on."""
    return ExchangeRate(1, base, quote, Decimal(value), date.fromisoformat(since))


def row(
    day: str, cost: str, currency: str, list_cost: str | None = "0", tokens: int = 0, unpriced: int = 0
) -> UsageRow:
    """A row by model and day."""
    keys = (("model", "m"), ("day", day))
    amount = None if list_cost is None else Decimal(list_cost)
    return UsageRow(keys, 1, tokens, 0, 0, 0, 0, 0, 0, Decimal(cost), amount, unpriced, 0, currency, (), ())


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[History]:
    """Use in dollars all around the year, near midnights and clock changes; a plan in euros, a charge in pounds."""
    path = tmp_path_factory.mktemp("converted") / "history.db"
    days = [f"2026-{month:02d}-{day:02d}" for month in range(1, 12) for day in (1, 8, 29 if month != 2 else 28)]
    calls = {
        "claude-code": [
            call(f"{day} {n * 5 % 24:02d}:45", OPUS, f"p{n % 3}", (n, 7 * n + 1, 3 * n)) for n, day in enumerate(days)
        ],
        "codex": [call(f"{day} 22:1{n % 6}", TERRA, "p1", (n, 11 * n + 3)) for n, day in enumerate(days)],
        "pi": [call("2026-05-05 10:00", "qwen3-coder:30b", "", (900, 100))],
    }
    make(path, calls)
    tell(
        path,
        plan("Claude Max", "107.13", "claude-code", currency="EUR", since="2026-02-11", day=11),
        rule("codex", PayerKind.PAYG),
        rule("pi", PayerKind.PAYG),
        charge("2026-06-30", "3.333333333", "overage", "GBP"),
    )
    with History(path) as opened:
        yield opened


RATES = st.lists(
    st.builds(
        ExchangeRate,
        st.just(1),
        st.sampled_from(CURRENCIES),
        st.sampled_from(CURRENCIES),
        st.decimals(min_value="0.000001", max_value="9999", places=6),
        st.dates(date(2025, 12, 1), TODAY),
    ).filter(lambda one: one.base != one.quote),
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    by=st.lists(st.sampled_from(KEYS), max_size=3, unique=True),
    zone=st.sampled_from(ZONES),
    rates=RATES,
    currency=st.sampled_from(CURRENCIES),
)
def test_any_grouping_adds_up_to_one_total(
    history: History, by: list[str], zone: str, rates: list[ExchangeRate], currency: str
) -> None:
    """By any keys, in any zone, over rates that change, turn round and cross: the total is the same to the nano."""
    place: Zone = UtcZone() if zone == "UTC" else NamedZone(zone)
    home = Home(currency, Exchange(rates))
    days = history.usage(UsageQuery(("day",), today=TODAY), place)
    whole = tally(days, home)
    keys = tuple(dict.fromkeys((*by, "day")))
    rows = regrouped(history.usage(UsageQuery(keys, today=TODAY), place), by, home)
    for name in {one.currency for one in rows}:
        mine = [one for one in rows if one.currency == name]
        assert exact_sum([one.cost for one in mine]) == whole.cost_in(name)
        assert exact_sum([one.list_cost or Decimal(0) for one in mine]) == whole.worth_in(name)
    assert sum(one.total_tokens for one in rows) == whole.tokens
    assert sum(one.unpriced_tokens for one in rows) == whole.unpriced_tokens
    assert [one for one in unreached(days, home) if home.exchange.reaches(one, currency)] == []
    assert {one.currency for one in rows} <= {currency, *unreached(days, home)}


@pytest.mark.parametrize("by", [(), ("month",), ("model",), ("payer", "week"), ("hour", "agent"), ("session",)])
def test_without_a_currency_rows_are_those_of_the_history(history: History, by: tuple[str, ...]) -> None:
    """Adding days up gives what the history says without them, row by row, in its order."""
    rows = history.usage(UsageQuery((*by, "day"), today=TODAY), UtcZone())
    assert regrouped(rows, by, Home("", Exchange([]))) == history.usage(UsageQuery(by, today=TODAY), UtcZone())


def test_each_day_at_its_rate() -> None:
    """10 USD at 1.25 and 10 USD at 1.6 to the euro are 8 and 6.25 EUR."""
    home = Home("EUR", Exchange([rate("EUR", "USD", "1.25"), rate("EUR", "USD", "1.6", "2026-11-10")]))
    rows = [row("2026-11-09", "10", "USD"), row("2026-11-10", "10", "USD"), row("2026-11-10", "1", "EUR")]
    (both,) = regrouped(rows, ("model",), home)
    assert (both.cost, both.currency) == (Decimal("15.25"), "EUR")
    first, second = regrouped(rows, ("model", "day"), home)
    assert (first.cost, second.cost) == (Decimal(8), Decimal("7.25"))


def test_what_no_rate_leads_to_stays_apart() -> None:
    """Never one to one; what has no amount needs no rate."""
    home = Home("EUR", Exchange([rate("EUR", "USD", "1.25")]))
    rows = [row("2026-11-09", "10", "USD"), row("2026-11-09", "3", "CHF"), row("2026-11-10", "0", "CHF", None, 5, 5)]
    assert unreached(rows, home) == ["CHF"]
    assert [(one.currency, one.cost, one.unpriced_tokens) for one in regrouped(rows, (), home)] == [
        ("CHF", Decimal(3), 0),
        ("EUR", Decimal(8), 5),
    ]
    assert landing(rows[1], Home("", home.exchange)) == "CHF"


def test_thirds_share_what_they_are_together() -> None:
    """1 USD is 0.333333333… EUR: three of them on three days are one euro, and so are their rows."""
    home = Home("EUR", Exchange([rate("EUR", "USD", "3")]))
    rows = [row(f"2026-11-0{day}", "1", "USD") for day in (1, 2, 3)]
    assert [one.cost for one in regrouped(rows, ("day",), home)] == [
        Decimal("0.333333333333334"),
        Decimal("0.333333333333333"),
        Decimal("0.333333333333333"),
    ]
    assert regrouped(rows, (), home)[0].cost == 1
    two = [one.cost for one in regrouped(rows[:2], ("day",), home)]
    assert two == [Decimal("0.333333334"), Decimal("0.333333333")], "two thirds are 0.666666667 to the nano"


def test_what_is_unpriced_stays_so() -> None:
    """A fee beside it is no price for it; tokens at a price of nothing are priced."""
    home = Home("EUR", Exchange([rate("EUR", "USD", "2")]))
    local = row("2026-11-09", "0", "USD", None, 5, 5)
    assert regrouped([local, row("2026-11-09", "4", "EUR")], ("model",), home)[0].list_cost is None
    assert regrouped([local, row("2026-11-09", "0", "USD", "0", 5)], ("model",), home)[0].list_cost == 0
    assert regrouped([local, row("2026-11-09", "0", "USD", "3", 5)], ("model",), home)[0].list_cost == Decimal("1.5")


@given(st.lists(st.fractions(max_denominator=10**7), max_size=12))
def test_shares_are_neighbours_and_add_up(parts: list[Fraction]) -> None:
    """Each is within a nano-unit of its part, and together they are what the sum is as a decimal."""
    made = shared(parts)
    assert exact_sum(made) == decimal_of(sum(parts, Fraction(0)))
    for part, one in zip(parts, made, strict=True):
        assert abs(Fraction(one) - part) < Fraction(1, 10**9)


@given(rates=RATES, days=st.lists(st.dates(date(2025, 11, 1), date(2027, 1, 1)), min_size=2, max_size=2).map(sorted))
def test_the_rates_named_are_those_that_hold(rates: list[ExchangeRate], days: list[date]) -> None:
    """With nothing but the rates named, each day of the span converts as it does with all of them."""
    exchange = Exchange(rates)
    for quote in CURRENCIES[1:]:
        used = rates_used(rates, "USD", quote, days[0], days[1])
        alone = Exchange(used)
        for day in days:
            assert alone.rate_on(day, "USD", quote) == exchange.rate_on(day, "USD", quote)


def test_only_rates_of_the_span_are_named() -> None:
    """One that was over before, or begins after, or leads elsewhere is left out."""
    old, now, later = (rate("EUR", "USD", value, since) for value, since in
                       (("1.1", "2026-01-01"), ("1.2", "2026-10-15"), ("1.3", "2026-12-01")))  # fmt: skip
    other = rate("GBP", "USD", "1.3")
    assert rates_used([old, now, later, other], "USD", "EUR", date(2026, 11, 1), date(2026, 11, 30)) == (now,)
    assert rates_used([old, now, later, other], "GBP", "EUR", date(2026, 10, 1), date(2026, 10, 31)) == (
        other, old, now,
    )  # fmt: skip
