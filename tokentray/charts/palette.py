"""Hue, tone and pattern of whatever stands under a colour, derived from its id and the same for ever.

Eight hues are all that stay apart for every eye. Each comes in two tones, and what shares both is told apart by a quiet
pattern, in black and white too.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from tokentray.charts.colors import SHAPE_CONTRAST, Shades, is_dark, mixed, readable

# Hues that stay apart for protan, deutan and tritan eyes (after Okabe and Ito). Order is part of every
# person's picture of their sources: append only, and never shorten.
_HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6bb1", "#7a6a4f")
_PLAIN, _STRONG = range(2)
_DARKER, _LIGHTER = 0.28, 0.34
"""How much black or white the second tone of a hue holds, on a light and on a dark window."""

SOLID, DIAGONAL, DOTS, HORIZONTAL, CROSS, BACK_DIAGONAL, VERTICAL, GRID = range(8)
"""What is drawn over a fill, in a paler shade of it. Order and number are part of the picture as well."""
PATTERNS = 8
_OWN = (SOLID, SOLID, SOLID, SOLID, SOLID, DIAGONAL, DOTS, HORIZONTAL)
"""Most have no pattern of their own: a chart in which all are patterned is loud, and tells nothing more."""


class Look(NamedTuple):
    """Index of a hue, which of its two tones, and a pattern."""

    hue: int
    tone: int
    pattern: int


# The two built-in readers are told apart most often, so they get the two hues that differ most; token kinds and bases
# are few and always the same, so each gets its own. What is estimated is striped, and never looks like a bill; what has
# no such value, as a fee has no model, is earthen.
_FIXED = {
    "": Look(7, _PLAIN, SOLID),
    "claude-code": Look(1, _PLAIN, SOLID),
    "codex": Look(0, _PLAIN, SOLID),
    "kind:input": Look(0, _PLAIN, SOLID),
    "kind:output": Look(1, _PLAIN, SOLID),
    "kind:cache-read": Look(2, _PLAIN, SOLID),
    "kind:cache-write-5m": Look(4, _PLAIN, SOLID),
    "kind:cache-write-1h": Look(3, _PLAIN, SOLID),
    "kind:search": Look(6, _PLAIN, SOLID),
    "basis:billed": Look(0, _PLAIN, SOLID),
    "basis:plan": Look(0, _PLAIN, SOLID),
    "basis:metered": Look(5, _PLAIN, DIAGONAL),
    "basis:estimated": Look(5, _PLAIN, DIAGONAL),
}
# Where the digest of a model begins: one at which those much used together have colours of their own.
_SEEDS = {"model": 4309}
_ROLES = ("text", "secondary", "rule", "window", "accent", "selection", "failure")
_PALER = 0.3


@lru_cache(maxsize=2048)
def look(ink: str) -> Look:
    """What an ink ("source:plan:1") looks like where nothing else of a chart looks the same."""
    key, _, value = ink.partition(":")
    return _FIXED.get(ink) or _look(value, _SEEDS.get(key, 0))


def _look(value: str, seed: int = 0) -> Look:
    fixed = _FIXED.get(value)
    if fixed is not None:
        return fixed
    digest = zlib.crc32(value.encode("utf-8", "surrogatepass"), seed)
    return Look(digest % len(_HUES), digest >> 7 & 1, _OWN[digest >> 20 & 7])


def hue(value: str, on: str) -> str:
    """The colour of a value ("plan:1"), the same for ever but for its lightness on a light or dark window."""
    return _painted(_look(value), on)


def color(ink: str, shades: Shades) -> str:
    """What an ink looks like: a role, a series, or several of them ("")."""
    if ink in _ROLES:
        return str(getattr(shades, ink))
    if not ink:
        return readable(mixed(shades.text, shades.window, 0.55), shades.window, SHAPE_CONTRAST)
    return _painted(look(ink), shades.window)


@lru_cache(maxsize=512)
def _painted(look: Look, on: str) -> str:
    plain = readable(_HUES[look.hue], on, SHAPE_CONTRAST)
    if look.tone == _PLAIN:
        return plain
    return mixed(plain, "#ffffff", _LIGHTER) if is_dark(on) else mixed(plain, "#000000", _DARKER)


def paler(ink: str, shades: Shades) -> str:
    """What the pattern over a fill of that ink is drawn in."""
    return mixed(color(ink, shades), shades.window, _PALER)


def patterns(series: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """The pattern of each series of one chart, given as id and ink, so that no two of a colour share one.

    Who gives way is settled by the ids, not by the order: a series keeps its pattern when amounts change. What is left
    over when all patterns of a colour are taken keeps its own; "" is solid.
    """
    return _apart(series, [_look_of(ink) for _, ink in series], PATTERNS)


def markers(series: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """The form of the marker of each line of one chart, in the same way."""
    forms = [zlib.crc32(ink.encode("utf-8", "surrogatepass")) % MARKERS for _, ink in series]
    looks = [_look_of(ink)._replace(pattern=form) for (_, ink), form in zip(series, forms, strict=True)]
    return _apart(series, looks, MARKERS)


def _look_of(ink: str) -> Look:
    return look(ink) if ink else Look(-1, _PLAIN, SOLID)


def _apart(series: Sequence[tuple[str, str]], looks: Sequence[Look], number: int) -> tuple[int, ...]:
    """What each has of so many patterns, those of its look where they are free."""
    taken: set[Look] = set()
    found: dict[int, int] = {}
    for index in sorted(range(len(series)), key=lambda one: (series[one][1], series[one][0])):
        own = looks[index]
        steps = (own._replace(pattern=(own.pattern + step) % number) for step in range(number))
        given = next((one for one in steps if one not in taken), own)
        found[index] = given.pattern
        taken.add(given)
    return tuple(found[index] for index in range(len(series)))


class Tile(NamedTuple):
    """What a pattern repeats in a square of TILE pixels: lines as x1, y1, x2, y2, and dots as x, y."""

    lines: tuple[tuple[float, float, float, float], ...] = ()
    dots: tuple[tuple[float, float], ...] = ()


TILE = 6.0
STROKE = 1.1
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
