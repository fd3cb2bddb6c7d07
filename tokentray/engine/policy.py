"""When an account is polled next, and which windows of its books one poll reads. Pure: everything is handed in.

Days are UTC days here, for those are what providers keep books by.
"""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tokentray.clock import DAY_S
from tokentray.ledger import Window
from tokentray.model import Basis
from tokentray.store.account_rows import AccountRow, PollState

if TYPE_CHECKING:  # what only asks whether an account is stale does without the providers
    from tokentray.providers.base import FeedInfo

BACK_FILL_PAUSE_S = 10
"""Between two polls of an account whose past is still being read."""
UNKNOWN_DEPTH_DAYS = 730
"""How far back is asked where it is not known how far a provider tells, and it does not say where it ends."""
REFUSED_S = DAY_S
_FIRST_BACK_OFF_S = 60
_LONGEST_BACK_OFF_S = 3600
_LONGEST_WAIT_S = DAY_S
_SPREAD_S = 60
_OPEN_DAYS = 7
_STALE_INTERVALS = 3
_HELD_BACK_S = 3600
_LONGEST_DOUBT_S = 60 * DAY_S
_MOST_HALVINGS = 10
_FINAL = frozenset(
    {"key-refused", "not-allowed", "not-there", "redirected", "request-refused", "refused", "credentials-missing"}
)
"""Errors that time does not mend: tried again by itself once a day at most."""


class Trouble(NamedTuple):
    """Why a feed could not be read the last time it was tried. failures: in a row."""

    code: str
    at_utc: int
    failures: int = 1
    not_before_utc: int = 0


class Surroundings(NamedTuple):
    """What this machine is like just now, and under which of it the person wants polls all the same."""

    online: bool = True
    metered: bool = False
    on_battery: bool = False
    paused: bool = False
    also_metered: bool = False
    also_on_battery: bool = False


class Next(NamedTuple):
    """When to poll an account by itself, and of which feeds. reason: for the log."""

    when_utc: int
    feeds: frozenset[Basis]
    reason: str


def quiet_reason(around: Surroundings) -> str:
    """Why nothing is polled by itself just now; "" where it is. By hand it always is."""
    if around.paused:
        return "paused"
    if not around.online:
        return "offline"
    if around.metered and not around.also_metered:
        return "metered"
    return "on battery" if around.on_battery and not around.also_on_battery else ""


def is_stale(account: AccountRow, state: PollState, now_utc: int, polled_since_utc: int | None = 0) -> bool:
    """Whether an account was not read for three times its interval.

    polled_since_utc: since when it could have been polled; None where nothing is polled just now. Time in which the
    machine slept or ran on battery, and a chosen pause, do not make figures stale.
    """
    reads = [*state.read_utc.values(), *([] if account.read_at_utc is None else [account.read_at_utc])]
    if polled_since_utc is None or not reads:
        return False
    return now_utc - max(*reads, polled_since_utc) > stale_after_s(account.provider)


def stale_after_s(provider_id: str) -> int:
    """After how long without a read an account of a provider is stale."""
    from tokentray.providers import provider  # all of them: only where there is an account

    found = provider(provider_id)
    return _STALE_INTERVALS * (min(feed.interval_s for feed in found.info.feeds) if found else DAY_S)


def next_poll(
    account_id: int,
    feeds: "Sequence[FeedInfo]",
    state: PollState,
    troubles: Mapping[Basis, Trouble],
    now_utc: int,
    *,
    back_fill: bool = True,
) -> Next:
    """When the first of the feeds is due, at the earliest now, and which are then.

    back_fill: whether days that are missing are to be read without waiting for the interval; False where the last
    poll read none of them.
    """
    due = {feed.basis: _due(account_id, feed, state, troubles.get(feed.basis), now_utc, back_fill) for feed in feeds}
    first = min(when for when, _ in due.values())
    when = max(first, now_utc)
    reason = next(reason for at, reason in due.values() if at == first)
    wait = _not_before(state, now_utc)
    if wait > when:
        when, reason = wait, "asked to wait"
    return Next(when, frozenset(basis for basis, (at, _) in due.items() if at <= when), reason)


