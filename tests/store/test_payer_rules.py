"""Who pays: the last rule that matches, split at the person's midnight; what is not theirs is worth, never spend."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.test_usage import EVENTS, PRICES, ZONES, zone
from tokentray.clock import UtcZone, Zone
from tokentray.insight.who_pays import payer_on
from tokentray.model import Payer, PayerKind, UsageRow, payer_of
from tokentray.money import Nanos
from tokentray.store.told import payer_rules, plans
from tokentray.store.usage import UsageQuery, usage
from tokentray.store.writer import Batch, Writer

PAYG, NOBODY = Payer(PayerKind.PAYG), Payer(PayerKind.NOBODY)
UNTIL = date(2026, 12, 31)
# Days around which the calls stand close: clocks change, or a midnight is missing, in some of the zones.
TURNS = [date(2025, 3, 9), date(2025, 4, 6), date(2025, 4, 25), date(2025, 9, 7), date(2025, 10, 5), date(2025, 11, 2)]


class Rule(NamedTuple):
    """A rule to be told."""

    payer: Payer
    agent: str = ""
    provider: str = ""
    project: str = ""
    since: date | None = None


class Term(NamedTuple):
    """A stretch of the plan to be told."""

    first: date
    last: date | None = None


# Every mixture of agent, provider, project and model, at all hours of a year.
CALLS = [
    (
        "codex" if number % 3 else "claude-code",
        event._replace(
            provider="openai" if number % 7 < 3 else "anthropic", project=f"/src/p{number % 5}" if number % 5 else ""
        ),
    )
    for number, event in enumerate(EVENTS)
]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    """Those calls: of two agents, two providers, three models (one without a price), four projects and none."""
    writer = Writer(tmp_path_factory.mktemp("payers") / "history.db")
    for agent in ("claude-code", "codex"):
        source = writer.source("agent", agent, agent, "x", 0)
        part = [event for by, event in CALLS if by == agent]
        writer.add_models({pair: PRICES[pair[1]] for pair in sorted(writer.new_models(part))}, 0)
        writer.apply(Batch(source, "desk", part, []))
    writer.rebuild()
    yield writer
    writer.close()


def tell(writer: Writer, rules: Sequence[Rule], terms: Sequence[Term] = ()) -> int:
    """Make these the only rules, and these the terms of the only plan. Returns the plan's id, which is always 1."""
    with writer.telling() as told:
        for old in told.payer_rules():
            told.remove_rule(old.id)
        for plan in told.plans():
            told.remove_plan(plan.id)
        writer.connection.execute("DELETE FROM sqlite_sequence")  # which keeps it from giving an id twice
        plan_id = told.add_plan("Max", "anthropic", 0)
        for first, last in terms:
            told.add_term(plan_id, Nanos(10**9), "USD", first, last, 1)
        for number, rule in enumerate(rules):
            told.add_rule(rule.agent, rule.provider, rule.project, rule.since, rule.payer, number)
    return plan_id


def rows(
    writer: Writer, *by: str, where: tuple[tuple[str, str], ...] = (), place: Zone | None = None
) -> list[UsageRow]:
    """What the logs came to, by some keys; fees left out."""
    found = usage(writer.connection, UsageQuery(by, where=where, today=date(2000, 1, 1)), place or UtcZone())
    return [row for row in found if row.basis != ("plan",)]


def spent(found: Sequence[UsageRow]) -> Decimal:
    """What counts as spend."""
    return sum((row.cost for row in found), Decimal(0))


def worth(found: Sequence[UsageRow]) -> Decimal:
    """What it all comes to at list price."""
    return sum((row.list_cost or Decimal(0) for row in found), Decimal(0))


def test_nobody_has_said_who_pays(history: Writer) -> None:
    """Then nothing is spend, all is worth, and nothing is "at least"."""
    tell(history, [])
    (row,) = rows(history, "payer")
    assert row.key("payer") == ""
    assert row.cost == 0
    assert row.list_cost is not None
    assert row.list_cost > 0
    assert row.unpriced_tokens > 0 == row.unpriced_paid_tokens


@pytest.mark.parametrize(("payer", "pays"), [("payg", True), ("account:9", True), ("nobody", False), ("plan:1", False)])
def test_what_each_payer_makes_of_it(history: Writer, payer: str, pays: bool) -> None:
    """As one goes, and by an account that reports nothing itself, the estimate is spend; a plan or nobody pays 0."""
    tell(history, [])
    (before,) = rows(history)
    tell(history, [Rule(payer_of(payer))], [Term(date(2020, 1, 1))])
    (row,) = rows(history, "payer")
    assert row.key("payer") == payer
    assert row.cost == (row.list_cost if pays else 0)
    assert row.list_cost == before.list_cost
    assert row.unpriced_tokens == before.unpriced_tokens > 0
    assert row.unpriced_paid_tokens == (row.unpriced_tokens if pays else 0)
    assert row.basis == ("estimated",)


