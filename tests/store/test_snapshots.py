"""The one snapshot that everything shows: figures by hand, states, words, and rows that add up."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tokentray.clock import DAY_S, UtcZone, day_start_utc
from tokentray.engine.snapshots import build
from tokentray.model import LogEvent, Payer, PayerKind
from tokentray.money import NumberStyle, nanos_from_text
from tokentray.prices import lookup
from tokentray.settings import DEFAULTS, Settings
from tokentray.snapshot import Snapshot, SnapshotState, SourceLine, SourceState, Standing
from tokentray.store.history import History
from tokentray.store.writer import Batch, Writer

STALE_AFTER_S = 3 * DEFAULTS.interval_min * 60
NOW = day_start_utc(date(2026, 11, 22), UtcZone()) + 14 * 3600 + 120


def call(number: int, at_utc: int, model: str = "claude-opus-4-8", output: int = 40_000) -> LogEvent:
    """A call of 25 USD a million output tokens: 40,000 are one dollar."""
    return LogEvent(number, 0, at_utc, "anthropic", model, 0, "/src/harbour", "s1", 0, 0, output, 0, 0, 0, 0, 0, 0)


class Made:
    """A history under test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = Writer(path)

    def add(self, agent: str, label: str, *events: LogEvent, read_utc: int | None = NOW - 60) -> None:
        """Events of one agent, read at a time."""
        source = self.writer.source("agent", agent, label, "anthropic", NOW)
        pairs = self.writer.new_models(events)
        self.writer.add_models({pair: lookup.find(*pair) for pair in pairs}, NOW)
        self.writer.apply(Batch(source, "here", events, []))
        self.writer.rebuild()
        if read_utc is not None:
            self.writer.mark_read(source, read_utc)

    def hourly(self, amount: str, currency: str = "USD") -> None:
        """The person's hour."""
        with self.writer.telling() as told:
            told.add_reference("hourly", "", nanos_from_text(amount), currency, date(2026, 11, 1), NOW)

    def plan(self, name: str, fee: str, *agents: str, currency: str = "USD", first: date = date(2026, 11, 1)) -> int:
        """A plan that pays for agents from its first day on, billed on the first."""
        with self.writer.telling() as told:
            plan_id = told.add_plan(name, "anthropic", NOW)
            told.add_term(plan_id, nanos_from_text(fee), currency, first, None, 1)
            for agent in agents:
                told.add_rule(agent, "", "", None, Payer(PayerKind.PLAN, plan_id), NOW)
        return plan_id

    def rule(self, agent: str, kind: PayerKind, project: str = "") -> None:
        """Who pays, from the first day on."""
        with self.writer.telling() as told:
            told.add_rule(agent, "", project, None, Payer(kind), NOW)

    def snapshot(self, now_utc: int = NOW, settings: Settings = DEFAULTS) -> Snapshot:
        """What is shown."""
        with History(self.path) as history:
            return build(history, now_utc, UtcZone(), NumberStyle(), settings)


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """An empty history."""
    return Made(tmp_path / "history.db")


def test_nothing_read_yet(tmp_path: Path) -> None:
    """Without a history there is a snapshot all the same."""
    with History(tmp_path / "none.db") as history:
        shown = build(history, NOW, UtcZone(), NumberStyle())
    assert shown.state is SnapshotState.NOTHING_READ
    assert shown.lines == ("Today ≈ $0.00", "November ≈ $0.00", "Nothing read yet")
    assert len(shown.days) == 30
    assert not shown.has_reference


def test_today_the_month_and_the_time_it_took(made: Made) -> None:
    """11 dollars today and 2 yesterday, at 100 an hour."""
    made.hourly("100")
    made.add(
        "claude-code", "Claude Code",
        *(call(n, NOW - n) for n in range(1, 12)), call(50, NOW - 86_400), call(51, NOW - 86_400),
        call(52, NOW - 40 * 86_400),
    )  # fmt: skip
    shown = made.snapshot()
    assert shown.lines == (
        "Today ≈ $11.00 · 7 min of your time",
        "November ≈ $13.00 · 8 min of your time",
        "Worth at list price · as of 14:01",
    )
    assert (shown.today.list_cost, shown.month.list_cost) == (Decimal(11), Decimal(13))
    assert (shown.ring_hours, shown.ring_permille, shown.today_minutes) == (0, 110, 6)
    assert shown.today_short == "11"
    assert [bar.height_permille for bar in shown.days[-2:]] == [181, 1000]
    assert shown.days[-1].label == "Sun 22 Nov"


def test_displayed_rows_add_up_to_the_displayed_total(made: Made) -> None:
    """Three sources of a third of a cent each make one cent, not three times nothing or three cents."""
    for index, agent in enumerate(("a", "b", "c")):
        made.add(agent, agent.upper(), call(index + 1, NOW - 5, output=134))
    shown = made.snapshot()
    assert shown.today.amount_text == "≈ $0.01"
    assert sorted(line.today.amount_text for line in shown.sources) == ["≈ $0.01", "≈ <$0.01", "≈ <$0.01"]


