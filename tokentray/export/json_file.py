"""A month as JSON: totals by source, model, project and day, and the rows they come from, unrounded.

Its shape is that of `resources/schemas/month-1.json`. Fields may be added to it; where one goes away, or comes to mean
something else, the number becomes another.
"""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tokentray.export.figures import Figure, Table
from tokentray.export.notes import NoteFigure
from tokentray.export.reconcile import Compared
from tokentray.export.rows import usage_object
from tokentray.export.spend import PlanFigure
from tokentray.export.summary import MonthSummary
from tokentray.export.why import Reasons
from tokentray.model import ExchangeRate
from tokentray.money import decimal_of, plain

SCHEMA = "tokentray.month/1"


def render(summary: MonthSummary) -> str:
    """One object. Amounts are decimal text, spend in `currency`, list cost in `list_currency`; null where nothing could
    be priced. Rows are in the currencies they came in."""
    change = summary.change
    document = {
        "schema": SCHEMA,
        "month": summary.month,
        "from": summary.first.isoformat(),
        "to": summary.last.isoformat(),
        "complete": summary.complete,
        "provisional": bool(summary.status),
        "status": summary.status,
        "changed": list(summary.changed),
        "redacted": summary.redacted,
        "time_zone": summary.time_zone,
        "utc_offsets": summary.offsets,
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
        "why": _why(summary.reasons),
        "by_basis": [{"basis": figure.name.split("+"), "cost": plain(figure.cost)} for figure in summary.parts.figures],
        "plans": [_plan(one) for one in summary.plans],
        "by_source": _sources(summary.by_source),
        "by_model": _figures("model", summary.by_model.figures),
        "by_project": _figures("project", summary.by_project.figures),
        "by_day": _figures("day", summary.days.figures),
        "paid_elsewhere": _sources(summary.elsewhere),
        "payer_not_said": _sources(summary.unsaid),
        "other_currencies": {table.currency: _sources(table) for table in summary.others},
        "notes": [_note(one) for one in summary.notes.figures],
        "reconcile": [_compared(one) for one in summary.bills],
        "exchange_rates": [_rate(one) for one in summary.rates],
        "tokens": {kind.field: kind.count for kind in summary.tokens},
        "web_search_requests": summary.web_searches,
        "cache_hit_rate": _amount(summary.cache_hit_rate),
        "known": list(summary.known),
        "rows": [usage_object(row) for row in summary.rows],
    }
    return json.dumps(document, indent=1) + "\n"


def _why(reasons: Reasons) -> dict[str, Any] | None:
    """The steps between the two months; null where there is nothing to compare with."""
    if not reasons.sentences:
        return None
    return {
        "currency": reasons.currency,
        "steps": [{"step": step.id, "amount": plain(step.amount)} for step in reasons.steps if not step.is_whole],
        "sentences": list(reasons.sentences),
    }


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
            "basis": list(figure.basis),
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


def _note(one: NoteFigure) -> dict[str, Any]:
    """A note with the money of its day, or of its project on that day."""
    return {
        "day": one.day.isoformat(),
        "text": one.text,
        "project": one.project,
        "count": _amount(one.quantity),
        "of": one.of,
        "cost": plain(one.cost),
        "list_cost": plain(one.list_cost),
    }


def _compared(one: Compared) -> dict[str, Any]:
    """What an account was billed beside its tokens at list price, on the days of UTC that have both."""
    return {
        "source": one.name,
        "name": one.label,
        "currency": one.currency,
        "days": one.days,
        "billed": plain(one.billed),
        "list_cost": plain(one.listed),
        "difference": plain(one.difference),
        "likely": one.reason,
    }


def _rate(one: ExchangeRate) -> dict[str, Any]:
    """One unit of the currency it leads from in the other one, from a day on."""
    return {
        "base": one.base,
        "quote": one.quote,
        "rate": plain(one.rate),
        "valid_from": one.valid_from.isoformat(),
    }


def _amount(amount: Decimal | None) -> str | None:
    return None if amount is None else plain(amount)
