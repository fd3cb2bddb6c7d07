"""What accounts are counted from, and what comes out: tokens by place and time, bills, and parts of the total.

Plain values, exact in femto-units. Ids are those of the history's names, 0 for none.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokentray.clock import HOUR_S
from tokentray.model import Basis, Rates
from tokentray.money import Femtos

Tokens = tuple[int, ...]
"""Requests, input, output, reasoning, cache reads, 5-minute and 1-hour cache writes, searches."""
NO_TOKENS: Tokens = (0,) * 8
REQUESTS, OUTPUT, REASONING = 0, 2, 3
"""Where some of them stand. Usage reports need not tell requests or reasoning."""
NO_TIER = -1


class Place(NamedTuple):
    """What a record is grouped by besides its time."""

    model_id: int = 0
    tier: int = NO_TIER
    agent_id: int = 0
    project_id: int = 0
    session_id: int = 0
    machine_id: int = 0
    key_name: str = ""


class Share(NamedTuple):
    """The part of a log record that is one session's on one machine."""

    session_id: int
    machine_id: int
    tokens: Tokens


class Record(NamedTuple):
    """Tokens of one place and bucket: from an account's usage report, or from logs that the account pays for.

    rates: None where the model has no price. caveats: bits of CAVEAT_BIT. shares: the sessions of a log record where
    they are asked for; the record is counted whole and split among them last, so that they add up to it.
    """

    start_utc: int
    width_s: int
    account: int
    place: Place
    tokens: Tokens
    rates: Rates | None
    currency: str
    caveats: int = 0
    shares: tuple[Share, ...] = ()

    @property
    def end_utc(self) -> int:
        return self.start_utc + self.width_s

    @property
    def list_cost(self) -> Femtos | None:
        """Its tokens at list price; None where that is not known."""
        if self.rates is None:
            return None
        _, fresh, output, _, read, write_5m, write_1h, searches = self.tokens
        return self.rates.cost(fresh, output, read, write_5m, write_1h, searches)

    def by_session(self) -> Iterator["Record"]:
        """The record split among its sessions; itself where it has none."""
        if not self.shares:
            yield self
            return
        kinds = [
            lay(count, [share.tokens[kind] for share in self.shares], capped=False)[0]
            for kind, count in enumerate(self.tokens)
        ]
        for share, tokens in zip(self.shares, zip(*kinds, strict=True), strict=True):
            place = self.place._replace(session_id=share.session_id, machine_id=share.machine_id)
            yield self._replace(place=place, tokens=tokens, shares=())


class Bill(NamedTuple):
    """A bucket of an account's cost report. model_id: 0 where it names none. item: what is no model's use.

    interval: it is no bucket, but the time between two looks at a counter or balance: of any length, on quarter hours.
    """

    start_utc: int
    width_s: int
    account: int
    model_id: int
    amount: Femtos
    currency: str
    item: str = ""
    key_name: str = ""
    interval: bool = False

    @property
    def end_utc(self) -> int:
        return self.start_utc + self.width_s


class Feed(NamedTuple):
    """A stretch that a report of an account covers; it may have several. basis: billed or metered.

    complete_to_utc: its watermark. A bucket that it cuts is not complete; for a live counter it is the end of the
    bucket that is being counted. scope: what the account sees, as a path, "" for only its own: one that another begins
    with, up to a "/", sees all of the other. step_s: what it counts in, from whole hours to whole hours unless it is a
    counter that is looked at again and again.
    """

    account: int
    basis: Basis
    covered_from_utc: int
    complete_to_utc: int
    scope: str = ""
    step_s: int = HOUR_S


class Counted(NamedTuple):
    """A part of the total. cost in `currency`; list_cost in `list_currency`, None where it is not known.

    start_utc, width_s: the bucket it stands in; one of a day stands on the UTC date of that name and has the caveat
    utc-day. interval: it is what is left of one, and stands on the date on which that ends. account: the one whose
    report counts, or that pays for the logs. caveats: bits of CAVEAT_BIT. rates: those of its list cost. kinds: its
    cost by kind of token as store.kinds has them, () where it is shared among them by list cost.
    """

    start_utc: int
    width_s: int
    account: int
    place: Place
    tokens: Tokens
    cost: Femtos
    currency: str
    list_cost: Femtos | None
    list_currency: str
    basis: Basis
    caveats: int = 0
    interval: bool = False
    rates: Rates | None = None
    kinds: tuple[int, ...] = ()

    @property
    def end_utc(self) -> int:
        return self.start_utc + self.width_s


def lay(amount: int, rooms: Sequence[int], *, capped: bool = True) -> tuple[list[int], int]:
    """Share `amount` in proportion to `rooms` by largest remainder, none above its own. Returns parts and what is left.

    10 over 8 and 4 gives 6.67 and 3.33; 14 gives 8 and 4, and 2 is left. Ties go to the earlier one; what has no room
    gets nothing, and an amount below nothing is left whole. capped: False where rooms are only proportions.
    """
    whole = sum(rooms)
    if capped and amount >= whole:
        return list(rooms), amount - whole
    if whole <= 0 or amount <= 0:
        return [0] * len(rooms), amount
    if len(rooms) == 1:
        return [amount], 0
    parts = [amount * room // whole for room in rooms]
    by_remainder = sorted(range(len(rooms)), key=lambda i: (-(amount * rooms[i] % whole), i))
    for index in by_remainder[: amount - sum(parts)]:
        parts[index] += 1
    return parts, 0
