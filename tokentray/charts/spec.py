"""What a chart shows, as values: bars, a waterfall, or lines over months. Nothing here knows sizes or colours."""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tokentray.money import NumberStyle


class UnitKind(StrEnum):
    """What the values of a chart are."""

    MONEY = "money"
    COUNT = "count"


class Unit(NamedTuple):
    """The unit of an axis. currency: of money, ISO 4217. noun: of a count, "tokens"; per: "per million tokens"."""

    kind: UnitKind
    style: NumberStyle
    currency: str = ""
    noun: str = ""
    per: str = ""


class LateText:
    """A text that takes its time and is seldom read: made when it is, of values alone.

    make(*of) must read nothing else. What is made of the same is the same.
    """

    __slots__ = ("_made", "_make", "_of")

    def __init__(self, make: Callable[..., str], *of: object) -> None:
        self._make = make
        self._of = of
        self._made: str | None = None

    def __str__(self) -> str:
        if self._made is None:
            self._made = self._make(*self._of)
        return self._made

    def __eq__(self, other: object) -> bool:
        if isinstance(other, LateText) and (self._make, self._of) == (other._make, other._of):
            return True  # of the same, so nothing need be made
        return str(self) == str(other) if isinstance(other, LateText | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))


class Series(NamedTuple):
    """What stands under one colour.

    id: of the group, as in Row.id of the table. ink: what its colour is derived from, for ever: "source:plan:1",
    "model:claude-opus-4-5"; "" for what stands for several or for nothing. text: its amount over the whole chart, as it
    reads. shown: False for one that the legend has switched off; its amounts are then in no bar. tip: how it is known.
    """

    id: str
    label: str
    ink: str
    text: str
    shown: bool = True
    tip: str = ""


class Bar(NamedTuple):
    """One step of time, or one group. id: as `usage --by` labels it ("2026-11-14").

    short: what may stand under it ("14"); heading: what stands under the first bar of a stretch ("Nov 2026"), else "".
    label: the same in full ("Sat 14 November 2026"). amounts: one a series, unrounded, below zero for money back; those
    of a series that is not shown are 0. text: its total as it reads; tip: how it is known, in lines; str() has both.
    open_: it is not over yet or not known whole. unpriced: it holds use without a price, and nothing with one.
    """

    id: str
    short: str
    heading: str
    label: str
    amounts: tuple[Decimal, ...]
    text: str | LateText
    tip: str | LateText = ""
    open_: bool = False
    unpriced: bool = False


class BarChart(NamedTuple):
    """Bars over time. stacked: on top of each other, else side by side. selected: indices of the first and last bar."""

    title: str
    unit: Unit
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    stacked: bool = True
    selected: tuple[int, int] | None = None


class WaterfallStep(NamedTuple):
    """amount: of a whole (the month before, the month), or of a change, below zero for less. text: as it reads."""

    id: str
    label: str
    amount: Decimal
    is_whole: bool
    text: str
    tip: str = ""


class Waterfall(NamedTuple):
    """From one whole to another by changes that add up."""

    title: str
    unit: Unit
    steps: tuple[WaterfallStep, ...]


class Point(NamedTuple):
    """A value over one step of the axis; None where there is none. text, tip: as of a bar."""

    value: Decimal | None
    text: str = ""
    tip: str = ""


class LineSeries(NamedTuple):
    """points: one for each tick of the chart. stepped: it holds over the whole of a step and then jumps, as a list
    price does; drawn thin and dashed, in the colour of the series that has the same ink."""

    id: str
    label: str
    ink: str
    points: tuple[Point, ...]
    stepped: bool = False
    shown: bool = True
    text: str = ""


class Tick(NamedTuple):
    """A step of the axis below, as a Bar has it."""

    id: str
    short: str
    heading: str
    label: str


class LineChart(NamedTuple):
    """Lines over the same steps of time."""

    title: str
    unit: Unit
    ticks: tuple[Tick, ...]
    series: tuple[LineSeries, ...]


Chart = BarChart | Waterfall | LineChart
