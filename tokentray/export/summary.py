"""A month as one value: what every exported file says, and what a report view can show.

Until a payer rule says who pays, every amount is *worth at list price*: an estimate, so it carries ≈. Rounded
amounts share their rounded total, so each table adds up as displayed; unrounded ones stand beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tokentray.clock import Zone, days_between, local_date
from tokentray.errors import NoDataError
from tokentray.export import known
from tokentray.export.figures import Figure, Tables, rank
from tokentray.export.known import span_text
from tokentray.export.rows import ROW_KEYS
from tokentray.insight import words
from tokentray.model import UsageRow
from tokentray.money import NumberStyle, format_money, round_half_even
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery


@dataclass(frozen=True, slots=True)
class Change:
    """The month against the one before, or the same days of it while the month is not over. Unrounded."""

    amount: Decimal
    previous: Decimal
    first: date
    last: date
    amount_text: str
    percent_text: str
    text: str


@dataclass(frozen=True, slots=True)
class TokenCount:
    """Tokens of one kind. field: its name in a usage row."""

    field: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class MonthSummary:
    """A month in the person's own days. first and last: the days covered, which end with the last read.

    total: unrounded, None where nothing is priced. cache_hit_rate: cached input ÷ all input, to four places.
    known: how it is known, a sentence each. rows: usage by day, agent, model and project, unrounded.
    """

    month: str
    title: str
    period_text: str
    first: date
    last: date
    complete: bool
    currency: str
    total: Decimal | None
    shown_total: Decimal
    amount_text: str
    equivalent_text: str
    change: Change | None
    requests: int
    total_tokens: int
    unpriced_tokens: int
    by_source: tuple[Figure, ...]
    by_model: tuple[Figure, ...]
    by_project: tuple[Figure, ...]
    days: tuple[Figure, ...]
    tokens: tuple[TokenCount, ...]
    web_searches: int
    cache_hit_rate: Decimal | None
    known: tuple[str, ...]
    rows: tuple[UsageRow, ...]
    style: NumberStyle


def build(
    history: History, month: date, zone: Zone, style: NumberStyle | None = None, *, redact: bool = False
) -> MonthSummary:
    """The summary of the month that holds the date `month`, in days of `zone`.

    redact: projects are called "project 1" and so on, by worth. Raises StoreError; and NoDataError, which
    names the months that have data.
    """
    style = style or NumberStyle()
    first = month.replace(day=1)
    end = _month_end(first)
    rows = history.usage(UsageQuery(ROW_KEYS, first, end), zone)
    if not rows:
        raise _no_data(history, first, zone)
    if redact:
        rows = _redacted(rows)
    currency = _leading_currency(rows)
    counted = [row for row in rows if row.currency == currency]
    last = min(end, max(_known_until(history, zone), date.fromisoformat(rows[-1].key("day"))))
    total, tokens, unpriced, _, _ = words.add_up(counted)
    shown_total = round_half_even(total or words.ZERO, 2)
    tables = Tables(currency, total, style, history.reference_points())
    labels = {source.name: source.label for source in history.sources() if source.kind == "agent"}
    return MonthSummary(
        month=first.isoformat()[:7],
        title=_month_text(first),
        period_text=span_text(first, last) + ("" if last == end else ", so far"),
        first=first,
        last=last,
        complete=last == end,
        currency=currency,
        total=total,
        shown_total=shown_total,
        amount_text=words.amount_text(total, unpriced, currency, style),
        equivalent_text=tables.equivalent(counted) if total else "",
        change=_change(history, zone, (first, last, end), (currency, total, unpriced), style),
        requests=sum(row.requests for row in counted),
        total_tokens=tokens,
        unpriced_tokens=unpriced,
        by_source=tables.by(counted, "agent", lambda name: labels.get(name, name)),
        by_model=tables.by(counted, "model"),
        by_project=tables.by(counted, "project", lambda name: name or "(no project)"),
        days=tables.days(counted, days_between(first, end)),
        tokens=_token_counts(counted),
        web_searches=sum(row.web_search_requests for row in counted),
        cache_hit_rate=_cache_hit_rate(counted),
        known=known.sentences(rows, history.sources(), currency, (first, last), _begins(history, zone), zone, style),
        rows=tuple(rows),
        style=style,
    )


def _redacted(rows: Sequence[UsageRow]) -> list[UsageRow]:
    """Projects numbered by worth, models that could be paths unnamed; sorted so that their order tells nothing."""
    groups: dict[str, list[UsageRow]] = {}
    for row in rows:
        groups.setdefault(row.key("project"), []).append(row)
    ranked = sorted((name for name in groups if name), key=lambda name: (*rank(groups[name]), name))
    names: Mapping[str, str] = {name: f"project {number}" for number, name in enumerate(ranked, 1)}

    def renamed(row: UsageRow) -> UsageRow:
        public = {"project": lambda value: names.get(value, value), "model": words.public_model_name}
        return row._replace(
            keys=tuple((key, public[key](value) if key in public else value) for key, value in row.keys)
        )

    return sorted(map(renamed, rows), key=lambda row: row.keys)


def _leading_currency(rows: Sequence[UsageRow]) -> str:
    """The currency with the most tokens; amounts in others stand apart, for nothing converts them here."""
    tokens: dict[str, int] = {}
    for row in rows:
        tokens[row.currency] = tokens.get(row.currency, 0) + row.total_tokens
    return min(tokens, key=lambda currency: (-tokens[currency], currency))


def _begins(history: History, zone: Zone) -> date:
    bounds = history.bounds()
    return local_date(bounds[0], zone) if bounds else date.min


def _known_until(history: History, zone: Zone) -> date:
    """The day of the last read of any source; without one, nothing is known to be missing."""
    reads = [source.read_at_utc for source in history.sources() if source.read_at_utc is not None]
    return local_date(max(reads), zone) if reads else date.max


def _change(
    history: History,
    zone: Zone,
    days: tuple[date, date, date],
    now: tuple[str, Decimal | None, int],
    style: NumberStyle,
) -> Change | None:
    """Against the month before. days: first and last of what is known, and the month's end."""
    (first, last, end), (currency, total, unpriced) = days, now
    before_end = first - timedelta(days=1)
    before_first = before_end.replace(day=1)
    before_last = before_end if last == end else before_first.replace(day=min(last.day, before_end.day))
    rows = history.usage(UsageQuery((), before_first, before_last), zone)
    rows = [row for row in rows if row.currency == currency]
    previous, _, unpriced_before, _, _ = words.add_up(rows)
    if not rows or previous is None or total is None:
        return None
    # Between the amounts as displayed, so that the sentence agrees with the two of them.
    difference = round_half_even(total, 2) - round_half_even(previous, 2)
    percent = round_half_even(abs(difference) * 100 / previous, 0) if previous else None
    percent_text = "" if percent is None else f"{style.number(percent)} %" if percent else "<1 %"
    amount = f"≈ {format_money(abs(difference), currency, style)}"
    change = f"{amount} ({percent_text})" if percent_text else amount
    than = words.amount_text(previous, unpriced_before, currency, style)
    whole = before_last == before_end and last == end
    before = _month_text(before_first) if whole else span_text(before_first, before_last)
    than = f"{before} ({than})"
    text = f"{change} {'more' if difference > 0 else 'less'} than {than}" if difference else f"as much as {than}"
    if unpriced or unpriced_before:
        text += "; tokens without a price are left out of both"
    return Change(total - previous, previous, before_first, before_last, amount, percent_text, text)


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


def _month_end(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _month_text(month: date) -> str:
    return f"{words.MONTHS[month.month - 1]} {month.year}"


def _no_data(history: History, first: date, zone: Zone) -> NoDataError:
    title = f"There is nothing for {first.isoformat()[:7]}"
    months = [row.key("month") for row in history.usage(UsageQuery(("month",)), zone)]
    if not months:
        return NoDataError(title, "the history is empty", "`tokentray refresh` reads your agents' logs")
    return NoDataError(title, f"there is {known.month_runs(sorted(set(months)))}")
