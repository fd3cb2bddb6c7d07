"""A drawing: plain shapes at places in pixels, the origin top left. What paints them adds and omits nothing.

An ink is a role ("text", "secondary", "rule", "window", "accent", "selection", "failure", "none"), or what the colour
of a series is derived from ("source:plan:1"), or "" for what stands for several (see charts.palette).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import NamedTuple

NONE = "none"


class Box(NamedTuple):
    """A place: left, top, width, height."""

    x: float
    y: float
    w: float
    h: float


class Rect(NamedTuple):
    """A filled rectangle. pattern: of charts.palette, 0 for solid. outline: ink of a line of 1 px around it, inside."""

    x: float
    y: float
    w: float
    h: float
    ink: str
    pattern: int = 0
    outline: str = NONE


class Line(NamedTuple):
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    ink: str
    width: float = 1.0
    dashed: bool = False


class Path(NamedTuple):
    """A line through points, open at its ends."""

    points: tuple[tuple[float, float], ...]
    ink: str
    width: float = 1.0
    dashed: bool = False


class Dot(NamedTuple):
    """A marker around x, y: of which form, so that lines are told apart without their colours."""

    x: float
    y: float
    r: float
    ink: str
    form: int = 0


class Text(NamedTuple):
    """One line of plain text. y: its baseline. factor: its size against the font of the window.

    anchor: which part of it stands at x, by the eye and whatever its direction: "start" its left end, "middle", "end".
    """

    x: float
    y: float
    text: str
    ink: str
    factor: float = 1.0
    anchor: str = "start"
    bold: bool = False


Shape = Rect | Line | Path | Dot | Text


class Hit(NamedTuple):
    """Where the pointer is on something: a bar (or step, or tick), and a series of it, -1 for the bar as a whole."""

    x: float
    y: float
    w: float
    h: float
    bar: int
    series: int = -1


class Size(NamedTuple):
    """Of a drawing, in pixels."""

    width: float
    height: float


class Pen(NamedTuple):
    """What it takes to place text: its width at a size factor, and how far it reaches above and below its baseline.

    right_to_left: time runs leftwards, and the axis stands on the right.
    """

    measure: Callable[[str, float], float]
    ascent: float
    descent: float
    right_to_left: bool = False


class Drawing(NamedTuple):
    """plot: where values are drawn. shapes: in the order of painting. hits: by bar, the parts of each.

    columns: left and right end of each bar's share of the plot, gap included, in the order of the bars.
    """

    width: float
    height: float
    plot: Box
    shapes: tuple[Shape, ...] = ()
    hits: tuple[Hit, ...] = ()
    columns: tuple[tuple[float, float], ...] = ()


def bar_at(drawing: Drawing, x: float) -> int:
    """The bar whose column holds `x`, the nearest one for what lies beside the plot; -1 where there are no bars."""
    columns = drawing.columns
    if not columns:
        return -1
    if columns[0][0] > columns[-1][0]:
        index = len(columns) - bisect_right(columns[::-1], x, key=lambda column: column[0])
    else:
        index = bisect_right(columns, x, key=lambda column: column[0]) - 1
    return min(max(index, 0), len(columns) - 1)


def hit_at(drawing: Drawing, x: float, y: float) -> Hit | None:
    """What lies under a place of the plot: the part of a bar, else the column of it; None outside the plot."""
    plot = drawing.plot
    bar = bar_at(drawing, x)
    if bar < 0 or not (plot.x <= x <= plot.x + plot.w and plot.y <= y <= plot.y + plot.h):
        return None
    for hit in hits_of(drawing, bar):
        if hit.x <= x <= hit.x + hit.w and hit.y <= y <= hit.y + hit.h:
            return hit
    left, right = drawing.columns[bar]
    return Hit(left, plot.y, right - left, plot.h, bar)


def hits_of(drawing: Drawing, bar: int) -> tuple[Hit, ...]:
    """The parts of one bar that can be pointed at."""
    start = bisect_left(drawing.hits, bar, key=lambda hit: hit.bar)
    end = bisect_right(drawing.hits, bar, key=lambda hit: hit.bar)
    return drawing.hits[start:end]
