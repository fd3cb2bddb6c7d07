"""What of a month is not any more as it was when it was exported.

Amounts are compared unrounded, and those of then are quoted as the document said them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from tokentray.clock import Zone, local_date, month_bounds_utc
from tokentray.export import said
from tokentray.export.dates import day_text
from tokentray.export.said import Figures, Line
from tokentray.insight.source_names import SourceNames
from tokentray.insight.standing import CHARGE, PLAN
from tokentray.insight.words import MONTHS
from tokentray.model import Basis
from tokentray.store.history import History

if TYPE_CHECKING:  # it is what makes a summary that asks what changed
    from tokentray.export.summary import MonthSummary

_MOST_SOURCES = 6
_MOST_DAYS = 3
_DUST = Decimal("0.000000002")
"""What two parts of the same converted amount can differ by, as they are shared out to the nano."""
_SINCE = {Basis.BILLED.value: "billed since", Basis.METERED.value: "metered since"}
_APART = {said.ELSEWHERE: "paid elsewhere", said.UNSAID: "no payer"}
"""Lines that are in no total, and of which only the worth is told."""
_SMALLER = "{}, by less than it shows"


def figures_of(summary: "MonthSummary") -> str:
    """What a summary says, for ExportRecord.figures: the same whether it is redacted or not."""
    return said.as_text(said.figures(summary))


def since(history: History, summary: "MonthSummary", zone: Zone, names: SourceNames) -> tuple[str, ...]:
    """What is not as it was in the newest export that said otherwise, a sentence each; () where none did.

    One that said the same is passed over, so that a month exported as one format after the other says the same in each.
    names: what sources are called that are in the month no more. Raises StoreError.
    """
    records = history.exports(summary.month)
    if not records:
        return ()
    now = said.figures(summary)
    labels = {figure.name: figure.label for _, table in said.tables(summary) for figure in table.figures}
    for record in records:
        then = said.parsed(record.figures)
        if then is not None and then != now:
            compared = _Comparison(then, now, labels, names, local_date(record.at_utc, zone), redacted=summary.redacted)
            was_over = record.at_utc >= month_bounds_utc(summary.first, zone)[1]
            sentences = tuple(compared.sentences(was_over=was_over))
            if sentences:
                return sentences
    return ()


class _Comparison:
    """Two states of one month. at: the day on which the first was exported. redacted: whether names are numbers."""

    def __init__(
        self,
        then: Figures,
        now: Figures,
        labels: Mapping[str, str],
        names: SourceNames,
        at: date,
        *,
        redacted: bool,
    ) -> None:
        self._then = then
        self._now = now
        self._labels = labels
        self._names = names
        self._at = at
        self._redacted = redacted

    def sentences(self, *, was_over: bool) -> Iterable[str]:
        """was_over: whether the month was over when it was exported; else only the days before that are compared."""
        then, now, day = self._then, self._now, day_text(self._at)
        if then.offsets != now.offsets:
            yield (
                f"It was exported on {day} with days that begin at other hours (UTC{then.offsets}, now"
                f" UTC{now.offsets}): what changed since is not told."
            )
        elif then[1:4] != now[1:4]:
            yield (
                f"It was exported on {day} as {_kind(then)}, {then.total.amount_text}, and is {_kind(now)} now,"
                f" {now.total.amount_text}: what changed since is not told."
            )
        elif was_over:
            yield from self._whole()
        else:
            yield from self._so_far()

    def _whole(self) -> Iterator[str]:
        moved, days = self._moved_cells(None), self._moved_days(None)
        lines = list(self._moved_lines(moved))
        if not (moved or lines or days or _differs(self._then.total, self._now.total)):
            return
        day, was, is_ = day_text(self._at), self._then.total.amount_text, self._now.total.amount_text
        if was != is_:
            yield f"Changed since it was exported on {day}: {is_}, was {was}."
        else:
            yield f"Changed since it was exported on {day}; the total still reads {is_}."
        yield from [f"{line}." for line in lines[:_MOST_SOURCES]]
        if len(lines) > _MOST_SOURCES:
            yield f"{_counted(len(lines) - _MOST_SOURCES, 'more source')} changed."
        yield from self._by_day(days)

    def _so_far(self) -> Iterator[str]:
        """The day on which it was exported was not over, and belongs to what came later."""
        moved, days = self._moved_cells(self._at), self._moved_days(self._at)
        if not moved and not days:
            return
        yield f"Changed since it was exported on {day_text(self._at)}, in the days before that."
        names = list(dict.fromkeys(name for name, _, _ in moved))
        parts = [self._label(name) + self._known_since(name, moved) for name in names[:_MOST_SOURCES]]
        if len(names) > _MOST_SOURCES:
            parts.append(_counted(len(names) - _MOST_SOURCES, "more source"))
        if parts:
            yield f"By source: {', '.join(parts)}."
        yield from self._by_day(days)

    def _moved_cells(self, before: date | None) -> Sequence[tuple[str, str, str]]:
        then, now = self._then.cells, self._now.cells
        keys = [*now, *(key for key in then if key not in now)]
        return [key for key in keys if then.get(key) != now.get(key) and _is_before(key[1], before)]

    def _moved_days(self, before: date | None) -> Sequence[str]:
        then, now = self._then.days, self._now.days
        both = sorted(now.keys() & then.keys())
        return [day for day in both if _is_before(day, before) and self._lead_differs(then[day], now[day])]

    def _moved_lines(self, moved: Sequence[tuple[str, str, str]]) -> Iterator[str]:
        """One of each source of which anything changed, in the order of the tables."""
        then, now = self._then.lines, self._now.lines
        touched = {name for name, _, _ in moved}
        for key in [*now, *(key for key in then if key not in now)]:
            was, is_ = then.get(key), now.get(key)
            if was is None or is_ is None or key[1] in touched or _differs(was, is_):
                yield self._line(key, was, is_) + self._known_since(key[1], moved)

    def _line(self, key: tuple[str, str], was: Line | None, is_: Line | None) -> str:
        table, name = key
        label = self._label(name) + (f" ({_APART[table]})" if table in _APART else "")
        if was is None or is_ is None:
            there = f"{is_.amount_text}, was not there" if is_ else "not there any more"
            return f"{label}: {there}" + (f", was {was.amount_text}" if was else "")
        if was.amount_text != is_.amount_text:
            return f"{label}: {is_.amount_text}, was {was.amount_text}"
        if self._lead_differs(was, is_, worth=table in _APART):
            return f"{label}: {_SMALLER.format(is_.amount_text)}"
        if was.worth_text != is_.worth_text:
            return f"{label}: still {is_.amount_text}, worth {is_.worth_text}, was worth {was.worth_text}"
        return f"{label}: still {is_.amount_text}, for other use"

    def _lead_differs(self, was: Line, is_: Line, *, worth: bool = False) -> bool:
        """Whether what leads differs: worth, or else spend."""
        if worth or self._now.leads == said.WORTH:
            return _apart(was.list_cost, is_.list_cost) or was.unpriced != is_.unpriced
        return _apart(was.cost, is_.cost)

    def _by_day(self, days: Sequence[str]) -> Iterator[str]:
        if not days:
            return
        parts = []
        for day in days[:_MOST_DAYS]:
            was, is_ = self._then.days[day].amount_text, self._now.days[day].amount_text
            name = f"{int(day[8:])} {MONTHS[int(day[5:7]) - 1]}"
            parts.append(f"{name} {is_}, was {was}" if was != is_ else f"{name} {_SMALLER.format(is_)}")
        if len(days) > _MOST_DAYS:
            parts.append(_counted(len(days) - _MOST_DAYS, "more day"))
        yield f"By day: {'; '.join(parts)}."

    def _known_since(self, name: str, moved: Sequence[tuple[str, str, str]]) -> str:
        """ "; billed since", where that is how a source is known now."""
        for basis, told in _SINCE.items():
            for key in moved:
                was, is_ = self._then.cells.get(key), self._now.cells.get(key)
                if key[0] == name and was and is_ and basis in is_.basis and basis not in was.basis:
                    return f"; {told}"
        return ""

    def _label(self, name: str) -> str:
        if name.startswith(CHARGE) and name in self._names.charges and not self._redacted:
            # What somebody typed may read as anything: "late".
            return f"charge “{self._labels.get(name) or self._names.source(name)}”"
        if name in self._labels:
            return self._labels[name]
        if name.startswith(CHARGE) and name not in self._names.charges:
            return "A charge"
        if name.startswith(PLAN) and name not in {f"{PLAN}{plan.id}" for plan in self._names.plans}:
            return "A plan"
        return self._names.source(name) or "No source"


def _differs(was: Line, is_: Line) -> bool:
    return _apart(was.cost, is_.cost) or _apart(was.list_cost, is_.list_cost) or was.unpriced != is_.unpriced


def _apart(was: Decimal | None, is_: Decimal | None) -> bool:
    if was is None or is_ is None:
        return was is not is_
    return abs(was - is_) > _DUST


def _is_before(day: str, before: date | None) -> bool:
    return before is None or day < before.isoformat()


def _kind(figures: Figures) -> str:
    if figures.leads == said.WORTH:
        return f"worth at list price in {figures.list_currency}"
    return f"spend in {figures.currency}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
