"""Providers' servers, scripted: each keeps the books of a made-up organisation, answers as the provider would, and can
say what it told of one person.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from tokentray.ledger import Own


class Tokens(NamedTuple):
    """Of one model and UTC day."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0


class Books(NamedTuple):
    """What a person used, by model and UTC day ("2026-11-19"): nano-dollars, and tokens."""

    billed: Mapping[tuple[str, str], int]
    metered: Mapping[tuple[str, str], Tokens]


class LedgerServer(Protocol):
    """A scripted provider. key: one that it takes. own: the part that is the person's."""

    key: str
    own: Own

    @property
    def url(self) -> str:
        """Its base URL."""
        ...

    @property
    def now_utc(self) -> int:
        """Its clock, which its Date header tells."""
        ...

    def advance(self, seconds: int) -> None:
        """Let time pass, and people work."""
        ...

    def correct(self) -> None:
        """Change what was told of the last days."""
        ...

    def ledger(self) -> Books:
        """What it would tell of the person by now, of all time."""
        ...

    def close(self) -> None:
        """Stop answering."""
        ...
