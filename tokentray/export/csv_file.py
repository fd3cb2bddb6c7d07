"""A month as CSV (RFC 4180, UTF-8): one row a day, agent, model, project, source and payer, unrounded.

A spreadsheet takes a cell that begins with = + - @ (or their full-width forms, or a tab or line break) for a
formula, and names of projects and models come from logs that anyone may have written. Such a cell is preceded
by an apostrophe, which spreadsheets show as text. So is a name that reads as a number ("007", "1e5"): what guesses the
types of columns would make one of it. A name that has such an apostrophe already gets another one, so that no two names
become the same. Numbers stay as they are.
"""

import csv
import io
import re

from tokentray.export.rows import ROW_KEYS, usage_fields
from tokentray.export.summary import MonthSummary
from tokentray.insight.tally import ZERO
from tokentray.model import UsageRow

_STARTS_FORMULA = tuple("=+-@＝＋－＠\t\r\n")
_NUMBER = re.compile(r"\s*[+-]?([\d_]*\d[\d_]*\.?[\d_]*|\.\d[\d_]*|nan|inf)(inity|e[+-]?[\d_]+)?\s*", re.IGNORECASE)
"""What programs take for a number, in the digits of any script."""
_NO_USAGE = UsageRow((), 0, 0, 0, 0, 0, 0, 0, 0, ZERO, None, 0, 0, "", (), ())
HEADER = (*ROW_KEYS, *usage_fields(_NO_USAGE))


def render(summary: MonthSummary) -> str:
    """Header and rows, each line ending in CR LF. An amount that is not known is an empty cell."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for row in summary.rows:
        keys = (_name(row.key(key)) for key in ROW_KEYS)
        writer.writerow((*keys, *(_cell(value) for value in usage_fields(row).values())))
    return out.getvalue()


def safe_text(text: str) -> str:
    """Text from logs as a cell that no spreadsheet computes."""
    return f"'{text}" if text.lstrip(" '").startswith(_STARTS_FORMULA) else text


def _name(text: str) -> str:
    """Text from logs as a cell that stays text."""
    return f"'{text}" if _NUMBER.fullmatch(text.lstrip("'")) else safe_text(text)


def _cell(value: object) -> object:
    if value is None:
        return ""
    return " ".join(value) if isinstance(value, list) else value
