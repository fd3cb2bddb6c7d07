"""What tokens cost at list price: exact integers, no rounding and no look-up."""

from tokentray.model import Rates
from tokentray.money import Femtos


def list_cost_femtos(
    rates: Rates,
    *,
    input_tokens: int,
    output_tokens: int,
    cache_read_tokens: int,
    cache_write_5m_tokens: int,
    cache_write_1h_tokens: int,
    web_searches: int,
) -> Femtos:
    """The list cost of usage at one price, in 10⁻¹⁵ of its currency.

    input_tokens: those that neither came from a cache nor went into one. output_tokens: reasoning included,
    so reasoning is not handed in a second time. Searches without a rate add nothing: ask `unpriced_searches`.
    """
    return Femtos(
        input_tokens * rates.input
        + output_tokens * rates.output
        + cache_read_tokens * rates.cache_read
        + cache_write_5m_tokens * rates.cache_write_5m
        + cache_write_1h_tokens * rates.cache_write_1h
        + web_searches * (rates.web_search or 0)
    )


def unpriced_searches(rates: Rates, web_searches: int) -> int:
    """How many of the searches have no rate, so that their cost is missing from the list cost."""
    return web_searches if rates.web_search is None else 0
