"""The sign that stands for a series beside its name: a square as its bars are filled, or a piece of its line. Pure."""

from tokentray.charts.layout import Mark
from tokentray.charts.shapes import NONE, Dot, Path, Rect, Shape

SIDE, LONG = 12.0, 22.0
"""Pixels of a square, and of a piece of line."""


def wide(mark: Mark) -> float:
    """Pixels that a sign takes."""
    return LONG if mark.line else SIDE


def sign(mark: Mark, x: float, y: float, *, shown: bool = True) -> tuple[Shape, ...]:
    """The shapes of a sign, its top left corner at x, y. One that is switched off is hollow."""
    if not mark.line:
        if shown:
            return (Rect(x, y, SIDE, SIDE, mark.ink, mark.pattern),)
        return (Rect(x, y, SIDE, SIDE, NONE, 0, mark.ink),)
    middle = y + SIDE / 2
    if mark.dashed:
        return (Path(((x, middle), (x + LONG, middle)), mark.ink, 1.3, dashed=True),)
    line = Path(((x, middle), (x + LONG, middle)), mark.ink, 2.0 if shown else 1.0, dashed=not shown)
    dot = Dot(x + LONG / 2, middle, 3.5, mark.ink, mark.pattern)
    return (line, dot) if shown else (line,)
