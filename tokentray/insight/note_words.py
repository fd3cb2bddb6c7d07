"""The words for notes on what the spend bought, and whose money stands beside them. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date

from tokentray.insight.told_words import exact_number
from tokentray.model import Note
from tokentray.money import NumberStyle

NO_NOTES = "No notes yet: write in a line what a day's or a project's spend bought"


def quantity_text(note: Note, style: NumberStyle) -> str:
    """What was counted, as it was typed: "3 releases"; "" for nothing."""
    if note.quantity is None:
        return ""
    return f"{exact_number(note.quantity, style)} {note.of}".rstrip()


def beside(notes: Iterable[Note]) -> Mapping[date, frozenset[str] | None]:
    """Whose money notes stand beside, each counted once: by day the projects named, None for all of the day's."""
    found: dict[date, set[str] | None] = {}
    for note in notes:
        projects = found.setdefault(note.day, set())
        if not note.project:
            found[note.day] = None
        elif projects is not None:
            projects.add(note.project)
    return {day: None if projects is None else frozenset(projects) for day, projects in found.items()}


def shares_money(notes: Iterable[Note]) -> bool:
    """Whether two notes stand beside some of the same money."""
    seen: dict[date, list[str]] = {}
    for note in notes:
        others = seen.setdefault(note.day, [])
        if any(not one or not note.project or one == note.project for one in others):
            return True
        others.append(note.project)
    return False
