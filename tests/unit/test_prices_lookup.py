"""Prices as logs name them: dates, bands, tiers and names, against figures worked out by hand in USD."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise

import pytest

from tokentray.model import Price, Tier
from tokentray.prices.digest import shipped_digest
from tokentray.prices.lookup import band_for, bands, find, price_at, table_info

USD = 10**9
LATE = "2026-11-20"


def utc(text: str) -> int:
    """UTC seconds of a date, or of a date and time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def price(provider: str, model: str, at: str = LATE, tier: Tier = Tier.STANDARD, input_tokens: int = 1000) -> Price:
    """The price of one request."""
    band = band_for(bands(provider, model), input_tokens)
    found = price_at(find(provider, model), tier, band, utc(at))
    assert found is not None
    return found


def usd(found: Price) -> tuple[Decimal, ...]:
    """input, output, cache read, 5 min write, 1 h write in USD per million tokens."""
    rates = found.rates
    kinds = (rates.input, rates.output, rates.cache_read, rates.cache_write_5m, rates.cache_write_1h)
    return tuple(Decimal(kind) / USD for kind in kinds)


def dec(*texts: str) -> tuple[Decimal, ...]:
    """Decimals."""
    return tuple(map(Decimal, texts))


def test_opus_4_5_has_both_cache_writes() -> None:
    """5 USD input; for 5 minutes 1.25 times that, for an hour twice, read a tenth. Searches: 1 cent."""
    found = price("anthropic", "claude-opus-4-5-20251101")
    assert usd(found) == dec("5", "25", "0.5", "6.25", "10")
    assert found.rates.web_search == 10_000 * USD
    assert (found.currency, found.assumed, found.band) == ("USD", False, 0)


def test_the_band_counts_above_its_threshold() -> None:
    """gpt-5.5: 272,000 input tokens cost 5 and 30, one more doubles the input of the whole request."""
    assert bands("openai", "gpt-5.5") == (272_000,)
    assert usd(price("openai", "gpt-5.5", input_tokens=272_000))[:3] == dec("5", "30", "0.5")
    assert usd(price("openai", "gpt-5.5", input_tokens=272_001))[:3] == dec("10", "45", "1")


def test_band_for_is_strict_and_takes_the_highest() -> None:
    """At the threshold the lower band holds."""
    assert [band_for((100, 200), total) for total in (0, 100, 101, 200, 201, 10**9)] == [
        0,
        0,
        100,
        100,
        200,
        200,
    ]
    assert band_for((), 10**9) == 0


def test_sonnet_4_6_lost_its_long_price() -> None:
    """Above 200,000 input tokens 6 and 22.50 USD until 13 March 2026, 3 and 15 from its first second on."""
    name = "claude-sonnet-4-6"
    assert bands("anthropic", name) == (200_000,)
    before = price("anthropic", name, "2026-03-12T23:59:59", input_tokens=200_001)
    assert usd(before) == dec("6", "22.5", "0.6", "7.5", "12")
    after = price("anthropic", name, "2026-03-13", input_tokens=200_001)
    assert usd(after) == dec("3", "15", "0.3", "3.75", "6")
    assert usd(price("anthropic", name, "2026-03-12", input_tokens=200_000)) == usd(after)


def test_terra_was_cut_on_30_july() -> None:
    """2.50 and 15 USD, from 30 July 2026 (UTC) 2 and 12; no other day has two prices."""
    assert usd(price("openai", "gpt-5.6-terra", "2026-07-29T23:59:59"))[:2] == dec("2.5", "15")
    assert usd(price("openai", "gpt-5.6-terra", "2026-07-30"))[:2] == dec("2", "12")


@pytest.mark.parametrize("model", ["claude-opus-4-8", "claude-opus-5", "claude-opus-5-5"])
def test_fast_mode_doubles_every_kind_of_token(model: str) -> None:
    """Searches cost the same."""
    fast, standard = price("anthropic", model, tier=Tier.FAST), price("anthropic", model)
    assert usd(fast) == tuple(2 * kind for kind in usd(standard))
    assert fast.rates.web_search == standard.rates.web_search
    assert not fast.assumed


def test_fast_mode_of_opus_4_6_is_six_times_standard() -> None:
    """A price kept by hand; above 200,000 tokens 60 and 225 while that band had a price of its own."""
    assert usd(price("anthropic", "claude-opus-4-6", tier=Tier.FAST)) == dec("30", "150", "3", "37.5", "60")
    long = price("anthropic", "claude-opus-4-6", "2026-02-20", Tier.FAST, 200_001)
    assert usd(long)[:2] == dec("60", "225")
    assert usd(price("anthropic", "claude-opus-4-6", "2026-03-13", Tier.FAST, 200_001))[0] == 30


def test_a_tier_without_a_price_is_unpriced() -> None:
    """Sonnet has no fast mode: nothing is made up from the standard price."""
    assert price_at(find("anthropic", "claude-sonnet-5"), Tier.FAST, 0, utc(LATE)) is None


