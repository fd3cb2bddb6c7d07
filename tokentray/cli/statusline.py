"""`statusline`: today and this month on one line. Asked every few seconds by a bar, so it imports next to nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokentray.clock import Clock, SystemClock, SystemZone

if TYPE_CHECKING:
    import argparse

    from tokentray.cli.context import Context
    from tokentray.paths import FileMark


_SYSTEM = SystemClock()


def quick(argv: Sequence[str], clock: Clock = _SYSTEM) -> str | None:
    """The line as it was last made, where it still holds; None where it must be made, or argv says more."""
    home, utc, asked = None, False, False
    words = iter(argv)
    for word in words:
        if word == "--utc":
            utc = True
        elif word == "--home":
            home = next(words, None)
        elif word.startswith("--home="):
            home = word.removeprefix("--home=")
        elif word == "statusline":
            asked = True
        else:
            return None
    if not asked:
        return None
    from tokentray import paths
    from tokentray.store.remembered import remembered_line

    now_utc = clock.now_utc()
    places = paths.resolve(home)
    made_for = _made_for(paths.file_mark(places.settings), utc, now_utc)
    return remembered_line(places.history, made_for, now_utc)


def statusline(context: Context, options: argparse.Namespace) -> int:
    """Make the line from the history, print it and remember it."""
    from datetime import timedelta

    from tokentray.clock import day_start_utc, local_date
    from tokentray.engine.snapshots import build
    from tokentray.store.history import History
    from tokentray.store.remembered import remember_line

    now_utc = context.clock.now_utc()
    with History(context.paths.history) as history, history.one_moment():
        count = history.changes()
        snapshot = build(history, now_utc, context.zone, context.style, context.settings)
        exists = history.exists
    line = f"{snapshot.lines[0]} | {snapshot.lines[1]}"
    print(line)
    mark = context.loaded.mark
    if exists and mark.settled(now_utc):
        until = day_start_utc(local_date(now_utc, context.zone) + timedelta(days=1), context.zone)
        made_for = _made_for(mark, options.utc, now_utc)
        remember_line(context.paths.history, count, until, made_for, line)
    return 0


def _made_for(settings: FileMark, utc: bool, now_utc: int) -> str:
    """What a line depends on besides the history: the settings, where midnight lies, and how numbers are written.

    A zone that the settings name needs no reading here: the line holds until that zone's midnight at the latest. The
    system's zone may change under it, so its offset counts.
    """
    zone = "utc" if utc else str(SystemZone().offset_s(now_utc))
    names = ("LC_ALL", "LC_MONETARY", "LC_NUMERIC", "LANG")
    return " ".join([*map(str, settings), zone, *(os.environ.get(name, "") for name in names)])
