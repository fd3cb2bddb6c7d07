"""Accounts' books for the tests of exports, kept as polls would bring them."""

from collections.abc import Mapping
from pathlib import Path

from tests.unit.export_month import nanos, utc
from tokentray.clock import DAY_S
from tokentray.errors import ProviderError
from tokentray.ledger import ALL, BilledRow, MeteredRow, Outcome, Report, Window
from tokentray.model import Basis
from tokentray.prices import lookup
from tokentray.store.writer import Writer

CORRECTS = {Basis.BILLED: 3, Basis.METERED: 3}
MODEL = "gpt-5.6-terra"
"""2 USD per million input tokens."""


def add_account(path: Path, label: str = "OpenAI, my key", provider: str = "openai", *, counted: bool = True) -> int:
    """An account that was never read."""
    writer = Writer(path)
    with writer.telling() as told:
        number = told.add_account(
            f"{provider}:{label}", provider, label, "", "Admin key", "", f"{provider}/{label}", ALL, counted, True, 0
        )
    writer.close()
    return number


def read_account(
    path: Path,
    account: int,
    read_at: str,
    *,
    begins: str = "2026-09-01",
    billed_to: str = "",
    metered_to: str = "",
    bills: Mapping[str, str] | None = None,
    tokens: Mapping[str, int] | None = None,
    ends: bool = True,
) -> None:
    """A poll that went well: what was billed and used by UTC day, complete up to a moment each, "" for not asked."""
    now = utc(read_at)
    window = Window(utc(f"{begins} 00:00"), now // DAY_S * DAY_S + DAY_S)
    reports = []
    if billed_to:
        billed = tuple(
            BilledRow(utc(f"{day} 00:00"), DAY_S, MODEL, "USD", nanos(amount)) for day, amount in (bills or {}).items()
        )
        reports.append(Report(Basis.BILLED, window, utc(billed_to), billed=billed))
    if metered_to:
        metered = tuple(
            MeteredRow(utc(f"{day} 12:00"), 3600, MODEL, requests=1, input_tokens=count)
            for day, count in (tokens or {}).items()
        )
        reports.append(Report(Basis.METERED, window, utc(metered_to), metered=metered))
    writer = Writer(path)
    assert writer.lease(account, "test", now, 60)
    writer.apply_outcome(account, "test", Outcome(tuple(reports), ends=ends), CORRECTS, now, lookup.find)
    writer.release(account, "test", now)
    writer.close()


def fail_account(path: Path, account: int, at: str, error: ProviderError) -> None:
    """A poll that did not go well."""
    writer = Writer(path)
    assert writer.lease(account, "test", utc(at), 60)
    writer.release(account, "test", utc(at), error=error)
    writer.close()
