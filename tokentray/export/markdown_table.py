"""Tables in Markdown whose columns stand under each other also where nothing renders them."""

import re
from collections.abc import Sequence
from unicodedata import combining, east_asian_width

_MARKUP = re.compile(r"[\\|`*<>\[\]&~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def escaped(text: str) -> str:
    """Text from logs as Markdown that shows it, on one line."""
    visible = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return _MARKUP.sub(lambda match: f"\\{match.group()}", visible)


def aligned(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table: the first column to the left, figures to the right."""
    widths = [max(3, *(width_of(row[column]) for row in [head, *rows])) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = cells
        padded = [first + " " * (widths[0] - width_of(first))]
        padded += [" " * (width - width_of(cell)) + cell for cell, width in zip(others, widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = f"|:{'-' * widths[0]}-|{'|'.join('-' * (width + 1) + ':' for width in widths[1:])}|"
    return [line(head), rule, *map(line, rows)]


def width_of(text: str) -> int:
    """Columns a text takes in a terminal: two for a wide character, none for an accent on its own."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
