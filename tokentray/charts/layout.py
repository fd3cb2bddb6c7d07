"""From what a chart shows to a drawing of a size. Pure: the same in, the same out, for every painter."""

from typing import NamedTuple

from tokentray.charts.layout_bars import bar_patterns, draw_bars
from tokentray.charts.layout_lines import draw_lines, line_markers
from tokentray.charts.layout_waterfall import draw_waterfall
from tokentray.charts.shapes import Drawing, Pen, Size
from tokentray.charts.spec import BarChart, Chart, LineChart


class Mark(NamedTuple):
    """How a series looks, for a legend. pattern: of its fill. line: it is one, with markers of that form, or dashed."""

    id: str
    ink: str
    pattern: int
    line: bool = False
    dashed: bool = False


def draw(chart: Chart, size: Size, pen: Pen) -> Drawing:
    """The chart in a drawing of that size, without title and legend; nothing where there is no room."""
    if isinstance(chart, BarChart):
        return draw_bars(chart, size, pen)
    if isinstance(chart, LineChart):
        return draw_lines(chart, size, pen)
    return draw_waterfall(chart, size, pen)


def marks(chart: Chart) -> tuple[Mark, ...]:
    """How each series of a chart looks, in its order; none of a waterfall."""
    if isinstance(chart, BarChart):
        return tuple(
            Mark(series.id, series.ink, pattern)
            for series, pattern in zip(chart.series, bar_patterns(chart), strict=True)
        )
    if isinstance(chart, LineChart):
        return tuple(
            Mark(series.id, series.ink, pattern, line=True, dashed=series.stepped)
            for series, pattern in zip(chart.series, line_markers(chart), strict=True)
        )
    return ()
