"""Every state that the window of the first start can be in, for looking and for tests of room."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from tests.ui import accounts, setups
from tokentray.requests import (
    AccountRequest,
    AddAccount,
    AddPlan,
    AddReference,
    Answer,
    Request,
    SetPayer,
    TryKey,
)
from tokentray.setup import Proposal, Setup
from tokentray.snapshot import Problem
from tokentray.ui.firstrun.choices import SAME
from tokentray.ui.firstrun.row import AgentRow
from tokentray.ui.firstrun.window import FirstRun
from tokentray.ui.forms.payers import NEW_PLAN, NOBODY

TOO_LOW = Problem("The fee must be above zero", "not 0", "Type what you pay a month")
OVERLAP = Problem(
    "Two plans for Claude Code",
    "Claude Pro (plan 1) pays for it from 1 Aug 2026 to 30 Nov 2026",
    "End that one on the day before, or choose a later first day",
)
FULL = Problem("The history cannot be written", "the disk is full", "Make room, then try again")
_BY_USE = Proposal(
    "plan",
    "No API key is set here, so it is most likely signed in with a Claude plan; which one is a guess by use.",
    "Claude Max 5x",
    Decimal(100),
)


class Stage:
    """A window without an engine: what it asks for is kept, and answered by hand."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.requests: list[Request | AccountRequest] = []
        self.window = FirstRun(self._submit)
        self.window.show_setup(setup)

    def row(self, agent: str) -> AgentRow:
        return next(row for row in self.window.found.rows() if row.agent.id == agent)

    def choose(self, agent: str, value: str) -> None:
        """As if the person had taken it from the list."""
        combo = self.row(agent).payer
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())

    def answer(self, problem: Problem | None = None, field: str = "") -> None:
        """Carry the first request that is open out, or refuse it."""
        request = self.requests.pop(0)
        tried = None
        if problem is None and isinstance(request, TryKey | AddAccount):
            self.setup, _, tried = accounts.carry_out(self.setup, request)
            self.window.show_setup(self.setup)
        elif problem is None:
            assert not isinstance(request, AccountRequest)
            self.setup = setups.carry_out(self.setup, request).setup
            self.window.show_setup(self.setup)
        self._number += 1
        self.window.take_answer(Answer(self._number, "" if problem else "Saved", problem, field, tried))

    _number = 0
    _asked = 0

    def _submit(self, request: Request | AccountRequest) -> int:
        self.requests.append(request)
        self._asked += 1
        return self._asked


def _shown(setup: Callable[[], Setup]) -> Callable[[], Stage]:
    return lambda: Stage(setup())


def one_agent() -> Stage:
    agent = replace(setups.agent(), proposal=_BY_USE)
    return Stage(replace(setups.empty(), agents=(agent,)))


def five_agents() -> Stage:
    labels = {"claude-code": "Claude Code", "codex": "Codex", "gemini-cli": "Gemini CLI", "pi": "pi", "amp": "Amp"}
    proposals = (
        _BY_USE,
        Proposal("plan", "Its logs name the plan: ChatGPT Plus.", "ChatGPT Plus", Decimal(20)),
        Proposal("nobody", "An organisation manages it on this machine, so it most likely pays."),
        Proposal("plan", "Signed in with the same account.", "Claude Max 5x", Decimal(100)),
        Proposal("payg", "Nothing here says who pays; most often it is by use."),
    )
    made = zip(labels.items(), proposals, strict=True)
    agents = tuple(setups.agent(agent, label, proposal=proposal) for (agent, label), proposal in made)
    return Stage(replace(setups.empty(), agents=agents))


def long_names() -> Stage:
    """Nothing is said yet, and no name fits."""
    named = setups.agent(
        "claude-code", setups.LONG_NAME, requests=12_345_678, worth="at least ≈ $1,234,567.89 at list price"
    )
    arabic = replace(setups.CODEX, label=setups.ARABIC_NAME)
    marked = setups.agent("pi", setups.MARKUP, sessions=12)
    return Stage(replace(setups.empty(), agents=(named, arabic, marked)))


def plan_added() -> Stage:
    """In this window, so that it can be taken back."""
    stage = Stage(setups.fresh())
    stage.row("claude-code").plan.submit()
    stage.answer()
    return stage


