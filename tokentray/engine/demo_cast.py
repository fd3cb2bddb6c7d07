"""Who and what is in the made-up history: agents, models with the days they came out, projects and days off.

Everything here is invented but for the names of agents and models, which are those the price table knows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

MACHINE = "demo"
_SWITCH_DAYS = 10
IDLE_DAYS = 40
"""The tool that is paid for and left alone was last used this many days ago."""
SCALE_DAYS = 91
"""The workload that grows began this many days ago."""
LOCAL_MODEL_DAYS = range(134, 156)
"""How many days ago a model on the person's own machine, which has no list price, was tried out."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of models, newest last: (day it came out, name). The first holds before its day too."""

    models: tuple[tuple[str, str], ...]

    def on(self, day: date, chance: float) -> str:
        """The model in use on a day. People move over within ten days; chance (0 to 1) decides who has."""
        name = self.models[0][1]
        for since, newer in self.models[1:]:
            age = (day - date.fromisoformat(since)).days
            if age >= 0 and chance * _SWITCH_DAYS <= age + 1:
                name = newer
        return name


@dataclass(frozen=True, slots=True)
class DemoAgent:
    """An agent and how the person uses it.

    share: parts of a thousand of the sessions. deep_permille: sessions that ask for the larger models.
    writes_cache: whether its logs tell cache writes. fast_since: from when a few sessions pay for speed.
    """

    id: str
    label: str
    provider: str
    share: int
    everyday: Line
    deep: Line
    deep_permille: int = 0
    helper: Line | None = None
    writes_cache: bool = False
    reasons: bool = False
    fast_since: date | None = None


_OPUS = Line(
    (
        ("2024-03-04", "claude-3-opus-20240229"),
        ("2025-05-22", "claude-opus-4-20250514"),
        ("2025-08-05", "claude-opus-4-1-20250805"),
        ("2025-11-24", "claude-opus-4-5-20251101"),
        ("2026-02-05", "claude-opus-4-6"),
        ("2026-04-16", "claude-opus-4-7"),
        ("2026-07-20", "claude-opus-5"),
        ("2026-10-06", "claude-opus-5-5"),
    )
)
_SONNET = Line(
    (
        ("2024-06-20", "claude-3-5-sonnet-20240620"),
        ("2025-02-24", "claude-3-7-sonnet-20250219"),
        ("2025-05-22", "claude-sonnet-4-20250514"),
        ("2025-09-29", "claude-sonnet-4-5-20250929"),
        ("2026-02-17", "claude-sonnet-4-6"),
        ("2026-07-20", "claude-sonnet-5"),
        ("2026-10-12", "claude-sonnet-5-5"),
    )
)
_HAIKU = Line(
    (
        ("2024-10-22", "claude-3-5-haiku-20241022"),
        ("2025-10-15", "claude-haiku-4-5-20251001"),
        ("2026-09-22", "claude-haiku-5-5"),
    )
)
_GPT = Line(
    (
        ("2025-04-16", "o4-mini"),
        ("2025-08-07", "gpt-5"),
        ("2025-09-15", "gpt-5-codex"),
        ("2025-11-13", "gpt-5.1-codex"),
        ("2025-12-18", "gpt-5.2-codex"),
        ("2026-02-05", "gpt-5.3-codex"),
        ("2026-03-05", "gpt-5.4"),
        ("2026-06-24", "gpt-5.6-terra"),
    )
)
_GPT_DEEP = Line(
    (
        *_GPT.models[:7],
        ("2026-04-23", "gpt-5.5"),
        ("2026-06-24", "gpt-5.6-sol"),
    )
)
_GEMINI = Line(
    (
        ("2025-06-17", "gemini-2.5-pro"),
        ("2025-11-18", "gemini-3-pro-preview"),
        ("2026-02-19", "gemini-3.1-pro-preview"),
    )
)
_GEMINI_FLASH = Line(
    (
        ("2025-06-17", "gemini-2.5-flash"),
        ("2025-12-17", "gemini-3-flash-preview"),
        ("2026-05-20", "gemini-3.5-flash"),
    )
)
_KIMI = Line(
    (
        ("2025-07-11", "kimi-k2-0711-preview"),
        ("2025-09-05", "kimi-k2-0905-preview"),
        ("2025-11-06", "kimi-k2-thinking"),
        ("2026-01-27", "kimi-k2.5"),
        ("2026-04-20", "kimi-k2.6"),
        ("2026-08-04", "kimi-k2.7-code"),
    )
)

