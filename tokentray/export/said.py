"""What a month says, as figures that can be kept and compared: by source, by day, and by both.

Nothing here names a project, a note or what a charge is for: sources go by their ids. A month says the same whether it
is redacted or not.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from tokentray.insight.standing import line_of
from tokentray.model import Basis, UsageRow
from tokentray.money import exact_sum, plain

if TYPE_CHECKING:  # it is what makes a summary that asks what changed
    from tokentray.export.figures import Figure, Table
    from tokentray.export.summary import MonthSummary

SPEND, WORTH = "spend", "worth"
ELSEWHERE, UNSAID = "elsewhere", "unsaid"

_AMOUNT = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_LONGEST_TEXT = 200


class Line(NamedTuple):
    """A row of a table: amounts unrounded, list_cost None where nothing is priced, and what stood there."""

    cost: Decimal
    list_cost: Decimal | None
    unpriced: int
    amount_text: str
    worth_text: str


class Cell(NamedTuple):
    """Use of one source and day in one currency. basis: "billed+metered"."""

    cost: Decimal
    list_cost: Decimal
    requests: int
    tokens: int
    unpriced: int
    basis: str


class Figures(NamedTuple):
    """offsets: from UTC, at which days begin. leads: SPEND or WORTH.

    lines: by table and name; a table is "", a currency that stands apart, ELSEWHERE or UNSAID. days: by ISO date.
    cells: by name, ISO date and currency.
    """

    offsets: str
    leads: str
    currency: str
    list_currency: str
    total: Line
    lines: Mapping[tuple[str, str], Line]
    days: Mapping[str, Line]
    cells: Mapping[tuple[str, str, str], Cell]


def figures(summary: "MonthSummary") -> Figures:
    """The figures of a summary."""
    return Figures(
        summary.offsets,
        SPEND if summary.counts_spend else WORTH,
        summary.currency,
        summary.list_currency,
        Line(summary.cost, summary.list_cost, summary.unpriced_tokens, summary.amount_text, summary.worth_text),
        {(name, figure.name): _line(figure) for name, table in tables(summary) for figure in table.figures},
        {figure.name: _line(figure) for figure in summary.days.figures},
        _cells(summary.rows),
    )


def tables(summary: "MonthSummary") -> "Iterable[tuple[str, Table]]":
    """The tables of sources, with what each is called in Figures.lines."""
    yield "", summary.by_source
    yield from ((table.currency, table) for table in summary.others)
    yield ELSEWHERE, summary.elsewhere
    yield UNSAID, summary.unsaid


def _line(figure: "Figure") -> Line:
    return Line(figure.cost, figure.list_cost, figure.unpriced_tokens, figure.amount_text, figure.worth_text)


def _cells(rows: Iterable[UsageRow]) -> dict[tuple[str, str, str], Cell]:
    """Rows without what they were used for and with."""
    groups: dict[tuple[str, str, str], list[UsageRow]] = {}
    for row in rows:
        groups.setdefault((line_of(row), row.key("day"), row.currency), []).append(row)
    return {
        key: Cell(
            exact_sum([row.cost for row in mine]),
            exact_sum([row.list_cost or Decimal(0) for row in mine]),
            sum(row.requests for row in mine),
            sum(row.total_tokens for row in mine),
            sum(row.unpriced_tokens for row in mine),
            "+".join(basis.value for basis in Basis if any(basis.value in row.basis for row in mine)),
        )
        for key, mine in groups.items()
    }


def as_text(told: Figures) -> str:
    """Figures as JSON."""
    lines: dict[str, dict[str, object]] = {}
    for (table, name), line in told.lines.items():
        lines.setdefault(table, {})[name] = _line_json(line)
    cells: dict[str, dict[str, dict[str, object]]] = {}
    for (name, day, currency), cell in told.cells.items():
        amounts = plain(cell.cost), plain(cell.list_cost)
        cells.setdefault(name, {}).setdefault(day, {})[currency] = [*amounts, *cell[2:]]
    said = {
        "offsets": told.offsets,
        "leads": told.leads,
        "currency": told.currency,
        "list_currency": told.list_currency,
        "total": _line_json(told.total),
        "lines": lines,
        "days": {day: _line_json(line) for day, line in told.days.items()},
        "cells": cells,
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _line_json(line: Line) -> list[object]:
    return [plain(line.cost), None if line.list_cost is None else plain(line.list_cost), *line[2:]]


def parsed(text: str) -> Figures | None:
    """Figures as as_text() writes them; None for what it did not."""
    try:
        said = json.loads(text)
        return Figures(
            offsets=_text(said["offsets"]),
            leads=_text(said["leads"]),
            currency=_text(said["currency"]),
            list_currency=_text(said["list_currency"]),
            total=_line_of(said["total"]),
            lines={(table, name): _line_of(of) for table, lines in said["lines"].items() for name, of in lines.items()},
            days={_day(day): _line_of(of) for day, of in said["days"].items()},
            cells={
                (name, _day(day), currency): _cell_of(of)
                for name, days in said["cells"].items()
                for day, cells in days.items()
                for currency, of in cells.items()
            },
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _line_of(said: Sequence[object]) -> Line:
    cost, list_cost, unpriced, amount, worth = said
    of_list = None if list_cost is None else _amount(list_cost)
    return Line(_amount(cost), of_list, _count(unpriced), _text(amount), _text(worth))


def _cell_of(said: Sequence[object]) -> Cell:
    cost, list_cost, requests, tokens, unpriced, basis = said
    counts = _count(requests), _count(tokens), _count(unpriced)
    return Cell(_amount(cost), _amount(list_cost), *counts, _text(basis))


def _day(said: str) -> str:
    return date.fromisoformat(said).isoformat()


def _amount(said: object) -> Decimal:
    if not isinstance(said, str) or not _AMOUNT.fullmatch(said):
        raise ValueError("not an amount")
    return Decimal(said)


def _count(said: object) -> int:
    if not isinstance(said, int):
        raise TypeError("not a count")
    return said


def _text(said: object) -> str:
    if not isinstance(said, str) or len(said) > _LONGEST_TEXT:
        raise TypeError("not a text")
    return said
