"""List prices are dated rows: the past keeps its price, and what a newer table changes of it is written down."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from tests.histories import NOON, grouped
from tokentray.clock import DAY_S
from tokentray.engine.refresh import sync_prices
from tokentray.model import LogEvent, Price, Rates, Tier, UsageRow
from tokentray.prices import lookup
from tokentray.store.history import History
from tokentray.store.pricing import Correction
from tokentray.store.writer import Batch, Writer

DAY = 20_500 * DAY_S  # some UTC midnight
MODEL = ("anthropic", "claude-test")


def rates(per_token_micros: int) -> Rates:
    """The same price for every kind of token, in millionths of a dollar."""
    return Rates(*[per_token_micros * 10**9] * 5)


def price(
    per_token_micros: int,
    first: int | None = None,
    last: int | None = None,
    *,
    tier: Tier = Tier.STANDARD,
    band: int = 0,
    assumed: bool = False,
) -> Price:
    """A price from a day to another, in days from DAY."""
    start = None if first is None else DAY + first * DAY_S
    end = None if last is None else DAY + last * DAY_S
    return Price(tier, band, rates(per_token_micros), start, end, assumed)


def call(number: int, day: int, tokens: int = 100, tier: int = 0, model: str = MODEL[1]) -> LogEvent:
    """One call with that many input tokens, at noon of a day from DAY."""
    at = DAY + day * DAY_S + DAY_S // 2
    return LogEvent(number, 0, at, "anthropic", model, tier, "/p", "s", 0, tokens, 0, 0, 0, 0, 0, 0, 0)


class Ledger:
    """A history with a writer that stays open, and its prices by hand."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = Writer(path)
        self.source = self.writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
        self._tables = 0

    def read(self, prices: Mapping[tuple[str, str], Sequence[Price]], *events: LogEvent) -> None:
        """Events as the scanner brings them: new models get their prices first."""
        new = self.writer.new_models(events)
        self.writer.add_models({pair: prices.get(pair, ()) for pair in sorted(new)}, 0)
        self.writer.apply(Batch(self.source, "host", events, []))
        self.writer.rebuild()

    def newer_table(self, prices: Mapping[tuple[str, str], Sequence[Price]], now_utc: int = 5) -> None:
        """A build with another price table starts."""
        self._tables += 1
        known = {model_id: prices.get(pair, ()) for model_id, pair in self.writer.models().items()}
        self.writer.reprice(known, "2026-01-01", f"table {self._tables}", now_utc)

    def days(self) -> dict[str, Decimal | None]:
        """List cost by UTC day."""
        return {row.key("day"): row.list_cost for row in grouped(self.path, ("day",))}

    def total(self) -> UsageRow:
        """Everything."""
        return grouped(self.path)[0]

    def corrections(self) -> list[Correction]:
        """What newer tables changed."""
        with History(self.path) as history:
            return history.corrections()


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty one."""
    return Ledger(tmp_path / "history.db")


def test_each_day_has_its_own_price(ledger: Ledger) -> None:
    """A price cut on day 2 changes nothing before it: 100 tokens at 5 and at 3 millionths."""
    ledger.read({MODEL: [price(5, None, 2), price(3, 2, None)]}, call(1, 1), call(2, 2), call(3, 3))
    assert list(ledger.days().values()) == [Decimal("0.0005"), Decimal("0.0003"), Decimal("0.0003")]


def test_the_first_quarter_of_a_new_price(ledger: Ledger) -> None:
    """The price changes with the UTC day's first second: the last call before it still has the old one."""
    before, after = call(1, 0)._replace(at_utc=DAY - 1), call(2, 0)._replace(at_utc=DAY)
    ledger.read({MODEL: [price(5, None, 0), price(3, 0, None)]}, before, after)
    assert list(ledger.days().values()) == [Decimal("0.0005"), Decimal("0.0003")]
    assert [row.list_cost for row in grouped(ledger.path, ("session", "day"))] == [Decimal("0.0005"), Decimal("0.0003")]


def test_a_changed_past_is_a_correction(ledger: Ledger) -> None:
    """A newer table says the price was 4, not 5, from day 1 on: before and after of those days, and no others."""
    ledger.read({MODEL: [price(5)]}, call(1, 0), call(2, 1), call(3, 2))
    assert ledger.corrections() == []
    ledger.newer_table({MODEL: [price(5, None, 1), price(4, 1, None)]}, now_utc=77)
    assert list(ledger.days().values()) == [Decimal("0.0005"), Decimal("0.0004"), Decimal("0.0004")]
    (correction,) = ledger.corrections()
    assert correction.model == MODEL[1]
    assert correction.at_utc == 77
    assert correction.since_utc == call(2, 1).at_utc
    assert (correction.before, correction.after) == (Decimal("0.001"), Decimal("0.0008"))
    assert correction.buckets == 2
    assert correction.currency == "USD"


