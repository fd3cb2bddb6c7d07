"""Text in a PDF: how wide it is, how it is broken, and how it gets onto a page.

Most of it is set letter by letter, with the kerning of its font. What the shipped font lacks, or what joins, stacks or
runs leftwards, is shaped, in fonts of the system where there are some; a character that no font has is written out as
its code.
"""

import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import cast

from fpdf.fonts import TTFFont

from tokentray import assets
from tokentray.charts.text import ELLIPSIS, elided, shown
from tokentray.export.pdf_fonts import SystemFont
from tokentray.export.pdf_kerning import Kerned, Kerning

FAMILY = "source"
_FILES = {"": "fonts/SourceSans3-Regular.ttf", "B": "fonts/SourceSans3-SemiBold.ttf"}
_SHAPED = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_JOINERS = frozenset(map(ord, "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"))
# variation selectors, which choose between emoji and text and draw nothing
_NOTHING = {ord("\ufe0e"): None, ord("\ufe0f"): None}


class Type:
    """The fonts of one file. Sizes are in points, and so are widths.

    texts: what it will hold; what the shipped font lacks of it is looked for in `found`.
    """

    def __init__(self, pdf: Kerned, texts: Iterable[str], found: Callable[[set[int]], Iterable[SystemFont]]) -> None:
        self._pdf = pdf
        for style, file in _FILES.items():
            pdf.add_font(FAMILY, style, str(assets.path(file)))
        regular, bold = (cast(TTFFont, pdf.fonts[f"{FAMILY}{style}"]) for style in _FILES)
        self._has = set(regular.cmap) & set(bold.cmap)
        self._per_em = {False: regular.cw, True: bold.cw}
        self._kerning = {style == "B": Kerning(assets.path(file)) for style, file in _FILES.items()}
        self._plain = lru_cache(maxsize=4096)(self._is_plain)
        self._cleaned = lru_cache(maxsize=4096)(self._clean)
        self._widths = lru_cache(maxsize=16384)(self._per_mille)
        missing = {ord(char) for text in texts for char in _kept(text)} - self._has - _JOINERS
        self._drawn = self._has | _JOINERS
        names = []
        for number, font in enumerate(found(missing)):
            name = f"system{number}"
            pdf.add_font(name, "", str(font.path), collection_font_number=font.number)
            names.append(name)
            self._drawn |= font.has
        if names:
            pdf.set_fallback_fonts(names, exact_match=False)

    def clean(self, text: str) -> str:
        """The text as it can be drawn: control characters, and what no font has, as their codes."""
        return self._cleaned(text)

    def _clean(self, text: str) -> str:
        text = _kept(text)
        if all(ord(char) in self._drawn for char in text):
            return text
        return "".join(char if ord(char) in self._drawn else char.encode("unicode_escape").decode() for char in text)

    def measure(self, text: str, size: float, bold: bool = False) -> float:
        """Its width."""
        return self._widths(text, bold) * size / 1000

    def elide(self, text: str, wide: float, size: float, bold: bool = False) -> str:
        """As much of its start as fits, with an ellipsis; that alone where nothing fits."""
        return elided(text, wide, size, lambda part, at: self.measure(part, at, bold)) or (text and ELLIPSIS)

    def wrap(self, text: str, wide: float, size: float, bold: bool = False) -> list[str]:
        """Its lines, broken at spaces, and within a word that is wider than a line."""
        lines: list[str] = []
        line = ""
        for word in text.split(" "):
            joined = f"{line} {word}" if line else word
            if self.measure(joined, size, bold) <= wide:
                line = joined
                continue
            if line:
                lines.append(line)
            line = word
            while self.measure(line, size, bold) > wide and len(line) > 1:
                cut = max(1, self._fitting(line, wide, size, bold))
                lines.append(line[:cut])
                line = line[cut:]
        return [*lines, line] if line or not lines else lines

    def draw(self, x: float, baseline: float, text: str, size: float, bold: bool = False, direction: str = "") -> None:
        """Puts it onto the page, its left end at x. direction: "ltr" or "rtl", that of its first letter without one."""
        if not text:
            return
        if self._plain(text):
            self._pdf.set_font(FAMILY, "B" if bold else "", size)
            self._pdf.kerned(x, baseline, self._kerning[bold].parts(text))
            return
        self._shape(size, bold, direction)
        self._pdf.set_xy(x, baseline - 0.8 * size)  # a cell's baseline lies there
        self._pdf.cell(self._pdf.get_string_width(text) + 1, size, text)
        self._pdf.set_text_shaping(False)

    def _shape(self, size: float, bold: bool, direction: str) -> None:
        self._pdf.set_font(FAMILY, "B" if bold else "", size)
        self._pdf.set_text_shaping(True, direction=direction or None)

    def _per_mille(self, text: str, bold: bool) -> float:
        """The width in thousandths of the size."""
        if self._plain(text):
            widths = self._per_em[bold]
            return float(sum(widths[ord(char)] for char in text)) + self._kerning[bold].width(text)
        self._shape(1000, bold, "")
        return float(self._pdf.get_string_width(text))

    def _is_plain(self, text: str) -> bool:
        return text.isascii() or all(
            ord(char) in self._has
            and unicodedata.bidirectional(char) not in _SHAPED
            and unicodedata.category(char) not in ("Mn", "Mc", "Me", "Cf")
            for char in text
        )

    def _fitting(self, word: str, wide: float, size: float, bold: bool) -> int:
        """How many characters of a word fit."""
        fits, fails = 0, len(word)
        while fails - fits > 1:
            middle = (fits + fails) // 2
            if self.measure(word[:middle], size, bold) <= wide:
                fits = middle
            else:
                fails = middle
        return fits


def _kept(text: str) -> str:
    """On one line, without what draws nothing. Composed: many fonts have é, and not the accent alone."""
    return shown(unicodedata.normalize("NFC", " ".join(text.split("\n")))).translate(_NOTHING)
