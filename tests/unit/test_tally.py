"""Rows added up: exact, each day at its own rate, and never two currencies as one."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tokentray.insight.exchange import Exchange
from tokentray.insight.tally import Home, leading, tally
from tokentray.model import ExchangeRate, UsageRow

DAY = date(2026, 11, 21)
AS_IT_COMES = Home("", Exchange([]))


def row(
    cost: str = "0",
    worth: str | None = "0",
    *,
    currency: str = "USD",
    day: date = DAY,
    tokens: int = 0,
    unpriced: int = 0,
    unpriced_paid: int = 0,
    basis: Sequence[str] = ("estimated",),
    caveats: Sequence[str] = (),
    source: str = "codex",
    payer: str = "",
) -> UsageRow:
    """A row by day, source and payer; all tokens are output."""
    return UsageRow(
        keys=(("day", day.isoformat()), ("source", source), ("payer", payer)),
        requests=1 if tokens else 0,
        input_tokens=0,
        output_tokens=tokens,
        reasoning_tokens=0,
        cache_read_tokens=0,
        cache_write_5m_tokens=0,
        cache_write_1h_tokens=0,
        web_search_requests=0,
        cost=Decimal(cost),
        list_cost=None if worth is None else Decimal(worth),
        unpriced_tokens=unpriced,
        unpriced_paid_tokens=unpriced_paid,
        currency=currency,
        basis=tuple(basis),
        caveats=tuple(caveats),
    )


def home(currency: str, *rates: tuple[str, str, str, str]) -> Home:
    """A currency and rates: base, quote, rate, from."""
    return Home(
        currency,
        Exchange(
            [
                ExchangeRate(number, base, quote, Decimal(rate), date.fromisoformat(since))
                for number, (base, quote, rate, since) in enumerate(rates, 1)
            ]
        ),
    )


def test_nothing() -> None:
    """No rows: no currency, no basis, nothing estimated and nothing priced."""
    whole = tally([], AS_IT_COMES)
    assert (whole.cost, whole.worth, whole.tokens, whole.requests) == ({}, {}, 0, 0)
    assert (whole.estimated, whole.priced) == (False, False)
    assert whole.cost_in("USD") == whole.worth_in("USD") == 0


def test_cost_and_worth_side_by_side() -> None:
    """A fee, use it covers, and use that is paid: 10 + 2.5 spent, 4 + 2.5 worth, 350 tokens."""
    whole = tally(
        [
            row("10", "0", basis=("plan",)),
            row("0", "4", tokens=100, payer="plan:1"),
            row("2.5", "2.5", tokens=250, payer="payg"),
        ],
        AS_IT_COMES,
    )
    assert (whole.cost, whole.worth) == ({"USD": Decimal("12.5")}, {"USD": Decimal("6.5")})
    assert (whole.tokens, whole.requests, whole.priced) == (350, 2, True)
    assert whole.basis == ("estimated", "plan")


def test_what_is_estimated() -> None:
    """Only money that counts makes an amount an estimate, and tokens without a price that somebody here pays."""
    fee, covered = row("10", basis=("plan",)), row("0", "4", tokens=9)
    assert not tally([fee, covered], AS_IT_COMES).estimated
    assert tally([fee, row("0.000000001", "1", tokens=9)], AS_IT_COMES).estimated
    assert tally([row("3", basis=("metered",))], AS_IT_COMES).estimated
    assert not tally([row("3", basis=("billed",)), row("3", basis=("charge",))], AS_IT_COMES).estimated
    assert tally([row("0", None, tokens=9, unpriced=9, unpriced_paid=9)], AS_IT_COMES).estimated
    assert not tally([row("0", None, tokens=9, unpriced=9)], AS_IT_COMES).estimated


def test_what_has_no_price() -> None:
    """Counted whole, and apart the part that somebody here pays."""
    whole = tally(
        [row("0", None, tokens=9, unpriced=9), row("1", "1", tokens=7, unpriced=3, unpriced_paid=3)], AS_IT_COMES
    )
    assert (whole.unpriced_tokens, whole.unpriced_paid_tokens, whole.priced) == (12, 3, True)
    assert not tally([row("0", None, tokens=9, unpriced=9)], AS_IT_COMES).priced
    fee = row("10", "0", basis=("plan",))
    assert not tally([fee, row("0", None, tokens=9, unpriced=9)], AS_IT_COMES).priced, "a fee prices no tokens"
    assert tally([fee, row("0", "0", tokens=9)], AS_IT_COMES).priced, "a model that costs nothing does"


def test_each_day_at_its_own_rate() -> None:
    """10 EUR at 1.10 and 10 EUR at 1.20 are 23 USD; the way back is exact as well."""
    eur = [row("10", currency="EUR", day=DAY), row("10", currency="EUR", day=DAY + timedelta(days=1))]
    rates = (("EUR", "USD", "1.1", "2026-01-01"), ("EUR", "USD", "1.2", "2026-11-22"))
    assert tally(eur, home("USD", *rates)).cost == {"USD": Decimal("23.0")}
    usd = [row("11", day=DAY), row("12", day=DAY + timedelta(days=1))]
    assert tally(usd, home("EUR", *rates)).cost == {"EUR": Decimal(20)}


def test_currencies_are_never_added_unconverted() -> None:
    """What no rate leads to stays beside; without a currency of one's own everything stays as it came."""
    rows = [row("1", "2"), row("3", "4", currency="EUR"), row("5", "6", currency="GBP")]
    assert tally(rows, AS_IT_COMES).cost == {"USD": 1, "EUR": 3, "GBP": 5}
    some = tally(rows, home("USD", ("EUR", "USD", "2", "2026-01-01")))
    assert some.cost == {"USD": 7, "GBP": 5}
    assert some.worth == {"USD": 10, "GBP": 6}
    through = home("EUR", ("EUR", "USD", "2", "2026-01-01"), ("GBP", "USD", "3", "2026-01-01"))
    assert tally(rows, through).cost == {"EUR": Decimal("0.5") + 3 + Decimal("7.5")}


