"""`backup` and `restore`: the history as one file, and back."""

import argparse
import sys
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

from tokentray.cli.context import Context, counted, visible
from tokentray.clock import local_date, rfc3339
from tokentray.doorbell import tell_refreshed
from tokentray.errors import UsageError
from tokentray.insight.told_words import day_text
from tokentray.insight.words import listed
from tokentray.program import command
from tokentray.store.backup import Contents, back_up
from tokentray.store.restore import checked_backup


def backup(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where FILE is not for a backup, 3 where there is no history or it cannot be written."""
    made = back_up(context.paths.history, _file(options.file, "a backup is written to a file"))
    last = made.contents.last_utc
    use = "no use in it yet" if last is None else f"with use up to {_day(context, last)}"
    print(f"Backed up to {visible(str(made.path))}: {_size(context, made.size)}, {use}.")
    return 0


def restore(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where FILE is no backup, 3 where it is damaged or cannot be put in place."""
    stamp = rfc3339(context.clock.now_utc(), context.zone)[:19].replace("T", "-").replace(":", "")
    file = _file(options.file, "a backup is read from a file")
    with ExitStack() as stack:
        watched = sys.stderr.isatty()
        if watched:
            print("Checking the backup …", end="", file=sys.stderr, flush=True)
        try:
            checked = stack.enter_context(checked_backup(file, context.paths.history))
        finally:
            if watched:
                print("\r\033[K", end="", file=sys.stderr, flush=True)
        kept = checked.restore(stamp)
    tell_refreshed(context.paths)
    print(_holds(context, checked.contents))
    was = "there was no history before" if kept is None else f"what was there is kept as {visible(str(kept))}"
    print(f"Restored; {was}. `{command()} refresh` adds what this machine's logs hold besides.")
    return 0


def _file(name: str, said: str) -> Path:
    if name == "-":
        raise UsageError(f"{said}, so - will not do", "", "Name a file")
    return Path(name)


def _holds(context: Context, held: Contents) -> str:
    parts = [
        counted(number, noun)
        for number, noun in (
            (held.plans, "plan"),
            (held.payer_rules, "payer rule"),
            (held.charges, "charge"),
            (held.notes, "note"),
            (held.reference_points, "reference point"),
            (held.exports, "export"),
        )
        if number
    ]
    if held.first_utc is not None and held.last_utc is not None:
        span = f"from {_day(context, held.first_utc)} to {_day(context, held.last_utc)}"
        parts.insert(0, f"{counted(held.calls, 'model call')} {span}")
    return f"The backup holds {listed(parts)}." if parts else "The backup holds nothing yet."


def _day(context: Context, at_utc: int) -> str:
    return day_text(local_date(at_utc, context.zone))


def _size(context: Context, size: int) -> str:
    unit, name = (1_000_000, "MB") if size >= 1_000_000 else (1000, "kB")
    return f"{context.style.number(Decimal(size) / unit, 1)} {name}"
