"""A month as a document: headings, sentences, tables and charts in reading order, and nothing of how they look.

What a person reads is a text; what a program reads stands beside it. All formats for people are made of this one
value, so that they cannot say different things.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from tokentray.charts.spec import Chart


class Kind(StrEnum):
    """What stands in a column: which side it is on, and what a spreadsheet takes it for."""

    NAME = "name"
    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    FIGURE = "figure"
    """A text that ends in figures and no program computes with: "1 h 26 min", "2.1×"."""


LEFT = (Kind.NAME, Kind.TEXT, Kind.DATE)
"""What begins on the left of its column; figures end on the right."""
_MARKS = "“” "
"""A name that has quotation marks of its own gets more of them: no two names read alike."""


@dataclass(frozen=True, slots=True)
class Column:
    """currency: of money, ISO 4217."""

    id: str
    title: str
    kind: Kind
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """text: as it reads. value: the same for a program, None for none.

    Money and percent are as displayed (a percent of 38 is 38), so that columns add up; counts are whole; days dates.
    """

    text: str
    value: Decimal | int | date | None = None


@dataclass(frozen=True, slots=True)
class TableBlock:
    """rows: as long as columns. total: what they add up to, None where nothing adds up. notes: sentences under it.

    is_detail: left out where there is only room for one page.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None
    notes: tuple[str, ...] = ()
    is_detail: bool = False

    @property
    def lines(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows, and the total where there is one."""
        return self.rows if self.total is None else (*self.rows, self.total)


@dataclass(frozen=True, slots=True)
class ListBlock:
    """Sentences, each of its own."""

    id: str
    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChartBlock:
    """spoken: all of it in words, for who does not see it."""

    id: str
    title: str
    chart: Chart
    spoken: str


Block = TableBlock | ListBlock | ChartBlock


def called(name: str, ours: Iterable[str]) -> str:
    """A name as the head of a row; one that reads as one of our own rows stands between quotation marks.

    ours: what those are called that no name stands for: the total, the rest, use without a project.
    """
    return f"“{name}”" if _folded(name.strip(_MARKS)) in map(_folded, ours) else name


def _folded(text: str) -> str:
    """As it reads: whatever its capitals, spaces, and characters without a shape."""
    seen = "".join(char for char in text if char.isprintable() or char.isspace())
    return " ".join(seen.split()).casefold()


@dataclass(frozen=True, slots=True)
class Document:
    """title: "October 2026". amount: what leads, as it reads; said: what it is ("spent, 1 h 50 min of your time").

    sentences: what must be known at once. status: why it is not the last word, "" where it is. changed: what is not as
    it was handed in, () for nothing or for a first time.
    """

    title: str
    amount: str
    said: str
    sentences: tuple[str, ...]
    blocks: tuple[Block, ...]
    status: str = ""
    changed: tuple[str, ...] = ()
    language: str = "en"
