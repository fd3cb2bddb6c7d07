"""The view that says why a month differs from the one before: a waterfall, and what carried each step."""

from collections.abc import Sequence
from datetime import date

from tokentray.charts.spec import Waterfall, WaterfallStep
from tokentray.engine.reports.framing import framed
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.passing import Passing
from tokentray.engine.reports.view_parts import in_words, lines, money_unit
from tokentray.engine.reports.why_month import month_why, tellers_of
from tokentray.engine.reports.why_table import known_of, known_together, rows_of, table_of
from tokentray.insight import periods, words
from tokentray.insight.why import Carried, summed
from tokentray.insight.why_month import MonthWhy
from tokentray.insight.why_rows import LineKind
from tokentray.insight.why_steps import FIELDS, Step, Teller
from tokentray.insight.why_words import remarks, sentence
from tokentray.model import UsageRow
from tokentray.money import exact_sum
from tokentray.question import Measure, Period, Question, Span
from tokentray.report import Choice, Headline, Report, Row
from tokentray.snapshot import Amount

_TOKENS, _ALL = "tokens", "all"
"""Beside the ids of steps: all steps that tokens explain, and all rows."""
_MEASURES = (Choice(Measure.SPEND, "Spend"), Choice(Measure.WORTH, words.WORTH.capitalize()))


def build(ground: Ground, question: Question) -> Report:
    """The month that the period begins with; of a longer one, the last that it touches. Raises StoreError."""
    first, last = periods.days(question.period, ground.today, ground.known)
    month = (first if question.period.span is Span.MONTH else last).replace(day=1)
    this = ground.today.replace(day=1)
    period = Period(Span.MONTH, None if month == this else month)
    measure = _measure(ground, question.measure)
    found = month_why(ground, month, Passing(ground, question).usage, of_worth=measure is Measure.WORTH)
    answered = question._replace(period=period, measure=measure, selected=None)
    report = framed(ground, question, answered, periods.days(period, ground.today, ground.known))._replace(
        measures=_MEASURES if ground.counts_spend else _MEASURES[1:],
        subject=f"why-{month.isoformat()[:7]}",
    )
    if not found.whys:
        return report._replace(empty_text=_empty_text(found, month))
    tellers = tellers_of(ground, found, in_words)
    main = tellers[0]
    rows = rows_of(main, answered)
    shown = [carried for carried, row in rows if row.shown]
    of_all = len(shown) == len(rows)
    whole = main.why.whole if of_all else summed(shown)
    steps = main.steps(whole, of_all=of_all)
    before, after = (_amount(ground, main, month) for month in (found.rows_before, found.rows))
    labels = dict(zip(("before", "after"), found.days.short_titles, strict=True))
    known = Known(ground, ground.figures(list(found.rows or found.rows_before)))
    known_texts = known_of(known, found, ground.home, of_worth=main.why.of_worth)
    kinds = _kinds(main, rows)
    tips = {
        kind: known_together(known, found, ground.home, ids, of_worth=main.why.of_worth) for kind, ids in kinds.items()
    }
    wholes = {"before": before.known_text, "after": after.known_text}
    return report._replace(
        headline=Headline(
            steps[-1].text, after.equivalent_text if of_all else "", _than(main, steps, found), after.known_text
        ),
        chart=Waterfall(
            title=f"Why {found.days.title} differs from {found.days.before_title}",
            unit=money_unit(main.why.currency, ground.style),
            steps=tuple(
                WaterfallStep(
                    step.id,
                    labels.get(step.id, step.label),
                    step.amount,
                    step.is_whole,
                    step.text,
                    wholes.get(step.id) or lines((step.tip, tips[step.id if step.id in tips else _TOKENS])),
                )
                for step in steps
            ),
        ),
        table=table_of(main, rows, whole, answered, known_texts, tips[_ALL], (steps[0].text, steps[-1].text)),
        remarks=_remarks(tellers, found),
        spoken=_spoken(main, found),
    )


def _kinds(main: Teller, rows: Sequence[tuple[Carried, Row]]) -> dict[str, set[str]]:
    """Ids of the rows that are shown: those that make each kind of step, and all of them."""
    kinds = [_TOKENS] * len(main.why.models)
    kinds += ["fees" if line.key[0] is LineKind.FEE else "other" for line in main.lines]
    found: dict[str, set[str]] = {"fees": set(), "other": set(), _TOKENS: set(), _ALL: set()}
    for kind, (_, row) in zip(kinds, rows, strict=True):
        if row.shown:
            found[kind].add(row.id)
            found[_ALL].add(row.id)
    return found


def _measure(ground: Ground, asked: Measure) -> Measure:
    """Spend, unless worth is asked for or nobody has said who pays; there is no why of tokens or requests."""
    return Measure.WORTH if asked is Measure.WORTH or not ground.counts_spend else Measure.SPEND


def _empty_text(found: MonthWhy, month: date) -> str:
    title = periods.month_text(month)
    what = "no amount" if found.rows or found.rows_before else "nothing"
    return f"There is {what} of {title}, nor of the month before"


def _amount(ground: Ground, main: Teller, rows: Sequence[UsageRow]) -> Amount:
    """A month with its equivalent, and with how it is known."""
    figures = ground.figures(list(rows))._replace(currency=main.why.currency)
    return figures.worth(list(rows)) if main.why.of_worth else figures.total(list(rows))


def _than(main: Teller, steps: Sequence[Step], found: MonthWhy) -> str:
    """ "≈ +$84.20 against October 2026"."""
    if found.is_first or main.knows_nothing:
        return ""
    difference = exact_sum([steps[-1].shown, -steps[0].shown])
    if not difference:
        return f"as much as {main.days.before_title}"
    estimated = any(main.estimated(field) for field in FIELDS)
    return f"{main.change_text(difference, difference, estimated=estimated)} against {main.days.before_title}"


def _remarks(tellers: Sequence[Teller], found: MonthWhy) -> tuple[str, ...]:
    main, *others = tellers
    made = []
    if found.is_first:
        made.append(f"There is nothing before {found.days.title}.")
    else:
        made.append(sentence(main))
    made += remarks(main)
    for other in others:
        made.append(f"In {other.why.currency}, which no exchange rate leads from: {sentence(other)}")
    if not main.why.of_worth and any(not row.key("payer") and row.total_tokens for row in found.rows):
        made.append("Use that nobody has said who pays for is left out.")
    return tuple(one for one in made if one)


def _spoken(main: Teller, found: MonthWhy) -> str:
    if found.is_first:
        return f"There is nothing before {found.days.title}."
    steps = [f"{step.label}: {step.text}" for step in main.steps(main.why.whole)]
    return f"{sentence(main)} {'; '.join(steps)}."
