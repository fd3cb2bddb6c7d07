"""When an account is polled, and which windows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokentray.clock import DAY_S
from tokentray.engine.policy import (
    BACK_FILL_PAUSE_S,
    Surroundings,
    Trouble,
    days_done,
    missing,
    next_poll,
    quiet_reason,
    retry_at_utc,
    spread_s,
    troubles_of,
    windows,
)
from tokentray.ledger import Window
from tokentray.model import Basis
from tokentray.providers.base import FeedInfo
from tokentray.store.account_rows import PollState

B, M = Basis.BILLED, Basis.METERED
TODAY = 20_600 * DAY_S
NOW = TODAY + 15 * 3600
END = TODAY + DAY_S
FEED = FeedInfo(B, interval_s=900, corrects_days=3, depth_days=100, chunk_days=30)
COUNTER = FeedInfo(B, interval_s=300, depth_days=0)


def day(ago: int) -> int:
    return TODAY - ago * DAY_S


def read_whole(read_utc: int, feed: FeedInfo = FEED, **changes: object) -> PollState:
    """A state in which everything was read at a time."""
    end = read_utc // DAY_S * DAY_S + DAY_S
    state = PollState(
        started_utc=read_utc,
        read_utc={feed.basis: read_utc},
        covered={feed.basis: (Window(end - 200 * DAY_S, end),)},
        complete_to={feed.basis: end - DAY_S},
    )
    return state._replace(**changes)  # type: ignore[arg-type]  # named by each test


def test_never_read_is_read_from_today_back() -> None:
    """All the provider tells of, newest first, in pieces of the size it likes, without a gap."""
    found = windows(FEED, PollState(), NOW)
    assert found == (
        Window(END - 30 * DAY_S, END),
        Window(END - 60 * DAY_S, END - 30 * DAY_S),
        Window(END - 90 * DAY_S, END - 60 * DAY_S),
        Window(END - 100 * DAY_S, END - 90 * DAY_S),
    )


def test_ordinary_poll_reads_today_and_yesterday() -> None:
    assert windows(FEED, read_whole(NOW - 900), NOW) == (Window(day(1), END),)


def test_days_that_are_corrected_are_read_again_now_and_then() -> None:
    """The first poll of each six hours reads all that may still change; of a provider that is slower, of each day."""
    assert windows(FEED, read_whole(NOW - 4 * 3600), NOW) == (Window(day(3), END),)
    slow = FEED._replace(corrects_days=30, chunk_days=31)
    assert windows(slow, read_whole(NOW - 14 * 3600), NOW) == (Window(day(1), END),)
    assert windows(slow, read_whole(NOW - 20 * 3600), NOW) == (Window(day(31), day(0)), Window(day(0), END))


def test_an_answer_that_was_held_back_is_asked_for_again_each_hour() -> None:
    state = read_whole(NOW - 3601)
    assert windows(FEED, state, NOW) == (Window(day(1), END),)
    assert windows(FEED, state._replace(doubts=2), NOW) == (Window(day(3), END),)
    assert windows(FEED, read_whole(NOW, doubts=2), NOW + 60) == (Window(day(1), END),)
    assert windows(FEED, state._replace(doubts=2, doubted_from_utc=day(20)), NOW) == (Window(day(20), END),)
    assert windows(FEED, state._replace(doubts=2, doubted_from_utc=day(900)), NOW)[-1].start_utc == day(60)


def test_a_bill_that_is_late_is_read_until_it_is_complete() -> None:
    """What the provider did not call complete is read at each poll, up to a week back."""
    assert windows(FEED, read_whole(NOW - 900, complete_to={B: day(4)}), NOW) == (Window(day(4), END),)
    assert windows(FEED, read_whole(NOW - 900, complete_to={B: day(60)}), NOW) == (Window(day(7), END),)


def test_after_weeks_off_what_was_open_then_is_read_first() -> None:
    """A poll cut off after its first window must not leave the days before the pause as they were."""
    state = read_whole(NOW - 50 * DAY_S)
    found = windows(FEED, state, NOW)
    assert found[0] == Window(day(53), day(49))
    assert found[1:] == (Window(END - 30 * DAY_S, END), Window(day(49), END - 30 * DAY_S))


def test_gaps_are_read_after_what_is_new() -> None:
    state = read_whole(NOW - 900, covered={B: (Window(day(60), day(40)), Window(day(10), END))})
    assert windows(FEED, state, NOW) == (
        Window(day(1), END),
        Window(day(40), day(10)),
        Window(day(90), day(60)),
        Window(END - 100 * DAY_S, day(90)),
    )


def test_nothing_older_than_the_end_is_asked_for() -> None:
    state = read_whole(NOW - 900, covered={B: (Window(day(20), END),)}, ended=frozenset({B}))
    assert windows(FEED, state, NOW) == (Window(day(1), END),)
    assert missing(FEED, state, NOW) == ()
    assert days_done(FEED, state, NOW) == (21, 21)


def test_where_nothing_is_ever_told_nothing_is_missing() -> None:
    """A feed that ended before its first day is asked again at its interval, as the tokens of an ordinary key are."""
    state = PollState(started_utc=NOW - 60, read_utc={B: NOW - 60}, ended=frozenset({B}))
    assert missing(FEED, state, NOW) == ()
    assert next_poll(1, [FEED], state, {}, NOW).when_utc >= NOW - 60 + FEED.interval_s


def test_a_counter_has_no_past() -> None:
    assert windows(COUNTER, PollState(), NOW) == (Window(TODAY, END),)
    assert missing(COUNTER, PollState(), NOW) == ()
    assert days_done(COUNTER, PollState(), NOW) == (0, 0)


def test_a_clock_that_was_ahead_hides_nothing() -> None:
    """What was read under a time to come counts as never read; the days it claims are read when they come."""
    state = read_whole(NOW + 40 * DAY_S)
    assert windows(FEED, state, NOW)[0] == Window(day(3), END)
    later = state._replace(read_utc={B: NOW}, complete_to={B: NOW + 40 * DAY_S})
    assert windows(FEED, later, NOW + 20 * DAY_S)[0].end_utc == END + 20 * DAY_S
    assert windows(FEED, later, NOW + 20 * DAY_S)[-1].start_utc <= day(0)


@given(
    covers=st.lists(st.tuples(st.integers(0, 130), st.integers(1, 40)), max_size=5),
    read_ago=st.integers(0, 120),
    chunk=st.integers(1, 40),
    corrects=st.integers(0, 30),
)
def test_windows_hold_all_that_is_needed_once(
    covers: list[tuple[int, int]], read_ago: int, chunk: int, corrects: int
) -> None:
    """Every missing day and every day since the last read is in exactly one window, none larger than asked for."""
    feed = FEED._replace(chunk_days=chunk, corrects_days=corrects)
    spans = tuple(sorted(Window(day(start + long), day(start)) for start, long in covers))
    state = PollState(read_utc={B: NOW - read_ago * DAY_S}, covered={B: spans})
    found = windows(feed, state, NOW)
    days = [at for one in found for at in range(one.start_utc, one.end_utc, DAY_S)]
    assert len(days) == len(set(days))
    assert all(0 < one.end_utc - one.start_utc <= chunk * DAY_S for one in found)
    assert {at for one in missing(feed, state, NOW) for at in range(one.start_utc, one.end_utc, DAY_S)} <= set(days)
    assert set(range(day(read_ago), END, DAY_S)) <= set(days)


def test_due_after_the_interval_never_before() -> None:
    """A provider's interval is the shortest; what is added keeps machines apart and is the same each time."""
    state = read_whole(NOW - 60)
    dues = [next_poll(account, [FEED], state, {}, NOW).when_utc - (NOW - 60) for account in range(50)]
    assert all(900 <= due <= 1080 for due in dues)
    assert len(set(dues)) > 20
    assert dues[7] == next_poll(7, [FEED], state, {}, NOW).when_utc - (NOW - 60)


