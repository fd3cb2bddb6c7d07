"""`usage`: sums by any grouping, as a table, JSON or CSV."""

import argparse
import csv
import sys
from collections.abc import Sequence

from tokentray.cli.asking import asked
from tokentray.cli.context import Context, print_json
from tokentray.cli.usage_table import Table, print_table
from tokentray.clock import local_date
from tokentray.engine.change_checks import currency as currency_code
from tokentray.errors import NoDataError
from tokentray.export.csv_file import safe_text
from tokentray.export.rows import usage_fields, usage_object
from tokentray.insight.converted import landing, regrouped, unreached
from tokentray.insight.exchange import Exchange
from tokentray.insight.reference import Reference
from tokentray.insight.source_names import source_names
from tokentray.insight.tally import ZERO, Home
from tokentray.insight.who_pays import counts_spend
from tokentray.model import UsageRow
from tokentray.program import command
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery


def usage(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 for a key that does not exist, 3 for a currency that no rate leads to."""
    query = _query(context, options)
    currency = currency_code(options.currency) if options.currency else ""
    with History(context.paths.history) as history:
        if not (options.json or options.csv):
            print_table(_table(context, history, query, currency))
            return 0
        rows = _converted(history, query, context, currency) if currency else history.usage(query, context.zone)
    if options.json:
        print_json([usage_object(row) for row in rows])
    else:
        _print_csv(query, rows)
    return 0


def _query(context: Context, options: argparse.Namespace) -> UsageQuery:
    wanted = asked(options)
    today = local_date(context.clock.now_utc(), context.zone)
    return UsageQuery(wanted.by, wanted.first, wanted.last, wanted.where, today)


def _converted(history: History, query: UsageQuery, context: Context, currency: str) -> list[UsageRow]:
    """Rows in one currency. Raises NoDataError where no rate leads there."""
    home = Home(currency, Exchange(history.exchange_rates()))
    days = history.usage(_finer(query, "day"), context.zone)
    _refuse(days, home)
    return regrouped(days, query.by, home)


def _table(context: Context, history: History, query: UsageQuery, currency: str) -> Table:
    """What people see: in the currency asked for, else in their own where a rate leads there."""
    home = Home(currency or context.settings.currency, Exchange(history.exchange_rates()))
    reference = Reference(history.reference_points(), home.exchange, context.settings.working_week_hours)
    plans, charges, sources = history.plans(), history.charges(), history.sources()
    # By source and payer too, so that a fee is told from the estimates beside it.
    extra = ("source", "payer", *(("day",) if home.currency or reference.exists else ()))
    parts = history.usage(_finer(query, *extra), context.zone)
    if currency:
        _refuse(parts, home)
    elif not any((row.cost or row.list_cost) and landing(row, home) == home.currency for row in parts):
        home = home._replace(currency="")  # nothing can be told in it
    return Table(
        by=query.by,
        rows=regrouped(parts, query.by, home),
        parts=parts,
        counts_spend=counts_spend(history.payer_rules(), plans, charges, sources),
        holds_more=history.bounds() is not None or bool(plans or charges),
        names=source_names(sources, plans, charges),
        home=home,
        reference=reference,
        style=context.style,
    )


def _finer(query: UsageQuery, *keys: str) -> UsageQuery:
    return query._replace(by=tuple(dict.fromkeys((*query.by, *keys))))


def _refuse(rows: Sequence[UsageRow], home: Home) -> None:
    missing = unreached(rows, home)
    if missing:
        raise NoDataError(
            f"No exchange rate leads from {' or '.join(missing)} to {home.currency}",
            "",
            f"Set one: `{command()} rates set {missing[0]} {home.currency} RATE`",
        )


def _print_csv(query: UsageQuery, rows: Sequence[UsageRow]) -> None:
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


_EMPTY = UsageRow((), 0, 0, 0, 0, 0, 0, 0, 0, ZERO, None, 0, 0, "USD", (), ())
