"""A month that was exported says what is not as it was then, and nothing where all is."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.export_books import add_account, read_account
from tests.unit.export_month import OPUS, call, charge, make, plan, rate, rule, tell, utc
from tokentray.clock import NamedZone, UtcZone, Zone
from tokentray.export.since import figures_of
from tokentray.export.summary import MonthSummary, build
from tokentray.model import ExportRecord, LogEvent, PayerKind
from tokentray.settings import DEFAULTS, Settings
from tokentray.store.history import History
from tokentray.store.writer import Batch, Writer

OCTOBER = date(2026, 10, 1)
TODAY = date(2026, 11, 22)
THIRD = "2026-11-03 10:00"
CALL = call("2026-10-05 10:00", OPUS, "harbour", (0, 400_000))
"""10 USD."""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Claude Code as one goes, 10 USD on 5 October."""
    path = make(tmp_path / "history.db", {"claude-code": [CALL]})
    tell(path, rule("claude-code", PayerKind.PAYG))
    return path


def summary(
    path: Path, zone: Zone | None = None, kept: Settings = DEFAULTS, *, redact: bool = False, today: date = TODAY
) -> MonthSummary:
    """October as it would be exported now."""
    with History(path) as history:
        return build(history, OCTOBER, zone or UtcZone(), None, kept, today=today, redact=redact)


def export(path: Path, at: str = THIRD, **asked: object) -> MonthSummary:
    """Export October, and keep that in mind."""
    made = summary(path, **asked)  # type: ignore[arg-type] # the options of the function above
    keep(path, figures_of(made), at)
    return made


def keep(path: Path, figures: str, at: str = THIRD) -> None:
    """Keep in mind that October was exported."""
    writer = Writer(path)
    writer.add_export(ExportRecord(0, "2026-10", utc(at), False, False, False, (), figures))
    writer.close()


def read_on(path: Path, *events: LogEvent, agent: str = "claude-code") -> None:
    """More calls in logs, as a later read finds them."""
    writer = Writer(path)
    source = writer.source("agent", agent, agent.title(), "anthropic", 0)
    writer.apply(Batch(source, "machine", [one._replace(provider="anthropic") for one in events], ()))
    writer.mark_read(source, utc("2026-11-20 10:00"))
    writer.rebuild()
    writer.close()


def test_nothing_is_said_where_nothing_changed(path: Path) -> None:
    """Nor where nothing was exported, nor of another month's export."""
    assert summary(path).changed == ()
    export(path)
    assert summary(path).changed == ()
    export(path, "2026-11-04 10:00")
    assert summary(path).changed == ()
    read_on(path, call("2026-11-05 10:00", OPUS, "harbour", (0, 400_000))._replace(message_key=77))
    assert summary(path).changed == ()


def test_a_bill_that_comes_late(path: Path) -> None:
    """What was metered is billed: by source, by day, each as the document of then said it."""
    account = add_account(path)
    tokens = {"2026-10-28": 1_000_000, "2026-10-29": 2_000_000, "2026-10-30": 500_000}
    read_account(
        path, account, "2026-11-01 10:00", billed_to="2026-10-29 00:00", metered_to="2026-11-01 09:00",
        bills={"2026-10-28": "2"}, tokens=tokens,
    )  # fmt: skip
    assert export(path).amount_text == "≈ $17.00"
    read_account(
        path, account, "2026-11-04 10:00", billed_to="2026-11-03 00:00", metered_to="2026-11-04 09:00",
        bills={"2026-10-28": "2", "2026-10-29": "3.5", "2026-10-30": "1.25"}, tokens=tokens,
    )  # fmt: skip
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026: ≈ $16.75, was ≈ $17.00.",
        "OpenAI, my key: $6.75, was ≈ $7.00; billed since.",
        "By day: 29 October $3.50, was ≈ $4.00; 30 October $1.25, was ≈ $1.00.",
    )


