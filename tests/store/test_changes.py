"""What a person may change, and what is refused: every request is carried out whole or leaves everything as it was."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokentray.clock import UtcZone
from tokentray.engine.changes import apply
from tokentray.errors import RefusedError
from tokentray.insight.told_words import payer_text, rule_text
from tokentray.insight.who_pays import payer_on, rule_on
from tokentray.model import Payer, PayerKind, PayerRule, Plan
from tokentray.money import NumberStyle
from tokentray.requests import (
    AddCharge,
    AddNote,
    AddPlan,
    AddReference,
    ChangeNote,
    ChangePlan,
    EndPlan,
    FinishFirstRun,
    LeadReference,
    PutRuleBack,
    RemoveCharge,
    RemoveNote,
    RemovePlan,
    RemoveRate,
    RemoveReference,
    RemoveRule,
    Request,
    SetPayer,
    SetRate,
    SetSetting,
)
from tokentray.store.history import History
from tokentray.store.writer import Writer

NOW = int(datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp())
CLAUDE, CODEX = "claude-code", "codex"
_TABLES = ("payer_rules", "plans", "plan_terms", "charges", "notes", "reference_points", "exchange_rates", "meta")


class Desk:
    """A history that requests are carried out on."""

    def __init__(self, folder: Path) -> None:
        self.settings_file = folder / "settings.toml"
        self._path = folder / "history.db"
        self._writer = Writer(self._path)

    def do(self, request: Request) -> str:
        return apply(
            self._writer,
            request,
            now_utc=NOW,
            zone=UtcZone(),
            settings_file=self.settings_file,
            style=NumberStyle(),
        )

    def refuses(self, request: Request, reason: str, field: str) -> RefusedError:
        """The refusal, which must give the reason and the field and change nothing."""
        before = self.dump()
        with pytest.raises(RefusedError, match=reason) as caught:
            self.do(request)
        assert caught.value.field == field
        assert self.dump() == before
        return caught.value

    def dump(self) -> list[list[tuple[object, ...]]]:
        rows = [self._writer.connection.execute(f"SELECT * FROM {table}").fetchall() for table in _TABLES]
        assert not self._writer.connection.in_transaction
        return rows

    @property
    def plans(self) -> list[Plan]:
        with History(self._path) as history:
            return history.plans()

    @property
    def rules(self) -> list[PayerRule]:
        with History(self._path) as history:
            return history.payer_rules()

    @property
    def history(self) -> History:
        return History(self._path)

    def seen(self, kind: str, name: str) -> None:
        """Let the history know of a source."""
        self._writer.source(kind, name, name, "openai", NOW)

    def forget_agents(self) -> None:
        """As a history is that was put together anew from other logs."""
        self._writer.connection.execute("DELETE FROM sources WHERE kind = 'agent'")

    def payer(self, agent: str, day: date, *, provider: str = "", project: str = "") -> str:
        payer = payer_on(day, self.rules, self.plans, agent, provider, project)
        return str(payer) if payer else ""

    def spans(self, plan_id: int) -> list[tuple[str, date, date | None, int]]:
        """Fee, first and last day, and billing day of each term."""
        plan = next(plan for plan in self.plans if plan.id == plan_id)
        return [(f"{term.fee_nanos / 10**9:g}", term.first_day, term.last_day, term.cycle_day) for term in plan.terms]

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def on(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


def plan(
    name: str = "Claude Max",
    *agents: str,
    first: date | None = None,
    last: date | None = None,
    fee: str = "200",
    currency: str = "USD",
    cycle_day: int | None = None,
) -> AddPlan:
    return AddPlan(name, agents, fee, currency, first or on(11, 1), last, cycle_day)


def test_a_plan_pays_for_its_agents_from_its_first_day(desk: Desk) -> None:
    """One plan, two agents; what was done is a sentence, and billing begins on the first day's own day."""
    done = desk.do(plan("Claude Max", CLAUDE, CODEX, CLAUDE, first=on(10, 31)))
    assert done == "Claude Max pays for Claude Code and Codex from 31 Oct 2026: $200.00 a month."
    assert desk.spans(1) == [("200", on(10, 31), None, 28)]
    assert [rule_text(rule, desk.plans) for rule in desk.rules] == [
        "Claude Code: Claude Max pays",
        "Codex: Claude Max pays",
    ]
    assert desk.payer(CODEX, on(10, 30)) == ""
    assert desk.payer(CODEX, on(10, 31)) == "plan:1"


def test_a_plan_without_an_agent_counts_all_the_same(desk: Desk) -> None:
    """Its agent's logs may be none that are read here. A known plan has its provider, another that of its agents."""
    done = desk.do(plan("GitHub Copilot Pro", fee="10", cycle_day=15, last=on(12, 31)))
    assert done == "GitHub Copilot Pro counts from 1 Nov 2026 to 31 Dec 2026: $10.00 a month."
    assert desk.spans(1) == [("10", on(11, 1), on(12, 31), 15)]
    desk.do(plan("Mine", CODEX))
    desk.do(plan("Ours", first=on(1, 1), last=on(1, 2)))
    assert [(one.name, one.provider) for one in desk.plans] == [
        ("GitHub Copilot Pro", "github-copilot"),
        ("Mine", "openai"),
        ("Ours", ""),
    ]


def test_two_plans_for_one_agent_are_refused(desk: Desk) -> None:
    """With the other plan, its dates and how to mend it; beside each other in time they are two plans."""
    desk.do(plan("Claude Pro", CLAUDE, fee="20", first=on(9, 1), last=on(10, 15)))
    late = desk.refuses(plan("Claude Max", CODEX, CLAUDE, first=on(10, 15)), "Two plans for Claude Code", "agents")
    assert late.message == "Claude Pro (plan 1) pays for it from 1 Sep 2026 to 15 Oct 2026"
    assert "plans end 1 --on 2026-10-14" in late.hint
    early = desk.refuses(plan("Claude Max", CLAUDE, first=on(8, 1)), "Two plans for Claude Code", "agents")
    assert early.hint == "Let this one end before that, on 31 Aug 2026"
    desk.refuses(plan("Claude Max", CLAUDE, first=on(9, 1)), "Two plans for Claude Code", "agents")
    desk.do(plan("Claude Max", CLAUDE, CODEX, first=on(10, 16)))
    desk.do(plan("Old", CLAUDE, first=on(8, 1), last=on(8, 31)))
    assert [desk.payer(CLAUDE, day) for day in (on(8, 31), on(9, 1), on(10, 15), on(10, 16))] == [
        "plan:3",
        "plan:1",
        "plan:1",
        "plan:2",
    ]


