"""`explain` as a person runs it: lines that add up, what carried them, and the same unrounded as JSON."""

import json
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.unit.export_month import OPUS, call, charge, make, plan, rate, rule, tell
from tokentray.model import PayerKind
from tokentray.prices import lookup

Program = Callable[..., subprocess.CompletedProcess[str]]

# In dollars: 10 of Opus's output in November; in December 20 of its output, 5 of its input, and 12 of Haiku's output.
# Fees of 30 in November and of 62 in December; a charge of 5 in December.
CALLS = {
    "codex": [
        call("2025-11-03 10:00", OPUS, "lanternfish", (0, 400_000)),
        call("2025-12-04 10:00", OPUS, "harbour", (1_000_000, 800_000)),
        call("2025-12-05 10:00", "claude-haiku-4-5", "harbour", (0, 2_400_000)),
    ],
    "pi": [call("2025-12-05 10:00", "qwen3-coder:30b", "", (900, 100))],
}
SAID = (
    plan("Claude Max", "30", "claude-code", since="2025-11-01", until="2025-11-30"),
    plan("Max again", "62", "claude-code", since="2025-12-01", until="2025-12-31"),
    rule("codex", PayerKind.PAYG),
    rule("pi", PayerKind.PAYG),
    charge("2025-12-06", "5", "Overage"),
)