def test_a_bill_of_the_same_amount(path: Path) -> None:
    """It is known in another way, which is said, and no day has moved."""
    account = add_account(path)
    tokens = {"2026-10-29": 1_000_000}
    read_account(path, account, "2026-10-30 10:00", metered_to="2026-10-30 09:00", tokens=tokens)
    export(path)
    read_account(
        path, account, "2026-11-03 10:00", billed_to="2026-11-02 00:00", metered_to="2026-11-03 09:00",
        bills={"2026-10-29": "2"}, tokens=tokens,
    )  # fmt: skip
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026; the total still reads ≈ $12.00.",
        "OpenAI, my key: $2.00, was ≈ $2.00; billed since.",
    )


def test_a_correction(path: Path) -> None:
    """A provider changes what it had billed."""
    account = add_account(path)
    bills = {"2026-10-30": "4", "2026-10-31": "5"}
    to = "2026-11-02 00:00"
    read_account(path, account, "2026-11-02 10:00", billed_to=to, metered_to=to, bills=bills)
    export(path)
    read_account(path, account, "2026-11-02 20:00", billed_to=to, bills=bills | {"2026-10-31": "4.10"})
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026: ≈ $18.10, was ≈ $19.00.",
        "OpenAI, my key: $8.10, was $9.00.",
        "By day: 31 October $4.10, was $5.00.",
    )


def test_logs_that_are_found_later(path: Path) -> None:
    """Of many days the first are told and the rest counted; tokens without a price are no less a change."""
    export(path)
    calls = [
        call(f"2026-10-{day:02} 10:00", OPUS, "dock", (0, 40_000))._replace(message_key=day) for day in range(10, 16)
    ]
    read_on(path, *calls)
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026: ≈ $16.00, was ≈ $10.00.",
        "Claude Code: ≈ $16.00, was ≈ $10.00.",
        "By day: 10 October ≈ $1.00, was –; 11 October ≈ $1.00, was –; 12 October ≈ $1.00, was –; 3 more days.",
    )
    export(path)
    read_on(path, call("2026-10-05 10:00", "nobody-s-model", "dock", (0, 9))._replace(message_key=99))
    first, line = summary(path).changed[:2]
    assert first == "Changed since it was exported on 3 November 2026: at least ≈ $16.00, was ≈ $16.00."
    assert line == "Claude Code: at least ≈ $16.00, was ≈ $16.00."


def test_a_change_of_less_than_a_cent(path: Path) -> None:
    """It is a change all the same."""
    export(path)
    read_on(path, CALL._replace(message_key=9, output_tokens=1))
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026; the total still reads ≈ $10.00.",
        "Claude Code: ≈ $10.00, by less than it shows.",
        "By day: 5 October ≈ $10.00, by less than it shows.",
    )


def test_use_that_costs_nothing(path: Path) -> None:
    """Requests without tokens change the counts of a source, and no amount."""
    export(path)
    read_on(path, CALL._replace(message_key=9, output_tokens=0))
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026; the total still reads ≈ $10.00.",
        "Claude Code: still ≈ $10.00, for other use.",
    )


def test_a_fee_that_is_another(path: Path) -> None:
    """Every day of it moves; what a plan is worth moves when more of its use is found."""
    tell(path, plan("Max", "100", "codex"))
    export(path)
    tell(path, lambda told: told.remove_plan(1), plan("Max", "131", "codex"))
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026: ≈ $141.00, was ≈ $110.00.",
        "Max: $131.00, was not there.",
        "A plan: not there any more, was $100.00.",
        "By day: 1 October $4.22, was $3.22; 2 October $4.23, was $3.23; 3 October $4.22, was $3.22; 28 more days.",
    )
    export(path)
    read_on(path, CALL._replace(message_key=9), agent="codex")
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026; the total still reads ≈ $141.00.",
        "Max: still $131.00, worth ≈ $10.00, was worth –.",
    )


def test_a_charge_is_named_only_where_it_is(path: Path) -> None:
    """Its words are in no record: one that is gone is a charge, and one that came bears the words of the document."""
    tell(path, charge("2026-10-09", "5", "for the secret tower"))
    record = figures_of(export(path))
    assert "secret" not in record
    assert "harbour" not in record
    tell(path, lambda told: told.remove_charge(1), charge("2026-10-09", "7", "overage"))
    assert summary(path).changed[1:3] == (
        "charge “overage”: $7.00, was not there.",
        "A charge: not there any more, was $5.00.",
    )
    assert summary(path, redact=True).changed[1].startswith("charge 1: $7.00")