def test_an_agent_handed_to_another_payer_is_free_for_a_new_plan(desk: Desk) -> None:
    """A plan goes on for its other agents; a day on which somebody else pays is no overlap."""
    desk.do(plan("Claude Max", CLAUDE, CODEX))
    shared = desk.refuses(plan("ChatGPT Plus", CODEX, first=on(11, 10)), "Two plans for Codex", "agents")
    assert "agents set codex --paid-by plan:ID --from 2026-11-10" in shared.hint
    desk.do(SetPayer(CODEX, "payg", from_day=on(11, 5)))
    desk.do(plan("ChatGPT Plus", CODEX, first=on(11, 10)))
    days = [on(11, 4), on(11, 5), on(11, 9), on(11, 10)]
    assert [desk.payer(CODEX, day) for day in days] == ["plan:1", "payg", "payg", "plan:2"]
    assert desk.payer(CLAUDE, on(11, 10)) == "plan:1"


def test_a_payer_change_between_two_running_plans_splits_at_its_date(desk: Desk) -> None:
    """Said in so many words, an agent goes from one plan to another that runs as well."""
    desk.do(plan("Claude Max", CLAUDE, CODEX))
    desk.do(plan("ChatGPT Plus", fee="20"))
    assert desk.do(SetPayer(CODEX, "plan:2", from_day=on(11, 10))) == "ChatGPT Plus pays for Codex from 10 Nov 2026."
    assert [desk.payer(CODEX, day) for day in (on(11, 9), on(11, 10))] == ["plan:1", "plan:2"]


def test_a_plan_begun_again_needs_its_rule_only_where_another_payer_took_over(desk: Desk) -> None:
    """A rule that names a plan holds whenever the plan runs, unless a later one stands over it."""
    desk.do(plan("Claude Max", CLAUDE, last=on(11, 30)))
    assert desk.do(plan("claude MAX", CLAUDE, first=on(12, 1), last=on(12, 31), fee="100")) == (
        "Claude Max pays for Claude Code from 1 Dec 2026 to 31 Dec 2026: $100.00 a month."
    )
    assert len(desk.plans) == len(desk.rules) == 1
    desk.do(SetPayer(CLAUDE, "payg", from_day=on(1, 1, 2027)))
    desk.do(plan("Claude Max", CLAUDE, first=on(2, 1, 2027)))
    assert len(desk.plans) == 1
    days = [on(12, 31), on(1, 1, 2027), on(1, 31, 2027), on(2, 1, 2027)]
    assert [desk.payer(CLAUDE, day) for day in days] == ["plan:1", "payg", "payg", "plan:1"]


def test_a_plan_begun_again_takes_no_agent_from_another_plan(desk: Desk) -> None:
    """Also where nobody names the agent this time, and a rule of long ago would do it."""
    desk.do(plan("Pro", CLAUDE, first=on(1, 1), last=on(1, 31)))
    desk.do(plan("Max", CLAUDE, first=on(2, 1), last=on(2, 28)))
    desk.do(plan("Pro", CLAUDE, first=on(3, 1)))
    desk.refuses(plan("Max", first=on(3, 5), last=on(3, 6)), "Two plans for Claude Code", "agents")
    desk.do(EndPlan(1, on(3, 4)))
    desk.do(plan("Max", first=on(3, 5)))
    assert desk.payer(CLAUDE, on(3, 5)) == "plan:2"


def test_terms_of_one_plan_never_share_a_day(desk: Desk) -> None:
    """The hint tells of another fee and of another agent, the likely reasons."""
    desk.do(plan("Größe", CLAUDE, first=on(3, 1), last=on(3, 31)))
    for first, last in ((on(3, 31), None), (on(2, 1), on(3, 1)), (on(2, 1), None), (on(3, 5), on(3, 6))):
        refused = desk.refuses(plan("GRÖSSE", first=first, last=last), "runs then already", "first_day")
        assert "plans change 1" in refused.hint
        assert "agents set AGENT --paid-by plan:1" in refused.hint
    desk.do(plan("GRÖSSE", first=on(4, 1)))
    assert [one.name for one in desk.plans] == ["Größe"]


def test_who_paid_before_a_plan_pays_again_after_it(desk: Desk) -> None:
    """What was said before stays in the list below the plan, which pays on all of its days; what it takes is said."""
    desk.do(SetPayer(CODEX, "payg"))
    done = desk.do(plan("ChatGPT Plus", CODEX, last=on(11, 30)))
    assert done == "ChatGPT Plus pays for Codex from 1 Nov 2026 to 30 Nov 2026: $200.00 a month."
    days = (on(10, 31), on(11, 1), on(11, 30), on(12, 1))
    assert [desk.payer(CODEX, day) for day in days] == ["payg", "plan:1", "plan:1", "payg"]
    desk.do(SetPayer(CLAUDE, "payg", from_day=on(11, 1)))
    desk.do(SetPayer(CLAUDE, "nobody", from_day=on(11, 10)))
    done = desk.do(plan("Claude Max", CLAUDE, last=on(11, 30)))
    assert done.endswith(
        "As the later word it also stands over “Claude Code, from 1 Nov 2026: you pay as you go” (rule 3) and "
        "“Claude Code, from 10 Nov 2026: nobody here pays” (rule 4)."
    )
    days = (on(10, 31), on(11, 1), on(11, 30), on(12, 1))
    assert [desk.payer(CLAUDE, day) for day in days] == ["", "plan:2", "plan:2", "nobody"]


def test_a_plan_leaves_alone_what_is_said_of_one_project(desk: Desk) -> None:
    """An employer's project stays the employer's under a new plan, and is named; so do its dates."""
    desk.do(SetPayer(CODEX, "payg", from_day=on(10, 1)))
    desk.do(SetPayer(CODEX, "nobody", project="shop"))
    desk.do(SetPayer(CODEX, "payg", project="shop", from_day=on(12, 1)))
    desk.do(SetPayer(CLAUDE, "nobody", provider="openai"))
    done = desk.do(plan("Max", CODEX, CLAUDE, last=on(12, 31)))
    assert done == (
        "Max pays for Claude Code and Codex from 1 Nov 2026 to 31 Dec 2026: $200.00 a month. "
        "“Codex in project shop: nobody here pays” and “Codex in project shop, from 1 Dec 2026: you pay as you go” go "
        "on to hold. “Claude Code with provider openai: nobody here pays” goes on to hold."
    )
    days = (on(9, 30), on(10, 31), on(11, 1), on(12, 1), on(1, 1, 2027))
    assert [desk.payer(CODEX, day, project="shop") for day in days] == ["nobody", "nobody", "nobody", "payg", "payg"]
    assert [desk.payer(CODEX, day) for day in days] == ["", "payg", "plan:1", "plan:1", "payg"]
    assert desk.payer(CLAUDE, on(11, 1), provider="openai") == "nobody"
    assert desk.payer(CLAUDE, on(11, 1), provider="anthropic") == "plan:1"
    assert [rule_text(rule, desk.plans) for rule in desk.rules] == [
        "Codex, from 1 Oct 2026: you pay as you go",
        "Codex: Max pays",
        "Codex in project shop: nobody here pays",
        "Codex in project shop, from 1 Dec 2026: you pay as you go",
        "Claude Code: Max pays",
        "Claude Code with provider openai: nobody here pays",
    ]


