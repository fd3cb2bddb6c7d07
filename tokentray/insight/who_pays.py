"""Who pays for an agent on a day: payer rules and plans as plain values. The history applies them to its records."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tokentray.model import Charge, Payer, PayerKind, PayerRule, Plan, PlanTerm
from tokentray.store.queries import SourceRow

ONE_DAY = timedelta(days=1)


def counts_spend(
    rules: Sequence[PayerRule], plans: Sequence[Plan], charges: Sequence[Charge], sources: Iterable[SourceRow]
) -> bool:
    """Whether anything counts as spend, so that it leads: something was said of who pays, or an account is there."""
    return bool(rules or plans or charges) or any(source.kind == "account" for source in sources)


def term_on(plan: Plan, day: date) -> PlanTerm | None:
    """The term of a plan that holds a day, None where it does not run then."""
    for term in plan.terms:
        if term.first_day <= day and (term.last_day is None or day <= term.last_day):
            return term
    return None


def payer_on(
    day: date, rules: Sequence[PayerRule], plans: Iterable[Plan], agent: str, provider: str = "", project: str = ""
) -> Payer | None:
    """Who pays for an agent's use on a day; None where nobody has said. See rule_on."""
    rule = rule_on(day, rules, plans, agent, provider, project)
    return rule.payer if rule else None


def rule_on(
    day: date, rules: Sequence[PayerRule], plans: Iterable[Plan], agent: str, provider: str = "", project: str = ""
) -> PayerRule | None:
    """The rule that holds for an agent's use on a day: the last that matches. rules: in the order they were given.

    Without a provider or project, narrower rules are left out: it is what holds where they say nothing.
    """
    by_id = {plan.id: plan for plan in plans}
    for rule in reversed(rules):
        matches = rule.agent in ("", agent) and rule.provider in ("", provider) and rule.project in ("", project)
        if not matches or (rule.valid_from is not None and rule.valid_from > day):
            continue
        if rule.payer.kind is not PayerKind.PLAN:
            return rule
        plan = by_id.get(rule.payer.id)
        if plan is not None and term_on(plan, day) is not None:
            return rule
    return None


def turning_days(rules: Iterable[PayerRule], plans: Iterable[Plan], first: date, last: date | None) -> list[date]:
    """`first`, and every later day up to `last` on which the payer of some agent may change; None for no end."""
    days = {rule.valid_from for rule in rules if rule.valid_from is not None}
    for plan in plans:
        for term in plan.terms:
            days.add(term.first_day)
            if term.last_day is not None:
                days.add(term.last_day + ONE_DAY)
    return [first, *sorted(day for day in days if first < day and (last is None or day <= last))]


def agents_of(plan_id: int, rules: Iterable[PayerRule]) -> tuple[str, ...]:
    """The agents that some rule says a plan pays for, by their ids."""
    paid = Payer(PayerKind.PLAN, plan_id)
    return tuple(sorted({rule.agent for rule in rules if rule.payer == paid}))


def agents_on(day: date, plan: Plan, rules: Sequence[PayerRule], plans: Iterable[Plan]) -> tuple[str, ...]:
    """The agents whose use, or a part of it, a running plan pays for on a day; of another, all it ever paid for."""
    named = agents_of(plan.id, rules)
    if term_on(plan, day) is None:
        return named
    own, plans = Payer(PayerKind.PLAN, plan.id), tuple(plans)
    in_part = {
        rule.agent
        for rule in rules
        if rule.payer == own and (rule.provider or rule.project) and (rule.valid_from or day) <= day
    }
    return tuple(one for one in named if one in in_part or payer_on(day, rules, plans, one) == own)
