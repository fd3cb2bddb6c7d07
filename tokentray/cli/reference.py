"""`reference`: what amounts are measured against, an hourly rate, pay or a thing, with the day each holds from."""

import argparse

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.telling import tell
from tokentray.cli.values import currency_or_own, day_or_today
from tokentray.insight.told_words import reference_text
from tokentray.program import command
from tokentray.requests import AddReference, LeadReference, RemoveReference
from tokentray.store.history import History


def list_points(context: Context, options: argparse.Namespace) -> int:
    """All reference points, those of one kind together, oldest first."""
    with History(context.paths.history) as history:
        points = history.reference_points()
    if options.json:
        print_json(
            [
                {
                    "id": point.id,
                    "kind": point.kind,
                    "name": point.name,
                    "amount": point.amount,
                    "currency": point.currency,
                    "from": point.valid_from.isoformat(),
                    "leads": point.leads,
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
                visible(reference_text(point, context.style)),
                str(point.valid_from),
                "leads" if point.leads else "",
            ]
            for point in points
        ]
        print(table(["id", "reference point", "from", ""], rows, 4))
    return 0


def add_point(context: Context, options: argparse.Namespace) -> int:
    """A rate, pay or a thing. The first of its kind holds backwards too."""
    request = AddReference(
        kind=options.kind,
        amount=options.amount,
        currency=currency_or_own(context, options.currency),
        from_day=day_or_today(context, options.from_day, "--from"),
        name=options.name,
    )
    return tell(context, request)


def lead_point(context: Context, options: argparse.Namespace) -> int:
    """Show amounts in the reference points of that kind and name."""
    return tell(context, LeadReference(options.id))


def remove_point(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where there is no such reference point."""
    return tell(context, RemoveReference(options.id))
