"""The spreadsheet of a month: numbers that are numbers, totals that any spreadsheet computes, text that is text."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries

from tests.unit.export_month import OPUS, TERRA, call, charge, make, nanos, plan, rule, tell
from tokentray.clock import UtcZone
from tokentray.export import render, xlsx
from tokentray.export.csv_file import HEADER
from tokentray.export.document import Cell, Column, Kind
from tokentray.export.summary import MonthSummary, build
from tokentray.export.xlsx_formats import number_format
from tokentray.model import PayerKind
from tokentray.money import NumberStyle
from tokentray.store.history import History

NOVEMBER, TODAY = date(2026, 11, 1), date(2026, 12, 6)
TABLES = ("By source", "By model", "By project", "By day")
LONG = "name of a project " * 17
NAMES = ("harbour", "=1+1", "<img src=x>", "مشروع القمر", "👩‍💻 tides", LONG, "red\x1b[31m\nnext", "_x0041_", "-2")
EURO = NumberStyle(",", ".", symbol_first=False)


@pytest.fixture(name="summary")
def summary_(tmp_path: Path) -> MonthSummary:
    """A month with a plan, a charge, use as one goes, use paid elsewhere and use without a price, in 40 projects."""
    projects = [*NAMES, *(f"project-{number:02d}" for number in range(31))]
    calls = {
        "claude-code": [
            call(f"2026-11-{1 + n % 28:02d} 10:00", OPUS, name, (9_000 * n, 300 * n + 1, 7 * n, n))
            for n, name in enumerate(projects)
        ],
        "codex": [call(f"2026-11-{1 + n:02d} 12:00", TERRA, "harbour", (70_001 + n, 900)) for n in range(9)],
        "pi": [call("2026-11-05 10:00", "qwen3-coder:30b", "harbour", (900, 100))],
    }
    path = make(tmp_path / "history.db", calls, hourly="100")
    tell(
        path,
        rule("claude-code", PayerKind.PAYG),
        rule("pi", PayerKind.PAYG),
        plan("ChatGPT Plus", "20", "codex"),
        charge("2026-11-03", "12.505", "an invoice"),
        charge("2026-11-04", "0.004", "next to nothing"),
        lambda told: told.add_note(NOVEMBER, LONG, "", nanos("0"), "", 0),
    )
    return _build(path)


def _build(path: Path) -> MonthSummary:
    with History(path) as history:
        return build(history, NOVEMBER, UtcZone(), today=TODAY)


def _open(data: bytes, *, values: bool = False) -> Any:
    return load_workbook(io.BytesIO(data), data_only=values)


def _exact(value: float | int | None) -> Decimal:
    """A cell's number with the digits that a spreadsheet keeps."""
    return Decimal(repr(value or 0))


def _formulas(data: bytes) -> Iterator[tuple[str, Any, Decimal]]:
    """Each formula: its sheet, its cell, and the value that the file says it has."""
    told = _open(data, values=True)
    for sheet in _open(data):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield sheet.title, cell, _exact(told[sheet.title][cell.coordinate].value)


def test_totals_are_sums_of_what_stands_above_them(summary: MonthSummary) -> None:
    """Every formula is a SUM from under its head to the row above it, and gives what the file says it gives."""
    data = render("xlsx", summary)
    found = list(_formulas(data))
    assert {title for title, _, _ in found} == {"Summary", *TABLES}
    for _, cell, said in found:
        _check_sum(cell, said)


def _check_sum(cell: Any, said: Decimal) -> None:
    span = re.fullmatch(r"=SUM\((\w+:\w+)\)", cell.value)
    assert span, cell.value
    first, top, last, bottom = range_boundaries(span[1])
    assert first == last == cell.column
    assert bottom == cell.row - 1
    sheet = cell.parent
    assert sheet.cell(top - 1, first).font.bold
    parts = [sheet.cell(row, first) for row in range(top, cell.row)]
    assert sum(_exact(part.value) for part in parts if part.data_type == "n") == said, (sheet.title, cell.coordinate)


def test_every_table_says_the_total_of_usage(summary: MonthSummary) -> None:
    """As displayed: the total of usage rounded once."""
    data = render("xlsx", summary)
    cost = sum((row.cost for row in summary.rows), Decimal(0))
    worth = sum((row.list_cost or Decimal(0) for row in summary.rows), Decimal(0))
    tokens = sum(row.total_tokens for row in summary.rows)
    for title in TABLES:
        sheet = _open(data, values=True)[title]
        head = {cell.value: cell.column for cell in sheet[1]}
        total = {name: sheet.cell(_total_row(sheet), column).value for name, column in head.items()}
        assert _exact(total["Spend"]) == round(cost, 2)
        assert _exact(total["Worth"]) == round(worth, 2)
        assert total["Tokens"] == tokens
        assert isinstance(total["Tokens"], int)