def test_nothing_and_less() -> None:
    """An amount of nothing makes no currency appear; a credit is subtracted."""
    assert tally([row("0", "0", currency="JPY"), row("1", "1")], AS_IT_COMES).cost == {"USD": 1}
    assert tally([row("5"), row("-8", basis=("billed",))], AS_IT_COMES).cost == {"USD": -3}


def test_caveats_once_each_in_the_order_of_a_row() -> None:
    """Said once, however many rows have it, and in the same order whichever row comes first."""
    whole = tally([row(caveats=("utc-day",)), row(caveats=("price-assumed", "utc-day"))], AS_IT_COMES)
    assert whole.caveats == ("price-assumed", "utc-day")


def test_nothing_passes_through_a_float() -> None:
    """10^15 tokens at 75 USD a million, and a femto-unit beside it: 75,000,000,000.000000000000001."""
    whole = tally([row("75000000000", tokens=10**15), row("0.000000000000001", tokens=1)], AS_IT_COMES)
    assert whole.cost == {"USD": Decimal("75000000000.000000000000001")}
    third = tally([row("75000000000", tokens=10**15)], home("EUR", ("EUR", "USD", "3", "2026-01-01")))
    assert third.cost == {"EUR": Decimal(25000000000)}


amounts = st.integers(-(10**20), 10**20).map(lambda femtos: Decimal(femtos).scaleb(-15))
rows_of = st.lists(
    st.builds(
        lambda cost, worth, currency, ahead: row(
            str(cost), str(worth), currency=currency, day=DAY + timedelta(days=ahead)
        ),
        amounts,
        amounts,
        st.sampled_from(["USD", "EUR", "JPY"]),
        st.integers(-40, 40),
    ),
    max_size=12,
)
RATES = (
    ("EUR", "USD", "1.1", "2026-01-01"),
    ("EUR", "USD", "1.25", "2026-11-22"),
    ("USD", "JPY", "150.7", "2026-01-01"),
)


@given(rows_of, st.sampled_from(["USD", "EUR", "JPY"]), st.randoms(use_true_random=False))
def test_sums_are_those_of_fractions(rows: list[UsageRow], currency: str, random: object) -> None:
    """In any order, every amount at the rate of its day; rounded once, to the nano-unit, and only where it must be."""
    to = home(currency, *RATES)
    whole = tally(rows, to)
    assert set(whole.cost) <= {currency}
    expected = Fraction(0)
    for one in rows:
        rate = to.exchange.rate_on(date.fromisoformat(one.key("day")), one.currency, currency)
        assert rate is not None
        expected += Fraction(one.cost) * rate
    difference = abs(Fraction(whole.cost_in(currency)) - expected)
    assert difference <= Fraction(1, 2 * 10**9)
    if (expected * 10**15).denominator == 1:
        assert difference == 0
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis hands in a random.Random
    assert tally(shuffled, to).cost_in(currency) == whole.cost_in(currency)


@given(rows_of)
def test_without_a_currency_of_ones_own_sums_are_exact(rows: list[UsageRow]) -> None:
    """To the last digit, in each currency."""
    whole = tally(rows, AS_IT_COMES)
    for currency in ("USD", "EUR", "JPY"):
        mine = [one for one in rows if one.currency == currency]
        assert Fraction(whole.cost_in(currency)) == sum((Fraction(one.cost) for one in mine), Fraction(0))
        assert Fraction(whole.worth_in(currency)) == sum((Fraction(one.list_cost or 0) for one in mine), Fraction(0))


def test_the_currency_to_lead_with() -> None:
    """The chosen one where some is told in it; else the one with the most, compared at a rate where there is one."""
    amounts = {"JPY": Decimal(30_000), "USD": Decimal(250)}
    none, yen = Exchange([]), Exchange([ExchangeRate(1, "USD", "JPY", Decimal(150), date(2026, 1, 1))])
    assert leading(amounts, Home("USD", none)) == "USD"
    assert leading(amounts, Home("EUR", none)) == "JPY", "as bare numbers"
    assert leading(amounts, Home("", yen)) == "USD", "30,000 yen are 200 dollars"
    assert leading({}, Home("EUR", none)) == "EUR"
    assert leading({}, Home("", none)) == "USD"
