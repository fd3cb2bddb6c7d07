"""Money never passes through a float: not in the code that counts it, and not in the file that keeps it."""

import ast
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tokentray.store.writer import Writer

PACKAGE = Path(__file__).parents[2] / "tokentray"
_OF_THREADS = ("desk.py", "beside.py")
"""Of the reports: they count seconds alone."""
_OF_PLACES = "pdf"
"""Of the exports: they place texts on paper, and never see a value."""
COUNTING = [
    *(PACKAGE / f"{name}.py" for name in ("money", "fees", "model", "snapshot", "ledger", "report")),
    *(
        file
        for folder in ("store", "insight", "export", "prices", "providers", "engine/reports")
        for file in sorted((PACKAGE / folder).rglob("*.py"))
        if file.name not in _OF_THREADS and not file.name.startswith(_OF_PLACES)
    ),
]
# Divisions of Decimals and Fractions, and floats that are no money, each with what it is.
ALLOWED = {
    ("export/change.py", "abs(difference) * 100 / previous"): "a percentage, of Decimals",
    ("export/figures.py", "part * 100 / whole"): "a percentage, of Decimals",
    ("export/html_style.py", "0.5"): "half a colour",
    ("export/spend.py", "worth_of(rows, home) / fee"): "worth over fee, of Fractions",
    ("export/summary.py", "Decimal(read) / asked"): "the share of a cache, of Decimals",
    ("insight/exchange.py", "1 / Fraction(rate.rate)"): "a rate turned round, of Fractions",
    ("insight/reconcile.py", "Fraction(billed) / Fraction(other)"): "a bill over its estimate, of Fractions",
    ("insight/plan_worth.py", "Fraction(list_cost) / Fraction(fee)"): "worth over fee, of Fractions",
    ("insight/reference.py", "amount * rate / Fraction(point.amount)"): "an equivalent, of Fractions",
    ("insight/reference.py", "hours / working_week_hours"): "an equivalent, of Fractions",
    ("store/connection.py", "5.0"): "seconds to wait for a lock",
    ("store/connection.py", "0.01"): "seconds between two looks at a lock",
    ("store/connection.py", "float"): "seconds to wait for a lock",
    ("store/history.py", "float"): "seconds to wait for a lock",
    ("store/remembered.py", "0.1"): "seconds to wait for a lock",
    ("store/restore.py", "1000000.0"): "bytes for a message, in MB",
    ("store/restore.py", "needed / 1000000.0"): "bytes for a message, in MB",
    ("store/salvage.py", "1000000.0"): "bytes for a message, in MB",
    ("store/salvage.py", "3 * size / 1000000.0"): "bytes for a message, in MB",
    ("insight/filters.py", "0.6"): "how alike two words must be for the one to be suggested for the other",
}


def floats_in(tree: ast.AST) -> Iterator[str]:
    """Every float literal, every mention of the type, and every true division that does not join paths."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield ast.unparse(node)
        elif isinstance(node, ast.Name) and node.id == "float":
            yield "float"
        elif isinstance(node, ast.Attribute) and node.attr == "truediv":
            yield ast.unparse(node)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            joins = isinstance(node.right, ast.JoinedStr) or (
                isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
            )
            if not joins:
                yield ast.unparse(node)
        elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Div):
            yield ast.unparse(node)


def test_what_counts_as_a_float() -> None:
    """The search finds what it is for, and lets paths be joined."""
    source = 'a = float(b) / 2 + 0.5\nc /= d\nfolder / "name" / f"{c}"\ne // f\nreduce(operator.truediv, g)'
    assert sorted(floats_in(ast.parse(source))) == ["0.5", "c /= d", "float", "float(b) / 2", "operator.truediv"]


@pytest.mark.parametrize("file", COUNTING, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_float_where_money_is_counted(file: Path) -> None:
    """No float and no true division, but for those listed here with what they are."""
    name = file.relative_to(PACKAGE).as_posix()
    found = set(floats_in(ast.parse(file.read_text(encoding="utf-8"))))
    allowed = {expression for where, expression in ALLOWED if where == name}
    assert found <= allowed, (
        "a float or a division: exact arithmetic instead, or a line in ALLOWED that says what it is"
    )
    assert allowed <= found, "allowed, and no longer there"


def test_the_history_has_no_place_for_a_float(tmp_path: Path) -> None:
    """Every column is an integer, text or bytes, and strict: SQLite refuses a fraction rather than keep it."""
    writer = Writer(tmp_path / "history.db")
    connection = writer.connection
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    ours = [table for table in tables if not table.startswith(("sqlite_", "_sqlite_"))]
    assert len(ours) > 10
    for table in ours:
        types = {row[0] for row in connection.execute("SELECT type FROM pragma_table_info(?)", (table,))}
        assert types <= {"INTEGER", "TEXT", "BLOB"}, table
        assert connection.execute("SELECT strict FROM pragma_table_list(?)", (table,)).fetchone() == (1,)
    with pytest.raises(sqlite3.IntegrityError, match="REAL"):
        connection.execute("INSERT INTO charges VALUES (1, '2026-11-22', 0.5, 'USD', '', '', 0)")
    writer.close()
