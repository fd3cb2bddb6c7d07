"""`prices MODEL`: the list prices this build knows, with their dates, tiers and bands."""

import argparse

from tokentray.cli.context import Context, print_json, table, visible
from tokentray.clock import DAY_S, date_of_day_number
from tokentray.errors import NoDataError
from tokentray.model import Price
from tokentray.money import Nanos, NumberStyle, nanos_to_decimal, plain
from tokentray.prices import lookup


def show(context: Context, options: argparse.Namespace) -> int:
    """Exit status 3 where the table has no price for the model."""
    prices = lookup.find(options.provider, options.model)
    if not prices:
        raise NoDataError(
            f"no list price for {visible(options.model)!r}",
            "it is not in the price table, so its tokens count as unpriced",
            "Check the name as `tokentray usage --by provider,model` shows it",
        )
    if options.json:
        print_json([_json(price) for price in prices])
        return 0
    info = lookup.table_info()
    print(f"USD per million tokens, from {info.source} {info.version} ({info.data_date})")
    print()
    print(table(_HEADER, [_row(price, context.style) for price in prices], 3))
    if any(price.assumed for price in prices):
        print("\n* assumed: taken over from a related price, not published as such")
    return 0


_HEADER = [
    "tier",
    "input tokens",
    "from",
    "input",
    "output",
    "cache read",
    "write 5m",
    "write 1h",
    "1k searches",
]


def _row(price: Price, style: NumberStyle) -> list[str]:
    rates = price.rates
    cells = (rates.input, rates.output, rates.cache_read, rates.cache_write_5m, rates.cache_write_1h)
    search = "" if rates.web_search is None else plain(nanos_to_decimal(Nanos(rates.web_search)) / 1000)
    return [
        f"{price.tier.value}{'*' if price.assumed else ''}",
        f"over {style.number(price.band)}" if price.band else "",
        _date(price.valid_from_utc) or "",
        *(plain(nanos_to_decimal(Nanos(rate))) for rate in cells),
        search,
    ]


def _json(price: Price) -> dict[str, object]:
    rates = price.rates
    return {
        "tier": price.tier.value,
        "above_input_tokens": price.band,
        "from": _date(price.valid_from_utc),
        "until": _date(price.valid_to_utc),
        "currency": price.currency,
        "input_per_million": plain(nanos_to_decimal(Nanos(rates.input))),
        "output_per_million": plain(nanos_to_decimal(Nanos(rates.output))),
        "cache_read_per_million": plain(nanos_to_decimal(Nanos(rates.cache_read))),
        "cache_write_5m_per_million": plain(nanos_to_decimal(Nanos(rates.cache_write_5m))),
        "cache_write_1h_per_million": plain(nanos_to_decimal(Nanos(rates.cache_write_1h))),
        "web_search_per_thousand": None
        if rates.web_search is None
        else plain(nanos_to_decimal(Nanos(rates.web_search)) / 1000),
        "assumed": price.assumed,
    }


def _date(at_utc: int | None) -> str | None:
    return None if at_utc is None else date_of_day_number(at_utc // DAY_S).isoformat()