def test_another_zone_is_not_compared(path: Path) -> None:
    """Its days are others; where only the name differs they are the same."""
    export(path)
    assert summary(path, NamedZone("Europe/Berlin")).changed == (
        "It was exported on 3 November 2026 with days that begin at other hours (UTC+00:00, now"
        " UTC+02:00 and +01:00): what changed since is not told.",
    )
    assert summary(path, NamedZone("Africa/Abidjan")).changed == ()


def test_another_currency_is_not_compared(path: Path) -> None:
    """Nor is worth with spend: it is said what the document of then told."""
    tell(path, rate("USD", "EUR", "0.5"))
    export(path)
    euros = DEFAULTS._replace(currency="EUR")
    assert summary(path, kept=euros).changed == (
        "It was exported on 3 November 2026 as spend in USD, ≈ $10.00, and is spend in EUR now, ≈ €5.00: what changed"
        " since is not told.",
    )
    tell(path, lambda told: told.remove_rule(1))
    assert summary(path).changed == (
        "It was exported on 3 November 2026 as spend in USD, ≈ $10.00, and is worth at list price in USD now,"
        " ≈ $10.00: what changed since is not told.",
    )


def test_an_exchange_rate_that_is_another(path: Path) -> None:
    """Amounts are told at it, so they are others, though nothing else was used; a rate that comes moves a source."""
    euros = DEFAULTS._replace(currency="EUR")
    tell(path, rate("USD", "EUR", "0.5"))
    export(path, kept=euros)
    tell(path, rate("USD", "EUR", "0.6"))
    assert summary(path, kept=euros).changed == (
        "Changed since it was exported on 3 November 2026: ≈ €6.00, was ≈ €5.00.",
        "Claude Code: ≈ €6.00, was ≈ €5.00.",
        "By day: 5 October ≈ €6.00, was ≈ €5.00.",
    )
    tell(path, charge("2026-10-09", "5", "a fine", "CHF"))
    export(path, kept=euros)
    tell(path, rate("CHF", "EUR", "2"))
    assert summary(path, kept=euros).changed[1:3] == (
        "charge “a fine”: €10.00, was not there.",
        "charge “a fine”: not there any more, was 5.00\xa0CHF.",
    )


def test_what_is_paid_elsewhere_or_by_nobody(path: Path) -> None:
    """It is in no total, and what of it changed is told as what it is."""
    pi = call("2026-10-06 10:00", OPUS, "a", (0, 40_000))
    read_on(path, pi._replace(message_key=5), agent="pi")
    read_on(path, pi._replace(message_key=6), agent="codex")
    tell(path, rule("pi", PayerKind.NOBODY))
    export(path)
    read_on(path, pi._replace(message_key=7), agent="pi")
    read_on(path, pi._replace(message_key=8), agent="codex")
    assert summary(path).changed == (
        "Changed since it was exported on 3 November 2026; the total still reads ≈ $10.00.",
        "Pi (paid elsewhere): ≈ $2.00, was ≈ $1.00.",
        "Codex (no payer): ≈ $2.00, was ≈ $1.00.",
    )


def test_more_sources_than_are_told(path: Path) -> None:
    """The rest are counted."""
    export(path)
    tell(path, *[charge("2026-10-09", str(number), f"charge of {number}") for number in range(1, 9)])
    said = summary(path).changed
    assert len(said) == 9
    assert said[1] == "charge “charge of 8”: $8.00, was not there."
    assert said[-2] == "2 more sources changed."


def test_redacted_or_not_it_says_the_same(path: Path) -> None:
    """An export without names is compared with one that has them, and the other way round."""
    tell(path, charge("2026-10-09", "5", "for the tower"))
    assert figures_of(export(path, redact=True)) == figures_of(summary(path))
    assert summary(path).changed == summary(path, redact=True).changed == ()


