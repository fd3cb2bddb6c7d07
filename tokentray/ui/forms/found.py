"""What was found of an agent, in words: the same at the first start and in the settings."""

from datetime import date

from tokentray.insight.told_words import day_text
from tokentray.money import NumberStyle
from tokentray.setup import AgentSetup

_LONG_AGO_DAYS = 7


def found_text(agent: AgentSetup, today: date, style: NumberStyle, *, reading: bool = False) -> str:
    """ "117 sessions, 2,653 calls, since 3 Aug 2026". reading: logs are being read, so there may be more to come."""
    if not agent.requests:
        if not agent.found:
            return "no logs on this machine"
        return "reading its logs…" if reading else f"{_count(agent.files, 'log file', style)}, no calls in them yet"
    parts = [_count(agent.sessions, "session", style), _count(agent.requests, "call", style)]
    if agent.first_day is not None:
        parts.append(f"since {day_text(agent.first_day)}")
    if agent.last_day is not None and (today - agent.last_day).days > _LONG_AGO_DAYS:
        parts.append(f"last on {day_text(agent.last_day)}")
    if not agent.found:
        parts.append("its logs are no longer on this machine")
    return ", ".join(parts)


def capitalised(text: str) -> str:
    """A text that may stand within a sentence, at the begin of one."""
    return text[:1].upper() + text[1:]


def _count(number: int, what: str, style: NumberStyle) -> str:
    return f"{style.number(number)} {what}{'' if number == 1 else 's'}"
