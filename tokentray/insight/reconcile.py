"""Billed against metered or estimated, by account and UTC day, with the likely reason. Pure and exact.

A bill that equals the tokens at list price needs no words. Where it does not, the reason is a guess from what is
known: it is worded as one, and names what to look at.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from tokentray.model import Basis
from tokentray.money import NumberStyle, exact_sum, femtos_to_decimal, format_money
from tokentray.store.differing import SMALL, SMALL_PERCENT
from tokentray.store.reconcile import DayPair

_SMALL = femtos_to_decimal(SMALL)
_STEADY_DAYS = 4
_STEADY_PERCENT = 2


class Difference(NamedTuple):
    """One day of an account. other: its tokens at list price, metered where they are, else estimated from logs.

    percent: of the bill against the other, below 0 where the bill is less; None where there is nothing to compare.
    """

    day: date
    billed: Decimal | None
    other: Decimal | None
    basis: Basis | None
    currency: str
    percent: Fraction | None
    reason: str

    @property
    def amount(self) -> Decimal | None:
        """The bill less the other."""
        if self.billed is None or self.other is None:
            return None
        return exact_sum((self.billed, -self.other))


def differences(pairs: Iterable[DayPair]) -> list[Difference]:
    """The days of one account that have a bill, or tokens with a price, the newest first."""
    made = [_compare(pair) for pair in sorted(pairs, key=lambda pair: pair.utc_day, reverse=True)]
    known = [one for one in made if one is not None]
    steady = _steady(known)
    if steady is None:
        return known
    return [one._replace(reason=steady) if _explained(one) else one for one in known]


def differs(one: Difference) -> bool:
    """Whether a day is far enough apart to be worth a word."""
    if one.amount is None or one.percent is None:
        return False
    return abs(one.amount) > _SMALL and abs(one.percent) > SMALL_PERCENT


def summary(days: Sequence[Difference]) -> tuple[Decimal, Decimal, str] | None:
    """Bill and other of all the days that have both, complete or not, and their currency; None where none has."""
    both = [one for one in days if one.amount is not None]
    if not both or len({one.currency for one in both}) > 1:
        return None
    billed = exact_sum([one.billed for one in both if one.billed is not None])
    other = exact_sum([one.other for one in both if one.other is not None])
    return billed, other, both[0].currency


def compared_text(days: Sequence[Difference], style: NumberStyle) -> str:
    """ "$9.11 billed, ≈ $10.40 at list price by the logs here" of the days that have both; "" where none has."""
    found = summary(days)
    if found is None:
        return ""
    billed, other, currency = found
    bases = {one.basis for one in days if one.amount is not None}
    how = "by its own token counts" if bases == {Basis.METERED} else "by the logs here"
    if bases == {Basis.METERED, Basis.ESTIMATED}:
        how = "by token counts and logs"
    return (
        f"{format_money(billed, currency, style)} billed, ≈ {format_money(other, currency, style)} at list price {how}"
    )


def main_reason(reasons: Iterable[str]) -> str:
    """The reason of the most days, "" where they agree."""
    counts = Counter(filter(None, reasons))
    return counts.most_common(1)[0][0] if counts else ""


def _compare(pair: DayPair) -> Difference | None:
    currency = pair.currency
    billed = pair.billed.get(currency) if pair.billed else None
    basis, other, unpriced = _other(pair)
    if pair.billed and (len(pair.billed) > 1 or billed is None):
        name, amount = max(pair.billed.items(), key=lambda item: item[1])
        return Difference(pair.utc_day, amount, None, None, name, None, "it is billed in another currency")
    if not billed and other is None:
        return None
    percent = None
    if billed is not None and other:
        percent = (Fraction(billed) / Fraction(other) - 1) * 100
    made = Difference(pair.utc_day, billed, other, basis, currency, percent, "")
    return made._replace(reason=_reason(made, unpriced, pair.complete))


def _other(pair: DayPair) -> tuple[Basis | None, Decimal | None, int]:
    if pair.metered is not None or pair.metered_unpriced:
        return Basis.METERED, pair.metered, pair.metered_unpriced
    if pair.estimated is not None or pair.estimated_unpriced:
        return Basis.ESTIMATED, pair.estimated, pair.estimated_unpriced
    return None, None, 0


def _reason(one: Difference, unpriced: int, complete: bool) -> str:
    if one.other is None:
        return "some models have no known price" if unpriced else ""
    if one.billed is None:
        return "" if one.other <= _SMALL else "there is no bill for it yet"
    if one.amount is None or abs(one.amount) <= _SMALL or (one.percent is not None and not differs(one)):
        return ""
    if not complete:
        return "the day is not billed to its end yet"
    if unpriced:
        return "some models have no known price"
    more = one.amount > 0
    if one.billed == 0:
        return "credits or a plan may cover it"
    if one.basis is Basis.METERED:
        return (
            "searches, storage or other items that no token count tells"
            if more
            else "a discount, or a cheaper tier than the tokens tell"
        )
    return (
        "use that no log here tells of: another machine, another program, or logs deleted before they were read"
        if more
        else "a discount, a cheaper tier, or logs of use that this account does not pay for"
    )


def _explained(one: Difference) -> bool:
    return differs(one) and one.reason not in ("", "the day is not billed to its end yet")


def _steady(days: Sequence[Difference]) -> str | None:
    """The same part off on every day is a price, not missing use."""
    percents = [one.percent for one in days if _explained(one) and one.percent is not None and one.billed]
    if len(percents) < _STEADY_DAYS or max(percents) - min(percents) > _STEADY_PERCENT:
        return None
    middle = sorted(percents)[len(percents) // 2]
    size = abs(round(middle))
    if middle < 0:
        return f"a steady discount of about {size} %"
    return f"prices about {size} % above the list, such as a region's or a gateway's"


def by_account(pairs: Iterable[DayPair]) -> Mapping[int, list[Difference]]:
    """The same for every account."""
    of: dict[int, list[DayPair]] = {}
    for pair in pairs:
        of.setdefault(pair.account_id, []).append(pair)
    return {account: differences(days) for account, days in of.items()}
