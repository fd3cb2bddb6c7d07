"""How far a counter of a running day was seen to count, when it was last looked at. Pure.

Such a counter is told as complete up to the end of its day, for it is looked at again and again. Where it is not any
more, as on battery, what logs know of the hours after the last look counts beside it.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeVar

from tokentray.clock import BUCKET_S, DAY_S, HOUR_S
from tokentray.model import CAVEAT_BIT, Basis, Caveat
from tokentray.store.records import Bill, Counted, Feed, Record

_GRACE_S = HOUR_S
"""After a look, for which the next one is waited for: what it tells may be less than the logs do."""
_LEAST_S = HOUR_S + BUCKET_S
"""What a day is cut to at least, so that it is not taken for an hour."""
_UTC_DAY = CAVEAT_BIT[Caveat.UTC_DAY]

Bucket = TypeVar("Bucket", Bill, Record)


class Looks(NamedTuple):
    """feeds: with the running day up to the last look. ends: up to when, by account, basis and start of the day."""

    feeds: list[Feed]
    ends: Mapping[tuple[int, Basis, int], int]


def looks(feeds: Iterable[Feed], read_utc: Mapping[tuple[int, Basis], int]) -> Looks:
    """Feeds up to where their running day was seen. read_utc: when each was read, by account and basis."""
    seen: list[Feed] = []
    ends: dict[tuple[int, Basis, int], int] = {}
    for feed in feeds:
        read = read_utc.get((feed.account, feed.basis), feed.complete_to_utc)
        day = (feed.complete_to_utc - 1) // DAY_S * DAY_S
        until = max(-(-(read + _GRACE_S) // BUCKET_S) * BUCKET_S, day + _LEAST_S)
        if day <= read and until < feed.complete_to_utc:
            ends[feed.account, feed.basis, day] = until
            seen.append(feed._replace(complete_to_utc=until, step_s=BUCKET_S))
        else:
            seen.append(feed)
    return Looks(seen, ends)


def up_to_look(buckets: list[Bucket], basis: Basis, ends: Mapping[tuple[int, Basis, int], int]) -> list[Bucket]:
    """Buckets of running days as long as they were seen to be."""
    if not ends:
        return buckets
    return [
        one._replace(width_s=ends.get((one.account, basis, one.start_utc), one.end_utc) - one.start_utc)
        if one.width_s == DAY_S
        else one
        for one in buckets
    ]


def whole(part: Counted) -> Counted:
    """A part of a day that was cut, as one of that UTC day again."""
    if part.interval or not HOUR_S < part.width_s < DAY_S:
        return part
    return part._replace(width_s=DAY_S, caveats=part.caveats | _UTC_DAY)
