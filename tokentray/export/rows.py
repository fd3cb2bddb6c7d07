"""A usage row in the terms of the contract, for files that machines read: unrounded, decimals as text."""

from typing import Any

from tokentray.model import UsageRow
from tokentray.money import plain

ROW_KEYS = ("day", "agent", "model", "project", "source", "payer")
"""The keys of the rows of an exported month, in their order. A fee or charge has a source, and no agent or model."""


def usage_fields(row: UsageRow) -> dict[str, Any]:
    """The fields of a usage row without its keys, in the order of the contract."""
    return {
        "requests": row.requests,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "reasoning_tokens": row.reasoning_tokens,
        "cache_read_tokens": row.cache_read_tokens,
        "cache_write_5m_tokens": row.cache_write_5m_tokens,
        "cache_write_1h_tokens": row.cache_write_1h_tokens,
        "web_search_requests": row.web_search_requests,
        "cost": plain(row.cost),
        "list_cost": None if row.list_cost is None else plain(row.list_cost),
        "unpriced_tokens": row.unpriced_tokens,
        "currency": row.currency,
        "basis": list(row.basis),
        "caveats": list(row.caveats),
    }


def usage_object(row: UsageRow) -> dict[str, Any]:
    """The grouping keys, then the fields."""
    return {**dict(row.keys), **usage_fields(row)}
