"""List prices as the history keeps them: dated rows, never changed, so that the past stays priced as it was.

A newer table that says something else about days already priced is a correction: the row it replaces is kept
as superseded, and what the correction changed is written down for `doctor`.
"""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from tokentray.clock import BUCKET_S
from tokentray.model import TIERS, Price, Rates
from tokentray.money import Femtos, femtos_to_decimal, plain
from tokentray.store import schema

_COLUMNS = (
    "tier, band, valid_from, valid_to, input, output, cache_read, cache_write_5m, cache_write_1h, web_search,"
    " currency, assumed"
)
_Row = tuple[int | str | None, ...]

# A usage report may draw the line at another number of tokens than the table: the next one below is then the price's.
_METERED_PRICE = (
    "(SELECT p.id FROM prices p WHERE p.model_id = {model} AND p.tier = {tier} AND p.band <= {band}"
    " AND p.superseded_at IS NULL AND p.valid_from <= {start} AND {start} < p.valid_to ORDER BY p.band DESC LIMIT 1)"
)
PRICE_OF_NEW = _METERED_PRICE.format(model="?4", tier="?5", band="?6", start="?1")
"""The price of a row of metered_buckets, where its columns are the values of a statement in their order."""


class StoredPrice(NamedTuple):
    """A price row that buckets point to."""

    rates: Rates
    currency: str
    assumed: bool


class Correction(NamedTuple):
    """What a newer price table changed: worth before and after of the buckets from `since_utc` on."""

    at_utc: int
    model: str
    since_utc: int
    buckets: int
    before: Decimal
    after: Decimal
    currency: str


def stored_prices(connection: sqlite3.Connection) -> dict[int, StoredPrice]:
    """Every price row by id."""
    rows = connection.execute(
        "SELECT id, input, output, cache_read, cache_write_5m, cache_write_1h, web_search, currency, assumed"
        " FROM prices"
    )
    return {row[0]: StoredPrice(Rates(*row[1:7]), row[7], bool(row[8])) for row in rows}


def list_prices(connection: sqlite3.Connection, provider: str, model: str) -> list[Price]:
    """The list prices of a model that hold, by tier and band, oldest first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM prices WHERE superseded_at IS NULL"
        " AND model_id = (SELECT id FROM models WHERE provider = ? AND name = ?) ORDER BY tier, band, valid_from",
        (provider, model),
    )
    return [
        Price(
            TIERS[tier],
            band,
            Rates(*rates),
            None if first == schema.OPEN_START else first,
            None if last == schema.OPEN_END else last,
            bool(assumed),
            currency,
        )
        for tier, band, first, last, *rates, currency, assumed in rows
    ]


def bands(connection: sqlite3.Connection, model_id: int) -> tuple[int, ...]:
    """The thresholds above which a request of this model costs something else, ascending."""
    rows = connection.execute(
        "SELECT DISTINCT band FROM prices WHERE model_id = ? AND superseded_at IS NULL AND band > 0 ORDER BY band",
        (model_id,),
    )
    return tuple(row[0] for row in rows)


def set_prices(connection: sqlite3.Connection, model_id: int, prices: Sequence[Price], now_utc: int) -> bool:
    """Make `prices` the current ones of a model. True where that changed anything: its buckets are dirty then.

    None at all changes nothing: a model that a newer table leaves out has not become free, nor its past unknown.
    """
    if not prices:
        return False
    wanted = {_row(price) for price in prices}
    current = {
        tuple(row[1:]): row[0]
        for row in connection.execute(
            f"SELECT id, {_COLUMNS} FROM prices WHERE model_id = ? AND superseded_at IS NULL", (model_id,)
        )
    }
    if wanted == current.keys():
        return False
    old_bands = bands(connection, model_id)
    connection.executemany(
        "UPDATE prices SET superseded_at = ? WHERE id = ?",
        [(now_utc, row_id) for row, row_id in current.items() if row not in wanted],
    )
    marks = ", ".join("?" * (_COLUMNS.count(",") + 3))
    connection.executemany(
        f"INSERT INTO prices (model_id, added_at, {_COLUMNS}) VALUES ({marks})",
        [(model_id, now_utc, *row) for row in sorted(wanted - current.keys(), key=str)],
    )
    new_bands = bands(connection, model_id)
    if new_bands != old_bands:
        _assign_bands(connection, model_id, new_bands)
    connection.execute(
        f"INSERT OR IGNORE INTO dirty_buckets SELECT DISTINCT at / {BUCKET_S} * {BUCKET_S} FROM log_events"
        " WHERE model_id = ?",
        (model_id,),
    )
    price = _METERED_PRICE.format(
        model="model_id", tier="metered_buckets.tier", band="metered_buckets.band", start="start"
    )
    connection.execute(f"UPDATE metered_buckets SET price_id = {price} WHERE model_id = ?", (model_id,))
    return True


def priced_costs(
    connection: sqlite3.Connection, model_id: int, table: str = "usage_buckets"
) -> dict[tuple[int, int], Femtos]:
    """List cost of a model's priced buckets at the prices they now point to, by bucket start and tier."""
    prices = stored_prices(connection)
    costs: dict[tuple[int, int], Femtos] = {}
    for start, tier, price_id, *counts in connection.execute(
        "SELECT start, tier, price_id, input, output, cache_read, cache_write_5m, cache_write_1h, searches"
        f" FROM {table} WHERE model_id = ? AND price_id IS NOT NULL",
        (model_id,),
    ):
        costs[start, tier] = Femtos(costs.get((start, tier), 0) + prices[price_id].rates.cost(*counts))
    return costs


