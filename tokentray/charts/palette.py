"""Hue and pattern of whatever stands under a colour, derived from its id and the same for ever.

Eight hues are all that stay apart for every eye, so patterns tell apart what shares one, in black and white too.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tokentray.charts.colors import SHAPE_CONTRAST, Shades, mixed, readable

# Hues that stay apart for protan, deutan and tritan eyes (after Okabe and Ito). Order is part of every
# person's picture of their sources: append only, and never shorten.
_HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7a6a4f")

SOLID, DIAGONAL, DOTS, HORIZONTAL, CROSS, BACK_DIAGONAL, VERTICAL, GRID = range(8)
"""What is drawn over a fill, in a paler shade of it. Order and number are part of the picture as well."""
PATTERNS = 8

# The two built-in readers are told apart most often, so they get the two hues that differ most; token kinds are few and
# always the same, so each gets a hue of its own.
_FIXED = {
    "claude-code": (1, SOLID),
    "codex": (0, DIAGONAL),
    "kind:input": (0, SOLID),
    "kind:output": (1, DIAGONAL),
    "kind:cache-read": (2, SOLID),
    "kind:cache-write-5m": (4, DOTS),
    "kind:cache-write-1h": (3, HORIZONTAL),
    "kind:search": (6, CROSS),
}
_ROLES = ("text", "secondary", "rule", "window", "accent", "selection", "failure")
_PALER = 0.42


@lru_cache(maxsize=2048)
def look(ink: str) -> tuple[int, int]:
    """Index of the hue, and pattern, that an ink ("source:plan:1") has where nothing else of a chart shares both."""
    return _FIXED.get(ink) or _look(ink.partition(":")[2])


def _look(value: str) -> tuple[int, int]:
    fixed = _FIXED.get(value)
    if fixed is not None:
        return fixed
    digest = zlib.crc32(value.encode("utf-8", "surrogatepass"))
    return digest % len(_HUES), digest // len(_HUES) % PATTERNS


def hue(value: str, on: str) -> str:
    """The colour of a value ("plan:1"), the same for ever but for its lightness on a light or dark window."""
    return readable(_HUES[_look(value)[0]], on, SHAPE_CONTRAST)


def color(ink: str, shades: Shades) -> str:
    """What an ink looks like: a role, a series, or several of them ("")."""
    if ink in _ROLES:
        return str(getattr(shades, ink))
    if not ink:
        return readable(mixed(shades.text, shades.window, 0.55), shades.window, SHAPE_CONTRAST)
    return readable(_HUES[look(ink)[0]], shades.window, SHAPE_CONTRAST)


def paler(ink: str, shades: Shades) -> str:
    """What the pattern over a fill of that ink is drawn in."""
    return mixed(color(ink, shades), shades.window, _PALER)


def patterns(series: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """The pattern of each series of one chart, given as id and ink, so that none shares hue and pattern with another.

    Who gives way is settled by the ids, not by the order: a series keeps its pattern when amounts change. What is left
    over when all patterns of a hue are taken keeps its own; "" is solid.
    """
    taken: set[tuple[int, int]] = set()
    found: dict[int, int] = {}
    for index in sorted(range(len(series)), key=lambda one: (series[one][1], series[one][0])):
        ink = series[index][1]
        hue_index, own = look(ink) if ink else (-1, SOLID)
        free = (step % PATTERNS for step in range(own, own + PATTERNS) if (hue_index, step % PATTERNS) not in taken)
        found[index] = next(free, own)
        taken.add((hue_index, found[index]))
    return tuple(found[index] for index in range(len(series)))


class Tile(NamedTuple):
    """What a pattern repeats in a square of TILE pixels: lines as x1, y1, x2, y2, and dots as x, y."""

    lines: tuple[tuple[float, float, float, float], ...] = ()
    dots: tuple[tuple[float, float], ...] = ()


TILE = 6.0
STROKE = 1.3
DOT_RADIUS = 1.0
_UP = ((0.0, 6.0, 6.0, 0.0), (-1.0, 1.0, 1.0, -1.0), (5.0, 7.0, 7.0, 5.0))
_DOWN = ((0.0, 0.0, 6.0, 6.0), (-1.0, 5.0, 1.0, 7.0), (5.0, -1.0, 7.0, 1.0))
_LEVEL = ((0.0, 3.5, 6.0, 3.5),)
_UPRIGHT = ((3.5, 0.0, 3.5, 6.0),)
TILES = {
    SOLID: Tile(),
    DIAGONAL: Tile(lines=_UP),
    DOTS: Tile(dots=((1.5, 1.5), (4.5, 4.5))),
    HORIZONTAL: Tile(lines=_LEVEL),
    CROSS: Tile(lines=_UP + _DOWN),
    BACK_DIAGONAL: Tile(lines=_DOWN),
    VERTICAL: Tile(lines=_UPRIGHT),
    GRID: Tile(lines=_LEVEL + _UPRIGHT),
}

MARKERS = 4


def marker(form: int) -> tuple[tuple[float, float], ...]:
    """Corners of a marker around its middle, in radii: a square, a triangle, a diamond; none for a disc."""
    return _CORNERS[form % MARKERS]


_CORNERS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    ((0.0, -1.2), (1.1, 0.85), (-1.1, 0.85)),
    ((0.0, -1.25), (1.25, 0.0), (0.0, 1.25), (-1.25, 0.0)),
)
