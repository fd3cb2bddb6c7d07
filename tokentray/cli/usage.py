"""`usage`: sums by any grouping, as a table, JSON or CSV."""

import argparse
import csv
import sys
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.values import day_of
from tokentray.errors import UsageError
from tokentray.export.csv_file import safe_text
from tokentray.export.rows import usage_fields, usage_object
from tokentray.insight.reference import equivalent
from tokentray.insight.words import CAVEAT_WORDS, add_up, amount_text, amount_texts
from tokentray.model import Caveat, UsageRow
from tokentray.money import NumberStyle
from tokentray.store.history import History
from tokentray.store.usage import KEYS, UsageQuery


def usage(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 for a key that does not exist."""
    query = _query(options)
    with History(context.paths.history) as history:
        rows = history.usage(query, context.zone)
        times = _times(history, query, context) if not (options.json or options.csv) else {}
        holds_more = history.bounds() is not None
    if options.json:
        print_json([usage_object(row) for row in rows])
    elif options.csv:
        _print_csv(query, rows)
    else:
        _print_table(query, rows, times, holds_more, context.style)
    return 0


def _times(history: History, query: UsageQuery, context: Context) -> dict[tuple[tuple[str, str], ...], str]:
    """Each group as time, at the rate of each of its days; nothing where no rate is set."""
    references = history.reference_points()
    if not any(point.kind == "hourly" for point in references):
        return {}
    dated: dict[tuple[tuple[str, str], ...], list[tuple[date, Decimal]]] = {(): []}
    by_day = query._replace(by=(*query.by, *(() if "day" in query.by else ("day",))))
    for row in history.usage(by_day, context.zone):
        amount = (date.fromisoformat(row.key("day")), row.list_cost or Decimal(0))
        dated.setdefault(row.keys[: len(query.by)], []).append(amount)
        dated[()].append(amount)
    return {
        keys: equivalent(amounts, "USD", references).text(context.style, suffix="") for keys, amounts in dated.items()
    }


def _query(options: argparse.Namespace) -> UsageQuery:
    by = tuple(dict.fromkeys(key.strip() for key in options.by.split(",") if key.strip()))
    where = []
    for text in options.where:
        key, separator, value = text.partition("=")
        if not separator:
            raise UsageError("--where takes KEY=VALUE", f"not {text!r}")
        where.append((key, value))
    for key in (*by, *(key for key, _ in where)):
        if key not in KEYS:
            raise UsageError(f"there is no key {key!r}", f"the keys are {', '.join(KEYS)}")
    first = day_of(options.from_day, "--from") if options.from_day else None
    last = day_of(options.to_day, "--to") if options.to_day else None
    if first and last and first > last:
        raise UsageError("--from lies after --to", f"{first} and {last}")
    return UsageQuery(by, first, last, tuple(where))


def _print_csv(query: UsageQuery, rows: list[UsageRow]) -> None:
    writer = csv.DictWriter(sys.stdout, [*query.by, *usage_fields(_EMPTY)], lineterminator="\n")
    writer.writeheader()
    for row in rows:
        # A spreadsheet must not take a project's name for a formula.
        keys = {name: safe_text(value) for name, value in row.keys}
        values = {
            name: "" if value is None else " ".join(value) if isinstance(value, list) else value
            for name, value in usage_fields(row).items()
        }
        writer.writerow({**keys, **values})


def _print_table(
    query: UsageQuery,
    rows: list[UsageRow],
    times: Mapping[tuple[tuple[str, str], ...], str],
    holds_more: bool,
    style: NumberStyle,
) -> None:
    if not rows:
        if holds_more:
            print("The history has nothing for that; `tokentray usage --by KEY` shows which values there are.")
        else:
            print("Nothing is read yet. `tokentray refresh` reads your agents' logs.")
        return
    header = [*query.by, "requests", "input", "output", "cache read", "cache write", "worth at list price"]
    header += ["of your time"] if times else []
    lines = []
    for currency in dict.fromkeys(row.currency for row in rows):
        mine = [row for row in rows if row.currency == currency]
        amounts = amount_texts([(row.list_cost, row.unpriced_tokens) for row in mine], currency, style)
        lines += [
            [
                *(visible(value) or "–" for _, value in row.keys),
                *_figures([row], style),
                amount,
                *([times.get(row.keys, "")] if times else []),
            ]
            for row, amount in zip(mine, amounts, strict=True)
        ]
        if len(mine) > 1 and query.by:
            cost, _, unpriced, _, _ = add_up(mine)
            total = amount_text(cost, unpriced, currency, style)
            time = [times[()]] if times else []
            lines.append(["total", *[""] * (len(query.by) - 1), *_figures(mine, style), total, *time])
    print(table(header, lines, len(query.by)))
    caveats = dict.fromkeys(caveat for row in rows for caveat in row.caveats)
    if caveats:
        print("\n" + "\n".join(f"Note: {CAVEAT_WORDS[Caveat(caveat)]}." for caveat in caveats))


def _figures(rows: list[UsageRow], style: NumberStyle) -> list[str]:
    counts = (
        sum(row.requests for row in rows),
        sum(row.input_tokens for row in rows),
        sum(row.output_tokens for row in rows),
        sum(row.cache_read_tokens for row in rows),
        sum(row.cache_write_5m_tokens + row.cache_write_1h_tokens for row in rows),
    )
    return [style.number(count) for count in counts]


_EMPTY = UsageRow((), 0, 0, 0, 0, 0, 0, 0, 0, None, 0, "USD", (), ())
