"""What the history window shows: the answer to a Question, frozen. Made by engine.reports; the window only shows it.

Every amount carries its exact value beside its text, so that it can be sorted, copied and checked.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tokentray.charts.spec import Chart
from tokentray.question import Period, Question
from tokentray.snapshot import Problem

Value = Decimal | int | str | None


class ColumnKind(StrEnum):
    """What a column holds: how it is aligned, sorted and saved."""

    NAME = "name"
    TEXT = "text"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    RATIO = "ratio"


class Column(NamedTuple):
    """id: stable, the field of `usage --json` where it is one. shown: unless the person chose otherwise.

    tip: what it is, a sentence. spoken: how a screen reader names it where the title is short for it, else "".
    """

    id: str
    title: str
    kind: ColumnKind
    shown: bool = True
    tip: str = ""
    spoken: str = ""


class Cell(NamedTuple):
    """text: as displayed. value: exact, None where there is none ("–"). tip: how it is known, "" for the row's."""

    text: str
    value: Value = None
    tip: str = ""


class Row(NamedTuple):
    """One group. id: stable within a view. where: what going deeper into it adds to Question.where.

    ink: of its colour, as charts.spec.Series has it, "" for none. tip: how its amounts are known, as of when, and what
    is imperfect about them, lines. shown: False where legend or picked rows leave it out of chart and totals.
    keys: the values of its grouping keys, as the data has them.
    """

    id: str
    cells: tuple[Cell, ...]
    where: tuple[tuple[str, str], ...] = ()
    ink: str = ""
    tip: str = ""
    shown: bool = True
    keys: tuple[tuple[str, str], ...] = ()


class Table(NamedTuple):
    """totals: one for each currency, of the rows that are shown. sort, descending: how the rows stand."""

    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    totals: tuple[Row, ...] = ()
    sort: str = ""
    descending: bool = True


class Headline(NamedTuple):
    """The figure of the whole report. known_text: how it is known and as of when, for hover and focus."""

    amount_text: str = ""
    equivalent_text: str = ""
    note_text: str = ""
    known_text: str = ""


class Step(NamedTuple):
    """A part of the trail: what it is called, and the question that leads back there."""

    label: str
    question: Question


class Choice(NamedTuple):
    """Something to choose in the bar on top."""

    id: str
    label: str


class NoteFacts(NamedTuple):
    """A note as its form needs it; row_id: of its row in the table. quantity, of: "3", "releases", both "" for none."""

    id: int
    row_id: str
    day: date
    text: str
    project: str
    quantity: str
    of: str


class Report(NamedTuple):
    """question: the one answered, with split and measure filled in; asked: as it came.

    title: of the days shown, "November 2026". trail: how the person came here, the present last; one part where they
    went nowhere. earlier, later: the periods beside this one, None where there are none. groupings, splits, measures:
    what can be chosen for this view and these days. remarks: what must be said under the chart, a sentence each.
    spoken: the chart in words. empty_text: why there is nothing, "" where there is something. problem: what failed; the
    rest is then what could be read, or nothing. subject: what the view is about, for its window title and file names
    ("usage-2026-11-by-source"). notes: of the Notes view. days: the first and the last one shown.
    """

    asked: Question
    question: Question
    title: str = ""
    headline: Headline = Headline()
    chart: Chart | None = None
    table: Table = Table()
    trail: tuple[Step, ...] = ()
    earlier: Period | None = None
    later: Period | None = None
    groupings: tuple[Choice, ...] = ()
    splits: tuple[Choice, ...] = ()
    measures: tuple[Choice, ...] = ()
    remarks: tuple[str, ...] = ()
    spoken: str = ""
    as_of_text: str = ""
    empty_text: str = ""
    subject: str = ""
    notes: tuple[NoteFacts, ...] = ()
    days: tuple[date, date] | None = None
    problem: Problem | None = None
