"""The view that reconciles: what accounts were billed beside what their tokens come to at list price, by UTC day."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.charts.spec import Bar, BarChart, Series
from tokentray.clock import UtcZone, local_date
from tokentray.engine.account_setups import compared_text, signed
from tokentray.engine.figures import Figures
from tokentray.engine.reports.framing import day_splits, framed, known_picks, split_choices
from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.passing import Passing
from tokentray.engine.reports.view_parts import (
    BETWEEN,
    DASH,
    NOTHING,
    capital,
    chosen_bars,
    in_order,
    in_words,
    is_shown,
    lines,
    money_unit,
    percent_cell,
    shares_of,
)
from tokentray.insight import periods, words
from tokentray.insight.blended import change_percent
from tokentray.insight.reconcile import Difference, by_account, main_reason, summary
from tokentray.insight.reference import Part
from tokentray.insight.standing import ACCOUNT
from tokentray.insight.tally import USUAL, ZERO
from tokentray.insight.told_words import day_text
from tokentray.model import Basis
from tokentray.money import exact_sum, format_money
from tokentray.question import Question
from tokentray.report import Cell, Column, ColumnKind, Headline, Report, Row, Table
from tokentray.store.groups import day_labels

BILLED, OTHER = "billed", "other"
_UNDER_ANY_CENT = Decimal("0.0001")
_KNOWN_BY = frozenset(("source", "account", "payer", "provider", "day", "week", "month"))
"""Keys that a bill of a day has."""
_HOW = {Basis.METERED: "by the account's own token counts", Basis.ESTIMATED: "by the logs here"}

_COLUMNS = (
    Column("source", "Account", ColumnKind.NAME),
    Column("day", "Day (UTC)", ColumnKind.TEXT, tip="Providers bill by days of UTC, not of your own zone"),
    Column("billed", "Billed", ColumnKind.MONEY, tip="What the provider's own cost report says of the day"),
    Column("other", "At list price", ColumnKind.MONEY, tip="The day's tokens at list price"),
    Column("basis", "Tokens known", ColumnKind.TEXT, tip="Where the tokens are known from", shown=False),
    Column("difference", "Difference", ColumnKind.MONEY, tip="The bill less its tokens at list price"),
    Column("percent", "Percent", ColumnKind.PERCENT, tip="How much more or less the bill is than its tokens"),
    Column("reason", "Likely", ColumnKind.TEXT, tip="The likeliest reason, from what is known", spoken="Likely reason"),
    Column("currency", "Currency", ColumnKind.TEXT, shown=False),
)


class _Day(NamedTuple):
    """One day of an account. account: "account:1"."""

    account: str
    one: Difference

    @property
    def id(self) -> str:
        """Of its row."""
        return BETWEEN.join((self.account, self.one.day.isoformat()))


class _Made(NamedTuple):
    """What the parts of the report are made from."""

    ground: Ground
    question: Question
    figures: Figures
    currency: str


def build(ground: Ground, asked: Question) -> Report:
    """Bills beside their tokens over the bars of a period, and a row for each account and day.

    Raises StoreError and FilterError.
    """
    span = periods.days(asked.period, ground.today, ground.known)
    passing = Passing(ground, asked, _KNOWN_BY)
    days = [one for one in _days(ground, *span) if passing.passes(_values(ground, one))]
    used = [one.one.currency for one in days]
    currency = max(sorted(set(used)), key=used.count) if used else USUAL
    splits, usual = day_splits(span), periods.default_split(asked.period, *span)
    split = asked.split if asked.split in splits else usual if usual in splits else splits[0]
    labels = periods.bars(*span, split, ground.zone)
    bars = chosen_bars(asked.selected, labels)
    within = days if bars is None else [one for one in days if _label(one, split) in labels[bars[0] : bars[1] + 1]]
    question = asked._replace(split=split, selected=asked.selected if bars else None)
    question = known_picks(question, [one.id for one in within])
    made = _Made(ground, question, ground.figures([])._replace(currency=currency), currency)
    counted = [one for one in within if _is_shown(one, question)]
    charted = [one for one in days if _is_shown(one, question)]
    return framed(ground, asked, question, span)._replace(
        headline=_headline(made, counted),
        chart=_chart(made, charted, split, labels)._replace(selected=bars) if days else None,
        table=_table(made, within),
        splits=split_choices(splits),
        remarks=tuple(_remarks(made, counted, passing)) if days else (),
        spoken=_spoken(made, counted, split) if days else "",
        empty_text="" if days else _empty_text(ground),
    )


def _days(ground: Ground, first: date, last: date) -> list[_Day]:
    """Every day of every account that has a bill, or tokens with a price; the newest first."""
    until = min(last, local_date(ground.now_utc, UtcZone()))
    pairs = ground.history.reconcile(first, until, ground.zone) if first <= until else []
    found = [_Day(f"{ACCOUNT}{account}", one) for account, days in by_account(pairs).items() for one in days]
    return sorted(found, key=lambda one: one.one.day, reverse=True)


def _values(ground: Ground, one: _Day) -> dict[str, str]:
    """What a day can be filtered by."""
    account = ground.told.accounts.get(one.account)
    return {
        "source": one.account,
        "payer": one.account,
        "account": ground.names.source(one.account),
        "provider": account.provider if account else "",
        **day_labels(one.one.day),
    }


def _is_shown(one: _Day, question: Question) -> bool:
    return is_shown(one.id, (), question.picked)


def _label(one: _Day, split: str) -> str:
    return day_labels(one.one.day)[split]


def _table(made: _Made, days: Sequence[_Day]) -> Table:
    rows: dict[str, Row] = {}
    totals: list[Row] = []
    for currency in sorted({one.one.currency for one in days}, key=lambda one: (one != made.currency, one)):
        mine = [one for one in days if one.one.currency == currency]
        are_shown = [_is_shown(one, made.question) for one in mine]
        billed, other, apart = (
            shares_of([amount or ZERO for amount in amounts], are_shown, currency)
            for amounts in (
                [one.one.billed for one in mine],
                [one.one.other for one in mine],
                [one.one.amount for one in mine],
            )
        )
        for one, *shares in zip(mine, billed, other, apart, strict=True):
            rows[one.id] = _row(made, one, shares)
        shown = [one.one for one in mine if _is_shown(one, made.question)]
        if shown:
            totals.append(_total(made, shown, currency))
    sort = made.question.sort if any(column.id == made.question.sort for column in _COLUMNS) else "day"
    descending = made.question.descending or not made.question.sort
    ordered = in_order([rows[one.id] for one in days], _COLUMNS, sort, descending)
    return Table(_COLUMNS, ordered, tuple(totals), sort, descending)


def _row(made: _Made, day: _Day, shares: Sequence[Decimal]) -> Row:
    one, style = day.one, made.figures.style
    label = made.ground.names.source(day.account)
    how = _HOW.get(one.basis, "") if one.basis else ""

    def money(amount: Decimal | None, share: Decimal, form: str = "{}") -> Cell:
        if amount is None:
            return NOTHING
        return Cell(form.format(format_money(_shown(amount, share), one.currency, style)), amount)

    difference = NOTHING
    if one.amount is not None:
        difference = Cell(signed(_shown(one.amount, shares[2]), one.currency, style), one.amount)
    return Row(
        id=day.id,
        cells=(
            Cell(label, label),
            Cell(day_text(one.day), one.day.isoformat()),
            money(one.billed, shares[0]),
            money(one.other, shares[1], "≈ {}"),
            Cell(how or DASH, one.basis.value if one.basis else None),
            difference,
            percent_cell(one.percent, style),
            Cell(one.reason or DASH, one.reason or None),
            Cell(one.currency, one.currency),
        ),
        where=(("source", day.account),),
        ink=f"source:{day.account}",
        tip=lines(
            (
                *_how(made, [one]),
                f"Likely: {one.reason}" if one.reason else "",
                _read_text(made, day.account),
            )
        ),
        shown=_is_shown(day, made.question),
        keys=(("source", day.account), ("day", one.day.isoformat())),
    )


def _how(made: _Made, days: Sequence[Difference]) -> Iterable[str]:
    """How the two sides of these days are known."""
    bills = sum(one.billed is not None for one in days)
    if bills:
        missing = len(days) - bills
        without = (
            f"; no bill of {made.figures.style.number(missing)} day{'' if missing == 1 else 's'}" if missing else ""
        )
        yield f"Billed: the provider's cost report{without}"
    else:
        yield "No bill of this day" if len(days) == 1 else "No bill of these days"
    bases = {one.basis for one in days}
    how = words.listed([text for basis, text in _HOW.items() if basis in bases])
    if how:
        yield f"At list price: {how}"


def _shown(amount: Decimal, share: Decimal) -> Decimal:
    """The figure to write: what shares out to no cent at all is still something."""
    if share or not amount:
        return share
    return _UNDER_ANY_CENT if amount > 0 else -_UNDER_ANY_CENT


def _read_text(made: _Made, account: str) -> str:
    found = made.ground.told.accounts.get(account)
    if found is None or found.read_at_utc is None:
        return "Never read so far"
    return f"As of {made.figures.time_text(found.read_at_utc)}"


def _total(made: _Made, days: Sequence[Difference], currency: str) -> Row:
    """Of all the days shown; difference and percent of those that have both."""
    style = made.figures.style
    billed = exact_sum([one.billed for one in days if one.billed is not None])
    other = exact_sum([one.other for one in days if one.other is not None])
    both = summary(days)
    said = lines((*_how(made, days), capital(made.ground.as_of_text)))
    tip = lines(("Of the days that have both", said))
    difference, percent = NOTHING, NOTHING
    if both is not None:
        apart = exact_sum((both[0], -both[1]))
        difference = Cell(signed(apart, currency, style), apart, tip)
        percent = percent_cell(change_percent(Fraction(both[1]), Fraction(both[0])), style, tip)
    return Row(
        id=BETWEEN.join(("total", currency)),
        cells=(
            Cell("Total"),
            NOTHING,
            Cell(format_money(billed, currency, style), billed)
            if any(one.billed is not None for one in days)
            else NOTHING,
            Cell(f"≈ {format_money(other, currency, style)}", other)
            if any(one.other is not None for one in days)
            else NOTHING,
            NOTHING,
            difference,
            percent,
            NOTHING,
            Cell(currency, currency),
        ),
        tip=said,
    )


def _chart(made: _Made, days: Sequence[_Day], split: str, labels: Sequence[str]) -> BarChart:
    """Bill and tokens side by side, of all accounts that are shown together."""
    hidden, style, currency = made.question.hidden, made.figures.style, made.currency
    shown = (BILLED not in hidden, OTHER not in hidden)
    by_bar: dict[str, list[Difference]] = {label: [] for label in labels}
    for day in days:
        if day.one.currency == currency and _label(day, split) in by_bar:
            by_bar[_label(day, split)].append(day.one)
    today = day_labels(local_date(made.ground.now_utc, UtcZone()))[split]
    bars = [
        Bar(
            id=label,
            short=texts.short,
            heading=texts.heading,
            label=f"{texts.label}, UTC",
            amounts=tuple(sum_ if on else ZERO for sum_, on in zip(_sums(by_bar[label]), shown, strict=True)),
            text=_pair_text(made, by_bar[label]),
            tip=_bar_tip(made, by_bar[label]),
            open_=label == today,
        )
        for label, texts in zip(labels, periods.bar_texts(split, labels), strict=True)
    ]
    mine = [one for of_bar in by_bar.values() for one in of_bar]
    billed, other = _sums(mine)
    how = words.listed(list(dict.fromkeys(_HOW[one.basis] for one in mine if one.basis in _HOW)))
    series = (
        Series(BILLED, "Billed", "basis:billed", format_money(billed, currency, style), shown[0], "By the cost report"),
        Series(OTHER, "At list price", "basis:metered", f"≈ {format_money(other, currency, style)}", shown[1], how),
    )
    return BarChart("Billed and at list price", money_unit(currency, style), series, tuple(bars), stacked=False)


def _bar_tip(made: _Made, days: Sequence[Difference]) -> str:
    """How a bar is known, and why its two sides differ."""
    return lines((*_how(made, days), words.sentence([main_reason(one.reason for one in days)]))) if days else ""


def _sums(days: Iterable[Difference]) -> tuple[Decimal, Decimal]:
    found = list(days)
    return (
        exact_sum([one.billed for one in found if one.billed is not None]),
        exact_sum([one.other for one in found if one.other is not None]),
    )


def _pair_text(made: _Made, days: Sequence[Difference]) -> str:
    """ "$9.11 billed, ≈ $10.40 at list price"."""
    billed, other = _sums(days)
    style, currency = made.figures.style, made.currency
    parts = []
    if any(one.billed is not None for one in days):
        parts.append(f"{format_money(billed, currency, style)} billed")
    if any(one.other is not None for one in days):
        parts.append(f"≈ {format_money(other, currency, style)} at list price")
    return ", ".join(parts) or "nothing"


def _headline(made: _Made, days: Sequence[_Day]) -> Headline:
    mine = [one.one for one in days if one.one.currency == made.currency]
    if not mine:
        return Headline()
    billed, other = _sums(mine)
    style, currency = made.figures.style, made.currency
    parts = [Part(one.day, one.billed, currency) for one in mine if one.billed]
    beside = f"≈ {format_money(other, currency, style)} at list price" if other else ""
    return Headline(
        amount_text=f"{format_money(billed, currency, style)} billed",
        equivalent_text=made.figures.reference.equivalent(parts).text(style) if parts else "",
        note_text=beside,
        known_text=words.sentence(
            ["billed by the providers' own cost reports, of whole UTC days", _compared(made, mine)]
        ),
    )


def _compared(made: _Made, days: Sequence[Difference]) -> str:
    told = compared_text(days, made.figures)
    return f"the days that have both: {told}" if told else ""


def _remarks(made: _Made, days: Sequence[_Day], passing: Passing) -> Iterable[str]:
    yield from passing.remarks("A bill is known by account and day only")
    yield "Days are those of UTC, which providers bill by."
    mine = [one.one for one in days]
    reason = main_reason(one.reason for one in mine)
    told = compared_text([one for one in mine if one.currency == made.currency], made.figures)
    if told:
        yield f"On the days that have both: {told}.{f' Likely: {reason}.' if reason else ''}"
    others = sorted({one.currency for one in mine} - {made.currency})
    if others:
        yield f"Bills in {words.listed(others)} are not in the chart: amounts of two currencies are never added."


def _spoken(made: _Made, days: Sequence[_Day], split: str) -> str:
    mine = [one.one for one in days if one.one.currency == made.currency]
    said = [f"Billed and at list price, by UTC {split}: {_pair_text(made, mine)}."]
    for account in sorted({one.account for one in days}):
        of_it = [one.one for one in days if one.account == account and one.one.currency == made.currency]
        if of_it:
            said.append(f"{in_words(made.ground.names.source(account))}: {_pair_text(made, of_it)}.")
    return " ".join(said)


def _empty_text(ground: Ground) -> str:
    if ground.told.accounts:
        return "No account has a bill or counted tokens of these days, or none matches."
    return (
        "No accounts yet. With one, this shows what its provider billed beside what its tokens come to at list price,"
        " day by day. The settings add one, under Accounts."
    )
