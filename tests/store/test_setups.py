"""What the windows of first run and settings show, field by field, of histories made by hand."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.store.test_snapshots import NOW, Made, call
from tokentray.agents import AGENTS
from tokentray.clock import DAY_S, NamedZone, UtcZone
from tokentray.engine import demo, setups
from tokentray.engine.holdings import Holdings
from tokentray.model import ExportedFile, ExportRecord, LogEvent, Payer, PayerKind
from tokentray.money import NumberStyle, nanos_from_text
from tokentray.paths import FileMark, Paths
from tokentray.settings import DEFAULTS, SETTINGS, Loaded, Notice, Settings
from tokentray.setup import AgentSetup, PlanSetup, Setup
from tokentray.snapshot import Problem, ReadProgress
from tokentray.store.history import History
from tokentray.store.writer import Batch, FileRead, Writer

TODAY = date(2026, 11, 22)


class Shown(Made):
    """A history, and the setup made of it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.home = path.parent / "person"

    def files(self, agent: str, *names: str, plan_type: str = "", mtime_s: int = NOW) -> None:
        """Log files that were read; plan_type: what they say of the plan."""
        source = self.writer.source("agent", agent, agent, "openai", NOW)
        read = [FileRead(name, agent, name, 1, mtime_s * 10**9, 1, 0, "", False, 0, {}, plan_type) for name in names]
        self.writer.apply(Batch(source, "here", [], read))

    def term(self, plan: int, fee: str, first: date, last: date | None = None, currency: str = "USD") -> None:
        """A stretch of a plan."""
        with self.writer.telling() as told:
            told.add_term(plan, nanos_from_text(fee), currency, first, last, 1)

    def rate(self, base: str, quote: str, rate: str) -> None:
        """An exchange rate that holds on every day."""
        with self.writer.telling() as told:
            told.set_rate(base, quote, nanos_from_text(rate), date(2026, 1, 1))

    def setup(
        self,
        settings: Settings = DEFAULTS,
        env: Mapping[str, str] | None = None,
        holdings: Holdings | None = None,
        loaded: Loaded | None = None,
        **how: object,
    ) -> Setup:
        """What is shown."""
        with History(self.path) as history:
            return setups.build(
                history,
                NOW,
                UtcZone(),
                NumberStyle(),
                loaded or Loaded(settings),
                agents=AGENTS,
                env=env or {},
                home=self.home,
                paths=Paths(self.home, self.home, self.home),
                holdings=holdings,
                **how,  # type: ignore[arg-type] # handed on
            )

    def agent(self, name: str, **how: object) -> AgentSetup:
        """One agent of the setup."""
        return next(agent for agent in self.setup(**how).agents if agent.id == name)  # type: ignore[arg-type] # handed on

    def plan_setup(self, settings: Settings = DEFAULTS) -> PlanSetup:
        """The only plan."""
        (plan,) = self.setup(settings).plans
        return plan


@pytest.fixture
def made(tmp_path: Path) -> Shown:
    """An empty history."""
    return Shown(tmp_path / "history.db")


def days_ago(days: int) -> int:
    return NOW - days * DAY_S


def test_nothing_at_all(tmp_path: Path) -> None:
    """Without a history, logs or settings there is a setup all the same: what forms begin with."""
    with History(None) as history:
        shown = setups.build(
            history, NOW, UtcZone(), NumberStyle(), Loaded(), agents=AGENTS, env={}, home=tmp_path,
            paths=Paths(tmp_path, tmp_path, tmp_path),
        )  # fmt: skip
    assert (shown.today, shown.currency, shown.first_run) == (TODAY, "USD", True)
    assert [(agent.id, agent.found, agent.requests, agent.worth_text) for agent in shown.agents] == [
        ("claude-code", False, 0, ""),
        ("codex", False, 0, ""),
    ]
    assert (shown.rules, shown.plans, shown.charges, shown.references, shown.rates) == ((), (), (), (), ())
    assert (shown.missing_rates, shown.projects, shown.providers, shown.problems) == ((), (), (), ())
    assert shown.progress is None
    assert all(value.is_default and not value.notice for value in shown.settings)
    assert shown.settings_file == str(tmp_path / "settings.toml")


