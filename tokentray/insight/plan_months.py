"""Plans over some days: what each cost, what its tokens are worth, who used it and when last. Pure and exact."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from tokentray.insight.standing import PLAN
from tokentray.model import UsageRow

QUIET_AFTER_DAYS = 14
"""Without use for this long, a plan that is paid for is worth a quiet word."""


class PlanDays(NamedTuple):
    """name: "plan:1". rows: of its fee and of what it covered, by day and source. sources: those that used it."""

    name: str
    rows: tuple[UsageRow, ...]
    sources: tuple[str, ...]
    last_used: date | None


def plan_days(rows: Iterable[UsageRow]) -> list[PlanDays]:
    """Every plan that rows by day, source and payer tell of, in the order of their ids."""
    mine: dict[str, list[UsageRow]] = {}
    for row in rows:
        if row.key("payer").startswith(PLAN):
            mine.setdefault(row.key("payer"), []).append(row)
    return [_plan(name, mine[name]) for name in sorted(mine, key=lambda name: int(name.removeprefix(PLAN)))]


def _plan(name: str, rows: Sequence[UsageRow]) -> PlanDays:
    used = [row for row in rows if row.total_tokens or row.requests]
    days = [row.key("day") for row in used]
    sources = dict.fromkeys(row.key("source") for row in used)
    return PlanDays(name, tuple(rows), tuple(sources), date.fromisoformat(max(days)) if days else None)


def idle_text(last_used: date | None, known_from: date, today: date) -> str:
    """ "no use in 16 days" of a plan last used then, "" where that is not long enough ago to be worth a word.

    known_from: the first of the days that were looked at.
    """
    days = (today - (last_used or known_from)).days
    if last_used is None:
        return f"no use in {days} days or more" if days >= QUIET_AFTER_DAYS else ""
    return f"no use in {days} days" if days >= QUIET_AFTER_DAYS else ""
