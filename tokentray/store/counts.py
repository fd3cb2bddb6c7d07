"""Which amount counts for an account: for each hour exactly one of its bill, its usage report and the logs it pays for.

Pure, and exact in femto-units. A bill counts up to its watermark, the usage report where no bill does, the logs where
neither does. Past its watermark a usage report counts where it says more than the logs, and a bill only where nothing
else is known, so that a total never falls because something came late. Bills and reports say nothing of projects or
sessions, so they are laid over the records that do; what is left is a row of its own, so that every grouping sums to
the same total. Accounts that see the same usage are counted once, from the better of them. One that sees a part of what
another does counts where that other does not.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tokentray.model import CAVEAT_BIT, Basis, Caveat
from tokentray.store.differing import marked
from tokentray.store.laying import NO_KIN, Kin, counted, explained, laid, left_over
from tokentray.store.records import NO_TOKENS, Bill, Counted, Feed, Record
from tokentray.store.spans import Span, Spans, Timeline, complete, free, unfinished, united

_PARTIAL = CAVEAT_BIT[Caveat.PARTIAL_DAY]
_ELSEWHERE = CAVEAT_BIT[Caveat.SEEN_ELSEWHERE]
_NOT_REPORTED = CAVEAT_BIT[Caveat.TOKENS_NOT_REPORTED]


def count(
    logs: Iterable[Record],
    metered: Iterable[Record],
    bills: Iterable[Bill],
    feeds: Iterable[Feed],
    kin: Kin = NO_KIN,
) -> list[Counted]:
    """Everything that counts of some accounts, each hour from its best basis. Order of the input does not matter.

    kin: models that logs and reports have several names for, by id, to one of these.
    """
    known = sorted(feeds)
    group_of = _groups(known)
    groups: dict[int, _Group] = {}

    def group(account: int) -> _Group:
        return groups.setdefault(group_of.get(account, account), _Group(kin))

    for feed in known:
        group(feed.account).feeds.append(feed)
    for record in sorted(logs, key=_order):
        group(record.account).logs.append(record)
    for record in sorted(metered, key=_order):
        group(record.account).metered.append(record)
    for bill in sorted(bills):
        group(bill.account).bills.append(bill)
    widest = _nested([groups[name] for name in sorted(groups)])
    return [part for one in widest for part in one.count()]


def _nested(groups: Sequence["_Group"]) -> list["_Group"]:
    """Those that nobody sees more than; each of the others goes to the narrowest that sees all of it."""
    widest: list[_Group] = []
    placed: list[_Group] = []
    for group in sorted(groups, key=lambda one: min(map(len, one.scopes()), default=0)):
        wider = [(max(seen), index) for index, one in enumerate(placed) if (seen := _seen(group, one))]
        (placed[max(wider)[1]].narrower if wider else widest).append(group)
        placed.append(group)
    return [group for group in groups if group in widest]


def _seen(group: "_Group", by: "_Group") -> list[int]:
    """How long the scopes are by which one group sees all that another does."""
    return [len(wide) for wide in by.scopes() if any(one.startswith(f"{wide}/") for one in group.scopes())]


def _groups(feeds: Sequence[Feed]) -> dict[int, int]:
    """Account to the first of those that see the same as it does."""
    group = {feed.account: feed.account for feed in feeds}
    for scope in sorted({feed.scope for feed in feeds if feed.scope}):
        same = {group[feed.account] for feed in feeds if feed.scope == scope}
        group = {account: min(same) if first in same else first for account, first in group.items()}
    return group


def _order(record: Record) -> tuple[object, ...]:
    """By time, then whatever tells records apart; a price that is not known sorts before any."""
    rates = (record.rates[:5], record.rates.web_search or 0) if record.rates else ()
    return record[:5], rates, record[6:]


class _Known(NamedTuple):
    """A record that counts, before any bill."""

    record: Record
    basis: Basis
    caveats: int = 0


class _Group:
    """The accounts that see the same usage, nearly always one, with all that is known of them in order of time.

    narrower: accounts that see a part of it.
    """

    def __init__(self, kin: Kin) -> None:
        self._kin = kin
        self.feeds: list[Feed] = []
        self.logs: list[Record] = []
        self.metered: list[Record] = []
        self.bills: list[Bill] = []
        self.narrower: list[_Group] = []

    def scopes(self) -> set[str]:
        """What they see, as paths."""
        return {feed.scope for feed in self.feeds if feed.scope}

    def count(self, above: Sequence[Span] = (), lent: "list[Record] | None" = None) -> list[Counted]:
        """What counts of them and of the narrower ones. above: time that counts by accounts that see more.

        lent: logs that those pay for, of other times; what these accounts report of them is taken from the list.
        """
        lent = [] if lent is None else lent
        wider = Spans(above)
        whole = complete(self._feeds(Basis.METERED), self.metered, taken=above)
        billed = complete(self._feeds(Basis.BILLED), self.bills, self.metered, taken=above)
        below = self._below([*above, *united(billed, whole)])
        part = self._says_more(whole, wider, below)
        cover = Spans(united(billed, Spans(united(whole, part))))
        given, more = self._given(cover, wider, below)
        cover = Spans([*cover, *more])
        logs = self._logs_within(cover, given, lent)
        logs = [log for log in logs if not wider.meeting(log)] if above else logs

        known = [_Known(log, Basis.ESTIMATED) for log in logs if not (whole.meeting(log) or part.meeting(log))]
        for spans, caveats in ((whole, 0), (part, _PARTIAL)):
            reports = [one for one in self.metered if spans.counts(one)]
            known += [_Known(record, Basis.METERED, caveats) for record in explained(reports, logs, self._kin)]
        known.sort(key=lambda one: _order(one.record))

        parts, under = [], []
        for record, basis, caveats in known:
            if payer := billed.meeting(record):
                own = payer[0].account == record.account
                under.append(record if own else record._replace(account=payer[0].account))
                continue
            for piece in record.by_session():
                parts.append(counted(piece, piece.list_cost or 0, record.currency, basis, caveats))
        bills = [bill for bill in self.bills if billed.counts(bill)]
        parts += marked(laid(bills, under, self._kin), bills, under)

        everything, others = Timeline([one.record for one in known]), _Places(below)

        def unknown(place: Span) -> bool:
            elsewhere = billed.meeting(place) or wider.meeting(place) or others.meeting(place)
            return not (elsewhere or everything.meets(place))

        alone = unfinished(self.bills, unknown)
        for bill in self.bills:
            if alone.counts(bill):
                parts.append(left_over(bill, bill.amount, _PARTIAL | (0 if bill.item else _NOT_REPORTED)))
        parts += self._doubled((wider, billed, whole, part, alone))
        untold = [*lent, *given]
        for one in self.narrower:
            parts += one.count([*above, *united(cover, alone)], untold)
        lent[:] = [log for log in lent if log in untold]
        return parts

    def _below(self, cover: Sequence[Span]) -> list[Counted]:
        """What the narrower ones would count, were it for these accounts' complete reports alone."""
        return [part for one in self.narrower for part in one.count(cover) if not part.caveats & _ELSEWHERE]

    def _given(self, cover: Spans, wider: Spans, below: Sequence[Counted]) -> tuple[list[Record], list[Span]]:
        """Logs that narrower accounts tell of, and the time in which the logs say more than these accounts do.

        Which of the narrower ones a log is of, nobody knows: it counts with what they report of its time, or instead.
        Where they pay for logs of their own, these are what they report of.
        """
        told = [part for part in below if part.basis is not Basis.ESTIMATED and (part.cost or any(part.tokens))]
        if not told or not self.logs:
            return [], []
        places = unfinished([part._replace(account=0) for part in told], lambda _: True)
        others, times = _Places(below), Timeline(self.logs)
        given: list[Record] = []
        more: list[Span] = []
        for place in places:
            logs = [self.logs[index] for index in times.within(place)]
            logs = [log for log in logs if not (cover.meeting(log) or wider.meeting(log))]
            parts = others.meeting(place)
            if not logs or any(part.place.agent_id for part in parts):
                continue
            said = sum(part.cost for part in parts), sum(sum(part.tokens) for part in parts)
            if _size(logs) > said:
                more += [Span(*ends, logs[0].account) for ends in free(*place[:2], [*cover, *wider])]
            else:
                given += logs
        return given, more

    def _feeds(self, basis: Basis) -> list[Feed]:
        return [feed for feed in self.feeds if feed.basis is basis]

    def _logs_within(self, cover: Spans, given: Sequence[Record], lent: list[Record]) -> list[Record]:
        """The logs of these accounts, and those of others where these count."""
        away = set(given)
        own = [log for log in self.logs if log not in away] if away else self.logs
        others = [log for one in self.narrower for log in one.all_logs() if cover.meeting(log)]
        others += [log for log in lent if cover.meeting(log)]
        lent[:] = [log for log in lent if not cover.meeting(log)]
        return sorted([*own, *others], key=_order) if others else own

    def all_logs(self) -> list[Record]:
        """The logs of these accounts and of the narrower ones."""
        return [*self.logs, *(log for one in self.narrower for log in one.all_logs())]

    def _says_more(self, whole: Spans, wider: Spans, below: Sequence[Counted]) -> Spans:
        """Where a usage report past its watermark says more than the logs, and than the accounts that see a part."""
        logs, reports, others = Timeline(self.logs), Timeline(self.metered), _Places(below)

        def more(place: Span) -> bool:
            if whole.meeting(place) or wider.meeting(place):
                return False
            part = others.meeting(place)
            if any(one.start_utc < place.start_utc or one.end_utc > place.end_utc for one in part):
                return False
            said = [self.metered[index] for index in reports.within(place)]
            cost, tokens = _size([self.logs[index] for index in logs.within(place)])
            cost += sum(one.cost for one in part)
            tokens += sum(sum(one.tokens) for one in part)
            return _size([one for one in said if one.account == place.account]) > (cost, tokens)

        return unfinished(self.metered, more)

    def _doubled(self, counting: Sequence[Spans]) -> Iterator[Counted]:
        """The other side of what two accounts both see: a row that says so, and counts nothing."""
        buckets: list[Record | Bill] = [*self.bills, *self.metered]
        several = len({bucket.account for bucket in buckets}) > 1 or any(True for _ in counting[0])
        for bucket in buckets if several else ():
            best = next(filter(None, (spans.meeting(bucket) for spans in counting)), ())
            if best and all(span.account != bucket.account for span in best):
                yield _elsewhere(bucket)


class _Places:
    """Parts of the total by their time, of any widths."""

    def __init__(self, parts: Sequence[Counted]) -> None:
        self._parts = sorted(parts, key=lambda part: part.start_utc)
        self._starts = [part.start_utc for part in self._parts]
        self._widest_s = max((part.width_s for part in parts), default=0)

    def meeting(self, place: Span) -> list[Counted]:
        """Those that hold any of a place's time."""
        first = bisect_right(self._starts, place.start_utc - self._widest_s)
        last = bisect_left(self._starts, place.end_utc, first)
        return [part for part in self._parts[first:last] if part.end_utc > place.start_utc]


def _elsewhere(bucket: Record | Bill) -> Counted:
    if isinstance(bucket, Bill):
        return left_over(bucket, 0, _ELSEWHERE)
    bare = bucket._replace(tokens=NO_TOKENS, rates=None, caveats=_ELSEWHERE)
    return counted(bare, 0, bare.currency, Basis.METERED)


def _size(records: Iterable[Record]) -> tuple[int, int]:
    """What records come to: at list price, then in tokens."""
    sizes = [(one.list_cost or 0, sum(one.tokens)) for one in records]
    return sum(cost for cost, _ in sizes), sum(tokens for _, tokens in sizes)
