"""What a report of the usage says in sentences: why there is nothing, what the chart leaves out, and all of it read
aloud."""

from collections.abc import Sequence
from datetime import date

from tokentray.charts.spec import BarChart
from tokentray.engine.figures import Figures
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.groups import Group
from tokentray.engine.reports.naming import by_text, label
from tokentray.engine.reports.view_parts import in_words
from tokentray.insight import periods, words
from tokentray.insight.filters import Filter
from tokentray.insight.tally import Tally, tally
from tokentray.model import UsageRow
from tokentray.question import SPLITS, Measure, Period, Question, Span
from tokentray.report import Headline

MEASURES = {
    Measure.SPEND: "Spend",
    Measure.WORTH: "Worth at list price",
    Measure.TOKENS: "Tokens",
    Measure.REQUESTS: "Requests",
}
NOTHING_SELECTED = "Nothing used and nothing paid in what is selected."
_MOST_NAMED = 6
_OF_WHO_PAYS = ("source", "payer", "account", "provider", *SPLITS)


def empty_text(ground: Ground, question: Question, wanted: Filter, unfiltered: Sequence[UsageRow]) -> str:
    """Why there is nothing. unfiltered: what there would be without the words of the filter."""
    known = ground.known
    if known is None:
        return "Nothing is read yet. Refresh (Ctrl+R) reads your agents' logs."
    if wanted.terms and unfiltered:
        return f"Nothing matches {in_words(question.text.strip())}.{_there_are(ground, wanted, unfiltered)}"
    first, last = known
    settled = words.listed([label(ground, key, value) for key, value in question.where])
    what = f"Nothing of {settled}" if settled else "Nothing used and nothing paid"
    return f"{what} in these days. The history reaches from {_said(first)} to {_said(last)}."


def _said(day: date) -> str:
    return f"{day.day} {periods.month_text(day)}"


def _there_are(ground: Ground, wanted: Filter, rows: Sequence[UsageRow]) -> str:
    """ " There are, by model: a, b and c." of the first key that was asked for by name."""
    keys = [term.keys[0] for term in wanted.terms if len(term.keys) == 1] or ["model"]
    names = sorted({label(ground, keys[0], row.key(keys[0])) for row in rows if row.key(keys[0])})
    if not names:
        return ""
    more = len(names) - _MOST_NAMED
    shown = [*names[:_MOST_NAMED], f"{more} more"] if more > 0 else names
    return f" There {'is' if len(names) == 1 else 'are'}, {by_text(keys[:1])}: {words.listed(shown)}."


def remarks(
    figures: Figures,
    question: Question,
    measured_money: bool,
    shown: Sequence[Group],
    labels: Sequence[str],
) -> tuple[str, ...]:
    """What the chart cannot show of the rows that are shown."""
    said = []
    by_worth = question.measure is Measure.WORTH
    if measured_money:
        for currency in sorted({one.currency for one in shown} - {figures.currency}):
            rows = [row for one in shown if one.currency == currency for row in one.rows()]
            one = tally(rows, figures.home)
            amounts = one.worth if by_worth else one.cost
            if amounts:
                text = words.worth_text if by_worth else words.spend_text
                said.append(
                    f"{text(one, currency, figures.style)} is in no bar: no exchange rate leads from"
                    f" {currency} to {figures.currency}."
                )
    known = set(labels)
    unplaced = [row for one in shown for bar, of in one.bars.items() if bar not in known for row in of]
    if _holds_anything(unplaced, figures, question.measure):
        if question.split == "hour":
            why = "is known by the day and not by the hour, as fees are"
        else:
            why = f"lies before the first of {periods.MOST_BARS} bars"
        said.append(f"{_amount(unplaced, figures, question.measure)} {why}: it is in the table, and in no bar.")
    return tuple(said)


def _holds_anything(rows: Sequence[UsageRow], figures: Figures, measure: Measure) -> bool:
    """Whether any amount would be missed: fees have no worth and no tokens."""
    one = tally(rows, figures.home)
    if measure is Measure.SPEND:
        return bool(one.cost or one.unpriced_paid_tokens)
    if measure is Measure.WORTH:
        return bool(one.worth or one.unpriced_tokens)
    return bool(one.tokens if measure is Measure.TOKENS else one.requests)


def of_no_spend(by: Sequence[str], shown: Sequence[Tally]) -> tuple[str, ...]:
    """What tells models or projects apart that a plan covers, or that somebody else pays for: bars of spend cannot.

    Rows of who pays say so themselves.
    """
    if not by or by[0] in _OF_WHO_PAYS:
        return ()
    count = sum(1 for one in shown if one.worth and not (one.cost or one.unpriced_paid_tokens))
    if not count:
        return ()
    costs = "costs nothing by itself" if count == 1 else "cost nothing by themselves"
    return (f"{count} of these {costs}, as a plan or somebody else pays. Show “{MEASURES[Measure.WORTH]}” to compare.",)


def _amount(rows: Sequence[UsageRow], figures: Figures, measure: Measure) -> str:
    one = tally(rows, figures.home)
    if measure is Measure.SPEND:
        return words.spend_text(one, figures.currency, figures.style)
    if measure is Measure.WORTH:
        return words.worth_text(one, figures.currency, figures.style)
    count = one.tokens if measure is Measure.TOKENS else one.requests
    return f"{figures.style.number(count)} {'tokens' if measure is Measure.TOKENS else 'requests'}"


def period_words(period: Period, title: str) -> str:
    """A period within a sentence: "in November 2026", "on Sat 14 November 2026", "of all 5 years"."""
    if period.span in (Span.MONTH, Span.YEAR):
        return f"in {title}"
    if period.span is Span.ALL:
        return f"of {title[:1].lower()}{title[1:]}"
    return f"on {title}" if title[:1].isalpha() else f"of {title}"


def chart_title(question: Question, title: str) -> str:
    """ "Spend in November 2026 by source, by day"."""
    what = f"{MEASURES[question.measure]} {period_words(question.period, title)}"
    parts = [by_text(question.by), f"by {question.split}"]
    return f"{what} {', '.join(part for part in parts if part)}"


def _selected(chart: BarChart) -> str:
    """Which bars the amount is of, "" for all of them."""
    if chart.selected is None:
        return ""
    first, last = (chart.bars[place].label for place in chart.selected)
    return f". Selected, {first}" if first == last else f". Selected, {first} to {last}"


def spoken(chart: BarChart, headline: Headline) -> str:
    """The chart in words: its total, its highest bar, and its series."""
    amount = ", ".join(part for part in (headline.amount_text, headline.equivalent_text) if part) or "nothing"
    said = [f"{chart.title}{_selected(chart)}: {amount}"]
    highest = max(chart.bars, key=lambda bar: sum(bar.amounts), default=None)
    if highest is not None and sum(highest.amounts) > 0 and len(chart.bars) > 1:
        said.append(f"Highest: {highest.label}, {highest.text}")
    shown = [f"{one.label} {one.text}" for one in chart.series if one.shown and one.label]
    if len(shown) > 1:
        said.append(", ".join(shown))
    gone = [one.label for one in chart.series if not one.shown]
    if gone:
        said.append(f"Left out: {', '.join(gone)}")
    return ". ".join(said) + "."