def test_the_newest_export_is_what_counts(path: Path) -> None:
    """Of those that said otherwise: one file after the other says the same. What no build wrote is passed over."""
    export(path)
    tell(path, charge("2026-10-09", "5", "over"))
    changed = summary(path).changed
    assert len(changed) == 3
    export(path, "2026-11-04 10:00")
    assert summary(path).changed == changed
    good = json.loads(figures_of(summary(path)))
    for spoilt in (
        "", "[]", "{}", "[" * 100_000, "nonsense", json.dumps(good | {"total": ["NaN", None, 0, "", ""]}),
        json.dumps(good | {"offsets": 7}), json.dumps(good | {"total": ["1", None, "0", "", ""]}),
        json.dumps(good | {"days": {"someday": ["1", None, 0, "", ""]}}), json.dumps(good | {"cells": {"a": [1]}}),
        json.dumps(good | {"total": ["1" * 99, None, 0, "", ""]}), json.dumps(good | {"lines": []}),
    ):  # fmt: skip
        keep(path, spoilt, "2026-11-05 10:00")
    assert summary(path).changed == changed
    tell(path, charge("2026-10-09", "6", "over"))
    assert summary(path).changed[0] == "Changed since it was exported on 4 November 2026: ≈ $21.00, was ≈ $15.00."


def test_a_month_that_was_not_over_when_it_was_exported(path: Path) -> None:
    """The days that were to come are no change, nor is the rest of that day; what is another in those before is."""
    tell(path, plan("Max", "31", "codex"))
    export(path, "2026-10-08 15:00", today=date(2026, 10, 8))
    later = [
        call(f"2026-10-{day:02} 16:00", OPUS, "dock", (0, 40_000))._replace(message_key=day) for day in range(8, 13)
    ]
    read_on(path, *later)
    assert summary(path).changed == ()
    read_on(path, call("2026-10-06 09:00", OPUS, "dock", (0, 40_000))._replace(message_key=50))
    assert summary(path).changed == (
        "Changed since it was exported on 8 October 2026, in the days before that.",
        "By source: Claude Code.",
        "By day: 6 October ≈ $2.00, was $1.00.",
    )


DAYS = st.integers(1, 31)
CALLS = st.lists(st.tuples(DAYS, st.sampled_from([OPUS, "unheard-of"]), st.integers(0, 10**6)), max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=CALLS, more=st.tuples(DAYS, st.sampled_from([OPUS, "unheard-of"]), st.integers(1, 10**6)))
def test_any_change_of_use_is_said_and_nothing_else(
    tmp_path: Path, calls: list[tuple[int, str, int]], more: tuple[int, str, int]
) -> None:
    """Whatever a month holds: exported twice it says the same, and any call more on any day changes it."""
    folder = tmp_path / "one"
    shutil.rmtree(folder, ignore_errors=True)
    path = make(folder / "history.db", {"claude-code": [CALL, *[_call(*one) for one in calls]]})
    tell(path, rule("claude-code", PayerKind.PAYG), plan("Max", "93.37", "codex"), rate("USD", "EUR", "0.333333"))
    euros = DEFAULTS._replace(currency="EUR")
    export(path)
    assert export(path).changed == ()
    in_euros = export(path, kept=euros).changed
    assert in_euros[0].endswith("what changed since is not told.")
    assert export(path, kept=euros).changed == in_euros
    read_on(path, _call(*more)._replace(message_key=10**6))
    said = summary(path, kept=euros).changed
    assert said[0].startswith("Changed since it was exported on 3 November 2026")
    assert any("Claude Code" in line for line in said)


def _call(day: int, model: str, tokens: int) -> LogEvent:
    return call(f"{OCTOBER + timedelta(days=day - 1)} 10:00", model, "p", (0, tokens))


def test_amounts_are_kept_unrounded(path: Path) -> None:
    """As texts, to the last digit, so that nothing small is lost between two exports."""
    read_on(path, CALL._replace(message_key=9, output_tokens=0, cache_read_tokens=1))
    kept = json.loads(figures_of(summary(path)))
    assert kept["total"][:2] == ["10.0000005", "10.0000005"]
    assert kept["cells"]["claude-code"]["2026-10-05"]["USD"] == ["10.0000005", "10.0000005", 2, 400_001, 0, "estimated"]