def plan_shared() -> Stage:
    stage = Stage(setups.fresh())
    stage.choose("codex", f"{SAME}claude-code")
    return stage


def own_plan() -> Stage:
    stage = Stage(setups.fresh())
    stage.choose("codex", NEW_PLAN)
    stage.row("codex").plan.name.setText("A seat of the team next door")
    stage.row("codex").plan.fee.setText("30.50")
    return stage


def employer() -> Stage:
    stage = Stage(setups.fresh())
    stage.choose("codex", NOBODY)
    stage.answer()
    return stage


def fee_refused() -> Stage:
    stage = Stage(setups.fresh())
    stage.row("claude-code").plan.fee.setText("0")
    stage.window.end()
    stage.answer(TOO_LOW, "fee")
    stage.answer()
    return stage


def plan_refused() -> Stage:
    stage = Stage(setups.fresh())
    stage.row("claude-code").plan.submit()
    stage.answer(OVERLAP, "first_day")
    return stage


def payer_refused() -> Stage:
    stage = Stage(setups.fresh())
    stage.choose("codex", NOBODY)
    stage.answer(FULL)
    return stage


def rate_set() -> Stage:
    stage = Stage(setups.fresh())
    stage.window.reference.form.amount.setText("100")
    stage.window.reference.form.submit()
    stage.answer()
    return stage


def rate_refused() -> Stage:
    stage = Stage(setups.fresh())
    stage.window.reference.form.amount.setText("a lot")
    stage.window.reference.form.submit()
    stage.answer(Problem("The hourly rate is not a number", "'a lot'", "Write it with digits and a point"), "amount")
    return stage


def thing() -> Stage:
    stage = Stage(setups.empty())
    kind = stage.window.reference.form.kind
    kind.setCurrentIndex(kind.findData("thing"))
    return stage


def said_with_long_names() -> Stage:
    return Stage(setups.long_names())


def all_said() -> Stage:
    """Reopened when there is nothing left to say."""
    setup = setups.fresh()
    for request in (
        AddPlan("Claude Max 20x", ("claude-code", "codex"), "200", "USD", setups.TODAY.replace(day=1)),
        SetPayer("gemini-cli", "payg"),
        AddReference("pay", "90000", "EUR", setups.TODAY),
    ):
        setup = setups.carry_out(setup, request).setup
    return Stage(replace(setup, missing_rates=("EUR",), first_run=False))


def key_pasted() -> Stage:
    stage = Stage(setups.fresh())
    stage.window.accounts.form.key.edit.setText(accounts.OPENAI_KEY)
    return stage


def key_wrong() -> Stage:
    stage = Stage(setups.fresh())
    stage.window.accounts.form.key.edit.setText(accounts.WRONG_KEY)
    return stage


def key_checking() -> Stage:
    stage = key_pasted()
    stage.window.accounts.form.submit()
    return stage


def key_found() -> Stage:
    stage = key_checking()
    stage.answer()
    return stage


def account_added() -> Stage:
    stage = key_found()
    stage.window.accounts.form.submit()
    stage.answer()
    return stage


def keyring_locked() -> Stage:
    stage = Stage(replace(setups.fresh(), keyring_problem=accounts.LOCKED))
    stage.window.accounts.form.key.edit.setText(accounts.OPENAI_KEY)
    return stage


FIRST_SCENES: dict[str, Callable[[], Stage]] = {
    "newcomer": _shown(setups.fresh),
    "nothing-found": _shown(setups.empty),
    "reading": _shown(setups.reading),
    "one-agent": one_agent,
    "five-agents": five_agents,
    "unreadable": _shown(setups.unreadable_agent),
    "long-names": long_names,
    "plan-added": plan_added,
    "plan-shared": plan_shared,
    "own-plan": own_plan,
    "employer": employer,
    "fee-refused": fee_refused,
    "plan-refused": plan_refused,
    "payer-refused": payer_refused,
    "rate-set": rate_set,
    "rate-refused": rate_refused,
    "thing": thing,
    "failing": _shown(setups.failing_engine),
    "said-long-names": said_with_long_names,
    "all-said": all_said,
    "key-pasted": key_pasted,
    "key-wrong": key_wrong,
    "key-checking": key_checking,
    "key-found": key_found,
    "account-added": account_added,
    "keyring-locked": keyring_locked,
}
