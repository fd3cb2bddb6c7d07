"""A month as a spreadsheet: a sheet to read, one for each larger table, and the rows they come from.

Real numbers and dates, totals as formulas. Money in the tables is as displayed, that in Rows unrounded; of an amount
with more than 15 digits a spreadsheet keeps the first 15. The same summary makes the same bytes.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from tokentray.export.compose import document
from tokentray.export.csv_file import HEADER
from tokentray.export.document import Document, TableBlock
from tokentray.export.figures import Table
from tokentray.export.markdown_table import width_of
from tokentray.export.rows import ROW_KEYS, usage_fields
from tokentray.export.summary import MonthSummary
from tokentray.export.xlsx_formats import COUNT, DAY, UNROUNDED, Formats
from tokentray.export.xlsx_summary import SummarySheet
from tokentray.export.xlsx_tables import TableWriter, cell_text, widths
from tokentray.model import UsageRow

_SHEETS = {
    "plans": "Plans",
    "source": "By source",
    "model": "By model",
    "project": "By project",
    "days": "By day",
    "notes": "Notes",
}
"""Tables with a sheet of their own, by their ids; another has one where it is long."""
_LONG = 15
_LONGEST_NAME = 31
_BESIDE = 2
"""Rows of a sheet beside those of its table: its head and its total."""
_AMOUNTS = ("cost", "list_cost")
_HEAD_WIDTH, _WIDEST = 13, 32
"""Of a column of Rows, in characters; a longer head takes two lines."""
_ON_PAGE = 36
"""Rows of a table that are printed on one page, such as the days of a month."""
_TALLEST = 1_048_576
"""Rows that a sheet can have."""


def render(summary: MonthSummary, tallest: int = _TALLEST) -> bytes:
    """The whole workbook. Its tables are not folded where there is room for all of their rows; Rows go on in a sheet
    of their own, "Rows 2", where they do not fit. tallest: how many rows a sheet takes, at least 2.
    """
    made = document(_unfolded(summary, tallest))
    out = io.BytesIO()
    workbook = Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    workbook.set_properties({"title": made.title, "created": datetime.combine(summary.first, datetime.min.time(), UTC)})
    formats = Formats(workbook)
    tables = TableWriter(formats, summary.style)
    own = dict(_own_sheets(made))
    front = workbook.add_worksheet("Summary")
    sheets = {name: workbook.add_worksheet(name) for name in own}
    for name, table in own.items():
        _write_table(sheets[name], table, tables, formats)
        _set_up(sheets[name], made.title, name, head=True, tall=1 if len(table.rows) <= _ON_PAGE else 0)
    SummarySheet(workbook, front, tables, formats, {table.id: name for name, table in own.items()}).write(summary, made)
    _set_up(front, made.title, "", head=False)
    for number, part in enumerate(_parts(summary.rows, tallest - 1), 1):
        name = "Rows" if number == 1 else f"Rows {number}"
        rows = workbook.add_worksheet(name)
        _write_rows(rows, part, formats)
        _set_up(rows, made.title, name, head=True, pages=2)
        rows.repeat_columns(0)
    workbook.close()
    return out.getvalue()


def _unfolded(summary: MonthSummary, tallest: int) -> MonthSummary:
    def whole(table: Table) -> Table:
        return replace(table, rest=None) if len(table.figures) + _BESIDE <= tallest else table

    return replace(
        summary,
        by_source=whole(summary.by_source),
        by_model=whole(summary.by_model),
        by_project=whole(summary.by_project),
        elsewhere=whole(summary.elsewhere),
        unsaid=whole(summary.unsaid),
        others=tuple(map(whole, summary.others)),
    )


def _own_sheets(made: Document) -> Iterator[tuple[str, TableBlock]]:
    """Names of sheets, each one's own, and their tables."""
    taken = {"Summary", "Rows", "History"}  # the last one is Excel's
    for block in made.blocks:
        if isinstance(block, TableBlock) and (block.id in _SHEETS or len(block.rows) > _LONG):
            title = "".join(" " if char in "[]:*?/\\'" else char for char in _SHEETS.get(block.id, block.title))
            name, number = title[:_LONGEST_NAME].strip(), 1
            while name in taken:
                number += 1
                name = f"{title[: _LONGEST_NAME - 4].strip()} {number}"
            taken.add(name)
            yield name, block


def _write_table(sheet: Worksheet, table: TableBlock, tables: TableWriter, formats: Formats) -> None:
    wide = widths(table)
    for place, width in enumerate(wide):
        sheet.set_column(place, place, width)
    row = tables.write(sheet, 0, table, wide)
    for note in table.notes:
        row += 1
        sheet.write_string(row, 0, cell_text(note), formats.get())
    sheet.freeze_panes(1, 1)


def _parts(rows: Sequence[UsageRow], most: int) -> Iterator[Sequence[UsageRow]]:
    """Rows in as many parts as they need, one at least."""
    yield from (rows[start : start + most] for start in range(0, max(1, len(rows)), most))


def _write_rows(sheet: Worksheet, rows: Sequence[UsageRow], formats: Formats) -> None:
    """What `usage` says by day, agent, model, project, source and payer, under its names."""
    wide = [_HEAD_WIDTH] * len(HEADER)
    text_look, day_look = formats.get(align="left"), formats.get(num_format=DAY, align="left")
    amount_look, count_look = formats.get(num_format=UNROUNDED), formats.get(num_format=COUNT)
    for number, row in enumerate(rows, 1):
        sheet.write_datetime(number, 0, date.fromisoformat(row.key("day")), day_look)
        values = [*(row.key(key) for key in ROW_KEYS), *usage_fields(row).values()]
        for place, (name, value) in enumerate(zip(HEADER, values, strict=True)):
            text = " ".join(value) if isinstance(value, list) else str(value or "")
            wide[place] = max(wide[place], min(_WIDEST, width_of(text) * 10 // 9))
            if name in _AMOUNTS:
                if value is not None:
                    sheet.write_number(number, place, Decimal(value), amount_look)
            elif isinstance(value, int):
                sheet.write_number(number, place, value, count_look)
            elif place:
                sheet.write_string(number, place, cell_text(text), text_look)
    for place, (name, width) in enumerate(zip(HEADER, wide, strict=True)):
        align = "right" if name in _AMOUNTS or name.endswith(("tokens", "requests")) else "left"
        sheet.write_string(0, place, name, formats.get(bold=1, bottom=1, align=align, text_wrap=1))
        sheet.set_column(place, place, width + 2)
    sheet.set_row(0, 30)
    sheet.autofilter(0, 0, len(rows), len(HEADER) - 1)
    sheet.freeze_panes(1, 1)


def _set_up(sheet: Worksheet, month: str, name: str, *, head: bool, pages: int = 1, tall: int = 0) -> None:
    """For paper, `pages` wide and `tall`, or as tall as it gets. head: whether the first row stands on each page, which
    then lies across.
    """
    sheet.fit_to_pages(pages, tall)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # a project called 007
    sheet.set_footer(f"&L{month}{f', {name}' if name else ''}&RPage &P of &N")
    if head:
        sheet.set_landscape()
        sheet.repeat_rows(0)