def _total_row(sheet: Any) -> int:
    rows: list[int] = [cell.row for cell in sheet["A"] if cell.value == "Total"]
    assert len(rows) == 1
    return rows[0]


def test_all_projects_have_a_row(summary: MonthSummary) -> None:
    """A page folds what is too much for it; a spreadsheet has room."""
    sheet = _open(render("xlsx", summary))["By project"]
    assert summary.by_project.rest is not None
    assert _total_row(sheet) == len(summary.by_project.figures) + 2 > 40


def test_rows_are_those_of_usage(summary: MonthSummary) -> None:
    """Every cell: days as dates, figures as numbers with fifteen digits at least, what has no price empty."""
    sheet = _open(render("xlsx", summary))["Rows"]
    head, *rows = sheet.iter_rows()
    assert _values(head) == HEADER
    assert len(rows) == len(summary.rows)
    for cells, row in zip(rows, summary.rows, strict=True):
        told = dict(zip(HEADER, cells, strict=True))
        assert told["day"].value == datetime.fromisoformat(row.key("day"))
        assert told["day"].number_format == "yyyy-mm-dd"
        for name in ("requests", "input_tokens", "output_tokens", "cache_read_tokens", "unpriced_tokens"):
            assert told[name].value == getattr(row, name)
            assert told[name].number_format == "#,##0"
        assert (told["list_cost"].value is None) == (row.list_cost is None)
        for name, amount in (("cost", row.cost), ("list_cost", row.list_cost or Decimal(0))):
            assert abs(_exact(told[name].value) - amount) <= abs(amount) * Decimal("1e-15")
        assert (told["currency"].value, told["basis"].value) == (row.currency, " ".join(row.basis))
    assert sheet.auto_filter.ref == f"A1:T{len(rows) + 1}"


