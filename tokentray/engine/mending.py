"""A history that is damaged: what can be read of it is put in its place, once, and that is said for a week."""

import logging
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from tokentray.clock import Zone, local_date
from tokentray.errors import StoreDamagedError, TokenTrayError
from tokentray.insight.told_words import day_text
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.queries import Salvaged
from tokentray.store.salvage import salvage

_log = logging.getLogger(__name__)

_SAID_FOR = timedelta(days=7)


def mend(history: Path, now_utc: int, zone: Zone) -> Salvaged:
    """Have what can be read in the place of a damaged history.

    Raises StoreDamagedError where nothing can be read, and StoreError where it cannot be done now: it is as it was.
    """
    day = local_date(now_utc, zone)
    return salvage(history, day.isoformat(), day.isoformat())


class Mender:
    """Mends a history once in a run: a disk that breaks what was just written would be copied again and again."""

    def __init__(self, history: Path, tell: Callable[[int], None]) -> None:
        """tell: hands the inode of a damaged history to the thread that mends."""
        self._history = history
        self._tell = tell
        self.has_tried = False

    def found(self, inode: int) -> bool:
        """Somebody else has met the damage, on any thread. Returns whether it is going to be mended."""
        if self.has_tried:
            return False
        self._tell(inode)
        return True

    def left_of(self, damage: TokenTrayError, now_utc: int, zone: Zone) -> TokenTrayError | None:
        """What is wrong still after an attempt to mend it, None where it is mended."""
        if self.has_tried:
            return damage
        try:
            done = mend(self._history, now_utc, zone)
        except StoreDamagedError as exc:
            self.has_tried = True
            return exc
        except TokenTrayError as exc:
            return exc  # it cannot be done now, and is tried again
        self.has_tried = True
        _log.warning(
            "the history was damaged; it is kept as %s, and %d calls of it could be read", done.kept, done.calls
        )
        return None


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
