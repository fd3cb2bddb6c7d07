"""What hover and focus say of a cell or a bar, and how texts out of logs are shown: plain, on one line, and in their
own direction.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from tokentray.charts.spec import Bar, BarChart, Chart, LineChart, LineSeries, Series, UnitKind, Waterfall
from tokentray.charts.text import shown
from tokentray.insight.columns import shares
from tokentray.money import format_money
from tokentray.report import Cell, Column, ColumnKind, Row, Value
from tokentray.ui.widgets import decimal_tail, in_lines, is_right_to_left

FIGURES = frozenset({ColumnKind.MONEY, ColumnKind.COUNT, ColumnKind.PERCENT, ColumnKind.RATIO})
"""Kinds of columns that are aligned on the decimal point."""

_POINT, _DIGIT = "\N{PUNCTUATION SPACE}", "\N{FIGURE SPACE}"
_FIRST_STRONG, _LEFT_TO_RIGHT, _END = (
    "\N{FIRST STRONG ISOLATE}",
    "\N{LEFT-TO-RIGHT ISOLATE}",
    "\N{POP DIRECTIONAL ISOLATE}",
)
_LAST_GROUP = re.compile(r"[.,](\d{3,})\D*$")
_DIGITS = re.compile(r"\d+")
_SPELLED = re.compile(r"\d\s+(?:[^\W\d_]+\s+)*[a-z]{3,}$")
"""A figure with its unit in words ("29 min", "1.5 working weeks"): under another unit no point is the same place."""
_LONGEST_NAME = 400
_SHOWN = {True: "shown", False: "not shown"}
_UNDER_ANY_CENT = Decimal("0.0001")
_MOST_PARTS = 8
"""Parts of a bar that its tooltip names; the others are counted."""


def visible(text: str) -> str:
    """Text with its control and direction characters as escapes."""
    return shown(text)


def on_one_line(text: str, right_to_left: bool) -> str:
    """A name as it is shown: one that reads against the direction of the window keeps its own."""
    name = visible(text[:_LONGEST_NAME])
    return f"{_FIRST_STRONG}{name}{_END}" if is_right_to_left(name) != right_to_left else name


def tail(cell: Cell) -> int:
    """How many characters of a figure stand from its decimal point on (0: it has none); -1 for what is no figure.

    Where three digits or more follow the last point or comma, the value tells whether that is the decimal point.
    """
    return _tail(cell.text, cell.value)


@lru_cache(maxsize=4096)
def _tail(text: str, exact: Value) -> int:
    if _SPELLED.search(text):
        return -1
    found = _LAST_GROUP.search(text)
    if found is None:
        return decimal_tail(text) if _DIGITS.search(text) else -1
    before = "".join(_DIGITS.findall(text[: found.start()]))
    value = None if exact is None or isinstance(exact, str) else Decimal(exact)
    if value is not None and before and int(before) - int(abs(value)) in (0, 1):  # it may be rounded up
        return len(text) - found.start()
    return len(text) - found.end(1)


def figure(cell: Cell, longest: int, right_to_left: bool) -> str:
    """A figure padded so that its decimal point stands under the others', whose longest tail has so many characters.

    What holds no figure ("–", "not priced") ends where they end.
    """
    return _figure(cell.text, _tail(cell.text, cell.value), longest, right_to_left)


@lru_cache(maxsize=4096)
def _figure(text: str, own: int, longest: int, right_to_left: bool) -> str:
    missing = longest - own if own >= 0 else 0
    if missing > 0:
        has_point = own > 0 and text[-own] in ".,"
        text += _DIGIT * missing if has_point else _POINT + _DIGIT * (missing - 1)
    # The mark keeps the room at the end from going to the other side.
    return f"{_LEFT_TO_RIGHT}{text}\N{LEFT-TO-RIGHT MARK}{_END}" if right_to_left else text


def cell_tip(column: Column, cell: Cell, row: Row) -> str:
    """The tooltip of a cell, in lines: a name whole, then how its amounts are known."""
    told = cell.tip or row.tip
    if column.kind in FIGURES:
        return in_lines(told)
    return in_lines("\n".join(part for part in (visible(cell.text), told) if part))


def cell_words(column: Column, cell: Cell, row: Row) -> str:
    """A cell in one line, for the focus to tell what hover tells."""
    named = row.cells[0].text if row.cells else ""
    title = column.spoken or column.title
    names = column.kind is ColumnKind.NAME or (bool(row.cells) and cell is row.cells[0])
    amount = visible(cell.text) if names else f"{visible(named)}, {title} {cell.text}"
    return ". ".join(part for part in (amount, cell_known(cell, row)) if part)


def bar_words(chart: Chart, index: int, part: int = -1) -> str:
    """A bar in one line: "Sat 14 November 2026, ≈ $11.97". part: of one of its series, -1 for the whole."""
    if isinstance(chart, Waterfall):
        step = chart.steps[index]
        return f"{visible(step.label)}, {step.text}"
    if isinstance(chart, LineChart):
        label = chart.ticks[index].label
        if part < 0:
            return ": ".join(one for one in (label, "; ".join(_points(chart, index))) if one)
        point = chart.series[part].points[index]
        return f"{label}, {visible(chart.series[part].label)}, {point.text or 'nothing'}"
    bar = chart.bars[index]
    if part < 0:
        return f"{bar.label}, {bar.text}"
    return f"{bar.label}, {visible(chart.series[part].label)}, {_amounts(chart, bar)[part]}"


def bar_tip(chart: Chart, index: int, part: int = -1, as_of: str = "") -> str:
    """The tooltip of a bar, in lines: which, its parts with the largest first, how it is known, and as of when."""
    return in_lines("\n".join(_aged(_bar_lines(chart, index, part), as_of)))


def bar_known(chart: Chart, index: int, part: int = -1, as_of: str = "") -> str:
    """The same in one line without the bar itself, which `bar_words` tells, for those who hear it."""
    lines = _bar_lines(chart, index, part)
    if isinstance(chart, LineChart) and part < 0:
        lines = lines[:1]  # `bar_words` tells all the others, too
    return _in_one_line(_aged(lines, as_of)[1:])


def series_words(series: Series | LineSeries) -> str:
    """For those who hear a legend: "Claude Max, $6.67, shown"."""
    return ", ".join(part for part in (visible(series.label), series.text, _SHOWN[series.shown]) if part)


def series_tip(series: Series | LineSeries, as_of: str = "") -> str:
    """The tooltip of an item of a legend, in lines. That of a line is the tip of its latest point, as is its text."""
    return in_lines("\n".join(_series_lines(series, as_of)))


def series_known(series: Series | LineSeries, as_of: str = "") -> str:
    """The same in one line without the series itself, which `series_words` tells, for those who hear it."""
    return _in_one_line(_series_lines(series, as_of)[1:])


def cell_known(cell: Cell, row: Row) -> str:
    """How a cell is known, in one line, for those who hear the table."""
    return _in_one_line(_told(cell.tip or row.tip))


def sentence(text: str) -> str:
    """Words with a capital before them."""
    return text[:1].upper() + text[1:]


def _in_one_line(lines: Sequence[str]) -> str:
    """What lines say, with a mark between them; a sentence has its own."""
    return "; ".join(lines).replace(".; ", ". ")


def _series_lines(series: Series | LineSeries, as_of: str) -> list[str]:
    lines = [f"{visible(series.label)}   {series.text}".rstrip()]
    if isinstance(series, Series):
        lines += _told(series.tip)
    else:
        lines += _told(next((point.tip for point in reversed(series.points) if point.value is not None), ""))
    return _aged(lines, as_of)


def _aged(lines: list[str], as_of: str) -> list[str]:
    """Lines that say as of when, unless they do already."""
    said = sentence(as_of)
    return lines if not said or any(line.startswith("As of ") or line == said for line in lines) else [*lines, said]


def _bar_lines(chart: Chart, index: int, part: int) -> list[str]:
    if isinstance(chart, Waterfall):
        step = chart.steps[index]
        return [f"{visible(step.label)}   {step.text}", *_told(step.tip)]
    if isinstance(chart, LineChart):
        lines = [chart.ticks[index].label, *_points(chart, index, "   ")]
        if part >= 0:
            lines += _told(chart.series[part].points[index].tip)
        return lines
    bar = chart.bars[index]
    amount, told = _told_of(bar)
    lines = [f"{bar.label}   {amount}"]
    amounts = _amounts(chart, bar)
    if part >= 0:
        series = chart.series[part]
        return [*lines, f"{_short(series.label)}   {amounts[part]}", *(_told(series.tip) or told)]
    parts = [place for place, amount in enumerate(bar.amounts) if amount]
    parts.sort(key=lambda place: bar.amounts[place], reverse=True)
    if len(chart.series) > 1:
        lines += [f"{_short(chart.series[place].label)}   {amounts[place]}" for place in parts[:_MOST_PARTS]]
        if len(parts) > _MOST_PARTS:
            lines.append(f"and {len(parts) - _MOST_PARTS} more")
    return [*lines, *told]


def _points(chart: LineChart, index: int, gap: str = " ") -> list[str]:
    """What the lines that are shown come to at a place, the largest first."""
    points = [(series, series.points[index]) for series in chart.series if series.shown]
    points = [(series, point) for series, point in points if point.value is not None]
    points.sort(key=lambda one: one[1].value or 0, reverse=True)
    return [f"{_short(series.label)}{gap}{point.text}" for series, point in points]


def _told_of(bar: Bar) -> tuple[str, list[str]]:
    """The amount of a bar with its equivalent, and what else its tip says: nothing is told twice."""
    told, text = _told(str(bar.tip)), str(bar.text)
    if told[:1] == [visible(bar.label)]:
        told = told[1:]
    if told and (told[0] == text or told[0].startswith(f"{text} · ")):
        return told[0], told[1:]
    return text, told


def _told(tip: str) -> list[str]:
    return [visible(line) for line in tip.split("\n") if line]


def _short(label: str) -> str:
    shown = visible(label)
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def _amounts(chart: BarChart, bar: Bar) -> list[str]:
    """The parts of a bar as they read. Beside each other they add up to the whole, as its parts are all of it."""
    style, currency = chart.unit.style, chart.unit.currency
    if chart.unit.kind is UnitKind.COUNT:
        return [style.number(amount) for amount in bar.amounts]
    shown = shares(bar.amounts, currency) if chart.stacked else bar.amounts
    return [
        # An estimate stays one in its parts.
        ("≈ " if "≈" in series.text else "")
        + format_money(part or (_UNDER_ANY_CENT if amount else part), currency, style)
        for series, amount, part in zip(chart.series, bar.amounts, shown, strict=True)
    ]
