"""Files that cannot be read: listed by kind, cleared when mended, and never in the way of the rest."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.histories import NOON, cells, dump, read_logs, skipped
from tokentray.agents.base import SKIP_WORDS, Skip
from tokentray.engine.refresh import refresh
from tokentray.store.history import History
from tokentray.store.writer import Writer

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
WHOLE = ("claude-code", "streaming")
posix = pytest.mark.skipif(sys.platform == "win32", reason="needs links, pipes and permission bits")


@pytest.fixture
def folder(private_home: Path) -> Path:
    """The folder of a project with one readable log."""
    target = private_home / ".claude" / "projects" / "-src-shop"
    shutil.copytree(LOGS.joinpath(*WHOLE) / "projects" / "-src-shop", target)
    return target


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """Where the history is."""
    return tmp_path / "data" / "history.db"


WANTED = {(): (2, 14, 508, 0, 10900, 900, 0, 0)}


def listed(history: Path) -> set[tuple[str, str]]:
    """Whole files passed over: name and kind."""
    with History(history) as opened:
        assert opened.connection is not None
        rows = opened.connection.execute("SELECT path, kind FROM skipped WHERE whole_file = 1").fetchall()
    return {(Path(path).name, kind) for path, kind in rows}


def break_folder(folder: Path) -> None:
    (folder / "odd.jsonl").mkdir()
    (folder / "odd.jsonl" / "inside.jsonl").write_text("{}\n", encoding="utf-8")


def break_link(folder: Path) -> None:
    (folder / "odd.jsonl").symlink_to(folder / "gone.jsonl")


def break_loop(folder: Path) -> None:
    (folder / "odd.jsonl").symlink_to(folder / "odd.jsonl")


def break_pipe(folder: Path) -> None:
    os.mkfifo(folder / "odd.jsonl")


@posix
@pytest.mark.parametrize(
    ("damage", "kind"),
    [
        (break_folder, Skip.NOT_A_FILE),
        (break_link, Skip.BROKEN_LINK),
        (break_loop, Skip.LINK_LOOP),
        (break_pipe, Skip.NOT_A_FILE),
    ],
)
def test_listed_and_cleared(folder: Path, history: Path, private_home: Path, damage: object, kind: str) -> None:
    """The rest is read, the odd one is named once however often it is met, and forgotten once it is gone."""
    assert callable(damage)
    damage(folder)
    for _ in range(2):
        result = read_logs(history, private_home)
        # A link to nothing hides nothing that could be read: it is listed, but no failure of the refresh.
        failed = [] if kind == Skip.BROKEN_LINK else [("odd.jsonl", kind)]
        assert [(Path(failure.path).name, failure.kind) for failure in result.failures] == failed
        assert listed(history) == {("odd.jsonl", kind)}
        assert skipped(history) == {kind: 1}
        assert cells(history, ()) == WANTED
    assert kind in SKIP_WORDS
    odd = folder / "odd.jsonl"
    if odd.is_dir() and not odd.is_symlink():
        shutil.rmtree(odd)
    else:
        odd.unlink()
    shutil.copy(folder / "s1.jsonl", odd)  # mended: now a file like any other
    assert read_logs(history, private_home).failures == []
    assert listed(history) == set()
    assert cells(history, ()) == WANTED


UNREADABLE = """
import sys
from pathlib import Path
from tests.histories import read_logs, skipped
from tests.store.unprivileged import give_up
give_up()
home = Path(sys.argv[1])
result = read_logs(home / "data" / "history.db", home)
print([(Path(f.path).name, f.kind) for f in result.failures], skipped(home / "data" / "history.db"), result.files_read)
"""


@posix
def test_no_permission(shared_temp: Path, run_program: Callable[..., str]) -> None:
    """A file and a folder without read permission are named; what can be read is; mended, they are forgotten."""
    home = shared_temp
    folder = home / ".claude" / "projects" / "-src-shop"
    shutil.copytree(LOGS.joinpath(*WHOLE) / "projects" / "-src-shop", folder)
    locked, closed = folder / "locked.jsonl", folder / "closed"
    locked.write_text('{"type":"user"}\n', encoding="utf-8")
    closed.mkdir()
    for path in (home, folder, folder.parent, folder.parent.parent):
        path.chmod(0o777)
    (folder / "s1.jsonl").chmod(0o644)
    locked.chmod(0)
    closed.chmod(0)
    expected = "[('closed', 'unreadable'), ('locked.jsonl', 'unreadable')] {'unreadable': 2}"
    for _ in range(2):
        assert run_program(UNREADABLE, home).startswith(expected)
    locked.chmod(0o644)
    closed.chmod(0o755)
    assert run_program(UNREADABLE, home) == "[] {} 1\n"
    assert cells(home / "data" / "history.db", ()) == WANTED


@posix
def test_links_are_followed_once(folder: Path, history: Path, private_home: Path) -> None:
    """A linked folder is read, a link back to a folder above is not walked in circles, and nothing counts twice."""
    real = private_home / "elsewhere" / "-src-other"
    shutil.copytree(LOGS / "claude-code" / "cache-split" / "projects" / "-src-shop", real)
    (folder.parent / "linked").symlink_to(real)
    (folder.parent / "again").symlink_to(folder)
    (real / "up").symlink_to(folder.parent)
    (folder / "up").symlink_to(folder.parent)
    result = read_logs(history, private_home)
    assert result.failures == []
    # The linked log has msg_1 and msg_2 with less output, and msg_3 and msg_4 besides: 1 + 1 in and out, 50 + 7
    # written for 5 minutes, 30 for an hour.
    assert cells(history, ()) == {(): (4, 16, 510, 0, 10900, 957, 30, 0)}
    assert read_logs(history, private_home).files_read == 0


@posix
def test_very_deep_folders(history: Path, private_home: Path) -> None:
    """A tree deeper than Python's own stack is walked without an error."""
    start, depth = Path.cwd(), 1200
    deep = private_home / ".claude" / "projects"
    deep.mkdir(parents=True)
    try:
        os.chdir(deep)
        for _ in range(depth):
            Path("d").mkdir()
            os.chdir("d")
        shutil.copy(LOGS.joinpath(*WHOLE) / "projects" / "-src-shop" / "s1.jsonl", "s1.jsonl")
        result = read_logs(history, private_home)
        assert result.failures == []
        assert cells(history, ()) == WANTED
    finally:
        Path("s1.jsonl").unlink()
        for _ in range(depth):  # not left to pytest, whose rmtree is as deep as the tree
            os.chdir("..")
            Path("d").rmdir()
        os.chdir(start)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has file names that are no text")
