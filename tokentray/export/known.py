"""The words under a month: how its figures are known, as of when, and what is missing."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tokentray.clock import DAY_S, Zone, date_of_day_number, day_start_utc, offset_text
from tokentray.insight import words
from tokentray.model import Caveat, UsageRow
from tokentray.money import NumberStyle
from tokentray.prices.lookup import table_info
from tokentray.store.queries import SourceRow


def day_text(day: date) -> str:
    """A date as it is said: "22 November 2026"."""
    return f"{day.day} {words.MONTHS[day.month - 1]} {day.year}"


def span_text(first: date, last: date) -> str:
    """A span of days: "1 to 22 November 2026"; both in one month."""
    return day_text(last) if first == last else f"{first.day} to {day_text(last)}"


def listed(names: Iterable[str]) -> str:
    """Names in a sentence: "Codex", "Claude Code and Codex", "Claude Code, Codex and pi"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def month_runs(months: Sequence[str]) -> str:
    """Months in order, neighbours drawn together: "2025-11 to 2026-03, 2026-05 and 2026-07"."""
    runs: list[list[str]] = []
    for month in months:
        if runs and _number(month) == _number(runs[-1][-1]) + 1:
            runs[-1].append(month)
        else:
            runs.append([month])
    return listed(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _number(month: str) -> int:
    year, _, number = month.partition("-")
    return int(year) * 12 + int(number)


def sentences(
    rows: Sequence[UsageRow],
    sources: Sequence[SourceRow],
    currency: str,
    days: tuple[date, date],
    begins: date,
    zone: Zone,
    style: NumberStyle,
) -> tuple[str, ...]:
    """Everything a reader needs in order to trust the figures, or not.

    days: the first and last covered. begins: the first day of the whole history.
    """
    agents = {row.key("agent") for row in rows}
    used = [source for source in sources if source.kind == "agent" and source.name in agents]
    labels = {source.name: source.label for source in used}
    whose = listed(labels.values()) if labels else "agents"
    info = table_info()
    return (
        f"Estimated: the tokens in the logs of {whose} on this machine, at the provider's list price of each"
        " day. No bill was looked at; discounts, plans and taxes are not in it.",
        *_reads(used, zone),
        f"Prices are those of {info.source} {info.version}, kept up to {day_text(date.fromisoformat(info.data_date))}.",
        *_beginning(begins, days[0]),
        *_unpriced(rows, style),
        *_caveats(rows, labels),
        *_other_currencies(rows, currency, style),
        _day_sentence(days, zone),
    )


def _reads(sources: Sequence[SourceRow], zone: Zone) -> Iterable[str]:
    by_time: dict[str, list[str]] = {}
    for source in sources:
        if source.read_at_utc is not None:
            by_time.setdefault(_moment(source.read_at_utc, zone), []).append(source.label)
    if len(by_time) == 1:
        yield f"Last read on {next(iter(by_time))}."
    elif by_time:
        yield f"Last read: {'; '.join(f'{listed(names)} on {at}' for at, names in by_time.items())}."
    failing = [source.label for source in sources if source.error]
    if failing:
        yield f"{listed(failing)} could not be read the last time: newer use may be missing."


def _moment(at_utc: int, zone: Zone) -> str:
    local = at_utc + zone.offset_s(at_utc)
    minutes = local // 60
    return f"{day_text(date_of_day_number(local // DAY_S))} at {minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _beginning(begins: date, first: date) -> Iterable[str]:
    """Where the month, or the one it is compared with, may be known in part only."""
    if begins > (first - timedelta(days=1)).replace(day=1):
        yield f"The history begins on {day_text(begins)}: what was used before is not known."


def _unpriced(rows: Sequence[UsageRow], style: NumberStyle) -> Iterable[str]:
    tokens: dict[str, int] = {}
    for row in rows:
        if row.unpriced_tokens:
            tokens[row.key("model")] = tokens.get(row.key("model"), 0) + row.unpriced_tokens
    if tokens:
        names = sorted(tokens, key=lambda name: (-tokens[name], name))
        count = style.number(sum(tokens.values()))
        yield (
            f"{count} tokens of {listed(names)} have no known list price and are in no amount, so totals are"
            " “at least”."
        )


def _caveats(rows: Sequence[UsageRow], labels: dict[str, str]) -> Iterable[str]:
    for caveat in Caveat:
        agents = dict.fromkeys(row.key("agent") for row in rows if caveat.value in row.caveats)
        if agents:
            yield f"{listed(labels.get(agent, agent) for agent in agents)}: {words.CAVEAT_WORDS[caveat]}."


def _other_currencies(rows: Sequence[UsageRow], currency: str, style: NumberStyle) -> Iterable[str]:
    for other in sorted({row.currency for row in rows} - {currency}):
        cost, _, unpriced, _, _ = words.add_up(row for row in rows if row.currency == other)
        amount = words.amount_text(cost, unpriced, other, style)
        yield f"Use worth {amount} is in no total, for nothing converts {other} here."


def _day_sentence(days: tuple[date, date], zone: Zone) -> str:
    offsets = dict.fromkeys(offset_text(zone.offset_s(day_start_utc(day, zone))) for day in days)
    return f"Days begin at local midnight (UTC{listed(offsets)})."
