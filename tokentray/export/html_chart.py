"""Charts of an HTML file: drawings within the page, in the colours of a light or a dark one."""

import re
from collections.abc import Iterator, Sequence

from tokentray.charts.colors import DARK, LIGHT, Shades
from tokentray.charts.layout import draw
from tokentray.charts.shapes import Size
from tokentray.charts.spec import Chart
from tokentray.charts.svg import svg
from tokentray.charts.text import plain_pen
from tokentray.export.document import ChartBlock
from tokentray.export.html_text import words

_SIZE = Size(720, 130)
_BESIDE = Size(420, 116)
"""On paper, beside a table."""
_FILL = re.compile(r'(?<= )(fill|stroke)="(#[0-9a-f]{6})"')


def figure(block: ChartBlock, is_beside: bool) -> Iterator[str]:
    """The chart as on a light page, in a frame that scrolls by itself where it is too wide, and what it says.

    is_beside: on paper it stands beside something, and is drawn for that again.
    """
    title = words(block.title)
    yield "<figure>"
    yield f'<div class="{"screen scroll" if is_beside else "scroll"}" role="group" aria-label="{title}" tabindex="0">'
    yield _svg(block.chart, LIGHT, _SIZE, block.title)
    yield "</div>"
    if is_beside:
        yield f'<div class="paper">{_svg(block.chart, LIGHT, _BESIDE, block.title)}</div>'
    yield f"<figcaption>{words(block.spoken)}</figcaption>"
    yield "</figure>"


def darkened(charts: Sequence[Chart]) -> Iterator[str]:
    """Rules that turn what the charts are painted with on a light page into what they are on a dark one."""
    pairs: set[tuple[str, str, str]] = set()
    for chart in charts:
        light, dark = (_FILL.findall(_svg(chart, shades, _SIZE)) for shades in (LIGHT, DARK))
        pairs |= {(what, one, other) for (what, one), (_, other) in zip(light, dark, strict=True) if one != other}
    return (f'svg [{what}="{one}"] {{ {what}: {other}; }}' for what, one, other in sorted(pairs))


def _svg(chart: Chart, shades: Shades, size: Size, title: str = "") -> str:
    """Without the line that only a file of its own begins with."""
    text = svg(draw(chart, size, plain_pen()), shades, title)
    return text[text.index("<svg") :].rstrip()
