"""The snapshot at its edges: plans that begin and end, two payers, accounts, many rows, days without use."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_snapshots import NOW, STALE_AFTER_S, Made, call, lines_of
from tokentray.clock import DAY_S, HOUR_S, UtcZone, day_start_utc
from tokentray.model import Payer, PayerKind
from tokentray.money import nanos_from_text
from tokentray.settings import DEFAULTS
from tokentray.snapshot import Amount, Snapshot, SnapshotState, SourceState, Standing

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


class Case(Made):
    """A history under test."""

    def term(self, plan: int, first: date, last: date | None, fee: str = "30") -> None:
        """A further stretch of a plan."""
        with self.writer.telling() as told:
            told.add_term(plan, nanos_from_text(fee), "USD", first, last, 1)

    def ended(self, last: date, *agents: str) -> int:
        """A plan of 30 dollars a month from 1 November to a day."""
        with self.writer.telling() as told:
            plan = told.add_plan("Claude Max", "anthropic", NOW)
            told.add_term(plan, nanos_from_text("30"), "USD", date(2026, 11, 1), last, 1)
            for agent in agents:
                told.add_rule(agent, "", "", None, Payer(PayerKind.PLAN, plan), NOW)
        return plan

    def charge(self, day: date, amount: str, text: str = "", currency: str = "USD") -> None:
        """An amount typed in by hand."""
        with self.writer.telling() as told:
            told.add_charge(day, nanos_from_text(amount), currency, "anthropic", text, NOW)

    def account(self, name: str, *, billed: Sequence[tuple[int, str]] = (), complete_to: int = NOW) -> int:
        """An account with a bill of some hours: start and amount."""
        source = self.writer.source("account", name, name, "openai", NOW)
        self.writer.mark_read(source, NOW - 60)
        start, until = (at // HOUR_S * HOUR_S for at in (NOW - 90 * DAY_S, complete_to))
        self.writer.connection.execute(
            "INSERT INTO feed_spans VALUES (?, 'billed', ?, ?, ?)", (source, start, until, until)
        )
        for start, amount in billed:
            self.writer.connection.execute(
                "INSERT INTO billed_buckets VALUES (?, 3600, ?, 0, 'tokens', '', 'USD', ?)",
                (start, source, nanos_from_text(amount)),
            )
        return source

    def keeps(self, account: int, *, counted: bool = True, removed_utc: int | None = None) -> None:
        """What is known of an account: whether all that it sees counts, and when its key was deleted."""
        self.writer.connection.execute(
            "INSERT INTO accounts VALUES (?, '', '', '', '', '{}', ?, 0, '{}', ?)", (account, counted, removed_utc)
        )


@pytest.fixture
def made(tmp_path: Path) -> Case:
    """An empty history."""
    return Case(tmp_path / "history.db")


def rows_of(shown: Snapshot) -> list[tuple[str, str, str, str]]:
    """Each row's id, standing, and amounts of today and the month."""
    return [(row.id, row.standing.value, row.today.amount_text, row.month.amount_text) for row in shown.sources]


def every_amount(shown: Snapshot) -> list[Amount]:
    """All amounts of a snapshot."""
    rows = [amount for row in shown.sources for amount in (row.today, row.month)]
    return [shown.today, shown.month, *rows, *(bar.amount for bar in shown.days)]


def sound(shown: Snapshot) -> None:
    """What must hold of any snapshot's words."""
    assert all(shown.lines), "three lines, none of them empty"
    assert all("\n" not in line for line in shown.lines)
    for amount in every_amount(shown):
        assert amount.amount_text
        assert amount.known_text.endswith(".")
        assert ".." not in amount.known_text
        assert "  " not in amount.known_text
        for wrong in ("not priced at list price", "worth not priced", "None", "of .", "logs of at", "logs of  "):
            assert wrong not in f"{amount.known_text} {amount.worth_text} {amount.note_text}"
    for row in shown.sources:
        assert row.label
        assert 0 <= row.bar_permille <= 1000
        assert row.as_of_text or row.kind in ("plan", "charge")
    assert len(shown.days) == 30
    assert all(0 <= bar.height_permille <= 1000 for bar in shown.days)


