"""What stands on a page of a PDF, and the strips that pages are filled with. Points, the origin top left."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tokentray.export.document import ChartBlock


class Words(NamedTuple):
    """One line of text. y: its baseline. ink: a role of charts.palette. direction: "ltr", "" for its own."""

    x: float
    y: float
    text: str
    size: float
    bold: bool = False
    ink: str = "text"
    direction: str = "ltr"


class Rule(NamedTuple):
    """A level line."""

    x: float
    y: float
    wide: float
    ink: str = "rule"
    thick: float = 0.5


class Picture(NamedTuple):
    """A chart in its box."""

    x: float
    y: float
    wide: float
    tall: float
    block: ChartBlock


class Bookmark(NamedTuple):
    """Where a part begins, for the outline beside the pages."""

    x: float
    y: float
    text: str


Item = Words | Rule | Picture | Bookmark


class Strip(NamedTuple):
    """Something across a page that is never cut. keeps: no page ends with it. space: nothing, left out atop a page.

    again: what is repeated over it where a page begins with it.
    """

    tall: float
    items: tuple[Item, ...] = ()
    keeps: bool = False
    space: bool = False
    again: tuple["Strip", ...] = ()


class Look(NamedTuple):
    """Sizes of text and heights, in points: of the amount, of title, sentences, tables and small print.

    flowing: small print is one paragraph instead of a line or more for each sentence.
    """

    amount: float
    title: float
    text: float
    table: float
    small: float
    row: float
    gap: float
    chart: float
    flowing: bool = False

    def line(self, size: float) -> float:
        """From one baseline to the next in running text."""
        return size * max(1.22, self.row / self.table * 0.92)


LOOKS = (
    Look(amount=30, title=14, text=9.6, table=9.2, small=8.2, row=14.2, gap=17, chart=104),
    Look(amount=28, title=13, text=9.2, table=8.6, small=7.7, row=12.6, gap=13, chart=90),
    Look(amount=26, title=12.5, text=8.8, table=8.1, small=7.3, row=11.2, gap=10.5, chart=76),
    Look(amount=24, title=12, text=8.4, table=7.7, small=7, row=10.1, gap=8, chart=66),
    Look(amount=24, title=12, text=8.4, table=7.7, small=7, row=10.1, gap=8, chart=66, flowing=True),
    Look(amount=23, title=12, text=8, table=7.4, small=6.8, row=9.6, gap=7, chart=62, flowing=True),
)
"""From roomy to close; the first with which a month is on one page is taken. Closer would be hard to read."""


def moved(items: Iterable[Item], right: float, down: float) -> list[Item]:
    """The same somewhere else."""
    return [item._replace(x=item.x + right, y=item.y + down) for item in items]


def stacked(strips: Sequence[Strip]) -> Strip:
    """Strips one below the other as a single one."""
    items: list[Item] = []
    tall = 0.0
    for strip in strips:
        items += moved(strip.items, 0, tall)
        tall += strip.tall
    return Strip(tall, tuple(items))


def beside(left: Sequence[Strip], right: Sequence[Strip], apart: float) -> Strip:
    """Two stacks beside each other, the left one first. apart: from the left end of the one to that of the other."""
    one, other = stacked(left), stacked(right)
    return Strip(max(one.tall, other.tall), (*one.items, *moved(other.items, apart, 0)))
