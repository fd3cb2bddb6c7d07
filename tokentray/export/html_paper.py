"""Where the blocks of an HTML file stand, and how large its type is on paper: as large as one page lets it be.

Reckoned in lines, as no font can be asked; for Letter: A4 is a little narrower, and higher by more than that takes.
"""

from collections.abc import Iterator
from typing import NamedTuple

from tokentray.export.document import LEFT, Block, ChartBlock, Document, ListBlock, TableBlock
from tokentray.export.html_text import short

MARGIN_MM = (10, 12)
"""Above and below, and beside."""
LIST_COLUMNS = 2
_MOST_BESIDE = 4
"""Columns of a table that leaves room for another one beside it."""
_SIZES = range(90, 65, -1)
"""Tenths of a point."""
_OTHERWISE = 80
"""Of a month that needs more than a page anyway."""
_HIGH, _WIDE = 740, 540
"""Points within the margins."""
_CHART = 86_000
"""Thousandths of a point of a chart, which does not grow with the type."""
_LINE, _ROW, _HEADING = 116, 124, 222
"""Hundredths of the size of type: a line of text, a row of a table, a heading with the space around its block."""
_OPENING = 530
_CHARACTER, _FIGURE, _GAP = 55, 64, 80
"""The same, of a character and of a figure, for the widest of the usual fonts; and between two columns."""


class Run(NamedTuple):
    """Blocks that stand beside each other where there is room, a chart at the side of all others; or a single one."""

    blocks: tuple[Block, ...]

    @property
    def chart(self) -> ChartBlock | None:
        """The chart among them."""
        return next((block for block in self.blocks if isinstance(block, ChartBlock)), None)

    @property
    def is_beside(self) -> bool:
        """Whether there is more than one, but for what is folded."""
        return sum(not _is_folded(block) for block in self.blocks) > 1


class Layout(NamedTuple):
    """Where the blocks of a document stand. beside_opening: the one at the side of what is said first."""

    document: Document
    beside_opening: TableBlock | None
    runs: tuple[Run, ...]


def layout(document: Document) -> Layout:
    """All blocks in their order."""
    blocks = document.blocks
    first = blocks[0] if blocks and isinstance(blocks[0], TableBlock) and _is_small(blocks[0]) else None
    runs: list[list[Block]] = []
    charted = False
    for block in blocks[1:] if first else blocks:
        is_chart = isinstance(block, ChartBlock)
        if not (runs and _joins(block) and _joins(runs[-1][0]) and not (is_chart and charted)):
            runs.append([])
            charted = False
        runs[-1].append(block)
        charted |= is_chart
    return Layout(document, first, tuple(Run(tuple(run)) for run in runs))


def _joins(block: Block) -> bool:
    """Whether a block may stand beside others."""
    return _is_small(block) or _is_folded(block) or isinstance(block, ChartBlock)


def _is_folded(block: Block) -> bool:
    return isinstance(block, TableBlock) and block.is_detail


def _is_small(block: Block) -> bool:
    return isinstance(block, TableBlock) and not block.is_detail and len(block.columns) <= _MOST_BESIDE


def type_size(layout: Layout) -> int:
    """Tenths of a point."""
    return next((size for size in _SIZES if height(layout, size) <= _HIGH), _OTHERWISE)


def height(layout: Layout, size: int) -> int:
    """Points that the document needs at a size of tenths of a point."""
    made, columns = layout.document, 1 + bool(layout.beside_opening)
    lines = sum(_lines(text, size, columns) for text in (made.status, made.said, *made.sentences))
    opening = (_OPENING + lines * _LINE) * size
    if layout.beside_opening:
        opening = max(opening, _block(layout.beside_opening, size))
    changed = sum(_lines(text, size) for text in made.changed) * _LINE * size
    return (opening + changed + sum(_run(run, size) for run in layout.runs)) // 1000


def _run(run: Run, size: int) -> int:
    """Thousandths of a point that blocks need, those beside each other as much as the highest of them."""
    tables = [_block(block, size) for block in run.blocks if not isinstance(block, ChartBlock)]
    if run.chart:
        return max(sum(tables), _HEADING * size + _CHART)
    if run.is_beside:
        needed = [one for one in tables if one]
        return sum(max(needed[at : at + 2]) for at in range(0, len(needed), 2))
    return sum(tables)


def _block(block: TableBlock | ListBlock, size: int) -> int:
    """Thousandths of a point that a block needs."""
    if isinstance(block, ListBlock):
        lines = sum(_lines(sentence, size, LIST_COLUMNS) for sentence in block.sentences)
        return (_HEADING + (-(-lines // LIST_COLUMNS) + 1) * _LINE) * size
    if block.is_detail:
        return 0
    rows = len(block.rows) + bool(block.total) + (not is_in_line(block, size))
    room = _room(block, size)
    lines = sum((len(short(row[0].text)) - 1) // room for row in block.rows if row[0].text)
    lines += sum(_lines(note, size) for note in block.notes)
    return (_HEADING + rows * _ROW + lines * _LINE) * size


def is_in_line(block: TableBlock, size: int) -> bool:
    """Whether the heading of a table stands on the line of its heads on paper, where the first one tells less."""
    return not _is_small(block) and len(block.title) * 5 <= _room(block, size) * 4


def _room(block: TableBlock, size: int) -> int:
    """Characters in a line of the first column; columns of text share what figures leave."""
    whole = _WIDE * 1000 // size // (2 if _is_small(block) else 1)
    left = whole - sum(_GAP + _FIGURE * needed for needed in _figures(block))
    return max(10, left // _CHARACTER // sum(column.kind in LEFT for column in block.columns))


def _figures(block: TableBlock) -> Iterator[int]:
    for column, needed in zip(block.columns[1:], characters(block), strict=True):
        if column.kind not in LEFT:
            yield needed


def characters(block: TableBlock) -> tuple[int, ...]:
    """How many the columns beside the first one need, with one more for totals, which are bold."""
    return tuple(
        1 + max(len(column.title), *(len(line[at].text) for line in block.lines), 0)
        for at, column in enumerate(block.columns)
        if at
    )


def _lines(text: str, size: int, columns: int = 1) -> int:
    """Lines that a text takes in one of so many columns."""
    in_one = _WIDE * 1000 // (_CHARACTER * size * columns)
    return -(-len(text) // in_one)
