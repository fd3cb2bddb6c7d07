"""Colours as text ("#0072b2"), and how well they stand out from each other after WCAG 2. No colour is chosen here."""

from functools import lru_cache
from typing import NamedTuple

TEXT_CONTRAST = 4.5
SHAPE_CONTRAST = 3.0
_DARK_BELOW = 0.18

Rgb = tuple[float, float, float]


class Shades(NamedTuple):
    """What a chart is painted with, each as "#rrggbb"."""

    window: str
    text: str
    secondary: str
    rule: str
    accent: str
    selection: str
    failure: str

    @property
    def dark(self) -> bool:
        """Whether it is light on dark."""
        return is_dark(self.window)


def rgb(color: str) -> Rgb:
    """Red, green and blue from 0 to 1."""
    return int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255


def name(color: Rgb) -> str:
    """As text, half a step rounded up."""
    return "#" + "".join(f"{int(channel * 255 + 0.5):02x}" for channel in color)


def luminance(color: Rgb) -> float:
    """Relative luminance after WCAG 2, from 0 to 1."""

    def linear(channel: float) -> float:
        return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2])


def contrast(one: Rgb, other: Rgb) -> float:
    """From 1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """`share` of `other` (0 to 1) in `one`."""
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def mixed(one: str, other: str, share: float) -> str:
    """The same, as text."""
    return name(mix(rgb(one), rgb(other), share))


def is_dark(window: str) -> bool:
    """Whether text on it is light."""
    return luminance(rgb(window)) < _DARK_BELOW


@lru_cache(maxsize=512)
def readable(color: str, on: str, least: float) -> str:
    """`color`, moved towards black or white just as far as it takes to reach a contrast of `least`."""
    ground, start = rgb(on), rgb(color)
    goal = (1.0, 1.0, 1.0) if luminance(ground) < _DARK_BELOW else (0.0, 0.0, 0.0)
    for step in range(21):
        candidate = name(mix(start, goal, step / 20))
        if contrast(rgb(candidate), ground) >= least:
            return candidate
    return name(goal)


def shades(window: str, text: str, accent: str, failure: str = "#c62828") -> Shades:
    """What a chart is painted with on a window of that colour."""
    return Shades(
        window=window,
        text=text,
        secondary=readable(mixed(text, window, 0.38), window, 5.0),
        rule=mixed(window, text, 0.13),
        accent=accent,
        selection=mixed(window, accent, 0.16),
        failure=readable(failure, window, TEXT_CONTRAST),
    )


LIGHT = shades("#ffffff", "#1a1a1a", "#2c5aa0")
DARK = shades("#1e1e1e", "#f0f0f0", "#6aa0f0")
