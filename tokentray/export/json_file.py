"""A month as JSON: totals by source, model, project and day, and the rows they come from, unrounded."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tokentray.export.figures import Figure, Table
from tokentray.export.rows import usage_object
from tokentray.export.spend import PlanFigure
from tokentray.export.summary import MonthSummary
from tokentray.money import decimal_of, plain


def render(summary: MonthSummary) -> str:
    """One object. Amounts are decimal text, spend in `currency`, list cost in `list_currency`; null where nothing could
    be priced. Rows are in the currencies they came in."""
    change = summary.change
    document = {
        "month": summary.month,
        "from": summary.first.isoformat(),
        "to": summary.last.isoformat(),
        "complete": summary.complete,
        "currency": summary.currency,
        "list_currency": summary.list_currency,
        "counts_spend": summary.counts_spend,
        "total": _amount(summary.total),
        "cost": plain(summary.cost),
        "list_cost": _amount(summary.list_cost),
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
        "by_basis": [{"basis": figure.name.split("+"), "cost": plain(figure.cost)} for figure in summary.parts.figures],
        "plans": [_plan(one) for one in summary.plans],
        "by_source": _sources(summary.by_source),
        "by_model": _figures("model", summary.by_model.figures),
        "by_project": _figures("project", summary.by_project.figures),
        "by_day": _figures("day", summary.days.figures),
        "paid_elsewhere": _sources(summary.elsewhere),
        "payer_not_said": _sources(summary.unsaid),
        "other_currencies": {table.currency: _sources(table) for table in summary.others},
        "tokens": {kind.field: kind.count for kind in summary.tokens},
        "cache_hit_rate": None if summary.cache_hit_rate is None else plain(summary.cache_hit_rate),
        "known": list(summary.known),
        "rows": [usage_object(row) for row in summary.rows],
    }
    return json.dumps(document, indent=1) + "\n"


def _sources(table: Table) -> list[dict[str, Any]]:
    """Sources by their ids, with their names beside them."""
    told = _figures("source", table.figures)
    return [{"source": one.pop("source"), "name": f.label, **one} for one, f in zip(told, table.figures, strict=True)]


def _figures(key: str, figures: Iterable[Figure]) -> list[dict[str, Any]]:
    return [
        {
            key: figure.name,
            "cost": plain(figure.cost),
            "list_cost": _amount(figure.list_cost),
            "tokens": figure.tokens,
            "unpriced_tokens": figure.unpriced_tokens,
            "requests": figure.requests,
        }
        for figure in figures
    ]


def _plan(one: PlanFigure) -> dict[str, Any]:
    """ratio: list cost ÷ fee, to nine places where it has more; null where there is none."""
    return {
        "source": one.name,
        "name": one.label,
        "cost": plain(one.cost),
        "currency": one.currency,
        "list_cost": _amount(one.list_cost),
        "list_currency": one.list_currency,
        "ratio": None if one.ratio is None else plain(decimal_of(one.ratio)),
        "tokens": one.tokens,
        "unpriced_tokens": one.unpriced_tokens,
        "requests": one.requests,
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
