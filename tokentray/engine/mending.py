"""A history that is damaged: what can be read of it is put in its place, once, and that is said for a week."""

import logging
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from tokentray.clock import Zone, local_date
from tokentray.errors import TokenTrayError
from tokentray.insight.told_words import day_text
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.queries import Salvaged
from tokentray.store.salvage import salvage

_log = logging.getLogger(__name__)

_SAID_FOR = timedelta(days=7)


def mend(history: Path, now_utc: int, zone: Zone) -> Salvaged | None:
    """Have what can be read in the place of a damaged history; None where that cannot be done, and it is as it was."""
    day = local_date(now_utc, zone)
    try:
        done = salvage(history, day.isoformat(), day.isoformat())
    except TokenTrayError as exc:
        _log.warning("%s: %s", exc.title, exc.message)
        return None
    _log.warning("the history was damaged; it is kept as %s, and %d calls of it could be read", done.kept, done.calls)
    return done


def said(done: Salvaged) -> Problem:
    """What is said of it."""
    what = "All of it could be read" if done.whole else "What could be read of it was kept"
    return Problem(
        f"The history was damaged on {day_text(date.fromisoformat(done.day))}",
        f"{what}; the logs are read again for the rest. The damaged file is beside it as {done.kept}",
        "A backup from before holds more, if you have one: `tokentray restore FILE`" if not done.whole else "",
        grave=False,
    )


def remarks(history: History, today: date) -> Sequence[Problem]:
    """What there is to say of a history that was mended of late."""
    done = history.salvaged()
    if done is None or not timedelta(0) <= today - date.fromisoformat(done.day) <= _SAID_FOR:
        return ()
    return (said(done),)
