"""`reference`: the hourly rate that amounts are measured against, with the day it holds from."""

import argparse

from tokentray.cli.context import Context, print_json, table
from tokentray.cli.values import currency_code, day_of, positive_amount
from tokentray.clock import local_date
from tokentray.errors import UsageError
from tokentray.money import format_money, nanos_to_decimal
from tokentray.program import command
from tokentray.store.history import History
from tokentray.store.writer import Writer


def list_points(context: Context, options: argparse.Namespace) -> int:
    """All rates, oldest first."""
    with History(context.paths.history) as history:
        points = history.reference_points()
    if options.json:
        print_json(
            [
                {
                    "id": point.id,
                    "kind": point.kind,
                    "amount": point.amount,
                    "currency": point.currency,
                    "from": point.valid_from.isoformat(),
                }
                for point in points
            ]
        )
    elif not points:
        print(f"No reference point yet. Set your hourly rate with: {command()} reference add hourly 100")
    else:
        rows = [
            [
                str(point.id),
                f"{format_money(point.amount, point.currency, context.style)} an hour",
                str(point.valid_from),
            ]
            for point in points
        ]
        print(table(["id", "rate", "from"], rows, 3))
    return 0


def add_point(context: Context, options: argparse.Namespace) -> int:
    """Add a rate, or change the one of that day. The first rate holds backwards too."""
    amount = positive_amount(options.amount)
    currency = currency_code(options.currency)
    now_utc = context.clock.now_utc()
    since = day_of(options.from_day, "--from") if options.from_day else local_date(now_utc, context.zone)
    with History(context.paths.history) as history:
        others = [point for point in history.reference_points() if point.valid_from != since]
    writer = Writer(context.paths.history)
    try:
        writer.set_reference(options.kind, "", amount, currency, since.isoformat(), now_utc)
    finally:
        writer.close()
    rate = format_money(nanos_to_decimal(amount), currency, context.style)
    # The first rate holds backwards too, so its date says nothing yet.
    print(f"Your time counts {rate} an hour{f' from {since} on' if others else ''}.")
    if currency != "USD":
        print("List prices are in USD, so amounts cannot be shown as your time until exchange rates can be set.")
    return 0


def remove_point(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where there is no such rate."""
    writer = Writer(context.paths.history)
    try:
        if not writer.remove_reference(options.id):
            raise UsageError(f"no reference point {options.id}", "`tokentray reference list` shows their ids")
    finally:
        writer.close()
    print("Removed.")
    return 0
