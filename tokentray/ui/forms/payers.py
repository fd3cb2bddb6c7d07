"""Who pays, as a choice: a plan or an account by its name, the person as they go, or nobody here."""

from PySide6.QtWidgets import QWidget

from tokentray.setup import AgentSetup, Setup
from tokentray.ui.forms.controls import Combo

NOT_SAID = ""
NEW_PLAN = "new-plan"
"""Stands for a plan that is still to be told: the form of a plan follows. Never part of a request."""
PAYG, NOBODY = "payg", "nobody"

_TEXTS = {PAYG: "As I go, at list price", NOBODY: "Nobody here (an employer’s key)"}


def payer_choices(setup: Setup, *, ended: bool = False) -> list[tuple[str, str]]:
    """Each payer that can be named, as in a request, and its text. ended: also what pays no more."""
    plans = [(f"plan:{plan.id}", plan.name) for plan in setup.plans if plan.runs or ended]
    accounts = [one for one in setup.accounts if one.state != "removed" or ended]
    return [*plans, *((f"account:{one.id}", f"{one.label}, an account") for one in accounts), *_TEXTS.items()]


class PayerCombo(Combo):
    """Who pays for one agent."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumContentsLength(18)

    def show_agent(self, setup: Setup, agent: AgentSetup, *, new_plan: bool = True) -> None:
        """Offer what can be said of this agent, and show what was said, unless the person is choosing."""
        self.setAccessibleName(f"Who pays for {agent.label}")
        choices = payer_choices(setup)
        if agent.payer and agent.payer not in dict(choices):
            choices.insert(0, (agent.payer, agent.payer_text))
        if new_plan:
            after = sum(value.startswith("plan:") for value, _ in choices)
            choices.insert(after, (NEW_PLAN, "Another plan of mine…" if after else "A plan of mine…"))
        self.show_choices([(NOT_SAID, "Not said"), *choices])
        if not self.touched:
            self.show_value(agent.payer)


def proposed_payer(setup: Setup, agent: AgentSetup) -> str:
    """The choice that the proposal comes to: a plan told already, one still to be told, or another payer."""
    if agent.proposal.payer != "plan":
        return agent.proposal.payer
    named = agent.proposal.plan_name.casefold()
    for plan in setup.plans:
        if plan.runs and plan.name.casefold() == named:
            return f"plan:{plan.id}"
    return NEW_PLAN
