"""What all readers of log lines share: durable keys, believable times and counts, and finding lines fast."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import TypeVar
from zlib import crc32

import msgspec

from tokentray.agents.base import Skip

T = TypeVar("T")

MAX_TOKENS_PER_CALL = 10**9
"""More than this in one call is no count but damage: a thousand times the largest context window."""
EARLIEST_UTC = 1_577_836_800
"""2020-01-01: older than every coding agent, so an earlier time comes from a broken clock."""
LATEST_UTC = 4_102_444_800
"""2100-01-01: a later time comes from a broken clock too, and would make every history 75 years long."""

# What a decoder raises for a line that is cut, no UTF-8, of another shape, or nested too deeply to follow.
UNREADABLE = (ValueError, RecursionError)

_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[dD][89a-fA-F][0-9a-fA-F]{2}|.)", re.DOTALL
)
_HALF_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


def hash64(*parts: str) -> int:
    """A durable signed 64-bit key of some text."""
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def hash32(text: str) -> int:
    """A durable unsigned 32-bit key of some text; 0 for none."""
    if not text:
        return 0
    return crc32(text.encode("utf-8", "surrogatepass"))


def utc_seconds(text: str | None) -> int | None:
    """An RFC 3339 time as UTC seconds; None where it is missing, has no offset or cannot be believed."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    seconds = int(moment.timestamp())
    return seconds if EARLIEST_UTC <= seconds < LATEST_UTC else None


def with_whole_characters(raw: bytes) -> bytes | None:
    """A line with each half of a surrogate pair replaced by U+FFFD; None where it holds none.

    JavaScript writes such halves (text cut in the middle of an emoji), and strict decoders refuse the line.
    """
    if _HALF_PAIR.search(raw) is None:
        return None
    mended = _ESCAPE.sub(lambda match: rb"\ufffd" if len(match[0]) == 6 and match[0][1:2] == b"u" else match[0], raw)
    return None if mended == raw else mended


def decoded(decoder: msgspec.json.Decoder[T], raw: bytes) -> T | None:
    """A line as its decoder has it, broken characters mended; None where it cannot be decoded."""
    try:
        return decoder.decode(raw)
    except UNREADABLE:
        mended = with_whole_characters(raw)
    if mended is not None:
        with suppress(*UNREADABLE):
            return decoder.decode(mended)
    return None


def believable(*counts: int) -> bool:
    """Whether token counts can be those of one call."""
    return min(counts) >= 0 and max(counts) <= MAX_TOKENS_PER_CALL


def lines_with(block: bytes, needle: bytes, skipped: Counter[str]) -> Iterator[bytes]:
    """The lines of a block that hold `needle`. Lines that cannot be a JSON object are counted and left out.

    Two running searches (line ends, needle) instead of a test per line: most bytes of a log are never looked
    at twice, and lines without the needle are never copied.
    """
    find = block.find
    position = 0
    hit = find(needle)
    end = find(b"\n")
    while end >= 0:
        if end > position:
            if block[position] == 0x7B and block[end - 1] == 0x7D:
                if 0 <= hit < end:
                    yield block[position:end]
            elif not _object_with_space_around(block[position:end]):
                skipped[Skip.NOT_JSON] += 1
            elif 0 <= hit < end:
                yield block[position:end]
        position = end + 1
        if 0 <= hit < position:
            hit = find(needle, position)
        end = find(b"\n", position)


def _object_with_space_around(line: bytes) -> bool:
    stripped = line.strip()
    return not stripped or (stripped.startswith(b"{") and stripped.endswith(b"}"))
