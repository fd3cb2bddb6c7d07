"""The view of notes: what days and projects bought, in the person's own words, beside the money of those days."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.charts.spec import Bar, BarChart
from tokentray.engine.figures import Figures
from tokentray.engine.reports import usage
from tokentray.engine.reports.framing import day_splits, framed, known_picks, split_choices
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.known import Known
from tokentray.engine.reports.passing import Passing
from tokentray.engine.reports.view_parts import BETWEEN, DASH, NOTHING, in_order, in_words, is_shown, lines, shares_of
from tokentray.insight import columns, periods, words
from tokentray.insight.note_words import NO_NOTES, beside, quantity_text, shares_money
from tokentray.insight.tally import Tally, tally
from tokentray.insight.told_words import day_text
from tokentray.model import Note, UsageRow
from tokentray.money import decimal_of, format_money, minor_digits, plain, round_half_even
from tokentray.question import Measure, Question, Span, View
from tokentray.report import Cell, Column, ColumnKind, NoteFacts, Report, Row, Table
from tokentray.store.groups import day_labels

_KNOWN_BY = frozenset(("project", "day", "week", "month"))
_MARK = "•"
_MOST_TOLD = 5
"""Notes of a bar whose words its tip has."""
_NO_FEES = "Of its project alone: fees have no project"


class _Beside(NamedTuple):
    """A note with the rows of usage whose money stands beside it."""

    note: Note
    rows: Sequence[UsageRow]

    @property
    def id(self) -> str:
        """Of its row."""
        return f"note:{self.note.id}"


class _Made(NamedTuple):
    """What the parts of the report are made from."""

    ground: Ground
    question: Question
    figures: Figures
    notes: Sequence[_Beside]

    @property
    def of_worth(self) -> bool:
        """Whether each of what was counted is told at list price, else as spent."""
        return self.question.measure is Measure.WORTH


def build(ground: Ground, asked: Question) -> Report:
    """The usage's bars with the days of notes marked, and a row for each note. Raises StoreError and FilterError."""
    days = periods.days(asked.period, ground.today, ground.known)
    splits = day_splits(days)
    usual = periods.default_split(asked.period, *days)
    split = asked.split if asked.split in splits else usual if usual in splits else splits[0]
    passing = Passing(ground, asked, _KNOWN_BY, bare=("project", "text", "of"))
    measure = Measure.WORTH if asked.measure is Measure.WORTH or not ground.counts_spend else Measure.SPEND
    bare = asked._replace(
        view=View.USAGE, by=(), split=split, measure=measure, where=passing.where, text=passing.keyed_text, hidden=(),
        picked=(), sort="",
    )  # fmt: skip
    money = usage.build(ground, bare)
    found = [note for note in _notes(ground, asked, days) if passing.passes(_values(note))]
    question = known_picks(asked._replace(split=split, measure=measure), [f"note:{note.id}" for note in found])
    question = question._replace(selected=money.question.selected)
    with_rows = _beside(ground, passing, found)
    figures = ground.figures([row for one in with_rows for row in one.rows])
    made = _Made(ground, question, figures, with_rows)
    chart = money.chart if isinstance(money.chart, BarChart) else None
    within = _selected(made, chart)
    shown = [one for one in with_rows if is_shown(one.id, (), question.picked)]
    remarks = (*passing.remarks("A note has a day and a project"), *_remarks(made, found), *money.remarks)
    return framed(ground, asked, question, days)._replace(
        headline=money.headline._replace(note_text=_count_text(within, money.headline.note_text)),
        chart=None if chart is None else _marked(chart, shown, split),
        table=_table(made, within),
        splits=split_choices(splits),
        measures=tuple(choice for choice in money.measures if choice.id in (Measure.SPEND, Measure.WORTH)),
        remarks=remarks,
        spoken=_spoken(within, money.spoken),
        empty_text="" if found else _empty_text(ground),
        notes=tuple(_facts(one) for one in with_rows),
    )


def _notes(ground: Ground, question: Question, days: tuple[date, date]) -> list[Note]:
    """Those of the days; of all days really all, and of a period up to today those of tomorrow's date as well."""
    if question.period.span is Span.ALL:
        return ground.history.notes()
    first, last = days
    beyond = timedelta(days=1 if last == ground.today < date.max else 0)
    return ground.history.notes(first, last + beyond)


def _values(note: Note) -> dict[str, str]:
    """What a note can be filtered by."""
    return {"project": note.project, "text": note.text, "of": note.of, **day_labels(note.day)}


def _beside(ground: Ground, passing: Passing, notes: Sequence[Note]) -> list[_Beside]:
    """Notes with the money of their day, of their project where they name one; the newest first."""
    by_day: dict[str, list[UsageRow]] = {}
    by_project: dict[tuple[str, str], list[UsageRow]] = {}
    if any(not note.project for note in notes):
        span = _span(note for note in notes if not note.project)
        for row in ground.usage(("day", "source", "payer"), *span, passing.where):
            by_day.setdefault(row.key("day"), []).append(row)
    projects = tuple(("project", name) for name in sorted({note.project for note in notes if note.project}))
    if projects:
        others = tuple(pair for pair in passing.where if pair[0] != "project")
        span = _span(note for note in notes if note.project)
        for row in ground.usage(("day", "project", "source", "payer"), *span, (*others, *projects)):
            by_project.setdefault((row.key("day"), row.key("project")), []).append(row)
    made = []
    for note in sorted(notes, key=lambda note: (note.day, note.id), reverse=True):
        day = note.day.isoformat()
        rows = by_project.get((day, note.project), []) if note.project else by_day.get(day, [])
        made.append(_Beside(note, rows))
    return made


