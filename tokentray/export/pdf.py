"""A month as a PDF: a page to hand in, its text whole, in reading order and in fonts of its own.

The same summary gives the same bytes, so nothing of the moment, the machine or the person is in it.
"""

import io
import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, time

from fpdf.fonts import TTFFont

from tokentray import __version__
from tokentray.charts import palette
from tokentray.charts.colors import LIGHT
from tokentray.export import pdf_chart
from tokentray.export.compose import document
from tokentray.export.document import ChartBlock, Document, TableBlock
from tokentray.export.pdf_fonts import DAMAGED, SystemFont, fonts_for
from tokentray.export.pdf_kerning import Kerned
from tokentray.export.pdf_pages import Paper, pages
from tokentray.export.pdf_shapes import Item, Picture, Rule, Words
from tokentray.export.pdf_type import Type
from tokentray.export.summary import MonthSummary
from tokentray.localeinfo import paper_is_letter

_A4, _LETTER = Paper(595.28, 841.89), Paper(612.0, 792.0)
_NAME = "TokenTray"
_NOTHING_SEEN = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0H1V1H0Z" fill="#ffffff"/></svg>'
)


def render(summary: MonthSummary) -> bytes:
    """The whole summary; details are left out where only the rest fits on one page."""
    return written(document(summary), summary.last, summary.style.decimal_point)


def written(made: Document, day: date, point: str = ".") -> bytes:
    """A document as a file. day: the last one it covers, which is the date of the file. point: of its figures."""
    for library in ("fpdf", "fontTools"):
        logging.getLogger(library).setLevel(logging.ERROR)  # what they remark on fonts of the system helps nobody
    try:
        return _written(made, day, point, fonts_for)
    except DAMAGED:
        return _written(made, day, point, lambda _: ())  # a damaged font of the system costs its characters alone


def _written(made: Document, day: date, point: str, found: Callable[[set[int]], Iterable[SystemFont]]) -> bytes:
    paper = _LETTER if paper_is_letter() else _A4
    pdf = Kerned(unit="pt", format=(paper.wide, paper.tall))
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.c_margin = 0
    pdf.alias_nb_pages("")  # else a project called {nb} would be a number
    try:
        type_ = Type(pdf, _texts(made), found)
        pdf.set_title(f"{type_.clean(made.title)}, {_NAME}")
        pdf.set_lang(made.language)
        pdf.set_creator(f"{_NAME} {__version__}")
        pdf.set_producer(f"{_NAME} {__version__}")
        pdf.set_creation_date(datetime.combine(day, time(), UTC))
        filled = pages(made, type_, paper, point, _NAME)
        for page in filled:
            pdf.add_page()
            for item in page:
                _paint(item, pdf, type_, marked=len(filled) > 1)
        return bytes(pdf.output())
    finally:
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.close()


def _paint(item: Item, pdf: Kerned, type_: Type, *, marked: bool) -> None:
    if isinstance(item, Words):
        pdf.set_text_color(palette.color(item.ink, LIGHT))
        type_.draw(item.x, item.y, item.text, item.size, item.bold, item.direction)
    elif isinstance(item, Rule):
        pdf.set_draw_color(palette.color(item.ink, LIGHT))
        pdf.set_line_width(item.thick)
        pdf.line(item.x, item.y, item.x + item.wide, item.y)
    elif isinstance(item, Picture):
        # an area in the colour of the paper carries the words for who does not see the chart
        pdf.image(
            io.BytesIO(_NOTHING_SEEN), item.x, item.y, item.wide, item.tall, alt_text=type_.clean(item.block.spoken)
        )
        pdf_chart.paint(item, pdf, type_)
    elif marked:
        pdf.set_y(item.y)
        pdf.start_section(item.text)


def _texts(made: Document) -> Iterator[str]:
    """Every text of the document."""
    yield from (made.title, made.amount, made.said, made.status, *made.sentences, *made.changed)
    for block in made.blocks:
        yield block.title
        if isinstance(block, TableBlock):
            yield from (column.title for column in block.columns)
            yield from (cell.text for line in block.lines for cell in line)
            yield from block.notes
        elif isinstance(block, ChartBlock):
            yield block.spoken
        else:
            yield from block.sentences
