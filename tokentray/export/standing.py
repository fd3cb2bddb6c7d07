"""Whether a month is the last word: which of its sources are not known up to its end yet, and how that is said."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from tokentray.clock import DAY_S, Zone, day_start_utc, local_date, month_bounds_utc
from tokentray.insight.source_names import SourceNames
from tokentray.insight.words import MONTHS, listed
from tokentray.ledger import Window
from tokentray.model import Basis
from tokentray.store.account_rows import AccountRow, Doubt, PollState
from tokentray.store.history import History

_MOST_NAMED = 3
_UNTOLD = frozenset({"not-allowed", "not-there", "request-refused"})
"""How a provider answers for a feed that the key cannot read."""
_BASES = {Basis.BILLED: "billed", Basis.METERED: "metered"}


class _Month(NamedTuple):
    """first: its first day. start_utc, end_utc: in the person's zone. whole_utc: where the last UTC day that holds any
    of it ends: bills go by these.
    """

    first: date
    start_utc: int
    end_utc: int
    whole_utc: int
    zone: Zone


class _Wait(NamedTuple):
    """What is said of some sources that are waited for, and of how many."""

    text: str
    sources: int = 1


def standing_text(history: History, month: date, zone: Zone, today: date, names: SourceNames | None = None) -> str:
    """Why the month that holds the date `month` is provisional, "" where it is the last word; in days of `zone`.

    today: the person's date. names: what sources are called, None for the names they have. Raises StoreError.
    """
    first = month.replace(day=1)
    start, end = month_bounds_utc(first, zone)
    name = MONTHS[first.month - 1]
    if today < local_date(end, zone):
        return f"Provisional: {name} is not over."
    asked = _Month(first, start, end, -(-end // DAY_S) * DAY_S, zone)
    waits = [*_accounts(history, asked, today, names), *_agents(history, asked, names)]
    if not waits:
        return ""
    parts = [wait.text for wait in waits[:_MOST_NAMED]]
    more = sum(wait.sources for wait in waits[_MOST_NAMED:])
    if more:
        parts.append(f"{more} more {'source is' if more == 1 else 'sources are'} waited for")
    return f"Provisional: {'; '.join(parts)}; {name} can still change."


def is_settled(history: History, month: date, zone: Zone, now_utc: int) -> bool:
    """Whether nothing can be added to a month any more but by a correction. Raises StoreError."""
    return not standing_text(history, month, zone, local_date(now_utc, zone))


def _agents(history: History, month: _Month, names: SourceNames | None) -> Iterable[_Wait]:
    """A read of the logs finds all that was written up to then."""
    said: dict[str, list[str]] = {}
    for source in history.sources():
        if source.kind != "agent" or (source.read_at_utc is not None and source.read_at_utc >= month.end_utc):
            continue
        text = "have not been read yet"
        if source.read_at_utc is not None:
            day = _day_text(local_date(source.read_at_utc, month.zone), month)
            text = f"were last read on {day}"
        said.setdefault(text + _failing(source.error), []).append(names.source(source.name) if names else source.label)
    for text, labels in said.items():
        yield _Wait(f"the logs of {listed(labels)} {text}", len(labels))


def _accounts(history: History, month: _Month, today: date, names: SourceNames | None) -> Iterable[_Wait]:
    """Those in use whose figures count: one that was removed tells nothing more."""
    accounts = [account for account in history.accounts() if account.counted]
    if not accounts:
        return
    states, doubts = history.poll_states(), history.doubts()
    for account in accounts:
        label = names.source(f"account:{account.id}") if names else account.label
        said = _doubted([one for one in doubts if one.account_id == account.id], month)
        said = said or _unread(account, states.get(account.id, PollState()), month, today)
        if said:
            yield _Wait(f"{label} {said}{_failing(account.error)}")


def _doubted(doubts: Iterable[Doubt], month: _Month) -> str:
    """An answer that would take away more than half of a day is held back until another agrees."""
    days = [one.day_utc for one in doubts if month.start_utc - DAY_S < one.day_utc < month.end_utc]
    if not days:
        return ""
    return f"tells of far less than before on {_day_text(_utc_day(min(days)), month)}, and is asked once more"


def _unread(account: AccountRow, state: PollState, month: _Month, today: date) -> str:
    """What is not known of an account yet, "" where all is."""
    known = [basis for basis in _BASES if basis in state.complete_to or basis in state.read_utc]
    if not known:
        return "has not been read yet"
    depths = None
    for basis in _BASES:
        if basis not in known and state.error_code in _UNTOLD:
            continue
        depths = depths if depths is not None else _depths(account.provider)
        if basis not in depths and basis not in known:
            continue
        if basis not in known and not state.started_utc and account.read_at_utc is not None:
            return "has not been read since the history was restored"  # which forgot what the key cannot read
        if basis not in known:
            return f"is not {_BASES[basis]} yet"
        said = _behind(basis, state, account.read_at_utc, month)
        if said:
            return said
        if _has_gap(state, basis, month, depths.get(basis, 0), int(day_start_utc(today, month.zone))):
            return "is still being read"
    return ""


def _behind(basis: Basis, state: PollState, account_read_utc: int | None, month: _Month) -> str:
    """A watermark before the month's end. A live counter is told as complete up to the end of the day it counts, so
    that one which stands at the end itself says so only if it was looked at since.

    account_read_utc: when all of the account was read last, which a restored history still knows.
    """
    complete, read = state.complete_to.get(basis), state.read_utc.get(basis, account_read_utc)
    if complete is not None and complete > month.whole_utc:
        return ""
    if (complete is None or complete == month.whole_utc) and read is not None and read >= month.whole_utc:
        return ""
    last = local_date(month.end_utc, month.zone) - timedelta(days=1)
    if read is not None and read < month.end_utc and (complete is None or complete >= month.end_utc):
        return f"was last read on {_day_text(local_date(read, month.zone), month)}"
    if complete is None or complete >= month.end_utc:
        return f"is not {_BASES[basis]} for all of {_day_text(last, month)} yet"
    return f"is {_BASES[basis]} up to {_day_text(local_date(complete, month.zone) - timedelta(days=1), month)}"


def _has_gap(state: PollState, basis: Basis, month: _Month, depth_days: int | None, today_utc: int) -> bool:
    """Whether days of the month were never read that the provider still tells of. The past is read newest first."""
    covered = state.covered.get(basis, ())
    if depth_days == 0 or not covered:  # what tells nothing has nothing more to tell
        return False
    start = month.start_utc // DAY_S * DAY_S
    if depth_days is not None:
        start = max(start, today_utc // DAY_S * DAY_S - (depth_days - 1) * DAY_S)
    if basis in state.ended:
        start = max(start, covered[0].start_utc)
    return not _holds(covered, start, month.whole_utc)


def _holds(covered: Iterable[Window], start_utc: int, end_utc: int) -> bool:
    at = start_utc
    for window in covered:
        if window.start_utc <= at < window.end_utc:
            at = window.end_utc
    return at >= end_utc


def _depths(provider_id: str) -> Mapping[Basis, int | None]:
    """How many days back each feed of a provider tells; none where this build does not know the provider."""
    from tokentray.providers import provider  # all of them: only where there is an account

    found = provider(provider_id)
    return {feed.basis: feed.depth_days for feed in found.info.feeds} if found else {}


def _failing(error: str) -> str:
    return ", and cannot be read now" if error else ""


def _utc_day(day_utc: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day_utc // DAY_S)


def _day_text(day: date, month: _Month) -> str:
    """ "28 October", with the year where it is not the month's."""
    year = "" if day.year == month.first.year else f" {day.year}"
    return f"{day.day} {MONTHS[day.month - 1]}{year}"
