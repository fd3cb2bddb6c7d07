"""What a feed covers, after any answers in any order: compared with a list of every quarter hour."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import BUCKET_S, DAY_S
from tokentray.ledger import Window
from tokentray.store.coverage import Cover, covered, is_complete, is_covered, pieces, with_answer

HALF = DAY_S // 2
"""Answers here begin and end at noon or midnight."""
ANSWERS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 8), st.integers(-2, 10)), max_size=8)


@settings(max_examples=300)
@given(ANSWERS)
def test_any_answers(answers: list[tuple[int, int, int]]) -> None:
    """Everything that was read is covered, nothing else, and what was complete once stays so; stretches are in order,
    apart from each other, and as few as can be.
    """
    covers: list[Cover] = []
    read: set[int] = set()
    complete: set[int] = set()
    for start, length, upto in answers:
        window = Window(start * HALF, (start + length) * HALF)
        covers = with_answer(covers, window, window.start_utc + upto * HALF)
        halves = range(start, start + length)
        read |= set(halves)
        complete |= {half for half in halves if half < start + upto}
        # Complete is from the beginning of a stretch on: what lies behind a hole is not.
        for half in halves:
            assert is_covered(covers, Window(half * HALF, (half + 1) * HALF))
        whole = {half for half in range(25) if is_complete(covers, Window(half * HALF, (half + 1) * HALF))}
        assert {half for half in halves if half < start + upto} <= whole <= complete
        complete = whole
    assert {half for half in range(25) if is_covered(covers, Window(half * HALF, (half + 1) * HALF))} == read
    assert covers == sorted(covers)
    for one, following in itertools.pairwise(covers):
        assert one.end_utc <= following.start_utc
        assert one.end_utc < following.start_utc or one.complete_to_utc < one.end_utc
    for one in covers:
        assert one.start_utc <= one.complete_to_utc <= one.end_utc


def test_what_was_cut_short_is_read_again() -> None:
    """The app was off from noon of a day on: once a later day is known, that day is a gap; before, it is the last."""
    first = with_answer([], Window(0, 3 * DAY_S), 2 * DAY_S + HALF)
    assert covered(first) == (Window(0, 3 * DAY_S),)
    later = with_answer(first, Window(3 * DAY_S, 5 * DAY_S), 4 * DAY_S)
    assert covered(later) == (Window(0, 2 * DAY_S), Window(3 * DAY_S, 5 * DAY_S))
    assert covered(with_answer(later, Window(2 * DAY_S, 3 * DAY_S), 3 * DAY_S)) == (Window(0, 5 * DAY_S),)


def test_what_has_no_history_is_known_by_the_quarter_hour() -> None:
    """Stretches from one look to the next become one; the first begins when it was first looked."""
    covers: list[Cover] = []
    for quarter in (41, 42, 44):
        covers = with_answer(covers, Window(quarter * BUCKET_S, (quarter + 1) * BUCKET_S), (quarter + 1) * BUCKET_S)
    assert covered(covers) == (Window(41 * BUCKET_S, 43 * BUCKET_S), Window(44 * BUCKET_S, 45 * BUCKET_S))


@given(st.integers(0, 500), st.integers(1, 500))
def test_pieces_are_days(start: int, length: int) -> None:
    """They make up the window, and none crosses a midnight."""
    window = Window(start * BUCKET_S, (start + length) * BUCKET_S)
    parts = pieces(window)
    assert (parts[0].start_utc, parts[-1].end_utc) == window
    assert all(one.end_utc == following.start_utc for one, following in itertools.pairwise(parts))
    assert all(one.start_utc // DAY_S == (one.end_utc - 1) // DAY_S for one in parts)
