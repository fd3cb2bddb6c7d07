"""`export MONTH`: the monthly summary, to a file, to several in a folder, or to standard output."""

import argparse
import os
import sys
from pathlib import Path

from tokentray.cli.context import Context, visible, warn
from tokentray.cli.values import month_of
from tokentray.errors import TokenTrayError, UsageError
from tokentray.export import FORMATS, render
from tokentray.export.files import digest, write_private_bytes
from tokentray.export.job import Draft, Job, formats_of, note, read, write
from tokentray.export.summary import MonthSummary
from tokentray.model import ExportedFile
from tokentray.store.history import History

_FOR_PROGRAMS = ("pdf", "xlsx")


def export(context: Context, options: argparse.Namespace) -> int:
    """Exit status 1 where some files were not written; 3 where none was, or the month has no data: the error names the
    months that have. What goes to standard output is not kept in mind as handed in.
    """
    month = month_of(options.month)
    redact = context.settings.redact if options.redact is None else bool(options.redact)
    target = None if options.output in (None, "-") else Path(options.output)
    into_folder = target is not None and (options.output.endswith(("/", os.sep)) or target.is_dir())
    names = _formats(context, options.format, target, into_folder)
    if len(names) > 1 and not into_folder:
        raise UsageError("several formats go into a folder", "", "Name one: -o FOLDER/")
    if target is None and names[0] in _FOR_PROGRAMS and sys.stdout.isatty():
        raise UsageError(f"{FORMATS[names[0]]} is nothing for a terminal", "", f"Name a file: -o FILE.{names[0]}")
    now_utc = context.clock.now_utc()
    with History(context.paths.history) as history:
        draft = read(history, month, context.zone, context.style, context.settings, now_utc=now_utc, redact=redact)
    if target is None:
        data = render(names[0], draft.summary)
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        if names[0] == "csv":  # all others say it themselves
            _say_standing(draft.summary)
        return 0
    if into_folder:
        return _into_folder(context, Job(month, names, target, redact), draft, now_utc)
    return _to_file(context, target, names[0], draft, now_utc, redact)


def _formats(context: Context, typed: str | None, target: Path | None, into_folder: bool) -> tuple[str, ...]:
    """What was typed; else as the file ends; else what the settings say of a folder, and Markdown."""
    if typed is None and into_folder:
        return formats_of(context.settings)
    text = typed if typed is not None else (target.suffix.removeprefix(".") if target else "") or "md"
    wanted = {name.strip().lower() for name in text.split(",")}
    if wanted == {"all"}:
        return tuple(FORMATS)
    for name in sorted(wanted - set(FORMATS)):
        raise UsageError(f"no format {name!r}", f"there are: {', '.join(FORMATS)}, and all of them as all")
    return tuple(name for name in FORMATS if name in wanted)


def _to_file(context: Context, target: Path, name: str, draft: Draft, now_utc: int, redact: bool) -> int:
    """Into the file that was named, whatever it held."""
    data = render(name, draft.summary)
    write_private_bytes(target, data)
    _say_written(target)
    _say_standing(draft.summary)
    if not target.is_file():
        return 0  # a device or a pipe: nobody can hand that in
    file = ExportedFile(name, str(target.absolute()), digest(data))
    try:
        note(context.paths, draft.summary, [file], now_utc=now_utc, redact=redact)
    except TokenTrayError as exc:
        return _not_noted(str(exc))
    return 0


def _into_folder(context: Context, job: Job, draft: Draft, now_utc: int) -> int:
    """Beside what others wrote or changed there."""
    outcome = write(job, draft, context.paths, now_utc=now_utc)
    # Where the folder is to blame, every file would say the same.
    for problem in dict.fromkeys(one.problem for one in outcome.written if one.problem is not None):
        warn(str(TokenTrayError(*problem[:3])))
    for one in outcome.written:
        if one.problem is not None:
            continue
        _say_written(one.path)
        if one.kept is not None:
            warn(f"{one.kept.name} was not written by TokenTray, or was changed since, and was left as it is")
    if not any(one.problem is None for one in outcome.written):
        return 3
    _say_standing(draft.summary)
    if outcome.problem is not None:
        return _not_noted(str(TokenTrayError(*outcome.problem[:3])))
    return 0 if outcome.is_whole else 1


def _say_written(path: Path) -> None:
    print(visible(f"Written: {path}"), file=sys.stderr)


def _say_standing(summary: MonthSummary) -> None:
    """Why it is not the last word, and what is not as it was handed in before."""
    for text in (summary.status, *summary.changed):
        if text:
            print(visible(text), file=sys.stderr)


def _not_noted(why: str) -> int:
    warn(f"it is not kept in mind what was exported, so that a change cannot be told later: {why}")
    return 1
