"""What a program that was ended left in a folder is gone after the next write there, and nothing else is."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tokentray.files import staged, work_folder

_HOURS_S = 2 * 3600
_WRITES = """
import sys
from pathlib import Path
from tokentray.files import staged
with staged(Path(sys.argv[1]), b"half", 0o600) as part:
    print(part.name, flush=True)
    sys.stdin.read()
"""
_COPIES = """
import sys
from pathlib import Path
from tokentray.files import work_folder
with work_folder(Path(sys.argv[1]), "part.db") as folder:
    folder.joinpath("part.db").write_bytes(b"half")
    folder.joinpath("part.db-journal").write_bytes(b"half")
    print(folder.name, flush=True)
    sys.stdin.read()
"""


@contextmanager
def _writing(target: Path, code: str = _WRITES) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A program that has written its part of a file and waits before it puts it in place."""
    pipes = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code, target], stdin=pipes, stdout=pipes, text=True) as program:
        assert program.stdout
        try:
            yield program, target.with_name(program.stdout.readline().strip())
        finally:
            program.kill()


def _age(path: Path) -> None:
    """Let a file, or a folder with all that is in it, have been touched last some hours ago."""
    for one in [*path.iterdir()] if path.is_dir() else []:
        _age(one)
    _age_alone(path)


def _age_alone(path: Path) -> None:
    about = path.stat()
    os.utime(path, (about.st_atime - _HOURS_S, about.st_mtime - _HOURS_S))


def _write(target: Path) -> None:
    with staged(target, b"whole", 0o600) as part:
        part.replace(target)


def test_what_a_program_that_was_ended_left_is_removed(tmp_path: Path) -> None:
    """By whatever is written to that folder next, once it is too old to be just being written."""
    with _writing(tmp_path / "october.md") as (program, part):
        program.kill()
        program.wait()
        _write(tmp_path / "november.md")
        assert part.read_bytes() == b"half"
        _age(part)
        _write(tmp_path / "november.md")
    assert [found.name for found in tmp_path.iterdir() if found.is_file()] == ["november.md"]


@pytest.mark.skipif(os.name != "posix", reason="Windows tells it by the age alone")
def test_the_part_of_a_living_program_is_never_removed(tmp_path: Path) -> None:
    """However old it is: a computer may sleep in the middle of an export."""
    with _writing(tmp_path / "october.md") as (program, part):
        _age(part)
        _write(tmp_path / "november.md")
        assert part.read_bytes() == b"half"
        program.communicate("")
        assert not part.exists()


def _copy(target: Path) -> None:
    with work_folder(target, "part.db") as folder:
        folder.joinpath("part.db").write_bytes(b"whole")
        folder.joinpath("part.db").replace(target)


def test_the_folder_of_a_copy_that_was_ended_is_removed(tmp_path: Path) -> None:
    """It may hold all of a history. Not while it is new, nor where there is anything else in it."""
    mine = tmp_path / ".tokentray-abcdefgh"
    mine.mkdir()
    (mine / "mine.txt").write_text("mine")
    _age(mine)
    with _writing(tmp_path / "first.db", _COPIES) as (program, left):
        program.kill()
        program.wait()
        _copy(tmp_path / "second.db")
        assert (left / "part.db").read_bytes() == b"half"
        _age_alone(left)
        _copy(tmp_path / "second.db")
        assert left.exists(), "what is in it may still be being written"
        _age(left)
        _write(tmp_path / "october.md")
        assert left.exists(), "who writes a file looks for files alone"
        _copy(tmp_path / "second.db")
        assert not left.exists()
    assert (mine / "mine.txt").read_text() == "mine"
    assert (tmp_path / "second.db").read_bytes() == b"whole"


@pytest.mark.skipif(os.name != "posix", reason="Windows tells it by the age alone")
def test_the_folder_of_a_living_copy_is_never_removed(tmp_path: Path) -> None:
    """Nor what is in it."""
    with _writing(tmp_path / "first.db", _COPIES) as (program, folder):
        _age(folder)
        _copy(tmp_path / "second.db")
        assert (folder / "part.db").read_bytes() == b"half"
        program.communicate("")
        assert not folder.exists()


def test_files_of_others_stay(tmp_path: Path) -> None:
    """What only looks like a part: of another name, a folder, a link."""
    for name in (".tokentray-notes.part", ".tokentray-abcdefgh.partly", "tokentray-abcdefgh.part", "mine.txt"):
        (tmp_path / name).write_text("mine")
        _age(tmp_path / name)
    folder = tmp_path / ".tokentray-abcdefgh.part"
    folder.mkdir()
    _age(folder)
    try:
        (tmp_path / ".tokentray-ijklmnop.part").symlink_to("mine.txt")
        if os.utime in os.supports_follow_symlinks:
            os.utime(tmp_path / ".tokentray-ijklmnop.part", (0, 0), follow_symlinks=False)
    except OSError:
        pass  # this account may not make links
    before = {*tmp_path.iterdir()}
    _write(tmp_path / "october.md")
    _copy(tmp_path / "copy.db")
    assert {*tmp_path.iterdir()} == {*before, tmp_path / "october.md", tmp_path / "copy.db"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permission bits bind everybody but root")
def test_a_folder_that_may_not_be_listed_is_written_to(tmp_path: Path) -> None:
    """Looking for what was left is no reason to fail."""
    folder = tmp_path / "drop"
    folder.mkdir(mode=0o300)
    try:
        _write(folder / "october.md")
    finally:
        folder.chmod(0o700)
    assert (folder / "october.md").read_bytes() == b"whole"