def test_agents_found_and_gone(made: Shown) -> None:
    """On this machine, only in the history, only in a rule, and neither: told apart, each listed once."""
    (made.home / ".claude" / "projects").mkdir(parents=True)
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    made.add("pi", "pi", call(2, NOW - 5))
    made.rule("goose", PayerKind.PAYG)
    made.rule("pi", PayerKind.NOBODY)
    shown = {agent.id: agent for agent in made.setup().agents}
    assert list(shown) == ["claude-code", "codex", "goose", "pi"]
    assert {name: agent.found for name, agent in shown.items()} == {
        "claude-code": True, "codex": False, "goose": False, "pi": False,
    }  # fmt: skip
    assert {name: agent.requests for name, agent in shown.items()} == {
        "claude-code": 1, "codex": 0, "goose": 0, "pi": 1,
    }  # fmt: skip
    assert (shown["pi"].label, shown["pi"].provider, shown["pi"].payer_text) == ("pi", "anthropic", "nobody here")
    assert (shown["goose"].payer, shown["goose"].payer_text) == ("payg", "you, as you go")
    assert (shown["codex"].payer, shown["codex"].payer_text) == ("", "nobody has said")


def test_an_agent_elsewhere_by_its_own_variable(made: Shown, tmp_path: Path) -> None:
    """Its override is honoured, as the reading of it does."""
    other = tmp_path / "other"
    (other / "projects").mkdir(parents=True)
    assert made.agent("claude-code", env={"CLAUDE_CONFIG_DIR": str(other)}).found
    assert not made.agent("claude-code", env={"CLAUDE_CONFIG_DIR": str(tmp_path / "none")}).found


def test_counts_of_an_agent(made: Shown) -> None:
    """Files, sessions, requests, first and last day and worth: three calls of two sessions, 3.50 dollars."""
    events = [
        call(1, days_ago(40)),
        call(2, days_ago(3), output=60_000),
        call(3, NOW - 5)._replace(session="s2"),
    ]
    made.add("claude-code", "Claude Code", *events)
    made.add("pi", "pi", call(4, NOW - 9))
    made.files("claude-code", "a.jsonl", "b.jsonl")
    made.files("pi", "c.jsonl")
    agent = made.agent("claude-code")
    assert (agent.files, agent.sessions, agent.requests) == (2, 2, 3)
    assert (agent.first_day, agent.last_day) == (date(2026, 10, 13), TODAY)
    assert agent.worth_text == "≈ $3.50 at list price"
    other = made.agent("pi")
    assert (other.files, other.sessions, other.requests, other.first_day) == (1, 1, 1, TODAY)


def test_days_are_the_persons(made: Shown) -> None:
    """A call an hour after midnight in UTC was made the evening before in New York."""
    made.add("claude-code", "Claude Code", call(1, NOW - 14 * 3600 + 3000))
    assert made.agent("claude-code").first_day == TODAY
    with History(made.path) as history:
        held = Holdings()
        for zone, day in (("America/New_York", 21), ("UTC", 22), ("America/New_York", 21)):
            shown = setups.build(
                history, NOW, NamedZone(zone), NumberStyle(), Loaded(), agents=AGENTS, env={}, home=made.home,
                paths=Paths(made.home, made.home, made.home), holdings=held,
            )  # fmt: skip
            assert shown.agents[0].first_day == date(2026, 11, day), "what is kept from before is of another zone"


@pytest.mark.parametrize(
    ("models", "text"),
    [
        (("experimental-9",), "not priced"),
        (("experimental-9", "claude-opus-4-8"), "at least ≈ $1.00 at list price"),
        (("claude-opus-4-8",), "≈ $1.00 at list price"),
    ],
)
def test_worth_that_lacks_a_price(models: tuple[str, ...], text: str, made: Shown) -> None:
    """Said as it is; never "not priced at list price"."""
    made.add("claude-code", "Claude Code", *(call(index, NOW - 5, model) for index, model in enumerate(models)))
    assert made.agent("claude-code").worth_text == text


