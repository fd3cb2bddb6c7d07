"""Why a month differs, as an export says it: the figures and the sentence of `explain`, in a table that adds up."""

import json
import subprocess
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.export_month import OPUS, TERRA, call, charge, make, plan, rule, tell
from tokentray.clock import UtcZone
from tokentray.export.compose import document
from tokentray.export.document import ListBlock, TableBlock
from tokentray.export.summary import MonthSummary, build
from tokentray.model import PayerKind
from tokentray.prices import lookup
from tokentray.store.history import History

TODAY = date(2026, 11, 22)
MONTHS = [date(2026, 11, 1), date(2026, 10, 1), date(2026, 3, 1)]


def _built(path: Path, month: date, *, today: date = TODAY) -> MonthSummary:
    with History(path / "history.db") as history:
        return build(history, month, UtcZone(), today=today)


def _table(summary: MonthSummary) -> TableBlock:
    table = summary.reasons.table
    assert table is not None
    return table


def _value(amount: object) -> Decimal:
    return amount if isinstance(amount, Decimal) else Decimal(0)


@pytest.mark.parametrize("month", MONTHS[1:])
def test_it_is_what_explain_says(
    demo_home: Path, tokentray: Callable[..., subprocess.CompletedProcess[str]], month: date
) -> None:
    """The same sentence and steps, to the last digit."""
    done = tokentray("explain", month.isoformat()[:7], "--utc", "--json", home=demo_home, env={"LC_ALL": "C.UTF-8"})
    told = json.loads(done.stdout)
    reasons = _built(demo_home, month).reasons
    assert reasons.sentences[0] == told["text"]
    (one,) = told["currencies"]
    assert reasons.currency == one["currency"]
    assert len(reasons.steps) > 4
    for step in reasons.steps:
        assert step.amount == Decimal(one[step.id]), step.id


@pytest.mark.parametrize("month", MONTHS)
def test_its_table_adds_up_down_and_across(demo_home: Path, month: date) -> None:
    """As displayed: each column to its foot, and the foot from the month before to the month."""
    table = _table(_built(demo_home, month))
    assert table.total is not None
    feet = [_value(cell.value) for cell in table.total[1:]]
    for place, foot in enumerate(feet, 1):
        assert sum(_value(row[place].value) for row in table.rows) == foot, table.columns[place].title
    assert sum(feet[:-1]) == feet[-1]
    assert len(table.rows) == 5, "four and the rest"
    assert all(any(row[place].value for row in table.rows) for place in range(1, len(table.columns)))


def test_the_table_stands_in_the_document_with_its_sentence(demo_home: Path) -> None:
    """After what the month is made of, before its sources."""
    made = document(_built(demo_home, MONTHS[1]))
    ids = [block.id for block in made.blocks]
    assert ids == [
        "parts", "why", "source", "model", "project", "elsewhere", "chart", "days", "plans", "notes", "tokens", "known",
    ]  # fmt: skip
    block = made.blocks[1]
    assert isinstance(block, TableBlock)
    assert block.title == "Against September 2026"
    assert block.notes[0].startswith("October 2026 cost ≈ ")
    assert block.notes[-1].startswith("Volume is more or fewer tokens; mix of models is a shift")


def test_worked_by_hand(tmp_path: Path) -> None:
    """October 10 of output and a fee of 31; November 20 of it, the fee of 60 and a charge of 5: 44 more."""
    calls = {
        "claude-code": [
            call("2026-10-05 10:00", OPUS, "a", (0, 400_000)),
            call("2026-11-05 10:00", OPUS, "a", (0, 800_000)),
        ]
    }
    make(tmp_path / "history.db", calls)
    tell(
        tmp_path / "history.db",
        plan("Max", "31", "codex", since="2026-10-01", until="2026-10-31"),
        plan("Max again", "60", "codex", since="2026-11-01"),
        rule("claude-code", PayerKind.PAYG),
        charge("2026-11-06", "5", "Overage"),
    )
    summary = _built(tmp_path, MONTHS[0], today=date(2026, 12, 5))
    table = _table(summary)
    assert [column.title for column in table.columns] == ["What", "Oct 2026", "Fees", "Other", "Volume", "Nov 2026"]
    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Max again, fee", "–", "+$60.00", "–", "–", "$60.00"],
        ["Max, fee", "$31.00", "−$31.00", "–", "–", "–"],
        [OPUS, "≈ $10.00", "–", "–", "≈ +$10.00", "≈ $20.00"],
        ["Charges by openai", "–", "–", "+$5.00", "–", "$5.00"],
    ]
    assert table.total is not None
    assert [cell.text for cell in table.total] == ["Total", "≈ $41.00", "+$29.00", "+$5.00", "≈ +$10.00", "≈ $85.00"]


def test_a_model_is_not_taken_for_a_row_of_ours(tmp_path: Path) -> None:
    """Called as the foot of the table, or as the row that stands for the rest, of models and of all else."""
    names = ["3 others", "Total", OPUS, TERRA, "fourth", "fifth"]
    calls = {
        "claude-code": [
            call(f"2026-{month}-05 10:00", name, "a", (0, month * (90_000 - 9_000 * rank)))
            for month in (10, 11)
            for rank, name in enumerate(names)
        ]
    }
    make(tmp_path / "history.db", calls, find=lambda provider, _: lookup.find(provider, OPUS))
    tell(tmp_path / "history.db", rule("claude-code", PayerKind.PAYG), charge("2026-11-06", "0.01", "Overage"))
    table = _table(_built(tmp_path, MONTHS[0], today=date(2026, 12, 5)))
    assert [row[0].text for row in table.rows] == ["“3 others”", "“Total”", OPUS, TERRA, "3 others"]
    assert table.total is not None
    assert table.total[0].text == "Total"


def test_a_first_month_has_no_why(tmp_path: Path) -> None:
    """Nothing is known before it, so nothing is said to have made it more."""
    make(tmp_path / "history.db", {"codex": [call("2026-11-05 10:00", TERRA, "a", (0, 9_000))]})
    summary = _built(tmp_path, MONTHS[0])
    assert (summary.reasons.sentences, summary.reasons.table) == ((), None)
    assert "why" not in [block.id for block in document(summary).blocks]


def test_the_same_month_again_is_a_sentence(tmp_path: Path) -> None:
    """Nothing differs: no table of nothing."""
    calls = {"codex": [call(f"2026-{month}-05 10:00", TERRA, "a", (0, 500_000)) for month in (10, 11)]}
    make(tmp_path / "history.db", calls)
    summary = _built(tmp_path, MONTHS[0], today=date(2026, 12, 5))
    (block,) = [one for one in document(summary).blocks if one.id == "why"]
    assert isinstance(block, ListBlock)
    assert block.sentences[0] == "November 2026 was worth as much as October 2026."


def test_it_leads_with_the_currency_of_the_total(tmp_path: Path) -> None:
    """Also where there was more of another one in the month before, which no exchange rate leads from."""
    make(tmp_path / "history.db", {}, read_at="2026-11-05 12:00")
    tell(
        tmp_path / "history.db",
        charge("2026-09-05", "800", "a training", "EUR"),
        charge("2026-09-06", "5"),
        charge("2026-10-07", "45"),
    )
    summary = _built(tmp_path, date(2026, 10, 1))
    assert (summary.currency, summary.reasons.currency) == ("USD", "USD")
    assert [step.text for step in summary.reasons.steps] == ["$5.00", "+$40.00", "$45.00"]
    assert any(text.startswith("In EUR, which no exchange rate leads from: ") for text in summary.reasons.sentences)
