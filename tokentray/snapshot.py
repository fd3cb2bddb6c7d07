"""The one picture of everything that tray, popover, `status` and `statusline` show: frozen, and free of effects.

Made by engine.snapshots; windows and commands only show it, so they cannot disagree.
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Worth:
    """An amount with all that is said of it.

    amount_text: "≈ $11.97", "at least ≈ $11.97", "not priced". equivalent_text: "7 min of your time", or "".
    known_text: how it is known, a sentence for hover and focus.
    """

    list_cost: Decimal | None
    currency: str
    tokens: int
    unpriced_tokens: int
    basis: tuple[str, ...]
    caveats: tuple[str, ...]
    amount_text: str
    equivalent_text: str
    known_text: str


class SourceState(StrEnum):
    """How well a source is being read."""

    FRESH = "fresh"
    STALE = "stale"
    FAILING = "failing"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source in the popover and in `status`. bar_permille: this month's worth against the largest source's."""

    id: str
    kind: str
    label: str
    today: Worth
    month: Worth
    bar_permille: int
    state: SourceState
    last_success_utc: int | None
    as_of_text: str
    error: str


@dataclass(frozen=True, slots=True)
class DayBar:
    """One local day of the last thirty. height_permille: against the highest of them."""

    day: date
    label: str
    worth: Worth
    height_permille: int


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that failed, in the words shown everywhere."""

    title: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class ReadProgress:
    """How far a read of the logs has come."""

    files_done: int
    files_total: int


class SnapshotState(StrEnum):
    """What the tray icon says by its shape."""

    NOTHING_READ = "nothing-read"
    FRESH = "fresh"
    STALE = "stale"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that tray, popover, `status` and `statusline` show, so that they cannot disagree.

    lines: the three lines of tooltip, menu and the head of `status`.
    today_minutes: today's worth in whole minutes of the person's time, None without a reference point.
    today_short: at most three characters for the icon. ring_permille: today as a part of one hour, below 1000;
    whole hours are in ring_hours. quiet_text: what the history holds where the days shown hold nothing, else "".
    """

    taken_at_utc: int
    as_of_text: str
    state: SnapshotState
    today: Worth
    month: Worth
    month_label: str
    sources: tuple[SourceLine, ...]
    days: tuple[DayBar, ...]
    lines: tuple[str, str, str]
    has_reference: bool
    today_minutes: int | None
    ring_permille: int
    ring_hours: int
    today_short: str
    quiet_text: str = ""
    problems: tuple[Problem, ...] = field(default=())
    progress: ReadProgress | None = None

    @property
    def blank(self) -> bool:
        """Whether no source was ever read, so that there is no amount to show, not even nothing."""
        return all(line.last_success_utc is None for line in self.sources)
