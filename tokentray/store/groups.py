"""The sums of a usage query while they are added: by the values of its keys, and by currency. Exact throughout."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from operator import add

from tokentray.clock import DAY_S, HOUR_S, date_of_day_number, offset_text
from tokentray.model import CAVEAT_BIT, Basis, Caveat, Rates, UsageRow, caveats_of
from tokentray.money import Femtos, femtos_to_decimal
from tokentray.store.kinds import KINDS, NO_KIND, PLACES, SEARCH, by_kind, caveats_of_kind, list_costs
from tokentray.store.pricing import StoredPrice
from tokentray.store.records import OUTPUT, REASONING, REQUESTS

_ASSUMED = CAVEAT_BIT[Caveat.PRICE_ASSUMED]
_BASIS_BIT = {basis.value: 1 << index for index, basis in enumerate(Basis)}
_ESTIMATED = _BASIS_BIT[Basis.ESTIMATED]
_SEEN_ELSEWHERE = CAVEAT_BIT[Caveat.SEEN_ELSEWHERE]
_COUNTS = 8
_KIND = "kind"
_NO_MONEY = femtos_to_decimal(Femtos(0))
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


class _Sum:
    """A group while its parts are added. unknown: it holds money whose tokens nobody reports."""

    __slots__ = ("bases", "caveats", "cost", "counts", "list_cost", "priced", "unknown", "unpriced", "unpriced_paid")

    def __init__(self) -> None:
        self.counts = [0] * _COUNTS
        self.cost = 0
        self.list_cost = 0
        self.priced = False
        self.unknown = False
        self.unpriced = 0
        self.unpriced_paid = 0
        self.caveats = 0
        self.bases = 0


class Groups:
    """Every group of a query."""

    def __init__(self, by: tuple[str, ...], where: Iterable[tuple[str, str]]) -> None:
        self.by = by
        self.filters: dict[str, set[str]] = {}
        for key, value in where:
            self.filters.setdefault(key, set()).add(value)
        self._kinds = self.filters.pop(_KIND, None)
        self._kind_at = by.index(_KIND) if _KIND in by else None
        self._by_kind = self._kinds is not None or _KIND in by
        self._sums: dict[tuple[tuple[str, ...], str], _Sum] = {}

    def wants(self, labels: Mapping[str, str]) -> bool:
        """Whether a row passes the filters, but for those of kinds; a key that it does not name is empty."""
        return not self.filters or all(labels.get(key, "") in wanted for key, wanted in self.filters.items())

    def named(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        """The values of the grouping keys."""
        return tuple([labels.get(key, "") for key in self.by])

    def add_tokens(
        self, named: tuple[str, ...], counts: Sequence[int], price: StoredPrice | None, caveats: int, pays: bool
    ) -> None:
        """Tokens from logs at a price, which is spend where the person `pays` for each."""
        if self._by_kind:
            self._add_kinds_of_tokens(named, counts, price, caveats, pays)
            return
        total = self._at(named, price.currency if price else "USD")
        total.bases |= _ESTIMATED
        total.caveats |= caveats
        total.counts = list(map(add, total.counts, counts))
        _, fresh, output, _, read, write_5m, write_1h, searches = counts
        if price is None:
            tokens = fresh + output + read + write_5m + write_1h
            total.unpriced += tokens
            total.unpriced_paid += tokens if pays else 0
            return
        cost = price.rates.cost(fresh, output, read, write_5m, write_1h, searches)
        total.priced = True
        total.list_cost += cost
        total.cost += cost if pays else 0
        total.caveats |= price_caveats(price, searches)

    def add_money(self, labels: Mapping[str, str], cost: Femtos, currency: str, basis: str) -> None:
        """A fee or a charge: money without tokens, where the row passes the filters."""
        if cost and self.wants(labels) and (self._kinds is None or NO_KIND in self._kinds):
            total = self._at(self.named(labels), currency)
            total.cost += cost
            total.bases |= _BASIS_BIT[basis]

    def add_counted(
        self,
        labels: Mapping[str, str],
        counts: Sequence[int],
        cost: tuple[Femtos, str],
        list_cost: tuple[Femtos | None, str],
        basis: Basis,
        caveats: int,
        pays: bool = True,
        laid: tuple[Rates | None, Sequence[int]] = (None, ()),
    ) -> None:
        """A part of an account's use, counted already, where the row passes the filters. Amounts with currency.

        pays: whether the person does; `cost` is nothing where not. laid: rates, and cost by kind, of records.Counted.
        """
        if not self.wants(labels):
            return
        named = self.named(labels)
        if not self._by_kind:
            self._add_part(named, counts, cost, list_cost, basis, caveats, pays)
            return
        rates, costs = laid
        for part in by_kind(counts, cost[0], list_cost[0], rates, *((costs, ()) if pays else ((), costs))):
            if self._kinds is None or part.kind in self._kinds:
                own, worth = (Femtos(part.cost), cost[1]), (part.list_cost, list_cost[1])
                own_caveats = caveats_of_kind(caveats, part.kind)
                self._add_part(self._of_kind(named, part.kind), part.tokens, own, worth, basis, own_caveats, pays)

    def _add_kinds_of_tokens(
        self, named: tuple[str, ...], counts: Sequence[int], price: StoredPrice | None, caveats: int, pays: bool
    ) -> None:
        """Tokens from logs, each kind by itself: as by_kind() has it, of what costs nothing or just its list price."""
        currency = price.currency if price else "USD"
        for place, kind, cost in zip(PLACES, KINDS, list_costs(counts, price.rates if price else None), strict=True):
            count = counts[place]
            reasoning = counts[REASONING] if place == OUTPUT else 0
            if not (count or reasoning) or (self._kinds is not None and kind not in self._kinds):
                continue
            total = self._at(self._of_kind(named, kind), currency)
            total.bases |= _ESTIMATED
            total.caveats |= caveats_of_kind(caveats, kind)
            total.counts[place] += count
            total.counts[REASONING] += reasoning
            searches = count if kind == SEARCH else 0
            if price is not None:
                total.priced = True
                total.list_cost += cost
                total.cost += cost if pays else 0
                total.caveats |= price_caveats(price, searches)
            elif searches:
                total.unknown = True
            else:
                total.unpriced += count
                total.unpriced_paid += count if pays else 0
        if counts[REQUESTS] and (self._kinds is None or NO_KIND in self._kinds):
            total = self._at(self._of_kind(named, NO_KIND), currency)
            total.bases |= _ESTIMATED
            total.caveats |= caveats_of_kind(caveats, NO_KIND)
            total.counts[REQUESTS] += counts[REQUESTS]

    def _of_kind(self, named: tuple[str, ...], kind: str) -> tuple[str, ...]:
        at = self._kind_at
        return named if at is None else (*named[:at], kind, *named[at + 1 :])

    def _add_part(
        self,
        named: tuple[str, ...],
        counts: Sequence[int],
        cost: tuple[Femtos, str],
        list_cost: tuple[int | None, str],
        basis: Basis,
        caveats: int,
        pays: bool,
    ) -> None:
        total = self._at(named, list_cost[1])
        money = total if cost[1] == list_cost[1] else self._at(named, cost[1])
        money.cost += cost[0]
        money.bases |= _BASIS_BIT[basis]
        money.caveats |= caveats
        total.bases |= _BASIS_BIT[basis]
        total.caveats |= caveats
        total.counts = list(map(add, total.counts, counts))
        _, fresh, output, _, read, write_5m, write_1h, _ = counts
        tokens = fresh + output + read + write_5m + write_1h
        if list_cost[0] is not None:
            total.priced = True
            total.list_cost += list_cost[0]
        elif tokens:
            total.unpriced += tokens
            total.unpriced_paid += tokens if pays and basis is not Basis.BILLED else 0
        else:
            total.unknown = True

    def rows(self) -> list[UsageRow]:
        """Groups that hold anything, sorted by the grouping, oldest first."""
        if "hour" in self.by:
            ordered = sorted(self._sums, key=lambda group: self._order(*group))
        else:
            ordered = sorted(self._sums)
        return [
            self._row(*group, total)
            for group, total in ((group, self._sums[group]) for group in ordered)
            if any(total.counts) or total.list_cost or total.cost or total.caveats & _SEEN_ELSEWHERE
        ]

    def _at(self, named: tuple[str, ...], currency: str) -> _Sum:
        found = self._sums.get((named, currency))
        if found is None:
            found = self._sums[named, currency] = _Sum()
        return found

    def _order(self, named: Sequence[str], currency: str) -> tuple[str | datetime, ...]:
        """Oldest first: an hour that comes twice in a night sorts by its instant, not by its text; none comes first."""
        parts = (
            value if key != "hour" else datetime.fromisoformat(value) if value else _BEFORE_ALL
            for key, value in zip(self.by, named, strict=True)
        )
        return (*parts, currency)

    def _row(self, named: Sequence[str], currency: str, total: _Sum) -> UsageRow:
        requests, fresh, output, reasoning, read, write_5m, write_1h, searches = total.counts
        known = total.priced or not (total.unpriced or total.unknown)
        return UsageRow(
            tuple(zip(self.by, named, strict=True)),
            requests,
            fresh,
            output,
            reasoning,
            read,
            write_5m,
            write_1h,
            searches,
            _decimal(total.cost),
            _decimal(total.list_cost) if known else None,
            total.unpriced,
            total.unpriced_paid,
            currency,
            _basis_texts(total.bases),
            _caveat_texts(total.caveats),
        )


def _decimal(amount: int) -> Decimal:
    return femtos_to_decimal(Femtos(amount)) if amount else _NO_MONEY


@cache
def _basis_texts(bits: int) -> tuple[str, ...]:
    return tuple(basis for basis, bit in _BASIS_BIT.items() if bits & bit)


@cache
def _caveat_texts(bits: int) -> tuple[str, ...]:
    return tuple(caveat.value for caveat in caveats_of(bits))


def price_caveats(price: StoredPrice, searches: int) -> int:
    """What is imperfect about a list cost at this price: bits of CAVEAT_BIT."""
    return _ASSUMED if price.assumed or (searches and price.rates.web_search is None) else 0


class TimeLabels:
    """The texts of instants as they stand in a row, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int, int], str] = {}

    def text(self, key: str, at_utc: int, offset_s: int) -> str:
        """The day, week, month or hour of an instant where the wall clock is `offset_s` ahead."""
        local = at_utc + offset_s
        unit = (key, local // HOUR_S, offset_s) if key == "hour" else (key, local // DAY_S, 0)
        text = self._made.get(unit)
        if text is None:
            text = self._made[unit] = time_label(key, at_utc, offset_s)
        return text


def time_label(key: str, at_utc: int, offset_s: int) -> str:
    """A label: "2026-11-22", "2026-W47", "2026-11" or "2026-11-22T14:00+05:45" of an instant in its zone."""
    local = at_utc + offset_s
    day = date_of_day_number(local // DAY_S)
    if key == "hour":
        return f"{day.isoformat()}T{local // HOUR_S % 24:02d}:00{offset_text(offset_s)}"
    return day_labels(day)[key]


def day_labels(day: date) -> dict[str, str]:
    """The labels of a date; it has no hour."""
    year, week, _ = day.isocalendar()
    text = day.isoformat()
    return {"day": text, "week": f"{year:04d}-W{week:02d}", "month": text[:7]}
