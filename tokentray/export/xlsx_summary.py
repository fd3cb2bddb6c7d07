"""The first sheet of a month's workbook: what is read before any table, the short tables, and the chart of days."""

from collections.abc import Iterable, Mapping

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tokentray.export.document import Cell, ChartBlock, Column, Document, Kind, ListBlock, TableBlock
from tokentray.export.summary import MonthSummary
from tokentray.export.xlsx_formats import Formats, money_format, number_format
from tokentray.export.xlsx_tables import TableWriter, cell_text, height_of, is_number, number_of
from tokentray.money import NumberStyle

_FIRST_WIDTH, _WIDTH, _FEWEST = 40, 16, 7
"""Of its columns, in characters, and how many there are at least."""
_CHART_ROWS = 15
_CHART_SIZE = {"x_offset": 2, "object_position": 1}
_INK, _QUIET = "#2F5D8C", "#D0D0D0"


class SummarySheet:
    """Writes the sheet from the top down. own: sheets of tables that have one, by the ids of the tables."""

    def __init__(
        self, workbook: Workbook, sheet: Worksheet, tables: TableWriter, formats: Formats, own: Mapping[str, str]
    ) -> None:
        self._workbook = workbook
        self._sheet = sheet
        self._tables = tables
        self._formats = formats
        self._own = own
        self._wide = [_FIRST_WIDTH, *[_WIDTH] * (_FEWEST - 1)]
        self._row = 0

    def write(self, summary: MonthSummary, made: Document) -> None:
        """All of the document but the tables with a sheet of their own."""
        mine = [block for block in made.blocks if isinstance(block, TableBlock) and block.id not in self._own]
        self._wide += [_WIDTH] * max([0, *(len(table.columns) - _FEWEST for table in mine)])
        self._sheet.set_column(0, 0, _FIRST_WIDTH)
        self._sheet.set_column(1, len(self._wide) - 1, _WIDTH)
        self._sheet.hide_gridlines(2)
        self._heading(made.title, 18)
        if made.status:
            self._sentences([made.status], italic=1)
        self._amount(summary, made)
        self._sentences(made.sentences)
        if made.changed:
            self._row += 1
            self._sentences(made.changed)
        tables = {block.id: block for block in made.blocks if isinstance(block, TableBlock)}
        for block in made.blocks:
            if isinstance(block, ListBlock):
                self._title(block.title)
                self._sentences(block.sentences)
            elif isinstance(block, ChartBlock):
                if "days" in self._own:
                    self._title(block.title)
                    self._chart(block, tables["days"], self._own["days"], summary.style)
            elif block.id not in self._own:
                self._title(block.title)
                self._row = self._tables.write(self._sheet, self._row, block, self._wide)
                self._sentences(block.notes)

    def _heading(self, text: str, size: int) -> None:
        self._sheet.set_row(self._row, size + 8)
        self._sheet.write_string(self._row, 0, cell_text(text), self._formats.get(bold=1, font_size=size))
        self._row += 1

    def _title(self, text: str) -> None:
        self._row += 1
        self._heading(text, 12)

    def _amount(self, summary: MonthSummary, made: Document) -> None:
        """The total as a number, where it has a price, and what it is."""
        currency = summary.currency if summary.counts_spend else summary.list_currency
        cell, column = Cell(made.amount, summary.shown_total), Column("total", "", Kind.MONEY, currency)
        self._row += 1
        self._sheet.set_row(self._row, 30)
        looks: dict[str, str | int] = {"bold": 1, "font_size": 20, "align": "left"}
        if summary.total is not None and made.amount == summary.amount_text and is_number(cell):
            looks["num_format"] = number_format(cell, column, summary.style)
            self._sheet.write_number(self._row, 0, number_of(cell, column), self._formats.get(**looks))
        else:
            self._sheet.write_string(self._row, 0, cell_text(made.amount), self._formats.get(**looks))
        self._row += 1
        self._sentences([made.said] if made.said else [])
        self._row += 1

    def _sentences(self, sentences: Iterable[str], **looks: int) -> None:
        """Each in a cell over all columns, as high as its lines: no spreadsheet finds that height by itself."""
        for sentence in sentences:
            text = cell_text(sentence)
            format_ = self._formats.get(text_wrap=1, align="left", **looks)
            self._sheet.merge_range(self._row, 0, self._row, len(self._wide) - 1, "", format_)
            self._sheet.write_string(self._row, 0, text, format_)
            self._sheet.set_row(self._row, height_of(text, sum(self._wide)))
            self._row += 1

    def _chart(self, block: ChartBlock, days: TableBlock, name: str, style: NumberStyle) -> None:
        """What leads, day by day, as a chart of the spreadsheet's own over the sheet of days."""
        last = len(days.rows)
        chart = self._workbook.add_chart({"type": "column"})
        chart.add_series(
            {
                "name": [name, 0, 1],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, 1, last, 1],
                "fill": {"color": _INK},
                "gap": 40,
            }
        )
        chart.set_legend({"none": True})
        chart.set_chartarea({"border": {"none": True}})
        chart.set_title({"none": True})
        chart.set_x_axis({"num_format": "d", "text_axis": True, "line": {"color": _QUIET}})
        amounts = money_format(days.columns[1].currency, style)
        grid = {"visible": True, "line": {"color": _QUIET}}
        chart.set_y_axis({"num_format": amounts, "major_gridlines": grid, "line": {"none": True}})
        chart.set_size({"width": 930, "height": _CHART_ROWS * 20})
        self._sheet.insert_chart(self._row, 0, chart, {**_CHART_SIZE, "description": block.spoken})
        self._row += _CHART_ROWS
