"""Every state that the settings window can be in, for looking and for tests of room and names."""

from collections.abc import Callable

from tests.ui import setups
from tokentray.requests import Answer, Request
from tokentray.setup import Setup
from tokentray.snapshot import Problem
from tokentray.ui.settings.agents import AgentsPage
from tokentray.ui.settings.charges import ChargesPage
from tokentray.ui.settings.declared import DeclaredPage
from tokentray.ui.settings.money import MoneyPage
from tokentray.ui.settings.plans import PlanBlock, PlansPage
from tokentray.ui.settings.references import ReferencesPage
from tokentray.ui.settings.window import (
    AGENTS,
    APPEARANCE,
    CHARGES,
    MONEY,
    PLANS,
    REFERENCES,
    REFRESHING,
    SettingsWindow,
)

TOO_LOW = Problem("The fee must be above zero", "not 0", "Type what you pay a month")
OVERLAP = Problem(
    "Claude Max 20x runs on those days already",
    "from 1 Aug 2026",
    "End it on the day before, or choose a later first day",
)


class Stage:
    """A window without an engine: what it asks for is kept, and answered by hand."""

    def __init__(self, setup: Setup, page: str) -> None:
        self.requests: list[Request] = []
        self.window = SettingsWindow(self._submit)
        self.window.show_setup(setup)
        self.window.show_page(page)

    def _submit(self, request: Request) -> int:
        self.requests.append(request)
        return len(self.requests)

    def refuse(self, problem: Problem, field: str) -> None:
        """Refuse what was asked last, before the person's eyes."""
        self.window.open()
        self.window.take_answer(Answer(len(self.requests), "", problem, field))

    def accept(self, text: str) -> None:
        """Say that what was asked last was done."""
        self.window.take_answer(Answer(len(self.requests), text))

    @property
    def agents(self) -> AgentsPage:
        page = self.window.page
        assert isinstance(page, AgentsPage)
        return page

    @property
    def plans(self) -> PlansPage:
        page = self.window.page
        assert isinstance(page, PlansPage)
        return page

    @property
    def plan(self) -> PlanBlock:
        """The first plan."""
        return next(iter(self.plans.plans.values()))

    @property
    def charges(self) -> ChargesPage:
        page = self.window.page
        assert isinstance(page, ChargesPage)
        return page

    @property
    def references(self) -> ReferencesPage:
        page = self.window.page
        assert isinstance(page, ReferencesPage)
        return page

    @property
    def money(self) -> MoneyPage:
        page = self.window.page
        assert isinstance(page, MoneyPage)
        return page

    @property
    def declared(self) -> DeclaredPage:
        page = self.window.page
        assert isinstance(page, DeclaredPage)
        return page


def _agents_plan() -> Stage:
    stage = Stage(setups.fresh(), AGENTS)
    stage.agents.agents["claude-code"].take.click()
    return stage


def _agents_plan_refused() -> Stage:
    stage = _agents_plan()
    form = stage.agents.agents["claude-code"].plan_form
    assert form is not None
    form.submit()
    stage.refuse(OVERLAP, "first_day")
    return stage


def _agents_since() -> Stage:
    stage = Stage(setups.ordinary(), AGENTS)
    block = stage.agents.agents["codex"]
    block.payer.show_value("nobody")
    block.payer.chosen.emit("nobody")
    return stage


def _agents_rule() -> Stage:
    stage = Stage(setups.ordinary(), AGENTS)
    stage.agents.add_rule.open()
    return stage


def _plans_add_refused() -> Stage:
    stage = Stage(setups.ordinary(), PLANS)
    stage.plans.add_plan.open()
    form = stage.plans.add_plan.form
    assert form is not None
    form.submit()
    stage.refuse(TOO_LOW, "fee")
    return stage


def _plans_fee() -> Stage:
    stage = Stage(setups.ordinary(), PLANS)
    stage.plan.change.click()
    return stage


def _plans_remove() -> Stage:
    stage = Stage(setups.ordinary(), PLANS)
    stage.plan.remove.click()
    return stage


def _charges_add() -> Stage:
    stage = Stage(setups.ordinary(), CHARGES)
    stage.charges.add_charge.open()
    return stage


def _charges_undo() -> Stage:
    stage = Stage(setups.ordinary(), CHARGES)
    next(iter(stage.charges.charges.values())).remove.click()
    stage.accept("Removed: $12.50 to openai on 3 Nov 2026.")
    return stage


def _references_add() -> Stage:
    stage = Stage(setups.ordinary(), REFERENCES)
    stage.references.add_reference.open()
    return stage


def _money_rate() -> Stage:
    stage = Stage(setups.missing_rate(), MONEY)
    stage.money.open_rate("EUR")
    return stage


def _refreshing_refused() -> Stage:
    stage = Stage(setups.ordinary(), REFRESHING)
    field = stage.declared.settings.fields["refreshing.watch"]
    field.value.changed.emit()
    field.reset.click()
    stage.refuse(
        Problem("The settings file cannot be written", "the disk is full", "Make room, then try again"),
        field.setting.key,
    )
    return stage


def _on(setup: Callable[[], Setup], page: str) -> Callable[[], Stage]:
    return lambda: Stage(setup(), page)


SETTINGS_SCENES: dict[str, Callable[[], Stage]] = {
    "agents": _on(setups.ordinary, AGENTS),
    "agents-fresh": _on(setups.fresh, AGENTS),
    "agents-none": _on(setups.empty, AGENTS),
    "agents-reading": _on(setups.reading, AGENTS),
    "agents-unreadable": _on(setups.unreadable_agent, AGENTS),
    "agents-long-names": _on(setups.long_names, AGENTS),
    "agents-plan": _agents_plan,
    "agents-plan-refused": _agents_plan_refused,
    "agents-since": _agents_since,
    "agents-rule": _agents_rule,
    "plans": _on(setups.ordinary, PLANS),
    "plans-none": _on(setups.fresh, PLANS),
    "plans-many": _on(setups.many, PLANS),
    "plans-long-names": _on(setups.long_names, PLANS),
    "plans-add-refused": _plans_add_refused,
    "plans-fee": _plans_fee,
    "plans-remove": _plans_remove,
    "charges": _on(setups.ordinary, CHARGES),
    "charges-none": _on(setups.fresh, CHARGES),
    "charges-many": _on(setups.many, CHARGES),
    "charges-long-names": _on(setups.long_names, CHARGES),
    "charges-add": _charges_add,
    "charges-undo": _charges_undo,
    "references": _on(setups.ordinary, REFERENCES),
    "references-none": _on(setups.fresh, REFERENCES),
    "references-missing-rate": _on(setups.missing_rate, REFERENCES),
    "references-long-names": _on(setups.long_names, REFERENCES),
    "references-add": _references_add,
    "money": _on(setups.ordinary, MONEY),
    "money-rate": _money_rate,
    "money-bad-settings": _on(setups.bad_settings, MONEY),
    "appearance": _on(setups.ordinary, APPEARANCE),
    "refreshing": _on(setups.ordinary, REFRESHING),
    "refreshing-bad-settings": _on(setups.bad_settings, REFRESHING),
    "refreshing-refused": _refreshing_refused,
    "failing-engine": _on(setups.failing_engine, APPEARANCE),
}
