"""A damaged history: what can be read stands in its place, and the damaged file is kept."""

import random
import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from tokentray.clock import SystemClock, UtcZone
from tokentray.engine.demo import fill
from tokentray.errors import StoreDamagedError
from tokentray.store.history import History
from tokentray.store.salvage import salvage
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Writer

PAGE = 4096
DAY = "2026-11-22"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up year."""
    path = tmp_path_factory.mktemp("sound") / "history.db"
    writer = Writer(path)
    fill(writer, now_utc=SystemClock().now_utc(), years=1, heavy=False, seed=3, zone=UtcZone())
    writer.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    writer.close()
    return path


@pytest.fixture
def history(sound: Path, tmp_path: Path) -> Path:
    """A copy of it to damage."""
    return Path(shutil.copy(sound, tmp_path / "history.db"))


def total(path: Path) -> tuple[int, Decimal, Decimal | None]:
    """Calls, spend and worth of everything."""
    with History(path) as opened:
        assert opened.integrity() == "ok"
        (row,) = opened.usage(UsageQuery(()), UtcZone())
        return row.requests, row.cost, row.list_cost


def pages_of(path: Path, *names: str) -> list[int]:
    """The numbers of the pages of tables and indices, from 1; their first pages left out."""
    marks = ", ".join("?" * len(names))
    with closing(sqlite3.connect(path)) as opened:
        roots = {row[0] for row in opened.execute("SELECT rootpage FROM sqlite_master")}
        try:
            rows = opened.execute(f"SELECT pageno FROM dbstat WHERE name IN ({marks})", names).fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite cannot tell which page is whose")
    return [row[0] for row in rows if row[0] not in roots]


def damage(path: Path, pages: list[int], seed: int = 1) -> bytes:
    """Fill pages with noise; what the file is then."""
    data, noise = bytearray(path.read_bytes()), random.Random(seed)
    for page in pages:
        data[(page - 1) * PAGE : page * PAGE] = noise.randbytes(PAGE)
    path.write_bytes(data)
    return bytes(data)


def test_sums_outlive_their_events(history: Path) -> None:
    """Where calls cannot be read, the sums of their quarter hours still count: the total is as it was."""
    before = total(history)
    damaged = damage(history, random.Random(5).sample(pages_of(history, "log_events"), 20))
    done = salvage(history, "x", DAY)
    assert not done.whole
    assert total(history) == before
    assert (history.parent / done.kept).read_bytes() == damaged, "kept as it was, to the byte"
    with History(history) as opened:
        assert opened.salvaged() == done
        assert not opened.has_read(), "every log is read again, for what was lost"
    assert sorted(path.name for path in history.parent.iterdir() if "salvaging" in path.name) == []


def test_sums_that_are_lost_are_made_from_their_events(history: Path) -> None:
    """The other way round."""
    before = total(history)
    damage(history, random.Random(6).sample(pages_of(history, "usage_buckets"), 5))
    salvage(history, "x", DAY)
    assert total(history) == before


def test_a_lost_index_loses_nothing(history: Path) -> None:
    """Tables are read by themselves."""
    before = total(history)
    damage(history, pages_of(history, "log_events_at", "prices_of_model"))
    salvage(history, "x", DAY)
    assert total(history) == before


def test_lost_names_lose_no_amount(history: Path) -> None:
    """A stand-in keeps the tokens of a model or project whose name cannot be read."""
    before = total(history)
    with closing(sqlite3.connect(history, isolation_level=None)) as opened:
        opened.execute("PRAGMA foreign_keys = OFF")
        opened.execute("DELETE FROM projects WHERE id = 1")
        opened.execute("DELETE FROM sessions WHERE id < 5")
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    salvage(history, "x", DAY)
    assert total(history) == before
    with History(history) as opened_again:
        names = {row.key("project") for row in opened_again.usage(UsageQuery(("project",)), UtcZone())}
    assert "(lost) 1" in names


@pytest.mark.parametrize("seed", range(6))
def test_damage_anywhere(history: Path, seed: int) -> None:
    """However hard it was hit: sound afterwards and never more than there was, or left as it is."""
    before, chance = total(history), random.Random(seed)
    count = history.stat().st_size // PAGE
    damaged = damage(history, [chance.randint(2, count) for _ in range(chance.choice((3, 30, 300)))], seed)
    try:
        salvage(history, "x", DAY)
    except StoreDamagedError:
        assert history.read_bytes() == damaged
        return
    assert total(history)[0] <= before[0]


def test_a_file_cut_in_half(history: Path) -> None:
    """The half that is there is read."""
    before = total(history)
    history.write_bytes(history.read_bytes()[: history.stat().st_size // 2])
    try:
        salvage(history, "x", DAY)
    except StoreDamagedError:
        return
    assert 0 < total(history)[0] <= before[0]


def test_what_is_no_database_is_left(tmp_path: Path) -> None:
    """Nothing can be read, so nothing is put in its place, and no copies pile up."""
    folder = tmp_path / "data"
    folder.mkdir()
    history = folder / "history.db"
    history.write_bytes(b"somebody's file" * 300)
    with pytest.raises(StoreDamagedError, match="nothing of"):
        salvage(history, "x", DAY)
    assert history.read_bytes() == b"somebody's file" * 300
    assert sorted(path.name for path in folder.iterdir()) == ["history.db", "restore.lock"]


def test_what_stands_in_the_write_ahead_log_is_read(history: Path) -> None:
    """The newest is there alone, as a crash leaves it."""
    before = total(history)
    writer = Writer(history)
    with closing(History(history)):  # keeps the log from being folded in
        writer.connection.execute(
            "INSERT INTO charges (day, amount_nanos, currency, provider, text, created_at)"
            " VALUES ('2026-11-01', 5000000000, 'USD', 'openai', '', 0)"
        )
        folder = history.parent / "crashed"
        folder.mkdir()
        for name in ("history.db", "history.db-wal"):
            shutil.copy(history.with_name(name), folder / name)
    writer.close()
    crashed = folder / "history.db"
    damage(crashed, random.Random(7).sample(pages_of(history, "log_events"), 3))
    done = salvage(crashed, "x", DAY)
    assert total(crashed)[1] == before[1] + 5
    assert (folder / f"{done.kept}-wal").exists()
