"""`status`: what the tray shows, in the terminal."""

import argparse

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.clock import rfc3339
from tokentray.engine.snapshots import build
from tokentray.money import plain
from tokentray.program import command
from tokentray.snapshot import Snapshot, SourceState, Worth
from tokentray.store.history import History


def status(context: Context, options: argparse.Namespace) -> int:
    """One screen, or JSON."""
    if options.json:
        print_json(_json(context, _snapshot(context)))
    else:
        print_status(context)
    return 0


def print_status(context: Context, *, just_read: bool = False) -> None:
    """The three lines of the tray's tooltip, then each source."""
    snapshot = _snapshot(context)
    print("\n".join(snapshot.lines))
    if snapshot.quiet_text:
        print(snapshot.quiet_text)
    if snapshot.sources:
        rows = [
            [
                visible(line.label),
                line.today.amount_text,
                line.month.amount_text,
                _freshness(line.as_of_text, line.state),
            ]
            for line in snapshot.sources
        ]
        print()
        head, *body = table(["", "today", snapshot.month_label, ""], rows, 1).split("\n")
        print("\n".join([head, *body]))
    for line in snapshot.sources:
        if line.error:
            print(f"{visible(line.label)}: {line.error}")
    if snapshot.sources and not snapshot.has_reference:
        print(f"\nSet your hourly rate to see this in minutes: {command()} reference add hourly 100")
    if not snapshot.sources and not just_read:
        print(f"Read your agents' logs with: {command()} refresh")


def _freshness(as_of: str, state: SourceState) -> str:
    return {
        SourceState.STALE: f"{as_of}, not read since",
        SourceState.FAILING: f"{as_of}, cannot be read",
    }.get(state, as_of)


def _snapshot(context: Context) -> Snapshot:
    with History(context.paths.history) as history:
        return build(history, context.clock.now_utc(), context.zone, context.style)


def _json(context: Context, snapshot: Snapshot) -> dict[str, object]:
    # Projections and signals come with their own commands; their places are kept so that readers need no change.
    return {
        "today": _worth_json(snapshot.today),
        "month": {
            **_worth_json(snapshot.month),
            "projected": None,
            "projected_low": None,
            "projected_high": None,
        },
        "sources": [
            {
                "source": line.id,
                "kind": line.kind,
                "last_success": None if line.last_success_utc is None else rfc3339(line.last_success_utc, context.zone),
                "state": line.state.value,
                "error": line.error or None,
            }
            for line in snapshot.sources
        ],
        "signals": [],
    }


def _worth_json(worth: Worth) -> dict[str, object]:
    # Nothing counts as spend until a rule says who pays for an agent's tokens.
    return {
        "cost": "0",
        "list_cost": None if worth.list_cost is None else plain(worth.list_cost),
        "currency": worth.currency,
        "basis": list(worth.basis),
        "equivalent": worth.equivalent_text or None,
        "unpriced_tokens": worth.unpriced_tokens,
    }
