"""What the bars of a chart are, for whoever points at them: days, steps or months, and the parts of each. Pure."""

from PySide6.QtCore import Qt

from tokentray.charts.shapes import Box, Drawing, Size
from tokentray.charts.spec import BarChart, Chart, LineChart

_LEAP = 7
"""Bars at once: a week of days."""


def nothing(size: Size) -> Drawing:
    """The drawing of no chart."""
    return Drawing(size.width, size.height, Box(0, 0, size.width, size.height))


def ids(chart: Chart | None) -> tuple[str, ...]:
    """Of all bars, in their order."""
    if chart is None:
        return ()
    if isinstance(chart, BarChart):
        return tuple(bar.id for bar in chart.bars)
    return tuple(one.id for one in (chart.ticks if isinstance(chart, LineChart) else chart.steps))


def label(chart: Chart, at: int) -> str:
    """Of one bar, in full."""
    if isinstance(chart, BarChart):
        return chart.bars[at].label
    return chart.ticks[at].label if isinstance(chart, LineChart) else chart.steps[at].label


def selected(chart: Chart | None) -> tuple[int, int] | None:
    """The bars that are, as far as they are there."""
    found = chart.selected if isinstance(chart, BarChart) else None
    if found is None or not 0 <= found[0] <= found[1] < len(ids(chart)):
        return None
    return found


def parts(chart: Chart | None, at: int) -> list[int]:
    """Series that have something in a bar, in the order of the legend."""
    if isinstance(chart, BarChart) and at >= 0:
        return [place for place, amount in enumerate(chart.bars[at].amounts) if amount]
    if isinstance(chart, LineChart) and at >= 0:
        return [place for place, one in enumerate(chart.series) if one.shown and one.points[at].value is not None]
    return []


def series_id(chart: Chart | None, part: int) -> str:
    """Id of a series, "" for none."""
    if isinstance(chart, BarChart | LineChart) and 0 <= part < len(chart.series):
        return chart.series[part].id
    return ""


def leads_deeper(chart: Chart | None, part: int) -> bool:
    """Whether there is more to be seen of a part alone: not where it stands for several, or for all."""
    if not isinstance(chart, BarChart | LineChart) or not 0 <= part < len(chart.series):
        return False
    return bool(chart.series[part].ink)


def next_part(chart: Chart | None, at: int, part: int, step: int) -> int:
    """One part on (1) or back (-1), the bar as a whole (-1) standing before the first and after the last."""
    circle = [-1, *parts(chart, at)]
    place = circle.index(part) if part in circle else 0
    return circle[(place + step) % len(circle)]


def goal(key: Qt.Key, here: int, last: int, *, right_to_left: bool) -> int | None:
    """The bar that a key leads to; None for a key that leads to none."""
    keys = Qt.Key
    back, forth = (keys.Key_Right, keys.Key_Left) if right_to_left else (keys.Key_Left, keys.Key_Right)
    aims = {
        back: here - 1, forth: here + 1, keys.Key_Home: 0, keys.Key_End: last,
        keys.Key_PageUp: here - _LEAP, keys.Key_PageDown: here + _LEAP,
    }  # fmt: skip
    return max(0, min(aims[key], last)) if key in aims else None
