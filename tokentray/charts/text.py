"""Text in drawings: what is shown of it, how it is shortened, and how wide it is where no font can be asked."""

import unicodedata
from collections.abc import Callable

from tokentray.charts.shapes import Pen

ELLIPSIS = "…"

Measure = Callable[[str, float], float]

# Of the em, for the widest of the fonts that a picture without fonts of its own is shown in (DejaVu Sans, Verdana).
_NARROW, _FIGURE, _PLAIN, _CAPITAL, _BROAD, _FULL = 0.42, 0.64, 0.66, 0.80, 1.0, 1.05
_NARROW_CHARS = frozenset("iljtfrI.,:;'!|()[]/\\ \u00a0-\"")
_BROAD_CHARS = frozenset("mwMW@%—…≈+<>=~")


def shown(text: str) -> str:
    """The text on one line, with what cannot be printed written out, as everywhere in the app."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() or _is_kept(char) else char.encode("unicode_escape").decode() for char in text
    )


def _is_kept(char: str) -> bool:
    """Spaces of any width, and what joins letters and emoji: they have no shape of their own, and are needed."""
    return unicodedata.category(char) == "Zs" or char in "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def elided(text: str, wide: float, factor: float, measure: Measure) -> str:
    """As much of the start of the text as fits, with an ellipsis; "" where not three characters do."""
    if measure(text, factor) <= wide:
        return text
    fits, fails = 0, len(text)
    while fails - fits > 1:
        middle = (fits + fails) // 2
        if measure(text[:middle].rstrip() + ELLIPSIS, factor) <= wide:
            fits = middle
        else:
            fails = middle
    while fits and unicodedata.combining(text[fits]):
        fits -= 1
    return text[:fits].rstrip() + ELLIPSIS if fits >= 3 else ""


def wrapped(text: str, wide: float, factor: float, measure: Measure) -> tuple[str, ...]:
    """The text in one or two lines that fit, broken at a space; the last is shortened where it must be."""
    if measure(text, factor) <= wide:
        return (text,)
    words = text.split(" ")
    for taken in range(len(words) - 1, 0, -1):
        first = " ".join(words[:taken])
        if measure(first, factor) <= wide:
            rest = elided(" ".join(words[taken:]), wide, factor, measure)
            if rest:
                return first, rest
            break
    short = elided(text, wide, factor, measure)
    return (short,) if short else ()


def plain_pen(font_pixels: float = 12.0, *, right_to_left: bool = False) -> Pen:
    """What places text where there is no font to ask, as in an SVG: rather too wide than too narrow."""

    def measure(text: str, factor: float) -> float:
        return sum(map(_em, text)) * font_pixels * factor

    return Pen(measure, font_pixels * 0.95, font_pixels * 0.25, right_to_left)


def _em(char: str) -> float:
    if char in _NARROW_CHARS:
        return _NARROW
    if char.isdigit():
        return _FIGURE
    if char in _BROAD_CHARS:
        return _BROAD
    if char.isascii():
        return _CAPITAL if char.isupper() else _PLAIN
    if unicodedata.combining(char):
        return 0.0
    if unicodedata.east_asian_width(char) in "WF" or ord(char) >= 0x1F000:
        return _FULL
    return _CAPITAL
