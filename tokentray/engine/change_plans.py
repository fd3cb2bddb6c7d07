"""Plans: added, begun again, at another fee, ended, removed; and no two of them for one agent on one day."""

import shlex
from collections.abc import Sequence
from datetime import date

from tokentray.agents import agent_named
from tokentray.engine import change_checks as checks
from tokentray.engine.change_checks import Change
from tokentray.engine.change_rules import give
from tokentray.errors import RefusedError
from tokentray.insight.known_plans import KNOWN_PLANS
from tokentray.insight.told_words import agent_text, day_text, fee_text, span_text
from tokentray.insight.who_pays import ONE_DAY, agents_of, payer_on, term_on, turning_days
from tokentray.insight.words import listed
from tokentray.model import Payer, PayerKind, PayerRule, Plan, PlanTerm
from tokentray.program import command
from tokentray.requests import AddPlan, ChangePlan, EndPlan, RemovePlan

_LAST_CYCLE_DAY = 28


def add(change: Change, request: AddPlan) -> str:
    """A new plan, or a further term of the one of that name; it pays for its agents while it runs."""
    told = change.told
    name = checks.name(request.name, "The plan's name", "name")
    fee = checks.amount(request.fee, "The fee", "fee")
    currency = checks.currency(request.currency)
    checks.span(request.first_day, request.last_day)
    cycle_day = _cycle_day(request)
    agents = tuple(dict.fromkeys(checks.agent(agent, told, "agents") for agent in request.agents))
    provider = checks.provider(request.provider, "provider") or _provider_of(name, agents)

    before, rules = told.plans(), told.payer_rules()
    known = next((plan for plan in before if plan.name.casefold() == name.casefold()), None)
    if known is not None:
        _refuse_own_overlap(known, request.first_day, request.last_day)
    own_id = known.id if known else 0
    for agent in agents:
        for day in turning_days(rules, before, request.first_day, request.last_day):
            payer = payer_on(day, rules, before, agent)
            _refuse_second(change, agent, payer, own_id, day, request.first_day, request.first_day)

    plan_id = own_id or told.add_plan(name, provider, change.now_utc)
    term_id = told.add_term(plan_id, fee, currency, request.first_day, request.last_day, cycle_day)
    _refuse_taking(change, plan_id, before, request.first_day, request.first_day, request.last_day)
    plan = _plan(change, plan_id)
    term = next(term for term in plan.terms if term.id == term_id)
    remarks = [remark for agent in agents for remark in _pay(change, plan, term, agent)]
    return " ".join([_added(change, plan, term), *remarks])


def _pay(change: Change, plan: Plan, term: PlanTerm, agent: str) -> list[str]:
    """Let a plan pay for an agent in a term, where it does not yet. What that does to others, in sentences."""
    own = Payer(PayerKind.PLAN, plan.id)
    plans, rules = change.told.plans(), change.told.payer_rules()
    days = turning_days(rules, plans, term.first_day, term.last_day)
    if all(payer_on(day, rules, plans, agent) == own for day in days):
        return []
    ran = any(one.first_day < term.first_day for one in plan.terms)  # else the term alone says from when
    new = PayerRule(0, agent, "", "", term.first_day if ran else None, own)
    return give(change, new, keep_narrower=True, until=term.last_day)


def _added(change: Change, plan: Plan, term: PlanTerm) -> str:
    paid = _paid_on(term.first_day, plan, change.told.payer_rules(), change.told.plans())
    does = f"pays for {listed([agent_text(agent) for agent in paid])}" if paid else "counts"
    return f"{plan.name} {does} {span_text(term.first_day, term.last_day)}: {fee_text(term, change.style)}."


def _paid_on(day: date, plan: Plan, rules: Sequence[PayerRule], plans: Sequence[Plan]) -> list[str]:
    """The agents that a plan pays for on a day."""
    own = Payer(PayerKind.PLAN, plan.id)
    return [agent for agent in agents_of(plan.id, rules) if payer_on(day, rules, plans, agent) == own]


def _cycle_day(request: AddPlan) -> int:
    if request.cycle_day is None:
        return min(request.first_day.day, _LAST_CYCLE_DAY)
    if not 1 <= request.cycle_day <= _LAST_CYCLE_DAY:
        raise RefusedError(
            "No such billing day",
            str(request.cycle_day),
            f"Give a day that every month has, 1 to {_LAST_CYCLE_DAY}",
            field="cycle_day",
        )
    return request.cycle_day


