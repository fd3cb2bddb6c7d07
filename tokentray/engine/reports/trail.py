"""How the person came to a question, as parts that lead back; for every view."""

from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.naming import label
from tokentray.insight import periods
from tokentray.insight.deeper import without_steps, without_zoom
from tokentray.question import Period, Question
from tokentray.report import Step

_EVERYTHING = "Everything"


def trail(ground: Ground, question: Question) -> tuple[Step, ...]:
    """The periods gone through from the outermost in, then what was settled one by one; the last is the present."""
    steps = [
        Step(period_title(ground, period), without_zoom(question, depth))
        for depth, period in enumerate((*question.outer, question.period))
    ]
    if not question.outer:
        steps = [steps[0]._replace(label=_EVERYTHING)]  # the days stand beside it already
    steps += [
        Step(label(ground, key, value), without_steps(question, depth))
        for depth, (key, value) in enumerate(question.where, 1)
    ]
    return (*steps[:-1], steps[-1]._replace(question=question))


def period_title(ground: Ground, period: Period) -> str:
    """A period by its name."""
    return periods.title(period, *periods.days(period, ground.today, ground.known))
