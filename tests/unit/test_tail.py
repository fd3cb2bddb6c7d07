"""Reading on in a growing file: every complete line once, in bounded memory, whatever happens to the file."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokentray.agents import tail
from tokentray.agents.tail import CHUNK_BYTES, MAX_LINE_BYTES, FileMark, GrowingFile


def read(path: Path, mark: FileMark | None = None) -> tuple[bytes, FileMark, GrowingFile, int]:
    """New complete lines, the mark after them, the closed file, and how many lines were too long."""
    with GrowingFile(path, mark or FileMark()) as log:
        got, end, too_long = b"", log.start, 0
        for block in log.blocks():
            assert not block.lines or block.lines.endswith(b"\n")
            got += block.lines
            end = block.end
            too_long += block.too_long
        return got, log.mark(end), log, too_long


def test_half_a_line_waits(tmp_path: Path) -> None:
    """A line without its newline is handed out as the tail, and read again once it is whole."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n{"b"')
    lines, mark, log, _ = read(path)
    assert (lines, log.tail, mark.offset) == (b'{"a":1}\n', b'{"b"', 8)
    with path.open("ab") as file:
        file.write(b":2}\n")
    lines, mark, log, _ = read(path, mark)
    assert (lines, log.tail, mark.offset) == (b'{"b":2}\n', b"", 16)
    assert not log.restarted
    assert read(path, mark)[0] == b""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"")), max_size=30),
    st.lists(st.integers(0, 1300), max_size=6),
    st.integers(1, 64),
)
def test_any_growth_reads_every_line_once(
    tmp_path: Path, lines: list[bytes], cuts: list[int], chunk_bytes: int
) -> None:
    """However a file grows and however small the pieces read, its complete lines come once and in order."""
    whole = b"".join(line + b"\n" for line in lines)
    path = tmp_path / "grows.jsonl"
    path.unlink(missing_ok=True)
    got, mark = b"", FileMark()
    before = tail.CHUNK_BYTES
    tail.CHUNK_BYTES = chunk_bytes
    try:
        for cut in [*sorted(min(cut, len(whole)) for cut in cuts), len(whole)]:
            with path.open("ab") as file:
                file.write(whole[file.tell() : cut])
            new, mark, log, _ = read(path, mark)
            assert not log.restarted
            got += new
            assert got + log.tail == whole[:cut]
    finally:
        tail.CHUNK_BYTES = before
    assert got == whole


def test_marking_between_blocks_loses_nothing(tmp_path: Path) -> None:
    """A mark may be taken while blocks are still to come: a large file is committed in pieces."""
    line = b'{"text":"' + b"x" * 1000 + b'"}\n'
    path = tmp_path / "large.jsonl"
    path.write_bytes(line * 1000)
    got, marks = b"", []
    with GrowingFile(path, FileMark()) as log:
        for block in log.blocks():
            got += block.lines
            marks.append((log.mark(block.end), len(got)))
    assert len(marks) >= 3
    assert got == line * 1000
    for mark, length in marks:
        assert mark.offset == length
        assert read(path, mark)[0] == (line * 1000)[length:]


def test_a_mark_midway_does_not_look_finished(tmp_path: Path) -> None:
    """Size and time of a mark say "read whole" only where it was: else the rest would never be looked at."""
    path = tmp_path / "large.jsonl"
    path.write_bytes(b'{"a":1}\n' * 2)
    info = path.stat()
    with GrowingFile(path, FileMark()) as log:
        midway, finished = log.mark(8), read(path)[1]
        assert (finished.size, finished.mtime_ns) == (info.st_size, info.st_mtime_ns)
        assert (midway.size, midway.mtime_ns) != (info.st_size, info.st_mtime_ns)
    assert read(path, midway)[0] == b'{"a":1}\n'