def test_a_plan_begun_again_pays_on_no_day_of_its_other_terms(desk: Desk) -> None:
    """Who took an agent over in an earlier or a later term goes on to pay there; a project of its own, everywhere."""
    desk.do(plan("Max", CODEX, first=on(1, 1), last=on(3, 31)))
    desk.do(plan("Max", first=on(8, 1), last=on(12, 31)))
    desk.do(plan("Plus", first=on(9, 1)))
    desk.do(SetPayer(CODEX, "payg", from_day=on(2, 1)))
    desk.do(SetPayer(CODEX, "plan:2", from_day=on(10, 1)))
    desk.do(SetPayer(CODEX, "nobody", project="shop"))
    desk.do(plan("Max", CODEX, first=on(5, 1), last=on(5, 31)))
    days = [on(1, 31), on(2, 1), on(3, 31), on(5, 1), on(5, 31), on(6, 1), on(8, 1), on(9, 1), on(10, 1), on(12, 31)]
    assert [desk.payer(CODEX, day) for day in days] == [
        "plan:1", "payg", "payg", "plan:1", "plan:1", "payg", "payg", "payg", "plan:2", "plan:2"
    ]  # fmt: skip
    assert {desk.payer(CODEX, day, project="shop") for day in days} == {"nobody"}


def test_another_fee_from_a_day_on(desk: Desk) -> None:
    """The term is cut the day before; the new one has its end, currency and billing day."""
    desk.do(plan("Claude Max", CLAUDE, first=on(9, 5), last=on(12, 31), currency="eur"))
    assert desk.do(ChangePlan(1, "100.50", on(11, 1))) == (
        "Claude Max costs €100.50 a month from 1 Nov 2026 to 31 Dec 2026, in place of €200.00 a month."
    )
    assert desk.spans(1) == [("200", on(9, 5), on(10, 31), 5), ("100.5", on(11, 1), on(12, 31), 5)]
    desk.do(ChangePlan(1, "90", on(11, 1)))
    assert desk.spans(1) == [("200", on(9, 5), on(10, 31), 5), ("90", on(11, 1), on(12, 31), 5)]
    desk.refuses(ChangePlan(1, "90", on(12, 1)), "costs that already", "fee")
    refused = desk.refuses(ChangePlan(1, "80", on(1, 1, 2027)), "does not run on 1 Jan 2027", "from_day")
    assert "plans add 'Claude Max' --fee N --from 2027-01-01" in refused.hint
    desk.refuses(ChangePlan(1, "80", on(9, 4)), "does not run on 4 Sep 2026", "from_day")
    desk.refuses(ChangePlan(2, "80", on(9, 4)), "No plan 2", "id")
    assert desk.payer(CLAUDE, on(12, 1)) == "plan:1"


def test_the_end_of_a_plan(desk: Desk) -> None:
    """What follows at another fee goes with it, a later run stays; who pays from then on is said to be unsaid."""
    desk.do(plan("Claude Max", CLAUDE, first=on(1, 1), last=on(3, 31)))
    desk.do(ChangePlan(1, "100", on(2, 1)))
    desk.do(plan("Claude Max", first=on(6, 1)))
    assert desk.do(EndPlan(1, on(1, 15))) == (
        "Claude Max ended on 15 Jan 2026. $100.00 a month from 1 Feb 2026 to 31 Mar 2026 is gone with that. "
        "It runs again from 1 Jun 2026. From 16 Jan 2026 nobody has said who pays for Claude Code."
    )
    assert desk.do(EndPlan(1, on(12, 24))).startswith("Claude Max ends on 24 Dec 2026.")
    assert desk.spans(1) == [("200", on(1, 1), on(1, 15), 1), ("200", on(6, 1), on(12, 24), 1)]
    desk.do(EndPlan(1, on(5, 31)))
    assert desk.spans(1)[0] == ("200", on(1, 1), on(5, 31), 1)
    before = desk.refuses(EndPlan(1, on(12, 31, 2025)), "The end is before the start", "last_day")
    assert "from 1 Jan 2026 to 31 May 2026" in before.message
    desk.refuses(EndPlan(9, on(1, 1)), "No plan 9", "id")


def test_a_later_end_takes_no_day_of_another_plan(desk: Desk) -> None:
    """Whoever has the later rule; but an agent that was handed over before the end is no reason."""
    desk.do(plan("Pro", CLAUDE, first=on(1, 1), last=on(1, 31)))
    desk.do(plan("Max", CLAUDE, first=on(3, 1), last=on(3, 31)))
    desk.do(EndPlan(1, on(2, 28)))
    desk.refuses(EndPlan(1, on(3, 1)), "Two plans for Claude Code", "agents")
    desk.do(plan("Pro", CLAUDE, first=on(4, 10)))
    desk.refuses(EndPlan(2, on(4, 10)), "Two plans for Claude Code", "agents")
    desk.do(EndPlan(2, on(4, 9)))
    desk.do(plan("Other", CODEX, first=on(1, 1), last=on(6, 30)))
    desk.do(plan("Next", first=on(1, 1)))
    desk.do(SetPayer(CODEX, "plan:4", from_day=on(5, 1)))
    desk.do(EndPlan(3, on(12, 31)))
    assert desk.payer(CODEX, on(12, 31)) == "plan:4"


def test_a_later_end_does_not_bring_an_old_rule_to_life(desk: Desk) -> None:
    """A plan that had lost its agent before its end must not take it from yet another plan by a longer end."""
    desk.do(plan("Next", first=on(2, 1)))
    desk.do(SetPayer(CODEX, "plan:1", from_day=on(1, 1)))
    desk.do(plan("First", CODEX, first=on(1, 5), last=on(1, 20)))
    desk.do(plan("Then", first=on(1, 10), last=on(1, 20)))
    desk.do(SetPayer(CODEX, "plan:3", from_day=on(1, 10)))
    desk.refuses(EndPlan(2, on(2, 1)), "Two plans for Codex", "agents")
    desk.do(EndPlan(2, on(1, 31)))
    assert [desk.payer(CODEX, day) for day in (on(1, 20), on(1, 31), on(2, 1))] == ["plan:3", "plan:2", "plan:1"]


def test_a_removed_plan_leaves_nothing(desk: Desk) -> None:
    """Its terms and the rules that name it go with it; for whom nobody pays now is said."""
    desk.do(SetPayer(CODEX, "payg"))
    desk.do(plan("Claude Max", CLAUDE, CODEX))
    desk.do(SetPayer(CODEX, "plan:1", project="shop"))
    assert desk.do(RemovePlan(1)) == (
        "Removed Claude Max: its fees no longer count. Nobody has said now who pays for Claude Code."
    )
    assert [str(rule.payer) for rule in desk.rules] == ["payg"]
    desk.do(RemoveRule(1))
    assert (desk.plans, desk.rules) == ([], [])
    desk.refuses(RemovePlan(1), "No plan 1", "id")