def _span(notes: Iterable[Note]) -> tuple[date, date]:
    days = [note.day for note in notes]
    return min(days), max(days)


def _selected(made: _Made, chart: BarChart | None) -> list[_Beside]:
    """Notes of the selected bars, all without a selection."""
    if chart is None or chart.selected is None:
        return list(made.notes)
    labels = {bar.id for bar in chart.bars[chart.selected[0] : chart.selected[1] + 1]}
    return [one for one in made.notes if _label(one, made.question.split) in labels]


def _label(one: _Beside, split: str) -> str:
    return day_labels(one.note.day)[split]


def _marked(chart: BarChart, notes: Iterable[_Beside], split: str) -> BarChart:
    """The bars with notes carry a mark, and the notes in their tips."""
    by_bar: dict[str, list[Note]] = {}
    for one in notes:
        by_bar.setdefault(_label(one, split), []).append(one.note)
    return chart._replace(bars=tuple(_with_notes(bar, by_bar.get(bar.id, ())) for bar in chart.bars))


def _with_notes(bar: Bar, notes: Sequence[Note]) -> Bar:
    """notes: the newest first."""
    if not notes:
        return bar
    told = [f"{_MARK} {_told(note)}" for note in reversed(notes[:_MOST_TOLD])]
    more = f"and {len(notes) - _MOST_TOLD} more" if len(notes) > _MOST_TOLD else ""
    return bar._replace(
        short=f"{bar.short}{_MARK}",
        label=f"{bar.label}, {_notes_text(len(notes))}",
        tip=lines((str(bar.tip), *told, more)),
    )


def _told(note: Note) -> str:
    """A note in a line: "fixed the import (harbour)"."""
    return in_words(f"{note.text} ({note.project})" if note.project else note.text)


def _columns() -> tuple[Column, ...]:
    money = ColumnKind.MONEY
    return (
        Column("day", "Day", ColumnKind.TEXT),
        Column("note", "What it bought", ColumnKind.NAME),
        Column("project", "Project", ColumnKind.TEXT),
        Column("quantity", "How many", ColumnKind.TEXT),
        Column("cost", "Spend", money, tip="Of that day, of the project alone where the note names one"),
        Column(
            "list_cost", words.WORTH.capitalize(), money, tip="The tokens of that day, or of its project, all of it"
        ),
        Column("each", "Each", money, tip="The amount ÷ how many there are"),
        Column("currency", "Currency", ColumnKind.TEXT, shown=False),
    )


def _table(made: _Made, notes: Sequence[_Beside]) -> Table:
    heads = [one for one in _columns() if made.ground.counts_spend or one.id != "cost"]
    known = Known(made.ground, made.figures)
    tallies = [tally(one.rows, made.figures.home) for one in notes]
    currency = made.figures.currency
    alone = not shares_money(one.note for one in notes)
    spends: list[Decimal | None] = [None] * len(notes)
    worths = list(spends)
    if alone:  # else a day stands in several rows, and rows do not add up to anything
        are_shown = [is_shown(one.id, (), made.question.picked) for one in notes]
        spends = [*shares_of([one.cost_in(currency) for one in tallies], are_shown, currency)]
        worths = [*shares_of([one.worth_in(currency) for one in tallies], are_shown, currency)]
    rows = [
        _row(made, one, of_it, (spend, worth), known)
        for one, of_it, spend, worth in zip(notes, tallies, spends, worths, strict=True)
    ]
    shown = [one for one in notes if is_shown(one.id, (), made.question.picked)]
    total = [_total(made, shown, known)] if shown else []
    places = [place for place, head in enumerate(_columns()) if head in heads]
    rows, total = (
        [row._replace(cells=tuple(row.cells[place] for place in places)) for row in of] for of in (rows, total)
    )
    sort = made.question.sort if any(head.id == made.question.sort for head in heads) else "day"
    descending = made.question.descending or not made.question.sort
    return Table(tuple(heads), in_order(rows, heads, sort, descending), tuple(total), sort, descending)


def _row(made: _Made, one: _Beside, told: Tally, shares: tuple[Decimal | None, Decimal | None], known: Known) -> Row:
    note, style = one.note, made.figures.style
    count = quantity_text(note, style)
    where = [("day", note.day.isoformat())]
    if note.project:
        where.append(("project", note.project))
    tip = _tip(one, told, known)
    return Row(
        id=one.id,
        cells=(
            Cell(day_text(note.day), note.day.isoformat()),
            Cell(note.text, note.text),
            Cell(note.project or DASH, note.project or None),
            Cell(count, count) if count else NOTHING,
            _money_cell(made, told, shares[0], of_worth=False),
            _money_cell(made, told, shares[1], of_worth=True),
            _each_cell(made, note, told, tip),
            Cell(made.figures.currency, made.figures.currency),
        ),
        where=tuple(where),
        ink=f"project:{note.project}" if note.project else "",
        tip=tip,
        shown=is_shown(one.id, (), made.question.picked),
        keys=tuple(where),
    )


