"""`rates`: exchange rates that the person set, with the day each holds from."""

import argparse

from tokentray.cli.context import Context, print_json, table
from tokentray.cli.telling import tell
from tokentray.cli.values import day_or_today
from tokentray.insight.told_words import exchange_text
from tokentray.program import command
from tokentray.requests import RemoveRate, SetRate
from tokentray.store.history import History


def list_rates(context: Context, options: argparse.Namespace) -> int:
    """All rates, by their currencies, oldest first."""
    with History(context.paths.history) as history:
        rates = history.exchange_rates()
    if options.json:
        print_json(
            [
                {
                    "id": rate.id,
                    "base": rate.base,
                    "quote": rate.quote,
                    "rate": rate.rate,
                    "from": rate.valid_from.isoformat(),
                }
                for rate in rates
            ]
        )
    elif not rates:
        print(f"No exchange rate yet. Set one with: {command()} rates set EUR USD 1.085")
    else:
        rows = [[str(rate.id), exchange_text(rate, context.style), str(rate.valid_from)] for rate in rates]
        print(table(["id", "rate", "from"], rows, 3))
    return 0


def set_rate(context: Context, options: argparse.Namespace) -> int:
    """One unit of a currency in another, from a day on; the rate of that day is replaced."""
    since = day_or_today(context, options.from_day, "--from")
    return tell(context, SetRate(options.base, options.quote, options.rate, since))


def remove_rate(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where there is no such rate."""
    return tell(context, RemoveRate(options.id))
