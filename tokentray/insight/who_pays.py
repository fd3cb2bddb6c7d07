"""Who pays for an agent on a day, where nothing narrower is said: payer rules and plans as plain values.

The rules of one provider or project are left out here; the history applies all of them to its records.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tokentray.model import Payer, PayerKind, PayerRule, Plan, PlanTerm

ONE_DAY = timedelta(days=1)


def term_on(plan: Plan, day: date) -> PlanTerm | None:
    """The term of a plan that holds a day, None where it does not run then."""
    for term in plan.terms:
        if term.first_day <= day and (term.last_day is None or day <= term.last_day):
            return term
    return None


def is_narrow(rule: PayerRule) -> bool:
    """Whether a rule speaks of one provider or project only."""
    return bool(rule.provider or rule.project)


def payer_on(agent: str, day: date, rules: Sequence[PayerRule], plans: Iterable[Plan]) -> Payer | None:
    """Who pays for all of an agent's use on a day; None where nobody has said. rules: in their order."""
    by_id = {plan.id: plan for plan in plans}
    for rule in reversed(rules):
        if is_narrow(rule) or rule.agent not in ("", agent):
            continue
        if rule.valid_from is not None and rule.valid_from > day:
            continue
        if rule.payer.kind is not PayerKind.PLAN:
            return rule.payer
        plan = by_id.get(rule.payer.id)
        if plan is not None and term_on(plan, day) is not None:
            return rule.payer
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
    """The agents that some rule says a plan pays for, in the order of the rules."""
    paid = Payer(PayerKind.PLAN, plan_id)
    return tuple(dict.fromkeys(rule.agent for rule in rules if rule.payer == paid))