@pytest.mark.parametrize(
    ("request_", "done"),
    [
        (
            SetPayer(CODEX, "payg"),
            "You pay for Codex as you go for all of its history: its list cost counts as spend.",
        ),
        (
            SetPayer(CODEX, "nobody", project=" shop ", from_day=on(11, 1)),
            "Nobody here pays for Codex in project shop from 1 Nov 2026 on: it is shown, and not counted.",
        ),
        (SetPayer(CODEX, "PLAN:1", provider="openai"), "Pro pays for Codex with provider openai from 1 Feb 2026."),
        (SetPayer(CODEX, "plan:1", from_day=on(4, 1)), "Pro pays for Codex from 1 Apr 2026."),
        (SetPayer(CODEX, "plan:2"), "Max pays for Codex from 1 Jan 2026 to 30 Jun 2026, while it runs."),
    ],
)
def test_who_pays_is_said_in_a_sentence(desk: Desk, request_: SetPayer, done: str) -> None:
    """For whom, from when, and what it means."""
    desk.do(plan("Pro", first=on(2, 1)))
    desk.do(plan("Max", first=on(1, 1), last=on(2, 28)))
    desk.do(plan("Max", first=on(6, 1), last=on(6, 30)))
    assert desk.do(request_) == done


def test_an_account_pays(desk: Desk) -> None:
    """One that there is; it is named by its number until accounts have names of their own here."""
    desk.seen("account", "openai:1")
    assert desk.do(SetPayer(CODEX, "account:1", from_day=on(11, 1))) == "Account 1 pays for Codex from 1 Nov 2026 on."
    (rule,) = desk.rules
    assert rule_text(rule, []) == "Codex, from 1 Nov 2026: account 1 pays"
    desk.refuses(SetPayer(CODEX, "account:2"), "No account 2", "payer")


def test_an_agent_that_only_the_history_knows_is_known(desk: Desk) -> None:
    """Its logs are gone and this build may not read them; what was used is there, and somebody pays for it."""
    desk.refuses(plan("Claude Max", "hen"), "No such agent", "agents")
    desk.seen("agent", "hen")
    assert desk.do(plan("Claude Max", "hen", CLAUDE)).startswith("Claude Max pays for Claude Code and hen from")
    assert desk.plans[0].provider == "anthropic"
    desk.forget_agents()
    assert desk.payer("hen", on(11, 1)) == "plan:1"
    desk.do(ChangePlan(1, "20", on(12, 1)))
    desk.refuses(plan("Claude Max", "hen", first=on(1, 1), last=on(1, 2)), "No such agent", "agents")


def test_an_agent_whose_logs_are_not_read_yet_can_be_paid_for(desk: Desk) -> None:
    """Its plan counts, and its use will be covered once its logs are read."""
    assert desk.do(plan("Claude Max", CLAUDE, "pi")).startswith("Claude Max pays for Claude Code and pi from")
    assert desk.do(SetPayer("amp", "payg")).startswith("You pay for Amp as you go")


@pytest.mark.parametrize(
    ("payer", "text"),
    [
        (Payer(PayerKind.PLAN, 1), "Claude Max, a plan"),
        (Payer(PayerKind.PLAN, 2), "plan 2, a plan"),
        (Payer(PayerKind.ACCOUNT, 3), "account 3"),
        (Payer(PayerKind.PAYG), "you, as you go"),
        (Payer(PayerKind.NOBODY), "nobody here"),
    ],
)
def test_payers_in_words(payer: Payer, text: str) -> None:
    """As tables and forms show them."""
    assert payer_text(payer, [Plan(1, "Claude Max", "anthropic", ())]) == text


def test_what_a_rule_does_to_others_is_said(desk: Desk) -> None:
    """The last word holds: what it leaves without effect goes, what it stands over can be said again as told."""
    desk.do(SetPayer(CODEX, "nobody", project="the shop", from_day=on(10, 1)))
    done = desk.do(SetPayer(CODEX, "payg", from_day=on(9, 1)))
    stands_over, _, rest = done.partition(" `")
    again, _, end = rest.partition("` ")
    assert stands_over.endswith(
        "it also stands over “Codex in project the shop, from 1 Oct 2026: nobody here pays” (rule 1)."
    )
    assert again.endswith("agents set codex --paid-by nobody --project 'the shop' --from 2026-10-01")
    assert end == "lets that hold again."
    assert desk.payer(CODEX, on(10, 1), project="the shop") == "payg"
    assert "stands over" not in desk.do(SetPayer(CODEX, "nobody", from_day=on(11, 1))), "it had no effect before"
    done = desk.do(SetPayer(CODEX, "nobody", from_day=on(9, 1)))
    assert "in place of “Codex, from 1 Sep 2026: you pay as you go” (rule 2) and “Codex, from 1 Nov" in done
    desk.do(SetPayer(CODEX, "nobody", project="the shop", from_day=on(10, 1)))
    assert desk.payer(CODEX, on(10, 1), project="the shop") == "nobody"
    assert desk.do(SetPayer(CODEX, "nobody", project="the shop", from_day=on(10, 1))) == (
        "Nobody here pays for Codex in project the shop from 1 Oct 2026 on: it is shown, and not counted."
    ), "said twice, it is in place of nothing else"
    assert [rule.id for rule in desk.rules] == [4, 6]
    assert desk.do(RemoveRule(4)) == "Removed: Codex, from 1 Sep 2026: nobody here pays."
    desk.refuses(RemoveRule(4), "No rule 4", "id")


def test_what_is_said_last_holds_from_its_day_on(desk: Desk) -> None:
    """Without a day on all days, whatever was said before of other days, of the agent or of a part of its use."""
    desk.do(plan("Max", CODEX, first=on(10, 1)))
    desk.do(SetPayer(CODEX, "payg", from_day=on(11, 1)))
    done = desk.do(SetPayer(CODEX, "nobody", project="shop"))
    assert done == "Nobody here pays for Codex in project shop for all of its history: it is shown, and not counted."
    days = (on(1, 1), on(10, 1), on(11, 1), on(12, 1))
    assert {desk.payer(CODEX, day, project="shop") for day in days} == {"nobody"}
    assert [desk.payer(CODEX, day) for day in days] == ["", "plan:1", "payg", "payg"]
    done = desk.do(SetPayer(CODEX, "nobody"))
    assert "in place of “Codex: Max pays” (rule 1) and “Codex, from 1 Nov 2026: you pay as you go” (rule 2)." in done
    assert {desk.payer(CODEX, day) for day in days} == {"nobody"}
    desk.do(SetPayer(CODEX, "payg", project="shop"))
    assert {desk.payer(CODEX, day, project="shop") for day in days} == {"payg"}
    assert len(desk.rules) == 2


