"""What a provider's own books say, as values: made by providers, kept by the store. Frozen, and free of effects.

Times are integer UTC seconds, money integer nano-units of its currency, counts plain integers. A bucket carries its
total, never a difference.
"""

from collections.abc import Mapping
from typing import NamedTuple

from tokentray.model import Basis, Tier
from tokentray.money import Nanos

Own = Mapping[str, tuple[str, ...]]
"""The own part of an organisation, in the provider's terms: {"user_id": ("user-1",), "api_key_id": ("key_1",)}."""

ALL: Own = {}
"""Not limited to any part."""


class Window(NamedTuple):
    """A stretch of time, the end excluded."""

    start_utc: int
    end_utc: int


class BilledRow(NamedTuple):
    """Money of one bucket. model: as the provider names it, "" where the money is no model's.

    width_s: 60, 900, 3600 or 86400; start_utc a multiple of it. item: what else the money is for ("web search"), ""
    for a model's tokens. key_name: the provider's id of the API key, "" where it is not known.
    """

    start_utc: int
    width_s: int
    model: str
    currency: str
    amount: Nanos
    item: str = ""
    key_name: str = ""


class MeteredRow(NamedTuple):
    """Tokens of one bucket. input_tokens: without cached ones. reasoning_tokens: the part of the output.

    band: input tokens above which the request costs more, 0 for none, None where the provider does not tell. assumed:
    the tier is one that is not known, and taken for what stands here.
    """

    start_utc: int
    width_s: int
    model: str
    tier: Tier = Tier.STANDARD
    band: int | None = 0
    key_name: str = ""
    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    reasoning_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    web_searches: int = 0
    assumed: bool = False

    @property
    def counts(self) -> tuple[int, ...]:
        """Requests, tokens by kind and searches, in the order of the fields."""
        return self[6:14]


class IntervalRow(NamedTuple):
    """Money spent at some time within a stretch that is no bucket, such as between two readings of a balance.

    Never cut. Both ends are multiples of 900; rows of the same stretch, model, item and currency are added up.
    """

    start_utc: int
    end_utc: int
    currency: str
    amount: Nanos
    model: str = ""
    item: str = ""


class Reading(NamedTuple):
    """What a counter or a balance stood at. name: the provider's field, such as "total_balance"."""

    name: str
    currency: str
    at_utc: int
    amount: Nanos


class Report(NamedTuple):
    """One answer about a window, all pages of it. basis: billed or metered.

    complete_to_utc: up to when the provider says that it is complete; for a live counter the end of the bucket that
    is being counted.
    """

    basis: Basis
    window: Window
    complete_to_utc: int
    billed: tuple[BilledRow, ...] = ()
    metered: tuple[MeteredRow, ...] = ()


class Outcome(NamedTuple):
    """What one read of an account brought. It is kept whole or not at all.

    keys: names of API keys by id, for the eye. memory: what the provider wants to be handed next time, None to leave
    it as it is. ends: nothing older than this window will ever be told.
    """

    reports: tuple[Report, ...] = ()
    intervals: tuple[IntervalRow, ...] = ()
    readings: tuple[Reading, ...] = ()
    keys: Mapping[str, str] = {}
    memory: Mapping[str, str] | None = None
    ends: bool = False
