"""What the keys of usage and their values are called in reports."""

from collections.abc import Sequence
from contextlib import suppress

from tokentray.engine.reports.ground import Ground
from tokentray.engine.reports.view_parts import in_words
from tokentray.insight.periods import bar_texts
from tokentray.insight.standing import CHARGE, PLAN
from tokentray.model import UsageRow
from tokentray.question import SPLITS
from tokentray.report import Choice
from tokentray.store.usage import KEYS

TITLES = {
    "day": "Day",
    "week": "Week",
    "month": "Month",
    "hour": "Hour",
    "provider": "Provider",
    "source": "Source",
    "account": "Account",
    "agent": "Agent",
    "model": "Model",
    "tier": "Tier",
    "project": "Project",
    "key": "API key",
    "payer": "Payer",
    "session": "Session",
    "machine": "Machine",
    "kind": "Token kind",
}
NONE = ""
"""The grouping by nothing."""
_FIRST = ("source", "model", "project", "account", "kind", NONE)
_FURTHER = ("provider", "agent", "payer", "tier", "key", "session", "machine", "day", "week", "month", "hour")
KINDS = {
    "input": "Input",
    "output": "Output",
    "cache-read": "Cache read",
    "cache-write-5m": "Cache write, 5 minutes",
    "cache-write-1h": "Cache write, 1 hour",
    "search": "Searches",
}
_MISSING = {
    "provider": "No provider",
    "source": "No source",
    "account": "No account",
    "agent": "No agent",
    "model": "No model",
    "tier": "No tier",
    "project": "No project",
    "key": "No key",
    "payer": "Nobody has said",
    "session": "No session",
    "machine": "No machine",
    "kind": "No kind of token",
    "hour": "No hour",
}
_TYPED = frozenset((PLAN[:-1], CHARGE[:-1]))


def groupings(by: Sequence[str]) -> tuple[Choice, ...]:
    """What the usage can be grouped by. by: as it is now, which may be several keys at once."""
    known = [key for key in (*_FIRST, *_FURTHER) if key in KEYS or key == NONE]
    made = [Choice(key, TITLES.get(key, "Nothing")) for key in known]
    if len(by) > 1:
        made.append(Choice(",".join(by), ", ".join(TITLES[key] for key in by)))
    return tuple(made)


def by_text(by: Sequence[str]) -> str:
    """Within a sentence: "by model and project", "" for nothing."""
    named = [TITLES[key] if TITLES[key].startswith("API") else TITLES[key].lower() for key in by]
    return f"by {' and '.join(named)}" if named else ""


def label(ground: Ground, key: str, value: str) -> str:
    """A value as people read it: "Claude Max", "Sat 14 November 2026", "No model"."""
    if not value:
        return _MISSING.get(key, "–")
    if key in ("source", "account"):
        return in_words(ground.names.source(value))
    if key == "agent":
        return in_words(ground.names.labels.get(value, value))
    if key == "payer":
        return in_words(ground.names.payer(value))
    if key == "kind":
        return KINDS.get(value, value)
    if key in SPLITS:
        with suppress(ValueError):  # asked for by hand: no such day
            return bar_texts(key, [value])[0].label
    return in_words(value)


def label_of(ground: Ground, key: str, value: str, rows: Sequence[UsageRow]) -> str:
    """The same of a group; what has no model or project because it is a fee says so."""
    if value or key in ("source", "payer") or not any(not _TYPED.isdisjoint(row.basis) for row in rows):
        return label(ground, key, value)
    used = any(row.total_tokens or row.requests for row in rows)
    return f"{_MISSING.get(key, '–')}, with fees and charges" if used else "Fees and charges"
