"""Bars over time, on top of each other or side by side, in a drawing of any size."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from tokentray.charts.frame import FACTOR, GAP, Frame, backed, empty, frame, line_height, time_labels
from tokentray.charts.palette import SOLID, patterns
from tokentray.charts.shapes import Drawing, Hit, Line, Path, Pen, Rect, Shape, Size
from tokentray.charts.spec import Bar, BarChart
from tokentray.charts.text import shown
from tokentray.money import exact_sum

_ZERO = Decimal(0)
_WIDEST = 64.0
_GAPS_FROM = 3.0
_FREE = 0.22
_THIN = 1.5
"""Parts lower than that many pixels are drawn together with their neighbours."""
_SEPARATED_FROM = 3.0
_TEXTURED_FROM = 5.0
"""Bars narrower than that many pixels are plain: patterns and lines between parts would only be noise there."""
_CAP = 5.0
_SQUARE = 7.0
_FEW = 16


class _Bars(NamedTuple):
    """A chart in its frame. amounts: of each bar, a series each, for places only; looks: ink and pattern of each."""

    chart: BarChart
    ground: Frame
    columns: tuple[tuple[float, float], ...]
    amounts: list[list[float]]
    looks: list[tuple[str, int]]
    named: bool


class _Block(NamedTuple):
    """A part of a bar as drawn: of one series, -1 for several.

    near, far: its edges, as seen from nothing.
    """

    series: int
    near: float
    far: float


def draw_bars(chart: BarChart, size: Size, pen: Pen) -> Drawing:
    """The bars with their axes."""
    amounts = [[float(amount) for amount in bar.amounts] for bar in chart.bars]
    span = _span(chart, amounts)
    named = chart.stacked and _amounts_fit(chart.bars, (size.width - 60) / max(1, len(chart.bars)), pen)
    above = max(_CAP, _SQUARE) + (line_height(pen) + GAP if named else 0.0)
    ground = frame(size, pen, chart.unit, span, above, 1 + any(bar.heading for bar in chart.bars))
    if ground is None:
        return empty(size)
    columns = ground.columns(len(chart.bars))
    named = named and ground.plot.y >= above and _amounts_fit(chart.bars, ground.plot.w / len(chart.bars), pen)
    looks = [(series.ink, pattern) for series, pattern in zip(chart.series, bar_patterns(chart), strict=True)]
    if len(looks) == 1 and not looks[0][0]:
        looks = [("accent", SOLID)]  # it stands for all there is, and grey would say that something is off
    bars = _Bars(chart, ground, columns, amounts, looks, named)
    rects: list[Shape] = []
    marks: list[Shape] = []
    hits: list[Hit] = []
    for index in _drawn(bars):
        top = (_stack if chart.stacked else _side_by_side)(bars, index, rects, hits)
        marks += _marks(bars, index, top)
    nothing_known = not any(span) and any(bar.unpriced for bar in chart.bars)
    return Drawing(
        size.width,
        size.height,
        ground.plot,
        (
            *_selection(bars),
            *ground.grid,
            *rects,
            *ground.zero,
            *marks,
            *(() if nothing_known else ground.texts),  # a zero would pass for an amount
            *time_labels(ground, chart.bars, columns),
        ),
        tuple(hits),
        columns,
    )


def bar_patterns(chart: BarChart) -> tuple[int, ...]:
    """The pattern of each series."""
    return patterns([(series.id, series.ink) for series in chart.series])


def _span(chart: BarChart, amounts: list[list[float]]) -> tuple[Decimal, Decimal]:
    """The lowest and the highest place that a bar reaches."""
    if not chart.stacked:
        every = [amount for bar in chart.bars for amount in bar.amounts]
        return min(every, default=_ZERO), max(every, default=_ZERO)
    if not amounts:
        return _ZERO, _ZERO
    lowest = min(range(len(amounts)), key=lambda at: sum(one for one in amounts[at] if one < 0))
    highest = max(range(len(amounts)), key=lambda at: sum(one for one in amounts[at] if one > 0))
    return (
        exact_sum([amount for amount in chart.bars[lowest].amounts if amount < 0]),
        exact_sum([amount for amount in chart.bars[highest].amounts if amount > 0]),
    )


def _amounts_fit(bars: Sequence[Bar], wide: float, pen: Pen) -> bool:
    """Whether the amount of every bar can stand over it."""
    return 0 < len(bars) <= _FEW and all(pen.measure(shown(str(bar.text)), FACTOR) + GAP <= wide for bar in bars)


def _drawn(bars: _Bars) -> Iterable[int]:
    """The bars to draw: all, or the greatest of those that share a pixel."""
    columns = bars.columns
    if not columns or columns[0][1] - columns[0][0] >= 1:
        return range(len(columns))
    greatest: dict[int, tuple[float, int]] = {}
    for index, (left, _) in enumerate(columns):
        weight = sum(map(abs, bars.amounts[index])) or (1e-12 if bars.chart.bars[index].unpriced else 0.0)
        if weight >= greatest.get(int(left), (-1.0, 0))[0]:
            greatest[int(left)] = (weight, index)
    return [index for _, index in greatest.values()]


def _box(bars: _Bars, index: int, widest: float) -> tuple[float, float]:
    """Left end and width of what is drawn of a bar: gaps beside it, unless bars are too thin for any."""
    left, right = bars.columns[index]
    pitch = right - left
    if pitch < 1:
        return float(int(left)), 1.0
    gap = max(1.0, float(round(pitch * _FREE))) if pitch >= _GAPS_FROM else 0.0
    wide = min(pitch - gap, widest)
    return left + (pitch - wide) / 2, wide


def _stack(bars: _Bars, index: int, rects: list[Shape], hits: list[Hit]) -> float:
    """Draws the parts of a bar, the first series on top, and says how high it reaches."""
    left, wide = _box(bars, index, _WIDEST)
    amounts, ground, looks = bars.amounts[index], bars.ground, bars.looks
    textured = wide >= _TEXTURED_FROM
    zero = ground.y(0.0)
    top = zero
    for sign in (1.0, -1.0):
        reached, near = 0.0, zero
        parts: list[_Block] = []
        for series in range(len(amounts) - 1, -1, -1):
            amount = amounts[series] * sign
            if amount > 0:
                reached += amount
                far = ground.y(reached * sign)
                parts.append(_Block(series, near, far))
                near = far
        for block in _merged(parts):
            near, far = block.near, block.far
            if textured and near != zero and abs(far - near) >= _SEPARATED_FROM:
                near -= sign
            upper, lower = (far, near) if sign > 0 else (near, far)
            ink, pattern = looks[block.series] if block.series >= 0 else ("", SOLID)
            if lower - upper < 1:  # money is never invisible
                upper, lower = (lower - 1, lower) if sign > 0 else (upper, upper + 1)
            rects.append(Rect(left, upper, wide, lower - upper, ink, pattern if textured else SOLID))
            if block.series >= 0:
                hits.append(Hit(left, upper, wide, lower - upper, index, block.series))
            top = min(top, upper)
    return top


def _merged(parts: list[_Block]) -> Iterator[_Block]:
    """The parts with those too thin to see drawn together, as several; what is left of them joins a neighbour."""
    thin: _Block | None = None
    last: _Block | None = None
    for part in parts:
        joined = part if thin is None else _Block(-1, thin.near, part.far)
        if abs(part.far - part.near) >= _THIN:
            joined, thin = _Block(part.series, joined.near, part.far), None
        elif abs(joined.far - joined.near) < _THIN:
            thin = joined
            continue
        if last is not None:
            yield last
        last, thin = joined, None
    if thin is not None:
        last = thin if last is None else last._replace(far=thin.far)
    if last is not None:
        yield last


def _side_by_side(bars: _Bars, index: int, rects: list[Shape], hits: list[Hit]) -> float:
    """Draws the amounts of the series that are shown beside each other, and says how high they reach."""
    ground, shown_series = bars.ground, [at for at, series in enumerate(bars.chart.series) if series.shown]
    if not shown_series:
        return ground.y(0.0)
    left, wide = _box(bars, index, _WIDEST * len(shown_series))
    each = wide / len(shown_series)
    apart = 1.0 if each >= _GAPS_FROM else 0.0
    zero = ground.y(0.0)
    top = zero
    order = reversed(shown_series) if ground.pen.right_to_left else shown_series
    for place, series in enumerate(order):
        amount = bars.amounts[index][series]
        if not amount:
            continue
        upper, lower = sorted((zero, ground.y(amount)))
        if lower - upper < 1:
            upper, lower = (zero - 1, zero) if amount > 0 else (zero, zero + 1)
        ink, pattern = bars.looks[series]
        x = left + place * each + apart / 2
        shade = pattern if each >= _TEXTURED_FROM else SOLID
        rects.append(Rect(x, upper, each - apart, lower - upper, ink, shade))
        hits.append(Hit(x, upper, each - apart, lower - upper, index, series))
        top = min(top, upper)
    return top


def _marks(bars: _Bars, index: int, top: float) -> Iterator[Shape]:
    """What stands over a bar: that it is not priced, that it is not over yet, and its amount."""
    bar, pen = bars.chart.bars[index], bars.ground.pen
    if not (bar.unpriced or bar.open_ or bars.named):
        return
    left, wide = _box(bars, index, _WIDEST * (1 if bars.chart.stacked else max(1, len(bars.chart.series))))
    middle = left + wide / 2
    if bar.unpriced:
        side = min(max(2.0, min(wide, _SQUARE)), bars.ground.y(0.0))
        top = bars.ground.y(0.0) - side
        yield Rect(middle - side / 2, top, side, side, "window", outline="secondary")
    if bar.open_ and not bar.unpriced:
        if bars.chart.stacked:
            yield _cap(left, wide, top)
        else:
            yield from _caps(bars, index)
        top -= _CAP
    if bars.named and (text := shown(str(bar.text))):
        ground = "selection" if _is_selected(bars.chart, index) else "window"
        yield from backed(middle, top - 3, text, pen, ground)


def _caps(bars: _Bars, index: int) -> Iterator[Shape]:
    """The same over each of the bars of a step that stand side by side."""
    shown_series = [at for at, series in enumerate(bars.chart.series) if series.shown]
    left, wide = _box(bars, index, _WIDEST * max(1, len(shown_series)))
    each = wide / max(1, len(shown_series))
    order = shown_series[::-1] if bars.ground.pen.right_to_left else shown_series
    for place, series in enumerate(order):
        amount = bars.amounts[index][series]
        if amount:
            yield _cap(left + place * each, each - 1, min(bars.ground.y(amount), bars.ground.y(0.0)))


def _cap(left: float, wide: float, top: float) -> Shape:
    """The dashed end of a bar that is not over yet."""
    if wide < 2 * _CAP:
        return Line(left + wide / 2, top, left + wide / 2, top - _CAP, "secondary", dashed=True)
    corners = ((left, top), (left, top - _CAP), (left + wide, top - _CAP), (left + wide, top))
    return Path(
        tuple((min(max(x, left + 0.5), left + wide - 0.5), y + 0.5) for x, y in corners), "secondary", dashed=True
    )


def _is_selected(chart: BarChart, index: int) -> bool:
    return chart.selected is not None and min(chart.selected) <= index <= max(chart.selected)


def _selection(bars: _Bars) -> tuple[Shape, ...]:
    """The ground behind the bars that are selected, with its two ends."""
    if bars.chart.selected is None or not bars.columns:
        return ()
    first, last = (min(max(at, 0), len(bars.columns) - 1) for at in bars.chart.selected)
    ends = (*bars.columns[first], *bars.columns[last])
    left, right, plot = min(ends), max(ends), bars.ground.plot
    return (
        Rect(left, plot.y, right - left, plot.h, "selection"),
        Line(left, plot.y, left, plot.y + plot.h, "accent"),
        Line(right, plot.y, right, plot.y + plot.h, "accent"),
    )
