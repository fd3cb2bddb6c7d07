"""Which amount counts for an account: for each hour exactly one of its bill, its usage report and the logs it pays for.

Pure, and exact in femto-units. A bill counts up to its watermark, the usage report where no bill does, the logs where
neither does. Past its watermark a usage report counts where it says more than the logs, and a bill only where nothing
else is known, so that a total never falls because something came late. Bills and reports say nothing of projects or
sessions, so they are laid over the records that do; what is left is a row of its own, so that every grouping sums to
the same total. Accounts that see the same usage are counted once, from the better of them.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tokentray.model import CAVEAT_BIT, Basis, Caveat
from tokentray.store.laying import counted, explained, laid, left_over
from tokentray.store.records import NO_TOKENS, Bill, Counted, Feed, Place, Record
from tokentray.store.spans import Span, Spans, Timeline, complete, unfinished

_PARTIAL = CAVEAT_BIT[Caveat.PARTIAL_DAY]
_ELSEWHERE = CAVEAT_BIT[Caveat.SEEN_ELSEWHERE]
_NOT_REPORTED = CAVEAT_BIT[Caveat.TOKENS_NOT_REPORTED]


def count(
    logs: Iterable[Record], metered: Iterable[Record], bills: Iterable[Bill], feeds: Iterable[Feed]
) -> list[Counted]:
    """Everything that counts of some accounts, each hour from its best basis. Order of the input does not matter."""
    known = sorted(feeds)
    group_of = _groups(known)
    groups: dict[int, _Group] = {}

    def group(account: int) -> _Group:
        return groups.setdefault(group_of.get(account, account), _Group())

    for feed in known:
        group(feed.account).feeds.append(feed)
    for record in sorted(logs, key=_order):
        group(record.account).logs.append(record)
    for record in sorted(metered, key=_order):
        group(record.account).metered.append(record)
    for bill in sorted(bills):
        group(bill.account).bills.append(bill)
    return [part for name in sorted(groups) for part in groups[name].count()]


def _groups(feeds: Sequence[Feed]) -> dict[int, int]:
    """Account to the first of those that see the same as it does."""
    group = {feed.account: feed.account for feed in feeds}
    for scope in sorted({feed.scope for feed in feeds if feed.scope}):
        same = {group[feed.account] for feed in feeds if feed.scope == scope}
        group = {account: min(same) if first in same else first for account, first in group.items()}
    return group


def _order(record: Record) -> tuple[object, ...]:
    """By time, then whatever tells records apart; a price that is not known sorts before any."""
    rates = (*record.rates[:5], record.rates.web_search or 0) if record.rates else ()
    return (*record[:5], rates, *record[6:])


class _Known(NamedTuple):
    """A record that counts, before any bill."""

    record: Record
    basis: Basis
    caveats: int = 0


class _Group:
    """The accounts that see the same usage, nearly always one, with all that is known of them in order of time."""

    def __init__(self) -> None:
        self.feeds: list[Feed] = []
        self.logs: list[Record] = []
        self.metered: list[Record] = []
        self.bills: list[Bill] = []

    def count(self) -> Iterator[Counted]:
        whole = complete(self._feeds(Basis.METERED), self.metered)
        part = self._says_more(whole)
        known = [_Known(log, Basis.ESTIMATED) for log in self.logs if not (whole.meeting(log) or part.meeting(log))]
        for spans, caveats in ((whole, 0), (part, _PARTIAL)):
            reports = [one for one in self.metered if spans.counts(one)]
            known += [_Known(record, Basis.METERED, caveats) for record in explained(reports, self.logs)]
        known.sort(key=lambda one: _order(one.record))

        billed = complete(self._feeds(Basis.BILLED), self.bills, [one.record for one in known])
        under = []
        for record, basis, caveats in known:
            if payer := billed.meeting(record):
                under.append(record._replace(account=payer[0].account))
                continue
            for piece in record.by_session():
                yield counted(piece, piece.list_cost or 0, record.currency, basis, caveats)
        yield from laid([bill for bill in self.bills if billed.counts(bill)], under)

        everything = Timeline([one.record for one in known])
        alone = unfinished(self.bills, lambda place: not (billed.meeting(place) or everything.meets(place)))
        for bill in self.bills:
            if alone.counts(bill):
                yield left_over(bill, bill.amount, _PARTIAL | (0 if bill.item else _NOT_REPORTED))
        yield from self._doubled((billed, whole, part, alone))

    def _feeds(self, basis: Basis) -> list[Feed]:
        return [feed for feed in self.feeds if feed.basis is basis]

    def _says_more(self, whole: Spans) -> Spans:
        """Where a usage report past its watermark says more than the logs do."""
        logs, reports = Timeline(self.logs), Timeline(self.metered)

        def more(place: Span) -> bool:
            if whole.meeting(place):
                return False
            said = [self.metered[index] for index in reports.within(place)]
            return _size([one for one in said if one.account == place.account]) > _size(
                [self.logs[index] for index in logs.within(place)]
            )

        return unfinished(self.metered, more)

    def _doubled(self, counting: Iterable[Spans]) -> Iterator[Counted]:
        """The other side of what two accounts both see: a row that says so, and counts nothing."""
        buckets: list[Record | Bill] = [*self.bills, *self.metered]
        for bucket in buckets if len({bucket.account for bucket in buckets}) > 1 else ():
            best = next(filter(None, (spans.meeting(bucket) for spans in counting)), ())
            if best and all(span.account != bucket.account for span in best):
                place = bucket.place if isinstance(bucket, Record) else Place(bucket.model_id, key_name=bucket.key_name)
                basis = Basis.METERED if isinstance(bucket, Record) else Basis.BILLED
                bare = Record(*bucket[:3], place, NO_TOKENS, None, bucket.currency)
                yield counted(bare, 0, bare.currency, basis, _ELSEWHERE)


def _size(records: Iterable[Record]) -> tuple[int, int]:
    """What records come to: at list price, then in tokens."""
    sizes = [(one.list_cost or 0, sum(one.tokens)) for one in records]
    return sum(cost for cost, _ in sizes), sum(tokens for _, tokens in sizes)
