"""Colours and type, all derived from the palette and font of the desktop.

Nothing here is a fixed screen colour but the hues of sources, and those move in lightness until they stand
out from the window they are painted on. Contrast is the ratio of WCAG 2: 4.5 for text, 3 for what is only a
shape.
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0

# Hues that stay apart for protan, deutan and tritan eyes (after Okabe and Ito). Order is part of every
# person's picture of their sources: append only, and never shorten.
_SOURCE_HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7a6a4f")

# The two built-in readers are told apart most often, so they get the two hues that differ most; others by
# their id.
_FIXED_HUE = {"claude-code": 1, "codex": 0}

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

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: QColor, other: QColor) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: QColor, other: QColor, share: float) -> QColor:
    """`share` of `other` (0 to 1) in `one`."""
    return QColor.fromRgbF(
        one.redF() + (other.redF() - one.redF()) * share,
        one.greenF() + (other.greenF() - one.greenF()) * share,
        one.blueF() + (other.blueF() - one.blueF()) * share,
    )


def readable(color: QColor, on: QColor, least: float) -> QColor:
    """`color`, moved towards black or white just as far as it takes to reach a contrast of `least`."""
    goal = QColor("white") if luminance(on) < 0.18 else QColor("black")
    for step in range(21):
        candidate = mix(color, goal, step / 20)
        if contrast(candidate, on) >= least:
            return candidate
    return goal


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
        field=mix(window, QColor("black"), 0.4) if luminance(window) < 0.18 else QColor("white"),
        rule=mix(window, text, 0.13),
        accent=accent,
        link=readable(accent, window, TEXT_CONTRAST),
        track=mix(window, text, 0.10),
        quiet_bar=mix(window, accent, 0.5),
        failure=readable(QColor(_FAILURE), window, TEXT_CONTRAST),
        dark=luminance(window) < 0.18,
    )


def source_color(source_id: str, on: QColor) -> QColor:
    """The colour of a source, the same for ever but for its lightness on a light or dark window."""
    index = _FIXED_HUE.get(source_id, zlib.crc32(source_id.encode()) % len(_SOURCE_HUES))
    return readable(QColor(_SOURCE_HUES[index]), on, SHAPE_CONTRAST)


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