def _due(
    account_id: int, feed: "FeedInfo", state: PollState, trouble: Trouble | None, now_utc: int, back_fill: bool
) -> tuple[int, str]:
    if trouble is not None and trouble.at_utc <= now_utc:
        wait_s = back_off_s(account_id, trouble)
        until = trouble.not_before_utc if trouble.not_before_utc <= now_utc + _LONGEST_WAIT_S else 0
        return max(trouble.at_utc + wait_s, until), f"after {trouble.code}"
    read = _read_utc(feed, state, now_utc)
    if read is None:
        return now_utc, "never read"
    if back_fill and missing(feed, state, now_utc):
        return min(state.started_utc, now_utc) + BACK_FILL_PAUSE_S, "reading back"
    return read + feed.interval_s + spread_s(account_id, read, feed.interval_s // 5), "regular"


def back_off_s(account_id: int, trouble: Trouble) -> int:
    """How long a feed is left alone after it could not be read."""
    if trouble.code in _FINAL:
        return REFUSED_S
    # Doubled up to an hour; the exponent is bounded too, for a feed may have failed for years.
    wait_s = min(_FIRST_BACK_OFF_S << min(trouble.failures - 1, 10), _LONGEST_BACK_OFF_S)
    return wait_s + spread_s(account_id, trouble.at_utc, wait_s // 5)


def spread_s(account_id: int, at_utc: int, up_to_s: int = _SPREAD_S) -> int:
    """Seconds up to `up_to_s`, by which accounts and machines keep out of step; the same for the same time.

    Only ever longer: a feed's interval is the shortest that its provider wants to be asked at.
    """
    return zlib.crc32(f"{account_id}:{at_utc}".encode()) % (up_to_s + 1)


def troubles_of(feeds: "Iterable[FeedInfo]", state: PollState) -> dict[Basis, Trouble]:
    """What the last poll, by whomever, could not read: of a feed that it did read, nothing is known to be wrong."""
    if not state.error_code:
        return {}
    trouble = Trouble(state.error_code, state.started_utc, max(1, state.failures), state.not_before_utc)
    return {feed.basis: trouble for feed in feeds if state.read_utc.get(feed.basis, -1) < state.started_utc}


def retry_at_utc(now_utc: int, retry_after_s: int | None) -> int:
    """Until when a provider wants to be left alone, 0 where it did not say. More than a day is not believed."""
    return now_utc + min(max(retry_after_s, 1), _LONGEST_WAIT_S) if retry_after_s is not None else 0


def windows(feed: "FeedInfo", state: PollState, now_utc: int) -> tuple[Window, ...]:
    """What one poll of a feed reads, in this order.

    The days since the last read, those that are still corrected, and those that are missing, the newest first. Where
    one window does not reach back to the last read, what may have been corrected since is read before all else: the
    next poll reckons from this one, and would leave it as it is if this one were cut off.
    """
    end = _today(now_utc) + DAY_S
    if feed.depth_days == 0:
        return (Window(end - DAY_S, end),)
    read = _read_utc(feed, state, now_utc)
    recent = Window(_recent_from(feed, state, read, now_utc), end)
    needed = _joined([*missing(feed, state, now_utc), recent])
    chunk_s = max(1, feed.chunk_days) * DAY_S
    left_open: tuple[Window, ...] = ()
    if read is not None and recent.start_utc < end - chunk_s:
        left_open = (Window(recent.start_utc, min(_today(read) + DAY_S, end)),)
        needed = _without(needed, left_open)
    return (*_chunks(left_open, chunk_s), *_chunks(needed, chunk_s))


def halved(feed: "FeedInfo", halvings: int) -> "FeedInfo":
    """A feed of which less is asked for at once, at least a day: a slow provider must come to an end within a poll."""
    return feed._replace(chunk_days=max(1, feed.chunk_days >> min(halvings, _MOST_HALVINGS)))


def halvings_of(state: PollState) -> int:
    """How often windows are to be halved, as far as the last polls tell: for each that a provider did not manage."""
    return min(state.failures, _MOST_HALVINGS) if state.error_code == "unavailable" else 0


def halvings_after(halvings: int, *, managed: bool, quick: bool) -> int:
    """The same after one more poll. managed: whether no window was too much; quick: whether twice as much would do."""
    return min(halvings + 1, _MOST_HALVINGS) if not managed else max(0, halvings - quick)


def missing(feed: "FeedInfo", state: PollState, now_utc: int) -> tuple[Window, ...]:
    """Days that were never read and that the provider still tells of, oldest first."""
    if feed.depth_days == 0:
        return ()
    end = _today(now_utc) + DAY_S
    covered = state.covered.get(feed.basis, ())
    depth_days = UNKNOWN_DEPTH_DAYS if feed.depth_days is None else feed.depth_days
    start = end - depth_days * DAY_S
    if feed.basis in state.ended:  # where nothing is covered, nothing was ever told
        start = max(start, covered[0].start_utc if covered else end)
    return _without((Window(start, end),), covered) if start < end else ()


def days_done(feed: "FeedInfo", state: PollState, now_utc: int) -> tuple[int, int]:
    """How many of the days that a feed tells of were read, and how many there are."""
    if feed.depth_days == 0:
        return 0, 0
    covered = [one for one in state.covered.get(feed.basis, ()) if one.start_utc <= now_utc]
    ended = feed.basis in state.ended and covered
    total = UNKNOWN_DEPTH_DAYS if feed.depth_days is None else feed.depth_days
    if ended:
        total = min(total, (_today(now_utc) + DAY_S - covered[0].start_utc) // DAY_S)
    lacking = sum(one.end_utc - one.start_utc for one in missing(feed, state, now_utc)) // DAY_S
    return total - lacking, total


def _recent_from(feed: "FeedInfo", state: PollState, read: int | None, now_utc: int) -> int:
    """Where the days begin that a poll reads again: yesterday, or where the last read was not yet complete.

    All that the provider may still have corrected since: every six hours, of a slow one once a day, and each hour
    while an answer is held back until another agrees, from the first day of which it is.
    """
    today = _today(now_utc)
    if read is None:
        return today - feed.corrects_days * DAY_S
    slot_s = _HELD_BACK_S if state.doubts else min(max(feed.corrects_days * 2, 6) * 3600, DAY_S)
    doubted = today if state.doubted_from_utc is None else max(state.doubted_from_utc, today - _LONGEST_DOUBT_S)
    if read // slot_s != now_utc // slot_s:
        return min(today - DAY_S, _today(read) - feed.corrects_days * DAY_S, _today(doubted))
    complete_to = _today(state.complete_to.get(feed.basis, read))
    return min(today - DAY_S, _today(read), max(complete_to, today - _OPEN_DAYS * DAY_S))


def _read_utc(feed: "FeedInfo", state: PollState, now_utc: int) -> int | None:
    """When a feed was last read. A time that is still to come was written before the clock was set back: never."""
    read = state.read_utc.get(feed.basis)
    return read if read is not None and read <= now_utc else None


def _not_before(state: PollState, now_utc: int) -> int:
    return state.not_before_utc if state.not_before_utc <= now_utc + _LONGEST_WAIT_S else 0


def _today(at_utc: int) -> int:
    return at_utc // DAY_S * DAY_S


def _joined(spans: Iterable[Window]) -> tuple[Window, ...]:
    """The same time without overlaps, oldest first."""
    joined: list[Window] = []
    for span in sorted(spans):
        if joined and span.start_utc <= joined[-1].end_utc:
            joined[-1] = Window(joined[-1].start_utc, max(joined[-1].end_utc, span.end_utc))
        else:
            joined.append(span)
    return tuple(joined)


def _without(spans: Iterable[Window], taken: Iterable[Window]) -> tuple[Window, ...]:
    """What is left of spans, oldest first."""
    left = list(_joined(spans))
    for one in taken:
        cut = [
            part
            for span in left
            for part in (
                Window(span.start_utc, min(span.end_utc, one.start_utc)),
                Window(max(span.start_utc, one.end_utc), span.end_utc),
            )
            if part.start_utc < part.end_utc
        ]
        left = sorted(set(cut))
    return tuple(left)


def _chunks(spans: Iterable[Window], chunk_s: int) -> tuple[Window, ...]:
    """Pieces of at most `chunk_s`, the newest first."""
    pieces = []
    for span in reversed(_joined(spans)):
        end = span.end_utc
        while end > span.start_utc:
            start = max(span.start_utc, end - chunk_s)
            pieces.append(Window(start, end))
            end = start
    return tuple(pieces)