@pytest.mark.parametrize(
    ("rules", "wins"),
    [
        ([Rule(PAYG), Rule(NOBODY, agent="codex")], NOBODY),
        ([Rule(PAYG, agent="codex"), Rule(NOBODY)], NOBODY),  # the last that matches, not the narrowest
        ([Rule(NOBODY, since=date(2025, 1, 1)), Rule(PAYG, agent="codex")], PAYG),  # a date is no rank
        ([Rule(NOBODY, since=date(2025, 3, 1)), Rule(PAYG, agent="codex", since=date(2025, 2, 1))], PAYG),
        ([Rule(PAYG, since=date(2025, 2, 1)), Rule(NOBODY, agent="codex", since=date(2025, 7, 1))], PAYG),
        ([Rule(NOBODY, since=date(2025, 3, 1)), Rule(PAYG, agent="codex", since=date(2025, 3, 1))], PAYG),
        ([Rule(PAYG), Rule(NOBODY, since=date(2026, 1, 1))], PAYG),  # not yet
        ([Rule(PAYG), Rule(NOBODY, agent="claude-code")], PAYG),
        ([Rule(PAYG), Rule(NOBODY, provider="openai", project="p1")], NOBODY),
        ([Rule(PAYG), Rule(NOBODY, provider="openai", project="p2")], PAYG),
        ([Rule(NOBODY), Rule(PAYG, agent="codex", provider="openai", project="p1", since=date(2025, 1, 1))], PAYG),
    ],
)
def test_the_last_match_wins(history: Writer, rules: list[Rule], wins: Payer) -> None:
    """As given, whatever the dates: who pays for Codex in p1 at OpenAI, in June?"""
    tell(history, rules)
    where = (("agent", "codex"), ("provider", "openai"), ("project", "p1"), ("month", "2025-06"))
    found = rows(history, "payer", where=where)
    assert {row.key("payer") for row in found} == {str(wins)}
    assert sum(row.requests for row in found) > 0


def test_a_rule_given_again_stands_last(history: Writer) -> None:
    """Of two rules the one given later wins, also where it says what an older one says."""
    tell(history, [Rule(PAYG), Rule(NOBODY, agent="codex")])
    assert {row.key("payer") for row in rows(history, "payer", where=(("agent", "codex"),))} == {"nobody"}
    with history.telling() as told:
        told.add_rule("", "", "", None, PAYG, 9)
    assert {row.key("payer") for row in rows(history, "payer", where=(("agent", "codex"),))} == {"payg"}


@pytest.mark.parametrize(
    "unknown",
    [
        Rule(NOBODY, agent="goose"),
        Rule(NOBODY, provider="mistral"),
        Rule(NOBODY, project="elsewhere"),
        Rule(NOBODY, agent="codex", project="x' OR '1'='1"),
        Rule(NOBODY, project="/src/p1"),  # a project goes by its name, not its path
        Rule(Payer(PayerKind.PLAN, 99), since=date(2024, 1, 1)),
    ],
)
def test_what_is_unknown_matches_nothing(history: Writer, unknown: Rule) -> None:
    """An agent, provider, project or plan that the history does not hold: as if the rule were not there."""
    tell(history, [Rule(PAYG), unknown])
    assert {row.key("payer") for row in rows(history, "payer")} == {"payg"}


def test_a_plan_pays_only_while_it_runs(history: Writer) -> None:
    """From its first to its last day, both included; in the gap and afterwards the rule before it holds again."""
    first, last, again = date(2025, 3, 9), date(2025, 4, 5), date(2025, 10, 5)
    rules = [Rule(PAYG), Rule(Payer(PayerKind.PLAN, 1), since=date(2024, 1, 1))]
    assert tell(history, rules, [Term(first, last), Term(again)]) == 1
    for row in rows(history, "day", "payer", place=zone("America/New_York")):
        day = date.fromisoformat(row.key("day"))
        covered = first <= day <= last or day >= again
        assert row.key("payer") == ("plan:1" if covered else "payg")
        assert row.cost == (0 if covered else row.list_cost or 0)


def test_a_rule_s_own_date_and_its_plan_s_both_hold(history: Writer) -> None:
    """A plan from March that is said to pay from May on, for one agent."""
    tell(history, [Rule(Payer(PayerKind.PLAN, 1), agent="codex", since=date(2025, 5, 1))], [Term(date(2025, 3, 1))])
    months = {(row.key("agent"), row.key("payer")): row for row in rows(history, "agent", "payer", "month")}
    assert set(months) == {("claude-code", ""), ("codex", ""), ("codex", "plan:1")}
    covered = [row.key("month") for row in rows(history, "month", where=(("payer", "plan:1"),))]
    assert min(covered) == "2025-05"


