"""How a spreadsheet shows a figure: as a number, with the words that the month says around it.

A cell stays a number that can be added up, whatever it reads: "≈ $0.17" is 0.17 with the sign as a part of its format,
"<$0.01" is the 0 that it counts as in its column.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from tokentray.export.document import Cell, Column, Kind
from tokentray.money import MINUS, SYMBOLS, NumberStyle, format_money, minor_digits

COUNT, PERCENT, DAY, WEEKDAY, UNROUNDED = "#,##0", "0\\ %", "yyyy-mm-dd", "ddd yyyy-mm-dd", "#,##0.00#############"


class Formats:
    """The formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def get(self, **properties: str | int) -> Format:
        """The format with these properties, by XlsxWriter's names."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"valign": "vcenter", **properties})
        return self._made[key]


def number_format(cell: Cell, column: Column, style: NumberStyle) -> str:
    """The format in which the cell's value reads as its text, with the separators of whoever opens the file.

    A value of nothing that does not read so ("–", "<$0.01") reads as its text, and so does a figure that no format of
    its column fits.
    """
    value = cell.value
    assert value is not None
    if isinstance(value, date):
        return WEEKDAY
    size = abs(Decimal(value))
    if column.kind is Kind.MONEY:
        said = format_money(size, column.currency, style) if column.currency else ""
        digits = money_format(column.currency, style)
    elif column.kind is Kind.PERCENT:
        said, digits = f"{style.number(size)} %", PERCENT
    else:
        said, digits = style.number(size), COUNT
    if said and cell.text.endswith(said):
        before = cell.text.removesuffix(said)
        plain = before.rstrip(f"+{MINUS}")
        plus = "+" if before.endswith("+") else ""
        return f"{_quoted(plain + plus)}{digits};{_quoted(plain + MINUS)}{digits}"
    whole = _quoted(cell.text)
    return f"{whole};{whole};{whole}" if value else f"{digits};{_quoted(MINUS)}{digits};{whole}"


def money_format(currency: str, style: NumberStyle) -> str:
    """Of amounts above nothing, in the digits of the currency; "" is none."""
    places = minor_digits(currency)
    digits = f"#,##0.{'0' * places}" if places else "#,##0"
    if not currency:
        return digits
    sign = f"[${SYMBOLS.get(currency, currency)}]"
    return f"{sign}{digits}" if currency in SYMBOLS and style.symbol_first else f"{digits}\\ {sign}"


def _quoted(text: str) -> str:
    """Words of ours within a format."""
    return text and '"' + text.replace('"', "”") + '"'
