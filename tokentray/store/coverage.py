"""What a feed covers, as stretches with gaps between them, and how one more answer changes that. Pure."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from tokentray.clock import BUCKET_S, DAY_S
from tokentray.ledger import Window


class Cover(NamedTuple):
    """A stretch that was read, the end excluded. complete_to_utc: how far within it the answer was complete."""

    start_utc: int
    end_utc: int
    complete_to_utc: int


def with_answer(covers: Iterable[Cover], window: Window, complete_to_utc: int) -> list[Cover]:
    """The stretches after one more answer, in order. What was complete stays so, whatever the answer says of itself.

    Two that meet become one where the earlier is complete to its end: else what it lacks would be taken for known.
    """
    start, end = window
    known_to = start
    parts = []
    for one in sorted(covers):
        if one.start_utc <= known_to:
            known_to = max(known_to, min(one.complete_to_utc, end))
        if one.start_utc < start:
            left_end = min(one.end_utc, start)
            parts.append(Cover(one.start_utc, left_end, min(one.complete_to_utc, left_end)))
        if one.end_utc > end:
            right_start = max(one.start_utc, end)
            parts.append(Cover(right_start, one.end_utc, max(one.complete_to_utc, right_start)))
    parts.append(Cover(start, end, max(known_to, min(complete_to_utc, end))))
    return _joined(parts)


def _joined(parts: Iterable[Cover]) -> list[Cover]:
    joined: list[Cover] = []
    for part in sorted(parts):
        if joined and joined[-1].complete_to_utc == joined[-1].end_utc == part.start_utc:
            joined[-1] = part._replace(start_utc=joined[-1].start_utc)
        else:
            joined.append(part)
    return joined


def covered(covers: Sequence[Cover]) -> tuple[Window, ...]:
    """What need not be read again, merged, oldest first: all but the last as far as whole days of it are complete."""
    windows: list[Window] = []
    for one in sorted(covers):
        last = one is max(covers)
        whole = DAY_S if one.start_utc % DAY_S == one.end_utc % DAY_S == 0 else BUCKET_S
        end = one.end_utc if last or one.complete_to_utc == one.end_utc else one.complete_to_utc // whole * whole
        if end <= one.start_utc:
            continue
        if windows and windows[-1].end_utc == one.start_utc:
            windows[-1] = Window(windows[-1].start_utc, end)
        else:
            windows.append(Window(one.start_utc, end))
    return tuple(windows)


def is_covered(covers: Sequence[Cover], window: Window) -> bool:
    """Whether the whole of a window was read before."""
    at = window.start_utc
    for one in sorted(covers):
        if one.start_utc <= at < one.end_utc:
            at = one.end_utc
    return at >= window.end_utc


def is_complete(covers: Iterable[Cover], window: Window) -> bool:
    """Whether the whole of a window was complete when it was read."""
    return any(one.start_utc <= window.start_utc and window.end_utc <= one.complete_to_utc for one in covers)


def pieces(window: Window) -> list[Window]:
    """A window cut at the ends of UTC days."""
    cuts = [window.start_utc]
    at = window.start_utc // DAY_S * DAY_S + DAY_S
    while at < window.end_utc:
        cuts.append(at)
        at += DAY_S
    return [Window(first, last) for first, last in pairwise([*cuts, window.end_utc])]
