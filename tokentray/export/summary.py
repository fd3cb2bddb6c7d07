"""A month as one value: what every exported file says, and what a report view can show.

Spend leads once the person has said who pays for anything; until then every amount is *worth at list price*: an
estimate, so it carries ≈. Rounded amounts share their rounded total, so each table adds up as displayed; unrounded
ones stand beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from tokentray.clock import Zone, days_between, local_date
from tokentray.errors import NoDataError
from tokentray.export import known, reconcile, why
from tokentray.export.change import Change, Days, change
from tokentray.export.dates import month_runs, month_text, offsets_text, span_text
from tokentray.export.figures import Table, Tables, named_or
from tokentray.export.frame import frame
from tokentray.export.notes import Notes, notes
from tokentray.export.rates import exchange_rates
from tokentray.export.redact import SENTENCE as REDACTED
from tokentray.export.redact import Redaction, redaction
from tokentray.export.rows import ROW_KEYS
from tokentray.export.since import since
from tokentray.export.spend import PlanFigure, other_currencies, parts, plan_figures
from tokentray.export.standing import standing_text
from tokentray.insight.known_days import last_read_day
from tokentray.insight.periods import month_of
from tokentray.insight.standing import line_of
from tokentray.model import ExchangeRate, UsageRow
from tokentray.money import NumberStyle, round_half_even
from tokentray.program import command
from tokentray.settings import DEFAULTS, Settings
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of one kind. field: its name in a usage row."""

    field: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month in the person's own days. first and last: the days covered, which end with the last read.

    counts_spend: whether spend leads, else worth at list price. total: what leads, unrounded, None where nothing of it
    is priced; cost: spend, in `currency`; list_cost: worth at list price of what it paid for, in `list_currency`,
    which is another one only where no exchange rate leads from it. time_kind: of the reference point that leads, ""
    where none does or no exchange rate leads to it.
    parts: the spend by how it is known. elsewhere, unsaid: use paid elsewhere, and use nobody has said who pays for;
    neither is in any other figure. others: what is in no total because nothing converts its currency.
    cache_hit_rate: cached input ÷ all input, to four places. known: how it is known, a sentence each. rows: usage by
    day, agent, model, project, source and payer, unrounded, in the currencies it came in.
    status: why it is not the last word, "" where it is. changed: what is not as it was exported before. reasons: what
    made the difference to the month before. notes: what the money bought. bills: what accounts were billed beside what
    their tokens come to at list price. redacted: whether names are left out. offsets: of its days from UTC, "+02:00 and
    +01:00". time_zone: its name, "" for UTC, where the system does not tell and where names are left out. rates: those
    that amounts were converted at.
    """

    month: str
    title: str
    period_text: str
    first: date
    last: date
    complete: bool
    counts_spend: bool
    currency: str
    list_currency: str
    total: Decimal | None
    cost: Decimal
    list_cost: Decimal | None
    shown_total: Decimal
    amount_text: str
    worth_text: str
    equivalent_text: str
    time_kind: str
    change: Change | None
    requests: int
    total_tokens: int
    unpriced_tokens: int
    parts: Table
    plans: tuple[PlanFigure, ...]
    by_source: Table
    by_model: Table
    by_project: Table
    days: Table
    elsewhere: Table
    unsaid: Table
    others: tuple[Table, ...]
    tokens: tuple[TokenCount, ...]
    web_searches: int
    cache_hit_rate: Decimal | None
    known: tuple[str, ...]
    rows: tuple[UsageRow, ...]
    style: NumberStyle
    reasons: why.Reasons
    notes: Notes
    bills: tuple[reconcile.Compared, ...]
    redacted: bool
    offsets: str
    time_zone: str
    rates: tuple[ExchangeRate, ...]
    status: str = ""
    changed: tuple[str, ...] = ()


def build(
    history: History,
    month: date,
    zone: Zone,
    style: NumberStyle | None = None,
    settings: Settings = DEFAULTS,
    *,
    today: date,
    redact: bool = False,
) -> MonthSummary:
    """The summary of the month that holds the date `month`, in days of `zone`.

    today: the person's date, up to which fees are counted. redact: projects are called "project 1" and so on, by what
    leads, and charges "charge 1". Raises StoreError; and NoDataError, which names the months that have data.
    """
    first = month.replace(day=1)
    _, end = month_of(first)
    rows = history.usage(UsageQuery(ROW_KEYS, first, end, today=today), zone)
    if not rows:
        raise no_data(history, first, zone, today)
    made_with = frame(history, rows, settings, style or NumberStyle(), redact=redact)
    tables = Tables(made_with, of_worth=not made_with.counts_spend)
    reasons = why.read(history, first, zone, today, made_with, settings.currency)
    noted = history.notes(first, end)
    names = redaction(rows, tables.rank, why.models_of(reasons), noted) if redact else Redaction()
    rows = names.rows(rows)
    split = made_with.split(rows)
    latest = max(date.fromisoformat(row.key("day")) for row in rows)
    last = min(end, max(last_read_day(made_with.told.sources, today, zone), latest))
    days = Days(first, last, end)
    worths = Tables(made_with, of_worth=True)
    total = tables.total(split.counted)
    told = made_with.equivalent(split.counted, of_worth=tables.of_worth)
    by_source = tables.by("Source", split.counted, line_of, lambda name, _: made_with.names.source(name))
    others = other_currencies(tables, split.others)
    bounds = history.bounds()
    against = change(history, zone, today, days, rows, tables)
    told_why = why.reasons(reasons, made_with, names) if against else why.Reasons()
    bills = reconcile.compared(history, first, min(end, today), zone, made_with)
    leading = total.list_cost if tables.of_worth else _paid(total.cost, split.counted)
    summary = MonthSummary(
        month=first.isoformat()[:7],
        title=month_text(first),
        period_text=span_text(first, last) + ("" if days.complete else ", so far"),
        first=first,
        last=last,
        complete=days.complete,
        counts_spend=made_with.counts_spend,
        currency=made_with.currency,
        list_currency=made_with.list_currency,
        total=leading,
        cost=total.cost,
        list_cost=total.list_cost,
        shown_total=total.shown,
        amount_text=total.amount_text,
        worth_text=total.worth_text,
        equivalent_text=total.equivalent_text if leading and leading > 0 else "",
        time_kind="" if told.missing_currency else told.kind,
        change=against,
        requests=total.requests,
        total_tokens=total.tokens,
        unpriced_tokens=total.unpriced_tokens,
        parts=parts(tables, split.counted),
        plans=plan_figures(made_with, (*split.counted, *split.others), (by_source, *others)),
        by_source=by_source,
        by_model=tables.by("Model", split.counted, lambda row: row.key("model"), named_or("(no model)")),
        by_project=tables.by("Project", split.counted, lambda row: row.key("project"), named_or("(no project)")),
        days=tables.days(split.counted, days_between(first, end)),
        elsewhere=_by_agent(worths, split.elsewhere),
        unsaid=_by_agent(worths, split.unsaid),
        others=others,
        tokens=_token_counts(split.counted),
        web_searches=sum(row.web_search_requests for row in split.counted),
        cache_hit_rate=_cache_hit_rate(split.counted),
        known=(
            *known.sentences(
                made_with,
                split,
                (first, last),
                local_date(bounds[0], zone) if bounds else None,
                zone,
                redact=redact,
            ),
            *reconcile.sentences(bills),
            *([REDACTED] if redact else []),
        ),
        rows=tuple(rows),
        style=made_with.style,
        reasons=told_why,
        notes=notes(names.notes(noted), rows, made_with),
        bills=bills,
        redacted=redact,
        offsets=offsets_text(days_between(first, end), zone),
        time_zone="" if redact else zone.name,
        rates=exchange_rates(made_with, rows, (first, last)),
        status=standing_text(history, first, zone, today, made_with.names),
    )
    return replace(summary, changed=since(history, summary, zone, made_with.names))


def _by_agent(tables: Tables, rows: Sequence[UsageRow]) -> Table:
    return tables.by("Source", rows, lambda row: row.key("source"), lambda name, _: tables.frame.names.source(name))


def _paid(cost: Decimal, rows: Sequence[UsageRow]) -> Decimal | None:
    return None if not cost and any(row.unpriced_paid_tokens for row in rows) else cost


def _token_counts(rows: Sequence[UsageRow]) -> tuple[TokenCount, ...]:
    kinds = (
        ("input_tokens", "Input, not cached"),
        ("cache_read_tokens", "Cache reads"),
        ("cache_write_5m_tokens", "Cache writes, 5 minutes"),
        ("cache_write_1h_tokens", "Cache writes, 1 hour"),
        ("output_tokens", "Output"),
        ("reasoning_tokens", "of which reasoning"),
    )
    return tuple(TokenCount(name, label, sum(getattr(row, name) for row in rows)) for name, label in kinds)


def _cache_hit_rate(rows: Sequence[UsageRow]) -> Decimal | None:
    read = sum(row.cache_read_tokens for row in rows)
    written = sum(row.cache_write_5m_tokens + row.cache_write_1h_tokens for row in rows)
    asked = read + written + sum(row.input_tokens for row in rows)
    return round_half_even(Decimal(read) / asked, 4) if asked else None


def no_data(history: History, first: date, zone: Zone, today: date) -> NoDataError:
    """What is said of a month without data: which months have some."""
    title = f"There is nothing for {first.isoformat()[:7]}"
    months = [row.key("month") for row in history.usage(UsageQuery(("month",), today=today), zone)]
    if not months:
        return NoDataError(title, "the history is empty", f"`{command()} refresh` reads your agents' logs")
    return NoDataError(title, f"there is {month_runs(sorted(set(months)))}")