def test_a_plan_said_to_pay_leaves_what_holds_when_it_does_not_run(desk: Desk) -> None:
    """It has an end, and gaps: only what was said of the plan itself is in place of nothing any more."""
    desk.do(plan("Max", first=on(10, 1), last=on(10, 31)))
    desk.do(plan("Max", first=on(12, 1)))
    desk.do(SetPayer(CODEX, "payg"))
    desk.do(SetPayer(CODEX, "nobody", from_day=on(11, 15)))
    desk.do(SetPayer(CODEX, "plan:1", from_day=on(12, 1)))
    assert desk.do(SetPayer(CODEX, "plan:1", from_day=on(10, 15))) == (
        "Max pays for Codex from 15 Oct 2026, while it runs. "
        "That is in place of “Codex, from 1 Dec 2026: Max pays” (rule 3)."
    )
    days = (on(10, 14), on(10, 15), on(11, 1), on(11, 15), on(12, 1))
    assert [desk.payer(CODEX, day) for day in days] == ["payg", "plan:1", "payg", "nobody", "plan:1"]
    done = desk.do(SetPayer(CODEX, "payg", from_day=on(12, 1)))
    assert done == "You pay for Codex as you go from 1 Dec 2026 on: its list cost counts as spend."
    assert desk.payer(CODEX, on(10, 15)) == "plan:1", "before its day nothing is another"
    done = desk.do(SetPayer(CODEX, "nobody", from_day=on(10, 10)))
    assert "in place of “Codex, from 15 Nov 2026: nobody here pays” (rule 2), “Codex, from 15 Oct 2026: Max" in done
    assert len(desk.rules) == 2


def test_a_window_s_word_leaves_narrower_ones_in_force(desk: Desk) -> None:
    """Those that hold; what had no effect before has none after, and no day before the new word's own changes."""
    desk.do(SetPayer(CODEX, "payg"))
    desk.do(SetPayer(CODEX, "nobody", project="shop"))
    desk.do(SetPayer(CODEX, "payg", provider="azure"))
    done = desk.do(SetPayer(CODEX, "nobody", from_day=on(11, 1), keep_narrower=True))
    assert done.endswith(
        " “Codex in project shop: nobody here pays” and “Codex with provider azure: you pay as you go” go on to hold."
    )
    assert [rule.id for rule in desk.rules] == [1, 4, 5, 6]
    desk.do(SetPayer(CODEX, "payg", project="shop", from_day=on(12, 1)))
    done = desk.do(SetPayer(CODEX, "payg", from_day=on(11, 1)))
    assert "stands over “Codex in project shop: nobody here pays” (rule 5), “Codex with provider azure" in done
    assert "and “Codex in project shop, from 1 Dec 2026: you pay as you go” (rule 7)." in done
    done = desk.do(SetPayer(CODEX, "nobody", from_day=on(10, 1), keep_narrower=True))
    assert "in place of “Codex, from 1 Nov 2026: you pay as you go”" in done
    days = (on(9, 30), on(10, 1), on(11, 1), on(12, 1))
    assert [desk.payer(CODEX, day) for day in days] == ["payg", "nobody", "nobody", "nobody"]
    assert [desk.payer(CODEX, day, project="shop") for day in days] == ["nobody"] * 4
    assert [desk.payer(CODEX, day, provider="azure") for day in days] == ["payg", "payg", "nobody", "nobody"]


def test_a_rule_of_a_plan_that_does_not_run_yet_is_kept_too(desk: Desk) -> None:
    """A plan that has ended may begin again, and then pays for the project it was said to pay for."""
    desk.do(plan("Side", first=on(1, 1), last=on(1, 31)))
    desk.do(SetPayer(CODEX, "plan:1", project="shop"))
    desk.do(SetPayer(CODEX, "payg", from_day=on(6, 1), keep_narrower=True))
    desk.do(plan("Side", first=on(7, 1)))
    assert [desk.payer(CODEX, day, project="shop") for day in (on(6, 30), on(7, 1))] == ["payg", "plan:1"]


def test_a_rule_taken_back_can_be_put_back_in_its_place(desk: Desk) -> None:
    """As it was, and not as the last word; once."""
    desk.do(plan("Max", first=on(1, 1)))
    for said in (SetPayer(CODEX, "plan:1"), SetPayer(CODEX, "payg", from_day=on(11, 1)), SetPayer(CLAUDE, "nobody")):
        desk.do(said)
    before = desk.rules
    for rule in before:
        back = PutRuleBack(rule.id, rule.agent, str(rule.payer), rule.provider, rule.project, rule.valid_from)
        desk.do(RemoveRule(rule.id))
        assert desk.do(back) == f"Put back: {rule_text(rule, desk.plans)}."
        assert desk.rules == before
        desk.refuses(back, f"Rule {rule.id} is there", "id")
    desk.do(SetPayer(CLAUDE, "payg"))
    desk.do(RemovePlan(1))
    desk.refuses(PutRuleBack(1, CODEX, "plan:1", "", "", None), "No plan 1", "payer")


def test_no_number_is_given_twice(desk: Desk) -> None:
    """A window that shows what was removed meanwhile cannot name another rule, plan, charge or rate by it."""
    for number in (1, 2):
        desk.do(plan("Max", CODEX))
        desk.do(AddCharge(on(11, 1), "5", "openai", "USD"))
        desk.do(SetRate("EUR", "USD", "1.1", on(1, 1)))
        assert [(one.id, one.terms[0].id) for one in desk.plans] == [(number, number)]
        assert [rule.id for rule in desk.rules] == [number]
        with desk.history as history:
            assert [charge.id for charge in history.charges()] == [number]
            assert [rate.id for rate in history.exchange_rates()] == [number]
        for removing in (RemovePlan(number), RemoveCharge(number), RemoveRate(number)):
            desk.do(removing)


def test_a_rule_that_would_hold_on_no_day_is_refused(desk: Desk) -> None:
    """Its plan has ended: it would only look as if something had changed."""
    desk.do(plan("Max", CODEX))
    desk.do(plan("Pro", first=on(11, 1)))
    done = desk.do(SetPayer(CODEX, "plan:2", from_day=on(10, 1)))
    assert done.startswith(
        "Pro pays for Codex from 1 Nov 2026. As the later word it also stands over “Codex: Max pays”"
    )
    desk.do(EndPlan(2, on(11, 30)))
    ended = desk.refuses(SetPayer(CODEX, "plan:2", from_day=on(12, 1)), "Pro does not run then", "payer")
    assert "plans add Pro --fee N --from D" in ended.hint


