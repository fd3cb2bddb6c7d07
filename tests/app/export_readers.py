"""Reads exported months back, each format with means of its own: none knows how the file was made.

Money stays decimal: a text as it reads, a number of a spreadsheet by its shortest digits.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any, NamedTuple

import openpyxl
import pypdfium2

TITLES = ("Source", "Model", "Project", "Day")
"""First heads of the tables that are held against `usage`."""
_AMOUNT = (
    r"(?:at least )?(?:≈ ?)?−?<?(?:[$€£¥]\d[\d,]*(?:\.\d+)?|\d[\d,]*\.\d\d CHF)|(?<!\S)–(?!\S)|(?:mostly )?not priced"
)
_COUNTS = re.compile(r" (\d[\d,]*|–) (\d[\d,]*|–)$")
_LAST_COUNT = re.compile(r" (\d[\d,]*|–)$")
_HEADINGS = {"By source": "Source", "By model": "Model", "By project": "Project", "By day": "Day"}


class Line(NamedTuple):
    """A row of a table. lead: spend, or worth where that leads; None where the file does not say, or says none."""

    lead: Decimal
    worth: Decimal | None = None
    requests: int | None = None
    tokens: int | None = None


class Told(NamedTuple):
    """What a file says. amount: what leads. tables: by the first head, lines by their labels, "Total" among them."""

    amount: Decimal
    tables: dict[str, dict[str, Line]]


def money(text: str) -> Decimal:
    """An amount as it reads. What is under a cent shares out to none, and so does what has no price."""
    bare = text.replace("\N{NO-BREAK SPACE}", " ").strip()
    if "<" in bare or not re.search(r"\d", bare):
        return Decimal(0)
    digits = Decimal(re.sub(r"[^\d.]", "", bare))
    return -digits if "\N{MINUS SIGN}" in bare else digits


def count(text: str) -> int:
    """A count as it reads."""
    return int(text.replace(",", "")) if text.strip() not in ("", "–") else 0


def _line(head: Sequence[str], cells: Sequence[str]) -> Line:
    told = dict(zip(head, cells, strict=True))
    worth = money(told["Worth"]) if "Worth" in told else None
    return Line(
        money(told["Spend"]) if "Spend" in told else worth or Decimal(0),
        worth,
        count(told["Requests"]) if "Requests" in told else None,
        count(told["Tokens"]) if "Tokens" in told else None,
    )


def _tables(found: Iterable[tuple[str, Sequence[str], Sequence[Sequence[str]]]]) -> dict[str, dict[str, Line]]:
    """Tables of a title, a head and rows, of which those by source, model, project and day are kept."""
    kept = {}
    for title, head, rows in found:
        if title in _HEADINGS:
            kept[head[0]] = {re.sub(r"\s+", " ", row[0]): _line(head, row) for row in rows}
            assert len(kept[head[0]]) == len(rows), "every row has a label of its own"
    return kept


def markdown(data: bytes) -> Told:
    """By its pipes."""
    text = data.decode()
    [amount] = re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE)

    def found() -> Iterator[tuple[str, list[str], list[list[str]]]]:
        for part in text.split("\n## ")[1:]:
            title, _, rest = part.partition("\n")
            rows = [line for line in rest.splitlines() if line.startswith("|")]
            cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]
            if cells:
                plain = [[re.sub(r"\\(.)", r"\1", cell) for cell in row] for row in cells]
                yield title, plain[0], plain[2:]

    return Told(money(amount), _tables(found()))


class _Html(HTMLParser):
    """Tables by their captions, and what stands in <strong>."""

    def __init__(self) -> None:
        super().__init__()
        self.strong: list[str] = []
        self.captions: list[str] = []
        self.rows: list[list[list[str]]] = []
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the parser's own
        if tag in ("strong", "caption", "th", "td"):
            self._text = []
        elif tag == "tr":
            self.rows[-1].append([])
        elif tag == "table":
            self.rows.append([])

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._text).strip()
        if tag == "strong":
            self.strong.append(text)
        elif tag == "caption":
            self.captions.append(text)
        elif tag in ("th", "td"):
            self.rows[-1][-1].append(text)


def html(data: bytes) -> Told:
    """By a parser."""
    parser = _Html()
    parser.feed(data.decode())
    parser.close()
    tables = ((title, rows[0], rows[1:]) for title, rows in zip(parser.captions, parser.rows, strict=True))
    return Told(money(parser.strong[0]), _tables(tables))


def pdf(data: bytes) -> Told:
    """By the text of its pages, in reading order."""
    return of_lines(pdf_text(data))


def pdf_text(data: bytes) -> str:
    """The text of all pages."""
    document = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))
    finally:
        document.close()


def of_lines(text: str) -> Told:
    """A document of printed lines: a heading and a head, on one line or on two, and a line for each row.

    A long name may stand on lines of its own above its figures.
    """
    lines = [re.sub(r"\s+", " ", line.replace("\N{NO-BREAK SPACE}", " ")).strip() for line in text.splitlines()]
    tables: dict[str, dict[str, Line]] = {}
    heading, head, above = "", "", ""
    for line in lines:
        title = next((title for title in _HEADINGS if line == title or line.startswith(f"{title} ")), "")
        if title and not heading:
            heading, head = _HEADINGS[title], line.removeprefix(title).strip()
        elif heading and not head:
            head = line if line.startswith(f"{heading} ") else ""
        elif heading and (read := _printed(line, head)):
            label, row = read[0] or above, read[1]
            assert label not in tables.setdefault(heading, {}), label
            tables[heading][label] = row
            heading, above = "" if label == "Total" else heading, ""
        elif heading:
            above = f"{above} {line}".strip()
    amounts = (found for line in lines if (found := re.match(_AMOUNT, line)) and found.group() != "–")
    return Told(money(next(amounts).group()), tables)


def _printed(line: str, head: str) -> tuple[str, Line] | None:
    """A printed row, whose cells are told apart by what they look like."""
    counts: tuple[int | None, int | None] = (None, None)
    if "Requests" in head and (found := _COUNTS.search(line)):
        counts = count(found[1]), count(found[2])
    elif "Tokens" in head and (found := _LAST_COUNT.search(line)):
        counts = None, count(found[1])
    amounts = list(re.finditer(_AMOUNT, line))
    wanted = 2 if "Spend" in head and "Worth" in head else 1
    if len(amounts) < wanted:
        return None
    told = [money(found.group()) for found in amounts[:wanted]]
    worth = told[-1] if "Worth" in head else None
    return line[: amounts[0].start()].strip(), Line(told[0], worth, *counts)


def xlsx(data: bytes) -> Told:
    """By the values that it was written with, or that whoever saved it last computed."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    try:
        sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book.worksheets}
    finally:
        book.close()
    tables: dict[str, dict[str, Line]] = {}
    for title, rows in sheets.items():
        for heading, row in _spreadsheet_rows(title, rows):
            label = re.sub(r"\s+", " ", row.pop(heading))
            assert label not in tables.setdefault(heading, {}), label
            worth = _number(row["Worth"]) if "Worth" in row else None
            tables[heading][label] = Line(
                _number(row["Spend"]) if "Spend" in row else worth or Decimal(0),
                worth,
                None if "Requests" not in row else int(_number(row["Requests"])),
                None if "Tokens" not in row else int(_number(row["Tokens"])),
            )
    first = next(iter(sheets.values()))
    amount = next(cell for row in first for cell in row[:1] if isinstance(cell, int | float))
    return Told(_number(amount), tables)


