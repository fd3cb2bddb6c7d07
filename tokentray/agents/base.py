"""What an agent's module offers the scanner.

An agent says where its logs live and how a block of complete lines becomes events. It never opens the
database, asks the time or knows another agent. What cannot be read is counted by kind, never raised. Finding
logs and reading them are apart, since looking for what changed must not load a decoder.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from tokentray.model import LogEvent


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
    BROKEN_LINK = "broken-link"


SKIP_WORDS: Mapping[str, str] = {
    Skip.NOT_JSON: "cut or not JSON",
    Skip.TOO_LONG: "longer than 16 MiB",
    Skip.UNKNOWN_KIND: "of a kind this build does not know",
    Skip.BAD_TIME: "without a believable time",
    Skip.BAD_COUNT: "with token counts that cannot be",
    Skip.UNREADABLE: "not permitted to read",
    Skip.NOT_A_FILE: "a folder or device where a file should be",
    Skip.LINK_LOOP: "a link that leads in a circle",
    Skip.BROKEN_LINK: "a link that leads nowhere",
}


class LogParser(Protocol):
    """Reads one log file, from a state that an earlier run left or from the start."""

    skipped: Counter[str]
    """Lines passed over in this run, by kind of Skip."""
    plan_type: str
    """The plan that the lines of this run last named as the agent's, as it names it; "" for none."""

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


def split_paths(value: str) -> list[Path]:
    """A comma-separated list of folders from an environment variable."""
    return [Path(part.strip()).expanduser() for part in value.split(",") if part.strip()]
