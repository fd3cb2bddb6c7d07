"""What the windows and `accounts list` show of accounts, the hosts they are asked at, and where everything lies."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from tokentray.clock import DAY_S, HOUR_S, UtcZone, Zone, date_of_day_number, local_date
from tokentray.engine.figures import Figures
from tokentray.engine.policy import is_stale
from tokentray.engine.snapshots import figures_of
from tokentray.engine.source_lines import Told
from tokentray.insight import reconcile, words
from tokentray.insight.account_words import kind_text, own_text
from tokentray.insight.reconcile import Difference
from tokentray.insight.tally import tally
from tokentray.insight.told_words import day_text
from tokentray.model import UsageRow
from tokentray.money import MINUS, NumberStyle, format_money
from tokentray.paths import Paths
from tokentray.program import command
from tokentray.settings import Settings
from tokentray.setup import AccountSetup, DayDifference, HostSetup, PlaceSetup
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery

if TYPE_CHECKING:
    from tokentray.providers.base import ProviderInfo

_DIFFERENCE_DAYS = 31
_MENDS = {
    "key-refused": ("Replace the key", "rekey"),
    "not-allowed": ("Use a key that may read this", "rekey"),
    "credentials-missing": ("Give its key again", "rekey"),
    "credentials-refused": ("Install a keyring that keeps keys safe (`tokentray doctor` says which)", ""),
    "credentials-none": ("Start a keyring, or install one (`tokentray doctor` says which)", ""),
    "credentials-locked": ("Unlock the keyring, then try again", "unlock"),
    "redirected": ("Look at its address", "rekey"),
    "changed-answer": ("See whether a newer TokenTray reads it", ""),
}
_BY_ITSELF = "It is tried again by itself"
_CALM = {"unavailable", "offline", "rate-limited"}
_DASH = "–"


def account_setups(
    history: History,
    month: Sequence[UsageRow],
    figures: Figures,
    *,
    with_differences: bool = True,
    polled_since_utc: int | None = 0,
) -> tuple[AccountSetup, ...]:
    """Every account, those without a key last. month: rows by day, source and payer. Raises StoreError.

    polled_since_utc: as in engine.snapshots.
    """
    accounts = history.accounts(removed=True)
    if not accounts:
        return ()
    polls = history.poll_states()
    today = local_date(figures.now_utc, UtcZone())
    pairs = (
        history.reconcile(today - timedelta(days=_DIFFERENCE_DAYS - 1), today, figures.zone) if with_differences else []
    )
    days = reconcile.by_account(pairs)
    names = history.account_names()
    ordered = sorted(accounts, key=lambda one: one.removed_utc is not None)
    return tuple(
        _account(
            one,
            polls.get(one.id, PollState()),
            days.get(one.id, []),
            names.get(one.id, {}),
            month,
            figures,
            polled_since_utc,
        )
        for one in ordered
    )


def setups_now(
    history: History, now_utc: int, zone: Zone, style: NumberStyle, settings: Settings
) -> tuple[AccountSetup, ...]:
    """The same for a command, which has no rows at hand."""
    return account_setups(history, *month_now(history, now_utc, zone, style, settings))


def month_now(
    history: History, now_utc: int, zone: Zone, style: NumberStyle, settings: Settings
) -> tuple[Sequence[UsageRow], Figures]:
    """This month's rows by day, source and payer, and what figures are made with."""
    today = local_date(now_utc, zone)
    month = history.usage(UsageQuery(("day", "source", "payer"), today.replace(day=1), today, today=today), zone)
    told = Told(history.payer_rules(), history.plans(), history.charges())
    return month, figures_of(history, month, told, now_utc, zone, style, settings)


def _account(
    account: AccountRow,
    poll: PollState,
    days: list[Difference],
    names: Mapping[str, str],
    month: Sequence[UsageRow],
    figures: Figures,
    polled_since_utc: int | None,
) -> AccountSetup:
    info = _info(account.provider)
    state, state_text = _state(account, poll, figures, polled_since_utc)
    mend, action = _mend(account, poll, state)
    mine = [row for row in month if row.key("source") == f"account:{account.id}"]
    whole = tally(mine, figures.home)
    amount = words.spend_text(whole, figures.currency, figures.style) if mine else ""
    return AccountSetup(
        id=account.id,
        provider=account.provider,
        provider_name=info.name if info else account.provider,
        label=account.label,
        kind_text=kind_text(account.kind, account.holder),
        host=host_of(account.base_url),
        base_url=account.base_url if info and account.base_url != info.base_url else "",
        state=state,
        state_text=state_text,
        mend=mend,
        mend_action=action,
        own=account.own,
        own_text=own_text(account.own, narrowed=account.narrowed, counted=account.counted, names=names),
        counted=account.counted,
        narrowed=account.narrowed,
        amount_text=amount,
        covers_text=_covers_text(poll),
        progress_text=_progress_text(info, poll, figures.now_utc) if account.removed_utc is None else "",
        differences=tuple(_difference(one, figures) for one in days if one.billed is not None),
        difference_text=difference_text(days, figures),
    )


def _info(provider_id: str) -> "ProviderInfo | None":
    from tokentray.providers import provider  # only where there is an account: an idle tray without one is spared it

    found = provider(provider_id)
    return found.info if found else None


def host_of(base_url: str) -> str:
    """The host of an address, with its port where it names one."""
    return base_url.partition("://")[2].partition("/")[0]


def _state(account: AccountRow, poll: PollState, figures: Figures, polled_since_utc: int | None) -> tuple[str, str]:
    if account.removed_utc is not None:
        return "removed", f"removed on {day_text(local_date(account.removed_utc, figures.zone))}; what was read stays"
    if account.error:
        locked = poll.error_code == "credentials-locked"
        since = f"; {_read_text(account, figures)}"
        return ("locked" if locked else "failing"), account.error + since
    if account.read_at_utc is None:
        return "never", "not read yet"
    stale = is_stale(account, poll, figures.now_utc, polled_since_utc)
    return ("stale" if stale else "fresh"), _read_text(account, figures)


