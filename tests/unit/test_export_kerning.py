"""Letters of a PDF stand as close as their font has them, and its figures under each other."""

from collections.abc import Iterator
from contextlib import closing

import pypdfium2
import pytest
from fpdf.fonts import TTFFont

from tokentray import assets
from tokentray.export.pdf_kerning import FEATURES, Kerned, Kerning
from tokentray.export.pdf_type import FAMILY, Type

FIGURES = "0123456789.,$€£≈+−<%–\N{NO-BREAK SPACE} "
TEXTS = (
    "Total", "AVATAR Type. 11.7 To: 1,471.00", "office fi ff", "“V”, W. T–o (Tj) L’A", "Übergrößenträger",
    "Estimated: the tokens in the logs of Codex on this machine, at the provider's list price of each day.",
)  # fmt: skip


@pytest.fixture(name="pdf")
def pdf_() -> Iterator[Kerned]:
    pdf = Kerned(unit="pt", format=(800, 200))
    pdf.add_page()
    yield pdf
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.close()


@pytest.mark.parametrize("bold", [False, True])
def test_text_is_as_wide_as_its_font_shapes_it(pdf: Kerned, bold: bool) -> None:
    """Though it is measured pair by pair."""
    type_ = Type(pdf, (), lambda _: ())
    for text in TEXTS:
        pdf.set_font(FAMILY, "B" if bold else "", 1000)
        pdf.set_text_shaping(True, features=FEATURES, direction="ltr")
        assert type_.measure(text, 1000, bold) == pytest.approx(pdf.get_string_width(text)), text


@pytest.mark.parametrize("file", ["Regular", "SemiBold"])
def test_figures_have_no_kerning(file: str) -> None:
    """Nor what stands beside them in a column, so that digits are under digits."""
    kerning = Kerning(assets.path(f"fonts/SourceSans3-{file}.ttf"))
    pairs = "".join(f"{one}{other}" for one in FIGURES for other in FIGURES)
    assert list(kerning.parts(pairs)) == [(pairs, 0)]
    ((head, apart), rest) = kerning.parts("To")
    assert (head, rest) == ("T", ("o", 0))
    assert apart == kerning.width("To") < -50


def test_text_is_drawn_as_it_is_measured_and_read_whole(pdf: Kerned) -> None:
    """Two lines beside each other: each is copied as one, its last letter ends where it should."""
    type_ = Type(pdf, (), lambda _: ())
    for x, text in ((20.0, "Total AVATAR (Tj)"), (420.0, "To: “V” \\ Typ")):
        type_.draw(x, 100, text, 20)
    with pypdfium2.PdfDocument(bytes(pdf.output())) as made, closing(made[0].get_textpage()) as page:
        read = page.get_text_range()
        boxes = [page.get_charbox(at, loose=True) for at in range(page.count_chars())]
    first, second = (read.index(text) for text in ("Total AVATAR (Tj)", "To: “V” \\ Typ"))
    for start, text, x in ((first, "Total AVATAR (Tj)", 20.0), (second, "To: “V” \\ Typ", 420.0)):
        assert boxes[start][0] == pytest.approx(x, abs=0.05)
        assert boxes[start + len(text) - 1][2] == pytest.approx(x + type_.measure(text, 20), abs=0.2)
        assert boxes[start + 1][0] < boxes[start][2] - 1, "the o stands under the arm of the T"
