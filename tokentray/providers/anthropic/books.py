"""Reads one window of the books: by the analytics API, and where that is refused, by the older reports."""

from collections.abc import Iterator

from tokentray.clock import DAY_S, HOUR_S
from tokentray.errors import ProviderError, RequestRefusedError
from tokentray.ledger import Outcome, Report, Window
from tokentray.model import Basis
from tokentray.providers.anthropic import analytics, legacy
from tokentray.providers.anthropic.analytics import FIRST_UTC, Asked
from tokentray.providers.anthropic.people import Mine, mine, number
from tokentray.providers.base import Channel, Context

_DEPTH_S = 365 * DAY_S
_SLACK_S = 2 * HOUR_S
"""How far our clock may be behind before the provider has told its own, without asking for more than it tells."""
_MOST_S = 31 * DAY_S
_AGAIN_S = DAY_S
"""After which the analytics API is tried anew where it was refused."""


def read(context: Context, basis: Basis, window: Window) -> Outcome:
    """One window of tokens or bills. Raises ProviderError.

    memory: "legacy_since" while the analytics API is refused, "no_speed" where fast mode is not told apart, "billed"
    once it told of a part's bill, so that there is a past to be read, and what people.mine() keeps.
    """
    channel, memory = context.channel, dict(context.memory)
    now = channel.now_utc
    oldest = max(FIRST_UTC, -(-(now - _DEPTH_S + _SLACK_S) // DAY_S) * DAY_S)
    ends = window.start_utc <= oldest
    start, end = max(window.start_utc, oldest), min(window.end_utc, (now // DAY_S + 1) * DAY_S)
    if start >= end:
        return Outcome(ends=ends)
    part = mine(context, memory)
    reports = _read(channel, basis, part, _asked(start, end, now), memory)
    if now // HOUR_S < channel.now_utc // HOUR_S and now < end:
        # Our clock is behind theirs: what was used since then is in no answer yet, and must not be taken for nothing.
        reports = _read(channel, basis, part, _asked(start, end, channel.now_utc), memory)
    if basis is Basis.BILLED and not part.whole:
        if "legacy_since" not in memory:
            memory["billed"] = "1"
        ends = ends or "billed" not in memory
    return Outcome(reports, keys=part.names, memory=None if memory == context.memory else memory, ends=ends)


def _read(
    channel: Channel, basis: Basis, part: Mine, pieces: list[Asked], memory: dict[str, str]
) -> tuple[Report, ...]:
    """By whichever generation answers. Where both refuse, the newer one's words are the ones that help."""
    now = channel.now_utc
    waits = 0 <= now - number(memory.get("legacy_since")) < _AGAIN_S
    refusal: ProviderError | None = None
    if not waits:
        try:
            reports = tuple(_by_analytics(channel, basis, part, asked) for asked in pieces)
        except analytics.REFUSALS as exc:
            refusal = exc
        else:
            memory.pop("legacy_since", None)
            return reports
    try:
        if refusal is not None and basis is Basis.BILLED and not part.whole:
            legacy.check(channel)
        reports = tuple(report for asked in pieces for report in _by_legacy(channel, basis, part, asked, memory))
    except analytics.REFUSALS:
        if refusal is None:
            memory.pop("legacy_since", None)
            return _read(channel, basis, part, pieces, memory)
        raise refusal from None
    if refusal is not None:
        memory["legacy_since"] = str(now)
    return reports


def _by_analytics(channel: Channel, basis: Basis, part: Mine, asked: Asked) -> Report:
    read_one = analytics.read_cost if basis is Basis.BILLED else analytics.read_usage
    return read_one(channel, part.parts, asked)


def _by_legacy(channel: Channel, basis: Basis, part: Mine, asked: Asked, memory: dict[str, str]) -> Iterator[Report]:
    if basis is Basis.BILLED:
        if part.whole:
            yield legacy.read_cost(channel, asked)
        else:
            yield from legacy.no_cost(asked, channel.now_utc)
        return
    if "no_speed" not in memory:
        try:
            yield legacy.read_usage(channel, part.parts, asked)
            return
        except RequestRefusedError:
            memory["no_speed"] = "1"
    yield legacy.read_usage(channel, part.parts, asked, with_speed=False)


def _asked(start_utc: int, end_utc: int, now_utc: int) -> list[Asked]:
    until_utc = min(end_utc, (now_utc // HOUR_S + 1) * HOUR_S)
    return [Asked(*piece, min(piece.end_utc, until_utc)) for piece in _pieces(start_utc, end_utc)]


def _pieces(start_utc: int, end_utc: int) -> Iterator[Window]:
    for at in range(start_utc, end_utc, _MOST_S):
        yield Window(at, min(at + _MOST_S, end_utc))
