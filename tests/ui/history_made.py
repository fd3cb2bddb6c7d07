"""Tables and charts made by hand, with names as logs may hold them, for tests of the history window's parts."""

from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from tokentray.charts.spec import Bar, BarChart, LineChart, LineSeries, Point, Series, Tick, Unit, UnitKind, Waterfall
from tokentray.charts.spec import WaterfallStep as Step
from tokentray.money import NumberStyle
from tokentray.question import Question
from tokentray.report import Cell, Column, ColumnKind, Report, Row, Table
from tokentray.ui.history.chartview import ChartView
from tokentray.ui.history.legend import Legend
from tokentray.ui.history.saving import Choose, Keeper, ask_file
from tokentray.ui.history.table import HistoryTable

NAMES = ("Claude Max", "OpenAI, my key", "مشروع (قديم)", "<img src=x> & <b>", "n" * 300, "bell\a\x1b[31m\n=1+1")
"""Of sources."""
UNIT = Unit(UnitKind.MONEY, NumberStyle(), "USD")
COLUMNS = (
    Column("source", "Source", ColumnKind.NAME),
    Column("cost", "Spend", ColumnKind.MONEY, tip="What counts"),
    Column("requests", "Requests", ColumnKind.COUNT),
    Column("output_tokens", "Output", ColumnKind.COUNT, spoken="output tokens"),
    Column("list_cost", "At list price", ColumnKind.MONEY, shown=False),
)


def row(number: int, name: str, cost: str = "1.50", *, shown: bool = True) -> Row:
    """The group of that number."""
    amount = Decimal(cost)
    return Row(
        id=f"g{number}",
        cells=(
            Cell(name, name),
            Cell(f"≈ ${amount:,.2f}", amount),
            Cell(f"{number:,}", number),
            Cell("–"),
            Cell("$2.25", Decimal("2.25"), "At the price of 1 November"),
        ),
        where=(("source", f"s{number}"),),
        ink=f"source:s{number}",
        tip="Estimated from logs\nAs of 14:02",
        shown=shown,
        keys=(("source", f"s{number}"),),
    )


TOTAL = Row("total", (Cell("Total"), Cell("≈ $1,209.00", Decimal(1209)), Cell("15", 15), Cell("–"), Cell("$9.00", 9)))


def table(rows: tuple[Row, ...] = (), sort: str = "cost", *, descending: bool = True) -> Table:
    """These rows, else one for each name, with a total."""
    made = rows or tuple(row(number, name, str(200 * number + 1)) for number, name in enumerate(NAMES))
    return Table(COLUMNS, made, (TOTAL,), sort, descending)


def bar_chart(days: int = 10, *, hidden: tuple[int, ...] = (), selected: tuple[int, int] | None = None) -> BarChart:
    """A bar a day, of all names; the third has no use of the first."""
    series = tuple(
        Series(f"g{number}", name, f"source:s{number}", f"≈ ${number + 1}.10", number not in hidden, "From logs")
        for number, name in enumerate(NAMES)
    )
    bars = tuple(
        Bar(
            id=f"2026-11-{day:02d}",
            short=str(day),
            heading="Nov 2026" if day == 1 else "",
            label=f"{day} November 2026",
            amounts=tuple(_amount(day, number, hidden) for number in range(len(NAMES))),
            text=f"≈ ${day}.40",
            tip="Estimated from logs",
        )
        for day in range(1, days + 1)
    )
    return BarChart("Spend in November 2026", UNIT, series, bars, selected=selected)


def _amount(day: int, number: int, hidden: tuple[int, ...]) -> Decimal:
    return Decimal(0) if number in hidden or (day == 3 and number == 0) else Decimal(number + 1) + Decimal("0.333")


def with_series(chart: BarChart, places: tuple[int, ...]) -> BarChart:
    """Those series alone, in that order."""
    series = tuple(chart.series[place] for place in places)
    bars = tuple(bar._replace(amounts=tuple(bar.amounts[place] for place in places)) for bar in chart.bars)
    return chart._replace(series=series, bars=bars)


def waterfall() -> Waterfall:
    """From October to November."""
    steps = (
        Step("before", "October", Decimal(10), True, "$10.00"),
        Step("volume", "Volume", Decimal(5), False, "+$5.00"),
        Step("price", "Price", Decimal(-3), False, "-$3.00", "Prices fell"),
        Step("after", "November", Decimal(12), True, "$12.00"),
    )
    return Waterfall("Why November differs", UNIT, steps)


def line_chart() -> LineChart:
    """Three months of a model, none in the second, with its list price."""
    ticks = tuple(Tick(f"2026-{month:02d}", str(month), "", f"Month {month}") for month in (9, 10, 11))
    paid = (Point(Decimal(3), "$3.00", "Billed"), Point(None), Point(Decimal(2), "$2.00"))
    listed = (Point(Decimal(4), "$4.00"),) * 3
    series = (
        LineSeries("m", "opus", "model:opus", paid, text="$2.00"),
        LineSeries("m\x1flist", "opus, at list price", "model:opus", listed, stepped=True),
        LineSeries("n", "haiku", "model:haiku", paid, text="$2.00"),
    )
    return LineChart("What a million tokens cost", UNIT, ticks, series)


def report(chart: BarChart | None = None, shown: Table | None = None) -> Report:
    """What a window would be given."""
    return Report(Question(), Question(), chart=chart or bar_chart(), table=shown or table(), subject="usage-2026-11")


class Parts(QWidget):
    """The three parts as they stand in the window."""

    def __init__(self, choose_file: Choose = ask_file) -> None:
        super().__init__()
        self.keeper = Keeper(self, choose_file)
        self.chart = ChartView(self.keeper)
        self.legend = Legend()
        self.table = HistoryTable(self.keeper)
        column = QVBoxLayout(self)
        column.addWidget(self.chart, 1)
        column.addWidget(self.legend)
        column.addWidget(self.table, 1)
        self.resize(900, 640)

    def show_report(self, shown: Report, picked: tuple[str, ...] = ()) -> None:
        self.keeper.show_report(shown)
        self.chart.set_chart(shown.chart, shown.spoken, shown.as_of_text)
        self.legend.set_chart(shown.chart, shown.as_of_text)
        self.table.set_table(shown.table, shown.chart, picked)
