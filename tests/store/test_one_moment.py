"""What is read of a history while others write to it is of one moment."""

import threading
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tokentray.clock import UtcZone
from tokentray.errors import ReadInterruptedError
from tokentray.money import Nanos
from tokentray.store.history import History
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

BY_SOURCE = UsageQuery(("source",))


@pytest.fixture(name="path")
def path_fixture(tmp_path: Path) -> Path:
    """A history of a hundred dollars in two charges."""
    path = tmp_path / "history.db"
    writer = Writer(path)
    for cents in (4_000, 6_000):
        charge(writer, cents)
    writer.close()
    return path


def charge(writer: Writer, cents: int) -> None:
    with writer.telling() as told:
        told.add_charge(date(2026, 7, 1), Nanos(cents * 10**7), "USD", "acme", "", 0)


def spent(history: History) -> Decimal:
    return sum((row.cost for row in history.usage(BY_SOURCE, UtcZone())), Decimal())


def test_what_is_written_meanwhile_is_seen_afterwards(path: Path) -> None:
    """Inside of one moment every query sees the same, however deep they are nested; after it, what came since."""
    writer = Writer(path)
    with History(path) as history:
        with history.one_moment():
            assert spent(history) == 100
            charge(writer, 100)
            with history.one_moment():
                assert spent(history) == 100
                assert len(history.charges()) == 2
            assert history.version() == history.version()
            assert spent(history) == 100
        assert spent(history) == 101
        assert len(history.charges()) == 3
    writer.close()


def test_nothing_holds_on_to_a_moment_that_failed(path: Path) -> None:
    """The next one is a new one, and a writer can put its log away."""
    writer = Writer(path)
    with History(path) as history:
        with suppress(ReadInterruptedError), history.one_moment():
            spent(history)
            raise ReadInterruptedError("not wanted")
        charge(writer, 100)
        assert spent(history) == 101
        busy, in_log, put_away = writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        assert (busy, in_log, put_away) == (0, 0, 0)
    writer.close()


def test_every_total_is_whole_while_charges_move(path: Path) -> None:
    """Amounts are moved from one charge to another all the while: what is read adds up to the same, always."""
    over = threading.Event()

    def move() -> None:
        writer, number = Writer(path), 0
        while not over.is_set():
            number += 1
            cents = number * 37 % 10_000
            with writer.connection:
                writer.connection.execute("BEGIN IMMEDIATE")
                for id_, amount in ((1, cents), (2, 10_000 - cents)):
                    writer.connection.execute("UPDATE charges SET amount_nanos = ? WHERE id = ?", (amount * 10**7, id_))
        writer.close()

    thread = threading.Thread(target=move)
    thread.start()
    try:
        with History(path) as history:
            for _ in range(200):
                with history.one_moment():
                    told = {f"charge:{one.id}": one.amount_nanos for one in history.charges()}
                    assert spent(history) == 100
                    rows = {row.key("source"): row.cost * 10**9 for row in history.usage(BY_SOURCE, UtcZone())}
                    assert rows == {name: amount for name, amount in told.items() if amount}
    finally:
        over.set()
        thread.join()