def _tip(one: _Beside, told: Tally, known: Known) -> str:
    if not one.rows:
        what = "No use is known of this project" if one.note.project else "Nothing was used and nothing paid"
        return f"{what} on that day."
    return lines((known.text(one.rows, told), f"{_NO_FEES}." if one.note.project else ""))


def _money_cell(made: _Made, told: Tally, share: Decimal | None, *, of_worth: bool) -> Cell:
    """share: what the column has room for, None where its rows do not add up to anything."""
    currency, style = made.figures.currency, made.figures.style
    amounts, unpriced = (told.worth, told.unpriced_tokens) if of_worth else (told.cost, told.unpriced_paid_tokens)
    if not any(amounts.values()) and not unpriced:
        return NOTHING
    value = amounts.get(currency)
    if share is None or value is None:
        text = (words.worth_text if of_worth else words.spend_text)(told, currency, style)
    else:
        text = (columns.worth_text if of_worth else columns.spend_text)(told, share, currency, style)
    return Cell(text, value)


def _each_cell(made: _Made, note: Note, told: Tally, tip: str) -> Cell:
    """What one of what was counted cost. tip: how that is known."""
    figures, currency = made.figures, made.figures.currency
    amount = told.worth_in(currency) if made.of_worth else told.cost_in(currency)
    if note.quantity is None or note.quantity <= 0 or not amount:
        return NOTHING
    each = decimal_of(Fraction(Fraction(amount), Fraction(note.quantity)))
    text = format_money(each, currency, figures.style)
    if made.of_worth or told.estimated:
        text = f"≈ {text}"
    if told.unpriced_tokens if made.of_worth else told.unpriced_paid_tokens:
        nothing = not round_half_even(each, minor_digits(currency))
        text = words.MOSTLY_NOT_PRICED if nothing else f"at least {text}"
    whole = (words.worth_text if made.of_worth else words.spend_text)(told, currency, figures.style)
    return Cell(text, each, lines((f"{whole} ÷ {in_words(quantity_text(note, figures.style))}", tip)))


def _total(made: _Made, notes: Sequence[_Beside], known: Known) -> Row:
    """Money that stands beside several notes counts once."""
    counted = beside(one.note for one in notes)
    rows: dict[tuple[date, str], Sequence[UsageRow]] = {}
    for one in notes:
        projects = counted[one.note.day]
        if projects is None and not one.note.project:
            rows[one.note.day, ""] = one.rows
        elif projects is not None:
            rows[one.note.day, one.note.project] = one.rows
    all_rows = [row for of_it in rows.values() for row in of_it]
    told = tally(all_rows, made.figures.home)
    label = "Total, each day once" if shares_money(one.note for one in notes) else "Total"
    return Row(
        id=BETWEEN.join(("total", made.figures.currency)),
        cells=(
            Cell(label),
            Cell(_notes_text(len(notes))),
            NOTHING,
            NOTHING,
            _money_cell(made, told, None, of_worth=False),
            _money_cell(made, told, None, of_worth=True),
            NOTHING,
            Cell(made.figures.currency, made.figures.currency),
        ),
        tip=known.text(all_rows, told) if all_rows else "Nothing was used and nothing paid on those days.",
    )


def _facts(one: _Beside) -> NoteFacts:
    note = one.note
    quantity = "" if note.quantity is None else plain(note.quantity)
    return NoteFacts(note.id, one.id, note.day, note.text, note.project, quantity, note.of)


def _notes_text(count: int) -> str:
    return "1 note" if count == 1 else f"{count} notes"


def _count_text(notes: Sequence[_Beside], beside_it: str) -> str:
    days = len({one.note.day for one in notes})
    told = f"{_notes_text(len(notes))} on {days} day{'' if days == 1 else 's'}" if notes else "no notes"
    return " · ".join(part for part in (beside_it, told) if part)


def _remarks(made: _Made, notes: Sequence[Note]) -> Iterable[str]:
    if not notes:
        yield f"{_empty_text(made.ground)}."
    if any(note.project for note in notes):
        yield "Beside a note that names a project stands the money of that project alone, and fees have no project."
    if shares_money(notes):
        yield "Some notes stand beside the same money: it counts once in the total."


def _spoken(notes: Sequence[_Beside], money: str) -> str:
    told = [f"{day_text(one.note.day)}: {_told(one.note)}." for one in notes[:_MOST_TOLD]]
    more = [f"And {len(notes) - _MOST_TOLD} more."] if len(notes) > _MOST_TOLD else []
    return " ".join(part for part in (money, *told, *more) if part)


def _empty_text(ground: Ground) -> str:
    if ground.history.notes():
        return "No notes of these days, or none match"
    return f"{NO_NOTES}, with the button below."
