"""`usage` and `export` as a person runs them once they have said who pays: spend beside worth, in any currency."""

import csv
import io
import json
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.export_month import OPUS, call, charge, make, nanos, plan, rate, rule, tell
from tokentray.model import PayerKind
from tokentray.prices import lookup

Program = Callable[..., subprocess.CompletedProcess[str]]

# A plan of 31 a month, so 1 a day, whose tokens are worth 50; 2 as one goes; 1 of an employer's; a charge of 5.
CALLS = {
    "claude-code": [call("2025-12-03 10:00", OPUS, "lanternfish", (0, 2_000_000))],
    "codex": [
        call("2025-12-04 10:00", OPUS, "harbour", (0, 80_000)),
        call("2025-12-05 10:00", OPUS, "client-portal", (0, 40_000)),
    ],
}
SAID = (
    plan("Claude Max", "31", "claude-code", since="2025-12-01", until="2025-12-31"),
    rule("codex", PayerKind.PAYG),
    rule("codex", PayerKind.NOBODY, project="client-portal"),
    charge("2025-12-06", "5", "Overage"),
)


@pytest.fixture
def usage(tmp_path: Path, tokentray: Program) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The program over that month, days in UTC: `usage("export", "2025-12")`."""
    home = tmp_path / "data"
    make(home / "history.db", CALLS, find=lambda _, model: lookup.find("anthropic", model))
    tell(home / "history.db", *SAID)

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return tokentray(*args, "--utc", home=home, env={"LC_ALL": "C.UTF-8"})

    return run


def also(tmp_path: Path, *said: Callable[..., object]) -> None:
    """What the person tells later."""
    tell(tmp_path / "data" / "history.db", *said)


def lines(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """A table, each line as its cells."""
    assert done.returncode == 0, done.stderr
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in done.stdout.splitlines()]


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """Rows of JSON."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return] # the tests look inside


def test_spend_beside_worth_with_names(usage: Program) -> None:
    """31 + 5 + 2 are spent, 53 is what all of it is worth; sources and payers have their names."""
    head, *body = lines(usage("usage", "--by", "source,payer"))
    assert head == ["source", "payer", "requests", "input", "output", "cache read", "cache write", "spend",
                    "worth at list price"]  # fmt: skip
    assert {(row[0], row[1]): row[-2:] for row in body[:-1]} == {
        ("Overage", "–"): ["$5.00", "–"],
        ("Claude Code", "Claude Max"): ["–", "≈ $50.00"],
        ("Codex", "nobody here"): ["–", "≈ $1.00"],
        ("Codex", "you, as you go"): ["≈ $2.00", "≈ $2.00"],
        ("Claude Max", "Claude Max"): ["$31.00", "–"],
    }
    assert body[-1][0] == "total"
    assert body[-1][-2:] == ["≈ $38.00", "≈ $53.00"]


def test_a_fee_is_no_estimate_whatever_stands_beside_it(usage: Program) -> None:
    """By payer, the plan's fee and the tokens it covered are one row: its spend is exact, its worth is not."""
    body = {row[0]: row[-2:] for row in lines(usage("usage", "--by", "payer"))}
    assert body["Claude Max"] == ["$31.00", "≈ $50.00"]
    assert body["you, as you go"] == ["≈ $2.00", "≈ $2.00"]


def test_json_and_csv_have_ids_and_cost(usage: Program) -> None:
    """Scripts see ids and unrounded costs, and every grouping sums to the total."""
    for by in ("payer", "source", "day", "model,project", "hour", ""):
        told = rows(usage("usage", "--by", by, "--json"))
        assert sum(Decimal(row["cost"]) for row in told) == 38, by
        assert sum(Decimal(row["list_cost"] or 0) for row in told) == 53, by
    told = rows(usage("usage", "--by", "source,payer", "--json"))
    assert {(row["source"], row["payer"]): (row["cost"], row["basis"]) for row in told} == {
        ("charge:1", ""): ("5", ["charge"]),
        ("claude-code", "plan:1"): ("0", ["estimated"]),
        ("codex", "nobody"): ("0", ["estimated"]),
        ("codex", "payg"): ("2", ["estimated"]),
        ("plan:1", "plan:1"): ("31", ["plan"]),
    }
    (only,) = rows(usage("usage", "--by", "month", "--where", "payer=plan:1", "--json"))
    assert (only["cost"], only["list_cost"], only["basis"]) == ("31", "50", ["estimated", "plan"])
    table = list(csv.DictReader(io.StringIO(usage("usage", "--by", "source", "--csv").stdout)))
    assert {row["source"]: row["cost"] for row in table}["plan:1"] == "31"


