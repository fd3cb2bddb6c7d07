"""A month against the one before it: in what leads, spend or worth at list price."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tokentray.clock import Zone
from tokentray.export.dates import month_text, span_text
from tokentray.export.figures import Tables
from tokentray.insight import words
from tokentray.insight.tally import Tally, tally
from tokentray.model import UsageRow
from tokentray.money import format_money, minor_digits, round_half_even
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

_MOST_PERCENT = 999
_KEYS = ("day", "source", "payer")


@dataclass(frozen=True, slots=True)
class Change:
    """The month against the one before, or the same days of it while the month is not over. Unrounded."""

    amount: Decimal
    previous: Decimal
    first: date
    last: date
    amount_text: str
    percent_text: str
    text: str


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a month that are known, and its end."""

    first: date
    last: date
    end: date

    @property
    def complete(self) -> bool:
        """Whether the whole month is known."""
        return self.last == self.end

    @property
    def before(self) -> tuple[date, date]:
        """The month before, or the same days of it."""
        end = self.first - timedelta(days=1)
        first = end.replace(day=1)
        return first, end if self.complete else first.replace(day=min(self.last.day, end.day))


def change(
    history: History, zone: Zone, today: date, days: Days, rows: Sequence[UsageRow], tables: Tables
) -> Change | None:
    """None where nothing is known of the month before, or where either has no price. rows: of the month."""
    frame, style = tables.frame, tables.frame.style
    currency = frame.list_currency if tables.of_worth else frame.currency
    first, last = days.before
    split, split_before = (
        frame.split(rows),
        frame.split(history.usage(UsageQuery(_KEYS, first, last, today=today), zone)),
    )
    now, before = tally(split.counted, frame.home), tally(split_before.counted, frame.home)
    total, previous = _amount(now, tables), _amount(before, tables)
    if not split_before.counted or previous is None or total is None:
        return None
    unsaid = bool(split.unsaid or split_before.unsaid)
    if not previous and unsaid:
        return None  # who paid then was never said, so that nothing counts
    # Between the amounts as displayed, so that the sentence agrees with the two of them.
    digits = minor_digits(currency)
    difference = round_half_even(total, digits) - round_half_even(previous, digits)
    percent = round_half_even(abs(difference) * 100 / previous, 0) if previous > 0 else None
    if percent is not None and percent > (_MOST_PERCENT if difference > 0 else 100):
        percent = None  # no measure: from next to nothing, or to less than nothing
    percent_text = "" if percent is None else f"{style.number(percent)} %" if percent else "<1 %"
    about = "≈ " if tables.of_worth or now.estimated or before.estimated else ""
    amount = f"{about}{format_money(abs(difference), currency, style)}"
    told = words.worth_text if tables.of_worth else words.spend_text
    than = f"{month_text(first) if days.complete else span_text(first, last)} ({told(before, currency, style)})"
    more = "more" if difference > 0 else "less"
    by = f"{amount} ({percent_text})" if percent_text else amount
    text = f"{by} {more} than {than}" if difference else f"as much as {than}"
    if _unpriced(now, tables) or _unpriced(before, tables):
        text += "; tokens without a price are left out of both"
    if unsaid:
        text += "; use nobody has said who pays for is left out of both"
    if others := sorted({row.currency for row in (*split.others, *split_before.others)}):
        text += f"; what is in {words.listed(others)} is left out of both"
    return Change(total - previous, previous, first, last, amount, percent_text, text)


def _amount(one: Tally, tables: Tables) -> Decimal | None:
    """What leads; None where all that it is of is unpriced."""
    if tables.of_worth:
        return one.worth_in(tables.frame.list_currency) if one.priced or not one.unpriced_tokens else None
    return one.cost_in(tables.frame.currency) if one.cost or not one.unpriced_paid_tokens else None


def _unpriced(one: Tally, tables: Tables) -> bool:
    return bool(one.unpriced_tokens if tables.of_worth else one.unpriced_paid_tokens)
