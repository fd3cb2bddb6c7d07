"""What stands around the figures of every view: its days, what is beside them, and how one came."""

from collections.abc import Sequence
from datetime import date

from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.trail import trail
from tokentray.insight import periods
from tokentray.question import Question
from tokentray.report import Choice, Report


def framed(ground: Ground, asked: Question, question: Question, days: tuple[date, date], title: str = "") -> Report:
    """A report without its figures. question: as answered. title: where it is not that of the period."""
    return Report(
        asked=asked,
        question=question,
        title=title or periods.title(question.period, *periods.days(question.period, ground.today, ground.known)),
        trail=trail(ground, question),
        earlier=periods.stepped(question.period, -1, ground.today, ground.known),
        later=periods.stepped(question.period, 1, ground.today, ground.known),
        as_of_text=ground.as_of_text,
        subject=f"{question.view.value}-{_span(*days)}",
        days=days,
    )


def day_splits(days: tuple[date, date]) -> tuple[str, ...]:
    """What bars of these days can stand for where nothing is known by the hour."""
    return tuple(one for one in periods.splits(*days) if one != "hour")


def split_choices(splits: Sequence[str]) -> tuple[Choice, ...]:
    """What bars can stand for, to choose from."""
    return tuple(Choice(one, one.capitalize()) for one in splits)


def known_picks(question: Question, ids: Sequence[str]) -> Question:
    """The question without picked rows that there are not any more: else nothing would be shown."""
    return question._replace(picked=tuple(one for one in question.picked if one in ids))


def _span(first: date, last: date) -> str:
    if first.day == 1 and first != last and (first.year, first.month) == (last.year, last.month):
        return first.isoformat()[:7]
    return first.isoformat() if first == last else f"{first.isoformat()}-to-{last.isoformat()}"