def test_unpriced_use_is_at_least_and_never_nothing(made: Made) -> None:
    """A model without a price is counted apart."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5, model="experimental-9"))
    assert made.snapshot().lines[0] == "Today not priced"
    assert "40,000 tokens have no known price" in made.snapshot().today.known_text
    made.add("claude-code", "Claude Code", call(2, NOW - 5))
    assert made.snapshot().lines[0] == "Today at least ≈ $1.00"


def test_a_part_without_a_price_on_another_day_is_at_least_as_well(made: Made) -> None:
    """The amount and how it is known say the same of it, whichever days its priced and its other tokens are of."""
    made.rule("claude-code", PayerKind.PAYG)
    made.add("claude-code", "Claude Code", call(1, NOW - 2 * DAY_S), call(2, NOW - 5, model="experimental-9"))
    shown = made.snapshot()
    assert shown.month.amount_text == "at least ≈ $1.00"
    assert shown.month.known_text.startswith("At least ≈ $1.00 estimated from the logs of Claude Code")
    assert shown.today.known_text == "40,000 tokens have no known price and are left out."
    made.add("claude-code", "Claude Code", call(3, NOW - 5, output=1))
    assert made.snapshot().today.known_text.startswith("Mostly not priced, estimated from the logs of Claude Code")


def test_states_of_sources(made: Made) -> None:
    """Fresh, stale after three times the interval, failing above all."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    assert made.snapshot().state is SnapshotState.FRESH
    later = made.snapshot(NOW + STALE_AFTER_S)
    assert later.state is SnapshotState.STALE
    assert later.sources[0].state is SourceState.STALE
    source = made.writer.source("agent", "claude-code", "Claude Code", "anthropic", NOW)
    made.writer.mark_read(source, NOW, "its log folder cannot be read")
    failing = made.snapshot()
    assert failing.state is SnapshotState.FAILING
    assert failing.lines[2] == "Claude Code could not be read · as of 14:01"
    assert failing.today.amount_text == "≈ $1.00", "the last good figure stays"


def test_a_history_without_recent_use_says_what_it_holds(made: Made) -> None:
    """Thirty empty days are not the whole story."""
    made.add("claude-code", "Claude Code", call(1, NOW - 100 * 86_400), call(2, NOW - 200 * 86_400))
    assert made.snapshot().quiet_text == "Nothing used in 30 days; last on 14 August 2026. ≈ $2.00 in all."
    made.add("claude-code", "Claude Code", call(3, NOW - 29 * 86_400))
    assert made.snapshot().quiet_text == ""


