"""What the accounts of a month were billed beside what their tokens come to at list price: the figures of Reconcile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tokentray.clock import Zone
from tokentray.export.frame import Frame
from tokentray.insight import words
from tokentray.insight.blended import change_percent
from tokentray.insight.reconcile import Difference, by_account, compared_text, differs, main_reason, summary
from tokentray.insight.standing import ACCOUNT
from tokentray.money import NumberStyle, exact_sum, format_money
from tokentray.store.history import History


@dataclass(frozen=True, slots=True)
class Compared:
    """An account's days that have both, whole days of UTC. Money unrounded.

    name: "account:1". listed: its tokens at list price. percent: of the bill against them, below 0 where the bill is
    less; None where there is nothing to compare. reason: the likely one, "" where they agree. differs: whether they
    are far enough apart to be worth a word. text: all of it in a sentence.
    """

    name: str
    label: str
    currency: str
    days: int
    billed: Decimal
    listed: Decimal
    difference: Decimal
    percent: Fraction | None
    reason: str
    differs: bool
    text: str


def compared(history: History, first: date, last: date, zone: Zone, frame: Frame) -> tuple[Compared, ...]:
    """Every account with bills and tokens in the days from first to last, by name. Raises StoreError."""
    made = []
    for account, days in by_account(history.reconcile(first, last, zone)).items():
        name = f"{ACCOUNT}{account}"
        for currency in sorted({one.currency for one in days}):
            mine = [one for one in days if one.currency == currency]
            found = summary(mine)
            if found is not None:
                made.append(_compared(name, frame.names.source(name), mine, (found[0], found[1]), frame.style))
    return tuple(sorted(made, key=lambda one: (one.label, one.name, one.currency)))


def _compared(
    name: str, label: str, days: Sequence[Difference], amounts: tuple[Decimal, Decimal], style: NumberStyle
) -> Compared:
    billed, listed = amounts
    apart = exact_sum([billed, -listed])
    currency = days[0].currency
    percent = change_percent(Fraction(listed), Fraction(billed))
    both = [one for one in days if one.amount is not None]
    worth_a_word = differs(Difference(days[0].day, billed, listed, None, currency, percent, ""))
    reason = main_reason(one.reason for one in both)
    said = f"{label}, on the days that have both: {compared_text(days, style)}"
    if worth_a_word:
        by = f"{format_money(abs(apart), currency, style)}{_percent_text(percent, style)}"
        said += f"; the bill is {by} {'more' if apart > 0 else 'less'}"
    likely = f" Likely: {reason}." if worth_a_word and reason else ""
    return Compared(
        name,
        label,
        currency,
        len(both),
        billed,
        listed,
        apart,
        percent,
        reason,
        worth_a_word,
        f"{said}.{likely}",
    )


def _percent_text(percent: Fraction | None, style: NumberStyle) -> str:
    if percent is None:
        return ""
    whole = abs(round(percent))
    return f" ({style.number(whole)} %)" if whole else " (<1 %)"


def sentences(made: Sequence[Compared]) -> Iterable[str]:
    """Of accounts whose bill is worth a word, all of it; of the others that they agree."""
    agree = [one.label for one in made if not one.differs]
    yield from (one.text for one in made if one.differs)
    if agree:
        yield f"{words.listed(agree)}: the bills agree with the tokens at list price on the days that have both."
    if made:
        yield "Providers bill by days of UTC."
