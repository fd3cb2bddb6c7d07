"""One refresh from end to end: prices brought up to date, logs read, buckets rebuilt. The CLI and the tray share it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tokentray.agents import AGENTS
from tokentray.agents.base import Agent
from tokentray.clock import Clock
from tokentray.engine.scanner import Progress, Scanner, ScanResult, machine_name
from tokentray.model import Price
from tokentray.paths import person_home
from tokentray.prices.digest import shipped_digest
from tokentray.store.writer import Writer


def refresh(
    writer: Writer,
    *,
    clock: Clock,
    agents: Sequence[Agent] = AGENTS,
    env: Mapping[str, str] | None = None,
    home: Path | None = None,
    progress: Progress = lambda *_: None,
    should_stop: Callable[[], bool] = lambda: False,
    gentle: bool = False,
    modified_since_utc: int | None = None,
    only: Iterable[str] | None = None,
) -> ScanResult:
    """Read what is new. Raises StoreError; files that cannot be read are named in the result.

    modified_since_utc: leave older files for another time. only: paths known to have changed; nothing else is
    looked at then.
    """
    sync_prices(writer, clock)
    scanner = Scanner(
        writer,
        agents,
        env=os.environ if env is None else env,
        home=home or person_home(),
        clock=clock,
        machine=machine_name(),
        find_prices=find_prices,
        progress=progress,
        should_stop=should_stop,
        gentle=gentle,
        modified_since_utc=modified_since_utc,
    )
    result = scanner.scan() if only is None else scanner.read_files(only)
    writer.rebuild()
    return result


def sync_prices(writer: Writer, clock: Clock) -> None:
    """Apply the shipped price table to the models seen, where it is another than the last time.

    An older build beside a newer one, on one history, must not take the newer prices back; and a table that was
    replaced under a running program is read again rather than taken for the one in memory.
    """
    applied_date, applied_digest = writer.price_table()
    if applied_digest == shipped_digest():
        return
    from tokentray.prices import lookup

    lookup.forget()
    table = lookup.table_info()
    if applied_date > table.data_date:
        return
    prices = {model_id: lookup.find(*pair) for model_id, pair in writer.models().items()}
    writer.reprice(prices, table.data_date, table.digest, clock.now_utc())


def find_prices(provider: str, model: str) -> Sequence[Price]:
    """Every dated list price of a model, for the store."""
    from tokentray.prices import lookup  # parses the price table: only where a model is new

    return lookup.find(provider, model)
