"""A chart as a picture of its own, its title above and its legend below: what leaves the window must explain itself.

It is dark on light, whatever the window is: it will stand in somebody's document.
"""

from collections.abc import Iterator

from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QPalette

from tokentray.charts.colors import LIGHT
from tokentray.charts.layout import Mark, draw, marks
from tokentray.charts.shapes import Box, Dot, Drawing, Line, Path, Pen, Shape, Size, Text
from tokentray.charts.spec import BarChart, Chart, LineChart, LineSeries, Series
from tokentray.charts.svg import svg
from tokentray.charts.text import elided, plain_pen, shown
from tokentray.ui import theme
from tokentray.ui.history import painting
from tokentray.ui.history.marks import SIDE, sign, wide

_SIZE = Size(960, 420)
"""Of the chart itself, in pixels at 100 %."""
_SCALE = 2
_MARGIN, _NEAR, _FAR, _BETWEEN = 20.0, 6.0, 22.0, 8.0
_TITLE = 1.25
_LONGEST_LABEL = 300.0


def framed(chart: Chart, pen: Pen) -> Drawing:
    """The chart with title and legend, a margin around them. What is selected in the window is not marked."""
    plain = chart._replace(selected=None) if isinstance(chart, BarChart) else chart
    drawing = draw(plain, _SIZE, pen)
    width = _SIZE.width + 2 * _MARGIN
    tall = pen.ascent + pen.descent
    title = Text(
        width - _MARGIN if pen.right_to_left else _MARGIN,
        _MARGIN + pen.ascent * _TITLE,
        elided(shown(chart.title), _SIZE.width, _TITLE, pen.measure),
        "text",
        _TITLE,
        "end" if pen.right_to_left else "start",
        bold=True,
    )
    top = _MARGIN + tall * _TITLE + 2 * _BETWEEN
    legend = list(_legend(plain, pen, width, top + _SIZE.height + 2 * _BETWEEN))
    below = max((shape.y for shape in legend if isinstance(shape, Text)), default=top + _SIZE.height)
    plot = Box(drawing.plot.x + _MARGIN, drawing.plot.y + top, drawing.plot.w, drawing.plot.h)
    shapes = (title, *(_moved(shape, _MARGIN, top) for shape in drawing.shapes), *legend)
    return Drawing(width, below + pen.descent + _MARGIN, plot, shapes)


def image(chart: Chart) -> QImage:
    """As a picture of twice the size, in the font of the desktop."""
    right_to_left = QGuiApplication.isRightToLeft()
    drawing = framed(chart, painting.pen(right_to_left=right_to_left))
    result = QImage(round(drawing.width * _SCALE), round(drawing.height * _SCALE), QImage.Format.Format_RGB32)
    result.setDevicePixelRatio(_SCALE)
    result.fill(QColor(LIGHT.window))
    painter = QPainter(result)
    painting.paint(drawing, painter, _light())
    painter.end()
    return result


def svg_text(chart: Chart, spoken: str) -> str:
    """As an SVG document. spoken: the chart in words."""
    pen = plain_pen(right_to_left=QGuiApplication.isRightToLeft())
    return svg(framed(chart, pen), LIGHT, chart.title, spoken)


def _light() -> theme.Colors:
    """Light colours with the accent of the desktop."""
    palette = QPalette(QGuiApplication.palette())
    palette.setColor(QPalette.ColorRole.Window, QColor(LIGHT.window))
    palette.setColor(QPalette.ColorRole.WindowText, QColor(LIGHT.text))
    return theme.colors(palette)


def _legend(chart: Chart, pen: Pen, width: float, top: float) -> Iterator[Shape]:
    """Signs with labels and amounts of all series that are shown, in as many lines as they take."""
    if not isinstance(chart, BarChart | LineChart):
        return
    x, y, tall = _MARGIN, top, max(SIDE, pen.ascent + pen.descent)
    all_series: tuple[Series | LineSeries, ...] = chart.series
    for series, mark in zip(all_series, marks(chart), strict=True):
        if not series.shown:
            continue
        label = elided(shown(series.label), _LONGEST_LABEL, 1.0, pen.measure)
        parts = [(label, "text"), (shown(series.text), "secondary")]
        takes = wide(mark) + sum(_NEAR + pen.measure(text, 1.0) for text, _ in parts if text)
        if x > _MARGIN and x + takes > width - _MARGIN:
            x, y = _MARGIN, y + tall + _BETWEEN
        yield from _item(mark, parts, pen, width if pen.right_to_left else 0.0, x, y)
        x += takes + _FAR


def _item(mark: Mark, parts: list[tuple[str, str]], pen: Pen, mirror: float, x: float, y: float) -> Iterator[Shape]:
    """One sign with its texts. mirror: the width that places are taken from, 0 where they run from the left."""
    tall = max(SIDE, pen.ascent + pen.descent)
    left = mirror - x - wide(mark) if mirror else x
    yield from sign(mark, left, y + (tall - SIDE) / 2)
    x += wide(mark)
    for text, ink in parts:
        if text:
            at = x + _NEAR
            base = y + (tall + pen.ascent - pen.descent) / 2
            yield Text(mirror - at if mirror else at, base, text, ink, 1.0, "end" if mirror else "start")
            x = at + pen.measure(text, 1.0)


def _moved(shape: Shape, dx: float, dy: float) -> Shape:
    if isinstance(shape, Line):
        return shape._replace(x1=shape.x1 + dx, y1=shape.y1 + dy, x2=shape.x2 + dx, y2=shape.y2 + dy)
    if isinstance(shape, Path):
        return shape._replace(points=tuple((x + dx, y + dy) for x, y in shape.points))
    if isinstance(shape, Dot | Text):
        return shape._replace(x=shape.x + dx, y=shape.y + dy)
    return shape._replace(x=shape.x + dx, y=shape.y + dy)