IDLE = "gemini-cli"
_FAST_SINCE = date(2026, 8, 1)
AGENTS: tuple[DemoAgent, ...] = (
    DemoAgent(
        "claude-code",
        "Claude Code",
        "anthropic",
        share=550,
        everyday=_SONNET,
        deep=_OPUS,
        deep_permille=480,
        helper=_HAIKU,
        writes_cache=True,
        fast_since=_FAST_SINCE,
    ),
    DemoAgent(
        "codex",
        "Codex",
        "openai",
        share=280,
        everyday=_GPT,
        deep=_GPT_DEEP,
        deep_permille=250,
        reasons=True,
        fast_since=_FAST_SINCE,
    ),
    DemoAgent(
        IDLE,
        "Gemini CLI",
        "google",
        share=100,
        everyday=_GEMINI_FLASH,
        deep=_GEMINI,
        deep_permille=600,
        reasons=True,
    ),
    DemoAgent("pi", "pi", "moonshotai", share=70, everyday=_KIMI, deep=_KIMI),
)
LOCAL_AGENT = "pi"
LOCAL_PROVIDER = "ollama"
LOCAL_MODEL = "qwen3-coder:30b"
SCALING_AGENTS = ("claude-code", "codex")

SCALING_PROJECT = "merge-owl"
SIDE_PROJECT = "kite-weather"
# Parts of a thousand of the ordinary sessions, and how many days ago the work on it ended.
PROJECTS: tuple[tuple[str, int, int], ...] = (
    ("lanternfish", 310, 0),
    ("harbour-ui", 220, 0),
    ("tide-tables", 170, 0),
    ("sandpiper", 130, 120),
    ("quillmark", 90, 0),
    ("night-ferry", 50, 0),
    (SIDE_PROJECT, 30, 0),
)


def project_root(name: str) -> str:
    """The folder a log would name; it exists on no machine."""
    return f"/demo/{name}" if name else ""


class DaysOff:
    """Which days nobody works: two weeks in summer and the days around New Year."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._summers: dict[int, tuple[date, date]] = {}

    def __contains__(self, day: date) -> bool:
        """Whether a day is a holiday. Today never is: the demo has something to show."""
        if day == self._today:
            return False
        if (day.month, day.day) >= (12, 24) or (day.month, day.day) <= (1, 2):
            return True
        first, last = self.summer(day.year)
        return first <= day <= last

    def summer(self, year: int) -> tuple[date, date]:
        """First and last day of the summer holiday, weekends around it included.

        In August, but in June where August would leave the last weeks before today empty.
        """
        found = self._summers.get(year)
        if found is None:
            found = _two_weeks_from(date(year, 8, 1))
            if found[0] <= self._today <= found[1] + timedelta(days=35):
                found = _two_weeks_from(date(year, 6, 1))
            self._summers[year] = found
        return found


def _two_weeks_from(day: date) -> tuple[date, date]:
    """The Saturday before the first Monday from `day` on, and the Sunday two weeks and a day after."""
    monday = day + timedelta(days=-day.weekday() % 7)
    return monday - timedelta(days=2), monday + timedelta(days=13)


def pick(shares: Sequence[tuple[str, int]], roll: float) -> str:
    """The name whose part of the whole a roll (0 to 1) falls into."""
    left = roll * sum(share for _, share in shares)
    for name, share in shares:
        left -= share
        if left < 0:
            return name
    return shares[-1][0]
