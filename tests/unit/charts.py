"""Charts of any kind for the tests of their drawings."""

from collections.abc import Sequence
from decimal import Decimal

from hypothesis import strategies as st

from tokentray.charts.spec import (
    Bar,
    BarChart,
    Chart,
    LineChart,
    LineSeries,
    Point,
    Series,
    Tick,
    Unit,
    UnitKind,
    Waterfall,
    WaterfallStep,
)
from tokentray.money import NumberStyle

DOLLARS = Unit(UnitKind.MONEY, NumberStyle(), "USD")
UNITS = (
    DOLLARS,
    Unit(UnitKind.MONEY, NumberStyle(",", ".", symbol_first=False), "EUR", per="per million tokens"),
    Unit(UnitKind.COUNT, NumberStyle(), noun="tokens"),
)
NAMES = (
    "claude-code",
    "x" * 300,
    "<img src=x onerror=alert(1)>",
    "مشروع طويل",
    "a\x1b[31m\x00b",
    "🦊 fox",
    "日本語の名前",
    "",
)

amounts = (
    st.just(Decimal(0))
    | st.decimals(0, 100, places=9)
    | st.decimals("0.000000001", "0.00001", places=9)
    | st.decimals(10**6, 10**8, places=2)
    | st.decimals(-50, 0, places=4)
)
names = st.sampled_from(NAMES) | st.text(max_size=20)
inks = st.sampled_from(
    ["source:claude-code", "source:codex", "source:plan:1", "model:claude-opus-4-5", "kind:output", ""]
)


def bar_chart(rows: Sequence[Sequence[str | int]], *, series_inks: Sequence[str] = (), **how: object) -> BarChart:
    """Bars of the given amounts, one series for each."""
    width = max(map(len, rows), default=0)
    inks_of = series_inks or [f"source:s{at}" for at in range(width)]
    series = tuple(Series(ink, ink, ink, "") for ink in inks_of)
    bars = tuple(
        Bar(
            str(at),
            str(at + 1),
            "",
            f"day {at + 1}",
            tuple(Decimal(amount) for amount in row),
            f"${sum(map(int, row))}",
        )
        if all(str(amount).lstrip("-").isdigit() for amount in row)
        else Bar(str(at), str(at + 1), "", f"day {at + 1}", tuple(Decimal(amount) for amount in row), "")
        for at, row in enumerate(rows)
    )
    return BarChart("Spend", DOLLARS, series, bars)._replace(**how)  # type: ignore[arg-type] # fields of the chart


@st.composite
def bar_charts(draw: st.DrawFn) -> BarChart:
    """Any bars: few and many, with long names and headings anywhere."""
    number = draw(st.integers(0, 40))
    every = draw(st.integers(1, 35))
    series = tuple(
        Series(f"{at}", draw(names), draw(inks), "$1", shown=draw(st.booleans()))
        for at in range(draw(st.integers(0, 5)))
    )
    short, heading, text = draw(names), draw(names), draw(names)
    bars = tuple(
        Bar(
            str(at),
            short if at % 3 else str(at),
            heading if at % every == 0 else "",
            f"day {at}",
            tuple(draw(amounts) if one.shown else Decimal(0) for one in series),
            text,
            open_=draw(st.booleans()),
            unpriced=draw(st.booleans()),
        )
        for at in range(number)
    )
    selected = draw(st.none() | st.tuples(st.integers(0, 80), st.integers(0, 80)))
    return BarChart("Spend", draw(st.sampled_from(UNITS)), series, bars, draw(st.booleans()), selected)


@st.composite
def waterfalls(draw: st.DrawFn) -> Waterfall:
    """Any changes between wholes."""
    steps = [WaterfallStep(str(at), draw(names), draw(amounts), draw(st.booleans()), draw(names)) for at in range(8)]
    return Waterfall("Why", draw(st.sampled_from(UNITS)), tuple(steps[: draw(st.integers(0, 8))]))


@st.composite
def line_charts(draw: st.DrawFn) -> LineChart:
    """Any lines, with gaps."""
    number = draw(st.integers(0, 30))
    ticks = tuple(Tick(str(at), draw(names), draw(names) if at % 7 == 0 else "", "") for at in range(number))
    series = tuple(
        LineSeries(
            str(at), draw(names), draw(inks), tuple(Point(draw(st.none() | amounts)) for _ in ticks), at % 2 == 1
        )
        for at in range(draw(st.integers(0, 3)))
    )
    return LineChart("Prices", draw(st.sampled_from(UNITS)), ticks, series)


def charts() -> st.SearchStrategy[Chart]:
    """Any chart."""
    return bar_charts() | waterfalls() | line_charts()
