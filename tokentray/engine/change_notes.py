"""Notes: what a day's spend bought, in the person's own words."""

from datetime import date, timedelta

from tokentray.engine import change_checks as checks
from tokentray.engine.change_checks import Change
from tokentray.errors import RefusedError
from tokentray.insight.told_words import day_text
from tokentray.money import Nanos
from tokentray.program import command
from tokentray.requests import AddNote, ChangeNote, RemoveNote

_SHOWN = 60


def add_note(change: Change, request: AddNote) -> str:
    """A line for a day that has begun somewhere."""
    day, text, project, quantity, of = _checked(change, request)
    change.told.add_note(day, text, project, quantity, of, change.now_utc)
    return f"Noted for {day_text(day)}: {_quoted(text)}."


def change_note(change: Change, request: ChangeNote) -> str:
    """All of it anew; it keeps its id."""
    day, text, project, quantity, of = _checked(change, request)
    if not change.told.change_note(request.id, day, text, project, quantity, of):
        raise no_note(request.id)
    return f"Noted for {day_text(day)}: {_quoted(text)}."


def remove_note(change: Change, request: RemoveNote) -> str:
    """Take a note back."""
    for note in change.told.notes():
        if note.id == request.id:
            change.told.remove_note(note.id)
            return f"Removed: {_quoted(note.text)} on {day_text(note.day)}."
    raise no_note(request.id)


def _checked(change: Change, request: AddNote | ChangeNote) -> tuple[date, str, str, Nanos, str]:
    """Day, text, project, quantity and what that counts, as they are kept; a quantity of 0 is none."""
    day = checks.day(request.day, "The day", "day")
    if day > change.today + timedelta(days=1):  # tomorrow: somebody may be a time zone ahead
        raise RefusedError(
            "That day is still to come",
            day_text(day),
            "A note says what was bought: give a day up to today",
            field="day",
        )
    text = checks.text(request.text, "The note", "text")
    if not any(char.isprintable() and not char.isspace() for char in text):
        raise RefusedError("The note is missing", "", "Say in a line what the spend bought", field="text")
    project = checks.folder_name(request.project, "The project", "project")
    of = checks.text(request.of, "What is counted", "of")
    if not request.quantity.strip():
        if of:
            raise RefusedError("The count is missing", f"of {_quoted(of)}", "Say how many, such as 3", field="quantity")
        return day, text, project, Nanos(0), ""
    quantity = checks.amount(request.quantity, "The count", "quantity")
    if not of:
        raise RefusedError("What is counted is missing", "", "Say what it is a count of, such as releases", field="of")
    return day, text, project, quantity, of


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= _SHOWN else f'{text[: _SHOWN - 1]}…'}”"


def no_note(number: int) -> RefusedError:
    """What is said where there is no such note."""
    return RefusedError(f"No note {number}", "", f"`{command()} notes list` shows their ids", field="id")