def test_names_that_are_no_utf8(folder: Path, history: Path, private_home: Path) -> None:
    """A file or folder named in another encoding is read like any other, and problems with one are named."""
    odd = os.fsencode(folder) + b"/caf\xe9.jsonl"
    (folder / "s1.jsonl").rename(os.fsdecode(odd))
    odd_folder = folder.parent / os.fsdecode(b"\xff")
    odd_folder.mkdir()
    (odd_folder / os.fsdecode(b"\xfe.jsonl")).symlink_to("nowhere")
    for _ in range(2):
        result = read_logs(history, private_home)
        assert result.failures == []
        assert [kind for _, kind in listed(history)] == [Skip.BROKEN_LINK]
        assert cells(history, ()) == WANTED
    assert result.files_read == 0
    writer = Writer(history)
    refresh(writer, clock=NOON, home=private_home, env={}, only=[os.fsdecode(odd)])
    writer.close()


def test_vanished_files_change_nothing(folder: Path, history: Path, private_home: Path) -> None:
    """Agents delete old logs: what was counted stays, also where the whole folder is gone."""
    read_logs(history, private_home)
    before = dump(history)
    (folder / "s1.jsonl").unlink()
    assert read_logs(history, private_home).failures == []
    assert dump(history) == before
    shutil.rmtree(private_home / ".claude")
    result = read_logs(history, private_home)
    assert result.found == []
    assert dump(history) == before


def test_a_file_that_moves_or_is_copied_counts_once(folder: Path, history: Path, private_home: Path) -> None:
    """Keys hold no path: a renamed, copied or restored log is the same calls."""
    read_logs(history, private_home)
    before = cells(history, ("day", "model"))
    (folder / "s1.jsonl").rename(folder / "renamed.jsonl")
    other = folder.parent / "-src-elsewhere"
    shutil.copytree(folder, other)
    read_logs(history, private_home)
    assert cells(history, ("day", "model")) == before


def test_skipped_lines_of_a_replaced_file_are_counted_anew(folder: Path, history: Path, private_home: Path) -> None:
    """Counts of passed-over lines are those of the file as it is now, not of every version of it."""
    path = folder / "odd.jsonl"
    path.write_text("not json\nnot json\n", encoding="utf-8")
    read_logs(history, private_home)
    assert skipped(history) == {Skip.NOT_JSON: 2}
    path.write_text("broken\n", encoding="utf-8")
    read_logs(history, private_home)
    assert skipped(history) == {Skip.NOT_JSON: 1}
    with path.open("a", encoding="utf-8") as file:
        file.write("again\n")
    read_logs(history, private_home)
    assert skipped(history) == {Skip.NOT_JSON: 2}
