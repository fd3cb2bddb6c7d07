"""Colours and type, all derived from the palette and font of the desktop.

Nothing here is a fixed screen colour but the hues of sources, and those move in lightness until they stand
out from the window they are painted on. Contrast is the ratio of WCAG 2: 4.5 for text, 3 for what is only a
shape.
"""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from tokentray.charts import colors as pure
from tokentray.charts import palette as hues
from tokentray.charts.colors import Shades

TEXT_CONTRAST = pure.TEXT_CONTRAST
SHAPE_CONTRAST = pure.SHAPE_CONTRAST

_FAILURE = "#c62828"


@dataclass(frozen=True, slots=True)
class Colors:
    """What is painted with, for one palette."""

    window: QColor
    text: QColor
    secondary: QColor
    """Text that explains: never below 4.5:1."""
    field: QColor
    """Ground of what can be typed into, where the desktop's own cannot be told from the window's."""
    rule: QColor
    accent: QColor
    link: QColor
    """Text to press: the accent, readable."""
    track: QColor
    """The empty part of a bar, and a bar that is not today's."""
    quiet_bar: QColor
    failure: QColor
    dark: bool


def luminance(color: QColor) -> float:
    """Relative luminance after WCAG 2, from 0 to 1."""
    return pure.luminance(_rgb(color))


def contrast(one: QColor, other: QColor) -> float:
    """From 1 (the same) to 21 (black on white)."""
    return pure.contrast(_rgb(one), _rgb(other))


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of `other` (0 to 1) in `one`."""
    return QColor.fromRgbF(*pure.mix(_rgb(one), _rgb(other), share))


def readable(color: QColor, on: QColor, least: float) -> QColor:
    """`color`, moved towards black or white just as far as it takes to reach a contrast of `least`."""
    return QColor(pure.readable(color.name(), on.name(), least))


def colors(palette: QPalette) -> Colors:
    """The colours of the app for a palette of the desktop."""
    return _colors(
        palette.color(QPalette.ColorRole.Window).rgb(),
        palette.color(QPalette.ColorRole.WindowText).rgb(),
        palette.color(QPalette.ColorRole.Accent).rgb(),
    )


def current() -> Colors:
    """The colours now. Asked of the application, since platform themes give some classes of widgets their
    own.
    """
    return colors(QGuiApplication.palette())


def _rgb(color: QColor) -> pure.Rgb:
    return color.redF(), color.greenF(), color.blueF()


@lru_cache(maxsize=8)
def _colors(window_rgb: int, text_rgb: int, accent_rgb: int) -> Colors:
    window, accent = QColor(window_rgb), QColor(accent_rgb)
    text = readable(QColor(text_rgb), window, 7.0)
    if accent.hslSaturationF() < 0.2:
        # Some themes say "accent" and mean grey; a grey bar beside grey bars would not stand out.
        accent = QColor("#3b5bdb")
    accent = readable(accent, window, SHAPE_CONTRAST)
    return Colors(
        window=window,
        text=text,
        secondary=readable(mix(text, window, 0.38), window, 5.0),
        field=mix(window, QColor("black"), 0.4) if pure.is_dark(window.name()) else QColor("white"),
        rule=mix(window, text, 0.13),
        accent=accent,
        link=readable(accent, window, TEXT_CONTRAST),
        track=mix(window, text, 0.10),
        quiet_bar=mix(window, accent, 0.5),
        failure=readable(QColor(_FAILURE), window, TEXT_CONTRAST),
        dark=pure.is_dark(window.name()),
    )


def source_color(source_id: str, on: QColor) -> QColor:
    """The colour of a source, the same for ever but for its lightness on a light or dark window."""
    return QColor(hues.hue(source_id, on.name()))


def shades(of: Colors) -> Shades:
    """The same colours as charts are painted with."""
    return Shades(
        window=of.window.name(),
        text=of.text.name(),
        secondary=of.secondary.name(),
        rule=of.rule.name(),
        accent=of.accent.name(),
        selection=mix(of.window, of.accent, 0.16).name(),
        failure=of.failure.name(),
    )


def font(factor: float = 1.0, weight: QFont.Weight | None = None) -> QFont:
    """The desktop's font, scaled, with digits of equal width so that figures stand in columns."""
    result = QFont(QApplication.font())
    if result.pointSizeF() > 0:
        result.setPointSizeF(result.pointSizeF() * factor)
    else:
        result.setPixelSize(max(1, round(result.pixelSize() * factor)))
    if weight is not None:
        result.setWeight(weight)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result
