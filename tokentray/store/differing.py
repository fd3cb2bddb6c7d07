"""Days on which a bill is not what its tokens come to at list price, so that the rows of it can say so. Pure, exact."""

from collections.abc import Iterable, Iterator, Sequence

from tokentray.clock import DAY_S
from tokentray.model import CAVEAT_BIT, Basis, Caveat
from tokentray.money import Femtos
from tokentray.store.records import Bill, Counted, Record

SMALL = Femtos(10**13)
"""A cent: what rounding alone makes of a day."""
SMALL_PERCENT = 2
_DIFFERS = CAVEAT_BIT[Caveat.BILL_DIFFERS]


def marked(parts: Iterable[Counted], bills: Sequence[Bill], under: Sequence[Record]) -> Iterator[Counted]:
    """Parts of bills, with the caveat on those of days that differ. under: what the bills are laid over.

    By more than a cent and more than two per cent; searches and other items are told apart and are in neither. A day
    that is billed in another currency, that holds tokens without a price, or that a bill of more than a day reaches
    into, cannot be compared.
    """
    days, currencies = _differing(bills, under), {record.currency for record in under}
    for part in parts:
        told = part.basis is Basis.BILLED and part.currency in currencies
        if told and part.start_utc // DAY_S in days:
            yield Counted(*part[:10], part.caveats | _DIFFERS, *part[11:])  # _replace takes three times as long
        else:
            yield part


def _differing(bills: Sequence[Bill], under: Sequence[Record]) -> set[int]:
    worth: dict[int, int] = {}
    unknown: set[int] = set()
    currencies = {record.currency for record in under}
    for record in under:
        day = record.start_utc // DAY_S
        if record.list_cost is None and any(record.tokens):
            unknown.add(day)
        worth[day] = worth.get(day, 0) + (record.list_cost or 0)
    billed: dict[int, int] = {}
    for bill in bills:
        if bill.item:
            continue
        first, last = bill.start_utc // DAY_S, (bill.end_utc - 1) // DAY_S
        if first != last or {bill.currency} != currencies:
            unknown.update(range(first, last + 1))
        billed[first] = billed.get(first, 0) + bill.amount
    return {
        day for day, amount in worth.items() if amount and day not in unknown and _apart(billed.get(day, 0), amount)
    }


def _apart(billed: int, worth: int) -> bool:
    size = abs(billed - worth)
    return size > SMALL and size * 100 > worth * SMALL_PERCENT
