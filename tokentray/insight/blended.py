"""What a model's tokens cost per million: as they were paid, and as the list had it. Pure and exact.

Both are of all kinds of tokens together. A price that is paid moves with the mix of kinds and with the list; the list
price of one and the same mix moves with the list alone, so the two side by side tell them apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.clock import DAY_S, date_of_day_number
from tokentray.model import Price, Tier, UsageRow
from tokentray.money import Femtos, Nanos, femtos_to_decimal, nanos_to_decimal

_MILLION = 1_000_000
_EPOCH = date(1970, 1, 1)


class Use(NamedTuple):
    """Tokens of one model, by provider and tier. counts: in the order of Rates.cost, searches last."""

    provider: str
    tier: str
    counts: tuple[int, ...]

    @property
    def tokens(self) -> int:
        """All of them; a search is none."""
        return sum(self.counts[:-1])


def uses(rows: Iterable[UsageRow]) -> list[Use]:
    """Rows by provider and tier as the use of each, those of no token and no search left out."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        counts = (
            row.input_tokens,
            row.output_tokens,
            row.cache_read_tokens,
            row.cache_write_5m_tokens,
            row.cache_write_1h_tokens,
            row.web_search_requests,
        )
        if any(counts):
            tier = row.key("tier") or Tier.STANDARD.value  # a usage report may name none
            held = sums.setdefault((row.key("provider"), tier), [0] * len(counts))
            held[:] = [one + more for one, more in zip(held, counts, strict=True)]
    return [Use(provider, tier, tuple(counts)) for (provider, tier), counts in sums.items()]


def per_million(amount: Decimal | Fraction, tokens: int) -> Fraction | None:
    """Currency units a million tokens, None where there are none."""
    return Fraction(Fraction(amount) * _MILLION, tokens) if tokens > 0 else None


def change_percent(before: Fraction | None, after: Fraction | None) -> Fraction | None:
    """How much dearer in percent, below nothing where cheaper; None where there is nothing to compare."""
    return None if after is None or not before else (Fraction(after, before) - 1) * 100


def price_on(prices: Iterable[Price], tier: str, day: date) -> Price | None:
    """The list price of a tier on a UTC date, of requests that are not long; None where none is known."""
    at_utc = (day - _EPOCH).days * DAY_S
    held = [one for one in prices if one.tier == tier and _holds(one, at_utc)]
    return min(held, key=lambda one: one.band, default=None)


def list_per_million(mix: Iterable[Use], prices: Mapping[str, Sequence[Price]], day: date) -> Fraction | None:
    """What a mix of tokens cost a million at the list prices of a UTC date.

    prices: by provider. Use that never has a price is left out; None where a price is known only on other dates, or
    of nothing.
    """
    cost, tokens = Femtos(0), 0
    for use in mix:
        known = prices.get(use.provider, ())
        price = price_on(known, use.tier, day)
        if price is not None:
            cost, tokens = Femtos(cost + price.rates.cost(*use.counts)), tokens + use.tokens
        elif any(one.tier == use.tier for one in known):
            return None
    return per_million(femtos_to_decimal(cost), tokens)


def since(prices: Sequence[Price], tier: str, day: date) -> date | None:
    """Since when the rates that hold on a UTC date have been what they are; None where no change is known before."""
    now = price_on(prices, tier, day)
    while now is not None and now.valid_from_utc is not None:
        begins = date_of_day_number(now.valid_from_utc // DAY_S)
        before = price_on(prices, tier, date.fromordinal(begins.toordinal() - 1))
        if before is None or before.rates != now.rates:
            return begins if before is not None else None
        now = before
    return None


def changes(prices: Sequence[Price], tier: str, first: date, last: date) -> list[date]:
    """UTC dates after `first` and up to `last` on which the rates of a tier became others, in order."""
    begins = {one.valid_from_utc // DAY_S for one in prices if one.tier == tier and one.valid_from_utc is not None}
    days = sorted(date_of_day_number(number) for number in begins)
    return [day for day in days if first < day <= last and since(prices, tier, day) == day]


def main_tier(mix: Iterable[Use], provider: str) -> str:
    """The tier that a price is told of: standard where any of the use is, else the one with the most tokens."""
    mine = sorted((use for use in mix if use.provider == provider), key=lambda use: -use.tokens)
    tiers = [use.tier for use in mine]
    return tiers[0] if tiers and Tier.STANDARD.value not in tiers else Tier.STANDARD.value


def main_provider(mix: Iterable[Use]) -> str:
    """The provider of the most tokens."""
    sums: dict[str, int] = {}
    for use in mix:
        sums[use.provider] = sums.get(use.provider, 0) + use.tokens
    return max(sums, key=lambda provider: (sums[provider], provider), default="")


def rate(nanos: int) -> Decimal:
    """A rate of a price in currency units a million tokens."""
    return nanos_to_decimal(Nanos(nanos))


def _holds(price: Price, at_utc: int) -> bool:
    after_start = price.valid_from_utc is None or price.valid_from_utc <= at_utc
    return after_start and (price.valid_to_utc is None or at_utc < price.valid_to_utc)
