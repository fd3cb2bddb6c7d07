"""A drawing as an SVG file that stands alone: text stays text, nothing is fetched, nothing runs."""

import unicodedata
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

from tokentray.charts import palette
from tokentray.charts.colors import Shades
from tokentray.charts.shapes import NONE, Dot, Drawing, Line, Path, Rect, Shape, Text
from tokentray.charts.text import shown

_FONTS = "system-ui, 'Segoe UI', 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif"
_ANCHORS = {"start": "end", "end": "start"}


def svg(drawing: Drawing, shades: Shades, title: str = "", spoken: str = "", font_pixels: float = 12.0) -> str:
    """The drawing as a whole document. title, spoken: how a screen reader names and describes it.

    font_pixels: size of text of factor 1; that of the Pen which the drawing was laid out with.
    """
    width, height = _number(drawing.width), _number(drawing.height)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" font-family="{_FONTS}">',
        f"<title>{_words(title)}</title>",
        f"<desc>{_words(spoken)}</desc>",
        *_patterns(drawing.shapes, shades),
        f'<rect width="{width}" height="{height}" fill="{shades.window}"/>',
    ]
    for shape in drawing.shapes:
        parts += _drawn(shape, shades, font_pixels)
    return "\n".join((*parts, "</svg>", ""))


def _drawn(shape: Shape, shades: Shades, font_pixels: float) -> Iterator[str]:
    if isinstance(shape, Rect):
        yield from _rect(shape, shades)
    elif isinstance(shape, Text):
        yield _text(shape, shades, font_pixels)
    elif isinstance(shape, Line):
        ends = zip(("x1", "y1", "x2", "y2"), shape[:4], strict=True)
        places = " ".join(f'{name}="{_number(value)}"' for name, value in ends)
        yield f"<line {places} {_stroke(shape, shades)}/>"
    elif isinstance(shape, Path):
        yield f'<polyline points="{_points(shape.points)}" fill="none" {_stroke(shape, shades)}/>'
    else:
        yield _dot(shape, shades)


def _rect(shape: Rect, shades: Shades) -> Iterator[str]:
    place = " ".join(
        f'{name}="{_number(value)}"' for name, value in zip(("x", "y", "width", "height"), shape[:4], strict=True)
    )
    if shape.ink != NONE:
        yield f'<rect {place} fill="{palette.color(shape.ink, shades)}"/>'
        if shape.pattern != palette.SOLID:
            yield f'<rect {place} fill="url(#{_pattern_id(shape.ink, shape.pattern, shades)})"/>'
    if shape.outline != NONE:
        yield (
            f'<rect x="{_number(shape.x + 0.5)}" y="{_number(shape.y + 0.5)}" width="{_number(max(0.0, shape.w - 1))}" '
            f'height="{_number(max(0.0, shape.h - 1))}" fill="none" stroke="{palette.color(shape.outline, shades)}"/>'
        )


def _text(shape: Text, shades: Shades, font_pixels: float) -> str:
    anchor, direction = shape.anchor, ""
    if _runs_leftwards(shape.text):
        # "start" of such a text is its right end, and a drawing means places by the eye.
        anchor, direction = _ANCHORS.get(anchor, anchor), ' direction="rtl"'
    weight = ' font-weight="600"' if shape.bold else ""
    return (
        f'<text x="{_number(shape.x)}" y="{_number(shape.y)}" font-size="{_number(font_pixels * shape.factor)}" '
        f'text-anchor="{anchor}" fill="{palette.color(shape.ink, shades)}" xml:space="preserve"{weight}{direction}>'
        f"{_words(shape.text)}</text>"
    )


def _dot(shape: Dot, shades: Shades) -> str:
    paint = f'fill="{palette.color(shape.ink, shades)}" stroke="{shades.window}"'
    corners = palette.marker(shape.form)
    if not corners:
        return f'<circle cx="{_number(shape.x)}" cy="{_number(shape.y)}" r="{_number(shape.r)}" {paint}/>'
    points = _points((shape.x + x * shape.r, shape.y + y * shape.r) for x, y in corners)
    return f'<polygon points="{points}" {paint}/>'


def _stroke(shape: Line | Path, shades: Shades) -> str:
    dashes = ' stroke-dasharray="3 3"' if shape.dashed else ""
    return f'stroke="{palette.color(shape.ink, shades)}" stroke-width="{_number(shape.width)}"{dashes}'


def _patterns(shapes: Iterable[Shape], shades: Shades) -> Iterator[str]:
    """Each pattern that is used, once."""
    used = {
        _pattern_id(shape.ink, shape.pattern, shades): (shape.pattern, palette.paler(shape.ink, shades))
        for shape in shapes
        if isinstance(shape, Rect) and shape.ink != NONE and shape.pattern != palette.SOLID
    }
    if not used:
        return
    side = _number(palette.TILE)
    yield "<defs>"
    for name, (pattern, color) in sorted(used.items()):
        tile = palette.TILES[pattern]
        yield f'<pattern id="{name}" width="{side}" height="{side}" patternUnits="userSpaceOnUse">'
        for x1, y1, x2, y2 in tile.lines:
            yield (
                f'<line x1="{_number(x1)}" y1="{_number(y1)}" x2="{_number(x2)}" y2="{_number(y2)}" '
                f'stroke="{color}" stroke-width="{_number(palette.STROKE)}"/>'
            )
        for x, y in tile.dots:
            yield f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(palette.DOT_RADIUS)}" fill="{color}"/>'
        yield "</pattern>"
    yield "</defs>"


def _pattern_id(ink: str, pattern: int, shades: Shades) -> str:
    """Of its colour, never of its name: that may hold anything."""
    return f"p{pattern}-{palette.color(ink, shades)[1:]}"


def _points(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _runs_leftwards(text: str) -> bool:
    """The direction of a text, by its first letter that has one."""
    directions = (unicodedata.bidirectional(char) for char in text)
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"


def _words(text: str) -> str:
    """Text as XML may hold it."""
    return escape("\n".join(shown(line) for line in text.split("\n")))


def _number(value: float) -> str:
    """To a hundredth of a pixel, as short as it goes."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
