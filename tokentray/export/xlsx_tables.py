"""A table of the month in a spreadsheet: a head, its rows, and a total that the spreadsheet adds up itself.

Money in it is as displayed, so that SUM gives the displayed total; totals carry their value for programs that only
read. What has no price is text, so that no sum takes it for nothing.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from tokentray.charts.text import shown
from tokentray.export.csv_file import safe_text
from tokentray.export.document import LEFT, Cell, Column, Kind, TableBlock
from tokentray.export.markdown_table import width_of
from tokentray.export.xlsx_formats import Formats, number_format
from tokentray.insight import words
from tokentray.money import NumberStyle, exact_sum

_UNPRICED = (words.NOT_PRICED, words.MOSTLY_NOT_PRICED)
_WIDEST, _NARROWEST, _MARGIN, _BREAK = 48, 9, 2, 4
"""Of columns, in characters; the last is what a line loses where a word goes to the next."""
_LINE, _HIGHEST = 16, 400
"""Points of a line, and of the highest row that there can be."""
_MOST_CHARACTERS = 32_000
"""A cell holds 32,767, of which an escaped one takes seven."""


def cell_text(text: str) -> str:
    """Text from anywhere as a cell that no spreadsheet computes, with what cannot be printed written out."""
    plain = shown(safe_text(text))
    return plain if len(plain) <= _MOST_CHARACTERS else f"{plain[:_MOST_CHARACTERS]}…"


def height_of(text: str, width: int) -> int:
    """Points of a row that takes the text in a column, with room in each of several lines to break between words."""
    wide = width_of(cell_text(text))
    return _LINE if wide <= width else min(_HIGHEST, _LINE * -(-wide // (width - _BREAK)))


def widths(table: TableBlock) -> list[int]:
    """Of its columns, in characters; a name beyond the widest goes on in the next line of its cell."""
    return [
        min(
            _WIDEST,
            max(_NARROWEST, width_of(column.title), *(_width(line[place], column) for line in table.lines)) + _MARGIN,
        )
        for place, column in enumerate(table.columns)
    ]


def _width(cell: Cell, column: Column) -> int:
    return len("Mon 2026-10-01") if column.kind is Kind.DATE else width_of(shown(cell.text))


class TableWriter:
    """Writes tables to the sheets of one workbook."""

    def __init__(self, formats: Formats, style: NumberStyle) -> None:
        self._formats = formats
        self._style = style

    def write(self, sheet: Worksheet, top: int, table: TableBlock, wide: Sequence[int]) -> int:
        """Write a table whose head is the row `top`; returns the row after its last one.

        wide: the columns, in characters; a row is as high as its names and texts take lines.
        """
        for place, column in enumerate(table.columns):
            sheet.write_string(top, place, column.title, self._format(column, bold=1, bottom=1, text_wrap=1))
        texts = [place for place, column in enumerate(table.columns) if not place or column.kind in LEFT]
        row = top + 1
        for cells in table.rows:
            for place, (cell, column) in enumerate(zip(cells, table.columns, strict=True)):
                self._cell(sheet, row, place, cell, column)
            sheet.set_row(row, max(height_of(cells[place].text, wide[place]) for place in texts))
            row += 1
        if table.total:
            for place, (cell, column) in enumerate(zip(table.total, table.columns, strict=True)):
                self._total(sheet, top + 1, row, place, cell, column, [cells[place] for cells in table.rows])
            row += 1
        return row

    def _cell(self, sheet: Worksheet, row: int, place: int, cell: Cell, column: Column, **looks: int) -> None:
        if not is_number(cell):
            sheet.write_string(row, place, cell_text(cell.text), self._format(column, **looks))
        elif isinstance(cell.value, date):
            sheet.write_datetime(row, place, cell.value, self._number_format(cell, column, **looks))
        else:
            sheet.write_number(row, place, number_of(cell, column), self._number_format(cell, column, **looks))

    def _total(
        self, sheet: Worksheet, first: int, row: int, place: int, cell: Cell, column: Column, above: Sequence[Cell]
    ) -> None:
        """A formula wherever the cells above it add up, as the spreadsheet adds, to what the total reads."""
        parts = [number_of(one, column) for one in above if is_number(one)] if is_number(cell) else []
        if not is_number(cell) or exact_sum(parts) != number_of(cell, column):
            self._cell(sheet, row, place, cell, column, bold=1, top=1)
            return
        span = f"{xl_rowcol_to_cell(first, place)}:{xl_rowcol_to_cell(row - 1, place)}"
        looks = self._number_format(cell, column, bold=1, top=1)
        sheet.write_formula(row, place, f"=SUM({span})", looks, number_of(cell, column))

    def _number_format(self, cell: Cell, column: Column, **looks: int) -> Format:
        return self._format(column, num_format=number_format(cell, column, self._style), **looks)

    def _format(self, column: Column, **looks: str | int) -> Format:
        if column.kind in (Kind.NAME, Kind.TEXT):
            looks["text_wrap"] = 1
        return self._formats.get(align="left" if column.kind in LEFT else "right", **looks)


def is_number(cell: Cell) -> bool:
    """Whether a program may compute with it; what has no price is no 0."""
    return cell.value is not None and cell.text not in _UNPRICED


def number_of(cell: Cell, column: Column) -> Decimal:
    """As a spreadsheet keeps it: 38 % is 0.38."""
    assert cell.value is not None
    assert not isinstance(cell.value, date)
    return Decimal(cell.value).scaleb(-2) if column.kind is Kind.PERCENT else Decimal(cell.value)
