"""From one question to the next: into a row, into a bar, and back. Pure.

What windows do on a double click, and what the trail leads back over.
"""

from collections.abc import Sequence
from datetime import date

from tokentray.insight.periods import bar_days, period_of
from tokentray.question import SPLITS, Period, Question, View
from tokentray.report import Row

ORDER = ("source", "model", "project", "session", "kind")
"""What a group is looked at by next, the first that is not settled yet."""
_SETTLES = {"agent": ("agent", "source"), "account": ("account", "source")}
"""Where this key has one value, so have those, or nearly so."""

_STAYS = (View.USAGE, View.WHY)
"""Views that have something to say of a part; from a row of the others the way leads into its usage."""


def next_key(where: Sequence[tuple[str, str]]) -> str:
    """The key to group by where these have one value each, "" where nothing is left."""
    settled = {one for key, _ in where for one in _SETTLES.get(key, (key,))}
    return next((key for key in ORDER if key not in settled), "")


def as_usage(question: Question, days: tuple[date, date] | None) -> Question:
    """The usage behind what a view shows, of the days that its figures are of. days: the first and the last of them."""
    if question.view is View.PRICES and days is not None:
        question = question._replace(period=period_of(*days))
    return question._replace(view=View.USAGE)


def deeper(question: Question, row: Row, days: tuple[date, date] | None = None) -> Question | None:
    """The question that a row stands for, grouped by what tells more of it; None where nothing does.

    A row of a day, week or month leads into those days; any other keeps the bars that are selected, for its figures are
    of them. days: the first and the last day now shown, as in zoomed().
    """
    times = [bar_days(key, value) for key, value in row.where if key in SPLITS and value]
    added = tuple(pair for pair in row.where if pair[0] not in SPLITS or pair[0] == "hour")
    into = question
    if times:
        times += _selected_days(question)
        into = _within(question, max(first for first, _ in times), min(last for _, last in times), days) or question
    # Of a key with several values, the row is of one.
    named = {key for key, _ in added}
    where = tuple(dict.fromkeys((*(pair for pair in question.where if pair[0] not in named), *added)))
    by = next_key(where)
    view = question.view if question.view in _STAYS else View.USAGE
    same = (view, into.period, where) == (question.view, question.period, question.where)
    if same or (added and not by):
        return None
    by_before = tuple(key for key in question.by if key not in SPLITS) or ("source",)
    return into._replace(
        view=view,
        by=(by,) if added else by_before,
        where=where,
        hidden=(),
        picked=(),
        selected=into.selected,
        sort="",
        descending=True,
    )


def _selected_days(question: Question) -> list[tuple[date, date]]:
    """Those from the first selected bar to the last, none where none is selected."""
    if question.selected is None or not question.split:
        return []
    first, last = sorted(bar_days(question.split, label) for label in question.selected)
    return [(first[0], last[1])]


def zoomed(question: Question, label: str, days: tuple[date, date] | None = None) -> Question | None:
    """The question of the days that a bar stands for; None where the days shown are those already.

    question: with its split filled in. days: the first and the last day now shown, which the bar may reach beyond.
    """
    return _within(question, *bar_days(question.split, label), days)


def _within(question: Question, first: date, last: date, days: tuple[date, date] | None) -> Question | None:
    if days is not None:
        first, last = max(first, days[0]), min(last, days[1])
    period = period_of(first, last)
    if question.period == period or (first, last) == days:
        return None
    return question._replace(period=period, split="", selected=None, outer=(*question.outer, question.period))


def without_zoom(question: Question, depth: int) -> Question:
    """Back at the period that lies `depth` deep among those gone through, with nothing else settled."""
    periods: tuple[Period, ...] = (*question.outer, question.period)
    by = (question.where[0][0],) if question.where else question.by
    return question._replace(
        period=periods[depth], outer=periods[:depth], where=(), by=by, hidden=(), picked=(), selected=None,
        split="" if periods[depth] != question.period else question.split, sort="", descending=True,
    )  # fmt: skip


def without_steps(question: Question, depth: int) -> Question:
    """Back where only the first `depth` values were settled, grouped by what the next one was chosen from."""
    if depth >= len(question.where):
        return question
    return question._replace(
        where=question.where[:depth], by=(question.where[depth][0],), hidden=(), picked=(), selected=None, sort="",
        descending=True,
    )  # fmt: skip
