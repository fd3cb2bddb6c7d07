"""A waterfall: from one whole to another by changes that hang on each other."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from tokentray.charts.frame import FACTOR, GAP, Frame, backed, empty, frame, line_height
from tokentray.charts.shapes import Drawing, Hit, Line, Path, Pen, Rect, Shape, Size, Text
from tokentray.charts.spec import Waterfall, WaterfallStep
from tokentray.charts.text import shown, wrapped
from tokentray.money import exact_sum

_WIDEST = 96.0
_FREE = 0.3
_LINES = 2
_BROKEN_UNDER = Decimal("0.25")
"""Where the changes take less than that share of the height, the axis begins above nothing."""
_BELOW = Decimal("0.5")
"""What is then left below them, as a share of their own height."""
_TEETH, _TOOTH, _CUT = 6, 3.0, 3.0
"""Of the line that cuts a whole: how many, how high, and how thick it is."""


class _Reach(NamedTuple):
    """Where a step starts and ends."""

    start: Decimal
    end: Decimal


def draw_waterfall(chart: Waterfall, size: Size, pen: Pen) -> Drawing:
    """The steps from left to right, each with its amount, and a line from where it ends to where the next begins."""
    reaches = _reaches(chart.steps)
    ends = [value for reach in reaches for value in reach]
    span = min(ends, default=Decimal(0)), max(ends, default=Decimal(0))
    least = _least(chart.steps, reaches, span[1])
    above = line_height(pen) + GAP
    ground = frame(size, pen, chart.unit, (least or span[0], span[1]), above, _LINES, broken=bool(least))
    if ground is None or not chart.steps:
        return empty(size)
    columns = ground.columns(len(chart.steps))
    boxes = [_box(column) for column in columns]
    shapes: list[Shape] = [*ground.grid]
    hits: list[Hit] = []
    for index, (step, reach, (left, wide)) in enumerate(zip(chart.steps, reaches, boxes, strict=True)):
        upper, lower = sorted((ground.y(float(reach.start)), ground.y(float(reach.end))))
        if least and step.is_whole:
            lower = ground.plot.y + ground.plot.h
        if reach.start != reach.end:
            lower = max(lower, upper + 1)
            shapes.append(_block(step, left, upper, wide, lower - upper))
            if least and step.is_whole:
                shapes.append(_cut(left, wide, lower - (lower - upper) / 3))
        else:
            shapes.append(Line(left, upper, left + wide, upper, "secondary"))
        hits.append(Hit(left, upper, wide, max(1.0, lower - upper), index, 0))
    for (one, here), (other, _) in pairwise(zip(boxes, reaches, strict=True)):
        y = ground.y(float(here.end))
        start, end = (one[0], other[0] + other[1]) if pen.right_to_left else (one[0] + one[1], other[0])
        shapes.append(Line(start, y, end, y, "secondary", dashed=True))
    shapes += ground.zero
    shapes += ground.texts if any(span) else ()
    if ground.plot.y >= above:
        shapes += _amounts(chart, ground, reaches, columns)
    shapes += _labels(chart, ground, columns)
    return Drawing(size.width, size.height, ground.plot, tuple(shapes), tuple(hits), columns)


def _reaches(steps: tuple[WaterfallStep, ...]) -> list[_Reach]:
    """A whole stands on nothing; a change on what was reached before it."""
    found: list[_Reach] = []
    level = Decimal(0)
    for step in steps:
        start = Decimal(0) if step.is_whole else level
        level = exact_sum([start, step.amount])
        found.append(_Reach(start, level))
    return found


def _least(steps: tuple[WaterfallStep, ...], reaches: list[_Reach], highest: Decimal) -> Decimal:
    """Where the axis begins so that changes much smaller than the wholes can be seen; 0 where they can anyway."""
    levels = [value for step, reach in zip(steps, reaches, strict=True) if not step.is_whole for value in reach]
    if not levels or not any(step.is_whole for step in steps):
        return Decimal(0)
    lowest = min([*levels, *(reach.end for step, reach in zip(steps, reaches, strict=True) if step.is_whole)])
    reached = exact_sum([highest, -lowest])
    if lowest <= 0 or not reached or reached >= highest * _BROKEN_UNDER:
        return Decimal(0)
    return max(Decimal(0), exact_sum([lowest, -reached * _BELOW]))


def _cut(left: float, wide: float, y: float) -> Path:
    """A jagged line of the ground through a whole that is not shown from nothing on."""
    each = wide / _TEETH
    return Path(
        tuple((left + place * each, y + (_TOOTH if place % 2 else -_TOOTH)) for place in range(_TEETH + 1)),
        "window",
        _CUT,
    )


def _box(column: tuple[float, float]) -> tuple[float, float]:
    left, right = column
    wide = min((right - left) * (1 - _FREE), _WIDEST)
    return (left + right - wide) / 2, wide


def _block(step: WaterfallStep, x: float, y: float, wide: float, high: float) -> Rect:
    """A whole is grey, more is full, less is hollow: none of them is good or bad."""
    if step.is_whole:
        return Rect(x, y, wide, high, "")
    if step.amount < 0:
        return Rect(x, y, wide, high, "selection", outline="accent")
    return Rect(x, y, wide, high, "accent")


def _amounts(
    chart: Waterfall, ground: Frame, reaches: list[_Reach], columns: tuple[tuple[float, float], ...]
) -> Iterator[Shape]:
    """Over each step what it amounts to, where that fits into its share of the plot."""
    pen = ground.pen
    for step, reach, (left, right) in zip(chart.steps, reaches, columns, strict=True):
        text = shown(step.text)
        wide = pen.measure(text, FACTOR)
        if text and wide + GAP <= right - left:
            bottom = ground.y(float(max(reach))) - 3
            yield from backed((left + right) / 2, bottom, text, pen, ink="text" if step.is_whole else "secondary")


def _labels(chart: Waterfall, ground: Frame, columns: tuple[tuple[float, float], ...]) -> Iterator[Shape]:
    """Under each step its name in one or two lines."""
    pen, bottom = ground.pen, ground.plot.y + ground.plot.h
    rows = max(0, int((ground.size.height - bottom - GAP + 0.01) // line_height(pen)))
    for step, (left, right) in zip(chart.steps, columns, strict=True):
        for row, text in enumerate(wrapped(shown(step.label), right - left - GAP, FACTOR, pen.measure)[:rows]):
            if not text:
                continue
            y = bottom + GAP + pen.ascent * FACTOR + row * line_height(pen)
            yield Text((left + right - pen.measure(text, FACTOR)) / 2, y, text, "secondary", FACTOR)
