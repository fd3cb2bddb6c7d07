"""The month as the little HTML that a text view of a window shows, to be looked at before it is written.

Only what such a view knows: attributes of tables, and a few properties of CSS on single elements.
"""

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokentray.charts.colors import DARK, LIGHT, is_dark
from tokentray.charts.layout import draw
from tokentray.charts.shapes import Size
from tokentray.charts.svg import svg
from tokentray.charts.text import plain_pen
from tokentray.export.document import LEFT, Block, Cell, ChartBlock, Column, Document, Kind, ListBlock, TableBlock
from tokentray.export.html_text import short, words

_AFTER_TABLE = '</table><p style="margin-top:0; margin-bottom:0; font-size:6px"><br></p>'
"""Such a view leaves out the space above what follows a table."""
_CHART = (560, 120)
_SHARP = 2
"""Pixels of the picture to one of the page: sharp at 200 %, and halved well at 100 %."""
_CROWDED = 60
"""Characters of figures in a row, beside which their heads take several lines, so that names have room."""
_UNBROKEN = re.compile("([0-9A-Za-z_]{12})(?=[0-9A-Za-z_])")
_ISOLATED, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


def preview(document: Document, text: str, secondary: str, rule: str) -> str:
    """The document in its order. Colours as "#rrggbb": of text, of what matters less, and of lines."""
    inks = _Inks(text, secondary, rule)
    return "\n".join(
        (
            f'<html><body style="color:{text}">',
            *_opening(document, inks),
            *(line for block in document.blocks for line in _block(block, inks)),
            "</body></html>",
            "",
        )
    )


class _Inks(NamedTuple):
    text: str
    secondary: str
    rule: str


def _opening(document: Document, inks: _Inks) -> Iterator[str]:
    yield f'<h1 style="margin-top:0; margin-bottom:2px">{words(document.title)}</h1>'
    if document.status:
        yield f'<p style="margin-top:0; margin-bottom:6px"><i>{words(document.status)}</i></p>'
    yield (
        f'<p style="margin-top:0; margin-bottom:6px"><span style="font-size:large; font-weight:600">'
        f"{words(document.amount)}</span> {words(document.said)}</p>"
    )
    yield from (_small(one, inks) for one in document.sentences)
    if document.changed:
        yield from _list(document.changed)


def _block(block: Block, inks: _Inks) -> Iterator[str]:
    yield f'<h3 style="margin-top:14px; margin-bottom:4px">{words(block.title)}</h3>'
    if isinstance(block, ListBlock):
        yield from _list(block.sentences)
    elif isinstance(block, ChartBlock):
        yield _image(block, inks)
        yield _small(block.spoken, inks)
    else:
        yield from _table(block, inks)
        yield from (_small(note, inks) for note in block.notes)


def _image(block: ChartBlock, inks: _Inks) -> str:
    """The chart within the text itself, without a ground of its own."""
    shades = (LIGHT if is_dark(inks.text) else DARK)._replace(text=inks.text, secondary=inks.secondary, rule=inks.rule)
    wide, high = _CHART
    drawn = svg(draw(block.chart, Size(wide, high), plain_pen()), shades, block.title, block.spoken)
    drawn = drawn.replace(f'width="{wide}" height="{high}"', f'width="{wide * _SHARP}" height="{high * _SHARP}"', 1)
    drawn = drawn.replace(f'<rect width="{wide}" height="{high}" fill="{shades.window}"/>', "", 1)
    data = b64encode(drawn.encode()).decode()
    return f'<p style="margin:0"><img width="{wide}" height="{high}" src="data:image/svg+xml;base64,{data}"></p>'


def _small(text: str, inks: _Inks) -> str:
    return f'<p style="margin-top:2px; margin-bottom:2px; color:{inks.secondary}">{_sentence(text)}</p>'


def _list(sentences: Sequence[str]) -> Iterator[str]:
    yield '<ul style="margin-top:2px; margin-bottom:2px; margin-left:14px; -qt-list-indent:0">'
    yield from (f"<li>{_sentence(one)}</li>" for one in sentences)
    yield "</ul>"


def _sentence(text: str) -> str:
    """Text in lines, in which no estimate and no share is parted from its sign."""
    return words(text).replace("≈ ", "≈\N{NO-BREAK SPACE}").replace(" %", "\N{NO-BREAK SPACE}%")


def _table(block: TableBlock, inks: _Inks) -> Iterator[str]:
    """Lines are cells' own borders: the view knows none of a row. At times it makes a table a dot too wide."""
    yield '<table width="99%" cellspacing="0" cellpadding="2">'
    head = tuple(Cell(column.title) for column in block.columns)
    style = f"color:{inks.secondary}; border-bottom:1px solid {inks.rule}"
    yield f"<thead>{_row(head, block.columns, f'{style}; white-space:normal' if _is_crowded(block) else style)}</thead>"
    yield from (_row(row, block.columns) for row in block.rows)
    if block.total:
        yield _row(block.total, block.columns, f"font-weight:600; border-top:1px solid {inks.rule}")
    yield _AFTER_TABLE


def _is_crowded(block: TableBlock) -> bool:
    figures = [at for at, column in enumerate(block.columns) if column.kind not in LEFT]
    rows = [tuple(column.title for column in block.columns), *([cell.text for cell in row] for row in block.rows)]
    return sum(max(len(row[at]) for row in rows) for at in figures) > _CROWDED


def _row(row: Sequence[Cell], columns: Sequence[Column], style: str = "") -> str:
    return (
        f"<tr>{''.join(_cell(cell.text, column.kind, style) for cell, column in zip(row, columns, strict=True))}</tr>"
    )


def _cell(text: str, kind: Kind, style: str) -> str:
    """A name takes what the figures beside it leave."""
    if kind in LEFT:
        style = f"white-space:pre; {style}" if kind is Kind.DATE else style
        return f'<td align="left" style="{style}">{_text(text, kind)}</td>'
    return f'<td align="right" width="1%" style="white-space:nowrap; padding-left:10px; {style}">{words(text)}</td>'


def _text(text: str, kind: Kind) -> str:
    if kind is Kind.NAME:
        return _isolated(short(text))
    return words(text).replace("  ", " \N{FIGURE SPACE}") if kind is Kind.DATE else words(text)


def _isolated(name: str) -> str:
    """A name that runs leftwards turns nothing beside it."""
    turns = any(unicodedata.bidirectional(char) in ("R", "AL") for char in name)
    # A long one without blanks may end in the middle, lest it push the figures out of sight.
    text = _UNBROKEN.sub("\\1\N{ZERO WIDTH SPACE}", words(name))
    return f"{_ISOLATED}{text}{_END}" if turns else text