def test_a_plan_removed_takes_its_rules_along(history: Writer) -> None:
    """What it covered is without a payer again; its worth is the same as ever."""
    plan = tell(history, [Rule(Payer(PayerKind.PLAN, 1))], [Term(date(2020, 1, 1))])
    before = worth(rows(history))
    with history.telling() as told:
        told.remove_plan(plan)
    (row,) = rows(history, "payer")
    assert (row.key("payer"), row.list_cost) == ("", before)
    with history.telling() as told:  # a rule whose plan is gone from a damaged or restored history
        told.add_rule("codex", "", "", None, Payer(PayerKind.PLAN, plan), 0)
    assert {row.key("payer") for row in rows(history, "payer")} == {""}
    tell(history, [])


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize("turn", TURNS)
def test_a_change_of_payer_splits_at_the_person_s_midnight(history: Writer, name: str, turn: date) -> None:
    """To the call, by the standard library's clock: also where that midnight does not exist or comes twice."""
    tell(history, [Rule(NOBODY), Rule(PAYG, since=turn)])
    wall = ZoneInfo(name)
    late = sum(datetime.fromtimestamp(event.at_utc, wall).date() >= turn for _, event in CALLS)
    counts = {row.key("payer"): row.requests for row in rows(history, "payer", place=zone(name))}
    assert counts == {"nobody": len(CALLS) - late, "payg": late}
    days = rows(history, "day", "payer", place=zone(name))
    assert all((row.key("day") >= turn.isoformat()) == (row.key("payer") == "payg") for row in days)


RULES = st.builds(
    Rule,
    payer=st.sampled_from([PAYG, NOBODY, Payer(PayerKind.PLAN, 1), Payer(PayerKind.ACCOUNT, 9)]),
    agent=st.sampled_from(["", "codex", "claude-code", "goose"]),
    provider=st.sampled_from(["", "openai", "anthropic"]),
    project=st.sampled_from(["", "p1", "p2", "nowhere"]),
    since=st.none() | st.sampled_from(TURNS) | st.dates(date(2024, 12, 25), UNTIL),
)


@st.composite
def plan_terms(draw: st.DrawFn) -> list[Term]:
    """Terms in order, none overlapping, the last perhaps without an end."""
    days = [*sorted(draw(st.lists(st.dates(date(2025, 1, 1), UNTIL), max_size=6, unique=True))), None]
    return [Term(first, last) for first, last in itertools.pairwise(days) if draw(st.booleans()) and first]


@settings(deadline=None, max_examples=60)
@given(st.lists(RULES, max_size=7), plan_terms(), st.sampled_from(ZONES))
def test_any_rules(history: Writer, rules: list[Rule], terms: list[Term], name: str) -> None:
    """SQL says of every day, agent, provider and project what the rules say when one looks at them one by one."""
    tell(history, rules, terms)
    place = zone(name)
    by = ("day", "agent", "provider", "project")
    told, known = payer_rules(history.connection), plans(history.connection)
    whole = {row.keys: row for row in rows(history, *by, place=place)}
    parts = rows(history, *by, "payer", place=place)
    assert len(parts) == len(whole), "one payer a day for the same agent, provider and project"
    for row in parts:
        payer = payer_on(date.fromisoformat(row.key("day")), told, known, *(row.key(key) for key in by[1:]))
        assert row.key("payer") == (str(payer) if payer else "")
        pays = payer is not None and payer.kind in (PayerKind.PAYG, PayerKind.ACCOUNT)
        assert row.cost == (row.list_cost or 0 if pays else 0)
        assert row.unpriced_paid_tokens == (row.unpriced_tokens if pays else 0)
        assert row.list_cost == whole[row.keys[:-1]].list_cost
    assert spent(rows(history, place=place)) == spent(parts)


@settings(deadline=None, max_examples=30)
@given(st.lists(RULES, max_size=5), st.dates(date(2024, 12, 25), UNTIL), st.sampled_from(ZONES))
def test_nothing_is_lost_where_the_payer_changes(history: Writer, rules: list[Rule], turn: date, name: str) -> None:
    """What is spent and what is covered make up the whole, whoever pays from which day on."""
    tell(history, [])
    place = zone(name)
    whole = worth(rows(history, place=place))
    tell(history, [*rules, Rule(NOBODY, since=date(2020, 1, 1)), Rule(PAYG, since=turn)])
    parts = rows(history, "payer", place=place)
    covered = worth([row for row in parts if row.key("payer") not in ("payg", "account:9")])
    assert spent(parts) + covered == whole
    by_day: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows(history, "day", place=place):
        by_day[row.key("day")] += row.cost
    assert sum(by_day.values()) == spent(parts)


AGENTS = ("codex", "claude-code", "goose")


@settings(deadline=None, max_examples=30)
@given(st.lists(RULES.filter(lambda rule: rule.agent != ""), max_size=6), st.permutations(AGENTS))
def test_rules_of_different_agents_may_be_given_in_any_order(
    history: Writer, rules: list[Rule], order: list[str]
) -> None:
    """Only the order of those that can match the same use says who pays."""
    terms = [Term(date(2025, 2, 1), date(2025, 6, 30))]
    tell(history, rules, terms)
    before = rows(history, "month", "agent", "payer")
    tell(history, sorted(rules, key=lambda rule: order.index(rule.agent)), terms)
    assert rows(history, "month", "agent", "payer") == before