@pytest.mark.parametrize(
    ("request_", "reason", "field"),
    [
        (SetPayer("hen", "payg"), "No such agent: nothing is known here of 'hen'.*claude-code, codex", "agent"),
        (SetPayer("", "payg"), "No such agent", "agent"),
        (SetPayer(CODEX, "me"), "No such payer: 'me'", "payer"),
        (SetPayer(CODEX, "payg:1"), "No such payer", "payer"),
        (SetPayer(CODEX, "plan"), "No such payer", "payer"),
        (SetPayer(CODEX, "plan:0"), "No such payer", "payer"),
        (SetPayer(CODEX, "plan:٣"), "No such payer", "payer"),
        (SetPayer(CODEX, "plan:7"), "No plan 7", "payer"),
        (SetPayer(CODEX, "account:1"), "No account 1", "payer"),
        (SetPayer(CODEX, "payg", project="a\x1b[2J"), "control character", "project"),
        (SetPayer(CODEX, "payg", project="x" * 256), "too long", "project"),
        (SetPayer(CODEX, "payg", provider="a\u202eb"), "control character", "provider"),
        (SetPayer(CODEX, "payg", from_day=on(1, 1, 1999)), "cannot be meant", "from_day"),
        (plan("  "), "The plan's name is missing", "name"),
        (plan("\u200d"), "The plan's name is missing", "name"),
        (plan("x" * 101), "The plan's name is too long: it has 101 characters", "name"),
        (plan("a\nb"), "The plan's name holds a control character", "name"),
        (plan("a\udcffb"), "The plan's name holds a control character", "name"),
        (plan("A", "hen"), "No such agent", "agents"),
        (plan(fee="0"), "The fee must be above zero", "fee"),
        (plan(fee="-20"), "The fee must be above zero", "fee"),
        (plan(fee="-1000000000"), "The fee must be above zero", "fee"),
        (plan(fee="twenty"), "The fee is not a number: 'twenty'", "fee"),
        (plan(fee="1e3"), "The fee is not a number", "fee"),
        (plan(fee="NaN"), "The fee is not a number", "fee"),
        (plan(fee="4,50"), "The fee is not a number: '4,50'. Write it with digits and a point", "fee"),
        (plan(fee="."), "The fee is not a number", "fee"),
        (plan(fee=""), "The fee is missing", "fee"),
        (plan(fee="9" * 5000), "The fee is too large", "fee"),
        (plan(fee="1000000000"), "The fee is too large", "fee"),
        (plan(fee="0.0000000001"), "The fee is too fine", "fee"),
        (plan(currency="dollars"), "Unknown currency: 'dollars'", "currency"),
        (plan(currency="XYZ"), "Unknown currency: 'XYZ'", "currency"),
        (plan(first=on(11, 2), last=on(11, 1)), "The end is before the start", "last_day"),
        (plan(first=on(12, 31, 1999)), "The first day cannot be meant", "first_day"),
        (plan(last=on(1, 1, 2101)), "The last day cannot be meant", "last_day"),
        (plan(cycle_day=0), "No such billing day: 0", "cycle_day"),
        (plan(cycle_day=29), "No such billing day: 29", "cycle_day"),
        (AddCharge(on(1, 1), "0", "openai", "USD"), "The amount must be above zero", "amount"),
        (AddCharge(on(1, 1), "5", " ", "USD"), "The provider is missing", "provider"),
        (AddCharge(on(1, 1), "5", "openai", "US$"), "Unknown currency", "currency"),
        (AddCharge(on(1, 1), "5", "openai", "USD", "x" * 501), "The text is too long", "text"),
        (AddCharge(on(1, 1, 2101), "5", "openai", "USD"), "The day cannot be meant", "day"),
        (RemoveCharge(1), "No charge 1", "id"),
        (AddReference("hourly", "0", "USD", on(1, 1)), "The hourly rate must be above zero", "amount"),
        (AddReference("weekly", "5", "USD", on(1, 1)), "No such reference point: 'weekly'", "kind"),
        (AddReference("thing", "5", "USD", on(1, 1)), "The thing's name is missing", "name"),
        (AddReference("hourly", "5", "USD", on(1, 1), "me"), "Only a thing has a name", "name"),
        (AddReference("hourly", "5", "USD", on(1, 1, 1900)), "The first day cannot be meant", "from_day"),
        (LeadReference(1), "No reference point 1", "id"),
        (RemoveReference(1), "No reference point 1", "id"),
        (SetRate("EUR", "USD", "0", on(1, 1)), "The rate must be above zero", "rate"),
        (SetRate("EUR", "EUR", "1", on(1, 1)), "One currency twice", "quote"),
        (SetRate("euro", "USD", "1", on(1, 1)), "Unknown currency", "base"),
        (SetRate("EUR", "usd.", "1", on(1, 1)), "Unknown currency", "quote"),
        (RemoveRate(1), "No exchange rate 1", "id"),
        (SetSetting("reference.working_week_hours", "0"), "takes", "reference.working_week_hours"),
        (SetSetting("no.such", "0"), "no setting", "no.such"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, request_: Request, reason: str, field: str) -> None:
    """With the reason and the field that is meant, and nothing changed."""
    desk.refuses(request_, reason, field)


def test_charges(desk: Desk) -> None:
    """Their day may lie ahead; a provider whose agents are read here goes by its own id, any other as typed."""
    assert desk.do(AddCharge(on(12, 1), "12.5", "OpenAI", "usd", " overage ")) == (
        "$12.50 to openai on 1 Dec 2026 (overage)."
    )
    assert desk.do(AddCharge(on(11, 1), "0.005", "Hetzner", "EUR")) == "€0.005 to Hetzner on 1 Nov 2026."
    with desk.history as history:
        assert [(charge.provider, charge.text) for charge in history.charges()] == [
            ("Hetzner", ""),
            ("openai", "overage"),
        ]
    assert desk.do(RemoveCharge(2)) == "Removed: €0.005 to Hetzner on 1 Nov 2026."


def test_reference_points(desk: Desk) -> None:
    """Several are kept and one leads; what amounts are measured by is said wherever it changes."""
    assert desk.do(AddReference("thing", "4.50", "EUR", on(1, 1), "a coffee")).startswith(
        "A coffee costs €4.50. List prices are in USD: set an exchange rate (`"
    )
    desk.do(SetRate("EUR", "USD", "1.085", on(1, 1)))
    assert desk.do(AddReference("hourly", "100", "USD", on(3, 1))) == (
        "Your time counts $100.00 an hour. Amounts are measured by it now."
    )
    assert desk.do(AddReference("hourly", "120", "usd", on(6, 1))) == (
        "Your time counts $120.00 an hour from 1 Jun 2026 on."
    )
    assert "Your pay is $90,000.00 a year. Amounts are still measured by your time (`" in desk.do(
        AddReference("pay", "90000", "USD", on(1, 1))
    )
    twice = desk.refuses(AddReference("hourly", "130", "USD", on(6, 1)), "Two of one date", "from_day")
    assert "$120.00 an hour is set from 1 Jun 2026 already" in twice.message
    assert "reference remove 3" in twice.hint
    desk.refuses(AddReference("thing", "5", "EUR", on(1, 1), "Coffee"), "Two of one date", "from_day")
    assert "A coffee costs €5.00 from 2 Jan 2026 on." in desk.do(AddReference("thing", "5", "EUR", on(1, 2), "COFFEE"))
    with desk.history as history:
        assert {point.name for point in history.reference_points()} == {"", "a coffee"}
    assert desk.do(LeadReference(1)) == "Amounts are measured by “coffee”."
    assert desk.do(RemoveReference(1)) == "Removed: €4.50 a coffee from 1 Jan 2026."
    assert desk.do(RemoveReference(5)) == (
        "Removed: €5.00 a coffee from 2 Jan 2026. Amounts are measured by your time now."
    )
    for id_ in (2, 3):
        desk.do(RemoveReference(id_))
    assert desk.do(RemoveReference(4)).endswith("No reference point is left.")


def test_notes(desk: Desk) -> None:
    """Kept oldest first with the count as typed, changed whole under the same id, and taken back."""
    said = desk.do(AddNote(on(11, 21), "  the new import\u2003", "shop", " 3.50 ", "releases"))
    assert said == "Noted for 21 Nov 2026: “the new import”."
    desk.do(AddNote(on(3, 2), "بحث <img src=x> 🎣"))
    desk.do(AddNote(on(11, 21), "x" * 500))
    with desk.history as history:
        assert [
            (note.id, note.day, note.text[:20], note.project, note.quantity, note.of) for note in history.notes()
        ] == [
            (2, on(3, 2), "بحث <img src=x> 🎣", "", None, ""),
            (1, on(11, 21), "the new import", "shop", Decimal("3.5"), "releases"),
            (3, on(11, 21), "x" * 20, "", None, ""),
        ]
        assert [note.id for note in history.notes(on(11, 21), on(11, 30))] == [1, 3]
        assert [note.id for note in history.notes(last=on(11, 20))] == [2]
    assert desk.do(ChangeNote(1, on(11, 20), "the old import")) == "Noted for 20 Nov 2026: “the old import”."
    assert desk.do(RemoveNote(3)) == f"Removed: “{'x' * 59}…” on 21 Nov 2026."
    desk.do(AddNote(on(11, 23), "tomorrow, somewhere"))
    with desk.history as history:
        assert history.notes()[1:] == [
            (1, on(11, 20), "the old import", "", None, ""),
            (4, on(11, 23), "tomorrow, somewhere", "", None, ""),
        ]


@pytest.mark.parametrize(
    ("note", "reason", "field"),
    [
        (AddNote(on(11, 24), "x"), "still to come: 24 Nov 2026", "day"),
        (AddNote(date(1999, 12, 31), "x"), "The day cannot be meant", "day"),
        (AddNote(date(2101, 1, 1), "x"), "The day cannot be meant", "day"),
        (AddNote(on(11, 1), " \t "), "The note is missing", "text"),
        (AddNote(on(11, 1), "\u200b\ufeff"), "The note is missing", "text"),
        (AddNote(on(11, 1), "x" * 501), "The note is too long", "text"),
        (AddNote(on(11, 1), "one\ntwo"), "The note holds a control character", "text"),
        (AddNote(on(11, 1), "x\x1b[2J"), "The note holds a control character", "text"),
        (AddNote(on(11, 1), "\u202eabc"), "The note holds a control character", "text"),
        (AddNote(on(11, 1), "x", "p\x07"), "The project holds a control character", "project"),
        (AddNote(on(11, 1), "x", quantity="3"), "What is counted is missing", "of"),
        (AddNote(on(11, 1), "x", of="releases"), "The count is missing", "quantity"),
        (AddNote(on(11, 1), "x", quantity="0", of="releases"), "The count must be above zero", "quantity"),
        (AddNote(on(11, 1), "x", quantity="-2", of="releases"), "The count must be above zero", "quantity"),
        (AddNote(on(11, 1), "x", quantity="three", of="releases"), "The count is not a number", "quantity"),
        (AddNote(on(11, 1), "x", quantity="1.0000000001", of="releases"), "The count is too fine", "quantity"),
        (AddNote(on(11, 1), "x", quantity="1000000000", of="releases"), "The count is too large", "quantity"),
        (AddNote(on(11, 1), "x", quantity="3", of="a\nb"), "What is counted holds a control", "of"),
        (ChangeNote(7, on(11, 1), "x"), "No note 7", "id"),
        (ChangeNote(1, on(11, 1), ""), "The note is missing", "text"),
        (RemoveNote(7), "No note 7", "id"),
    ],
)
def test_notes_that_cannot_be(desk: Desk, note: Request, reason: str, field: str) -> None:
    """Each is refused for what is wrong with it, and nothing has changed."""
    desk.do(AddNote(on(11, 1), "there"))
    desk.refuses(note, reason, field)


def test_pay_needs_a_working_week(desk: Desk) -> None:
    """A settings file that was edited to none is named as the reason; an hourly rate needs no week."""
    desk.settings_file.write_text("[reference]\nworking_week_hours = 0\n")
    refused = desk.refuses(AddReference("pay", "90000", "USD", on(1, 1)), "Pay needs the hours", "kind")
    assert "settings.toml line 2: reference.working_week_hours is 0" in refused.message
    desk.do(AddReference("hourly", "100", "USD", on(1, 1)))
    desk.do(SetSetting("reference.working_week_hours", "38"))
    desk.do(AddReference("pay", "90000", "USD", on(1, 1)))


def test_exchange_rates(desk: Desk) -> None:
    """One of the same day is replaced; the first holds backwards too, so its date says nothing yet."""
    assert desk.do(SetRate("eur", "usd", "1.0850", on(1, 1))) == "1 EUR is 1.085 USD."
    assert desk.do(SetRate("EUR", "USD", "1.1", on(1, 1))) == "1 EUR is 1.1 USD, in place of 1 EUR is 1.085 USD."
    assert desk.do(SetRate("EUR", "USD", "1.2", on(2, 1))) == "1 EUR is 1.2 USD from 1 Feb 2026 on."
    assert desk.do(SetRate("USD", "JPY", "160", on(2, 1))) == "1 USD is 160 JPY."
    with desk.history as history:
        assert [rate.rate for rate in history.exchange_rates()] == [Decimal("1.1"), Decimal("1.2"), Decimal(160)]
    first = next(rate.id for rate in desk.history.exchange_rates() if rate.rate == Decimal("1.1"))
    assert desk.do(RemoveRate(first)) == "Removed: 1 EUR is 1.1 USD from 1 Jan 2026."


def test_settings_and_the_first_run(desk: Desk) -> None:
    """A setting goes to its file, the end of the first run into the history."""
    assert desk.do(SetSetting("appearance.icon_mode", " Amount")) == "Tray icon: amount."
    assert 'icon_mode = "amount"' in desk.settings_file.read_text()
    assert desk.do(SetSetting("appearance.icon_mode", None)) == "Tray icon: ring."
    assert desk.do(SetSetting("days.time_zone", None)) == "Time zone: the system's."
    with desk.history as history:
        assert not history.first_run_done()
    assert desk.do(FinishFirstRun()) == ""
    with desk.history as history:
        assert history.first_run_done()


def test_every_change_is_counted(desk: Desk) -> None:
    """Whoever shows the history sees that it moved; a refusal moves nothing."""
    with desk.history as history:
        before = history.changes()
    desk.do(plan("Claude Max", CLAUDE))
    with desk.history as history:
        after = history.changes()
    assert after != before
    desk.refuses(plan("Claude Max", CLAUDE), "runs then already", "first_day")


_DAYS = [on(1, 1) + timedelta(days=10 * n) for n in range(18)]
_LOOKED_AT = [day + timedelta(days=n) for day in (on(1, 1) - timedelta(days=10), *_DAYS) for n in (-1, 0, 1, 5)]
_day = st.sampled_from(_DAYS)
_id = st.integers(1, 5)
_agents = st.sampled_from(((), (CLAUDE,), (CODEX,), (CLAUDE, CODEX)))
_payers = st.one_of(st.sampled_from(("payg", "nobody")), _id.map(lambda number: f"plan:{number}"))
_requests: st.SearchStrategy[Request] = st.one_of(
    st.builds(
        AddPlan,
        st.sampled_from(("A", "a", "B", "C")),
        _agents,
        st.sampled_from(("20", "0.000000001", "0")),
        st.just("USD"),
        _day,
        st.none() | _day,
    ),
    st.builds(EndPlan, _id, _day),
    st.builds(ChangePlan, _id, st.sampled_from(("20", "30")), _day),
    st.builds(RemovePlan, _id),
    st.builds(
        SetPayer,
        st.sampled_from((CLAUDE, CODEX)),
        _payers,
        project=st.sampled_from(("", "shop")),
        from_day=st.none() | _day,
        keep_narrower=st.booleans(),
    ),
    st.builds(RemoveRule, st.integers(1, 12)),
)


_Payers = dict[tuple[str, str, date], Payer | None]


def _payers_by_day(rules: list[PayerRule], plans: list[Plan]) -> _Payers:
    return {
        (agent, project, day): payer_on(day, rules, plans, agent, "", project)
        for agent in (CLAUDE, CODEX)
        for project in ("", "shop")
        for day in _LOOKED_AT
    }


@settings(max_examples=150, deadline=None)
@given(st.lists(_requests, min_size=4, max_size=14))
def test_whatever_is_asked_in_whatever_order(tmp_path_factory: pytest.TempPathFactory, asked: list[Request]) -> None:
    """Terms of a plan never share a day, every rule's payer exists, no plan takes an agent's day from another.

    Who changes a plan never changes that some other plan pays; only who says so in a payer rule does.
    """
    desk = Desk(tmp_path_factory.mktemp("changes"))
    for request in asked:
        dump, rules_before = desk.dump(), desk.rules
        before = _payers_by_day(rules_before, desk.plans)
        if not _done(desk, request):
            assert desk.dump() == dump
            continue
        rules, plans = desk.rules, desk.plans
        after = _payers_by_day(rules, plans)
        _hold(rules, plans)
        if isinstance(request, AddPlan | EndPlan | ChangePlan):
            _nothing_taken(before, after)
        if isinstance(request, AddPlan):
            _pays_alone(request, before, rules, plans)
            _pays_in_its_term(request, _payers_by_day(rules_before, plans), after, rules_before, plans)
        if isinstance(request, SetPayer):
            _holds(request, rules, plans)
    desk.close()


def _done(desk: Desk, request: Request) -> bool:
    try:
        return bool(desk.do(request))
    except RefusedError:
        return False


def _nothing_taken(before: _Payers, after: _Payers) -> None:
    for (agent, project, day), payer in before.items():
        paid_by = {one for one in (payer, after[agent, "", day]) if one is not None and one.kind is PayerKind.PLAN}
        assert project or len(paid_by) < 2, f"{agent} went from one plan to another on {day}"


def _pays_alone(request: AddPlan, before: _Payers, rules: list[PayerRule], plans: list[Plan]) -> None:
    for agent in request.agents:
        assert payer_on(request.first_day, rules, plans, agent) == _own(request, plans)
        for day in _LOOKED_AT:
            if _is_in_term(request, day):
                other = before[agent, "", day]
                assert other is None or other.kind is not PayerKind.PLAN, "two plans for one agent"


def _pays_in_its_term(
    request: AddPlan, unsaid: _Payers, after: _Payers, rules: list[PayerRule], plans: list[Plan]
) -> None:
    """On no other day, unless nobody was said to pay in a later term. unsaid: as the plan is now and the rules were."""
    for (agent, project, day), payer in unsaid.items():
        held = rule_on(day, rules, plans, agent, "", project)
        taken = agent in request.agents and _is_in_term(request, day) and not (held and held.project)
        if payer is None and agent in request.agents and day > (request.last_day or date.max):
            taken = after[agent, project, day] is not None
        assert after[agent, project, day] == (_own(request, plans) if taken else payer)


def _own(request: AddPlan, plans: list[Plan]) -> Payer:
    return Payer(PayerKind.PLAN, next(one.id for one in plans if one.name.lower() == request.name.lower()))


def _is_in_term(request: AddPlan, day: date) -> bool:
    return request.first_day <= day <= (request.last_day or date.max)


def _holds(request: SetPayer, rules: list[PayerRule], plans: list[Plan]) -> None:
    payers = {
        str(payer_on(day, rules, plans, request.agent, "", request.project))
        for day in [*_LOOKED_AT, date.max]
        if day >= (request.from_day or date.min)
    }
    if request.payer.startswith("plan"):
        assert request.payer in payers, "a rule without effect"
    else:
        assert payers == {request.payer}, "said for all days from then on"


def _hold(rules: list[PayerRule], plans: list[Plan]) -> None:
    for one in plans:
        assert one.terms
        ends = [term.last_day or date.max for term in one.terms]
        assert all(term.first_day <= end for term, end in zip(one.terms, ends, strict=True))
        assert all(end < term.first_day for end, term in zip(ends, one.terms[1:], strict=False))
    assert len({one.name.casefold() for one in plans}) == len(plans)
    assert {rule.payer.id for rule in rules if rule.payer.kind is PayerKind.PLAN} <= {one.id for one in plans}