def test_only_the_feeds_that_are_due() -> None:
    slow = FeedInfo(M, interval_s=3600, depth_days=100)
    state = read_whole(NOW - 2000)
    state = state._replace(read_utc={B: NOW - 2000, M: NOW - 2000}, covered={B: state.covered[B], M: state.covered[B]})
    found = next_poll(1, [FEED, slow], state, {}, NOW)
    assert (found.when_utc, found.feeds) == (NOW, frozenset({B}))


def test_reading_back_goes_on_at_once_unless_it_does_not_get_on() -> None:
    state = PollState(started_utc=NOW - 3, read_utc={B: NOW - 2}, covered={B: (Window(day(10), END),)})
    assert next_poll(1, [FEED], state, {}, NOW).when_utc == NOW - 3 + BACK_FILL_PAUSE_S
    assert next_poll(1, [FEED], state, {}, NOW, back_fill=False).when_utc >= NOW - 2 + 900


@pytest.mark.parametrize(
    ("failures", "least", "most"), [(1, 60, 72), (2, 120, 144), (6, 1920, 2304), (9, 3600, 4320), (10**6, 3600, 4320)]
)
def test_back_off_doubles_up_to_an_hour(failures: int, least: int, most: int) -> None:
    trouble = Trouble("unavailable", NOW, failures)
    assert least <= next_poll(1, [FEED], PollState(), {B: trouble}, NOW).when_utc - NOW <= most


