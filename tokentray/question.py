"""What the history window can be asked: a view of some days, grouped, split and filtered. Frozen, and plain text inside
JSON, for it is remembered between starts and sent by `tokentray history`.
"""

from datetime import date
from enum import StrEnum
from typing import NamedTuple


class View(StrEnum):
    """A way to look at the history."""

    USAGE = "usage"
    WHY = "why"
    PRICES = "prices"
    PLANS = "plans"
    RECONCILE = "reconcile"
    NOTES = "notes"


class Span(StrEnum):
    """A kind of period. The first two end today."""

    DAYS_7 = "7-days"
    DAYS_30 = "30-days"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"
    CUSTOM = "custom"


class Measure(StrEnum):
    """What bars are tall by. LEADING: spend, or worth at list price while nobody has said who pays for anything."""

    LEADING = ""
    SPEND = "spend"
    WORTH = "worth"
    TOKENS = "tokens"
    REQUESTS = "requests"


class Period(NamedTuple):
    """Days of the person's own zone.

    first: any day of a MONTH or YEAR, None for the one that holds today; the first day of a CUSTOM one, None for all
    before. last: the last day of a CUSTOM one, included; None for all after.
    """

    span: Span = Span.MONTH
    first: date | None = None
    last: date | None = None


SPLITS = ("hour", "day", "week", "month")
"""What a bar can stand for, finest first; each is a key of `usage --by` as well."""


class Question(NamedTuple):
    """by: keys of `usage --by`, () for none. split: one of SPLITS, "" for what suits the period.

    where: key and value, exactly; the steps by which the person went deeper, in their order; of one key given several
    times, any value will do. text: the filter box as typed (see insight.filters). hidden: ids of groups that the legend
    has switched off. picked: ids of the groups clicked in the table, () for all. selected: labels of the first and last
    bar selected in the chart. outer: periods from which the person zoomed in, the outermost first. sort: a column's id,
    "" for the view's own order; descending: its direction.
    """

    view: View = View.USAGE
    period: Period = Period()
    by: tuple[str, ...] = ("source",)
    split: str = ""
    measure: Measure = Measure.LEADING
    where: tuple[tuple[str, str], ...] = ()
    text: str = ""
    hidden: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    selected: tuple[str, str] | None = None
    outer: tuple[Period, ...] = ()
    sort: str = ""
    descending: bool = True
