"""What both generations of reports have in common: token counts, tiers, context windows and what money is for."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import add

from tokentray.clock import HOUR_S
from tokentray.ledger import BilledRow, MeteredRow
from tokentray.model import Tier
from tokentray.money import Nanos
from tokentray.prices import lookup
from tokentray.providers.answers import an_object, changed, count, instant, optional_text

_TIERS = {
    "": Tier.STANDARD,
    "standard": Tier.STANDARD,
    "batch": Tier.BATCH,
    "flex": Tier.FLEX,
    "flex_discount": Tier.FLEX,
    "priority": Tier.PRIORITY,
    "priority_on_demand": Tier.PRIORITY,
}
_SPEEDS = ("", "standard")
_ITEMS = {
    "tokens": "",
    "web_search": "web search",
    "code_execution": "code execution",
    "session_usage": "session usage",
}
_WINDOW = re.compile(r"(\d{1,6})([kM]?)-(\d{1,6})([kM]?)")
_SIZES = {"": 1, "k": 1000, "M": 1_000_000}


def rfc3339(at_utc: int) -> str:
    """An instant as the API takes it."""
    return datetime.fromtimestamp(at_utc, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def bucket_start(bucket: Mapping[str, object], width_s: int, at: str) -> int:
    """Where a bucket begins: on its grid, and no wider than was asked for."""
    start = instant(bucket.get("starting_at"), f"{at}.starting_at")
    end = instant(bucket.get("ending_at"), f"{at}.ending_at")
    if start % width_s or not start < end <= start + width_s:
        changed(at, f"is no bucket of {'an hour' if width_s == HOUR_S else 'a day'}")
    return start


def metered(start_utc: int, group: Mapping[str, object], usage: Mapping[str, object]) -> MeteredRow:
    """An hour's tokens of one group."""
    model = optional_text(group.get("model"), "model")
    made_on, assumed = tier(group)
    writes = an_object(usage.get("cache_creation") or {}, "cache_creation")
    tools = an_object(usage.get("server_tool_use") or {}, "server_tool_use")
    return MeteredRow(
        start_utc,
        HOUR_S,
        model,
        made_on,
        band(model, optional_text(group.get("context_window"), "context_window")),
        optional_text(group.get("api_key_id"), "api_key_id"),
        requests=count(usage.get("requests"), "requests"),
        input_tokens=count(usage.get("uncached_input_tokens"), "uncached_input_tokens"),
        output_tokens=count(usage.get("output_tokens"), "output_tokens"),
        cache_read_tokens=count(usage.get("cache_read_input_tokens"), "cache_read_input_tokens"),
        cache_write_5m_tokens=count(writes.get("ephemeral_5m_input_tokens"), "ephemeral_5m_input_tokens"),
        cache_write_1h_tokens=count(writes.get("ephemeral_1h_input_tokens"), "ephemeral_1h_input_tokens"),
        web_searches=count(tools.get("web_search_requests"), "web_search_requests"),
        assumed=assumed,
    )


def summed_usage(rows: Iterable[MeteredRow]) -> tuple[MeteredRow, ...]:
    """One row for each hour, model, tier, band and key: several tiers of theirs are one of ours."""
    sums: dict[tuple[object, ...], MeteredRow] = {}
    for row in rows:
        had = sums.get(row[:6])
        if had is None:
            sums[row[:6]] = row
        else:
            counts = map(add, had.counts, row.counts)
            sums[row[:6]] = MeteredRow(*row[:6], *counts)._replace(assumed=had.assumed or row.assumed)
    return tuple(sums.values())


def summed_money(rows: Iterable[BilledRow]) -> tuple[BilledRow, ...]:
    """One row for each bucket, model, currency, item and key."""
    sums: dict[BilledRow, int] = {}
    for row in rows:
        place = row._replace(amount=Nanos(0))
        sums[place] = sums.get(place, 0) + row.amount
    return tuple(place._replace(amount=Nanos(amount)) for place, amount in sums.items())


def tier(group: Mapping[str, object]) -> tuple[Tier, bool]:
    """The tier of a group: fast before all else, as the agents' logs are read; standard for what is not known, and
    whether it is not.
    """
    speed = optional_text(group.get("speed"), "speed")
    if speed == "fast":
        return Tier.FAST, False
    named = optional_text(group.get("service_tier"), "service_tier")
    return _TIERS.get(named, Tier.STANDARD), named not in _TIERS or speed not in _SPEEDS


def band(model: str, window: str) -> int | None:
    """The price band of requests in a context window ("200k-1M"); None where a line of the model lies inside it."""
    lines = lookup.bands("anthropic", model)
    if not lines:
        return 0
    found = _WINDOW.fullmatch(window)
    if found is None:
        return None
    low, high = (int(found[index]) * _SIZES[found[index + 1]] for index in (1, 3))
    return None if any(low < line < high for line in lines) else lookup.band_for(lines, low + 1)


def item(cost_type: object) -> str:
    """What money is for, "" for tokens; as Anthropic calls it where that is new."""
    named = optional_text(cost_type, "cost_type")
    return _ITEMS.get(named, named.replace("_", " "))
