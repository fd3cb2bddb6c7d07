"""A full disk, a read-only folder, a busy file: our errors, nothing half written, and it goes on afterwards."""

import sqlite3
import sys
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.histories import HOME_OF, NOON, dump, grouped, read_logs
from tokentray.clock import UtcZone
from tokentray.engine.refresh import refresh
from tokentray.errors import ReadInterruptedError, StoreBusyError, StoreError, StoreFullError
from tokentray.model import LogEvent
from tokentray.money import Nanos
from tokentray.store import connection as store_connection
from tokentray.store.history import History
from tokentray.store.told import Told
from tokentray.store.usage import UsageQuery
from tokentray.store.writer import Batch, Writer

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs permission bits and resource limits")


def tell(writer: Writer, change: Callable[[Told], object]) -> None:
    """One change of what the person told."""
    with writer.telling() as told:
        change(told)


def env(agent: str, case: str) -> dict[str, str]:
    """The environment that makes a fixture an agent's home."""
    return {HOME_OF[agent]: str(LOGS / agent / case)}


def many_events(count: int) -> list[LogEvent]:
    """Calls that take some room, each with a session and a project of its own."""
    return [
        LogEvent(number, 0, 1_772_000_000 + number, "anthropic", "claude-opus-4-6", 0, f"/src/{number:06d}" * 8,
                 f"session-{number:06d}" * 8, 0, 1, 1, 0, 0, 0, 0, 0, 0)
        for number in range(count)
    ]  # fmt: skip


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A history that already holds something."""
    path = tmp_path / "data" / "history.db"
    read_logs(path, tmp_path, env("claude-code", "streaming"))
    return path


def test_a_full_disk_keeps_what_was_there(history: Path) -> None:
    """The batch that does not fit is not there at all, the writer goes on, and with room again all is read."""
    before = dump(history)
    writer = Writer(history)
    source = writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
    pages = writer.connection.execute("PRAGMA page_count").fetchone()[0]
    writer.connection.execute(f"PRAGMA max_page_count = {pages + 20}")
    with pytest.raises(StoreFullError) as caught:
        writer.apply(Batch(source, "host", many_events(2000), []))
    assert "full" in caught.value.title
    assert caught.value.hint
    assert not writer.connection.in_transaction
    assert dump(history) == before
    writer.apply(Batch(source, "host", many_events(3), []))
    writer.connection.execute("PRAGMA max_page_count = 1000000")
    writer.apply(Batch(source, "host", many_events(2000), []))
    writer.rebuild()
    writer.close()
    assert sum(row.requests for row in grouped(history)) == 2002


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.histories import dump, read_logs
from tokentray.errors import StoreFullError
from tests.store.unprivileged import give_up
give_up()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
history, home = Path(sys.argv[1]), Path(sys.argv[2])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), hard))
try:
    read_logs(history, home)
    print("read")
except StoreFullError as exc:
    print(exc.code)
"""


@posix
@pytest.mark.parametrize("room", [0, 4096, 20_000, 90_000, 200_000])
def test_no_room_while_a_first_read_runs(shared_temp: Path, run_program: Callable[..., str], room: int) -> None:
    """Wherever the disk fills up, it is said, what was committed is whole, and the next read completes it."""
    home = shared_temp
    home.chmod(0o777)
    project = home / ".claude" / "projects" / "-src-shop"
    project.mkdir(parents=True)
    line = (
        '{"type":"assistant","sessionId":"s%d","timestamp":"2026-03-04T09:00:00Z","requestId":"r%d","cwd":"/src/shop",'
        '"message":{"id":"m%d","model":"claude-opus-4-6","usage":{"input_tokens":1,"output_tokens":1}}}\n'
    )
    (project / "s.jsonl").write_text("".join(line % (n, n, n) for n in range(3000)), encoding="utf-8")
    history = home / "data" / "history.db"
    assert run_program(FULL_DISK, history, home, room).strip() == "store-full"
    if history.exists() and history.stat().st_size:
        check = sqlite3.connect(history)
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        check.close()
    read_logs(history, home)
    assert [row.requests for row in grouped(history)] == [3000]


READ_ONLY = """
import sys
from pathlib import Path
from tests.histories import grouped, read_logs
from tests.store.unprivileged import give_up
from tokentray.errors import StoreError
give_up()
history, home = Path(sys.argv[1]), Path(sys.argv[2])
try:
    read_logs(history, home, {"CLAUDE_CONFIG_DIR": sys.argv[3]})
    print("read")
except StoreError as exc:
    print(exc.code, bool(exc.hint))
try:
    print([row.requests for row in grouped(history)])
except StoreError as exc:
    print(exc.code, bool(exc.hint))
"""


