"""Which module makes which view. Those beside the usage are imported when they are first asked for."""

from tokentray.engine.reports import usage
from tokentray.engine.reports.ground import Ground
from tokentray.question import Question, View
from tokentray.report import Report


def build(ground: Ground, question: Question) -> Report:
    """The answer to a question. Raises FilterError and StoreError."""
    if question.view is View.WHY:
        from tokentray.engine.reports import why

        return why.build(ground, question)
    if question.view is View.PRICES:
        from tokentray.engine.reports import prices

        return prices.build(ground, question)
    if question.view is View.PLANS:
        from tokentray.engine.reports import plans

        return plans.build(ground, question)
    if question.view is View.RECONCILE:
        from tokentray.engine.reports import reconcile

        return reconcile.build(ground, question)
    if question.view is View.NOTES:
        from tokentray.engine.reports import notes

        return notes.build(ground, question)
    return usage.build(ground, question)