def _values(cells: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(cell.value for cell in cells)


def test_rows_that_no_sheet_takes_go_on_in_the_next(summary: MonthSummary) -> None:
    """Each with its heads, none twice and none lost; a table that has no room for all of its rows sums up the rest."""
    limit = len(summary.rows) // 2  # of which one row are the heads
    assert len(summary.by_source.figures) + 2 <= limit < len(summary.by_project.figures) + 2
    data = xlsx.render(summary, limit)
    book = _open(data)
    assert book.sheetnames[-3:] == ["Rows", "Rows 2", "Rows 3"]
    found = []
    for name in book.sheetnames[-3:]:
        head, *rows = book[name].iter_rows()
        assert _values(head) == HEADER
        assert 1 <= len(rows) < limit
        assert book[name].auto_filter.ref == f"A1:T{len(rows) + 1}"
        found += [_values(row) for row in rows]
    assert found == [_values(row) for row in _open(render("xlsx", summary))["Rows"].iter_rows(min_row=2)]
    sheet = book["By project"]
    assert sheet.max_row == _total_row(sheet) <= limit
    assert sheet.cell(_total_row(sheet) - 1, 1).value == f"{len(summary.by_project.figures) - 11} others"
    assert {title for title, _, _ in _formulas(data)} == {"Summary", *TABLES}
    for _, cell, said in _formulas(data):
        _check_sum(cell, said)


def test_figures_read_as_in_the_other_files(summary: MonthSummary) -> None:
    """An estimate is a number with its sign in the format; what has no price is text, and no 0."""
    sheet = _open(render("xlsx", summary))["By source"]
    head = {cell.value: cell.column for cell in sheet[1]}
    rows = {row[0].value: row for row in sheet.iter_rows(min_row=2)}
    spent = rows["Claude Code"][head["Spend"] - 1]
    assert spent.number_format == '"≈ "[$$]#,##0.00;"≈ −"[$$]#,##0.00'
    assert _exact(spent.value) == summary.by_source.figures[0].shown
    fee = rows["ChatGPT Plus"][head["Spend"] - 1]
    assert (fee.value, fee.number_format) == (20, '[$$]#,##0.00;"−"[$$]#,##0.00')
    unpriced = rows["pi"][head["Spend"] - 1]
    assert (unpriced.value, unpriced.data_type, unpriced.alignment.horizontal) == ("not priced", "s", "right")
    charged = next(row for name, row in rows.items() if "next to nothing" in str(name))
    assert charged[head["Spend"] - 1].value == 0
    assert charged[head["Spend"] - 1].number_format.endswith(';"<$0.01"')
    share = rows["Claude Code"][head["Of spend"] - 1]
    assert (_exact(share.value) * 100, share.number_format) == (summary.by_source.figures[0].share, '0\\ %;"−"0\\ %')
    total = sheet.cell(_total_row(sheet), head["Spend"])
    assert total.number_format == '"at least ≈ "[$$]#,##0.00;"at least ≈ −"[$$]#,##0.00'
    assert _open(render("xlsx", summary))["Summary"]["A3"].number_format == total.number_format


@pytest.mark.parametrize(
    ("text", "value", "kind", "currency", "style", "expected"),
    [
        ("¥1,200", "1200", Kind.MONEY, "JPY", NumberStyle(), '[$¥]#,##0;"−"[$¥]#,##0'),
        ("1.234,56 €", "1234.56", Kind.MONEY, "EUR", EURO, '#,##0.00\\ [$€];"−"#,##0.00\\ [$€]'),
        ("≈ 0.500 KWD", "0.500", Kind.MONEY, "KWD", NumberStyle(), '"≈ "#,##0.000\\ [$KWD];"≈ −"#,##0.000\\ [$KWD]'),
        ("−$3.00", "-3", Kind.MONEY, "USD", NumberStyle(), '[$$]#,##0.00;"−"[$$]#,##0.00'),
        ("+$3.00", "3", Kind.MONEY, "USD", NumberStyle(), '"+"[$$]#,##0.00;"−"[$$]#,##0.00'),
        ("≈ −$3.00", "-3", Kind.MONEY, "USD", NumberStyle(), '"≈ "[$$]#,##0.00;"≈ −"[$$]#,##0.00'),
        ("–", "0", Kind.MONEY, "USD", NumberStyle(), '[$$]#,##0.00;"−"[$$]#,##0.00;"–"'),
        ("€2.00", "2", Kind.MONEY, "", NumberStyle(), '"€2.00";"€2.00";"€2.00"'),
        ("<1 %", "0", Kind.PERCENT, "", NumberStyle(), '0\\ %;"−"0\\ %;"<1 %"'),
        ("1.200", "1200", Kind.COUNT, "", EURO, '#,##0;"−"#,##0'),
    ],
)
def test_a_format_reads_as_the_text(
    text: str, value: str, kind: Kind, currency: str, style: NumberStyle, expected: str
) -> None:
    """Currencies have their own digits; no format has a figure of its own that it could show for another value."""
    text = text.replace(" €", "\u00a0€").replace(" KWD", "\u00a0KWD")
    assert number_format(Cell(text, Decimal(value)), Column("x", "", kind, currency), style) == expected


def test_text_from_logs_is_text(summary: MonthSummary) -> None:
    """No cell but a SUM is computed, no name is a link, and every name is whole."""
    data = render("xlsx", summary)
    workbook = _open(data)
    assert all(cell.value.startswith("=SUM(") for _, cell, _ in _formulas(data))
    for title, column in (("By project", 1), ("Rows", HEADER.index("project") + 1)):
        cells = [row[0] for row in workbook[title].iter_rows(min_row=2, min_col=column, max_col=column)]
        assert not any(cell.hyperlink for cell in cells)
        values = {cell.value for cell in cells}
        assert {"harbour", "'=1+1", "<img src=x>", "مشروع القمر", "👩‍💻 tides", "_x0041_", "'-2", LONG} <= values
        assert "red\\x1b[31m\\nnext" in values
    assert b"\x1b" not in b"".join(_parts(data).values())


def test_heads_stay_in_sight_and_on_every_page(summary: MonthSummary) -> None:
    """And names of sheets are ones that Excel takes."""
    workbook = _open(render("xlsx", summary))
    assert workbook.sheetnames == ["Summary", *TABLES, "Plans", "Notes", "Rows"]
    for sheet in workbook.worksheets[1:]:
        assert sheet.freeze_panes == "B2"
        assert sheet.print_title_rows == "$1:$1"
        assert sheet.page_setup.orientation == "landscape"
    for sheet in workbook:
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.oddFooter.right.text == "Page &P of &N"
    # All days stand on one page; the rows take as many as they need.
    assert [workbook[name].page_setup.fitToHeight == 0 for name in ("By day", "Rows")] == [False, True]


def test_the_summary_says_what_the_document_says(summary: MonthSummary) -> None:
    workbook = _open(render("xlsx", summary))
    texts = [cell.value for row in workbook["Summary"].iter_rows() for cell in row if isinstance(cell.value, str)]
    assert texts[0] == "November 2026"
    assert texts[1].startswith("spent, ")
    assert set(summary.known) < set(texts)
    assert {"What it is made of", "Spend by day", "Tokens", "How it is known"} < set(texts)
    assert len(workbook["Summary"]._charts) == 1


def test_a_month_without_any_price_has_no_figure_for_it(tmp_path: Path) -> None:
    """Nothing adds up to 0.00 where nothing is priced."""
    path = make(tmp_path / "history.db", {"pi": [call("2026-11-05 10:00", "qwen3-coder:30b", "a", (900, 100))]})
    workbook = _open(render("xlsx", _build(path)), values=True)
    assert workbook["Summary"]["A3"].value == "1,000 tokens without a price"
    sheet = workbook["By source"]
    assert [cell.value for cell in sheet["B"]] == ["Worth", "not priced", "not priced"]


def test_amounts_of_two_currencies_are_never_added(tmp_path: Path) -> None:
    """Fees in euros beside use in dollars: each total adds up cells of its own currency alone."""
    path = make(tmp_path / "history.db", {"codex": [call("2026-11-05 10:00", TERRA, "a", (90_000, 10_000))]})
    tell(path, rule("codex", PayerKind.PAYG), plan("Local", "30", currency="EUR"))
    data = render("xlsx", _build(path))
    told = set()
    for _, cell, said in _formulas(data):
        if currency := re.search(r"\[\$(.)\]", cell.number_format):
            told.add((currency[1], said))
            above = [one.number_format for one in cell.parent[cell.column_letter][: cell.row - 1]]
            assert not any("[$" in one and f"[${currency[1]}]" not in one for one in above[-2:])
    assert {one for one in told if one[1]} == {("€", Decimal(30)), ("$", Decimal("0.3"))}


def test_the_same_month_makes_the_same_bytes_and_names_nobody(summary: MonthSummary) -> None:
    """So that a file changed by hand is told from one that was not."""
    data = render("xlsx", summary)
    assert data == render("xlsx", summary)
    core = _parts(data)["docProps/core.xml"].decode()
    assert "<dc:creator></dc:creator><cp:lastModifiedBy></cp:lastModifiedBy>" in core
    assert "2026-11-01T00:00:00Z" in core


def _parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_nothing_in_a_redacted_workbook_names_anything(summary: MonthSummary, tmp_path: Path) -> None:
    """No part of the file holds a project, a note or what a charge was for; its figures stay."""
    with History(tmp_path / "history.db") as history:
        redacted = build(history, NOVEMBER, UtcZone(), today=TODAY, redact=True)
    data = render("xlsx", redacted)
    whole = b"".join(_parts(data).values()).decode()
    for name in ("harbour", "project-07", "tides", "القمر", "name of a project", "an invoice", "img src"):
        assert name in b"".join(_parts(render("xlsx", summary)).values()).decode()
        assert name not in whole
    assert [said for *_, said in _formulas(data)] == [said for *_, said in _formulas(render("xlsx", summary))]


def test_libreoffice_computes_the_same_totals(summary: MonthSummary, tmp_path: Path) -> None:
    """Without the values that the file brings along, so that it has to."""
    office = shutil.which("soffice")
    if not office:
        pytest.skip("needs LibreOffice")
    data = render("xlsx", summary)
    bare, made = tmp_path / "bare.xlsx", tmp_path / "made"
    with zipfile.ZipFile(bare, "w") as out:
        for name, part in _parts(data).items():
            out.writestr(name, re.sub(rb"(</f>)<v>[^<]*</v>", rb"\1", part) if "worksheets/" in name else part)
    assert not any(said for _, _, said in _formulas(bare.read_bytes()))
    subprocess.run(
        [office, f"-env:UserInstallation={(tmp_path / 'office').as_uri()}", "--headless", "--convert-to", "xlsx",
         "--outdir", made, bare],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    computed = _open((made / "bare.xlsx").read_bytes(), values=True)
    found = list(_formulas(data))
    assert found
    for title, cell, said in found:
        assert round(_exact(computed[title][cell.coordinate].value), 6) == said, (title, cell.coordinate)