def _spreadsheet_rows(sheet: str, rows: Sequence[Sequence[Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Rows under a head, under a heading or on a sheet that is named like one; up to the total."""
    title, head = sheet, None
    for row in rows:
        if head is None:
            if row and row[0] in TITLES and title in _HEADINGS:
                head = [cell for cell in row if cell is not None]
            elif row and isinstance(row[0], str):
                title = row[0]
            continue
        told = dict(zip(head, row, strict=False))
        first = told[head[0]]
        if first is None:
            title, head = "", None
            continue
        told[head[0]] = first if isinstance(first, str) else str(first.day)
        yield _HEADINGS[title], told
        if first == "Total":
            title, head = "", None


def _number(value: object) -> Decimal:
    """Money of a cell is displayed to the cent; a float is read by its shortest digits."""
    if isinstance(value, str):
        return money(value)
    return Decimal(0) if value is None else Decimal(str(value)).quantize(Decimal("0.01"))


SHOWN: Mapping[str, Callable[[bytes], Told]] = {"md": markdown, "html": html, "pdf": pdf, "xlsx": xlsx}
"""The formats that are read by people."""


def csv_rows(data: bytes) -> list[dict[str, str]]:
    """Rows by their heads, without the mark that keeps a spreadsheet from computing a text."""
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""))
    return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in rows]


def json_object(data: bytes) -> dict[str, Any]:
    """The object, amounts as decimal texts."""
    made: dict[str, Any] = json.loads(data, parse_float=Decimal)
    return made


def xlsx_rows(data: bytes) -> list[dict[str, Any]]:
    """The rows that a workbook's tables are made of."""
    book = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    try:
        head, *rows = book["Rows"].iter_rows(values_only=True)
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]
    finally:
        book.close()


def all_text(name: str, data: bytes) -> str:
    """Every text of a file, wherever it stands in it."""
    if name == "pdf":
        return pdf_text(data)
    if name == "xlsx":
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return "\n".join(parts.read(part).decode() for part in parts.namelist())
    return data.decode()


def without_results(data: bytes) -> bytes:
    """A workbook whose formulas have no stored results: whoever opens it has to compute them."""
    made = io.BytesIO()
    taken = 0
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(made, "w") as bare:
        for part in parts.namelist():
            text = parts.read(part)
            if part.startswith("xl/worksheets/"):
                text, found = re.subn(rb"(<f[^>]*>[^<]*</f>)<v>[^<]*</v>", rb"\1", text)
                taken += found
            bare.writestr(part, text)
    assert taken, "totals are formulas"
    return made.getvalue()
