"""A chart in a PDF: the drawing that the window shows, painted as lines and areas, its labels as text."""

from fpdf import FPDF

from tokentray.charts import palette
from tokentray.charts.colors import LIGHT
from tokentray.charts.layout import draw
from tokentray.charts.shapes import NONE, Dot, Line, Path, Pen, Rect, Shape, Size, Text
from tokentray.export.pdf_shapes import Picture
from tokentray.export.pdf_type import Type

_POINTS = 0.64
"""Points in a pixel of the drawing, so that its lines are as fine as print can have them."""
_FONT = 12.5
_ASCENT, _DESCENT = 0.78, 0.22
_DASH = 3.0


def paint(picture: Picture, pdf: FPDF, type_: Type) -> None:
    """The chart in its box."""

    def measure(text: str, factor: float) -> float:
        return type_.measure(type_.clean(text), _FONT * factor)

    size = Size(picture.wide / _POINTS, picture.tall / _POINTS)
    drawing = draw(picture.block.chart, size, Pen(measure, _FONT * _ASCENT, _FONT * _DESCENT))
    hand = _Hand(picture, pdf, type_)
    for shape in drawing.shapes:
        hand.paint(shape)
    pdf.set_dash_pattern()


class _Hand:
    """Where the drawing lies on a page."""

    def __init__(self, picture: Picture, pdf: FPDF, type_: Type) -> None:
        self._picture = picture
        self._pdf = pdf
        self._type = type_

    def paint(self, shape: Shape) -> None:
        if isinstance(shape, Rect):
            self._rect(shape)
        elif isinstance(shape, Text):
            self._text(shape)
        elif isinstance(shape, Line):
            self._stroke(shape)
            self._pdf.line(*self._place(shape.x1, shape.y1), *self._place(shape.x2, shape.y2))
        elif isinstance(shape, Path):
            self._stroke(shape)
            self._pdf.polyline([self._place(*point) for point in shape.points])
        else:
            self._dot(shape)

    def _place(self, x: float, y: float) -> tuple[float, float]:
        return self._picture.x + x * _POINTS, self._picture.y + y * _POINTS

    def _stroke(self, shape: Line | Path) -> None:
        self._pdf.set_draw_color(palette.color(shape.ink, LIGHT))
        self._pdf.set_line_width(shape.width * _POINTS)
        dash = _DASH * _POINTS if shape.dashed else 0.0
        self._pdf.set_dash_pattern(dash, dash)

    def _rect(self, shape: Rect) -> None:
        x, y = self._place(shape.x, shape.y)
        wide, tall = shape.w * _POINTS, shape.h * _POINTS
        if shape.ink != NONE:
            self._pdf.set_fill_color(palette.color(shape.ink, LIGHT))
            self._pdf.rect(x, y, wide, tall, style="F")
            if shape.pattern != palette.SOLID:
                self._tiles(shape)
        if shape.outline != NONE:
            self._pdf.set_dash_pattern()
            self._pdf.set_line_width(_POINTS)
            self._pdf.set_draw_color(palette.color(shape.outline, LIGHT))
            self._pdf.rect(x + _POINTS / 2, y + _POINTS / 2, wide - _POINTS, tall - _POINTS)

    def _tiles(self, shape: Rect) -> None:
        """A pattern over a fill, from the same corner of the drawing for all."""
        pdf, tile, side = self._pdf, palette.TILES[shape.pattern], palette.TILE
        color = palette.paler(shape.ink, LIGHT)
        pdf.set_draw_color(color)
        pdf.set_fill_color(color)
        pdf.set_line_width(palette.STROKE * _POINTS)
        pdf.set_dash_pattern()
        with pdf.rect_clip(*self._place(shape.x, shape.y), shape.w * _POINTS, shape.h * _POINTS):
            for row in range(int(shape.y // side), int((shape.y + shape.h) // side) + 1):
                for column in range(int(shape.x // side), int((shape.x + shape.w) // side) + 1):
                    left, top = column * side, row * side
                    for x1, y1, x2, y2 in tile.lines:
                        pdf.line(*self._place(left + x1, top + y1), *self._place(left + x2, top + y2))
                    for x, y in tile.dots:
                        pdf.circle(*self._place(left + x, top + y), palette.DOT_RADIUS * _POINTS, style="F")

    def _text(self, shape: Text) -> None:
        text = self._type.clean(shape.text)
        size = _FONT * shape.factor * _POINTS
        x, y = self._place(shape.x, shape.y)
        if shape.anchor != "start":
            wide = self._type.measure(text, size, shape.bold)
            x -= wide / 2 if shape.anchor == "middle" else wide
        self._pdf.set_text_color(palette.color(shape.ink, LIGHT))
        self._type.draw(x, y, text, size, shape.bold)

    def _dot(self, shape: Dot) -> None:
        pdf = self._pdf
        pdf.set_dash_pattern()
        pdf.set_fill_color(palette.color(shape.ink, LIGHT))
        pdf.set_draw_color(LIGHT.window)
        pdf.set_line_width(_POINTS)
        corners = palette.marker(shape.form)
        if corners:
            points = [self._place(shape.x + x * shape.r, shape.y + y * shape.r) for x, y in corners]
            pdf.polygon(points, style="DF")
        else:
            pdf.circle(*self._place(shape.x, shape.y), shape.r * _POINTS, style="DF")