def test_a_plan_that_ended_this_month(made: Case) -> None:
    """Its row stays for the month, with what was paid; today nothing is, and since when is said."""
    made.ended(date(2026, 11, 14), "claude-code")
    made.add("claude-code", "Claude Code", call(1, NOW - 10 * DAY_S), call(2, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [
        ("plan:1", "spend", "–", "$14.00"),
        ("claude-code", "unassigned", "≈ $1.00", "≈ $1.00"),
    ]
    row = shown.sources[0]
    assert row.month.worth_text == "worth ≈ $1.00"
    assert "it ended on 14 Nov 2026" in row.today.known_text
    assert "did not use it then" not in row.today.known_text
    assert (shown.today.amount_text, shown.today.note_text) == ("$0.00", "+ ≈ $1.00 at list price, payer not said")
    december = made.snapshot(NOW + 15 * DAY_S)
    sound(december)
    assert "plan:1" not in {row.id for row in december.sources}


def test_the_last_day_of_a_plan(made: Case) -> None:
    """It is paid for to its end; from midnight on nobody has said who pays."""
    made.ended(TODAY, "claude-code")
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [("plan:1", "spend", "$1.00", "$22.00")]
    made.add("claude-code", "Claude Code", call(2, NOW + DAY_S))
    after = made.snapshot(NOW + DAY_S + 60)
    sound(after)
    assert rows_of(after) == [
        ("plan:1", "spend", "–", "$22.00"),
        ("claude-code", "unassigned", "≈ $1.00", "≈ $1.00"),
    ]


def test_a_plan_that_begins_tomorrow(made: Case) -> None:
    """No row and no fee before its day."""
    made.plan("Claude Max", "30", "claude-code", first=TODAY + DAY)
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [("claude-code", "unassigned", "≈ $1.00", "≈ $1.00")]
    assert shown.month.cost == 0
    after = made.snapshot(NOW + DAY_S)
    assert rows_of(after)[0] == ("plan:1", "spend", "$1.00", "$1.00")


def test_a_plan_that_begins_again(made: Case) -> None:
    """Ended, and its next stretch still to come: the fee that is told is the one that was paid."""
    plan = made.ended(date(2026, 11, 10), "claude-code")
    made.term(plan, date(2026, 12, 1), None, "300")
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    row = made.snapshot().sources[0]
    assert row.month.known_text.startswith("The fee of Claude Max, $30.00 a month, spread over")


def test_another_fee_in_the_middle_of_the_month(made: Case) -> None:
    """$30 for ten days, then $60: 10 + 12 × 2 = 34 so far, in one row."""
    plan = made.ended(date(2026, 11, 10), "claude-code")
    made.term(plan, date(2026, 11, 11), None, "60")
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [("plan:1", "spend", "$2.00", "$34.00")]
    assert "$60.00 a month" in shown.sources[0].today.known_text


def test_an_agent_with_two_payers(made: Case) -> None:
    """A plan by one provider, as you go by another: a row of each, and each call once."""
    made.plan("ChatGPT Plus", "30", "codex")
    with made.writer.telling() as told:
        told.add_rule("codex", "openai", "", None, Payer(PayerKind.PAYG), NOW)
    made.add("codex", "Codex", call(1, NOW - 5), call(2, NOW - 6)._replace(provider="openai", model="gpt-5.4"))
    shown = made.snapshot()
    sound(shown)
    rows = lines_of(shown)
    assert set(rows) == {("plan:1", "spend"), ("codex", "spend")}
    assert rows["plan:1", "spend"].today.worth_text == "worth ≈ $1.00"
    assert rows["codex", "spend"].today.tokens == 40_000
    assert shown.today.tokens == 80_000
    assert shown.today.cost == 1 + (rows["codex", "spend"].today.list_cost or 0)


def test_an_agent_that_moved_to_another_payer(made: Case) -> None:
    """The plan it left says nothing of it any more: neither "no use" nor how old its reading is."""
    made.plan("Claude Max", "30", "claude-code", "codex")
    with made.writer.telling() as told:
        told.add_rule("codex", "", "", date(2026, 6, 1), Payer(PayerKind.PAYG), NOW)
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    made.add("codex", "Codex", read_utc=NOW - STALE_AFTER_S - 60)
    shown = made.snapshot()
    sound(shown)
    assert [(row.id, row.state) for row in shown.sources] == [
        ("plan:1", SourceState.FRESH),
        ("codex", SourceState.STALE),
    ]


def test_twelve_sources_in_order(made: Case) -> None:
    """By standing, in each the largest of the month first, and by name where they are even."""
    for index in range(6):
        made.rule(f"agent-{index}", PayerKind.PAYG if index < 4 else PayerKind.NOBODY)
    for index in range(10):
        number = index + 1
        made.add(f"agent-{index}", f"Agent {index}", *(call(number * 100 + n, NOW - n - 1) for n in range(number % 4)))
    made.plan("Copilot", "30")
    made.charge(date(2026, 11, 3), "2.50", "Extra use")
    shown = made.snapshot()
    sound(shown)
    assert len(shown.sources) == 12
    assert [row.label for row in shown.sources] == [
        "Copilot", "Agent 2", "Extra use", "Agent 1", "Agent 0", "Agent 3",
        "Agent 5", "Agent 4",
        "Agent 6", "Agent 9", "Agent 8", "Agent 7",
    ]  # fmt: skip
    spend = [row for row in shown.sources if row.standing is Standing.SPEND]
    assert [row.bar_permille for row in spend] == [1000, 136, 113, 90, 45, 0]
    assert sum((row.today.cost for row in spend), Decimal(0)) == shown.today.cost
    assert sum((row.month.cost for row in spend), Decimal(0)) == shown.month.cost


def test_a_charge_of_a_day_to_come(made: Case) -> None:
    """It counts from its day on, and has no row before."""
    made.charge(TODAY + DAY, "12.50", "Extra use")
    made.charge(date(2026, 10, 31), "99", "Last month")
    shown = made.snapshot()
    sound(shown)
    assert (shown.sources, shown.counts_spend) == ((), True)
    assert shown.month.cost == 0
    after = made.snapshot(NOW + DAY_S)
    assert rows_of(after) == [("charge:1", "spend", "$12.50", "$12.50")]
    assert after.sources[0].today.known_text == "Typed in by hand for 23 Nov 2026."


def test_two_charges_of_one_day(made: Case) -> None:
    """Each is a row, by what it is for, else by who sent it."""
    made.charge(TODAY, "1", "Extra use")
    made.charge(TODAY, "2")
    shown = made.snapshot()
    sound(shown)
    assert [(row.label, row.today.amount_text) for row in shown.sources] == [
        ("anthropic", "$2.00"),
        ("Extra use", "$1.00"),
    ]
    assert shown.today.known_text == "$3.00 typed in by hand."


def test_charges_that_say_the_same_are_told_apart_by_their_day(made: Case) -> None:
    """As everywhere else; one that says something else is called that."""
    for day, text in ((date(2026, 11, 3), ""), (date(2026, 11, 9), ""), (TODAY, "Extra use")):
        made.charge(day, "2", text)
    assert sorted(line.label for line in made.snapshot().sources) == [
        "Extra use",
        "anthropic, 3 Nov 2026",
        "anthropic, 9 Nov 2026",
    ]


def test_bars_once_spend_counts(made: Case) -> None:
    """Fees every day from the first on, a charge on its day; behind them, on one scale, what they bought."""
    made.plan("Claude Max", "300", "claude-code", first=date(2026, 11, 11))
    made.charge(date(2026, 11, 20), "30")
    made.add("claude-code", "Claude Code", *(call(n, NOW - n) for n in range(1, 5)))
    shown = made.snapshot()
    sound(shown)
    assert [bar.worth_permille for bar in shown.days[-3:]] == [0, 0, 100]
    heights = {bar.day: bar.height_permille for bar in shown.days}
    assert heights[date(2026, 11, 20)] == 1000
    assert {heights[date(2026, 11, 11) + n * DAY] for n in range(12) if n != 9} == {250}
    assert {heights[day] for day in heights if day < date(2026, 11, 11)} == {0}
    assert shown.days[-1].amount.known_text.startswith("$10.00 of plan fees, spread over their days; the plans covered")
    assert shown.days[0].amount.known_text == "Nothing used and nothing paid."


def test_nothing_used_in_thirty_days_but_a_fee_paid(made: Case) -> None:
    """The days do hold something then; without the fee the whole history is told, as worth."""
    made.add("claude-code", "Claude Code", call(1, NOW - 100 * DAY_S))
    made.rule("claude-code", PayerKind.PAYG)
    made.hourly("60")
    quiet = made.snapshot()
    sound(quiet)
    assert quiet.quiet_text == (
        "Nothing used in 30 days; last on 14 August 2026. ≈ $1.00 at list price in all, 1 min of your time."
    )
    made.plan("Copilot", "30")
    paid = made.snapshot()
    sound(paid)
    assert paid.quiet_text == ""
    assert paid.days[-1].height_permille == 1000


def test_a_month_of_thirty_one_days_and_a_use_on_its_first(made: Case) -> None:
    """On the 31st the month reaches one day further back than the bars do."""
    end = day_start_utc(date(2026, 10, 31), UtcZone()) + 3600
    made.add("claude-code", "Claude Code", call(1, end - 30 * DAY_S), read_utc=end)
    shown = made.snapshot(end + 60)
    sound(shown)
    assert shown.month.amount_text == "≈ $1.00"
    assert all(bar.height_permille == 0 for bar in shown.days)
    assert shown.quiet_text == "Nothing used in 30 days; last on 1 October 2026. ≈ $1.00 in all."


@pytest.mark.parametrize("paid", [False, True])
def test_the_icon_says_no_zero_of_what_has_no_price(paid: bool, made: Case) -> None:
    """Neither as a figure nor as an empty ring, and not where only a part of a cent is known beside it."""
    made.hourly("100")
    if paid:
        made.rule("pi", PayerKind.PAYG)
    made.add("pi", "pi", call(1, NOW - 5, model="experimental-9"))
    shown = made.snapshot()
    assert (shown.today.amount_text, shown.today_short, shown.today_minutes) == ("not priced", "?", None)
    made.add("pi", "pi", call(2, NOW - 4)._replace(input_tokens=1, output_tokens=0))
    shown = made.snapshot()
    assert (shown.today.amount_text, shown.today_short, shown.today_minutes) == ("mostly not priced", "?", None)
    made.add("pi", "pi", *(call(number, NOW - 3) for number in range(3, 13)))
    shown = made.snapshot()
    assert (shown.today.amount_text, shown.today_short, shown.today_minutes) == ("at least ≈ $10.00", "10", 6)


def test_quiet_about_what_had_no_price(made: Case) -> None:
    """Tokens are told where no amount can be."""
    made.add("claude-code", "Claude Code", call(1, NOW - 100 * DAY_S, model="experimental-9"))
    shown = made.snapshot()
    assert shown.quiet_text == (
        "Nothing used in 30 days; last on 14 August 2026. 40,000 tokens without a price in all."
    )


def test_stale_failing_and_paused(made: Case) -> None:
    """A plan shows the worse of its agents; a pause makes nothing stale; an error stands whatever is chosen."""
    made.plan("Claude Max", "30", "claude-code", "codex")
    made.add("claude-code", "Claude Code", call(1, NOW - 5), read_utc=NOW)
    made.add("codex", "Codex", call(2, NOW - 5), read_utc=NOW - STALE_AFTER_S - 60)
    shown = made.snapshot()
    sound(shown)
    assert (shown.state, shown.sources[0].state) == (SnapshotState.STALE, SourceState.STALE)
    assert shown.sources[0].as_of_text == "as of 13:16", "the oldest of what the row is made of"
    paused = DEFAULTS._replace(paused=True)
    assert made.snapshot(settings=paused).state is SnapshotState.FRESH
    assert made.snapshot(settings=DEFAULTS._replace(interval_min=60)).state is SnapshotState.FRESH
    source = made.writer.known_source("agent", "codex")
    assert source is not None
    made.writer.mark_read(source, NOW, "its log folder cannot be read")
    failing = made.snapshot(settings=paused)
    sound(failing)
    assert (failing.state, failing.sources[0].error) == (
        SnapshotState.FAILING,
        "Codex: its log folder cannot be read",
    )
    assert failing.lines[2] == "Codex could not be read · as of 13:16"


def test_a_pause_makes_no_account_stale(made: Case) -> None:
    """Whoever looks while nothing is asked by choice is not told that it was long ago."""
    with made.writer.telling() as told:
        account = told.add_account(
            "openai:x", "openai", "My key", "https://o", "Admin key", "", "", {}, True, True, NOW
        )
    made.writer.mark_read(account, NOW - 5 * DAY_S)
    states = [
        line.state
        for settings in (DEFAULTS, DEFAULTS._replace(paused=True))
        for line in made.snapshot(settings=settings).sources
    ]
    assert states == [SourceState.STALE, SourceState.FRESH]


def test_what_was_never_read(made: Case) -> None:
    """A source that is known and not read yet has no age, and a plan stands without any."""
    made.writer.source("agent", "codex", "Codex", "openai", NOW)
    made.plan("Copilot", "30")
    shown = made.snapshot()
    sound(shown)
    assert [(row.label, row.state, row.as_of_text) for row in shown.sources] == [
        ("Copilot", SourceState.FRESH, ""),
        ("Codex", SourceState.NEVER, "never read"),
    ]
    assert not shown.blank


def test_an_account_with_a_bill(made: Case) -> None:
    """Its bill counts as spend, whether or not anything else was said; its row is its own."""
    hour = NOW // 3600 * 3600 - 3600
    account = made.account("My key", billed=[(hour, "3.50"), (hour - DAY_S, "2")])
    made.add("codex", "Codex", call(1, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    assert shown.counts_spend
    assert rows_of(shown) == [
        (f"account:{account}", "spend", "$3.50", "$5.50"),
        ("codex", "unassigned", "≈ $1.00", "≈ $1.00"),
    ]
    row = shown.sources[0]
    assert (row.kind, row.label, row.state) == ("account", "My key", SourceState.FRESH)
    assert row.today.known_text.startswith("Billed")
    assert shown.today.known_text.startswith("$3.50 billed; not counted, as nobody has said who pays: ≈ $1.00")
    assert {one.id: one.kind for one in shown.health} == {f"account:{account}": "account", "codex": "agent"}


def test_an_account_that_pays_for_an_agent(made: Case) -> None:
    """The bill where it is complete, the logs where it is not: one row, of both."""
    hour = NOW // 3600 * 3600 - 3 * 3600
    account = made.account("My key", billed=[(hour, "3.50")], complete_to=hour + 3600)
    with made.writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, account), NOW)
    made.add("codex", "Codex", call(1, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    (row,) = shown.sources
    assert (row.id, row.today.amount_text, row.today.basis) == (
        f"account:{account}", "≈ $4.50", ("billed", "estimated"),
    )  # fmt: skip
    assert row.today.known_text.startswith("Partly billed, partly estimated from the logs of")
    assert shown.today.known_text.startswith("≈ $4.50 partly billed, partly estimated")


def test_an_account_that_was_not_used(made: Case) -> None:
    """It stands among what is paid, at nothing."""
    account = made.account("My key")
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [(f"account:{account}", "spend", "$0.00", "$0.00")]
    assert shown.sources[0].today.known_text == "Nothing used and nothing billed."


def test_a_whole_organisation_that_does_not_count(made: Case) -> None:
    """It stands once, below what is paid, for what its bill comes to; its name is its own, and no log is spoken of."""
    hour = NOW // 3600 * 3600 - 3600
    account = made.account("Company", billed=[(hour, "90")])
    made.keeps(account, counted=False)
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", call(1, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [
        ("codex", "spend", "≈ $1.00", "≈ $1.00"),
        (f"account:{account}", "elsewhere", "≈ $90.00", "≈ $90.00"),
    ]
    row = shown.sources[1]
    assert (row.kind, row.label, row.state) == ("account", "Company", SourceState.FRESH)
    assert row.today.known_text.startswith("Billed; ")
    assert "it is the whole organisation's, and not counted" in row.today.known_text
    assert "logs" not in row.today.known_text
    assert shown.today.amount_text == "≈ $1.00"


def test_a_whole_organisation_that_was_not_used(made: Case) -> None:
    """It stands below what is paid too: nothing was paid, for nothing of it counts."""
    account = made.account("Company")
    made.keeps(account, counted=False)
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", call(1, NOW - 5))
    shown = made.snapshot()
    assert [row[:2] for row in rows_of(shown)] == [("codex", "spend"), (f"account:{account}", "elsewhere")]
    assert shown.sources[1].today.known_text == (
        "Nothing used and nothing billed; it is the whole organisation's, and not counted."
    )


def test_logs_that_a_whole_organisation_pays_for(made: Case) -> None:
    """What the person's own logs say of it is spend; all the rest of it stands below."""
    hour = NOW // 3600 * 3600 - 3600
    account = made.account("Company", billed=[(hour, "90")])
    made.keeps(account, counted=False)
    with made.writer.telling() as told:
        told.add_rule("codex", "", "", None, Payer(PayerKind.ACCOUNT, account), NOW)
    made.add("codex", "Codex", call(1, NOW - 5))
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [
        (f"account:{account}", "spend", "≈ $1.00", "≈ $1.00"),
        (f"account:{account}", "elsewhere", "≈ $90.00", "≈ $90.00"),
    ]


def test_an_account_that_was_removed(made: Case) -> None:
    """It stays for the months that it has amounts of, and is gone from the others."""
    hour = NOW // 3600 * 3600 - 3600
    account = made.account("Old key", billed=[(hour, "3.50")])
    made.keeps(account, removed_utc=NOW)
    shown = made.snapshot()
    sound(shown)
    assert rows_of(shown) == [(f"account:{account}", "spend", "$3.50", "$3.50")]
    later = made.snapshot(NOW + 40 * DAY_S)
    sound(later)
    assert rows_of(later) == []


def test_several_currencies_add_up_as_displayed(made: Case) -> None:
    """Three fees of a third of 10.01 euros beside dollars: each column adds up in each currency."""
    for index in range(3):
        made.plan(f"Plan {index}", "100.10", currency="EUR")
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", call(1, NOW - 5), call(2, NOW - 6, output=134))
    shown = made.snapshot()
    sound(shown)
    assert shown.today.amount_text == "≈ €10.01 + $1.00"
    assert sorted(row.today.amount_text for row in shown.sources) == ["€3.33", "€3.34", "€3.34", "≈ $1.00"]


@pytest.mark.parametrize("currency", ["JPY", "KWD"])
def test_currencies_with_other_digits(currency: str, made: Case) -> None:
    """Yen have no cents, dinars three: the rows still add up to what stands above them."""
    with made.writer.telling() as told:
        told.set_rate("USD", currency, nanos_from_text("150" if currency == "JPY" else "0.3"), date(2026, 1, 1))
    for index in range(3):
        made.rule(f"agent-{index}", PayerKind.PAYG)
        made.add(f"agent-{index}", f"Agent {index}", call(index + 1, NOW - 5, output=400 if currency == "JPY" else 67))
    shown = made.snapshot(settings=DEFAULTS._replace(currency=currency))
    sound(shown)
    # 3 × 0.01 × 150 = 4.5 yen, half-even 4; 3 × 0.001675 × 0.3 = 0.0015075 dinars.
    total, parts = {
        "JPY": ("≈ ¥4", ["≈ ¥2", "≈ ¥1", "≈ ¥1"]),
        "KWD": ("≈ 0.002 KWD", ["≈ 0.001 KWD", "≈ 0.001 KWD", "≈ <0.001 KWD"]),
    }[currency]
    assert shown.today.amount_text.replace("\N{NO-BREAK SPACE}", " ") == total
    assert [row.today.amount_text.replace("\N{NO-BREAK SPACE}", " ") for row in shown.sources] == parts


def test_a_plan_whose_use_has_no_price(made: Case) -> None:
    """The fee is known whatever it covers; the tokens are said, and nothing is worth zero."""
    made.plan("Claude Max", "30", "claude-code")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, model="experimental-9"))
    made.rule("codex", PayerKind.NOBODY)
    made.add("codex", "Codex", call(2, NOW - 5, model="experimental-9"))
    made.add("pi", "pi", call(3, NOW - 5, model="experimental-9"))
    shown = made.snapshot()
    sound(shown)
    assert shown.lines[2] == "Plans covered 40,000 tokens today · as of 14:01"
    assert (shown.today.amount_text, shown.today.list_cost) == ("$1.00", None)
    assert shown.today.note_text == "+ 40,000 tokens without a price, payer not said"
    assert shown.today.known_text == (
        "$1.00 of plan fees, spread over their days; the plans covered 40,000 tokens without a price; paid elsewhere"
        " and not counted: 40,000 tokens without a price; not counted, as nobody has said who pays: 40,000 tokens"
        " without a price; 120,000 tokens have no known price and are left out."
    )
    assert [(row.id, row.today.amount_text, row.today.worth_text) for row in shown.sources] == [
        ("plan:1", "$1.00", "not priced"),
        ("codex", "not priced", ""),
        ("pi", "not priced", ""),
    ]


def test_a_chosen_currency_leads_once_a_rate_leads_there(made: Case) -> None:
    """Until then amounts stay as they came in: with nothing in the chosen one, the days would look empty."""
    made.plan("Claude Max", "30", "claude-code")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, output=44 * 40_000))
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", call(2, NOW - 40 * DAY_S))
    euros = DEFAULTS._replace(currency="EUR")
    assert made.snapshot(settings=euros) == made.snapshot()
    assert made.snapshot().days[-1].height_permille == 22
    assert [row.today.amount_text for row in made.snapshot(settings=euros).sources] == ["$1.00", "$0.00"]
    made.charge(TODAY, "2", "Extra use", "EUR")
    assert made.snapshot(settings=euros).today.amount_text == "€2.00 + $1.00"
    with made.writer.telling() as told:
        told.set_rate("EUR", "USD", nanos_from_text("1.25"), date(2026, 1, 1))
    shown = made.snapshot(settings=euros)
    assert shown.today.amount_text == "€2.80"
    assert [row.today.amount_text for row in shown.sources] == ["€0.80", "€2.00", "€0.00"]


