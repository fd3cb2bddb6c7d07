"""The values that cross from one part of the app to another: frozen, and free of effects.

Times are integer UTC seconds, token counts plain integers, money exact. Named tuples rather than dataclasses here
and below: each dataclass costs 0.8 ms of start-up and the module 11 ms, and a status bar starts us every few seconds.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from tokentray.money import Femtos, Nanos


class Basis(StrEnum):
    """How an amount is known, best first."""

    BILLED = "billed"
    METERED = "metered"
    ESTIMATED = "estimated"
    PLAN = "plan"
    CHARGE = "charge"


class Tier(StrEnum):
    """The service tier a request was made on. The order is the one stored: append only."""

    STANDARD = "standard"
    FAST = "fast"
    BATCH = "batch"
    FLEX = "flex"
    PRIORITY = "priority"


TIERS: tuple[Tier, ...] = tuple(Tier)


class Caveat(StrEnum):
    """What is known to be imperfect in a row. The order is that of the stored bits: append only."""

    OUTPUT_UNDERCOUNTED = "output-undercounted"
    PRICE_ASSUMED = "price-assumed"
    MODEL_ASSUMED = "model-assumed"
    PARTIAL_DAY = "partial-day"
    UTC_DAY = "utc-day"
    SEEN_ELSEWHERE = "seen-elsewhere"
    TOKENS_NOT_REPORTED = "tokens-not-reported"
    BAND_UNKNOWN = "band-unknown"
    SPANS_DAYS = "spans-days"
    ORGANISATION_WIDE = "organisation-wide"
    BILL_DIFFERS = "bill-differs"


CAVEAT_BIT: dict[Caveat, int] = {caveat: 1 << index for index, caveat in enumerate(Caveat)}


STORED_CAVEATS = (Caveat.OUTPUT_UNDERCOUNTED, Caveat.PRICE_ASSUMED, Caveat.MODEL_ASSUMED, Caveat.BAND_UNKNOWN)
"""Those that a record can carry; the others come about while amounts are counted."""


def caveats_of(bits: int) -> tuple[Caveat, ...]:
    """The caveats of a stored bit mask, in their order."""
    return tuple(caveat for caveat, bit in CAVEAT_BIT.items() if bits & bit)


class LogEvent(NamedTuple):
    """One model call as an agent's log tells it.

    (message_key, request_key) is durable: the same call read again, from whichever file, has the same one.
    Where two readings differ, merge_events() says what is kept.
    """

    message_key: int
    """64-bit hash of the call's own id, signed."""
    request_key: int
    """32-bit hash of the request id, or 0."""
    at_utc: int
    provider: str
    model: str
    tier: int
    """Index into TIERS."""
    project: str
    """Root folder of the project, "" where the log names none."""
    session: str
    sidechain: int
    """1 for a sub-agent's line: the parent's line of the same call is preferred."""
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    web_searches: int
    caveats: int
    """Bits of CAVEAT_BIT."""


def merge_events(one: LogEvent, other: LogEvent) -> LogEvent:
    """Two readings of one call as one: the same rule as the history's upsert, whatever the order.

    The reading with more output wins, then with more of everything else, last by the model's name. The call
    belongs to a parent rather than a sub-agent, then to the first session and project by name. Its time is the
    earliest seen.
    """
    counts = max(one, other, key=_counts)
    owner = min(one, other, key=_owner)
    return counts._replace(
        at_utc=min(one.at_utc, other.at_utc),
        project=owner.project,
        session=owner.session,
        sidechain=owner.sidechain,
    )


def _counts(event: LogEvent) -> tuple[int | str, ...]:
    return (
        event.output_tokens,
        event.input_tokens,
        event.cache_read_tokens,
        event.cache_write_5m_tokens,
        event.cache_write_1h_tokens,
        event.reasoning_tokens,
        event.tier,
        event.web_searches,
        event.caveats,
        event.provider,
        event.model,
    )


def _owner(event: LogEvent) -> tuple[int, str, str]:
    return (event.sidechain, event.session, event.project)


class Rates(NamedTuple):
    """List prices in nano-units of the currency per million tokens (or per million searches)."""

    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    web_search: int | None = None

    def cost(
        self,
        input_tokens: int,
        output_tokens: int,
        cache_read_tokens: int,
        cache_write_5m_tokens: int,
        cache_write_1h_tokens: int,
        web_searches: int,
    ) -> Femtos:
        """What tokens cost at these rates, exactly. Reasoning is inside output and so is priced once."""
        return Femtos(
            input_tokens * self.input
            + output_tokens * self.output
            + cache_read_tokens * self.cache_read
            + cache_write_5m_tokens * self.cache_write_5m
            + cache_write_1h_tokens * self.cache_write_1h
            + web_searches * (self.web_search or 0)
        )


