"""Makes the one Snapshot that tray, popover, `status` and `statusline` show, from the history and the time."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from tokentray.clock import Zone, days_between, local_date
from tokentray.engine.figures import Figures
from tokentray.engine.policy import is_stale
from tokentray.engine.source_lines import Told, health_of, permille, row_id, source_lines
from tokentray.insight import words
from tokentray.insight.exchange import Exchange
from tokentray.insight.reference import Reference
from tokentray.insight.tally import Home, leading, tally
from tokentray.insight.who_pays import counts_spend
from tokentray.model import UsageRow
from tokentray.money import NumberStyle, short_money
from tokentray.settings import DEFAULTS, Settings
from tokentray.snapshot import (
    Amount,
    DayBar,
    Problem,
    ReadProgress,
    Snapshot,
    SnapshotState,
    SourceHealth,
    SourceState,
    Standing,
)
from tokentray.store.account_rows import AccountRow, PollState
from tokentray.store.history import History
from tokentray.store.queries import SourceRow
from tokentray.store.usage import UsageQuery

_STALE_AFTER_INTERVALS = 3
_DAYS = 30
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KEYS = ("day", "source", "payer")


def build(
    history: History,
    now_utc: int,
    zone: Zone,
    style: NumberStyle,
    settings: Settings = DEFAULTS,
    *,
    problems: Sequence[Problem] = (),
    progress: ReadProgress | None = None,
    polled_since_utc: int | None = 0,
) -> Snapshot:
    """The snapshot at an instant. Reads the last thirty days or this month, whichever is longer.

    polled_since_utc: since when accounts could have been polled by themselves, None while they are not.
    """
    today = local_date(now_utc, zone)
    month_start = today.replace(day=1)
    first = min(month_start, today - timedelta(days=_DAYS - 1))
    rows = history.usage(UsageQuery(_KEYS, first, today, today=today), zone)
    of_today = [row for row in rows if row.key("day") == today.isoformat()]
    of_month = [row for row in rows if row.key("day") >= month_start.isoformat()]
    sources = history.sources()
    accounts = {one.id: one for one in history.accounts(removed=True)}
    told = Told(
        history.payer_rules(),
        history.plans(),
        history.charges(),
        {row_id(source): accounts[source.id] for source in sources if source.id in accounts},
    )
    polls = history.poll_states() if accounts else {}
    if settings.paused:
        polled_since_utc = None

    def state_of(source: SourceRow) -> SourceState:
        account = accounts.get(source.id)
        if account is None:
            return _source_state(source, now_utc, settings)
        return _account_state(account, polls.get(account.id, PollState()), now_utc, polled_since_utc)

    health = health_of(sources, state_of)
    figures = figures_of(history, rows, told, now_utc, zone, style, settings, sources)
    spent_today, spent_month = figures.total(of_today), figures.total(of_month)
    priced = not _lacks_price(spent_today)
    hours = figures.equivalent(of_today, of_worth=not figures.counts_spend).hours if priced else None
    state = _state(health)
    gone = {one.id for one in accounts.values() if one.removed_utc is not None}
    read = [one.read_at_utc for one in sources if one.read_at_utc is not None and one.id not in gone]
    as_of = f"as of {figures.time_text(min(read))}" if read else "nothing read yet"
    month_label = words.MONTHS[today.month - 1]
    bars = _bars(rows, days_between(today - timedelta(days=_DAYS - 1), today), figures)
    lines = source_lines(of_month, health, told, figures, month_start)
    if not settings.show_elsewhere:
        lines = tuple(line for line in lines if line.standing is not Standing.ELSEWHERE)
    return Snapshot(
        taken_at_utc=now_utc,
        as_of_text=as_of,
        state=state,
        today=spent_today,
        month=spent_month,
        month_label=month_label,
        sources=lines,
        days=bars,
        lines=(
            _line("Today", spent_today.amount_text, spent_today.equivalent_text),
            _line(month_label, spent_month.amount_text, spent_month.equivalent_text),
            _last_line(health, as_of, state, figures, of_today),
        ),
        has_reference=figures.reference.exists,
        counts_spend=figures.counts_spend,
        today_minutes=None if hours is None else int(hours * 60),
        ring_permille=0 if hours is None else int((hours - int(hours)) * 1000),
        ring_hours=0 if hours is None else int(hours),
        today_short=_short(spent_today) if priced else "?",
        health=health,
        quiet_text=""
        if any(bar.height_permille or bar.amount.tokens for bar in bars)
        else _quiet_text(history, figures),
        first_run=not history.first_run_done(),
        icon_mode=settings.icon_mode,
        problems=tuple(problems),
        progress=progress,
    )


def figures_of(
    history: History,
    rows: Sequence[UsageRow],
    told: Told,
    now_utc: int,
    zone: Zone,
    style: NumberStyle,
    settings: Settings,
    sources: Sequence[SourceRow] | None = None,
) -> Figures:
    """What amounts are made with: the person's currency, rates, reference points, and who is who.

    rows: by day, source and payer, of the days that say which currency leads where none was chosen.
    """
    home = Home(settings.currency, Exchange(history.exchange_rates()))
    reference = Reference(history.reference_points(), home.exchange, settings.working_week_hours)
    sources = history.sources() if sources is None else sources
    spends = counts_spend(told.rules, told.plans, told.charges, sources)
    return figures_with(rows, home, reference, now_utc, zone, style, sources, spends=spends)


def figures_with(
    rows: Sequence[UsageRow],
    home: Home,
    reference: Reference,
    now_utc: int,
    zone: Zone,
    style: NumberStyle,
    sources: Sequence[SourceRow],
    *,
    spends: bool,
) -> Figures:
    """The same of what was read of the history already. spends: whether anything counts as spend."""
    whole = tally(rows, home)
    return Figures(
        home=home,
        currency=leading(whole.cost if spends and whole.cost else whole.worth, home),
        reference=reference,
        style=style,
        now_utc=now_utc,
        zone=zone,
        counts_spend=spends,
        labels={row_id(source): source.label for source in sources},
    )


def _quiet_text(history: History, figures: Figures) -> str:
    """When there was use at all and what it came to, for whoever finds thirty days empty."""
    span = history.bounds()
    if span is None:
        return ""
    rows = history.usage(UsageQuery(("day",)), figures.zone)
    whole = tally(rows, figures.home)
    text = figures.at_list_price(whole)
    if not figures.counts_spend:  # then all amounts are, and it is said once for all
        text = text.removesuffix(" at list price")
    equivalent = figures.equivalent(rows, of_worth=True).text(figures.style) if whole.worth else ""
    day = local_date(span[1], figures.zone)
    told = f"{text} in all" + (f", {equivalent}" if equivalent else "")
    return f"Nothing used in {_DAYS} days; last on {day.day} {words.MONTHS[day.month - 1]} {day.year}. {told}."


def _lacks_price(amount: Amount) -> bool:
    """Whether nothing worth saying is known of an amount, so that the icon must not draw nothing either."""
    return amount.amount_text in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED)


def _short(today: Amount) -> str:
    """The figure in the icon: of the leading currency, where today has none of it of the one with most."""
    others = [cost for _, cost in today.others]
    return short_money((today.cost if today.is_spend else today.list_cost) or max(others, default=Decimal(0)))


def _line(label: str, amount_text: str, equivalent_text: str) -> str:
    return " · ".join(part for part in (f"{label} {amount_text}", equivalent_text) if part)


def _last_line(
    health: Sequence[SourceHealth], as_of: str, state: SnapshotState, figures: Figures, today: Sequence[UsageRow]
) -> str:
    failing = [one.label for one in health if one.error]
    if failing:
        return f"{words.listed(failing)} could not be read · {as_of}"
    if state is SnapshotState.NOTHING_READ:
        return "Nothing read yet"
    if not figures.counts_spend:
        return f"{words.WORTH.capitalize()} · {as_of}"
    covered = tally([row for row in today if row.key("payer").startswith("plan:")], figures.home)
    if covered.tokens:
        text = words.worth_text(covered, figures.currency, figures.style)
        if text in (words.NOT_PRICED, words.MOSTLY_NOT_PRICED):
            return f"Plans covered {figures.style.number(covered.tokens)} tokens today · {as_of}"
        return f"Plans worth {text} today · {as_of}"
    return as_of[:1].upper() + as_of[1:]


def _state(health: Sequence[SourceHealth]) -> SnapshotState:
    states = {one.state for one in health}
    if SourceState.FAILING in states:
        return SnapshotState.FAILING
    if states <= {SourceState.NEVER}:
        return SnapshotState.NOTHING_READ
    return SnapshotState.STALE if SourceState.STALE in states else SnapshotState.FRESH


def _source_state(source: SourceRow, now_utc: int, settings: Settings) -> SourceState:
    if source.error:
        return SourceState.FAILING
    if source.read_at_utc is None:
        return SourceState.NEVER
    stale = now_utc - source.read_at_utc > _STALE_AFTER_INTERVALS * settings.interval_min * 60
    return SourceState.STALE if stale and not settings.paused else SourceState.FRESH


def _account_state(account: AccountRow, state: PollState, now_utc: int, polled_since_utc: int | None) -> SourceState:
    if account.removed_utc is not None:
        return SourceState.FRESH  # what it holds is all that it ever will
    if account.error:
        return SourceState.FAILING
    if account.read_at_utc is None:
        return SourceState.NEVER
    stale = is_stale(account, state, now_utc, polled_since_utc)
    return SourceState.STALE if stale else SourceState.FRESH


def _bars(rows: Sequence[UsageRow], days: Sequence[date], figures: Figures) -> tuple[DayBar, ...]:
    by_day: dict[str, list[UsageRow]] = {day.isoformat(): [] for day in days}
    for row in rows:
        if row.key("day") in by_day:
            by_day[row.key("day")].append(row)
    amounts = {day: figures.total(of_day) for day, of_day in by_day.items()}
    sizes = {day: amount.cost if amount.is_spend else amount.list_cost or Decimal(0) for day, amount in amounts.items()}
    worths = {day: figures.bought(of_day) for day, of_day in by_day.items()}
    highest = max((*sizes.values(), *worths.values()), default=Decimal(0))
    return tuple(
        DayBar(
            day,
            f"{_WEEKDAYS[day.weekday()]} {day.day} {words.MONTHS[day.month - 1][:3]}",
            amounts[day.isoformat()],
            permille(sizes[day.isoformat()], highest),
            permille(worths[day.isoformat()], highest),
        )
        for day in days
    )