def test_fees_end_with_the_day_that_is_asked_for(usage: Program) -> None:
    """Ten days of one a day."""
    (row,) = rows(usage("usage", "--by", "month", "--where", "source=plan:1", "--to", "2025-12-10", "--json"))
    assert row["cost"] == "10"


def test_equivalents_are_of_the_spend(usage: Program, tmp_path: Path) -> None:
    """At 76 an hour: 38 is half of one; a day of the fee under a minute."""
    also(tmp_path, lambda told: told.add_reference("hourly", "", nanos("76"), "USD", date(2025, 1, 1), 0))
    head, *body = lines(usage("usage", "--by", "source"))
    assert head[-1] == "of your time"
    assert body[-1][-1] == "30 min"
    assert next(row for row in body if row[0] == "Claude Max")[-1] == "24 min"
    also(tmp_path, lambda told: told.add_reference("thing", "a coffee", nanos("3.8"), "USD", date(2025, 1, 1), 0))
    also(tmp_path, lambda told: told.lead("thing", "a coffee"))
    head, *body = lines(usage("usage", "--by", "source"))
    assert (head[-1], body[-1][-1]) == ("equivalent", "10 coffees")


def test_currencies_stand_apart_until_converted(usage: Program, tmp_path: Path) -> None:
    """Each currency has its rows and its total; --currency puts all of it into one, at the rate of each day."""
    also(tmp_path, charge("2025-12-07", "10", "Atelier", "EUR"), charge("2025-12-08", "2", "Papier", "EUR"))
    body = lines(usage("usage", "--by", "source"))
    totals = [row for row in body if row[0] == "total"]
    assert sorted(total[-2] for total in totals) == ["€12.00", "≈ $38.00"]
    assert [row[-2] for row in body if row[0] == "Papier"] == ["€2.00"]
    refused = usage("usage", "--currency", "eur")
    assert refused.returncode == 3
    assert refused.stdout == ""
    assert "No exchange rate leads from USD to EUR" in refused.stderr
    assert "rates set USD EUR RATE" in refused.stderr
    also(tmp_path, rate("EUR", "USD", "1.25", "2025-01-01"), rate("EUR", "USD", "2", "2025-12-05"))
    # Until the 4th 4 of fees and 2 as one goes at 1.25, then 27 of fees and 5 charged at 2, and 12 EUR.
    for by in ("source", "day", "payer,month", "hour,model"):
        told = rows(usage("usage", "--by", by, "--currency", "eur", "--json"))
        assert {row["currency"] for row in told} == {"EUR"}
        assert sum(Decimal(row["cost"]) for row in told) == Decimal("4.8") + 16 + 12, by
        assert sum(Decimal(row["list_cost"] or 0) for row in told) == Decimal("41.6") + Decimal("0.5"), by
    assert lines(usage("usage", "--by", "source", "--currency", "EUR"))[-1][-2:] == ["≈ €32.80", "≈ €42.10"]
    unknown = usage("usage", "--currency", "ecu")
    assert unknown.returncode == 2
    assert "Unknown currency" in unknown.stderr


def test_what_has_no_price_needs_no_rate(tmp_path: Path, tokentray: Program) -> None:
    """Nothing is known of its amount, in any currency; it is no reason to refuse."""
    home = tmp_path / "data"
    make(home / "history.db", {"pi": [call("2025-12-03 10:00", "unheard-of", "a", (9, 1))]})
    (row,) = rows(tokentray("usage", "--by", "month", "--currency", "EUR", "--json", home=home))
    assert (row["list_cost"], row["unpriced_tokens"], row["currency"]) == (None, 10, "EUR")


