"""The notes of a month: what days and projects bought, in the person's own words, beside the money of those days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tokentray.export.document import Cell, Column, Kind, TableBlock
from tokentray.export.frame import Frame
from tokentray.insight import columns, words
from tokentray.insight.note_words import beside, quantity_text, shares_money
from tokentray.insight.tally import Tally, tally
from tokentray.insight.told_words import day_text
from tokentray.model import Note, UsageRow
from tokentray.money import decimal_of, format_money, minor_digits, round_half_even

_NONE = "–"
_Amount = tuple[Decimal, str]
"""As displayed, and as it reads."""


@dataclass(frozen=True, slots=True)
class NoteFigure:
    """A note with the money of its day, of its project alone where it names one. Money unrounded.

    quantity, of: what was counted, None and "" for nothing. cost, list_cost: in the currencies of the summary, of all
    the tokens, whoever pays. *_shown: as displayed; each_text: the amount ÷ how many there are, "" for none.
    """

    day: date
    text: str
    project: str
    quantity: Decimal | None
    of: str
    quantity_text: str
    cost: Decimal
    list_cost: Decimal
    spend_shown: Decimal
    spend_text: str
    worth_shown: Decimal
    worth_text: str
    each_text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Notes by day, and what their days come to: money that stands beside several of them counts once."""

    figures: tuple[NoteFigure, ...] = ()
    total: NoteFigure | None = None
    shares_money: bool = False


def notes(found: Sequence[Note], rows: Iterable[UsageRow], frame: Frame) -> Notes:
    """found: of the month, by day. rows: all of its use, fees and charges."""
    by_day: dict[date, list[UsageRow]] = {}
    wanted = {note.day for note in found}
    for row in rows:
        day = date.fromisoformat(row.key("day"))
        if day in wanted:
            by_day.setdefault(day, []).append(row)
    mine = [_rows(note, by_day) for note in found]
    tallies = [tally(one, frame.home) for one in mine]
    together = shares_money(found)
    spends = _column([one.cost_in(frame.currency) for one in tallies], frame.currency, adds_up=not together)
    worths = _column([one.worth_in(frame.list_currency) for one in tallies], frame.list_currency, adds_up=not together)
    figures = [
        _figure(note, one, (spend, worth), frame)
        for note, one, spend, worth in zip(found, tallies, spends, worths, strict=True)
    ]
    return Notes(tuple(figures), _total(found, by_day, frame) if len(found) > 1 else None, together)


def _rows(note: Note, by_day: dict[date, list[UsageRow]]) -> list[UsageRow]:
    rows = by_day.get(note.day, [])
    return [row for row in rows if row.key("project") == note.project] if note.project else rows


def _column(amounts: Sequence[Decimal], currency: str, *, adds_up: bool) -> list[Decimal | None]:
    """Shares of the total; None for each where days stand in several rows, which do not add up to anything."""
    return list(columns.shares(amounts, currency)) if adds_up else [None] * len(amounts)


def _figure(note: Note, one: Tally, shares: tuple[Decimal | None, Decimal | None], frame: Frame) -> NoteFigure:
    spend_shown, spend_text = _spend(one, shares[0], frame)
    worth_shown, worth_text = _worth(one, shares[1], frame)
    return NoteFigure(
        day=note.day,
        text=note.text,
        project=note.project,
        quantity=note.quantity,
        of=note.of,
        quantity_text=quantity_text(note, frame.style),
        cost=one.cost_in(frame.currency),
        list_cost=one.worth_in(frame.list_currency),
        spend_shown=spend_shown,
        spend_text=spend_text,
        worth_shown=worth_shown,
        worth_text=worth_text,
        each_text=_each(note, one, frame),
    )


def _spend(one: Tally, share: Decimal | None, frame: Frame) -> _Amount:
    currency, style = frame.currency, frame.style
    amount = one.cost_in(currency)
    if not amount and not one.unpriced_paid_tokens:
        return Decimal(0), _NONE
    if share is None:
        return round_half_even(amount, minor_digits(currency)), words.spend_text(one, currency, style)
    return share, columns.spend_text(one, share, currency, style)


def _worth(one: Tally, share: Decimal | None, frame: Frame) -> _Amount:
    currency, style = frame.list_currency, frame.style
    amount = one.worth_in(currency)
    if not amount and not one.unpriced_tokens:
        return Decimal(0), _NONE
    if share is None:
        return round_half_even(amount, minor_digits(currency)), words.worth_text(one, currency, style)
    return share, columns.worth_text(one, share, currency, style)


def _each(note: Note, one: Tally, frame: Frame) -> str:
    """What one of what was counted cost, or was worth until anything counts as spend."""
    spends = frame.counts_spend
    currency = frame.currency if spends else frame.list_currency
    amount = one.cost_in(currency) if spends else one.worth_in(currency)
    if note.quantity is None or note.quantity <= 0 or not amount:
        return ""
    each = decimal_of(Fraction(Fraction(amount), Fraction(note.quantity)))
    text = format_money(each, currency, frame.style)
    if not spends or one.estimated:
        text = f"≈ {text}"
    if not (one.unpriced_paid_tokens if spends else one.unpriced_tokens):
        return text
    nothing = not round_half_even(each, minor_digits(currency))
    return words.MOSTLY_NOT_PRICED if nothing else f"at least {text}"


def _total(found: Sequence[Note], by_day: dict[date, list[UsageRow]], frame: Frame) -> NoteFigure:
    rows = []
    for day, projects in beside(found).items():
        rows += [row for row in by_day.get(day, []) if projects is None or row.key("project") in projects]
    label = "Total, each day once" if shares_money(found) else "Total"
    return _figure(Note(0, found[0].day, label, "", None, ""), tally(rows, frame.home), (None, None), frame)


def table(made: Notes, *, spends: bool, currency: str, list_currency: str) -> TableBlock:
    """As a table. spends: whether there is a column of spend."""
    has_project = any(one.project for one in made.figures)
    has_count = any(one.quantity_text for one in made.figures)
    has_each = any(one.each_text for one in made.figures)
    heads = (
        Column("day", "Day", Kind.DATE),
        Column("note", "What it bought", Kind.TEXT),
        *([Column("project", "Project", Kind.NAME)] if has_project else []),
        *([Column("quantity", "How many", Kind.TEXT)] if has_count else []),
        *([Column("spend", "Spend", Kind.MONEY, currency)] if spends else []),
        Column("worth", "Worth", Kind.MONEY, list_currency),
        *([Column("each", "Each", Kind.FIGURE)] if has_each else []),
    )

    def row(one: NoteFigure, first: tuple[Cell, Cell]) -> tuple[Cell, ...]:
        return (
            *first,
            *([Cell(one.project)] if has_project else []),
            *([Cell(one.quantity_text)] if has_count else []),
            *([_money(one.spend_text, one.spend_shown)] if spends else []),
            _money(one.worth_text, one.worth_shown),
            *([Cell(one.each_text)] if has_each else []),
        )

    rows = tuple(row(one, (Cell(day_text(one.day), one.day), Cell(one.text))) for one in made.figures)
    total = None if made.total is None else row(made.total, (Cell(made.total.text), Cell("")))
    said = []
    if has_project:
        said.append(
            "Beside a note that names a project stands the money of that project alone, and fees have no project."
        )
    if made.shares_money:
        said.append("Some notes stand beside the same money: it counts once in the total.")
    return TableBlock("notes", "Notes", heads, rows, total, tuple(said))


def _money(text: str, shown: Decimal) -> Cell:
    return Cell(text, None if text == _NONE else shown)
