"""A month written into a folder: what is asked for, and what came of it.

Everybody who exports asks here: the command line, the dialog, and what is written by itself each month.
"""

from datetime import date
from pathlib import Path
from typing import NamedTuple

from tokentray.snapshot import Problem


class Job(NamedTuple):
    """month: any day of it. formats: of FORMATS, in the order in which they are written."""

    month: date
    formats: tuple[str, ...]
    folder: Path
    redact: bool = False


class Written(NamedTuple):
    """What came of one format. path: the file that holds it now. problem: why there is none."""

    format: str
    path: Path
    problem: Problem | None = None
    kept: Path | None = None
    """A file of that name that was not ours to replace, so that this one was written beside it."""


class Outcome(NamedTuple):
    """What came of a job. status, changed: as of MonthSummary. problem: why nothing was begun."""

    job: Job
    written: tuple[Written, ...] = ()
    status: str = ""
    changed: tuple[str, ...] = ()
    problem: Problem | None = None


def file_name(month: date, name: str, redact: bool) -> str:
    """What the file of a month is called: "tokentray-2026-10.pdf"."""
    return f"tokentray-{month.isoformat()[:7]}{'-redacted' if redact else ''}.{name}"