def test_a_day_in_another_currency_than_its_month(made: Case) -> None:
    """The icon shows what the words do, and no worth of nothing is claimed in a currency that no rate leads to."""
    plan = made.plan("Claude Max", "30", "claude-code", currency="EUR")
    with made.writer.telling() as told:
        told.end_term(told.plans()[plan - 1].terms[0].id, TODAY - DAY)
    made.rule("codex", PayerKind.PAYG)
    made.add("codex", "Codex", *(call(number, NOW - 5) for number in range(9)))
    shown = made.snapshot()
    assert shown.lines[:2] == ("Today ≈ $9.00", "November ≈ €21.00 + $9.00")
    assert shown.today_short == "9"
    assert (shown.month.currency, shown.month.cost, shown.month.list_cost) == ("EUR", Decimal(21), None)


def test_a_fee_in_another_currency_has_no_ratio(made: Case) -> None:
    """Dollars of worth are not so many times euros of fee, until there is a rate."""
    made.plan("Claude Max", "30", "claude-code", currency="EUR")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, output=44 * 40_000))
    row = made.snapshot().sources[0]
    assert (row.today.amount_text, row.today.worth_text) == ("€1.00", "worth ≈ $44.00")
    assert "×" not in row.today.known_text
    with made.writer.telling() as told:
        told.set_rate("EUR", "USD", nanos_from_text("1.1"), date(2026, 1, 1))
    row = made.snapshot().sources[0]
    assert "it covered ≈ $44.00 at list price, 40× its fee" in row.today.known_text


def test_words_of_every_state_are_whole(made: Case) -> None:
    """From nothing at all, step by step to everything at once."""
    steps = (
        lambda: None,
        lambda: made.add("claude-code", "Claude Code", call(1, NOW - 5)),
        lambda: made.add("codex", "Codex", call(2, NOW - 9 * DAY_S, model="experimental-9")),
        lambda: made.hourly("100"),
        lambda: made.rule("codex", PayerKind.PAYG),
        lambda: made.plan("Claude Max", "200", "claude-code", currency="EUR"),
        lambda: made.charge(TODAY, "900", "Extra use", "JPY"),
        lambda: made.rule("pi", PayerKind.NOBODY),
        lambda: made.add("pi", "pi", call(3, NOW - 5)),
        lambda: made.account("My key", billed=[(NOW // 3600 * 3600 - 3600, "-2")]),
    )  # fmt: skip
    for step in steps:
        step()
        for settings in (DEFAULTS, DEFAULTS._replace(currency="CHF"), DEFAULTS._replace(show_elsewhere=False)):
            sound(made.snapshot(settings=settings))
