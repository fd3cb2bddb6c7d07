"""The only place that asks the time, and all arithmetic on local days.

Instants are integer UTC seconds in storage and aware datetimes at the edges. A local date is what the clock on
the wall shows at an instant, so days of 23 and 25 hours, zones with half-hour offsets and midnights that do not
exist need no case of their own: everything is "instant + offset in force", and the offsets in force over a
span are a short list.
"""

import os
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple, NewType, Protocol

UtcSeconds = NewType("UtcSeconds", int)

DAY_S = 86_400
HOUR_S = 3_600
BUCKET_S = 900
"""Width of a bucket built from logs: every current offset from UTC is a multiple of it."""

_EPOCH = date(1970, 1, 1)
_SYSTEM_ZONE = "/etc/localtime"
# A day inside what a datetime can hold, in any zone; beyond, offsets do not change any more.
_FIRST_UTC, _LAST_UTC = -62_135_510_400, 253_402_214_400


class Clock(Protocol):
    """Where the time comes from; tests hand in a fixed one."""

    def now_utc(self) -> UtcSeconds:
        """Whole seconds since 1970 in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_utc(self) -> UtcSeconds:
        return UtcSeconds(int(time.time()))


class FixedClock(NamedTuple):
    """A clock that stands still, for tests, pictures and the demo."""

    at_utc: UtcSeconds

    def now_utc(self) -> UtcSeconds:
        return self.at_utc


class OffsetSpan(NamedTuple):
    """From `start_utc` on (until the next span) the wall clock is `offset_s` ahead of UTC."""

    start_utc: UtcSeconds
    offset_s: int


class Zone(Protocol):
    """A time zone, as the one thing needed of it."""

    def offset_s(self, at_utc: int) -> int:
        """Seconds that the wall clock is ahead of UTC at an instant."""
        ...

    @property
    def name(self) -> str:
        """Its name in the tz database, "" for UTC and where the system does not tell."""
        ...


class UtcZone:
    """UTC."""

    name = ""

    def offset_s(self, at_utc: int) -> int:
        del at_utc
        return 0


class SystemZone:
    """The system's zone with its rules for the past, honouring TZ, by the C library: costs no import."""

    def offset_s(self, at_utc: int) -> int:
        return time.localtime(at_utc).tm_gmtoff

    @property
    def name(self) -> str:
        told = os.environ.get("TZ", "").removeprefix(":")
        place = told or os.path.realpath(_SYSTEM_ZONE)
        name = place.rpartition("zoneinfo/")[2]
        plain = name.translate({ord(mark): "" for mark in "/_-+"}).isalnum()
        return name if plain and "/" in name[1:] and name[0] != "/" else ""


def follow_system_zone() -> None:
    """Notice that the person travelled: the C library reads the system's zone only once, unless told to."""
    if hasattr(time, "tzset"):
        time.tzset()


class NamedZone:
    """A zone of the tz database, such as "Asia/Kathmandu". Raises ValueError for a name it does not hold."""

    def __init__(self, name: str) -> None:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        self.name = name
        try:
            self._zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, OSError) as exc:
            raise ValueError(f"no such time zone: {name!r}") from exc

    def offset_s(self, at_utc: int) -> int:
        inside = min(max(at_utc, _FIRST_UTC), _LAST_UTC)
        offset = datetime.fromtimestamp(inside, self._zone).utcoffset()
        return int(offset.total_seconds()) if offset else 0


def offset_spans(first_utc: int, last_utc: int, zone: Zone) -> tuple[OffsetSpan, ...]:
    """The offsets in force from `first_utc` to `last_utc`, each change found to the second.

    Two changes within one week would be missed; the tz database holds none since 1970 in a place that people use.
    """
    spans = [OffsetSpan(UtcSeconds(first_utc), zone.offset_s(first_utc))]
    step = 7 * DAY_S
    low = first_utc
    while low < last_utc:
        high = min(low + step, last_utc)
        if zone.offset_s(high) != spans[-1].offset_s:
            before, after = low, high
            while after - before > 1:
                middle = (before + after) // 2
                if zone.offset_s(middle) == spans[-1].offset_s:
                    before = middle
                else:
                    after = middle
            spans.append(OffsetSpan(UtcSeconds(after), zone.offset_s(after)))
            high = after
        low = high
    return tuple(spans)


def local_date(at_utc: int, zone: Zone) -> date:
    """The date on the wall at an instant."""
    return date_of_day_number((at_utc + zone.offset_s(at_utc)) // DAY_S)


def date_of_day_number(number: int) -> date:
    """Days since 1970-01-01 to a date."""
    return _EPOCH + timedelta(days=number)


def day_start_utc(day: date, zone: Zone) -> UtcSeconds:
    """The first instant of a local date, also where its midnight does not exist or comes twice."""
    wall = (day - _EPOCH).days * DAY_S
    spans = offset_spans(wall - 2 * DAY_S, wall + 2 * DAY_S, zone)
    for index, span in enumerate(spans):
        end = spans[index + 1].start_utc if index + 1 < len(spans) else None
        start = max(wall - span.offset_s, int(span.start_utc))
        if (start + span.offset_s) // DAY_S * DAY_S == wall and (end is None or start < end):
            return UtcSeconds(start)
    # A date that a zone skipped whole (Samoa, 30 December 2011): it starts where the next one does.
    return day_start_utc(day + timedelta(days=1), zone)


def month_bounds_utc(month: date, zone: Zone) -> tuple[UtcSeconds, UtcSeconds]:
    """First instant of a month and of the next one. `month`: any day of it."""
    first = month.replace(day=1)
    if first.year == date.max.year and first.month == date.max.month:  # no date follows
        return day_start_utc(first, zone), UtcSeconds(day_start_utc(date.max, zone) + DAY_S)
    following = (first + timedelta(days=32)).replace(day=1)
    return day_start_utc(first, zone), day_start_utc(following, zone)


def days_between(first: date, last: date) -> Sequence[date]:
    """Every date from `first` to `last`, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def rfc3339(at_utc: int, zone: Zone) -> str:
    """RFC 3339 with the zone's offset at that instant."""
    offset_s = zone.offset_s(at_utc)
    text = (datetime.fromtimestamp(at_utc, UTC) + timedelta(seconds=offset_s)).strftime("%Y-%m-%dT%H:%M:%S")
    return text + offset_text(offset_s)


def offset_text(offset_s: int) -> str:
    """An offset as RFC 3339 writes it: "+05:45", "-03:00"."""
    sign = "-" if offset_s < 0 else "+"
    return f"{sign}{abs(offset_s) // 3600:02d}:{abs(offset_s) // 60 % 60:02d}"