def _provider_of(name: str, agents: Sequence[str]) -> str:
    """The provider of a plan that many have, else that of all its agents, "" where they differ."""
    for plan in KNOWN_PLANS:
        if plan.name.casefold() == name.casefold():
            return plan.provider
    known = {agent.provider for agent in map(agent_named, agents) if agent}
    return known.pop() if len(known) == 1 else ""


def _refuse_own_overlap(plan: Plan, first: date, last: date | None) -> None:
    for term in plan.terms:
        if (last is None or term.first_day <= last) and (term.last_day is None or first <= term.last_day):
            raise RefusedError(
                f"{plan.name} runs then already",
                f"plan {plan.id} counts {span_text(term.first_day, term.last_day)}",
                f"Give it another fee (`{command()} plans change {plan.id} --fee N --from D`), "
                f"or have it pay for another agent (`{command()} agents set AGENT --paid-by plan:{plan.id}`)",
                field="first_day",
            )


def _refuse_second(
    change: Change, agent: str, payer: Payer | None, own_id: int, day: date, start: date, gained: date
) -> None:
    """Refuse where another plan is the payer of an agent on a day that a plan is to gain.

    start: of the term that gains days; gained: the first of them.
    """
    if payer is None or payer.kind is not PayerKind.PLAN or payer.id == own_id:
        return
    other = _plan(change, payer.id)
    term = term_on(other, day)
    assert term is not None, "a plan pays only while it runs"
    if term.first_day < gained:
        last = gained - ONE_DAY
        hint = f"End that one first, on {day_text(last)} (`{command()} plans end {other.id} --on {last}`)"
        if len(agents_of(other.id, change.told.payer_rules())) > 1:  # it goes on for the others
            give = f"(`{command()} agents set {agent} --paid-by plan:ID --from {gained}`)"
            hint = f"{hint}; or add this one without that agent, and then say that it pays for it {give}"
    elif start < term.first_day:
        hint = f"Let this one end before that, on {day_text(term.first_day - ONE_DAY)}"
    else:
        hint = f"End that one first (`{command()} plans end {other.id} --on D`), or begin when it has ended"
    raise RefusedError(
        f"Two plans for {agent_text(agent)}",
        f"{other.name} (plan {other.id}) pays for it {span_text(term.first_day, term.last_day)}",
        hint,
        field="agents",
    )


def _refuse_taking(
    change: Change, plan_id: int, before: Sequence[Plan], start: date, gained: date, last: date | None
) -> None:
    """Refuse where the days that a plan gained would take an agent from another plan, by a rule of long ago."""
    after, rules = change.told.plans(), change.told.payer_rules()
    for agent in agents_of(plan_id, rules):
        for day in turning_days(rules, [*before, *after], gained, last):
            if payer_on(day, rules, after, agent) == Payer(PayerKind.PLAN, plan_id):
                _refuse_second(change, agent, payer_on(day, rules, before, agent), plan_id, day, start, gained)


def change_fee(change: Change, request: ChangePlan) -> str:
    """Another fee from a day on; from a term's own first day, that term's fee is put right."""
    told = change.told
    plan = _plan(change, request.id)
    fee = checks.amount(request.fee, "The fee", "fee")
    checks.day(request.from_day, "The first day", "from_day")
    term = term_on(plan, request.from_day)
    if term is None:
        raise RefusedError(
            f"{plan.name} does not run on {day_text(request.from_day)}",
            f"it counts {_runs_text(plan)}",
            f"Begin it again (`{command()} plans add {shlex.quote(plan.name)} --fee N --from {request.from_day}`)",
            field="from_day",
        )
    if term.fee_nanos == fee:
        raise RefusedError(f"{plan.name} costs that already", fee_text(term, change.style), field="fee")
    if request.from_day == term.first_day:
        told.remove_term(term.id)
    else:
        told.end_term(term.id, request.from_day - ONE_DAY)
    told.add_term(plan.id, fee, term.currency, request.from_day, term.last_day, term.cycle_day)
    new = term._replace(fee_nanos=fee, first_day=request.from_day)
    sentence = f"{plan.name} costs {fee_text(new, change.style)} {span_text(new.first_day, new.last_day)}"
    return f"{sentence}, in place of {fee_text(term, change.style)}."


