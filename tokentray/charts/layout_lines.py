"""Lines over steps of time: what was paid from month to month, and dashed beside it what holds over whole steps."""

from collections.abc import Iterator
from decimal import Decimal

from tokentray.charts.frame import Frame, empty, frame, time_labels
from tokentray.charts.palette import markers
from tokentray.charts.shapes import Dot, Drawing, Hit, Path, Pen, Shape, Size
from tokentray.charts.spec import LineChart, LineSeries

RADIUS = 3.5
_REACH = 7.0
"""Pixels around a value within which the pointer is on it."""
_MARKED_FROM = 9.0
_APART = 8
WIDE, FINE = 2.0, 1.3

_Place = tuple[float, float, int]


def draw_lines(chart: LineChart, size: Size, pen: Pen) -> Drawing:
    """The lines with their axes. A line has a gap where it has no value.

    Where some values are many times others, the axis is logarithmic: else all the small ones would lie on each other.
    """
    values = [point.value for series in chart.series if series.shown for point in series.points]
    known = [value for value in values if value is not None]
    span = min(known, default=Decimal(0)), max(known, default=Decimal(0))
    rows = 1 + any(tick.heading for tick in chart.ticks)
    apart = span[0] > 0 and span[1] >= _APART * span[0]
    ground = frame(size, pen, chart.unit, span, RADIUS, rows, logarithmic=apart)
    if ground is None:
        return empty(size)
    columns = ground.columns(len(chart.ticks))
    shapes: list[Shape] = []
    hits: list[Hit] = []
    forms = line_markers(chart)
    # Dashed ones first, for what was paid must not hide behind what it should have cost.
    for index in sorted(range(len(chart.series)), key=lambda at: not chart.series[at].stepped):
        series = chart.series[index]
        if not series.shown:
            continue
        for run in _runs(series, ground, columns):
            if series.stepped:
                shapes.append(Path(_steps(run, columns), series.ink, FINE, dashed=True))
            else:
                shapes += _line(run, series.ink, forms[index], columns)
            hits += [Hit(x - _REACH, y - _REACH, 2 * _REACH, 2 * _REACH, at, index) for x, y, at in run]
    hits.sort(key=lambda hit: (hit.bar, chart.series[hit.series].stepped))
    labels = time_labels(ground, chart.ticks, columns)
    lines = (*ground.grid, *ground.zero, *shapes, *(ground.texts if known else ()), *labels)
    return Drawing(size.width, size.height, ground.plot, lines, tuple(hits), columns)


def line_markers(chart: LineChart) -> tuple[int, ...]:
    """What the markers of each line are told apart by; a stepped one has none."""
    plain = [series for series in chart.series if not series.stepped]
    found = dict(zip((series.id for series in plain), markers([(one.id, one.ink) for one in plain]), strict=True))
    return tuple(found.get(series.id, 0) for series in chart.series)


def _runs(series: LineSeries, ground: Frame, columns: tuple[tuple[float, float], ...]) -> Iterator[list[_Place]]:
    """Stretches of neighbouring values: the middle of each step, its height, and which it is."""
    run: list[_Place] = []
    for at, (point, (left, right)) in enumerate(zip(series.points, columns, strict=False)):
        if point.value is not None:
            run.append(((left + right) / 2, ground.y(float(point.value)), at))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _line(run: list[_Place], ink: str, form: int, columns: tuple[tuple[float, float], ...]) -> Iterator[Shape]:
    if len(run) > 1:
        yield Path(tuple((x, y) for x, y, _ in run), ink, WIDE)
    if len(run) == 1 or columns[0][1] - columns[0][0] >= _MARKED_FROM:
        for x, y, _ in run:
            yield Dot(x, y, RADIUS, ink, form)


def _steps(run: list[_Place], columns: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """From the start of each step to its end, then straight up or down to the next."""
    mirrored = columns[0][0] > columns[-1][0]
    found: list[tuple[float, float]] = []
    for _, y, at in run:
        start, end = reversed(columns[at]) if mirrored else columns[at]
        found += [(start, y), (end, y)]
    return tuple(found)