def test_worth_in_the_persons_currency(made: Shown) -> None:
    """Converted at the rate of each day, as everywhere else."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5), call(2, days_ago(200)))
    made.rate("EUR", "USD", "1.25")
    shown = made.setup(DEFAULTS._replace(currency="EUR"))
    assert (shown.currency, shown.agents[0].worth_text) == ("EUR", "≈ €1.60 at list price")


def test_who_pays_today(made: Shown) -> None:
    """The rule that holds today for the whole agent: not one of a project, of a provider, or of tomorrow."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    plan = made.plan("Claude Max", "100", "claude-code")
    with made.writer.telling() as told:
        told.add_rule("claude-code", "", "harbour", None, Payer(PayerKind.NOBODY), NOW)
        told.add_rule("claude-code", "bedrock", "", None, Payer(PayerKind.NOBODY), NOW)
        told.add_rule("claude-code", "", "", TODAY + timedelta(days=1), Payer(PayerKind.PAYG), NOW)
    agent = made.agent("claude-code")
    assert (agent.payer, agent.payer_text) == (f"plan:{plan}", "Claude Max, a plan")
    with made.writer.telling() as told:
        told.end_term(1, TODAY - timedelta(days=1))
    assert made.agent("claude-code").payer == "", "a plan pays only while it runs"
    assert [rule.text for rule in made.setup().rules] == [
        "Claude Code: Claude Max pays",
        "Claude Code in project harbour: nobody here pays",
        "Claude Code with provider bedrock: nobody here pays",
        "Claude Code, from 23 Nov 2026: you pay as you go",
    ]


def test_rules_as_forms_need_them(made: Shown) -> None:
    """Each with its parts, in the order in which they were given."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    with made.writer.telling() as told:
        told.add_rule("", "", "", None, Payer(PayerKind.PAYG), NOW)
        told.add_rule("claude-code", "", "harbour", TODAY, Payer(PayerKind.NOBODY), NOW)
    first, second = made.setup().rules
    assert (first.agent, first.agent_label, first.payer, first.from_day) == ("", "any agent", "payg", None)
    assert (second.agent, second.agent_label, second.project, second.from_day) == (
        "claude-code", "Claude Code", "harbour", TODAY,
    )  # fmt: skip
    assert (second.payer, second.payer_text) == ("nobody", "nobody here")
    assert made.agent("codex").payer == "payg", "a rule of any agent holds for those never seen"


def test_proposals_go_by_what_was_used_of_late(made: Shown) -> None:
    """The last thirty days of use, however long ago: 80 dollars make the larger plan likelier, 40 do not."""
    made.add("claude-code", "Claude Code", *(call(n, days_ago(100) - n * 3600, output=1_600_000) for n in range(1, 3)))
    assert made.agent("claude-code").proposal.plan_name == "Claude Max 5x"
    made.add("claude-code", "Claude Code", call(9, days_ago(60), output=1_600_000))
    assert made.agent("claude-code").proposal.plan_name == "Claude Pro", "the other two are too long before"


def test_the_plan_that_logs_name(made: Shown) -> None:
    """The newest word of the agent's own logs is proposed."""
    made.files("codex", "old.jsonl", plan_type="plus", mtime_s=NOW - 999)
    made.files("codex", "new.jsonl", plan_type="pro", mtime_s=NOW)
    made.files("codex", "older.jsonl", plan_type="team", mtime_s=NOW - 9999)
    assert made.agent("codex").proposal.plan_name == "ChatGPT Pro"


