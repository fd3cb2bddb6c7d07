"""Which amount counts for an account: for each hour exactly one of its bill, its usage report and the logs it pays for.

Pure, and exact in femto-units. A bill counts up to its watermark, the usage report where no bill does, the logs where
neither does; past its watermark a report counts only where nothing else is known of that time. Bills and reports say
nothing of projects or sessions, so they are laid over the records that do, in proportion to list cost and never above
it; what is left is a row of its own, so that every grouping sums to the same total. Accounts that see the same usage
are counted once, from the better of them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tokentray.clock import DAY_S, HOUR_S
from tokentray.model import Basis, Caveat
from tokentray.money import Femtos

Tokens = tuple[int, int, int, int, int, int, int, int]
"""Requests, input, output, reasoning, cache reads, 5-minute and 1-hour cache writes, searches."""
NO_TOKENS: Tokens = (0, 0, 0, 0, 0, 0, 0, 0)
NO_TIER = -1


class Place(NamedTuple):
    """What a record is grouped by besides its time. Ids of the history's names, 0 for none."""

    model_id: int = 0
    tier: int = NO_TIER
    agent_id: int = 0
    project_id: int = 0
    session_id: int = 0
    machine_id: int = 0
    key_name: str = ""


class Record(NamedTuple):
    """Tokens of one place and bucket: from an account's usage report, or from logs that the account pays for.

    list_cost: None where the model has no price. caveats: bits of CAVEAT_BIT.
    """

    start_utc: int
    width_s: int
    account: int
    place: Place
    tokens: Tokens
    list_cost: Femtos | None
    currency: str
    caveats: int = 0


class Bill(NamedTuple):
    """A bucket of an account's cost report. model_id: 0 where it names none. item: what is no model's use."""

    start_utc: int
    width_s: int
    account: int
    model_id: int
    amount: Femtos
    currency: str
    item: str = ""
    key_name: str = ""


class Feed(NamedTuple):
    """What a report of an account covers. complete_to_utc: its watermark. scope: what it sees, "" for only its own.

    basis: billed or metered.
    """

    account: int
    basis: Basis
    covered_from_utc: int
    complete_to_utc: int
    scope: str = ""


class Counted(NamedTuple):
    """A part of the total. cost in `currency`; list_cost in `list_currency`, None where there is no price.

    start_utc, width_s: the bucket it stands in. A day's left-over has the caveat utc-day and stands on that date.
    """

    start_utc: int
    width_s: int
    account: int
    place: Place
    tokens: Tokens
    cost: Femtos
    currency: str
    list_cost: Femtos | None
    list_currency: str
    basis: Basis
    caveats: tuple[Caveat, ...] = ()
    caveat_bits: int = 0


def count(
    logs: Iterable[Record], metered: Iterable[Record], bills: Iterable[Bill], feeds: Iterable[Feed]
) -> list[Counted]:
    """Everything that counts of some accounts, each hour from its best basis. Order of the input does not matter."""
    known = sorted(feeds)
    group_of = _groups(known)
    groups: dict[str, _Group] = {}
    for feed in known:
        groups.setdefault(group_of[feed.account], _Group()).feeds.append(feed)

    def group(account: int) -> _Group:
        return groups.setdefault(group_of.get(account, f"#{account}"), _Group())

    for record in sorted(logs, key=_order):
        group(record.account).logs.append(record)
    for record in sorted(metered, key=_order):
        group(record.account).metered.append(record)
    for bill in sorted(bills):
        group(bill.account).bills.append(bill)
    return [counted for name in sorted(groups) for counted in groups[name].count()]


def _order(record: Record) -> tuple[object, ...]:
    """By time; a price that is not known sorts before any."""
    return (*record[:5], -1 if record.list_cost is None else record.list_cost, *record[6:])


