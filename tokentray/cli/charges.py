"""`charges`: amounts typed in by hand, such as an overage or an invoice that no API tells."""

import argparse

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.telling import tell
from tokentray.cli.values import currency_or_own, day_of
from tokentray.insight.told_words import exact_money
from tokentray.money import nanos_to_decimal
from tokentray.program import command
from tokentray.requests import AddCharge, RemoveCharge
from tokentray.store.history import History


def list_charges(context: Context, options: argparse.Namespace) -> int:
    """All charges, oldest first."""
    with History(context.paths.history) as history:
        charges = history.charges()
    if options.json:
        print_json(
            [
                {
                    "id": charge.id,
                    "day": charge.day.isoformat(),
                    "amount": nanos_to_decimal(charge.amount_nanos),
                    "currency": charge.currency,
                    "provider": charge.provider,
                    "text": charge.text,
                }
                for charge in charges
            ]
        )
    elif not charges:
        print(f"No charge yet. Add one with: {command()} charges add 2026-11-03 12.50 --provider openai")
    else:
        rows = [
            [
                str(charge.id),
                str(charge.day),
                visible(charge.provider),
                visible(charge.text),
                exact_money(nanos_to_decimal(charge.amount_nanos), charge.currency, context.style),
            ]
            for charge in charges
        ]
        print(table(["id", "day", "provider", "for", "amount"], rows, 4))
    return 0


def add_charge(context: Context, options: argparse.Namespace) -> int:
    """An amount above zero on a day, which may lie ahead."""
    request = AddCharge(
        day=day_of(options.day, "DATE"),
        amount=options.amount,
        provider=options.provider,
        currency=currency_or_own(context, options.currency),
        text=options.text,
    )
    return tell(context, request)


def remove_charge(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where there is no such charge."""
    return tell(context, RemoveCharge(options.id))
