"""What charts share: the axis of values with its lines, and the axis of time with labels that never touch."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from math import ceil, log
from typing import NamedTuple

from tokentray.charts.scales import Scale, log_scale, scale
from tokentray.charts.shapes import Box, Drawing, Line, Pen, Rect, Shape, Size, Text
from tokentray.charts.spec import Bar, Tick, Unit, UnitKind
from tokentray.charts.text import elided, shown

FACTOR = 0.9
"""Size of the labels of axes and amounts, against the font of the window."""
GAP = 6.0
"""Pixels that at least lie between two labels."""
_EDGE = 2.0
_LOGARITHMIC = "on a logarithmic scale"
_LEAST_PLOT = 24.0
_EVERY = (1, 2, 3, 4, 5, 6, 7, 10, 12, 14, 15, 20, 24, 28, 30, 40, 50, 60, 90, 100)


class Frame(NamedTuple):
    """Where a chart lies in its drawing.

    grid: lines of round values, painted before what the chart shows; zero: the line of nothing, or of the lowest value
    of a broken axis, painted after it; texts: painted last.
    """

    size: Size
    pen: Pen
    plot: Box
    low: float
    high: float
    grid: tuple[Shape, ...] = ()
    zero: tuple[Shape, ...] = ()
    texts: tuple[Shape, ...] = ()
    logarithmic: bool = False

    def y(self, value: float) -> float:
        """Where a value lies; on a logarithmic axis one above nothing."""
        if self.logarithmic:
            return self.plot.y + self.plot.h * log(self.high / value) / log(self.high / self.low)
        return self.plot.y + self.plot.h * (self.high - value) / (self.high - self.low)

    def columns(self, number: int) -> tuple[tuple[float, float], ...]:
        """Left and right end of each of so many equal parts, the earliest first."""
        left, pitch = self.plot.x, self.plot.w / max(1, number)
        if self.pen.right_to_left:
            right = left + self.plot.w
            return tuple((right - (index + 1) * pitch, right - index * pitch) for index in range(number))
        return tuple((left + index * pitch, left + (index + 1) * pitch) for index in range(number))


def line_height(pen: Pen) -> float:
    """Of a label."""
    return (pen.ascent + pen.descent) * FACTOR


def baseline(middle: float, pen: Pen) -> float:
    """Of a label whose line has its middle there."""
    return middle + (pen.ascent - pen.descent) * FACTOR / 2


def frame(
    size: Size,
    pen: Pen,
    unit: Unit,
    span: tuple[Decimal, Decimal],
    above: float,
    rows: int,
    *,
    broken: bool = False,
    logarithmic: bool = False,
) -> Frame | None:
    """The axis for values of a span. above: pixels kept free over the plot; rows: lines of labels below it.

    broken: it does not begin with nothing, and what does must show that it is cut. logarithmic: nor does this one; all
    values are above nothing, and the words over the axis say what it is.

    None where there is no room for a chart. Where there is too little for labels, they are left out.
    """
    tall = line_height(pen)
    caption = shown(unit.per if unit.kind is UnitKind.MONEY else unit.noun)
    if logarithmic:
        caption = f"{caption}, {_LOGARITHMIC}" if caption else _LOGARITHMIC
    top = max(tall / 2, above) + _EDGE + (tall + _EDGE if caption else 0.0)
    while rows and size.height - top - rows * tall - GAP < 2 * _LEAST_PLOT:
        rows -= 1
    below = rows * tall + (GAP if rows else _EDGE + tall / 2)
    if size.height - top - below < _LEAST_PLOT:
        top, below, caption = _EDGE, _EDGE, ""
    height = size.height - top - below
    if height < 1 or size.width < 4 * _EDGE:
        return None
    most = min(6, int(height / (tall * 2.2)))
    axis = log_scale(*span, most, unit) if logarithmic else scale(*span, most, unit, broken=broken)
    wide = max((pen.measure(text, FACTOR) for text in axis.texts), default=0.0) + GAP + _EDGE
    labelled = wide <= size.width * 0.4 and top >= tall / 2 and below >= tall / 2
    side = wide if labelled else _EDGE
    plot = Box(_EDGE if pen.right_to_left else side, top, size.width - side - _EDGE, height)
    result = Frame(size, pen, plot, float(axis.low), float(axis.high), logarithmic=logarithmic)
    lowest = axis.low if broken or logarithmic else Decimal(0)
    return result._replace(
        grid=tuple(_level(result, tick, "rule") for tick in axis.ticks if tick and tick != lowest),
        zero=(_level(result, lowest, "secondary"),),
        texts=(*(_values(result, axis) if labelled else ()), *_caption(result, caption)),
    )


def _level(frame: Frame, value: Decimal, ink: str) -> Shape:
    y = frame.y(float(value))
    return Line(frame.plot.x, y, frame.plot.x + frame.plot.w, y, ink)


def _values(frame: Frame, axis: Scale) -> tuple[Shape, ...]:
    """The texts of the axis, from nothing outwards as many as have room."""
    plot, pen = frame.plot, frame.pen
    x, anchor = (plot.x + plot.w + GAP, "start") if pen.right_to_left else (plot.x - GAP, "end")
    placed: list[tuple[float, str]] = []
    for tick, text in sorted(zip(axis.ticks, axis.texts, strict=True), key=lambda one: abs(one[0])):
        y = frame.y(float(tick))
        if all(abs(y - other) >= line_height(pen) for other, _ in placed):
            placed.append((y, text))
    return tuple(Text(x, baseline(y, pen), text, "secondary", FACTOR, anchor) for y, text in placed)


def _caption(frame: Frame, caption: str) -> tuple[Shape, ...]:
    """What is counted, over the axis."""
    pen = frame.pen
    text = elided(caption, frame.size.width - 2 * _EDGE, FACTOR, pen.measure) if caption else ""
    if not text:
        return ()
    y = _EDGE + pen.ascent * FACTOR
    if pen.right_to_left:
        return (Text(frame.size.width - _EDGE, y, text, "secondary", FACTOR, "end"),)
    return (Text(_EDGE, y, text, "secondary", FACTOR),)


def backed(
    middle: float, bottom: float, text: str, pen: Pen, ground: str = "window", ink: str = "secondary"
) -> Iterator[Shape]:
    """An amount over what it belongs to, on a ground of its own, so that no line of the axis strikes it through."""
    wide, tall = pen.measure(text, FACTOR), line_height(pen)
    left = middle - wide / 2
    yield Rect(left - 1, bottom - tall + 1, wide + 2, tall - 1, ground)
    yield Text(left, bottom - pen.descent * FACTOR, text, ink, FACTOR)


def time_labels(frame: Frame, steps: Sequence[Bar | Tick], columns: Sequence[tuple[float, float]]) -> list[Shape]:
    """Labels of the steps in even distances, and below them the headings of stretches, as far as there is room.

    Where steps are so many that a heading would be left out, headings stand alone: days without months say little.
    """
    pen, bottom = frame.pen, frame.plot.y + frame.plot.h
    tall = line_height(pen)
    rows = int((frame.size.height - bottom - GAP + 0.01) // tall)
    if not steps or rows < 1:
        return []
    heads = _heads(frame, steps, columns)
    shorts = [shown(step.short) for step in steps]
    every = _every((max(pen.measure(text, FACTOR) for text in set(shorts)) + GAP) / abs(columns[0][1] - columns[0][0]))
    y = bottom + GAP + pen.ascent * FACTOR
    found: list[Shape] = []
    if any(shorts) and (heads.every == 1 and every <= heads.shortest):
        middles = [(shorts[at], (columns[at][0] + columns[at][1]) / 2) for at in range(0, len(steps), every)]
        found += _row(frame, middles, y)
        rows -= 1
        y += tall
    return [*found, *_headings(frame, heads, y)] if rows else found


def _row(frame: Frame, labels: Sequence[tuple[str, float]], y: float) -> list[Shape]:
    """Labels around their middles, moved inwards at the ends; one that would then touch another is left out."""
    pen, plot = frame.pen, frame.plot
    placed: list[Text] = []
    for text, middle in sorted(labels, key=lambda label: label[1]):
        wide = pen.measure(text, FACTOR)
        left = min(max(middle - wide / 2, plot.x), plot.x + plot.w - wide)
        if not text or wide > plot.w:
            continue
        if placed and left < placed[-1].x + pen.measure(placed[-1].text, FACTOR) + GAP:
            if left < middle - wide / 2:
                continue  # the last one, moved towards the one before it
            placed.pop()  # the first one, moved towards this one
        placed.append(Text(left, y, text, "secondary", FACTOR))
    return list(placed)


class _Heads(NamedTuple):
    """Headings with where each begins. every: how many apart they have room; shortest: steps between two of them."""

    starts: list[tuple[str, float]]
    every: int
    shortest: int


def _heads(frame: Frame, steps: Sequence[Bar | Tick], columns: Sequence[tuple[float, float]]) -> _Heads:
    """A short first stretch goes unnamed."""
    pen = frame.pen
    places = [at for at, step in enumerate(steps) if step.heading]
    starts = [(shown(steps[at].heading), columns[at][1 if pen.right_to_left else 0]) for at in places]
    wides = [pen.measure(text, FACTOR) + GAP for text, _ in starts]
    gaps = [abs(after - before) for (_, before), (_, after) in pairwise(starts)]
    if len(starts) > 1 and wides[0] > gaps[0]:
        places, starts, wides, gaps = places[1:], starts[1:], wides[1:], gaps[1:]
    shortest = min((after - before for before, after in pairwise(places)), default=len(steps))
    return _Heads(starts, _every(max(wides) / min(gaps)) if gaps else 1, shortest)


def _headings(frame: Frame, heads: _Heads, y: float) -> list[Shape]:
    pen, plot = frame.pen, frame.plot
    found: list[Shape] = []
    for text, x in heads.starts[:: heads.every]:
        wide = pen.measure(text, FACTOR)
        left = x - wide if pen.right_to_left else x
        if plot.x - 0.01 <= left <= plot.x + plot.w - wide + 0.01:
            found.append(Text(left, y, text, "secondary", FACTOR))
        elif len(heads.starts) == 1:
            short = elided(text, plot.w, FACTOR, pen.measure)
            inside = _inside(frame, left, pen.measure(short, FACTOR))
            if short and inside is not None:
                found.append(Text(inside, y, short, "secondary", FACTOR))
    return found


def _inside(frame: Frame, left: float, wide: float) -> float | None:
    """The nearest place within the plot and the free edge beside it; None where it is too wide for any."""
    start, end = frame.plot.x, frame.plot.x + frame.plot.w
    if wide > end - start:
        return None
    return min(max(left, start), end - wide)


def _every(least: float) -> int:
    """The next even distance: every one, 2nd, 5th, 7th."""
    return next((every for every in _EVERY if every >= least), 100 * ceil(least / 100))


def empty(size: Size) -> Drawing:
    """What is drawn where there is no room, or nothing to draw."""
    return Drawing(size.width, size.height, Box(0.0, 0.0, max(0.0, size.width), max(0.0, size.height)))