@pytest.mark.parametrize("code", ["key-refused", "not-allowed", "not-there", "redirected"])
def test_what_time_does_not_mend_waits_for_a_day(code: str) -> None:
    found = next_poll(1, [FEED], PollState(), {B: Trouble(code, NOW - 3600)}, NOW)
    assert found.when_utc == NOW - 3600 + DAY_S


def test_one_feed_in_trouble_does_not_hold_up_the_other() -> None:
    other = FeedInfo(M, interval_s=900, depth_days=0)
    state = PollState(read_utc={M: NOW - 2000})
    found = next_poll(1, [FEED, other], state, {B: Trouble("not-allowed", NOW - 3600)}, NOW)
    assert (found.when_utc, found.feeds) == (NOW, frozenset({M}))


def test_retry_after_is_obeyed_and_bounded() -> None:
    """For the whole account; what no provider can mean, and what was written before the clock went back, is not."""
    assert next_poll(1, [FEED], PollState(not_before_utc=NOW + 500), {}, NOW).when_utc == NOW + 500
    assert next_poll(1, [FEED], PollState(not_before_utc=NOW + 3 * DAY_S), {}, NOW).when_utc == NOW
    limited = Trouble("rate-limited", NOW, 1, NOW + 7200)
    assert next_poll(1, [FEED], PollState(), {B: limited}, NOW).when_utc == NOW + 7200
    assert (retry_at_utc(NOW, 30), retry_at_utc(NOW, 0), retry_at_utc(NOW, None)) == (NOW + 30, NOW + 1, 0)
    assert retry_at_utc(NOW, 10**9) == NOW + DAY_S


def test_a_trouble_from_the_future_is_none() -> None:
    assert next_poll(1, [FEED], PollState(), {B: Trouble("key-refused", NOW + 9)}, NOW).when_utc == NOW


def test_troubles_are_those_of_the_feeds_that_were_not_read() -> None:
    """After a start, what the last poll left behind is all that is known."""
    metered = FeedInfo(M, interval_s=900)
    state = PollState(started_utc=NOW, failures=3, error_code="not-allowed", read_utc={B: NOW + 2, M: NOW - 900})
    assert troubles_of([FEED, metered], state) == {M: Trouble("not-allowed", NOW, 3)}
    assert troubles_of([FEED, metered], state._replace(error_code="")) == {}


@pytest.mark.parametrize(
    ("around", "reason"),
    [
        (Surroundings(), ""),
        (Surroundings(paused=True), "paused"),
        (Surroundings(online=False), "offline"),
        (Surroundings(metered=True), "metered"),
        (Surroundings(metered=True, also_metered=True), ""),
        (Surroundings(on_battery=True), "on battery"),
        (Surroundings(on_battery=True, also_on_battery=True), ""),
    ],
)
def test_quiet(around: Surroundings, reason: str) -> None:
    assert quiet_reason(around) == reason


@given(st.integers(1, 10**6), st.integers(0, 4 * 10**9), st.integers(0, 10**4))
def test_spread_stays_within_its_bound(account: int, at_utc: int, most: int) -> None:
    assert 0 <= spread_s(account, at_utc, most) <= most
