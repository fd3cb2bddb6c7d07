"""The shipped table against its source: it is what the build makes, and it prices as the source does."""

import hashlib
import json
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tokentray import assets
from tokentray.model import Tier
from tokentray.money import femtos_to_decimal
from tokentray.prices.lookup import band_for, bands, find, price_at, table_info

BUILD = Path(__file__).parents[2] / "packaging" / "build_prices.py"
# They straddle the cuts that matter; every day on which some price begins would be slow.
DAYS = ("2025-06-09", "2026-03-12", "2026-03-13", "2026-07-29", "2026-07-30", "2026-08-21", "2026-11-20")
# (input, output, cache read, 5 min write, 1 h write): small, at and above each band that exists, cache-heavy.
USAGES = (
    (1_000, 500, 0, 0, 0),
    (100_000, 7, 0, 0, 0),
    (100_001, 7, 0, 0, 0),
    (3, 850, 150_000, 40_000, 9_997),
    (4, 850, 150_000, 40_000, 9_997),
    (272_000, 1, 0, 0, 0),
    (2_001, 64_000, 250_000, 15_000, 5_000),
)


def document() -> dict[str, Any]:
    """The file as it is shipped."""
    loaded: dict[str, Any] = json.loads(assets.path("prices.json").read_bytes())
    return loaded


def test_the_file_is_what_the_build_makes() -> None:
    """A hand in the file, or a build script that moved on without it, shows here."""
    if not BUILD.exists():
        pytest.skip("packaging/ is not part of this installation")
    pytest.importorskip("genai_prices", reason="genai-prices, the build's source, is not installed")
    if metadata.version("genai-prices") != table_info().version:
        pytest.skip("another version of genai-prices is installed than the table was built from")
    run = subprocess.run([sys.executable, str(BUILD), "--check"], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_digest_is_that_of_the_prices() -> None:
    """It changes with any price or name, and not with the header."""
    text = assets.path("prices.json").read_text(encoding="utf-8")
    body = text.partition('"providers":[\n')[2].removesuffix("\n]\n}\n")
    assert hashlib.sha256(body.encode()).hexdigest()[:16] == table_info().digest


def test_every_rate_is_an_integer_of_sensible_size() -> None:
    """No float, nothing negative, below 10,000 USD per million tokens; no period ends before it starts."""
    for provider in document()["providers"]:
        for name, _, rows in provider["models"]:
            for row in rows:
                assert all(type(cell) is int for cell in (row[0], row[1], *row[4:9])), (provider["id"], name)
                assert all(0 <= cell < 10**13 for cell in row[4:9]), (provider["id"], name)
                assert row[2] is None or row[3] is None or row[2] < row[3], (provider["id"], name)


def test_the_file_stays_small_and_readable() -> None:
    """One model a line, under 1.5 MB."""
    text = assets.path("prices.json").read_text(encoding="utf-8")
    models = sum(len(provider["models"]) for provider in document()["providers"])
    assert len(text.encode()) < 1_500_000
    assert sum(line.startswith('["') for line in text.splitlines()) == models


def test_the_licence_of_the_source_goes_with_it() -> None:
    """MIT asks for its notice in every copy."""
    assert "Permission is hereby granted" in document()["licence"]


@pytest.mark.parametrize("provider_id", ["anthropic", "openai", "google", "x-ai"])
@pytest.mark.parametrize(
    ("tier", "contexts"),
    [
        (Tier.STANDARD, [None]),
        (Tier.FAST, [{"speed": "fast"}, {"service_tier": "fast"}]),
        (Tier.BATCH, [{"processing": "batch"}]),
        (Tier.FLEX, [{"service_tier": "flex"}]),
        (Tier.PRIORITY, [{"service_tier": "priority"}]),
    ],
)
def test_prices_agree_with_the_sources_own_calculation(
    provider_id: str, tier: Tier, contexts: list[dict[str, str] | None]
) -> None:
    """Every model, several days, usage on both sides of every band: to the last digit.

    Assumed prices are ours, not the source's; kinds other than tokens (audio, images) play no part.
    """
    source = pytest.importorskip("genai_prices", reason="genai-prices, the build's source, is not installed")
    from genai_prices.data import providers

    if metadata.version("genai-prices") != table_info().version:
        pytest.skip("another version of genai-prices is installed than the table was built from")
    provider = next(one for one in providers if one.id == provider_id)
    compared = 0
    for model in provider.models:
        if provider.find_model(model.id) is not model:
            continue
        prices = find(provider_id, model.id)
        thresholds = bands(provider_id, model.id)
        variants = [variant.when for variant in model.price_variants or ()]
        sold = [one for one in contexts if one is None or one in variants]
        if not sold:
            continue
        for day in DAYS:
            at = datetime.fromisoformat(day).replace(tzinfo=UTC, hour=23, minute=59)
            for fresh, output, read, write_5m, write_1h in USAGES:
                total = fresh + read + write_5m + write_1h
                price = price_at(prices, tier, band_for(thresholds, total), int(at.timestamp()))
                if price is None or price.assumed:
                    continue
                usage = source.Usage(
                    input_tokens=total,
                    output_tokens=output,
                    cache_read_tokens=read,
                    cache_write_tokens=write_5m + write_1h,
                    cache_write_5m_tokens=write_5m,
                    cache_write_1h_tokens=write_1h,
                )
                theirs = model.calc_price(usage, provider, genai_request_timestamp=at, price_context=sold[0])
                ours = price.rates.cost(fresh, output, read, write_5m, write_1h, 0)
                assert femtos_to_decimal(ours) == theirs.total_price, (model.id, day, usage)
                compared += 1
    if tier is Tier.STANDARD:
        assert compared > 100
