"""A month as JSON: totals by source, model, project and day, and the rows they come from, unrounded."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tokentray.export.figures import Figure
from tokentray.export.rows import usage_object
from tokentray.export.summary import MonthSummary
from tokentray.money import plain


def render(summary: MonthSummary) -> str:
    """One object. Amounts are decimal text in `currency`; null where nothing could be priced."""
    change = summary.change
    document = {
        "month": summary.month,
        "from": summary.first.isoformat(),
        "to": summary.last.isoformat(),
        "complete": summary.complete,
        "currency": summary.currency,
        "total": _amount(summary.total),
        "unpriced_tokens": summary.unpriced_tokens,
        "requests": summary.requests,
        "equivalent": summary.equivalent_text,
        "change": change
        and {
            "amount": plain(change.amount),
            "previous": plain(change.previous),
            "from": change.first.isoformat(),
            "to": change.last.isoformat(),
        },
        "by_source": _figures("source", summary.by_source),
        "by_model": _figures("model", summary.by_model),
        "by_project": _figures("project", summary.by_project),
        "by_day": _figures("day", summary.days),
        "tokens": {kind.field: kind.count for kind in summary.tokens},
        "cache_hit_rate": None if summary.cache_hit_rate is None else plain(summary.cache_hit_rate),
        "known": list(summary.known),
        "rows": [usage_object(row) for row in summary.rows],
    }
    return json.dumps(document, indent=1) + "\n"


def _figures(key: str, figures: Iterable[Figure]) -> list[dict[str, Any]]:
    return [
        {
            key: figure.name,
            "list_cost": _amount(figure.list_cost),
            "tokens": figure.tokens,
            "unpriced_tokens": figure.unpriced_tokens,
            "requests": figure.requests,
        }
        for figure in figures
    ]


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
