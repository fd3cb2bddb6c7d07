"""`status`: what the tray shows, in the terminal."""

import argparse
from collections.abc import Sequence

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.clock import Zone, rfc3339
from tokentray.engine.snapshots import build
from tokentray.money import plain
from tokentray.program import command
from tokentray.snapshot import Amount, Snapshot, SourceLine, SourceState, Standing
from tokentray.store.history import History

_TITLES = {
    Standing.SPEND: "",
    Standing.ELSEWHERE: "Paid elsewhere, not counted",
    Standing.UNASSIGNED: "Worth at list price, payer not said",
}


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
    print("\n".join(map(visible, snapshot.lines)))
    if snapshot.quiet_text:
        print(snapshot.quiet_text)
    notes = dict.fromkeys(amount.note_text for amount in (snapshot.today, snapshot.month) if amount.is_spend)
    if any(notes):
        print(f"{snapshot.month_label}: {snapshot.month.note_text or snapshot.today.note_text}")
    for standing, title in _TITLES.items():
        lines = [line for line in snapshot.sources if line.standing is standing]
        if lines:
            print(f"\n{title}" if title and snapshot.counts_spend else "")
            print(_table(lines, snapshot.month_label))
    for one in snapshot.health:
        if one.error:
            print(f"{visible(one.label)}: {visible(one.error)}")
    if snapshot.sources and not snapshot.counts_spend:
        print(f"\nSay who pays, and these amounts become spend: {command()} agents set AGENT --paid-by payg")
    if snapshot.sources and not snapshot.has_reference:
        print(f"\nSet your hourly rate to see this in minutes: {command()} reference add hourly 100")
    if not snapshot.sources and not just_read:
        print(f"Read your agents' logs with: {command()} refresh")


def _table(lines: Sequence[SourceLine], month_label: str) -> str:
    """Name, today, month, what a plan's month was worth, how fresh."""
    worth = any(line.month.worth_text for line in lines)
    rows = [
        [
            visible(line.label),
            " ".join(part for part in (line.today.amount_text, line.tag_text) if part),
            line.month.amount_text,
            *([line.month.worth_text] if worth else []),
            _freshness(line.as_of_text, line.state),
        ]
        for line in lines
    ]
    return table(["", "today", month_label, *([""] if worth else []), ""], rows, 1)


def _freshness(as_of: str, state: SourceState) -> str:
    return {
        SourceState.STALE: f"{as_of}, not read since",
        SourceState.FAILING: f"{as_of}, cannot be read",
    }.get(state, as_of)


def _snapshot(context: Context) -> Snapshot:
    with History(context.paths.history) as history, history.one_moment():
        return build(history, context.clock.now_utc(), context.zone, context.style, context.settings)


def _json(context: Context, snapshot: Snapshot) -> dict[str, object]:
    # Projections and signals come with their own commands; their places are kept so that readers need no change.
    return {
        "today": _amount_json(snapshot.today),
        "month": {
            **_amount_json(snapshot.month),
            "projected": None,
            "projected_low": None,
            "projected_high": None,
        },
        "sources": [
            *(
                _source_json(one.id, one.kind, one.last_success_utc, one.state, one.error, context.zone)
                for one in snapshot.health
            ),
            *(
                _source_json(line.id, line.kind, line.last_success_utc, line.state, line.error, context.zone)
                for line in snapshot.sources
                if line.kind in ("plan", "charge")
            ),
        ],
        "signals": [],
    }


def _amount_json(amount: Amount) -> dict[str, object]:
    """cost counts; where some of it is in a currency that nothing converts, it stands in `others`."""
    return {
        "cost": plain(amount.cost),
        "list_cost": None if amount.list_cost is None else plain(amount.list_cost),
        "currency": amount.currency,
        "basis": list(amount.basis),
        "equivalent": amount.equivalent_text or None,
        "unpriced_tokens": amount.unpriced_tokens,
        "others": [{"cost": plain(cost), "currency": currency} for currency, cost in amount.others],
    }


def _source_json(
    name: str, kind: str, last_success_utc: int | None, state: SourceState, error: str, zone: Zone
) -> dict[str, object]:
    return {
        "source": name,
        "kind": kind,
        "last_success": None if last_success_utc is None else rfc3339(last_success_utc, zone),
        "state": state.value,
        "error": error or None,
    }
