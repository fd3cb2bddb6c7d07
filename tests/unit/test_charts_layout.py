"""Drawings of charts: whatever is shown in whatever room, nothing overlaps, leaves the drawing or goes missing."""

from decimal import Decimal
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.charts import DOLLARS, bar_chart, charts
from tokentray.charts.layout import draw, marks
from tokentray.charts.shapes import NONE, Dot, Drawing, Line, Path, Pen, Rect, Size, Text, bar_at, hit_at, hits_of
from tokentray.charts.spec import (
    BarChart,
    Chart,
    LineChart,
    LineSeries,
    Point,
    Tick,
    Waterfall,
    WaterfallStep,
)
from tokentray.charts.text import plain_pen

PEN = plain_pen()
RTL = plain_pen(right_to_left=True)
ROOM = Size(600, 300)
_SLACK = 0.02

Extent = tuple[float, float, float, float]


def extent(text: Text, pen: Pen) -> Extent:
    wide = pen.measure(text.text, text.factor)
    left = text.x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.anchor]
    return left, text.y - pen.ascent * text.factor, left + wide, text.y + pen.descent * text.factor


def texts(drawing: Drawing) -> list[str]:
    return [shape.text for shape in drawing.shapes if isinstance(shape, Text)]


def parts(drawing: Drawing) -> list[Rect]:
    """The rectangles that stand for something, without grounds."""
    return [one for one in drawing.shapes if isinstance(one, Rect) and one.ink not in ("window", "selection")]