@pytest.fixture(name="explain")
def explain_program(tmp_path: Path, tokentray: Program) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The program over those two months, days in UTC: `explain("2025-12", "--json")`."""
    home = tmp_path / "data"
    make(home / "history.db", CALLS, find=_found)
    tell(home / "history.db", *SAID)

    def run(*args: str) -> subprocess.CompletedProcess[str]:
        return tokentray("explain", *args, "--utc", home=home, env={"LC_ALL": "C.UTF-8"})

    return run


def _found(_: str, model: str) -> Any:
    return lookup.find("" if model.startswith("qwen") else "anthropic", model)


def lines(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    """What was printed, each line as its cells."""
    assert done.returncode == 0, done.stderr
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in done.stdout.splitlines()]


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The JSON."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return] # the tests look inside


def test_the_steps_lead_from_one_month_to_the_other(explain: Program) -> None:
    """40 and then 104: 32 in fees, 5 charged, the rest what tokens explain; in words first, the largest part first."""
    found = lines(explain("2025-12"))
    (said,) = found[0]
    assert said.startswith("December 2025 cost ≈ $64.00 more than November 2025: ")
    assert said.split("; ")[0].endswith("≈ $95.00 for more use")
    assert found[2:10] == [
        ["November 2025", "≈ $40.00"],
        ["Fees", "+$32.00"],
        ["Other", "+$5.00"],
        ["Volume", "≈ +$95.00"],
        ["Mix between models", "≈ −$48.00"],
        ["Mix between token kinds", "≈ −$20.00"],
        ["December 2025", "at least ≈ $104.00"],
        [],
    ]
    assert ["1,000 tokens of December 2025 have no known price and are left out."] in found


def test_columns_add_up_as_displayed(explain: Program) -> None:
    """Models under models, and what no token count explains under its own head; each with a total."""
    found = lines(explain("2025-12"))
    head = next(index for index, line in enumerate(found) if line[:1] == ["model"])
    assert found[head] == ["model", "before", "now", "change", "volume", "mix of models", "mix of kinds"]
    models = found[head + 1 : head + 4]
    for column in range(3, 7):
        *parts, total = [amount(line[column]) for line in models]
        assert sum(parts) == total
    other = found[head + 5 :]
    assert other[:5] == [
        ["not by tokens", "before", "now", "change"],
        ["Claude Max, fee", "$30.00", "–", "−$30.00"],
        ["Max again, fee", "–", "$62.00", "+$62.00"],
        ["Charges by openai", "–", "$5.00", "+$5.00"],
        ["total", "$30.00", "$67.00", "+$37.00"],
    ]


def amount(text: str) -> Decimal:
    """A figure of a table."""
    plain = text.replace("≈", "").replace("$", "").replace("+", "").replace("−", "-").replace("<", "").replace(" ", "")
    return Decimal(0) if plain == "–" else Decimal(plain)


def test_json_is_unrounded_and_closes(explain: Program) -> None:
    """fees + other + volume + mix + price is the change, for the month and for every row of it."""
    found = answer(explain("2025-12", "--json"))
    assert {
        name: found[name] for name in ("month", "from", "to", "complete", "before", "nothing_before", "measure")
    } == {
        "month": "2025-12",
        "from": "2025-12-01",
        "to": "2025-12-31",
        "complete": True,
        "before": {"from": "2025-11-01", "to": "2025-11-30"},
        "nothing_before": False,
        "measure": "spend",
    }
    (one,) = found["currencies"]
    assert (one["currency"], one["before"], one["after"], one["unpriced_tokens_after"]) == ("USD", "40", "104", 1000)
    for row in (one, *one["models"], *one["lines"]):
        parts = sum(Decimal(row[name]) for name in ("fees", "other", "volume", "mix", "price"))
        assert parts == Decimal(row["change"]) == Decimal(row["after"]) - Decimal(row["before"])
    assert [(row["kind"], row["label"]) for row in one["lines"]] == [
        ("fee", "Claude Max, fee"),
        ("fee", "Max again, fee"),
        ("charge", "Charges by openai"),
    ]


def test_at_list_price(explain: Program) -> None:
    """No fees and no charges, whoever pays."""
    found = lines(explain("2025-12", "--worth"))
    assert found[0][0].startswith("December 2025 was worth ≈ $27.00 more than November 2025: ")
    assert not any(line[:1] in (["Fees"], ["Other"]) for line in found)


def test_the_first_month(explain: Program) -> None:
    """There is nothing to compare it with, which is no failure."""
    done = explain("2025-11")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "November 2025: ≈ $40.00. There is nothing before it.\n"
    assert answer(explain("2025-11", "--json"))["nothing_before"] is True


@pytest.mark.parametrize("month", ["2025-10", "2026-02"])
def test_a_month_without_data(explain: Program, month: str) -> None:
    """Exit status 3, with the months that have some."""
    done = explain(month)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"tokentray: There is nothing for {month}: there is 2025-11 to 2025-12\n"


def test_what_is_no_month(explain: Program) -> None:
    """Exit status 2, in one line."""
    done = explain("November")
    assert (done.returncode, done.stdout) == (2, "")
    assert "MONTH is given as YYYY-MM" in done.stderr


def test_in_the_person_s_currency(explain: Program, tokentray: Program, tmp_path: Path) -> None:
    """Half the dollar in November and a quarter of it in December: what the rate alone made is a part of other."""
    home = tmp_path / "data"
    tell(home / "history.db", rate("USD", "EUR", "0.5", "2025-11-01"), rate("USD", "EUR", "0.25", "2025-12-01"))
    assert tokentray("settings", "set", "money.currency", "EUR", home=home).returncode == 0
    (one,) = answer(explain("2025-12", "--json"))["currencies"]
    assert (one["currency"], one["before"], one["after"]) == ("EUR", "20", "26")
    assert Decimal(one["fees"]) == Decimal("15.5") - 15
    assert Decimal(one["exchange"]) == Decimal("0.25") * 37 - Decimal("0.5") * 37


def test_names_out_of_logs_move_no_cursor(tmp_path: Path, tokentray: Program) -> None:
    """A model's name may hold anything: it is shown escaped, and as it is in JSON."""
    home, name = tmp_path / "odd", "\x1b[2Jopus\u202e<img src=x>"
    calls = {"codex": [call(f"2025-{month}-03 10:00", name, "", (0, 400_000)) for month in ("11", "12")]}
    make(home / "history.db", calls, find=lambda *_: lookup.find("anthropic", OPUS))
    done = tokentray("explain", "2025-12", "--utc", home=home)
    assert done.returncode == 0, done.stderr
    assert "\\x1b[2Jopus\\u202e<img src=x>" in done.stdout
    assert "\x1b" not in done.stdout
    found = answer(tokentray("explain", "2025-12", "--utc", "--json", home=home))
    assert found["currencies"][0]["models"][0]["model"] == name


def test_signs_on_a_terminal_that_lacks_them(tmp_path: Path, tokentray: Program) -> None:
    """What it cannot write reads as what it can, so that an amount below nothing keeps its sign."""
    home = tmp_path / "data"
    make(home / "history.db", {})
    tell(home / "history.db", charge("2025-11-06", "9"), charge("2025-12-06", "5", "Overage"))
    done = tokentray("explain", "2025-12", "--utc", home=home, env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "-$4.00" in done.stdout
    assert "?" not in done.stdout