def test_an_agent_that_cannot_be_read(made: Shown) -> None:
    """Its error stands beside it."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    source = made.writer.known_source("agent", "claude-code")
    assert source is not None
    made.writer.mark_read(source, NOW, "its log folder cannot be read: check the permissions")
    assert made.agent("claude-code").error == "its log folder cannot be read: check the permissions"


@pytest.mark.parametrize(
    ("terms", "runs", "fee", "state"),
    [
        ([("200", "2026-11-01", None)], True, "$200.00 a month", "since 1 Nov 2026"),
        ([("200", "2026-11-22", None)], True, "$200.00 a month", "since 22 Nov 2026"),
        ([("200", "2026-11-23", None)], False, "$200.00 a month", "begins on 23 Nov 2026"),
        ([("200", "2026-11-01", "2026-11-30")], True, "$200.00 a month", "since 1 Nov 2026, ends on 30 Nov 2026"),
        ([("200", "2026-11-01", "2026-11-22")], True, "$200.00 a month", "since 1 Nov 2026, ends on 22 Nov 2026"),
        ([("200", "2026-09-01", "2026-11-21")], False, "$200.00 a month", "ended on 21 Nov 2026"),
        (
            [("100", "2026-09-01", "2026-10-31"), ("200", "2026-11-01", None)],
            True, "$200.00 a month", "since 1 Sep 2026, at this fee since 1 Nov 2026",
        ),
        (
            [("100", "2026-09-01", "2026-11-30"), ("200", "2026-12-01", None)],
            True, "$100.00 a month", "since 1 Sep 2026; $200.00 a month from 1 Dec 2026",
        ),
        (
            [("100", "2026-09-01", "2026-11-30"), ("200", "2027-01-01", None)],
            True, "$100.00 a month", "since 1 Sep 2026, ends on 30 Nov 2026",
        ),
        (
            [("100", "2026-09-01", "2026-10-31"), ("200", "2027-01-01", None)],
            False, "$200.00 a month", "begins again on 1 Jan 2027",
        ),
        ([], False, "", ""),
    ],
)  # fmt: skip
def test_states_of_a_plan(
    terms: list[tuple[str, str, str | None]], runs: bool, fee: str, state: str, made: Shown
) -> None:
    """Begins, runs, ends, ended, begins again, at another fee from a day on; and the fee that goes with it."""
    with made.writer.telling() as told:
        plan = told.add_plan("Claude Max", "anthropic", NOW)
    for amount, first, last in terms:
        made.term(plan, amount, date.fromisoformat(first), date.fromisoformat(last) if last else None)
    shown = made.plan_setup()
    assert (shown.runs, shown.fee_text, shown.state_text) == (runs, fee, state)
    assert [(term.fee, term.first_day.isoformat(), term.last_day) for term in shown.terms] == [
        (Decimal(amount), first, date.fromisoformat(last) if last else None) for amount, first, last in terms
    ]


def test_terms_in_words(made: Shown) -> None:
    """Fee, days and billing day."""
    with made.writer.telling() as told:
        plan = told.add_plan("Claude Max", "anthropic", NOW)
        told.add_term(plan, nanos_from_text("19.99"), "EUR", date(2026, 8, 31), date(2026, 9, 30), 28)
    (term,) = made.plan_setup().terms
    assert term.text == "€19.99 a month from 31 Aug 2026 to 30 Sep 2026, billed on day 28 of the month"
    assert (term.fee, term.currency, term.cycle_day) == (Decimal("19.99"), "EUR", 28)


def test_what_a_plan_was_worth(made: Shown) -> None:
    """$300 a month over 22 of November's 30 days is $220; 330 dollars of tokens are 1.5 times that."""
    made.plan("Claude Max", "300", "claude-code", "codex")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, output=30 * 400_000))
    made.add("codex", "Codex", call(2, NOW - 5, output=3 * 400_000))
    made.add("claude-code", "Claude Code", call(3, days_ago(30), output=400_000))
    plan = made.plan_setup()
    assert (plan.agents, plan.agents_text) == (("claude-code", "codex"), "Claude Code and Codex")
    assert plan.worth_text == "worth ≈ $330.00 this month, 1.5× its fee"
    made.add("codex", "Codex", call(4, NOW - 5, model="experimental-9"))
    assert made.plan_setup().worth_text == "worth at least ≈ $330.00 this month, at least 1.5× its fee"


def test_a_plan_that_was_not_used_or_covers_what_has_no_price(made: Shown) -> None:
    """No use says nothing here; tokens without a price are said, and no ratio is made up."""
    made.plan("Claude Max", "300", "claude-code")
    assert made.plan_setup().worth_text == ""
    made.add("claude-code", "Claude Code", call(1, NOW - 5, model="experimental-9"))
    assert made.plan_setup().worth_text == "40,000 tokens this month, not priced"


def test_a_fee_in_a_currency_without_a_rate(made: Shown) -> None:
    """No ratio of euros to dollars; the currency is named, until a rate leads there."""
    made.plan("Claude Max", "30", "claude-code", currency="EUR")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, output=44 * 40_000))
    for settings in (DEFAULTS, DEFAULTS._replace(currency="USD"), DEFAULTS._replace(currency="EUR")):
        shown = made.setup(settings)
        assert shown.plans[0].worth_text == "worth ≈ $44.00 this month"
        assert shown.plans[0].fee_text == "€30.00 a month"
    assert made.setup(DEFAULTS._replace(currency="USD")).missing_rates == ("EUR",)
    assert made.setup(DEFAULTS._replace(currency="EUR")).missing_rates == ("USD",)
    made.rate("EUR", "USD", "2")
    shown = made.setup(DEFAULTS._replace(currency="USD"))
    assert shown.plans[0].worth_text == "worth ≈ $44.00 this month, 1.0× its fee"
    assert shown.missing_rates == ()


