"""Drawings of charts on a device: crisp, in their inks, and told apart without colour."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from pytestqt.qtbot import QtBot

from tests.unit.charts import bar_chart
from tokentray.charts import palette
from tokentray.charts.layout import draw, marks
from tokentray.charts.shapes import Box, Drawing, Line, Rect, Size, Text, hits_of
from tokentray.charts.spec import Series
from tokentray.ui import theme
from tokentray.ui.history import painting

INKS = ("source:codex", "source:claude-code", "source:plan:2", "source:plan:1", "source:opencode", "")


def colors(window: str = "#ffffff", text: str = "#000000") -> theme.Colors:
    chosen = QPalette()
    chosen.setColor(QPalette.ColorRole.Window, QColor(window))
    chosen.setColor(QPalette.ColorRole.WindowText, QColor(text))
    chosen.setColor(QPalette.ColorRole.Accent, QColor("#3584e4"))
    return theme.colors(chosen)


def painted(drawing: Drawing, scale: float = 1.0, shades: theme.Colors | None = None) -> QImage:
    """The drawing on a window, in the pixels of a device of that scale."""
    shades = shades or colors()
    image = QImage(round(drawing.width * scale), round(drawing.height * scale), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(shades.window)
    painter = QPainter(image)
    painting.paint(drawing, painter, shades)
    painter.end()
    return image


def names_in(image: QImage, box: Box) -> set[str]:
    """The colours of the pixels that lie within a place of the drawing, its edges left out."""
    scale = image.devicePixelRatio()
    across = range(round(box.x * scale) + 2, round((box.x + box.w) * scale) - 2)
    down = range(round(box.y * scale) + 2, round((box.y + box.h) * scale) - 2)
    return {image.pixelColor(x, y).name() for x in across for y in down}


def plain(*shapes: Rect | Line | Text) -> Drawing:
    return Drawing(80.0, 60.0, Box(0.0, 0.0, 80.0, 60.0), shapes)


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("window", ["#ffffff", "#202124"])
def test_parts_are_of_their_ink(qtbot: QtBot, scale: float, window: str) -> None:
    """A solid part is one colour to its edges at any scale; one with a pattern holds the pattern's paler colour too."""
    shades = colors(window, "#000000" if window == "#ffffff" else "#ffffff")
    chart = bar_chart([[3, 4, 5]], series_inks=["source:claude-code", "source:plan:1", ""])
    drawing = draw(chart, Size(300, 240), painting.pen(right_to_left=False))
    image = painted(drawing, scale, shades)
    for hit in hits_of(drawing, 0):
        ink, pattern = chart.series[hit.series].ink, marks(chart)[hit.series].pattern
        found = names_in(image, Box(hit.x, hit.y, hit.w, hit.h))
        own = palette.color(ink, theme.shades(shades))
        if pattern == palette.SOLID:
            assert found == {own}
        else:
            assert own in found
            assert len(found) > 1


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5, 1.75, 2.0])
def test_edges_and_lines_fall_on_whole_pixels(qtbot: QtBot, scale: float) -> None:
    """No pixel is half of something, wherever it was placed."""
    drawing = plain(
        Rect(10.3, 10.7, 20.2, 15.6, "source:claude-code"),
        Line(5.2, 40.4, 70.9, 40.4, "secondary"),
        Line(60.37, 5.1, 60.37, 35.2, "accent"),
    )
    image = painted(drawing, scale)
    shades = theme.shades(colors())
    inks = {palette.color("source:claude-code", shades), shades.window, shades.secondary, shades.accent}
    middle = range(round(12 * scale), round(66 * scale))
    assert {image.pixelColor(x, y).name() for x in middle for y in range(round(12 * scale), image.height())} <= inks


def test_neighbours_differ_without_colour(qtbot: QtBot) -> None:
    """In grey, two parts that meet are parted by a line of the ground, or of the axis behind them."""
    chart = bar_chart([[5] * len(INKS)], series_inks=INKS)
    drawing = draw(chart, Size(200, 400), painting.pen(right_to_left=False))
    image = painted(drawing).convertToFormat(QImage.Format.Format_Grayscale8)
    clear = {colors().window.lightness(), colors().rule.lightness()}
    parts = sorted(hits_of(drawing, 0), key=lambda hit: hit.y)
    assert len(parts) == len(INKS)
    for upper, lower in pairwise(parts):
        x = int(upper.x + upper.w / 2)
        between = [image.pixelColor(x, y).lightness() for y in range(int(upper.y + upper.h) - 2, int(lower.y) + 3)]
        assert clear & set(between)


def test_patterns_differ_without_colour(qtbot: QtBot) -> None:
    """Each pattern on the same hue is another picture in grey, and quiet: most of it is the fill."""
    seen = set()
    for pattern in range(palette.PATTERNS):
        image = painted(plain(Rect(0.0, 0.0, 48.0, 48.0, "source:codex", pattern)))
        grey = image.convertToFormat(QImage.Format.Format_Grayscale8).copy(0, 0, 48, 48)
        seen.add(bytes(grey.constBits()))
        lightness = {grey.pixelColor(x, y).lightness() for x in range(48) for y in range(48)}
        assert pattern == palette.SOLID or max(lightness) - min(lightness) >= 30
    assert len(seen) == palette.PATTERNS


@pytest.mark.parametrize("words", ["November", "نوفمبر", "-$5.00"])
@pytest.mark.parametrize("anchor", ["start", "middle", "end"])
def test_text_stands_where_it_was_placed(qtbot: QtBot, words: str, anchor: str) -> None:
    """Left, around or right of its place by the eye, whatever direction it is read in, and as wide as was measured."""
    pen = painting.pen(right_to_left=False)
    wide = pen.measure(words, 0.9)
    left = 100 - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
    drawing = Drawing(200.0, 40.0, Box(0.0, 0.0, 200.0, 40.0), (Text(100.0, 25.0, words, "text", 0.9, anchor),))
    image = painted(drawing)
    inked = [x for x in range(200) if any(image.pixelColor(x, y).lightness() < 200 for y in range(40))]
    assert left - 2 <= min(inked)
    assert max(inked) <= left + wide + 2
    assert max(inked) - min(inked) > wide * 0.7


def test_a_legend_is_painted_as_the_chart(qtbot: QtBot) -> None:
    """A square of the same pixels as the part it stands for."""
    shades = colors()
    image = QImage(24, 24, QImage.Format.Format_RGB32)
    image.fill(shades.window)
    painter = QPainter(image)
    painting.paint_swatch(QRectF(0, 0, 24, 24), "source:codex", palette.DIAGONAL, painter, shades)
    painter.end()
    assert image == painted(plain(Rect(0.0, 0.0, 24.0, 24.0, "source:codex", palette.DIAGONAL))).copy(0, 0, 24, 24)


def test_the_same_drawing_gives_the_same_picture(qtbot: QtBot) -> None:
    """Twice in a row, and at another place of a window."""
    series = (Series("a", "a", "source:codex", ""),)
    drawing = draw(bar_chart([[3], [1]])._replace(series=series), Size(200, 120), painting.pen(right_to_left=False))
    once = painted(drawing)
    assert painted(drawing) == once
    moved = QImage(260, 160, QImage.Format.Format_RGB32)
    moved.fill(colors().window)
    painter = QPainter(moved)
    painter.translate(30, 24)
    painting.paint(drawing, painter, colors())
    painter.end()
    assert moved.copy(30, 24, 200, 120) == once
