"""The exchange rates of a month: those that its amounts were converted at, as figures and in words."""

from collections.abc import Iterable, Mapping
from datetime import date

from tokentray.export.frame import Frame
from tokentray.insight import told_words
from tokentray.insight.converted import landing, rates_used
from tokentray.model import ExchangeRate, UsageRow

_Span = tuple[date, date]
"""The first and last day of a month that are covered."""


def exchange_rates(frame: Frame, rows: Iterable[UsageRow], days: _Span) -> tuple[ExchangeRate, ...]:
    """As they were set, by the currency of the amounts and by date, each once."""
    return tuple(dict.fromkeys(rate for used in _by_currency(frame, rows, days).values() for rate in used))


def sentences(frame: Frame, rows: Iterable[UsageRow], days: _Span) -> Iterable[str]:
    """One a currency that was converted, with the day each of its rates holds from."""
    for currency, used in _by_currency(frame, rows, days).items():
        said = [
            f"{told_words.exchange_text(rate, frame.style)} from {told_words.day_text(rate.valid_from)}"
            for rate in used
        ]
        yield f"Amounts in {currency} are converted at the rate of their day: {'; '.join(said)}."


def _by_currency(frame: Frame, rows: Iterable[UsageRow], days: _Span) -> Mapping[str, tuple[ExchangeRate, ...]]:
    """The rates that lead from each currency with amounts to the one that they are told in."""
    home = frame.home
    converted = {row.currency for row in rows if (row.cost or row.list_cost) and landing(row, home) == home.currency}
    return {
        currency: rates_used(frame.told.rates, currency, home.currency, *days)
        for currency in sorted(converted - {home.currency})
    }