def test_charges(made: Shown) -> None:
    """Oldest first, exact, also one of a day to come."""
    with made.writer.telling() as told:
        told.add_charge(date(2026, 12, 1), nanos_from_text("0.005"), "USD", "openai", "", NOW)
        told.add_charge(date(2026, 11, 2), nanos_from_text("12.50"), "EUR", "anthropic", "Extra use", NOW)
    first, second = made.setup().charges
    assert (first.id, first.day, first.amount, first.amount_text) == (2, date(2026, 11, 2), Decimal("12.5"), "€12.50")
    assert (first.provider, first.text) == ("anthropic", "Extra use")
    assert (second.amount_text, second.text, second.currency) == ("$0.005", "", "USD")


def test_reference_points_with_examples(made: Shown) -> None:
    """What this month, 22 dollars, comes to in each; only in that of a series which holds today."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5, output=22 * 40_000))
    with made.writer.telling() as told:
        for kind, name, amount, since in (
            ("hourly", "", "60", date(2026, 1, 1)),
            ("hourly", "", "120", date(2026, 11, 1)),
            ("hourly", "", "240", date(2026, 12, 1)),
            ("pay", "", "120000", date(2026, 11, 30)),
            ("thing", "coffee", "4", date(2026, 11, 1)),
        ):
            told.add_reference(kind, name, nanos_from_text(amount), "USD", since, NOW)
    shown = made.setup().references
    assert [(point.text, point.leads, point.example_text) for point in shown] == [
        ("$60.00 an hour", True, ""),
        ("$120.00 an hour", True, "this month ≈ $22.00 is 11 min of your time"),
        ("$240.00 an hour", True, ""),
        ("$120,000.00 a year", False, "this month ≈ $22.00 is 0.2 % of a month's pay"),
        ("$4.00 a coffee", False, "this month ≈ $22.00 is 5.5 coffees"),
    ]


def test_an_example_that_cannot_be_told(made: Shown) -> None:
    """Nothing used, nothing with a price, or no rate: no example, rather than "is set a rate for EUR"."""
    with made.writer.telling() as told:
        told.add_reference("hourly", "", nanos_from_text("60"), "EUR", date(2026, 1, 1), NOW)
    assert made.setup().references[0].example_text == ""
    made.add("claude-code", "Claude Code", call(1, NOW - 5, model="experimental-9"))
    assert made.setup().references[0].example_text == ""
    made.add("claude-code", "Claude Code", call(2, NOW - 5, output=44 * 40_000))
    shown = made.setup()
    assert (shown.references[0].example_text, shown.missing_rates) == ("", ("EUR",))
    made.rate("EUR", "USD", "1.1")
    assert made.setup().references[0].example_text == "this month at least ≈ $44.00 is 40 min of your time"


def test_examples_are_of_spend_once_that_counts(made: Shown) -> None:
    """$30 a month are $22 until the 22nd; what the plan covers is no spend."""
    made.hourly("60")
    made.plan("Claude Max", "30", "claude-code")
    made.add("claude-code", "Claude Code", call(1, NOW - 5, output=500 * 40_000))
    assert made.setup().references[0].example_text == "this month $22.00 is 22 min of your time"


def test_rates(made: Shown) -> None:
    """In words, exactly as set."""
    made.rate("EUR", "USD", "1.085")
    (rate,) = made.setup().rates
    assert (rate.base, rate.quote, rate.rate, rate.text) == ("EUR", "USD", Decimal("1.085"), "1 EUR is 1.085 USD")


def test_missing_rates_are_named_once_each(made: Shown) -> None:
    """Of fees, charges, reference points and use; none for what a rate reaches through another currency."""
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    made.plan("Claude Max", "30", "claude-code", currency="CHF")
    with made.writer.telling() as told:
        told.add_charge(TODAY, nanos_from_text("5"), "GBP", "openai", "", NOW)
        told.add_charge(TODAY, nanos_from_text("5"), "CHF", "openai", "", NOW)
        told.add_reference("hourly", "", nanos_from_text("60"), "JPY", date(2026, 1, 1), NOW)
    euro = DEFAULTS._replace(currency="EUR")
    assert sorted(made.setup(euro).missing_rates) == ["CHF", "GBP", "JPY", "USD"]
    made.rate("EUR", "USD", "1.1")
    made.rate("CHF", "USD", "1.1")
    assert sorted(made.setup(euro).missing_rates) == ["GBP", "JPY"]


def test_a_rate_is_missing_for_what_was_used_long_ago(made: Shown) -> None:
    """An agent's whole worth is shown, so its currency matters in a month without use as well."""
    made.add("claude-code", "Claude Code", call(1, days_ago(300)))
    assert made.setup(DEFAULTS._replace(currency="EUR")).missing_rates == ("USD",)