def _read_text(account: AccountRow, figures: Figures) -> str:
    if account.read_at_utc is None:
        return "never read so far"
    return f"read {ago_text(figures.now_utc - account.read_at_utc)}"


def ago_text(seconds: int) -> str:
    """How long ago: "just now", "4 minutes ago", "3 hours ago", "2 days ago"."""
    for size, name in ((DAY_S, "day"), (HOUR_S, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number} {name}{'' if number == 1 else 's'} ago"
    return "just now"


def _mend(account: AccountRow, poll: PollState, state: str) -> tuple[str, str]:
    if state not in ("failing", "locked"):
        if poll.doubts:
            return "An answer that takes back much of what was read is looked at again within the hour", ""
        return ("Say whose use it reads, or that all of it is yours", "own") if not account.counted else ("", "")
    if poll.error_code in _CALM:
        return _BY_ITSELF, ""
    return _MENDS.get(poll.error_code, (_BY_ITSELF, ""))


def _covers_text(poll: PollState) -> str:
    firsts = [spans[0].start_utc for spans in poll.covered.values() if spans]
    return f"from {day_text(date_of_day_number(min(firsts) // DAY_S))}" if firsts else ""


def _progress_text(info: "ProviderInfo | None", poll: PollState, now_utc: int) -> str:
    """How far back a feed with a history has come while it has not reached its end, "" where nothing is left."""
    for feed in info.feeds if info else ():
        spans = poll.covered.get(feed.basis, ())
        if feed.depth_days == 0 or feed.basis in poll.ended or not spans:
            continue
        back = (now_utc - spans[0].start_utc) // DAY_S
        if feed.depth_days is not None and back >= feed.depth_days - 1:
            continue
        of = f" of {feed.depth_days:,}" if feed.depth_days else ""
        return f"reading back: {max(0, back):,}{of} days so far"
    return ""


def _difference(one: Difference, figures: Figures) -> DayDifference:
    def text(amount: Decimal | None) -> str:
        return format_money(amount, one.currency, figures.style) if amount is not None else _DASH

    other = text(one.other)
    return DayDifference(
        day=one.day,
        billed_text=text(one.billed),
        other_text=other if other == _DASH else f"≈ {other}",
        basis=one.basis.value if one.basis else "",
        difference_text=signed(one.amount, one.currency, figures.style),
        percent_text=_percent(one),
        reason=one.reason,
    )


def signed(amount: Decimal | None, currency: str, style: NumberStyle) -> str:
    """A difference, with the sign that it has."""
    if amount is None:
        return _DASH
    text = format_money(abs(amount), currency, style)
    return f"{'+' if amount > 0 else MINUS if amount else ''}{text}"


def _percent(one: Difference) -> str:
    if one.percent is None:
        return _DASH
    size = round(abs(one.percent))
    return "0 %" if not size else f"{'+' if one.percent > 0 else MINUS}{size} %"


def difference_text(days: Sequence[Difference], figures: Figures) -> str:
    """The days that have both, in a sentence; "" where none has."""
    if reconcile.summary(days) is None:
        return ""
    reason = reconcile.main_reason(one.reason for one in days)
    return f"Last {_DIFFERENCE_DAYS} days: {compared_text(days, figures)}{f'. Likely: {reason}' if reason else ''}"


def compared_text(days: Sequence[Difference], figures: Figures) -> str:
    """ "$9.11 billed, ≈ $10.40 at list price by the logs here" of the days that have both; "" where none has."""
    return reconcile.compared_text(days, figures.style)


def host_setups(accounts: Sequence[AccountRow], polls: Mapping[int, PollState], now_utc: int) -> tuple[HostSetup, ...]:
    """Every host that can be contacted: those of the accounts, and nothing else."""
    hosts: dict[str, tuple[list[str], list[int]]] = {}
    for one in accounts:
        if one.removed_utc is None:
            whys, times = hosts.setdefault(host_of(one.base_url), ([], []))
            info = _info(one.provider)
            whys.append(f"{info.why if info else one.provider} ({one.label})")
            contacted = polls.get(one.id, PollState()).contacted_utc
            times += [contacted] if contacted is not None else []
    return tuple(
        HostSetup(host, "; ".join(whys), ago_text(now_utc - max(times)) if times else "never")
        for host, (whys, times) in sorted(hosts.items())
    )


def between(settings: Settings) -> tuple[HostSetup, ...]:
    """What stands between this machine and the providers, by the person's choice."""
    if settings.proxy in ("", "none"):
        return ()
    host = host_of(settings.proxy).rpartition("@")[2]
    return (HostSetup(host, "The proxy of your settings: providers are reached through it", ""),)


def places(paths: Paths, settings: Settings) -> tuple[PlaceSetup, ...]:
    """Where everything lies that is kept, and what else is trusted."""
    trusted = (PlaceSetup("Certificates trusted too", settings.ca_file),) if settings.ca_file else ()
    return (
        *trusted,
        PlaceSetup("History", str(paths.history)),
        PlaceSetup("Settings", str(paths.settings)),
        PlaceSetup("Log file", str(paths.log_file)),
        PlaceSetup("Keys", "your desktop's own keyring, as tokentray-desktop"),
    )


def mend_command(account: AccountSetup) -> str:
    """The mend on the command line, "" where there is none to type."""
    verb = {"rekey": "rekey", "own": "own", "unlock": ""}.get(account.mend_action, "")
    return f"{command()} accounts {verb} {account.id}" if verb else ""
