"""The README's worked month: its commands run, and each of its figures worked out again by hand."""

import json
import re
import shlex
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tokentray.clock import UtcZone, day_start_utc
from tokentray.model import LogEvent
from tokentray.prices import lookup
from tokentray.store.writer import Batch, Writer

_README = Path(__file__).parents[2] / "README.md"
_MONTH = ("--from", "2026-10-01", "--to", "2026-10-31", "--utc")
Program = Callable[..., subprocess.CompletedProcess[str]]

# Calls of October 2026: agent, provider, model, project, how many calls, input and output tokens of each.
_CALLS = (
    ("claude-code", "anthropic", "claude-opus-4-8", "/src/shop", 20, 1_000_000, 600_000),
    ("claude-code", "anthropic", "claude-opus-4-8", "/src/night-ferry", 4, 0, 840_000),
    ("codex", "openai", "gpt-5.5", "/src/shop", 20, 150_000, 27_500),
    ("pi", "anthropic", "claude-opus-4-8", "/src/shop", 8, 0, 560_000),
)
_MILLION = Decimal(1_000_000)
# List prices of that month, USD per million tokens: Opus 4.8 5 in and 25 out, GPT-5.5 5 in and 30 out.
CLAUDE_CODE = 20 * (1_000_000 * Decimal(5) + 600_000 * Decimal(25)) / _MILLION
PI = 8 * 560_000 * Decimal(25) / _MILLION
CODEX = 20 * (150_000 * Decimal(5) + 27_500 * Decimal(30)) / _MILLION
EMPLOYER = 4 * 840_000 * Decimal(25) / _MILLION
FEE = Decimal(200)  # billed on the 1st: all 31 days of one billing month
CHARGE = Decimal("12.50")
TOTAL = FEE + CODEX + CHARGE
HOUR = Decimal(100)


def section() -> str:
    """The README's own words on the worked month."""
    found = re.search(r"^## A worked month\n(.*?)^## ", _README.read_text(encoding="utf-8"), re.M | re.S)
    assert found
    return found[1]


@pytest.fixture
def told(tmp_path: Path, tokentray: Program) -> Program:
    """The program over a history of those calls, after every command of the README's section."""
    home = tmp_path / "worked"
    writer = Writer(home / "history.db")
    start = day_start_utc(date(2026, 10, 5), UtcZone())
    number = 0
    for agent, provider, model, root, calls, fresh, output in _CALLS:
        source = writer.source("agent", agent, agent, provider, start)
        writer.add_models({(provider, model): lookup.find(provider, model)}, start)
        events = []
        for _ in range(calls):
            number += 1
            at = start + number * 3600
            events.append(LogEvent(number, 0, at, provider, model, 0, root, "s", 0, fresh, output, 0, 0, 0, 0, 0, 0))
        writer.apply(Batch(source, "here", events, []))
    writer.rebuild()
    writer.close()

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        done = tokentray(*args, home=home)
        assert done.returncode == 0, done.stderr
        return done

    commands = [line.strip() for line in section().splitlines() if line.startswith("    tokentray ")]
    assert len(commands) == 6
    for command in commands:
        run(*shlex.split(command)[1:])
    return run


def rows(told: Program, by: str) -> dict[tuple[str, ...], dict[str, Any]]:
    """Rows of the month by some keys."""
    found = json.loads(told("usage", "--by", by, *_MONTH, "--json").stdout)
    return {tuple(row[key] for key in by.split(",")): row for row in found}


def test_the_program_says_what_the_arithmetic_says(told: Program) -> None:
    """Each line with its basis, and any grouping with the same sum."""
    assert [str(amount) for amount in (CLAUDE_CODE, PI, CODEX, EMPLOYER, TOTAL)] == [
        "400",
        "112",
        "31.5",
        "84",
        "244.00",
    ]
    by_source = rows(told, "source,payer")
    cost = {keys: (Decimal(row["cost"]), Decimal(row["list_cost"]), row["basis"]) for keys, row in by_source.items()}
    assert cost == {
        ("charge:1", ""): (CHARGE, Decimal(0), ["charge"]),
        ("claude-code", "nobody"): (Decimal(0), EMPLOYER, ["estimated"]),
        ("claude-code", "plan:1"): (Decimal(0), CLAUDE_CODE, ["estimated"]),
        ("codex", "payg"): (CODEX, CODEX, ["estimated"]),
        ("pi", "plan:1"): (Decimal(0), PI, ["estimated"]),
        ("plan:1", "plan:1"): (FEE, Decimal(0), ["plan"]),
    }
    plan = rows(told, "payer")[("plan:1",)]
    assert (Decimal(plan["cost"]), Decimal(plan["list_cost"])) == (FEE, CLAUDE_CODE + PI)
    for by in (
        "month",
        "day",
        "week",
        "hour",
        "agent",
        "model,project",
        "provider,tier",
        "session",
        "source,payer,day",
    ):
        assert sum(Decimal(row["cost"]) for row in rows(told, by).values()) == TOTAL, by


def test_the_readme_says_what_the_arithmetic_says(told: Program) -> None:
    """Its table, its sum and its equivalent."""
    table = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in section().splitlines()
        if line.startswith("|") and not set(line) <= set("|-: ")
    ]
    worth = (CLAUDE_CODE + PI).quantize(Decimal("0.01"))
    minutes = round(TOTAL / HOUR * 60)
    assert table == [
        ["line", "how it is known", "counts", "at list price"],
        ["Claude Max, for Claude Code and pi", "plan", f"${FEE}.00", f"≈ ${worth}, {worth / FEE:.1f}× its fee"],
        ["Codex, you as you go", "estimated", f"≈ ${CODEX:.2f}", f"≈ ${CODEX:.2f}"],
        ["Claude Code in night-ferry, an employer's key", "estimated", "not counted", f"≈ ${EMPLOYER:.2f}"],
        ["Extra usage", "charge", f"${CHARGE}", ""],
        ["**October 2026**", "", f"**≈ ${TOTAL:.2f}**", f"{minutes // 60} h {minutes % 60:02d} min of your time"],
    ]


def test_the_summary_says_the_same(told: Program) -> None:
    """The exported month leads with the sum and its equivalent."""
    document = told("export", "2026-10", "--utc", "--format", "md").stdout
    assert f"≈ ${TOTAL:.2f}" in document
    assert "2 h 26 min of your time" in document
    exported = json.loads(told("export", "2026-10", "--utc", "--format", "json").stdout)
    assert sum(Decimal(row["cost"]) for row in exported["rows"]) == TOTAL
