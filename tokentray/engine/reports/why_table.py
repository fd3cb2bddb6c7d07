"""The table of Why: a row for each model, fee and other line. Its columns add up to the steps, as displayed."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from tokentray.engine.reports.known import Known
from tokentray.engine.reports.view_parts import BETWEEN, NOTHING, in_order, is_shown, lines
from tokentray.insight.tally import ZERO, Home, tally
from tokentray.insight.why import Carried, LinePart, ModelPart, Why
from tokentray.insight.why_month import MonthWhy
from tokentray.insight.why_rows import LineKind, place_of
from tokentray.insight.why_steps import FIELDS, LABELS, NEW_USE, Teller, column_shares, told
from tokentray.model import UsageRow
from tokentray.question import Question
from tokentray.report import Cell, Column, ColumnKind, Row, Table

Keys = tuple[tuple[str, str], ...]

_TIPS = {
    "fees": "What changed in the fees of plans",
    "other": "What no token count explains: searches, charges, balances, and what exchange rates alone made",
    "volume": "Its part of more or less use in all, at the price that it had",
    "mix_models": "What its share of all tokens became, against the share that it had",
    "mix_kinds": "What the kinds of its tokens became: output is dearer than input, and cached input cheaper",
    "price": "What another price for the same kind of tokens made",
    "exchange": "Of other: what exchange rates alone made",
}


def rows_of(main: Teller, question: Question) -> list[tuple[Carried, Row]]:
    """Models and what no token count explains, each with its row, the largest change first; the cells come later, for
    they share totals.
    """
    made = []
    for part in main.why.models:
        keys: Keys = (("provider", part.provider), ("model", part.model))
        made.append((part.carried, _row(main.model(part), _id(part), keys, f"model:{part.model}", question)))
    for line in main.lines:
        kind, name = line.key
        wheres: dict[LineKind, Keys] = {
            LineKind.FEE: (("source", name),),
            LineKind.SEARCHES: (("kind", "search"),),
            LineKind.CHARGE: (("provider", name), ("kind", "")),
            LineKind.BILLED: (("source", name), ("kind", "")),
        }
        keys = wheres[kind]
        ink = f"source:{name}" if kind in (LineKind.FEE, LineKind.BILLED) else f"{keys[0][0]}:{keys[0][1]}"
        made.append((line.carried, _row(main.line(line), _id(line), keys, ink, question)))
    return sorted(made, key=lambda one: -abs(one[0].change))


def _id(part: ModelPart | LinePart) -> str:
    first, second = part[:2] if isinstance(part, ModelPart) else part.key
    return f"{first}{BETWEEN}{second}"


def _row(label: str, id_: str, keys: Keys, ink: str, question: Question) -> Row:
    return Row(
        id=id_,
        cells=(Cell(label, label),),
        where=keys,
        ink=ink,
        shown=is_shown(id_, question.hidden, question.picked),
        keys=keys,
    )


def known_of(known: Known, found: MonthWhy, home: Home, *, of_worth: bool) -> dict[str, str]:
    """How the figures of each row are known, by its id: those of the month, else those of the month before."""
    texts: dict[str, str] = {}
    for rows in (found.rows, found.rows_before):
        groups: dict[str, list[UsageRow]] = {}
        for row in rows:
            place = place_of(row, of_worth=of_worth)
            if place is not None:
                groups.setdefault(BETWEEN.join(place[:2]), []).append(row)
        for id_, group in groups.items():
            if id_ not in texts:
                texts[id_] = known.text(group, tally(group, home))
    return texts


def known_together(known: Known, found: MonthWhy, home: Home, ids: Collection[str], *, of_worth: bool) -> str:
    """How the figures of these rows are known, of both months together; "" where nothing is."""
    places = ((row, place_of(row, of_worth=of_worth)) for row in (*found.rows, *found.rows_before))
    rows = [row for row, place in places if place is not None and BETWEEN.join(place[:2]) in ids]
    return known.text(rows, tally(rows, home)) if rows else ""


def table_of(
    main: Teller,
    rows: Sequence[tuple[Carried, Row]],
    whole: Carried,
    question: Question,
    known: Mapping[str, str],
    known_in_all: str,
    ends: tuple[str, str],
) -> Table:
    """The rows that are shown add up, as displayed, to the steps; the others keep figures of their own.

    known: how the figures of a row are known, by its id. known_in_all: those of the rows that are shown. ends: what
    both months come to, as the steps say it; what has no price is in no row.
    """
    columns = _columns(main.why)
    counted = [carried for carried, row in rows if row.shown]
    texts = {column.id: _texts(main, column.id, counted, whole) for column in columns[1:]}
    filled, at = [], 0
    for carried, row in rows:
        if row.shown:
            cells = [texts[column.id][at] for column in columns[1:]]
            at += 1
        else:
            alone = {column.id: _texts(main, column.id, [carried], carried) for column in columns[1:]}
            cells = [alone[column.id][0] for column in columns[1:]]
        filled.append(row._replace(cells=(*row.cells, *cells), tip=lines((row.cells[0].text, known.get(row.id, "")))))
    sums = {column.id: texts[column.id][-1] for column in columns[1:]}
    for id_, text in zip(("before", "after"), ends, strict=True):
        sums[id_] = sums[id_]._replace(text=text)
    total = Row("", (Cell("Total", "Total"), *sums.values()), tip=known_in_all)
    ordered = in_order(filled, columns, question.sort, question.descending)
    return Table(columns, ordered, (total,) if filled else (), question.sort, question.descending)


def _columns(why: Why) -> tuple[Column, ...]:
    """A part of the change that is nothing throughout is there, and not shown."""
    parts = [*FIELDS, "exchange"]
    return (
        Column("name", "What", ColumnKind.NAME),
        Column("before", "Before", ColumnKind.MONEY, tip="What it came to in the days compared with"),
        Column("after", "Now", ColumnKind.MONEY, tip="What it came to in the month"),
        Column("change", "Change", ColumnKind.MONEY, tip="The difference; the columns after it add up to it"),
        *(
            Column(
                field,
                NEW_USE if field == "volume" and not why.split else LABELS.get(field, "Exchange"),
                ColumnKind.MONEY,
                shown=field != "exchange" and any(told(getattr(one, field)) for one in _all(why)),
                tip=_TIPS[field],
            )
            for field in parts
        ),
        Column("tokens_before", "Tokens before", ColumnKind.COUNT, shown=False, tip="Those with a price"),
        Column("tokens_after", "Tokens now", ColumnKind.COUNT, shown=False, tip="Those with a price"),
    )


def _all(why: Why) -> list[Carried]:
    return [*(model.carried for model in why.models), *(line.carried for line in why.lines)]


def _texts(main: Teller, column: str, rows: Sequence[Carried], whole: Carried) -> list[Cell]:
    """The cells of a column, those of the rows and then of their total."""
    if column.startswith("tokens_"):
        return [_count(main, getattr(one, column)) for one in (*rows, whole)]
    shares, total = column_shares(main, column, rows, whole)
    texts = [main.cell_text(column, one, shown) for one, shown in zip(rows, shares, strict=True)]
    if column in FIELDS:  # as the step says it: not all that adds up to it may be an estimate
        texts.append(main.change_text(getattr(whole, column), total, estimated=main.estimated(column)))
    else:
        texts.append(main.cell_text(column, whole, total))
    amounts: list[Decimal] = [getattr(one, column) for one in (*rows, whole)]
    empty = NOTHING._replace(value=ZERO)
    return [Cell(text, amount) if told(amount) else empty for text, amount in zip(texts, amounts, strict=True)]


def _count(main: Teller, count: int) -> Cell:
    return Cell(main.style.number(count), count) if count else NOTHING._replace(value=0)