def test_truncated_file_starts_over(tmp_path: Path) -> None:
    """A file that shrank is another file: it is read from its start."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"old":1}\n{"old":2}\n')
    mark = read(path)[1]
    path.write_bytes(b'{"new":1}\n')
    lines, mark, log, _ = read(path, mark)
    assert log.restarted
    assert lines == b'{"new":1}\n'
    path.write_bytes(b"")
    lines, mark, log, _ = read(path, mark)
    assert (lines, log.restarted, mark.offset) == (b"", True, 0)


def test_replaced_file_of_the_same_size(tmp_path: Path) -> None:
    """Another inode under the same name and of the same size is another file."""
    path, other = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    path.write_bytes(b'{"a":1}\n')
    mark = read(path)[1]
    other.write_bytes(b'{"a":1}\n')
    other.replace(path)
    lines, _, log, _ = read(path, mark)
    assert log.restarted
    assert lines == b'{"a":1}\n'


@pytest.mark.parametrize("longer", [b"", b'{"a":3}\n'])
def test_rewritten_in_place(tmp_path: Path, longer: bytes) -> None:
    """The same inode with other bytes before the mark is read from its start, also where it only grew."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n')
    mark = read(path)[1]
    with path.open("r+b") as file:
        file.write(b'{"a":2}\n' + longer)
    lines, _, log, _ = read(path, mark)
    assert log.restarted
    assert lines == b'{"a":2}\n' + longer


def test_nul_bytes_are_passed_on(tmp_path: Path) -> None:
    """Zeros, as a power cut leaves them, are bytes like any other: what follows is still read."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n' + b"\0" * 5000 + b'\n{"b":2}\n' + b"\0" * 7)
    lines, _, log, _ = read(path)
    assert lines == b'{"a":1}\n' + b"\0" * 5000 + b'\n{"b":2}\n'
    assert log.tail == b"\0" * 7


@pytest.mark.parametrize("ends", [True, False])
def test_a_line_past_the_limit_is_passed_over(tmp_path: Path, ends: bool) -> None:
    """It is counted once it has ended, its neighbours are read, and without an end the mark stays before it."""
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a":1}\n')
        file.write(b"x" * (MAX_LINE_BYTES + 2 * CHUNK_BYTES))
        if ends:
            file.write(b'\n{"b":2}\n{"c"')
    lines, mark, log, too_long = read(path)
    assert lines == (b'{"a":1}\n{"b":2}\n' if ends else b'{"a":1}\n')
    assert too_long == int(ends)
    assert log.tail == (b'{"c"' if ends else b"")
    assert mark.offset == (path.stat().st_size - 4 if ends else 8)


MEMORY = """
import sys, tracemalloc
from pathlib import Path
from tokentray.agents.tail import FileMark, GrowingFile
tracemalloc.start()
with GrowingFile(Path(sys.argv[1]), FileMark()) as log:
    print(sum(len(block.lines) for block in log.blocks()), len(log.tail), tracemalloc.get_traced_memory()[1])
"""


def test_a_line_of_200_mb_in_bounded_memory(tmp_path: Path) -> None:
    """Reading it takes the memory of the longest line that is held, and of joining it, not of the line."""
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"a":1}\n{"b":"')
        file.seek(200 * 1024 * 1024, os.SEEK_CUR)  # a sparse file: zeros that take no disk
        file.write(b'"}\n{"c":3}\n')
    run = subprocess.run(
        [sys.executable, "-c", MEMORY, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    length, tail_length, peak = map(int, run.stdout.split())
    assert (length, tail_length) == (16, 0)
    assert peak <= 2 * MAX_LINE_BYTES


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    """A pipe that somebody left among the logs is refused at once."""
    path = tmp_path / "pipe.jsonl"
    os.mkfifo(path)
    raised: list[BaseException] = []

    def attempt() -> None:
        try:
            GrowingFile(path, FileMark())
        except OSError as exc:
            raised.append(exc)

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert len(raised) == 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """Opening a folder is an OSError, and leaves no descriptor behind."""
    descriptors = Path("/proc/self/fd")
    before = len(list(descriptors.iterdir())) if descriptors.is_dir() else 0
    for _ in range(3):
        with pytest.raises(OSError, match=r"not a file|[Pp]ermission"):
            GrowingFile(tmp_path, FileMark())
    if before:
        assert len(list(descriptors.iterdir())) == before


def test_growth_during_the_reading_waits(tmp_path: Path) -> None:
    """What is appended after the file was opened is left for the next time, so a reading ends."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a":1}\n')
    with GrowingFile(path, FileMark()) as log:
        with path.open("ab") as file:
            file.write(b'{"b":2}\n')
        assert [block.lines for block in log.blocks()] == [b'{"a":1}\n']
        mark = log.mark(8)
    assert mark.size == 8
    assert read(path, mark)[0] == b'{"b":2}\n'
