"""Stretches of time in which one account's report counts, and records by time. Pure.

Buckets of any widths nest: each width divides the next, and each start is a multiple of its width. Intervals need not:
they begin and end on any quarter hours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S
from tokentray.store.records import Bill, Counted, Feed, Record


class Span(NamedTuple):
    """Time in which a report of an account counts."""

    start_utc: int
    end_utc: int
    account: int


Bucket = Record | Bill | Span | Counted


class Spans:
    """Stretches that do not overlap, in order."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = sorted(spans)
        self._starts = [span.start_utc for span in self._spans]
        self._ends = [span.end_utc for span in self._spans]

    def add(self, span: Span) -> None:
        """One more, that meets none of them."""
        place = bisect_left(self._spans, span)
        self._spans.insert(place, span)
        self._starts.insert(place, span.start_utc)
        self._ends.insert(place, span.end_utc)

    def __iter__(self) -> Iterator[Span]:
        return iter(self._spans)

    def meeting(self, bucket: Bucket) -> Sequence[Span]:
        """Those that hold any of a bucket's time."""
        first = bisect_right(self._ends, bucket.start_utc)
        if first == len(self._ends):
            return ()
        return self._spans[first : bisect_left(self._starts, bucket.end_utc, first)]

    def counts(self, bucket: Bucket) -> bool:
        """Whether a bucket lies whole in a stretch of its own account."""
        for span in self.meeting(bucket):  # one at most, and asked of every bucket there is
            if span.account == bucket.account and span.start_utc <= bucket.start_utc and bucket.end_utc <= span.end_utc:
                return True
        return False


class Timeline:
    """Records in order of time."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._starts = [record.start_utc for record in records]
        self._ends = [record.end_utc for record in records]

    def within(self, bucket: Bucket) -> list[int]:
        """Indices of the records that begin and end inside a bucket."""
        starts, ends, end = self._starts, self._ends, bucket.end_utc
        first = bisect_left(starts, bucket.start_utc)
        return [index for index in range(first, bisect_left(starts, end, first)) if ends[index] <= end]

    def meets(self, bucket: Bucket) -> bool:
        """Whether a record holds any of a bucket's time."""
        first = bisect_right(self._starts, bucket.start_utc - DAY_S)
        last = bisect_left(self._starts, bucket.end_utc, first)
        return any(end > bucket.start_utc for end in self._ends[first:last])


def complete(
    feeds: Iterable[Feed], buckets: Sequence[Bucket], records: Sequence[Bucket] = (), taken: Iterable[Span] = ()
) -> Spans:
    """Where reports count: from step to step up to their watermarks, the first feed where several cover the same.

    buckets: those of the reports. A bucket that the watermark cuts is not complete, so the stretch ends where that
    bucket begins; nor does it cut one of `records`. taken: time that counts otherwise.
    """
    spans: list[Span] = []
    before = list(taken)
    for feed in feeds:
        own = [*(bucket for bucket in buckets if bucket.account == feed.account), *records]
        start = -(-feed.covered_from_utc // feed.step_s) * feed.step_s
        for first, last in free(start, feed.complete_to_utc // feed.step_s * feed.step_s, [*before, *spans]):
            begin, end = _uncut(first, last, own)
            if begin < end:
                spans.append(Span(begin, end, feed.account))
    return Spans(spans)


def _uncut(first: int, last: int, buckets: Sequence[Bucket]) -> tuple[int, int]:
    """A stretch without the buckets that its ends would cut. Those need not nest, so that an end may move again."""
    while True:
        begin = max((one.end_utc for one in buckets if one.start_utc < first < one.end_utc), default=first)
        end = min((one.start_utc for one in buckets if one.start_utc < last < one.end_utc), default=last)
        if (begin, end) == (first, last) or begin >= end:
            return begin, end
        first, last = begin, end


def unfinished(buckets: Iterable[Bucket], wanted: Callable[[Span], bool]) -> Spans:
    """Where reports count past their watermarks: the time of each bucket that is `wanted`, from one account only.

    Of at least a quarter hour, which is as finely as logs are counted; buckets that overlap go together.
    """
    places: list[Span] = []
    for place in sorted(set(map(quarters, buckets)), key=lambda one: (one.account, one.start_utc, -one.end_utc)):
        if not places or places[-1].account != place.account or places[-1].end_utc <= place.start_utc:
            places.append(place)
        elif places[-1].end_utc < place.end_utc:
            places[-1] = places[-1]._replace(end_utc=place.end_utc)
    taken = Spans()
    for place in places:
        if not taken.meeting(place) and wanted(place):
            taken.add(place)
    return taken


def united(spans: Spans, others: Spans) -> list[Span]:
    """The time of both, none of it twice."""
    rest = (Span(first, last, one.account) for one in others for first, last in free(one.start_utc, one.end_utc, spans))
    return [*spans, *rest]


def quarters(bucket: Bucket) -> Span:
    """The time of a bucket, in whole quarter hours."""
    start = bucket.start_utc // BUCKET_S * BUCKET_S
    return Span(start, max(bucket.end_utc, start + BUCKET_S), bucket.account)


def free(start_utc: int, end_utc: int, taken: Iterable[Span]) -> list[tuple[int, int]]:
    """What is left of a stretch of time."""
    free, at = [], start_utc
    for span in sorted(taken):
        if at < min(span.start_utc, end_utc):
            free.append((at, min(span.start_utc, end_utc)))
        at = max(at, span.end_utc)
    if at < end_utc:
        free.append((at, end_utc))
    return free
