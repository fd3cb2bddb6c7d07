"""List cost: exact, additive, reasoning counted once, nothing hidden."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tokentray.model import Rates
from tokentray.money import femtos_to_decimal

OPUS_4_5 = Rates(
    input=5 * 10**9,
    output=25 * 10**9,
    cache_read=5 * 10**8,
    cache_write_5m=6_250_000_000,
    cache_write_1h=10 * 10**9,
    web_search=10**13,
)
KINDS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "web_searches",
)


def cost(rates: Rates, **usage: int) -> Decimal:
    """List cost in currency units of the kinds given."""
    return femtos_to_decimal(rates.cost(**dict.fromkeys(KINDS, 0) | usage))


def test_each_kind_by_hand() -> None:
    """One token of each kind of Opus 4.5 in USD, and one search at 10 USD a thousand."""
    each = {kind: cost(OPUS_4_5, **{kind: 1}) for kind in KINDS}
    assert each == {
        "input_tokens": Decimal("0.000005"),
        "output_tokens": Decimal("0.000025"),
        "cache_read_tokens": Decimal("0.0000005"),
        "cache_write_5m_tokens": Decimal("0.00000625"),
        "cache_write_1h_tokens": Decimal("0.00001"),
        "web_searches": Decimal("0.01"),
    }


def test_a_request_by_hand() -> None:
    """0.000015 fresh + 0.006 read + 0.0125 written for 5 minutes + 0.004 for an hour + 0.02125 out."""
    assert cost(
        OPUS_4_5,
        input_tokens=3,
        output_tokens=850,
        cache_read_tokens=12_000,
        cache_write_5m_tokens=2_000,
        cache_write_1h_tokens=400,
    ) == Decimal("0.043765")


def test_a_million_billion_tokens_are_exact() -> None:
    """10¹⁵ tokens and one more at 75 USD per million: far past what a float or 64 bits would hold."""
    rates = Rates(15 * 10**9, 75 * 10**9, 1, 1, 1)
    assert cost(rates, output_tokens=10**15 + 1) == Decimal("75000000000.000075")


def test_searches_without_a_rate_cost_nothing() -> None:
    """A rate that is not known adds nothing, and does not keep the tokens of the same request from counting."""
    rates = Rates(10**9, 1, 1, 1, 1)
    assert cost(rates, web_searches=7) == 0
    assert cost(rates, web_searches=7, input_tokens=1_000_000) == 1


counts = st.tuples(*[st.integers(0, 10**15)] * len(KINDS))
rate = st.integers(0, 10**12)


@given(counts, counts, st.builds(Rates, rate, rate, rate, rate, rate, st.none() | rate))
def test_cost_is_additive(one: tuple[int, ...], other: tuple[int, ...], rates: Rates) -> None:
    """The cost of a sum is the sum of the costs, so it does not matter where tokens are added up."""
    both = [sum(pair) for pair in zip(one, other, strict=True)]
    assert rates.cost(*both) == rates.cost(*one) + rates.cost(*other)
