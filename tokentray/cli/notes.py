"""`note` and `notes`: what a day's spend bought, in a line of the person's own words."""

import argparse
from datetime import date, timedelta

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.cli.telling import tell
from tokentray.cli.values import day_of, day_or_today
from tokentray.engine.change_notes import no_note
from tokentray.errors import UsageError
from tokentray.insight.told_words import exact_number
from tokentray.model import Note
from tokentray.money import NumberStyle, plain
from tokentray.program import command
from tokentray.requests import AddNote, ChangeNote, RemoveNote
from tokentray.store.history import History


def add_note(context: Context, options: argparse.Namespace) -> int:
    """A line for a day."""
    request = AddNote(
        day=_day(context, options.day, "DATE"),
        text=" ".join(options.text),
        project=options.project,
        quantity=options.count,
        of=options.of,
    )
    return tell(context, request)


def list_notes(context: Context, options: argparse.Namespace) -> int:
    """Notes of some days, oldest first."""
    first = _day(context, options.from_day, "--from") if options.from_day else None
    last = _day(context, options.to_day, "--to") if options.to_day else None
    if first and last and first > last:
        raise UsageError("--from lies after --to", f"{first} and {last}")
    with History(context.paths.history) as history:
        notes = history.notes(first, last)
    if options.json:
        print_json(
            [
                {
                    "id": note.id,
                    "day": note.day.isoformat(),
                    "text": note.text,
                    "project": note.project,
                    "count": note.quantity,
                    "of": note.of,
                }
                for note in notes
            ]
        )
    elif not notes and (first or last):
        print("No note on these days.")
    elif not notes:
        print(f'No note yet. Add one with: {command()} note today "Shipped the importer"')
    else:
        rows = [
            [
                str(note.id),
                str(note.day),
                visible(note.project),
                visible(_count_text(note, context.style)),
                visible(note.text),
            ]
            for note in notes
        ]
        print(table(["id", "day", "project", "count", "note"], rows, 5))
    return 0


def change_note(context: Context, options: argparse.Namespace) -> int:
    """What is named of a note; the rest of it stays."""
    if all(value is None for value in (options.day, options.text, options.project, options.count, options.of)):
        raise UsageError("There is nothing to change", "", "Give --on, --text, --project, --count or --of")
    with History(context.paths.history) as history:
        note = next((note for note in history.notes() if note.id == options.id), None)
    if note is None:
        raise no_note(options.id)
    of = note.of if options.of is None else options.of
    count = ("" if note.quantity is None else plain(note.quantity)) if options.count is None else options.count
    request = ChangeNote(
        id=note.id,
        day=note.day if options.day is None else _day(context, options.day, "--on"),
        text=note.text if options.text is None else options.text,
        project=note.project if options.project is None else options.project,
        quantity=count,
        of=of if count or options.of else "",
    )
    return tell(context, request)


def remove_note(context: Context, options: argparse.Namespace) -> int:
    """Exit status 2 where there is no such note."""
    return tell(context, RemoveNote(options.id))


def _day(context: Context, typed: str, option: str) -> date:
    """A date as YYYY-MM-DD, or the person's today or yesterday by name. Raises UsageError."""
    word = typed.strip().lower()
    if word in ("today", "yesterday"):
        today = day_or_today(context, None, option)
        return today if word == "today" else today - timedelta(days=1)
    try:
        return day_of(typed, option)
    except UsageError as exc:
        raise UsageError(f"{option} takes a day as YYYY-MM-DD, today or yesterday", exc.message) from exc


def _count_text(note: Note, style: NumberStyle) -> str:
    return "" if note.quantity is None else f"{exact_number(note.quantity, style)} {note.of}"
