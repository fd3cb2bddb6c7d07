"""What all readers of log lines share: durable keys, believable times and counts, and finding lines fast."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import blake2b

from tokentray.agents.base import Skip

MAX_TOKENS_PER_CALL = 10**9
"""More than this in one call is no count but damage: a thousand times the largest context window."""
EARLIEST_UTC = 1_577_836_800
"""2020-01-01: older than every coding agent, so an earlier time comes from a broken clock."""


def hash64(*parts: str) -> int:
    """A durable signed 64-bit key of some text."""
    digest = blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def hash32(text: str) -> int:
    """A durable unsigned 32-bit key of some text; 0 for none."""
    if not text:
        return 0
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "big")


def utc_seconds(text: str | None) -> int | None:
    """An RFC 3339 time as UTC seconds; None where it is missing, has no offset or cannot be believed."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        seconds = int(moment.timestamp())
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None or seconds < EARLIEST_UTC:
        return None
    return seconds


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
