"""An account on top of five heavy years: it bills and meters every hour by model and key, and pays for an agent."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tokentray.clock import DAY_S, HOUR_S, SystemClock
from tokentray.ledger import ALL, BilledRow, MeteredRow, Outcome, Report, Window
from tokentray.model import Basis, Payer, PayerKind
from tokentray.money import Nanos
from tokentray.prices import lookup
from tokentray.store.writer import Writer

AGENT, PROVIDER = "claude-code", "anthropic"
_OWNER = "bench"
_CHUNK_S = 28 * DAY_S
_MODEL = "claude-haiku-4-5"
_CORRECTS = {Basis.BILLED: 30, Basis.METERED: 30}
# What the agent used, hour by hour: the account's report says a little more, for another machine worked too.
_USED = """
SELECT start / 3600 * 3600, m.name, SUM(requests), SUM(input), SUM(output), SUM(cache_read), SUM(cache_write_5m),
  SUM(cache_write_1h)
FROM usage_buckets b JOIN models m ON m.id = b.model_id JOIN sources s ON s.id = b.source_id
WHERE s.name = ? AND m.provider = ? GROUP BY 1, 2 ORDER BY 1, 2
"""


def with_account(plain: Path, home: Path) -> Path:
    """A copy of a TOKENTRAY_HOME whose account's reports reach from the first day of use up to now."""
    home.mkdir()
    path = home / "history.db"
    shutil.copyfile(plain / "history.db", path)
    now_utc = SystemClock().now_utc()
    writer = Writer(path)
    try:
        with writer.telling() as told:
            account = told.add_account("anthropic:bench", PROVIDER, "Work", "", "Key", "", "", ALL, True, True, now_utc)
            told.add_rule(AGENT, "", "", None, Payer(PayerKind.ACCOUNT, account), now_utc)
        assert writer.lease(account, _OWNER, now_utc, 3600)
        for outcome in _outcomes(path, now_utc):
            writer.apply_outcome(account, _OWNER, outcome, _CORRECTS, now_utc, lookup.find)
        writer.release(account, _OWNER, now_utc)
    finally:
        writer.close()
    return home


def _outcomes(path: Path, now_utc: int) -> Iterator[Outcome]:
    """Windows of four weeks, oldest first."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    used: dict[int, list[MeteredRow]] = {}
    for start, model, requests, *tokens in connection.execute(_USED, (AGENT, PROVIDER)):
        fresh, output, read, write_5m, write_1h = (count + count // 20 for count in tokens)
        used.setdefault(start, []).append(
            MeteredRow(
                start,
                HOUR_S,
                model,
                key_name="key_laptop",
                requests=requests,
                input_tokens=fresh,
                output_tokens=output,
                cache_read_tokens=read,
                cache_write_5m_tokens=write_5m,
                cache_write_1h_tokens=write_1h,
            )
        )
    connection.close()
    first, complete = min(used) // DAY_S * DAY_S, now_utc // HOUR_S * HOUR_S - 2 * HOUR_S
    for start in range(first, now_utc, _CHUNK_S):
        window = Window(start, min(start + _CHUNK_S, now_utc // DAY_S * DAY_S + DAY_S))
        hours = range(window.start_utc, min(window.end_utc, complete + 2 * HOUR_S), HOUR_S)
        # A key that a service of the person's uses day and night, beside those of the agent.
        rows = [MeteredRow(at, HOUR_S, _MODEL, key_name="key_service", requests=9, input_tokens=40_000) for at in hours]
        rows += [row for at in hours for row in used.get(at, ())]
        bills = [
            BilledRow(row.start_utc, HOUR_S, row.model, "USD", _amount(row), key_name=row.key_name)
            for row in rows
            if row.start_utc < complete
        ]
        yield Outcome(
            (
                Report(Basis.BILLED, window, complete, billed=tuple(bills)),
                Report(Basis.METERED, window, complete, metered=tuple(rows)),
            ),
            keys={"key_laptop": "Laptop", "key_service": "Service"},
        )


def _amount(row: MeteredRow) -> Nanos:
    """What an hour is billed at: anything that is nearly what its tokens are worth."""
    return Nanos(1 + row.input_tokens * 900 + row.output_tokens * 14_000 + row.cache_read_tokens * 280)
