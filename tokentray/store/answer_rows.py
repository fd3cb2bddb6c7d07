"""The buckets of one feed of an account, as an answer has them and as the history holds them, side by side.

A key says which bucket: start, width, account, model, tier, band, item, API key and currency, the last three of a
bill, tier and band of tokens. A value is an amount in nano-units, or counts in the order of the columns and caveats.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence

from tokentray.ledger import Report, Window
from tokentray.model import CAVEAT_BIT, TIERS, Basis, Caveat
from tokentray.store import pricing

Key = tuple[int, int, int, int, int, int, str, str, str]
Rows = Mapping[Key, tuple[int, ...]]

WIDTHS = (60, 900, 3600, 86_400)
_BAND_UNKNOWN = CAVEAT_BIT[Caveat.BAND_UNKNOWN]
_PRICE_ASSUMED = CAVEAT_BIT[Caveat.PRICE_ASSUMED]
_COUNTS = "requests, input, output, reasoning, cache_read, cache_write_5m, cache_write_1h, searches"
_LARGEST = 10**18


def answer_rows(
    connection: sqlite3.Connection, report: Report, account_id: int, model_id: Callable[[str], int]
) -> dict[Key, tuple[int, ...]]:
    """An answer's buckets, those of one key added up, and none of nothing. Values of tokens end with their caveats.

    Raises ValueError for a bucket that is none, or outside the window.
    """
    rows: dict[Key, tuple[int, ...]] = {}
    wrong = report.metered if report.basis is Basis.BILLED else report.billed
    if wrong or report.basis not in (Basis.BILLED, Basis.METERED):
        raise ValueError(f"rows of another basis in what is {report.basis}")
    for billed in report.billed:
        _check(billed.start_utc, billed.width_s, report.window, (abs(billed.amount),))
        key = (
            billed.start_utc, billed.width_s, account_id, model_id(billed.model), 0, 0, billed.item, billed.key_name,
            billed.currency,
        )  # fmt: skip
        rows[key] = _added(rows[key], (billed.amount,)) if key in rows else (billed.amount,)
    with_bands: dict[int, bool] = {}
    for row in report.metered:
        _check(row.start_utc, row.width_s, report.window, row.counts)
        model = model_id(row.model)
        if row.band is None and model not in with_bands:
            with_bands[model] = bool(pricing.bands(connection, model))
        band_unknown = row.band is None and with_bands[model]
        caveats = (_BAND_UNKNOWN if band_unknown else 0) | (_PRICE_ASSUMED if row.assumed else 0)
        value = (*row.counts, caveats)
        tier = TIERS.index(row.tier)
        key = (row.start_utc, row.width_s, account_id, model, tier, row.band or 0, "", row.key_name, "")
        rows[key] = _added(rows[key], value) if key in rows else value
    return {key: value for key, value in rows.items() if any(value[:8])}


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    counts = [have + more for have, more in zip(one[:8], other[:8], strict=True)]
    return (*counts, *(have | more for have, more in zip(one[8:], other[8:], strict=True)))


def _check(start_utc: int, width_s: int, window: Window, counts: Sequence[int]) -> None:
    if width_s not in WIDTHS or start_utc % width_s:
        raise ValueError("a bucket that does not begin on a multiple of its width")
    if start_utc < window.start_utc or start_utc + width_s > window.end_utc:
        raise ValueError("a bucket outside the window that was read")
    if not all(0 <= count <= _LARGEST for count in counts):
        raise ValueError("a count that cannot be")


def stored_rows(connection: sqlite3.Connection, basis: Basis, account_id: int, window: Window) -> Rows:
    """What the history holds of a window."""
    within = "source_id = ? AND start >= ? AND start < ? AND start + width <= ?"
    values = (account_id, window.start_utc, window.end_utc, window.end_utc)
    if basis is Basis.BILLED:
        rows = connection.execute(
            "SELECT start, width, source_id, model_id, item, key_name, currency, amount_nanos FROM billed_buckets"
            f" WHERE {within}",
            values,
        )
        return {(*row[:4], 0, 0, *row[4:7]): (row[7],) for row in rows}
    rows = connection.execute(
        f"SELECT start, width, source_id, model_id, tier, band, key_name, {_COUNTS}, caveats FROM metered_buckets"
        f" WHERE {within}",
        values,
    )
    return {(*row[:6], "", row[6], ""): tuple(row[7:]) for row in rows}


def write_rows(connection: sqlite3.Connection, basis: Basis, held: Rows, said: Rows) -> bool:
    """Make what is held what was said. True where that is anything else."""
    gone = [key for key in held if key not in said]
    new = [(key, value) for key, value in said.items() if held.get(key) != value]
    if basis is Basis.BILLED:
        connection.executemany(
            "DELETE FROM billed_buckets WHERE start = ? AND width = ? AND source_id = ? AND model_id = ?"
            " AND item = ? AND key_name = ? AND currency = ?",
            [(*key[:4], *key[6:]) for key in gone],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO billed_buckets"
            " (start, width, source_id, model_id, item, key_name, currency, amount_nanos)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(*key[:4], *key[6:], *value) for key, value in new],
        )
    else:
        connection.executemany(
            "DELETE FROM metered_buckets WHERE start = ? AND width = ? AND source_id = ? AND model_id = ?"
            " AND tier = ? AND band = ? AND key_name = ?",
            [(*key[:6], key[7]) for key in gone],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO metered_buckets"
            f" (start, width, source_id, model_id, tier, band, key_name, {_COUNTS}, caveats, price_id)"
            f" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, {pricing.PRICE_OF_NEW})",
            [(*key[:6], key[7], *value) for key, value in new],
        )
    return bool(gone or new)


def amounts(rows: Rows) -> dict[str, int]:
    """What rows come to: money by currency, tokens and searches under ""."""
    sums: dict[str, int] = {}
    for key, value in rows.items():
        sums[key[8]] = sums.get(key[8], 0) + (value[0] if len(value) == 1 else _size(value))
    return sums


def less_than_half(said: Rows, held: Rows) -> bool:
    """Whether an answer would take away more than half of what is held, in any currency: of the sum, or of what its
    amounts come to whatever their signs, for a credit can hide that all else is gone.
    """
    for size in (amounts, _turnover):
        had, has = size(held), size(said)
        if any(amount > 0 and 2 * has.get(currency, 0) < amount for currency, amount in had.items()):
            return True
    return False


def _turnover(rows: Rows) -> dict[str, int]:
    return amounts({key: tuple(map(abs, value)) for key, value in rows.items()})


def is_more(said: Rows, held: Rows) -> bool:
    """Whether an answer says more than is held: of no currency less, of one more."""
    had, has = amounts(held), amounts(said)
    differences = [has.get(currency, 0) - had.get(currency, 0) for currency in had.keys() | has.keys()]
    return min(differences, default=0) >= 0 and max(differences, default=0) > 0


def is_less(said: tuple[int, ...], held: tuple[int, ...]) -> bool:
    """Whether a bucket holds less than it did, of anything."""
    return any(has < had for has, had in zip(said[:8], held[:8], strict=True))


def _size(counts: tuple[int, ...]) -> int:
    """Tokens and searches; requests where there is nothing else."""
    _, fresh, output, _, read, write_5m, write_1h, searches, *_ = counts
    return fresh + output + read + write_5m + write_1h + searches or counts[0]
