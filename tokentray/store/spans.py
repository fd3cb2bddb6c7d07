"""Stretches of time in which one account's report counts, and records by time. Pure.

Buckets of any widths nest: each width divides the next, and each start is a multiple of its width.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S, HOUR_S
from tokentray.store.records import Bill, Feed, Record


class Span(NamedTuple):
    """Time in which a report of an account counts."""

    start_utc: int
    end_utc: int
    account: int


Bucket = Record | Bill | Span


class Spans:
    """Stretches that do not overlap, in order."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = sorted(spans)
        self._ends = [span.end_utc for span in self._spans]

    def add(self, span: Span) -> None:
        """One more, that meets none of them."""
        place = bisect_left(self._spans, span)
        self._spans.insert(place, span)
        self._ends.insert(place, span.end_utc)

    def meeting(self, bucket: Bucket) -> Sequence[Span]:
        """Those that hold any of a bucket's time."""
        first = bisect_right(self._ends, bucket.start_utc)
        last = bisect_left(self._spans, (bucket.end_utc,), first)
        return self._spans[first:last]

    def counts(self, bucket: Bucket) -> bool:
        """Whether a bucket lies whole in a stretch of its own account."""
        return any(
            span.account == bucket.account and span.start_utc <= bucket.start_utc and bucket.end_utc <= span.end_utc
            for span in self.meeting(bucket)
        )


class Timeline:
    """Records in order of time."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._starts = [record.start_utc for record in records]

    def within(self, bucket: Bucket) -> list[int]:
        """Indices of the records that begin and end inside a bucket."""
        first = bisect_left(self._starts, bucket.start_utc)
        last = bisect_left(self._starts, bucket.end_utc, first)
        return [index for index in range(first, last) if self._records[index].end_utc <= bucket.end_utc]

    def meets(self, bucket: Bucket) -> bool:
        """Whether a record holds any of a bucket's time."""
        first = bisect_right(self._starts, bucket.start_utc - DAY_S)
        last = bisect_left(self._starts, bucket.end_utc, first)
        return any(record.end_utc > bucket.start_utc for record in self._records[first:last])


def complete(feeds: Iterable[Feed], buckets: Sequence[Bucket], records: Sequence[Record] = ()) -> Spans:
    """Where reports count: in whole hours up to their watermarks, the first feed where several cover the same.

    buckets: those of the reports. A bucket that the watermark cuts is not complete, so the stretch ends where that
    bucket begins; nor does it cut one of `records`.
    """
    spans: list[Span] = []
    for feed in feeds:
        own = [*(bucket for bucket in buckets if bucket.account == feed.account), *records]
        start = -(-feed.covered_from_utc // HOUR_S) * HOUR_S
        for first, last in _free(start, feed.complete_to_utc // HOUR_S * HOUR_S, spans):
            begin = max((one.end_utc for one in own if one.start_utc < first < one.end_utc), default=first)
            end = min((one.start_utc for one in own if one.start_utc < last < one.end_utc), default=last)
            if begin < end:
                spans.append(Span(begin, end, feed.account))
    return Spans(spans)


def unfinished(buckets: Iterable[Bucket], wanted: Callable[[Span], bool]) -> Spans:
    """Where reports count past their watermarks: the time of each bucket that is `wanted`, from one account only.

    Of at least a quarter hour, which is as finely as logs are counted; a bucket inside a wider one goes with it.
    """
    places: list[Span] = []
    for place in sorted(set(map(quarters, buckets)), key=lambda one: (one.account, one.start_utc, -one.end_utc)):
        if not places or places[-1].account != place.account or places[-1].end_utc < place.end_utc:
            places.append(place)
    taken = Spans()
    for place in places:
        if not taken.meeting(place) and wanted(place):
            taken.add(place)
    return taken


def quarters(bucket: Bucket) -> Span:
    """The time of a bucket, in whole quarter hours."""
    start = bucket.start_utc // BUCKET_S * BUCKET_S
    return Span(start, max(bucket.end_utc, start + BUCKET_S), bucket.account)


def _free(start_utc: int, end_utc: int, taken: Iterable[Span]) -> list[tuple[int, int]]:
    """What is left of a stretch of time."""
    free, at = [], start_utc
    for span in sorted(taken):
        if at < min(span.start_utc, end_utc):
            free.append((at, min(span.start_utc, end_utc)))
        at = max(at, span.end_utc)
    if at < end_utc:
        free.append((at, end_utc))
    return free
