"""The words under a month: how its figures are known, as of when, and what is missing."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tokentray.clock import Zone, local_date
from tokentray.export import known_spend, rates
from tokentray.export.dates import day_text, moment_text, offsets_text
from tokentray.export.frame import Frame, Split
from tokentray.insight import words
from tokentray.insight.tally import tally
from tokentray.model import Caveat, UsageRow
from tokentray.prices.lookup import table_info
from tokentray.store.queries import SourceRow


def sentences(
    frame: Frame, split: Split, days: tuple[date, date], begins: date | None, zone: Zone, *, redact: bool = False
) -> tuple[str, ...]:
    """Everything a reader needs in order to trust the figures, or not.

    days: the first and last covered. begins: the first day with use of the whole history. redact: the time zone goes
    unnamed, as its name is that of a place.
    """
    rows = [*split.counted, *split.others, *split.elsewhere, *split.unsaid]
    agents = {row.key("agent") for row in rows}
    used = [source for source in frame.told.sources if source.kind == "agent" and source.name in agents]
    labels = {source.name: source.label for source in used}
    return (
        *(known_spend.sentences(frame, split, days) if frame.counts_spend else [_estimated(labels.values())]),
        *_reads(used, days[1], zone),
        *(_prices() if used or not frame.counts_spend else []),
        *_beginning(begins, days[0]),
        *_unpriced(rows, frame),
        *_caveats(rows, frame),
        *rates.sentences(frame, rows, days),
        *_others(split, frame),
        _amounts(frame),
        _day_sentence(days, zone, "" if redact else zone.name),
    )


def _estimated(labels: Iterable[str]) -> str:
    return (
        f"Estimated: the tokens in the logs of {words.listed(list(labels)) or 'agents'} on this machine, at the"
        " provider's list price of each day. No bill was looked at; discounts, plans and taxes are not in it."
    )


def _prices() -> Iterable[str]:
    info = table_info()
    last = day_text(date.fromisoformat(info.data_date))
    yield f"Prices are those of {info.source} {info.version}, kept up to {last}."


def _reads(sources: Sequence[SourceRow], last: date, zone: Zone) -> Iterable[str]:
    by_time: dict[str, list[str]] = {}
    read_at = [source.read_at_utc for source in sources if source.read_at_utc is not None]
    for source in sources:
        if source.read_at_utc is not None:
            by_time.setdefault(moment_text(source.read_at_utc, zone), []).append(source.label)
    if len(by_time) == 1:
        yield f"Last read on {next(iter(by_time))}."
    elif by_time:
        yield f"Last read: {'; '.join(f'{words.listed(names)} on {at}' for at, names in by_time.items())}."
    if read_at and local_date(max(read_at), zone) < last:
        yield f"Fees are counted up to {day_text(last)}; use after the last read is not in it."
    failing = [source.label for source in sources if source.error]
    if failing:
        yield f"{words.listed(failing)} could not be read the last time: newer use may be missing."


def _beginning(begins: date | None, first: date) -> Iterable[str]:
    """Where the month, or the one it is compared with, may be known in part only."""
    if begins and begins > (first - timedelta(days=1)).replace(day=1):
        yield f"The history begins on {day_text(begins)}: what was used before is not known."


def _unpriced(rows: Sequence[UsageRow], frame: Frame) -> Iterable[str]:
    tokens: dict[str, int] = {}
    for row in rows:
        if row.unpriced_tokens:
            tokens[row.key("model")] = tokens.get(row.key("model"), 0) + row.unpriced_tokens
    if tokens:
        names = sorted(tokens, key=lambda name: (-tokens[name], name))
        count = frame.style.number(sum(tokens.values()))
        yield (
            f"{count} tokens of {words.listed_few(names, frame.style)} have no known list price and are in no amount,"
            " so totals are “at least”."
        )


def _caveats(rows: Sequence[UsageRow], frame: Frame) -> Iterable[str]:
    for caveat in Caveat:
        sources = dict.fromkeys(row.key("agent") or row.key("source") for row in rows if caveat.value in row.caveats)
        if sources:
            labels = [frame.names.source(source) for source in sources]
            yield f"{words.listed(labels)}: {words.CAVEAT_WORDS[caveat]}."


def _amounts(frame: Frame) -> str:
    """What amounts are in, and what of a bill is in them."""
    told = f"Amounts are in {frame.currency if frame.counts_spend else frame.list_currency}"
    if not frame.counts_spend:
        return f"{told}."
    if frame.list_currency != frame.currency:
        told = f"Spend is in {frame.currency}, worth at list price in {frame.list_currency}"
    return f"{told}. Spend is before tax, after discounts, and before credits and gifts."


def _others(split: Split, frame: Frame) -> Iterable[str]:
    """Amounts that stand apart because of their currency."""
    for other in sorted({row.currency for row in split.others}):
        apart = tally([row for row in split.others if row.currency == other], frame.home._replace(currency=""))
        if not frame.counts_spend:
            amount = words.worth_text(apart, other, frame.style)
            yield f"Use worth {amount} is in no total, for nothing converts {other} here."
            continue
        amount = words.spend_text(apart, other, frame.style)
        why = f"no exchange rate leads from {other} to {frame.currency}"
        if frame.home.exchange.reaches(other, frame.currency):
            why = f"no currency is chosen to show {other} and {frame.currency} in"
        yield f"{amount} stands apart and is in no total: {why}."


def _day_sentence(days: tuple[date, date], zone: Zone, name: str) -> str:
    place = f" in {name}" if name else ""
    return f"Days begin at local midnight{place} (UTC{offsets_text(days, zone)})."