def test_a_later_price_is_no_correction(ledger: Ledger) -> None:
    """A new period that begins after all use changes nothing that was, so nothing is written down."""
    ledger.read({MODEL: [price(5)]}, call(1, 0), call(2, 1))
    ledger.newer_table({MODEL: [price(5, None, 2), price(3, 2, None)]})
    assert ledger.corrections() == []
    ledger.read({}, call(3, 1), call(4, 2))
    assert list(ledger.days().values()) == [Decimal("0.0005"), Decimal("0.001"), Decimal("0.0003")]


def test_a_first_price_comes_silently(ledger: Ledger) -> None:
    """Use without a price is unpriced, never free; once a table has one it is priced, and that is no correction."""
    ledger.read({}, call(1, 0), call(2, 1))
    assert ledger.total().list_cost is None
    assert ledger.total().unpriced_tokens == 200
    with History(ledger.path) as history:
        assert history.unpriced_models() == [(MODEL[1], 200)]
    ledger.newer_table({MODEL: [price(5, assumed=True)]})
    assert ledger.total().list_cost == Decimal("0.001")
    assert ledger.total().unpriced_tokens == 0
    assert ledger.total().caveats == ("price-assumed",)
    assert ledger.corrections() == []


def test_a_first_price_of_one_tier_is_no_correction_of_another(ledger: Ledger) -> None:
    """In the same quarter hour fast calls get their first price: the standard ones cost what they did."""
    ledger.read({MODEL: [price(5)]}, call(1, 0), call(2, 0, tier=1))
    assert ledger.total().unpriced_tokens == 100
    ledger.newer_table({MODEL: [price(5), price(10, tier=Tier.FAST)]})
    assert ledger.total().list_cost == Decimal("0.0015")
    assert ledger.corrections() == []


def test_a_model_that_a_newer_table_leaves_out_keeps_its_price(ledger: Ledger) -> None:
    """Old use keeps the price of its day: what a source no longer lists has not become unknown."""
    ledger.read({MODEL: [price(5)]}, call(1, 0))
    ledger.newer_table({})
    assert ledger.total().list_cost == Decimal("0.0005")
    assert ledger.corrections() == []


def test_the_same_table_again_changes_nothing(ledger: Ledger) -> None:
    """Applied twice, or with its rows in another order, a table leaves rows, ids and corrections as they are."""
    table = {MODEL: [price(5, None, 1), price(4, 1, None), price(9, tier=Tier.FAST)]}
    ledger.read(table, call(1, 0), call(2, 2))
    prices = ledger.writer.connection.execute("SELECT * FROM prices").fetchall()
    ledger.newer_table({MODEL: list(reversed(table[MODEL]))})
    assert ledger.writer.connection.execute("SELECT * FROM prices").fetchall() == prices
    assert ledger.corrections() == []


def test_a_corrected_row_is_kept(ledger: Ledger) -> None:
    """What a correction replaces stays in the table as superseded: one can always say what was believed when."""
    ledger.read({MODEL: [price(5)]}, call(1, 0))
    ledger.newer_table({MODEL: [price(4)]}, now_utc=77)
    rows = ledger.writer.connection.execute("SELECT input, added_at, superseded_at FROM prices ORDER BY id").fetchall()
    assert rows == [(5 * 10**9, 0, 77), (4 * 10**9, 77, None)]
    ledger.newer_table({MODEL: [price(5)]}, now_utc=99)
    assert ledger.total().list_cost == Decimal("0.0005")
    assert [(c.before, c.after) for c in ledger.corrections()] == [
        (Decimal("0.0005"), Decimal("0.0004")),
        (Decimal("0.0004"), Decimal("0.0005")),
    ]


def test_the_prices_that_hold(ledger: Ledger) -> None:
    """Those of a model as they were given, by tier and band and date, without what a newer table took back."""
    given = [
        price(1, None, 5),
        price(2, 5, None, assumed=True),
        price(3, 0, 9, band=200),
        price(4, tier=Tier.BATCH)._replace(currency="EUR", rates=rates(4)._replace(web_search=7)),
    ]
    ledger.read({MODEL: given[::-1]}, call(1, 0), call(2, 0, model="nobody-prices-this"))
    with History(ledger.path) as history:
        assert history.models() == [MODEL, (MODEL[0], "nobody-prices-this")]
        assert history.list_prices(*MODEL) == given
        assert history.list_prices(MODEL[0], "nobody-prices-this") == []
        assert history.list_prices("", "never seen") == []
    ledger.newer_table({MODEL: [price(1, None, 6), price(9, 6)]})
    with History(ledger.path) as history:
        assert history.list_prices(*MODEL) == [price(1, None, 6), price(9, 6)]


