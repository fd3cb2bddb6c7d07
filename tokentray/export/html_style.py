"""How an HTML file looks: on a light and a dark screen, on a telephone, and on paper, where it is always light."""

from collections.abc import Sequence

from tokentray.charts.colors import DARK, LIGHT, Shades, mixed
from tokentray.charts.spec import Chart
from tokentray.export.html_chart import darkened
from tokentray.export.html_paper import LIST_COLUMNS, MARGIN_MM

_SCREEN = """\
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); line-height: 1.45;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans", sans-serif;
  font-variant-numeric: tabular-nums lining-nums; overflow-wrap: anywhere; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1 { margin: 0; font-size: 1.25rem; font-weight: 600; }
h2 { margin: 0 0 0.4rem; font-size: 1rem; font-weight: 600; }
p { margin: 0.2rem 0; }
header { margin-bottom: 2rem; }
header p, .changed { max-width: 44rem; }
.changed { margin-bottom: 2rem; }
.lead { margin: 0.3rem 0 0.8rem; color: var(--secondary); }
.lead strong { display: block; color: var(--text); font-size: 2.25rem; font-weight: 600; line-height: 1.2; }
.whole { white-space: nowrap; }
.status { margin-top: 0.5rem; padding: 0.1rem 0 0.1rem 0.75rem; border-left: 3px solid var(--secondary); }
section, details { margin: 0 0 2rem; min-width: 0; }
.opening, .beside { display: flex; flex-wrap: wrap; column-gap: 2.5rem; align-items: flex-start; }
.opening > header, .beside > section { flex: 1 1 22rem; }
.opening > section { flex: 1 1 26rem; }
.beside > details { flex: 1 1 100%; }
.scroll { overflow-x: auto; }
table { --gap: 1.1rem; width: 100%; border-collapse: collapse; font-size: 0.875rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 0.22rem 0 0.22rem var(--gap); text-align: right; vertical-align: top; font-weight: 400;
  white-space: nowrap; overflow-wrap: normal; }
th:first-child { padding-left: 0; }
.name, .text, .day { text-align: left; }
.name, .text { white-space: normal; overflow-wrap: anywhere; min-width: 9rem; }
.text { min-width: 5rem; }
thead th { color: var(--secondary); border-bottom: 1px solid var(--rule); white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--faint); }
tfoot { display: table-row-group; }
tfoot tr > * { border-top: 1px solid var(--secondary); font-weight: 600; }
.note, figcaption { margin-top: 0.4rem; color: var(--secondary); font-size: 0.875rem; }
figure { margin: 0; }
svg { display: block; width: 100%; min-width: 36rem; height: auto; }
ul { margin: 0; padding-left: 1.1rem; }
li { margin: 0.15rem 0; }
section > ul { max-width: 52rem; font-size: 0.875rem; }
summary { cursor: pointer; }
summary h2 { display: inline-block; }
.beside > section:has(figure) { flex-basis: 36rem; }
.paper { display: none; }
@media screen and (max-width: 40rem) {
  main { padding: 1.25rem 1rem 2.5rem; }
  table { --gap: 0.75rem; font-size: 0.8125rem; }
  .name { min-width: 7.5rem; }
  th:first-child { position: sticky; left: 0; background: var(--page); }
}
"""
_PAPER = """\
@page { margin: %(margin)s; }
@media print {
  html { color-scheme: light; }
  body { font-size: %(size)spt; line-height: 1.16; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 1.4em; }
  h2 { margin-bottom: 0.15em; font-size: 1.1em; break-after: avoid; }
  header, section, details, .changed { margin-bottom: 0.8em; }
  header p, .changed, section > ul { max-width: none; }
  p { margin: 0.1em 0; }
  .lead { margin: 0; }
  .lead strong { display: inline; margin-right: 0.2em; font-size: 2.2em; }
  details:not([open]) { display: none; }
  summary { list-style: none; }
  .scroll { overflow: visible; }
  table, .note, section > ul { font-size: 1em; }
  table { --gap: 0.8em; }
  th, td { padding-top: 0.03em; padding-bottom: 0.03em; }
  .name { min-width: 7em; }
  .text { min-width: 4em; }
  .note { margin-top: 0.15em; }
  .opening, .beside { column-gap: 2.2em; }
  .opening > section, .beside > section { flex: 1 1 40%%; min-width: min-content; }
  .opening > header { flex-basis: 40%%; min-width: 0; }
  .charted { display: grid; grid-template-columns: minmax(min-content, 42%%) minmax(0, 1fr); }
  .charted > section { grid-column: 1; }
  .charted > section:has(figure) { grid-column: 2; grid-row: 1 / span 9; }
  .charted > details { grid-column: 1 / -1; }
  .in-line h2 { margin-bottom: -1.16em; }
  .in-line thead th:first-child { font-size: 0; }
  tbody tr + tr > * { border-top: 0; }
  .screen, figcaption { display: none; }
  .paper { display: block; }
  section > ul { columns: %(columns)s; column-gap: 2em; }
  tr, li, figure, header { break-inside: avoid; }
  svg { min-width: 0; }
  li { margin: 0; }
}
"""


def style(charts: Sequence[Chart], size: int) -> str:
    """The style sheet of a file with these charts. size: of type on paper, in tenths of a point."""
    dark = "\n".join((f":root {{ {_colors(DARK)} }}", *darkened(charts)))
    margin = " ".join(f"{millimetres}mm" for millimetres in MARGIN_MM)
    paper = _PAPER % {"margin": margin, "size": f"{size // 10}.{size % 10}", "columns": LIST_COLUMNS}
    light = f":root {{ {_colors(LIGHT)} }}"
    return f"{light}\n{_SCREEN}@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}\n{paper}"


def _colors(shades: Shades) -> str:
    """The colours of the page, which are those of its charts."""
    faint = mixed(shades.window, shades.rule, 0.5)
    named = {
        "page": shades.window,
        "text": shades.text,
        "secondary": shades.secondary,
        "rule": shades.rule,
        "faint": faint,
    }
    return " ".join(f"--{name}: {color};" for name, color in named.items())
