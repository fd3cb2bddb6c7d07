"""How much closer together or further apart two letters stand than they are wide, as their font has it: "To", "Av"."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import uharfbuzz
from fpdf import FPDF
from fpdf.fonts import TTFFont

FEATURES = {"kern": True, "liga": False, "clig": False}
"""What a pair is shaped with: no two letters become one."""


class Kerning:
    """Of one font, in thousandths of its size. Its figures have none, so that they stay under each other.

    A pair is asked about once: to shape every text that is measured would take several times as long as all the rest.
    """

    def __init__(self, file: Path) -> None:
        self._font = uharfbuzz.Font(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(file))))
        self._font.scale = (1000, 1000)
        self._between = lru_cache(maxsize=8192)(self._pair)

    def width(self, text: str) -> int:
        """What it adds to the widths of the letters of a text, below 0 where it takes away."""
        return sum(self._between(*pair) for pair in pairwise(text))

    def parts(self, text: str) -> Iterator[tuple[str, int]]:
        """The text in parts, each with how much further away the next one stands than it is wide."""
        start = 0
        for at, pair in enumerate(pairwise(text), 1):
            if apart := self._between(*pair):
                yield text[start:at], apart
                start = at
        yield text[start:], 0

    def _pair(self, first: str, second: str) -> int:
        return self._advance(first + second, FEATURES) - self._advance(first + second, {**FEATURES, "kern": False})

    def _advance(self, text: str, features: dict[str, bool]) -> int:
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        uharfbuzz.shape(self._font, buffer, features)
        return sum(place.x_advance for place in buffer.glyph_positions)


class Kerned(FPDF):
    """A file whose text can be kerned and stays whole.

    The library shapes a text into pieces, which viewers then copy and read aloud in another order.
    """

    def kerned(self, x: float, baseline: float, parts: Iterable[tuple[str, int]]) -> None:
        """Text as text() puts it, the parts as far apart as Kerning says, in the font and colour that are set."""
        font = self.current_font
        assert isinstance(font, TTFFont)
        assert self.text_color is not None
        if not self.current_font_is_set_on_page:
            self.text(x, baseline, "")  # which says the font on the page
        shown = " ".join(f"{font.encode_text(part).removesuffix(' Tj')} {-apart}" for part, apart in parts)
        placed = f"BT {x * self.k:.2f} {(self.h - baseline) * self.k:.2f} Td [{shown}] TJ ET"
        self._out(f"q {self.text_color.serialize().lower()} {placed} Q")