def end(change: Change, request: EndPlan) -> str:
    """The last day that was paid for. What follows without a gap at another fee is gone with that."""
    told = change.told
    plan = _plan(change, request.id)
    last = checks.day(request.last_day, "The last day", "last_day")
    begun = [term for term in plan.terms if term.first_day <= last]
    if not begun:
        raise RefusedError(
            "The end is before the start",
            f"{plan.name} (plan {plan.id}) counts {_runs_text(plan)}",
            "Give a last day that is not before the first",
            field="last_day",
        )
    term, plans = begun[-1], told.plans()
    dropped = _following(plan, term)
    for one in dropped:
        told.remove_term(one.id)
    if term.last_day is not None and term.last_day < last:
        _refuse_longer(change, plan, term, last)
    told.end_term(term.id, last)
    if term.last_day is not None and term.last_day < last:
        _refuse_taking(change, plan.id, plans, term.first_day, term.last_day + ONE_DAY, last)
    return _ended(change, plan, last, dropped)


def _following(plan: Plan, term: PlanTerm) -> list[PlanTerm]:
    """The terms that go on from one without a day between."""
    found, end = [], term.last_day
    for one in plan.terms:
        if end is not None and one.first_day == end + ONE_DAY:
            found.append(one)
            end = one.last_day
    return found


def _refuse_longer(change: Change, plan: Plan, term: PlanTerm, last: date) -> None:
    """Refuse where another plan has taken over the agents that a plan paid for to its end."""
    assert term.last_day is not None, "only an end can come later"
    plans, rules = change.told.plans(), change.told.payer_rules()
    gained = term.last_day + ONE_DAY
    for agent in _paid_on(term.last_day, plan, rules, plans):
        for day in turning_days(rules, plans, gained, last):
            _refuse_second(change, agent, payer_on(day, rules, plans, agent), plan.id, day, term.first_day, gained)


def _ended(change: Change, plan: Plan, last: date, dropped: Sequence[PlanTerm]) -> str:
    plans, rules = change.told.plans(), change.told.payer_rules()
    parts = [f"{plan.name} {'ended' if last < change.today else 'ends'} on {day_text(last)}."]
    if dropped:
        fees = [f"{fee_text(term, change.style)} {span_text(term.first_day, term.last_day)}" for term in dropped]
        parts.append(f"{listed(fees)} {'is' if len(fees) == 1 else 'are'} gone with that.")
    again = [term.first_day for term in _plan(change, plan.id).terms if term.first_day > last]
    if again:
        parts.append(f"It runs again from {day_text(again[0])}.")
    unsaid = _unsaid(_paid_on(last, plan, rules, plans), last + ONE_DAY, rules, plans)
    if unsaid:
        parts.append(f"From {day_text(last + ONE_DAY)} nobody has said who pays for {unsaid}.")
    return " ".join(parts)


def remove(change: Change, request: RemovePlan) -> str:
    """A plan with all its terms and the rules that name it."""
    plan = _plan(change, request.id)
    paid = _paid_on(change.today, plan, change.told.payer_rules(), change.told.plans())
    change.told.remove_plan(plan.id)
    sentence = f"Removed {plan.name}: its fees no longer count."
    unsaid = _unsaid(paid, change.today, change.told.payer_rules(), change.told.plans())
    return f"{sentence} Nobody has said now who pays for {unsaid}." if unsaid else sentence


def _unsaid(agents: Sequence[str], day: date, rules: Sequence[PayerRule], plans: Sequence[Plan]) -> str:
    """Those of some agents for which nobody has said who pays on a day, in words."""
    return listed([agent_text(agent) for agent in agents if payer_on(day, rules, plans, agent) is None])


def _runs_text(plan: Plan) -> str:
    return listed([span_text(term.first_day, term.last_day) for term in plan.terms])


def _plan(change: Change, plan_id: int) -> Plan:
    for plan in change.told.plans():
        if plan.id == plan_id:
            return plan
    raise RefusedError(f"No plan {plan_id}", "", f"`{command()} plans list` shows the plans and their ids", field="id")
