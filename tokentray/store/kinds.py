"""Usage taken apart by kind of token, for the key `kind`. Pure and exact: the parts add up to what was taken apart.

Requests, fees, charges and money that no token count tells are of no kind, "".
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tokentray.model import CAVEAT_BIT, Caveat, Rates
from tokentray.store.records import NO_TOKENS, OUTPUT, REASONING, REQUESTS, Tokens, lay

SEARCH = "search"
KINDS: tuple[str, ...] = ("input", "output", "cache-read", "cache-write-5m", "cache-write-1h", SEARCH)
"""In the order of their counts; reasoning is a part of the output."""
NO_KIND = ""
PLACES = tuple(place for place in range(len(NO_TOKENS)) if place not in (REQUESTS, REASONING))
"""Where the count of each stands in Tokens."""
_UNDERCOUNTED = CAVEAT_BIT[Caveat.OUTPUT_UNDERCOUNTED]
_NOTHING = (0,) * len(KINDS)


class Part(NamedTuple):
    """What is of one kind, in femto-units. list_cost: None where it is not known."""

    kind: str
    tokens: Tokens
    cost: int
    list_cost: int | None


def list_costs(tokens: Sequence[int], rates: Rates | None) -> tuple[int, ...]:
    """What the tokens of each kind cost at list price; nothing where they have none."""
    if rates is None:
        return _NOTHING
    of_kinds = (*rates[:5], rates.web_search or 0)
    return tuple(tokens[place] * rate for place, rate in zip(PLACES, of_kinds, strict=True))


def by_kind(
    tokens: Sequence[int],
    cost: int,
    list_cost: int | None,
    rates: Rates | None,
    costs: Sequence[int] = (),
    list_costs_known: Sequence[int] = (),
) -> Iterator[Part]:
    """Everything there is, by kind; one part at least.

    Amounts are shared by what each kind costs at list price, by largest remainder; what cannot be shared so is of no
    kind. costs, list_costs_known: where they are known by kind already.
    """
    worth = list_costs(tokens, rates)
    paid, rest = _shared(cost, worth, costs)
    listed, list_rest = (paid, 0) if list_cost is None else _shared(list_cost, worth, list_costs_known)
    counts_tell = False
    for place, kind, share, worth_of in zip(PLACES, KINDS, paid, listed, strict=True):
        if tokens[place] or share or worth_of or (place == OUTPUT and tokens[REASONING]):
            counts_tell = True
            yield Part(kind, _only(tokens, place), share, None if list_cost is None else worth_of)
    if tokens[REQUESTS] or rest or list_rest or not counts_tell:
        # Requests of a model without a price are worth nothing by themselves; money that no count tells is unknown.
        unknown = list_cost is None and not counts_tell
        yield Part(NO_KIND, (tokens[REQUESTS], *NO_TOKENS[1:]), rest, None if unknown else list_rest)


def _shared(amount: int, worth: Sequence[int], known: Sequence[int]) -> tuple[Sequence[int], int]:
    """An amount by kind, and what is of none."""
    return (known, amount - sum(known)) if known else lay(amount, worth, capped=False)


def _only(tokens: Sequence[int], place: int) -> Tokens:
    kept = (place, REASONING) if place == OUTPUT else (place,)
    return tuple(count if index in kept else 0 for index, count in enumerate(tokens))


def caveats_of_kind(caveats: int, kind: str) -> int:
    """Those of a row that hold for a part of it: bits of CAVEAT_BIT. Input is not known the worse for output."""
    return caveats if kind == "output" else caveats & ~_UNDERCOUNTED
