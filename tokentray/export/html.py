"""A month as one HTML file: no scripts, nothing fetched, light and dark, and a page when it is printed.

Text from logs is text here too, whatever it holds, and a name turns nothing beside it around.
"""

from collections.abc import Iterator, Sequence

from tokentray.export.compose import document
from tokentray.export.document import Block, ChartBlock, Document, TableBlock
from tokentray.export.html_chart import figure
from tokentray.export.html_paper import Layout, layout, type_size
from tokentray.export.html_style import style
from tokentray.export.html_table import Tables
from tokentray.export.html_text import sentence, words
from tokentray.export.summary import MonthSummary

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render(summary: MonthSummary) -> str:
    """The whole summary; tables of detail are folded, and left out in print unless they are open."""
    made = document(summary)
    plan = layout(made)
    size = type_size(plan)
    charts = [block.chart for block in made.blocks if isinstance(block, ChartBlock)]
    lines = (
        "<!DOCTYPE html>",
        f'<html lang="{words(made.language)}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{words(made.title)} – spend on language models</title>",
        f"<style>\n{style(charts, size)}</style>",
        "</head>",
        "<body>",
        "<main>",
        *_body(plan, size),
        "</main>",
        "</body>",
        "</html>",
        "",
    )
    return "\n".join(lines)


def _body(plan: Layout, size: int) -> Iterator[str]:
    made = plan.document
    tables = Tables.of([block for block in made.blocks if isinstance(block, TableBlock)], size)
    if plan.beside_opening:
        yield '<div class="opening">'
    yield from _opening(made)
    if plan.beside_opening:
        yield from _block(plan.beside_opening, tables)
        yield "</div>"
    if made.changed:
        yield from _changed(*made.changed)
    for run in plan.runs:
        if run.is_beside:
            yield f'<div class="{"beside charted" if run.chart else "beside"}">'
        for block in run.blocks:
            yield from _block(block, tables, run.is_beside)
        if run.is_beside:
            yield "</div>"


def _opening(made: Document) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>{words(made.title)}</h1>"
    if made.status:
        yield f'<p class="status">{sentence(made.status)}</p>'
    yield f'<p class="lead"><strong>{words(made.amount)}</strong> {words(made.said)}</p>'
    yield from (f"<p>{sentence(text)}</p>" for text in made.sentences)
    yield "</header>"


def _block(block: Block, tables: Tables, is_beside: bool = False) -> Iterator[str]:
    heading = f"<h2>{words(block.title)}</h2>"
    if isinstance(block, TableBlock) and block.is_detail:
        yield f'<details id="{words(block.id)}">'
        yield f"<summary>{heading}</summary>"
        yield from tables.lines(block)
        yield "</details>"
        return
    kind = ' class="in-line"' if isinstance(block, TableBlock) and tables.is_in_line(block) else ""
    yield f'<section id="{words(block.id)}"{kind}>'
    yield heading
    if isinstance(block, TableBlock):
        yield from tables.lines(block)
    elif isinstance(block, ChartBlock):
        yield from figure(block, is_beside)
    else:
        yield from _list(block.sentences)
    yield "</section>"


def _changed(first: str, *others: str) -> Iterator[str]:
    """What is not as it was handed in: that there is something, and what."""
    yield '<div class="changed">'
    yield f"<p>{sentence(first)}</p>"
    if others:
        yield from _list(others)
    yield "</div>"


def _list(sentences: Sequence[str]) -> Iterator[str]:
    yield "<ul>"
    yield from (f"<li>{sentence(text)}</li>" for text in sentences)
    yield "</ul>"
