"""Where parts of the popover lead in the history window: each is a question. No arithmetic, no widgets."""

from datetime import date

from tokentray.model import PayerKind
from tokentray.question import Period, Question, Span
from tokentray.snapshot import SourceLine, Standing

THIS_MONTH = Question()
LEADS_ON = "A click, or Enter, opens it in History"

_PAYERS = {Standing.SPEND: PayerKind.PAYG.value, Standing.ELSEWHERE: PayerKind.NOBODY.value, Standing.UNASSIGNED: ""}
"""Of what no plan and no account pays for."""


def of_source(source: SourceLine) -> Question:
    """What a row stands for this month: all that a plan or account pays for, else the part of a source's use that
    stands where the row does. A plan by whose use it was, the others by model.
    """
    if source.kind == "charge":
        return Question(where=(("source", source.id),))
    if source.kind == "plan":
        return Question(where=(("payer", source.id),))
    if source.kind == "account" and source.standing is Standing.SPEND:
        return Question(by=("model",), where=(("payer", source.id),))
    return Question(by=("model",), where=(("source", source.id), ("payer", _PAYERS[source.standing])))


def of_day(day: date) -> Question:
    """One day, by the hour."""
    return Question(period=Period(Span.CUSTOM, day, day), split="hour")
