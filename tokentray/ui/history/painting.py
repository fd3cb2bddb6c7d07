"""Paints a drawing of charts.shapes with Qt: on a window, on a picture, on paper.

Edges of rectangles fall on whole pixels of the device, so that a chart is crisp at 100 to 200 %.
"""

from functools import lru_cache
from math import floor

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
    QPolygonF,
    QTransform,
)

from tokentray.charts import palette
from tokentray.charts.colors import Shades
from tokentray.charts.shapes import NONE, Dot, Drawing, Line, Path, Pen, Rect, Shape, Text
from tokentray.ui import theme
from tokentray.ui.widgets import is_right_to_left

_DASH = 3.0
_MOST_REMEMBERED = 4096


def pen(*, right_to_left: bool) -> Pen:
    """What places text in the font of the desktop as it is now; a new one is due when the font changes."""
    widths: dict[tuple[str, float], float] = {}
    metrics: dict[float, QFontMetricsF] = {}

    def measure(text: str, factor: float) -> float:
        width = widths.get((text, factor))
        if width is None:
            if factor not in metrics:
                metrics[factor] = QFontMetricsF(_font(factor, bold=False))
            if len(widths) >= _MOST_REMEMBERED:
                widths.clear()
            width = widths[text, factor] = metrics[factor].horizontalAdvance(text)
        return width

    whole = QFontMetricsF(theme.font())
    return Pen(measure, whole.ascent(), whole.descent(), right_to_left)


def paint(drawing: Drawing, painter: QPainter, colors: theme.Colors) -> None:
    """The drawing, its top left corner at the painter's origin. The ground is the caller's."""
    _Hand(painter, theme.shades(colors)).draw(drawing)


def paint_swatch(box: QRectF, ink: str, pattern: int, painter: QPainter, colors: theme.Colors) -> None:
    """The square that stands for a series in a legend or table, as its bars look."""
    _Hand(painter, theme.shades(colors)).rect(Rect(box.x(), box.y(), box.width(), box.height(), ink, pattern))


