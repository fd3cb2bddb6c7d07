"""Who can be said to pay for an agent in the window of the first start, and who is chosen before anybody has chosen.

Beside those of every form there are the plans that many have, each a choice of its own, and the plan that is just
being told for an agent further up. Their values stand for forms to fill in, and are never part of a request.
"""

from collections.abc import Mapping

from tokentray.insight.told_words import exact_money
from tokentray.money import NumberStyle
from tokentray.setup import AgentSetup, KnownPlan, Setup
from tokentray.ui.forms.payers import NEW_PLAN, NOT_SAID, payer_choices

SAME, KNOWN = "same:", "known:"
"""Before the id of the agent whose plan it is, and before a plan's name."""


def choices(setup: Setup, agent: AgentSetup, drafts: Mapping[str, str], style: NumberStyle) -> list[tuple[str, str]]:
    """Values and texts, in the order to offer them. drafts: id and label of the agents whose plan is being told."""
    payers = payer_choices(setup)
    plans = [one for one in payers if one[0].startswith("plan:")]
    result = [] if agent.payer else [(NOT_SAID, "Not said yet")]
    if agent.payer and agent.payer not in dict(payers):
        result.append((agent.payer, agent.payer_text))
    result += plans
    result += [(f"{SAME}{draft}", f"The same plan as {label}") for draft, label in drafts.items()]
    told = {plan.name.casefold() for plan in setup.plans}
    known = [plan for plan in setup.known_plans if agent.id in plan.agents and plan.name.casefold() not in told]
    result += [(f"{KNOWN}{plan.name}", _text(plan, style)) for plan in known]
    result.append((NEW_PLAN, "Another plan of mine…" if plans or known else "A plan of mine…"))
    return [*result, *(one for one in payers if one not in plans)]


def preselected(setup: Setup, agent: AgentSetup, drafts: Mapping[str, str]) -> str:
    """What is chosen while the person has chosen nothing: what was said, else what is proposed.

    drafts: names of the plans being told, by the agents they are told for.
    """
    if agent.payer:
        return agent.payer
    if agent.proposal.payer != "plan":
        return agent.proposal.payer
    named = agent.proposal.plan_name.casefold()
    if not named:
        return NOT_SAID  # a guess at the very plan would be made up
    for plan in setup.plans:
        if plan.runs and plan.name.casefold() == named:
            return f"plan:{plan.id}"
    for draft, name in drafts.items():
        if name.casefold() == named:
            return f"{SAME}{draft}"
    known = known_plan(setup, agent.proposal.plan_name)
    return f"{KNOWN}{known.name}" if known is not None and agent.id in known.agents else NEW_PLAN


def known_plan(setup: Setup, name: str) -> KnownPlan | None:
    """The plan that many have, by its name."""
    return next((plan for plan in setup.known_plans if plan.name.casefold() == name.casefold()), None)


def is_new_plan(value: str) -> bool:
    """Whether a choice stands for a plan that is still to be told, in fields of its own."""
    return value == NEW_PLAN or value.startswith(KNOWN)


def _text(plan: KnownPlan, style: NumberStyle) -> str:
    return f"{plan.name}, {exact_money(plan.fee, plan.currency, style)} a month"
