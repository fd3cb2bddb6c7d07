"""Which module makes which view. Each is imported when it is first asked for."""

from tokentray.engine.reports.ground import Ground
from tokentray.question import Question, View
from tokentray.report import Report


def build(ground: Ground, question: Question) -> Report:
    """The answer to a question. Raises FilterError and StoreError."""
    if question.view is View.PLANS:
        from tokentray.engine.reports import plans

        return plans.build(ground, question)
    from tokentray.engine.reports import usage

    return usage.build(ground, question)