def test_the_persons_currency_is_for_people(usage: Program, tmp_path: Path) -> None:
    """The table is in it where a rate leads there; what scripts read stays as it came in."""
    assert usage("settings", "set", "money.currency", "GBP").returncode == 0
    assert lines(usage("usage", "--by", "source"))[-1][-2:] == ["≈ $38.00", "≈ $53.00"], "no rate leads there"
    also(tmp_path, rate("GBP", "USD", "2", "2025-01-01"))
    assert lines(usage("usage", "--by", "source"))[-1][-2:] == ["≈ £19.00", "≈ £26.50"]
    assert {row["currency"] for row in rows(usage("usage", "--json"))} == {"USD"}
    assert "**≈ £19.00** spent" in usage("export", "2025-12").stdout


def test_displayed_rows_add_up(usage: Program, tmp_path: Path) -> None:
    """A third of a cent each: what is shown is what the total shows."""
    also(tmp_path, *(charge(f"2025-12-{day:02d}", "0.006", f"c{day}") for day in (10, 11, 12)))
    body = lines(usage("usage", "--by", "source", "--where", "source=charge:2", "--where", "source=charge:3",
                       "--where", "source=charge:4"))  # fmt: skip
    assert [row[-2] for row in body[1:]] == ["$0.01", "$0.01", "<$0.01", "$0.02"]


def test_only_a_plan_and_no_logs(tmp_path: Path, tokentray: Program) -> None:
    """A fee is spend without a single token; before any word of who pays there is no such column."""
    home = tmp_path / "data"
    tell_home = make(home / "history.db", {})
    tell(tell_home, SAID[0])
    body = lines(tokentray("usage", "--by", "month,source", "--utc", home=home))
    assert body[1][:2] == ["2025-12", "Claude Max"]
    assert body[1][-2:] == ["$31.00", "–"]
    untold = tmp_path / "untold"
    make(untold / "history.db", CALLS)
    assert "spend" not in tokentray("usage", "--utc", home=untold).stdout


def test_names_typed_by_the_person_cannot_move_the_cursor(tmp_path: Path, usage: Program) -> None:
    """Shown escaped, as names from logs are; in CSV no formula."""
    also(tmp_path, charge("2025-12-09", "1", "evil\x1b[2J"))
    done = usage("usage", "--by", "source")
    assert "\x1b" not in done.stdout
    assert "evil\\x1b[2J" in done.stdout


def test_export_of_spend(usage: Program, tmp_path: Path) -> None:
    """The letter, and its JSON, which agrees with `usage`; redacted without a project's or a charge's name."""
    text = usage("export", "2025-12").stdout
    assert "**≈ $38.00** spent" in text
    assert "| Claude Max | $31.00 | ≈ $50.00 |        1.6× |" in text
    assert "worth ≈ $52.00 at list price" in text, "the employer's dollar stands apart"
    document = json.loads(usage("export", "2025-12", "--format", "json").stdout)
    (whole,) = rows(usage("usage", "--by", "month", "--where", "month=2025-12", "--json"))
    assert document["cost"] == whole["cost"] == "38"
    redacted = usage("export", "2025-12", "--redact").stdout
    for private in ("lanternfish", "client-portal", "Overage"):
        assert private in text
        assert private not in redacted
    assert "charge 1" in redacted


def test_kinds_of_tokens(usage: Program) -> None:
    """Grouped and filtered by, as any other key: fees and the charge are of none."""
    told = rows(usage("usage", "--by", "kind,payer", "--json"))
    assert {(row["kind"], row["payer"]): (row["cost"], row["output_tokens"]) for row in told} == {
        ("", ""): ("5", 0),
        ("", "plan:1"): ("31", 0),
        ("", "payg"): ("0", 0),
        ("", "nobody"): ("0", 0),
        ("output", "plan:1"): ("0", 2_000_000),
        ("output", "payg"): ("2", 80_000),
        ("output", "nobody"): ("0", 40_000),
    }
    (only,) = rows(usage("usage", "--by", "month", "--where", "kind=output", "--json"))
    assert (only["cost"], only["list_cost"], only["requests"]) == ("2", "53", 0)
    assert "output" in usage("usage", "--by", "kind").stdout
    assert rows(usage("usage", "--where", "kind=search", "--json")) == []