class _Hand:
    """One painting: a painter, its colours, and where the pixels of its device lie."""

    def __init__(self, painter: QPainter, shades: Shades) -> None:
        self._painter = painter
        self._shades = shades
        device = painter.deviceTransform()
        self._scale = device.m11() or 1.0
        self._dx, self._dy = device.dx(), device.dy()
        self._colors: dict[str, QColor] = {}
        self._brushes: dict[tuple[str, int], QBrush] = {}
        self._fonts: dict[tuple[float, bool], tuple[QFont, QFontMetricsF]] = {}
        self._font: QFont | None = None
        """The one that the painter has."""
        self._smooth = painter.testRenderHint(QPainter.RenderHint.Antialiasing)

    def draw(self, drawing: Drawing) -> None:
        painter = self._painter
        painter.save()
        for shape in drawing.shapes:
            self._shape(shape)
        painter.restore()

    def _shape(self, shape: Shape) -> None:
        if isinstance(shape, Rect):
            self.rect(shape)
            return
        self._smoothen(True)
        if isinstance(shape, Text):
            self._text(shape)
        elif isinstance(shape, Line):
            self._line(shape)
        elif isinstance(shape, Path):
            self._path(shape)
        else:
            self._dot(shape)

    def rect(self, shape: Rect) -> None:
        x, y, wide, tall, ink, pattern, outline = shape
        scale, dx, dy = self._scale, self._dx, self._dy
        left, top = _whole(x * scale + dx), _whole(y * scale + dy)
        right = max(left + 1, _whole((x + wide) * scale + dx))
        bottom = max(top + 1, _whole((y + tall) * scale + dy))
        box = QRectF((left - dx) / scale, (top - dy) / scale, (right - left) / scale, (bottom - top) / scale)
        if ink != NONE:
            self._smoothen(False)  # it covers whole pixels, and patterns are painted in half the time
            self._painter.fillRect(box, self._brush(ink, pattern))
        if outline != NONE:
            self._smoothen(True)
            self._painter.setPen(self._pen(outline, 1.0, dashed=False))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))

    def _smoothen(self, smooth: bool) -> None:
        if smooth is not self._smooth:
            self._smooth = smooth
            self._painter.setRenderHint(QPainter.RenderHint.Antialiasing, smooth)

    def _text(self, shape: Text) -> None:
        painter = self._painter
        if (found := self._fonts.get((shape.factor, shape.bold))) is None:
            font = _font(shape.factor, bold=shape.bold)
            found = self._fonts[shape.factor, shape.bold] = font, QFontMetricsF(font)
        font, metrics = found
        left = shape.x
        if shape.anchor != "start":
            wide = metrics.horizontalAdvance(shape.text)
            left -= wide / 2 if shape.anchor == "middle" else wide
        if self._font is not font:
            self._font = font
            painter.setFont(font)
        painter.setPen(self._color(shape.ink))
        rightwards = not is_right_to_left(shape.text)
        painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight if rightwards else Qt.LayoutDirection.RightToLeft)
        painter.drawText(QPointF(left, shape.y), shape.text)

    def _line(self, shape: Line) -> None:
        x1, y1, x2, y2, width = shape.x1, shape.y1, shape.x2, shape.y2, shape.width
        if x1 == x2 or y1 == y2:
            # A level or upright line covers whole pixels, else it would be two pale ones.
            thick = max(1, round(width * self._scale))
            width = thick / self._scale
            if x1 == x2:
                x1 = x2 = self._placed(x1, self._dx, thick)
                y1, y2 = self._placed(y1, self._dy), self._placed(y2, self._dy)
            else:
                y1 = y2 = self._placed(y1, self._dy, thick)
                x1, x2 = self._placed(x1, self._dx), self._placed(x2, self._dx)
        self._painter.setPen(self._pen(shape.ink, width, dashed=shape.dashed))
        self._painter.drawLine(QLineF(x1, y1, x2, y2))

    def _placed(self, place: float, shift: float, thick: int = 0) -> float:
        """The place nearest to `place` at which something so many pixels thick covers whole ones."""
        first = _whole(place * self._scale + shift - thick / 2)
        return (first + thick / 2 - shift) / self._scale

    def _path(self, shape: Path) -> None:
        self._painter.setPen(self._pen(shape.ink, shape.width, dashed=shape.dashed))
        self._painter.setBrush(Qt.BrushStyle.NoBrush)
        self._painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in shape.points]))

    def _dot(self, shape: Dot) -> None:
        painter = self._painter
        painter.setPen(self._pen("window", 1.0, dashed=False))
        painter.setBrush(self._color(shape.ink))
        corners = palette.marker(shape.form)
        if not corners:
            painter.drawEllipse(QPointF(shape.x, shape.y), shape.r, shape.r)
            return
        path = QPainterPath()
        path.addPolygon(QPolygonF([QPointF(shape.x + x * shape.r, shape.y + y * shape.r) for x, y in corners]))
        path.closeSubpath()
        painter.drawPath(path)

    def _color(self, ink: str) -> QColor:
        found = self._colors.get(ink)
        if found is None:
            found = self._colors[ink] = QColor(palette.color(ink, self._shades))
        return found

    def _pen(self, ink: str, width: float, *, dashed: bool) -> QPen:
        result = QPen(self._color(ink), width)
        result.setCapStyle(Qt.PenCapStyle.FlatCap)
        result.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashed:
            result.setDashPattern([_DASH / width, _DASH / width])
        return result

    def _brush(self, ink: str, pattern: int) -> QBrush:
        found = self._brushes.get((ink, pattern))
        if found is None:
            if pattern == palette.SOLID:
                found = QBrush(self._color(ink))
            else:
                fill, over = palette.color(ink, self._shades), palette.paler(ink, self._shades)
                found = _tiled(fill, over, pattern, round(self._scale, 3))
            self._brushes[ink, pattern] = found
        return found


def _whole(place: float) -> int:
    """The nearest whole pixel, halves always upwards: round() would open one gap and close the next."""
    return floor(place + 0.5)


@lru_cache(maxsize=256)
def _tiled(fill: str, over: str, pattern: int, scale: float) -> QBrush:
    """A fill with a pattern over it, in the pixels of a device of that scale."""
    side = max(1, round(palette.TILE * scale))
    tile = QPixmap(side, side)
    tile.fill(QColor(fill))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(side / palette.TILE, side / palette.TILE)
    painter.setPen(QPen(QColor(over), palette.STROKE))
    for line in palette.TILES[pattern].lines:
        painter.drawLine(QLineF(*line))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(over))
    for x, y in palette.TILES[pattern].dots:
        painter.drawEllipse(QPointF(x, y), palette.DOT_RADIUS, palette.DOT_RADIUS)
    painter.end()
    brush = QBrush(tile)
    brush.setTransform(QTransform.fromScale(palette.TILE / side, palette.TILE / side))
    return brush


def _font(factor: float, *, bold: bool) -> QFont:
    return theme.font(factor, QFont.Weight.DemiBold if bold else None)
