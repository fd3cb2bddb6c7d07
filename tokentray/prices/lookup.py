"""Finds the dated list prices of a model as a log names it, in the table shipped as resources/prices.json.

Nothing here computes a price: packaging/build_prices.py, which documents the file, expanded every tier, band
and period. No other file is read, nothing is fetched, no price is guessed: what the table lacks is unpriced.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any, NamedTuple

from tokentray import assets
from tokentray.clock import DAY_S
from tokentray.model import TIERS, Price, Rates, Tier

_FORMAT = 1
_EPOCH = date(1970, 1, 1)
# Where a name without a provider is looked for: who makes a model, before who resells it.
_FIRST_PARTIES = (
    "anthropic",
    "openai",
    "google",
    "x-ai",
    "deepseek",
    "mistral",
    "moonshotai",
    "minimax",
    "zai",
    "zhipuai",
    "meta",
    "cohere",
    "cursor",
)
# Names in logs that the table's own patterns miss.
_PROVIDER_NAMES = {
    "claude": "anthropic",
    "codex": "openai",
    "foundry": "azure",
    "grok": "x-ai",
    "z.ai": "zai",
    "zhipu": "zhipuai",
}
_SELL_CLAUDE = frozenset({"anthropic", "aws", "azure", "google"})
_LABEL = re.compile(r"\[[^\]]*\]$")
_COMPACT_DATE = re.compile(r"-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")
_BEDROCK_NAME = re.compile(r"(?:^|[./])anthropic\.claude")
_BEDROCK_PREFIX = re.compile(r"^.*?anthropic\.(?=claude)")
_BEDROCK_VERSION = re.compile(r"-v\d+(?::\d+)?$")


class TableInfo(NamedTuple):
    """Where the shipped prices come from. data_date: the day up to which the source was kept, YYYY-MM-DD."""

    source: str
    version: str
    data_date: str
    digest: str


_GATEWAYS = frozenset({"litellm-proxy"})


@lru_cache(maxsize=1024)
def find(provider: str, model: str) -> tuple[Price, ...]:
    """Every dated price of a model as a log names it, by tier, band and date; () where it has none.

    provider: an id of the table or a name that stands for one ("bedrock", "vertex", "xai"); another name
    finds nothing, since a proxy or a local server does not charge list prices. "" looks among those who make
    models. A name of Amazon Bedrock's form is priced by Bedrock's own list, whatever the provider. Where a
    cloud's list lacks a model, its maker's standard price stands in, assumed. A label at the end of the name,
    such as "[1m]", is ignored. A team's gateway passes on what it pays: the makers' standard prices, assumed.
    Raises FileNotFoundError or ValueError where the shipped table cannot be read.
    """
    if provider in _GATEWAYS:
        upstream = find("", model.rpartition("/")[2])  # it names some by the way that it reaches them: "azure/gpt-5.2"
        return tuple(price._replace(assumed=True) for price in upstream if _is_standard(price))
    name = _LABEL.sub("", model.strip().lower())
    entry = _provider(provider.strip().lower())
    if not name or (entry is None and provider):
        return ()
    providers = [entry] if entry else [_table()[one] for one in _FIRST_PARTIES]
    on_bedrock = _BEDROCK_NAME.search(name) is not None
    if on_bedrock:
        providers.insert(0, _table()["aws"])
    for spelling in dict.fromkeys((name, _COMPACT_DATE.sub(r"-\1-\2-\3", name))):
        for one in providers:
            prices = _prices_at(one, spelling)
            if prices is not None:
                return prices
    if entry is not None and entry["id"] not in _SELL_CLAUDE:
        return ()
    prices = _prices_in(_table()["anthropic"], _maker_name(name)) or ()
    if not on_bedrock and (entry is None or entry["id"] == "anthropic"):
        return prices
    return tuple(price._replace(assumed=True) for price in prices if _is_standard(price))


def bands(provider: str, model: str) -> tuple[int, ...]:
    """The numbers of input tokens above which a whole request costs more, ascending, without 0."""
    return tuple(sorted({price.band for price in find(provider, model)} - {0}))


def band_for(thresholds: Sequence[int], input_tokens_total: int) -> int:
    """The band of one request: the highest threshold below its input tokens (cached ones included), or 0."""
    index = bisect_left(thresholds, input_tokens_total)
    return thresholds[index - 1] if index else 0


def price_at(prices: Sequence[Price], tier: Tier, band: int, at_utc: int) -> Price | None:
    """The price of a tier and band that holds at an instant (UTC seconds); None where there is none."""
    for price in prices:
        if (
            price.tier is tier
            and price.band == band
            and (price.valid_from_utc is None or price.valid_from_utc <= at_utc)
            and (price.valid_to_utc is None or at_utc < price.valid_to_utc)
        ):
            return price
    return None


def named() -> list[tuple[str, list[tuple[str, list[Any]]]]]:
    """Every provider of the table with its models: how the table calls each, and what names of logs it matches."""
    return [(entry["id"], [(name, match) for name, match, _ in entry["models"]]) for entry in _table().values()]


def other_providers() -> frozenset[str]:
    """Names in logs that stand for a provider of the table, and gateways."""
    return frozenset(_PROVIDER_NAMES) | _GATEWAYS


def forget() -> None:
    """Drop what was read of the file, which an upgrade may have replaced under a running program."""
    for cached in (find, table_info, _document, _table):
        cached.cache_clear()


@cache
def table_info() -> TableInfo:
    """Where the shipped prices come from."""
    document = _document()
    return TableInfo(document["source"], document["version"], document["data_date"], document["digest"])


@cache
def _document() -> dict[str, Any]:
    """The file. Raises FileNotFoundError where it is missing, ValueError where its format is another."""
    document: dict[str, Any] = json.loads(assets.path("prices.json").read_bytes())
    if document.get("format") != _FORMAT or tuple(document["tiers"]) != TIERS:
        raise ValueError("prices.json is not of the format that this version reads")
    return document


@cache
def _table() -> dict[str, dict[str, Any]]:
    """Provider id to its part of the file, in the order of trying."""
    return {entry["id"]: entry for entry in _document()["providers"]}


def _provider(name: str) -> dict[str, Any] | None:
    table = _table()
    name = _PROVIDER_NAMES.get(name, name)
    if not name or name in table:
        return table.get(name)
    return next((entry for entry in table.values() if entry["match"] and _matches(entry["match"], name)), None)


def _prices_at(provider: dict[str, Any], name: str) -> tuple[Price, ...] | None:
    """Prices at a provider, or at those whose models it sells on; None where no name matches.

    What a maker charges for its own tiers says nothing of a reseller's: there only the standard price holds.
    """
    own = _prices_in(provider, name)
    if own is not None:
        return own
    for maker in provider["fallback"]:
        prices = _prices_in(_table()[maker], name)
        if prices is not None:
            return tuple(price for price in prices if _is_standard(price))
    return None


def _prices_in(provider: dict[str, Any], name: str) -> tuple[Price, ...] | None:
    for _, match, rows in provider["models"]:
        if _matches(match, name):
            return tuple(_price(row) for row in rows)
    return None


def _is_standard(price: Price) -> bool:
    return price.tier is Tier.STANDARD


def _maker_name(name: str) -> str:
    """Anthropic's own name of a model that Bedrock or Vertex names, else the name as it is."""
    if _BEDROCK_NAME.search(name):
        return _BEDROCK_VERSION.sub("", _BEDROCK_PREFIX.sub("", name))
    if name.startswith("claude") and "@" in name:
        base, _, version = name.partition("@")
        return f"{base}-{version}" if version.isdigit() else base
    return name


def _matches(tree: list[Any], name: str) -> bool:
    """Whether a match tree of the file accepts a name in lower case."""
    operator, *parts = tree
    match operator:
        case "=":
            return name in parts
        case "^":
            return name.startswith(tuple(parts))
        case "$":
            return name.endswith(tuple(parts))
        case "*":
            return any(part in name for part in parts)
        case "~":
            return any(re.search(part, name) for part in parts)
        case "|":
            return any(_matches(part, name) for part in parts)
        case "&":
            return all(_matches(part, name) for part in parts)
    raise ValueError(f"unknown operator in prices.json: {operator!r}")


def _price(row: list[Any]) -> Price:
    tier, band, first, last, *cells = row
    return Price(
        tier=TIERS[tier],
        band=band,
        rates=Rates(*cells[:6]),
        valid_from_utc=_utc(first),
        valid_to_utc=_utc(last),
        assumed=len(cells) > 6,
    )


def _utc(day: str | None) -> int | None:
    return None if day is None else (date.fromisoformat(day) - _EPOCH).days * DAY_S