@posix
@pytest.mark.parametrize(
    ("file_mode", "folder_mode", "wrote", "read"),
    [
        (0o444, 0o555, "store-read-only True", "[2]"),
        (0o444, 0o777, "store-read-only True", "[2]"),
        (0o666, 0o555, "store-read-only True", "[2]"),
        (0o000, 0o555, None, None),
        (None, 0o555, "store-read-only True", "[]"),
    ],
)
def test_read_only(
    shared_temp: Path,
    run_program: Callable[..., str],
    file_mode: int | None,
    folder_mode: int,
    wrote: str | None,
    read: str | None,
) -> None:
    """Without write access a refresh says so and changes nothing; what is there can still be looked at."""
    history = shared_temp / "data" / "history.db"
    history.parent.mkdir()
    before = None
    if file_mode is not None:
        read_logs(history, shared_temp, env("claude-code", "streaming"))
        before = (history.read_bytes(), history.stat().st_mtime_ns)
        history.chmod(file_mode)
    history.parent.chmod(folder_mode)
    first, second = run_program(READ_ONLY, history, shared_temp, LOGS / "claude-code" / "fork").splitlines()
    if wrote is None:
        assert first.startswith("store")
        assert second.startswith("store")
    else:
        assert first == wrote
        assert second == read
    history.parent.chmod(0o700)
    if before is not None:
        assert (history.read_bytes(), history.stat().st_mtime_ns) == before
    else:
        assert not history.exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where the folder should be is an error of ours, with what it is about."""
    (tmp_path / "data").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="data"):
        Writer(tmp_path / "data" / "history.db")
    with pytest.raises(StoreError):
        Writer(tmp_path / "data")


def test_a_folder_where_the_file_should_be(tmp_path: Path) -> None:
    """So is a folder of the history's name."""
    (tmp_path / "history.db").mkdir()
    with pytest.raises(StoreError, match=r"history\.db"):
        Writer(tmp_path / "history.db")


def test_busy_is_said_and_passes(history: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """While another process writes, a refresh waits; if that takes too long it says so, and nothing is lost."""
    monkeypatch.setattr(store_connection, "BUSY_TIMEOUT_S", 0.05)
    before = dump(history)
    other = sqlite3.connect(history, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError):
        read_logs(history, tmp_path, env("codex", "repeats"))
    assert grouped(history), "reading is not kept from it"
    other.execute("ROLLBACK")
    other.close()
    assert dump(history) == before
    read_logs(history, tmp_path, env("codex", "repeats"))
    assert dump(history) != before


def test_an_interrupted_transaction_leaves_nothing(history: Path) -> None:
    """Whatever ends it, a batch is there whole or not at all, names included, and the writer can be used on."""
    before = dump(history)
    writer = Writer(history)
    source = writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
    broken = [*many_events(5), LogEvent(*many_events(1)[0][:-1], "no number")]  # type: ignore[arg-type] # on purpose
    broken[-1] = broken[-1]._replace(model=None)  # type: ignore[arg-type] # NOT NULL refuses it
    with pytest.raises(StoreError):
        writer.apply(Batch(source, "host", broken, []))
    assert dump(history) == before
    writer.apply(Batch(source, "host", many_events(5), []))
    refresh(writer, clock=NOON, agents=(), env={}, home=history.parent)
    writer.close()
    assert sum(row.requests for row in grouped(history)) == 7


def test_every_method_of_the_writer_speaks_our_errors(history: Path) -> None:
    """The first page of every table but one is damaged: no library's error comes out of any method."""
    master = sqlite3.connect(history)
    roots = [
        row[0]
        for row in master.execute(
            "SELECT rootpage FROM sqlite_master WHERE rootpage > 0 AND tbl_name <> '_sqlite_migrations'"
        )
    ]
    master.close()
    content = bytearray(history.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    for number in roots:
        content[(number - 1) * size : number * size] = b"\xff" * size
    history.write_bytes(content)
    writer = Writer(history)
    calls: list[Callable[[], object]] = [
        lambda: writer.source("agent", "new", "x", "y", 0),
        writer.models,
        writer.price_table,
        writer.rebuild,
        lambda: writer.log_sightings("claude-code"),
        lambda: writer.log_files("claude-code", ["x"]),
        lambda: writer.new_models(many_events(1)),
        lambda: writer.set_file_problems("claude-code", {"/x": "unreadable"}),
        lambda: writer.mark_read(1, 0),
        lambda: tell(writer, lambda told: told.add_reference("hourly", "", Nanos(1), "USD", date(2026, 1, 1), 0)),
        lambda: tell(writer, lambda told: told.remove_reference(1)),
        lambda: writer.apply(Batch(1, "host", many_events(1), [])),
        lambda: writer.reprice({}, "2026-01-01", "x", 0),
    ]
    for call in calls:
        with pytest.raises(StoreError, match="damaged"):
            call()
    writer.close()


def test_a_read_that_nobody_waits_for_is_broken_off(history: Path) -> None:
    """From another thread, with an error of its own; the same history is then read as before, and closed it says
    nothing.
    """
    writer = Writer(history)
    source = writer.source("agent", "claude-code", "Claude Code", "anthropic", 0)
    writer.apply(Batch(source, "host", many_events(3000), []))
    writer.close()
    opened, query = History(history), UsageQuery(("session", "project"))
    whole = opened.usage(query, UtcZone())
    broken_off = threading.Event()

    def read() -> None:
        try:
            while opened.usage(query, UtcZone()) == whole:
                pass
        except ReadInterruptedError:
            broken_off.set()

    reader = threading.Thread(target=read)
    reader.start()
    while reader.is_alive():
        opened.interrupt()
        reader.join(0.001)
    assert broken_off.is_set()
    assert opened.usage(query, UtcZone()) == whole
    opened.close()
    opened.interrupt()
    History(None).interrupt()