def test_projects_and_providers_by_use(made: Shown) -> None:
    """For forms: those with the most requests first, by name where they are even, none without a name."""

    def of(number: int, project: str, provider: str = "anthropic") -> LogEvent:
        return call(number, NOW - number)._replace(project=project, provider=provider)

    projects = ("/src/shop", "/src/shop", "/src/harbour", "/src/atlas", "", "/other/atlas", "")
    made.add("claude-code", "Claude Code", *(of(number, project) for number, project in enumerate(projects, 1)))
    made.add("pi", "pi", of(20, "/src/harbour", "openai"))
    shown = made.setup()
    assert shown.projects == ("atlas", "harbour", "shop")
    assert shown.providers == ("anthropic", "openai")


def test_settings_as_they_stand(made: Shown) -> None:
    """Each with its text; notices beside the setting they are of."""
    notice = Notice("days.time_zone", 3, '"Mars"', "the system's", "settings.toml line 3: that is no zone")
    settings = DEFAULTS._replace(icon_mode="amount", interval_min=7)
    shown = made.setup(loaded=Loaded(settings, (notice,), False, (), FileMark()))
    values = {value.key: value for value in shown.settings}
    assert list(values) == [setting.key for setting in SETTINGS]
    assert (values["appearance.icon_mode"].text, values["appearance.icon_mode"].is_default) == ("amount", False)
    assert (values["refreshing.interval_min"].text, values["refreshing.watch"].text) == ("7", "true")
    assert values["days.time_zone"].notice == notice.text
    assert values["days.time_zone"].is_default


def test_what_is_handed_through(made: Shown) -> None:
    """Problems and progress of the engine, and whether the first run is done."""
    problem = Problem("Something", "failed", "")
    shown = made.setup(problems=[problem], progress=ReadProgress(3, 9))
    assert (shown.problems, shown.progress, shown.first_run) == ((problem,), ReadProgress(3, 9), True)
    with made.writer.telling() as told:
        told.finish_first_run()
    assert not made.setup().first_run


def test_what_is_kept_is_read_again_where_anything_changed(made: Shown) -> None:
    """The setup from what was kept is the one made afresh, after use, after a change of price or plan, after both."""
    held = Holdings()
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    assert made.setup(holdings=held) == made.setup()
    made.add("claude-code", "Claude Code", call(2, NOW - 5), call(3, NOW - 999)._replace(session="s2"))
    assert made.setup(holdings=held) == made.setup()
    assert made.setup(holdings=held).agents[0].requests == 3
    made.plan("Claude Max", "30", "claude-code")
    made.rate("EUR", "USD", "1.1")
    euro = DEFAULTS._replace(currency="EUR")
    assert made.setup(euro, holdings=held) == made.setup(euro)
    made.add("pi", "pi", call(9, days_ago(500), model="experimental-9"))
    assert made.setup(holdings=held) == made.setup()


def test_while_logs_are_read_counts_may_be_a_little_behind(made: Shown) -> None:
    """Not for long, and not at the end of it."""
    held = Holdings()
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    reading = ReadProgress(1, 2)
    assert made.setup(holdings=held, progress=reading).agents[0].requests == 1
    made.add("claude-code", "Claude Code", call(2, NOW - 5))
    done = made.setup(holdings=held)
    assert done.agents[0].requests == 2
    made.add("claude-code", "Claude Code", call(3, NOW - 5))
    until = time.monotonic() + 20
    while made.setup(holdings=held, progress=reading).agents[0].requests < 3:
        assert time.monotonic() < until
    assert made.setup(holdings=held, progress=reading) == replace(made.setup(), progress=reading)