def test_bands_are_decided_by_request(ledger: Ledger) -> None:
    """Two requests of 150 tokens in one quarter are not one of 300; one above 200 costs more as a whole."""
    table = {MODEL: [price(1), price(10, band=200)]}
    ledger.read(table, call(1, 0, 150), call(2, 0, 150))
    assert ledger.total().list_cost == Decimal("0.0003")
    ledger.read(table, call(3, 0, 200), call(4, 0, 201))
    assert ledger.total().list_cost == Decimal("0.0005") + Decimal("0.00201")


def test_a_band_counts_cached_input_too(ledger: Ledger) -> None:
    """Read from and written to the cache are parts of the request's input; output is not."""
    event = call(1, 0, 50)._replace(cache_read_tokens=60, cache_write_5m_tokens=60, cache_write_1h_tokens=31)
    ledger.read({MODEL: [price(1), price(10, band=200)]}, event, call(2, 0, 200)._replace(output_tokens=50))
    assert ledger.total().list_cost == Decimal("0.00201") + Decimal("0.00025")


def test_a_table_that_moves_a_band(ledger: Ledger) -> None:
    """The line is drawn elsewhere, or not at all: every request of the past is decided anew, and it is written down."""
    ledger.read({MODEL: [price(1), price(10, band=200)]}, call(1, 0, 150), call(2, 0, 250))
    assert ledger.total().list_cost == Decimal("0.00015") + Decimal("0.0025")
    ledger.newer_table({MODEL: [price(1), price(10, band=100)]})
    assert ledger.total().list_cost == Decimal("0.004")
    ledger.read({}, call(3, 0, 101), call(4, 0, 100))
    assert ledger.total().list_cost == Decimal("0.004") + Decimal("0.00101") + Decimal("0.0001")
    ledger.newer_table({MODEL: [price(1)]})
    assert ledger.total().list_cost == Decimal("0.000601")
    assert [(c.before, c.after) for c in ledger.corrections()] == [
        (Decimal("0.00265"), Decimal("0.004")),
        (Decimal("0.00511"), Decimal("0.000601")),
    ]


def test_a_band_without_a_price_is_unpriced(ledger: Ledger) -> None:
    """A tier that the table lacks has no price: its tokens are said to be unpriced, the rest is a sum "at least"."""
    ledger.read({MODEL: [price(1)]}, call(1, 0, 10), call(2, 0, 20, tier=2), call(3, 0, 30, model="other"))
    row = ledger.total()
    assert (row.list_cost, row.unpriced_tokens) == (Decimal("0.00001"), 50)


def test_use_that_comes_late_has_the_price_of_its_day(ledger: Ledger) -> None:
    """A log read a year later is priced as of then."""
    ledger.read({MODEL: [price(5, None, 10), price(3, 10, None)]}, call(1, 400))
    ledger.read({}, call(2, 3))
    assert list(ledger.days().values()) == [Decimal("0.0005"), Decimal("0.0003")]


def test_a_batch_that_fails_takes_its_bands_with_it(ledger: Ledger) -> None:
    """After a transaction that was undone, another model may get the id: it must not get the bands."""
    ledger.read({MODEL: [price(1), price(10, band=200)]}, call(1, 0, 150))
    broken = [call(2, 0, 5, model="undone"), call(3, 0)._replace(at_utc="never")]  # type: ignore[arg-type] # on purpose
    with pytest.raises(Exception, match=r"history|datatype"):
        ledger.writer.apply(Batch(ledger.source, "host", broken, []))
    ledger.read({("anthropic", "next"): [price(1), price(10, band=200)]}, call(4, 0, 250, model="next"))
    assert ledger.total().list_cost == Decimal("0.00015") + Decimal("0.0025")


def test_the_shipped_table_is_applied_once(ledger: Ledger) -> None:
    """The table in resources/ prices what it knows; applied again it changes nothing, and says which it was."""
    ledger.read({}, call(1, 0, model="claude-opus-4-6"))
    assert ledger.total().list_cost is None
    for _ in range(2):
        sync_prices(ledger.writer, NOON)
        assert ledger.total().list_cost == Decimal("0.0005")
        assert ledger.writer.price_table() == (lookup.table_info().data_date, lookup.table_info().digest)
    assert ledger.corrections() == []


def test_an_older_build_does_not_take_newer_prices_back(ledger: Ledger) -> None:
    """Two builds on one history: the newer table stands, whichever refreshes last."""
    ledger.read({("anthropic", "claude-opus-4-6"): [price(9)]}, call(1, 0, model="claude-opus-4-6"))
    ledger.writer.reprice({}, "2999-01-01", "from the future", 5)
    sync_prices(ledger.writer, NOON)
    assert ledger.writer.price_table() == ("2999-01-01", "from the future")
    assert ledger.total().list_cost == Decimal("0.0009")