class Price(NamedTuple):
    """What one model costs on one tier and in one band, from a UTC date on.

    band: 0, or the number of input tokens (cached ones included) above which the whole request costs this.
    valid_from, valid_to: UTC dates as seconds, the end excluded; None is "for ever".
    assumed: taken over from another model or derived, so its rows carry the caveat `price-assumed`.
    """

    tier: Tier
    band: int
    rates: Rates
    valid_from_utc: int | None
    valid_to_utc: int | None
    assumed: bool = False
    currency: str = "USD"


class UsageRow(NamedTuple):
    """One group of usage: the fields of a row of `tokentray usage --json`, money unrounded.

    keys: grouping key to its value, in the order asked for. cost: what counts as spend. list_cost: None where
    there are tokens and none of them could be priced. unpriced_tokens: those without a price;
    unpriced_paid_tokens: the part of them that the person pays for, so that `cost` is "at least". Rows are taken apart
    by the order of their fields where many are added up.
    """

    keys: tuple[tuple[str, str], ...]
    requests: int
    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_read_tokens: int
    cache_write_5m_tokens: int
    cache_write_1h_tokens: int
    web_search_requests: int
    cost: Decimal
    list_cost: Decimal | None
    unpriced_tokens: int
    unpriced_paid_tokens: int
    currency: str
    basis: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    def total_tokens(self) -> int:
        """Input, cache and output together."""
        return (
            self.input_tokens
            + self.output_tokens
            + self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
        )

    def key(self, name: str) -> str:
        """The value of one grouping key, "" where the row was not grouped by it."""
        for key, value in self.keys:  # a few at most, and asked for very often
            if key == name:
                return value
        return ""


class ReferencePoint(NamedTuple):
    """What the person measures money against, from a date on. Those of one kind and name are one point in time.

    kind: "hourly", "pay" or "thing". amount: currency units an hour, a year, or apiece. name: of a thing, else "".
    leads: whether it is the one that amounts are shown in.
    """

    id: int
    kind: str
    name: str
    amount: Decimal
    currency: str
    valid_from: date
    leads: bool = False


class ExchangeRate(NamedTuple):
    """One unit of `base` is `rate` units of `quote`, from a date on; the first holds backwards too."""

    id: int
    base: str
    quote: str
    rate: Decimal
    valid_from: date


class PayerKind(StrEnum):
    """Who can pay for an agent's tokens."""

    PLAN = "plan"
    ACCOUNT = "account"
    PAYG = "payg"
    NOBODY = "nobody"


class Payer(NamedTuple):
    """Who pays: a plan or an account by its id, the person as they go, or nobody here (an employer's key)."""

    kind: PayerKind
    id: int = 0

    def __str__(self) -> str:
        """As the command line writes it: "plan:3", "account:2", "payg", "nobody"."""
        return f"{self.kind}:{self.id}" if self.id else str(self.kind)


def payer_of(text: str) -> Payer:
    """The payer that a text like "plan:3" names. Raises ValueError."""
    kind, separator, number = text.partition(":")
    named = PayerKind(kind)
    if (named in (PayerKind.PLAN, PayerKind.ACCOUNT)) != bool(separator):
        raise ValueError(text)
    if not separator:
        return Payer(named)
    if not (number.isascii() and number.isdigit() and int(number)):
        raise ValueError(text)
    return Payer(named, int(number))


class PayerRule(NamedTuple):
    """Who pays for what matches. agent, provider, project: "" for any. valid_from: None from the first day on.

    Rules stand in the order in which they were given; the last match wins. One that names a plan matches only while
    the plan runs.
    """

    id: int
    agent: str
    provider: str
    project: str
    valid_from: date | None
    payer: Payer


class PlanTerm(NamedTuple):
    """A stretch of a plan at one fee. last_day: included, None while it runs on.

    cycle_day: the day of the month, 1 to 28, on which a billing month begins.
    """

    id: int
    fee_nanos: Nanos
    currency: str
    first_day: date
    last_day: date | None
    cycle_day: int


class Plan(NamedTuple):
    """A flat fee for one or several agents; its terms in the order of their dates, none overlapping."""

    id: int
    name: str
    provider: str
    terms: tuple[PlanTerm, ...]


class Charge(NamedTuple):
    """An amount typed in by hand. text: what it is for, "" for nothing said."""

    id: int
    day: date
    amount_nanos: Nanos
    currency: str
    provider: str
    text: str


class Note(NamedTuple):
    """A line on what a day's spend bought. project: "" for all of the day's.

    quantity: how much there is of what `of` names, None and "" where nothing was counted.
    """

    id: int
    day: date
    text: str
    project: str
    quantity: Decimal | None
    of: str


class ExportedFile(NamedTuple):
    """A file that an export wrote. digest: SHA-256 of its bytes, in hexadecimal."""

    format: str
    path: str
    digest: str


class ExportRecord(NamedTuple):
    """A month that was written to files. month: "2026-10".

    automatic: by itself rather than on request. provisional: it was not the last word then. figures: what was said, as
    export.since writes it; it names no project and no note.
    """

    id: int
    month: str
    at_utc: int
    redacted: bool
    automatic: bool
    provisional: bool
    files: tuple[ExportedFile, ...]
    figures: str
