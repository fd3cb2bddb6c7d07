"""How large the type of an HTML file is on paper: as large as lets the month stand on one page, within reason.

Reckoned in lines, as no font can be asked; for Letter, which is the lower, and A4, which is the narrower of the two.
"""

from collections.abc import Sequence

from tokentray.export.document import Block, ChartBlock, Document, ListBlock, TableBlock
from tokentray.export.html_text import short

MARGIN_MM = (10, 12)
"""Above and below, and beside."""
LIST_COLUMNS = 2
_MOST_BESIDE = 4
"""Columns of a table that leaves room for another one beside it."""
_SIZES = range(90, 69, -1)
"""Tenths of a point."""
_OTHERWISE = 80
"""Of a month that needs more than a page anyway."""
_HIGH, _WIDE = 730, 525
"""Points within the margins."""
_CHART = 98_000
"""Thousandths of a point of a chart, which does not grow with the type."""
_LINE, _ROW, _HEADING = 120, 131, 240
"""Hundredths of the size of type: a line of text, a row of a table, a heading with the space over it."""
_OPENING = 580
_CHARACTER, _GAP = 58, 80
"""The same, of a character, for the widest of the usual fonts; and between two columns."""


def type_size(document: Document, runs: Sequence[Sequence[Block]]) -> int:
    """Tenths of a point. runs: the blocks of the document, those that stand beside each other together."""
    return next((size for size in _SIZES if height(document, runs, size) <= _HIGH), _OTHERWISE)


def height(document: Document, runs: Sequence[Sequence[Block]], size: int) -> int:
    """Points that the document needs at a size of tenths of a point."""
    lines = sum(_lines(text, size) for text in (document.status, *document.sentences, *document.changed))
    opening = (_OPENING + lines * _LINE) * size
    return (opening + sum(max(_block(block, size) for block in run) for run in runs)) // 1000


def _block(block: Block, size: int) -> int:
    """Thousandths of a point that a block needs."""
    if isinstance(block, ChartBlock):
        return _HEADING * size + _CHART
    if isinstance(block, ListBlock):
        lines = sum(_lines(sentence, size, LIST_COLUMNS) for sentence in block.sentences)
        return (_HEADING + (-(-lines // LIST_COLUMNS) + 1) * _LINE) * size
    if block.is_detail:
        return 0
    rows = len(block.rows) + bool(block.total) + is_narrow(block)
    lines = _further_lines(block, size) + sum(_lines(note, size) for note in block.notes)
    return (_HEADING + rows * _ROW + lines * _LINE) * size


def _further_lines(block: TableBlock, size: int) -> int:
    """Lines that the names of a table take beside one each."""
    figures = sum(
        _GAP + _CHARACTER * max((len(row[at].text) for row in block.rows), default=0)
        for at in range(1, len(block.columns))
    )
    whole = _WIDE * 1000 // size // (2 if is_narrow(block) else 1)
    in_one = max(10, (whole - figures) // _CHARACTER)
    return sum((len(short(row[0].text)) - 1) // in_one for row in block.rows if row[0].text)


def is_narrow(block: TableBlock) -> bool:
    """Whether there is room beside a table; the heading of a wide one stands on the line of its heads."""
    return len(block.columns) <= _MOST_BESIDE


def _lines(text: str, size: int, columns: int = 1) -> int:
    """Lines that a text takes in one of so many columns."""
    in_one = _WIDE * 1000 // (_CHARACTER * size * columns)
    return -(-len(text) // in_one)
