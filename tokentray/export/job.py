"""A month written into a folder: what is asked for, and what came of it.

The month is read once, in one moment, and each format is written whole or not at all. What was written is kept in the
history, so that it is known again: a file that somebody changed since is never overwritten.
"""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

from tokentray.clock import Clock, Zone, local_date
from tokentray.errors import TokenTrayError
from tokentray.export import render
from tokentray.export.files import digest, file_name, place
from tokentray.export.since import figures_of
from tokentray.export.summary import MonthSummary, build
from tokentray.model import ExportedFile, ExportRecord
from tokentray.money import NumberStyle
from tokentray.paths import Paths, documents_folder, person_home
from tokentray.settings import Settings
from tokentray.snapshot import Problem
from tokentray.store.history import History
from tokentray.store.writer import Writer

_log = logging.getLogger(__name__)

_OTHER = "Export it in another format"
_ENDED = ("TokenTray was ended before it was its turn", "Export the month again")


class Job(NamedTuple):
    """month: any day of it. formats: of FORMATS, in the order in which they are written."""

    month: date
    formats: tuple[str, ...]
    folder: Path
    redact: bool = False


class Written(NamedTuple):
    """What came of one format. path: the file that holds it now. problem: why there is none.

    kept: a file of that name that was not ours to replace, so that this one was written beside it.
    """

    format: str
    path: Path
    problem: Problem | None = None
    kept: Path | None = None


class Outcome(NamedTuple):
    """What came of a job. status, changed: as of MonthSummary. problem: why nothing was begun, or not kept in mind.

    automatic: whether nobody asked for it.
    """

    job: Job
    written: tuple[Written, ...] = ()
    status: str = ""
    changed: tuple[str, ...] = ()
    problem: Problem | None = None
    automatic: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether every file was written."""
        return bool(self.written) and all(one.problem is None for one in self.written)


class Draft(NamedTuple):
    """A month as it was read. ours: digests of the files of it that were written before."""

    summary: MonthSummary
    ours: frozenset[str]


def folder_of(settings: Settings) -> Path:
    """Where months are written, unless another place is named. Raises UsageError where there is no home folder."""
    if not settings.folder:
        return documents_folder()
    home, _, inside = settings.folder.partition("~/")
    return Path(settings.folder) if home or not inside else person_home().joinpath(inside)


def formats_of(settings: Settings) -> tuple[str, ...]:
    """What months are written as, unless something else is named."""
    return tuple(settings.formats.split(","))


def read(
    history: History, month: date, zone: Zone, style: NumberStyle, settings: Settings, *, now_utc: int, redact: bool
) -> Draft:
    """The month and what is known of its earlier exports, of one moment. Raises StoreError and NoDataError."""
    with history.one_moment():
        today = local_date(now_utc, zone)
        summary = build(history, month, zone, style, settings, today=today, redact=redact)
        records = history.exports(summary.month)
    return Draft(summary, frozenset(file.digest for record in records for file in record.files))


def write(
    job: Job,
    draft: Draft,
    paths: Paths,
    *,
    now_utc: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    automatic: bool = False,
    goes_on: Callable[[], bool] = lambda: True,
) -> Outcome:
    """Write every format, and keep in mind what was written. One that fails does not keep the others.

    progress: told how many files are done, of how many. An export that nobody asked for counts as one only when it is
    whole: until then it is tried again. goes_on: asked before each file; where it says no, the rest is not written.
    """
    written: list[Written] = []
    files: list[ExportedFile] = []
    for name in job.formats:
        progress(len(written), len(job.formats))
        if goes_on():
            written.append(_write(job, name, draft, files))
        else:
            called = file_name(draft.summary.first, name, job.redact)
            written.append(Written(name, job.folder.joinpath(called), Problem(f"{called} was not written", *_ENDED)))
    progress(len(written), len(job.formats))
    summary = draft.summary
    outcome = Outcome(job, tuple(written), summary.status, summary.changed, automatic=automatic)
    if automatic and not outcome.is_whole and all(file.digest in draft.ours for file in files):
        return outcome  # tried again every hour: what did succeed is known already
    try:
        note(paths, summary, files, now_utc=now_utc, redact=job.redact, automatic=automatic and outcome.is_whole)
    except TokenTrayError as exc:
        return outcome._replace(problem=_problem_of(exc))
    return outcome


def run(
    job: Job,
    paths: Paths,
    clock: Clock,
    zone: Zone,
    style: NumberStyle,
    settings: Settings,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    automatic: bool = False,
    reading: Callable[[History | None], None] = lambda _: None,
    goes_on: Callable[[], bool] = lambda: True,
) -> Outcome:
    """Read a month and write it. Never raises one of our errors: the outcome says what is wrong.

    reading: told the history that is being read, so that it can be broken off, then None. goes_on: as of write.
    """
    now_utc = clock.now_utc()
    try:
        with History(paths.history) as history:
            reading(history)
            try:
                draft = read(history, job.month, zone, style, settings, now_utc=now_utc, redact=job.redact)
            finally:
                reading(None)
    except TokenTrayError as exc:
        return Outcome(job, problem=_problem_of(exc), automatic=automatic)
    return write(job, draft, paths, now_utc=now_utc, progress=progress, automatic=automatic, goes_on=goes_on)


def note(
    paths: Paths,
    summary: MonthSummary,
    files: list[ExportedFile],
    *,
    now_utc: int,
    redact: bool,
    automatic: bool = False,
) -> None:
    """Keep in mind that a month was handed in as these files; without files, nothing was. Raises StoreError."""
    if not files:
        return
    record = ExportRecord(
        0, summary.month, now_utc, redact, automatic, bool(summary.status), tuple(files), figures_of(summary)
    )
    writer = Writer(paths.history)
    try:
        writer.add_export(record)
    finally:
        writer.close()


def _problem_of(exc: TokenTrayError) -> Problem:
    """An error as windows show it."""
    return Problem(exc.title, exc.message, exc.hint)


def _write(job: Job, name: str, draft: Draft, files: list[ExportedFile]) -> Written:
    called = file_name(draft.summary.first, name, job.redact)
    path = job.folder.joinpath(called)
    try:
        data = render(name, draft.summary)
        placed = place(job.folder, called, data, draft.ours)
    except TokenTrayError as exc:
        return Written(name, path, _problem_of(exc))
    except Exception as exc:  # noqa: BLE001 - a bug in one format must not cost the others
        # No error to the log: a command without one would print it whole.
        _log.info("%s could not be written", name, exc_info=True)
        kind = type(exc).__name__
        return Written(name, path, Problem(f"{called} was not written", f"an unexpected error, a bug: {kind}", _OTHER))
    files.append(ExportedFile(name, str(placed.path.absolute()), digest(data)))
    return Written(name, placed.path, kept=placed.kept)