def lay(amount: Femtos, rooms: Sequence[int], *, capped: bool = True) -> tuple[list[Femtos], Femtos]:
    """Share `amount` in proportion to `rooms` by largest remainder, none above its own. Returns parts and what is left.

    10 over 8 and 4 gives 6.67 and 3.33; 14 gives 8 and 4, and 2 is left. Ties go to the earlier one; what has no room
    gets nothing. capped: False where rooms are of another currency, so that they are only proportions.
    """
    whole = sum(rooms)
    shared = min(amount, whole) if capped else amount
    if whole <= 0 or shared <= 0:
        return [Femtos(0)] * len(rooms), amount
    parts = [shared * room // whole for room in rooms]
    by_remainder = sorted(range(len(rooms)), key=lambda i: (-(shared * rooms[i] % whole), i))
    for index in by_remainder[: shared - sum(parts)]:
        parts[index] += 1
    return [Femtos(part) for part in parts], Femtos(amount - shared)


class _Span(NamedTuple):
    """Time in which one account's report counts."""

    start_utc: int
    end_utc: int
    account: int

    def holds(self, bucket: Record | Bill) -> bool:
        return self.start_utc <= bucket.start_utc and bucket.start_utc + bucket.width_s <= self.end_utc

    def meets(self, bucket: Record | Bill) -> bool:
        return bucket.start_utc < self.end_utc and self.start_utc < bucket.start_utc + bucket.width_s


class _Known(NamedTuple):
    """A record with what its report or price says it is worth: what a bill is laid over."""

    record: Record
    worth: int


class _Timeline:
    """Records by time, for asking which begin inside a bucket."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self._starts = [record.start_utc for record in records]

    def within(self, bucket: Record | Bill) -> range:
        first = bisect_left(self._starts, bucket.start_utc)
        return range(first, bisect_left(self._starts, bucket.start_utc + bucket.width_s, first))


class _Group:
    """The accounts that see the same usage, nearly always one, with all that is known of them in order of time."""

    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.logs: list[Record] = []
        self.metered: list[Record] = []
        self.bills: list[Bill] = []

    def count(self) -> Iterator[Counted]:
        billed = self._spans(Basis.BILLED, self.bills, ())
        metered = self._spans(Basis.METERED, self.metered, billed)
        reports_of = min((record.account for record in self.metered), default=0)
        logs = _Timeline(self.logs)
        explained: set[int] = set()

        # Hours that a bill covers: it is laid over the usage report, and that over the logs.
        under = [one for one in self.metered if one.account == reports_of and any(span.holds(one) for span in billed)]
        known = _explained(under, logs, explained)
        for index, log in enumerate(self.logs):
            if index not in explained and any(span.holds(log) for span in billed):
                explained.add(index)
                known.append(_Known(log, log.list_cost or 0))
        yield from _laid([bill for bill in self.bills if _counts(bill, billed)], known)

        for record, worth in _explained([one for one in self.metered if _counts(one, metered)], logs, explained):
            yield _counted(record, worth, Basis.METERED)
        rest = _Timeline([log for index, log in enumerate(self.logs) if index not in explained])
        for log in rest.records:
            yield _counted(log, log.list_cost or 0, Basis.ESTIMATED)

        yield from self._late([*billed, *metered], rest)
        yield from self._doubled(billed, metered, under)

    def _spans(self, basis: Basis, buckets: Sequence[Record | Bill], taken: Sequence[_Span]) -> list[_Span]:
        """Where a basis counts, in whole hours up to its watermark, and where nothing better does.

        A bucket that the watermark cuts is not complete, so the time before it ends where that bucket begins.
        """
        spans: list[_Span] = []
        for feed in self.feeds:
            if feed.basis is basis:
                end = feed.complete_to_utc
                for bucket in buckets:
                    if bucket.account == feed.account and bucket.start_utc < end < bucket.start_utc + bucket.width_s:
                        end = bucket.start_utc
                start = -(-feed.covered_from_utc // HOUR_S) * HOUR_S
                free = _without(start, end // HOUR_S * HOUR_S, (*taken, *spans))
                spans += [_Span(first, last, feed.account) for first, last in free]
        return spans

    def _late(self, taken: Sequence[_Span], logs: _Timeline) -> Iterator[Counted]:
        """Reports past their watermark, where nothing else is known of their time."""
        reports = [one for one in self.metered if not any(span.meets(one) for span in taken) and not logs.within(one)]
        for record in reports:
            yield _counted(record, record.list_cost or 0, Basis.METERED, (Caveat.PARTIAL_DAY,))
        metered = _Timeline(reports)
        for bill in self.bills:
            if not (any(span.meets(bill) for span in taken) or logs.within(bill) or metered.within(bill)):
                yield _left_over(bill, bill.amount, (Caveat.PARTIAL_DAY, Caveat.TOKENS_NOT_REPORTED))

    def _doubled(self, billed: Sequence[_Span], metered: Sequence[_Span], under: Sequence[Record]) -> Iterator[Counted]:
        """The other side of what two accounts both see: a row that says so, and counts nothing."""
        buckets: list[Record | Bill] = [*self.bills, *(one for one in self.metered if one not in under)]
        for bucket in buckets:
            spans = billed if isinstance(bucket, Bill) else (*billed, *metered)
            if any(span.account != bucket.account and span.meets(bucket) for span in spans):
                place = bucket.place if isinstance(bucket, Record) else Place(bucket.model_id, key_name=bucket.key_name)
                yield Counted(
                    bucket.start_utc,
                    bucket.width_s,
                    bucket.account,
                    place,
                    NO_TOKENS,
                    Femtos(0),
                    bucket.currency,
                    None,
                    bucket.currency,
                    Basis.BILLED if isinstance(bucket, Bill) else Basis.METERED,
                    (Caveat.SEEN_ELSEWHERE,),
                )


def _groups(feeds: Sequence[Feed]) -> dict[int, str]:
    """Account to the name of the group that sees the same as it does."""
    scopes = {feed.account: feed.scope for feed in feeds if feed.scope}
    return {feed.account: scopes.get(feed.account, f"#{feed.account}") for feed in feeds}


def _counts(bucket: Record | Bill, spans: Iterable[_Span]) -> bool:
    return any(span.account == bucket.account and span.holds(bucket) for span in spans)


def _without(start_utc: int, end_utc: int, spans: Iterable[_Span]) -> list[tuple[int, int]]:
    """What spans leave of a stretch of time."""
    free, at = [], start_utc
    for span in sorted(spans):
        if at < min(span.start_utc, end_utc):
            free.append((at, min(span.start_utc, end_utc)))
        at = max(at, span.end_utc)
    if at < end_utc:
        free.append((at, end_utc))
    return free


def _explained(reports: Iterable[Record], logs: _Timeline, explained: set[int]) -> list[_Known]:
    """A usage report laid over the logs of its time and model, which know projects; what is left stands alone.

    Adds the logs' indices to `explained`.
    """
    alike: dict[tuple[int, int, int], list[Record]] = {}
    for report in reports:
        alike.setdefault((report.start_utc, report.width_s, report.place.model_id), []).append(report)
    known = []
    for (_, _, model_id), group in alike.items():
        found = [
            index
            for index in logs.within(group[0])
            if index not in explained and logs.records[index].place.model_id == model_id
        ]
        if not found:
            known += [_Known(report, report.list_cost or 0) for report in group]
            continue
        explained.update(found)
        told = [logs.records[index] for index in found]
        worth = sum(report.list_cost or 0 for report in group)
        parts, left = lay(Femtos(worth), [log.list_cost or 0 for log in told])
        known += map(_Known, told, parts)
        rest = _rest(group, told, left)
        if any(rest.tokens) or left:
            known.append(_Known(rest, left))
    return known


def _rest(reports: Sequence[Record], logs: Sequence[Record], left: Femtos) -> Record:
    """The tokens that reports of one time and model have more than its logs, as one record without a project."""
    more = (
        max(0, sum(report.tokens[kind] for report in reports) - sum(log.tokens[kind] for log in logs))
        for kind in range(len(NO_TOKENS))
    )
    first = reports[0]
    tiers, keys = {one.place.tier for one in reports}, {one.place.key_name for one in reports}
    place = Place(
        first.place.model_id,
        tiers.pop() if len(tiers) == 1 else NO_TIER,
        key_name=keys.pop() if len(keys) == 1 else "",
    )
    priced = any(report.list_cost is not None for report in reports)
    bits = 0
    for report in reports:
        bits |= report.caveats
    requests, fresh, output, reasoning, read, write_5m, write_1h, searches = more
    tokens = (requests, fresh, output, reasoning, read, write_5m, write_1h, searches)
    return first._replace(place=place, tokens=tokens, list_cost=left if priced else None, caveats=bits)


def _laid(bills: Iterable[Bill], known: Sequence[_Known]) -> Iterator[Counted]:
    """Bills laid over records: those of a model first, then those that name none; fees stand alone."""
    known = sorted(known, key=lambda one: _order(one.record))
    at = _Timeline([one.record for one in known])
    rooms = [one.worth for one in known]
    costs: list[dict[str, int]] = [{} for _ in known]
    for bill in sorted(bills, key=lambda bill: (not bill.model_id, bill)):
        under = [] if bill.item else [index for index in at.within(bill) if _matches(bill, at.records[index])]
        capped = all(at.records[index].currency == bill.currency for index in under)
        parts, left = lay(
            bill.amount, [rooms[index] if capped else known[index].worth for index in under], capped=capped
        )
        for index, part in zip(under, parts, strict=True):
            costs[index][bill.currency] = costs[index].get(bill.currency, 0) + part
            rooms[index] -= part if capped else 0
        if left:
            yield _left_over(bill, left, () if under else (Caveat.TOKENS_NOT_REPORTED,))
    for (record, _), cost in zip(known, costs, strict=True):
        (currency, first), *others = cost.items() or [(record.currency, 0)]
        yield _counted(record, first, Basis.BILLED)._replace(currency=currency)
        for currency, amount in others:
            yield _counted(record._replace(tokens=NO_TOKENS, list_cost=Femtos(0)), amount, Basis.BILLED)._replace(
                currency=currency
            )


def _matches(bill: Bill, record: Record) -> bool:
    return bill.model_id in (0, record.place.model_id) and (
        not bill.key_name or record.place.key_name in ("", bill.key_name)
    )


def _counted(record: Record, cost: int, basis: Basis, caveats: tuple[Caveat, ...] = ()) -> Counted:
    if record.width_s == DAY_S:
        caveats = (*caveats, Caveat.UTC_DAY)
    return Counted(
        record.start_utc,
        record.width_s,
        record.account,
        record.place,
        record.tokens,
        Femtos(cost),
        record.currency,
        record.list_cost,
        record.currency,
        basis,
        caveats,
        record.caveats,
    )


def _left_over(bill: Bill, amount: Femtos, caveats: tuple[Caveat, ...]) -> Counted:
    """What a bill has that no record accounts for. It names no project or session."""
    return Counted(
        bill.start_utc,
        bill.width_s,
        bill.account,
        Place(bill.model_id, key_name=bill.key_name),
        NO_TOKENS,
        amount,
        bill.currency,
        None,
        bill.currency,
        Basis.BILLED,
        (*caveats, Caveat.UTC_DAY) if bill.width_s == DAY_S else caveats,
    )
