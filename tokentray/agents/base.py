"""What an agent's module offers the scanner, and the checks that all of them share.

An agent says where its logs live and how a block of complete lines becomes events. It never opens the
database, asks the time or knows another agent. What cannot be read is counted by kind, never raised.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from typing import Protocol

from tokentray.model import LogEvent

MAX_TOKENS_PER_CALL = 10**9
"""More than this in one call is no count but damage: a thousand times the largest context window."""
EARLIEST_UTC = 1_577_836_800
"""2020-01-01: older than every coding agent, so an earlier time comes from a broken clock."""


class Skip:
    """Kinds of lines and files that are passed over: stable ids, shown by `doctor`."""

    NOT_JSON = "not-json"
    TOO_LONG = "too-long"
    UNKNOWN_KIND = "unknown-kind"
    BAD_TIME = "bad-time"
    BAD_COUNT = "bad-count"
    UNREADABLE = "unreadable"
    NOT_A_FILE = "not-a-file"
    LINK_LOOP = "link-loop"


SKIP_WORDS: Mapping[str, str] = {
    Skip.NOT_JSON: "cut or not JSON",
    Skip.TOO_LONG: "longer than 16 MiB",
    Skip.UNKNOWN_KIND: "of a kind this build does not know",
    Skip.BAD_TIME: "without a believable time",
    Skip.BAD_COUNT: "with token counts that cannot be",
    Skip.UNREADABLE: "not permitted to read",
    Skip.NOT_A_FILE: "a folder or device where a file should be",
    Skip.LINK_LOOP: "a link that leads in a circle",
}


@dataclass(frozen=True, slots=True)
class LogRoot:
    """A folder that an agent keeps logs in."""

    path: Path
    agent: str


class LogParser(Protocol):
    """Reads one log file, from a state that an earlier run left or from the start."""

    skipped: Counter[str]
    """Lines passed over in this run, by kind of Skip."""

    def parse(self, block: bytes) -> Iterable[LogEvent]:
        """Events of a block of complete lines, each ending in a newline."""
        ...

    def state(self) -> str:
        """What the next run needs to go on from here, "" for nothing."""
        ...


class Agent(Protocol):
    """One coding agent's logs."""

    id: str
    label: str
    provider: str

    def roots(self, env: Mapping[str, str], home: Path) -> list[Path]:
        """Folders to look in, the agent's own overrides honoured. They need not exist."""
        ...

    def owns(self, relative: str) -> bool:
        """Whether a file below a root, named with forward slashes, is one of this agent's logs."""
        ...

    def parser(self, path: Path, state: str) -> LogParser:
        """A parser for one file. `state`: what state() gave when the file was last left, else ""."""
        ...


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


def split_paths(value: str) -> list[Path]:
    """A comma-separated list of folders from an environment variable."""
    return [Path(part.strip()).expanduser() for part in value.split(",") if part.strip()]
