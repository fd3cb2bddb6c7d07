"""The document that a month is: which tables it has, in which order, and the sentences over and under them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from tokentray.charts.spec import Bar, BarChart, Series, Unit, UnitKind
from tokentray.export import notes
from tokentray.export.document import Block, Cell, ChartBlock, Column, Document, Kind, ListBlock, TableBlock, called
from tokentray.export.figures import Figure, Table
from tokentray.export.summary import MonthSummary
from tokentray.insight import words

_TIME_HEADS = {"hourly": "Your time", "pay": "Of a month's pay", "thing": "Equivalent"}
_SAID_BY_HEAD = " of a month's pay"
_ELSEWHERE, _UNSAID = "Paid elsewhere, not counted", "Nobody has said who pays, not counted"
_NOTHING = Cell("")


def document(summary: MonthSummary) -> Document:
    """The whole month in reading order; a block without content is left out."""
    amount, said = _amount(summary)
    return Document(
        title=summary.title,
        amount=amount,
        said=said,
        sentences=tuple(_sentences(summary)),
        blocks=tuple(_blocks(summary)),
        status=summary.status,
        changed=summary.changed,
    )


def _blocks(summary: MonthSummary) -> Iterator[Block]:
    if summary.counts_spend and summary.parts.figures:
        yield _parts(summary)
    if summary.reasons.table:
        yield summary.reasons.table
    elif summary.reasons.sentences:
        yield ListBlock("why", summary.reasons.title, summary.reasons.sentences)
    for table in (summary.by_source, summary.by_model, summary.by_project):
        if table.figures:
            yield _ranked(table, summary)
    for id_, title, table in (
        ("elsewhere", _ELSEWHERE, summary.elsewhere),
        ("unsaid", _UNSAID, summary.unsaid),
    ):
        if table.figures:
            yield _uncounted(id_, title, table, summary)
    if summary.counts_spend:
        for table in summary.others:
            yield _other(table)
    if summary.by_source.figures:
        yield from _chart(summary)
        yield _days(summary)
    if summary.counts_spend and summary.plans:
        yield _plans(summary)
    if summary.notes.figures:
        yield notes.table(
            summary.notes,
            spends=summary.counts_spend,
            currency=summary.currency,
            list_currency=summary.list_currency,
        )
    if any(kind.count for kind in summary.tokens):
        yield _tokens(summary)
    if summary.known:
        yield ListBlock("known", "How it is known", summary.known)


def _amount(summary: MonthSummary) -> tuple[str, str]:
    """What leads, and what it is."""
    equivalent = f", {summary.equivalent_text}" if summary.equivalent_text else ""
    lacking = words.without_price(summary.amount_text, summary.total_tokens, summary.style)
    if lacking:
        return lacking, ""
    return summary.amount_text, f"{'spent' if summary.counts_spend else words.WORTH}{equivalent}"


def _sentences(summary: MonthSummary) -> Iterator[str]:
    worth = ""
    lacking = words.without_price(summary.amount_text, summary.total_tokens, summary.style)
    if summary.counts_spend and summary.total_tokens and not lacking:
        worth = f", {_worth(summary.worth_text, summary.total_tokens, summary, ' at list price')}"
    yield f"Use of language models, {summary.period_text}{worth}."
    if summary.change:
        yield f"That is {summary.change.text}."
    apart = [table.total.amount_text for table in summary.others if summary.counts_spend]
    for said, table in (
        ("use paid elsewhere", summary.elsewhere),
        ("use nobody has said who pays for", summary.unsaid),
    ):
        if table.figures:
            apart.append(f"{said}, {_worth(table.total.amount_text, table.total.tokens, summary)}")
    if apart:
        yield f"Not in it: {'; '.join(apart)}."


def _worth(text: str, tokens: int, summary: MonthSummary, ending: str = "") -> str:
    """A worth within a sentence; where nothing has a price, how many tokens it is of."""
    return words.without_price(text, tokens, summary.style) or f"worth {text}{ending}"


def _parts(summary: MonthSummary) -> TableBlock:
    table = summary.parts
    columns = (
        Column("part", "Part", Kind.NAME),
        _spend_column(table),
        *_time_column(summary),
        _share_column(summary),
    )

    def row(figure: Figure) -> tuple[Cell, ...]:
        return (Cell(figure.label), _shown(figure), *_time(figure, summary), _share(figure))

    return TableBlock(
        "parts", "What it is made of", columns, tuple(map(row, table.figures)), row(replace(table.total, share_text=""))
    )


def _plans(summary: MonthSummary) -> TableBlock:
    several = len({(one.currency, one.list_currency) for one in summary.plans}) > 1
    currency, list_currency = ("", "") if several else (summary.plans[0].currency, summary.plans[0].list_currency)
    columns = (
        Column("plan", "Plan", Kind.NAME),
        Column("fee", "Fee", Kind.MONEY, currency),
        Column("worth", "Worth", Kind.MONEY, list_currency),
        Column("ratio", "Worth ÷ fee", Kind.FIGURE),
    )
    rows = tuple(
        (
            Cell(one.label),
            Cell(one.fee_text, one.fee_shown),
            Cell(one.worth_text, one.worth_shown if one.tokens else None),
            Cell(one.ratio_text),
        )
        for one in summary.plans
    )
    return TableBlock("plans", "Plans", columns, rows)


def _ranked(table: Table, summary: MonthSummary) -> TableBlock:
    """Figures with all that is said of them, and their total."""
    spends, style = summary.counts_spend, summary.style
    says_how = spends and table is summary.by_source
    ours = _ours(table)

    def row(figure: Figure) -> tuple[Cell, ...]:
        return (
            _called(figure, ours),
            *([Cell(figure.known_text)] if says_how else []),
            _shown(figure),
            *([_worth_cell(figure)] if spends else []),
            *_time(figure, summary),
            _share(figure),
            Cell(style.number(figure.requests), figure.requests),
            Cell(style.number(figure.tokens), figure.tokens),
        )

    columns = (
        Column(table.title.lower(), table.title, Kind.NAME),
        *([Column("known", "Basis", Kind.TEXT)] if says_how else []),
        *_amount_columns(table, summary),
        *_time_column(summary),
        _share_column(summary),
        Column("requests", "Requests", Kind.COUNT),
        Column("tokens", "Tokens", Kind.COUNT),
    )
    return TableBlock(
        table.title.lower(),
        f"By {table.title.lower()}",
        columns,
        tuple(map(row, _own(table))),
        row(replace(table.total, basis=())),
    )


def _uncounted(id_: str, title: str, table: Table, summary: MonthSummary) -> TableBlock:
    style, ours = summary.style, _ours(table)

    def row(figure: Figure) -> tuple[Cell, ...]:
        return (
            _called(figure, ours),
            _shown(figure),
            Cell(style.number(figure.requests), figure.requests),
            Cell(style.number(figure.tokens), figure.tokens),
        )

    columns = (
        Column("source", table.title, Kind.NAME),
        Column("worth", "Worth", Kind.MONEY, table.list_currency),
        Column("requests", "Requests", Kind.COUNT),
        Column("tokens", "Tokens", Kind.COUNT),
    )
    return TableBlock(id_, title, columns, tuple(map(row, _own(table))), row(table.total))


def _other(table: Table) -> TableBlock:
    ours = _ours(table)

    def row(figure: Figure) -> tuple[Cell, ...]:
        return _called(figure, ours), _shown(figure), _worth_cell(figure)

    columns = (
        Column("source", table.title, Kind.NAME),
        Column("spend", "Spend", Kind.MONEY, table.currency),
        Column("worth", "Worth", Kind.MONEY, table.list_currency),
    )
    return TableBlock(
        f"in-{table.currency.lower()}",
        f"In {table.currency}, in no total",
        columns,
        tuple(map(row, _own(table))),
        row(table.total),
    )


def _chart(summary: MonthSummary) -> Iterator[ChartBlock]:
    """What leads, day by day; days that are not known yet are empty. Nothing where no day has an amount."""
    table = summary.days
    spends = summary.counts_spend
    unit = Unit(UnitKind.MONEY, summary.style, table.currency if spends else table.list_currency)
    bars = []
    for figure in table.figures:
        amount = figure.cost if spends else figure.list_cost or Decimal(0)
        day = figure.label.split()[-1]
        bars.append(Bar(figure.name, day, "", figure.label, (amount,), figure.amount_text))
    if not any(bar.amounts[0] for bar in bars):
        return
    title = "Spend by day" if spends else "Worth at list price by day"
    most = max(bars, key=lambda bar: bar.amounts)
    said = f" The most on {' '.join(most.label.split())}: {most.text}." if most.amounts[0] > 0 else ""
    spoken = f"{title}.{said} The table By day has all of them."
    total = Series("all", table.title, "", table.total.amount_text)
    yield ChartBlock("chart", title, BarChart(title, unit, (total,), tuple(bars)), spoken)


def _days(summary: MonthSummary) -> TableBlock:
    style, table = summary.style, summary.days

    def row(figure: Figure) -> tuple[Cell, ...]:
        tokens = style.number(figure.tokens) if figure.tokens else "–"
        return (
            Cell(figure.label, figure.day),
            _shown(figure),
            *([_worth_cell(figure)] if summary.counts_spend else []),
            *_time(figure, summary),
            Cell(tokens, figure.tokens),
        )

    columns = (
        Column("day", "Day", Kind.DATE),
        *_amount_columns(table, summary),
        *_time_column(summary),
        Column("tokens", "Tokens", Kind.COUNT),
    )
    known = [figure for figure in table.figures if figure.name <= summary.last.isoformat()]
    return TableBlock(
        "days", "By day", columns, tuple(map(row, known)), row(replace(table.total, label="Total")), is_detail=True
    )


def _tokens(summary: MonthSummary) -> TableBlock:
    style = summary.style
    rows = tuple(
        (Cell(kind.label), Cell(style.number(kind.count), kind.count)) for kind in summary.tokens if kind.count
    )
    said = []
    if summary.cache_hit_rate is not None:
        said.append(f"{style.number(summary.cache_hit_rate * 100, 1)} % of all input came from a cache.")
    if summary.web_searches:
        said.append(f"{style.number(summary.web_searches)} web searches, which have a price of their own.")
    columns = (Column("kind", "Kind", Kind.NAME), Column("tokens", "Tokens", Kind.COUNT))
    return TableBlock("tokens", "Tokens", columns, rows, notes=tuple(said), is_detail=True)


def _own(table: Table) -> Sequence[Figure]:
    return (*table.head, *([table.rest] if table.rest else []))


def _ours(table: Table) -> Sequence[str]:
    """What its rows are called that no name stands for."""
    rows = (*table.figures, table.total, *([table.rest] if table.rest else []))
    return [figure.label for figure in rows if not figure.name]


def _called(figure: Figure, ours: Sequence[str]) -> Cell:
    return Cell(called(figure.label, ours) if figure.name else figure.label)


def _spend_column(table: Table) -> Column:
    return Column("spend", "Spend", Kind.MONEY, table.currency)


def _share_column(summary: MonthSummary) -> Column:
    return Column("share", "Of spend" if summary.counts_spend else "Of worth", Kind.PERCENT)


def _amount_columns(table: Table, summary: MonthSummary) -> tuple[Column, ...]:
    worth = Column("worth", "Worth", Kind.MONEY, table.list_currency)
    return (_spend_column(table), worth) if summary.counts_spend else (worth,)


def _time_column(summary: MonthSummary) -> tuple[Column, ...]:
    return (Column("equivalent", _TIME_HEADS[summary.time_kind], Kind.FIGURE),) if summary.time_kind else ()


def _time(figure: Figure, summary: MonthSummary) -> tuple[Cell, ...]:
    return (Cell(figure.equivalent_short.removesuffix(_SAID_BY_HEAD)),) if summary.time_kind else ()


def _shown(figure: Figure) -> Cell:
    """What leads, as displayed."""
    return Cell(figure.amount_text, figure.shown)


def _worth_cell(figure: Figure) -> Cell:
    return Cell(figure.worth_text, figure.worth_shown)


def _share(figure: Figure) -> Cell:
    return Cell(figure.share_text, figure.share) if figure.share_text else _NOTHING
