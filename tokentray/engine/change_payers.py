"""Payer rules: who pays for an agent, a provider or a project, and from when."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from tokentray.engine import change_checks as checks
from tokentray.engine.change_checks import Change
from tokentray.errors import RefusedError
from tokentray.insight.told_words import day_text, pays_text, plan_name, rule_text, scope_text, span_text
from tokentray.insight.who_pays import ONE_DAY, rule_on, term_on, turning_days
from tokentray.insight.words import listed
from tokentray.model import Payer, PayerKind, PayerRule, Plan, payer_of
from tokentray.program import command
from tokentray.requests import RemoveRule, SetPayer


def set_payer(change: Change, request: SetPayer) -> str:
    """Add a rule, or replace the one of the same agent, provider, project and date."""
    told = change.told
    agent = checks.agent(request.agent, told, "agent")
    provider = checks.folder_name(request.provider, "The provider", "provider")
    project = checks.folder_name(request.project, "The project", "project")
    payer = _payer(change, request.payer)
    if request.from_day is not None:
        checks.day(request.from_day, "The first day", "from_day")
    plans, before = told.plans(), told.payer_rules()
    new_id = told.set_rule(agent, provider, project, request.from_day, payer, change.now_utc)
    new = PayerRule(new_id, agent, provider, project, request.from_day, payer)
    if request.all_days and request.from_day is None:
        _hold_on_all_days(change, new, before)
    after = told.payer_rules()
    if request.from_day is not None:
        _refuse_without_effect(new, after, plans)
    return " ".join([_sentence(new, plans), *remarks([new], before, after, plans)])


def _hold_on_all_days(change: Change, new: PayerRule, rules: Sequence[PayerRule]) -> None:
    """Let a rule without a date win over those with one.

    Its own of other dates go. Where a wider one begins, it is said again, so that it is the last of that date too.
    """
    wider = set()
    for rule in rules:
        if rule.valid_from is None or rule.agent not in ("", new.agent):
            continue
        if (rule.agent, rule.provider, rule.project) == (new.agent, new.provider, new.project):
            change.told.remove_rule(rule.id)
        elif rule.provider in ("", new.provider) and rule.project in ("", new.project):
            wider.add(rule.valid_from)
    for since in sorted(wider):
        change.told.set_rule(new.agent, new.provider, new.project, since, new.payer, change.now_utc)


def remove_rule(change: Change, request: RemoveRule) -> str:
    """Take a rule back."""
    rules = {rule.id: rule for rule in change.told.payer_rules()}
    if request.id not in rules:
        raise RefusedError(
            f"No rule {request.id}", "", f"`{command()} agents list` shows the rules and their ids", field="id"
        )
    text = rule_text(rules[request.id], change.told.plans())
    change.told.remove_rule(request.id)
    return f"Removed: {text}."


def _payer(change: Change, text: str) -> Payer:
    try:
        payer = payer_of(text.strip().lower())
    except ValueError as exc:
        raise RefusedError(
            "No such payer",
            checks.shortened(text),
            "Say payg, nobody, plan:ID or account:ID",
            field="payer",
        ) from exc
    if payer.kind is PayerKind.PLAN and payer.id not in {plan.id for plan in change.told.plans()}:
        raise RefusedError(
            f"No plan {payer.id}", "", f"`{command()} plans list` shows the plans and their ids", field="payer"
        )
    if payer.kind is PayerKind.ACCOUNT and payer.id not in change.told.account_ids():
        raise RefusedError(f"No account {payer.id}", "", "Say payg, nobody or plan:ID", field="payer")
    return payer


def _sentence(rule: PayerRule, plans: Sequence[Plan]) -> str:
    scope = scope_text(rule.agent, rule.provider, rule.project)
    when = f"from {day_text(rule.valid_from)} on" if rule.valid_from else "for all of its history"
    match rule.payer.kind:
        case PayerKind.PLAN:
            return _plan_sentence(rule, scope, plans)
        case PayerKind.ACCOUNT:
            return f"Account {rule.payer.id} pays for {scope} {when}."
        case PayerKind.PAYG:
            return f"You pay for {scope} as you go {when}: its list cost counts as spend."
        case PayerKind.NOBODY:
            return f"Nobody here pays for {scope} {when}: it is shown, and not counted."


def _plan_sentence(rule: PayerRule, scope: str, plans: Sequence[Plan]) -> str:
    plan = next(plan for plan in plans if plan.id == rule.payer.id)
    since = max(rule.valid_from or date.min, plan.terms[0].first_day)
    sentence = f"{plan.name} pays for {scope} {span_text(since, plan.terms[-1].last_day)}"
    gaps = any(one.last_day and one.last_day + ONE_DAY < other.first_day for one, other in pairwise(plan.terms))
    return f"{sentence}, while it runs." if gaps else f"{sentence}."


def remarks(
    new: Sequence[PayerRule], before: Sequence[PayerRule], after: Sequence[PayerRule], plans: Sequence[Plan]
) -> list[str]:
    """What new rules do to others, and others to them, in sentences; the last match wins, and that can surprise.

    before, after: all rules without and with the new ones.
    """
    kept = {rule._replace(id=0) for rule in after}  # an id that came free is given again
    replaced = [rule for rule in before if rule._replace(id=0) not in kept]
    shadowed = [rule for rule in before if any(_shadows(one, rule) for one in new)]
    sentences = []
    if replaced:
        sentences.append(f"That is in place of {_quoted(replaced, plans)}.")
    if shadowed:
        sentences.append(f"As the later word it also stands over {_quoted(shadowed, plans)}.")
    return sentences + [sentence for one in new for sentence in _until(one, after, plans)]


def _quoted(rules: Sequence[PayerRule], plans: Sequence[Plan]) -> str:
    return listed([f"“{rule_text(rule, plans)}” (rule {rule.id})" for rule in rules])


def _shadows(new: PayerRule, rule: PayerRule) -> bool:
    if rule.agent != new.agent or (rule.provider, rule.project) == (new.provider, new.project):
        return False
    covers = new.provider in ("", rule.provider) and new.project in ("", rule.project)
    return covers and (rule.valid_from or date.min) <= (new.valid_from or date.min)


def _until(new: PayerRule, rules: Sequence[PayerRule], plans: Sequence[Plan]) -> list[str]:
    """What is to be said where a later rule takes over again from a new one. rules: with the new one."""
    for day, rule in _holding(new, rules, plans):
        if rule.payer != new.payer:
            scope = scope_text(new.agent, new.provider, new.project)
            return [f"But from {day_text(day)} on {pays_text(rule.payer, plans)} for {scope}, as rule {rule.id} says."]
    return []


def _holding(new: PayerRule, rules: Sequence[PayerRule], plans: Sequence[Plan]) -> Iterator[tuple[date, PayerRule]]:
    """The days from which on a rule holds where a new one would, itself included, while its payer is there."""
    own = next((plan for plan in plans if new.payer == Payer(PayerKind.PLAN, plan.id)), None)
    for day in turning_days(rules, plans, new.valid_from or date.min, None):
        rule = rule_on(day, rules, plans, new.agent, new.provider, new.project)
        if rule is not None and (own is None or term_on(own, day) is not None):
            yield day, rule


def _refuse_without_effect(new: PayerRule, rules: Sequence[PayerRule], plans: Sequence[Plan]) -> None:
    """Refuse a rule that would hold on no day: its plan has ended, or a later rule stands over it."""
    held = list(_holding(new, rules, plans))
    if any(rule.payer == new.payer for _, rule in held):
        return
    if not held:
        name = plan_name(new.payer.id, plans)
        raise RefusedError(
            f"{name} does not run then",
            f"plan {new.payer.id} has ended",
            f"Begin it again first: `{command()} plans add {shlex.quote(name)} --fee N --from D`",
            field="payer",
        )
    day, rule = held[0]
    raise RefusedError(
        f"A later rule says who pays for {scope_text(new.agent, new.provider, new.project)}",
        f"from {day_text(day)} on {pays_text(rule.payer, plans)}",
        f"Give a day from which this holds, or take that rule back: `{command()} agents unset {rule.id}`",
        field="from_day",
    )
