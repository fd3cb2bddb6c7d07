"""What is remembered of exported months, in this build's histories and in one of the build before it knew of them."""

import sqlite3
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_migrations import SCHEMAS, columns, tables
from tokentray.clock import UtcZone
from tokentray.errors import StoreError
from tokentray.model import ExportedFile, ExportRecord
from tokentray.store.history import History
from tokentray.store.restore import checked_backup
from tokentray.store.salvage import salvage
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

PDF = ExportedFile("pdf", "/home/ada/März.pdf", "ab" * 32)
CSV = ExportedFile("csv", "/home/ada/März.csv", "0" * 64)
OCTOBER = ExportRecord(9, "2026-10", 1_793_700_000, False, True, True, (PDF, CSV), '{"total":"1.5"}')


def test_exports_are_kept_as_they_were_made(tmp_path: Path) -> None:
    """Newest first, files in the order in which they were written; those of one month alone where it is asked for."""
    path = tmp_path / "history.db"
    later = OCTOBER._replace(
        at_utc=OCTOBER.at_utc + 60, redacted=True, automatic=False, provisional=False, files=(PDF,)
    )
    september = OCTOBER._replace(month="2026-09", at_utc=OCTOBER.at_utc + 30, files=())
    writer = Writer(path)
    assert [writer.add_export(record) for record in (OCTOBER, later, september)] == [1, 2, 3]
    same_second = writer.add_export(later)
    writer.close()
    with History(path) as history:
        assert history.exports() == [
            later._replace(id=same_second),
            later._replace(id=2),
            september._replace(id=3),
            OCTOBER._replace(id=1),
        ]
        assert history.exports("2026-09") == [september._replace(id=3)]
        assert [record.id for record in history.exports("2026-10")] == [4, 2, 1]
        assert history.exports("2026-08") == []
    assert History(None).exports() == []


@pytest.mark.skipif(sys.platform == "win32", reason="names of files are text there")
def test_a_path_need_not_be_text(tmp_path: Path) -> None:
    """Linux names files in bytes; the one that was written is found again."""
    path = tmp_path / "history.db"
    odd = PDF._replace(path="/home/ada/M\udce4rz\n.pdf")
    writer = Writer(path)
    writer.add_export(OCTOBER._replace(files=(odd,)))
    writer.close()
    with History(path) as history:
        assert history.exports()[0].files == (odd,)


def test_an_export_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    """One file named twice is refused, and nothing of that export stays."""
    path = tmp_path / "history.db"
    writer = Writer(path)
    with pytest.raises(StoreError):
        writer.add_export(OCTOBER._replace(files=(PDF, PDF)))
    writer.close()
    with History(path) as history:
        assert history.exports() == []


@pytest.fixture
def fourth(tmp_path: Path) -> Path:
    """A history as the fourth release left it."""
    path = tmp_path / "data" / "history.db"
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.executescript((SCHEMAS / "m004.sql").read_text(encoding="utf-8"))
    connection.close()
    return path


# What the fourth release itself said of this file, by payer and currency: requests, spend, list cost, unpriced tokens.
FOURTH_PRINTED = {
    ("", "USD"): (10, "12.345678901", "13.744400375", 1_153_284),
    ("account:3", "USD"): (5, "5.615213375", "1.615213375", 170),
    ("nobody", "USD"): (2, "0", "0.25903675", 184_334),
    ("plan:1", "EUR"): (0, "225.476190476", "0", 0),
    ("plan:1", "USD"): (14, "400.000000008", "14.941340375", 741_824),
}


def test_the_fourth_release_s_totals_stay(fourth: Path) -> None:
    """To the nano, by payer, with its notes; its backup is restored with them, and exports can be kept in both."""
    old = sqlite3.connect(fourth)
    old.execute("VACUUM INTO ?", (str(fourth.with_name("backup.db")),))
    old.close()
    restored = fourth.parent / "new" / "history.db"
    with checked_backup(fourth.with_name("backup.db"), restored) as checked:
        checked.restore("then")
    Writer(fourth).close()
    assert len(list(fourth.parent.glob("history-before-m005-*.db"))) == 1
    for path in (fourth, restored):
        writer = Writer(path)
        writer.add_export(OCTOBER)
        writer.close()
        with History(path) as history:
            found = history.usage(UsageQuery(("payer",), today=date(2026, 5, 10)), UtcZone())
            assert [note.text for note in history.notes()] == ["the “import” of release 4", "tried three models"]
            assert history.exports() == [OCTOBER._replace(id=1)]
        assert {
            (row.key("payer"), row.currency): (row.requests, row.cost, row.list_cost, row.unpriced_tokens)
            for row in found
        } == {
            key: (requests, Decimal(cost), Decimal(worth), unpriced)
            for key, (requests, cost, worth, unpriced) in FOURTH_PRINTED.items()
        }


def test_the_fourth_release_s_history_has_this_build_s_schema(fourth: Path, tmp_path: Path) -> None:
    """Nothing of it is touched."""
    names = tables(fourth) - {"_sqlite_migrations", "sqlite_sequence"}
    connection = sqlite3.connect(fourth)
    before = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in names}
    connection.close()
    Writer(fourth).close()
    connection = sqlite3.connect(fourth)
    assert {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in names} == before
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
    Writer(tmp_path / "blank.db").close()
    assert columns(fourth) == columns(tmp_path / "blank.db")


def test_a_damaged_history_keeps_its_exports(tmp_path: Path) -> None:
    """A file whose export is lost goes with it; the others are still known by what was written to them."""
    path = tmp_path / "history.db"
    writer = Writer(path)
    writer.source("agent", "codex", "Codex", "openai", 0)
    writer.add_export(OCTOBER)
    lost = writer.add_export(OCTOBER._replace(files=(PDF,)))
    writer.connection.execute("PRAGMA foreign_keys = OFF")
    writer.connection.execute("DELETE FROM exports WHERE id = ?", (lost,))
    writer.close()
    salvage(path, "then", "2026-11-22")
    with History(path) as history:
        assert history.exports() == [OCTOBER._replace(id=1)]
        assert history.connection is not None
        assert history.connection.execute("SELECT DISTINCT export_id FROM exported_files").fetchall() == [(1,)]
