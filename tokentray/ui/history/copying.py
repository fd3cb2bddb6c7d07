"""A table as text: for people to paste, and as CSV for machines. Pure; nothing here knows a window or a file."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from tokentray.money import plain
from tokentray.report import Cell, Column, ColumnKind, Row, Table, Value
from tokentray.ui.history.tips import FIGURES, tail, visible

# The modules of exports are imported where they are used: they take 75 ms that only copying need wait for.

_LEFT_OUT = " (not in the total)"
_GAP = "  "


def table_text(table: Table, places: Sequence[int] | None = None) -> str:
    """Lines of plain text whose columns stand under each other, totals last. places: the columns, in their order."""
    from tokentray.export.markdown_table import width_of

    columns, lines = _laid_out(table, places)
    if not columns:
        return ""
    texts = [[column.title for column in columns], *([visible(text) for text in line] for line in lines)]
    widths = [max(width_of(line[place]) for line in texts) for place in range(len(columns))]
    rule = ["-" * width for width in widths]
    texts.insert(1, rule)
    if table.totals:
        texts.insert(len(texts) - len(table.totals), rule)
    return "".join(
        _GAP.join(
            " " * (width - width_of(text)) + text if column.kind in FIGURES else text + " " * (width - width_of(text))
            for column, text, width in zip(columns, line, widths, strict=True)
        ).rstrip()
        + "\n"
        for line in texts
    )


def table_markdown(table: Table, places: Sequence[int] | None = None) -> str:
    """A table of Markdown, totals last and bold. Nothing in it is taken for markup."""
    from tokentray.export.markdown_table import escaped

    columns, lines = _laid_out(table, places)
    if not columns:
        return ""
    totals = len(lines) - len(table.totals)
    sides = ["---:" if column.kind in FIGURES else ":---" for column in columns]
    texts = [[escaped(column.title) for column in columns], sides]
    for number, line in enumerate(lines):
        cells = [escaped(text.strip()) for text in line]
        texts.append([f"**{cell}**" if cell else "" for cell in cells] if number >= totals else cells)
    return "".join(f"| {' | '.join(line)} |\n" for line in texts)


def table_csv(table: Table) -> str:
    """All columns and rows of a table as CSV (RFC 4180), unrounded, under the names of `usage --csv`, in its order.

    Without the totals: who adds up a column would count it twice. A text that a spreadsheet would take for a formula is
    kept from it; numbers stay as they are.
    """
    import csv
    import io

    from tokentray.export.csv_file import HEADER, safe_text

    keys = _keys(table.rows)
    order = {field: place for place, field in enumerate(HEADER)}
    places = [place for place, one in enumerate(table.columns) if not (keys and one.kind is ColumnKind.NAME)]
    if keys:
        places.sort(key=lambda place: order.get(table.columns[place].id, len(order)))
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*keys, *(table.columns[place].id for place in places)])
    for row in table.rows:
        values = [_field(table.columns[place], row.cells[place]) for place in places]
        texts = [*(value for _, value in row.keys if keys), *values]
        writer.writerow([safe_text(one) if isinstance(one, str) else _number(one) for one in texts])
    return out.getvalue()


def cells_text(lines: Iterable[Sequence[Cell]]) -> str:
    """Selected cells as they read, a tab between them: what spreadsheets and editors take."""
    return "\n".join("\t".join(visible(cell.text) for cell in line) for line in lines)


def _laid_out(table: Table, places: Sequence[int] | None) -> tuple[list[Column], list[list[str]]]:
    """The columns, and the texts of all rows and totals, figures with room behind them to their decimal points."""
    chosen = [place for place, one in enumerate(table.columns) if one.shown] if places is None else list(places)
    columns = [table.columns[place] for place in chosen]
    rows = (*table.rows, *table.totals)
    lines = [[row.cells[place].text for place in chosen] for row in rows]
    for at, column in enumerate(columns):
        if column.kind in FIGURES:
            tails = [tail(row.cells[chosen[at]]) for row in rows]
            longest = max(tails, default=0)
            for line, own in zip(lines, tails, strict=True):
                line[at] += " " * (longest - own) if own >= 0 else ""
    named = next((at for at, column in enumerate(columns) if column.kind is ColumnKind.NAME), 0)
    if table.totals and columns:
        for row, line in zip(table.rows, lines, strict=False):
            line[named] += "" if row.shown else _LEFT_OUT
    return columns, lines


def _keys(rows: Sequence[Row]) -> tuple[str, ...]:
    """The grouping keys of all rows; none where they differ, or where there are none."""
    found = {tuple(key for key, _ in row.keys) for row in rows}
    return found.pop() if len(found) == 1 else ()


def _field(column: Column, cell: Cell) -> Value:
    if cell.value is None and column.kind is ColumnKind.NAME:
        return cell.text
    return cell.value


def _number(value: Decimal | int | None) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else str(value)