def apart(one: Extent, other: Extent) -> bool:
    return (
        one[2] <= other[0] + _SLACK
        or other[2] <= one[0] + _SLACK
        or one[3] <= other[1] + _SLACK
        or other[3] <= one[1] + _SLACK
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(charts(), st.integers(1, 900), st.integers(1, 500), st.booleans(), st.sampled_from([9.0, 12.0, 26.0]))
def test_labels_never_touch(chart: Chart, width: int, height: int, leftwards: bool, pixels: float) -> None:
    """No two texts overlap, none is empty or leaves the drawing, and no shape does."""
    pen = plain_pen(pixels, right_to_left=leftwards)
    drawing = draw(chart, Size(width, height), pen)
    placed = [(shape, extent(shape, pen)) for shape in drawing.shapes if isinstance(shape, Text)]
    for (one, here), (other, there) in combinations(placed, 2):
        assert apart(here, there), (one, other)
    for text, (left, top, right, bottom) in placed:
        assert text.text
        assert text.text.replace("\u00a0", " ").isprintable()
        assert left >= -_SLACK, text
        assert top >= -_SLACK, text
        assert right <= width + _SLACK, text
        assert bottom <= height + _SLACK, text
    for shape in drawing.shapes:
        if isinstance(shape, Rect):
            assert shape.x >= -1.01
            assert shape.y >= -1.01
            assert shape.w >= 0
            assert shape.h >= 0
            assert shape.x + shape.w <= width + 1.01
            assert shape.y + shape.h <= height + 1.01


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(charts(), st.integers(60, 900))
def test_right_to_left_is_the_mirror(chart: Chart, width: int) -> None:
    """Time runs leftwards and the axis stands on the right, with the same bars."""
    one, other = draw(chart, Size(width, 300), PEN), draw(chart, Size(width, 300), RTL)
    assert len(one.columns) == len(other.columns)
    for (left, right), mirrored in zip(one.columns, other.columns, strict=True):
        assert mirrored == pytest.approx((width - right, width - left))
    there = {(hit.bar, hit.series, round(hit.y, 3)): hit.x for hit in other.hits}
    assert len(one.hits) == len(other.hits)
    for hit in one.hits:
        assert there[hit.bar, hit.series, round(hit.y, 3)] == pytest.approx(width - hit.x - hit.w)


def test_a_stack_is_as_tall_as_its_amounts_and_in_the_order_of_its_legend() -> None:
    """The first series on top, all of one scale, a line of ground between them."""
    drawing = draw(bar_chart([[1, 2, 3]]), ROOM, PEN)
    top, middle, bottom = sorted(hits_of(drawing, 0), key=lambda hit: hit.y)
    assert [hit.series for hit in (top, middle, bottom)] == [0, 1, 2]
    unit = drawing.plot.h / 6
    assert bottom.y + bottom.h == pytest.approx(drawing.plot.y + drawing.plot.h)
    assert top.y == pytest.approx(drawing.plot.y)
    assert bottom.h == pytest.approx(3 * unit)
    assert middle.h == pytest.approx(2 * unit - 1)
    assert middle.y + middle.h + 1 == pytest.approx(bottom.y)


def test_parts_too_thin_to_see_are_drawn_together_at_their_height() -> None:
    """Forty amounts of a cent over a bar of ten dollars are one grey part, as tall as they are together."""
    chart = bar_chart([["0.1"] * 40 + ["16"]])
    drawing = draw(chart, ROOM, PEN)
    together = [part for part in parts(drawing) if part.ink == ""]
    assert together
    assert min(part.y for part in parts(drawing)) == pytest.approx(drawing.plot.y)
    assert sum(part.h for part in parts(drawing)) == pytest.approx(drawing.plot.h, abs=len(parts(drawing)))


@pytest.mark.parametrize("stacked", [True, False])
@pytest.mark.parametrize("small", ["0.000001", "-0.000001"])
def test_money_is_never_invisible(stacked: bool, small: str) -> None:
    """A millionth beside ten millions still has its pixel."""
    drawing = draw(bar_chart([["10000000"], [small]], stacked=stacked), ROOM, PEN)
    assert [round(hit.h, 6) for hit in hits_of(drawing, 1)] == [1] or any(
        part.h == 1 and drawing.columns[1][0] <= part.x <= drawing.columns[1][1] for part in parts(drawing)
    )


def test_money_back_hangs_below_the_line() -> None:
    """What is below zero is drawn below the line of nothing, what is above it above."""
    drawing = draw(bar_chart([[5, -3]]), ROOM, PEN)
    above, below = sorted(hits_of(drawing, 0), key=lambda hit: hit.y)
    assert (above.series, below.series) == (0, 1)
    assert above.y + above.h == pytest.approx(below.y)
    assert above.h / below.h == pytest.approx(5 / 3)


def test_unpriced_use_is_an_open_square_and_no_zero_is_written() -> None:
    """Never nothing, and never an amount: where all is unpriced the axis has no labels."""
    chart = bar_chart([["0"], ["0"]])
    chart = chart._replace(
        bars=(chart.bars[0]._replace(unpriced=True, text="not priced"), chart.bars[1]._replace(text=""))
    )
    drawing = draw(chart, ROOM, PEN)
    squares = [one for one in drawing.shapes if isinstance(one, Rect) and one.outline == "secondary"]
    assert len(squares) == 1
    assert squares[0].y + squares[0].h == pytest.approx(drawing.plot.y + drawing.plot.h)
    assert "0" not in texts(drawing)
    assert "not priced" in texts(drawing)


def test_a_bar_that_is_not_over_is_open() -> None:
    """It has a dashed end above it."""
    chart = bar_chart([[3], [4]])
    chart = chart._replace(bars=(chart.bars[0], chart.bars[1]._replace(open_=True)))
    dashed = [one for one in draw(chart, ROOM, PEN).shapes if isinstance(one, Line | Path) and one.dashed]
    assert len(dashed) == 1
    assert isinstance(dashed[0], Path)
    columns = draw(chart, ROOM, PEN).columns
    assert all(columns[1][0] <= x <= columns[1][1] for x, _ in dashed[0].points)


def test_a_single_bar_is_not_as_wide_as_the_window() -> None:
    """One day is a bar, not a wall."""
    (part,) = parts(draw(bar_chart([[3]]), Size(2000, 300), PEN))
    assert part.w <= 64


def test_ten_years_of_days_are_drawn_without_gaps() -> None:
    """Of days that share a pixel the greatest is seen, and each can still be asked for."""
    rows = [[1]] * 3650
    rows[1234] = [50]
    drawing = draw(bar_chart(rows), ROOM, PEN)
    assert len(drawing.columns) == 3650
    drawn = parts(drawing)
    assert max(drawn, key=lambda part: part.h).h == pytest.approx(drawing.plot.h)
    edges = sorted((part.x, part.x + part.w) for part in drawn)
    assert all(end >= start - 0.01 for (_, end), (start, _) in pairwise(edges))


def test_labels_stand_in_even_steps() -> None:
    """Days are left out evenly, from the first."""
    drawing = draw(bar_chart([[1]] * 90), Size(500, 300), PEN)
    found = [int(text) for text in texts(drawing) if text != "0" and "$" not in text]
    assert len({after - before for before, after in pairwise(found)}) == 1


def test_headings_stand_where_their_stretches_begin() -> None:
    """Below the days, from the left end of the first of them."""
    chart = bar_chart([[1]] * 40)
    bars = tuple(bar._replace(heading={0: "Oct 2026", 20: "Nov 2026"}.get(at, "")) for at, bar in enumerate(chart.bars))
    drawing = draw(chart._replace(bars=bars), ROOM, PEN)
    places = {one.text: one.x for one in drawing.shapes if isinstance(one, Text)}
    assert places["Oct 2026"] == pytest.approx(drawing.columns[0][0])
    assert places["Nov 2026"] == pytest.approx(drawing.columns[20][0])


def test_bars_side_by_side_share_their_column() -> None:
    """Each in its own place, those that are switched off without one."""
    chart = bar_chart([[4, 2, 0]], stacked=False)
    chart = chart._replace(series=(*chart.series[:2], chart.series[2]._replace(shown=False)))
    one, other = hits_of(draw(chart, ROOM, PEN), 0)
    assert one.x + one.w <= other.x
    assert one.h == pytest.approx(2 * other.h)
    assert one.w == pytest.approx(other.w)


def test_selected_bars_have_a_ground() -> None:
    """From the start of the first to the end of the last, whichever was given first."""
    for selected in ((1, 2), (2, 1)):
        drawing = draw(bar_chart([[1]] * 5, selected=selected), ROOM, PEN)
        (ground,) = [one for one in drawing.shapes if isinstance(one, Rect) and one.ink == "selection"][:1]
        assert (ground.x, ground.x + ground.w) == pytest.approx((drawing.columns[1][0], drawing.columns[2][1]))


def test_a_waterfall_adds_up() -> None:
    """Each change begins where the one before ended, and the last whole is where they lead."""
    steps = [("a", 10, True), ("b", 5, False), ("c", -8, False), ("d", 7, True)]
    chart = Waterfall(
        "Why", DOLLARS, tuple(WaterfallStep(one, one, Decimal(two), three, f"${two}") for one, two, three in steps)
    )
    drawing = draw(chart, ROOM, PEN)
    places = [(hit.y, hit.y + hit.h) for hit in drawing.hits]
    unit = drawing.plot.h / 15
    assert places[0][1] == places[3][1] == pytest.approx(drawing.plot.y + drawing.plot.h)
    assert places[1][1] == pytest.approx(places[0][0])
    assert places[2][0] == pytest.approx(places[1][0])
    assert places[2][1] == pytest.approx(places[3][0])
    assert places[2][1] - places[2][0] == pytest.approx(8 * unit)
    links = [one for one in drawing.shapes if isinstance(one, Line) and one.dashed]
    assert [round(link.y1, 3) for link in links] == [round(y, 3) for y in (places[0][0], places[1][0], places[2][1])]
    assert {"$10", "$5", "$-8", "$7"} <= set(texts(drawing))


def test_a_line_has_a_gap_where_it_has_no_value() -> None:
    """A lone value is a marker; a stepped line is dashed and level over each step."""
    values = [Decimal(1), Decimal(2), None, Decimal(3)]
    points = tuple(Point(value) for value in values)
    ticks = tuple(Tick(str(at), str(at), "", "") for at in range(4))
    paid = LineSeries("a", "a", "model:a", points)
    listed = LineSeries("b", "b", "model:a", tuple(Point(Decimal(2)) for _ in ticks), stepped=True)
    drawing = draw(LineChart("Prices", DOLLARS, ticks, (paid, listed)), ROOM, PEN)
    solid = [one for one in drawing.shapes if isinstance(one, Path) and not one.dashed]
    (steps,) = [one for one in drawing.shapes if isinstance(one, Path) and one.dashed]
    assert [len(path.points) for path in solid] == [2]
    assert sum(isinstance(one, Dot) for one in drawing.shapes) == 3
    assert len({y for _, y in steps.points}) == 1
    assert {steps.points[0][0], steps.points[-1][0]} == {drawing.columns[0][0], drawing.columns[-1][1]}


def prices(*values: str) -> LineChart:
    """A line a value, level over three steps."""
    ticks = tuple(Tick(str(at), str(at), "", "") for at in range(3))
    lines = tuple(
        LineSeries(str(at), value, f"model:{at}", (Point(Decimal(value)),) * 3) for at, value in enumerate(values)
    )
    return LineChart("Prices", DOLLARS._replace(per="per million tokens"), ticks, lines)


def heights(drawing: Drawing) -> list[float]:
    """Of each line, the first first."""
    return [one.points[0][1] for one in drawing.shapes if isinstance(one, Path) and not one.dashed]


def test_small_prices_are_told_apart_beside_great_ones() -> None:
    """Equal ratios are equal distances then, and the axis says so; a value of nothing has no place on such an axis."""
    drawing = draw(prices("0.2", "0.4", "1.6", "3.2"), ROOM, PEN)
    first, second, third, last = heights(drawing)
    assert first - second == pytest.approx(third - last)
    assert second - third == pytest.approx(2 * (first - second))
    assert first - second > 10
    assert all(drawing.plot.y <= y <= drawing.plot.y + drawing.plot.h for y in (first, second, third, last))
    assert "per million tokens, on a logarithmic scale" in texts(drawing)
    for plain in (("1", "2", "7.9"), ("0", "1", "50")):
        level = draw(prices(*plain), ROOM, PEN)
        assert "per million tokens" in texts(level)
        assert "0" in texts(level)


def test_the_pointer_finds_bar_and_part() -> None:
    """In both directions, to the last pixel; beside the plot there is none, and a key finds the nearest bar."""
    for pen in (PEN, RTL):
        drawing = draw(bar_chart([[1, 2], [0, 0], [3, 4]]), ROOM, pen)
        for hit in drawing.hits:
            found = hit_at(drawing, hit.x + hit.w / 2, hit.y + hit.h / 2)
            assert (found and found.bar, found and found.series) == (hit.bar, hit.series)
        left, right = drawing.columns[1]
        empty = hit_at(drawing, (left + right) / 2, drawing.plot.y + 5)
        assert empty is not None
        assert (empty.bar, empty.series) == (1, -1)
        assert hit_at(drawing, drawing.plot.x - 2, 50) is None
        assert bar_at(drawing, -50) == (2 if pen is RTL else 0)
        assert bar_at(drawing, 5000) == (0 if pen is RTL else 2)
    nothing: BarChart = bar_chart([])
    assert bar_at(draw(nothing, ROOM, PEN), 50) == -1
    assert hit_at(draw(nothing, ROOM, PEN), 50, 50) is None


def test_a_legend_says_how_series_look() -> None:
    """As their parts are drawn; a line in the colour and with the marker of the line."""
    drawing = draw(bar_chart([[4, 5]], series_inks=["source:codex", "source:claude-code"]), ROOM, PEN)
    chart = bar_chart([[4, 5]], series_inks=["source:codex", "source:claude-code"])
    assert {(part.ink, part.pattern) for part in parts(drawing)} == {(mark.ink, mark.pattern) for mark in marks(chart)}


def _months(before: str, *changes: str) -> Waterfall:
    after = sum(map(Decimal, changes), Decimal(before))
    steps = [
        WaterfallStep("before", "Sep 2026", Decimal(before), True, f"${before}"),
        *(WaterfallStep(f"c{at}", "Volume", Decimal(one), False, f"${one}") for at, one in enumerate(changes)),
        WaterfallStep("after", "Oct 2026", after, True, f"${after}"),
    ]
    return Waterfall("Why", DOLLARS, tuple(steps))


def test_small_changes_of_large_wholes_can_be_seen() -> None:
    """The axis then begins above nothing, all its labels say so, and each whole is cut by a line of the ground."""
    drawing = draw(_months("181.62", "6.96", "0.02", "10.92", "-15.85", "0.3", "-0.1"), ROOM, PEN)
    changes = [hit for hit in drawing.hits if 0 < hit.bar < 7]
    top, bottom = min(hit.y for hit in changes), max(hit.y + hit.h for hit in changes)
    assert bottom - top > drawing.plot.h / 2
    places = {hit.bar: hit for hit in drawing.hits}
    assert places[1].h / places[3].h == pytest.approx(6.96 / 10.92)
    labels = [text for text in texts(drawing) if text.startswith("$") and "." not in text]
    assert labels
    assert "0" not in texts(drawing)
    for whole in (places[0], places[7]):
        assert whole.y + whole.h == pytest.approx(drawing.plot.y + drawing.plot.h)
        cuts = [one for one in drawing.shapes if isinstance(one, Path) and one.ink == "window"]
        assert any(one.points[0][0] == pytest.approx(whole.x) for one in cuts)


@pytest.mark.parametrize(
    "steps", [("10", "5", "-8"), ("100", "-99"), ("0", "5"), ("100", "0"), ("-3", "1"), ("100", "-103", "110")]
)
def test_an_axis_begins_with_nothing_where_it_can(steps: tuple[str, ...]) -> None:
    """Changes that can be seen beside their wholes, none at all, and amounts below zero: no whole is cut."""
    drawing = draw(_months(*steps), ROOM, PEN)
    assert "0" in texts(drawing)
    assert not [one for one in drawing.shapes if isinstance(one, Path) and one.ink == "window"]


def test_less_is_hollow() -> None:
    """Told apart from more without colour."""
    drawing = draw(_months("10", "5", "-8"), ROOM, PEN)
    blocks = [one for one in drawing.shapes if isinstance(one, Rect) and "accent" in (one.ink, one.outline)]
    assert [one.outline for one in blocks] == [NONE, "accent"]


def test_each_bar_of_a_step_that_is_not_over_is_open() -> None:
    """Side by side, each has its own dashed end."""
    chart = bar_chart([[3, 4], [4, 0]], stacked=False)
    chart = chart._replace(bars=tuple(bar._replace(open_=True) for bar in chart.bars))
    for pen in (PEN, RTL):
        drawing = draw(chart, ROOM, pen)
        ends = [one.points for one in drawing.shapes if isinstance(one, Path) and one.dashed]
        assert len(ends) == len(drawing.hits) == 3
        for hit in drawing.hits:
            (end,) = [one for one in ends if hit.x <= one[0][0] <= hit.x + hit.w]
            assert hit.x - 1 <= end[-1][0] <= hit.x + hit.w + 1
            assert end[0][1] == pytest.approx(hit.y + 0.5)


def test_a_chart_of_everything_is_not_grey() -> None:
    """One series for all there is has the colour of the desktop; grey stands for several beside others."""
    chart = bar_chart([[3], [4]], series_inks=[""])
    assert {part.ink for part in parts(draw(chart, ROOM, PEN))} == {"accent"}
    assert "" in {part.ink for part in parts(draw(bar_chart([[3, 2]], series_inks=["source:codex", ""]), ROOM, PEN))}