def test_a_heavy_history_costs_little(tmp_path: Path) -> None:
    """Two years of a busy person: read whole once, and hardly at all while nothing changes."""
    writer = Writer(tmp_path / "history.db")
    demo.fill(writer, now_utc=NOW, years=2, zone=UtcZone())
    made = Shown(tmp_path / "history.db")
    held = Holdings()
    began = time.process_time()
    first = made.setup(holdings=held)
    whole_s = time.process_time() - began
    assert sum(agent.requests for agent in first.agents) > 80_000
    assert whole_s < 1.5
    began = time.process_time()
    assert made.setup(holdings=held) == first
    assert time.process_time() - began < 0.25
    writer.close()


def test_while_a_log_is_followed_what_lags_says_until_when(made: Shown) -> None:
    """What is shown is either what is held, or it asks to be shown again; and what was never read cannot lag."""
    held = Holdings()
    made.add("claude-code", "Claude Code", call(1, NOW - 5))
    assert made.setup(holdings=held, followed=True).agents[0].requests == 1
    assert held.lag_s() is None
    made.add("claude-code", "Claude Code", call(2, NOW - 5))
    until = time.monotonic() + 20
    while made.setup(holdings=held, followed=True).agents[0].requests < 2:
        assert held.lag_s() is not None
        assert time.monotonic() < until
    assert held.lag_s() is None
    made.add("claude-code", "Claude Code", call(3, NOW - 5))
    assert made.setup(holdings=held).agents[0].requests == 3
    assert held.lag_s() is None


def test_what_stands_between_is_named(made: Shown) -> None:
    """A proxy, by its host alone, and certificates that are trusted besides the system's."""
    plain = made.setup()
    assert [place.what for place in plain.places] == ["History", "Settings", "Log file", "Keys"]
    assert plain.hosts == ()
    chosen = DEFAULTS._replace(proxy="http://ada@proxy.example.com:3128", ca_file="/etc/ours.pem")
    shown = made.setup(settings=chosen)
    assert [host.host for host in shown.hosts] == ["proxy.example.com:3128"]
    assert ("Certificates trusted too", "/etc/ours.pem") in [(place.what, place.where) for place in shown.places]


def test_the_last_month_that_was_exported_by_itself_is_told(made: Shown) -> None:
    """In the person's days; one that was asked for is none of these."""
    assert made.setup().last_export_text == ""
    at = int(datetime(2026, 11, 3, 9, tzinfo=UTC).timestamp())
    writer = Writer(made.path)
    for month, automatic, at_utc in (("2026-09", True, at - DAY_S), ("2026-10", True, at), ("2026-11", False, at + 60)):
        writer.add_export(ExportRecord(0, month, at_utc, False, automatic, False, (), "{}"))
    writer.close()
    assert made.setup().last_export_text == "October 2026, on 3 Nov 2026"


def test_a_month_that_lies_beside_a_changed_file_is_named(made: Shown) -> None:
    """Who looks for it finds a file by the usual name that is not it."""
    at = int(datetime(2026, 11, 3, 9, tzinfo=UTC).timestamp())
    names = ("tokentray-2026-10.pdf", "tokentray-2026-10 (2).csv")
    files = [ExportedFile(name[-3:], f"/months/{name}", "0" * 64) for name in names]
    writer = Writer(made.path)
    writer.add_export(ExportRecord(0, "2026-10", at, False, True, False, tuple(files), "{}"))
    said = made.setup().last_export_text
    assert said == (
        "October 2026, on 3 Nov 2026, as tokentray-2026-10 (2).csv, for tokentray-2026-10.csv is not as it was written"
    )
    named = ExportedFile("pdf", "/months/tokentray-2026-10-redacted (3).pdf", "0" * 64)
    other = ExportedFile("md", "/months/tokentray-2026-10-redacted (2).md", "0" * 64)
    writer.add_export(ExportRecord(0, "2026-10", at + 60, True, True, False, (named, other), "{}"))
    writer.close()
    assert made.setup().last_export_text.endswith(
        "(3).pdf and tokentray-2026-10-redacted (2).md, for tokentray-2026-10-redacted.pdf and"
        " tokentray-2026-10-redacted.md are not as they were written"
    )
