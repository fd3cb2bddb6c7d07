"""Backups: one whole private file, at any moment, over nothing that is not a backup; and restored, the same again."""

import os
import shutil
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from tests.histories import dump, grouped
from tests.store.told_history import NOW, make_backup, make_history, tables
from tokentray.errors import NoDataError, RefusedError, StoreError, TokenTrayError
from tokentray.model import LogEvent
from tokentray.store.backup import back_up, contents
from tokentray.store.connection import open_reader
from tokentray.store.writer import Batch, Writer

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs permission bits, links, pipes or resource limits")


def alone(path: Path) -> bool:
    """Whether a backup is in one piece, with nothing left beside it."""
    return not [other for other in path.parent.iterdir() if other.name.startswith((f"{path.name}-", ".tokentray"))]


def event(number: int) -> LogEvent:
    """A call of one token."""
    return LogEvent(number, 0, NOW + number % 4000, "anthropic", "claude-opus-4-8", 0, "/p", "s", 0,
                    1, 1, 0, 0, 0, 0, 0, 0)  # fmt: skip


def test_one_whole_private_file(tmp_path: Path) -> None:
    """The backup holds every row, needs no write-ahead log, is for its owner only, and says what is in it."""
    history = make_history(tmp_path / "data" / "history.db")
    before = os.umask(0)
    try:
        made = back_up(history, tmp_path / "b.db")
    finally:
        os.umask(before)
    assert tables(made.path) == tables(history)
    assert dump(made.path) == dump(history)
    assert made.path.read_bytes()[18:20] == b"\x01\x01", "a rollback journal, so that the file is all there is"
    assert alone(made.path)
    assert made.size == made.path.stat().st_size
    if sys.platform != "win32":
        assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert made.contents.calls == sum(row.requests for row in grouped(history, where=[("agent", "codex")])) + sum(
        row.requests for row in grouped(history, where=[("agent", "claude-code")])
    )
    assert (made.contents.plans, made.contents.charges, made.contents.notes) == (1, 1, 2)
    assert (made.contents.payer_rules, made.contents.reference_points, made.contents.exports) == (3, 2, 1)


def test_while_a_writer_writes(tmp_path: Path) -> None:
    """Every backup taken under a busy writer is sound, and holds each batch whole or not at all."""
    history = tmp_path / "data" / "history.db"
    Writer(history).close()
    stop, written = threading.Event(), count(0)

    def write() -> None:
        writer = Writer(history)
        source = writer.source("agent", "codex", "Codex", "openai", 0)
        while not stop.is_set():
            first = next(written) * 50
            writer.apply(Batch(source, "host", [event(first + number) for number in range(50)], []))
            writer.rebuild()
        writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    sizes = []
    try:
        for number in range(12):
            backup = back_up(history, tmp_path / f"{number % 2}.db").path
            with closing(sqlite3.connect(backup)) as connection:
                sizes.append(connection.execute("SELECT COUNT(*) FROM log_events").fetchone()[0])
    finally:
        stop.set()
        thread.join(30)
    assert all(size % 50 == 0 for size in sizes)
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0], "it wrote all the while"


@posix
@pytest.mark.parametrize("what", ["itself", "link", "hard link", "wal", "shm", "folder", "pipe", "device", "loop"])
def test_places_that_are_not_for_a_backup(tmp_path: Path, what: str) -> None:
    """Refused with a reason before anything is written; the history stays as it is."""
    history = make_history(tmp_path / "data" / "history.db")
    before = tables(history)
    target = tmp_path / "b.db"
    if what == "itself":
        target = history.parent / ".." / "data" / "history.db"
    elif what == "link":
        target.symlink_to(history)
    elif what == "hard link":
        target.hardlink_to(history)
    elif what in ("wal", "shm"):
        target = history.with_name(f"history.db-{what}")
    elif what == "folder":
        target.mkdir()
    elif what == "pipe":
        os.mkfifo(target)
    elif what == "device":
        target = Path("/dev/null")
    else:
        target.symlink_to(target)
    with pytest.raises(TokenTrayError, match="The backup was not made") as caught:
        back_up(history, target)
    assert caught.value.exit_status == (3 if what == "loop" else 2)
    assert tables(history) == before


@pytest.mark.parametrize("what", ["text", "empty", "their database", "another history"])
def test_only_a_backup_is_written_over(tmp_path: Path, what: str) -> None:
    """A file of somebody's, a database of another program and a history in use stay as they are, to the byte."""
    history = make_history(tmp_path / "data" / "history.db")
    target = tmp_path / "b.db"
    if what == "text":
        target.write_text("my only novel", encoding="utf-8")
    elif what == "empty":
        target.touch()
    elif what == "their database":
        with closing(sqlite3.connect(target)) as other:
            other.execute("CREATE TABLE bookmarks (url TEXT)")
    else:
        target = make_history(tmp_path / "other" / "history.db", seed=2)
    before = target.read_bytes()
    with pytest.raises(RefusedError, match="no backup of TokenTray's") as caught:
        back_up(history, target)
    assert caught.value.hint
    assert target.read_bytes() == before
    assert alone(target)


