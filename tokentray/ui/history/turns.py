"""How one question comes of another by what the person does. Pure."""

from collections.abc import Mapping, Sequence

from tokentray.question import Measure, Period, Question, View


def with_period(question: Question, period: Period) -> Question:
    """Other days, come to afresh: bars and rows of the days before may not be among them."""
    return question._replace(period=period, selected=None, picked=(), outer=())


def beside(question: Question, period: Period) -> Question:
    """The days before or after: whoever zoomed in stays within the trail."""
    return with_period(question, period)._replace(outer=question.outer)


def grouped(question: Question, by: tuple[str, ...]) -> Question:
    """Other groups: what was picked, switched off or sorted by names of the old ones."""
    sort = "" if question.sort in question.by else question.sort
    return question._replace(by=by, hidden=(), picked=(), sort=sort, descending=question.descending if sort else True)


def split(question: Question, into: str) -> Question:
    """Bars of another length."""
    return question._replace(split=into, selected=None)


def measured(question: Question, measure: Measure) -> Question:
    """Bars of another kind of amount."""
    return question._replace(measure=measure)


def filtered(question: Question, text: str) -> Question:
    """Other rows: those picked among the old ones may be gone."""
    return question if text == question.text else question._replace(text=text, picked=())


def toggled(question: Question, id_: str) -> Question:
    """A group switched off in the legend, or on again."""
    if id_ in question.hidden:
        return question._replace(hidden=tuple(one for one in question.hidden if one != id_))
    return question._replace(hidden=(*question.hidden, id_))


def picked(question: Question, ids: Sequence[str]) -> Question:
    """Only these rows counted; all where there are none."""
    return question._replace(picked=tuple(ids))


def selected(question: Question, bars: tuple[str, str] | None) -> Question:
    """Only these bars counted; all where there are none."""
    return question._replace(selected=bars)


def ordered(question: Question, column: str, *, descending: bool) -> Question:
    """Rows in another order."""
    return question._replace(sort=column, descending=descending)


def eased(question: Question) -> Question | None:
    """What Esc takes back: the selected bars, else the picked rows; None where there is neither."""
    if question.selected is not None:
        return question._replace(selected=None)
    return question._replace(picked=()) if question.picked else None


def turned(question: Question, view: View, left: Mapping[View, Question]) -> Question:
    """The same days and filters in another view, the rest as it was left there."""
    kept = left.get(view, Question(view))
    return kept._replace(
        period=question.period,
        where=question.where,
        text=question.text,
        outer=question.outer,
        hidden=(),
        picked=(),
        selected=None,
    )
