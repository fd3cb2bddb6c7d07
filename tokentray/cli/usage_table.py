"""The table of `usage`: what is displayed adds up, and each currency has a total of its own."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from tokentray.cli.context import table, visible
from tokentray.insight import columns, words
from tokentray.insight.converted import landing
from tokentray.insight.reference import Part, Reference
from tokentray.insight.source_names import SourceNames
from tokentray.insight.tally import ZERO, Home, Tally, tally
from tokentray.model import UsageRow
from tokentray.money import NumberStyle
from tokentray.program import command

_NONE = "–"
Keys = tuple[tuple[str, str], ...]


class Table(NamedTuple):
    """What the table is made of.

    rows: by the keys of `by`, in the currencies to show. parts: what they are made of, by source and payer as well,
    in the currencies they come in; also by day where there is something to convert or to measure against.
    """

    by: tuple[str, ...]
    rows: Sequence[UsageRow]
    parts: Sequence[UsageRow]
    counts_spend: bool
    holds_more: bool
    names: SourceNames
    home: Home
    reference: Reference
    style: NumberStyle


def print_table(what: Table) -> None:
    """The table with its notes, or a line that says why there is none."""
    if not what.rows:
        if what.holds_more:
            print(f"The history has nothing for that; `{command()} usage --by KEY` shows which values there are.")
        else:
            print(f"Nothing is read yet. `{command()} refresh` reads your agents' logs.")
        return
    timed = what.reference.exists
    header = [*what.by, "requests", "input", "output", "cache read", "cache write"]
    header += ["spend"] if what.counts_spend else []
    header += [words.WORTH, *([_time_head(what.reference)] if timed else [])]
    parts: dict[str, dict[Keys, list[UsageRow]]] = {}
    for part in what.parts:
        of_currency = parts.setdefault(landing(part, what.home), {})
        of_currency.setdefault(part.keys[: len(what.by)], []).append(part)
    lines = [line for currency in parts for line in _lines(what, currency, parts[currency])]
    print(table(header, lines, len(what.by)))
    caveats = dict.fromkeys(caveat for row in what.rows for caveat in row.caveats)
    if caveats:
        print("\n" + "\n".join(f"Note: {text}." for text in words.caveat_texts(caveats)))


def _lines(what: Table, currency: str, parts: Mapping[Keys, Sequence[UsageRow]]) -> list[list[str]]:
    """The rows of one currency, and their total where there are several."""
    rows = [row for row in what.rows if row.currency == currency]
    spends = columns.shares([row.cost for row in rows], currency)
    worths = columns.shares([row.list_cost or ZERO for row in rows], currency)
    lines = []
    for row, spend, worth in zip(rows, spends, worths, strict=True):
        names = [visible(_shown(key, value, what.names)) or _NONE for key, value in row.keys]
        one = tally(parts[row.keys], what.home)
        spend_text = columns.spend_text(one, spend, currency, what.style)
        worth_text = columns.worth_text(one, worth, currency, what.style)
        lines.append(_cells(what, [*names, *_counts([row], what.style)], parts[row.keys], one, spend_text, worth_text))
    if len(rows) > 1 and what.by:
        all_parts = [part for row in rows for part in parts[row.keys]]
        whole = tally(all_parts, what.home)
        head = ["total", *[""] * (len(what.by) - 1), *_counts(rows, what.style)]
        spend_text = words.spend_text(whole, currency, what.style)
        worth_text = words.worth_text(whole, currency, what.style)
        lines.append(_cells(what, head, all_parts, whole, spend_text, worth_text))
    return lines


def _cells(
    what: Table, head: Sequence[str], parts: Sequence[UsageRow], one: Tally, spend_text: str, worth_text: str
) -> list[str]:
    """A line; where there is nothing, no amount of nothing."""
    spend = spend_text if one.cost or one.unpriced_paid_tokens else _NONE
    worth = worth_text if one.worth or one.tokens or one.requests else _NONE
    time = [_time(what, parts)] if what.reference.exists else []
    return [*head, *([spend] if what.counts_spend else []), worth, *time]


def _time(what: Table, rows: Sequence[UsageRow]) -> str:
    """Rows in the leading reference point: their spend, their worth while nobody has said who pays."""
    amounts = [(row, row.cost if what.counts_spend else row.list_cost) for row in rows]
    dated = [Part(date.fromisoformat(row.key("day")), amount, row.currency) for row, amount in amounts if amount]
    return what.reference.equivalent(dated).text(what.style, short=True) if dated else ""


def _shown(key: str, value: str, names: SourceNames) -> str:
    if key == "source":
        return names.source(value)
    return names.payer(value) if key == "payer" else value


def _time_head(reference: Reference) -> str:
    return "of your time" if reference.is_time else "equivalent"


def _counts(rows: Sequence[UsageRow], style: NumberStyle) -> list[str]:
    counts = (
        sum(row.requests for row in rows),
        sum(row.input_tokens for row in rows),
        sum(row.output_tokens for row in rows),
        sum(row.cache_read_tokens for row in rows),
        sum(row.cache_write_5m_tokens + row.cache_write_1h_tokens for row in rows),
    )
    return [style.number(count) for count in counts]
