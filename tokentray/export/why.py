"""Why a month differs from the one before, as an export says it: the words and figures of `explain`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import Zone
from tokentray.export.document import Cell, Column, Kind, TableBlock, called
from tokentray.export.frame import Frame
from tokentray.export.redact import Redaction
from tokentray.insight import words
from tokentray.insight.exchange import Exchange
from tokentray.insight.known_days import known_days, last_read_day
from tokentray.insight.tally import Home
from tokentray.insight.why import Carried, Why, summed
from tokentray.insight.why_month import Books, MonthWhy, Reader, month_why
from tokentray.insight.why_rows import LineKind
from tokentray.insight.why_steps import DASH, NEW_USE, Step, Teller, column_shares, told
from tokentray.insight.why_words import remarks, sentence
from tokentray.model import UsageRow
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

_MOST_ROWS = 4
_TOTAL = "Total"
_ENDS = ("before", "after")
_HEADS = {
    "fees": "Fees",
    "other": "Other",
    "volume": "Volume",
    "mix_models": "Mix of models",
    "mix_kinds": "Mix of kinds",
    "price": "Price",
}
_MEANINGS = {
    "volume": "volume is more or fewer tokens",
    "mix_models": "mix of models is a shift to dearer or cheaper ones",
    "mix_kinds": "mix of kinds is a shift between input, output and cache",
    "price": "price is another one paid for the same",
}


@dataclass(frozen=True, slots=True)
class Reasons:
    """title: against what. sentences: what made the difference. steps: from the month before to the month, unrounded
    and as displayed, in `currency`. table: the same with what carried most of it.
    """

    title: str = ""
    sentences: tuple[str, ...] = ()
    currency: str = ""
    steps: tuple[Step, ...] = ()
    table: TableBlock | None = None


class Read(NamedTuple):
    """known_from: the first day of which anything is known, None where that is nothing."""

    found: MonthWhy
    known_from: date | None


def read(history: History, month: date, zone: Zone, today: date, frame: Frame, currency: str) -> Read:
    """The month against the one before it, in the currency of its total where there is anything of it.

    currency: the person's, "" for that of the amounts. Raises StoreError.
    """
    told_of = frame.told
    known = known_days(history.bounds(), told_of.plans, told_of.charges, today, zone)
    known_from = known[0] if known else None
    books = Books(
        history,
        _reader(history, zone, today),
        Home(currency, Exchange(told_of.rates)),
        zone,
        known_from,
        last_read_day(told_of.sources, today, zone),
    )
    spends = frame.counts_spend
    lead = frame.currency if spends else frame.list_currency
    return Read(month_why(books, month, of_worth=not spends, lead=lead), known_from)


def _reader(history: History, zone: Zone, today: date) -> Reader:
    def usage(by: tuple[str, ...], first: date, last: date) -> list[UsageRow]:
        return history.usage(UsageQuery(by, first, last, today=today), zone)

    return usage


def models_of(read_of: Read) -> set[str]:
    """The models that are named in it."""
    return {one.model for why in read_of.found.whys for one in why.models}


def reasons(read_of: Read, frame: Frame, redaction: Redaction) -> Reasons:
    """What is said of it; nothing where the month before holds nothing to compare with."""
    found = read_of.found
    tellers = [
        Teller(_public(why, redaction), found.days, frame.names, frame.style, _same, read_of.known_from)
        for why in found.whys
    ]
    if found.is_first or not tellers or not sentence(tellers[0]):
        return Reasons()
    main, *others = tellers
    sentences = [sentence(main), *remarks(main, of_nothing=False)]
    sentences += [f"In {one.why.currency}, which no exchange rate leads from: {sentence(one)}" for one in others]
    if not main.why.of_worth and any(not row.key("payer") and row.total_tokens for row in found.rows):
        sentences.append("Use that nobody has said who pays for is left out.")
    title = f"Against {found.days.before_title}"
    steps = main.steps(main.why.whole)
    table = _table(main, title, tuple(sentences)) if len(steps) > len(_ENDS) else None
    return Reasons(title, tuple(sentences), main.why.currency, steps, table)


def _same(name: str) -> str:
    """A name as it is: each format makes it fit to be shown."""
    return name


def _public(why: Why, redaction: Redaction) -> Why:
    if not redaction.active:
        return why
    models = [
        one._replace(provider=redaction.provider(one.provider), model=redaction.models.get(one.model, one.model))
        for one in why.models
    ]
    lines = [
        one._replace(key=one.key._replace(name=redaction.provider(one.key.name)))
        if one.key.kind is LineKind.CHARGE
        else one
        for one in why.lines
    ]
    return why._replace(models=tuple(models), lines=tuple(lines))


def _table(teller: Teller, title: str, notes: tuple[str, ...]) -> TableBlock:
    """What carried most, the rest as one row, and the steps as the total. Each column adds up as displayed."""
    whole, currency = teller.why.whole, teller.why.currency
    named = _named(teller)
    rows = [summed(parts) for _, parts in named]
    before, after = teller.days.short_titles
    heads = {"before": before, **_HEADS, "after": after}
    if not teller.why.split:
        heads["volume"] = NEW_USE
    shares = {field: column_shares(teller, field, rows, whole) for field in heads}
    fields = [field for field, (parts, total) in shares.items() if field in _ENDS or total or any(parts)]
    body = [
        (Cell(name), *(_cell(teller, field, parts, shares[field][0][index]) for field in fields))
        for index, (name, parts) in enumerate(named)
    ]
    steps = {"volume" if step.id == "new_use" else step.id: step for step in teller.steps(whole)}
    total = (Cell(_TOTAL), *(_total(steps.get(field)) for field in fields))
    columns = (
        Column("what", "What", Kind.NAME),
        *(Column(field, heads[field], Kind.MONEY, currency) for field in fields),
    )
    return TableBlock(
        "why", title, columns, tuple(body), total, (*notes, *(_meaning(fields) if teller.why.split else ()))
    )


def _meaning(fields: Sequence[str]) -> Sequence[str]:
    """What the heads mean that are there."""
    said = [text for field, text in _MEANINGS.items() if field in fields]
    return [words.sentence(said)] if said else []


_Named = tuple[str, Sequence[Carried]]


def _named(teller: Teller) -> Sequence[_Named]:
    """What carried most of the change by name, then all others together."""
    lines = [(teller.line(one), one.carried) for one in teller.lines]
    left = len(teller.why.models) + len(lines) - _MOST_ROWS
    others = f"{teller.style.number(left)} others"
    ours = [_TOTAL, others, *(name for name, _ in lines)]
    models = [(called(teller.model(one), ours), one.carried) for one in teller.why.models]
    ranked = sorted([*models, *lines], key=lambda one: (-abs(one[1].change), one[0]))
    if left <= 1:
        return [(name, (carried,)) for name, carried in ranked]
    top: list[_Named] = [(name, (carried,)) for name, carried in ranked[:_MOST_ROWS]]
    return [*top, (others, [carried for _, carried in ranked[_MOST_ROWS:]])]


def _cell(teller: Teller, field: str, parts: Sequence[Carried], shown: Decimal) -> Cell:
    """A figure of a row. It is an estimate where one of its parts is."""
    amount: Decimal = getattr(summed(parts), field)
    if not told(amount):
        return Cell(DASH)
    estimated = any(one.estimated and told(getattr(one, field)) for one in parts)
    if field in _ENDS:
        return Cell(teller.amount_text(amount, shown, estimated=estimated), shown)
    return Cell(teller.change_text(amount, shown, estimated=estimated and field != "fees"), shown)


def _total(step: Step | None) -> Cell:
    """A step as the foot of its column; None where it is nothing."""
    return Cell(DASH) if step is None else Cell(step.text, step.shown if step.text != DASH else None)
