"""Tables in Markdown whose columns stand under each other also where nothing renders them."""

import re
from collections.abc import Collection, Sequence
from unicodedata import combining, east_asian_width

_MARKUP = re.compile(r"[\\|`*<>\[\]&~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def escaped(text: str) -> str:
    """Text from logs as Markdown that shows it, on one line."""
    visible = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return _MARKUP.sub(lambda match: f"\\{match.group()}", visible)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]], words: Collection[int] = (0,)) -> list[str]:
    """Lines of a table. words: the columns that stand to the left; figures stand to the right."""
    widths = [max(3, *(width_of(row[column]) for row in [head, *rows])) for column in range(len(head))]

    def padded(cell: str, column: int) -> str:
        space = " " * (widths[column] - width_of(cell))
        return cell + space if column in words else space + cell

    def line(cells: Sequence[str]) -> str:
        return f"| {' | '.join(padded(cell, column) for column, cell in enumerate(cells))} |"

    rules = [f":{'-' * width}-" if column in words else f"{'-' * (width + 1)}:" for column, width in enumerate(widths)]
    return [line(head), f"|{'|'.join(rules)}|", *map(line, rows)]


def width_of(text: str) -> int:
    """Columns a text takes in a terminal: two for a wide character, none for an accent on its own."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
