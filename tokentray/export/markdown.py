"""A month as Markdown: reads as a letter both as it stands and rendered, its tables aligned.

Names come from logs, so what Markdown would take for markup is escaped and control characters are shown.
"""

import re
from collections.abc import Sequence
from unicodedata import combining, east_asian_width

from tokentray.export.figures import Figure
from tokentray.export.summary import MonthSummary
from tokentray.insight import words
from tokentray.money import NumberStyle

_MOST_ROWS = 12
_OF_TIME = " of your time"
"""What the title of the column says already."""
_MARKUP = re.compile(r"[\\|`*<>\[\]&~]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])")


def render(summary: MonthSummary) -> str:
    """The whole summary; a table with many rows ends in one that stands for the rest."""
    equivalent = f", {summary.equivalent_text}" if summary.equivalent_text else ""
    lines = [
        f"# {summary.title}",
        "",
        f"**{summary.amount_text}** {words.WORTH}{equivalent}",
        "",
        f"Use of language models, {summary.period_text}.",
    ]
    if summary.change:
        lines.append(f"That is {summary.change.text}.")
    for title, figures in (
        ("Source", summary.by_source),
        ("Model", summary.by_model),
        ("Project", summary.by_project),
    ):
        lines += ["", f"## By {title.lower()}", "", *_ranked(title, figures, summary)]
    lines += ["", "## By day", "", *_days(summary)]
    lines += ["", "## Tokens", "", *_tokens(summary)]
    lines += ["", "## How it is known", "", *(f"- {escaped(sentence)}" for sentence in summary.known), ""]
    return "\n".join(line.rstrip() for line in lines)


def escaped(text: str) -> str:
    """Text from logs as Markdown that shows it, on one line."""
    visible = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return _MARKUP.sub(lambda match: f"\\{match.group()}", visible)


def _ranked(title: str, figures: Sequence[Figure], summary: MonthSummary) -> list[str]:
    style = summary.style
    timed = any(figure.equivalent_text for figure in figures)
    head = [title, "Worth", *(["Your time"] if timed else []), "Share", "Requests", "Tokens"]
    listed, rest = figures, figures[:0]
    if len(figures) > _MOST_ROWS:
        listed, rest = figures[: _MOST_ROWS - 1], figures[_MOST_ROWS - 1 :]
    rows = [
        _row(escaped(f.label), f.amount_text, _time(f), f.share_text, f.requests, f.tokens, timed, style)
        for f in listed
    ]
    if rest:
        unpriced = sum(figure.unpriced_tokens for figure in rest)
        shown = sum((figure.shown for figure in rest), words.ZERO)
        amount = words.amount_text(shown, unpriced, summary.currency, style)
        requests, tokens = sum(f.requests for f in rest), sum(f.tokens for f in rest)
        rows.append(_row(f"{len(rest)} others", amount, "", "", requests, tokens, timed, style))
    time = summary.equivalent_text.removesuffix(_OF_TIME)
    total = ("Total", summary.amount_text, time, "", summary.requests, summary.total_tokens)
    rows.append(_row(*total, timed, style))
    return _table(head, rows)


def _time(figure: Figure) -> str:
    return figure.equivalent_text.removesuffix(_OF_TIME)


def _row(
    label: str,
    amount: str,
    time: str,
    share: str,
    requests: int,
    tokens: int,
    timed: bool,
    style: NumberStyle,
) -> list[str]:
    return [label, amount, *([time] if timed else []), share, style.number(requests), style.number(tokens)]


def _days(summary: MonthSummary) -> list[str]:
    style = summary.style
    timed = any(figure.equivalent_text for figure in summary.days)
    rows = []
    for figure in summary.days:
        if figure.name > summary.last.isoformat():
            break  # the rest of the month is still to come
        tokens = style.number(figure.tokens) if figure.tokens else "–"
        rows.append([figure.label, figure.amount_text, *([_time(figure)] if timed else []), tokens])
    return _table(["Day", "Worth", *(["Your time"] if timed else []), "Tokens"], rows)


def _tokens(summary: MonthSummary) -> list[str]:
    style = summary.style
    rows = [[kind.label, style.number(kind.count)] for kind in summary.tokens if kind.count]
    lines = _table(["Kind", "Tokens"], rows)
    if summary.cache_hit_rate is not None:
        rate = style.number(summary.cache_hit_rate * 100, 1)
        lines += ["", f"{rate} % of all input came from a cache."]
    if summary.web_searches:
        lines += ["", f"{style.number(summary.web_searches)} web searches, which have a price of their own."]
    return lines


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, figures to the right."""
    widths = [max(3, *(_width(row[column]) for row in [head, *rows])) for column in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = cells
        padded = [first + " " * (widths[0] - _width(first))]
        padded += [" " * (width - _width(cell)) + cell for cell, width in zip(others, widths[1:], strict=True)]
        return f"| {' | '.join(padded)} |"

    rule = f"|:{'-' * widths[0]}-|{'|'.join('-' * (width + 1) + ':' for width in widths[1:])}|"
    return [line(head), rule, *map(line, rows)]


def _width(text: str) -> int:
    """Columns a text takes in a terminal: two for a wide character, none for an accent on its own."""
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
