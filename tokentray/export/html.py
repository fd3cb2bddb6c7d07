"""A month as one HTML file: no scripts, nothing fetched, light and dark, and a page when it is printed.

Text from logs is text here too, whatever it holds, and a name turns nothing beside it around.
"""

from collections.abc import Iterator, Sequence

from tokentray.export.compose import document
from tokentray.export.document import Block, ChartBlock, Document, TableBlock
from tokentray.export.html_chart import figure
from tokentray.export.html_paper import is_narrow, type_size
from tokentray.export.html_style import style
from tokentray.export.html_table import Widths, table
from tokentray.export.html_text import words
from tokentray.export.summary import MonthSummary

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render(summary: MonthSummary) -> str:
    """The whole summary; tables of detail are folded, and left out in print unless they are open."""
    made = document(summary)
    runs = _runs(made.blocks)
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
        f"<style>\n{style(charts, type_size(made, runs))}</style>",
        "</head>",
        "<body>",
        "<main>",
        *_opening(made),
        *_blocks(runs),
        "</main>",
        "</body>",
        "</html>",
        "",
    )
    return "\n".join(lines)


def _opening(made: Document) -> Iterator[str]:
    yield "<header>"
    yield f"<h1>{words(made.title)}</h1>"
    if made.status:
        yield f'<p class="status">{words(made.status)}</p>'
    yield f'<p class="lead"><strong>{words(made.amount)}</strong> {words(made.said)}</p>'
    yield from (f"<p>{words(sentence)}</p>" for sentence in made.sentences)
    if made.changed:
        yield from _list(made.changed, "changed")
    yield "</header>"


def _runs(blocks: Sequence[Block]) -> list[list[Block]]:
    """Blocks in their order, those that stand beside each other where there is room together.

    A chart stands beside one table: on paper only, where it is drawn for it.
    """
    runs: list[list[Block]] = []
    for block in blocks:
        last = runs[-1] if runs else []
        room = len(last) == 1 if isinstance(block, ChartBlock) else _is_small(block)
        if last and room and all(map(_is_small, last)):
            last.append(block)
        else:
            runs.append([block])
    return runs


def _blocks(runs: Sequence[Sequence[Block]]) -> Iterator[str]:
    widths = Widths.of([block for run in runs for block in run if isinstance(block, TableBlock)])
    for run in runs:
        if len(run) > 1:
            yield '<div class="beside">'
        for block in run:
            yield from _block(block, widths, len(run) > 1)
        if len(run) > 1:
            yield "</div>"


def _is_small(block: Block) -> bool:
    return isinstance(block, TableBlock) and not block.is_detail and is_narrow(block)


def _block(block: Block, widths: Widths, is_beside: bool) -> Iterator[str]:
    heading = f"<h2>{words(block.title)}</h2>"
    if isinstance(block, TableBlock) and block.is_detail:
        yield f'<details id="{words(block.id)}">'
        yield f"<summary>{heading}</summary>"
        yield from table(block, widths)
        yield "</details>"
        return
    kind = ' class="wide"' if isinstance(block, TableBlock) and not is_narrow(block) else ""
    yield f'<section id="{words(block.id)}"{kind}>'
    yield heading
    if isinstance(block, TableBlock):
        yield from table(block, widths)
    elif isinstance(block, ChartBlock):
        yield from figure(block, is_beside)
    else:
        yield from _list(block.sentences)
    yield "</section>"


def _list(sentences: Sequence[str], kind: str = "") -> Iterator[str]:
    yield f'<ul class="{kind}">' if kind else "<ul>"
    yield from (f"<li>{words(sentence)}</li>" for sentence in sentences)
    yield "</ul>"