def record_correction(
    connection: sqlite3.Connection,
    model_id: int,
    before: dict[tuple[int, int], Femtos],
    after: dict[tuple[int, int], Femtos],
    now_utc: int,
) -> None:
    """Write down what a newer table changed of buckets already priced; nothing where nothing changed."""
    changed = sorted(key for key in before if before[key] != after.get(key))
    if not changed:
        return
    old = femtos_to_decimal(Femtos(sum(before[key] for key in changed)))
    new = femtos_to_decimal(Femtos(sum(after.get(key, 0) for key in changed)))
    starts = {start for start, _ in changed}
    connection.execute(
        "INSERT INTO price_corrections (at, model_id, since, buckets, before, after, currency)"
        " VALUES (?, ?, ?, ?, ?, ?, 'USD')",
        (now_utc, model_id, min(starts), len(starts), plain(old), plain(new)),
    )


def corrections(connection: sqlite3.Connection) -> list[Correction]:
    """Every correction, oldest first."""
    rows = connection.execute(
        "SELECT c.at, m.name, c.since, c.buckets, c.before, c.after, c.currency"
        " FROM price_corrections c JOIN models m ON m.id = c.model_id ORDER BY c.id"
    )
    return [Correction(row[0], row[1], row[2], row[3], Decimal(row[4]), Decimal(row[5]), row[6]) for row in rows]


def _row(price: Price) -> _Row:
    rates = price.rates
    return (
        TIERS.index(price.tier),
        price.band,
        schema.OPEN_START if price.valid_from_utc is None else price.valid_from_utc,
        schema.OPEN_END if price.valid_to_utc is None else price.valid_to_utc,
        rates.input,
        rates.output,
        rates.cache_read,
        rates.cache_write_5m,
        rates.cache_write_1h,
        rates.web_search,
        price.currency,
        int(price.assumed),
    )


def _assign_bands(connection: sqlite3.Connection, model_id: int, thresholds: Sequence[int]) -> None:
    """A newer table drew the line elsewhere: decide the band of every request of the model anew."""
    whole = "input + cache_read + cache_write_5m + cache_write_1h"
    cases = "".join(f" WHEN {whole} > {int(threshold)} THEN {int(threshold)}" for threshold in reversed(thresholds))
    band = f"CASE{cases} ELSE 0 END" if cases else "0"
    connection.execute(f"UPDATE log_events SET band = {band} WHERE model_id = ?", (model_id,))
