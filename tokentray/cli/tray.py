"""Without a command: the tray app, or the status where there is no display at all."""

import argparse
import sys

from tokentray.cli.context import Context
from tokentray.cli.refresh import read_logs, report
from tokentray.cli.status import print_status


def tray(context: Context, options: argparse.Namespace) -> int:
    """Start the tray; on a machine without a display, read once and print the status."""
    status = options.start_tray(options.home, options.utc, False, b"")
    if status is not None:
        return int(status)
    print("There is no display here, so no tray: reading the logs once.", file=sys.stderr)
    result = read_logs(context)
    report(result, quiet=bool(result.found))
    print_status(context, just_read=True)
    return 0
