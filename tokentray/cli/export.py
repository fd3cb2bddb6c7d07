"""`export MONTH`: the monthly summary, to a file or standard output."""

import argparse
import sys
from pathlib import Path

from tokentray.cli.context import Context
from tokentray.cli.values import month_of
from tokentray.clock import local_date
from tokentray.errors import UsageError
from tokentray.export import FORMATS, render
from tokentray.export.files import write_private_bytes
from tokentray.export.summary import build
from tokentray.store.history import History


def export(context: Context, options: argparse.Namespace) -> int:
    """Exit status 3 where the month has no data; the error names the months that have."""
    target = None if options.output in (None, "-") else Path(options.output)
    name = options.format or (target.suffix.removeprefix(".").lower() if target else "") or "md"
    if name not in FORMATS:
        raise UsageError(f"no format {name!r}", f"there are: {', '.join(FORMATS)}")
    month = month_of(options.month)
    with History(context.paths.history) as history, history.one_moment():
        summary = build(
            history,
            month,
            context.zone,
            context.style,
            context.settings,
            today=local_date(context.clock.now_utc(), context.zone),
            redact=options.redact,
        )
    data = render(name, summary)
    if target:
        write_private_bytes(target, data)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    return 0
