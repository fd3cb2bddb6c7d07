"""`demo`: the app on a made-up year. No keyring, no network, no real logs."""

import argparse
import sys
import tempfile

from tokentray import paths
from tokentray.cli.context import Context
from tokentray.cli.status import print_status
from tokentray.engine.demo import fill
from tokentray.errors import UsageError
from tokentray.store.writer import Writer


def demo(context: Context, options: argparse.Namespace) -> int:
    """Fill a throwaway folder and show the tray on it; with --no-window, fill --home and print the status."""
    if not 1 <= options.years <= 20:
        raise UsageError("--years takes a number from 1 to 20", f"not {options.years}")
    if options.no_window:
        if not options.home:
            raise UsageError("--no-window needs --home", "the folder to fill")
        if context.paths.history.exists():
            raise UsageError("that folder has a history already", "the demo only fills an empty one")
        # Such a folder is then read like any other, and of these accounts no keyring has a key.
        _fill(context, options, keys=False)
        print_status(context)
        return 0
    with tempfile.TemporaryDirectory(prefix="tokentray-demo-") as folder:
        inside = Context(paths.resolve(folder), context.clock, context.zone, context.debug)
        _fill(inside, options, keys=True)
        status = options.start_tray(folder, options.utc, True, b"")
        if status is None:
            print("A made-up year, in a throwaway folder:", file=sys.stderr)
            print_status(inside)
            return 0
        return int(status)


def _fill(context: Context, options: argparse.Namespace, *, keys: bool) -> None:
    """keys: whether the accounts of the made-up person look as if they had theirs."""
    writer = Writer(context.paths.history)
    try:
        fill(
            writer,
            now_utc=context.clock.now_utc(),
            years=options.years,
            heavy=options.heavy,
            seed=options.seed,
            zone=context.zone,
        )
        with writer.telling() as told:
            for account in [] if keys else told.accounts():
                told.remove_account(account.id, True, context.clock.now_utc())
    finally:
        writer.close()