def test_a_tier_before_it_was_recorded_is_scaled_and_assumed() -> None:
    """Flex of gpt-5.6-terra is half of standard since 12 October 2026, the first record; so it was before."""
    early = price("openai", "gpt-5.6-terra", "2026-07-29", Tier.FLEX)
    assert usd(early)[:3] == dec("1.25", "7.5", "0.125")
    assert early.assumed
    assert not price("openai", "gpt-5.6-terra", "2026-10-12", Tier.FLEX).assumed


def test_spark_is_priced_as_its_larger_model_and_says_so() -> None:
    """Every price of the alias is assumed; those of its target are not."""
    spark = find("openai", "gpt-5.3-codex-spark")
    assert all(found.assumed for found in spark)
    assert usd(price("openai", "gpt-5.3-codex-spark")) == usd(price("openai", "gpt-5.3-codex"))
    assert not price("openai", "gpt-5.3-codex").assumed


def test_auto_review_follows_the_model_behind_it() -> None:
    """gpt-5.4 until 29 July 2026, then Luna at its new price; before anything is known, nothing."""
    name = "codex-auto-review"
    assert usd(price("openai", name, "2026-07-29"))[:2] == dec("2.5", "15")
    assert usd(price("openai", name, "2026-07-30"))[:2] == dec("0.2", "1.2")
    assert price_at(find("openai", name), Tier.STANDARD, 0, utc("2026-02-04")) is None
    assert all(found.assumed for found in find("openai", name))


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("anthropic", "claude-of-tomorrow"),
        ("anthropic", "<synthetic>"),
        ("anthropic", ""),
        ("ollama", "gpt-oss:20b"),
        ("our-proxy", "gpt-5.5"),
        ("our-proxy", "us.anthropic.claude-opus-4-5-20251101-v1:0"),
        ("openai", "claude-opus-5@20260724"),
        ("", "no such model"),
    ],
)
def test_what_is_not_known_has_no_price(provider: str, model: str) -> None:
    """Neither an unknown name nor an unknown provider gets another's price."""
    assert find(provider, model) == ()
    assert bands(provider, model) == ()


@pytest.mark.parametrize(
    ("provider", "model", "usd_input"),
    [
        ("Anthropic", " Claude-Opus-4-6[1m] ", "5"),
        ("", "claude-sonnet-5", "2"),
        ("", "gpt-5.5", "5"),
        ("openai", "gpt-5.2-20251211", "1.75"),
        ("codex", "gpt-5.5", "5"),
        ("xai", "grok-4.5", "2"),
        ("vertex", "claude-opus-4-5@20251101", "5"),
        ("anthropic", "claude-opus-5-5@20260901", "4"),
        ("anthropic", "claude-fable-5@default", "10"),
        ("azure", "claude-opus-4-6", "5"),
        # Bedrock's regional endpoints cost a tenth more than its global ones.
        ("bedrock", "us.anthropic.claude-opus-4-5-20251101-v1:0", "5.5"),
        ("anthropic", "us.anthropic.claude-opus-4-5-20251101-v1:0", "5.5"),
        ("", "global.anthropic.claude-opus-4-5-20251101-v1:0", "5"),
    ],
)
def test_names_as_logs_write_them(provider: str, model: str, usd_input: str) -> None:
    """Case, spaces, labels, compact dates and the clouds' own names."""
    assert usd(price(provider, model))[0] == Decimal(usd_input)


def test_a_cloud_without_a_list_price_takes_the_makers_and_says_so() -> None:
    """Bedrock has no Japanese rate for Fable 5: Anthropic's standard price, assumed, and no other tier."""
    found = find("bedrock", "jp.anthropic.claude-fable-5")
    assert usd(found[0])[0] == 10
    assert {(one.tier, one.assumed) for one in found} == {(Tier.STANDARD, True)}


def test_a_reseller_has_none_of_the_makers_tiers() -> None:
    """What Anthropic charges for fast mode says nothing of Azure."""
    assert {one.tier for one in find("azure", "claude-opus-4-6")} == {Tier.STANDARD}


def test_prices_are_in_order_and_never_overlap() -> None:
    """Tier, band, date; at most one holds at any instant."""
    found = find("openai", "gpt-5.6-terra")
    keys = [(list(Tier).index(one.tier), one.band, one.valid_from_utc or 0) for one in found]
    assert keys == sorted(set(keys))
    for one, following in pairwise(found):
        if (one.tier, one.band) == (following.tier, following.band):
            assert one.valid_to_utc == following.valid_from_utc


def test_the_table_says_where_it_comes_from() -> None:
    """The digest stands for the content."""
    info = table_info()
    assert info.source == "genai-prices"
    assert info.digest == shipped_digest()
    assert len(info.digest) == 16


def test_a_teams_gateway_is_priced_by_the_makers_of_its_models() -> None:
    """It passes on what it pays: the standard price holds, and is called assumed; other proxies have no price."""
    own = [price for price in find("anthropic", "claude-sonnet-5") if price.tier is Tier.STANDARD]
    assert own
    for name in ("claude-sonnet-5", "bedrock/claude-sonnet-5"):
        assert find("litellm-proxy", name) == tuple(price._replace(assumed=True) for price in own)
    assert find("litellm-proxy", "a model of nobody's") == ()
    assert find("my-proxy", "claude-sonnet-5") == ()
