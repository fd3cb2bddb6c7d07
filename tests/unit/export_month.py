"""A small real history for the tests of exports, written as the scanner would write it."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from tokentray.export import FORMATS, render
from tokentray.export.summary import MonthSummary
from tokentray.model import LogEvent, Payer, PayerKind, Price
from tokentray.money import Nanos, nanos_from_text
from tokentray.prices import lookup
from tokentray.store.told import Told
from tokentray.store.writer import Batch, Writer

OPUS = "claude-opus-4-5-20251101"
"""5, 25, 0.5, 6.25 and 10 USD per million input, output, cache read and 5m and 1h write tokens; 0.01 a search."""
TERRA = "gpt-5.6-terra"
"""2, 12 and 0.2 USD per million input, output and cache read tokens since 2026-07-30."""

AGENTS = {"claude-code": ("Claude Code", "anthropic"), "codex": ("Codex", "openai"), "pi": ("pi", "ollama")}


TEXTS = tuple(name for name in FORMATS if name not in ("pdf", "xlsx"))
"""The formats that are text as they stand."""


def text_of(name: str, summary: MonthSummary) -> str:
    """A summary in one of the formats that are text."""
    return render(name, summary).decode()


def utc(text: str) -> int:
    """ "2026-11-03 10:00" as UTC seconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def call(
    at: str,
    model: str,
    project: str,
    tokens: Sequence[int] = (0, 0, 0, 0, 0),
    *,
    reasoning: int = 0,
    searches: int = 0,
    caveats: int = 0,
) -> LogEvent:
    """One call. tokens: input, output, cache read, 5m write, 1h write, the last ones left out where 0."""
    fresh, output, read, write_5m, write_1h = (*tokens, 0, 0, 0, 0, 0)[:5]
    return LogEvent(
        0, 0, utc(at), "", model, 0, project and f"/src/{project}", "one session", 0,
        fresh, output, reasoning, read, write_5m, write_1h, searches, caveats,
    )  # fmt: skip


def make(
    path: Path,
    calls: dict[str, list[LogEvent]],
    *,
    read_at: str = "2026-12-05 12:00",
    hourly: str = "",
    find: Callable[[str, str], Sequence[Price]] = lookup.find,
) -> Path:
    """A history of calls by agent id, read whole at a time. hourly: USD per hour as the reference point."""
    writer = Writer(path)
    key = 0
    for agent, events in calls.items():
        label, provider = AGENTS[agent]
        source_id = writer.source("agent", agent, label, provider, 0)
        numbered = []
        for event in events:
            key += 1
            numbered.append(event._replace(message_key=key, provider=provider))
        writer.add_models({pair: find(*pair) for pair in sorted(writer.new_models(numbered))}, 0)
        writer.apply(Batch(source_id, "machine", numbered, ()))
        writer.mark_read(source_id, utc(read_at))
    writer.rebuild()
    writer.close()
    if hourly:
        tell(path, lambda told: told.add_reference("hourly", "", nanos(hourly), "USD", date(2026, 1, 1), 0))
    return path


def tell(path: Path, *said: Callable[[Told], object]) -> None:
    """What a person tells, one after another: `lambda told: told.add_charge(...)`."""
    writer = Writer(path)
    with writer.telling() as told:
        for one in said:
            one(told)
    writer.close()


def nanos(amount: str) -> Nanos:
    """ "12.50" in nano-units."""
    return nanos_from_text(amount)


def plan(
    name: str, fee: str, *agents: str, currency: str = "USD", since: str = "2026-01-01", until: str = "", day: int = 1
) -> Callable[[Told], object]:
    """A plan that pays for some agents from its first day on."""

    def said(told: Told) -> None:
        plan_id = told.add_plan(name, "anthropic", 0)
        last = date.fromisoformat(until) if until else None
        told.add_term(plan_id, nanos(fee), currency, date.fromisoformat(since), last, day)
        for agent in agents:
            told.add_rule(agent, "", "", date.fromisoformat(since), Payer(PayerKind.PLAN, plan_id), 0)

    return said


def rule(agent: str, payer: PayerKind, *, project: str = "", since: str = "") -> Callable[[Told], object]:
    """Who pays for an agent."""
    day = date.fromisoformat(since) if since else None
    return lambda told: told.add_rule(agent, "", project, day, Payer(payer), 0)


def charge(day: str, amount: str, text: str = "", currency: str = "USD") -> Callable[[Told], object]:
    """An amount typed in by hand."""
    return lambda told: told.add_charge(date.fromisoformat(day), nanos(amount), currency, "openai", text, 0)


def rate(base: str, quote: str, value: str, since: str = "2026-01-01") -> Callable[[Told], object]:
    """An exchange rate."""
    return lambda told: told.set_rate(base, quote, nanos(value), date.fromisoformat(since))
