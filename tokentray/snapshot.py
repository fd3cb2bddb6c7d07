"""The one picture of everything that tray, popover, `status` and `statusline` show: frozen, and free of effects.

Made by engine.snapshots; windows and commands only show it, so they cannot disagree. Named tuples, for `status` and a
status bar are started often: dataclasses would cost them 20 ms.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Amount(NamedTuple):
    """An amount with all that is said of it. Money in currency units, unrounded.

    cost: what counts as spend. list_cost: worth at list price, None where there are tokens and no price for any, or
    where no exchange rate leads from it to `currency`.
    amount_text: the figure to show, "≈ $11.97", "$6.67", "at least ≈ $3.10", "not priced": the spend, or the worth
    where nobody has said who pays. is_spend says which of the two. worth_text: "worth ≈ $38.10" beside a plan's
    fee, "plans worth ≈ $38.10" beside a total, else "". note_text: what must be said under the figure, "worth at
    list price" or "+ ≈ $3.20 at list price, payer not said", else "". equivalent_text: "7 min of your time", or "".
    known_text: how it is known, for hover and focus.
    """

    cost: Decimal
    list_cost: Decimal | None
    currency: str
    tokens: int
    unpriced_tokens: int
    basis: tuple[str, ...]
    caveats: tuple[str, ...]
    amount_text: str
    equivalent_text: str
    known_text: str
    is_spend: bool = False
    worth_text: str = ""
    note_text: str = ""
    others: tuple[tuple[str, Decimal], ...] = ()
    """Currency and spend of what cannot be converted into `currency`; amount_text holds it too."""


class SourceState(StrEnum):
    """How well a source is being read."""

    FRESH = "fresh"
    STALE = "stale"
    FAILING = "failing"
    NEVER = "never"


class Standing(StrEnum):
    """Where a row stands: what the person pays, what is paid elsewhere, and what nobody has said who pays for."""

    SPEND = "spend"
    ELSEWHERE = "elsewhere"
    UNASSIGNED = "unassigned"


class SourceLine(NamedTuple):
    """One row in the popover and in `status`, in the order to show them: standing, then the largest first.

    id: the source's own, "codex", "plan:1", "charge:2". kind: "agent", "account", "plan" or "charge". tag_text:
    what stands beside the amount, "plan", "charge" or "". bar_permille: this month's amount against the largest
    of the same standing.
    """

    id: str
    kind: str
    label: str
    standing: Standing
    tag_text: str
    today: Amount
    month: Amount
    bar_permille: int
    state: SourceState
    last_success_utc: int | None
    as_of_text: str
    error: str


class SourceHealth(NamedTuple):
    """How well one agent or account is being read."""

    id: str
    kind: str
    label: str
    state: SourceState
    last_success_utc: int | None
    error: str


class DayBar(NamedTuple):
    """One local day of the last thirty. height_permille: its amount against the highest of them.

    worth_permille: what that amount bought at list price, on the same scale; 0 where amounts are worth themselves.
    """

    day: date
    label: str
    amount: Amount
    height_permille: int
    worth_permille: int = 0


class Problem(NamedTuple):
    """Something that failed, in the words shown everywhere. grave: False for a remark, such as on a setting."""

    title: str
    message: str
    hint: str
    grave: bool = True


class ReadProgress(NamedTuple):
    """How far a read of the logs has come."""

    files_done: int
    files_total: int


class SnapshotState(StrEnum):
    """What the tray icon says by its shape."""

    NOTHING_READ = "nothing-read"
    FRESH = "fresh"
    STALE = "stale"
    FAILING = "failing"


class Snapshot(NamedTuple):
    """All that tray, popover, `status` and `statusline` show, so that they cannot disagree.

    lines: the three lines of tooltip, menu and the head of `status`.
    counts_spend: whether the person has said who pays for anything, so that amounts are spend; else they are worth
    at list price. today_minutes: today's amount in whole minutes of the person's time, None without an hourly rate
    or pay, and where nothing of today has a price. today_short: at most three characters for the icon, "?" where
    nothing has a price. ring_permille: today as a part of one hour, below 1000; whole hours are in ring_hours.
    quiet_text: what the history holds where the days shown hold nothing, else "". first_run: whether the window of
    the first start is still to be shown. icon_mode: "ring", "amount" or "mark".
    """

    taken_at_utc: int
    as_of_text: str
    state: SnapshotState
    today: Amount
    month: Amount
    month_label: str
    sources: tuple[SourceLine, ...]
    days: tuple[DayBar, ...]
    lines: tuple[str, str, str]
    has_reference: bool
    counts_spend: bool
    today_minutes: int | None
    ring_permille: int
    ring_hours: int
    today_short: str
    health: tuple[SourceHealth, ...] = ()
    """Every agent and account, also those that have no row of their own."""
    quiet_text: str = ""
    first_run: bool = False
    icon_mode: str = "ring"
    problems: tuple[Problem, ...] = ()
    progress: ReadProgress | None = None

    @property
    def blank(self) -> bool:
        """Whether no source was ever read, so that there is no amount to show, not even nothing."""
        return all(one.last_success_utc is None for one in self.health) and not self.sources