@posix
def test_an_older_backup_is_replaced(tmp_path: Path) -> None:
    """Also through a link, which goes on leading there; its mode is private again."""
    history = make_history(tmp_path / "data" / "history.db", seed=2)
    old = make_backup(tmp_path)
    old.chmod(0o644)
    link = tmp_path / "latest.db"
    link.symlink_to(old)
    back_up(history, link)
    assert link.is_symlink()
    assert tables(old) == tables(history)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600


def test_nothing_to_back_up(tmp_path: Path) -> None:
    """No history, or an empty file in its place: said, and no file is made."""
    history = tmp_path / "data" / "history.db"
    for _ in range(2):
        with pytest.raises(NoDataError, match="nothing to back up"):
            back_up(history, tmp_path / "b.db")
        history.parent.mkdir(exist_ok=True)
        history.touch()
    assert not (tmp_path / "b.db").exists()


def test_a_damaged_history_is_not_passed_off_as_a_backup(tmp_path: Path) -> None:
    """What does not hold together gets no name, and the older backup stays."""
    history = make_history(tmp_path / "data" / "history.db", calls=400)
    back_up(history, tmp_path / "b.db")
    before = (tmp_path / "b.db").read_bytes()
    with closing(sqlite3.connect(history)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'log_events_at'").fetchone()[0]
    content = bytearray(history.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    content[(root - 1) * page : root * page] = b"\xff" * page
    history.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        back_up(history, tmp_path / "b.db")
    assert (tmp_path / "b.db").read_bytes() == before
    assert alone(tmp_path / "b.db")


NO_ROOM = """
import resource, signal, sys
from pathlib import Path
from tokentray.errors import TokenTrayError
from tokentray.store.backup import back_up
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    back_up(Path(sys.argv[1]), Path(sys.argv[2]))
except TokenTrayError as exc:
    print(exc)
"""


@posix
@pytest.mark.parametrize("room", [40_000, 90_000])
def test_no_room_keeps_the_older_backup(tmp_path: Path, run_program: Callable[..., str], room: int) -> None:
    """A disk that fills up on the way leaves what was there, and nothing half written."""
    backup = make_backup(tmp_path)
    before = backup.read_bytes()
    history = make_history(tmp_path / "data" / "history.db", seed=2)
    said = run_program(NO_ROOM, history, backup, str(room))
    assert "The backup was not made" in said
    assert "room" in said
    assert backup.read_bytes() == before
    assert alone(backup)


NOT_ALLOWED = """
import sys
from pathlib import Path
from tests.store.unprivileged import give_up
from tokentray.errors import TokenTrayError
from tokentray.store import backup, restore
give_up()
try:
    backup.back_up(Path(sys.argv[1]), Path(sys.argv[2]))
except TokenTrayError as exc:
    print(exc)
"""


@posix
def test_a_folder_that_may_not_be_written_to(shared_temp: Path, run_program: Callable[..., str]) -> None:
    """Said in words, with what to do."""
    folder = shared_temp / "closed"
    folder.mkdir(mode=0o755)
    shared_temp.chmod(0o777)
    history = make_history(shared_temp / "data" / "history.db")
    history.chmod(0o666)
    history.parent.chmod(0o777)
    folder.chmod(0o555)
    if os.geteuid() != 0:
        pytest.skip("needs root, to have a folder of another user's")
    said = run_program(NOT_ALLOWED, history, folder / "b.db")
    assert "no permission to write" in said
    assert "Choose another folder" in said
    assert list(folder.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """Nothing is created on the way to a backup."""
    history = make_history(tmp_path / "data" / "history.db")
    with pytest.raises(TokenTrayError, match="there is no folder") as caught:
        back_up(history, tmp_path / "usb" / "b.db")
    assert caught.value.exit_status == 3
    assert not (tmp_path / "usb").exists()


def test_what_it_says_of_itself_is_what_it_holds(tmp_path: Path) -> None:
    """A history that nobody used yet has no span, and its backup says so."""
    history = tmp_path / "data" / "history.db"
    Writer(history).close()
    assert back_up(history, tmp_path / "b.db").contents == (0, None, None, 0, 0, 0, 0, 0, 0)
    shutil.copy(tmp_path / "b.db", tmp_path / "c.db")
    reader = open_reader(tmp_path / "c.db")
    assert reader is not None
    assert contents(reader).last_utc is None
    reader.close()
