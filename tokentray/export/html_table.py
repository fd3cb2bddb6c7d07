"""Tables of an HTML file: their heads and totals named as such, and figures under each other from table to table."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from tokentray.export.document import LEFT, Cell, Column, Kind, TableBlock
from tokentray.export.html_paper import characters, is_in_line
from tokentray.export.html_text import sentence, short, words

_CLASSES = {Kind.NAME: "name", Kind.TEXT: "text", Kind.DATE: "day"}
Places = tuple[str, ...]


class Tables(NamedTuple):
    """The tables of a document. widths: how many characters the columns of figures need, by the columns that a table
    has beside its first one. size: of type on paper, in tenths of a point.

    Tables with the same columns share their widths, so that their figures stand under each other down the page.
    """

    widths: Mapping[Places, tuple[int, ...]]
    size: int

    @classmethod
    def of(cls, blocks: Sequence[TableBlock], size: int) -> "Tables":
        """Of all tables of a document."""
        found: dict[Places, tuple[int, ...]] = {}
        for block in blocks:
            places, needed = _places(block), characters(block)
            found[places] = tuple(map(max, needed, found.get(places, needed)))
        return cls(found, size)

    def is_in_line(self, block: TableBlock) -> bool:
        """Whether the heading stands on the line of the heads on paper."""
        return is_in_line(block, self.size)

    def lines(self, block: TableBlock) -> Iterator[str]:
        """The table, in a frame that scrolls by itself where it is too wide, with its notes."""
        title = words(block.title)
        yield f'<div class="scroll" role="group" aria-label="{title}" tabindex="0">'
        yield "<table>"
        yield f"<caption>{title}</caption>"
        yield f"<colgroup><col>{''.join(map(_col, block.columns[1:], self.widths[_places(block)]))}</colgroup>"
        heads = "".join(f'<th scope="col"{_class(column)}>{words(column.title)}</th>' for column in block.columns)
        yield f"<thead><tr>{heads}</tr></thead>"
        yield "<tbody>"
        yield from (_row(row, block.columns) for row in block.rows)
        yield "</tbody>"
        if block.total:
            yield f"<tfoot>{_row(block.total, block.columns)}</tfoot>"
        yield "</table>"
        yield "</div>"
        yield from (f'<p class="note">{sentence(note)}</p>' for note in block.notes)


def _places(block: TableBlock) -> Places:
    return tuple(column.id for column in block.columns[1:])


def _col(column: Column, needed: int) -> str:
    """A column of text takes what is left, with the names."""
    return "<col>" if column.kind in LEFT else f'<col style="width:calc({needed}ch + var(--gap))">'


def _row(row: Sequence[Cell], columns: Sequence[Column]) -> str:
    first, *others = zip(row, columns, strict=True)
    head = f'<th scope="row"{_class(first[1])}>{_text(*first)}</th>'
    cells = "".join(f"<td{_class(column)}>{_text(cell, column)}</td>" for cell, column in others)
    return f"<tr>{head}{cells}</tr>"


def _class(column: Column) -> str:
    """Figures are the rule, and have none."""
    return f' class="{_CLASSES[column.kind]}"' if column.kind in _CLASSES else ""


def _text(cell: Cell, column: Column) -> str:
    if column.kind is Kind.NAME:
        return _name(cell.text)
    if isinstance(cell.value, date):
        text = words(cell.text).replace("  ", " \N{FIGURE SPACE}")
        return f'<time datetime="{cell.value.isoformat()}">{text}</time>'
    return words(cell.text)


def _name(name: str) -> str:
    """Apart from what stands beside it, in whichever direction it runs."""
    shortened = words(short(name))
    title = "" if shortened == words(name) else f' title="{words(name)}"'
    return f'<bdi dir="auto"{title}>{shortened}</bdi>'
