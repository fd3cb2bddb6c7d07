"""Reads what is new in a growing file, in blocks of complete lines, in bounded memory.

A mark says how far a file was read and how to tell that it is still the same file. A line longer than
MAX_LINE_BYTES is passed over without being held. A last line without a newline is handed out apart: it may
still be growing, so the mark stays before it and it is read again.
"""

import os
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CHUNK_BYTES = 1 << 18
MAX_LINE_BYTES = 16 << 20
_CHECK_BYTES = 64


class FileMark(NamedTuple):
    """How far a file was read. identity: device and inode; check: CRC of the bytes just before the offset."""

    identity: str = ""
    size: int = 0
    mtime_ns: int = 0
    offset: int = 0
    check: int = 0


class Block(NamedTuple):
    """Complete lines, each with its newline. end: the file offset after them."""

    lines: bytes
    end: int
    too_long: int = 0


class GrowingFile:
    """One file opened for reading on from a mark. Use as a context manager; OSError is the caller's to handle."""

    def __init__(self, path: Path, mark: FileMark) -> None:
        # O_NONBLOCK: a pipe that somebody left in the folder must not hang the reader.
        self._fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        info = os.fstat(self._fd)
        if not stat.S_ISREG(info.st_mode):
            os.close(self._fd)
            raise IsADirectoryError(f"not a file: {path}")
        self.identity = f"{info.st_dev}:{info.st_ino}"
        self.size = info.st_size
        self.mtime_ns = info.st_mtime_ns
        self.restarted = mark.offset > 0 and not self._continues(mark)
        self.start = 0 if self.restarted else mark.offset
        self._exhausted = False
        self.tail = b""
        """Bytes after the last newline once blocks() is exhausted."""

    def __enter__(self) -> "GrowingFile":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def _continues(self, mark: FileMark) -> bool:
        return self.identity == mark.identity and self.size >= mark.offset and self._check(mark.offset) == mark.check

    def _check(self, offset: int) -> int:
        start = max(0, offset - _CHECK_BYTES)
        os.lseek(self._fd, start, os.SEEK_SET)
        return zlib.crc32(os.read(self._fd, offset - start))

    def mark(self, offset: int) -> FileMark:
        """The mark of this file, read up to `offset`. Midway it keeps that as the size, so that the file still
        looks changed if nothing more of it is read this time."""
        size = self.size if self._exhausted else offset
        return FileMark(self.identity, size, self.mtime_ns, offset, self._check(offset) if offset else 0)

    def blocks(self) -> Iterator[Block]:
        """What follows the mark, a few hundred KB at a time, up to the size the file had when opened."""
        fd = self._fd
        position = self.start
        carry: list[bytes] = []
        carried = 0
        dropping = False
        while position < self.size:
            os.lseek(fd, position, os.SEEK_SET)  # a mark taken between two blocks reads elsewhere
            chunk = os.read(fd, min(CHUNK_BYTES, self.size - position))
            if not chunk:
                break
            position += len(chunk)
            end = chunk.rfind(b"\n") + 1
            if not end:
                if not dropping:
                    carry.append(chunk)
                    carried += len(chunk)
                    if carried > MAX_LINE_BYTES:
                        carry.clear()
                        carried, dropping = 0, True
                continue
            too_long = 0
            if dropping:
                first = chunk.find(b"\n") + 1
                lines, too_long, dropping = chunk[first:end], 1, False
            else:
                carry.append(chunk[:end])
                lines = b"".join(carry) if len(carry) > 1 else carry[0]
            carry = [chunk[end:]] if end < len(chunk) else []
            carried = len(chunk) - end
            yield Block(lines, position - carried, too_long)
        self.tail = b"" if dropping else b"".join(carry)
        self._exhausted = True
