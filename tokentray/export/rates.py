"""The exchange rates of a month: those that its amounts were converted at."""

from collections.abc import Iterable
from datetime import date

from tokentray.export.frame import Frame
from tokentray.insight.converted import landing, rates_used
from tokentray.model import ExchangeRate, UsageRow


def exchange_rates(frame: Frame, rows: Iterable[UsageRow], days: tuple[date, date]) -> tuple[ExchangeRate, ...]:
    """As they were set, by the currency that they lead from and by date, each once."""
    home = frame.home
    converted = {row.currency for row in rows if (row.cost or row.list_cost) and landing(row, home) == home.currency}
    used = [
        rate
        for currency in sorted(converted - {home.currency})
        for rate in rates_used(frame.told.rates, currency, home.currency, *days)
    ]
    return tuple(dict.fromkeys(used))
