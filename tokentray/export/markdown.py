"""A month as Markdown: reads as a letter both as it stands and rendered, its tables aligned.

Names come from logs, so what Markdown would take for markup is escaped and control characters are shown.
"""

import re
from collections.abc import Iterator

from tokentray.export.compose import document
from tokentray.export.document import LEFT, ChartBlock, Document, Kind, ListBlock, TableBlock
from tokentray.export.markdown_table import aligned, escaped
from tokentray.export.summary import MonthSummary

_OURS = re.compile(r"\\<(?=[^A-Za-z/!?])")


def render(summary: MonthSummary) -> str:
    """The whole summary; a table with many rows ends in one that stands for the rest. Charts are left to the tables."""
    made = document(summary)
    lines = [f"# {made.title}", "", *_opening(made)]
    for block in made.blocks:
        if not isinstance(block, ChartBlock):
            lines += ["", f"## {escaped(block.title)}", "", *_lines(block)]
    lines.append("")
    return "\n".join(line.rstrip() for line in lines)


def _opening(made: Document) -> Iterator[str]:
    if made.status:
        yield f"*{escaped(made.status)}*"
        yield ""
    yield f"**{made.amount}** {_plain(made.said)}".rstrip()
    yield ""
    yield from map(_plain, made.sentences)
    if made.changed:
        yield ""
        yield from (f"- {_plain(sentence)}" for sentence in made.changed)


def _lines(block: TableBlock | ListBlock) -> Iterator[str]:
    if isinstance(block, ListBlock):
        yield from (f"- {_plain(sentence)}" for sentence in block.sentences)
        return
    head = [column.title for column in block.columns]
    texts = [
        [_cell(cell.text, column.kind) for cell, column in zip(line, block.columns, strict=True)]
        for line in block.lines
    ]
    words = [place for place, column in enumerate(block.columns) if column.kind in LEFT]
    yield from aligned(head, texts, words)
    for note in block.notes:
        yield ""
        yield _plain(note)


def _cell(text: str, kind: Kind) -> str:
    if kind is Kind.NAME:
        return escaped(text)
    return _plain(text) if kind in (Kind.TEXT, Kind.FIGURE) else text


def _plain(text: str) -> str:
    """Words of ours, which may hold a name as the person typed it; the sign of "<1 min" begins no markup."""
    return _OURS.sub("<", escaped(text))