def test_the_age_says_the_day_where_it_is_another(made: Made) -> None:
    """An old reading is not mistaken for one of today."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5), read_utc=NOW - 86_400)
    assert made.snapshot().as_of_text == "as of 21 Nov 14:02"


def lines_of(shown: Snapshot) -> dict[tuple[str, str], SourceLine]:
    """Rows by id and standing."""
    return {(line.id, line.standing.value): line for line in shown.sources}


def test_a_plan_a_payer_an_employer_and_what_nobody_said(made: Made) -> None:
    """The worked case: $300 a month over November's 30 days is $10 a day; 22 days are $220.

    Claude Code's 4 dollars of today are covered, Codex's 2 are paid as you go, the employer's 8 do not count, and
    nobody has said who pays for the 1 of pi.
    """
    made.hourly("60")
    made.plan("Claude Max", "300", "claude-code")
    made.rule("codex", PayerKind.PAYG)
    made.rule("gemini-cli", PayerKind.NOBODY)
    for index, (agent, label, dollars) in enumerate(
        (("claude-code", "Claude Code", 4), ("codex", "Codex", 2), ("gemini-cli", "Gemini CLI", 8), ("pi", "pi", 1))
    ):
        made.add(agent, label, *(call(index * 100 + number, NOW - number - 1) for number in range(dollars)))
    shown = made.snapshot()
    assert shown.counts_spend
    assert shown.lines == (
        "Today ≈ $12.00 · 12 min of your time",
        "November ≈ $222.00 · 3 h 42 min of your time",
        "Plans worth ≈ $4.00 today · as of 14:01",
    )
    assert (shown.today.cost, shown.today.list_cost) == (Decimal(12), Decimal(15))
    assert shown.today.note_text == "+ ≈ $1.00 at list price, payer not said"
    assert shown.today.known_text == (
        "≈ $2.00 estimated from the logs of Codex at each day's list price; $10.00 of plan fees, spread over their"
        " days; the plans covered ≈ $4.00 at list price; paid elsewhere and not counted: ≈ $8.00 at list price;"
        " not counted, as nobody has said who pays: ≈ $1.00 at list price."
    )
    rows = lines_of(shown)
    assert [(line.id, line.standing.value) for line in shown.sources] == [
        ("plan:1", "spend"),
        ("codex", "spend"),
        ("gemini-cli", "elsewhere"),
        ("pi", "unassigned"),
    ]
    plan = rows["plan:1", "spend"]
    assert (plan.label, plan.tag_text, plan.today.amount_text) == ("Claude Max", "plan", "$10.00")
    assert (plan.today.worth_text, plan.month.amount_text) == ("worth ≈ $4.00", "$220.00")
    assert "0.4× its fee" in plan.today.known_text
    assert "$300.00 a month" in plan.today.known_text
    assert rows["codex", "spend"].today.amount_text == "≈ $2.00"
    assert rows["gemini-cli", "elsewhere"].today.amount_text == "≈ $8.00"
    assert not rows["gemini-cli", "elsewhere"].today.is_spend
    assert [bar.amount.cost for bar in shown.days[-2:]] == [Decimal(10), Decimal(12)]
    assert {one.id for one in shown.health} == {"claude-code", "codex", "gemini-cli", "pi"}
    hidden = made.snapshot(settings=DEFAULTS._replace(show_elsewhere=False))
    assert all(line.standing is not Standing.ELSEWHERE for line in hidden.sources)
    assert hidden.today == shown.today


def test_one_plan_for_two_agents_counts_once_and_fails_with_either(made: Made) -> None:
    """The fee stands once, its worth is that of both, and its state is the worse of theirs."""
    made.plan("Claude Max", "30", "claude-code", "codex")
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    made.add("codex", "Codex", call(2, NOW - 5), call(3, NOW - 6))
    shown = made.snapshot()
    (plan,) = shown.sources
    assert (plan.today.amount_text, plan.today.worth_text) == ("$1.00", "worth ≈ $3.00")
    assert "Claude Code and Codex" in plan.today.known_text
    source = made.writer.source("agent", "codex", "Codex", "openai", NOW)
    made.writer.mark_read(source, NOW, "its log folder cannot be read")
    (plan,) = made.snapshot().sources
    assert (plan.state, plan.error) == (SourceState.FAILING, "Codex: its log folder cannot be read")


def test_a_project_paid_elsewhere_splits_an_agent(made: Made) -> None:
    """The same agent stands among what is paid and among what is not."""
    made.rule("claude-code", PayerKind.PAYG)
    made.rule("claude-code", PayerKind.NOBODY, project="harbour")
    made.add("claude-code", "Claude Code", call(1, NOW - 5), call(2, NOW - 6)._replace(project="/src/own"))
    rows = lines_of(made.snapshot())
    assert rows["claude-code", "spend"].today.amount_text == "≈ $1.00"
    assert rows["claude-code", "elsewhere"].today.amount_text == "≈ $1.00"
    assert rows["claude-code", "spend"].bar_permille == rows["claude-code", "elsewhere"].bar_permille == 1000


def test_a_fee_in_another_currency_stands_beside_until_a_rate_is_set(made: Made) -> None:
    """Never added unconverted: 30 EUR a month are 1 EUR a day, and at 1.10 that is 1.10 USD."""
    made.hourly("66")
    made.plan("Claude Max", "30", "claude-code", currency="EUR")
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", call(1, NOW - 5), call(2, NOW - 6))
    apart = made.snapshot()
    assert apart.today.amount_text == "≈ €1.00 + $2.00"
    assert apart.today.equivalent_text == "set a rate for EUR"
    assert apart.today.others == (("USD", Decimal(2)),)
    with made.writer.telling() as told:
        told.set_rate("EUR", "USD", nanos_from_text("1.1"), date(2026, 1, 1))
    together = made.snapshot(settings=DEFAULTS._replace(currency="USD"))
    assert (together.today.amount_text, together.today.cost) == ("≈ $3.10", Decimal("3.1"))
    assert together.today.equivalent_text == "3 min of your time"
    assert [line.today.amount_text for line in together.sources] == ["$1.10", "≈ $2.00"]


def test_unpriced_use_matters_to_spend_only_where_it_is_paid(made: Made) -> None:
    """A plan covers what has no price; who pays as they go reads "at least"."""
    made.plan("Claude Max", "30", "claude-code")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, model="experimental-9"))
    assert made.snapshot().lines[0] == "Today $1.00"
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", call(2, NOW - 5, model="experimental-9"))
    shown = made.snapshot()
    assert shown.lines[0] == "Today at least ≈ $1.00"
    assert lines_of(shown)["codex", "spend"].today.amount_text == "not priced"


def test_a_charge_and_a_plan_without_any_log(made: Made) -> None:
    """Money counts although nothing was ever read."""
    made.plan("Copilot", "30")
    with made.writer.telling() as told:
        told.add_charge(date(2026, 11, 20), nanos_from_text("12.50"), "USD", "anthropic", "Extra use", NOW)
    shown = made.snapshot()
    assert not shown.blank
    assert (shown.today.amount_text, shown.month.amount_text) == ("$1.00", "$34.50")
    assert [(line.label, line.tag_text, line.today.amount_text) for line in shown.sources] == [
        ("Copilot", "plan", "$1.00"),
        ("Extra use", "charge", "–"),
    ]
    assert shown.days[-3].amount.amount_text == "$13.50"
