"""A bill that is not what its tokens come to is marked on every row of its day, and on no other."""

import pytest

from tokentray.clock import DAY_S, HOUR_S
from tokentray.model import CAVEAT_BIT, Basis, Caveat, Rates
from tokentray.money import Femtos
from tokentray.store.differing import marked
from tokentray.store.laying import counted, laid
from tokentray.store.records import Bill, Place, Record

USD = 10**15
DAY = 20_000 * DAY_S
RATES = Rates(USD, USD, USD, USD, USD)
BIT = CAVEAT_BIT[Caveat.BILL_DIFFERS]


def used(dollars: int, *, hour: int = 0, rates: Rates | None = RATES) -> Record:
    """A token for each dollar."""
    return Record(DAY + hour * HOUR_S, HOUR_S, 1, Place(1), (1, dollars, 0, 0, 0, 0, 0, 0), rates, "USD")


def bill(cents: int, *, day: int = 0, days: int = 1, currency: str = "USD") -> Bill:
    return Bill(DAY + day * DAY_S, days * DAY_S, 1, 0, Femtos(cents * USD // 100), currency)


@pytest.mark.parametrize(
    ("bills", "records", "expected"),
    [
        ([bill(1000)], [used(10)], False),
        ([bill(1000), bill(500)._replace(item="web search")], [used(10)], False),
        ([bill(1020)], [used(10)], False),
        ([bill(1021)], [used(10)], True),
        ([bill(800)], [used(4), used(6, hour=3)], True),
        ([], [used(10)], True),
        ([bill(300), bill(700)], [used(10)], False),
        ([bill(800)], [used(10), used(1, rates=None)], False),
        ([bill(800, currency="EUR")], [used(10)], False),
        ([bill(800, days=2)], [used(10)], False),
        ([bill(1000), bill(500, day=1)], [used(10), used(8, hour=30)], False),
    ],
)
def test_days_that_differ(bills: list[Bill], records: list[Record], expected: bool) -> None:
    """By more than two per cent and a cent; what cannot be compared is not marked."""
    parts = list(marked(laid(bills, records), bills, records))
    of_first = [part for part in parts if part.start_utc < DAY + DAY_S]
    assert of_first
    assert {bool(part.caveats & BIT) for part in of_first} == {expected}


def test_only_what_is_billed_and_only_that_day() -> None:
    """The next day's rows, and rows known otherwise, are as they were."""
    bills, records = [bill(500), bill(800, day=1)], [used(10), used(8, hour=30)]
    estimated = counted(used(3), 3 * USD, "USD", Basis.ESTIMATED)
    parts = list(marked([*laid(bills, records), estimated], bills, records))
    flagged = {(part.basis, part.start_utc // DAY_S * DAY_S) for part in parts if part.caveats & BIT}
    assert flagged == {(Basis.BILLED, DAY)}
